/* Forecast model. See forecast_model.h. */
#include "forecast_model.h"

#include "../base/rounding.h"
#include "../probability/elementary.h"
#include "../probability/zero_inflated_gamma.h"

/* Earlier periods are worth two more in which open deals brought what their chances said. */
static const double BIAS_PULL = 2;
/* One more period is taken to have gone wrong by a fifth of the mean: 0.2² = 0.04. */
static const double PRIOR_SHOCK = 0.04;
static const double MOST_CHANCE = 0.999;

/* The periods that teach about one: from this one on, up to the last that had ended. */
static size_t first_before(const ph_forecast_points *points, size_t period) {
  size_t end = points->ended[period];
  return end > points->lookback ? end - points->lookback : 0;
}

static const ph_forecast_point *point_at(const ph_forecast_points *points, size_t period, size_t group) {
  return &points->points[period * points->group_count + group];
}

static double bias_of(const ph_forecast_points *points, size_t first, size_t end) {
  double brought = 0, expected = 0;
  for (size_t before = first; before < end; before++)
    for (size_t group = 0; group < points->group_count; group++) {
      brought += point_at(points, before, group)->won_open;
      expected += point_at(points, before, group)->open_mean;
    }
  if (!(expected > 0)) return 1;
  double weight = BIAS_PULL * expected / (double)(end - first);
  return (brought + weight) / (expected + weight);
}

double ph_forecast_learn(const ph_forecast_points *points, size_t period, ph_forecast_moments *moments) {
  size_t first = first_before(points, period), end = points->ended[period];
  double bias = bias_of(points, first, end), count = (double)(end - first);
  for (size_t group = 0; group < points->group_count; group++) {
    const ph_forecast_point *now = point_at(points, period, group);
    ph_forecast_moments *of_group = &moments[group];
    *of_group = (ph_forecast_moments){.open_expected = bias * now->open_mean};
    for (size_t before = first; before < end; before++) {
      of_group->new_expected += point_at(points, before, group)->won_new;
      of_group->new_count += point_at(points, before, group)->new_count;
    }
    of_group->variance = bias * bias * now->open_variance;
    if (end > first) {
      of_group->new_expected /= count;
      of_group->new_count /= count;
      of_group->variance += of_group->new_expected * now->severity * (1 + 1 / count);
    }
    if (of_group->variance < 0) of_group->variance = 0; /* wins of negative amounts */
    of_group->mean = of_group->open_expected + of_group->new_expected;
  }
  return bias;
}

double ph_forecast_shock(const ph_forecast_points *points, ph_forecast_moments *moments) {
  size_t last = points->period_count - 1;
  double excess = 0, squares = 0, judged = 0;
  for (size_t period = first_before(points, last); period < points->ended[last]; period++) {
    if (points->ended[period] == 0) continue; /* none teaches about it */
    judged++;
    ph_forecast_learn(points, period, moments);
    for (size_t group = 0; group < points->group_count; group++) {
      const ph_forecast_point *point = point_at(points, period, group);
      double error = point->won_open + point->won_new - moments[group].mean;
      excess += error * error - moments[group].variance;
      squares += moments[group].mean * moments[group].mean;
    }
  }
  if (!(squares > 0)) return 0;
  double prior = squares / judged, shock = (excess + PRIOR_SHOCK * prior) / (squares + prior);
  return shock > 0 ? shock * (1 + 2 / judged) : 0;
}

size_t ph_forecast_periods_learned(const ph_forecast_points *points) {
  size_t last = points->period_count - 1;
  return points->ended[last] - first_before(points, last);
}

double ph_forecast_rate(double bias, double chance) {
  double brought = bias * chance;
  return -ph_log1p(-(brought < MOST_CHANCE ? brought : MOST_CHANCE));
}

ph_forecast_range ph_forecast_range_of(const ph_forecast_moments *moments, double shock, double open_rate,
                                       double won, double quota) {
  double mean = moments->mean;
  ph_zero_inflated_gamma more = ph_zero_inflated_gamma_of(mean, moments->variance + shock * mean * mean,
                                                          open_rate + moments->new_count, shock);
  return (ph_forecast_range){.expected = won + mean,
                             .p10 = won + ph_zero_inflated_gamma_quantile(&more, 0.1),
                             .p50 = won + ph_zero_inflated_gamma_quantile(&more, 0.5),
                             .p90 = won + ph_zero_inflated_gamma_quantile(&more, 0.9),
                             .hit_probability = ph_zero_inflated_gamma_at_least(&more, quota - won)};
}
