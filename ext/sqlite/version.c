/* Tells whether a database changed. See version.h. */
#define _POSIX_C_SOURCE 200809L /* nanoseconds of stat */
#define _DARWIN_C_SOURCE
#define _FILE_OFFSET_BITS 64
#include "version.h"

#include <string.h>
#include <sys/stat.h>

/* What an authorizer answers: SQLITE_AUTH, and for a function SQLITE_ERROR. */
static bool is_forbidden(int code) {
  return code == SQLITE_AUTH || code == SQLITE_ERROR;
}

/* What SQLite has in memory of a schema: its number and how often it was read anew, which PRAGMA
** writable_schema = RESET lets it do without another number. They are operands of the operation that
** begins a transaction. False where they are not told. */
static bool append_schema(sqlite3 *db, int number, const char *name, sqlite3_str *key, ph_status *status) {
  sqlite3_stmt *rows = NULL;
  bool told = false;
  char *sql = sqlite3_mprintf("EXPLAIN SELECT rootpage FROM \"%w\".sqlite_master", name);
  int code = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &rows, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  while (code == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW) {
    const char *operation = (const char *)sqlite3_column_text(rows, 1);
    if (operation == NULL || strcmp(operation, "Transaction") != 0) continue;
    if (sqlite3_column_int(rows, 2) != number) continue;
    sqlite3_str_appendf(key, "%d,%d,", sqlite3_column_int(rows, 4), sqlite3_column_int(rows, 5));
    told = true;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(rows);
  if (code != SQLITE_OK && !is_forbidden(code)) ph_host_fail(status, db, code, name);
  return told;
}

/* The versions of one database; false where they are not told. The pragma begins a read transaction,
** without which what others committed is not seen. The version of the data is the pager's: that of the
** pragma leaves out what this connection committed, and cells written through a handle change no other
** counter. */
static bool append_versions(sqlite3 *db, const char *schema, sqlite3_str *key, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  unsigned data_version = 0;
  char *sql = sqlite3_mprintf("PRAGMA \"%w\".schema_version", schema);
  int code = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  bool told = code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
  if (told) sqlite3_str_appendf(key, "%lld,", sqlite3_column_int64(statement, 0));
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code == SQLITE_OK) code = sqlite3_file_control(db, schema, SQLITE_FCNTL_DATA_VERSION, &data_version);
  sqlite3_str_appendf(key, "%u,", data_version);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, schema);
  return told;
}

/* Whether a database lies in bytes that the program handed over, or in memory that connections share by a
** name: others may be put in their place, even at the same address, and no counter moves. */
static bool is_handed_over(sqlite3 *db, const char *schema) {
  char *vfs = NULL;
  sqlite3_file_control(db, schema, SQLITE_FCNTL_VFSNAME, &vfs);
  bool found = vfs != NULL && strstr(vfs, "memdb") != NULL;
  sqlite3_free(vfs);
  return found;
}

/* The counter of changes in the header of a database file, read through SQLite: closing a handle of our
** own would end its locks. */
static void append_change_counter(sqlite3 *db, const char *schema, sqlite3_str *key) {
  enum { COUNTER_AT = 24, COUNTER_BYTES = 4 };
  unsigned char counter[COUNTER_BYTES] = {0};
  sqlite3_file *file = NULL;
  sqlite3_file_control(db, schema, SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == NULL || file->pMethods == NULL) return;
  if (file->pMethods->xRead(file, counter, COUNTER_BYTES, COUNTER_AT) != SQLITE_OK) return;
  sqlite3_str_appendf(key, "%02x%02x%02x%02x,", counter[0], counter[1], counter[2], counter[3]);
}

/* Under the name of a schema another file may be attached, or the same one again after others wrote to it,
** which no counter of this connection saw. False where the system does not tell files apart, and for a
** database in memory: another one under its name looks the same. */
static bool append_file(const char *file, sqlite3_str *key) {
  sqlite3_str_appendf(key, "%Q,", file);
  if (file == NULL || *file == 0) return false;
#if defined(_WIN32)
  return false;
#else
#if defined(__APPLE__)
#define NANOSECONDS(found, when) ((long long)(found).st_##when##timespec.tv_nsec)
#else
#define NANOSECONDS(found, when) ((long long)(found).st_##when##tim.tv_nsec)
#endif
  static const char *const suffixes[] = {"", "-wal"};
  for (int index = 0; index < 2; index++) {
    struct stat found;
    char *path = sqlite3_mprintf("%s%s", file, suffixes[index]);
    bool there = path != NULL && stat(path, &found) == 0;
    sqlite3_free(path);
    if (there)
      sqlite3_str_appendf(key, "%lld,%lld,%lld,%lld,%lld,%lld,", (long long)found.st_ino,
                          (long long)found.st_size, (long long)found.st_mtime, NANOSECONDS(found, m),
                          (long long)found.st_ctime, NANOSECONDS(found, c));
    if (!there && index == 0) return false;
  }
  return true;
#endif
}

/* What is in temp: its schema's number begins anew when PRAGMA temp_store empties it. To look also opens
** it: temp joins the list of databases when it is first looked at, which must not look like a change. And
** what the pragma case_sensitive_like makes of LIKE in a source. False where an authorizer forbids to
** look. */
static bool append_temp(sqlite3 *db, sqlite3_str *key, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, "SELECT 'a' LIKE 'A', group_concat(sql, ';') FROM temp.sqlite_master", -1,
                                &statement, NULL);
  if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
    sqlite3_str_appendf(key, "%d,%Q;", sqlite3_column_int(statement, 0), sqlite3_column_text(statement, 1));
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK && !is_forbidden(code)) ph_host_fail(status, db, code, "temp");
  return code == SQLITE_OK;
}

/* In a shared cache, what another connection has not committed changes no counter. True where an
** authorizer forbids to ask. */
static bool reads_uncommitted(sqlite3 *db, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, "PRAGMA read_uncommitted", -1, &statement, NULL);
  bool uncommitted =
      code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0);
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK && !is_forbidden(code)) ph_host_fail(status, db, code, "PRAGMA read_uncommitted");
  return uncommitted || code != SQLITE_OK;
}

/* One row of PRAGMA database_list. False where a change of the database might not be seen. */
static bool append_database(sqlite3 *db, sqlite3_stmt *row, bool is_read, sqlite3_str *key,
                            ph_status *status) {
  int number = sqlite3_column_int(row, 0);
  const char *name = (const char *)sqlite3_column_text(row, 1);
  bool complete = true, attached = number > 1;
  if (name == NULL) return false;
  sqlite3_str_appendf(key, ";%d,%Q,", number, name);
  if (!append_schema(db, number, name, key, status)) complete = false;
  if (!is_read) return complete;
  if (attached && !append_file((const char *)sqlite3_column_text(row, 2), key)) complete = false;
  if (!append_versions(db, name, key, status)) complete = false;
  if (attached) append_change_counter(db, name, key);
  return complete && !is_handed_over(db, name);
}

char *ph_version_key(sqlite3 *db, const char *schema, const bool read[PH_MOST_DATABASES], int64_t now,
                     bool *complete, ph_status *status) {
  enum { MILLISECONDS_A_DAY = 86400000 };
  sqlite3_stmt *list = NULL;
  int databases = 0, last = PH_MOST_DATABASES - 1;
  sqlite3_str *key = sqlite3_str_new(db);
  while (last > 1 && !read[last]) last--;
  *complete = append_temp(db, key, status);
  if (reads_uncommitted(db, status)) *complete = false;
  sqlite3_str_appendf(key, "%lld,%lld", sqlite3_total_changes64(db), now / MILLISECONDS_A_DAY);
  int code = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &list, NULL);
  for (; code == SQLITE_OK && sqlite3_step(list) == SQLITE_ROW && !ph_failed(status); databases++) {
    int number = sqlite3_column_int(list, 0);
    const char *name = (const char *)sqlite3_column_text(list, 1);
    bool named = schema != NULL && name != NULL && sqlite3_stricmp(name, schema) == 0;
    bool is_read = number < 2 || number >= PH_MOST_DATABASES || named || read[number];
    if ((number <= last || named) && !append_database(db, list, is_read, key, status)) *complete = false;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(list);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, "PRAGMA database_list");
  if (databases == 0) *complete = false; /* an authorizer may ignore a pragma */
  char *text = sqlite3_str_finish(key);
  if (text == NULL) ph_fail_memory(status);
  return text;
}
