"""Surprise's side of a comparison: fits SVD to the parts that tusk_peer wrote, and prints a JSON
object with the time of fit() and the error of its clipped predictions on the test part."""

import argparse
import json
import pathlib
import time

from parts import read_part
from surprise import SVD, Dataset, Reader, accuracy


def rows(folder, part):
    return list(zip(*(column.tolist() for column in read_part(folder, part))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", type=pathlib.Path)
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
    model = SVD(
        n_factors=arguments.factors,
        n_epochs=arguments.epochs,
        lr_all=arguments.learning_rate,
        reg_all=arguments.regularization,
        init_std_dev=arguments.init_std,
        random_state=1,
    )
    start = time.perf_counter()
    model.fit(trainset)
    seconds = time.perf_counter() - start
    rmse = accuracy.rmse(model.test(test), verbose=False)
    print(json.dumps({"seconds": seconds, "rmse": rmse}))


main()
