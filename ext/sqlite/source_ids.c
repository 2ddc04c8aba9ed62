/*
** Reads the rows of some deals, by their ids. See source_internal.h.
**
** Ids compare as text, so that a deal's rows may hold 7, '7' and x'37'. Where all ids of a table have one
** storage class, each is looked up as a value of that class, else as all three; an index serves both. What a
** column's affinity or collation finds beyond the id is left out by its text.
*/
#include "source_internal.h"

#define ONE_CLASS "deal_id = ?2"
#define ALL_CLASSES "deal_id IN (?2, ?3, ?4)"

/* The storage class that all ids have which are not NULL; SQLITE_NULL where there is none. It is that of the
** least and of the greatest id, for SQLite orders values by class first. */
static int find_class(sqlite3 *db, const ph_place *at, ph_status *status) {
  int class = SQLITE_NULL;
  char *sql = sqlite3_mprintf("SELECT (SELECT min(deal_id) FROM \"%w\".\"%w\"), (SELECT max(deal_id) FROM "
                              "\"%w\".\"%w\")",
                              at->schema, at->name, at->schema, at->name);
  sqlite3_stmt *row = ph_source_prepare(db, sql, at->name, status);
  sqlite3_free(sql);
  if (row != NULL && sqlite3_step(row) == SQLITE_ROW &&
      sqlite3_column_type(row, 0) == sqlite3_column_type(row, 1))
    class = sqlite3_column_type(row, 0);
  ph_source_finalize(db, row, at->name, status);
  return class;
}

static void bind_class(sqlite3_stmt *rows, int parameter, int class, const ph_stored_id *id, const char *text,
                       size_t length) {
  switch (class) {
  case SQLITE_TEXT: sqlite3_bind_text64(rows, parameter, text, length, SQLITE_TRANSIENT, SQLITE_UTF8); break;
  case SQLITE_BLOB: sqlite3_bind_blob64(rows, parameter, text, length, SQLITE_TRANSIENT); break;
  default:
    if (id->is_text) {
      sqlite3_bind_null(rows, parameter);
    } else {
      sqlite3_bind_int64(rows, parameter, id->integer);
    }
  }
}

static void bind_id(sqlite3_stmt *rows, int class, const ph_stored_id *id) {
  char buffer[PH_ID_TEXT_BYTES];
  const char *text = id->text.text;
  size_t length = id->text.length;
  if (!id->is_text) {
    length = ph_integer_write(id->integer, buffer);
    text = buffer;
  }
  bind_class(rows, 1, SQLITE_TEXT, id, text, length);
  if (class != SQLITE_NULL) {
    bind_class(rows, 2, class, id, text, length);
  } else {
    bind_class(rows, 2, SQLITE_TEXT, id, text, length);
    bind_class(rows, 3, SQLITE_BLOB, id, text, length);
    bind_class(rows, 4, SQLITE_INTEGER, id, text, length);
  }
}

static void read_rows(sqlite3 *db, sqlite3_stmt *rows, ph_relation_name relation, const char *name,
                      ph_reading *reading) {
  while (sqlite3_step(rows) == SQLITE_ROW && !ph_failed(reading->status))
    ph_reading_add_row(reading, relation, rows);
  int code = sqlite3_reset(rows);
  if (code != SQLITE_OK) ph_host_fail(reading->status, db, code, name);
}

static void read_rows_without_id(sqlite3 *db, const char *plain, ph_relation_name relation, const char *name,
                                 ph_reading *reading) {
  char *sql = sqlite3_mprintf("%s WHERE deal_id IS NULL OR deal_id IN ('', x'')", plain);
  sqlite3_stmt *rows = ph_source_prepare(db, sql, name, reading->status);
  sqlite3_free(sql);
  if (rows != NULL) read_rows(db, rows, relation, name, reading);
  sqlite3_finalize(rows);
}

void ph_source_read_ids(sqlite3 *db, const ph_sources *sources, ph_relation_name relation,
                        const ph_source_ids *ids, ph_reading *reading) {
  ph_place at;
  if (ids->count == 0 && !ids->without_id) return;
  char *plain = ph_source_plain_sql(db, sources, relation, &at, reading->status);
  if (plain == NULL) return;
  if (ids->without_id) read_rows_without_id(db, plain, relation, at.name, reading);
  int class = find_class(db, &at, reading->status);
  char *sql = sqlite3_mprintf("%s WHERE %s AND CAST(deal_id AS TEXT) = ?1 COLLATE BINARY ORDER BY rowid",
                              plain, class != SQLITE_NULL ? ONE_CLASS : ALL_CLASSES);
  sqlite3_stmt *rows = ph_source_prepare(db, sql, at.name, reading->status);
  sqlite3_free(sql);
  sqlite3_free(plain);
  for (size_t id = 0; id < ids->count && ph_continue(reading->status); id++) {
    bind_id(rows, class, &ids->ids[id]);
    read_rows(db, rows, relation, at.name, reading);
  }
  sqlite3_finalize(rows);
}
