"""Writes the types of the estimators, which are made at run time, for type checkers.

usage: stubs.py CORE OUTPUT    (the module _core, and the file to write: estimators.pyi)
"""

import importlib.util
import pathlib
import sys


def load_core(path):
    """The module that was just built, as a part of the package in the source folder."""
    spec = importlib.util.spec_from_file_location("tusk._core", path)
    core = importlib.util.module_from_spec(spec)
    sys.modules["tusk._core"] = core
    spec.loader.exec_module(core)


def annotation(parameter):
    optional = " | None" if parameter["default"] is None else ""
    return f"{parameter['type']}{optional}"


def main():
    core, output = sys.argv[1:]
    load_core(core)
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    from tusk import estimators

    lines = [
        "# Made by stubs.py from the engine's table of models.",
        "from typing import Any",
        "from .base import Recommender",
        "",
        "BY_NAME: dict[str, type[Recommender]]",
        "def class_name(name: str) -> str: ...",
        "def find(model: Any) -> Recommender: ...",
    ]
    for name, kind in estimators.BY_NAME.items():
        own = estimators.class_name(name)
        lines += ["", f"class {own}(Recommender):", "    def __init__(", "        self, *,"]
        for parameter in kind._algorithm["parameters"]:
            default = repr(parameter["default"])
            lines.append(f"        {parameter['name']}: {annotation(parameter)} = {default},")
        lines += [
            "        random_state: Any = None,",
            "        n_jobs: int | None = None,",
            "        device: str = 'auto',",
            "        verbose: int = 0,",
            "        **aliases: Any,",
            "    ) -> None: ...",
        ]
        lines += [f"    {p['name']}: {annotation(p)}" for p in kind._algorithm["parameters"]]
        lines += [f"{estimators.class_name(alias)} = {own}" for alias in kind._algorithm["aliases"]]
    lines += ["", f"__all__ = {sorted(set(estimators.__all__))!r}"]
    pathlib.Path(output).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
