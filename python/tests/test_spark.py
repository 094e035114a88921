"""Lists on Spark, with two local workers."""

import os
import shutil
import sys

import pytest

import tusk
from scale import bytes_of, lists_of_program, model_file, same  # noqa: F401

pyarrow = pytest.importorskip("pyarrow")
pytest.importorskip("pyspark", reason="Spark is not installed; ./dev scale")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Spark needs Java", allow_module_level=True)

from pyspark.sql import SparkSession  # noqa: E402

import tusk.spark  # noqa: E402
from test_shards import run, write_all  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def spark():
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false")
               .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate())
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def test_lists_are_those_of_the_program(model_file, tmp_path):  # noqa: F811
    table = tusk.spark.recommend(None, model_file, 5, genres="drama").toArrow()
    same(table, lists_of_program(model_file, tmp_path, "-k", "5", "--genre", "drama"))


def test_parts_have_the_bytes_of_one_process(model_file, tmp_path):  # noqa: F811
    lists = tusk.spark.recommend(None, model_file, 5, out=tmp_path / "spark", parts=4)
    write_all(run(tmp_path / "alone", model_file))
    assert bytes_of(tmp_path / "spark") == bytes_of(tmp_path / "alone")
    assert lists.count() == 60 * 5
    os.remove(tmp_path / "spark" / "part-00003-of-00004.parquet")
    tusk.spark.recommend(None, model_file, 5, out=tmp_path / "spark", parts=4)
    assert bytes_of(tmp_path / "spark") == bytes_of(tmp_path / "alone")


def test_a_frame_of_users(spark, model):
    users = spark.createDataFrame([(100 + n, "x") for n in range(20)], "who bigint, other string").coalesce(1)
    table = tusk.spark.recommend(users, model, 3, column="who").toArrow()
    assert table["item"].to_pylist() == model.recommend(range(100, 120), 3).items.ravel().tolist()
    with pytest.raises(ValueError, match="no column"):
        tusk.spark.recommend(users, model, 3)
    with pytest.raises(tusk.InputError):
        tusk.spark.recommend([9], model, 3)


def test_a_worker_that_is_killed(spark, model_file, tmp_path, monkeypatch):  # noqa: F811
    killed = tmp_path / "killed"
    parts = run(tmp_path / "spark", model_file)
    write = tusk.spark._writer(parts, parts.missing())

    def dies_once(batches):
        import signal

        for rows in write(batches):
            if not killed.exists():
                killed.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            yield rows

    monkeypatch.setattr(tusk.spark, "_writer", lambda run, numbers: dies_once)
    tusk.spark.recommend(None, model_file, 5, out=tmp_path / "spark", parts=4)
    assert killed.exists()
    write_all(run(tmp_path / "alone", model_file))
    assert bytes_of(tmp_path / "spark") == bytes_of(tmp_path / "alone")
