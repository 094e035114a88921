"""Ratings in and out."""

import numpy as np
import pytest

import tusk


def rows_of(data):
    users, items, ratings, times = data.to_arrays()
    return list(zip(users.tolist(), items.tolist(), ratings.tolist(), times.tolist()))


def test_arrays_come_back(arrays, data):
    assert rows_of(data) == sorted(zip(*(column.tolist() for column in arrays)))
    assert (data.n_users, data.n_items) == (len(set(arrays[0])), len(set(arrays[1])))
    assert data.titles[0] == "Film 0 (1990)"
    assert data.genres[1] == "Comedy"
    assert data.scale == (1, 5)


def test_views_are_read_only_and_no_copies(data):
    assert np.shares_memory(data.ratings, data.ratings)
    with pytest.raises(ValueError):
        data.ratings[0] = 1
    ratings = data.ratings
    del data
    assert ratings.sum() > 0, "the array keeps the data alive"


def test_tables_are_what_arrays_are(arrays, data):
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    columns = dict(zip(("userId", "movieId", "rating", "timestamp"), arrays))
    want = data._core.hash()
    assert tusk.Dataset.from_pandas(pandas.DataFrame(columns))._core.hash() == want
    assert tusk.Dataset.from_polars(polars.DataFrame(columns))._core.hash() == want
    table = pyarrow.table(columns)
    assert tusk.Dataset.from_arrow(table)._core.hash() == want
    chunks = pyarrow.concat_tables([table.slice(0, 7), table.slice(7)])
    assert tusk.Dataset.from_arrow(chunks)._core.hash() == want, "of several chunks, one with an offset"
    assert rows_of(tusk.Dataset.from_arrow(chunks)) == rows_of(data)


def test_texts_and_categories_of_tables():
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    users = ["ann", "bob", "ann", "a name that is longer than twelve bytes"]
    items = ["x", "x", "y", "z"]
    ratings = [1.0, 2.0, 3.0, 4.5]
    want = tusk.Dataset.from_arrays(users, items, ratings)
    columns = {"user": users, "item": items, "rating": ratings}
    tables = [
        pandas.DataFrame(columns),
        pandas.DataFrame({**columns, "user": pandas.Categorical(users)}),
    ]
    for table in tables:
        assert tusk.Dataset.from_pandas(table)._core.hash() == want._core.hash()
    arrow = [
        polars.DataFrame(columns),
        polars.DataFrame(columns).with_columns(polars.col("user").cast(polars.Categorical)),
        pyarrow.table(columns),
        pyarrow.table({**columns, "user": pyarrow.array(users).dictionary_encode()}),
        pyarrow.table({**columns, "user": pyarrow.array(users, pyarrow.large_string())}),
    ]
    for table in arrow:
        assert tusk.Dataset.from_arrow(table)._core.hash() == want._core.hash()


def test_times_of_tables_are_seconds():
    pandas = pytest.importorskip("pandas")
    times = pandas.to_datetime(["2020-01-01", None, "1960-01-01"])
    table = pandas.DataFrame({"user": [1, 2, 3], "item": [1, 1, 1], "rating": [1, 2, 3], "date": times})
    by_pandas = tusk.Dataset.from_pandas(table)
    assert by_pandas.timestamps.tolist() == [1577836800, tusk._core.NO_TIME, -315619200]
    by_arrow = tusk.Dataset.from_arrow(table)
    assert by_arrow.timestamps.tolist() == by_pandas.timestamps.tolist()


def test_missing_values_name_row_and_column():
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"user": ["a", None], "item": [1, 2], "rating": [1.0, 2.0]})
    with pytest.raises(tusk.InputError, match='row 1.*"user"'):
        tusk.Dataset.from_arrow(table)
    with pytest.raises(tusk.InputError, match="row 2.*rating nan"):
        tusk.Dataset.from_arrays([1, 2, 3], [1, 1, 1], [1, 2, np.nan])
    with pytest.raises(tusk.InputError, match="row 1.*user 1.5"):
        tusk.Dataset.from_arrays([1, 1.5], [1, 1], [1, 2])
    with pytest.raises(tusk.InputError, match="row 1.*item None"):
        tusk.Dataset.from_arrays([1, 2], np.array(["a", None], dtype=object), [1, 2])


def test_columns_must_match_and_be_there():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="do not match"):
        tusk.Dataset.from_arrays([1, 2], [1], [1, 2])
    with pytest.raises(ValueError, match="one dimension"):
        tusk.Dataset.from_arrays([[1, 2]], [1], [1])
    with pytest.raises(TypeError, match="numbers"):
        tusk.Dataset.from_arrays([1], [1], ["good"])
    table = pandas.DataFrame({"who": [1, 2], "item": [1, 1], "rating": [1, 2]})
    with pytest.raises(ValueError, match="say user="):
        tusk.Dataset.from_pandas(table)
    assert tusk.Dataset.from_pandas(table, user="who").n_users == 2
    with pytest.raises(ValueError, match="no column 'whom'"):
        tusk.Dataset.from_pandas(table, user="whom")
    with pytest.raises(tusk.InputError, match="no ratings"):
        tusk.Dataset.from_arrays([], [], [])


def test_rows_without_ratings_are_choices(arrays):
    users, items, _, _ = arrays
    data = tusk.Dataset.from_arrays(users, items)
    assert data._core.implicit
    assert set(data.ratings.tolist()) == {1}


def test_sparse_matrices(arrays, data):
    scipy = pytest.importorskip("scipy.sparse")
    matrix = data.to_scipy()
    assert matrix.shape == (data.n_users, data.n_items)
    again = tusk.Dataset.from_scipy(matrix, users=data.user_ids, items=data.item_ids)
    assert again._core.hash() == data._core.hash()
    assert tusk.Dataset.from_scipy(scipy.csr_matrix(np.eye(3))).n_ratings == 3


def test_files_and_their_remarks(tmp_path):
    file = tmp_path / "ratings.csv"
    file.write_text("user,item,rating\n1,1,3\n1,2,nine\n")
    with pytest.raises(tusk.InputError, match="ratings.csv:3") as raised:
        tusk.Dataset.read(file)
    assert raised.value.line == 3
    with pytest.warns(UserWarning):
        data = tusk.Dataset.read(file, on_bad="skip")
    assert len(data) == 1
    with pytest.raises(FileNotFoundError, match="missing.csv"):
        tusk.Dataset.read(tmp_path / "missing.csv")


def test_splits_are_rows(data):
    train, test = data.split("random:0.25", random_state=3)
    assert sorted([*train, *test]) == list(range(len(data)))
    assert abs(len(test) - len(data) / 4) <= 1
    again = data.split("random:0.25", random_state=3)
    assert np.array_equal(again.test, test)
    folds = data.folds(4)
    assert len(folds) == 4
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(data)))
    for train, test in folds:
        assert not set(train) & set(test)


def test_pickled_data(data):
    import pickle

    again = pickle.loads(pickle.dumps(data))
    assert again._core.hash() == data._core.hash()
    assert again.titles == data.titles


def test_the_smallest_data():
    one = tusk.Dataset.from_arrays([1], [1], [3])
    assert (one.n_users, one.n_items, one.n_ratings) == (1, 1, 1)
    assert tusk.Mean().fit(one).predict([1], [1]).tolist() == [3]
