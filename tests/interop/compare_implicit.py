"""Continues the training of iALS from one state by Tusk and by implicit, and compares the factors.

implicit weighs an interaction by c and all other pairs by 1:
  sum over interactions of c (1 - y)^2 + sum over other pairs of y^2 + reg (|P|^2 + |Q|^2).
With t = c / (c - 1), a0 = 1 / (c - 1) and factors divided by sqrt(t) that is, but for a constant and
a factor, Tusk's loss with interactions of weight 1, --unobserved-weight a0, --regularization reg / c
and --frequency-exponent 0. Tusk solves items before users, so implicit gets the transpose.

Usage: compare_implicit.py TUSK. Exits with 77, for "skipped", where Python lacks the packages.
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

os.environ["OPENBLAS_NUM_THREADS"] = "1"
try:
    import numpy as np
    from implicit.cpu.als import AlternatingLeastSquares
    from safetensors.numpy import load_file
    from scipy.sparse import csr_matrix
except ImportError as error:
    print(f"skipped: {error}; ./dev test installs what tests/requirements.txt names")
    sys.exit(77)

USERS, ITEMS, FACTORS = 120, 80, 24
CONFIDENCE, REGULARIZATION = 4.0, 0.5
EPOCHS = 3  # after the first


def write_ratings(path):
    draw = random.Random(5)
    rows = [(u, i) for u in range(USERS) for i in range(ITEMS) if draw.random() < 0.3 / (1 + i % 5)]
    path.write_text("userId,movieId,rating\n" + "".join(f"{u},{i},5\n" for u, i in rows))


def train(folder, solver, epochs):
    model = folder / f"{solver}-{epochs}.st"
    settings = {
        "factors": FACTORS,
        "unobserved-weight": 1 / (CONFIDENCE - 1),
        "regularization": REGULARIZATION / CONFIDENCE,
        "frequency-exponent": 0,
        "solver": solver,
        "epochs": epochs,
    }
    if solver == "cg":
        settings["cg-steps"] = 3
    options = [text for name, value in settings.items() for text in (f"--{name}", str(value))]
    command = [sys.argv[1], "train", folder / "ratings.csv", "--scale", "1:5", "--model", "ials"]
    subprocess.run([*command, *options, "--out", model, "--quiet"], check=True)
    return load_file(model)


def compare(folder, solver):
    before, after = train(folder, solver, 1), train(folder, solver, 1 + EPOCHS)
    seen = csr_matrix(
        (
            np.full(len(before["seen_items"]), CONFIDENCE, dtype=np.float32),
            before["seen_items"],
            before["seen_offsets"],
        ),
        shape=(len(before["user_factors"]), len(before["item_factors"])),
    )
    root = np.sqrt(CONFIDENCE / (CONFIDENCE - 1)).astype(np.float32)
    peer = AlternatingLeastSquares(
        factors=FACTORS,
        regularization=REGULARIZATION,
        use_cg=solver == "cg",
        iterations=EPOCHS,
        num_threads=1,
    )
    peer.user_factors = root * before["item_factors"]
    peer.item_factors = root * before["user_factors"]
    peer.fit(seen.T.tocsr(), show_progress=False)
    worst = 0
    for ours, theirs in (
        (after["item_factors"], peer.user_factors),
        (after["user_factors"], peer.item_factors),
    ):
        worst = max(worst, np.abs(root * ours - theirs).max() / np.abs(theirs).max())
    moved = np.abs(after["item_factors"] - before["item_factors"]).max()
    print(f"{solver}: {worst:.2g} of the largest factor apart, which moved by {moved:.2g}")
    assert moved > 0.01
    assert worst < 1e-5, worst


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    write_ratings(folder / "ratings.csv")
    for solver in ("cg", "cholesky"):
        compare(folder, solver)
