/* Forecast. See forecast.h. */
#include "forecast.h"

#include "../base/rounding.h"
#include "forecast_point.h"

#include <math.h>

enum { ENOUGH_PERIODS = 2 };

static const char *const NAME = "pipeline_forecast";

static void fill_row(const ph_group_point *now, const ph_forecast_moments *moments, ph_forecast_row *row) {
  double won = (double)row->won_amount;
  row->open_expected = now->unknown ? NAN : moments->open_expected;
  row->new_expected = moments->new_expected;
  row->range = (ph_forecast_range){now->unknown ? NAN : won + moments->mean, NAN, NAN, NAN, NAN};
  if (!now->unknown && row->periods_learned >= ENOUGH_PERIODS)
    row->range = ph_forecast_range_of(moments, row->shock, now->open_rate, won, (double)row->group.quota);
}

/* A period that has ended is its own result. */
static void fill_ended(ph_forecast_row *row) {
  double won = (double)row->won_amount;
  row->open_expected = row->new_expected = row->shock = 0;
  row->bias_factor = 1;
  row->range = (ph_forecast_range){won, won, won, won, row->group.quota <= row->won_amount};
}

/* The rows of an ask, and scratch for their groups. */
typedef struct ask_rows {
  size_t *rows; /* places among all rows */
  size_t count;
  ph_forecast_points points;
  ph_forecast_point *numbers; /* of the points */
  ph_forecast_moments *moments;
} ask_rows;

static bool belongs(const ph_forecast_ask *ask, const ph_forecast_row *row) {
  return ph_period_compare(row->group.period, ask->period) == 0 && row->day == ask->day;
}

static void begin_ask(ask_rows *of, const ph_row_points *all, const ph_forecast_ask *ask,
                      const ph_forecast_row *rows, size_t count, ph_status *status) {
  *of = (ask_rows){.rows = ph_allocate(status, count, sizeof *of->rows)};
  for (size_t row = 0; row < count && !ph_failed(status); row++)
    if (belongs(ask, &rows[row])) of->rows[of->count++] = row;
  of->numbers = ph_allocate(status, ask->count * of->count, sizeof *of->numbers);
  of->moments = ph_allocate(status, of->count, sizeof *of->moments);
  for (size_t period = 0; period < ask->count && !ph_failed(status); period++)
    for (size_t row = 0; row < of->count; row++) {
      uint32_t group = all->group_place[rows[of->rows[row]].group.name] - 1;
      of->numbers[period * of->count + row] = all->points[ask->points[period]].groups[group].point;
    }
  of->points = (ph_forecast_points){.points = of->numbers,
                                    .period_count = ask->count,
                                    .group_count = of->count,
                                    .ended = ask->ended,
                                    .lookback = all->lookback};
}

static void end_ask(ask_rows *of, ph_status *status) {
  ph_release(status->memory, of->rows);
  ph_release(status->memory, of->numbers);
  ph_release(status->memory, of->moments);
}

/* The shares of Λ that open deals have depend on the bias of their ask. */
static void find_open_rates(ph_row_points *all, ph_forecast_row *rows, size_t count, ph_status *status) {
  double *bias = ph_allocate(status, all->point_count, sizeof *bias);
  for (size_t at = 0; at < all->ask_count && !ph_failed(status); at++) {
    ask_rows of;
    const ph_forecast_ask *ask = &all->asks[at];
    begin_ask(&of, all, ask, rows, count, status);
    if (!ph_failed(status))
      bias[ask->points[ask->count - 1]] = ph_forecast_learn(&of.points, ask->count - 1, of.moments);
    end_ask(&of, status);
  }
  for (size_t at = 0; at < all->open_count && ph_continue(status); at++) {
    const ph_open_deal *deal = &all->open_deals[at];
    all->points[deal->point].groups[deal->group].open_rate +=
        ph_forecast_rate(bias[deal->point], deal->chance);
  }
  ph_release(status->memory, bias);
}

static void fill_ask(const ph_row_points *all, const ph_forecast_ask *ask, ph_forecast_row *rows,
                     size_t count, ph_status *status) {
  ask_rows of;
  begin_ask(&of, all, ask, rows, count, status);
  if (!ph_failed(status)) {
    double shock = ph_forecast_shock(&of.points, of.moments);
    double bias = ph_forecast_learn(&of.points, ask->count - 1, of.moments);
    const ph_point *now = &all->points[ask->points[ask->count - 1]];
    for (size_t at = 0; at < of.count; at++) {
      ph_forecast_row *row = &rows[of.rows[at]];
      row->periods_learned = (int64_t)ph_forecast_periods_learned(&of.points);
      row->bias_factor = bias;
      row->shock = shock;
      if (row->day >= row->group.period.end) {
        fill_ended(row);
      } else {
        fill_row(&now->groups[all->group_place[row->group.name] - 1], &of.moments[at], row);
      }
    }
  }
  end_ask(&of, status);
}

static void fill_won(ph_pipeline *pipeline, ph_scope scope, ph_forecast_row *rows, size_t count,
                     ph_status *status) {
  const ph_wins *wins = ph_pipeline_wins(pipeline, scope, status);
  for (ph_forecast_row *row = rows; row < rows + count && ph_continue(status); row++) {
    ph_money_sum won = {0, 0};
    ph_day until = row->day < row->group.period.end ? row->day : row->group.period.end;
    ph_wins_add(wins, row->group.name, row->group.period.start, until, row->day, &won);
    row->won_amount = ph_money_value(&won, NAME, status);
  }
}

void ph_forecast_rows(ph_pipeline *pipeline, ph_scope scope, double revived_share, ph_forecast_row *rows,
                      size_t count, ph_status *status) {
  ph_row_points all;
  if (ph_kept_forecasts_get(&pipeline->forecasts, scope, revived_share, rows, count)) return;
  ph_row_points_begin(&all, pipeline, scope, revived_share, rows, count, status);
  if (!ph_failed(status)) fill_won(pipeline, scope, rows, count, status);
  if (!ph_failed(status)) find_open_rates(&all, rows, count, status);
  for (size_t at = 0; at < all.ask_count && !ph_failed(status); at++)
    fill_ask(&all, &all.asks[at], rows, count, status);
  ph_row_points_end(&all);
  if (!ph_failed(status))
    ph_kept_forecasts_add(&pipeline->forecasts, scope, revived_share, rows, count, status);
}

void ph_forecast_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, double revived_share,
                    ph_forecast_row **rows, size_t *count, ph_status *status) {
  ph_group_quota *quotas = NULL;
  size_t quota_count = 0;
  *count = 0;
  ph_group_quotas(&pipeline->history, scope, &quotas, &quota_count, status);
  *rows = ph_allocate_zeroed(status, quota_count, sizeof **rows);
  for (size_t quota = 0; quota < quota_count && !ph_failed(status); quota++)
    if (quotas[quota].period.end >= day)
      (*rows)[(*count)++] = (ph_forecast_row){.group = quotas[quota], .day = day};
  ph_release(status->memory, quotas);
  if (!ph_failed(status)) ph_forecast_rows(pipeline, scope, revived_share, *rows, *count, status);
}
