"""What all estimators share."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from typing import Any, Callable

import numpy as np

from . import _columns, _core
from ._progress import Progress
from .data import Dataset, _id_array
from .list_maker import ListMaker
from .lists import EVIDENCE
from .parameters import Parameters


class NotFittedError(ValueError, AttributeError):
    """An estimator that is used before it is fitted."""


def _not_fitted(name: str, attribute: str = "") -> Exception:
    kind: type[Exception] = NotFittedError
    if "sklearn" in sys.modules:
        from sklearn.exceptions import NotFittedError as kind  # type: ignore[no-redef]
    missing = f" and has no {attribute}" if attribute else ""
    return kind(f"this {name} is not fitted yet{missing}; call fit() first")


class Recommender(Parameters, ListMaker):
    """A kind of model, its parameters and, once fitted, the model.

    The constructor stores parameters; the engine checks them in :meth:`fit`. Attributes that end
    with an underscore are read-only views of the engine's memory: `user_factors_`, `item_bias_`,
    ..., whatever the kind of model has (:meth:`attributes`).
    """

    model_: _core.Model

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
        asked: list[bool] = []  # of each epoch, whether the callback ends training

        def on_epoch(report: dict) -> Any:
            report.pop("event", None)
            history.append(report)
            progress.epoch(report)
            asked.append(callback is not None and callback(report) is True)
            return asked[-1]

        watched = callback is not None or self.verbose > 0
        try:
            model, summary = _core.train(
                data._core,
                None if rows is None else data.partition(rows),
                self._algorithm["name"],
                self._settings(),
                _columns.seed(self.random_state),
                self._device,
                self._threads,
                on_epoch if watched else None,
                progress.step if self.verbose > 0 else None,
            )
        finally:
            progress.close()
        if summary["interrupted"] and not any(asked):
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
            self.model_, data._core, epochs, self._device, self._threads
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
        elif name.endswith("_") and not name.startswith("_"):
            raise _not_fitted(type(self).__name__, name)
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

    def predict(
        self,
        X: Any,
        items: Any = None,
        *,
        times: Any = None,
        return_std: bool = False,
        return_evidence: bool = False,
    ) -> Any:
        """Ratings of `predict(users, items)` or `predict(pairs)`; one user or one item goes with
        all of the others. Of ids that the model does not know only what is known without them is
        used; the evidence says so. `times`: when the ratings are given, for models that follow
        time. `return_std`: standard deviations too, of models that know them
        (:class:`BayesianMF`)."""
        users, items = self._pairs(X, items)
        model, times = self._fitted(), _columns.times_of(times, len(users))
        ratings, _, evidence = model.predict(users, items, times)
        parts = [ratings]
        if return_std:
            parts.append(self._known(model.deviations(users, items, times)))
        if return_evidence:
            parts.append(np.array(EVIDENCE, dtype=object)[evidence])
        return tuple(parts) if len(parts) > 1 else ratings

    def _known(self, deviations: np.ndarray | None) -> np.ndarray:
        if deviations is None:
            raise ValueError(f"this {type(self).__name__} knows no deviations of its predictions")
        return deviations

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

        model, data = self._fitted(), as_dataset(data)
        of_the_data = np.array_equal(self.user_ids_, data.user_ids)
        if not (of_the_data and np.array_equal(self.item_ids_, data.item_ids)):
            raise ValueError("a report is of a model and the data that it was trained on; these have "
                             "other users or items")
        return Page(_core.model_page(model, data._core))


def _columns_of_pairs(X: Any) -> tuple[Any, Any, Any]:
    """Users, items and ratings of a data set or of [n, 2] pairs."""
    if isinstance(X, Dataset):
        users, items, ratings, _ = X.to_arrays()
        return users, items, ratings
    if hasattr(X, "to_numpy"):
        X = X.to_numpy()
    pairs = np.asarray(X)
    if pairs.dtype.kind == "c":
        raise ValueError("Complex data not supported: X is pairs of ids of a user and an item")
    if pairs.ndim != 2:
        raise ValueError(f"X must be pairs of a user and an item, [n, 2]; its shape is {pairs.shape}")
    if pairs.shape[1] < 2:
        raise ValueError(
            f"X has {pairs.shape[1]} feature(s) (shape={pairs.shape}) while a minimum of 2 is "
            "required: pairs of a user and an item"
        )
    if pairs.shape[1] > 2:
        raise ValueError(f"X must be pairs of a user and an item, [n, 2]; its shape is {pairs.shape}")
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
        if isinstance(X, (str, os.PathLike)):
            raise TypeError(f"{os.fspath(X)!r} is a name: fit(tusk.Dataset.read({os.fspath(X)!r}))")
        raise ValueError(
            "requires y to be passed, but the target y is None: fit(dataset), fit(users, items, "
            "ratings), fit(pairs, ratings) or fit(table)"
        )
    if hasattr(X, "tocoo"):
        raise TypeError("sparse input is not supported beside ratings: fit(matrix) takes its values")
    if np.asarray(X).ndim == 2:
        users, items, _ = _columns_of_pairs(X)
        return Dataset.from_arrays(users, items, y, n_jobs=n_jobs)
    return Dataset.from_arrays(X, y, ratings, n_jobs=n_jobs)


def load(path: str | os.PathLike, *, device: str = "auto", n_jobs: int | None = None) -> Recommender:
    """Reads a model file of Tusk, whoever wrote it."""
    from . import estimators

    model = _core.Model.load(_columns.existing(path), device, _columns.threads(n_jobs))
    kind = estimators.BY_NAME[model.name]
    options = model.options
    seed = options.pop("seed", None)
    made = kind(random_state=seed, n_jobs=n_jobs, device=device)
    made.set_params(**{name: value for name, value in options.items() if name in kind._defaults})
    epochs = int(model.metadata.get("epochs", 0) or 0)
    made._take(model, {"epochs": epochs, "interrupted": False, "validation_rmse": None})
    return made
