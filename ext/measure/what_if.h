/*
** What if: opening and forecast with something in the place of what was measured (specification, section 5,
** pipeline_what_if). If the rate were so; not: if you do so.
*/
#ifndef PH_MEASURE_WHAT_IF_H
#define PH_MEASURE_WHAT_IF_H

#include "opening.h"

/* One group and one quota period that contains the day. Money in units. What nothing is known of is NaN,
** or for what is counted in whole numbers PH_UNKNOWN_COUNT. `then` is with what was given. */
typedef struct ph_what_if_row {
  ph_group_quota group;
  int64_t needed_deals, needed_deals_then;
  double needed_per_week, needed_per_week_then;
  double expected, expected_then;
  double hit_probability, hit_probability_then;
} ph_what_if_row;

/* Rows of every group (scope all, team or owner) and quota period that contains the day, by name, start
** and end. *rows is the caller's to release. Errors: money or a number of deals out of range. */
void ph_what_if_on(ph_pipeline *pipeline, ph_day as_of, ph_scope scope, const ph_opening_given *given,
                   ph_what_if_row **rows, size_t *count, ph_status *status);

#endif
