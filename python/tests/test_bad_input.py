"""What a newcomer does wrong is an exception of the right type that says what is wrong."""

import numpy as np
import pytest

import tusk

of = tusk.Dataset.from_arrays

DATA = {
    "a rating that is missing": (lambda: of([1, 2], [1, 2], [1, None]), tusk.InputError, "row 1.*rating nan"),
    "an infinite rating": (lambda: of([1, 2], [1, 2], [1, np.inf]), tusk.InputError, "row 1.*rating inf"),
    "a text and a missing id": (lambda: of(["a", np.nan], [1, 2]), tusk.InputError, "row 1.*user nan"),
    "a text and None": (lambda: of(["a", None], [1, 2]), tusk.InputError, "row 1.*user None"),
    "an id beyond 64 bits": (lambda: of([1, 2**64], [1, 2]), tusk.InputError, "row 1.*64 bits"),
    "a float beyond 64 bits": (lambda: of([1, 1e19], [1, 2]), tusk.InputError, "row 1.*64 bits"),
    "an id that is no UTF-8": (lambda: of(["b", "\ud800"], [1, 2]), tusk.InputError, "row 1.*UTF-8"),
    "an id with a zero": (lambda: of(["b", "a\0"], [1, 2]), tusk.InputError, "row 1.*control characters"),
    "an empty id": (lambda: of(["b", ""], [1, 2]), tusk.InputError, "row 1"),
    "truth values as ids": (lambda: of([True, False], [1, 2]), TypeError, "bool"),
    "dates as ids": (lambda: of(np.array(["2020-01-01"], "M8[D]"), [1]), TypeError, "datetime64"),
    "a mapping": (lambda: of({1: 2}, [1]), tusk.InputError, "row 0"),
    "one user more": (lambda: of([1, 2, 3], [1, 2], [1, 2]), ValueError, "3 users, 2 items"),
    "one time less": (lambda: of([1, 2], [1, 2], [1, 2], [1]), ValueError, "1 timestamps"),
    "no time": (lambda: of([1], [1], [1], [np.inf]), tusk.InputError, "timestamp inf"),
    "nothing": (lambda: of([], [], []), tusk.InputError, "no ratings"),
    "a scale as a text": (lambda: of([1], [1], [1], scale="1:5"), ValueError, r"such as \(1, 5\)"),
    "a rating off the scale": (lambda: of([1, 2], [1, 2], [1, 9], scale=(1, 5)), tusk.InputError, "row 1.*9"),
    "the constructor": (lambda: tusk.Dataset([1, 2]), TypeError, "from_arrays"),
    "a path that is not there": (lambda: tusk.Dataset.read("/nowhere"), FileNotFoundError, "nowhere"),
    "a model that is not there": (lambda: tusk.load("/nowhere"), FileNotFoundError, "nowhere"),
    "a file that is no model": (lambda: tusk.load(__file__), tusk.FormatError, "not a usable model file"),
    "no twin": (lambda: tusk.synthetic("ml-1k"), ValueError, "ml-100k"),
}


@pytest.mark.parametrize("what", DATA)
def test_data(what):
    use, error, message = DATA[what]
    with pytest.raises(error, match=message):
        use()


MODEL = {
    "a path": (lambda m, d: tusk.MF().fit("ml-100k"), TypeError, "Dataset.read"),
    "nothing": (lambda m, d: tusk.MF().fit(None), ValueError, "fit\\(dataset\\)"),
    "no rows": (lambda m, d: tusk.MF().fit(d, rows=[]), tusk.InputError, "no rating"),
    "rows that are fractions": (lambda m, d: tusk.MF().fit(d, rows=[0.5]), TypeError, "float64"),
    "a row below 0": (lambda m, d: tusk.MF().fit(d, rows=[-1]), IndexError, "no such rating"),
    "a short mask": (lambda m, d: tusk.MF().fit(d, rows=np.ones(3, bool)), ValueError, "mask of 3"),
    "too many epochs": (lambda m, d: tusk.MF(epochs=10**30).fit(d), tusk.ParameterError, "epochs"),
    "no rate": (lambda m, d: tusk.MF(learning_rate=np.nan).fit(d), tusk.ParameterError, "learning_rate is nan"),
    "too high a rate": (lambda m, d: tusk.MF(learning_rate=10.0, epochs=30).fit(d), tusk.DivergedError, "Lower"),
    "no seed": (lambda m, d: tusk.MF(random_state="x").fit(d), TypeError, "random_state is 'x'"),
    "too large a seed": (lambda m, d: tusk.MF(random_state=2**70).fit(d), ValueError, "random_state"),
    "half a thread": (lambda m, d: tusk.MF(n_jobs=1.5).fit(d), ValueError, "n_jobs is 1.5"),
    "no device": (lambda m, d: tusk.MF(device=None).fit(d), TypeError, "device is None"),
    "an argument without a name": (lambda m, d: tusk.MF(3), TypeError, "MF.__init__"),
    "an unknown user": (lambda m, d: m.recommend([999]), tusk.InputError, "user 999.*on_unknown"),
    "a typo": (lambda m, d: m.recommend([100], on_unknown="skp"), ValueError, "'skip'"),
    "lists of none": (lambda m, d: m.recommend([100], k=0), ValueError, "0 recommendations"),
    "lists of less": (lambda m, d: m.recommend([100], k=-1), ValueError, "-1"),
    "half a place": (lambda m, d: m.recommend([100], k=2.5), TypeError, "float"),
    "an unknown option": (lambda m, d: m.recommend([100], topk=3), TypeError, "topk"),
    "an option's type": (lambda m, d: m.recommend([100], min_ratings="few"), TypeError, "min_ratings is 'few'"),
    "an unknown genre": (lambda m, d: m.recommend([100], genres="Noir"), ValueError, "Noir"),
    "only unknown items": (lambda m, d: m.recommend([100], items=[777]), ValueError, "no item"),
    "a user as a fraction": (lambda m, d: m.predict([1.5], [0]), tusk.InputError, "1.5"),
    "unequal pairs": (lambda m, d: m.predict([100, 101], [0, 10, 20]), ValueError, "2 users and 3 items"),
    "an unknown item": (lambda m, d: m.similar(777), tusk.InputError, "777"),
    "deviations of mf": (lambda m, d: m.predict([100], [0], return_std=True), ValueError, "no deviations"),
    "a new user's missing rating": (lambda m, d: m.fold_in({0: np.nan}), tusk.InputError, "item 0.*nan"),
    "unequal columns of a new user": (lambda m, d: m.fold_in([0, 10], [1]), ValueError, "do not match"),
    "ratings of lists": (lambda m, d: tusk.EASE().fit(d).predict([100], [0]), ValueError, "only ranks"),
    "a row of other data": (lambda m, d: m.evaluate(d, rows=[10**9]), IndexError, "no such rating"),
    "a report of other data": (lambda m, d: m.report(of([1], [1], [3])), ValueError, "other users"),
    "a folder that is not there": (lambda m, d: m.save("/nowhere/m"), tusk.Error, "cannot be written"),
    "new ratings off the scale": (lambda m, d: m.partial_fit([100], [0], [99]), tusk.InputError, "99"),
    "no model": (lambda m, d: tusk.cross_validate("svdpp", d), ValueError, "'svdpp' is not a model"),
    "one fold": (lambda m, d: tusk.cross_validate("bias", d, folds=1), ValueError, "folds from 2"),
    "all for the test": (lambda m, d: d.split(1), ValueError, "random:1"),
    "an empty range": (lambda m, d: tusk.tune("mf", d, {"factors": (8, 2)}), ValueError, "8..2"),
    "no metric": (lambda m, d: tusk.tune("mf", d, {"factors": 8}, metric="auc"), ValueError, "ndcg@K"),
}


@pytest.mark.parametrize("what", MODEL)
def test_models(what, model, data):
    use, error, message = MODEL[what]
    with pytest.raises(error, match=message):
        use(model, data)


def test_attributes_of_an_unfitted_model_say_so():
    with pytest.raises(AttributeError, match="not fitted.*user_ids_"):
        tusk.MF().user_ids_
    assert not hasattr(tusk.MF(), "user_factors_")


def test_what_is_generous(model):
    assert model.recommend("100", k=np.int64(3)).items.shape == (1, 3), "one id, as a text"
    assert model.recommend([100], k=10**12).items.shape == (1, 40), "no more than there are items"
    assert model.recommend([], k=3).items.shape == (0, 3)
    assert model.similar([], k=3).items.shape == (0, 3)
    assert model.similar(0, k=10**12).items.shape == (1, 40)
    assert model.predict([], []).shape == (0,)
    assert model.predict([100, 101], 0).shape == (2,), "one item for all users"
    assert len(model.fold_in({}).recommend(2)[0]) == 2, "of a user without ratings"
    assert of([b"x", b"y"], [1, 2]).user_ids.tolist() == ["x", "y"]
    assert of(["a", 1], [1, 2]).user_ids.tolist() == ["1", "a"], "numbers among texts are texts"
    assert of([1, 2], [1, 1], [1, 2], [None, 5]).timestamps.tolist() == [tusk._core.NO_TIME, 5]


def test_without_pandas(model, data, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pandas", None)
    assert len(model.recommend([100], k=3)[0]) == 3
    with pytest.raises(ImportError, match="pandas"):
        data.to_pandas()
    with pytest.raises(ImportError, match="pandas"):
        model.recommend([100]).to_pandas()
