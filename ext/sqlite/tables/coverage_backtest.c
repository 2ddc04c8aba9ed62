/*
** coverage_backtest(as_of, scope, lead_days): did coverage foretell attainment (specification, section 7)?
**
**     SELECT name, period_start, claimed_coverage, real_coverage, attainment
**     FROM coverage_backtest('2022-12-31', 'team');
**
** scope: 'all', 'team' or 'owner'; lead_days: 21 by default. One row for each group and each quota period
** that ended on or before as_of, by name, period_start, period_end. Coverage and chance are those of
** period_start + lead_days (of the period's last day at the latest), with nothing that was learned later;
** what was attained is as known on as_of.
*/
#include "../engine.h"
#include "../../measure/backtest.h"

enum {
  NAME,
  PERIOD_START,
  PERIOD_END,
  QUOTA,
  CLAIMED_COVERAGE,
  REAL_COVERAGE,
  HIT_PROBABILITY,
  ATTAINED_AMOUNT,
  ATTAINMENT,
  HIT,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [NAME] = {"name", PH_COLUMN_TEXT, true},
    [PERIOD_START] = {"period_start", PH_COLUMN_TEXT, false},
    [PERIOD_END] = {"period_end", PH_COLUMN_TEXT, false},
    [QUOTA] = {"quota", PH_COLUMN_REAL, false},
    [CLAIMED_COVERAGE] = {"claimed_coverage", PH_COLUMN_REAL, false},
    [REAL_COVERAGE] = {"real_coverage", PH_COLUMN_REAL, false},
    [HIT_PROBABILITY] = {"hit_probability", PH_COLUMN_REAL, false},
    [ATTAINED_AMOUNT] = {"attained_amount", PH_COLUMN_REAL, false},
    [ATTAINMENT] = {"attainment", PH_COLUMN_REAL, false},
    [HIT] = {"hit", PH_COLUMN_INTEGER, false},
};

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES},
                                        {"lead_days", PH_ARGUMENT_DAYS, false, 21, 0}};

static void fill(ph_query *query) {
  ph_coverage_backtest_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_coverage_backtest(query->pipeline, query->arguments[0], (ph_scope)query->arguments[1],
                       query->arguments[2], &rows, &query->row_count, query->status);
  query->rows = rows;
}

static bool visit(ph_query *query) {
  const ph_coverage_backtest_row *row = ph_query_row(query);
  return ph_filter_passes_name(query, NAME, row->then.group.name);
}

static void value(ph_query *query, int column) {
  const ph_coverage_backtest_row *row = ph_query_row(query);
  const ph_group_quota *group = &row->then.group;
  switch (column) {
  case NAME: ph_result_name(query, group->name); break;
  case PERIOD_START: ph_result_day(query, group->period.start); break;
  case PERIOD_END: ph_result_day(query, group->period.end); break;
  case QUOTA: ph_result_money(query, group->quota); break;
  case CLAIMED_COVERAGE: ph_result_real(query, row->then.claimed_coverage); break;
  case REAL_COVERAGE: ph_result_real(query, row->then.real_coverage); break;
  case HIT_PROBABILITY:
    if (row->expectation.known) ph_result_real(query, row->expectation.hit_probability);
    break;
  case ATTAINED_AMOUNT: ph_result_money(query, row->attained_amount); break;
  case ATTAINMENT: ph_result_ratio(query, (double)row->attained_amount, (double)group->quota); break;
  case HIT: ph_result_integer(query, row->attained_amount >= group->quota); break;
  default: break;
  }
}

const ph_table ph_table_coverage_backtest = {.name = "coverage_backtest",
                                             .columns = columns,
                                             .column_count = COLUMNS,
                                             .arguments = arguments,
                                             .argument_count = 3,
                                             .rows_estimate = 100,
                                             .fill = fill,
                                             .visit = visit,
                                             .value = value};
