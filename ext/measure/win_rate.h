/*
** Win rates by reference class: how often a deal that looked like this one was won in time
** (specification, section 6). A class is (stage, verdict).
*/
#ifndef PH_MEASURE_WIN_RATE_H
#define PH_MEASURE_WIN_RATE_H

#include "pipeline.h"

/* Counts in closed form over the spans: no day is walked. Owns its memory; must be ended in any case. */
void ph_win_rates_begin(ph_win_rates *rates, ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days,
                        ph_status *status);
void ph_win_rates_end(ph_win_rates *rates);

/* The same, kept with the pipeline: a backtest asks for a few days and horizons again and again. NULL on failure.
** Valid until the next call. */
const ph_win_rates *ph_pipeline_win_rates(ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days,
                                          ph_status *status);

/* The win rate of an open deal: that of its class where it has min_class_deals deals, else that of its
** verdict, else that of all; NaN where nothing is known. `stage_place` as in pipeline.stage_place, without
** the one. */
double ph_win_rate_of(const ph_win_rates *rates, size_t stage_place, unsigned verdict);

typedef enum { PH_CLASS_STAGE_VERDICT, PH_CLASS_VERDICT, PH_CLASS_ALL } ph_class_kind;
extern const char *const ph_class_kind_names[];

/* A row of the table win_rate. */
typedef struct ph_win_rate_row {
  ph_class_kind kind;
  uint32_t stage;   /* a name; PH_CLASS_STAGE_VERDICT alone */
  unsigned verdict; /* not of PH_CLASS_ALL */
  ph_class_counts counts;
  double win_rate, low, high; /* Wilson 95 % with the number of deals */
} ph_win_rate_row;

/* A row for each class with a deal-day: by stage and verdict, then by verdict, then all. *rows is the
** caller's. */
void ph_win_rate_rows(ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days, ph_win_rate_row **rows,
                      size_t *count, ph_status *status);

#endif
