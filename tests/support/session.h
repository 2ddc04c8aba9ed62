/*
** Connections: databases with the extension in them, and the rows a query gives.
*/
#ifndef TEST_SUPPORT_SESSION_H
#define TEST_SUPPORT_SESSION_H

#include "golden.h"
#include "text.h"

#include <sqlite3.h>

/* Where databases on disk and copies go; "build" until a program is told otherwise. */
extern const char *scratch_folder;

/* Opens a database with the extension: NULL for one in memory, else that file, made afresh. `vfs` may be
** NULL. Without success *db is NULL and the message is in `error`. */
bool session_open(sqlite3 **db, const char *file, const char *vfs, text *error);

/* Opens a file as it is. `vfs` may be NULL. */
bool session_open_existing(sqlite3 **db, const char *file, const char *vfs, text *error);

/* Removes a database with its journals. */
void session_remove_file(const char *file);

/* Runs all statements of a text. The code; the message in `error` when it is not SQLITE_OK. */
int session_execute(sqlite3 *db, const char *sql, text *error);

/* Drops what the extension keeps on the connection, if it has such a function. */
void session_release_cache(sqlite3 *db);

/* What a query gave. `problem` is set when the shape is wrong: number of columns, storage classes. */
typedef struct answer {
  int code;
  text message;
  lines rows;
  text problem;
} answer;

/* Runs one statement and formats its rows as golden files have them. `types` NULL: any columns. */
void answer_fetch(answer *result, sqlite3 *db, const char *sql, const char *types);
void answer_free(answer *result);

/* Appends one value as golden files have it. `type` 0 takes any storage class. False with a reason when the
** storage class is another one than the type asks for. */
bool value_format(text *target, sqlite3_stmt *statement, int column, char type, const char **reason);

#endif
