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

/* A problem that was found. */
typedef struct found_problem {
  ph_problem_descriptor is;
  int64_t rows;
  const char *example; /* NULL where there is none */
} found_problem;

static const ph_column columns[] = {
    PH_TEXT_COLUMN("source", found_problem, is.source),
    PH_TEXT_COLUMN("problem", found_problem, is.name),
    PH_CHOICE_COLUMN("severity", found_problem, is.severity, ph_severity_names),
    PH_INTEGER_COLUMN("rows", found_problem, rows),
    PH_TEXT_COLUMN("example", found_problem, example),
    PH_TEXT_COLUMN("meaning", found_problem, is.meaning),
};

static void fill(ph_query *query) {
  ph_problems *problems = ph_allocate(query->status, 1, sizeof *problems);
  found_problem *rows = ph_allocate(query->status, PH_PROBLEM_COUNT, sizeof *rows);
  query->state = problems;
  query->rows = rows;
  if (problems == NULL || rows == NULL) return;
  *problems = query->pipeline->history.problems;
  ph_check_history(&query->pipeline->history, problems, query->status);
  ph_sources_check_bulk_edits(query->connection->db, query->sources, problems, query->status);
  for (int problem = 0; problem < PH_PROBLEM_COUNT; problem++) {
    const ph_problem_count *count = &problems->counts[problem];
    if (count->rows > 0)
      rows[query->row_count++] = (found_problem){ph_problem_descriptors[problem], count->rows,
                                                 count->example[0] != 0 ? count->example : NULL};
  }
}

static void end(ph_query *query) {
  if (query->state != NULL) ph_release(query->status->memory, query->state);
}

const ph_table ph_table_pipeline_check = {
    .name = "pipeline_check",
    PH_COLUMNS(columns),
    .rows_estimate = 20,
    .row_size = sizeof(found_problem),
    .fill = fill,
    .end = end,
};
