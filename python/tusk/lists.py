"""Lists of items as they are recommended or found alike."""

from __future__ import annotations

from html import escape
from typing import Any, Iterator, NamedTuple

import numpy as np

from . import _core


def plain(item: Any) -> Any:
    """An id as an int or a str."""
    return item.item() if isinstance(item, np.generic) else item


class Entry(NamedTuple):
    """A place of a list."""

    item: Any
    title: str
    score: float
    rating: float
    evidence: str
    reasons: list


class Reason(NamedTuple):
    """What a user's rating of an item adds to the score of another."""

    item: Any
    title: str
    rating: float
    part: float


class Lists:
    """A list for each of `keys`: users, or items that others are compared with.

    `items` are ids, [lists, k]; `indices` their numbers in the model, -1 where a list is shorter;
    `scores` order the lists; `ratings` are predicted ratings; `evidence` says what they rest on,
    as numbers of :data:`tusk.lists.EVIDENCE`.
    """

    def __init__(
        self,
        keys: Any,
        indices: np.ndarray,
        scores: np.ndarray,
        item_ids: np.ndarray,
        titles: list[str],
        *,
        ratings: np.ndarray | None = None,
        evidence: np.ndarray | None = None,
        reasons: list | None = None,
        key_name: str = "user",
    ) -> None:
        self.keys = keys
        self.indices = indices
        self.scores = scores
        self.ratings = ratings
        self.evidence = evidence
        self._item_ids = item_ids
        self._titles = titles
        self._reasons = reasons
        self._key_name = key_name

    @property
    def items(self) -> np.ndarray:
        """Ids; -1, or None for texts, where a list is shorter than k."""
        ids = self._item_ids[np.maximum(self.indices, 0)]
        missing = self.indices < 0
        if missing.any():
            ids[missing] = None if ids.dtype == object else -1
        return ids

    @property
    def titles(self) -> list[list[str]]:
        return [[self._titles[i] for i in row if i >= 0] for row in self.indices]

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, n: int) -> list[Entry]:
        """List n, without the places that it has no item for."""
        entries = []
        for place, item in enumerate(self.indices[n]):
            if item < 0:
                break
            entries.append(
                Entry(
                    plain(self._item_ids[item]),
                    self._titles[item],
                    float(self.scores[n, place]),
                    float("nan") if self.ratings is None else float(self.ratings[n, place]),
                    "" if self.evidence is None else EVIDENCE[self.evidence[n, place]],
                    self._named(self._reasons[n][place]) if self._reasons else [],
                )
            )
        return entries

    def _named(self, reasons: list) -> list[Reason]:
        return [Reason(plain(self._item_ids[i]), self._titles[i], r, part) for i, r, part in reasons]

    def __iter__(self) -> Iterator[list[Entry]]:
        return (self[n] for n in range(len(self)))

    def _rows(self) -> Iterator[tuple]:
        for key, entries in zip(self.keys, self):
            for rank, entry in enumerate(entries, 1):
                yield key, rank, entry

    def to_pandas(self) -> Any:
        """A row for each place of each list."""
        import pandas

        rows = [
            {
                self._key_name: key,
                "rank": rank,
                "item": entry.item,
                "title": entry.title,
                "score": entry.score,
                **({} if self.ratings is None else {"rating": entry.rating}),
                **({} if self.evidence is None else {"evidence": entry.evidence}),
            }
            for key, rank, entry in self._rows()
        ]
        columns = [self._key_name, "rank", "item", "title", "score"]
        return pandas.DataFrame(rows, columns=None if rows else columns)

    def __repr__(self) -> str:
        lines = []
        for key, entries in zip(self.keys, self):
            lines.append(f"{self._key_name} {key}:")
            lines += [f"  {e.score:8.4f}  {e.item}  {e.title}".rstrip() for e in entries]
            if len(lines) > 40:
                lines.append("  ...")
                break
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = []
        for key, rank, entry in self._rows():
            cells = (key, rank, entry.item, entry.title, f"{entry.score:.4f}")
            rows.append("<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in cells) + "</tr>")
            if len(rows) >= 100:
                break
        head = "".join(f"<th>{c}</th>" for c in (self._key_name, "rank", "item", "title", "score"))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


#: What a prediction rests on, by number.
EVIDENCE: list[str] = _core.EVIDENCE
