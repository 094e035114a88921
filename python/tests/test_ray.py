"""Lists and searches on a local cluster of Ray, with two workers."""

import csv
import json
import os
import signal
import threading
import time

import pytest

import tusk
from scale import bytes_of, lists_of_program, model_file, program, same  # noqa: F401

pyarrow = pytest.importorskip("pyarrow")
ray = pytest.importorskip("ray", reason="Ray is not installed; ./dev scale")
pytest.importorskip("ray.data")

import tusk.ray  # noqa: E402
from test_shards import run, write_all  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def cluster():
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()


def table_of(dataset):
    return pyarrow.concat_tables(ray.get(dataset.to_arrow_refs())).combine_chunks()


def test_lists_are_those_of_the_program(model_file, tmp_path):  # noqa: F811
    lists = tusk.ray.recommend(None, model_file, 5, min_ratings=3)
    same(table_of(lists), lists_of_program(model_file, tmp_path, "-k", "5", "--min-ratings", "3"))


def test_parts_have_the_bytes_of_one_process(model_file, tmp_path):  # noqa: F811
    lists = tusk.ray.recommend(None, model_file, 5, out=tmp_path / "ray", parts=4)
    write_all(run(tmp_path / "alone", model_file))
    assert bytes_of(tmp_path / "ray") == bytes_of(tmp_path / "alone")
    assert lists.count() == 60 * 5
    os.remove(tmp_path / "ray" / "part-00003-of-00004.parquet")
    kept = os.stat(tmp_path / "ray" / "part-00001-of-00004.parquet").st_ino
    tusk.ray.recommend(None, model_file, 5, out=tmp_path / "ray", parts=4)
    assert bytes_of(tmp_path / "ray") == bytes_of(tmp_path / "alone")
    assert os.stat(tmp_path / "ray" / "part-00001-of-00004.parquet").st_ino == kept


def test_a_data_set_of_users(model, tmp_path):
    users = ray.data.from_items([{"who": 100 + n, "other": "x"} for n in range(20)])
    table = table_of(tusk.ray.recommend(users, model, 3, column="who"))
    assert table["item"].to_pylist() == model.recommend(range(100, 120), 3).items.ravel().tolist()
    with pytest.raises(ValueError, match="no column"):
        tusk.ray.recommend(users, model, 3)
    with pytest.raises(tusk.InputError):
        tusk.ray.recommend([9], model, 3)


def test_batches_are_in_the_order_of_users():
    class SlowAtFirst:
        def __call__(self, batch):
            if batch["user"].to_pylist() == [0]:
                time.sleep(1)
            return batch

    blocks = [pyarrow.table({"user": [n]}) for n in range(10)]
    made = tusk.ray._by_actors(ray.data.from_arrow(blocks), SlowAtFirst, (), 1, 2, 1)
    assert table_of(made)["user"].to_pylist() == list(range(10))


def kill_an_actor(killed):
    """Kills the first worker that makes lists."""
    for _ in range(600):
        for name in os.listdir("/proc"):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if b"_WriteParts" in file.read():
                        killed.append(int(name))
                        os.kill(int(name), signal.SIGKILL)
                        return
            except (OSError, ValueError):
                continue
        time.sleep(0.05)


def test_a_worker_that_is_killed(model_file, tmp_path):  # noqa: F811
    killed = []
    thread = threading.Thread(target=kill_an_actor, args=(killed,))
    thread.start()
    tusk.ray.recommend(None, model_file, 5, out=tmp_path / "ray", parts=60)
    thread.join()
    assert killed
    write_all(run(tmp_path / "alone", model_file, parts=60))
    assert bytes_of(tmp_path / "ray") == bytes_of(tmp_path / "alone")


SPACE = {"factors": [2, 4], "learning_rate": [0.01, 0.02], "epochs": [3, 5]}


def state_of(path):
    """What a search is, and its trials, without the times."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    trials = [trial for line in lines[1:] for trial in line.get("trials", [])]
    return lines[0], sorted((json.dumps(trial, sort_keys=True) for trial in trials))


def test_a_search_is_that_of_one_machine(data, tmp_path):
    for model, options in (("mf", {"space": SPACE, "folds": 3}), ("item-knn", {"trials": 5, "folds": 2, "metric": "ndcg@5"})):
        ours, theirs = tmp_path / f"ray-{model}", tmp_path / f"alone-{model}"
        on_ray = tusk.ray.tune(model, data, state=str(ours), **options)
        alone = tusk.tune(model, data, state=str(theirs), **options)
        assert on_ray.table == alone.table
        assert on_ray.best_params_ == alone.best_params_
        assert state_of(ours) == state_of(theirs)
        # Each goes on from the other's state, with nothing left to train.
        before = ours.read_bytes()
        assert tusk.tune(model, data, state=str(ours), **options).table == alone.table
        assert ours.read_bytes() == before
        assert tusk.ray.tune(model, data, state=str(theirs), **options).table == alone.table


def test_a_search_goes_on_after_a_kill(data, tmp_path):
    whole = tmp_path / "whole"
    tusk.tune("mf", data, SPACE, folds=3, state=str(whole))
    lines = whole.read_text().splitlines(keepends=True)
    by_ray, alone = tmp_path / "ray", tmp_path / "alone"
    for cut in (by_ray, alone):  # in the middle of the second line
        cut.write_text("".join(lines[:2]) + lines[2][:30])
    table = tusk.tune("mf", data, SPACE, folds=3, state=str(alone)).table
    assert tusk.ray.tune("mf", data, SPACE, folds=3, state=str(by_ray)).table == table
    assert state_of(by_ray) == state_of(alone)
    assert tusk.tune("mf", data, SPACE, folds=3, state=str(whole)).table == table


def test_a_search_by_the_program(data, tmp_path):
    users, items, ratings, _ = data.to_arrays()
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\n" + "".join(f"{u},{i},{r:g}\n" for u, i, r in zip(users, items, ratings)))
    program("tune", path, "--grid", "factors=2,4", "--folds", "3", "--state", tmp_path / "program",
            "--table", tmp_path / "table.csv")
    found = tusk.ray.tune("mf", tusk.Dataset.read(path), {"factors": [2, 4]}, folds=3, state=str(tmp_path / "ray"))
    assert state_of(tmp_path / "ray") == state_of(tmp_path / "program")
    with open(tmp_path / "table.csv", newline="") as file:
        assert list(csv.reader(file)) == found.table


def test_a_budget_that_is_used_up(data):
    with pytest.raises(ValueError, match="budget"):
        tusk.ray.tune("mf", data, SPACE, folds=3, budget=1e-9)


def test_what_a_search_refuses(data):
    with pytest.raises(ValueError, match="halving"):
        tusk.ray.tune("mf", data, halving=True)
    with pytest.raises(ValueError, match="CPU"):
        tusk.ray.tune(tusk.MF(device="cuda"), data)
    with pytest.raises(ValueError, match="factor"):
        tusk.ray.tune("bias", data, {"factors": [1, 2]})
