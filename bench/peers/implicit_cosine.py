"""Makes lists by sums of cosines for all users by Tusk and by implicit's CosineRecommender, and
prints the seconds of each.

Tusk's are those of whole commands, from files to files. implicit has its ratings in memory. Its
score of an item sums over the rated items that have it among their neighbours, Tusk's over those
that are among its own, so the lists are not the same.

Usage: implicit_cosine.py TUSK DATA [--neighbours N] [-k N] [--threads N]
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from implicit.nearest_neighbours import CosineRecommender
from safetensors.numpy import load_file
from scipy.sparse import csr_matrix


def timed(function):
    start = time.perf_counter()
    result = function()
    return result, time.perf_counter() - start


def run(*command):
    return timed(lambda: subprocess.run([str(word) for word in command], check=True))[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tusk")
    parser.add_argument("data")
    parser.add_argument("--neighbours", type=int, default=100)
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        model, lists = folder / "m.safetensors", folder / "lists.csv"
        threads = ["--threads", arguments.threads, "--quiet"]
        report = {}
        report["tusk_train"] = run(
            arguments.tusk, "train", arguments.data, "--model", "item-knn", "--similarity", "cosine",
            "--centring", "none", "--neighbour-policy", "table", "--neighbours",
            arguments.neighbours, "--out", model, *threads,
        )  # fmt: skip
        report["tusk_lists"] = run(
            arguments.tusk, "recommend", model, "--all", "--rank-by", "sum", "-k", arguments.k,
            "--out", lists, *threads,
        )  # fmt: skip
        tensors = load_file(model)
        offset, item, rating = (
            tensors[key] for key in ("seen_offsets", "seen_items", "seen_ratings")
        )
        items = int(item.max()) + 1
        seen = csr_matrix((rating, item, offset), shape=(len(offset) - 1, items))
        # An item is one of its own neighbours there.
        peer = CosineRecommender(K=arguments.neighbours + 1, num_threads=arguments.threads)
        _, report["implicit_fit"] = timed(lambda: peer.fit(seen, show_progress=False))
        _, report["implicit_lists"] = timed(
            lambda: peer.recommend(np.arange(seen.shape[0]), seen, N=arguments.k)
        )
        print(json.dumps({key: round(value, 2) for key, value in report.items()}))


main()
