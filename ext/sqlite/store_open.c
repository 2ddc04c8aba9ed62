/*
** Whether a store can be used, and which deals changed since it was made. See store_internal.h.
**
** Every doubt is a failure of the job that opens it, whose message says why the store is not used.
*/
#include "store_internal.h"

#include "../base/sort.h"

#include <string.h>

static bool rows_are_reversed(ph_open_store *from) {
  const char *pragma = "PRAGMA reverse_unordered_selects";
  sqlite3_stmt *statement = ph_source_prepare(from->db, pragma, pragma, from->status);
  bool reversed =
      statement != NULL && sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) != 0;
  ph_source_finalize(from->db, statement, pragma, from->status);
  return reversed;
}

/* Events of one instant keep the order of the source, which is that of the rowids unless an index is read
** instead of the table. An authorizer may show NULL for a column: then the SELECT that reads the sources
** fetches fewer columns than it names. */
static void require_columns(ph_open_store *from, ph_relation_name relation) {
  ph_place at;
  char *sql = ph_source_plain_sql(from->db, from->sources, relation, &at, from->status);
  int missing = 0;
  bool by_index = false;
  if (sql == NULL) return;
  sqlite3_stmt *plain = ph_source_prepare(from->db, sql, at.name, from->status);
  for (int column = 0; plain != NULL && column < sqlite3_column_count(plain); column++) {
    const char *name =
        sqlite3_column_name(plain, column); /* a column that the table lacks is the word NULL */
    missing += name == NULL || strcmp(name, "NULL") != 0;
  }
  sqlite3_finalize(plain);
  char *explain = sqlite3_mprintf("EXPLAIN %s", sql);
  sqlite3_free(sql);
  sqlite3_stmt *rows = ph_source_prepare(from->db, explain, at.name, from->status);
  sqlite3_free(explain);
  while (rows != NULL && sqlite3_step(rows) == SQLITE_ROW) {
    const char *operation = (const char *)sqlite3_column_text(rows, 1);
    const char *opened = (const char *)sqlite3_column_text(rows, 5);
    if (operation == NULL) continue;
    missing -= strcmp(operation, "Column") == 0 || strcmp(operation, "Rowid") == 0;
    by_index |= strcmp(operation, "OpenRead") == 0 && opened != NULL && strncmp(opened, "k(", 2) == 0;
  }
  ph_source_finalize(from->db, rows, at.name, from->status);
  if (missing > 0) ph_fail(from->status, "this connection may not see every column of %s", at.name);
  if (by_index) ph_fail(from->status, "an index has all columns of %s, which is read in its order", at.name);
}

static char *copy_text(const char *text, ph_status *status) {
  char *copy = sqlite3_mprintf("%s", text);
  if (copy == NULL) ph_fail_memory(status);
  return copy;
}

/* Finds the sources and a store in their schema; false where there is none. */
static bool find_store(ph_open_store *from) {
  ph_place deal = ph_source_find_relation(from->db, from->sources, PH_RELATION_DEAL, from->status);
  ph_place event = ph_source_find_relation(from->db, from->sources, PH_RELATION_EVENT, from->status);
  if (ph_failed(from->status) || deal.schema == NULL) return false;
  if (!ph_store_exists(from->db, deal.schema, from->status)) return false;
  from->schema = copy_text(deal.schema, from->status);
  from->deal = copy_text(deal.name, from->status);
  from->event = copy_text(event.name, from->status);
  from->at = (ph_store_place){from->schema, from->deal, from->event};
  if (event.schema == NULL || sqlite3_stricmp(event.schema, deal.schema) != 0)
    ph_fail(from->status, "%s is not in schema %s, where the store is", event.name, deal.schema);
  return true;
}

static void require_connection(ph_open_store *from) {
  int triggers = 1;
  if (!ph_source_is_utf8(from->db, from->status)) ph_fail(from->status, "the database's texts are not UTF-8");
  if (rows_are_reversed(from)) ph_fail(from->status, "PRAGMA reverse_unordered_selects is on");
  sqlite3_db_config(from->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, -1, &triggers);
  if (!triggers) ph_fail(from->status, "triggers are switched off on this connection");
  require_columns(from, PH_RELATION_DEAL);
  require_columns(from, PH_RELATION_EVENT);
}

static bool is_text(sqlite3_stmt *row, int column, const char *text) {
  const char *found = (const char *)sqlite3_column_text(row, column);
  return found != NULL && sqlite3_stricmp(found, text) == 0;
}

/* Reads the row of the head. False where the store is one of other tables. */
static bool read_head_row(ph_open_store *from) {
  bool is_of_sources = true;
  char *sql = sqlite3_mprintf("SELECT schema_mark, checksum, data, version, generation, deals, events, "
                              "deal_count FROM \"%w\"." PH_STORE_HEAD,
                              from->schema);
  sqlite3_stmt *row = ph_source_prepare(from->db, sql, PH_STORE_HEAD, from->status);
  sqlite3_free(sql);
  uint64_t mark = 0;
  if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
    ph_byte_reader bytes;
    sqlite3_int64 version = sqlite3_column_int64(row, 3);
    if (version == -PH_STORE_VERSION) ph_fail(from->status, "a refresh of it did not end: refresh it");
    if (version != PH_STORE_VERSION)
      ph_fail(from->status, "its format is version %lld, this extension's is %d: refresh it",
              (long long)version, PH_STORE_VERSION);
    from->generation = (uint64_t)sqlite3_column_int64(row, 4);
    mark = (uint64_t)sqlite3_column_int64(row, 0);
    from->head_sum = sqlite3_column_int64(row, 1);
    if (!ph_store_open_row(from->generation, row, PH_STORE_VERSION, &bytes))
      ph_fail(from->status, "its head is damaged: refresh it");
    from->head_size = (size_t)(bytes.end - bytes.at);
    from->head_bytes = ph_allocate(from->status, from->head_size, 1);
    if (from->head_bytes != NULL && from->head_size > 0) memcpy(from->head_bytes, bytes.at, from->head_size);
    from->deal_count = sqlite3_column_int64(row, 7);
    is_of_sources = is_text(row, 5, from->deal) && is_text(row, 6, from->event);
  } else {
    ph_fail(from->status, "its head is missing: refresh it");
  }
  ph_source_finalize(from->db, row, PH_STORE_HEAD, from->status);
  if (ph_failed(from->status) || !is_of_sources) return is_of_sources;
  if (mark != ph_store_schema_mark(from->db, &from->at, from->status))
    ph_fail(from->status, "a table, an index or a trigger is not as the store made or found it: refresh it");
  if (from->generation == from->connection->distrusted_store)
    ph_fail(from->status, "a slice is damaged: refresh it");
  return true;
}

/* --------------------------------------------------------------------------------- the deals that changed */

static void add_changed(ph_open_store *from, sqlite3_stmt *row) {
  ph_stored_id id = {.integer = 0};
  int type = sqlite3_column_type(row, 0);
  if (type == SQLITE_FLOAT) {
    ph_fail(from->status, "a deal_id is a REAL (expected INTEGER or TEXT)");
    return;
  }
  id.integer = sqlite3_column_int64(row, 0);
  if (type != SQLITE_INTEGER) {
    const char *text = sqlite3_column_blob(row, 0);
    size_t length = (size_t)sqlite3_column_bytes(row, 0);
    if (length == 0) {
      from->changed_without_id = true;
      return;
    }
    id.is_text = !ph_id_is_integer(text, length, &id.integer);
    if (id.is_text) id.text = (ph_text){ph_arena_copy(&from->texts, text, length, from->status), length};
  }
  if (ph_reserve(from->status, (void **)&from->changed, &from->changed_capacity, from->changed_count + 1,
                 sizeof id))
    from->changed[from->changed_count++] = id;
}

static int compare_changed(const void *context, uint32_t left, uint32_t right) {
  const ph_stored_id *ids = context;
  return ph_stored_id_compare(&ids[left], &ids[right]);
}

/* Sorts the ids and leaves each there once. */
static void sort_changed(ph_open_store *from) {
  uint32_t *order = ph_sorted_indexes(from->changed_count, compare_changed, from->changed, from->status);
  ph_stored_id *sorted = ph_allocate(from->status, from->changed_count, sizeof *sorted);
  size_t count = 0;
  for (size_t at = 0; at < from->changed_count && !ph_failed(from->status); at++) {
    const ph_stored_id *id = &from->changed[order[at]];
    if (count == 0 || ph_stored_id_compare(&sorted[count - 1], id) != 0) sorted[count++] = *id;
  }
  ph_release(from->memory, order);
  ph_release(from->memory, from->changed);
  from->changed = sorted;
  from->changed_count = count;
}

/* Reads what the triggers noted. Beyond a share of the deals, reading them one by one costs more than
** reading all. */
void ph_store_read_changes(ph_open_store *from) {
  int64_t most = from->deal_count / 16 + 1024, count = 0;
  char *sql =
      sqlite3_mprintf("SELECT deal_id, again IS deal_id AND typeof(again) = typeof(deal_id), change FROM "
                      "\"%w\"." PH_STORE_CHANGE " ORDER BY change LIMIT %lld",
                      from->schema, (long long)most);
  sqlite3_stmt *row = ph_source_prepare(from->db, sql, PH_STORE_CHANGE, from->status);
  sqlite3_free(sql);
  while (row != NULL && sqlite3_step(row) == SQLITE_ROW && ph_continue(from->status)) {
    if (!sqlite3_column_int(row, 1) || sqlite3_column_int64(row, 2) != ++count)
      ph_fail(from->status, "a row of " PH_STORE_CHANGE " is damaged: refresh it");
    add_changed(from, row);
  }
  ph_source_finalize(from->db, row, PH_STORE_CHANGE, from->status);
  from->noted = count;
  if (count == most)
    ph_fail(from->status,
            "%lld changes or more were noted, too many to read their deals one by one: refresh it",
            (long long)most);
  sort_changed(from);
}

bool ph_store_open(ph_open_store *from, ph_connection *connection, const ph_sources *sources,
                   ph_status *status) {
  *from = (ph_open_store){.connection = connection,
                          .db = connection->db,
                          .sources = sources,
                          .status = status,
                          .memory = status->memory};
  ph_arena_begin(&from->texts, status->memory);
  if (!find_store(from) || !read_head_row(from)) return false;
  require_connection(from);
  return true;
}

void ph_store_end(ph_open_store *from) {
  sqlite3_free(from->schema);
  sqlite3_free(from->deal);
  sqlite3_free(from->event);
  ph_release(from->memory, from->head_bytes);
  ph_release(from->memory, from->changed);
  ph_arena_end(&from->texts);
}
