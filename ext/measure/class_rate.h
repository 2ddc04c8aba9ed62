/*
** Class rates: how often a deal of a reference class was won in time, on one day and for one horizon
** (specification, section 6).
*/
#ifndef PH_MEASURE_CLASS_RATE_H
#define PH_MEASURE_CLASS_RATE_H

#include "class_run.h"

/* Counts of one class. Every day t <= as_of - horizon on which a deal was open in the class is a deal-day; it
** is a won one when the deal was won in (t, t + horizon]. */
typedef struct ph_class_counts {
  int64_t deals; /* different ones */
  int64_t deal_days, won_days;
} ph_class_counts;

typedef struct ph_win_rates {
  const ph_memory *memory;
  ph_day as_of;
  int32_t horizon_days;
  int64_t min_class_deals;
  ph_class_counts *classes; /* by class */
  size_t stage_count;
  ph_class_counts verdicts[PH_VERDICT_COUNT], all;
} ph_win_rates;

/* Counts in closed form over the runs, without a loop over days. Owns its memory; must be ended in any
** case. */
void ph_win_rates_begin(ph_win_rates *rates, const ph_class_runs *runs, int64_t min_class_deals, ph_day as_of,
                        int32_t horizon_days, ph_status *status);
void ph_win_rates_end(ph_win_rates *rates);

/* Won days over deal-days; NaN without a deal-day. */
double ph_class_rate(const ph_class_counts *counts);

/* The win rate of an open deal: that of its class where it has min_class_deals deals, else that of its
** verdict, else that of all; NaN where nothing is known. `stage_place` counts from 0. */
double ph_win_rate_of(const ph_win_rates *rates, size_t stage_place, unsigned verdict);

/* The rates of the days and horizons asked for lately: a backtest asks for a few of them again and again. */
enum { PH_MOST_WIN_RATES_KEPT = 256 };
typedef struct ph_kept_win_rates {
  const ph_memory *memory;
  ph_win_rates *rates;
  size_t count, capacity;
} ph_kept_win_rates;

/* NULL on failure. Valid until the next call. */
const ph_win_rates *ph_kept_win_rates_get(ph_kept_win_rates *kept, const ph_class_runs *runs,
                                          int64_t min_class_deals, ph_day as_of, int32_t horizon_days,
                                          ph_status *status);
void ph_kept_win_rates_end(ph_kept_win_rates *kept);
size_t ph_kept_win_rates_bytes(const ph_kept_win_rates *kept);

#endif
