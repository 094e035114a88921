#!/usr/bin/env bash
# wheel.sh BUILD OUTPUT [CUDA MODULE]: makes a wheel in the folder OUTPUT of the library that is
# built in the folder BUILD. Tools are kept in OUTPUT/tools.
set -euo pipefail
build=$(realpath "$1") output=$(realpath -m "$2") cuda=()
if [ $# -gt 2 ]; then cuda=("-Ccmake.define.TUSK_CUDA_MODULE=$(realpath "$3")"); fi
cd "$(dirname "$0")"

python=$output/tools/bin/python
[ -x "$python" ] || python3 -m venv "$output/tools"
"$python" -m pip install -q --no-compile -r requirements-build.txt

rm -rf "$output"/library "$output"/raw "$output"/*.whl
cmake --install "$build" --component library --prefix "$output/library" >/dev/null
export PATH=$output/tools/bin:$PATH
CMAKE_PREFIX_PATH=$output/library "$python" -m pip wheel -q --no-deps --no-build-isolation \
  --check-build-dependencies -w "$output/raw" -Cbuild-dir="$output/module" "${cuda[@]}" .
"$python" -m auditwheel -v repair -w "$output" --exclude 'libcud*' --exclude 'libnv*' \
  "$output"/raw/*.whl >"$output/auditwheel.log" 2>&1 || { cat "$output/auditwheel.log"; exit 1; }
"$python" -m abi3audit --strict "$output"/*.whl
ls -sh "$output"/*.whl
if [ ${#cuda[@]} = 0 ] && [ "$(stat -c %s "$output"/*.whl)" -ge 10000000 ]; then
  echo "the wheel is too large: see in $output/auditwheel.log which libraries are in it"
  exit 1
fi
