/*
** Commit: what the sellers claim for a quota period, by forecast category, against the verdicts
** (specification, section 5, pipeline_commit and commit_backtest).
*/
#ifndef PH_MEASURE_COMMIT_H
#define PH_MEASURE_COMMIT_H

#include "claimed_deal.h"

/* The claimed deals of a group, period and category. Money in units. */
typedef struct ph_commit_row {
  ph_group_quota group;
  ph_forecast_category category; /* PH_CATEGORY_COUNT: none of the five */
  int64_t deals, amount, real_amount;
  int64_t amount_of_verdict[PH_VERDICT_COUNT];
  int64_t overdue_amount;
  int64_t at_risk_amount; /* stalled or dead */
  double expected_units;  /* the sum of chance × amount; NaN where a deal has no chance */
} ph_commit_row;

/* A row for each group and quota period that has not ended before the day and each category among its
** claimed deals, by name, start, end and category (none first): a new block in *rows, the caller's. Scope:
** all, team or owner. */
void ph_commit_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_commit_row **rows, size_t *count,
                  ph_status *status);

/* What became of them by the end of the period. Money in units; NaN where there is no deal. */
typedef struct ph_commit_backtest_row {
  ph_group_quota group;
  ph_forecast_category category;
  int64_t deals, amount;
  int64_t won_deals, won_amount; /* at the closing; the others at the day of the claim */
  int64_t slipped_deals, slipped_amount;
  int64_t lost_deals, lost_amount;
  double conversion, low, high; /* won over all; Wilson interval at 95 % */
  int64_t bluebird_amount;      /* of no category: won in the period later and not claimed on that day */
} ph_commit_backtest_row;

/* The same for each quota period that ended on or before the day, claimed lead_days after its start, at
** its end at the latest. The row of no category is there, too, when nothing but bluebirds is in it. No
** rows when the source has no changes of the category, for today's says nothing of then. */
void ph_commit_backtest(ph_pipeline *pipeline, ph_day as_of, ph_scope scope, int32_t lead_days,
                        ph_commit_backtest_row **rows, size_t *count, ph_status *status);

#endif
