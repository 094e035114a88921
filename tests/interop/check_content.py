"""Compares the vectors of content models with those of scikit-learn's TfidfVectorizer, on
ml-latest-small and on made-up texts, and what is like Toy Story by genres with what is published.

Usage: check_content.py TUSK SOURCE, where TUSK is the program and SOURCE the project's folder, beside
which the data is looked for. Exits with 77, for "skipped", where packages or data are missing.
"""

import csv
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

from common import find_data

try:
    import numpy as np
    from safetensors.numpy import load_file
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer
except ImportError as error:
    print(f"skipped: {error}; ./dev test installs what tests/requirements.txt names")
    sys.exit(77)

TUSK, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
TOLERANCE = 1e-6
FIELDS = ["genre", "title", "tag", "text", "year"]


def tusk(*arguments):
    run = subprocess.run(
        [TUSK, *map(str, arguments), "--json", "--quiet"], check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def vectors_of(folder, data, field, *options):
    """The vectors that a content model of one field has, by id and term."""
    out = folder / "model.safetensors"
    weights = [word for f in FIELDS for word in (f"--{f}-weight", "1" if f == field else "0")]
    tusk("train", data, "--model", "content", *weights, *options, "--out", out, "--overwrite")
    tensors = load_file(out)
    text, ends = bytes(tensors["content_terms"]), tensors["content_terms_offsets"]
    terms = [text[a:b].decode() for a, b in zip(ends, ends[1:])]
    shape = (len(tensors["item_ids"]), len(terms))
    matrix = csr_matrix(
        (tensors["content_values"], tensors["content_columns"], tensors["content_offsets"]), shape
    )
    return list(tensors["item_ids"]), terms, matrix


def compare(name, found, documents, vectorizer):
    ids, terms, matrix = found
    expected = vectorizer.fit_transform([documents[i] for i in ids])
    own = list(vectorizer.get_feature_names_out())
    assert terms == own, f"{name}: terms differ: {sorted(set(terms) ^ set(own))[:10]}"
    difference = abs(matrix - expected).max()
    assert difference < TOLERANCE, f"{name}: weights differ by {difference}"
    print(f"{name}: {len(ids)} items, {len(terms)} terms, largest difference {difference:.1e}")


def without_year(title):
    return re.sub(r"\s*\(\d{4}(?:[-\u2013 ]*\d{0,4})?\)\s*$", "", title)


def check_real_data(folder, data):
    with open(data / "movies.csv", encoding="utf-8", newline="") as file:
        movies = {int(row["movieId"]): row for row in csv.DictReader(file)}
    genres = {
        i: "" if row["genres"] == "(no genres listed)" else row["genres"] for i, row in movies.items()
    }
    by_genre = TfidfVectorizer(analyzer=lambda text: [g for g in text.lower().split("|") if g])
    compare("genres", vectors_of(folder, data, "genre"), genres, by_genre)
    titles = {i: without_year(row["title"]) for i, row in movies.items()}
    compare("titles", vectors_of(folder, data, "title", "--all-words"), titles, TfidfVectorizer())
    compare(
        "titles without stop words",
        vectors_of(folder, data, "title"),
        titles,
        TfidfVectorizer(stop_words="english"),
    )
    tags = {i: [] for i in movies}
    with open(data / "tags.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            tags[int(row["movieId"])].append(row["tag"])
    texts = {i: "|".join(own) for i, own in tags.items()}
    compare("tags", vectors_of(folder, data, "tag", "--all-words"), texts, TfidfVectorizer())


def check_made_up_texts(folder):
    letters = "abcXYZ019_\u00e9\u00c9\u00df\u0130\u03a3\u03c3\u0434\u0416\u4e2d\u00bd\u2168 .,-'\u0301\u2019:\u00b7"
    draw = random.Random(1)
    titles = {i: "".join(draw.choices(letters, k=draw.randint(0, 40))).strip() for i in range(1, 400)}
    with open(folder / "movies.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["movieId", "title", "genres"])
        rows.writerows([i, title, "Drama"] for i, title in titles.items())
    with open(folder / "ratings.csv", "w", encoding="utf-8") as file:
        file.write("userId,movieId,rating\n")
        file.writelines(f"{i % 7},{i},{i % 5 + 1}\n" for i in titles)
    found = vectors_of(folder, folder, "title", "--all-words")
    compare("made-up texts", found, titles, TfidfVectorizer())


def check_toy_story(folder, data):
    out = folder / "genres.safetensors"
    weights = [word for f in FIELDS[1:] for word in (f"--{f}-weight", "0")]
    tusk("train", data, "--model", "content", *weights, "--out", out)
    rows = tusk("similar", out, "--title", "Toy Story", "-k", "12", "--support", "0")
    alike = [row["title"] for row in rows if abs(row["similarity"] - 1) < TOLERANCE]
    published = [
        "Antz (1998)",
        "Toy Story 2 (1999)",
        "Adventures of Rocky and Bullwinkle, The (2000)",
        "Emperor's New Groove, The (2000)",
        "Monsters, Inc. (2001)",
    ]
    missing = set(published) - set(alike)
    assert not missing, f"of similarity 1 with Toy Story are not {missing}, but {alike}"
    first = ["Monsters, Inc. (2001)", "Toy Story 2 (1999)", "Antz (1998)"]
    assert alike[:3] == first, f"ties are not by number of ratings: {alike}"
    print("like Toy Story by genres:", "; ".join(alike))


def main():
    data = find_data(SOURCE, "ml-latest-small", "tags.csv")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_real_data(folder, data)
        check_toy_story(folder, data)
    with tempfile.TemporaryDirectory() as name:
        check_made_up_texts(pathlib.Path(name))


main()
