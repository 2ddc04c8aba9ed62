/*
** pipeline_opening(as_of, scope): how many new deals the quota still needs, and whether their number is the
** problem at all (specification, section 8).
**
**     SELECT name, gap_amount, proven_share, needed_deals, needed_deals_at_target, diagnosis
**     FROM pipeline_opening('2022-07-07', 'team');
**
** scope: 'all', 'team' or 'owner'. One row for each group and each quota period that contains as_of, by name,
** period_start, period_end. expected_amount is that of real_coverage; gap_amount is rounded to 1/10,000, and
** needed_deals is the exact ceiling from there. Where there is too little history for a figure it is NULL,
** and so is what follows from it. A hidden column, target_share, is the proven_share that needed_deals_at_target
** and the diagnosis compare with: the same in every row.
*/
#include "../engine.h"
#include "../../measure/opening.h"

enum {
  NAME,
  PERIOD_START,
  PERIOD_END,
  REMAINING,
  EXPECTED_AMOUNT,
  GAP_AMOUNT,
  OPENED_DEALS,
  PROVEN_SHARE,
  WIN_SHARE,
  AVERAGE_WON_AMOUNT,
  CYCLE_DAYS,
  NEEDED_DEALS,
  NEEDED_DEALS_AT_TARGET,
  FIRST_MEETINGS_SAVED,
  NEEDED_PER_WEEK,
  OPENED_PER_WEEK,
  DIAGNOSIS,
  COLUMNS,
  TARGET_SHARE = COLUMNS,
  ALL_COLUMNS
};

static const ph_column columns[ALL_COLUMNS] = {
    [NAME] = {"name", PH_COLUMN_TEXT, true},
    [PERIOD_START] = {"period_start", PH_COLUMN_TEXT, false},
    [PERIOD_END] = {"period_end", PH_COLUMN_TEXT, false},
    [REMAINING] = {"remaining", PH_COLUMN_REAL, false},
    [EXPECTED_AMOUNT] = {"expected_amount", PH_COLUMN_REAL, false},
    [GAP_AMOUNT] = {"gap_amount", PH_COLUMN_REAL, false},
    [OPENED_DEALS] = {"opened_deals", PH_COLUMN_INTEGER, false},
    [PROVEN_SHARE] = {"proven_share", PH_COLUMN_REAL, false},
    [WIN_SHARE] = {"win_share", PH_COLUMN_REAL, false},
    [AVERAGE_WON_AMOUNT] = {"average_won_amount", PH_COLUMN_REAL, false},
    [CYCLE_DAYS] = {"cycle_days", PH_COLUMN_REAL, false},
    [NEEDED_DEALS] = {"needed_deals", PH_COLUMN_INTEGER, false},
    [NEEDED_DEALS_AT_TARGET] = {"needed_deals_at_target", PH_COLUMN_INTEGER, false},
    [FIRST_MEETINGS_SAVED] = {"first_meetings_saved", PH_COLUMN_INTEGER, false},
    [NEEDED_PER_WEEK] = {"needed_per_week", PH_COLUMN_REAL, false},
    [OPENED_PER_WEEK] = {"opened_per_week", PH_COLUMN_REAL, false},
    [DIAGNOSIS] = {"diagnosis", PH_COLUMN_TEXT, false},
    [TARGET_SHARE] = {"target_share", PH_COLUMN_REAL, false},
};

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES}};

static void fill(ph_query *query) {
  ph_opening_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_opening_on(query->pipeline, query->arguments[0], (ph_scope)query->arguments[1], &rows, &query->row_count,
                query->status);
  query->rows = rows;
}

/* NULL where nothing is known. */
static void result_count(ph_query *query, int64_t count) {
  if (count != PH_UNKNOWN_COUNT) ph_result_integer(query, count);
}

static void result_gap(ph_query *query, int64_t gap) {
  if (gap != PH_UNKNOWN_COUNT) ph_result_money(query, gap);
}

static bool visit(ph_query *query) {
  const ph_opening_row *row = ph_query_row(query);
  return ph_filter_passes_name(query, NAME, row->group.name);
}

static void value(ph_query *query, int column) {
  const ph_opening_row *row = ph_query_row(query);
  switch (column) {
  case NAME: ph_result_name(query, row->group.name); break;
  case PERIOD_START: ph_result_day(query, row->group.period.start); break;
  case PERIOD_END: ph_result_day(query, row->group.period.end); break;
  case REMAINING: ph_result_money(query, row->remaining); break;
  case EXPECTED_AMOUNT: ph_result_real(query, row->expected_units / PH_UNITS_PER_ONE); break;
  case GAP_AMOUNT: result_gap(query, row->gap); break;
  case OPENED_DEALS: ph_result_integer(query, row->opened_deals); break;
  case PROVEN_SHARE: ph_result_real(query, row->proven_share); break;
  case WIN_SHARE: ph_result_real(query, row->win_share); break;
  case AVERAGE_WON_AMOUNT: ph_result_real(query, row->average_won_units / PH_UNITS_PER_ONE); break;
  case CYCLE_DAYS: ph_result_real(query, row->cycle_days); break;
  case NEEDED_DEALS: result_count(query, row->needed_deals); break;
  case NEEDED_DEALS_AT_TARGET: result_count(query, row->needed_deals_at_target); break;
  case FIRST_MEETINGS_SAVED: result_count(query, row->first_meetings_saved); break;
  case NEEDED_PER_WEEK: ph_result_real(query, row->needed_per_week); break;
  case OPENED_PER_WEEK: ph_result_real(query, row->opened_per_week); break;
  case TARGET_SHARE: ph_result_real(query, row->target_share); break;
  case DIAGNOSIS: ph_result_text(query, ph_diagnosis_names[row->diagnosis]); break;
  default: break;
  }
}

const ph_table ph_table_pipeline_opening = {.name = "pipeline_opening",
                                            .columns = columns,
                                            .column_count = COLUMNS,
                                            .hidden_count = ALL_COLUMNS - COLUMNS,
                                            .arguments = arguments,
                                            .argument_count = 2,
                                            .rows_estimate = 100,
                                            .fill = fill,
                                            .visit = visit,
                                            .value = value};
