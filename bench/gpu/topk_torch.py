"""Times PyTorch's matmul, masking of seen items and topk for the problem of topk.cpp.

Everything is in the GPU's memory, and users go in batches so that their scores fit. Prints a table
of milliseconds for all users, by CUDA events, the median of some after one that does not count.
"""

import statistics

import torch

USERS, ITEMS, SEEN = 162_541, 59_047, 25_000_095
BATCH = 8_192
RUNS = 3


def seen_items(device):
    """Rows and columns of what is seen; item n about as often as 1 / (n + 50)."""
    shift = 50.0
    span = torch.log(torch.tensor((ITEMS + shift) / shift, device=device))
    uniform = torch.rand(SEEN, device=device)
    column = (shift * torch.exp(uniform * span) - shift).long().clamp(max=ITEMS - 1)
    row = torch.arange(SEEN, device=device) * USERS // SEEN
    first = torch.searchsorted(row, torch.arange(0, USERS + BATCH, BATCH, device=device))
    return row, column, first.tolist()


def search(user, item, item_bias, seen, k):
    row, column, first = seen
    for batch, begin in enumerate(range(0, USERS, BATCH)):
        scores = torch.addmm(item_bias, user[begin : begin + BATCH], item)
        part = slice(first[batch], first[batch + 1])
        scores[row[part] - begin, column[part]] = float("-inf")
        torch.topk(scores, k, dim=1)


def milliseconds(work):
    times = []
    for run in range(RUNS + 1):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        torch.cuda.synchronize()
        if run > 0:
            times.append(start.elapsed_time(end))
    return statistics.median(times)


def main():
    device = torch.device("cuda")
    torch.manual_seed(1)
    print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}\n")
    print("| factors | k | products in | ms |\n|---|---|---|---|")
    seen = seen_items(device)
    for factors in (64, 128):
        deviation = (0.5 / factors**0.5) ** 0.5
        user = torch.randn(USERS, factors, device=device) * deviation
        item = torch.randn(factors, ITEMS, device=device) * deviation
        popularity = 0.5 - 0.08 * torch.log1p(torch.arange(ITEMS, device=device))
        item_bias = torch.randn(ITEMS, device=device) * 0.3 + popularity
        for k in (10, 100):
            for tf32 in (False, True):
                torch.backends.cuda.matmul.allow_tf32 = tf32
                time = milliseconds(lambda: search(user, item, item_bias, seen, k))
                print(f"| {factors} | {k} | {'tf32' if tf32 else 'fp32'} | {time:.1f} |", flush=True)


if __name__ == "__main__":
    main()
