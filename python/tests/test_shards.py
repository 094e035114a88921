"""Parts of lists: their bytes, what a second run does, and what is refused. No engine is needed."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tusk
from scale import bytes_of, lists_of_program, model_file, program, same  # noqa: F401

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
shards = pytest.importorskip("tusk.shards")


def run(folder, model, k=5, users=None, parts=4, on_unknown="error", **options):
    lists = shards.ListTables(model, k, 1, on_unknown, options)
    return shards.Parts(folder, lists, users, parts)


def write_all(parts):
    for number in parts.missing():
        parts.write(number)


OPTIONS = [
    ({}, []),
    ({"min_ratings": 20}, ["--min-ratings", "20"]),
    ({"genres": "drama", "exclude_seen": False}, ["--genre", "drama", "--include-seen"]),
    ({"support_prior": "10:3"}, ["--support-prior", "10:3"]),
    ({"diversity": 0.5}, ["--diversity", "0.5"]),
]


@pytest.mark.parametrize("options,flags", OPTIONS)
def test_lists_are_those_of_the_program(model_file, tmp_path, options, flags):  # noqa: F811
    parts = run(tmp_path / "lists", model_file, **options)
    write_all(parts)
    same(pyarrow.concat_tables(map(parquet.read_table, parts.paths())),
         lists_of_program(model_file, tmp_path, "-k", "5", *flags))


def test_a_part_is_the_shard_of_the_program_to_the_byte(model_file, tmp_path):  # noqa: F811
    parts = run(tmp_path / "lists", model_file, parts=7)
    write_all(parts)
    whole = lists_of_program(model_file, tmp_path, "-k", "5")
    at = 0
    for number, path in enumerate(parts.paths(), 1):
        shard = program("recommend", model_file, "--all", "-k", "5", "--json", "--shard", f"{number}/7")
        rows = shard.count('"event":"recommendation"')
        parquet.write_table(whole.slice(at, rows).cast(parts.lists.schema).combine_chunks(), tmp_path / "by-program.parquet")
        assert (tmp_path / "by-program.parquet").read_bytes() == open(path, "rb").read()
        at += rows
    assert at == whole.num_rows


def test_deviations_and_risk(data, tmp_path):
    path = tmp_path / "bayes.safetensors"
    tusk.BayesianMF(factors=4, n_jobs=1).fit(data).save(path)
    parts = run(tmp_path / "lists", path, risk=-0.5)
    write_all(parts)
    same(pyarrow.concat_tables(map(parquet.read_table, parts.paths())),
         lists_of_program(path, tmp_path, "-k", "5", "--risk", "-0.5"))


def test_a_second_run_writes_what_is_missing(model_file, tmp_path):  # noqa: F811
    folder = tmp_path / "lists"
    parts = run(folder, model_file)
    write_all(parts)
    before = bytes_of(folder)
    kept = os.stat(parts.path(1)).st_ino
    os.remove(parts.path(2))
    with open(parts.path(3), "r+b") as file:  # as a copy that was cut leaves it
        file.truncate(100)
    (folder / f".{os.path.basename(parts.path(2))}.1-killed").write_bytes(b"half")
    again = run(folder, model_file, parts=4)
    assert again.missing() == [2, 3]
    write_all(again)
    assert bytes_of(folder) == before
    assert os.stat(parts.path(1)).st_ino == kept
    assert again.missing() == []


def test_another_run_is_refused(model_file, data, tmp_path):  # noqa: F811
    folder = tmp_path / "lists"
    run(folder, model_file)
    for other in ({"k": 6}, {"parts": 5}, {"users": [100, 101]}, {"min_ratings": 2}, {"excluded_items": [10]}):
        with pytest.raises(ValueError, match="another run"):
            run(folder, model_file, **other)
    other_model = tusk.MF(factors=8, epochs=1, n_jobs=1, random_state=2).fit(data)
    with pytest.raises(ValueError, match="model is"):
        run(folder, other_model)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "part-0.parquet").write_bytes(b"")
    with pytest.raises(FileExistsError):
        run(tmp_path / "mine", model_file)


def test_chosen_and_unknown_users(model_file, model, tmp_path):  # noqa: F811
    users = [103, 101, 103]
    parts = run(tmp_path / "some", model_file, users=users, parts=5)  # more parts than users
    write_all(parts)
    table = pyarrow.concat_tables(map(parquet.read_table, parts.paths()))
    assert table["user"].to_pylist() == np.repeat(users, 5).tolist()
    assert table["item"].to_pylist() == model.recommend(users, 5).items.ravel().tolist()
    with pytest.raises(tusk.InputError, match="user 9"):
        run(tmp_path / "unknown", model_file, users=[101, 9])
    parts = run(tmp_path / "popular", model_file, users=[101, 9], parts=1, on_unknown="popular")
    write_all(parts)
    assert parquet.read_table(parts.path(1))["user"].to_pylist()[-1] == 9
    parts = run(tmp_path / "nobody", model_file, users=[], parts=2)
    write_all(parts)
    assert parquet.read_table(parts.path(2)).num_rows == 0
    with pytest.raises(tusk.InputError, match="texts"):
        run(tmp_path / "texts", model_file, users=["a"])


@pytest.mark.parametrize("options", [{"genres": "none such"}, {"min_ratings": 10**6}, {"colour": 1}, {"reasons": 1},
                                     {"k": 0}, {"risk": 3}, {"diversity": 2.0}])
def test_bad_options_are_refused_first(model_file, tmp_path, options):  # noqa: F811
    with pytest.raises((tusk.Error, ValueError, TypeError)):
        run(tmp_path / "lists", model_file, **options)
    assert not (tmp_path / "lists").exists()
    with pytest.raises(FileNotFoundError):
        run(tmp_path / "lists", tmp_path / "none.safetensors")


def test_texts_and_models_that_only_rank(tmp_path):
    data = tusk.Dataset.from_arrays(["a", "b", "b", "c"], ["x", "y", "x", "z"])
    parts = run(tmp_path / "lists", tusk.EASE(n_jobs=1).fit(data), k=2, parts=2)
    write_all(parts)
    table = pyarrow.concat_tables(map(parquet.read_table, parts.paths()))
    assert "rating" not in table.column_names and table["user"].to_pylist()[0] == "a"


def test_the_package_imports_no_engine():
    code = "import sys, tusk; sys.exit(str({'ray', 'pyspark', 'pyarrow'} & set(sys.modules) or ''))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == ""


def test_two_workers_write_a_part_at_a_time(tmp_path):
    path = str(tmp_path / "part")
    with shards._placed(path) as slow:
        open(slow, "w").write("rows")
        with shards._placed(path) as fast:
            open(fast, "w").write("rows")
    assert os.listdir(tmp_path) == ["part"] and open(path).read() == "rows"
