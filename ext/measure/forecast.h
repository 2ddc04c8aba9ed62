/*
** Forecast: what a quota period will have won at its end (specification, section 6).
*/
#ifndef PH_MEASURE_FORECAST_H
#define PH_MEASURE_FORECAST_H

#include "deal_chance.h"
#include "forecast_model.h"
#include "period.h"

/* A group's quota period, looked at on a day. */
typedef struct ph_forecast_row {
  ph_group_quota group;
  ph_day day;
  int64_t won_amount;                 /* units, won so far */
  double open_expected, new_expected; /* units; NaN where open deals have no chance */
  ph_forecast_range range;            /* units; NaN where fewer than two periods teach */
  int64_t periods_learned;
  double bias_factor, shock;
} ph_forecast_row;

/* Fills the rows, whose group and day are given, in any order of them. All groups that have a quota for the same period
** share bias and shock, so rows of one period and day should be asked for together with all those groups. */
void ph_forecast_rows(ph_pipeline *pipeline, ph_scope scope, ph_forecast_row *rows, size_t count,
                      ph_status *status);

/* The rows of all quota periods of the scope that have not ended before the day, by name, start and end: a new block in
** *rows, the caller's. */
void ph_forecast_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_forecast_row **rows, size_t *count,
                    ph_status *status);

#endif
