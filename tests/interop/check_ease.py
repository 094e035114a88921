"""Compares EASE models with their definition, computed by NumPy in double precision: the coefficients of
both forms, on made-up ratings with more users than items and with fewer, and on MovieLens 100K.

Usage: check_ease.py TUSK SOURCE, where TUSK is the program and SOURCE the project's folder, beside which
the data is looked for. Exits with 77, for "skipped", where packages are missing.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from safetensors.numpy import load_file
except ImportError as error:
    print(f"skipped: {error}; ./dev test installs what tests/requirements.txt names")
    sys.exit(77)

TUSK, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
TOLERANCE = 1e-5
SETTINGS = [(100, 0.5, 0.25), (20, 0, 1), (0, 0.6, 0.5), (300, 0.3, 0)]  # l, p, low weight


def tusk(*arguments):
    run = subprocess.run(
        [TUSK, *map(str, arguments), "--json", "--quiet"], check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def movielens():
    for place in [os.environ.get("TUSK_TEST_DATA"), SOURCE / "data", SOURCE / "../shared/datasets"]:
        if place and (pathlib.Path(place) / "ml-100k" / "u.data").exists():
            return pathlib.Path(place) / "ml-100k"
    return None


def made_up(folder, users, items):
    random = np.random.default_rng(users)
    path = folder / f"{users}-{items}.csv"
    popularity = random.random(items) ** 2
    with open(path, "w") as file:
        file.write("user,item,rating\n")
        for user in range(users):
            for item in np.flatnonzero(random.random(items) < popularity):
                file.write(f"{user},{item},{random.integers(1, 6)}\n")
    return path


def weights(model, low):
    """The weights of interactions, users x items."""
    ends, columns, ratings = (model[f"seen_{name}"] for name in ("offsets", "items", "ratings"))
    x = np.zeros((len(model["user_ids"]), len(model["item_ids"])))
    rows = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    x[rows, columns] = np.where(ratings >= 4, 1, low)
    return x[:, model["ease_items"]]


def table(x, l, p):
    gram = x.T @ x
    inverse = np.linalg.inv(gram + np.diag(l + p / (1 - p) * np.diag(gram)))
    coefficients = -inverse / np.diag(inverse)
    np.fill_diagonal(coefficients, 0)
    return coefficients


def check(name, data, folder, by_users):
    for l, p, low in SETTINGS:
        out = folder / "model.safetensors"
        tusk("train", data, "--model", "ease", "--regularization", l, "--dropout", p,
             "--low-weight", low, "--out", out, "--overwrite")
        model = load_file(out)
        x = weights(model, low)
        assert (x != 0).any(0).all(), "items without interactions are left out"
        expected = table(x, l, p)
        assert ("ease_users" in model) == by_users, name
        if by_users:
            own, w = model["ease_diagonal"].astype(float), model["ease_users"].astype(float)
            found = (x / own).T @ w
            np.fill_diagonal(found, 0)
            scores = abs(x - w - x @ expected).max()
        else:
            found = model["ease_table"].astype(float)
            scores = abs(x @ (found - expected)).max()
        error = abs(found - expected).max()
        assert error < TOLERANCE, f"{name}: coefficients differ by {error}"
        assert scores < TOLERANCE * 10, f"{name}: scores differ by {scores}"
        print(f"{name}, l {l}, p {p}, low weight {low}: coefficients differ by {error:.1e}, scores "
              f"by {scores:.1e}")


with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    check("more users than items", made_up(folder, 300, 80), folder, False)
    check("fewer users than items", made_up(folder, 80, 300), folder, True)
    data = movielens()
    if data is None:
        print("MovieLens 100K is not here; set TUSK_TEST_DATA to the folder that holds it")
    else:
        check("MovieLens 100K", data, folder, True)
