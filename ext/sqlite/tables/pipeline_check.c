/*
** pipeline_check(as_of): what is wrong with the sources, and which rules are off for lack of data
** (specification, section 9).
**
**     SELECT source, problem, severity, rows, amount, example, meaning FROM pipeline_check('2022-06-30');
**
** One row for each problem found, by source in the order deal, event, stage, quota, rate, holiday, then the
** rows of pipeline_import. severity: 'error' = the row is left out, 'warning' = it is used with an
** assumption, 'info' = good to know. `rows` are rows of the source; of a rule that is off, the open deals of
** as_of that it concerns. `amount` is the money of the deals concerned, each counted once, as it stands last
** and by the last rate; of a rule, as it was on as_of. NULL where no deals are concerned, where currencies
** cannot be added and where the sum does not fit. The example is a deal_id or a value, the same in any order
** of the source rows.
*/
#include "../engine.h"
#include "../store.h"
#include "../../measure/check.h"

#include <string.h>

enum { AS_OF };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0}};

/* A problem that was found. */
typedef struct found_problem {
  ph_problem_descriptor is;
  int64_t rows;
  bool has_amount;
  int64_t amount;
  const char *example; /* NULL where there is none */
} found_problem;

/* What the texts of the rows are kept in. */
typedef struct found_texts {
  ph_problems problems;
  ph_arena imported;
} found_texts;

static void show_amount(ph_query *query, const void *row) {
  const found_problem *found = row;
  if (found->has_amount) ph_result_money(query, found->amount);
}

static const ph_column columns[] = {
    PH_TEXT_COLUMN("source", found_problem, is.source),
    PH_TEXT_COLUMN("problem", found_problem, is.name),
    PH_CHOICE_COLUMN("severity", found_problem, is.severity, ph_severity_names),
    PH_INTEGER_COLUMN("rows", found_problem, rows),
    PH_WORKED_OUT_COLUMN("amount", PH_COLUMN_REAL, show_amount),
    PH_TEXT_COLUMN("example", found_problem, example),
    PH_TEXT_COLUMN("meaning", found_problem, is.meaning),
};

/* The sum of a problem's deals; false where it means nothing or does not fit. */
static bool amount_of(const ph_query *query, const ph_problem_count *count, int64_t *amount) {
  ph_status status;
  if (!count->has_amount || query->pipeline->history.mixes_currencies) return false;
  ph_status_begin(&status, query->status->memory);
  *amount = ph_money_value(&count->amount, query->table->name, &status);
  return !ph_failed(&status);
}

static void add_problems(ph_query *query, const ph_problems *problems) {
  found_problem *rows = query->rows;
  for (int problem = 0; problem < PH_PROBLEM_COUNT; problem++) {
    const ph_problem_count *count = &problems->counts[problem];
    if (!ph_problem_is_found(problems, (ph_problem)problem)) continue;
    found_problem *row = &rows[query->row_count++];
    *row = (found_problem){.is = ph_problem_descriptors[problem], .rows = count->rows};
    row->has_amount = amount_of(query, count, &row->amount);
    if (count->example[0] != 0) row->example = count->example;
  }
}

static void add_imported(ph_query *query, const ph_import_row *imported, size_t count) {
  found_problem *rows = query->rows;
  for (size_t index = 0; index < count; index++) {
    const ph_import_row *row = &imported[index];
    rows[query->row_count++] = (found_problem){{"pipeline_import", row->problem, row->severity, row->meaning},
                                               row->rows,
                                               row->has_amount,
                                               row->amount,
                                               row->example};
  }
}

/* A store that is not used is no problem of the figures, but one of their speed. */
static void add_store(ph_query *query) {
  found_texts *texts = query->state;
  if (ph_store_look(query->connection, query->sources, query->status) || ph_failed(query->status)) return;
  const char *said = query->connection->store;
  said = ph_arena_copy(&texts->imported, said, strlen(said), query->status);
  found_problem *rows = query->rows;
  rows[query->row_count++] =
      (found_problem){{"pipeline_store", "not used", PH_SEVERITY_INFO, said}, .rows = 0};
}

static void fill(ph_query *query) {
  ph_connection *connection = query->connection;
  found_texts *texts = ph_allocate_zeroed(query->status, 1, sizeof *texts);
  ph_import_row *imported = NULL;
  size_t count = 0;
  query->state = texts;
  if (texts == NULL) return;
  texts->problems = query->pipeline->history.problems;
  ph_arena_begin(&texts->imported, query->status->memory);
  connection->checks_sources = true;
  ph_sources_check(connection->db, query->sources, &texts->problems, query->status);
  ph_sources_read_import(connection->db, query->sources, &texts->imported, &imported, &count, query->status);
  connection->checks_sources = false;
  ph_check_history(query->pipeline, query->arguments[AS_OF], &texts->problems, query->status);
  query->rows = ph_allocate(query->status, PH_PROBLEM_COUNT + count + 1, sizeof(found_problem));
  if (!ph_failed(query->status)) {
    add_problems(query, &texts->problems);
    add_imported(query, imported, count);
    add_store(query);
  }
  ph_release(query->status->memory, imported);
}

static void end(ph_query *query) {
  found_texts *texts = query->state;
  if (texts == NULL) return;
  ph_arena_end(&texts->imported);
  ph_release(query->status->memory, texts);
}

const ph_table ph_table_pipeline_check = {
    .name = "pipeline_check",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .needs = PH_NEEDS_SOURCES,
    .rows_estimate = 20,
    .row_size = sizeof(found_problem),
    .fill = fill,
    .end = end,
};
