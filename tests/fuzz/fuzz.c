/*
** Fuzzing: databases that are safe to hand to a fuzzer.
*/
#include "fuzz.h"

#include "pipeline_health.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAP_LIMIT_BYTES = 64 << 20, LENGTH_LIMIT_BYTES = 1 << 20, WORK_LIMIT = 2000 };

static sqlite3_int64 bytes_before;
static int work_done;

void fuzz_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "fuzz: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  abort();
}

/* Asked every thousand steps of SQLite's machine. */
static int stop_long_work(void *context) {
  (void)context;
  return ++work_done > WORK_LIMIT;
}

/* Nothing that opens files or lifts the limits. */
static int forbid_harm(void *context, int action, const char *first, const char *second, const char *schema,
                       const char *trigger) {
  static const char *const harmful[] = {"temp_store_directory", "data_store_directory", "hard_heap_limit",
                                        "soft_heap_limit",      "writable_schema",      "threads"};
  (void)context, (void)second, (void)schema, (void)trigger;
  if (action == SQLITE_ATTACH) return SQLITE_DENY;
  if (action != SQLITE_PRAGMA || first == NULL) return SQLITE_OK;
  for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++) {
    if (sqlite3_stricmp(first, harmful[i]) == 0) return SQLITE_DENY;
  }
  return SQLITE_OK;
}

static sqlite3 *open_loaded(void) {
  sqlite3 *db = NULL;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) fuzz_fail("no database");
  if (sqlite3_pipelinehealth_init(db, NULL, NULL) != SQLITE_OK) fuzz_fail("loading: %s", sqlite3_errmsg(db));
  return db;
}

sqlite3 *fuzz_open(bool hostile) {
  static int warm;
  sqlite3 *db;
  if (!warm) {
    sqlite3_close(open_loaded()); /* what SQLite keeps for the process is allocated now */
    sqlite3_hard_heap_limit64(HEAP_LIMIT_BYTES);
    warm = 1;
  }
  bytes_before = sqlite3_memory_used();
  work_done = 0;
  db = open_loaded();
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LENGTH_LIMIT_BYTES);
  sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 200);
  sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, 20);
  sqlite3_progress_handler(db, 1000, stop_long_work, NULL);
  if (hostile) sqlite3_set_authorizer(db, forbid_harm, NULL);
  return db;
}

void fuzz_close(sqlite3 *db) {
  if (sqlite3_close(db) != SQLITE_OK) fuzz_fail("the connection cannot be closed: %s", sqlite3_errmsg(db));
  if (sqlite3_memory_used() != bytes_before) {
    fuzz_fail("%lld bytes are not given back", (long long)(sqlite3_memory_used() - bytes_before));
  }
}
