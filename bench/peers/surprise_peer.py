"""Surprise's side of a comparison: fits SVD or a neighbour model to the parts that tusk_peer wrote,
and prints a JSON object with the times of fit() and of predicting the test part, and the error of
the clipped predictions."""

import argparse
import json
import pathlib
import time

import numpy as np
from parts import read_part
from surprise import SVD, Dataset, KNNBaseline, KNNWithMeans, Reader, accuracy


def rows(folder, part):
    return list(zip(*(column.tolist() for column in read_part(folder, part))))


def make_model(arguments):
    if arguments.model == "svd":
        return SVD(
            n_factors=arguments.factors,
            n_epochs=arguments.epochs,
            lr_all=arguments.learning_rate,
            reg_all=arguments.regularization,
            init_std_dev=arguments.init_std,
            random_state=1,
        )
    predictor = {"mean": KNNWithMeans, "baseline": KNNBaseline}[arguments.centring]
    similarity = {"name": arguments.similarity, "user_based": arguments.model == "user-knn"}
    return predictor(k=40, sim_options=similarity, verbose=False)


def largest_difference(train, predictions, path):
    """Of an unknown user or item Surprise says the mean of all ratings, Tusk what it knows; they
    do not count."""
    users, items, _ = map(set, zip(*train))
    known = [p.uid in users and p.iid in items for p in predictions]
    difference = np.abs(np.fromfile(path, dtype=np.float32) - [p.est for p in predictions])
    return float(difference[known].max())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", type=pathlib.Path)
    parser.add_argument("--model", choices=["svd", "user-knn", "item-knn"], default="svd")
    parser.add_argument("--similarity", default="cosine")
    parser.add_argument("--centring", choices=["mean", "baseline"], default="mean")
    parser.add_argument("--compare", help="Tusk's predictions of the test part, as float32")
    parser.add_argument("--factors", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--learning-rate", type=float, default=0.005)
    parser.add_argument("--regularization", type=float, default=0.02)
    parser.add_argument("--init-std", type=float, default=0.1)
    arguments = parser.parse_args()

    train, test = rows(arguments.parts, "train"), rows(arguments.parts, "test")
    ratings = [rating for _, _, rating in train]
    data = Dataset(Reader(rating_scale=(min(ratings), max(ratings))))
    trainset = data.construct_trainset([(*row, None) for row in train])
    model = make_model(arguments)
    start = time.perf_counter()
    model.fit(trainset)
    fit_seconds = time.perf_counter() - start
    predictions = model.test(test)
    report = {"fit_seconds": fit_seconds, "seconds": time.perf_counter() - start}
    report["rmse"] = accuracy.rmse(predictions, verbose=False)
    if arguments.compare:
        report["largest_difference"] = largest_difference(train, predictions, arguments.compare)
    print(json.dumps(report))


main()
