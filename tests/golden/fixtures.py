"""The small files that golden commands read. They are the same in every run."""

TINY_RATINGS = """\
userId,movieId,rating,timestamp
ann,heat,5,978300760
ann,"say ""hi"", world",3,978302109
ann,=sum,4,978301968
bob,heat,4,978300275
bob,amélie,2,978824291
"cy, jr",heat,3,978302268
"cy, jr",amélie,5,978302039
"cy, jr",=sum,1,978300719
dee,"say ""hi"", world",4,978302268
dee,amélie,4,978301368
"""

TINY_TITLES = """\
movieId,title,genres
heat,Heat (1995),Action|Crime
"say ""hi"", world","Say ""Hi"", World (1999)",Comedy
=sum,=SUM(A1:A9) (2001),(no genres listed)
amélie,Amélie (2001),Comedy|Romance
"""

FILES = {
    "tiny/ratings.csv": TINY_RATINGS,
    "tiny/movies.csv": TINY_TITLES,
    "empty.csv": "",
    "bad.csv": "userId,movieId,rating\n1,2,3\n1,3,abc\n2,2,4\n2,3,5\n",
    "duplicates.txt": "reader;book;stars\na;x;1\na;x;4\nb;x;2\nb;y;5\na;y;3\nb;y;2\n",
    "dates.csv": "user,item,rating,date\n1,10,4,2005-09-01\n1,11,2,2005-09-01T10:00:00Z\n"
                 "2,10,5,2006-01-02\n2,11,,2006-01-03\n2,12,3,never\n",
    "users.txt": "u07\nu03\nu51\nu03\n",
    "users-unknown.txt": "u07\nnobody\nu03\n",
    "candidates.txt": "i01\ni05\ni09\ni13\ni40\n",
    "pairs.csv": "user,item\nu01,i02\nu60,i40\nnobody,i02\nu01,nothing\nnobody,nothing\n",
    "mine-ratings.csv": "userId,movieId,rating\nme,50,5\nme,100,4\nme,121,1\nme,99999,3\n",
    "new-users.csv": "userId,movieId,rating\nx,i01,5\nx,i02,1\ny,i03,4\ny,i99,2\n",
    "train.toml": 'model = "mf"\nfactors = 3\nepochs = 4\n[train]\nseed = 5\n',
    "unknown-key.toml": "factors = 3\nfaktors = 4\n",
    "bad-value.toml": '[train]\nfactors = "many"\n',
    "broken.toml": "factors = = 3\n",
    "not-a-model.safetensors": "this is no model\n",
}


def small_data(users=60, items=40):
    """Ratings 1 to 5 with some structure, about half of all pairs, and titles."""
    state = 1
    ratings, titles = ["userId,movieId,rating,timestamp"], ["movieId,title,genres"]
    genres = ["Comedy", "Drama", "Comedy|Drama", "Sci-Fi", "(no genres listed)"]
    for item in range(1, items + 1):
        titles.append(f'i{item:02},"Film {item:02}, The ({1950 + item})",{genres[item % 5]}')
    for user in range(1, users + 1):
        for item in range(1, items + 1):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            if (state >> 40) % (1 + item // 8) > 1:
                continue
            taste = 1.2 if user % 3 == item % 3 else -0.6
            value = 3.2 + taste + (user % 5 - 2) * 0.3 + ((state >> 33) % 5 - 2) * 0.4
            ratings.append(f"u{user:02},i{item:02},{min(5, max(1, round(value)))},{state >> 35}")
    return "\n".join(ratings) + "\n", "\n".join(titles) + "\n"


def write(folder):
    ratings, titles = small_data()
    files = FILES | {"small/ratings.csv": ratings, "small/movies.csv": titles}
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
