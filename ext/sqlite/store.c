/*
** pipeline_store(action): makes, renews, takes away and shows the store beside the sources. See store.h.
**
**     SELECT pipeline_store('create');   -- once
**     SELECT pipeline_store('refresh');  -- after a large import, or nightly; makes one where there is none
**     SELECT pipeline_store('status');   -- whether it is used, and how much changed since
**     SELECT pipeline_store('drop');
**
** Each returns JSON. The store is that of the tables pipeline_deal and pipeline_event in main.
*/
#include "functions.h"
#include "store_internal.h"

#include <string.h>

static const char *const actions[] = {"create", "refresh", "drop", "status"};
enum { CREATE, REFRESH, DROP, STATUS, ACTIONS };

static const ph_sources own_sources = {.schema = NULL};
static const char *const SCHEMA = "main";

/* The tables of main, unless something in temp hides them. */
static ph_store_place find_tables(sqlite3 *db, ph_status *status) {
  ph_place deal = ph_source_find_relation(db, &own_sources, PH_RELATION_DEAL, status);
  ph_place event = ph_source_find_relation(db, &own_sources, PH_RELATION_EVENT, status);
  const ph_place *places[] = {&deal, &event};
  for (int place = 0; place < 2 && !ph_failed(status); place++)
    if (places[place]->schema == NULL || strcmp(places[place]->schema, SCHEMA) != 0)
      ph_fail(status,
              "pipeline_store: no table %s in main that nothing in temp hides (expected ordinary tables)",
              places[place]->name);
  return (ph_store_place){SCHEMA, deal.name, event.name};
}

static void refuse_use(const ph_connection *connection, ph_status *status) {
  if (connection->reading != NULL || connection->checks_sources)
    ph_fail(status, "pipeline_store: not inside of what reads the sources");
  if (connection->cursors > 0)
    ph_fail(status, "pipeline_store: not in a statement that reads a table of pipeline_health");
}

/* Makes a store, or takes away what of it there is; sources that no store can have leave everything as it
** was. There is no savepoint around it: after an interrupt or without memory SQLite could not end that, and
** a store whose head is not written is none. */
static void make(ph_connection *connection, ph_status *status) {
  ph_program_facts facts = {false};
  ph_store_place at = find_tables(connection->db, status);
  if (!ph_failed(status)) ph_sources_look(connection->db, &own_sources, &facts, status);
  if (!ph_failed(status) && !ph_source_is_utf8(connection->db, status))
    ph_fail(status, "pipeline_store: the database's texts are UTF-16 (expected PRAGMA encoding 'UTF-8')");
  if (ph_failed(status)) return;
  ph_store_drop(connection->db, SCHEMA, false, status);
  if (!ph_failed(status)) ph_store_make(connection->db, &at, status);
  if (!ph_failed(status)) ph_store_fill(connection, &own_sources, &at, status);
  if (!ph_failed(status)) return;
  ph_status own;
  ph_status_begin(&own, status->memory);
  ph_store_drop(connection->db, SCHEMA, true, &own);
}

static void act(ph_connection *connection, int action, ph_status *status) {
  bool exists = ph_store_exists(connection->db, SCHEMA, status);
  if (action == CREATE && exists)
    ph_fail(status, "pipeline_store: there is a store in main (expected 'refresh' or 'drop')");
  if (action != STATUS) refuse_use(connection, status);
  if (ph_failed(status)) return;
  if (action == REFRESH && exists && ph_store_refresh(connection, &own_sources, status)) return;
  if (action == CREATE || action == REFRESH) make(connection, status);
  if (action == DROP) ph_store_drop(connection->db, SCHEMA, true, status);
}

/* --------------------------------------------------------------------------------------------------- JSON */

/* Appends the members that a query's only row has. */
static void append_members(sqlite3 *db, sqlite3_str *json, char *sql, ph_status *status) {
  sqlite3_stmt *row = ph_source_prepare(db, sql, "pipeline_store", status);
  sqlite3_free(sql);
  if (row != NULL && sqlite3_step(row) == SQLITE_ROW)
    for (int column = 0; column < sqlite3_column_count(row); column++) {
      sqlite3_str_appendf(json, ",\"%s\":", sqlite3_column_name(row, column));
      if (sqlite3_column_type(row, column) == SQLITE_TEXT) {
        ph_append_json_text(json, (const char *)sqlite3_column_text(row, column));
      } else {
        sqlite3_str_appendf(json, "%lld", (long long)sqlite3_column_int64(row, column));
      }
    }
  ph_source_finalize(db, row, "pipeline_store", status);
}

static void append_made(sqlite3 *db, sqlite3_str *json, ph_status *status) {
  sqlite3_stmt *row =
      ph_source_prepare(db, "SELECT name FROM main.sqlite_master WHERE " PH_STORE_MADE " ORDER BY name",
                        "pipeline_store", status);
  sqlite3_str_appendall(json, ",\"made\":[");
  for (int count = 0; row != NULL && sqlite3_step(row) == SQLITE_ROW; count++)
    sqlite3_str_appendf(json, "%s\"%s\"", count > 0 ? "," : "", (const char *)sqlite3_column_text(row, 0));
  sqlite3_str_appendall(json, "]");
  ph_source_finalize(db, row, "pipeline_store", status);
}

/* What a store holds, where it can be asked. */
static void append_store(sqlite3 *db, sqlite3_str *json, ph_status *status) {
  append_members(
      db, json,
      sqlite3_mprintf("SELECT made_at, deal_count AS deals, event_count AS events FROM main." PH_STORE_HEAD),
      status);
  append_members(db, json,
                 sqlite3_mprintf("SELECT (SELECT count(*) FROM main." PH_STORE_CHANGE ") AS changes, "
                                 "(SELECT total(length(data)) FROM main." PH_STORE_BLOCK ") + (SELECT "
                                 "total(length(data)) FROM main." PH_STORE_SLICE
                                 ") + (SELECT total(length(data)) "
                                 "FROM main." PH_STORE_OWNER ") AS bytes"),
                 status);
}

/* Whether questions are answered from the store, which there is; else connection->store says why not. */
static bool is_used(ph_connection *connection, ph_status *status) {
  ph_status own;
  ph_status_begin(&own, status->memory);
  find_tables(connection->db, &own);
  if (own.code == PH_ERROR) {
    sqlite3_snprintf(sizeof connection->store, connection->store,
                     "not used: the tables beside it are gone, or something in temp hides them");
    return false;
  }
  if (ph_failed(&own)) *status = own;
  return ph_store_look(connection, &own_sources, status);
}

static char *describe(ph_connection *connection, int action, ph_status *status) {
  sqlite3 *db = connection->db;
  sqlite3_str *json = sqlite3_str_new(db);
  bool exists = ph_store_exists(db, SCHEMA, status);
  sqlite3_str_appendf(json, "{\"action\":\"%s\",\"exists\":%s", actions[action], exists ? "true" : "false");
  if (exists) {
    bool used = is_used(connection, status);
    sqlite3_str_appendf(json, ",\"used\":%s,\"why_not\":", used ? "true" : "false");
    ph_append_json_text(json, used ? "" : connection->store);
    ph_status own;
    ph_status_begin(&own, status->memory); /* a broken store cannot say what it holds */
    append_store(db, json, used ? status : &own);
  }
  if (action == CREATE || action == REFRESH) append_made(db, json, status);
  sqlite3_str_appendall(json, "}");
  char *text = sqlite3_str_finish(json);
  if (text == NULL) ph_fail_memory(status);
  return text;
}

static int find_action(const ph_value *given) {
  int action = given->type == PH_TEXT ? 0 : ACTIONS;
  while (action < ACTIONS && !ph_text_equals_any_case(given->text, given->length, actions[action])) action++;
  return action;
}

void ph_pipeline_store(sqlite3_context *context, int count, sqlite3_value **values) {
  ph_connection *connection = sqlite3_user_data(context);
  ph_host_memory memory;
  ph_status status;
  ph_value given = ph_host_value(values[0]);
  int action = find_action(&given);
  (void)count;
  if (action == ACTIONS) {
    ph_function_fail(context, "pipeline_store", "action", &given,
                     "expected 'create', 'refresh', 'drop' or 'status'");
    return;
  }
  ph_host_memory_begin(&memory);
  ph_host_status_begin(&status, &memory.memory, &connection->patience);
  act(connection, action, &status);
  char *json = ph_failed(&status) ? NULL : describe(connection, action, &status);
  if (ph_failed(&status)) {
    sqlite3_free(json);
    ph_host_result_status(context, &status);
  } else {
    sqlite3_result_text(context, json, -1, sqlite3_free);
  }
}
