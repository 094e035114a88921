"""The program and the package are one engine: the same data and settings give the same model."""

import os
import subprocess

import numpy as np
import pytest

import tusk


@pytest.fixture
def program():
    return os.environ.get("PROGRAM_UNDER_TEST") or pytest.skip("PROGRAM_UNDER_TEST names no program")


def test_the_program_trains_the_same_model(program, arrays, tmp_path):
    columns = zip(*(column.tolist() for column in arrays))
    lines = ["userId,movieId,rating,timestamp", *(",".join(map(str, row)) for row in columns)]
    (tmp_path / "ratings.csv").write_text("\n".join(lines) + "\n")
    file = tmp_path / "theirs.safetensors"
    command = ["train", tmp_path / "ratings.csv", "--factors", "8", "--seed", "5", "--out", file, "--quiet"]
    subprocess.run([program, *command], check=True)
    theirs = tusk.load(file)
    ours = tusk.MF(factors=8, random_state=5).fit(tusk.Dataset.from_arrays(*arrays))
    assert theirs.get_params() == {**ours.get_params(), "random_state": 5}
    assert np.array_equal(theirs.user_factors_, ours.user_factors_)
    assert np.array_equal(theirs.recommend(k=5).scores, ours.recommend(k=5).scores)


def test_the_program_reads_a_model_of_python(program, model, tmp_path):
    model.save(tmp_path / "m.safetensors")
    command = [program, "recommend", tmp_path / "m.safetensors", "--user", "100", "-k", "3", "--quiet"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for entry in model.recommend([100], k=3)[0]:
        assert entry.title in text
