"""What all estimators share."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from typing import Any, Callable, ClassVar, Mapping

import numpy as np

from . import _columns, _core
from ._progress import Progress
from .data import Dataset, _id_array
from .lists import EVIDENCE, Lists, Reason

# Users whose lists are made between two looks for Ctrl-C.
_USERS_AT_ONCE = 8192

#: Parameters that every estimator has.
COMMON: dict[str, Any] = {"random_state": None, "n_jobs": None, "device": "auto", "verbose": 0}


class NotFittedError(ValueError, AttributeError):
    """An estimator that is used before it is fitted."""


def _not_fitted(name: str) -> Exception:
    kind: type[Exception] = NotFittedError
    if "sklearn" in sys.modules:
        from sklearn.exceptions import NotFittedError as kind  # type: ignore[no-redef]
    return kind(f"this {name} is not fitted yet; call fit() first")


class Recommender:
    """A kind of model, its parameters and, once fitted, the model.

    The constructor stores parameters; the engine checks them in :meth:`fit`. Attributes that end
    with an underscore are read-only views of the engine's memory: `user_factors_`, `item_bias_`,
    ..., whatever the kind of model has (:meth:`attributes`).
    """

    _algorithm: ClassVar[dict]
    _defaults: ClassVar[dict[str, Any]]
    _aliases: ClassVar[dict[str, tuple[str, bool]]]  # of names: the parameter, and if it is `not`
    _estimator_type = "regressor"
    model_: _core.Model

    # Parameters.

    def _assign(self, given: Mapping[str, Any]) -> None:
        values = dict(self._defaults)
        seen: set[str] = set()
        for key, value in given.items():
            name, value = self._resolve(key, value)
            if name in seen:
                raise TypeError(f"{type(self).__name__}() got {name} twice, also as {key}")
            seen.add(name)
            values[name] = value
        self.__dict__.update(values)

    def _resolve(self, key: str, value: Any) -> tuple[str, Any]:
        if key in self._defaults:
            return key, value
        if key in self._aliases:
            name, opposite = self._aliases[key]
            return name, not value if opposite else value
        names = ", ".join(self._defaults)
        raise TypeError(f"{type(self).__name__}() has no parameter {key!r}; it has {names}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._defaults}

    def set_params(self, **params: Any) -> Recommender:
        for key, value in params.items():
            try:
                name, value = self._resolve(key, value)
            except TypeError as error:
                raise ValueError(str(error)) from None
            setattr(self, name, value)
        return self

    def _settings(self) -> dict[str, Any]:
        """The model's own parameters, those that are not left at their defaults."""
        settings = {}
        for name, default in self._defaults.items():
            value = getattr(self, name)
            if name in COMMON or value is None:
                continue
            if isinstance(value, np.generic):
                value = value.item()
            if value != default or type(value) is not type(default):
                settings[name] = value
        return settings

    @property
    def _threads(self) -> int:
        return _columns.threads(self.n_jobs)

    def __repr__(self) -> str:
        changed = {n: v for n, v in self.get_params().items() if v != self._defaults[n]}
        return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in changed.items())})"

    # Training.

    def fit(
        self,
        X: Any,
        y: Any = None,
        ratings: Any = None,
        *,
        rows: Any = None,
        callback: Callable[[dict], Any] | None = None,
    ) -> Recommender:
        """Trains on `fit(dataset)`, `fit(users, items, ratings)`, `fit(pairs, ratings)` with
        [n, 2] pairs of ids, a DataFrame or another table, or a sparse matrix.

        `rows`: train on these rows of a data set alone: a Split, numbers or a mask. `callback` is
        called after every epoch with a dict; if it returns True, training stops. Ctrl-C stops it
        too; the model is then what training had reached, and `interrupted_` is True.
        """
        data = as_dataset(X, y, ratings, n_jobs=self.n_jobs)
        progress = Progress(type(self).__name__, self.verbose)
        history: list[dict] = []

        def on_epoch(report: dict) -> Any:
            report.pop("event", None)
            history.append(report)
            progress.epoch(report)
            return None if callback is None else callback(report)

        watched = callback is not None or self.verbose > 0
        try:
            model, summary = _core.train(
                data._core,
                None if rows is None else data.partition(rows),
                self._algorithm["name"],
                self._settings(),
                _columns.seed(self.random_state),
                self.device,
                self._threads,
                on_epoch if watched else None,
                progress.step if self.verbose > 0 else None,
            )
        finally:
            progress.close()
        if summary["interrupted"] and callback is None:
            warnings.warn(
                f"training was interrupted after {summary['epochs']} epochs; "
                "the model is what it had reached",
                stacklevel=2,
            )
        self._take(model, summary)
        self.history_ = history
        return self

    def _take(self, model: _core.Model, summary: dict) -> None:
        self.model_ = model
        self.n_features_in_ = 2
        self.n_iter_ = summary["epochs"]
        self.interrupted_ = summary["interrupted"]
        self.validation_rmse_ = summary["validation_rmse"]
        self.__dict__.pop("_kept", None)

    def partial_fit(self, X: Any, y: Any = None, ratings: Any = None, *, epochs: int = 0) -> Recommender:
        """Adds new ratings, users and items to the model, as `tusk update` does (docs/new-users.md);
        trains where nothing is trained yet."""
        if "model_" not in self.__dict__:
            return self.fit(X, y, ratings)
        data = as_dataset(X, y, ratings, n_jobs=self.n_jobs)
        self.model_, self.update_ = _core.update(
            self.model_, data._core, epochs, self.device, self._threads
        )
        self.__dict__.pop("_kept", None)
        return self

    # The model.

    def _fitted(self) -> _core.Model:
        if "model_" not in self.__dict__:
            raise _not_fitted(type(self).__name__)
        return self.model_

    def __sklearn_is_fitted__(self) -> bool:
        return "model_" in self.__dict__

    def _keep(self, name: str, make: Callable[[], Any]) -> Any:
        """What is computed once for a model."""
        kept = self.__dict__.setdefault("_kept", {})
        if name not in kept:
            kept[name] = make()
        return kept[name]

    def __getattr__(self, name: str) -> Any:
        if name.endswith("_") and not name.startswith("_") and "model_" in self.__dict__:
            try:
                return self.model_.tensor(name[:-1])
            except KeyError:
                pass
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def attributes(self) -> list[str]:
        """The names of what the model is made of: `user_factors_` and so on."""
        return [name + "_" for name in self._fitted().tensor_names()]

    def __dir__(self) -> list[str]:
        own = list(super().__dir__())
        return own + self.attributes() if "model_" in self.__dict__ else own

    @property
    def user_ids_(self) -> np.ndarray:
        return _id_array(self._fitted().user_ids)

    @property
    def item_ids_(self) -> np.ndarray:
        return _id_array(self._fitted().item_ids)

    @property
    def titles_(self) -> list[str]:
        return self._keep("titles", lambda: self._fitted().titles)

    @property
    def genres_(self) -> list[str]:
        return self._keep("genres", lambda: self._fitted().genres)

    @property
    def scale_(self) -> tuple[float, float]:
        return self._fitted().scale

    @property
    def metadata_(self) -> dict[str, str]:
        """How the model came about."""
        return self._fitted().metadata

    def _users(self, ids: Any) -> np.ndarray:
        return self._fitted().find_users(_columns.ids(ids, "user"))

    def _items(self, ids: Any) -> np.ndarray:
        return self._fitted().find_items(_columns.ids(ids, "item"))

    # Predictions.

    def predict(self, X: Any, items: Any = None, *, return_evidence: bool = False) -> Any:
        """Ratings of `predict(users, items)` or `predict(pairs)`. Of ids that the model does not
        know only what is known without them is used; the evidence says so."""
        users, items = self._pairs(X, items)
        ratings, _, evidence = self._fitted().predict(users, items)
        if return_evidence:
            return ratings, np.array(EVIDENCE, dtype=object)[evidence]
        return ratings

    def decision_function(self, X: Any, items: Any = None) -> np.ndarray:
        """The scores that order lists: of models that only rank they are no ratings."""
        users, items = self._pairs(X, items)
        return self._fitted().rank(users, items)[1]

    def _pairs(self, X: Any, items: Any) -> tuple[np.ndarray, np.ndarray]:
        self._fitted()
        if items is None:
            users, items, _ = _columns_of_pairs(X)
            return self._users(users), self._items(items)
        users, items = self._users(X), self._items(items)
        if len(users) == 1 and len(items) > 1:
            users = np.repeat(users, len(items))
        elif len(items) == 1 and len(users) > 1:
            items = np.repeat(items, len(users))
        if len(users) != len(items):
            raise ValueError(f"{len(users)} users and {len(items)} items do not match")
        return users, items

    def score(self, X: Any, y: Any = None, items: Any = None) -> float:
        """R^2 of predicted ratings, as scikit-learn's regressors have it."""
        true = np.asarray(y, dtype=np.float64)
        residual = true - self.predict(X, items)
        spread = ((true - true.mean()) ** 2).sum()
        return float(1 - (residual**2).sum() / spread) if spread > 0 else 0.0

    def evaluate(
        self,
        data: Any,
        *,
        rows: Any = None,
        k: int | None = None,
        part: str = "unseen",
        relevance: float | None = None,
        candidates: str = "all-unseen",
    ) -> dict:
        """Errors on those ratings of `data` that the model was not trained on and, with `k`, how
        good lists of k are: what `tusk evaluate --json` tells."""
        import json

        data = as_dataset(data)
        if rows is not None:
            rows = data.partition(rows)
            rows = rows.test_rows() if isinstance(rows, _core.Partition) and rows.description != "rows" else rows.train_rows()
        text = self._fitted().evaluate(
            data._core, rows, part, k, relevance, candidates, _columns.seed(self.random_state)
        )
        return json.loads(text)

    # Lists.

    def recommend(
        self, users: Any = None, k: int = 10, *, on_unknown: str = "error", **options: Any
    ) -> Lists:
        """The best items for each of the users, or for all that the model knows.

        Options: `items`, `excluded_items` (ids), `exclude_seen` (True), `min_ratings`, `genres`,
        `excluded_genres`, `from_year`, `to_year`, `diversity`, `rank_by`, `support_prior`,
        `reasons` (for each item at most so many of the user's ratings). `on_unknown`: "error",
        "popular" (what everybody likes) or "skip", of users without training ratings.
        """
        model = self._fitted()
        known = self._keep("known_users", model.known_users)
        if users is None:
            indices = known
            keys = self.user_ids_[known]
        else:
            keys = _id_array(_columns.ids(users, "user"))
            indices = self._users(users)
        is_known = np.isin(indices, known)
        if not is_known.all() and not self._algorithm["capabilities"]["one_list_for_all"]:
            if on_unknown == "error":
                first = keys[np.flatnonzero(~is_known)[0]]
                raise _core.InputError(
                    f"user {first} has no training ratings in this model; on_unknown='popular' "
                    "gives what everybody likes"
                )
            if on_unknown == "skip":
                keys, indices = keys[is_known], indices[is_known]
                is_known = is_known[is_known]
            elif on_unknown != "popular":
                raise ValueError(f"on_unknown is {on_unknown!r}, not 'error', 'popular' or 'skip'")
        filtered = self._filter(options)
        parts = [self._lists_of(indices[at : at + _USERS_AT_ONCE], is_known[at : at + _USERS_AT_ONCE], k, filtered)
                 for at in range(0, max(len(indices), 1), _USERS_AT_ONCE)]
        return self._joined(keys, parts, "user")

    def _lists_of(self, users: np.ndarray, known: np.ndarray, k: int, options: dict) -> tuple:
        model = self._fitted()
        if known.all() or self._algorithm["capabilities"]["one_list_for_all"]:
            return model.recommend(np.maximum(users, 0), k, options)
        lists = model.recommend(np.where(known, users, 0).astype(np.int32), k, options)
        popular = model.popular(k, {n: v for n, v in options.items() if n != "reasons"})
        for array, instead in zip(lists[:4], popular):
            array[~known] = instead[0]
        for place in np.flatnonzero(~known) if lists[4] else ():
            lists[4][place] = [[] for _ in lists[4][place]]
        return lists

    def _joined(self, keys: Any, parts: list[tuple], key_name: str) -> Lists:
        items, scores, ratings, evidence = (np.concatenate(column) for column in list(zip(*parts))[:4])
        reasons = [reason for part in parts for reason in part[4]]
        return Lists(
            keys, items, scores, self.item_ids_, self.titles_, ratings=ratings, evidence=evidence,
            reasons=reasons, key_name=key_name,
        )

    def _filter(self, options: dict[str, Any]) -> dict[str, Any]:
        """Options of lists as the engine takes them."""
        taken = {}
        for name, value in options.items():
            if value is None:
                continue
            if name in ("items", "excluded_items"):
                found = self._items(value)
                value = sorted(set(found[found >= 0].tolist()))
            elif name in ("genres", "excluded_genres") and isinstance(value, str):
                value = [value]
            taken[name] = value
        return taken

    def popular(self, k: int = 10, **options: Any) -> Lists:
        """What everybody likes."""
        lists = self._fitted().popular(k, self._filter(options))
        return self._joined(["everybody"], [lists], "user")

    def recommend_for_text(self, text: str, k: int = 10, **options: Any) -> Lists:
        """Items that are like what the text describes: "dark space thriller". Models of content."""
        lists = self._fitted().recommend_for_text(text, k, self._filter(options))
        return self._joined([text], [lists], "text")

    def similar(
        self,
        items: Any,
        k: int = 10,
        *,
        min_ratings: int | None = None,
        genre: str | None = None,
        content: float | None = None,
        support: float | None = None,
    ) -> Lists:
        """The items most like each of `items`; see `tusk similar`."""
        keys = _id_array(_columns.ids(items, "item"))
        found = self._items(items)
        if (found < 0).any():
            raise _core.InputError(f"the model does not know item {keys[np.flatnonzero(found < 0)[0]]}")
        indices = np.full((len(found), k), -1, dtype=np.int32)
        scores = np.full((len(found), k), -np.inf, dtype=np.float32)
        for row, item in enumerate(found.tolist()):
            near, similarity = self._fitted().similar(item, k, min_ratings, genre, content, support)
            indices[row, : len(near)] = near
            scores[row, : len(near)] = similarity
        return Lists(keys, indices, scores, self.item_ids_, self.titles_, key_name="like")

    def find(self, title: str, k: int = 10) -> list[tuple[Any, str, str]]:
        """Items whose title the text may mean, typos allowed: (id, title, kind of match)."""
        found = self._fitted().find_titles(title, k)
        return [(self.item_ids_[item], self.titles_[item], match) for item, match in found]

    def fold_in(self, items: Any, ratings: Any = None) -> Any:
        """Users who were not trained: the ids of items that one has rated and the ratings, a
        mapping {id: rating}, or a list of mappings, one a user."""
        from .folded import FoldedUsers

        return FoldedUsers(self, items, ratings)

    def explain(self, user: Any, item: Any, reasons: int = 5) -> list[Reason]:
        """Which of the user's ratings add most to the score of the item."""
        lists = self.recommend([user], 1, items=[item], exclude_seen=False, min_ratings=0, reasons=reasons)
        entries = lists[0]
        return entries[0].reasons if entries else []

    # Keeping.

    def save(self, path: str | os.PathLike) -> None:
        """Writes a model file, which `tusk` and :func:`tusk.load` read."""
        self._fitted().save(os.fspath(path))

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in self.__dict__.items() if name != "_kept"}
        if "model_" in state:
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "model.safetensors")
                state["model_"].save(path)
                with open(path, "rb") as file:
                    state["model_"] = file.read()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        if isinstance(state.get("model_"), bytes):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "model.safetensors")
                with open(path, "wb") as file:
                    file.write(state["model_"])
                threads = _columns.threads(state.get("n_jobs"))
                state["model_"] = _core.Model.load(path, state.get("device", "auto"), threads)
        self.__dict__.update(state)

    def report(self, data: Any) -> Any:
        """A page about the model and its data, shown in a notebook."""
        from .experiments import Page

        return Page(_core.model_page(self._fitted(), as_dataset(data)._core))

    # scikit-learn.

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(string=True),
        )


def _columns_of_pairs(X: Any) -> tuple[Any, Any, Any]:
    """Users, items and ratings of a data set or of [n, 2] pairs."""
    if isinstance(X, Dataset):
        users, items, ratings, _ = X.to_arrays()
        return users, items, ratings
    if hasattr(X, "to_numpy"):
        X = X.to_numpy()
    pairs = np.asarray(X)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        shape = "x".join(str(size) for size in pairs.shape) or "a single value"
        raise ValueError(f"X must be pairs of a user and an item, [n, 2]; it is {shape}")
    return pairs[:, 0], pairs[:, 1], None


def as_dataset(X: Any, y: Any = None, ratings: Any = None, *, n_jobs: int | None = None) -> Dataset:
    """What fit() takes as a data set."""
    if isinstance(X, Dataset):
        return X
    if y is None:
        if hasattr(X, "tocoo"):
            return Dataset.from_scipy(X, n_jobs=n_jobs)
        if hasattr(X, "__arrow_c_stream__") or hasattr(X, "columns"):
            is_pandas = type(X).__module__.startswith("pandas")
            return (Dataset.from_pandas if is_pandas else Dataset.from_arrow)(X, n_jobs=n_jobs)
        raise ValueError("requires y to be passed, but the target y is None")
    if np.ndim(X) == 2:
        users, items, _ = _columns_of_pairs(X)
        return Dataset.from_arrays(users, items, y, n_jobs=n_jobs)
    return Dataset.from_arrays(X, y, ratings, n_jobs=n_jobs)


def load(path: str | os.PathLike, *, device: str = "auto", n_jobs: int | None = None) -> Recommender:
    """Reads a model file of Tusk, whoever wrote it."""
    from . import estimators

    model = _core.Model.load(os.fspath(path), device, _columns.threads(n_jobs))
    kind = estimators.BY_NAME[model.name]
    options = model.options
    seed = options.pop("seed", None)
    made = kind(random_state=seed, n_jobs=n_jobs, device=device)
    made.set_params(**{name: value for name, value in options.items() if name in kind._defaults})
    epochs = int(model.metadata.get("epochs", 0) or 0)
    made._take(model, {"epochs": epochs, "interrupted": False, "validation_rmse": None})
    return made
