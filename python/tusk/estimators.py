"""One estimator for each kind of model, made from the engine's table of models and parameters."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

from . import _core
from .base import Recommender
from .parameters import COMMON

# Words of names that are written in capitals.
_CAPITALS = {"als", "ease", "ials", "knn", "mf", "ncf", "svd", "wrmf"}

# In `ItemKNN` of "item-knn".
def class_name(name: str) -> str:
    return "".join(w.upper() if w in _CAPITALS else w.capitalize() for w in name.split("-"))


_COMMON_HELP = {
    "random_state": "int, RandomState or Generator, default=None\n    The seed; None is 1: a run can be repeated.",
    "n_jobs": "int, default=None\n    Threads; None and -1 take all. The model does not depend on it.",
    "device": "str, default='auto'\n    auto, cpu, cuda or cuda:N.",
    "verbose": "int, default=0\n    1 shows progress.",
}


def _document(algorithm: dict) -> str:
    lines = [f"{algorithm['summary'][0].upper()}{algorithm['summary'][1:]} (`--model {algorithm['name']}`).", ""]
    lines += ["Parameters", "----------"]
    for parameter in algorithm["parameters"]:
        usual = parameter["usual"] or repr(parameter["default"])
        lines.append(f"{parameter['name']} : {parameter['expected']}, default {usual}")
        lines += textwrap.wrap(parameter["help"], 92, initial_indent="    ", subsequent_indent="    ")
        if parameter["choices"]:
            lines.append(f"    One of {', '.join(parameter['choices'])}.")
        if parameter["aliases"]:
            lines.append(f"    Also {', '.join(parameter['aliases'])}.")
    lines += [f"{name} : {text}" for name, text in _COMMON_HELP.items()]
    return "\n".join(lines)


def _initializer(name: str, defaults: dict[str, Any]) -> Any:
    def __init__(self: Recommender, **parameters: Any) -> None:
        self._assign(parameters)

    kind = inspect.Parameter
    named = [kind("self", kind.POSITIONAL_OR_KEYWORD)]
    named += [kind(name, kind.KEYWORD_ONLY, default=value) for name, value in defaults.items()]
    __init__.__qualname__ = f"{name}.__init__"
    __init__.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    return __init__


def _make(algorithm: dict) -> type[Recommender]:
    defaults: dict[str, Any] = {}
    aliases: dict[str, tuple[str, bool]] = {}
    for parameter in algorithm["parameters"]:
        name = parameter["name"]
        defaults[name] = parameter["default"]
        aliases.update({alias: (name, False) for alias in parameter["aliases"]})
        if parameter["off"]:
            aliases[parameter["off"]] = (name, True)
    defaults.update(COMMON)
    members = {
        "__doc__": _document(algorithm),
        "__module__": __name__,
        "__init__": _initializer(class_name(algorithm["name"]), defaults),
        "_algorithm": algorithm,
        "_defaults": defaults,
        "_aliases": aliases,
    }
    return type(class_name(algorithm["name"]), (Recommender,), members)


#: The estimators by the names that `--model` has.
BY_NAME: dict[str, type[Recommender]] = {a["name"]: _make(a) for a in _core.algorithms()}

__all__ = []
for _name, _kind in BY_NAME.items():
    for _each in (_name, *_kind._algorithm["aliases"]):
        globals().setdefault(class_name(_each), _kind)
        __all__.append(class_name(_each))


def find(model: Any) -> Recommender:
    """An estimator of a name, a class or an estimator."""
    if isinstance(model, Recommender):
        return model
    if isinstance(model, type) and issubclass(model, Recommender):
        return model()
    name = str(model).lower().replace("_", "-")
    for kind in BY_NAME.values():
        if name == kind._algorithm["name"] or name in kind._algorithm["aliases"]:
            return kind()
    raise ValueError(f"{model!r} is not a model: it must be one of {', '.join(BY_NAME)}")
