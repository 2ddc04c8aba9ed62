/*
** pipeline_integrity(as_of, scope): how much of the open amount is real (specification, section 5).
**
**     SELECT name, open_amount, real_amount, integrity FROM pipeline_integrity('2022-06-30', 'team');
**
** One row for each group that has an open deal, by name; for scope 'all' always one. Money is REAL, exact to
** 1/10,000; ratios are NULL where nothing is open.
*/
#include "../engine.h"
#include "../../measure/integrity.h"

enum {
  NAME,
  OPEN_DEALS,
  OPEN_AMOUNT,
  PROGRESSING_DEALS,
  PROGRESSING_AMOUNT,
  UNPROVEN_DEALS,
  UNPROVEN_AMOUNT,
  STALLED_DEALS,
  STALLED_AMOUNT,
  DEAD_DEALS,
  DEAD_AMOUNT,
  REAL_DEALS,
  REAL_AMOUNT,
  INTEGRITY,
  INTEGRITY_BY_COUNT,
  OVERDUE_DEALS,
  PUSHED_DEALS,
  GHOSTED_DEALS,
  PARKED_DEALS,
  AGED_DEALS,
  EXCLUDED_DEALS,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [NAME] = {"name", PH_COLUMN_TEXT, true},
    [OPEN_DEALS] = {"open_deals", PH_COLUMN_INTEGER, false},
    [OPEN_AMOUNT] = {"open_amount", PH_COLUMN_REAL, false},
    [PROGRESSING_DEALS] = {"progressing_deals", PH_COLUMN_INTEGER, false},
    [PROGRESSING_AMOUNT] = {"progressing_amount", PH_COLUMN_REAL, false},
    [UNPROVEN_DEALS] = {"unproven_deals", PH_COLUMN_INTEGER, false},
    [UNPROVEN_AMOUNT] = {"unproven_amount", PH_COLUMN_REAL, false},
    [STALLED_DEALS] = {"stalled_deals", PH_COLUMN_INTEGER, false},
    [STALLED_AMOUNT] = {"stalled_amount", PH_COLUMN_REAL, false},
    [DEAD_DEALS] = {"dead_deals", PH_COLUMN_INTEGER, false},
    [DEAD_AMOUNT] = {"dead_amount", PH_COLUMN_REAL, false},
    [REAL_DEALS] = {"real_deals", PH_COLUMN_INTEGER, false},
    [REAL_AMOUNT] = {"real_amount", PH_COLUMN_REAL, false},
    [INTEGRITY] = {"integrity", PH_COLUMN_REAL, false},
    [INTEGRITY_BY_COUNT] = {"integrity_by_count", PH_COLUMN_REAL, false},
    [OVERDUE_DEALS] = {"overdue_deals", PH_COLUMN_INTEGER, false},
    [PUSHED_DEALS] = {"pushed_deals", PH_COLUMN_INTEGER, false},
    [GHOSTED_DEALS] = {"ghosted_deals", PH_COLUMN_INTEGER, false},
    [PARKED_DEALS] = {"parked_deals", PH_COLUMN_INTEGER, false},
    [AGED_DEALS] = {"aged_deals", PH_COLUMN_INTEGER, false},
    [EXCLUDED_DEALS] = {"excluded_deals", PH_COLUMN_INTEGER, false},
};

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_ANY_SCOPE}};

static void fill(ph_query *query) {
  ph_integrity_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_integrity_on(query->pipeline, query->arguments[0], (ph_scope)query->arguments[1], query->asked_once,
                  &rows, &query->row_count, query->status);
  query->rows = rows;
}

static bool visit(ph_query *query) {
  const ph_integrity_row *row = ph_query_row(query);
  return ph_filter_passes_name(query, NAME, row->name);
}

static void value(ph_query *query, int column) {
  const ph_integrity_row *row = ph_query_row(query);
  switch (column) {
  case NAME: ph_result_name(query, row->name); break;
  case OPEN_DEALS: ph_result_integer(query, row->open_deals); break;
  case OPEN_AMOUNT: ph_result_money(query, row->open_amount); break;
  case PROGRESSING_DEALS: ph_result_integer(query, row->deals[PH_VERDICT_PROGRESSING]); break;
  case PROGRESSING_AMOUNT: ph_result_money(query, row->amount[PH_VERDICT_PROGRESSING]); break;
  case UNPROVEN_DEALS: ph_result_integer(query, row->deals[PH_VERDICT_UNPROVEN]); break;
  case UNPROVEN_AMOUNT: ph_result_money(query, row->amount[PH_VERDICT_UNPROVEN]); break;
  case STALLED_DEALS: ph_result_integer(query, row->deals[PH_VERDICT_STALLED]); break;
  case STALLED_AMOUNT: ph_result_money(query, row->amount[PH_VERDICT_STALLED]); break;
  case DEAD_DEALS: ph_result_integer(query, row->deals[PH_VERDICT_DEAD]); break;
  case DEAD_AMOUNT: ph_result_money(query, row->amount[PH_VERDICT_DEAD]); break;
  case REAL_DEALS: ph_result_integer(query, row->real_deals); break;
  case REAL_AMOUNT: ph_result_money(query, row->real_amount); break;
  case INTEGRITY: ph_result_ratio(query, (double)row->real_amount, (double)row->open_amount); break;
  case INTEGRITY_BY_COUNT: ph_result_ratio(query, (double)row->real_deals, (double)row->open_deals); break;
  case OVERDUE_DEALS: ph_result_integer(query, row->reason_deals[PH_REASON_OVERDUE]); break;
  case PUSHED_DEALS: ph_result_integer(query, row->reason_deals[PH_REASON_PUSHED]); break;
  case GHOSTED_DEALS: ph_result_integer(query, row->reason_deals[PH_REASON_GHOSTED]); break;
  case PARKED_DEALS: ph_result_integer(query, row->reason_deals[PH_REASON_PARKED]); break;
  case AGED_DEALS: ph_result_integer(query, row->reason_deals[PH_REASON_AGED]); break;
  case EXCLUDED_DEALS: ph_result_integer(query, query->pipeline->history.excluded_deals); break;
  default: break;
  }
}

const ph_table ph_table_pipeline_integrity = {.name = "pipeline_integrity",
                                              .columns = columns,
                                              .column_count = COLUMNS,
                                              .arguments = arguments,
                                              .argument_count = 2,
                                              .rows_estimate = 100,
                                              .fill = fill,
                                              .visit = visit,
                                              .value = value};
