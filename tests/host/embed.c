/*
** Hosts: a C program with the extension linked in, as the README shows it.
**
** Compiled with -DSQLITE_CORE against the static library. The extension comes by a direct call and by
** sqlite3_auto_extension; two connections live side by side and close cleanly.
*/
#include "pipeline_health.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static int passed, failed;

static void check(int good, const char *what) {
  if (good) {
    passed++;
  } else {
    failed++;
    printf("embed: failed: %s\n", what);
  }
}

static const char sources[] =
    "CREATE TABLE pipeline_deal(deal_id, name TEXT, owner TEXT, stage TEXT, amount REAL, created_at TEXT,"
    "  close_date TEXT, closed_at TEXT, outcome TEXT);"
    "INSERT INTO pipeline_deal VALUES"
    "  (1, 'first', 'ann', 'Proposal', 100, '2022-06-01', '2022-07-31', NULL, 'open'),"
    "  ('2', 'second', 'ann', 'Proposal', 50.5, '2022-06-02', '2022-07-31', NULL, 'open'),"
    "  (3, 'third', 'ann', 'Proposal', 7, '2022-01-02', '2022-03-31', '2022-03-30', 'won');";

/* The first value of a query as text; "error: ..." when it fails. Lives until the next call. */
static const char *ask(sqlite3 *db, const char *sql) {
  static char value[300];
  sqlite3_stmt *statement = NULL;
  snprintf(value, sizeof value, "nothing");
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    const unsigned char *bytes = sqlite3_column_text(statement, 0);
    snprintf(value, sizeof value, "%s", bytes != NULL ? (const char *)bytes : "NULL");
  }
  if (sqlite3_finalize(statement) != SQLITE_OK || statement == NULL) {
    snprintf(value, sizeof value, "error: %s", sqlite3_errmsg(db));
  }
  return value;
}

static sqlite3 *open_memory(void) {
  sqlite3 *db = NULL;
  check(sqlite3_open(":memory:", &db) == SQLITE_OK, "open a database");
  return db;
}

static void check_answers(sqlite3 *db) {
  check(sqlite3_exec(db, sources, NULL, NULL, NULL) == SQLITE_OK, "make the sources");
  check(strcmp(ask(db, "SELECT pipeline_health_version()"), PIPELINE_HEALTH_VERSION) == 0,
        "pipeline_health_version()");
  check(strcmp(ask(db, "SELECT open_deals || '/' || open_amount FROM pipeline_integrity('2022-06-30')"),
               "2/150.5") == 0,
        "pipeline_integrity");
}

static void check_direct_call(void) {
  sqlite3 *db = open_memory();
  char *message = NULL;
  check(sqlite3_pipelinehealth_init(db, &message, NULL) == SQLITE_OK, "the entry point");
  check(message == NULL, "no message without an error");
  check_answers(db);
  check(sqlite3_pipelinehealth_init(db, NULL, NULL) == SQLITE_OK,
        "the entry point a second time, without a message");
  check(sqlite3_close(db) == SQLITE_OK, "close after a direct call");
}

static void check_auto_extension(void) {
  void (*entry)(void) = (void (*)(void))sqlite3_pipelinehealth_init;
  sqlite3 *first, *second, *without;
  check(sqlite3_auto_extension(entry) == SQLITE_OK, "sqlite3_auto_extension");
  first = open_memory();
  second = open_memory();
  check_answers(first);
  check_answers(second);
  check(sqlite3_exec(first, "UPDATE pipeline_deal SET amount = 1", NULL, NULL, NULL) == SQLITE_OK,
        "change one");
  check(strcmp(ask(first, "SELECT open_amount FROM pipeline_integrity('2022-06-30')"), "2.0") == 0,
        "one changed");
  check(strcmp(ask(second, "SELECT open_amount FROM pipeline_integrity('2022-06-30')"), "150.5") == 0,
        "the other not");
  check(sqlite3_close(first) == SQLITE_OK, "close the first connection");
  check(strcmp(ask(second, "SELECT open_deals FROM pipeline_integrity('2022-06-30')"), "2") == 0,
        "the other lives");
  check(sqlite3_close(second) == SQLITE_OK, "close the second connection");
  check(sqlite3_cancel_auto_extension(entry) == 1, "sqlite3_cancel_auto_extension");
  without = open_memory();
  check(strncmp(ask(without, "SELECT pipeline_health_version()"), "error: ", 7) == 0,
        "no extension without loading");
  check(sqlite3_close(without) == SQLITE_OK, "close a connection without the extension");
}

/* Loading looks at no schema: the database may be locked by others or wait for its key. */
static void check_unreadable_database(void) {
  static unsigned char no_database[4096] = "this is no database";
  sqlite3 *db = open_memory();
  check(sqlite3_deserialize(db, "main", no_database, sizeof no_database, sizeof no_database,
                            SQLITE_DESERIALIZE_READONLY) == SQLITE_OK,
        "open what is no database");
  check(strncmp(ask(db, "SELECT 1 FROM sqlite_schema"), "error: ", 7) == 0, "nothing can be read");
  check(sqlite3_pipelinehealth_init(db, NULL, NULL) == SQLITE_OK, "the entry point all the same");
  check(strcmp(ask(db, "SELECT pipeline_health_version()"), PIPELINE_HEALTH_VERSION) == 0, "its function");
  check(sqlite3_pipelinehealth_init(db, NULL, NULL) == SQLITE_OK, "the entry point a second time");
  check(sqlite3_close(db) == SQLITE_OK, "close what is no database");
}

/* A VFS of the host may be one of version 1, which tells the time as a Julian day alone. */
static void check_old_vfs(void) {
  static sqlite3_vfs old;
  sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
  sqlite3 *db;
  old = *usual;
  old.iVersion = 1;
  old.zName = "old";
  old.pNext = NULL;
  check(sqlite3_vfs_register(&old, 1) == SQLITE_OK, "register a VFS of version 1");
  db = open_memory();
  check(sqlite3_pipelinehealth_init(db, NULL, NULL) == SQLITE_OK, "the entry point with it");
  check_answers(db);
  check(strcmp(ask(db, "SELECT as_of = date('now') FROM pipeline_integrity"), "1") == 0, "today with it");
  check(sqlite3_close(db) == SQLITE_OK, "close with it");
  check(sqlite3_vfs_unregister(&old) == SQLITE_OK && sqlite3_vfs_register(usual, 1) == SQLITE_OK,
        "the usual VFS again");
}

int main(void) {
  check_direct_call();
  check_auto_extension();
  check_unreadable_database();
  check_old_vfs();
  check(sqlite3_memory_used() == 0 || sqlite3_shutdown() == SQLITE_OK, "shut down");
  check(sqlite3_memory_used() == 0, "all memory is back");
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
