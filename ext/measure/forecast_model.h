/*
** Forecast model: what a group will still win until a period's end, learned from earlier periods
** (specification, section 6). Plain numbers: who asks collects them from the history.
**
** Points stand by period, oldest first and the one that is forecast last, and in each period by group, always
** in the same order of groups. Amounts are in units of 1/10,000.
*/
#ifndef PH_MEASURE_FORECAST_MODEL_H
#define PH_MEASURE_FORECAST_MODEL_H

#include <stddef.h>
#include <stdint.h>

/* A group on the day T of a period. */
typedef struct ph_forecast_point {
  double open_mean;     /* Σ p a over its open deals, p being the chance until the period's end */
  double open_variance; /* Σ p (1 - p) a² */
  double severity;      /* ΣA² / ΣA of the group's wins by T, of all where it has fewer than 10 */
  double won_open;      /* of an earlier period: won after T by deals created on or before T */
  double won_new;       /* of an earlier period: won after T by later deals */
  double new_count;     /* and how many those are */
} ph_forecast_point;

typedef struct ph_forecast_points {
  const ph_forecast_point *points; /* by period and group */
  size_t period_count, group_count;
  const size_t *ended; /* by period: so many of the first ones had ended by its day */
  size_t lookback;     /* so many of these teach, the last ones */
} ph_forecast_points;

/* What a period may still bring to a group, by the periods before it. */
typedef struct ph_forecast_moments {
  double open_expected, new_expected; /* by deals that are open, and by later ones */
  double new_count;
  double mean, variance; /* μ and V: as if deals were independent */
} ph_forecast_moments;

/* Sets the moments of each group in a period, and returns the bias factor c: how much more open deals
** brought in the periods before it than their chances said; 1 without such a period. */
double ph_forecast_learn(const ph_forecast_points *points, size_t period, ph_forecast_moments *moments);

/* The shock φ of the last period: the relative variance of whole periods beyond that of independent deals.
** `moments` is scratch for one period. */
double ph_forecast_shock(const ph_forecast_points *points, ph_forecast_moments *moments);

/* How many of the periods before the last one teach. */
size_t ph_forecast_periods_learned(const ph_forecast_points *points);

/* What a group will have won at the end. */
typedef struct ph_forecast_range {
  double expected, p10, p50, p90;
  double hit_probability;
} ph_forecast_range;

/* The part of Λ that one open deal of this chance has. */
double ph_forecast_rate(double bias, double chance);

/* `won` is what the group has won so far; `open_rate` the sum of ph_forecast_rate over its open deals. */
ph_forecast_range ph_forecast_range_of(const ph_forecast_moments *moments, double shock, double open_rate,
                                       double won, double quota);

#endif
