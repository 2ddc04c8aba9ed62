#!/bin/sh
# What pipeline_connect_sql returns, run by the sqlite3 shell: as views and as tables the answers are those of pipeline_connect.
#   tests/host/doors.sh SQLITE3 LIBRARY DEMO DIRECTORY
set -eu
sqlite=$1 library=$2 demo=$3 directory=$4
mkdir -p "$directory"
question="SELECT * FROM pipeline_integrity('2022-06-30', 'team'); SELECT * FROM real_coverage('2022-06-30'); SELECT count(*), sum(rows) FROM pipeline_check"
ask() { "$sqlite" -batch "$1" ".load $library" "$2$question"; }
"$sqlite" -batch "$demo" ".load $library" ".output /dev/null" "SELECT pipeline_connect('salesforce')" ".output stdout" "$question" \
  >"$directory/connected"
failed=0
for as in views tables; do
  copy=$directory/$as.db
  cp "$demo" "$copy"
  "$sqlite" -batch "$copy" ".load $library" "SELECT pipeline_connect_sql('salesforce', 'main', '{\"as\":\"$as\"}')" >"$directory/$as.sql"
  "$sqlite" -batch -bail -cmd ".load $library" "$copy" <"$directory/$as.sql"
  ask "$copy" "PRAGMA query_only = 1; " >"$directory/$as"
  if ! cmp -s "$directory/connected" "$directory/$as"; then
    echo "pipeline_connect_sql as $as: other answers than pipeline_connect" >&2
    diff "$directory/connected" "$directory/$as" >&2 || true
    failed=1
  fi
  rm -f "$copy"
done
[ -s "$directory/connected" ] && [ "$failed" -eq 0 ]
