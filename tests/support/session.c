/*
** Connections: how the tests open databases and read answers.
*/
#include "session.h"

#include "pipeline_health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *scratch_folder = "build";

void session_remove_file(const char *file) {
  static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    text path = {0};
    text_printf(&path, "%s%s", file, endings[i]);
    remove(text_get(&path));
    text_free(&path);
  }
}

static bool open_with_extension(sqlite3 **db, const char *file, const char *vfs, text *error) {
  char *message = NULL;
  int code = sqlite3_open_v2(file, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
  if (code != SQLITE_OK) {
    text_printf(error, "open %s: %s", file, *db != NULL ? sqlite3_errmsg(*db) : sqlite3_errstr(code));
  } else {
    code = sqlite3_pipelinehealth_init(*db, &message, NULL);
    if (code != SQLITE_OK) {
      text_printf(error, "the extension's entry point: %s", message != NULL ? message : sqlite3_errstr(code));
    }
  }
  sqlite3_free(message);
  if (code == SQLITE_OK) return true;
  sqlite3_close(*db);
  *db = NULL;
  return false;
}

bool session_open(sqlite3 **db, const char *file, const char *vfs, text *error) {
  if (file != NULL) session_remove_file(file);
  return open_with_extension(db, file != NULL ? file : ":memory:", vfs, error);
}

bool session_open_existing(sqlite3 **db, const char *file, const char *vfs, text *error) {
  return open_with_extension(db, file, vfs, error);
}

int session_execute(sqlite3 *db, const char *sql, text *error) {
  int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
  if (code != SQLITE_OK) text_append(error, sqlite3_errmsg(db));
  return code;
}

void session_release_cache(sqlite3 *db) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, "SELECT pipeline_health_release()", -1, &statement, NULL) == SQLITE_OK) {
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
}

static void append_text_value(text *target, const char *value) {
  if (strcmp(value, "NULL") == 0 || strcmp(value, "(empty)") == 0) {
    text_printf(target, "'%s'", value);
    return;
  }
  if (value[0] == '\0') text_append(target, "(empty)");
  for (; *value != '\0'; value++) {
    switch (*value) {
    case '\n': text_append(target, "\\n"); break;
    case '\r': text_append(target, "\\r"); break;
    case '|': text_append(target, "\\|"); break;
    case '\\': text_append(target, "\\\\"); break;
    default: text_append_bytes(target, value, 1);
    }
  }
}

static void append_real_value(text *target, double value) {
  char digits[64];
  sqlite3_snprintf((int)sizeof digits, digits, "%.10g", value); /* with a dot in every locale */
  text_append(target, digits);
  if (strpbrk(digits, ".einf") == NULL) text_append(target, ".0");
}

bool value_format(text *target, sqlite3_stmt *statement, int column, char type, const char **reason) {
  const unsigned char *bytes;
  if (type == '*') type = 0;
  switch (sqlite3_column_type(statement, column)) {
  case SQLITE_NULL: text_append(target, "NULL"); return true;
  case SQLITE_INTEGER:
    text_printf(target, "%lld", (long long)sqlite3_column_int64(statement, column));
    *reason = "an INTEGER";
    return type == 'I' || type == 0;
  case SQLITE_FLOAT:
    append_real_value(target, sqlite3_column_double(statement, column));
    *reason = "a REAL";
    return type == 'R' || type == 0;
  case SQLITE_TEXT:
    bytes = sqlite3_column_text(statement, column);
    *reason = bytes != NULL ? "a TEXT" : "a TEXT that could not be fetched";
    if (bytes != NULL) append_text_value(target, (const char *)bytes);
    return bytes != NULL && (type == 'T' || type == 0);
  default:
    text_printf(target, "BLOB of %d bytes", sqlite3_column_bytes(statement, column));
    *reason = "a BLOB";
    return type == 0;
  }
}

static void add_row(answer *result, sqlite3_stmt *statement, const char *types) {
  text row = {0};
  int columns = sqlite3_column_count(statement);
  for (int column = 0; column < columns; column++) {
    const char *reason = NULL;
    char type = types != NULL ? types[column] : 0;
    if (column > 0) text_append(&row, "|");
    if (!value_format(&row, statement, column, type, &reason) && result->problem.length == 0) {
      text_printf(&result->problem, "row %zu, column %d (%s): %s where the type is %c",
                  result->rows.count + 1, column + 1, sqlite3_column_name(statement, column), reason,
                  type != 0 ? type : '*');
    }
  }
  lines_add(&result->rows, text_get(&row), row.length);
  text_free(&row);
}

static void fetch_rows(answer *result, sqlite3_stmt *statement, const char *types) {
  int columns = sqlite3_column_count(statement);
  if (types != NULL && (size_t)columns != strlen(types)) {
    text_printf(&result->problem, "%d columns where the types say %zu", columns, strlen(types));
    types = NULL;
  }
  while (sqlite3_step(statement) == SQLITE_ROW) add_row(result, statement, types);
}

void answer_fetch(answer *result, sqlite3 *db, const char *sql, const char *types) {
  sqlite3_stmt *statement = NULL;
  const char *rest = NULL;
  memset(result, 0, sizeof *result);
  result->code = sqlite3_prepare_v2(db, sql, -1, &statement, &rest);
  if (result->code == SQLITE_OK && statement == NULL) {
    text_append(&result->problem, "no statement");
  } else if (result->code == SQLITE_OK) {
    if (rest[strspn(rest, " \t\n;")] != '\0') text_append(&result->problem, "more than one statement");
    fetch_rows(result, statement, types);
    result->code = sqlite3_finalize(statement);
  }
  if (result->code != SQLITE_OK) text_append(&result->message, sqlite3_errmsg(db));
}

void answer_free(answer *result) {
  text_free(&result->message);
  text_free(&result->problem);
  lines_free(&result->rows);
}
