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

/* Begins a read transaction of a database, without which what others committed is not seen. The statement
** also has SQLite read the schema anew where another connection changed it, and opens temp. False where an
** authorizer forbids it. */
static bool begin_reading(sqlite3 *db, const char *database, sqlite3_str *key, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  char *sql = sqlite3_mprintf("PRAGMA \"%w\".page_count", database);
  int code = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  bool told = code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
  if (told) sqlite3_str_appendf(key, "%lld,", sqlite3_column_int64(statement, 0));
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK && !is_forbidden(code)) ph_host_fail(status, db, code, database);
  return told;
}

/* What SQLite has in memory of a schema: its number and how often it was read anew, which the pragmas
** writable_schema and temp_store let it do without another number. They are operands of the operation that
** begins a transaction. False where they are not told. */
static bool append_schema(sqlite3 *db, const char *database, sqlite3_str *key, ph_status *status) {
  sqlite3_stmt *rows = NULL;
  bool told = false;
  char *sql = sqlite3_mprintf("EXPLAIN PRAGMA \"%w\".page_count", database);
  int code = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &rows, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  while (code == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW) {
    const char *operation = (const char *)sqlite3_column_text(rows, 1);
    if (operation == NULL || strcmp(operation, "Transaction") != 0) continue;
    sqlite3_str_appendf(key, "%d,%d,", sqlite3_column_int(rows, 4), sqlite3_column_int(rows, 5));
    told = true;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(rows);
  if (code != SQLITE_OK && !is_forbidden(code)) ph_host_fail(status, db, code, database);
  return told;
}

/* The version of the data is the pager's: that of the pragma leaves out what this connection committed, and
** cells written through a handle change no other counter. */
static void append_data_version(sqlite3 *db, const char *database, sqlite3_str *key, ph_status *status) {
  unsigned version = 0;
  int code = sqlite3_file_control(db, database, SQLITE_FCNTL_DATA_VERSION, &version);
  sqlite3_str_appendf(key, "%u,", version);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, database);
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

/* What the pragma case_sensitive_like makes of LIKE in a source. False where an authorizer forbids to ask. */
static bool append_like(sqlite3 *db, sqlite3_str *key, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, "SELECT 'a' LIKE 'A'", -1, &statement, NULL);
  if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
    sqlite3_str_appendf(key, "%d;", sqlite3_column_int(statement, 0));
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK && !is_forbidden(code)) ph_host_fail(status, db, code, "LIKE");
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

/* One database. False where a change of it might not be seen. */
static bool append_database(sqlite3 *db, int number, const char *name, const char *file, bool is_read,
                            sqlite3_str *key, ph_status *status) {
  bool complete = true, attached = number > 1;
  sqlite3_str_appendf(key, ";%d,%Q,", number, name);
  if (is_read) {
    if (attached && !append_file(file, key)) complete = false;
    if (!begin_reading(db, name, key, status)) complete = false;
    append_data_version(db, name, key, status);
    if (attached) append_change_counter(db, name, key);
    if (is_handed_over(db, name)) complete = false;
  }
  return append_schema(db, name, key, status) && complete;
}

char *ph_version_key(sqlite3 *db, const char *schema, const bool read[PH_MOST_DATABASES], int64_t now,
                     bool *complete, ph_status *status) {
  enum { MILLISECONDS_A_DAY = 86400000, TEMP = 1 };
  sqlite3_stmt *list = NULL;
  int databases = 0, last = PH_MOST_DATABASES - 1;
  sqlite3_str *key = sqlite3_str_new(db);
  while (last > 1 && !read[last]) last--;
  *complete = append_like(db, key, status);
  if (reads_uncommitted(db, status)) *complete = false;
  sqlite3_str_appendf(key, "%lld,%lld", sqlite3_total_changes64(db), now / MILLISECONDS_A_DAY);
  /* temp joins the list of databases when it is first looked at, which must not look like a change */
  if (!append_database(db, TEMP, "temp", NULL, true, key, status)) *complete = false;
  int code = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &list, NULL);
  for (; code == SQLITE_OK && sqlite3_step(list) == SQLITE_ROW && !ph_failed(status); databases++) {
    int number = sqlite3_column_int(list, 0);
    const char *name = (const char *)sqlite3_column_text(list, 1);
    const char *file = (const char *)sqlite3_column_text(list, 2);
    bool named = schema != NULL && name != NULL && sqlite3_stricmp(name, schema) == 0;
    bool is_read = number == 0 || number >= PH_MOST_DATABASES || named || read[number];
    if (number == TEMP || (number > last && !named)) continue;
    if (name == NULL || !append_database(db, number, name, file, is_read, key, status)) *complete = false;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(list);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, "PRAGMA database_list");
  if (databases == 0) *complete = false; /* an authorizer may ignore a pragma */
  char *text = sqlite3_str_finish(key);
  if (text == NULL) ph_fail_memory(status);
  return text;
}
