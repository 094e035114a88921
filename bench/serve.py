#!/usr/bin/env python3
"""Measures `tusk serve`: how many requests a second, and how long each takes at a steady rate.

    serve.py TUSK MODEL [SECONDS]

Needs wrk and h2load (Debian: wrk, nghttp2-client). Server and client share the machine's cores. Each
row is of one kind of request, of many users in turn; "hello" is /health/live of the same server, which
computes nothing.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

CONNECTIONS = 64

SCRIPT = """
local lines = {}
for line in io.lines("%s") do lines[#lines + 1] = line end
local at = 0
request = function()
  at = at %% #lines + 1
  %s
end
"""


def start(tusk, model):
    began = time.monotonic()
    server = subprocess.Popen(
        [tusk, "serve", model, "--port", "0", "--json", "--log", "none"],
        stdout=subprocess.PIPE, text=True)  # fmt: skip
    port = json.loads(server.stdout.readline())["port"]
    base = f"http://127.0.0.1:{port}"
    urllib.request.urlopen(f"{base}/api/items/popular").read()
    return server, base, time.monotonic() - began


def flat_out(base, script, seconds):
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", script, base],
        capture_output=True, text=True, check=True)  # fmt: skip
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)[1])
    p99 = re.search(r"99%\s+(\S+)", done.stdout)[1]
    errors = re.search(r"(Non-2xx.*|Socket errors.*)", done.stdout)
    return rate, p99, errors[1] if errors else ""


def steady(rate, seconds, folder, arguments):
    """Milliseconds of each answer at so many requests a second, which are sent at equal distances: the
    connections begin one after the other."""
    log = folder / "requests.log"
    log.unlink(missing_ok=True)
    subprocess.run(
        ["h2load", "--h1", f"-c{CONNECTIONS}", f"-n{rate * seconds}", f"--rps={rate / CONNECTIONS}",
         "--rate=1", f"--rate-period={1000 / rate:g}ms", f"--log-file={log}", *arguments],
        capture_output=True, text=True, check=True)  # fmt: skip
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    assert all(row[1] == "200" for row in rows), "an answer is an error"
    return sorted(int(row[2]) / 1000 for row in rows)


def main():
    tusk, model = sys.argv[1:3]
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    server, base, started = start(tusk, model)
    print(f"start to first answer: {started:.2f} s")
    random.seed(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        users = [f"/api/users/{random.randrange(1, 100_000)}/recommendations" for _ in range(5000)]
        known = json.load(urllib.request.urlopen(f"{base}/api/items/to-rate?k=200"))["items"]
        bodies = [
            json.dumps({"ratings": [{"item": item["id"], "rating": random.randrange(1, 6)}
                                    for item in random.sample(known, 20)]})
            for _ in range(500)
        ]  # fmt: skip
        genre = json.load(urllib.request.urlopen(f"{base}/api/model"))["genres"][0]
        filtered = [f"{user}?genre={genre}&from=1980" for user in users]
        similar = [f"/api/items/{item['id']}/similar" for item in known]
        post = (
            'return wrk.format("POST", "/api/recommendations", '
            '{["Content-Type"] = "application/json"}, lines[at])'
        )
        kinds = {
            "hello": (["/health/live"], None, 500),
            "list of a known user": (users, None, 500),
            "the same with a filter": (filtered, None, 200),
            "list by 20 ratings": (bodies, post, 200),
            "similar items": (similar, None, 100),
        }
        print(f"{'':24} {'requests/s':>10}  {'p99':>9}   at a rate of   p50      p99      most")
        for kind, (lines, call, rate) in kinds.items():
            (folder / "lines").write_text("\n".join(lines) + "\n")
            script = folder / "script.lua"
            script.write_text(SCRIPT % (folder / "lines", call or "return wrk.format('GET', lines[at])"))
            most, p99, errors = flat_out(base, script, seconds)
            if call:
                (folder / "body").write_text(lines[0])
                arguments = ["-d", folder / "body", "-H", "content-type: application/json",
                             f"{base}/api/recommendations"]  # fmt: skip
            else:
                (folder / "uris").write_text("\n".join(base + line for line in lines) + "\n")
                arguments = ["-i", folder / "uris"]
            times = steady(rate, seconds, folder, arguments)
            quantile = [times[min(len(times) - 1, int(q * len(times)))] for q in (0.5, 0.99, 1)]
            print(f"{kind:24} {most:>10.0f}  {p99:>9}   {rate:>9}/s  "
                  + "".join(f"{q:>7.2f}  " for q in quantile) + f"ms {errors}")  # fmt: skip
    with open(f"/proc/{server.pid}/statm", encoding="ascii") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    print(f"memory: {resident / 2**20:.0f} MiB")
    server.terminate()
    server.wait()


main()
