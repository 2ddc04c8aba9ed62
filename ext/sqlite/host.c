/* Between SQLite and the lower floors. See host.h. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "host.h"

#include <time.h>

static void *resize(void *context, void *block, size_t bytes) {
  ph_host_memory *memory = context;
  size_t before = block != NULL ? (size_t)sqlite3_msize(block) : 0;
  void *result = sqlite3_realloc64(block, bytes);
  if (result != NULL) memory->bytes += (size_t)sqlite3_msize(result) - before;
  return result;
}

static void release(void *context, void *block) {
  ph_host_memory *memory = context;
  if (block != NULL) memory->bytes -= (size_t)sqlite3_msize(block);
  sqlite3_free(block);
}

void ph_host_memory_begin(ph_host_memory *memory) {
  memory->bytes = 0;
  memory->memory = (ph_memory){resize, release, memory};
}

int64_t ph_host_memory_bytes(const ph_host_memory *memory) {
  return (int64_t)memory->bytes;
}

int64_t ph_host_now_milliseconds(void) {
  const int64_t unix_epoch = 210866760000000; /* as a Julian day, in milliseconds */
  sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
  sqlite3_int64 now = 0;
  if (vfs != NULL && vfs->iVersion >= 2 && vfs->xCurrentTimeInt64 != NULL) {
    vfs->xCurrentTimeInt64(vfs, &now);
  } else if (vfs != NULL) {
    double julian_day = 0;
    vfs->xCurrentTime(vfs, &julian_day);
    now = (sqlite3_int64)(julian_day * 86400000.0);
  }
  return now - unix_epoch;
}

/* Milliseconds of a clock that nobody sets, where the system has one. */
static int64_t elapsed_milliseconds(void) {
#if defined(CLOCK_MONOTONIC) && !defined(_WIN32)
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) == 0) return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
#endif
  return ph_host_now_milliseconds();
}

/* Runs a statement for what it may be told on the way. After sqlite3_interrupt even the preparation fails. */
static int run_for_a_word(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  if (code != SQLITE_OK) return code;
  sqlite3_step(statement);
  return sqlite3_finalize(statement);
}

/* A step of a statement is the only way that obeys sqlite3_interrupt and progress handlers on every version.
** A handler that is set for every n operations is called by a statement of at least n of them: this one has
** ten thousand. It takes about 0.1 ms, so it is not run more often than the clock says. Where an authorizer
** or a limit forbids it, a smaller one must do. */
static bool stop(void *context) {
  enum { MILLISECONDS_BETWEEN = 5 };
  static const char sql[] =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 800) SELECT max(i) FROM n";
  ph_host_patience *patience = context;
  int64_t now = elapsed_milliseconds();
  if (now >= patience->asked_at && now - patience->asked_at < MILLISECONDS_BETWEEN) return false;
  patience->asked_at = now;
  int code = run_for_a_word(patience->db, sql);
  if (code == SQLITE_AUTH || code == SQLITE_ERROR) code = run_for_a_word(patience->db, "SELECT 1");
  return code == SQLITE_INTERRUPT || code == SQLITE_ABORT;
}

void ph_host_status_begin(ph_status *status, ph_memory *memory, ph_host_patience *patience) {
  ph_status_begin(status, memory);
  status->stop = stop;
  status->stop_context = patience;
}

int ph_host_code(const ph_status *status) {
  switch (status->code) {
  case PH_OK: return SQLITE_OK;
  case PH_NO_MEMORY: return SQLITE_NOMEM;
  case PH_INTERRUPTED: return SQLITE_INTERRUPT;
  default: return status->host_code != 0 ? status->host_code : SQLITE_ERROR;
  }
}

void ph_host_fail(ph_status *status, sqlite3 *db, int code, const char *what) {
  if ((code & 0xFF) == SQLITE_NOMEM) {
    ph_fail_memory(status);
  } else if ((code & 0xFF) == SQLITE_INTERRUPT) {
    if (!ph_failed(status)) status->code = PH_INTERRUPTED;
  } else if (!ph_failed(status)) {
    ph_fail(status, "%s: %s", what, sqlite3_errmsg(db));
    status->host_code = code;
  }
}

void ph_host_read_text(sqlite3_value *value, ph_value *cell) {
  cell->text = (const char *)sqlite3_value_text(value);
  cell->length = (size_t)sqlite3_value_bytes(value);
  if (cell->text != NULL) return;
  cell->text = ""; /* without memory; the statement fails by itself */
  cell->length = 0;
}

ph_value ph_host_value(sqlite3_value *value) {
  ph_value cell = {.type = PH_NULL};
  ph_host_read_value(value, false, false, &cell);
  return cell;
}

void ph_host_result_status(sqlite3_context *context, const ph_status *status) {
  int code = ph_host_code(status);
  if (code == SQLITE_OK) return;
  if (code == SQLITE_NOMEM) {
    sqlite3_result_error_nomem(context);
    return;
  }
  if (status->code == PH_ERROR) sqlite3_result_error(context, status->message, -1);
  sqlite3_result_error_code(context, code);
}
