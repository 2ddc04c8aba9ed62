#!/bin/sh
# Runs the benchmark in a Python environment of its own: tests/bench/run.sh BUILD_DIRECTORY [options of bench.py]
set -eu
build=$1
shift
here=$(dirname "$0")
environment=$build/bench/venv
[ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
exec "$environment/bin/python" "$here/bench.py" --directory "$build/bench" --extension "$build/pipeline_health" "$@"
