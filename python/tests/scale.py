"""What the tests of engines share: a model file, and what the program makes of it."""

import os
import subprocess

import numpy as np
import pytest

PROGRAM = os.environ.get("PROGRAM_UNDER_TEST")


def program(*arguments):
    if PROGRAM is None:
        pytest.skip("PROGRAM_UNDER_TEST names no program")
    done = subprocess.run([PROGRAM, *map(str, arguments), "--quiet"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lists_of_program(model, folder, *arguments):
    """The table of `recommend --all`, with the types that a folder of parts has."""
    import pyarrow
    from pyarrow import csv

    path = folder / f"program-{os.urandom(4).hex()}.tsv"
    program("recommend", model, "--all", "--raw-cells", "--out", path, *arguments)
    names = path.read_text().split("\n", 1)[0].split("\t")
    kinds = {"user": pyarrow.int64(), "item": pyarrow.int64(), "rank": pyarrow.int32()}
    types = {n: kinds.get(n, pyarrow.string() if n in ("title", "evidence") else pyarrow.float32()) for n in names}
    return csv.read_csv(path, parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
                        convert_options=csv.ConvertOptions(column_types=types))


def same(table, expected):
    """The same rows in the same order, floats to the bit."""
    assert table.column_names == expected.column_names
    for name in expected.column_names:
        ours, theirs = table[name].to_numpy(), expected[name].to_numpy()
        if ours.dtype == np.float32:
            ours, theirs = ours.view(np.int32), theirs.view(np.int32)
        assert np.array_equal(ours, theirs), name


def bytes_of(folder):
    """The files of a run by their names."""
    return {name: (folder / name).read_bytes() for name in sorted(os.listdir(folder))}


@pytest.fixture
def model_file(model, tmp_path):
    path = tmp_path / "model.safetensors"
    model.save(path)
    return path
