"""Columns of ids, ratings and times as the engine takes them."""

from __future__ import annotations

import errno
import operator
import os
from typing import Any, Union

import numpy as np

from . import _core

Ids = Union[np.ndarray, list]


def ids(values: Any, what: str) -> Ids:
    """Whole numbers as an array of int64, which is `values` itself where it is one; else texts."""
    if isinstance(values, (list, tuple)) and any(isinstance(v, (str, bytes)) for v in values):
        return _objects(list(values), what)  # NumPy would make a text of a missing value
    array = np.asarray(values)
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim != 1:
        raise ValueError(f"{what} must have one dimension, not {array.ndim}")
    if array.dtype.kind in "iu":
        if array.dtype == np.uint64:
            _check_range(array, what)
        return np.ascontiguousarray(array, dtype=np.int64)
    if array.dtype.kind == "f":
        return _whole(array, what)
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind in "OUST":
        return _objects(array.tolist(), what)
    raise TypeError(f"{what} must be whole numbers or texts, not {array.dtype}")


def _bad(row: int, what: str, found: Any, expected: str = "a whole number or a text") -> Exception:
    return _core.InputError(f"row {row}: found {what} {found}, expected {expected}")


def _check_range(array: np.ndarray, what: str) -> None:
    """All whole numbers of the array must be int64."""
    bad = np.flatnonzero((array >= 2**63) | (array < -(2**63)))
    if bad.size:
        raise _bad(bad[0], what, array[bad[0]], "a whole number of 64 bits")


def _whole(array: np.ndarray, what: str) -> np.ndarray:
    bad = np.flatnonzero(~np.isfinite(array) | (array != np.floor(array)))
    if bad.size:
        raise _bad(bad[0], what, array[bad[0]])
    _check_range(array, what)
    return array.astype(np.int64)


def _objects(values: list, what: str) -> Ids:
    """Ids that are all whole numbers are numbers; else all are texts."""
    if all(isinstance(value, (int, np.integer)) for value in values):
        array = np.array(values, dtype=object)
        _check_range(array, what)
        return array.astype(np.int64)
    texts = []
    for row, value in enumerate(values):
        if isinstance(value, bytes):
            value = value.decode(errors="replace")
        elif isinstance(value, (int, np.integer)):
            value = str(value)
        elif not isinstance(value, str):
            raise _bad(row, what, repr(value))
        texts.append(value)
    return texts


def ratings(values: Any, count: int) -> np.ndarray:
    """An array of float32, which is `values` itself where it is one; ones for None."""
    if values is None:
        return np.ones(count, dtype=np.float32)
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f"ratings must have one dimension, not {array.ndim}")
    if array.dtype.kind == "O":
        array = array.astype(np.float64)
    if array.dtype.kind not in "iufb":
        raise TypeError(f"ratings must be numbers, not {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.float32)


def timestamps(values: Any) -> np.ndarray | None:
    """Seconds since 1970 as int64; of dates and missing numbers, too."""
    if values is None:
        return None
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"timestamps must have one dimension, not {array.ndim}")
    if array.dtype.kind == "M":
        seconds = array.astype("datetime64[s]").astype(np.int64)
        return np.where(np.isnat(array), _core.NO_TIME, seconds)
    if array.dtype.kind == "f":
        missing = np.isnan(array)
        known = np.where(missing, 0, array)
        _check_range(known, "timestamp")
        return np.where(missing, _core.NO_TIME, known.astype(np.int64))
    if array.dtype.kind == "O":
        return timestamps(array.astype(np.float64))  # None is NaN
    if array.dtype.kind not in "iu":
        raise TypeError(f"timestamps must be seconds or dates, not {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.int64)


def times_of(values: Any, count: int) -> np.ndarray | None:
    """A time of each of so many pairs, of which one goes with all."""
    if values is None:
        return None
    array = timestamps(np.atleast_1d(values))
    if len(array) == 1:
        array = np.repeat(array, count)
    if len(array) != count:
        raise ValueError(f"{len(array)} times and {count} pairs do not match")
    return array


def seed(random_state: Any) -> int:
    """The engine's seed: 1 for None, because a run of Tusk can be repeated unless it is told
    otherwise."""
    if random_state is None:
        return 1
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**32))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31))
    try:
        value = operator.index(random_state)
    except TypeError:
        raise TypeError(f"random_state is {random_state!r}; it must be a whole number") from None
    if not 0 <= value < 2**64:
        raise ValueError(f"random_state is {value}; it must be a whole number from 0 to 2^64 - 1")
    return value


def threads(n_jobs: int | None) -> int:
    """0, which takes all, for None and -1."""
    if n_jobs is None or n_jobs == -1:
        return 0
    if not isinstance(n_jobs, (int, np.integer)) or not 1 <= n_jobs < 2**31:
        raise ValueError(f"n_jobs is {n_jobs!r}; it must be a number of threads, or -1 for all")
    return int(n_jobs)


def existing(path: Any) -> str:
    """A path of something that is there."""
    text = os.fspath(path)
    if not os.path.exists(text):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), text)
    return text
