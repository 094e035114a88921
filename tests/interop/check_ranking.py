"""Computes ranking metrics from model files with trec_eval and compares them with Tusk's. Where items
tie, Tusk's figures are expected values, and trec_eval's are averaged over random orders.

Usage: check_ranking.py TUSK, where TUSK is the program. Exits with 77, for "skipped", where Python
lacks the packages.
"""

import csv
import json
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import pytrec_eval
    from safetensors.numpy import load_file
except ImportError as error:
    print(f"skipped: {error}; ./dev test installs what tests/requirements.txt names")
    sys.exit(77)

USERS, ITEMS = 90, 70
FACTORS = 4
GRADES = {"binary": lambda rating: 1, "linear": int, "exponential": lambda rating: 2**rating - 1}


def tusk(*arguments):
    run = subprocess.run(
        [sys.argv[1], *arguments, "--json", "--quiet"], check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def write_ratings(path):
    """Few and whole ratings, so that items tie; the last items are so rare that training lacks some."""
    draw = random.Random(3)
    rows = [
        (user, item, draw.randint(1, 5))
        for user in range(USERS)
        for item in range(ITEMS)
        if draw.random() < (0.3 if item < 55 else 0.02)
    ]
    path.write_text("userId,movieId,rating\n" + "".join(f"{u},{i},{r}\n" for u, i, r in rows))
    return rows


def scores(model):
    """float32 sums in Tusk's order, so that the same items tie; [users, items]."""
    total = np.full((len(model["user_ids"]), len(model["item_ids"])), model["mean"][0])
    if "user_bias" in model:
        total = total + model["user_bias"][:, None] + model["item_bias"][None, :]
    if "user_factors" in model:
        assert model["user_factors"].shape[1] == FACTORS
        products = model["user_factors"][:, None, :] * model["item_factors"][None, :, :]
        total = total + ((products[..., 0] + products[..., 2]) + (products[..., 1] + products[..., 3]))
    return total


def expected(model, ratings, k, relevance, candidates, draw, gain="binary"):
    """The figures with tied items in a random order, and the users whose k-th place is in a tie."""
    users, items = list(model["user_ids"]), list(model["item_ids"])
    offsets = model["seen_offsets"]
    seen = [set(model["seen_items"][a:b].tolist()) for a, b in zip(offsets[:-1], offsets[1:])]
    count = np.bincount(model["seen_items"], minlength=len(items))
    known = set(np.flatnonzero(count).tolist())
    test = {}
    for user, item, rating in ratings:
        u, i = users.index(user), items.index(item)
        if seen[u] and i not in seen[u]:
            test.setdefault(u, {})[i] = rating
    relevant = {u: {i: r for i, r in row.items() if r >= relevance} for u, row in test.items()}
    relevant = {u: row for u, row in relevant.items() if row}
    score = scores(model)
    run = {}
    for u in relevant:
        pool = known - seen[u] if candidates == "all-unseen" else known & test[u].keys()
        run[u] = sorted(pool, key=lambda i: (-score[u, i], draw.random()))

    def judge(lists, measures, grade=lambda rating: 1):
        qrel = {str(u): {str(i): grade(r) for i, r in row.items()} for u, row in relevant.items()}
        scored = {
            str(u): {str(i): float(-rank) for rank, i in enumerate(row)}
            for u, row in lists.items() if row
        }
        result = pytrec_eval.RelevanceEvaluator(qrel, measures).evaluate(scored)
        # A user without candidates is no query to trec_eval; to Tusk it is one without a hit.
        return {
            name: sum(row[name] for row in result.values()) / len(relevant)
            for name in next(iter(result.values()))
        }

    whole = judge(run, {f"{m}.{k}" for m in ("P", "recall", "ndcg_cut", "map_cut", "success")})
    top = {u: row[:k] for u, row in run.items()}
    listed = [i for row in top.values() for i in row]
    tied = sum(len(row) > k and score[u, row[k]] == score[u, row[k - 1]] for u, row in run.items())
    return {
        "users": len(relevant),
        "tied_users": tied,
        "users_without_relevant": len(test) - len(relevant),
        "relevant": sum(len(row) for row in relevant.values()),
        "relevant_unknown_items": sum(len(row.keys() - known) for row in relevant.values()),
        "precision": whole[f"P_{k}"],
        "recall": whole[f"recall_{k}"],
        "ndcg": judge(run, {f"ndcg_cut.{k}"}, GRADES[gain])[f"ndcg_cut_{k}"],
        "map": whole[f"map_cut_{k}"],
        "hit_rate": whole[f"success_{k}"],
        "mrr": judge(top, {"recip_rank"})["recip_rank"],
        "r_precision": judge(top, {"Rprec"})["Rprec"],
        "coverage": len(set(listed)) / len(known),
        "popularity": np.mean(count[listed]),
        "novelty": np.mean(-np.log2(count[listed] / sum(map(bool, seen)))),
    }


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    ratings = write_ratings(folder / "ratings.csv")
    path = str(folder / "model.safetensors")
    compared = 0
    draw = random.Random(5)
    for orders, kind, *options in [
        (150, "mean"),  # nothing but ties
        (150, "popular", "--item-damping", "0"),  # many ties
        (1, "bias"),
        # With a seed for which nothing ties.
        (1, "mf", "--factors", str(FACTORS), "--epochs", "10", "--learning-rate", "0.05", "--seed", "2"),
    ]:
        tusk("train", name, "--model", kind, *options, "--split", "random:0.5", "--out", path,
             "--overwrite")
        model = load_file(path)
        for k in (1, 5, 10, 100) if orders == 1 else (1, 10):
            for relevance in (4, 2) if orders == 1 else (4,):
                for candidates in ("all-unseen", "rated-only"):
                    (said,) = tusk("evaluate", path, name, "--top", str(k), "--relevance",
                                   str(relevance), "--candidate-policy", candidates)
                    found = [expected(model, ratings, k, relevance, candidates, draw)
                             for _ in range(orders)]
                    for key in found[0]:
                        values = np.array([one[key] for one in found], dtype=float)
                        error = values.std() / np.sqrt(orders)
                        difference = abs(said["ranking"][key] - values.mean())
                        assert difference < 1e-6 + 5 * error, (
                            kind, k, relevance, candidates, key, values.mean(), error, said)
                        compared += 1
        if orders > 1:
            continue
        # Graded gains, several lengths at once, and the files for trec_eval.
        for gain in ("linear", "exponential"):
            out = {what: str(folder / f"{kind}-{gain}.{what}") for what in ("run", "qrels", "csv")}
            (said,) = tusk("evaluate", path, name, "--top", "5,1,10", "--gain", gain, "--run", out["run"],
                           "--qrels", out["qrels"], "--per-user", out["csv"])
            lengths = [said["ranking"], *said["ranking"]["others"]]
            assert [row["k"] for row in lengths] == [5, 1, 10]
            for row in lengths:
                wanted = expected(model, ratings, row["k"], 4, "all-unseen", draw, gain)
                for key in ("precision", "recall", "ndcg", "map", "mrr", "coverage", "popularity"):
                    assert abs(row[key] - wanted[key]) < 1e-6, (kind, gain, row["k"], key, row, wanted)
                    compared += 1
            with open(out["qrels"]) as qrels, open(out["run"]) as run:
                judge = pytrec_eval.RelevanceEvaluator(
                    pytrec_eval.parse_qrel(qrels), {"P.5", "recall.10", "ndcg_cut.1,5,10"})
                by_user = judge.evaluate(pytrec_eval.parse_run(run))
            with open(out["csv"]) as rows:
                for row in csv.DictReader(rows):
                    judged = by_user[row["user"]]
                    for key, other in (("precision@5", "P_5"), ("recall@10", "recall_10")) + (
                        (("ndcg@5", "ndcg_cut_5"),) if gain == "linear" else ()):
                        assert abs(float(row[key]) - judged[other]) < 1e-6, (kind, key, row, judged)
                        compared += 1
            assert len(by_user) == said["ranking"]["users"]
print(f"trec_eval and Tusk agree on {compared} figures")
