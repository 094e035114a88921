#!/usr/bin/env python3
"""Shows that a change of Tusk's source changes nothing for its users.

    golden.py record PROGRAM FOLDER    runs the commands of commands.txt, keeps their records
    golden.py check PROGRAM FOLDER     runs them again, prints how they differ from the records

A record has the exit code, stdout, stderr and all files that the command wrote, as readable text:
`diff -r` on two folders of records works too. `check` exits with 1 if a record differs.

The commands read MovieLens 100K where it is found ($TUSK_TEST_DATA, ./data, ../shared/datasets),
else a synthetic twin that PROGRAM writes. Records of MovieLens data may not be published (licence):
keep FOLDER where git ignores it, such as build/golden. Record and check on the same machine, with
programs that both have the CUDA module beside them or both do not; no GPU is used. MASKS and the
functions after it replace what differs between two runs of the same program.
"""

import difflib
import hashlib
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # no __pycache__ beside the source
import fixtures

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
SMALL_FILE = 4000  # bytes; of a larger text file the record has the first lines and a hash
DIFF_LINES = 60  # of one command, at most
TIME_LIMIT = 300  # seconds for one command

NUMBER = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
DURATION = r"(?:\d+(?:\.\d)? s|\d+:\d\d(?::\d\d)?)"
MASKS = [
    # Times and speeds.
    (rf", {DURATION} left", ", <time> left"),
    (rf"M ratings/s, {DURATION}$", "M ratings/s, <time>"),
    (r"\d+\.\d M ratings/s", "<speed> M ratings/s"),
    (r", in \d+\.\d s\b", ", in <time> s"),
    (rf'"(seconds|ratings_per_second)":{NUMBER}', r'"\1":<\1>'),
    (r'("search",)"\d+\.\d s"', r'\1"<time>"'),
    # A checksum over a time: only lines of a search state have both.
    (r'("seconds":<seconds>.*"checksum":)"[0-9a-f]{16}"', r'\1"<checksum>"'),
    # Free memory.
    (r"\d+\.\d [kMGT]?B are available", "<memory> are available"),
    (r'"available_bytes":\d+', '"available_bytes":<bytes>'),
    # Why there is no GPU.
    (r"(computing on the CPU|needs a GPU|not usable|cannot be used): .*", r"\1: <reason>"),
    (r'"cuda_reason":"[^"]*"', '"cuda_reason":"<reason>"'),
    # Version and build.
    (r'"(version|compiler|build_type|cuda_toolkit|cuda_module)":"[^"]*"', r'"\1":"<\1>"'),
    (r"^tusk( *)\d+\.\d+\.\d+$", r"tusk\1<version>"),
    (r"^(build|CUDA toolkit|CUDA module|CUDA driver)( +)\S.*$", r"\1\2<build or driver>"),
    # The processor.
    (r"^CPU( +)\S.*, \d+ threads?$", r"CPU\1<processor>"),
    (r'"cpu":"[^"]*","threads":\d+', '"cpu":"<processor>","threads":<threads>'),
]
MASKS = [(re.compile(pattern, re.MULTILINE), text) for pattern, text in MASKS]

# Progress that is shown after some time: how many such lines there are differs.
PASSING = re.compile(
    r"finding neighbours, \d?\d%.*|.*, \d+ of \d+ trials, .*|.*, \d+ of \d+ trials"
    r'|\{"event":"neighbours","done":(\d+),"of":(?!\1\})\d+\}')


def mask(text):
    """Replaces what differs between two runs of one program."""
    lines = [line for line in text.split("\n") if not PASSING.fullmatch(line)]
    text = mask_seconds_column("\n".join(lines))
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return text


def mask_seconds_column(text):
    """Replaces the numbers under `seconds` in a table of `compare`, text or CSV."""
    cell = r'(?:"(?:[^"]|"")*"|[^,"]*),'
    time_in_row = None
    lines = text.split("\n")
    for n, line in enumerate(lines):
        if re.search("^model .* seconds$", line):
            time_in_row = rf"( ) *{NUMBER}$"
        elif ",seconds," in line:
            time_in_row = rf"^((?:{cell}){{{line.split(',').index('seconds')}}}){NUMBER}(?=,)"
        elif time_in_row:
            lines[n], count = re.subn(time_in_row, r"\1<time>", line)
            time_in_row = time_in_row if count else None
    return "\n".join(lines)


def break_json(text):
    """Breaks lines of JSON before keys, objects and lists, so that a diff is short."""
    lines = text.split("\n")
    return "\n".join(re.sub(r'(?<!:"),(?=["{\[])', ",\n  ", line)
                     if line.startswith(("{", "[")) else line for line in lines)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def readable(data):
    """Text of bytes, masked. Bytes that are not UTF-8 are shown as \\xNN."""
    text = break_json(mask(data.decode("utf-8", errors="backslashreplace")))
    return text if not text or text.endswith("\n") else text + "\n(no end of line)\n"


def describe_model(data):
    """The metadata and tensors of a .safetensors file; tensors by a hash of their bytes."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    body = data[8 + length:]
    lines = ["metadata:"]
    for key, value in sorted(header.pop("__metadata__", {}).items()):
        lines.append(f"  {key}: {break_json(value)}")
    lines.append("tensors, in the order of the file:")
    for name, tensor in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = tensor["data_offsets"]
        shape = "x".join(str(size) for size in tensor["shape"])
        lines.append(f"  {name}: {tensor['dtype']} {shape}, {sha256(body[begin:end])[:16]}")
    lines.append(f"all tensors: {len(body)} bytes, {sha256(body)[:16]}")
    return "\n".join(lines) + "\n"


def describe_report(data):
    """The data that a report's page draws."""
    text = data.decode("utf-8")
    found = re.search(r'<script[^>]*id="report-data"[^>]*>(.*?)</script>', text, re.DOTALL)
    return readable(found.group(1).encode()) if found else "no report data in the page\n"


def describe_file(path):
    data = path.read_bytes()
    if data[8:9] == b"{":
        return describe_model(data)
    if path.suffix == ".html":
        return describe_report(data)
    if len(data) <= SMALL_FILE:
        return readable(data)
    text = mask(data.decode("utf-8", errors="backslashreplace"))
    lines = text.split("\n")
    first = "".join(line[:200] + "\n" for line in lines[:3])
    return f"{first}... {len(lines) - 1} lines, {sha256(text.encode())[:16]}\n"


def snapshot(folder):
    """What tells whether a file was written, for all files in a folder but linked folders."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = pathlib.Path(parent, name)
            status = path.lstat()
            name_in_folder = str(path.relative_to(folder))
            found[name_in_folder] = (status.st_ino, status.st_mtime_ns, status.st_size)
    return found


def run_command(command, folder, environment):
    """Runs a command in a folder and returns its record."""
    before = snapshot(folder)
    try:
        done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment,
                              timeout=TIME_LIMIT, stdin=subprocess.DEVNULL, capture_output=True)
    except subprocess.TimeoutExpired:
        return f"$ {command}\nno end after {TIME_LIMIT} s\n"
    after = snapshot(folder)
    text = f"$ {command}\nexit code {done.returncode}\n"
    for name, data in (("stdout", done.stdout), ("stderr", done.stderr)):
        text += f"--- {name}\n{readable(data)}"
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            text += f"--- removed {name}\n"
        elif before.get(name) != after[name]:
            mode = (folder / name).lstat().st_mode & 0o777
            text += f"--- file {name}, mode {mode:o}\n{describe_file(folder / name)}"
    return text


def read_commands(path):
    """(name, command) of each line `name: command`."""
    commands = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, command = line.partition(":")
        if not colon or not re.fullmatch(r"[a-z0-9-]+", name):
            sys.exit(f"{path}:{number}: expected `name: command`")
        if name in dict(commands) or name == "data":
            sys.exit(f"{path}:{number}: the name {name} is taken")
        commands.append((name, command.strip()))
    return commands


def find_movielens():
    places = [os.environ.get("TUSK_TEST_DATA"), SOURCE / "data", SOURCE.parent / "shared/datasets"]
    for place in filter(None, places):
        folder = pathlib.Path(place, "ml-100k").resolve()
        if (folder / "u.data").is_file():
            return folder
    return None


def prepare(program, root):
    """Makes the folder that commands run in; returns it, the environment and the record `data`."""
    folder, programs = root / "work", root / "bin"
    folder.mkdir()
    programs.mkdir()
    (programs / "tusk").symlink_to(program.resolve())
    environment = {
        "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "HOME": str(root), "LC_ALL": "C.UTF-8",
        "TZ": "UTC", "CUDA_VISIBLE_DEVICES": "", "ML100K": "ml-100k",
    }
    os.umask(0o022)
    fixtures.write(folder)
    movielens = find_movielens()
    if movielens:
        (folder / "ml-100k").symlink_to(movielens)
    else:
        print("MovieLens 100K is not there: a synthetic twin takes its place")
        subprocess.run(["sh", "-c", "tusk data synth --like ml-100k --out ml-100k --quiet"],
                       cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    files = sorted(path for path in (folder / "ml-100k").iterdir() if path.is_file())
    data = "ml-100k is " + ("MovieLens 100K" if movielens else "a synthetic twin") + "\n"
    data += "".join(f"{path.name} {sha256(path.read_bytes())[:16]}\n" for path in files)
    return folder, environment, data


def run_all(program):
    """The records of all commands, by name."""
    start = time.monotonic()
    commands = read_commands(HERE / "commands.txt")
    with tempfile.TemporaryDirectory(prefix="tusk-golden-") as root:
        folder, environment, data = prepare(program, pathlib.Path(root))
        records = {"data": data}
        for name, command in commands:
            records[name] = run_command(command, folder, environment)
            if root in records[name]:
                sys.exit(f"{name}: the record has the temporary folder's name; give relative paths")
    print(f"{len(commands)} commands in {time.monotonic() - start:.0f} s")
    return records


def record(program, folder):
    if folder.exists() and any(folder.iterdir()) and not (folder / "data.txt").exists():
        sys.exit(f"{folder} has other files than records")
    records = run_all(program)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.txt"):
        path.unlink()
    for name, text in records.items():
        (folder / f"{name}.txt").write_text(text)
    return 0


def check(program, folder):
    expected = {path.stem: path.read_text() for path in sorted(folder.glob("*.txt"))}
    if "data" not in expected:
        sys.exit(f"{folder} has no records; make them with `golden.py record PROGRAM {folder}`")
    found = run_all(program)
    different = [name for name in {**found, **expected} if found.get(name) != expected.get(name)]
    for name in different:
        print(f"\n=== {name}")
        if name not in expected:
            print("is not among the records")
        elif name not in found:
            print("is recorded, but is not in commands.txt")
        else:
            diff = list(difflib.unified_diff(expected[name].splitlines(), found[name].splitlines(),
                                             "recorded", "now", n=2, lineterm=""))
            print("\n".join([found[name].split("\n")[0]] + diff[:DIFF_LINES]))
            if len(diff) > DIFF_LINES:
                print(f"... and {len(diff) - DIFF_LINES} lines more")
    print(f"{len(different)} of {len(found)} records differ" if different else "no difference")
    return 1 if different else 0


def main(arguments):
    modes = {"record": record, "check": check}
    if len(arguments) != 3 or arguments[0] not in modes:
        sys.exit(__doc__)
    program, folder = pathlib.Path(arguments[1]), pathlib.Path(arguments[2])
    if not os.access(program, os.X_OK):
        sys.exit(f"{program} is not a program")
    return modes[arguments[0]](program, folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
