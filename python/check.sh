#!/usr/bin/env bash
# check.sh PROGRAM: builds the wheel, installs it where nothing else is, trains a model there, and
# runs its tests with the Python that ./dev test prepares. Exits with 77, for "skipped", where that
# cannot be done here.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() {
  echo "skipped: $*"
  exit 77
}

case $1 in
  */build/release/*) ;;
  *) skip "the wheel is of the release build" ;;
esac
command -v python3 >/dev/null || skip "no Python 3"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "Python is older than 3.10"
mkdir -p build/wheel
rm -rf build/wheel/fresh
python3 -m venv build/wheel/fresh || skip "no venv for $(python3 --version)"
fresh=$PWD/build/wheel/fresh/bin/python
"$fresh" -m pip install -q nanobind-backend numpy || skip "pip cannot fetch packages"
"$fresh" -m pip uninstall -q -y nanobind-backend numpy

./dev wheel
"$fresh" -m pip install -q build/wheel/*.whl
(
  cd /
  "$fresh" -c '
import tusk
data = tusk.Dataset.from_arrays([1, 1, 2, 2, 3], [1, 2, 1, 3, 2], [5, 3, 4, 1, 2])
print(tusk.MF(factors=4, epochs=5).fit(data).recommend([1], k=1))'
)
tests=$PWD/.venv/bin/python
[ -x "$tests" ] || skip "./dev test installs what tests/requirements.txt names"
"$tests" -m pip install -q --force-reinstall --no-deps build/wheel/*.whl
"$tests" -m pip install -q nanobind-backend
TUSK_PROGRAM=$1 "$tests" -m pytest -q -p no:cacheprovider python/tests
