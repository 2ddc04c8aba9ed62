/*
** Looking back: did the verdicts of a day come true, and did coverage foretell attainment
** (specification, section 7)?
*/
#ifndef PH_MEASURE_BACKTEST_H
#define PH_MEASURE_BACKTEST_H

#include "coverage.h"
#include "forecast.h"

/* What became of the deals that had a verdict on the day, by today's data. Money in units. */
typedef struct ph_verdict_backtest_row {
  unsigned verdict;
  int64_t deals, won_deals, lost_deals, open_deals, amount, won_amount;
} ph_verdict_backtest_row;

/* A row for each verdict that was given on the day, in the order of verdicts. *rows is the caller's. */
void ph_verdict_backtest(ph_pipeline *pipeline, ph_day as_of, ph_verdict_backtest_row **rows, size_t *count,
                         ph_status *status);

/* A quota period that has ended, as it looked on a day of it. */
typedef struct ph_coverage_backtest_row {
  ph_coverage_row then;    /* on period_start + lead_days, at the latest on the last day */
  ph_forecast_range range; /* likewise; units */
  int64_t attained_amount; /* won in the whole period, as known on as_of */
} ph_coverage_backtest_row;

/* A row for each group (scope all, team or owner) and each quota period that ended on or before as_of, by
** name, start and end. *rows is the caller's. */
void ph_coverage_backtest(ph_pipeline *pipeline, ph_day as_of, ph_scope scope, int32_t lead_days,
                          ph_coverage_backtest_row **rows, size_t *count, ph_status *status);

#endif
