/*
** Opening: how many new deals a quota still needs, and whether their number is the problem at all
** (specification, section 8, pipeline_opening).
*/
#ifndef PH_MEASURE_OPENING_H
#define PH_MEASURE_OPENING_H

#include "pipeline.h"

typedef enum {
  PH_DIAGNOSIS_UNKNOWN, /* too little history to say */
  PH_DIAGNOSIS_ON_TRACK,
  PH_DIAGNOSIS_EFFECTIVENESS,
  PH_DIAGNOSIS_OPENING
} ph_diagnosis;
extern const char *const ph_diagnosis_names[]; /* NULL for PH_DIAGNOSIS_UNKNOWN */

enum { PH_UNKNOWN_COUNT = -1 };

/* One group and one quota period that contains the day. Money in units. What nothing is known of is NaN, or
** for what is counted in whole numbers PH_UNKNOWN_COUNT.
**
** The gap is remaining - expected, rounded to a unit of money, never less than 0. From there on needed deals
** are exact: the smallest number that closes the gap, each of them worth proven_share × win_share ×
** average_won, which are fractions of whole numbers. */
typedef struct ph_opening_row {
  ph_group_quota group;
  int64_t remaining;
  double expected_units; /* open_expected of the forecast, not rounded */
  int64_t gap;
  int64_t opened_deals;
  double proven_share, win_share, average_won_units, cycle_days, target_share;
  int64_t needed_deals, needed_deals_at_target, first_meetings_saved;
  double needed_per_week, opened_per_week;
  ph_diagnosis diagnosis;
} ph_opening_row;

/* What takes the place of what was measured; NaN: as measured. revived_share: see ph_forecast_rows. */
typedef struct ph_opening_given {
  double proven_share, win_share; /* from 0 to 1 */
  double average_won_units, cycle_days;
  double revived_share; /* 0: as measured */
} ph_opening_given;

/* Rows of every group (scope all, team or owner) and quota period that contains the day, by name, start and
** end. `given`: NULL, or what takes the place of what was measured. A deal belongs to the group it has on the
** day, a closed one to that of its closing day. *rows is the caller's to release. Errors: money or a number
** of deals out of range. */
void ph_opening_on(ph_pipeline *pipeline, ph_day as_of, ph_scope scope, const ph_opening_given *given,
                   ph_opening_row **rows, size_t *count, ph_status *status);

#endif
