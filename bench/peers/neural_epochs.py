"""Times an epoch of a neural network by Tusk and by PyTorch on the same ratings, with the same shape and
batch size on as many threads, and prints a Markdown table.

PyTorch's side is what its users write: embeddings with sparse gradients and SparseAdam, layers with Adam,
batches of a random permutation that is on the device beforehand, no DataLoader. Both take turns; the first
epoch of either is not counted.

Usage: neural_epochs.py TUSK DATA [--factors N] [--hidden 128,64] [--batch-size N ...] [--threads N]
       [--epochs N] [--dense]

DATA: a file or folder that Tusk reads. --dense: embeddings with dense gradients and one Adam.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import torch
from safetensors.numpy import load_file


def tusk_seconds(arguments, batch_size, folder, epochs):
    """The seconds of each epoch."""
    settings = {
        "model": "neural",
        "factors": arguments.factors,
        "hidden": arguments.hidden,
        "dropout": arguments.dropout,
        "batch-size": batch_size,
        "optimizer": "adam",
        "weight-decay": 0,
        "epochs": epochs,
        "threads": arguments.threads,
        "out": folder / "model.safetensors",
    }
    options = [text for name, value in settings.items() for text in (f"--{name}", str(value))]
    options += ["--no-bias", "--no-products", "--overwrite", "--json"]
    done = subprocess.run(
        [arguments.tusk, "train", arguments.data, *options], check=True, capture_output=True, text=True
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event["seconds"] for event in events if event["event"] == "epoch"]


class Network(torch.nn.Module):
    def __init__(self, users, items, factors, hidden, dropout, sparse):
        super().__init__()
        self.user = torch.nn.Embedding(users, factors, sparse=sparse)
        self.item = torch.nn.Embedding(items, factors, sparse=sparse)
        layers = [torch.nn.Dropout(dropout)]
        sizes = [2 * factors, *hidden]
        for inputs, outputs in zip(sizes, sizes[1:]):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
        self.layers = torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], 1))

    def forward(self, user, item):
        return self.layers(torch.cat([self.user(user), self.item(item)], 1)).squeeze(1)


def torch_seconds(arguments, batch_size, ratings, epochs):
    user, item, rating = ratings
    network = Network(
        int(user.max()) + 1, int(item.max()) + 1, arguments.factors,
        [int(n) for n in arguments.hidden.split(",")], arguments.dropout, not arguments.dense,
    )  # fmt: skip
    if arguments.dense:
        optimizers = [torch.optim.Adam(network.parameters())]
    else:
        rows = [network.user.weight, network.item.weight]
        optimizers = [torch.optim.SparseAdam(rows), torch.optim.Adam(network.layers.parameters())]
    network.train()
    seconds = []
    for _ in range(epochs):
        begin = time.perf_counter()
        for batch in torch.randperm(len(rating)).split(batch_size):
            for optimizer in optimizers:
                optimizer.zero_grad()
            predicted = network(user[batch], item[batch])
            torch.nn.functional.mse_loss(predicted, rating[batch]).backward()
            for optimizer in optimizers:
                optimizer.step()
        seconds.append(time.perf_counter() - begin)
    return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tusk")
    parser.add_argument("data")
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--hidden", default="128,64")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--batch-size", type=int, nargs="+", default=[1024, 16384])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--dense", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tusk_seconds(arguments, arguments.batch_size[-1], folder, 1)
        tensors = load_file(folder / "model.safetensors")
        ends = tensors["seen_offsets"]
        ratings = (
            torch.from_numpy(np.repeat(np.arange(len(ends) - 1), np.diff(ends))),
            torch.from_numpy(tensors["seen_items"].astype(np.int64)),
            torch.from_numpy(tensors["seen_ratings"]),
        )
        print(f"PyTorch {torch.__version__}, {arguments.threads} threads, {len(ratings[2])} ratings, "
              f"{arguments.factors} factors, hidden {arguments.hidden}; medians in seconds\n")  # fmt: skip
        print("| batch | Tusk | PyTorch | PyTorch / Tusk |\n|---|---|---|---|")
        for batch_size in arguments.batch_size:
            ours, theirs = [], []
            for _ in range(2):
                ours += tusk_seconds(arguments, batch_size, folder, arguments.epochs)[1:]
                theirs += torch_seconds(arguments, batch_size, ratings, arguments.epochs)[1:]
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"| {batch_size} | {a:.2f} | {b:.2f} | {b / a:.1f} |", flush=True)


main()
