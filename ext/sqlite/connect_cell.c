/* What a door reads of a cell, by the kind of its column, as SQL. See connect_internal.h. */
#include "connect_internal.h"

/* Exports write it in many ways. What they write most goes first: it needs no call. */
void ph_connect_append_boolean(sqlite3_str *sql, const char *column) {
  sqlite3_str_appendf(sql,
                      "CASE \"%w\" WHEN 'false' THEN 0 WHEN 'true' THEN 1 ELSE "
                      "pipeline_health_boolean(\"%w\") END",
                      column, column);
}

/* An empty text is NULL. A CASE, for nullif is a call that copies the cell. */
static void append_text(sqlite3_str *sql, const char *column) {
  sqlite3_str_appendf(sql, "CASE WHEN \"%w\" <> '' THEN \"%w\" END", column, column);
}

bool ph_connect_is_plain(const ph_connecting *call, const ph_door_column *column) {
  if (column->kind != PH_CELL_ID) return column->kind == PH_CELL_RAW;
  return (column->is_plain || (column->keeps_empty && !column->has_point_zero && !column->is_mixed)) &&
         !call->shortens_ids;
}

static void append_id(const ph_connecting *call, sqlite3_str *sql, const ph_door_column *column) {
  const char *name = column->found;
  if (ph_connect_is_plain(call, column)) {
    sqlite3_str_appendf(sql, "\"%w\"", name);
  } else if (column->has_point_zero) {
    sqlite3_str_appendf(
        sql,
        "CASE WHEN typeof(\"%w\") = 'real' THEN CAST(CAST(\"%w\" AS INTEGER) AS TEXT) WHEN \"%w\" GLOB "
        "'*.0' THEN substr(\"%w\", 1, length(\"%w\") - 2) ELSE nullif(CAST(\"%w\" AS TEXT), '') END",
        name, name, name, name, name, name);
  } else if (call->shortens_ids) {
    sqlite3_str_appendf(sql,
                        "CAST(nullif(CASE WHEN length(\"%w\") = 18 THEN substr(\"%w\", 1, 15) ELSE \"%w\" "
                        "END, '') AS TEXT)",
                        name, name, name);
  } else if (column->has_no_empty) {
    sqlite3_str_appendf(sql, "CAST(\"%w\" AS TEXT)", name);
  } else {
    sqlite3_str_appendall(sql, "CAST(");
    append_text(sql, name);
    sqlite3_str_appendall(sql, " AS TEXT)");
  }
}

/* Days since 1899-12-30 are Julian days but for a number; to the second where they have a part. */
static void append_serial(ph_connecting *call, sqlite3_str *sql, const ph_door_column *column) {
  static const char format[] = "CASE WHEN %s < %d OR %s >= %d THEN nullif(\"%w\", '') WHEN %d OR %s "
                               "= CAST(%s AS INTEGER) THEN date(%s + 2415018.5) ELSE "
                               "strftime('%%Y-%%m-%%dT%%H:%%M:%%S', %s + 2415018.5 + 0.5 / 86400) END";
  char *days = sqlite3_mprintf("CAST(replace(\"%w\", ',', '.') AS REAL)", column->found);
  if (days == NULL) ph_fail_memory(call->status);
  if (days != NULL)
    sqlite3_str_appendf(sql, format, days, PH_SERIAL_FIRST, days, PH_SERIAL_END, column->found,
                        column->kind == PH_CELL_DAY, days, days, days, days);
  sqlite3_free(days);
}

/* What cannot be read stays as it is, for pipeline_check to report. */
static void append_date(ph_connecting *call, sqlite3_str *sql, const ph_door_column *column) {
  if (column->is_serial) {
    append_serial(call, sql, column);
  } else if (column->order != NULL && *column->order != 0) {
    sqlite3_str_appendf(sql, "coalesce(pipeline_date(\"%w\", '%s'), nullif(\"%w\", ''))", column->found,
                        column->order, column->found);
  } else if (column->keeps_empty || column->has_no_empty) {
    sqlite3_str_appendf(sql, "\"%w\"", column->found);
  } else {
    append_text(sql, column->found);
  }
}

/* What is ten characters long has no time. A time with the mark of its zone is an instant, and stays: it is a
** day in the policy's zone alone. Midnight is a date that a loader gave a time. */
static void append_day(ph_connecting *call, sqlite3_str *sql, const ph_door_column *column) {
  if (!column->has_time || column->is_serial) {
    append_date(call, sql, column);
    return;
  }
  static const char with_time[] = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][ T]*";
  const char *name = column->found;
  sqlite3_str_appendf(sql, "CASE WHEN length(\"%w\") <> 10 AND ", name);
  append_date(call, sql, column);
  sqlite3_str_appendf(sql,
                      " GLOB '%s' AND (substr(\"%w\", 12, 5) = '00:00' OR substr(\"%w\", 17) NOT GLOB "
                      "'*[-+ZzU]*') THEN substr(",
                      with_time, name, name);
  append_date(call, sql, column);
  sqlite3_str_appendall(sql, ", 1, 10) ELSE ");
  append_date(call, sql, column);
  sqlite3_str_appendall(sql, " END");
}

void ph_connect_append_cell(ph_connecting *call, sqlite3_str *sql, const ph_door_column *column) {
  if (column->found == NULL) {
    sqlite3_str_appendall(sql, "NULL");
    return;
  }
  switch (column->kind) {
  case PH_CELL_BOOLEAN: ph_connect_append_boolean(sql, column->found); break;
  case PH_CELL_ID: append_id(call, sql, column); break;
  case PH_CELL_DATE: append_date(call, sql, column); break;
  case PH_CELL_DAY: append_day(call, sql, column); break;
  case PH_CELL_RAW: sqlite3_str_appendf(sql, "\"%w\"", column->found); break;
  case PH_CELL_AMOUNT:
    if (column->decimal != NULL && *column->decimal != 0) {
      sqlite3_str_appendf(sql, "coalesce(pipeline_amount(\"%w\", '%s'), nullif(\"%w\", ''))", column->found,
                          column->decimal, column->found);
      break;
    }
    /* fall through */
  default:
    if (column->has_no_empty) { /* as an expression: without the column's affinity and collation */
      sqlite3_str_appendf(sql, "+\"%w\" COLLATE BINARY", column->found);
    } else {
      append_text(sql, column->found);
    }
    break;
  }
}
