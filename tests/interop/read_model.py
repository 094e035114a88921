"""Opens a model file with safetensors and numpy alone and repeats Tusk's prediction.

Usage: read_model.py TUSK, where TUSK is the program. Exits with 77, for "skipped", where Python
lacks the packages.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import xxhash
    from safetensors import safe_open
    from safetensors.numpy import load_file
except ImportError as error:
    print(f"skipped: {error}; ./dev test installs what tests/requirements.txt names")
    sys.exit(77)


def tusk(*arguments):
    run = subprocess.run(
        [sys.argv[1], *arguments, "--json", "--quiet"], check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def texts(tensors, name):
    """A blob of UTF-8 and its offsets as a list."""
    blob, offsets = tensors[name].tobytes(), tensors[name + "_offsets"]
    return [blob[a:b].decode() for a, b in zip(offsets[:-1], offsets[1:])]


def check(folder, users_are_text):
    ratings = folder / "ratings.csv"
    prefix = "u" if users_are_text else ""
    rows = [
        f"{prefix}{user},{item},{1 + (user * item) % 5}"
        for user in range(1, 41)
        for item in range(1, 31)
        if (user + item) % 3
    ]
    ratings.write_text("userId,movieId,rating\n" + "\n".join(rows) + "\n")
    (folder / "movies.csv").write_text(
        "movieId,title,genres\n" + "".join(f'{i},"Film, {i} é",Drama\n' for i in range(1, 31))
    )
    path = str(folder / "model.safetensors")
    tusk("train", str(folder), "--factors", "20", "--epochs", "10", "--learning-rate", "0.05",
         "--out", path)

    tensors = load_file(path)
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
    assert metadata["format"] == "tusk-model" and metadata["format_version"] == "2", metadata
    assert metadata["model"] == "mf" and metadata["factors"] == "20", metadata
    # The checksum is over all of the file, with zeros in place of its digits.
    kind, digits = metadata["checksum"].split(":")
    content = pathlib.Path(path).read_bytes().replace(digits.encode(), b"0" * 16)
    assert kind == "xxh3-64" and digits == xxhash.xxh3_64_hexdigest(content), metadata["checksum"]
    assert tensors["user_factors"].shape == (40, 20), tensors["user_factors"].shape
    assert tensors["user_factors"].dtype == np.float32
    assert texts(tensors, "titles")[4] == "Film, 5 é"
    assert texts(tensors, "genres")[4] == "Drama"

    user_ids = texts(tensors, "user_ids") if users_are_text else list(tensors["user_ids"])
    for user_id, item_id in [(7, 3), (40, 30), (1, 2)]:
        user = user_ids.index(f"u{user_id}" if users_are_text else user_id)
        item = list(tensors["item_ids"]).index(item_id)
        rating = (
            tensors["mean"][0]
            + tensors["user_bias"][user]
            + tensors["item_bias"][item]
            + tensors["user_factors"][user] @ tensors["item_factors"][item]
        )
        rating = np.clip(rating, *tensors["scale"])
        (said,) = tusk("predict", path, "--user", f"{prefix}{user_id}", "--item", str(item_id))
        assert abs(rating - said["rating"]) < 1e-5, (rating, said)
        seen = tensors["seen_items"][
            tensors["seen_offsets"][user] : tensors["seen_offsets"][user + 1]
        ]
        assert (item in seen) == bool((user_id + item_id) % 3)


for users_are_text in (False, True):
    with tempfile.TemporaryDirectory() as name:
        check(pathlib.Path(name), users_are_text)
print("Python read the models and repeated their predictions")
