"""implicit's side of a comparison of top-K search: finds the best unseen items of all users by the
factors and ratings in a folder, and prints a JSON object with the time that took and how its lists
differ from those that tusk_topk_peer left there."""

import argparse
import json
import os
import pathlib
import time

# implicit runs its batches side by side; its documentation asks for a BLAS without threads.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from parts import read_part
from scipy.sparse import csr_matrix


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--all", action="store_true", help="do not exclude seen items")
    arguments = parser.parse_args()

    model = AlternatingLeastSquares(factors=arguments.factors, num_threads=arguments.threads)
    model.user_factors, model.item_factors = (
        np.fromfile(arguments.folder / f"{kind}.factors", dtype=np.float32)
        .reshape(-1, arguments.factors) for kind in ("user", "item")
    )  # fmt: skip
    user, item, rating = read_part(arguments.folder, "train")
    shape = (len(model.user_factors), len(model.item_factors))
    seen = csr_matrix((rating, (user, item)), shape=shape)
    users = np.arange(shape[0])
    start = time.perf_counter()
    index, score = model.recommend(
        users, seen, N=arguments.k, filter_already_liked_items=not arguments.all
    )
    report = {"seconds": time.perf_counter() - start}
    if not arguments.all:
        our_index, our_score = (
            np.fromfile(arguments.folder / f"top.{name}", dtype=dtype).reshape(index.shape)
            for name, dtype in (("index", np.int32), ("score", np.float32))
        )
        report["largest_difference"] = float(np.abs(our_score - score).max())
        report["same_items"] = float((our_index == index).mean())
    print(json.dumps(report))


main()
