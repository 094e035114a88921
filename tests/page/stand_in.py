"""A stand-in for `tusk serve`: the page, and canned answers as docs/api.md describes them.

usage: stand_in.py [--products] [--port N]    (to look at the page by hand)

It refuses whatever the API refuses of a page: unknown fields and parameters, ratings off the scale.
Its scores are made of shared genres; nothing is learnt.
"""

import argparse
import http.server
import json
import pathlib
import re
import socket
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "src" / "server" / "page"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}  # fmt: skip
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LOW, HIGH = 0.5, 5
FILTER = {"genre", "exclude_genre", "from", "to", "min_ratings"}
METADATA = {
    "epochs": "20", "factors": "64", "regularization": "0.05", "seed": "1", "split": "random:0.1 seed 1",
    "test_rmse": "0.8644", "test_mae": "0.6641", "test_ndcg": "0.1831", "test_precision": "0.1012",
    "test_recall": "0.1412", "test_hit_rate": "0.4826", "test_coverage": "0.0692", "test_map": "0.0917",
    "test_ranking": "top 10, candidates all-unseen, relevant from 4, ranked by rating, 562 users",
}  # fmt: skip


class Refused(Exception):
    def __init__(self, status, kind, detail):
        super().__init__(detail)
        self.status, self.kind = status, kind


def read_films():
    lines = (HERE / "films.tsv").read_text(encoding="utf-8").splitlines()[1:]
    items = []
    for line in lines:
        key, title, genres, ratings = line.split("\t")
        year = int(re.search(r"\((\d{4})\)$", title).group(1))
        items.append({"id": key, "title": title, "year": year, "genres": genres.split("|"),
                      "ratings": int(ratings), "tmdb": 100 + int(key)})  # fmt: skip
    return items


def make_products():
    return [{"id": f"sku/{n:03}", "title": "", "year": None, "genres": [], "ratings": 500 - n}
            for n in range(60)]  # fmt: skip


class Catalogue:
    """The canned items, and lists of them."""

    def __init__(self, items, implicit=False):
        self.items = items
        self.implicit = implicit
        self.by_id = {item["id"]: item for item in items}
        self.genres = sorted({genre for item in items for genre in item["genres"]})

    def find(self, key):
        if str(key) not in self.by_id:
            raise Refused(404, "unknown-item", f'the model has no item "{key}"')
        return self.by_id[str(key)]

    def meets(self, item, wanted):
        for genre in [*wanted["genres"], *wanted["exclude_genres"]]:
            if genre not in self.genres:
                raise Refused(422, "unknown-genre", f'the model has no item of genre "{genre}"')
        genres, year = set(item["genres"]), item["year"] or 0
        return (
            (not wanted["genres"] or genres & set(wanted["genres"]))
            and not genres & set(wanted["exclude_genres"])
            and (wanted["from"] is None or year >= wanted["from"])
            and (wanted["to"] is None or 0 < year <= wanted["to"])
        )

    def likeness(self, one, other):
        a, b = set(one["genres"]), set(other["genres"])
        near = 1 / (1 + abs((one["year"] or 0) - (other["year"] or 0)))
        return 0.9 * len(a & b) / max(1, len(a | b)) + 0.05 * near

    def entry(self, rank, item, score, evidence, reasons):
        rating = None if self.implicit else round(max(LOW, min(HIGH, score)), 3)
        made = {"rank": rank, **item, "score": score, "rating": rating, "evidence": evidence}
        return made if reasons is None else {**made, "reasons": reasons}

    def list_for(self, given, wanted, k, explain):
        """Entries for somebody with ratings of 0 to 5 by id."""
        scored = []
        for item in self.items:
            if item["id"] in given or not self.meets(item, wanted):
                continue
            reasons = [(self.likeness(item, self.by_id[key]) * (rating - 2.9) / 2, key, rating)
                       for key, rating in given.items() if key in self.by_id]  # fmt: skip
            score = 3.4 + item["ratings"] / 50000 + sum(part for part, _, _ in reasons)
            scored.append((score, item, sorted(reasons, reverse=True)[:3]))
        scored.sort(key=lambda one: -one[0])
        return [
            self.entry(rank, item, round(score, 4), "folded-in" if given else "item-only", None if not explain else [
                {"item": {"id": key, "title": self.by_id[key]["title"]},
                 "rating": None if self.implicit else rating, "adds": round(adds, 4)}
                for adds, key, rating in reasons])
            for rank, (score, item, reasons) in enumerate(scored[:k], 1)
        ]  # fmt: skip

    def search(self, text, k):
        fold = lambda words: re.sub(r"[^a-z0-9]+", " ", words.lower()).strip()  # noqa: E731
        hits = [item for item in self.items if fold(text) in fold(item["title"])]
        hits.sort(key=lambda item: not fold(item["title"]).startswith(fold(text)))
        return [{**item, "match": "words"} for item in hits[:k]]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self):
        self.server.connections.discard(self.connection)
        super().finish()

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Tusk-Model", self.server.version)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.respond(None)

    def do_POST(self):
        self.respond(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def respond(self, body):
        url = urllib.parse.urlsplit(self.path)
        parts = [urllib.parse.unquote(part) for part in url.path.strip("/").split("/")]
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        try:
            if parts[0] in ("api", "health"):
                self.server.requests.append(self.path)
                time.sleep(self.server.delay)
                self.answer(200, self.api(parts, query, body))
            else:
                self.page(parts)
        except Refused as why:
            problem = {"type": f"urn:tusk:{why.kind}", "title": why.kind, "status": why.status, "detail": str(why)}
            self.answer(why.status, problem, "application/problem+json", Retry_After="1")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def page(self, parts):
        file = PAGE / (parts[0] or "index.html")
        if len(parts) > 1 or not file.is_file():
            raise Refused(404, "not-found", "there is nothing here")
        self.answer(200, file.read_bytes(), TYPES[file.suffix])

    def api(self, parts, query, body):
        server, catalogue = self.server, self.server.catalogue
        if server.token and parts[0] == "api" and self.headers.get("Authorization") != f"Bearer {server.token}":
            raise Refused(401, "unauthorized", "a token is needed")
        if server.busy > 0 and parts[0] == "api":
            server.busy -= 1
            raise Refused(503, "busy", "too many requests")
        fields = json.loads(body) if body is not None else {}
        if body is not None and self.headers["Content-Type"] != "application/json":
            raise Refused(415, "unsupported-media-type", "the body is no JSON")
        one = lambda name, usual=None: query.get(name, [usual])[0]  # noqa: E731

        def takes(*names):
            for name in [*query, *fields]:
                if name not in names:
                    raise Refused(422, "invalid-value", f'there is no field or parameter "{name}"')

        k = int(fields.get("k", one("k", 10)))
        year = lambda name: fields.get(name, int(one(name)) if one(name) else None)  # noqa: E731
        wanted = {"genres": fields.get("genres", query.get("genre", [])),
                  "exclude_genres": fields.get("exclude_genres", query.get("exclude_genre", [])),
                  "from": year("from"), "to": year("to")}  # fmt: skip
        match parts:
            case ["health", _]:
                return {"status": "live"}
            case ["api", "model"]:
                takes()
                return self.model()
            case ["api", "items", "to-rate"]:
                takes("k")
                return {"items": catalogue.items[:k]}
            case ["api", "items", "popular"]:
                takes("k", *FILTER)
                return {"ordered_by": "rating", "items": catalogue.list_for({}, wanted, k, False)}
            case ["api", "items"]:
                takes("query", "k", "id")
                if "id" in query:
                    known = [catalogue.by_id[key] for key in query["id"] if key in catalogue.by_id]
                    return {"items": known, "unknown": [key for key in query["id"] if key not in catalogue.by_id]}
                return {"query": one("query"), "items": catalogue.search(one("query"), k)}
            case ["api", "items", key, "similar"]:
                takes("k", "genre", "min_ratings")
                to = catalogue.find(key)
                others = sorted((item for item in catalogue.items if item is not to),
                                key=lambda item: -catalogue.likeness(to, item))  # fmt: skip
                return {"to": to, "items": [
                    {"rank": rank, "similarity": round(catalogue.likeness(to, item), 3), **item}
                    for rank, item in enumerate(others[:k], 1)]}  # fmt: skip
            case ["api", "users", key, "recommendations"]:
                takes("k", "explain", "on_unknown", *FILTER)
                if key != "196":
                    raise Refused(404, "unknown-user", f'the model has no user "{key}"')
                items = catalogue.list_for({catalogue.items[0]["id"]: 5}, wanted, k, one("explain") == "true")
                return {"user": key, "kind": "personal", "ordered_by": "rating", "items": items}
            case ["api", "recommendations"] if body is not None:
                takes("ratings", "likes", "dislikes", "k", "explain", "genres", "exclude_genres", "from", "to",
                      "min_ratings", "exclude")  # fmt: skip
                if not server.folds_in:
                    raise Refused(422, "cannot-fold-in", "the model cannot fold in")
                given = self.given(fields)
                items = catalogue.list_for(given, wanted, k, fields.get("explain", False))
                return {"kind": "personal" if given else "popular",
                        "ordered_by": "score" if catalogue.implicit else "rating",
                        "folded_from": len(given), "ignored": [], "items": items}  # fmt: skip
            case ["api", "predict"] if body is not None:
                takes("user", "ratings", "items")
                if catalogue.implicit:
                    raise Refused(422, "no-ratings", "the model only ranks")
                given = self.given(fields)
                mean = sum(given.values()) / max(1, len(given))
                return {"user_known": True, "unknown_items": [], "predictions": [
                    {"item": key, "rating": mean, "score": mean, "evidence": "folded-in"}
                    for key in fields["items"]]}  # fmt: skip
            case ["api", "chat"] if body is not None:
                return self.chat(fields, takes)
        raise Refused(404, "not-found", "there is nothing here")

    def given(self, fields):
        given = {str(one["item"]): one["rating"] for one in fields.get("ratings", [])}
        for key, rating in given.items():
            if not LOW <= rating <= HIGH:
                raise Refused(422, "off-scale", f"the rating {rating} of {key} is not on the model's scale")
        if fields.get("dislikes") and self.server.catalogue.implicit:
            raise Refused(422, "invalid-value", "nothing can be disliked")
        given.update({str(key): HIGH for key in fields.get("likes", [])})
        given.update({str(key): LOW for key in fields.get("dislikes", [])})
        return given

    def model(self):
        server, catalogue = self.server, self.server.catalogue
        years = [item["year"] for item in catalogue.items if item["year"]]
        return {
            "name": "model.safetensors", "version": server.version, "algorithm": "mf", "users": 162541,
            "items": len(catalogue.items), "training_ratings": 25000095,
            "scale": {"low": 1, "high": 1, "step": 1} if catalogue.implicit
            else {"low": LOW, "high": HIGH, "step": 0.5},
            "implicit": catalogue.implicit, "predicts_ratings": not catalogue.implicit,
            "compares_items": True, "folds_in": server.folds_in, "feedback": False,
            "chat": any(item["title"] for item in catalogue.items), "genres": catalogue.genres,
            "years": {"from": min(years), "to": max(years)} if years else None,
            "loaded": "2026-11-26T18:00:00Z", "tusk": "0.2.0", "metadata": METADATA,
        }  # fmt: skip

    def chat(self, fields, takes):
        """The same answer to everything, of which the state is the version of the model."""
        takes("text", "ratings", "state")
        version = self.server.conversation
        if fields.get("state", {"version": version}) != {"version": version}:
            raise Refused(422, "bad-state", "the state is of another model")
        return {"text": f"Version {version}.", "intent": "help", "source": "none", "request": {"intent": "help"},
                "items": [], "state": {"version": version}}  # fmt: skip


class StandIn(http.server.ThreadingHTTPServer):
    """On a free port of loopback, or the one given. `busy` so many requests are refused."""

    daemon_threads = True

    def __init__(self, catalogue, port=0):
        self.connections = set()
        super().__init__(("127.0.0.1", port), Handler)
        self.catalogue = catalogue
        self.version, self.token = "1", None
        self.conversation = "1"
        self.folds_in = True
        self.busy, self.delay = 0, 0.0
        self.requests = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):  # kept alive
            connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        pass  # a browser that went away


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", action="store_true", help="items without titles and genres")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    items = make_products() if options.products else read_films()
    server = StandIn(Catalogue(items, implicit=options.products), options.port)
    print(server.address, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
