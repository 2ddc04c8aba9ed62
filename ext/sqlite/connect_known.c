/*
** What the views of a door know of a column by the look at its cells, without another pass over the table.
** See connect_internal.h.
**
** The look sees every row of the source. It tells what the views' rows have only where these are all of them.
*/
#include "connect_internal.h"

#include <stdlib.h>
#include <string.h>

/* " 2 4:open 3:won" */
static const char *read_labels(ph_connecting *call, char **at) {
  long count = strtol(*at, at, 10);
  if (count < 0) return NULL;
  sqlite3_str *rows = sqlite3_str_new(call->db);
  for (long label = 0; label < count; label++) {
    int length = (int)strtol(*at, at, 10);
    sqlite3_str_appendf(rows, "%s('%.*q')", label > 0 ? ", " : "", length, *at + 1);
    *at += length + 1;
  }
  char *text = ph_connect_finish(call, rows);
  const char *copy = ph_words_copy(call, ph_words_of(text != NULL ? text : ""));
  sqlite3_free(text);
  return copy;
}

void ph_connect_read_known(ph_connecting *call, ph_door_column *column, unsigned seen, char **at) {
  if (column->kind == PH_CELL_LABEL) column->labels = read_labels(call, at);
  if (column->kind != PH_CELL_DATE && column->kind != PH_CELL_DAY) return;
  while (**at == ' ') ++*at;
  size_t length = strcspn(*at, " ");
  bool is_iso = (seen & (PH_LOOK_ODD_DATE | PH_LOOK_NO_LETTER | PH_LOOK_SERIAL)) == 0;
  if (is_iso) column->greatest = ph_words_copy(call, (ph_words){*at, length});
  *at += length;
}

bool ph_connect_is_missing(const ph_door_table *table, const ph_door_column *column) {
  return table->source == NULL || column->found == NULL || !column->has_all_cells;
}

/* A condition that asks for other columns, too, cannot be prepared over the labels of one. */
static bool no_label_of(ph_connecting *call, const ph_door_column *column, const char *condition) {
  char *sql = sqlite3_mprintf("WITH known(\"%.*w\") AS (VALUES %s) SELECT count(*) FROM known WHERE %s",
                              (int)column->name.length, column->name.at, column->labels, condition);
  sqlite3_stmt *statement = NULL;
  bool none = sql != NULL && sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int64(statement, 0) == 0;
  sqlite3_finalize(statement);
  sqlite3_free(sql);
  return none;
}

bool ph_connect_no_label(ph_connecting *call, const ph_door_table *table, ph_words condition) {
  char *text = ph_connect_expand(call, condition);
  bool none = false;
  for (size_t index = 0; index < table->column_count && text != NULL && !none; index++) {
    const ph_door_column *column = &table->columns[index];
    if (column->labels != NULL && *column->labels != 0) none = no_label_of(call, column, text);
  }
  sqlite3_free(text);
  return none;
}

bool ph_connect_has_clock(const ph_door_table *table, const ph_door_column *column) {
  bool is_timed = column->found != NULL && column->has_time;
  for (size_t index = 0; column->family && index < table->column_count && !is_timed; index++)
    is_timed =
        table->columns[index].family_of == (int)(column - table->columns) && table->columns[index].has_time;
  return is_timed;
}

/* Whether every row of the source is a row of the view, but for rows that are equal. */
static bool is_whole(ph_connecting *call, ph_door_table *table) {
  return table->source != NULL && !table->has_versions && table->header_rows == 0 &&
         table->skipped_rows == 0 && (table->keeps_deleted || ph_connect_count_deleted(call, table) == 0);
}

void ph_connect_append_labels(ph_connecting *call, sqlite3_str *sql, ph_door_table *table,
                              const ph_door_column *column) {
  if (column->labels == NULL || !is_whole(call, table)) {
    sqlite3_str_appendf(sql,
                        "(SELECT DISTINCT \"%.*w\" AS label FROM \"%s_%.*w\" WHERE \"%.*w\" IS NOT NULL)",
                        (int)column->name.length, column->name.at, call->crm, (int)table->name.length,
                        table->name.at, (int)column->name.length, column->name.at);
  } else if (*column->labels == 0) {
    sqlite3_str_appendall(sql, "(SELECT NULL AS label WHERE 0)");
  } else { /* under PRAGMA full_column_names SQLite 3.54 knows no column1 */
    sqlite3_str_appendf(sql, "(WITH known(label) AS (VALUES %s) SELECT label FROM known)", column->labels);
  }
}

static bool is_date(const ph_door_column *column) {
  return column->found != NULL && (column->kind == PH_CELL_DATE || column->kind == PH_CELL_DAY);
}

/* SELECT max(substr("created", 1, 10)), … of every column of dates, over the view's rows. */
static char *greatest_sql(ph_connecting *call, ph_door_table *table) {
  bool temporary = call->temporary;
  call->temporary = true; /* with the schema before the table */
  char *rows = ph_connect_table_select(call, table);
  call->temporary = temporary;
  sqlite3_str *sql = sqlite3_str_new(call->db);
  const char *separator = "SELECT ";
  for (size_t index = 0; index < table->column_count; index++) {
    const ph_door_column *column = &table->columns[index];
    if (!is_date(column)) continue;
    sqlite3_str_appendf(sql, "%smax(substr(\"%.*w\", 1, 10))", separator, (int)column->name.length,
                        column->name.at);
    separator = ", ";
  }
  sqlite3_str_appendf(sql, " FROM (%s)", rows != NULL ? rows : "");
  sqlite3_free(rows);
  return ph_connect_finish(call, sql);
}

static void take_greatest(ph_connecting *call, ph_door_table *table, sqlite3_stmt *statement) {
  int at = 0;
  for (size_t index = 0; index < table->column_count; index++) {
    if (!is_date(&table->columns[index])) continue;
    const char *day = (const char *)sqlite3_column_text(statement, at++);
    table->columns[index].greatest = day != NULL ? ph_words_copy(call, ph_words_of(day)) : NULL;
  }
}

/* Where the look has not told them, one pass tells those of all columns. */
static void read_greatest(ph_connecting *call, ph_door_table *table) {
  bool is_told = is_whole(call, table);
  for (size_t index = 0; index < table->column_count; index++)
    if (is_date(&table->columns[index]) && table->columns[index].greatest == NULL) is_told = false;
  table->knows_greatest = true;
  if (is_told || table->source == NULL || ph_failed(call->status)) return;
  sqlite3_stmt *statement = NULL;
  char *sql = greatest_sql(call, table);
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) take_greatest(call, table, statement);
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, table->source);
}

void ph_connect_append_greatest(ph_connecting *call, sqlite3_str *sql, ph_door_table *table,
                                const ph_door_column *column) {
  if (!table->knows_greatest) read_greatest(call, table);
  bool has_day = column->found != NULL && column->greatest != NULL && strcmp(column->greatest, "-") != 0;
  if (has_day) {
    sqlite3_str_appendf(sql, "%Q", column->greatest);
  } else {
    sqlite3_str_appendall(sql, "NULL");
  }
}
