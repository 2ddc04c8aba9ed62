#!/bin/sh
# Every file below sql/ on the demo, in the sqlite3 shell.
#
#     examples.sh BUILD_FOLDER [SQLITE3]
#
# A file passes when the shell ends well, complains of nothing and prints something. Ends with `N passed, N failed`.
# The shell stops at an error from `.bail on` on: since 3.53 the option -bail ends it after the first -cmd that is SQL.
set -u
build=${1:?usage: examples.sh BUILD_FOLDER [SQLITE3]}
sqlite3=${2:-sqlite3}
passed=0
failed=0

mkdir -p "$build/tests"
for file in sql/tour.sql sql/report.sql sql/proof.sql sql/learned_limits.sql sql/examples/*.sql; do
  cp "$build/demo.db" "$build/tests/example.db"
  output=$("$sqlite3" -init /dev/null -cmd ".load $build/pipeline_health" \
    -cmd "SELECT pipeline_connect('salesforce') IS NULL" -cmd '.bail on' "$build/tests/example.db" < "$file" 2> "$build/tests/example.err")
  code=$?
  # the first line is the answer to pipeline_connect
  lines=$(printf '%s\n' "$output" | wc -l)
  if [ "$code" -eq 0 ] && [ ! -s "$build/tests/example.err" ] && [ "$lines" -gt 3 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'examples: failed: %s (exit %s, %s lines)\n' "$file" "$code" "$lines"
    cat "$build/tests/example.err"
  fi
done

# The report on a file that has the relations itself, as a flat list: every section that is empty says why.
rm -f "$build/tests/flat.db"
"$sqlite3" "$build/tests/flat.db" "CREATE TABLE pipeline_deal(deal_id, stage, amount, created_at, close_date, outcome);
  INSERT INTO pipeline_deal VALUES (1, 'A', 100, '2022-01-01', '2022-12-31', 'open'), (2, 'A', 200, 'soon', NULL, 'open')"
report=$("$sqlite3" -bail -readonly -init /dev/null -cmd ".load $build/pipeline_health" -cmd ".parameter set @as_of \"'2022-06-30'\"" \
  "$build/tests/flat.db" < sql/report.sql 2> "$build/tests/example.err")
code=$?
why=$(printf '%s\n' "$report" | grep -c '^Empty: \|^Integrity is empty: ')
meanings=$(printf '%s\n' "$report" | grep -c '^- .*; ')
if [ "$code" -eq 0 ] && [ ! -s "$build/tests/example.err" ] && [ "$why" -eq 7 ] && [ "$meanings" -gt 5 ]; then
  passed=$((passed + 1))
else
  failed=$((failed + 1))
  printf 'examples: failed: the report on a flat list (exit %s, %s reasons, %s meanings)\n' "$code" "$why" "$meanings"
  cat "$build/tests/example.err"
fi

# The forecast keeps its goals on the demo.
output=$("$sqlite3" -init /dev/null -cmd ".load $build/pipeline_health" -cmd "SELECT pipeline_connect('salesforce') IS NULL" \
  -cmd '.bail on' "$build/demo.db" < tests/sql/forecast_goals.sql 2>&1)
printf '%s\n' "$output" | sed -n '2,$s/^/forecast: /p'
if [ "$(printf '%s\n' "$output" | grep -c '|kept$')" -eq 2 ]; then
  passed=$((passed + 1))
else
  failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 14 ]
