#!/bin/sh
# What people give to the sqlite3 shell, with other shells than the machine's: the examples, the report, the doors, loading, the
# import of a folder. What `make test-shells` runs:
#
#     shells.sh BUILD_FOLDER SHELL ...
set -eu
build=${1:?usage: shells.sh BUILD_FOLDER SHELL ...}
shift
library=$(ls "$build"/pipeline_health.*)
for shell; do
  case $shell in /*) ;; *) shell=$PWD/$shell ;; esac
  echo "== $("$shell" --version | cut -d ' ' -f 1)"
  sh tests/sql/examples.sh "$build" "$shell"
  SQLITE3=$shell sh tests/host/shell.sh "$library" "$build/tests"
  sh tests/host/doors.sh "$shell" "$library" "$build/demo.db" "$build/tests/doors"
  PATH=$(dirname "$shell"):$PATH sh tests/host/import.sh sql/README.md "$build/tests"
done
