"""Asks `tusk serve` everything for a while, and fails on a wrong status, a report of a sanitizer or
memory that grows.

usage: soak.py TUSK SOURCE_FOLDER [SECONDS [REQUESTS]]

With REQUESTS, fails if fewer were answered. The model is read again every two seconds, and conversations go on meanwhile.
"""

import http.client
import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

from serving import Server, run

CLIENTS = 8
MEGABYTE = 1 << 20
GROWTH = 24 * MEGABYTE  # more than the allocator's noise, less than a model a reload
SAYINGS = ["three films like number 1", "popular", "5 dramas from the 90s", "no comedy", "more", "why?",
           "I loved number 2", "help me choose", "something sad", "start over", "I loved " + "x" * 500, "\u202e", "?"]  # fmt: skip


def requests(seed, state):
    """Endless (method, target, body, statuses that are right); `state` is that of a conversation."""
    dice = random.Random(seed)

    def ratings():
        return [{"item": str(item), "rating": dice.randint(1, 5)}
                for item in dice.sample(range(1, 1500), dice.randint(1, 40))]  # fmt: skip

    def kept():
        return {"user": str(5000 + seed), "item": str(dice.randint(1, 1500)), "rating": 4}

    kinds = [
        lambda: ("GET", f"/api/users/{dice.randint(1, 943)}/recommendations?explain=true", None, {200}),
        lambda: ("GET", f"/api/users/{dice.randint(1, 943)}/recommendations?genre=Drama&k=50", None, {200}),
        lambda: ("POST", "/api/recommendations", {"ratings": ratings(), "explain": True}, {200}),
        lambda: ("GET", f"/api/items/{dice.randint(1, 1500)}/similar", None, {200, 404}),
        lambda: ("GET", f"/api/items?query=film%20{dice.randint(1, 99)}", None, {200}),
        lambda: ("GET", "/api/items/popular?k=100", None, {200}),
        lambda: ("GET", f"/api/items/to-rate?k={dice.randint(1, 100)}", None, {200}),
        lambda: ("POST", "/api/predict", {"user": "1", "items": list(range(1, 50))}, {200}),
        lambda: ("POST", "/api/feedback", kept(), {201}),
        lambda: ("POST", "/api/chat", {"text": dice.choice(SAYINGS), "ratings": ratings()[:5]}, {200}),
        lambda: ("POST", "/api/chat", {"text": dice.choice(SAYINGS), "state": state}, {200}),
        lambda: ("GET", "/api/model", None, {200}),
        lambda: ("GET", "/", None, {200}),
        lambda: ("GET", "/metrics", None, {200}),
        lambda: ("GET", "/openapi.json", None, {200}),
        lambda: ("GET", "/api/nothing", None, {404}),
        lambda: ("POST", "/api/predict", {"pears": []}, {422}),
        lambda: ("DELETE", "/api/model", None, {405}),
    ]  # fmt: skip
    while True:
        yield dice.choice(kinds)()


class Client(threading.Thread):
    """Asks one request after the other and starts a new connection now and then."""

    def __init__(self, server, seed, end):
        super().__init__()
        self.server, self.seed, self.end = server, seed, end
        self.answered = 0
        self.wrong = []

    def run(self):
        connection = self.server.connection()
        state = {}
        for method, target, body, right in requests(self.seed, state):
            if time.monotonic() > self.end or self.wrong:
                return
            try:
                connection.request(method, target, None if body is None else json.dumps(body),
                                   {} if body is None else {"Content-Type": "application/json"})  # fmt: skip
                answer = connection.getresponse()
                text = answer.read()
                if target == "/api/chat" and answer.status == 200:
                    state.clear()
                    state.update(json.loads(text)["state"])
                if answer.status not in right:
                    self.wrong.append((method, target, body, answer.status, text[:500]))
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append((method, target, body, repr(error)))
            self.answered += 1
            if self.answered % 97 == 0:
                connection.close()


def soak(tusk, folder, models, seconds):
    path = folder / "served.safetensors"
    shutil.copy(models[0], path)
    # So that what is freed is seen to be.
    environment = {"ASAN_OPTIONS": "quarantine_size_mb=16", "MALLOC_ARENA_MAX": "2"}
    server = Server(tusk, path, "--feedback", folder / "feedback.csv", environment=environment)
    began = time.monotonic()
    clients = [Client(server, seed, began + seconds) for seed in range(CLIENTS)]
    for client in clients:
        client.start()
    memory = []
    for turn in itertools.count():
        time.sleep(min(2, seconds / 10))
        if not any(client.is_alive() for client in clients) or server.process.poll() is not None:
            break
        memory.append(server.memory())
        shutil.copy(models[turn % len(models)], folder / "next")
        os.replace(folder / "next", path)
        server.process.send_signal(signal.SIGHUP)
    for client in clients:
        client.join()
    code, errors = server.end()
    wrong = [one for client in clients for one in client.wrong]
    assert not wrong, wrong[0]
    assert code == 0 and "ERROR" not in errors and "runtime error" not in errors, errors[:5000]
    return sum(client.answered for client in clients), memory


def main():
    tusk = sys.argv[1]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 5
    least = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run(tusk, "data", "synth", "--like", "ml-100k", "--out", folder / "data", "--quiet")
        models = [folder / "mf.safetensors", folder / "hybrid.safetensors"]
        run(tusk, "train", folder / "data", "--epochs", "5", "--out", models[0])
        run(tusk, "train", folder / "data", "--model", "hybrid", "--epochs", "5", "--out", models[1])
        answered, memory = soak(tusk, folder, models, seconds)
    assert answered >= least, f"{answered} requests were answered, of {least}"
    # The most of the second third against the most of the last: the first fills what is kept.
    third = len(memory) // 3
    grown = max(memory[-third:]) - max(memory[third:-third]) if third > 0 else 0
    print(f"{answered} requests in {seconds:g} s; memory {max(memory) / MEGABYTE:.0f} MB at most, "
          f"{grown / MEGABYTE:+.1f} MB in the last third")  # fmt: skip
    assert grown < GROWTH, "memory grows"


main()
