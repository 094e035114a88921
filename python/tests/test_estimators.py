"""Estimators: parameters, training, predictions, lists."""

import copy
import os
import pickle
import signal
import threading

import numpy as np
import pytest

import tusk
from tusk import estimators


def small(kind):
    """Settings that train in no time."""
    cheap = {"factors": 4, "epochs": 3, "ials_factors": 4, "ials_epochs": 2, "hidden": "8"}
    return kind(n_jobs=1, **{n: v for n, v in cheap.items() if n in kind._defaults})


@pytest.mark.parametrize("name", estimators.BY_NAME)
def test_every_model_of_the_table_trains_and_makes_lists(name, data, tmp_path):
    model = small(estimators.BY_NAME[name]).fit(data)
    lists = model.recommend([100, 101], k=5)
    assert lists.indices.shape == (2, 5)
    assert (np.diff(lists.scores, axis=1) <= 1e-6).all()
    seen = {(u, i) for u, i, *_ in zip(*data.to_arrays()[:2])}
    assert not any((user, entry.item) in seen for user, row in zip((100, 101), lists) for entry in row)
    if model.model_.predicts_ratings:
        ratings = model.predict([100, 101, 999], [0, 10, 0])
        assert ((1 <= ratings) & (ratings <= 5)).all()
    else:
        with pytest.raises(ValueError, match="rating"):
            model.predict([100], [0])
    for name in model.attributes():
        assert not getattr(model, name).flags.writeable
        assert np.shares_memory(getattr(model, name), getattr(model, name)) or not getattr(model, name).size
    # Kept and read again, it is the same model.
    model.save(tmp_path / "m.safetensors")
    again = tusk.load(tmp_path / "m.safetensors")
    assert type(again) is type(model)
    assert np.array_equal(again.recommend([100, 101], k=5).indices, lists.indices)
    pickled = pickle.loads(pickle.dumps(model))
    assert np.array_equal(pickled.recommend([100, 101], k=5).scores, lists.scores)
    assert pickled.get_params() == model.get_params()


def test_names_and_aliases():
    assert tusk.SVD is tusk.MF
    assert tusk.MF(n_factors=7, lr_all=0.01).factors == 7
    assert tusk.MF(no_bias=True).biased is False
    assert tusk.ItemKNN(k=5).get_params()["neighbours"] == 5
    assert {tusk.IALS, tusk.EASE, tusk.UserKNN, tusk.SlopeOne, tusk.PureSVD} <= set(estimators.BY_NAME.values())
    with pytest.raises(TypeError, match="no parameter 'factor'"):
        tusk.MF(factor=3)
    with pytest.raises(TypeError, match="twice"):
        tusk.MF(factors=3, n_factors=4)
    assert repr(tusk.MF(factors=3)) == "MF(factors=3)"


def test_parameters_are_checked_when_training(data):
    with pytest.raises(tusk.ParameterError, match="factors is 0.*from 1 to 4096"):
        tusk.MF(factors=0).fit(data)
    with pytest.raises(ValueError, match="decay"):
        tusk.MF(schedule="inverse").fit(data)
    with pytest.raises(ValueError, match="n_jobs"):
        tusk.MF(n_jobs=0).fit(data)
    with pytest.raises(ValueError, match="random_state"):
        tusk.MF(random_state=-1).fit(data)
    with pytest.raises(ValueError, match="device"):
        tusk.MF(device="abacus").fit(data)
    assert tusk.MF(factors=np.int64(3), learning_rate=np.float32(0.01), epochs=1).fit(data).n_iter_ == 1


def test_ways_to_give_ratings(arrays, data):
    users, items, ratings, _ = arrays
    pandas = pytest.importorskip("pandas")
    settings = dict(factors=4, epochs=5, n_jobs=1)
    want = tusk.MF(**settings).fit(users, items, ratings).predict([100], [10])
    pairs = np.column_stack([users, items])
    frame = pandas.DataFrame({"user": users, "item": items, "rating": ratings})
    for given in ((pairs, ratings), (frame[["user", "item"]], frame["rating"]), (frame,)):
        model = tusk.MF(**settings).fit(*given)
        assert np.array_equal(model.predict(np.array([[100, 10]])), want)
    with pytest.raises(ValueError, match="pairs"):
        tusk.MF().fit(np.ones((3, 3)), [1, 2, 3])


def test_rows_of_a_split(data):
    split = data.split("random:0.2")
    model = tusk.MF(factors=4, epochs=5).fit(data, rows=split)
    by_rows = tusk.MF(factors=4, epochs=5).fit(data, rows=split.train)
    assert np.array_equal(model.user_factors_, by_rows.user_factors_)
    mask = np.zeros(len(data), dtype=bool)
    mask[split.train] = True
    assert np.array_equal(tusk.MF(factors=4, epochs=5).fit(data, rows=mask).user_factors_, model.user_factors_)
    errors = model.evaluate(data, rows=split.test, k=5)
    assert errors["count"] == len(split.test)
    assert errors == model.evaluate(data, rows=split, k=5)
    users, items, ratings, _ = data.to_arrays()
    residual = model.predict(users[split.test], items[split.test]) - ratings[split.test]
    assert errors["rmse"] == pytest.approx(np.sqrt((residual**2).mean()), rel=1e-5)
    assert 0 < errors["ranking"]["ndcg"] <= 1
    with pytest.raises(IndexError):
        tusk.MF().fit(data, rows=[len(data)])


def test_attributes_are_views(model, data):
    factors = model.user_factors_
    assert factors.shape == (data.n_users, 8) and factors.dtype == np.float32
    assert np.shares_memory(factors, model.user_factors_)
    assert not factors.flags.writeable
    with pytest.raises(ValueError):
        factors[0, 0] = 1
    assert "item_bias_" in dir(model)
    u, i = 3, 5
    score = model.mean_[0] + model.user_bias_[u] + model.item_bias_[i] + factors[u] @ model.item_factors_[i]
    predicted = model.decision_function([model.user_ids_[u]], [model.item_ids_[i]])[0]
    assert predicted == pytest.approx(score, abs=1e-4)
    with pytest.raises(AttributeError):
        model.nothing_
    with pytest.raises(AttributeError, match="user_factors_"):
        tusk.MF().user_factors_
    kept = copy.deepcopy(model)
    del model
    assert np.isfinite(factors).all(), "the array keeps the model alive"
    assert np.array_equal(kept.user_factors_, factors)


def test_same_seed_same_bytes(data, tmp_path):
    files = []
    for threads in (1, 2):
        path = tmp_path / f"{threads}"
        tusk.MF(factors=8, epochs=3, random_state=7, n_jobs=threads).fit(data).save(path)
        files.append(path.read_bytes())
    assert files[0] == files[1]
    other = tusk.MF(factors=8, epochs=3, random_state=8).fit(data)
    other.save(tmp_path / "other")
    assert (tmp_path / "other").read_bytes() != files[0]
    state = np.random.RandomState(0)
    assert tusk.MF(epochs=1, random_state=state).fit(data).n_iter_ == 1


def test_evidence(model):
    _, evidence = model.predict([100, 100, 5], [0, 7, 7], return_evidence=True)
    assert evidence.tolist() == ["full", "user-only", "global"]


def test_deviations_of_predictions(data):
    model = tusk.BayesianMF(factors=4, n_jobs=1).fit(data)
    users, items, ratings, _ = data.to_arrays()
    predicted, std, evidence = model.predict(users, items, return_std=True, return_evidence=True)
    assert (std > 0).all() and set(evidence) == {"full"}
    assert np.array_equal(predicted, model.predict(users, items))
    within = np.abs(ratings - predicted) < 1.645 * std
    assert 0.85 < within.mean() < 0.98, "nine in ten"
    assert model.predict([999], [0], return_std=True)[1][0] > np.median(std), "of nobody less is known"
    folded = model.fold_in([{0: 5, 20: 5}, {}])
    predicted, std = folded.predict([40, 60], return_std=True)
    assert predicted.shape == std.shape == (2, 2) and (std > 0).all()
    read = pickle.loads(pickle.dumps(model))
    assert np.array_equal(read.predict(users, items, return_std=True), model.predict(users, items, return_std=True))


def test_predictions_at_a_time(data):
    model = tusk.BayesianMF(factors=4, sweeps=20, burn_in=5, time=True, n_jobs=1).fit(data)
    users, items, _, times = (column[:200] for column in data.to_arrays())
    then, std = model.predict(users, items, times=times, return_std=True)
    assert (then != model.predict(users, items)).any() and (std > 0).all()
    assert np.array_equal(model.predict(users, items, times=times[:1]), model.predict(users, items, times=[times[0]] * 200))
    errors = model.evaluate(data, part="all")
    assert np.isfinite(errors["rmse"])
    with pytest.raises(ValueError, match="3 times and 200 pairs"):
        model.predict(users, items, times=times[:3])


def test_lists_and_filters(model, data):
    drama = model.recommend([100], k=100, genres="Drama", exclude_seen=False)
    assert all(entry.item % 20 == 0 for entry in drama[0]) and len(drama[0]) == 20
    assert drama.indices.shape == (1, 40), "no wider than there are items"
    assert drama.indices[0, 20:].tolist() == [-1] * 20
    assert drama.items[0, 20:].tolist() == [-1] * 20
    some = model.recommend([100], k=3, items=[0, 10, 12345], exclude_seen=False)
    assert {entry.item for entry in some[0]} == {0, 10}
    assert len(model.recommend(k=2)) == data.n_users
    with pytest.raises(tusk.InputError, match="user 5 "):
        model.recommend([100, 5])
    popular = model.recommend([100, 5], k=3, on_unknown="popular")
    assert [e.item for e in popular[1]] == [e.item for e in model.popular(3)[0]]
    assert popular[1][0].evidence == "global"
    assert len(model.recommend([100, 5], on_unknown="skip")) == 1
    with pytest.raises(ValueError, match="genre"):
        model.recommend([100], genres="Western")
    with pytest.raises(ValueError):
        model.recommend([100], k=0)
    with pytest.raises(TypeError, match="no option"):
        model.recommend([100], colour="red")
    pandas = pytest.importorskip("pandas")
    table = model.recommend([100, 101], k=3).to_pandas()
    assert isinstance(table, pandas.DataFrame)
    assert list(table["user"]) == [100] * 3 + [101] * 3
    assert "Film" in table["title"][0]
    assert "<table>" in model.recommend([100], k=3)._repr_html_()


def test_many_users_are_the_same_in_batches(model, monkeypatch):
    whole = model.recommend(k=4)
    monkeypatch.setattr("tusk.list_maker._USERS_AT_ONCE", 7)
    assert np.array_equal(model.recommend(k=4).indices, whole.indices)


def test_similar_items_and_titles(model):
    near = model.similar([0, 10], k=5)
    assert near.indices.shape == (2, 5)
    assert 0 not in [entry.item for entry in near[0]]
    with pytest.raises(tusk.InputError, match="item 7"):
        model.similar(7)
    assert model.find("flim 120")[0][0] == 120, "typos are allowed"


def test_new_users(model):
    likes_even = {0: 5, 20: 5, 40: 5, 10: 1, 30: 1, 777: 3}
    folded = model.fold_in(likes_even)
    assert folded.unknown_items == [777]
    assert folded.factors.shape == (1, 8)
    even, odd = folded.predict([60, 80]).mean(), folded.predict([50, 70]).mean()
    assert even > odd
    lists = folded.recommend(k=3)
    assert not {0, 20, 40, 10, 30} & {entry.item for entry in lists[0]}
    several = model.fold_in([likes_even, {}])
    assert len(several.recommend(k=2)) == 2
    assert several.predict([60]).shape == (2, 1)
    assert len(folded.explain(lists[0][0].item)) > 0
    assert len(model.fold_in([0, 20]).recommend(2)[0]) == 2


def test_reasons(data):
    model = tusk.ItemKNN(n_jobs=1).fit(data)
    item = model.recommend([100], k=1)[0][0].item
    reasons = model.explain(100, item, reasons=3)
    assert 0 < len(reasons) <= 3
    assert all(reason.title.startswith("Film") for reason in reasons)


def test_new_ratings_in_a_model(model, data):
    before = data.n_users
    model.partial_fit([9999, 9999], [0, 10], [5, 1])
    assert model.update_["new_users"] == 1
    assert len(model.user_ids_) == before + 1
    assert len(model.recommend([9999], k=3)[0]) == 3


def test_not_fitted():
    for use in (lambda m: m.predict([1], [1]), lambda m: m.recommend([1]), lambda m: m.save("x")):
        with pytest.raises(ValueError, match="not fitted"):
            use(tusk.MF())


def test_callback_sees_every_epoch_and_stops(data):
    seen = []
    model = tusk.MF(factors=4, epochs=50).fit(data, callback=lambda r: seen.append(r["epoch"]) or len(seen) == 5)
    assert seen == [1, 2, 3, 4, 5]
    assert model.interrupted_ and model.n_iter_ == 5
    with pytest.raises(ZeroDivisionError):
        tusk.MF(factors=4, epochs=50).fit(data, callback=lambda r: 1 / 0)


def interrupt_after(seconds):
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()


def test_ctrl_c_keeps_what_training_had(twin):
    def interrupt(report):
        if report["epoch"] == 3:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.warns(UserWarning, match="interrupted after"):
        model = tusk.MF(factors=16, epochs=100_000).fit(twin, callback=interrupt)
    assert model.interrupted_ and 3 <= model.n_iter_ < 1000
    assert np.isfinite(model.predict([1], [1])).all()


def test_ctrl_c_without_a_result_is_raised(twin):
    interrupt_after(0.3)
    with pytest.raises(KeyboardInterrupt):
        tusk.cross_validate(tusk.MF(epochs=100_000), twin)


def test_ctrl_c_ends_predictions(twin):
    model = tusk.ItemKNN(neighbour_policy="raters", n_jobs=1).fit(twin)
    users, items = np.repeat(twin.user_ids, 1682), np.tile(twin.item_ids, 943)
    interrupt_after(0.1)
    with pytest.raises(KeyboardInterrupt):
        for _ in range(100):
            model.predict(users, items)


def test_threads_on_one_model(twin):
    model = tusk.MF(factors=16, epochs=5, n_jobs=1).fit(twin)
    users = twin.user_ids
    pairs = twin.to_pairs()[0]
    want_lists = model.recommend(users, k=10).indices
    want = model.predict(pairs)
    problems = []

    def work():
        for _ in range(3):
            if not np.array_equal(model.recommend(users, k=10).indices, want_lists):
                problems.append("lists")
            if not np.array_equal(model.predict(pairs), want):
                problems.append("predictions")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


def test_memory_does_not_grow(data):
    import gc
    import tracemalloc

    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def fit_some(count):
        for _ in range(count):
            model = tusk.MF(factors=16, epochs=1, n_jobs=1).fit(data)
            model.recommend([100], k=3)
            model.user_factors_
        gc.collect()

    fit_some(20)
    tracemalloc.start()
    before, traced = resident(), tracemalloc.get_traced_memory()[0]
    fit_some(200)
    assert tracemalloc.get_traced_memory()[0] - traced < 100_000
    tracemalloc.stop()
    assert resident() - before < 4 << 20


def test_joblib(model, tmp_path):
    joblib = pytest.importorskip("joblib")
    joblib.dump(model, tmp_path / "m.joblib")
    again = joblib.load(tmp_path / "m.joblib")
    assert np.array_equal(again.predict([100], [0]), model.predict([100], [0]))
