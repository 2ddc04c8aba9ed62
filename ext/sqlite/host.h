/*
** The room between SQLite and the lower floors: its header, its memory, its values, its errors.
*/
#ifndef PH_SQLITE_HOST_H
#define PH_SQLITE_HOST_H

#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT3

#include "../base/value.h"

#if SQLITE_VERSION_NUMBER < 3038000
#error "pipeline_health needs the header of SQLite 3.38.0 or later"
#endif
enum { PH_OLDEST_SQLITE = 3038000 };

/* SQLite's allocator, so that its heap limits and fault tests hold for us, with a count of the bytes held. */
typedef struct ph_host_memory {
  ph_memory memory;
  int64_t bytes;
} ph_host_memory;

void ph_host_memory_begin(ph_host_memory *memory);

/* Starts a job that a user's interrupt or progress handler on the connection ends. */
void ph_host_status_begin(ph_status *status, ph_memory *memory, sqlite3 *db);

/* The result code of a job, and for an error its message. */
int ph_host_code(const ph_status *status);

/* Records the error of an SQLite call. */
void ph_host_fail(ph_status *status, sqlite3 *db, int code, const char *what);

/* A value as the lower floors see it, straight into *cell. `utf8` tells that the connection's texts are UTF-8, which spares copies. With
** `as_name` a REAL brings its text. */
void ph_host_read_value(sqlite3_value *value, bool utf8, bool as_name, ph_value *cell);
ph_value ph_host_value(sqlite3_value *value);

/* Sets the error of a job as the result of a function. */
void ph_host_result_status(sqlite3_context *context, const ph_status *status);

#endif
