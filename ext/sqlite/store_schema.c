/*
** The SQL of the store: its shadow tables, indexes and triggers. See store_internal.h.
**
** A trigger notes the deal_id of every row of pipeline_deal and pipeline_event before it is inserted, updated
** or deleted, as often as it happens: a row more is cheaper than to look whether it is there. A REPLACE
** deletes rows without their triggers, so rows that stand in the way of a new one are noted, too: those with
** its rowid, and those with its values in a unique index.
*/
#include "store_internal.h"

#include "../base/bytes.h"

/* But for the head. What is noted is written twice, so that a row that was damaged shows it, and its
** numbers have no gap. */
static const char tables_sql[] =
    "CREATE TABLE \"%w\"." PH_STORE_BLOCK "(block INTEGER PRIMARY KEY, first_deal UNIQUE, checksum INTEGER,"
    " data BLOB);"
    "CREATE TABLE \"%w\"." PH_STORE_SLICE "(scope TEXT, day INTEGER, checksum INTEGER, data BLOB,"
    " UNIQUE(scope, day));"
    "CREATE TABLE \"%w\"." PH_STORE_OWNER "(owner INTEGER PRIMARY KEY, checksum INTEGER, data BLOB);"
    "CREATE TABLE \"%w\"." PH_STORE_CHANGE "(change INTEGER PRIMARY KEY, deal_id, again);";

static const char keep_sql[] =
    "CREATE TRIGGER \"%w\"." PH_STORE_KEEP_ROWS " BEFORE DELETE ON " PH_STORE_CHANGE
    " BEGIN SELECT RAISE(ABORT, 'pipeline_store() keeps " PH_STORE_CHANGE "'); END;"
    "CREATE TRIGGER \"%w\"." PH_STORE_KEEP_VALUES " BEFORE UPDATE ON " PH_STORE_CHANGE
    " BEGIN SELECT RAISE(ABORT, 'pipeline_store() keeps " PH_STORE_CHANGE "'); END;";

static const char unkeep_sql[] =
    "DROP TRIGGER \"%w\"." PH_STORE_KEEP_ROWS "; DROP TRIGGER \"%w\"." PH_STORE_KEEP_VALUES;

void ph_store_run(sqlite3 *db, char *sql, ph_status *status) {
  if (sql == NULL) {
    ph_fail_memory(status);
  } else if (!ph_failed(status)) {
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK) ph_host_fail(status, db, code, "pipeline_store");
  }
  sqlite3_free(sql);
}

/* Whether a query, which is freed, has a row; its first column as a text, sqlite3_malloc'ed, in *text
** unless that is NULL. */
static bool find_row(sqlite3 *db, char *sql, char **text, ph_status *status) {
  sqlite3_stmt *statement = ph_source_prepare(db, sql, "pipeline_store", status);
  sqlite3_free(sql);
  bool found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;
  if (found && text != NULL) {
    *text = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
    if (*text == NULL) ph_fail_memory(status);
  }
  ph_source_finalize(db, statement, "pipeline_store", status);
  return found;
}

bool ph_store_exists(sqlite3 *db, const char *schema, ph_status *status) {
  return find_row(db,
                  sqlite3_mprintf("SELECT 1 FROM \"%w\".sqlite_master WHERE type = 'table' AND name = %Q",
                                  schema, PH_STORE_HEAD),
                  NULL, status);
}

/* ----------------------------------------------------------------------------------- what can be followed */

/* A source table; `what` is deal or event. */
typedef struct source_table {
  sqlite3 *db;
  const char *schema, *name, *what;
} source_table;

static void refuse_table(const source_table *of, ph_status *status) {
  const char *schema = of->schema, *table = of->name;
  char *sql = NULL;
  if (!find_row(
          of->db,
          sqlite3_mprintf("SELECT sql FROM \"%w\".sqlite_master WHERE type = 'table' AND name = %Q COLLATE "
                          "NOCASE AND rootpage > 0",
                          schema, table),
          &sql, status))
    ph_fail(status,
            "pipeline_store: %s is no table of %s (expected ordinary tables; of a door, "
            "pipeline_connect_sql(crm, schema, '{\"as\": \"tables\"}') gives them)",
            table, schema);
  sqlite3_free(sql);
  if (ph_failed(status)) return;
  if (find_row(of->db,
               sqlite3_mprintf(
                   "SELECT 1 FROM pragma_index_list(%Q, %Q) AS list WHERE origin = 'pk' AND NOT EXISTS "
                   "(SELECT 1 FROM \"%w\".sqlite_master WHERE name = list.name AND rootpage > 0)",
                   table, schema, schema),
               NULL, status))
    ph_fail(status, "pipeline_store: %s is WITHOUT ROWID (expected a table with rowids)", table);
  if (find_row(of->db,
               sqlite3_mprintf(
                   "SELECT 1 FROM pragma_index_list(%Q, %Q) AS list WHERE \"unique\" AND (partial OR EXISTS "
                   "(SELECT 1 FROM pragma_index_xinfo(list.name, %Q) WHERE key AND cid < 0))",
                   table, schema, schema),
               NULL, status))
    ph_fail(
        status,
        "pipeline_store: %s has a unique index with a condition or an expression (expected one of columns)",
        table);
}

/* A column of that name hides the rowid. */
static void refuse_rowid_column(const source_table *of, ph_status *status) {
  if (find_row(of->db,
               sqlite3_mprintf("SELECT 1 FROM pragma_table_xinfo(%Q, %Q) WHERE name = 'rowid' COLLATE NOCASE",
                               of->name, of->schema),
               NULL, status))
    ph_fail(status, "pipeline_store: %s has a column rowid (expected none of that name)", of->name);
}

/* A number that shows no fraction is a text or an integer in every row: REAL ids are not found by their
** text. */
static void refuse_real_ids(const source_table *of, ph_status *status) {
  if (find_row(of->db,
               sqlite3_mprintf("SELECT 1 FROM \"%w\".\"%w\" WHERE typeof(deal_id) = 'real' LIMIT 1",
                               of->schema, of->name),
               NULL, status))
    ph_fail(status, "pipeline_store: %s has a deal_id that is a REAL (expected INTEGER or TEXT)", of->name);
}

/* ----------------------------------------------------------------------------------------------- triggers */

#define NOTE "INSERT INTO " PH_STORE_CHANGE "(deal_id, again) "

/* Appends the condition for rows that are in the way of NEW by a unique index. */
static void append_unique(sqlite3_str *sql, sqlite3 *db, const char *schema, const char *index,
                          ph_status *status) {
  char *columns = sqlite3_mprintf(
      "SELECT name, coll FROM pragma_index_xinfo(%Q, %Q) WHERE key ORDER BY seqno", index, schema);
  sqlite3_stmt *row = ph_source_prepare(db, columns, index, status);
  sqlite3_free(columns);
  sqlite3_str_appendall(sql, " OR (");
  for (int count = 0; row != NULL && sqlite3_step(row) == SQLITE_ROW; count++) {
    const char *name = (const char *)sqlite3_column_text(row, 0);
    sqlite3_str_appendf(sql, "%s\"%w\" = NEW.\"%w\" COLLATE \"%w\"", count > 0 ? " AND " : "", name, name,
                        sqlite3_column_text(row, 1));
  }
  ph_source_finalize(db, row, index, status);
  sqlite3_str_appendall(sql, ")");
}

/* The condition for every row that NEW replaces, sqlite3_malloc'ed. */
static char *replaced_rows(const source_table *of, bool is_update, ph_status *status) {
  sqlite3_str *sql = sqlite3_str_new(of->db);
  char *list =
      sqlite3_mprintf("SELECT name FROM pragma_index_list(%Q, %Q) WHERE \"unique\"", of->name, of->schema);
  sqlite3_stmt *row = ph_source_prepare(of->db, list, of->name, status);
  sqlite3_free(list);
  sqlite3_str_appendall(sql, "(rowid = NEW.rowid");
  while (row != NULL && sqlite3_step(row) == SQLITE_ROW && !ph_failed(status))
    append_unique(sql, of->db, of->schema, (const char *)sqlite3_column_text(row, 0), status);
  ph_source_finalize(of->db, row, of->name, status);
  sqlite3_str_appendall(sql, is_update ? ") AND rowid <> OLD.rowid" : ")");
  char *text = sqlite3_str_finish(sql);
  if (text == NULL) ph_fail_memory(status);
  return text;
}

/* `end` is that of its name, `when` says when it fires, `body` under which condition, and what it notes. */
static void make_trigger(const source_table *of, const char *end, const char *when, const char *body,
                         ph_status *status) {
  ph_store_run(of->db,
               sqlite3_mprintf("CREATE TRIGGER \"%w\"." PH_STORE_PREFIX "%s%s %s ON \"%w\" %s; END",
                               of->schema, of->what, end, when, of->name, body),
               status);
}

/* Notes the rows that a new one replaces. */
static void make_replace_trigger(const source_table *of, const char *end, const char *when, bool is_update,
                                 ph_status *status) {
  char *rows = replaced_rows(of, is_update, status);
  char *body = sqlite3_mprintf("WHEN EXISTS (SELECT 1 FROM \"%w\" WHERE %s) BEGIN " NOTE
                               "SELECT deal_id, deal_id FROM \"%w\" WHERE %s",
                               of->name, rows, of->name, rows);
  sqlite3_free(rows);
  if (body == NULL) ph_fail_memory(status);
  if (!ph_failed(status)) make_trigger(of, end, when, body, status);
  sqlite3_free(body);
}

/* Whether SQLite may put an id in the place of the one that a statement gives: an INTEGER PRIMARY KEY for
** NULL, and in a REPLACE the column's default where it is NOT NULL. */
static bool gives_ids(const source_table *of, ph_status *status) {
  return find_row(of->db,
                  sqlite3_mprintf("SELECT 1 FROM pragma_table_xinfo(%Q, %Q) WHERE name = 'deal_id' COLLATE "
                                  "NOCASE AND (\"notnull\" OR pk)",
                                  of->name, of->schema),
                  NULL, status);
}

/* The id that is to be given is -1 before it is, and mostly the one behind the greatest. */
static void make_given_triggers(const source_table *of, ph_status *status) {
  static const char body[] = "WHEN +NEW.deal_id COLLATE BINARY IS NOT (SELECT +deal_id FROM " PH_STORE_CHANGE
                             " ORDER BY change DESC LIMIT 1) BEGIN " NOTE "VALUES (NEW.deal_id, NEW.deal_id)";
  char *next = sqlite3_mprintf(
      "BEGIN " NOTE "SELECT id, id FROM (SELECT iif(NEW.deal_id IS -1, (SELECT min(ifnull(max(rowid), 0), "
      "9223372036854775806) + 1 FROM \"%w\"), NEW.deal_id) AS id)",
      of->name);
  if (next == NULL) ph_fail_memory(status);
  if (!ph_failed(status)) make_trigger(of, PH_STORE_INSERT_END, "BEFORE INSERT", next, status);
  sqlite3_free(next);
  make_trigger(of, PH_STORE_INSERTED_END, "AFTER INSERT", body, status);
  make_trigger(of, PH_STORE_UPDATED_END, "AFTER UPDATE", body, status);
}

/* Notes are taken before a row comes, changes or goes. Behind that, a trigger of the user's can end the
** statement by RAISE(FAIL), or the work on the row by RAISE(IGNORE): then the row stays, and no other trigger
** fires. */
static void make_triggers(const source_table *of, ph_status *status) {
  if (gives_ids(of, status)) {
    make_given_triggers(of, status);
  } else {
    make_trigger(of, PH_STORE_INSERT_END, "BEFORE INSERT", "BEGIN " NOTE "VALUES (NEW.deal_id, NEW.deal_id)",
                 status);
  }
  make_trigger(of, PH_STORE_UPDATE_END, "BEFORE UPDATE",
               "BEGIN " NOTE "VALUES (OLD.deal_id, OLD.deal_id), (NEW.deal_id, NEW.deal_id)", status);
  make_trigger(of, PH_STORE_DELETE_END, "BEFORE DELETE", "BEGIN " NOTE "VALUES (OLD.deal_id, OLD.deal_id)",
               status);
  make_replace_trigger(of, PH_STORE_REPLACE_END, "BEFORE INSERT", false, status);
  make_replace_trigger(of, PH_STORE_OVERWRITE_END, "BEFORE UPDATE", true, status);
}

/* An index on deal_id, unless rows are found by it anyway. */
static void make_index(const source_table *of, ph_status *status) {
  if (find_row(
          of->db,
          sqlite3_mprintf(
              "SELECT 1 WHERE EXISTS (SELECT 1 FROM pragma_table_xinfo(%Q, %Q) WHERE name = 'deal_id' "
              "COLLATE NOCASE AND pk = 1 AND upper(type) = 'INTEGER') OR EXISTS (SELECT 1 FROM "
              "pragma_index_list(%Q, %Q) AS list JOIN pragma_index_xinfo(list.name, %Q) AS part WHERE NOT "
              "partial AND part.seqno = 0 AND part.name = 'deal_id' COLLATE NOCASE)",
              of->name, of->schema, of->name, of->schema, of->schema),
          NULL, status))
    return;
  ph_store_run(of->db,
               sqlite3_mprintf("CREATE INDEX \"%w\"." PH_STORE_PREFIX "%s" PH_STORE_INDEX_END
                               " ON \"%w\"(deal_id)",
                               of->schema, of->what, of->name),
               status);
}

void ph_store_keep_changes(sqlite3 *db, const char *schema, bool keep, ph_status *status) {
  ph_store_run(db, sqlite3_mprintf(keep ? keep_sql : unkeep_sql, schema, schema), status);
}

void ph_store_make(sqlite3 *db, const ph_store_place *at, ph_status *status) {
  const char *schema = at->schema;
  const source_table sources[] = {{db, schema, at->deal, "deal"}, {db, schema, at->event, "event"}};
  for (int source = 0; source < 2; source++) refuse_table(&sources[source], status);
  for (int source = 0; source < 2; source++) {
    refuse_rowid_column(&sources[source], status);
    make_index(&sources[source], status);
    refuse_real_ids(&sources[source], status);
  }
  ph_store_run(db, sqlite3_mprintf(tables_sql, schema, schema, schema, schema), status);
  ph_store_keep_changes(db, schema, true, status);
  for (int source = 0; source < 2; source++) make_triggers(&sources[source], status);
}

void ph_store_drop(sqlite3 *db, const char *schema, bool indexes, ph_status *status) {
  sqlite3_str *sql = sqlite3_str_new(db);
  char *list =
      sqlite3_mprintf("SELECT type, name FROM \"%w\".sqlite_master WHERE " PH_STORE_MADE
                      " AND (type <> 'index' OR %d) ORDER BY name <> '" PH_STORE_HEAD "', type = 'table'",
                      schema, indexes);
  sqlite3_stmt *row = ph_source_prepare(db, list, "pipeline_store", status);
  sqlite3_free(list);
  while (row != NULL && sqlite3_step(row) == SQLITE_ROW)
    sqlite3_str_appendf(sql, "DROP %s \"%w\".\"%w\";", sqlite3_column_text(row, 0), schema,
                        sqlite3_column_text(row, 1));
  ph_source_finalize(db, row, "pipeline_store", status);
  if (sqlite3_str_length(sql) == 0) sqlite3_str_appendall(sql, ";");
  ph_store_run(db, sqlite3_str_finish(sql), status);
}

uint64_t ph_store_schema_mark(sqlite3 *db, const ph_store_place *at, ph_status *status) {
  uint64_t mark = PH_STORE_VERSION;
  char *sql = sqlite3_mprintf(
      "SELECT type, name, tbl_name, ifnull(sql, '') FROM \"%w\".sqlite_master WHERE "
      "name <> '" PH_STORE_HEAD "' AND (" PH_STORE_MADE " OR " PH_STORE_ON_TABLES
      " OR (type <> 'trigger' AND (tbl_name = %Q COLLATE NOCASE OR tbl_name = %Q COLLATE NOCASE))) "
      "ORDER BY type, name",
      at->schema, at->deal, at->event);
  sqlite3_stmt *row = ph_source_prepare(db, sql, "pipeline_store", status);
  sqlite3_free(sql);
  while (row != NULL && sqlite3_step(row) == SQLITE_ROW)
    for (int column = 0; column < 4; column++) {
      const void *text = sqlite3_column_text(row, column);
      mark = ph_checksum(mark, text, (size_t)sqlite3_column_bytes(row, column));
    }
  ph_source_finalize(db, row, "pipeline_store", status);
  return mark;
}

uint64_t ph_store_row_sum(uint64_t generation, int64_t kind, int64_t number, const void *bytes,
                          size_t count) {
  return ph_checksum(ph_mix(ph_mix(generation, (uint64_t)kind), (uint64_t)number), bytes, count);
}

bool ph_store_open_row(uint64_t generation, sqlite3_stmt *row, int64_t kind, ph_byte_reader *bytes) {
  const void *data = sqlite3_column_blob(row, 2);
  size_t size = (size_t)sqlite3_column_bytes(row, 2);
  *bytes = ph_byte_reader_of(data, size);
  return (data != NULL || size == 0) && ph_store_row_sum(generation, kind, sqlite3_column_int64(row, 0), data,
                                                         size) == (uint64_t)sqlite3_column_int64(row, 1);
}
