"""Recomputes what Tusk says of random ratings with numpy and scipy: splits, duplicates, searches,
tests and rankings.

Usage: check_figures.py TUSK, where TUSK is the program. Exits with 77, for "skipped", where Python
lacks the packages.
"""

import csv
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from safetensors.numpy import load_file
    from scipy import stats
except ImportError as error:
    print(f"skipped: {error}; ./dev test installs what tests/requirements.txt names")
    sys.exit(77)

USERS, ITEMS = 60, 50


def tusk(*arguments):
    run = subprocess.run(
        [sys.argv[1], *map(str, arguments), "--json", "--quiet"], check=True, capture_output=True,
        text=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def result(*arguments):
    return next(line for line in tusk(*arguments) if line["event"] == "result")


def close(a, b, tolerance=1e-9):
    return abs(a - b) <= tolerance * max(1, abs(b))


def draw_ratings(seed):
    """Users, items, ratings, times; of a user several have one time."""
    draw = random.Random(seed)
    taste = [draw.gauss(0, 0.7) for _ in range(USERS + ITEMS)]
    return [
        (user, item, min(5, max(1, round(3 + taste[user] + taste[USERS + item] + draw.gauss(0, 1)))),
         draw.randint(1000, 1040))
        for user in range(USERS) for item in range(ITEMS) if draw.random() < 0.4
    ]


def write(folder, rows):
    (folder / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n" + "".join(f"{u},{i},{r},{t}\n" for u, i, r, t in rows))


def trained_pairs(path):
    model = load_file(path)
    users, items, offsets = model["user_ids"], model["item_ids"], model["seen_offsets"]
    return {(int(users[u]), int(items[i])) for u in range(len(users))
            for i in model["seen_items"][offsets[u]:offsets[u + 1]]}


def check_splits(folder):
    rows = draw_ratings(1)
    write(folder, rows)
    rating = {(u, i): r for u, i, r, _ in rows}
    moment = {(u, i): t for u, i, _, t in rows}
    path = folder / "model.safetensors"

    def tested(split, seed=1):
        path.unlink(missing_ok=True)
        said = result("train", folder, "--model", "mean", "--split", split, "--seed", seed, "--top", 0,
                      "--out", path)
        trained = trained_pairs(path)
        test = set(rating) - trained
        assert trained <= set(rating) and said["training_ratings"] == len(trained), split
        assert said["count"] == len(test), split
        # A test rating in training would move the mean.
        mean = np.mean([rating[pair] for pair in trained])
        errors = np.array([rating[pair] - mean for pair in test])
        assert close(said["rmse"], math.sqrt((errors**2).mean()), 1e-6), (split, said)
        assert close(said["mae"], np.abs(errors).mean(), 1e-6), (split, said)
        return test

    assert len(tested("random:0.2")) == round(0.2 * len(rows))
    assert tested("random:0.2", 1) == tested("random:0.2", 1) != tested("random:0.2", 2)
    folds = [tested(f"kfold:4:{fold}") for fold in range(1, 5)]
    assert sum(map(len, folds)) == len(rows) and set().union(*folds) == set(rating)
    assert max(map(len, folds)) - min(map(len, folds)) <= 1
    for split, size in (("time:0.25", lambda n: math.floor(0.25 * n + 0.5)), ("last:3", lambda n: 3)):
        test = tested(split)
        for user in range(USERS):
            pairs = [pair for pair in rating if pair[0] == user]
            of_test = [moment[pair] for pair in pairs if pair in test]
            of_training = [moment[pair] for pair in pairs if pair not in test]
            assert len(of_test) == min(size(len(pairs)), len(pairs) - 1), (split, user)
            assert not of_test or max(of_training) <= min(of_test), (split, user)


def check_duplicates(folder):
    draw = random.Random(2)
    rows = [(draw.randrange(20), draw.randrange(20), draw.randint(1, 5), t) for t in range(900)]
    draw.shuffle(rows)
    write(folder, rows)
    by_pair = {}
    for user, item, rating, time in rows:
        by_pair.setdefault((user, item), []).append((time, rating))
    kept = [max(same)[1] for same in by_pair.values()]
    (said,) = tusk("data", "stats", folder)
    assert said["ratings"] == len(by_pair) and said["duplicates"] == len(rows) - len(by_pair), said
    assert close(said["mean"], np.mean(kept), 1e-6) and close(said["std"], np.std(kept), 1e-5), said
    counts = {entry["rating"]: entry["count"] for entry in said["histogram"]}
    assert counts == {rating: kept.count(rating) for rating in set(kept)}, said


def check_search(folder):
    write(folder, draw_ratings(3))
    searches = [
        ("rmse", ["--model", "bias"], "item-damping", ["0", "5", "50"]),
        ("ndcg@5", ["--model", "popular"], "item-damping", ["0", "5", "50"]),
        ("mae", ["--factors", "4", "--epochs", "6"], "learning-rate",
         ["0.01", "0.05"]),
    ]
    for metric, options, name, values in searches:
        trials = [line for line in tusk("tune", folder, *options, "--grid", f"{name}={','.join(values)}",
                                        "--folds", 3, "--metric", metric) if line["event"] == "trial"]
        assert len(trials) == len(values)
        for trial in trials:
            said = result("cv", folder, *options, f"--{name}", trial["settings"][name], "--folds", 3,
                          "--top", 5)
            of_cv = said["ranking"]["ndcg"] if metric == "ndcg@5" else said[metric]
            assert close(trial["score"], of_cv), (metric, trial, said)


def check_tests(folder):
    rows = draw_ratings(4)
    write(folder, rows)
    for metric, smaller_is_better in (("rmse", True), ("precision@5", False)):
        models = [line for line in tusk("compare", folder, "--models", "mean,bias,popular,item-knn",
                                        "--folds", 5, "--metric", metric) if line["event"] == "model"]
        best = np.array(models[0]["folds"])
        p = []
        for model in models[1:]:
            difference = np.array(model["folds"]) - best
            variance = (1 / 5 + 1 / 4) * difference.var(ddof=1)
            p.append(2 * stats.t.sf(abs(difference.mean()) / math.sqrt(variance), 4))
            assert (difference.mean() >= 0) == smaller_is_better or difference.mean() == 0
            assert close(model["difference"], difference.mean())
        order = np.argsort(p, kind="stable")
        adjusted = np.minimum(1, np.maximum.accumulate(np.array(p)[order] * np.arange(len(p), 0, -1)))
        for place, value in zip(order, adjusted):
            # Folds differ by a rating in size.
            assert abs(models[place + 1]["p"] / value - 1) < 1e-9, (metric, models[place + 1], value)


def check_user_tests(folder):
    """Of the same users' figures: scipy's paired t-test, and an interval about as wide as the normal one."""
    write(folder, draw_ratings(6))
    metric = "ndcg@5"
    by_model = {}
    for kind in ("bias", "item-knn"):
        path, figures = folder / f"{kind}.safetensors", folder / f"{kind}.csv"
        tusk("train", folder, "--model", kind, "--split", "time:0.2", "--out", path, "--overwrite")
        tusk("evaluate", path, folder, "-k", 5, "--per-user", figures, "--overwrite")
        with open(figures) as rows:
            by_model[kind] = {row["user"]: float(row[metric]) for row in csv.DictReader(rows)}
    best, other = [line for line in tusk("compare", folder, "--models", "bias,item-knn", "--folds", "time:0.2",
                                         "--metric", metric) if line["event"] == "model"]
    said = other["over_users"]
    a, b = (np.array([by_model[model["model"]][user] for user in sorted(by_model["bias"])])
            for model in (other, best))
    assert by_model["bias"].keys() == by_model["item-knn"].keys() and said["users"] == len(a)
    test = stats.ttest_rel(a, b)
    assert close(said["difference"], (a - b).mean()) and close(said["p"], test.pvalue), (said, test)
    half = 1.96 * stats.sem(a - b)
    for end, value in (("low", -half), ("high", half)):
        assert abs(said[end] - said["difference"] - value) < 0.2 * half, (said, half)


def check_tied_lists(folder):
    """Of a constant model every order is equally likely: hypergeometric figures in closed form."""
    rows = draw_ratings(5)
    write(folder, rows)
    path = folder / "model.safetensors"
    path.unlink(missing_ok=True)
    k = 7
    said = result("train", folder, "--model", "mean", "--split", "random:0.3", "--top", k, "--out",
                  path)["ranking"]
    trained = trained_pairs(path)
    known = {item for _, item in trained}
    figures = []
    for user in range(USERS):
        seen = {item for u, item in trained if u == user}
        liked = {i for u, i, r, _ in rows if u == user and r >= 4 and (u, i) not in trained}
        if not seen or not liked:
            continue
        n, r = len(known - seen), len(liked & known)
        of_list = stats.hypergeom(n, r, min(k, n))
        first = [stats.hypergeom(n, r, j).pmf(0) * r / (n - j) if n - j >= r else 0
                 for j in range(min(k, n))]
        gains = [1 / math.log2(j + 2) for j in range(k)]
        both = r * (r - 1) / (n * (n - 1))
        precise = sum((r / n + j * both) / (j + 1) for j in range(min(k, n)))
        figures.append((of_list.mean() / k, of_list.mean() / len(liked),
                        r / n * sum(gains[:min(k, n)]) / sum(gains[:min(k, len(liked))]),
                        precise / len(liked), sum(p / (j + 1) for j, p in enumerate(first)),
                        1 - of_list.pmf(0), r / n * min(k, n, len(liked)) / len(liked)))
    assert said["users"] == said["tied_users"] == len(figures), said
    for key, value in zip(("precision", "recall", "ndcg", "map", "mrr", "hit_rate",
                           "r_precision"),
                          np.mean(figures, axis=0)):
        assert close(said[key], value), (key, said[key], value)


with tempfile.TemporaryDirectory() as name:
    for check in (check_splits, check_duplicates, check_search, check_tests, check_user_tests,
                  check_tied_lists):
        check(pathlib.Path(name))
        print(f"{check.__name__}: agrees")
