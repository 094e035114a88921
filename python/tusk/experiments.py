"""Cross-validation, searches and comparisons."""

from __future__ import annotations

from html import escape
from typing import Any, Callable, Iterable, Mapping, Sequence

from . import _columns, _core
from ._progress import Progress
from .base import Recommender, as_dataset
from .data import Dataset, Folds
from .estimators import find


class Page:
    """A report: a page of HTML that needs nothing else. A notebook shows it."""

    height = 640

    def __init__(self, html: str) -> None:
        self.html = html

    def save(self, path: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.html)

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html, quote=True)}" width="100%" '
            f'height="{self.height}" style="border:0"></iframe>'
        )


class _Result(Page):
    """A result with its table and its page."""

    def __init__(self, core: dict) -> None:
        super().__init__(core["html"])
        self.table: list[list[str]] = core["table"]

    def __repr__(self) -> str:
        widths = [max(len(row[c]) for row in self.table) for c in range(len(self.table[0]))]
        return "\n".join(
            "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
            for row in self.table
        )


class CrossValidation(_Result):
    """What :func:`cross_validate` found: `rmse`, `mae` (means over folds), `rmse_std`, `ranking`,
    and `folds`, a dict for each."""

    def __init__(self, core: dict) -> None:
        super().__init__(core)
        self.folds: list[dict] = core["folds"]
        self.result: dict = core["result"]
        self.rmse: float | None = self.result.get("rmse")
        self.rmse_std: float | None = self.result.get("rmse_std")
        self.mae: float | None = self.result.get("mae")
        self.ranking: dict | None = self.result.get("ranking")

    def to_pandas(self) -> Any:
        """A row for each fold."""
        import pandas

        rows = []
        for fold in self.folds:
            row = {name: fold[name] for name in ("fold", "rmse", "mae", "count", "epochs") if name in fold}
            row.update({n: v for n, v in (fold["ranking"] or {}).items() if isinstance(v, float)})
            rows.append(row)
        return pandas.DataFrame(rows).set_index("fold")


class Comparison(_Result):
    """What :func:`compare` found: `models`, a dict for each, the best first; p-values are of the
    difference from it."""

    def __init__(self, core: dict) -> None:
        super().__init__(core)
        self.models: list[dict] = core["models"]
        self.metric: str = core["metric"]

    def to_pandas(self) -> Any:
        import pandas

        rows = []
        for model in self.models:
            row = {n: v for n, v in model.items() if n not in ("event", "folds", "ranking", "over_users")}
            row.update({n: v for n, v in (model["ranking"] or {}).items() if isinstance(v, float)})
            rows.append(row)
        return pandas.DataFrame(rows).set_index("label")


class Search(_Result):
    """What :func:`tune` found: `best_params_`, `best_score_`, `best_estimator_` (trained on all
    ratings but those set aside; None where the search was interrupted), `trials`."""

    def __init__(self, core: dict, estimator: Recommender) -> None:
        super().__init__(core)
        self.trials: list[dict] = core["trials"]
        self.result: dict = core["result"]
        self.metric: str = core["metric"]
        self.interrupted: bool = core["interrupted"]
        done = [trial for trial in self.trials if trial["score"] is not None]
        sign = -1 if "@" in self.metric else 1
        best = min(done, key=lambda trial: sign * trial["score"])
        self.best_score_: float = best["score"]
        self.best_params_: dict[str, Any] = _typed(estimator, core["best"])
        self.best_estimator_: Recommender | None = None
        if core["model"] is not None:
            made = type(estimator)(**{**estimator.get_params(), **self.best_params_})
            made._take(core["model"], {"epochs": best.get("epochs", 0), "interrupted": False, "validation_rmse": None})
            self.best_estimator_ = made

    def to_pandas(self) -> Any:
        """A row for each trial."""
        import pandas

        rows = []
        for trial in self.trials:
            row = {n: v for n, v in trial.items() if n not in ("event", "settings", "folds")}
            rows.append({**{n.replace("-", "_"): v for n, v in trial["settings"].items()}, **row})
        return pandas.DataFrame(rows).set_index("trial")


def _typed(estimator: Recommender, settings: Mapping[str, str]) -> dict[str, Any]:
    """Settings as texts, as the parameters of an estimator."""
    kinds = {p["name"]: p["type"] for p in estimator._algorithm["parameters"]}
    typed: dict[str, Any] = {}
    for key, text in settings.items():
        key = key.replace("-", "_")
        if key not in kinds and key not in estimator._aliases:
            continue  # the seed, the name of the model
        name, opposite = (key, False) if key in kinds else estimator._aliases[key]
        kind = kinds[name]
        value: Any = text
        if kind == "bool":
            value = (text == "true") != opposite
        elif kind == "int":
            value = int(float(text))
        elif kind == "float":
            value = float(text)
        typed[name] = value
    return typed


def _divided(data: Dataset, folds: Any, test_size: float | None, random_state: Any) -> _core.Partition:
    if isinstance(folds, Folds):
        return folds._partition
    return data.folds(folds, test_size=test_size, random_state=random_state)._partition


def cross_validate(
    model: Any,
    data: Any,
    folds: Any = 5,
    *,
    k: int | None = None,
    relevance: float | None = None,
    candidates: str = "all-unseen",
) -> CrossValidation:
    """Trains on every fold and measures on what it leaves; with `k` (or a model that only ranks)
    lists too.

    `model` is a name, a class or an estimator, whose `random_state` divides the ratings; `folds` a
    number, "official", "time:0.2", "users:N", or what :meth:`Dataset.folds` made.
    """
    data = as_dataset(data)
    estimator = find(model)
    if k is None and (estimator._algorithm["capabilities"]["only_ranks"] or data._core.implicit):
        k = 10
    progress = Progress(type(estimator).__name__, estimator.verbose)
    try:
        core = _core.cross_validate(
            data._core,
            _divided(data, folds, None, estimator.random_state),
            estimator._algorithm["name"],
            estimator._settings(),
            _columns.seed(estimator.random_state),
            k,
            relevance,
            candidates,
            estimator._device,
            estimator._threads,
            progress.epoch if estimator.verbose else None,
        )
    finally:
        progress.close()
    return CrossValidation(core)


def compare(
    models: Sequence[Any] | Mapping[str, Any],
    data: Any,
    folds: Any = 5,
    *,
    metric: str | None = None,
    k: int | None = None,
    relevance: float | None = None,
    candidates: str = "all-unseen",
    random_state: Any = None,
    n_jobs: int | None = None,
    device: str = "auto",
    verbose: int = 0,
) -> Comparison:
    """Cross-validates models on the same folds and tests them against the best.

    `models` are names, classes or estimators, or a mapping from labels to them. `metric`: "rmse",
    "mae", "ndcg@10", ...
    """
    data = as_dataset(data)
    if isinstance(models, (str, type, Recommender)):
        models = [models]
    if not isinstance(models, Mapping):
        estimators = [find(model) for model in models]
        names = [repr(e) if e._settings() else e._algorithm["name"] for e in estimators]
        labelled = list(zip(names, estimators))
    else:
        labelled = [(str(label), find(model)) for label, model in models.items()]
    progress = Progress("models", verbose)
    done = iter(range(len(labelled)))
    try:
        core = _core.compare(
            data._core,
            _divided(data, folds, None, random_state),
            [(label, e._algorithm["name"], e._settings()) for label, e in labelled],
            _columns.seed(random_state),
            metric,
            k,
            relevance,
            candidates,
            device,
            _columns.threads(n_jobs),
            None,
            (lambda _: progress.step(next(done), len(labelled))) if verbose else None,
        )
    finally:
        progress.close()
    return Comparison(core)


def tune(
    model: Any,
    data: Any,
    space: Mapping[str, Any] | None = None,
    *,
    trials: int = 32,
    folds: Any = 5,
    test_size: float | None = None,
    metric: str | None = None,
    grid: bool | None = None,
    halving: bool = False,
    relevance: float | None = None,
    candidates: str = "all-unseen",
    budget: float | None = None,
    state: str = "",
) -> Search:
    """Searches for settings; see docs/tuning.md.

    `space` maps parameters to lists of values, to `(low, high)` or `(low, high, "log")`, or to
    texts as `tusk tune` takes them ("64..400:log"); without it the search draws around the model's
    defaults. Lists alone are a grid, all combinations, unless `grid` is False. Ctrl-C ends the
    search with the trials that have ended.
    """
    request = SearchRequest(
        model, data, space, trials=trials, folds=folds, test_size=test_size, metric=metric, grid=grid,
        halving=halving, relevance=relevance, candidates=candidates, budget=budget, state=state,
    )
    return request.run()


class SearchRequest:
    """What :func:`tune` is asked for. It can be pickled, so that another process trains some of its
    trials."""

    def __init__(
        self,
        model: Any,
        data: Any,
        space: Mapping[str, Any] | None = None,
        *,
        trials: int = 32,
        folds: Any = 5,
        test_size: float | None = None,
        metric: str | None = None,
        grid: bool | None = None,
        halving: bool = False,
        relevance: float | None = None,
        candidates: str = "all-unseen",
        budget: float | None = None,
        state: str = "",
    ) -> None:
        self.data = as_dataset(data)
        self.estimator = find(model)
        self.halving = halving
        ranges = [f"{name.replace('_', '-')}={_range(values)}" for name, values in (space or {}).items()]
        if grid is None:
            grid = bool(ranges) and not any(".." in text for text in ranges)
        seed = _columns.seed(self.estimator.random_state)
        self._folds = _divided(self.data, folds, test_size, self.estimator.random_state)
        self._searched = (self.estimator._algorithm["name"], self.estimator._settings(), ranges, grid, trials,
                          halving, seed, metric, relevance, candidates)
        self._kept = (budget, state)

    def run(self, elsewhere: Callable[..., Any] | None = None) -> Search:
        """The search; with `elsewhere` its trials are trained by that function."""
        estimator = self.estimator
        progress = Progress(f"tuning {type(estimator).__name__}", estimator.verbose)
        try:
            core = _core.tune(
                self.data._core, self._folds, *self._searched, estimator._device, estimator._threads,
                *self._kept, progress.step if estimator.verbose else None, elsewhere,
            )
        finally:
            progress.close()
        return Search(core, estimator)

    def train(self, numbers: Sequence[int], threads: int) -> tuple[str, list[str]]:
        """What the bits of trials depend on here, and those of these numbers, as the state has
        them."""
        return _core.train_trials(
            self.data._core, self._folds, *self._searched, self.estimator._device, threads, list(numbers)
        )


def _range(values: Any) -> str:
    if isinstance(values, str):
        return values
    if isinstance(values, tuple) and len(values) in (2, 3) and not isinstance(values[0], (str, bool)):
        return f"{values[0]}..{values[1]}" + (":log" if values[2:] == ("log",) else "")
    if not isinstance(values, Iterable):
        values = [values]
    return ",".join(str(v).lower() if isinstance(v, bool) else str(v) for v in values)


def suggest(
    trial: Any, model: Any, data: Any = None, *, only: Sequence[str] | None = None
) -> Recommender:
    """An estimator with settings that an Optuna trial suggests, from the ranges that a search
    around the model's defaults has. `only` names the parameters to vary; `data` tells the spread of
    the ratings, which some ranges follow.

    >>> def objective(trial):
    ...     return tusk.cross_validate(tusk.suggest(trial, "mf", data), data).rmse
    """
    estimator = find(model)
    spread = 1.125 if data is None else float(as_dataset(data).ratings.std())
    settings: dict[str, Any] = {}
    for name, found in _core.search_ranges(estimator._algorithm["name"], estimator._settings(), spread).items():
        if only is not None and name not in only:
            continue
        if "values" in found:
            settings[name] = trial.suggest_categorical(name, found["values"])
        elif found["integer"]:
            settings[name] = trial.suggest_int(name, int(found["low"]), int(found["high"]), log=found["log"])
        else:
            settings[name] = trial.suggest_float(name, found["low"], found["high"], log=found["log"])
    unknown = set(only or ()) - set(settings)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: no parameter of {type(estimator).__name__} that a search varies")
    return type(estimator)(**{**estimator.get_params(), **_typed(estimator, {n: str(v) for n, v in settings.items()})})
