"""Ratings: from arrays, tables and files, and back to arrays."""

from __future__ import annotations

import os
import tempfile
import warnings
from typing import Any, Iterator, Mapping, Sequence

import numpy as np

from . import _columns, _core


class Split:
    """A division of a data set's ratings: `train, test = data.split("random:0.2")`.

    Rows are numbers of ratings in the order of :meth:`Dataset.to_arrays`.
    """

    def __init__(self, partition: _core.Partition) -> None:
        self._partition = partition
        self.description = partition.description

    @property
    def train(self) -> np.ndarray:
        return self._partition.train_rows()

    @property
    def test(self) -> np.ndarray:
        return self._partition.test_rows()

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter((self.train, self.test))

    def __repr__(self) -> str:
        return f"Split({self.description!r})"


class Folds(Sequence):
    """The folds of a cross-validation: pairs of rows to train on and rows to test on, which
    scikit-learn takes as `cv`."""

    def __init__(self, partition: _core.Partition) -> None:
        self._partition = partition
        self.description = partition.description

    def __len__(self) -> int:
        return self._partition.fold_count

    def __getitem__(self, fold: int) -> tuple[np.ndarray, np.ndarray]:
        if fold < 0:
            fold += len(self)
        return self._partition.train_rows_of(fold), self._partition.test_rows_of(fold)

    @property
    def test(self) -> np.ndarray:
        """The rows that are set aside."""
        return self._partition.test_rows()

    def __repr__(self) -> str:
        return f"Folds({self.description!r})"


class Dataset:
    """Ratings of items by users. It never changes.

    Ids are whole numbers or texts. Ratings are kept by user and then by item, in rising order of
    ids.
    """

    def __init__(self, core: _core.Dataset) -> None:
        if not isinstance(core, _core.Dataset):
            raise TypeError(
                "a data set is made by Dataset.read(), from_arrays(), from_pandas(), from_arrow() or "
                "from_scipy()"
            )
        self._core = core

    @classmethod
    def read(cls, path: str | os.PathLike, **options: Any) -> Dataset:
        """Reads a file, folder or archive, as `tusk` does (docs/data.md).

        Options: `delimiter`, `columns` (names or numbers from 1), `header`, `on_bad` ("error" or
        "skip"), `on_duplicate` ("latest", "last", "mean", "sum", "error"), `scale` ("1:5"),
        `implicit`, `encoding`, `titles` (a file), `title_columns`.
        """
        if "columns" in options and options["columns"] is not None:
            options["columns"] = [str(column) for column in options["columns"]]
        if "titles" in options and options["titles"] is not None:
            options["titles"] = os.fspath(options["titles"])
        data = cls(_core.Dataset.read(_columns.existing(path), options))
        for is_warning, text in data._core.remarks():
            if is_warning:
                warnings.warn(text, stacklevel=2)
        return data

    @classmethod
    def from_arrays(
        cls,
        users: Any,
        items: Any,
        ratings: Any = None,
        timestamps: Any = None,
        titles: Any = None,
        genres: Any = None,
        *,
        implicit: bool | None = None,
        scale: tuple[float, float] | None = None,
        on_bad: str = "error",
        on_duplicate: str | None = None,
        n_jobs: int | None = None,
    ) -> Dataset:
        """Rating k is that of `items[k]` by `users[k]`.

        Arrays of int64 (ids, timestamps in seconds) and float32 (ratings) are read in place;
        others are converted first. Without ratings every row is a choice of weight 1. `titles` and
        `genres` ("Action|Comedy") are one text a row, or a mapping from ids of items.
        """
        user_ids = _columns.ids(users, "user")
        item_ids = _columns.ids(items, "item")
        options = {
            "implicit": ratings is None if implicit is None else bool(implicit),
            "on_bad": on_bad,
            "on_duplicate": on_duplicate,
            "scale": None if scale is None else _scale_text(scale),
            "threads": _columns.threads(n_jobs),
        }
        core = _core.Dataset.from_arrays(
            user_ids,
            item_ids,
            _columns.ratings(ratings, len(user_ids)),
            _columns.timestamps(timestamps),
            options,
        )
        for texts, put in ((titles, core.set_titles), (genres, core.set_genres)):
            if texts is not None:
                put(*_texts_by_id(texts, item_ids))
        return cls(core)

    @classmethod
    def from_pandas(cls, table: Any, **options: Any) -> Dataset:
        """A DataFrame. Columns are recognised by their names ("userId", "movie_id", "rating", ...)
        or named by `user`, `item`, `rating`, `timestamp`, `title`, `genres`."""
        chosen = _choose([str(name) for name in table.columns], options)
        columns = {name: table[name].to_numpy() for name in chosen.values()}
        return cls._from_columns(chosen, columns, options)

    @classmethod
    def from_arrow(cls, table: Any, **options: Any) -> Dataset:
        """Any table with the Arrow PyCapsule interface: of pyarrow, polars, duckdb, pandas. Columns
        as of :meth:`from_pandas`."""
        chosen: dict[str, str] = {}

        def choose(names: list[str]) -> list[str]:
            chosen.update(_choose(names, options))
            return list(chosen.values())

        return cls._from_columns(chosen, _core.arrow_columns(table, choose), options)

    @classmethod
    def from_polars(cls, table: Any, **options: Any) -> Dataset:
        """A DataFrame of polars; see :meth:`from_arrow`."""
        return cls.from_arrow(table, **options)

    @classmethod
    def _from_columns(cls, chosen: Mapping[str, str], columns: Mapping[str, Any], options: dict) -> Dataset:
        column = {field: columns[name] for field, name in chosen.items()}
        return cls.from_arrays(*(column.get(field) for field in _FIELDS), **options)

    @classmethod
    def from_scipy(
        cls, matrix: Any, *, users: Any = None, items: Any = None, **options: Any
    ) -> Dataset:
        """A sparse matrix of users x items. `users` and `items` are the ids of rows and columns, by
        default their numbers. Stored zeros are ratings. With `implicit=True` values are weights of
        choices, as the package `implicit` takes them."""
        coo = matrix.tocoo()
        rows, columns = coo.row, coo.col
        user_ids = rows if users is None else _take(users, rows)
        item_ids = columns if items is None else _take(items, columns)
        return cls.from_arrays(user_ids, item_ids, coo.data, **options)

    # What is there.

    @property
    def user_ids(self) -> np.ndarray:
        """Ids of users in rising order."""
        return _id_array(self._core.user_ids)

    @property
    def item_ids(self) -> np.ndarray:
        return _id_array(self._core.item_ids)

    @property
    def n_users(self) -> int:
        return len(self._core.user_ids)

    @property
    def n_items(self) -> int:
        return len(self._core.item_ids)

    @property
    def n_ratings(self) -> int:
        return len(self._core.ratings)

    def __len__(self) -> int:
        return self.n_ratings

    @property
    def ratings(self) -> np.ndarray:
        """A view of the engine's memory."""
        return self._core.ratings

    @property
    def timestamps(self) -> np.ndarray | None:
        return self._core.timestamps

    @property
    def scale(self) -> tuple[float, float]:
        return self._core.scale

    @property
    def titles(self) -> list[str]:
        """Of each item, "" where none is known."""
        return self._core.titles

    @property
    def genres(self) -> list[str]:
        return self._core.genres

    def to_arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
        """Ids of users, ids of items, ratings and timestamps, row by row."""
        users = self.user_ids[self._core.user_rows()]
        return users, self.item_ids[self._core.items], self.ratings, self.timestamps

    def to_pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """X and y as scikit-learn has them: [rows, 2] of users and items, and ratings."""
        users, items, ratings, _ = self.to_arrays()
        return np.column_stack([users, items]), ratings

    def to_scipy(self) -> Any:
        """A CSR matrix of users x items."""
        from scipy.sparse import csr_matrix

        shape = (self.n_users, self.n_items)
        return csr_matrix((self.ratings, self._core.items, self._core.offsets), shape=shape)

    def to_pandas(self) -> Any:
        import pandas

        users, items, ratings, timestamps = self.to_arrays()
        table = pandas.DataFrame({"user": users, "item": items, "rating": ratings})
        if timestamps is not None:
            known = np.where(timestamps == _core.NO_TIME, np.iinfo(np.int64).min, timestamps)
            table["timestamp"] = known.astype("datetime64[s]")
        return table

    def stats(self) -> dict:
        """What `tusk data stats --json` tells."""
        return self._core.stats()

    # Divisions.

    def split(self, spec: str | float = 0.2, random_state: Any = None) -> Split:
        """`"random:0.2"` (or 0.2), `"time:0.2"`, `"last:1"`, `"official:1"`, ...; see
        docs/commands.md."""
        if isinstance(spec, (int, float, np.number)):
            spec = f"random:{spec}"
        return Split(self._core.split(spec, _columns.seed(random_state)))

    def folds(
        self, spec: int | str = 5, *, test_size: float | None = None, random_state: Any = None
    ) -> Folds:
        """A number of folds, `"official"`, `"time:0.2"` or `"users:N"`. `test_size` sets a part
        aside first."""
        return Folds(self._core.folds(str(spec), test_size, _columns.seed(random_state)))

    def partition(self, rows: Any) -> _core.Partition:
        """What trains on these rows: a Split, numbers or a mask."""
        if isinstance(rows, Split):
            return rows._partition
        array = np.asarray(rows)
        if array.dtype == bool:
            if len(array) != len(self):
                raise ValueError(f"a mask of {len(array)} for {len(self)} ratings")
            array = np.flatnonzero(array)
        elif array.size and array.dtype.kind not in "iu":
            raise TypeError(f"rows must be a Split, whole numbers or a mask, not {array.dtype}")
        return _core.Partition.of_rows(len(self), np.ascontiguousarray(array, dtype=np.int64))

    def __repr__(self) -> str:
        return (
            f"Dataset({self.n_ratings:,} ratings of {self.n_items:,} items by "
            f"{self.n_users:,} users, {self.scale[0]:g} .. {self.scale[1]:g})"
        )

    # Pickled as arrays.
    def __reduce__(self) -> Any:
        users, items, ratings, timestamps = self.to_arrays()
        ids = self.item_ids
        state = (users, items, ratings, timestamps, dict(zip(ids, self.titles)),
                 dict(zip(ids, self.genres)), self._core.implicit, self.scale)
        return _rebuild, state


# Of a table, in the order of from_arrays().
_FIELDS = ("user", "item", "rating", "timestamp", "title", "genres")


def _choose(names: list[str], options: dict) -> dict[str, str]:
    """Which column is which field: named by `options`, from which these are taken out, or known."""
    found = _core.find_columns(names, bool(options.get("implicit")))
    known = {field: names[place] for field, place in zip(_FIELDS, found) if place >= 0}
    known.update({field: field for field in _FIELDS[4:] if field in names})
    chosen = {}
    for field in _FIELDS:
        name = options.pop(field, known.get(field))
        if name is None:
            if field in ("user", "item"):
                raise ValueError(f"none of the columns {names} is known as that of {field}s: say {field}=")
            continue
        if name not in names:
            raise ValueError(f"there is no column {name!r}; there are {names}")
        chosen[field] = name
    return chosen


def _scale_text(scale: Any) -> str:
    if not isinstance(scale, (tuple, list)) or len(scale) != 2:
        raise ValueError(f"scale is {scale!r}; it must be the lowest and the highest rating, such as (1, 5)")
    return f"{scale[0]}:{scale[1]}"


def _rebuild(users, items, ratings, timestamps, titles, genres, implicit, scale) -> Dataset:  # type: ignore[no-untyped-def]
    return Dataset.from_arrays(
        users, items, ratings, timestamps, titles, genres, implicit=implicit,
        scale=scale if scale[0] < scale[1] and not implicit else None,
    )


def _id_array(ids: Any) -> np.ndarray:
    return ids if isinstance(ids, np.ndarray) else np.array(ids, dtype=object)


def _take(ids: Any, places: np.ndarray) -> np.ndarray:
    return np.asarray(ids if isinstance(ids, np.ndarray) else np.array(list(ids), dtype=object))[places]


def _texts_by_id(texts: Any, item_ids: Any) -> tuple[Any, list[str]]:
    """Ids and a text for each, of a mapping or of a text a row."""
    if isinstance(texts, Mapping):
        return _columns.ids(list(texts), "item"), [str(text) for text in texts.values()]
    texts = list(texts)
    if len(texts) != len(item_ids):
        raise ValueError(f"{len(texts)} titles or genres for {len(item_ids)} rows")
    return item_ids, ["" if text is None or text != text else str(text) for text in texts]


def synthetic(like: str = "ml-100k", random_state: Any = None) -> Dataset:
    """A synthetic twin of `ml-100k`, `ml-1m`, `ml-10m`, `ml-25m` or `netflix`: the same counts, a
    planted model. Its titles mean nothing."""
    with tempfile.TemporaryDirectory() as folder:
        _core.write_synthetic(like, _columns.seed(random_state), folder)
        return Dataset.read(folder)
