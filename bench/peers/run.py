"""Runs Tusk and its peers in turn on the same splits with the same settings, and prints Markdown
tables of ratios. `./dev bench peers` prepares what it needs.

Tusk and a peer take turns, `--repeats` times each, so that a machine that is slow for a while is
slow for both; a ratio is of one turn's two runs, and the tables show the least, median and largest.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

HERE = pathlib.Path(__file__).parent


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def spread(values, digits=2):
    low, middle, high = min(values), statistics.median(values), max(values)
    return " / ".join(f"{value:.{digits}f}" for value in (low, middle, high))


def time_to(report, rmse):
    """Seconds until the validation error is at most `rmse`, or None."""
    return next((e["seconds"] for e in report["epochs"] if e["rmse"] <= rmse), None)


def parts_of(arguments, data, split):
    folder = arguments.work / f"{pathlib.Path(data).name}-{split.replace(':', '-')}"
    if not (folder / "test.rating").exists():
        subprocess.run([arguments.tusk, data, "--split", split, "--write-parts", folder], check=True)
    return folder


def throughput(arguments, parts):
    """Epochs alone, without validation, where LIBMF can do without: its first epoch is set-up."""
    print("\nUpdates per second, in millions: least / median / largest\n")
    print("| factors | threads | Tusk | LIBMF | Tusk / LIBMF |\n|---|---|---|---|---|")
    for factors in (64, 128):
        for threads in sorted({1, arguments.threads}):
            settings = ["--factors", factors, "--threads", threads, "--epochs", 4]
            settings += ["--regularization", 0.05]
            turns = []
            for _ in range(arguments.repeats):
                ours = run(arguments.tusk, arguments.data, *settings, "--learning-rate", 0.03)
                theirs = run(sys.executable, HERE / "libmf_peer.py", parts, *settings, "--no-test")
                turns.append([r["updates_per_second"] / 1e6 for r in (ours, theirs)])
            ours, theirs = zip(*turns)
            ratios = [a / b for a, b in turns]
            print(
                f"| {factors} | {threads} | {spread(ours, 1)} | {spread(theirs, 1)} "
                f"| {spread(ratios)} |",
                flush=True,
            )


def convergence(arguments, parts):
    print("\nSeconds to the validation RMSE of LIBMF's tenth epoch, 64 factors, regularization 0.05\n")
    print("| Tusk | LIBMF | Tusk / LIBMF | RMSE | LIBMF's | Tusk's at its tenth epoch |")
    print("|---|---|---|---|---|---|")
    settings = ["--factors", 64, "--threads", arguments.threads, "--epochs", 10]
    settings += ["--regularization", 0.05]
    ours, theirs, lines = [], [], []
    for _ in range(arguments.repeats):
        libmf = run(sys.executable, HERE / "libmf_peer.py", parts, *settings)
        goal = libmf["epochs"][-1]["rmse"]
        tusk = run(arguments.tusk, arguments.data, *settings, *arguments.schedule.split())
        ours.append(time_to(tusk, goal) or float("inf"))
        theirs.append(libmf["epochs"][-1]["seconds"])
        lines.append((goal, tusk["epochs"][-1]["rmse"]))
    ratios = [a / b for a, b in zip(ours, theirs)]
    goals, reached = zip(*lines)
    print(
        f"| {spread(ours)} | {spread(theirs)} | {spread(ratios)} | {goals[0]:.4f} "
        f"| {spread(goals, 4)} | {spread(reached, 4)} |",
        flush=True,
    )


def best_of_grid(arguments, parts):
    """LIBMF's best over a small grid; each run's best epoch counts."""
    print("\nLowest validation RMSE in 20 epochs of LIBMF, 64 factors\n")
    print("| regularization | eta 0.05 | eta 0.1 |\n|---|---|---|")
    for regularization in (0.03, 0.05, 0.08):
        row = []
        for eta in (0.05, 0.1):
            report = run(
                sys.executable, HERE / "libmf_peer.py", parts, "--factors", 64, "--epochs", 20,
                "--regularization", regularization, "--learning-rate", eta,
            )  # fmt: skip
            row.append(min(e["rmse"] for e in report["epochs"]))
        print(f"| {regularization} | " + " | ".join(f"{r:.4f}" for r in row) + " |", flush=True)


def surprise(arguments):
    data = arguments.ml_100k
    parts = parts_of(arguments, data, "official:1")
    settings = ["--factors", 100, "--epochs", 20, "--learning-rate", 0.005]
    settings += ["--regularization", 0.02, "--init-std", 0.1]
    same = ["--bias-learning-rate", 0.005, "--bias-regularization", 0.02, "--split", "official:1"]
    ours, theirs = [], []
    for _ in range(arguments.repeats):
        ours.append(run(arguments.tusk, data, *settings, *same))
        theirs.append(run(sys.executable, HERE / "surprise_peer.py", parts, *settings))
    times = [r["fit_seconds"] for r in ours]
    peer_times = [r["fit_seconds"] for r in theirs]
    print("\nSurprise's SVD on u1 of MovieLens 100K, its default settings, whole fit\n")
    print("| Tusk s | Tusk s to Surprise's RMSE | Surprise s | Surprise / Tusk | Tusk RMSE | its |")
    print("|---|---|---|---|---|---|")
    reached = [time_to(a, b["rmse"]) or float("inf") for a, b in zip(ours, theirs)]
    print(
        f"| {spread(times, 4)} | {spread(reached, 4)} | {spread(peer_times)} "
        f"| {spread([b / a for a, b in zip(times, peer_times)], 0)} "
        f"| {ours[0]['epochs'][-1]['rmse']:.4f} | {theirs[0]['rmse']:.4f} |",
        flush=True,
    )


def surprise_neighbours(arguments):
    data = arguments.ml_100k
    parts = parts_of(arguments, data, "official:1")
    predictions = parts / "predictions"
    cases = [
        ("user-knn", "mean", "cosine", "cosine-corated"),
        ("item-knn", "baseline", "pearson_baseline", "pearson-baseline"),
    ]
    print("\nSurprise's neighbour models on u1 of MovieLens 100K, k = 40, fit and test part\n")
    print("| model | threads | Tusk s | Surprise s | its fit s | Surprise / Tusk | difference |")
    print("|---|---|---|---|---|---|---|")
    for model, centring, their_similarity, our_similarity in cases:
        same = ["--model", model, "--centring", centring]
        for threads in sorted({1, arguments.threads}):
            turns = []
            for _ in range(arguments.repeats):
                ours = run(
                    arguments.tusk.with_name("tusk_knn_peer"), data, *same, "--similarity",
                    our_similarity, "--threads", threads, "--predictions", predictions,
                )  # fmt: skip
                theirs = run(
                    sys.executable, HERE / "surprise_peer.py", parts, *same, "--similarity",
                    their_similarity, "--compare", predictions,
                )  # fmt: skip
                turns.append((ours, theirs))
            ratios = [theirs["seconds"] / ours["seconds"] for ours, theirs in turns]
            print(
                f"| {model}, {our_similarity} | {threads} "
                f"| {spread([ours['seconds'] for ours, _ in turns], 3)} "
                f"| {spread([theirs['seconds'] for _, theirs in turns])} "
                f"| {spread([theirs['fit_seconds'] for _, theirs in turns])} | {spread(ratios, 1)} "
                f"| {max(theirs['largest_difference'] for _, theirs in turns):.1e} |",
                flush=True,
            )


def grid(arguments):
    """From ratings in memory to scored settings: Tusk's search against fit() of GridSearchCV; the
    whole program, which reads and reports too, in a column of its own."""
    folds = arguments.work / "ml-latest-small-folds-3"
    if not (folds / "all.fold").exists():
        subprocess.run([arguments.tusk, arguments.ml_latest_small, "--folds", "3",
                        "--write-parts", folds], check=True)  # fmt: skip
    values = {
        "n_factors": [20, 50, 100], "n_epochs": [10, 20, 30],
        "lr_all": [0.002, 0.005, 0.007], "reg_all": [0.02, 0.05, 0.1],
    }  # fmt: skip
    names = {
        "n_factors": "factors", "n_epochs": "epochs",
        "lr_all": "learning-rate+bias-learning-rate",
        "reg_all": "regularization+bias-regularization",
    }  # fmt: skip
    program = arguments.tusk.parent.parent / "tusk"
    options = ["--folds", 3, "--init-std", 0.1, "--threads", arguments.threads, "--top", 0]
    for key, name in names.items():
        options += ["--grid", f"{name}={','.join(map(str, values[key]))}"]
    turns = []
    for _ in range(arguments.repeats):
        start = time.perf_counter()
        command = [program, "tune", arguments.ml_latest_small, *options, "--json", "--quiet"]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        whole = time.perf_counter() - start
        if done.returncode != 0:
            sys.exit(done.stderr)
        trials = [json.loads(line) for line in done.stdout.splitlines()]
        ours = {tuple(t["settings"][n.split("+")[0]] for n in names.values()): t["rmse"]
                for t in trials if t["event"] == "trial"}  # fmt: skip
        theirs = run(sys.executable, HERE / "surprise_grid_peer.py", folds, "--grid",
                     json.dumps(values), "--jobs", arguments.threads)  # fmt: skip
        differences = [
            abs(ours[tuple(setting[key] for key in names)] - rmse)
            for setting, rmse in zip(theirs["settings"], theirs["rmse"])
        ]
        assert len(differences) == len(ours) == 81
        turns.append((trials[-1]["seconds"], whole, theirs["seconds"], differences,
                      min(ours.values()), min(theirs["rmse"])))  # fmt: skip
    print("\nA grid of 81 settings x 3 folds of latest-small against Surprise's GridSearchCV\n")
    print("| workers | Tusk s | whole program s | Surprise s | ratio "
          "| difference of mean RMSE, median / largest | lowest RMSE, Tusk / Surprise |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    ours, whole, theirs, differences, our_best, their_best = zip(*turns)
    print(
        f"| {arguments.threads} | {spread(ours)} | {spread(whole)} | {spread(theirs, 1)} "
        f"| {spread([b / a for a, b in zip(ours, theirs)], 1)} "
        f"| {statistics.median(differences[0]):.5f} / {max(differences[0]):.5f} "
        f"| {our_best[0]:.4f} / {their_best[0]:.4f} |",
        flush=True,
    )


def top_k(arguments):
    parts = parts_of(arguments, arguments.data, "none")
    random = np.random.default_rng(1)
    for kind in ("user", "item"):
        rows = np.fromfile(parts / f"train.{kind}", dtype=np.int32).max() + 1
        factors = random.standard_normal((rows, 64), dtype=np.float32)
        factors.tofile(parts / f"{kind}.factors")
    turns = []
    for _ in range(arguments.repeats):
        settings = ["--factors", 64, "--threads", arguments.threads, "-k", 10]
        ours = run(arguments.tusk.with_name("tusk_topk_peer"), parts, *settings)
        theirs = run(sys.executable, HERE / "implicit_peer.py", parts, *settings)
        assert theirs["largest_difference"] < 1e-3, "the lists' scores differ"
        turns.append((ours, theirs))
    print("\nThe 10 best unseen items of all users, 64 random factors, seconds\n")
    print("| threads | Tusk | implicit | Tusk / implicit | difference of scores | same items |")
    print("|---|---|---|---|---|---|")
    ratios = [ours["seconds"] / theirs["seconds"] for ours, theirs in turns]
    last = turns[-1][1]
    print(
        f"| {arguments.threads} | {spread([ours['seconds'] for ours, _ in turns])} "
        f"| {spread([theirs['seconds'] for _, theirs in turns])} | {spread(ratios)} "
        f"| {last['largest_difference']:.1e} | {100 * last['same_items']:.3f}% |",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tusk", type=pathlib.Path, required=True,
                        help="the program tusk_peer, beside others of its kind")  # fmt: skip
    parser.add_argument("--data", required=True, help="the synthetic twin of MovieLens 25M")
    parser.add_argument("--ml-100k", help="MovieLens 100K with its official folds")
    parser.add_argument("--ml-latest-small", help="MovieLens latest-small")
    parser.add_argument("--only-grid", action="store_true", help="the comparison of grids alone")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the splits")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--schedule", default="--learning-rate 0.05 --decay 0.35 "
                        "--bias-learning-rate 0.01 --init-std 0.05")  # fmt: skip
    parser.add_argument("--grid", action="store_true", help="LIBMF's grid too; takes minutes")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    if arguments.ml_latest_small:
        grid(arguments)
    if arguments.only_grid:
        return
    if arguments.ml_100k:
        surprise(arguments)
        surprise_neighbours(arguments)
    else:
        print("no MovieLens 100K with its official folds: no comparison with Surprise")
    parts = parts_of(arguments, arguments.data, "random:0.1")
    throughput(arguments, parts)
    convergence(arguments, parts)
    top_k(arguments)
    if arguments.grid:
        best_of_grid(arguments, parts)


main()
