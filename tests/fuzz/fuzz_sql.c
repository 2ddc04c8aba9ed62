/*
** Fuzzing: any SQL text over a small fixed database.
**
** Whatever the SQL does, nothing crashes, the connection closes and all memory is back. What the SQL answers
** is not judged here.
*/
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static const char database[] =
    "CREATE TABLE pipeline_deal(deal_id, name TEXT, owner TEXT, team TEXT, pipeline TEXT, stage TEXT, amount,"
    "  created_at TEXT, close_date TEXT, closed_at TEXT, outcome TEXT);"
    "INSERT INTO pipeline_deal VALUES"
    "  (1, 'a', 'ann', 'east', NULL, 'Proposal', 100, '2022-01-05', '2022-06-30', NULL, 'open'),"
    "  ('2', 'b', 'bob', 'east', NULL, 'Discovery', '50.5', '2022-02-05', '2022-03-15', NULL, 'open'),"
    "  (3, 'c', NULL, 'west', NULL, 'Won', 70, '2021-09-05', '2022-01-15', '2022-01-20', 'won'),"
    "  (4, 'd', 'ann', NULL, NULL, 'Lost', NULL, '2021-09-05', NULL, '2022-02-20', 'lost');"
    "CREATE TABLE pipeline_event(deal_id, at, kind TEXT, old_value, new_value, recorded_at);"
    "INSERT INTO pipeline_event VALUES"
    "  (1, '2022-01-20', 'meeting', NULL, NULL, '2022-01-10'), (1, '2022-02-20', 'meeting', NULL, NULL, "
    "NULL),"
    "  (1, '2022-03-01', 'stage', 'Discovery', 'Proposal', NULL), (2, '2022-03-01', 'amount', 40, 50.5, "
    "NULL),"
    "  (2, '2022-03-02T10:00:00Z', 'close_date', '2022-02-15', '2022-03-15', NULL), (3, 1642000000, 'call', "
    "NULL, NULL, NULL),"
    "  (3, '2022-01-01', 'owner', 'bob', NULL, NULL), (2, '2022-04-01', 'email', NULL, NULL, NULL);"
    "CREATE TABLE pipeline_stage(stage TEXT, rank, pipeline TEXT, max_idle_days);"
    "INSERT INTO pipeline_stage VALUES ('Discovery', 1, NULL, NULL), ('Proposal', 2, NULL, 20), ('Won', 3, "
    "NULL, NULL);"
    "CREATE TABLE pipeline_quota(period_start, period_end, amount, owner TEXT, team TEXT);"
    "INSERT INTO pipeline_quota VALUES ('2022-01-01', '2022-03-31', 100, 'ann', 'east'),"
    "  ('2022-01-01', '2022-03-31', 80, 'bob', 'east'), ('2022-04-01', '2022-06-30', 120, 'ann', 'east');"
    "CREATE TABLE pipeline_policy(name TEXT, value);"
    "INSERT INTO pipeline_policy VALUES ('idle_days', 20);";

/* Reads every value of every row. */
static void run_statement(sqlite3_stmt *statement) {
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      (void)sqlite3_column_text(statement, i);
      (void)sqlite3_column_bytes(statement, i);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  sqlite3 *db = fuzz_open(true);
  char *sql = sqlite3_malloc64(size + 1);
  const char *rest = sql;
  if (sql == NULL) fuzz_fail("out of memory");
  if (size > 0) memcpy(sql, data, size);
  sql[size] = '\0';
  if (sqlite3_exec(db, database, NULL, NULL, NULL) != SQLITE_OK)
    fuzz_fail("database: %s", sqlite3_errmsg(db));
  while (*rest != '\0') {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, rest, -1, &statement, &rest) != SQLITE_OK) break;
    run_statement(statement);
    sqlite3_finalize(statement);
  }
  sqlite3_free(sql);
  fuzz_close(db);
  return 0;
}
