"""A `tusk serve` of a test."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("TUSK_")}


def run(tusk, *words):
    done = subprocess.run([tusk, *words], capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, f"{words}: {done.stderr}"


class Server:
    """A server that runs until it is stopped."""

    def __init__(self, tusk, model, *options, environment=None):
        self.process = subprocess.Popen(
            [tusk, "serve", model, "--port", "0", "--json", "--log", "none", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**ENVIRONMENT, **(environment or {})})  # fmt: skip
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.port = json.loads(line)["port"]

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def get(self, target, **headers):
        return self.ask("GET", target, None, **headers)

    def ask(self, method, target, body=None, **headers):
        connection = self.connection()
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, target, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def raw(self, data):
        """What comes back for these bytes, until the server closes the connection."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        try:
            for piece in data if not isinstance(data, bytes) else [data]:
                client.sendall(piece)
        except OSError:
            pass  # it has answered already
        answer = b""
        try:
            while piece := client.recv(65536):
                answer += piece
        except OSError:
            pass
        client.close()
        return answer

    def memory(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(timeout=30)
        return self.process.returncode, self.process.stderr.read()


def wait_until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.05)
