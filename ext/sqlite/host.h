/*
** Between SQLite and the lower floors: its header, its memory, its values, its errors.
*/
#ifndef PH_SQLITE_HOST_H
#define PH_SQLITE_HOST_H

#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT3

#include "../base/intern.h"
#include "../base/value.h"

/* Before it SQLite loses rows of joins with subqueries (3.38.0 to 3.38.2). */
#define PH_OLDEST_SQLITE 3038003
#define PH_OLDEST_SQLITE_TEXT "3.38.3"
#if SQLITE_VERSION_NUMBER < PH_OLDEST_SQLITE
#error "pipeline_health needs the header of a later SQLite (PH_OLDEST_SQLITE)"
#endif

/* SQLite's allocator, so that its heap limits and fault tests hold for us, with a count of the bytes held. */
typedef struct ph_host_memory {
  ph_memory memory;
  size_t bytes;
} ph_host_memory;

void ph_host_memory_begin(ph_host_memory *memory);
int64_t ph_host_memory_bytes(const ph_host_memory *memory);

/* Milliseconds since 1970 by the clock of SQLite's default VFS. */
int64_t ph_host_now_milliseconds(void);

/* When a connection was last asked whether its user wants to stop. One a connection. */
typedef struct ph_host_patience {
  sqlite3 *db;
  int64_t asked_at; /* milliseconds of a clock that nobody sets */
} ph_host_patience;

/* Starts a job that a user's interrupt or progress handler on the connection ends. */
void ph_host_status_begin(ph_status *status, ph_memory *memory, ph_host_patience *patience);

/* The result code of a job, and for an error its message. */
int ph_host_code(const ph_status *status);

/* Records the error of an SQLite call. */
void ph_host_fail(ph_status *status, sqlite3 *db, int code, const char *what);

/* The text of any value but NULL. */
void ph_host_read_text(sqlite3_value *value, ph_value *cell);

/* The bytes of a value as a text, which no zero closes; none where it is NULL, and without memory. The count
** of bytes is asked first: that makes a text of UTF-16 one of UTF-8, and of one of UTF-8 no copy with a
** zero. */
static inline ph_text ph_host_text(sqlite3_value *value) {
  size_t length = (size_t)sqlite3_value_bytes(value);
  const char *bytes = length > 0 ? sqlite3_value_blob(value) : NULL;
  return bytes != NULL ? (ph_text){bytes, length} : (ph_text){"", 0};
}

static inline void ph_host_read_bytes(sqlite3_value *value, ph_value *cell) {
  /* the bytes as they lie in the page: sqlite3_value_text would copy them to close them with a zero */
  cell->text = sqlite3_value_blob(value);
  cell->length = (size_t)sqlite3_value_bytes(value);
  if (cell->text == NULL) cell->text = "";
}

/* A value as the lower floors see it, straight into *cell. `utf8` tells that the connection's texts are
** UTF-8, which spares copies. With `as_name` a REAL brings its text. Inline: it is called for every cell that
** is read. */
static inline void ph_host_read_value(sqlite3_value *value, bool utf8, bool as_name, ph_value *cell) {
  switch (sqlite3_value_type(value)) {
  case SQLITE_INTEGER:
    cell->type = PH_INTEGER;
    cell->integer = sqlite3_value_int64(value);
    break;
  case SQLITE_FLOAT:
    cell->type = PH_REAL;
    cell->real = sqlite3_value_double(value);
    cell->text = NULL;
    cell->length = 0;
    if (as_name) ph_host_read_text(value, cell);
    break;
  case SQLITE_TEXT:
    cell->type = PH_TEXT;
    if (utf8) {
      ph_host_read_bytes(value, cell);
    } else {
      ph_host_read_text(value, cell);
    }
    break;
  case SQLITE_BLOB:
    cell->type = PH_BLOB;
    ph_host_read_bytes(value, cell);
    break;
  default: cell->type = PH_NULL; break;
  }
}

ph_value ph_host_value(sqlite3_value *value);

/* Sets the error of a job as the result of a function. */
void ph_host_result_status(sqlite3_context *context, const ph_status *status);

#endif
