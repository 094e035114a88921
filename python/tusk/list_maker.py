"""Lists of a model."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from . import _columns, _core
from .data import _id_array
from .lists import Lists, Reason, plain

# Users whose lists are made between two looks for Ctrl-C.
_USERS_AT_ONCE = 8192


class ListMaker:
    """What an estimator recommends. It is a part of `Recommender`, which says what it uses."""

    _algorithm: Any
    _fitted: Any
    _keep: Any
    _users: Any
    _items: Any
    user_ids_: Any
    item_ids_: Any
    titles_: Any

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
        k = self._length(k)
        if on_unknown not in ("error", "popular", "skip"):
            raise ValueError(f"on_unknown is {on_unknown!r}, not 'error', 'popular' or 'skip'")
        has_ratings = self._keep("has_ratings", self._mark_known)
        if users is None:
            indices = model.known_users()
            keys = self.user_ids_[indices]
        else:
            keys = _id_array(_columns.ids(users, "user"))
            indices = self._users(users)
        is_known = has_ratings[indices]
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
        filtered = self._filter(options)
        parts = [self._lists_of(indices[at : at + _USERS_AT_ONCE], is_known[at : at + _USERS_AT_ONCE], k, filtered)
                 for at in range(0, max(len(indices), 1), _USERS_AT_ONCE)]
        return self._joined(keys, parts, "user")

    def _mark_known(self) -> np.ndarray:
        """Whether each user has training ratings; the last place, -1, is of no user."""
        marks = np.zeros(len(self.user_ids_) + 1, dtype=bool)
        marks[self._fitted().known_users()] = True
        return marks

    def _length(self, k: int) -> int:
        """The length of lists of k: there are no more items than the model knows."""
        return min(operator.index(k), max(len(self.item_ids_), 1))

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
        lists = self._fitted().popular(self._length(k), self._filter(options))
        return self._joined(["everybody"], [lists], "user")

    def recommend_for_text(self, text: str, k: int = 10, **options: Any) -> Lists:
        """Items that are like what the text describes: "dark space thriller". Models of content."""
        lists = self._fitted().recommend_for_text(text, self._length(k), self._filter(options))
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
        k = self._length(k)
        if k < 1:
            raise ValueError(f"k is {k}; it must be at least 1")
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
        return [(plain(self.item_ids_[item]), self.titles_[item], match) for item, match in found]

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
