/*
** pipeline_check: what is wrong with the sources, and which rules are off for lack of data (specification,
** section 9).
**
**     SELECT source, problem, severity, rows, example FROM pipeline_check;
**
** One row for each problem found, by source in the order deal, event, stage, quota. severity: 'error' = the
** row is left out, 'warning' = it is used with an assumption, 'info' = good to know. The example is a deal_id
** or a value, the same in any order of the source rows.
*/
#include "../engine.h"
#include "../../measure/check.h"

#include <string.h>

enum { SOURCE, PROBLEM, SEVERITY, ROWS, EXAMPLE, MEANING, COLUMNS };

static const ph_column columns[COLUMNS] = {
    [SOURCE] = {"source", PH_COLUMN_TEXT, false},     [PROBLEM] = {"problem", PH_COLUMN_TEXT, false},
    [SEVERITY] = {"severity", PH_COLUMN_TEXT, false}, [ROWS] = {"rows", PH_COLUMN_INTEGER, false},
    [EXAMPLE] = {"example", PH_COLUMN_TEXT, false},   [MEANING] = {"meaning", PH_COLUMN_TEXT, false},
};

static void fill(ph_query *query) {
  ph_problems *problems = ph_allocate(query->status, 1, sizeof *problems);
  query->rows = problems;
  if (problems == NULL) return;
  *problems = query->pipeline->history.problems;
  ph_check_history(&query->pipeline->history, problems, query->status);
  ph_sources_check_bulk_edits(query->connection->db, query->sources, problems, query->status);
  query->row_count = PH_PROBLEM_COUNT;
}

static bool visit(ph_query *query) {
  const ph_problems *problems = query->rows;
  return problems->counts[query->row].rows > 0;
}

static void value(ph_query *query, int column) {
  const ph_problem_count *count = &((const ph_problems *)query->rows)->counts[query->row];
  const ph_problem_descriptor *descriptor = &ph_problem_descriptors[query->row];
  switch (column) {
  case SOURCE: ph_result_text(query, descriptor->source); break;
  case PROBLEM: ph_result_text(query, descriptor->name); break;
  case SEVERITY: ph_result_text(query, ph_severity_names[descriptor->severity]); break;
  case ROWS: ph_result_integer(query, count->rows); break;
  case EXAMPLE:
    if (count->example[0] != 0) ph_result_text(query, count->example);
    break;
  case MEANING: ph_result_text(query, descriptor->meaning); break;
  default: break;
  }
}

const ph_table ph_table_pipeline_check = {.name = "pipeline_check",
                                          .columns = columns,
                                          .column_count = COLUMNS,
                                          .rows_estimate = 20,
                                          .fill = fill,
                                          .visit = visit,
                                          .value = value};
