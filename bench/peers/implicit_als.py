"""Trains iALS by Tusk and by implicit from one state on the same interactions, and prints
a Markdown table of the time of an epoch and of what training minimizes at its end.

tests/interop/compare_implicit.py says how the two losses are one. Tusk's first epoch, which is not
timed, gives both their state; then each trains so many more.

Usage: implicit_als.py TUSK DATA [--factors N ...] [--epochs N] [--threads N]
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit runs its rows side by side

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from safetensors.numpy import load_file
from scipy.sparse import csr_matrix

CONFIDENCE, REGULARIZATION, STEPS = 3.5, 0.035, 3


def train(arguments, factors, epochs, folder):
    """The tensors of the model and the seconds of each epoch."""
    settings = {
        "model": "ials",
        "factors": factors,
        "low-weight": 1,
        "unobserved-weight": 1 / (CONFIDENCE - 1),
        "regularization": REGULARIZATION / CONFIDENCE,
        "frequency-exponent": 0,
        "solver": "cg",
        "cg-steps": STEPS,
        "epochs": epochs,
        "threads": arguments.threads,
        "out": folder / f"{epochs}.safetensors",
    }
    options = [text for name, value in settings.items() for text in (f"--{name}", str(value))]
    done = subprocess.run(
        [arguments.tusk, "train", arguments.data, *options, "--json"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    events = [json.loads(line) for line in done.stdout.splitlines()]
    seconds = [event["seconds"] for event in events if event["event"] == "epoch"]
    return load_file(settings["out"]), seconds


def loss(seen, users, items):
    """What implicit minimizes, of users x items."""
    squares = float(((users.T @ users) * (items.T @ items)).sum())
    total = squares + REGULARIZATION * float((users**2).sum() + (items**2).sum())
    for first in range(0, seen.shape[0], 4096):
        rows = seen[first : first + 4096].tocoo()
        y = np.einsum("nf,nf->n", users[first + rows.row], items[rows.col], dtype=np.float64)
        total += float((CONFIDENCE * (1 - y) ** 2 - y**2).sum())
    return total


def compare(arguments, factors, folder):
    before, _ = train(arguments, factors, 1, folder)
    after, ours = train(arguments, factors, 1 + arguments.epochs, folder)
    offset, item = before["seen_offsets"], before["seen_items"]
    shape = (len(before["user_factors"]), len(before["item_factors"]))
    seen = csr_matrix((np.full(len(item), CONFIDENCE, dtype=np.float32), item, offset), shape)
    root = np.float32(np.sqrt(CONFIDENCE / (CONFIDENCE - 1)))
    theirs = []
    peer = AlternatingLeastSquares(
        factors=factors,
        regularization=REGULARIZATION,
        iterations=arguments.epochs,
        num_threads=arguments.threads,
    )
    # Tusk solves items before users, so implicit gets the transpose.
    peer.user_factors = root * before["item_factors"]
    peer.item_factors = root * before["user_factors"]
    peer.fit(
        seen.T.tocsr(),
        show_progress=False,
        callback=lambda _, seconds, *rest: theirs.append(seconds),
    )
    print(
        f"| {factors} | {min(ours[1:]):.2f} | {min(theirs):.2f} | {min(theirs) / min(ours[1:]):.2f} "
        f"| {loss(seen, root * after['user_factors'], root * after['item_factors']):.0f} "
        f"| {loss(seen, peer.item_factors, peer.user_factors):.0f} |",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tusk")
    parser.add_argument("data")
    parser.add_argument("--factors", type=int, nargs="+", default=[64, 128, 256])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    print("| factors | Tusk, s an epoch | implicit | implicit / Tusk | loss: Tusk | implicit |")
    print("|---|---|---|---|---|---|")
    for factors in arguments.factors:
        with tempfile.TemporaryDirectory() as folder:
            compare(arguments, factors, pathlib.Path(folder))


main()
