"""Data that tests share: a small one with a planted structure, and the twin of MovieLens 100K."""

import numpy as np
import pytest

import tusk


def make_ratings(users=60, items=40, seed=0):
    """Ratings 1 .. 5 of two tastes, and times."""
    random = np.random.default_rng(seed)
    user, item = np.nonzero(random.random((users, items)) < 0.4)
    taste = np.where(user % 2 == item % 2, 4.2, 2.2)
    rating = np.clip(np.rint(taste + random.normal(0, 0.6, len(user))), 1, 5).astype(np.float32)
    time = random.integers(10**9, 10**9 + 10**6, len(user))
    return (user + 100).astype(np.int64), (item * 10).astype(np.int64), rating, time


@pytest.fixture
def arrays():
    return make_ratings()


@pytest.fixture
def data(arrays):
    users, items, ratings, times = arrays
    titles = {int(item): f"Film {item} (1990)" for item in np.unique(items)}
    genres = {int(item): "Comedy" if item % 20 else "Drama" for item in np.unique(items)}
    return tusk.Dataset.from_arrays(users, items, ratings, times, titles, genres)


@pytest.fixture(scope="session")
def twin():
    return tusk.synthetic("ml-100k")


@pytest.fixture
def model(data):
    return tusk.MF(factors=8, epochs=60, learning_rate=0.02, n_jobs=1).fit(data)
