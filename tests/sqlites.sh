#!/bin/sh
# Golden files and oracle with other SQLites, what `make test-sqlites` runs:
#
#     sqlites.sh FOLDER 'VERSIONS, the newest last' SEEDS
#
# FOLDER/VERSION has sqlite3.h and libsqlite3.so.0. The extension is built against each header and runs the golden files in
# the library of that header. Built against the newest header it runs the oracle and the promises of every door in all of them: what
# a newer SQLite declares must not be called in an older one, and what it checks must pass.
set -eu
folder=${1:?} versions=${2:?} seeds=${3:?}

for version in $versions; do
  home=$folder/$version
  number=$(sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"/\1/p' "$home/sqlite3.h")
  echo "== SQLite $number: golden files"
  "${MAKE:-make}" --no-print-directory all "$home/build/tests/runner" BUILD="$home/build" CPPFLAGS="-I$home" CFLAGS=-O1 >/dev/null
  LD_LIBRARY_PATH=$home "$home/build/tests/runner" --scratch "$home/build/tests" tests/sql/*.test
  newest=$home/build/pipeline_health.so
done

python=$(.ci/find-python)
for version in $versions; do
  home=$folder/$version
  number=$(sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"/\1/p' "$home/sqlite3.h")
  export LD_LIBRARY_PATH="$home"
  found=$("$python" -c 'import sqlite3; print(sqlite3.sqlite_version)')
  if [ "$found" != "$number" ]; then
    echo "sqlites: $python does not load its SQLite as a library: it has $found (expected $number)" >&2
    exit 1
  fi
  echo "== SQLite $number: oracle"
  "$python" tests/oracle/compare.py --extension "$newest" --seeds "$seeds"
  "$python" tests/host/doors_test.py "$newest"
done
