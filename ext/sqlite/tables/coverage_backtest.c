/*
** coverage_backtest(as_of, scope, lead_days): did coverage foretell attainment (specification, section 7)?
**
**     SELECT name, period_start, claimed_coverage, real_coverage, attainment
**     FROM coverage_backtest('2022-12-31', 'team');
**
** scope: 'all', 'team' or 'owner'; lead_days: 21 by default. One row for each group and each quota period
** that ended on or before as_of, by name, period_start, period_end. Coverage and forecast are those of
** period_start + lead_days (of the period's last day at the latest), with nothing that was learned later;
** what was attained is as known on as_of. within: 1 where it lies between p10 and p90.
*/
#include "../engine.h"
#include "../../base/statistics.h"
#include "../../measure/backtest.h"

static void show_attainment(ph_query *query, const void *at) {
  const ph_coverage_backtest_row *row = at;
  ph_result_ratio(query, (double)row->attained_amount, (double)row->then.group.quota);
}

static void show_hit(ph_query *query, const void *at) {
  const ph_coverage_backtest_row *row = at;
  ph_result_integer(query, row->attained_amount >= row->then.group.quota);
}

static void show_within(ph_query *query, const void *at) {
  const ph_coverage_backtest_row *row = at;
  double attained = (double)row->attained_amount;
  if (!ph_is_nan(row->range.p10))
    ph_result_integer(query, row->range.p10 <= attained && attained <= row->range.p90);
}

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_coverage_backtest_row, then.group.name),
    PH_DAY_COLUMN("period_start", ph_coverage_backtest_row, then.group.period.start),
    PH_DAY_COLUMN("period_end", ph_coverage_backtest_row, then.group.period.end),
    PH_MONEY_COLUMN("quota", ph_coverage_backtest_row, then.group.quota),
    PH_REAL_COLUMN("claimed_coverage", ph_coverage_backtest_row, then.claimed_coverage),
    PH_REAL_COLUMN("real_coverage", ph_coverage_backtest_row, then.real_coverage),
    PH_UNITS_COLUMN("expected_amount", ph_coverage_backtest_row, range.expected),
    PH_UNITS_COLUMN("p10", ph_coverage_backtest_row, range.p10),
    PH_UNITS_COLUMN("p50", ph_coverage_backtest_row, range.p50),
    PH_UNITS_COLUMN("p90", ph_coverage_backtest_row, range.p90),
    PH_REAL_COLUMN("hit_probability", ph_coverage_backtest_row, range.hit_probability),
    PH_MONEY_COLUMN("attained_amount", ph_coverage_backtest_row, attained_amount),
    PH_WORKED_OUT_COLUMN("attainment", PH_COLUMN_REAL, show_attainment),
    PH_WORKED_OUT_COLUMN("hit", PH_COLUMN_INTEGER, show_hit),
    PH_WORKED_OUT_COLUMN("within", PH_COLUMN_INTEGER, show_within),
};

enum { AS_OF, SCOPE, LEAD_DAYS };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES},
                                        {"lead_days", PH_ARGUMENT_DAYS, false, 21, 0}};

static void fill(ph_query *query) {
  ph_coverage_backtest_row *rows = NULL;
  ph_coverage_backtest(query->pipeline, query->arguments[AS_OF], (ph_scope)query->arguments[SCOPE],
                       query->arguments[LEAD_DAYS], &rows, &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_coverage_backtest = {
    .name = "coverage_backtest",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_coverage_backtest_row),
    .fill = fill,
};
