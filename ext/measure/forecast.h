/*
** Forecast: what a quota period will have won at its end (specification, section 6).
*/
#ifndef PH_MEASURE_FORECAST_H
#define PH_MEASURE_FORECAST_H

#include "deal_chance.h"

/* Fills the rows, whose group and day are given, in any order of them. All groups that have a quota for
** the same period share bias and shock, so rows of one period and day should be asked for together with
** all those groups. `revived_share`: this share of what is stalled or dead gets the chance of progressing
** deals of its stage; 0: none. */
void ph_forecast_rows(ph_pipeline *pipeline, ph_scope scope, double revived_share, ph_forecast_row *rows,
                      size_t count, ph_status *status);

/* The rows of all quota periods of the scope that have not ended before the day, by name, start and end: a
** new block in *rows, the caller's. */
void ph_forecast_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, double revived_share,
                    ph_forecast_row **rows, size_t *count, ph_status *status);

#endif
