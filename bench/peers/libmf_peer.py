"""LIBMF's side of a comparison: trains on the parts that tusk_peer wrote, and prints a JSON object
with the time since training began and the validation error after each epoch.

LIBMF prints an epoch's errors when it ends; its output is read through a pseudo-terminal, line by
line, so that each line has its time.
"""

import argparse
import json
import os
import pathlib
import pty
import sys
import time

import numpy as np
from parts import read_part


def columns(folder, part):
    user, item, rating = read_part(folder, part)
    # The wrapper passes indices as float32, which holds them exactly below 2**24.
    assert max(user.max(), item.max()) < 2**24
    return np.column_stack([user, item, rating]).astype(np.float32)


def train(arguments):
    train, test = (columns(arguments.parts, part) for part in ("train", "test"))
    import libmf.mf as mf

    model = mf.MF(
        k=arguments.factors,
        nr_threads=arguments.threads,
        nr_bins=arguments.bins,
        nr_iters=arguments.epochs,
        lambda_p2=arguments.regularization,
        lambda_q2=arguments.regularization,
        lambda_p1=0.0,
        lambda_q1=0.0,
        eta=arguments.learning_rate,
    )
    print("begin", len(train), flush=True)
    if arguments.no_test:
        model.fit(train)
    else:
        model.mf_train_test(train, test)
    print("end", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", type=pathlib.Path)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--bins", type=int, default=26)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--regularization", type=float, default=0.05)
    parser.add_argument("--no-test", action="store_true", help="measure no error on the test part")
    arguments = parser.parse_args()

    child, terminal = pty.fork()
    if child == 0:
        train(arguments)
        sys.stdout.flush()
        os._exit(0)
    start, ratings, epochs, rest = 0.0, 0, [], b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # the terminal's other end is closed
            break
        if not chunk:
            break
        rest += chunk
        *lines, rest = rest.split(b"\n")
        for line in lines:
            words = line.split()
            if words[:1] == [b"begin"]:
                start, ratings = time.perf_counter(), int(words[1])
            elif len(words) >= 3 and words[0].isdigit():
                epoch = {"seconds": time.perf_counter() - start, "train_rmse": float(words[1])}
                if not arguments.no_test:
                    epoch["rmse"] = float(words[2])
                epochs.append(epoch)
    os.waitpid(child, 0)
    assert len(epochs) == arguments.epochs, "LIBMF did not print all epochs"
    first, last = epochs[0]["seconds"], epochs[-1]["seconds"]
    report = {
        "setup_seconds": first - (last - first) / max(1, len(epochs) - 1),
        "epochs": epochs,
        # Without --no-test LIBMF computes the validation error in this time too.
        "updates_per_second": ratings * (len(epochs) - 1) / (last - first),
    }
    print(json.dumps(report))


main()
