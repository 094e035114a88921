"""Runs `tusk serve` among clients that do not behave, reloads its model, and kills it.

usage: check_serve.py TUSK SOURCE_FOLDER [FAULTY_IO]
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from serving import ENVIRONMENT, Server, run, wait_until

MEGABYTE = 1 << 20


def hostile_clients(tusk, model, user):
    server = Server(tusk, model)
    lists = f"/api/users/{user}/recommendations"
    assert server.get(lists)[0] == 200
    before = server.memory()

    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    stop = threading.Event()
    drops = []

    def drip():
        client = socket.create_connection(("127.0.0.1", server.port))
        try:
            client.sendall(b"GET / HTTP/1.1\r\n")
            while not stop.is_set():
                client.sendall(b"X")
                time.sleep(0.2)
        except OSError:
            drops.append(1)
        client.close()

    slow = [threading.Thread(target=drip) for _ in range(50)]
    for thread in slow:
        thread.start()

    host = b"Host: localhost\r\n"
    lines = b"".join(b"X-%d: y\r\n" % n for n in range(10_000))
    post = b"POST /api/predict HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n"
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    cases = {
        b" 431 ": b"GET / HTTP/1.1\r\n" + host + lines + b"\r\n",
        b" 413 ": [post + b"Content-Length: %d\r\n\r\n" % (1 << 30)] + [b"x" * MEGABYTE] * 1024,
        b" 413  chunked": [post + b"Transfer-Encoding: chunked\r\n\r\n"] + [chunk] * 16_384,
        b" 421 ": b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b" 400 ": b"GET /../../etc/passwd HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n",
        b" 414 ": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + host + b"\r\n",
    }  # fmt: skip
    began = time.monotonic()
    for expected, data in cases.items():
        status = expected[:5]
        answer = server.raw(data)
        assert status in answer[:20], (expected, answer[:200])
        assert server.get(lists)[0] == 200, "others are served"
    wait_until(lambda: len(drops) == len(slow), "slow clients are dropped")
    stop.set()
    for thread in slow:
        thread.join()
    assert server.get(lists)[0] == 200
    grown = server.memory() - before
    assert grown < 64 * MEGABYTE, f"memory grew by {grown / MEGABYTE:.0f} MB"
    for client in idle:
        client.close()
    seconds = time.monotonic() - began
    code, _ = server.end()
    assert code == 0, code
    print(f"hostile clients: {seconds:.1f} s, memory grew by {grown / MEGABYTE:.1f} MB")


def reloads(tusk, folder, models, user):
    path = folder / "served.safetensors"
    shutil.copy(models[0], path)
    server = Server(tusk, path)
    kinds = set()
    failures = []
    stop = threading.Event()

    def ask():
        connection = server.connection()
        while not stop.is_set():
            try:
                connection.request("GET", f"/api/users/{user}/recommendations")
                answer = connection.getresponse()
                answer.read()
                kinds.add(answer.getheader("Tusk-Model"))
                if answer.status != 200:
                    failures.append(answer.status)
            except OSError as error:
                failures.append(error)
                return

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()

    def version():
        return json.loads(server.get("/api/model")[1])["version"]

    for n in (1, 0, 1):
        now = version()
        shutil.copy(models[n], folder / "next")
        os.replace(folder / "next", path)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda now=now: version() != now, "the model is read again")
    now = version()
    path.write_bytes(b"no model")
    server.process.send_signal(signal.SIGHUP)
    failed = b'tusk_model_reloads_total{result="failed"} 1'
    wait_until(lambda: failed in server.get("/metrics")[1], "a bad file is refused")
    assert version() == now
    stop.set()
    for client in clients:
        client.join()
    assert not failures, failures[:3]
    assert len(kinds) == 4, kinds
    code, errors = server.end()
    assert code == 0 and "the model stays as it is" in errors, errors

    shutil.copy(models[0], folder / "next")
    os.replace(folder / "next", path)
    server = Server(tusk, path, "--watch")
    now = version()
    shutil.copy(models[1], folder / "next")
    os.replace(folder / "next", path)
    wait_until(lambda: version() != now, "a changed file is seen")
    assert server.end(signal.SIGINT)[0] == 0
    print("reloads: no request failed")


def feedback(tusk, folder, model, user):
    """Whatever was answered is in the file, however the server ends."""
    path = folder / "feedback.csv"
    accepted = []
    for round_ in range(5):
        server = Server(tusk, model, "--feedback", path)

        def send(thread, server=server, round_=round_):
            connection = server.connection()
            for n in range(100_000):
                row = {"user": str(1_000_000 + round_ * 10 + thread), "item": str(n + 1), "rating": 4}
                try:
                    connection.request("POST", "/api/feedback", json.dumps(row),
                                       {"Content-Type": "application/json"})  # fmt: skip
                    answer = connection.getresponse()
                    answer.read()
                except (OSError, http.client.HTTPException):
                    return
                if answer.status == 201:
                    accepted.append((row["user"], row["item"]))

        clients = [threading.Thread(target=send, args=(t,)) for t in range(6)]
        for client in clients:
            client.start()
        time.sleep(0.5)
        server.end(signal.SIGKILL)
        for client in clients:
            client.join()
    Server(tusk, model, "--feedback", path).end()
    rows = [line.split(",") for line in path.read_text().splitlines()]
    assert all(len(row) == 4 for row in rows)
    kept = {(row[0], row[1]) for row in rows[1:]}
    missing = [row for row in accepted if row not in kept]
    assert accepted and not missing, missing[:3]
    updated = folder / "updated.safetensors"
    done = subprocess.run(
        [tusk, "update", model, path, "--out", updated, "--json"],
        capture_output=True, text=True, env=ENVIRONMENT)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["ratings"] > 0
    server = Server(tusk, updated)
    assert server.get(f"/api/users/{accepted[0][0]}/recommendations")[0] == 200
    assert server.end()[0] == 0
    print(f"feedback: {len(accepted)} ratings were accepted and kept")


def failing_disk(tusk, folder, model, faulty_io):
    """A rating that is not on the disk is not accepted, and not in the file."""
    path = folder / "failing.csv"
    server = Server(tusk, model, "--feedback", path, environment={
        "LD_PRELOAD": faulty_io, "FAULT_CALL": "fdatasync", "FAULT_NUMBER": "1", "FAULT_ERROR": "5",
        "FAULT_PATH": f"/{path.name}\n", "FAULT_MARK": str(folder / "mark")})  # fmt: skip
    row = {"user": "1", "item": "1", "rating": 4}
    status, answer = server.ask("POST", "/api/feedback", row)
    assert status == 507 and b"not-kept" in answer, (status, answer)
    assert len(path.read_text().splitlines()) == 1, path.read_text()
    assert server.ask("POST", "/api/feedback", row)[0] == 201
    assert len(path.read_text().splitlines()) == 2, path.read_text()
    assert server.end()[0] == 0
    print("failing disk: nothing is accepted that is not kept")


def tokens(tusk, folder, model):
    def refused(*options, environment=None):
        done = subprocess.run(
            [tusk, "serve", model, "--port", "0", *options], capture_output=True, text=True,
            env={**ENVIRONMENT, **(environment or {})}, timeout=30)  # fmt: skip
        return done.returncode, done.stderr

    code, errors = refused("--listen", "0.0.0.0")
    assert code == 2 and "token" in errors, errors
    code, errors = refused(environment={"TUSK_TOKEN": "short"})
    assert code == 2 and "16" in errors, errors
    secret = "0123456789abcdef-secret"
    (folder / "token").write_text(secret + "\n")
    for options, environment in (
        (("--token-file", folder / "token"), {}),
        (("--listen", "0.0.0.0"), {"TUSK_TOKEN": secret}),
    ):
        server = Server(tusk, model, *options, environment=environment)
        assert server.get("/api/model")[0] == 401
        assert server.get("/api/model", Authorization="Bearer " + secret)[0] == 200
        code, errors = server.end()
        assert code == 0 and secret not in errors, errors
    print("tokens: wanted where they are set")


def language_model_hangs(tusk, model):
    llm = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{llm.getsockname()[1]}"
    server = Server(tusk, model, "--llm", url, "--llm-model", "small", "--llm-timeout", "60")
    talk = server.connection()
    talk.request("POST", "/api/chat", '{"text": "help"}', {"Content-Type": "application/json"})
    llm.settimeout(20)
    call, _ = llm.accept()  # which is never answered
    assert server.get("/health/live")[0] == 200
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert server.process.poll() is None, "requests that run have their time"
    code, errors = server.end()
    assert code == 0, errors
    assert time.monotonic() - began < 2, "a second signal ends all"
    for one in (call, llm, talk):
        one.close()
    print("a language model that hangs: a second signal ends the server")


def main():
    tusk = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data = folder / "data"
        run(tusk, "data", "synth", "--like", "ml-100k", "--out", data, "--quiet")
        models = [folder / "mf.safetensors", folder / "bias.safetensors"]
        run(tusk, "train", data, "--epochs", "5", "--out", models[0])
        run(tusk, "train", data, "--model", "bias", "--out", models[1])
        user = 1
        hostile_clients(tusk, models[0], user)
        reloads(tusk, folder, models, user)
        feedback(tusk, folder, models[0], user)
        language_model_hangs(tusk, models[0])
        if any(sys.argv[3:]):
            failing_disk(tusk, folder, models[0], sys.argv[3])
        tokens(tusk, folder, models[0])


main()
