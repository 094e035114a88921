#!/bin/sh
# run.sh VENV SCRIPT [ARGS]: runs a Python script with the virtual environment's Python, or else with
# the system's. Exits with 77, for "skipped", where there is none.
python=$1/bin/python
shift
[ -x "$python" ] || python=$(command -v python3) || {
  echo "skipped: no Python 3"
  exit 77
}
exec "$python" "$@"
