"""Surprise's side of a comparison of grids: SVD with GridSearchCV on the folds that tusk_peer wrote.
Prints a JSON object with the seconds of fit() and the mean RMSE of each setting."""

import argparse
import json
import pathlib
import time

import numpy as np
from surprise import SVD, Reader
from surprise.dataset import DatasetAutoFolds
from surprise.model_selection import GridSearchCV


class Rows:
    """What Surprise wants of a data frame."""

    def __init__(self, rows):
        self.rows = rows

    def itertuples(self, index):
        return iter(self.rows)


class GivenFolds:
    def __init__(self, fold):
        self.fold = fold

    def get_n_folds(self):
        return int(self.fold.max()) + 1

    def split(self, data):
        for fold in range(self.get_n_folds()):
            parts = [[], []]
            for rating, label in zip(data.raw_ratings, self.fold):
                parts[int(label == fold)].append(rating)
            yield data.construct_trainset(parts[0]), data.construct_testset(parts[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--grid", type=json.loads, required=True)
    parser.add_argument("--jobs", type=int, required=True)
    arguments = parser.parse_args()

    def column(name, kind):
        return np.fromfile(arguments.folder / f"all.{name}", dtype=kind)

    rating = column("rating", np.float32)
    # Surprise trains in the order of the rows; its own folds shuffle them.
    order = np.random.default_rng(1).permutation(len(rating))
    columns = (column("user", np.int32), column("item", np.int32), rating)
    rows = zip(*(c[order].tolist() for c in columns))
    scale = (float(rating.min()), float(rating.max()))
    data = DatasetAutoFolds(df=Rows(list(rows)), reader=Reader(rating_scale=scale))
    start = time.perf_counter()
    search = GridSearchCV(
        SVD,
        {**arguments.grid, "random_state": [1]},
        measures=["rmse"],
        cv=GivenFolds(column("fold", np.int32)[order]),
        n_jobs=arguments.jobs,
    )
    search.fit(data)
    seconds = time.perf_counter() - start
    results = search.cv_results
    settings = [{k: v for k, v in p.items() if k != "random_state"} for p in results["params"]]
    print(
        json.dumps(
            {"seconds": seconds, "settings": settings, "rmse": results["mean_test_rmse"].tolist()}
        )
    )


main()
