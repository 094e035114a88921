"""Compares user-knn, item-knn and slope-one with Surprise's on MovieLens 100K (u1), and cosine
similarities with scikit-learn's.

Usage: compare_surprise.py TUSK SOURCE, where TUSK is the program and SOURCE the project's folder, beside
which the data is looked for. Exits with 77, for "skipped", where packages or data are missing.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

from common import find_data

try:
    import numpy as np
    from safetensors.numpy import load_file
    from sklearn.metrics.pairwise import cosine_similarity
    from surprise import Dataset, KNNBaseline, KNNBasic, KNNWithMeans, KNNWithZScore, Reader, SlopeOne
except ImportError as error:
    print(f"skipped: {error}; ./dev test installs what tests/requirements.txt names")
    sys.exit(77)

TUSK, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
TOLERANCE = 1e-4

# Surprise's class, its metric, min_support and min_k, and Tusk's options for the same.
CASES = [
    (KNNBasic, "msd", 1, 1, ["--similarity", "msd", "--centring", "none"]),
    (KNNWithMeans, "cosine", 3, 2, ["--similarity", "cosine-corated", "--centring", "mean"]),
    (KNNWithZScore, "pearson", 1, 1, ["--similarity", "pearson", "--centring", "z-score"]),
    (KNNBaseline, "pearson_baseline", 1, 1,
     ["--similarity", "pearson-baseline", "--centring", "baseline"]),
]


def tusk(*arguments):
    run = subprocess.run(
        [TUSK, *map(str, arguments), "--json", "--quiet"], check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def read(path):
    rows = np.loadtxt(path, dtype=np.int64)
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


def in_order_of_preference(train, kind):
    """Surprise takes equally similar neighbours in the order of its ratings. Tusk takes those with
    more ratings first, and of equally many items by the users who rated them, users by their id."""
    column = 0 if kind == "user-knn" else 1
    content = {}
    for user, item, rating, _ in train:
        content.setdefault((user, item)[column], []).append((int((user, item)[1 - column]), int(rating)))

    def preference(row):
        entries = content[row]
        if kind == "user-knn":
            return (-len(entries), row)
        return (-len(entries), [other for other, _ in entries], [rating for _, rating in entries])

    place = {row: p for p, row in enumerate(sorted(content, key=preference))}
    ordered = sorted(train, key=lambda one: place[one[column]])
    return [(int(user), int(item), float(rating), None) for user, item, rating, _ in ordered]


def compare_with_surprise(data, folder):
    train, test = read(data / "u1.base"), read(data / "u1.test")
    pairs = folder / "pairs.csv"
    pairs.write_text("".join(f"{user},{item}\n" for user, item, *_ in test))
    users, items = set(train[:, 0]), set(train[:, 1])
    # Of an unknown user or item Surprise says the mean of all ratings, Tusk what it knows.
    known = np.array([user in users and item in items for user, item, *_ in test])
    for predictor, metric, min_support, min_k, options in CASES:
        for kind in ("user-knn", "item-knn"):
            similarity = {"name": metric, "min_support": min_support,
                          "user_based": kind == "user-knn"}
            trainset = Dataset(Reader(rating_scale=(1, 5))).construct_trainset(
                in_order_of_preference(train, kind))
            start = time.perf_counter()
            model = predictor(k=40, min_k=min_k, sim_options=similarity, verbose=False)
            model.fit(trainset)
            theirs = [model.predict(int(user), int(item)).est for user, item, *_ in test]
            their_seconds = time.perf_counter() - start

            path = folder / "model.safetensors"
            start = time.perf_counter()
            tusk("train", data, "--split", "official:1", "--model", kind, *options, "-k", 40,
                 "--neighbour-policy", "raters", "--shrinkage",
                 100 if metric == "pearson_baseline" else 0, "--min-support", min_support,
                 "--min-neighbours", min_k, "--weight-shrinkage", 0, "--out", path, "--overwrite")
            ours = [line["rating"] for line in tusk("predict", path, "--pairs", pairs)]
            seconds = time.perf_counter() - start

            error = np.abs(np.array(ours) - np.array(theirs))[known]
            print(f"{predictor.__name__:14} {metric:17} {kind}: largest difference of "
                  f"{known.sum()} predictions {error.max():.1e}; Surprise {their_seconds:.2f} s, "
                  f"Tusk {seconds:.2f} s with reading, measuring, saving and printing")
            assert error.max() <= TOLERANCE, f"{(error > TOLERANCE).sum()} beyond {TOLERANCE}"


def compare_slope_one(data, folder):
    train, test = read(data / "u1.base"), read(data / "u1.test")
    trainset = Dataset(Reader(rating_scale=(1, 5))).construct_trainset(
        [(int(user), int(item), float(rating), None) for user, item, rating, _ in train])
    start = time.perf_counter()
    model = SlopeOne().fit(trainset)
    theirs = [model.predict(int(user), int(item)).est for user, item, *_ in test]
    their_seconds = time.perf_counter() - start
    path, pairs = folder / "slope-one.safetensors", folder / "pairs.csv"
    pairs.write_text("".join(f"{user},{item}\n" for user, item, *_ in test))
    start = time.perf_counter()
    tusk("train", data, "--split", "official:1", "--model", "slope-one", "--out", path)
    ours = [line["rating"] for line in tusk("predict", path, "--pairs", pairs)]
    seconds = time.perf_counter() - start
    error = np.abs(np.array(ours) - np.array(theirs)).max()
    print(f"SlopeOne: largest difference of {len(ours)} predictions {error:.1e}; Surprise "
          f"{their_seconds:.2f} s, Tusk {seconds:.2f} s with reading, measuring, saving and printing")
    assert error <= 1e-5


def compare_with_scikit_learn(data, folder):
    path = folder / "cosine.safetensors"
    tusk("train", data, "--model", "item-knn", "--similarity", "cosine", "--neighbour-policy",
         "table", "-k", 50, "--out", path)
    tensors = load_file(path)
    rows = read(data / "u.data")
    matrix = np.zeros((len(tensors["item_ids"]), len(tensors["user_ids"])))
    matrix[np.searchsorted(tensors["item_ids"], rows[:, 1]),
           np.searchsorted(tensors["user_ids"], rows[:, 0])] = rows[:, 2]
    expected = cosine_similarity(matrix)
    np.fill_diagonal(expected, 0)
    best = -np.sort(-expected, axis=1)[:, :50]
    error = np.abs(tensors["similarities"] - best).max()
    chosen = np.take_along_axis(expected, np.maximum(tensors["neighbours"], 0), axis=1)
    chosen[tensors["neighbours"] < 0] = 0
    error = max(error, np.abs(tensors["similarities"] - chosen).max())
    print(f"cosine: largest difference of {best.size} similarities to scikit-learn's {error:.1e}")
    assert error <= 1e-5


with tempfile.TemporaryDirectory() as name:
    data = find_data(SOURCE, "ml-100k", "u1.test")
    compare_with_scikit_learn(data, pathlib.Path(name))
    compare_with_surprise(data, pathlib.Path(name))
    compare_slope_one(data, pathlib.Path(name))
