"""The codes of docs/coming-from.md: the same models predict the same."""

import numpy as np
import pytest

import tusk


@pytest.fixture
def surprise():
    return pytest.importorskip("surprise")


def parts(twin):
    users, items, ratings, _ = twin.to_arrays()
    train, test = twin.split("random:0.1")
    # All of Surprise's ids are known, because it predicts the mean of others and Tusk what it knows.
    known = np.isin(users[test], users[train]) & np.isin(items[test], items[train])
    return users, items, ratings, train, test[known][:2000]


def by_surprise(surprise, algorithm, twin):
    users, items, ratings, train, test = parts(twin)
    rows = [(int(users[n]), int(items[n]), float(ratings[n]), None) for n in train]
    data = surprise.Dataset(surprise.Reader(rating_scale=(1, 5))).construct_trainset(rows)
    algorithm.fit(data)
    return np.array([algorithm.predict(int(users[n]), int(items[n])).est for n in test])


def by_tusk(model, twin):
    users, items, _, train, test = parts(twin)
    return model.fit(twin, rows=train).predict(users[test], items[test])


# With more neighbours than there are, equally similar ones do not matter, among which the programs
# choose differently.
ALL = 2000


@pytest.mark.parametrize(
    "theirs, similarity, ours",
    [
        ("KNNBasic", "msd", dict(similarity="msd", centring="none")),
        ("KNNWithMeans", "cosine", dict(similarity="cosine-corated", centring="mean")),
        ("KNNWithZScore", "pearson", dict(similarity="pearson", centring="z-score")),
        ("KNNBaseline", "pearson_baseline", dict(similarity="pearson-baseline", centring="baseline")),
    ],
)
def test_neighbours_are_those_of_surprise(surprise, twin, theirs, similarity, ours):
    options = {"name": similarity, "user_based": False}
    algorithm = getattr(surprise, theirs)(k=ALL, sim_options=options, verbose=False)
    model = tusk.ItemKNN(
        k=ALL, neighbour_policy="raters", weight_shrinkage=0,
        shrinkage=100 if similarity == "pearson_baseline" else 0, **ours,
    )
    error = np.abs(by_tusk(model, twin) - by_surprise(surprise, algorithm, twin))
    assert error.max() < 1e-3


def test_slope_one_is_that_of_surprise(surprise, twin):
    error = np.abs(by_tusk(tusk.SlopeOne(), twin) - by_surprise(surprise, surprise.SlopeOne(), twin))
    assert error.max() < 1e-4


def test_svd_is_as_good_as_that_of_surprise(surprise, twin):
    _, _, ratings, _, test = parts(twin)
    true = ratings[test]
    settings = dict(n_factors=20, n_epochs=20, lr_all=0.005, reg_all=0.02)
    theirs = by_surprise(surprise, surprise.SVD(random_state=1, **settings), twin)
    ours = by_tusk(
        tusk.SVD(bias_learning_rate=0.005, bias_regularization=0.02, init_std=0.1, **settings), twin
    )
    rmse = [np.sqrt(((predicted - true) ** 2).mean()) for predicted in (theirs, ours)]
    assert abs(rmse[0] - rmse[1]) < 0.01, "they differ by the order of the ratings"


def test_ials_is_that_of_implicit():
    pytest.importorskip("implicit")
    from implicit.cpu.als import AlternatingLeastSquares

    confidence, regularization, epochs = 4.0, 0.5, 3
    random = np.random.default_rng(5)
    users, items = np.nonzero(random.random((120, 80)) < 0.1)
    data = tusk.Dataset.from_arrays(users, items)

    def train(count):
        return tusk.IALS(
            factors=24, epochs=count, solver="cholesky", unobserved_weight=1 / (confidence - 1),
            regularization=regularization / confidence, frequency_exponent=0,
        ).fit(data)

    before, after = train(1), train(1 + epochs)
    root = np.float32(np.sqrt(confidence / (confidence - 1)))
    peer = AlternatingLeastSquares(
        factors=24, regularization=regularization, use_cg=False, iterations=epochs, num_threads=1
    )
    # Tusk solves items before users, so that implicit gets the transpose.
    peer.user_factors, peer.item_factors = root * before.item_factors_, root * before.user_factors_
    peer.fit((data.to_scipy() * confidence).T.tocsr(), show_progress=False)
    for ours, theirs in ((after.item_factors_, peer.user_factors), (after.user_factors_, peer.item_factors)):
        assert np.abs(root * ours - theirs).max() < 1e-4 * np.abs(theirs).max()
