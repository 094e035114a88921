#!/usr/bin/env bash
# check.sh BUILD PROGRAM: makes the wheel of the library in the folder BUILD, installs it where
# nothing else is, trains a model there without a compiler, with the newest numpy and with the oldest
# that is promised, and runs the tests with what ./dev test has put into .venv. Exits with 77, for
# "skipped", where that cannot be done here.
set -euo pipefail
build=$(realpath "$1") program=$(realpath "$2")
cd "$(dirname "$0")/.."

skip() {
  echo "skipped: $*"
  exit 77
}

command -v python3 >/dev/null || skip "no Python 3"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "Python is older than 3.10"
output=$build/wheel fresh=$build/wheel/fresh
mkdir -p "$output"
rm -rf "$fresh" "$output/old"
python3 -m venv "$fresh" || skip "no venv for $(python3 --version)"
pip() { "$fresh/bin/python" -m pip "$@"; }
pip download -q --no-deps -d "$output/found" nanobind-backend || skip "pip cannot fetch packages"

python/wheel.sh "$build" "$output"

train='
import numpy, tusk
data = tusk.Dataset.from_arrays([1, 1, 2, 2, 3], [1, 2, 1, 3, 2], [5, 3, 4, 1, 2])
print("numpy", numpy.__version__, tusk.MF(factors=4, epochs=5).fit(data).recommend([1], k=1))'
train_without_compiler() { (cd / && env -i "$@" "$fresh/bin/python" -c "$train"); }
pip install -q --no-compile "$output"/*.whl
train_without_compiler
if pip install -q --no-compile --only-binary :all: --target "$output/old" 'numpy<2'; then
  train_without_compiler PYTHONPATH="$output/old"
else
  echo "numpy 1.26 has no wheel for this Python"
fi

prepared=$(.venv/bin/python -c 'import pytest, sysconfig; print(sysconfig.get_path("purelib"))') ||
  skip "./dev test installs what tests/requirements.txt names"
echo "$prepared" >"$("$fresh/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/prepared.pth"
PROGRAM_UNDER_TEST=$program "$fresh/bin/python" -m pytest -q -rs -p no:cacheprovider python/tests
