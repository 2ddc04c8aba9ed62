/*
** The entry point: what a connection gets is registered here, from tables, in a loop.
*/
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT1

#include "pipeline_health.h"
#include "sqlite/engine.h"
#include "sqlite/functions.h"

#include <string.h>

/* Takes back what a failed init registered: a function that stays would crash at its next call, for the
** library is unloaded. False when something stays, as functions do while a statement runs: then the library
** must. */
static bool unregister(sqlite3 *db, int tables) {
  bool gone = ph_functions_unregister(db);
  for (int table = 0; table < tables; table++)
    if (sqlite3_create_module_v2(db, ph_tables[table]->name, NULL, NULL, NULL) != SQLITE_OK) gone = false;
  return gone;
}

/* Whether the connection has the functions already. Asked so that the answer no is no error: one would
** stay with the connection, and a new one with an automatic extension would not open. The pragma, not the
** table of its name: that one reads the schema, which a locked database, or one whose key is still to be
** given, does not show. Where an authorizer forbids to ask, it is taken to have none. */
static int find_function(sqlite3 *db, bool *found) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, "PRAGMA function_list", -1, &statement, NULL);
  *found = false;
  while (code == SQLITE_OK && !*found && sqlite3_step(statement) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    *found = name != NULL && strcmp(name, "pipeline_health_version") == 0;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  return code == SQLITE_NOMEM || code == SQLITE_INTERRUPT ? code : SQLITE_OK;
}

static int register_all(sqlite3 *db) {
  ph_connection *connection = ph_connection_new(db);
  int code = connection != NULL ? SQLITE_OK : SQLITE_NOMEM, tables = 0;
  if (code == SQLITE_OK) code = ph_functions_register(connection);
  for (; code == SQLITE_OK && tables < ph_table_count; tables++)
    code = ph_engine_register(connection, ph_tables[tables]);
  if (code != SQLITE_OK && !unregister(db, tables)) code = SQLITE_OK_LOAD_PERMANENTLY;
  if (connection != NULL) ph_connection_release(connection);
  return code;
}

int sqlite3_pipelinehealth_init(sqlite3 *db, char **error_message, const sqlite3_api_routines *api) {
  SQLITE_EXTENSION_INIT2(api);
  (void)api;
  if (sqlite3_libversion_number() < PH_OLDEST_SQLITE) {
    if (error_message != NULL)
      *error_message =
          sqlite3_mprintf("pipeline_health needs SQLite " PH_OLDEST_SQLITE_TEXT " or later; this is %s",
                          sqlite3_libversion());
    return SQLITE_ERROR;
  }
  /* loaded again, the connection keeps what it has: tables and functions must not come from two loads */
  bool loaded;
  int code = find_function(db, &loaded);
  if (code == SQLITE_OK && !loaded) code = register_all(db);
  if (code != SQLITE_OK && error_message != NULL)
    *error_message = sqlite3_mprintf("pipeline_health: %s", sqlite3_errstr(code));
  return code;
}
