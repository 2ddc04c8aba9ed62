/*
** Power loss while a store is made, kept by its triggers, refreshed and dropped.
**
**     power_loss [ROUNDS]
**
** A small database lies on a disk that remembers what was synced. Behind each write, sync, truncation and
** deletion the power goes, ROUNDS times, each time with another part of what was not synced on the disk;
** then the file is opened anew. It must be sound; a store must be used, or not be there, or say that a
** refresh of it did not end; a table must answer with it as without it, and so it must after a refresh.
** One round spares some operations, more rounds none.
*/
#include "../support/disk.h"
#include "../support/session.h"
#include "../support/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char file_name[] = "power_loss.db";

/* More than a block of deals. */
static const char sources[] =
    "CREATE TABLE pipeline_deal(deal_id INTEGER PRIMARY KEY, owner, stage, amount, created_at, outcome);"
    "CREATE TABLE pipeline_event(deal_id INTEGER, at, kind);"
    "INSERT INTO pipeline_deal WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70) "
    "SELECT i, 'owner ' || i % 3, 'Demo', 10 * i, date('2022-01-01', i % 20 || ' days'), 'open' FROM n;"
    "INSERT INTO pipeline_event SELECT deal_id, date(created_at, deal_id % 7 || ' days'), 'meeting' FROM "
    "pipeline_deal";

/* What happens on the disk. The last refresh reads all: what went may have been the only one to tell since
** when there are meetings. */
static const char *const steps[] = {
    "SELECT pipeline_store('create')",
    "INSERT INTO pipeline_event VALUES (3, '2022-02-20', 'meeting'), (68, '2022-02-21', 'call')",
    "UPDATE pipeline_deal SET amount = 77, deal_id = 500 WHERE deal_id = 5",
    "SELECT pipeline_store('refresh')",
    "BEGIN",
    "DELETE FROM pipeline_deal WHERE deal_id = 7",
    "INSERT INTO pipeline_deal VALUES (71, 'new', 'Demo', 5, '2022-02-01', 'open')",
    "SELECT pipeline_store('refresh')",
    "REPLACE INTO pipeline_deal VALUES (8, 'new', 'Demo', 6, '2022-02-02', 'open')",
    "COMMIT",
    "BEGIN",
    "INSERT INTO pipeline_event SELECT deal_id, '2022-03-01', 'call' FROM pipeline_deal",
    "ROLLBACK",
    "DELETE FROM pipeline_event WHERE deal_id = 9",
    "DELETE FROM pipeline_event WHERE at = (SELECT min(at) FROM pipeline_event)",
    "SELECT pipeline_store('refresh')",
    "SELECT pipeline_store('drop')",
    "BEGIN",
    "SELECT pipeline_store('create')",
    "INSERT INTO pipeline_event VALUES (9, '2022-03-02', 'call')",
    "COMMIT",
};
enum { STEPS = sizeof steps / sizeof *steps };

/* Of tables that read days, deals and both. */
static const struct {
  const char *table, *arguments;
} questions[] = {
    {"pipeline_integrity", "'2022-02-25', 'owner'"},
    {"pipeline_integrity", "'2022-01-15', 'all'"},
    {"real_coverage", "'2022-02-25', 'owner'"},
    {"deal_stalled", "'2022-02-25'"},
    {"pipeline_flow", "'2022-01-10', '2022-02-25', 'stage'"},
};
enum { QUESTIONS = sizeof questions / sizeof *questions };

typedef struct power_loss {
  sqlite3 *db;
  const char *mode;
  size_t operations;
  uint64_t seed;
  tally score;
} power_loss;

static void fail(power_loss *lost, const char *what, const char *why) {
  text message = {0};
  text_printf(&message, "%s, behind %zu operations, seed %llu: %s: %s", lost->mode, lost->operations,
              (unsigned long long)lost->seed, what, why);
  tally_fail(&lost->score, file_name, 0, text_get(&message));
  text_free(&message);
}

/* The only row of a query, or the error; to be freed. */
static char *one_row(power_loss *lost, const char *sql) {
  answer got;
  answer_fetch(&got, lost->db, sql, NULL);
  char *row = copy_text(got.rows.count == 1 ? got.rows.line[0] : text_get(&got.message));
  answer_free(&got);
  return row;
}

static bool says(power_loss *lost, const char *sql, const char *expected) {
  char *row = one_row(lost, sql);
  bool good = strcmp(row, expected) == 0;
  if (!good) fail(lost, sql, row);
  free(row);
  return good;
}

/* Views of the sources, beside which no store is, and over them a table like that of a question. */
static bool make_reference(power_loss *lost, int question) {
  text error = {0}, sql = {0};
  text_append(&sql, "CREATE TEMP VIEW v_deal AS SELECT * FROM main.pipeline_deal;"
                    "CREATE TEMP VIEW v_event AS SELECT * FROM main.pipeline_event;");
  text_printf(&sql, "CREATE VIRTUAL TABLE temp.reference USING %s(schema=temp, deal=v_deal, event=v_event);",
              questions[question].table);
  bool good = session_execute(lost->db, text_get(&sql), &error) == SQLITE_OK;
  if (!good) fail(lost, "a reference", text_get(&error));
  text_free(&error);
  text_free(&sql);
  return good;
}

static bool check_question(power_loss *lost, int question) {
  text with = {0}, without = {0};
  answer mine, theirs;
  text_printf(&with, "SELECT * FROM %s(%s)", questions[question].table, questions[question].arguments);
  text_printf(&without, "SELECT * FROM reference(%s)", questions[question].arguments);
  answer_fetch(&mine, lost->db, text_get(&with), NULL);
  answer_fetch(&theirs, lost->db, text_get(&without), NULL);
  bool good = mine.code == SQLITE_OK && theirs.code == SQLITE_OK && lines_equal(&mine.rows, &theirs.rows);
  if (!good) fail(lost, text_get(&with), mine.code != SQLITE_OK ? text_get(&mine.message) : "another answer");
  answer_free(&mine);
  answer_free(&theirs);
  text_free(&with);
  text_free(&without);
  return good;
}

static sqlite3 *open_on_disk(const char *mode) {
  sqlite3 *db;
  text error = {0}, pragmas = {0};
  text_printf(&pragmas,
              "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA page_size=1024; "
              "PRAGMA cache_size=10; PRAGMA journal_mode=%s",
              mode);
  if (!session_open_existing(&db, file_name, disk_name, &error) ||
      session_execute(db, text_get(&pragmas), &error) != SQLITE_OK)
    fatal("%s: %s", mode, text_get(&error));
  text_free(&pragmas);
  return db;
}

/* What a power loss left. */
static void check(power_loss *lost) {
  static const char whole[] =
      "SELECT ifnull(j ->> '$.used', 1) OR j ->> '$.why_not' LIKE '%a refresh of it did "
      "not end%' FROM (SELECT pipeline_store('status') AS j)";
  static const char refreshed[] = "SELECT pipeline_store('refresh') ->> '$.used'";
  disk_crash(lost->operations, lost->seed);
  lost->db = open_on_disk(lost->mode);
  int question = (int)(lost->operations % QUESTIONS);
  bool good = says(lost, "PRAGMA integrity_check", "ok") && make_reference(lost, question) &&
              says(lost, whole, "1") && check_question(lost, question);
  if (good && lost->operations % 8 == 0) good = says(lost, refreshed, "1") && check_question(lost, question);
  if (good) tally_pass(&lost->score);
  if (sqlite3_close(lost->db) != SQLITE_OK) fatal("a connection cannot be closed");
}

/* Does all steps; what is remembered of them are the operations of the disk. */
static void live(const char *mode) {
  text error = {0};
  disk_clear();
  sqlite3 *db = open_on_disk(mode);
  if (session_execute(db, sources, &error) != SQLITE_OK ||
      session_execute(db, "CREATE TABLE pipeline_policy(name, value)", &error) != SQLITE_OK)
    fatal("%s: %s", mode, text_get(&error));
  disk_remember();
  for (int step = 0; step < STEPS; step++)
    if (session_execute(db, steps[step], &error) != SQLITE_OK)
      fatal("%s: %s: %s", mode, steps[step], text_get(&error));
  sqlite3_close(db);
}

/* A disk that forgets nothing would pass everything: what is not synced must get lost. */
static void check_harness(power_loss *lost) {
  lost->mode = "OFF";
  disk_clear();
  lost->db = open_on_disk("OFF");
  text error = {0};
  disk_remember();
  session_execute(lost->db, "PRAGMA synchronous=OFF; CREATE TABLE lost AS SELECT 1 AS row", &error);
  if (!says(lost, "SELECT row FROM lost", "1")) fatal("power_loss: a table cannot be written");
  sqlite3_close(lost->db);
  disk_crash(disk_remembered(), 1);
  lost->db = open_on_disk("OFF");
  if (says(lost, "SELECT count(*) FROM sqlite_master", "0")) tally_pass(&lost->score);
  sqlite3_close(lost->db);
}

int main(int count, char **arguments) {
  static const struct {
    const char *name;
    size_t stride;
  } modes[] = {{"DELETE", 2}, {"WAL", 2}, {"TRUNCATE", 7}, {"PERSIST", 7}};
  long rounds = count > 1 ? strtol(arguments[1], NULL, 10) : 1;
  power_loss lost = {.mode = ""};
  disk_begin();
  check_harness(&lost);
  for (size_t mode = 0; mode < sizeof modes / sizeof *modes; mode++) {
    double began = seconds_now();
    size_t crashes = lost.score.passed;
    lost.mode = modes[mode].name;
    size_t stride = rounds > 1 ? 1 : modes[mode].stride;
    live(lost.mode);
    size_t operations = disk_remembered();
    for (lost.operations = 0; lost.operations <= operations; lost.operations += stride)
      for (long round = 0; round < rounds; round++) {
        lost.seed = (uint64_t)round + lost.operations / stride % 4;
        check(&lost);
      }
    printf("power_loss: %s: %zu operations, %zu crashes, %.1f s\n", lost.mode, operations,
           lost.score.passed - crashes, seconds_now() - began);
  }
  disk_clear();
  return tally_close(&lost.score);
}
