#!/usr/bin/env python3
"""Times the Python package beside the program, on two threads.

usage: python.py PROGRAM ML-100K TWIN [--repeats N]    (folders; the twin of MovieLens 25M is made by
`tusk data synth --like ml-25m`). With the Python that has the wheel of ./dev wheel.
"""

import argparse
import gc
import json
import os
import subprocess
import tempfile
import threading
import time
import tracemalloc

import numpy as np

import tusk


def seconds(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def train(program, folder, *arguments):
    """Wall time of a training by the program, and the time that it tells, which has no start in it."""
    with tempfile.TemporaryDirectory() as place:
        command = [program, "train", folder, "--out", f"{place}/m", "--threads", "2", "--json", *arguments]
        took, done = seconds(lambda: subprocess.run(command, check=True, capture_output=True, text=True))
    return took, json.loads(done.stdout.splitlines()[-1])["seconds"]


def small(program, folder, repeats):
    users, items, ratings, times = (np.array(column) for column in tusk.Dataset.read(folder).to_arrays())
    for _ in range(repeats):
        whole, fitting = train(program, folder, "--split", "random:0.1")
        start = time.perf_counter()
        data = tusk.Dataset.from_arrays(users, items, ratings, times)
        train_rows, test = data.split("random:0.1")
        fit, model = seconds(lambda: tusk.MF(n_jobs=2).fit(data, rows=train_rows))
        u, i, true, _ = data.to_arrays()
        error = np.sqrt(np.mean((model.predict(u[test], i[test]) - true[test]) ** 2))
        all_of_it = time.perf_counter() - start
        print(f"100K: program {whole:.3f} s, as it tells {fitting:.3f} s; Python {all_of_it:.3f} s, "
              f"{all_of_it / fitting:.3f} of that, its fit() {fit:.3f} s; RMSE {error:.4f}")


def large(program, folder, repeats):
    users, items, ratings, times = (np.array(column) for column in tusk.Dataset.read(folder).to_arrays())
    for _ in range(repeats):
        whole, _ = train(program, folder, "--factors", "64", "--epochs", "10")
        reading = seconds(lambda: tusk.Dataset.read(folder, threads=2))[0]
        gc.collect()
        tracemalloc.start()
        before = resident()
        arranging, data = seconds(lambda: tusk.Dataset.from_arrays(users, items, ratings, times, n_jobs=2))
        grown, peak = resident() - before, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        fit, model = seconds(lambda: tusk.MF(factors=64, epochs=10, n_jobs=2).fit(data))
        print(f"25M: program {whole:.2f} s; reading {reading:.2f} s, which is from_arrays() and parsing; "
              f"Python from_arrays() {arranging:.2f} s, fit() {fit:.2f} s, both {arranging + fit:.2f} s; "
              f"{grown / 1e6:.0f} MB more memory, of Python's own {peak / 1e6:.2f} MB")
        del data, model


def threads(folder, repeats):
    data = tusk.Dataset.read(folder)
    model = tusk.MF(epochs=10, n_jobs=1).fit(data)
    users, pairs = data.user_ids, data.to_pairs()[0]
    parts = list(zip(np.array_split(np.tile(users, 40), 320), np.array_split(np.tile(pairs, (40, 1)), 320)))
    want = model.recommend(users, k=10).indices

    def work(mine):
        for part in mine:
            model.recommend(parts[part][0], k=10)
            model.predict(parts[part][1])

    def together(count):
        workers = [threading.Thread(target=work, args=(range(n, len(parts), count),)) for n in range(count)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    together(1)
    for _ in range(repeats):
        alone, side_by_side = seconds(lambda: together(1))[0], seconds(lambda: together(8))[0]
        same = np.array_equal(model.recommend(users, k=10).indices, want)
        print(f"threads: 1 {alone:.3f} s, 8 {side_by_side:.3f} s, {alone / side_by_side:.2f} times; same lists: {same}")


def growth(folder):
    data = tusk.Dataset.read(folder)

    def fits(count):
        for _ in range(count):
            model = tusk.MF(factors=16, epochs=1, n_jobs=2).fit(data)
            model.recommend(k=3), model.predict(data), model.user_factors_
        gc.collect()

    fits(20)
    tracemalloc.start()
    before, traced = resident(), tracemalloc.get_traced_memory()[0]
    fits(200)
    print(f"200 fits: {(resident() - before) / 1e6:.2f} MB resident, "
          f"{(tracemalloc.get_traced_memory()[0] - traced) / 1e3:.1f} kB of Python's")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("ml_100k")
    parser.add_argument("twin")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=["small", "large", "threads", "growth"])
    given = parser.parse_args()
    if given.only in (None, "small"):
        small(given.program, given.ml_100k, given.repeats)
    if given.only in (None, "threads"):
        threads(given.ml_100k, given.repeats)
    if given.only in (None, "growth"):
        growth(given.ml_100k)
    if given.only in (None, "large"):
        large(given.program, given.twin, given.repeats)


if __name__ == "__main__":
    main()
