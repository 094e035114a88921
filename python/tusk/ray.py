"""Lists and searches on a Ray cluster; docs/scale.md."""

from __future__ import annotations

import json
from typing import Any, Callable

import numpy as np
import pyarrow
import ray
import ray.data

from . import _columns, _core
from .experiments import Search, SearchRequest
from .shards import USERS_OF_A_PART, ListTables, Parts


class _MakeLists:
    """An actor that holds the model."""

    def __init__(self, lists: ListTables, column: str) -> None:
        self._lists, self._column = lists, column

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        return self._lists.table(batch[self._column].to_pylist())


class _WriteParts:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        numbers = batch["part"].to_pylist()
        return pyarrow.table({"part": numbers, "rows": [self._parts.write(number) for number in numbers]})


def recommend(
    users: Any,
    model: Any,
    k: int = 10,
    *,
    out: Any = None,
    parts: int | None = None,
    workers: int | None = None,
    threads: int = 1,
    column: str = "user",
    on_unknown: str = "error",
    **options: Any,
) -> ray.data.Dataset:
    """Lists for many users, by actors that each hold the model.

    `users`: a data set of Ray with a column of ids, ids, or None for all with training ratings.
    `model`: the path of a model file that every node sees, or a fitted estimator. `out`: a folder
    that every node sees, for the lists in `parts` Parquet files; a second run writes those that are
    missing. Without it lists are made when the data set is read. `workers` actors of so many
    `threads` each; by default as many as the cluster has CPUs for. `options` are those of
    :meth:`tusk.Recommender.recommend`.
    """
    lists = ListTables(model, k, threads, on_unknown, options)
    is_dataset = isinstance(users, ray.data.Dataset)
    if is_dataset:
        _check_column(users, column)
    if out is not None:
        ids = [row[column] for row in users.select_columns([column]).iter_rows()] if is_dataset else users
        run = Parts(out, lists, ids, parts)
        numbers = run.missing()
        if numbers:
            rows = ray.data.from_items([{"part": number} for number in numbers])
            _by_actors(rows, _WriteParts, (run,), 1, workers, threads).take_all()
        return ray.data.read_parquet(run.paths())
    if not is_dataset:
        ids = lists.known_users() if users is None else lists.ids(users)
        if users is not None:
            lists.check_users(ids)
        blocks = [pyarrow.table({column: ids[at : at + USERS_OF_A_PART]}) for at in range(0, max(len(ids), 1), USERS_OF_A_PART)]
        users = ray.data.from_arrow(blocks)
    return _by_actors(users, _MakeLists, (lists, column), USERS_OF_A_PART, workers, threads, is_dataset)


def _check_column(users: ray.data.Dataset, column: str) -> None:
    names = users.columns() or []
    if column not in names:
        raise ValueError(f"there is no column {column!r} of users; there are {names}")


def _by_actors(
    rows: ray.data.Dataset, kind: type, arguments: tuple, batch: int, workers: int | None, threads: int,
    has_sources: bool = False,
) -> ray.data.Dataset:
    cpus = max(_columns.threads(threads), 1)
    most = workers or max(1, int(ray.cluster_resources().get("CPU", 1)) // cpus)
    # What comes from elsewhere needs CPUs, too: then actors are started as there are CPUs.
    pool = {"min_size": 1, "max_size": most} if has_sources else {"size": most}
    rows.context.execution_options.preserve_order = True
    return rows.map_batches(
        kind,
        fn_constructor_args=arguments,
        batch_size=batch,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(**pool),
        num_cpus=cpus,
    )


# The search that this process has trained trials of last.
_requests: dict[str, SearchRequest] = {}


@ray.remote
def _train(request: list, numbers: list[int], threads: int) -> tuple[str, list[str]]:
    (reference,) = request  # in a list, so that a process fetches it once
    if reference.hex() not in _requests:
        _requests.clear()
        _requests[reference.hex()] = ray.get(reference)
    return _requests[reference.hex()].train(numbers, threads)


def tune(model: Any, data: Any, space: Any = None, *, threads: int = 1, **options: Any) -> Search:
    """:func:`tusk.tune` with the trials as tasks of Ray, of so many `threads` each: the same
    trials, table and state file, on the CPU. The best setting is trained here."""
    request = SearchRequest(model, data, space, **options)
    if request.halving:
        raise ValueError("halving trains all trials together; it is for tusk.tune()")
    if request.estimator._device not in ("auto", "cpu"):
        raise ValueError("trials on Ray are trained on the CPU, where they do not depend on each other: device='cpu'")
    request.estimator.set_params(device="cpu")
    cpus = max(_columns.threads(threads), 1)

    def run(left: list[tuple[int, dict]], take: Callable[[list[str]], None], stops: Callable[[], bool]) -> None:
        if not left:
            return
        reference = ray.put(request)
        waiting = {_train.options(num_cpus=cpus).remote([reference], numbers, cpus) for numbers in _together(left)}
        devices = {_core.cpu_identity()}
        try:
            while waiting and not stops():
                ended, _ = ray.wait(list(waiting), timeout=0.5)
                for task in ended:
                    device, trials = ray.get(task)
                    devices.add(device)
                    if len(devices) > 1:
                        raise _core.DeviceError(f"the nodes' processors train different models: {sorted(devices)}")
                    take(trials)
                    waiting.remove(task)
        finally:
            for task in waiting:
                ray.cancel(task)

    return request.run(run)


def _together(left: list[tuple[int, dict]]) -> list[list[int]]:
    """Trials that are one training watched at several points: they differ in these alone."""
    groups: dict[str, list[int]] = {}
    for number, settings in left:
        own = {name: value for name, value in settings.items()
               if name not in ("epochs", "rank-by", "support-prior", "risk")}
        groups.setdefault(json.dumps(own, sort_keys=True), []).append(number)
    return list(groups.values())
