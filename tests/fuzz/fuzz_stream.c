/*
** Fuzzing: operations upon tables that have a store.
**
** Two bytes of an input are an operation and its number: rows that come, change and go, imports,
** transactions and savepoints that are taken back, policies, stages, quotas, other columns, triggers that
** are gone, and the actions of pipeline_store. After each a question is put to the tables, beside which the
** store is, and to instances over TEMP views of the same sources, which it does not serve. Both must say the
** same.
*/
#include "fuzz.h"

#include <string.h>

static const char sources[] =
    "CREATE TABLE pipeline_deal(deal_id, name, owner, team, stage, amount, created_at, close_date, "
    "closed_at, outcome);"
    "CREATE TABLE pipeline_event(deal_id, at, kind, old_value, new_value, recorded_at);"
    "CREATE TABLE pipeline_quota(period_start, period_end, amount, owner);"
    "CREATE TABLE pipeline_policy(name, value);"
    "CREATE TABLE pipeline_stage(stage, rank, max_idle_days);"
    "INSERT INTO pipeline_quota VALUES('2022-04-01', '2022-06-30', 100, 'o1'),"
    " ('2022-07-01', '2022-09-30', 100, 'o2');"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90) INSERT INTO pipeline_deal "
    "SELECT CASE i % 9 WHEN 0 THEN 'T' || i ELSE i END, 'Deal ' || i, 'o' || i % 3, 't' || i % 2, 's' || i % "
    "4, i * 10, "
    "date('2022-01-01', i % 60 || ' days'), date('2022-05-01', i || ' days'), NULL, 'open' FROM n;"
    "INSERT INTO pipeline_event SELECT deal_id, date(created_at, rowid % 40 || ' days'), 'meeting', NULL, "
    "NULL, NULL "
    "FROM pipeline_deal;"
    "CREATE TEMP VIEW v_deal AS SELECT * FROM main.pipeline_deal;"
    "CREATE TEMP VIEW v_event AS SELECT * FROM main.pipeline_event;"
    "CREATE TEMP VIEW v_quota AS SELECT * FROM main.pipeline_quota;"
    "CREATE TEMP VIEW v_policy AS SELECT * FROM main.pipeline_policy;"
    "CREATE TEMP VIEW v_stage AS SELECT * FROM main.pipeline_stage;"
    "SELECT pipeline_store('create');";

/* ?1 is the number. One that SQLite or the extension refuses changes nothing. */
static const char *const operations[] = {
    "INSERT INTO pipeline_deal VALUES (?1, 'new', 'o' || ?1 % 4, 't1', 's1', ?1, '2022-03-01', '2022-07-01', "
    "NULL, 'open')",
    "INSERT INTO pipeline_deal VALUES ('N' || ?1, 'text', 'o9', NULL, 's2', 5, '2022-04-01', NULL, "
    "'2022-03-01', 'won')",
    "UPDATE pipeline_deal SET outcome = 'won', closed_at = date('2022-03-01', ?1 || ' days') WHERE rowid % 7 "
    "= ?1 % 7",
    "UPDATE pipeline_deal SET owner = 'o' || ?1 % 5, amount = ?1 WHERE rowid = ?1",
    "UPDATE pipeline_deal SET deal_id = deal_id + 100 WHERE rowid = ?1",
    "UPDATE pipeline_deal SET created_at = 'no day' WHERE rowid = ?1",
    "DELETE FROM pipeline_deal WHERE rowid % 16 = ?1 % 16",
    "DELETE FROM pipeline_deal WHERE rowid > ?1",
    "INSERT INTO pipeline_event VALUES (?1 % 100, date('2022-02-01', ?1 || ' days'), 'meeting', NULL, NULL, "
    "NULL)",
    "INSERT INTO pipeline_event VALUES (?1 % 100, date('2022-02-01', ?1 || ' days'), 'stage', 's0', 's' || "
    "?1 % 4, NULL)",
    "INSERT INTO pipeline_event VALUES (?1 % 100, '2022-05-05', 'amount', NULL, ?1, date('2022-05-05', ?1 || "
    "' days'))",
    "INSERT INTO pipeline_event VALUES (?1 % 100, '2022-04-04', 'close_date', NULL, date('2022-06-01', ?1 || "
    "' days'), NULL)",
    "INSERT INTO pipeline_event VALUES (NULL, '2022-04-04', 'call', NULL, NULL, NULL)",
    "INSERT INTO pipeline_event SELECT deal_id, date('2022-04-01', ?1 || ' days'), 'email', NULL, NULL, NULL "
    "FROM pipeline_deal",
    "UPDATE pipeline_event SET at = date(at, '1 day') WHERE rowid % 10 = ?1 % 10",
    "UPDATE pipeline_event SET deal_id = ?1 % 100 WHERE rowid = ?1",
    "DELETE FROM pipeline_event WHERE rowid % 8 = ?1 % 8",
    "REPLACE INTO pipeline_event(rowid, deal_id, at, kind) VALUES (?1, ?1, '2022-05-01', 'reply')",
    "INSERT INTO pipeline_policy VALUES ('idle_days', ?1 % 90)",
    "DELETE FROM pipeline_policy",
    "INSERT INTO pipeline_policy VALUES ('data_until', date('2022-05-01', ?1 || ' days'))",
    "INSERT INTO pipeline_stage VALUES ('s' || ?1 % 4, ?1, ?1 % 60)",
    "DELETE FROM pipeline_stage",
    "INSERT INTO pipeline_quota VALUES ('2022-04-01', '2022-06-30', ?1, 'o' || ?1 % 3)",
    "INSERT INTO pipeline_quota VALUES ('2022-04-10', '2022-05-09', ?1, NULL)",
    "DELETE FROM pipeline_quota WHERE rowid > ?1 % 4",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT here",
    "ROLLBACK TO here",
    "RELEASE here",
    "SELECT pipeline_store('refresh')",
    "SELECT pipeline_store('refresh')",
    "SELECT pipeline_store('refresh')",
    "SELECT pipeline_store('refresh')",
    "SELECT pipeline_store('create')",
    "SELECT pipeline_store('drop')",
    "SELECT pipeline_health_release()",
    "ALTER TABLE pipeline_deal ADD COLUMN pipeline",
    "ALTER TABLE pipeline_event RENAME COLUMN recorded_at TO told_at",
    "DROP TRIGGER pipeline_store_event_insert",
    "DELETE FROM pipeline_store_change WHERE change = ?1",
    "ATTACH ':memory:' AS other",
    "DETACH other",
};

/* With the table's name in place of %s. */
static const struct {
  const char *table, *sql;
} questions[] = {
    {"pipeline_integrity", "SELECT * FROM %s('2022-06-15', 'owner')"},
    {"pipeline_integrity", "SELECT * FROM %s('2022-04-01')"},
    {"pipeline_integrity", "SELECT * FROM %s('2022-05-20', 'stage')"},
    {"deal_stalled", "SELECT * FROM %s('2022-06-01') WHERE owner = 'o1'"},
    {"deal_stalled", "SELECT * FROM %s('2022-05-01') WHERE deal_id = '7'"},
    {"deal_stalled", "SELECT * FROM %s('2022-07-01')"},
    {"real_coverage", "SELECT name, period_start, claimed_amount, won_amount, real_amount, "
                      "required_real_coverage, verdict FROM "
                      "%s('2022-05-15', 'owner')"},
    {"real_coverage", "SELECT * FROM %s('2022-06-30')"},
    {"pipeline_flow", "SELECT * FROM %s('2022-03-01', '2022-06-30')"},
};
enum {
  OPERATIONS = sizeof operations / sizeof *operations,
  QUESTIONS = sizeof questions / sizeof *questions
};

static void make_references(sqlite3 *db) {
  for (size_t at = 0; at < QUESTIONS; at++) {
    char *sql = sqlite3_mprintf(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.ref_%s USING %s(schema=temp, deal=v_deal, event=v_event, "
        "quota=v_quota, policy=v_policy, stage=v_stage)",
        questions[at].table, questions[at].table);
    if (sql == NULL || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
      fuzz_fail("references: %s", sqlite3_errmsg(db));
    sqlite3_free(sql);
  }
}

/* Whether a code says that memory or patience ended, so that nothing is to be compared. */
static bool is_exhausted(int code) {
  return code == SQLITE_NOMEM || code == SQLITE_INTERRUPT || code == SQLITE_TOOBIG || code == SQLITE_FULL;
}

static int operate(sqlite3 *db, const char *sql, int number) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  if (code != SQLITE_OK) return code;
  if (sqlite3_bind_parameter_count(statement) > 0) sqlite3_bind_int(statement, 1, number);
  while (sqlite3_step(statement) == SQLITE_ROW) continue;
  return sqlite3_finalize(statement);
}

/* All cells of the answer with their types, or how it ends. */
static char *answer(sqlite3 *db, const char *form, const char *table, int *code) {
  char *sql = sqlite3_mprintf(form, table);
  sqlite3_str *text = sqlite3_str_new(db);
  sqlite3_stmt *statement = NULL;
  *code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  while (*code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
    for (int column = 0; column < sqlite3_column_count(statement); column++) {
      const char *cell = (const char *)sqlite3_column_text(statement, column);
      sqlite3_str_appendf(text, "%d%s|", sqlite3_column_type(statement, column), cell != NULL ? cell : "");
    }
  if (*code == SQLITE_OK) *code = sqlite3_finalize(statement);
  if (sqlite3_str_errcode(text) != SQLITE_OK) *code = sqlite3_str_errcode(text);
  sqlite3_free(sql);
  return sqlite3_str_finish(text);
}

/* False when there is no more memory or patience. */
static bool compare(sqlite3 *db, size_t question) {
  char reference[64];
  int code, reference_code;
  sqlite3_snprintf(sizeof reference, reference, "temp.ref_%s", questions[question].table);
  char *found = answer(db, questions[question].sql, questions[question].table, &code);
  char *expected = answer(db, questions[question].sql, reference, &reference_code);
  bool ended = is_exhausted(code) || is_exhausted(reference_code);
  if (!ended &&
      (code != reference_code ||
       (code == SQLITE_OK && strcmp(found != NULL ? found : "", expected != NULL ? expected : "") != 0)))
    fuzz_fail("question %d: with the store (%d)\n%s\nwithout (%d)\n%s\n%s", (int)question, code, found,
              reference_code, expected, sqlite3_errmsg(db));
  sqlite3_free(found);
  sqlite3_free(expected);
  return !ended;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  sqlite3 *db = fuzz_open(false);
  if (sqlite3_exec(db, sources, NULL, NULL, NULL) != SQLITE_OK) fuzz_fail("sources: %s", sqlite3_errmsg(db));
  make_references(db);
  bool go_on = true;
  for (size_t at = 0; at + 1 < size && at < 200 && go_on; at += 2) {
    go_on = !is_exhausted(operate(db, operations[data[at] % OPERATIONS], data[at + 1])) &&
            compare(db, data[at + 1] % QUESTIONS);
  }
  for (size_t question = 0; question < QUESTIONS && go_on; question++) go_on = compare(db, question);
  fuzz_close(db);
  return 0;
}
