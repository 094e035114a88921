"""Lists for many users in parts, whatever engine makes them: the rows of a part, the files that
parts are kept in, and what is left to do."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import operator
import os
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet

from . import _columns, _core
from .base import Recommender, load
from .data import _id_array
from .lists import EVIDENCE

#: Users of a part where nothing else is asked for, up to so many parts.
USERS_OF_A_PART, MOST_PARTS = 8192, 1000

# What a folder of parts holds. Engines that read the folder pass over a name that begins so.
_NOTE = "_lists.json"

# The model that this process has opened last, and which it is.
_opened: dict[tuple, Recommender] = {}


class ListTables:
    """Makes tables of lists. It is pickled without the model: each process that makes tables opens
    the file once.

    `model` is the path of a model file, which every worker must see under this name, or a fitted
    estimator, which is sent to each. The constructor checks the options with the list of a user.
    """

    def __init__(self, model: Any, k: int, threads: int, on_unknown: str, options: dict) -> None:
        if options.get("reasons"):
            raise ValueError("reasons have no column in a table of lists")
        self._threads = _columns.threads(threads)
        self._model = model if isinstance(model, Recommender) else os.path.abspath(_columns.existing(model))
        self.k, self.on_unknown, self.options = operator.index(k), on_unknown, options
        opened = self._open(check=False)
        self._metadata = opened.metadata_
        some = opened._fitted().known_users()[:1]
        lists = opened.recommend(opened.user_ids_[some], self.k, on_unknown=on_unknown, **options)
        self.has_ratings = opened._fitted().predicts_ratings
        nobody = np.full(1, -1, dtype=np.int32)
        self.has_deviations = opened._fitted().deviations(nobody, nobody, None) is not None
        self.schema = self._schema(opened)
        self._rows(opened, lists)

    def _open(self, check: bool = True) -> Recommender:
        if isinstance(self._model, Recommender):
            return self._model
        now = os.stat(self._model)
        key = (self._model, now.st_mtime_ns, now.st_size, self._threads)
        if key not in _opened:
            _opened.clear()
            _opened[key] = load(self._model, device="cpu", n_jobs=self._threads or None)
        if check and _opened[key].metadata_ != self._metadata:
            raise _core.FormatError(f"{self._model} is another model than where the run was started")
        return _opened[key]

    def _schema(self, opened: Recommender) -> pyarrow.Schema:
        def kind(ids: np.ndarray) -> pyarrow.DataType:
            return pyarrow.string() if ids.dtype == object else pyarrow.int64()

        fields = [("user", kind(opened.user_ids_)), ("rank", pyarrow.int32()),
                  ("item", kind(opened.item_ids_)), ("score", pyarrow.float32())]
        if self.has_ratings:
            fields.append(("rating", pyarrow.float32()))
        if self.has_deviations:
            fields.append(("deviation", pyarrow.float32()))
        return pyarrow.schema([*fields, ("title", pyarrow.string()), ("evidence", pyarrow.string())])

    def model_digest(self) -> str:
        """Tells the model from others."""
        whole = json.dumps(sorted(self._open().metadata_.items())).encode()
        return hashlib.sha256(whole).hexdigest()

    def known_users(self) -> np.ndarray:
        """Ids of the users with training ratings, in order: those of `--all`."""
        opened = self._open()
        return opened.user_ids_[opened._fitted().known_users()]

    def ids(self, users: Any) -> np.ndarray:
        """Ids of users, as the model has them."""
        found = _id_array(_columns.ids(users, "user"))
        is_text = pyarrow.types.is_string(self.schema.field("user").type)
        if is_text == (found.dtype == object) or len(found) == 0:
            return found
        if is_text:
            return np.array([str(user) for user in found.tolist()], dtype=object)
        raise _core.InputError(f"users are texts, such as {found[0]!r}, and those of the model are whole numbers")

    def check_users(self, users: np.ndarray) -> None:
        """What recommend() says of ids that the model does not know, before any list is made."""
        opened = self._open()
        marks = opened._keep("has_ratings", opened._mark_known)
        unknown = np.flatnonzero(~marks[opened._users(users)])
        if unknown.size:
            opened.recommend(users[unknown[:1]], self.k, on_unknown=self.on_unknown, **self.options)

    def table(self, users: Any) -> pyarrow.Table:
        """The lists of these users, in their order: a row for each place."""
        opened = self._open()
        lists = opened.recommend(self.ids(users), self.k, on_unknown=self.on_unknown, **self.options)
        return self._rows(opened, lists)

    def _rows(self, opened: Recommender, lists: Any) -> pyarrow.Table:
        is_there = lists.indices >= 0
        places = lists.indices[is_there]
        keys = np.repeat(lists.keys, is_there.sum(axis=1))
        columns = {
            "user": keys,
            "rank": np.cumsum(is_there, axis=1)[is_there],
            "item": opened.item_ids_[places],
            "score": lists.scores[is_there],
            "title": opened._keep("title_column", lambda: pyarrow.array(opened.titles_, pyarrow.string())).take(
                pyarrow.array(places)),
            "evidence": pyarrow.array(EVIDENCE).take(pyarrow.array(lists.evidence[is_there])),
        }
        if self.has_ratings:
            columns["rating"] = lists.ratings[is_there]
        if self.has_deviations:
            model, users = opened._fitted(), opened._users(keys) if len(keys) else places
            values = model.deviations(users, places, None)
            columns["deviation"] = pyarrow.array(values, pyarrow.float32(), mask=users < 0)
        arrays = [columns[field.name] for field in self.schema]
        arrays = [a if isinstance(a, pyarrow.Array) else pyarrow.array(a, field.type)
                  for a, field in zip(arrays, self.schema)]
        return pyarrow.Table.from_arrays(arrays, schema=self.schema)


class Parts:
    """A run that keeps its lists in a folder which every worker sees: part i of n is a Parquet file
    with the rows of `tusk recommend --shard i/n`, there as a whole or not at all.

    A folder of another run is refused; of the same one, the parts that are there are kept.
    """

    def __init__(self, folder: str | os.PathLike, lists: ListTables, users: Any = None, count: int | None = None) -> None:
        self.folder = os.path.abspath(os.fspath(folder))
        self.lists = lists
        self._users = None if users is None else lists.ids(users)
        if self._users is not None:
            lists.check_users(self._users)
        size = len(lists.known_users() if users is None else self._users)
        if count is None:
            count = max(1, min(-(-size // USERS_OF_A_PART), MOST_PARTS))
        self.count = operator.index(count)
        if self.count < 1:
            raise ValueError(f"parts is {count}; it must be at least 1")
        os.makedirs(self.folder, exist_ok=True)
        self._take_folder()

    def _take_folder(self) -> None:
        users = "all" if self._users is None else _digest(self._users.tolist())
        options = {name: _digest(np.asarray(value).tolist()) if name in ("items", "excluded_items") else value
                   for name, value in self.lists.options.items() if value is not None}
        asked = {"model": self.lists.model_digest(), "users": users, "k": self.lists.k, "parts": self.count,
                 "on_unknown": self.lists.on_unknown, "options": json.loads(json.dumps(options, default=str))}
        note = os.path.join(self.folder, _NOTE)
        if not os.path.exists(note):
            if glob.glob(os.path.join(glob.escape(self.folder), "part-*")):
                raise FileExistsError(f"{self.folder} has parts of lists that nothing is known of; name another folder")
            with _placed(note) as path, open(path, "w", encoding="utf-8") as file:
                json.dump(asked, file, indent=1)
        with open(note, encoding="utf-8") as file:
            there = json.load(file)
        for name, value in asked.items():
            if there.get(name) != value:
                raise ValueError(f"{self.folder} is of another run: {name} is {there.get(name)!r} there and "
                                 f"{value!r} here; name another folder, or remove it to begin anew")

    def path(self, number: int) -> str:
        """The file of a part, from 1."""
        return os.path.join(self.folder, f"part-{number:05}-of-{self.count:05}.parquet")

    def paths(self) -> list[str]:
        return [self.path(number) for number in range(1, self.count + 1)]

    def missing(self) -> list[int]:
        """Numbers of the parts that are not written."""
        return [number for number in range(1, self.count + 1) if not self._is_written(number)]

    def _is_written(self, number: int) -> bool:
        try:
            return pyarrow.parquet.read_schema(self.path(number)) == self.lists.schema
        except (FileNotFoundError, pyarrow.ArrowInvalid):
            return False

    def write(self, number: int) -> int:
        """Writes a part and returns the number of its rows. Two may write it at a time."""
        users = self.lists.known_users() if self._users is None else self._users
        table = self.lists.table(users[_cut(len(users), number - 1, self.count) : _cut(len(users), number, self.count)])
        with _placed(self.path(number)) as path:
            pyarrow.parquet.write_table(table, path)
        return table.num_rows


def _cut(size: int, number: int, of: int) -> int:
    """Where so many of the parts end, as `tusk recommend --shard` divides."""
    return size // of * number + size % of * number // of


def _digest(values: Any) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(values).encode()).hexdigest()


@contextlib.contextmanager
def _placed(path: str) -> Any:
    """A name to write to; what is written is synced and put at `path` as a whole. What killed
    workers left beside it is removed."""
    folder, name = os.path.split(path)
    new = os.path.join(folder, f".{name}.{os.getpid()}-{os.urandom(4).hex()}")
    try:
        yield new
        try:
            with open(new, "rb") as file:
                os.fsync(file.fileno())
            os.replace(new, path)
        except FileNotFoundError:  # another worker has put the same there, and removed this
            if not os.path.exists(path):
                raise
    finally:
        for left in glob.glob(os.path.join(glob.escape(folder), f".{glob.escape(name)}.*")):
            if left == new or os.path.exists(path):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(left)
