"""Cross-validation, searches, comparisons, and the ways into scikit-learn and Optuna."""

import numpy as np
import pytest

import tusk


def test_cross_validation(data):
    result = tusk.cross_validate(tusk.MF(factors=4, epochs=60, learning_rate=0.02), data, folds=3, k=5)
    assert len(result.folds) == 3
    assert result.rmse == pytest.approx(np.mean([fold["rmse"] for fold in result.folds]))
    assert 0 < result.ranking["ndcg"] <= 1
    assert result.rmse < tusk.cross_validate("mean", data, folds=3).rmse
    assert "<iframe" in result._repr_html_() and "<html" in result.html
    pandas = pytest.importorskip("pandas")
    assert list(result.to_pandas().index) == [1, 2, 3]
    assert isinstance(result.to_pandas(), pandas.DataFrame)
    lists = tusk.cross_validate(tusk.EASE(), data, folds=3)
    assert lists.rmse is None and lists.ranking["ndcg"] > 0


def test_the_same_folds_by_hand(data):
    folds = data.folds(3)
    model = tusk.MF(factors=4, epochs=10)
    result = tusk.cross_validate(model, data, folds=folds)
    for fold, (train, test) in zip(result.folds, folds):
        by_hand = tusk.MF(factors=4, epochs=10).fit(data, rows=train).evaluate(data, rows=test)
        assert by_hand["rmse"] == pytest.approx(fold["rmse"], abs=1e-5)


def test_comparison(data):
    result = tusk.compare(["mean", "item-knn", tusk.MF(factors=4, epochs=60, learning_rate=0.02)], data, folds=3)
    assert {m["model"] for m in result.models} == {"mean", "item-knn", "mf"}
    assert result.models[0]["model"] != "mean" and result.models[0]["p"] is None
    assert [m["rmse"] for m in result.models] == sorted(m["rmse"] for m in result.models)
    assert result.metric == "rmse"
    labelled = tusk.compare({"small": tusk.MF(factors=2, epochs=5), "large": tusk.MF(factors=8, epochs=5)}, data, 3)
    assert "model" in repr(result) and "small" in repr(labelled)
    lists = tusk.compare(["ease", "popular"], data, folds=3)
    assert lists.metric.startswith("ndcg")
    with pytest.raises(ValueError):
        tusk.compare([], data)
    pytest.importorskip("pandas")
    assert set(labelled.to_pandas().index) == {"small", "large"}


def test_tuning(data):
    grid = tusk.tune(tusk.MF(epochs=5), data, {"factors": [2, 8], "learning_rate": [0.001, 0.01]}, folds=3)
    assert len(grid.trials) == 4
    assert grid.best_score_ == min(trial["score"] for trial in grid.trials)
    assert grid.best_params_["factors"] in (2, 8)
    assert grid.best_estimator_.predict([100], [0]).shape == (1,)
    assert grid.best_estimator_.factors == grid.best_params_["factors"]
    table = grid.to_pandas() if pytest.importorskip("pandas") else None
    assert set(table.columns) >= {"factors", "learning_rate", "score"}
    random = tusk.tune("bias", data, {"user_damping": (1, 50, "log")}, trials=5, folds=3, test_size=0.2)
    assert len(random.trials) == 5
    lists = tusk.tune("ease", data, {"regularization": [10, 1000]}, folds=3, metric="ndcg@5")
    assert lists.best_score_ == max(trial["score"] for trial in lists.trials)
    with pytest.raises(ValueError, match="factor"):
        tusk.tune("bias", data, {"factors": [1, 2]})


def test_optuna(data):
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial):
        model = tusk.suggest(trial, tusk.MF(epochs=3), data, only=["factors", "learning_rate"])
        return tusk.cross_validate(model, data, folds=2).rmse

    study = optuna.create_study()
    study.optimize(objective, n_trials=3)
    assert 64 <= study.best_params["factors"] <= 400
    with pytest.raises(ValueError, match="colour"):
        tusk.suggest(study.ask(), "mf", data, only=["colour"])


def test_scikit_learn_searches_and_scores(data):
    selection = pytest.importorskip("sklearn.model_selection")
    pairs, ratings = data.to_pairs()
    scores = selection.cross_val_score(
        tusk.MF(factors=4, epochs=10), pairs, ratings, cv=data.folds(3), scoring="neg_root_mean_squared_error"
    )
    ours = tusk.cross_validate(tusk.MF(factors=4, epochs=10), data, folds=data.folds(3))
    assert -scores.mean() == pytest.approx(ours.rmse, abs=0.02)
    search = selection.GridSearchCV(tusk.MF(epochs=5), {"factors": [2, 4]}, cv=2).fit(pairs, ratings)
    assert search.best_params_["factors"] in (2, 4)
    from sklearn.base import clone

    assert clone(tusk.MF(factors=3)).factors == 3


def test_synthetic_twin(twin):
    assert (twin.n_users, twin.n_items, twin.n_ratings) == (943, 1682, 100_000)
    assert twin.titles[0]


def test_report_of_a_model(model, data):
    assert "<iframe" in model.report(data)._repr_html_()


def test_doctor():
    assert tusk.doctor()["threads"] >= 1
