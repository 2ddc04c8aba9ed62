/* What pipeline_check asks the sources by SQL of its own. See source.h. */
#include "source_internal.h"

#define IMPORT "pipeline_import"

/* A date without a time, as text or as the Julian day of its beginning, tells no instant. */
static void check_bulk_edits(sqlite3 *db, const ph_place *events, ph_problems *problems, ph_status *status) {
  char *sql = sqlite3_mprintf("SELECT CAST(at AS TEXT), count(*) FROM \"%w\".\"%w\" "
                              "WHERE lower(kind) IN ('stage', 'amount', 'close_date', 'owner', 'forecast') "
                              "AND at NOT LIKE '____-__-__' AND at NOT LIKE '_______.5' "
                              "GROUP BY at HAVING count(DISTINCT deal_id) >= 20",
                              events->schema, events->name);
  sqlite3_stmt *statement = ph_source_prepare(db, sql, events->name, status);
  sqlite3_free(sql);
  while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW && !ph_failed(status)) {
    ph_value example = ph_host_value(sqlite3_column_value(statement, 0));
    ph_problem_add_value_rows(problems, PH_EVENT_BULK_EDIT, sqlite3_column_int64(statement, 1), &example,
                              status);
  }
  ph_source_finalize(db, statement, events->name, status);
}

/* One form for the spellings of an id: Salesforce writes it with 15 or 18 characters, spreadsheets make
** 41.0 of 41. */
#define ONE_FORM                                                                                             \
  "CASE WHEN length(id) IN (15, 18) AND id GLOB '*[A-Za-z]*' THEN substr(id, 1, 15) "                        \
  "WHEN id GLOB '*.0' THEN ltrim(substr(id, 1, length(id) - 2), '+-') ELSE ltrim(id, '+-') END"

/* Each relation stands in it once: SQLite 3.54 refuses a statement of a thousand cursors, and a view of a
** door has many. */
static void check_ids(sqlite3 *db, const ph_place *deals, const ph_place *events, ph_problems *problems,
                      ph_status *status) {
  char *sql = sqlite3_mprintf(
      "WITH deal AS MATERIALIZED (SELECT DISTINCT CAST(d.deal_id AS TEXT) AS id FROM \"%w\".\"%w\" AS d), "
      "event AS (SELECT CAST(e.deal_id AS TEXT) AS id, count(*) AS events FROM \"%w\".\"%w\" AS e GROUP BY "
      "1), "
      "unknown AS MATERIALIZED (SELECT id, events, " ONE_FORM
      " AS form FROM event WHERE id <> '' AND id NOT IN (SELECT id FROM deal WHERE id IS NOT NULL)) "
      "SELECT id, events FROM unknown WHERE form IN (SELECT " ONE_FORM " FROM deal)",
      deals->schema, deals->name, events->schema, events->name);
  sqlite3_stmt *statement = ph_source_prepare(db, sql, events->name, status);
  sqlite3_free(sql);
  while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW && !ph_failed(status)) {
    ph_value id = ph_host_value(sqlite3_column_value(statement, 0));
    ph_problem_add_value_rows(problems, PH_EVENT_DEAL_WRITTEN_OTHERWISE, sqlite3_column_int64(statement, 1),
                              &id, status);
  }
  ph_source_finalize(db, statement, events->name, status);
}

void ph_sources_check(sqlite3 *db, const ph_sources *sources, ph_problems *problems, ph_status *status) {
  ph_place deals = ph_source_find_relation(db, sources, PH_RELATION_DEAL, status);
  ph_place events = ph_source_find_relation(db, sources, PH_RELATION_EVENT, status);
  if (ph_failed(status) || deals.schema == NULL || events.schema == NULL) return;
  check_bulk_edits(db, &events, problems, status);
  if (problems->counts[PH_EVENT_DEAL_UNKNOWN].rows > 0) check_ids(db, &deals, &events, problems, status);
}

/* ------------------------------------------------------------------------------------------
** pipeline_import */

enum { PROBLEM, SEVERITY, ROWS, AMOUNT, EXAMPLE, MEANING };

static const char *copy_text(sqlite3_stmt *statement, int column, ph_arena *texts, ph_status *status) {
  if (sqlite3_column_type(statement, column) == SQLITE_NULL) return NULL;
  const char *text = (const char *)sqlite3_column_text(statement, column);
  if (text == NULL) {
    ph_fail_memory(status);
    return NULL;
  }
  return ph_arena_copy(texts, text, (size_t)sqlite3_column_bytes(statement, column), status);
}

static void refuse(sqlite3_stmt *statement, int column, const char *expected, ph_status *status) {
  char shown[PH_VALUE_SHOWN_BYTES];
  ph_value value = ph_host_value(sqlite3_column_value(statement, column));
  ph_fail(status, IMPORT ": %s is %s (expected %s)", sqlite3_column_name(statement, column),
          ph_value_show(&value, shown), expected);
}

static ph_severity read_severity(sqlite3_stmt *statement, ph_status *status) {
  ph_value value = ph_host_value(sqlite3_column_value(statement, SEVERITY));
  for (int severity = PH_SEVERITY_ERROR; severity <= PH_SEVERITY_INFO; severity++)
    if (value.type == PH_TEXT &&
        ph_text_equals_any_case(value.text, value.length, ph_severity_names[severity]))
      return (ph_severity)severity;
  refuse(statement, SEVERITY, "'error', 'warning' or 'info'", status);
  return PH_SEVERITY_ERROR;
}

static ph_import_row read_row(sqlite3_stmt *statement, ph_arena *texts, ph_status *status) {
  ph_import_row row = {.severity = read_severity(statement, status)};
  ph_value value = ph_host_value(sqlite3_column_value(statement, ROWS));
  if (value.type != PH_NULL && !ph_value_to_integer(&value, &row.rows))
    refuse(statement, ROWS, "a whole number", status);
  value = ph_host_value(sqlite3_column_value(statement, AMOUNT));
  row.has_amount = value.type != PH_NULL;
  if (row.has_amount && !ph_value_to_money(&value, &row.amount))
    refuse(statement, AMOUNT, "a number", status);
  if (sqlite3_column_type(statement, PROBLEM) == SQLITE_NULL) refuse(statement, PROBLEM, "a text", status);
  row.problem = copy_text(statement, PROBLEM, texts, status);
  row.example = copy_text(statement, EXAMPLE, texts, status);
  row.meaning = copy_text(statement, MEANING, texts, status);
  return row;
}

void ph_sources_read_import(sqlite3 *db, const ph_sources *sources, ph_arena *texts, ph_import_row **rows,
                            size_t *count, ph_status *status) {
  size_t capacity = 0;
  *rows = NULL;
  *count = 0;
  if (ph_failed(status)) return;
  ph_place at = ph_source_find(db, sources, IMPORT, status);
  if (at.schema == NULL || ph_failed(status)) return;
  char *sql = sqlite3_mprintf(
      "SELECT i.problem AS problem, i.severity AS severity, i.rows AS rows, i.amount AS amount, "
      "i.example AS example, i.meaning AS meaning FROM \"%w\".\"%w\" AS i "
      "ORDER BY i.problem COLLATE BINARY, i.severity COLLATE BINARY, i.example COLLATE BINARY, "
      "i.meaning COLLATE BINARY, i.rows, i.amount",
      at.schema, at.name);
  sqlite3_stmt *statement = ph_source_prepare(db, sql, IMPORT, status);
  sqlite3_free(sql);
  while (statement != NULL && !ph_failed(status) && sqlite3_step(statement) == SQLITE_ROW) {
    ph_import_row row = read_row(statement, texts, status);
    if (ph_reserve(status, (void **)rows, &capacity, *count + 1, sizeof row)) (*rows)[(*count)++] = row;
  }
  ph_source_finalize(db, statement, IMPORT, status);
}
