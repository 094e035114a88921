"""Lists on a Spark cluster; docs/scale.md."""

from __future__ import annotations

from typing import Any, Iterator

import pyarrow
from pyspark.sql import DataFrame, SparkSession

from .shards import ListTables, Parts

_TYPES = {"int64": "bigint", "int32": "int", "float": "float", "string": "string"}


def recommend(
    users: Any,
    model: Any,
    k: int = 10,
    *,
    out: Any = None,
    parts: int | None = None,
    threads: int = 1,
    column: str = "user",
    on_unknown: str = "error",
    **options: Any,
) -> DataFrame:
    """Lists for many users, by Python workers that each hold the model.

    `users`: a DataFrame of Spark with a column of ids, ids, or None for all with training ratings.
    `out`: a folder that every node sees, for the lists in `parts` Parquet files; a second run
    writes those that are missing. Without it lists are made when the DataFrame is read. What else
    there is is as of :func:`tusk.ray.recommend`; `threads` should be `spark.task.cpus`.
    """
    lists = ListTables(model, k, threads, on_unknown, options)
    is_frame = hasattr(users, "mapInArrow")
    if is_frame and column not in users.columns:
        raise ValueError(f"there is no column {column!r} of users; there are {users.columns}")
    if out is not None:
        ids = [row[0] for row in users.select(column).collect()] if is_frame else users
        run = Parts(out, lists, ids, parts)
        spark = users.sparkSession if is_frame else SparkSession.builder.getOrCreate()
        numbers = run.missing()
        if numbers:
            rows = spark.range(0, len(numbers), 1, len(numbers))
            rows.mapInArrow(_writer(run, numbers), "part int, rows bigint").collect()
        return spark.read.schema(_ddl(lists.schema)).parquet(*run.paths())
    if not is_frame:
        ids = lists.known_users() if users is None else lists.ids(users)
        if users is not None:
            lists.check_users(ids)
        users = SparkSession.builder.getOrCreate().createDataFrame(pyarrow.table({column: ids}))

    def make(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        for batch in batches:
            yield from lists.table(batch.column(0).to_pylist()).to_batches()

    return users.select(column).mapInArrow(make, _ddl(lists.schema))


def _writer(run: Parts, numbers: list[int]) -> Any:
    def write(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        for batch in batches:
            for place in batch.column(0).to_pylist():
                rows = run.write(numbers[place])
                yield pyarrow.RecordBatch.from_arrays(
                    [pyarrow.array([numbers[place]], pyarrow.int32()), pyarrow.array([rows], pyarrow.int64())],
                    ["part", "rows"],
                )

    return write


def _ddl(schema: pyarrow.Schema) -> str:
    return ", ".join(f"{field.name} {_TYPES[str(field.type)]}" for field in schema)
