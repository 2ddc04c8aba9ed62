/*
** Kept forecasts: the rows of the last questions for them, so that the same question is answered at once.
*/
#ifndef PH_MEASURE_KEPT_FORECAST_H
#define PH_MEASURE_KEPT_FORECAST_H

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

/* What was asked, and the rows of the answer. */
typedef struct ph_forecast_answer {
  ph_scope scope;
  double revived_share;
  ph_forecast_row *rows;
  size_t count;
} ph_forecast_answer;

enum { PH_MOST_FORECASTS_KEPT = 16 };

/* Owns its memory. Begins zeroed. */
typedef struct ph_kept_forecasts {
  const ph_memory *memory; /* NULL: empty */
  ph_forecast_answer answers[PH_MOST_FORECASTS_KEPT];
  size_t count, oldest; /* the next one takes the place of the oldest when all places are taken */
} ph_kept_forecasts;

/* Whether an answer to the question is kept: scope, share, and the group and day of each row. Fills the
** rows then. */
bool ph_kept_forecasts_get(const ph_kept_forecasts *kept, ph_scope scope, double revived_share,
                           ph_forecast_row *rows, size_t count);
void ph_kept_forecasts_add(ph_kept_forecasts *kept, ph_scope scope, double revived_share,
                           const ph_forecast_row *rows, size_t count, ph_status *status);
void ph_kept_forecasts_end(ph_kept_forecasts *kept);
size_t ph_kept_forecasts_bytes(const ph_kept_forecasts *kept);

#endif
