#!/bin/sh
# The loop of sql/README.md that imports a folder of CSV files, as a person runs it: twice, with other files the second time.
#
#     import.sh SQL_README SCRATCH_FOLDER
#
# Ends with `N passed, N failed`.
set -u

page=${1:?usage: import.sh SQL_README SCRATCH_FOLDER}
scratch=${2:?usage: import.sh SQL_README SCRATCH_FOLDER}/import
case $page in /*) ;; *) page=$PWD/$page ;; esac
passed=0
failed=0

gives() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'import: failed: %s\n  expected: %s\n  got: %s\n' "$1" "$3" "$2"
  fi
}

rm -rf "$scratch"
mkdir -p "$scratch"
cd "$scratch" || exit 1
# the block of code that begins with the loop
awk '/^```/ { if (inside && found) exit; inside = !inside; found = 0; block = ""; next }
  inside && /^for file in \*\.csv/ { found = 1 }
  inside && found { print }' "$page" > loop.sh
gives 'the page has the loop' "$(head -n 1 loop.sh)" 'for file in *.csv; do'

printf '"Id","Name"\r\n"1","Z\303\274rich"\r\n"2","a, ""b""\nc"\r\n' > Opportunity.csv
printf '\357\273\277"Betrag";Kunde\r\n"1,5";"M\303\274ller"\r\n' > 'Pipeline KW48.csv'
printf 'Betrag;Kunde\r\n"1,5";M\374ller\r\n' > ansi.csv
printf 'Betrag\tKunde\r\n1,5\tM\303\274ller\r\n' | iconv -f UTF-8 -t UTF-16 > unicode.csv
sh loop.sh > log 2>&1
gives 'what it says' "$(cat log)" "Opportunity: UTF-8
Pipeline KW48: UTF-8
ansi: WINDOWS-1252
unicode: UTF-16"
gives 'quotes, commas and lines' "$(sqlite3 crm.db 'SELECT Id, hex(Name) FROM Opportunity')" "1|5AC3BC72696368
2|612C202262220A63"
for table in 'Pipeline KW48' ansi unicode; do
  gives "$table" "$(sqlite3 crm.db "SELECT * FROM \"$table\"")" '1,5|Müller'
  gives "columns of $table" "$(sqlite3 crm.db "SELECT group_concat(name) FROM pragma_table_info('$table')")" 'Betrag,Kunde'
done

# On Monday: last week's rows are gone, and so is a column.
rm -f ./*.csv
printf 'Id\n3\n' > Opportunity.csv
sh loop.sh > log 2>&1
gives 'a second import replaces' "$(sqlite3 crm.db 'SELECT * FROM Opportunity')" '3'
gives 'other tables stay' "$(sqlite3 crm.db 'SELECT count(*) FROM ansi')" '1'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
