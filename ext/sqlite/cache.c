/* Decides whether what was read is still fresh. See cache.h. */
#define _POSIX_C_SOURCE 200809L /* nanoseconds of stat */
#define _DARWIN_C_SOURCE
#define _FILE_OFFSET_BITS 64
#include "cache.h"

#include <string.h>
#include <sys/stat.h>

ph_connection *ph_connection_new(sqlite3 *db) {
  ph_connection *connection = sqlite3_malloc64(sizeof *connection);
  if (connection != NULL) *connection = (ph_connection){.db = db, .references = 1, .patience = {.db = db}};
  return connection;
}

void ph_connection_retain(ph_connection *connection) {
  connection->references++;
}

static void free_snapshot(ph_snapshot *snapshot) {
  ph_pipeline_end(&snapshot->pipeline);
  sqlite3_free(snapshot->sources_key);
  sqlite3_free(snapshot->version_key);
  sqlite3_free(snapshot);
}

static void unreference(ph_snapshot *snapshot) {
  if (--snapshot->references == 0) free_snapshot(snapshot);
}

void ph_connection_release(void *pointer) {
  ph_connection *connection = pointer;
  if (--connection->references > 0) return;
  ph_connection_drop(connection);
  sqlite3_free(connection);
}

int64_t ph_connection_bytes(const ph_connection *connection) {
  int64_t bytes = 0;
  for (const ph_snapshot *snapshot = connection->snapshots; snapshot != NULL; snapshot = snapshot->next)
    bytes += ph_host_memory_bytes(&snapshot->memory);
  return bytes;
}

int64_t ph_connection_drop(ph_connection *connection) {
  int64_t bytes = 0;
  while (connection->snapshots != NULL) {
    ph_snapshot *first = connection->snapshots;
    connection->snapshots = first->next;
    if (first->references == 1) bytes += ph_host_memory_bytes(&first->memory);
    unreference(first);
  }
  return bytes;
}

/* The versions of one schema; false where they are not told. The pragma begins a read transaction, without which
** what others committed is not seen. The version of the data is the pager's: that of the pragma leaves out what
** this connection committed, and cells written through a handle change no other counter. */
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
  /* where the bytes of a deserialized database are: others may have been put in their place */
  char *vfs = NULL;
  sqlite3_file_control(db, schema, SQLITE_FCNTL_VFSNAME, &vfs);
  sqlite3_str_appendf(key, "%Q;", vfs);
  sqlite3_free(vfs);
  return told;
}

/* Under the name of a schema another file may be attached, or the same one again after others wrote to it, which no
** counter of this connection saw. False where the system does not tell files apart. */
static bool append_file(const char *file, sqlite3_str *key) {
  sqlite3_str_appendf(key, "%Q,", file);
  if (file == NULL || *file == 0) return true;
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

/* What an authorizer answers: SQLITE_AUTH, and for a function SQLITE_ERROR. */
static bool is_forbidden(int code) {
  return code == SQLITE_AUTH || code == SQLITE_ERROR;
}

/* What is in temp: its schema's number begins anew when PRAGMA temp_store empties it. To look also opens it: temp
** joins the list of databases when it is first looked at, which must not look like a change. And what the pragma
** case_sensitive_like makes of LIKE in a source. False where an authorizer forbids to look. */
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

/* In a shared cache, what another connection has not committed changes no counter. True where an authorizer forbids
** to ask. */
static bool reads_uncommitted(sqlite3 *db, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, "PRAGMA read_uncommitted", -1, &statement, NULL);
  bool uncommitted =
      code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0);
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK && !is_forbidden(code)) ph_host_fail(status, db, code, "PRAGMA read_uncommitted");
  return uncommitted || code != SQLITE_OK;
}

/* Everything whose change may change what the sources say. *complete becomes false where something would not be
** seen. */
static char *version_key(sqlite3 *db, bool *complete, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  int schemas = 0;
  sqlite3_str *key = sqlite3_str_new(db);
  *complete = append_temp(db, key, status);
  if (reads_uncommitted(db, status)) *complete = false;
  sqlite3_str_appendf(key, "%lld,%lld;", sqlite3_total_changes64(db), ph_host_now_milliseconds() / 86400000);
  int code = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &statement, NULL);
  for (; code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW && !ph_failed(status); schemas++) {
    const char *schema = (const char *)sqlite3_column_text(statement, 1);
    if (schema == NULL) continue;
    bool attached = sqlite3_column_int(statement, 0) > 1;
    sqlite3_str_appendf(key, "%Q:", schema);
    if (attached && !append_file((const char *)sqlite3_column_text(statement, 2), key)) *complete = false;
    if (!append_versions(db, schema, key, status)) *complete = false;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, "PRAGMA database_list");
  if (schemas == 0) *complete = false; /* an authorizer may ignore a pragma */
  char *text = sqlite3_str_finish(key);
  if (text == NULL) ph_fail_memory(status);
  return text;
}

static char *sources_key(const ph_sources *sources, ph_status *status) {
  sqlite3_str *key = sqlite3_str_new(NULL);
  sqlite3_str_appendf(key, "%Q", sources->schema);
  for (int relation = 0; relation < PH_RELATION_COUNT; relation++)
    sqlite3_str_appendf(key, ",%Q", sources->names[relation]);
  char *text = sqlite3_str_finish(key);
  if (text == NULL) ph_fail_memory(status);
  return text;
}

/* Takes what is no longer fresh out of the cache. */
static void drop_stale(ph_connection *connection, const char *version) {
  for (ph_snapshot **at = &connection->snapshots; *at != NULL;) {
    ph_snapshot *snapshot = *at;
    if (strcmp(snapshot->version_key, version) == 0) {
      at = &snapshot->next;
    } else {
      *at = snapshot->next;
      unreference(snapshot);
    }
  }
}

/* The kept snapshot of the sources, moved to the front; NULL when there is none. */
static ph_snapshot *find(ph_connection *connection, const char *key) {
  for (ph_snapshot **at = &connection->snapshots; *at != NULL; at = &(*at)->next) {
    ph_snapshot *snapshot = *at;
    if (strcmp(snapshot->sources_key, key) != 0) continue;
    *at = snapshot->next;
    snapshot->next = connection->snapshots;
    connection->snapshots = snapshot;
    return snapshot;
  }
  return NULL;
}

static int64_t budget_bytes(const ph_snapshot *snapshot) {
  return (int64_t)ph_policy_integer(&snapshot->pipeline.history.policy, PH_POLICY_CACHE_MB) * 1048576;
}

/* Drops the least recently used until the rest is within the budget of the last used. */
static void keep_budget(ph_connection *connection) {
  while (connection->snapshots != NULL &&
         ph_connection_bytes(connection) > budget_bytes(connection->snapshots)) {
    ph_snapshot **last = &connection->snapshots;
    while ((*last)->next != NULL) last = &(*last)->next;
    ph_snapshot *dropped = *last;
    *last = NULL;
    unreference(dropped);
  }
}

static ph_snapshot *read_snapshot(ph_connection *connection, const ph_sources *sources, bool *may_be_kept,
                                  ph_status *status) {
  ph_snapshot *snapshot = sqlite3_malloc64(sizeof *snapshot);
  ph_program_facts facts = {false};
  if (snapshot == NULL) {
    ph_fail_memory(status);
    return NULL;
  }
  memset(snapshot, 0, sizeof *snapshot);
  snapshot->references = 1;
  ph_host_memory_begin(&snapshot->memory);
  snapshot->pipeline.memory = &snapshot->memory.memory;
  status->memory = &snapshot->memory.memory;
  ph_sources_read(connection->db, &connection->reading, sources, &snapshot->pipeline.history, &facts, status);
  ph_pipeline_begin(&snapshot->pipeline, status);
  *may_be_kept = !facts.changes_unseen;
  if (!ph_failed(status)) return snapshot;
  free_snapshot(snapshot);
  return NULL;
}

static bool is_writing(sqlite3 *db) {
  return sqlite3_txn_state(db, NULL) == SQLITE_TXN_WRITE;
}

static void refuse_recursion(const ph_connection *connection, ph_status *status) {
  if (connection->reading != NULL)
    ph_fail(status, "a source of pipeline_health reads a table of pipeline_health: that would never end");
}

ph_snapshot *ph_snapshot_get(ph_connection *connection, const ph_sources *sources, ph_status *status) {
  refuse_recursion(connection, status);
  if (ph_failed(status)) return NULL;
  bool complete = false;
  char *version = version_key(connection->db, &complete, status);
  char *key = sources_key(sources, status);
  ph_snapshot *snapshot = NULL;
  bool usable = complete && !is_writing(connection->db), may_be_kept = false;
  if (!ph_failed(status)) {
    drop_stale(connection, version);
    if (usable) snapshot = find(connection, key);
  }
  if (snapshot != NULL) {
    snapshot->references++;
  } else if (!ph_failed(status)) {
    snapshot = read_snapshot(connection, sources, &may_be_kept, status);
    if (snapshot != NULL && may_be_kept && usable && budget_bytes(snapshot) > 0) {
      snapshot->version_key = version;
      snapshot->sources_key = key;
      version = key = NULL;
      snapshot->references++;
      snapshot->next = connection->snapshots;
      connection->snapshots = snapshot;
    }
  }
  sqlite3_free(version);
  sqlite3_free(key);
  return snapshot;
}

void ph_snapshot_release(ph_connection *connection, ph_snapshot *snapshot) {
  if (snapshot == NULL) return;
  unreference(snapshot);
  keep_budget(connection);
}

void ph_connection_policy(ph_connection *connection, const ph_sources *sources, ph_policy *policy,
                          ph_status *status) {
  refuse_recursion(connection, status);
  if (ph_failed(status)) return;
  ph_sources_read_policy(connection->db, &connection->reading, sources, policy, status);
}
