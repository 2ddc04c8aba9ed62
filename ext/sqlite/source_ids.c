/*
** Reads the rows of some deals, by their ids. See source_internal.h.
**
** Ids compare as text, so that a deal's rows may hold 7, '7' and x'37'. Each of them is looked up, which an
** index serves; what a column's affinity or collation finds beyond the id is left out by its text.
*/
#include "source_internal.h"

static void bind_id(sqlite3_stmt *rows, const ph_stored_id *id) {
  char buffer[PH_ID_TEXT_BYTES];
  const char *text = id->text.text;
  size_t length = id->text.length;
  if (id->is_text) {
    sqlite3_bind_null(rows, 3);
  } else {
    length = ph_integer_write(id->integer, buffer);
    text = buffer;
    sqlite3_bind_int64(rows, 3, id->integer);
  }
  sqlite3_bind_text64(rows, 1, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
  sqlite3_bind_blob64(rows, 2, text, length, SQLITE_TRANSIENT);
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
  char *sql =
      sqlite3_mprintf("%s WHERE deal_id IN (?1, ?2, ?3) AND CAST(deal_id AS TEXT) = ?1 COLLATE BINARY "
                      "ORDER BY rowid",
                      plain);
  sqlite3_stmt *rows = ph_source_prepare(db, sql, at.name, reading->status);
  sqlite3_free(sql);
  sqlite3_free(plain);
  for (size_t id = 0; id < ids->count && ph_continue(reading->status); id++) {
    bind_id(rows, &ids->ids[id]);
    read_rows(db, rows, relation, at.name, reading);
  }
  sqlite3_finalize(rows);
}
