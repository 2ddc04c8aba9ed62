#!/bin/sh
# The built library in the sqlite3 shell, as a person uses it.
#
#     shell.sh build/pipeline_health.so [SCRATCH_FOLDER]
#
# SQLITE3 names another shell. Ends with `N passed, N failed`.
set -u

library=${1:?usage: shell.sh LIBRARY [SCRATCH_FOLDER]}
scratch=${2:-build}
sqlite3=${SQLITE3:-sqlite3}
case $library in /*) ;; *) library=$PWD/$library ;; esac
without_suffix=${library%.*}
database=$scratch/shell_host.db
version=$(sed -n 's/.*PIPELINE_HEALTH_VERSION "\(.*\)"/\1/p' ext/pipeline_health.h)
passed=0
failed=0

pass() { passed=$((passed + 1)); }

fail() {
  failed=$((failed + 1))
  printf 'shell: failed: %s\n  got: %s\n' "$1" "$2"
}

# run DATABASE SQL: what the shell prints, errors too; its exit code in $status.
run() {
  output=$("$sqlite3" -batch -bail -init /dev/null -cmd ".load $library" "$1" "$2" 2>&1)
  status=$?
}

# gives NAME DATABASE SQL EXPECTED
gives() {
  run "$2" "$3"
  if [ "$status" -eq 0 ] && [ "$output" = "$4" ]; then pass; else fail "$1 (exit $status), expected: $4" "$output"; fi
}

# refuses NAME DATABASE SQL WORD...: an error whose message has every word
refuses() {
  name=$1
  run "$2" "$3"
  shift 3
  if [ "$status" -eq 0 ]; then
    fail "$name: no error" "$output"
    return
  fi
  for word in "$@"; do
    case $output in
    *"$word"*) ;;
    *)
      fail "$name: the message lacks: $word" "$output"
      return
      ;;
    esac
  done
  pass
}

rm -f "$database" "$database"-*
"$sqlite3" -batch -bail -init /dev/null "$database" "
  CREATE TABLE pipeline_deal(deal_id, name TEXT, owner TEXT, stage TEXT, amount REAL, created_at TEXT,
    close_date TEXT, closed_at TEXT, outcome TEXT);
  INSERT INTO pipeline_deal VALUES
    (1, 'first', 'ann', 'Proposal', 100, '2022-06-01', '2022-07-31', NULL, 'open'),
    (2, 'second', 'ann', 'Proposal', 50.5, '2022-01-02', '2022-07-31', NULL, 'open'),
    (3, 'third', 'ann', 'Proposal', 7, '2022-01-02', '2022-03-31', '2022-03-30', 'won');
  CREATE TABLE pipeline_event(deal_id, at, kind, new_value);
  INSERT INTO pipeline_event VALUES (3, '2022-01-02', 'stage', 'Proposal'), (3, '2022-01-02', 'meeting', NULL);
  CREATE TABLE other_names AS SELECT * FROM pipeline_deal WHERE deal_id = 1;" || {
  echo "shell: $sqlite3 cannot make the test database"
  exit 2
}
integrity="SELECT open_deals, open_amount FROM pipeline_integrity('2022-06-30')"

# Loading
gives 'load and ask the version' :memory: 'SELECT pipeline_health_version()' "$version"
output=$("$sqlite3" -batch -init /dev/null -cmd ".load $without_suffix" :memory: 'SELECT pipeline_health_version()' 2>&1)
if [ "$output" = "$version" ]; then pass; else fail 'load without the suffix' "$output"; fi
output=$("$sqlite3" -batch -init /dev/null -cmd ".load $library" -cmd ".load $library" :memory: \
  'SELECT pipeline_health_version()' 2>&1)
if [ "$output" = "$version" ]; then pass; else fail 'load a second time' "$output"; fi

# Asking
gives 'pipeline_integrity' "$database" "$integrity" '2|150.5'
gives 'deal_stalled' "$database" "SELECT deal_id, stalled FROM deal_stalled('2022-06-30') ORDER BY deal_id" '1|0
2|1'
gives 'the function form' :memory: "SELECT deal_stalled('2022-01-01', '2022-06-30')" 1
gives 'NULL argument' "$database" "SELECT count(*) FROM pipeline_integrity(NULL)" 0
gives 'an instance over another name' "$database" \
  "CREATE VIRTUAL TABLE temp.mine USING pipeline_integrity(deal=other_names, schema=main);
   SELECT open_deals FROM temp.mine('2022-06-30')" 1

# A read-only database: loading and asking write nothing, TEMP views serve as sources
chmod a-w "$database"
before=$(cksum <"$database")
gives 'read-only, by URI' "file:$database?mode=ro" "$integrity" '2|150.5'
gives 'read-only and immutable' "file:$database?immutable=1" "$integrity" '2|150.5'
gives 'read-only, with a TEMP view as a source' "file:$database?mode=ro" \
  "CREATE TEMP VIEW pipeline_deal AS SELECT * FROM main.other_names; $integrity" '1|100.0'
if [ "$(cksum <"$database")" = "$before" ] && [ ! -e "$database-journal" ] && [ ! -e "$database-wal" ]; then
  pass
else
  fail 'read-only: the file must stay as it is' "$(ls -l "$database"*)"
fi
chmod u+w "$database"

# A query leaves nothing open: the database can be vacuumed, a source dropped
gives 'VACUUM and DROP after a query' "$database" \
  "$integrity; VACUUM; DROP TABLE other_names; SELECT count(*) FROM deal_stalled('2022-06-30')" '2|150.5
2'

# Errors name the thing and what was expected
refuses 'no relation' :memory: "$integrity" pipeline_deal
refuses 'a required column is missing' :memory: \
  "CREATE TABLE pipeline_deal(deal_id, stage, created_at); $integrity" pipeline_deal outcome
refuses 'an argument that is no day' "$database" "SELECT * FROM pipeline_integrity('10/23/17')" as_of 10/23/17
refuses 'an argument that is no scope' "$database" "SELECT * FROM pipeline_integrity('2022-06-30', 'galaxy')" \
  scope galaxy owner
refuses 'an unknown policy' "$database" \
  "CREATE TEMP VIEW pipeline_policy AS SELECT 'idle_dayz' AS name, 3 AS value; $integrity" idle_dayz
refuses 'an unknown CRM' :memory: "SELECT pipeline_connect('abacus')" pipeline_connect abacus salesforce
refuses 'a function with a bad date' :memory: "SELECT deal_stalled('10/23/17', '2022-06-30')" deal_stalled 10/23/17
refuses 'writing to a table' "$database" "DELETE FROM pipeline_integrity" 'may not be modified'
gives 'the database is whole' "$database" 'PRAGMA integrity_check' ok

rm -f "$database" "$database"-*
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
