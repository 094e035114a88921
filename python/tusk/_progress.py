"""Progress of training for people: a bar of tqdm where that is installed, else lines."""

from __future__ import annotations

import sys
from typing import Any, Callable


class Progress:
    """`verbose` 0 shows nothing."""

    def __init__(self, title: str, verbose: int) -> None:
        self._title = title
        self._shown = verbose > 0
        self._bar: Any = None
        self._key: Any = None

    def epoch(self, report: dict) -> None:
        if not self._shown:
            return
        error = report.get("validation_rmse") or report.get("train_rmse") or report.get("loss")
        note = "" if error is None else f"{error:.4f}"
        self._to((report["phase"], report.get("model")), report["epoch"], report["epochs"], note)

    def step(self, done: int, of: int) -> None:
        if self._shown:
            self._to("steps", done, of, "")

    def _to(self, key: Any, done: int, of: int, note: str) -> None:
        if key != self._key:
            self.close()
            self._key = key
            self._bar = _open(self._title, of)
        self._bar(done, note)

    def close(self) -> None:
        if self._bar is not None:
            self._bar(None, "")
        self._bar = None


def _open(title: str, of: int) -> Callable[[int | None, str], None]:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _Lines(title, of)
    bar = tqdm(total=of, desc=title, leave=True)

    def move(done: int | None, note: str) -> None:
        if done is None:
            bar.close()
            return
        if note:
            bar.set_postfix_str(note, refresh=False)
        bar.update(done - bar.n)

    return move


class _Lines:
    def __init__(self, title: str, of: int) -> None:
        self._title = title
        self._of = of

    def __call__(self, done: int | None, note: str) -> None:
        if done is not None and (done == self._of or done % 10 == 0):
            print(f"{self._title}: {done} of {self._of} {note}", file=sys.stderr)
