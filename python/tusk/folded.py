"""Users who were not trained."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np

from . import _columns, _core
from .base import Recommender
from .lists import Lists, Reason, plain


def _rating(item: Any, value: Any) -> float:
    rating = float(value)
    if not abs(rating) <= 1e15:
        raise _core.InputError(f"item {item}: found rating {rating}, expected a number from -1e+15 to 1e+15")
    return rating


class FoldedUsers:
    """Users by their ratings of a model's items; made by :meth:`Recommender.fold_in`."""

    def __init__(self, estimator: Recommender, items: Any, ratings: Any = None) -> None:
        users = items if isinstance(items, (list, tuple)) and items and isinstance(items[0], Mapping) else None
        if isinstance(items, Mapping):
            users = [items]
        elif users is None:
            ids = _columns.ids(items, "item")
            given = _columns.ratings(ratings, len(ids))
            if len(given) != len(ids):
                raise ValueError(f"{len(ids)} items and {len(given)} ratings do not match")
            if ratings is None:
                given = np.full(len(ids), estimator.scale_[1], dtype=np.float32)
            users = [dict(zip(ids if isinstance(ids, list) else ids.tolist(), given.tolist()))]
        self._estimator = estimator
        #: Ids that the model does not know; their ratings do not count.
        self.unknown_items: list = []
        offsets, places, values = [0], [], []
        for user in users:
            ids = list(user)
            found = estimator._items(ids) if ids else np.empty(0, dtype=np.int32)
            order = np.argsort(found, kind="stable")
            self.unknown_items += [ids[n] for n in order if found[n] < 0]
            order = order[found[order] >= 0]
            places += found[order].tolist()
            values += [_rating(ids[n], user[ids[n]]) for n in order]
            offsets.append(len(places))
        self._core = estimator._fitted().fold_in(
            np.array(offsets, dtype=np.int64),
            np.array(places, dtype=np.int32),
            np.array(values, dtype=np.float32),
        )
        self._count = len(users)

    def __len__(self) -> int:
        return self._count

    @property
    def factors(self) -> np.ndarray | None:
        """Vectors of these users, of a model with factors."""
        return self._core.factors

    def predict(self, items: Any, *, return_std: bool = False) -> Any:
        """Ratings of the items by each of the users; [items] of a single user, else
        [users, items]. `return_std` as of :meth:`Recommender.predict`."""
        found = self._estimator._items(items)
        rows = np.repeat(np.arange(self._count, dtype=np.int32), len(found))
        columns = np.tile(found, self._count)
        shape = len(found) if self._count == 1 else (self._count, len(found))
        ratings = self._core.predict(rows, columns)[0].reshape(shape)
        if not return_std:
            return ratings
        return ratings, self._estimator._known(self._core.deviations(rows, columns)).reshape(shape)

    def recommend(self, k: int = 10, **options: Any) -> Lists:
        """As :meth:`Recommender.recommend`; items that a user has rated are left out."""
        lists = self._core.recommend(self._estimator._length(k), self._estimator._filter(options))
        return self._estimator._joined(list(range(self._count)), [lists], "user")

    def explain(self, item: Any, reasons: int = 5, user: int = 0) -> list[Reason]:
        """Which of the ratings add most to the score of the item."""
        found = self._estimator._items([item])
        by_item = self._core.contributions(user, found)
        ids, titles = self._estimator.item_ids_, self._estimator.titles_
        return [Reason(plain(ids[i]), titles[i], rating, part)
                for i, rating, part in (by_item[0] if by_item else [])[:reasons]]
