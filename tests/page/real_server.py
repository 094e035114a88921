"""A running `tusk serve` of a model of the films in films.tsv."""

import csv
import pathlib
import random
import sys
import tempfile

from stand_in import read_films

sys.path.append(str(pathlib.Path(__file__).parents[1] / "server"))

from serving import Server, run

USERS = 200


def write_data(folder):
    """Ratings by users who each like one genre, as MovieLens has them."""
    films = read_films()
    genres = sorted({genre for film in films for genre in film["genres"]})
    chance = random.Random(1)
    with open(folder / "movies.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["movieId", "title", "genres"])
        rows.writerows([film["id"], film["title"], "|".join(film["genres"])] for film in films)
    with open(folder / "ratings.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["userId", "movieId", "rating", "timestamp"])
        for user in range(1, USERS + 1):
            liked = chance.choice(genres)
            for film in chance.sample(films, 20):
                stars = chance.choice([4, 4.5, 5] if liked in film["genres"] else [1, 2, 2.5, 3, 3.5])
                rows.writerow([user, film["id"], stars, 1_000_000_000 + user])


class RealServer:
    """Lives in a `with` statement."""

    def __init__(self, tusk):
        self.tusk = tusk

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        data = pathlib.Path(self.folder.name) / "films"
        data.mkdir()
        write_data(data)
        model = data / "model.safetensors"
        run(self.tusk, "train", data, "--split", "random:0.1", "--out", model, "--quiet")
        self.server = Server(self.tusk, model)
        self.address = f"http://127.0.0.1:{self.server.port}/"
        return self

    def __exit__(self, *_):
        self.server.end()
        self.folder.cleanup()
