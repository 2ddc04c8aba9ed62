/* Forecast. See forecast.h.
**
** A point is a period looked at on a day; those that rows share are collected once. One pass over the deals counts the
** ladder for all points, and a second one fills the points, in the order of deal ids so that sums of doubles are the
** same in any order of the sources.
*/
#include "forecast.h"

#include "../base/rounding.h"

#include <math.h>

enum { ENOUGH_WINS = 10, ENOUGH_PERIODS = 2 };

/* The wins of a group by the day of a point. */
typedef struct wins_so_far {
  int64_t count;
  double sum, squares;
} wins_so_far;

/* A group on the day of a point. */
typedef struct group_point {
  ph_forecast_point point;
  wins_so_far wins;
  bool known; /* every open deal has a chance */
} group_point;

typedef struct point {
  ph_period period;
  ph_day day;
  size_t question;     /* place in the ladder */
  wins_so_far wins;    /* of all */
  group_point *groups; /* by place of the group */
} point;

/* An open deal of a point that is forecast. */
typedef struct open_deal {
  uint32_t point, group;
  double chance;
} open_deal;

/* Rows of one period and day, and the points that they learn from. */
typedef struct ask {
  ph_period period;
  ph_day day;
  size_t *points; /* oldest first, the asked one last */
  size_t count;
  size_t gap; /* of these, right before the asked one, have not ended by the day */
} ask;

typedef struct forecasts {
  ph_pipeline *pipeline;
  ph_scope scope;
  size_t lookback;
  uint32_t *group_place; /* by name: place plus one, 0 = no row asks for it */
  size_t group_count;
  point *points;
  size_t point_count, point_capacity;
  ask *asks;
  size_t ask_count;
  bool *is_asked; /* by point */
  open_deal *open_deals;
  size_t open_count, open_capacity;
  ph_ladder ladder;
} forecasts;

/* ----------------------------------------------------------------------------------------------- points */

static size_t point_of(forecasts *all, ph_period period, ph_day day, ph_status *status) {
  for (size_t at = 0; at < all->point_count; at++)
    if (ph_period_compare(all->points[at].period, period) == 0 && all->points[at].day == day) return at;
  if (!ph_reserve(status, (void **)&all->points, &all->point_capacity, all->point_count + 1,
                  sizeof *all->points))
    return 0;
  point *new_point = &all->points[all->point_count];
  *new_point = (point){.period = period, .day = day};
  new_point->groups = ph_allocate_zeroed(status, all->group_count, sizeof *new_point->groups);
  for (size_t group = 0; group < all->group_count && !ph_failed(status); group++)
    new_point->groups[group].known = true;
  return all->point_count++;
}

/* How many periods right before a future one have not ended by the day. */
static size_t gap_of(ph_period period, ph_day day) {
  ph_period before;
  int32_t k = 1;
  while (ph_period_before(period, k, &before) && before.end > day) k++;
  return (size_t)k - 1;
}

/* The earlier periods, the newest first: twice as many as teach, because each is itself judged by those before it. Periods
** that start less than their length after the first deal do not count. */
static void collect_points(forecasts *all, ask *of, ph_status *status) {
  ph_day first_created = all->pipeline->history.first_created;
  of->gap = gap_of(of->period, of->day);
  size_t most = 2 * (all->lookback + of->gap), found = 0;
  ph_period before;
  of->points = ph_allocate(status, most + 1, sizeof *of->points);
  while (found < most && ph_period_before(of->period, (int32_t)found + 1, &before) && ph_continue(status)) {
    if (before.start - first_created < before.end - before.start + 1) break;
    ph_day day = before.start + (of->day - of->period.start);
    of->points[found++] = point_of(all, before, day < before.end ? day : before.end, status);
  }
  if (ph_failed(status)) return;
  for (size_t at = 0; at < found / 2; at++) {
    size_t other = of->points[found - 1 - at];
    of->points[found - 1 - at] = of->points[at];
    of->points[at] = other;
  }
  of->points[found] = point_of(all, of->period, of->day, status);
  of->count = found + 1;
}

static ask *ask_of(forecasts *all, const ph_forecast_row *row) {
  ask *at = all->asks;
  while (at < all->asks + all->ask_count &&
         (ph_period_compare(at->period, row->group.period) != 0 || at->day != row->day))
    at++;
  return at;
}

static void collect_asks(forecasts *all, const ph_forecast_row *rows, size_t count, ph_status *status) {
  all->asks = ph_allocate_zeroed(status, count, sizeof *all->asks);
  all->group_place = ph_allocate_zeroed(status, all->pipeline->history.names.count, sizeof *all->group_place);
  if (ph_failed(status)) return;
  for (size_t row = 0; row < count; row++)
    if (all->group_place[rows[row].group.name] == 0)
      all->group_place[rows[row].group.name] = (uint32_t)++all->group_count;
  for (size_t row = 0; row < count && !ph_failed(status); row++) {
    ask *of = ask_of(all, &rows[row]);
    if (of < all->asks + all->ask_count) continue;
    *of = (ask){.period = rows[row].group.period, .day = rows[row].day};
    all->ask_count++;
    collect_points(all, of, status);
  }
  all->is_asked = ph_allocate_zeroed(status, all->point_count, sizeof *all->is_asked);
  for (size_t at = 0; at < all->ask_count && !ph_failed(status); at++)
    all->is_asked[all->asks[at].points[all->asks[at].count - 1]] = true;
}

/* A point on or after the end of its period asks nothing of the ladder. */
static ph_chance_question question_of(const point *at) {
  return (ph_chance_question){at->day, at->day < at->period.end ? at->period.end - at->day : 0};
}

static void learn_ladder(forecasts *all, ph_status *status) {
  ph_chance_question *questions = ph_allocate(status, all->point_count, sizeof *questions);
  for (size_t at = 0; at < all->point_count && !ph_failed(status); at++)
    questions[at] = question_of(&all->points[at]);
  if (!ph_failed(status)) ph_ladder_learn(&all->ladder, all->pipeline, questions, all->point_count, status);
  for (size_t at = 0; at < all->point_count && !ph_failed(status); at++)
    all->points[at].question = ph_ladder_place_of(&all->ladder, questions[at]);
  ph_release(status->memory, questions);
}

/* ---------------------------------------------------------------------------------------- filling points */

static void add_open(forecasts *all, size_t at, uint32_t group, const ph_span *span,
                     const ph_key_piece *piece, ph_status *status) {
  group_point *of = &all->points[at].groups[group];
  double amount = (double)span->amount;
  double chance = ph_ladder_chance(&all->ladder, all->points[at].question, piece->key, piece->factors).chance;
  if (isnan(chance)) {
    of->known = false;
    return;
  }
  of->point.open_mean += chance * amount;
  of->point.open_variance += chance * (1 - chance) * amount * amount;
  if (!all->is_asked[at] || !ph_reserve(status, (void **)&all->open_deals, &all->open_capacity,
                                        all->open_count + 1, sizeof *all->open_deals))
    return;
  all->open_deals[all->open_count++] = (open_deal){(uint32_t)at, group, chance};
}

static void add_open_deal(forecasts *all, const ph_deal_pieces *pieces, size_t deal, ph_status *status) {
  const ph_deal *of = &all->pipeline->history.deals[deal];
  for (size_t at = 0; at < all->point_count && pieces->list.count > 0; at++) {
    ph_day day = all->points[at].day;
    if (!ph_deal_is_open(of, day)) continue;
    const ph_span *span = pieces->spans.spans;
    const ph_key_piece *piece = pieces->list.pieces;
    while (span->to <= day) span++;
    uint32_t group = all->group_place[ph_group_of(all->scope, of, span->owner, span->stage)];
    if (group == 0) continue;
    while (piece->to <= day) piece++;
    add_open(all, at, group - 1, span, piece, status);
  }
}

static void add_win_so_far(wins_so_far *wins, double amount) {
  wins->count++;
  wins->sum += amount;
  wins->squares += amount * amount;
}

static void add_win(forecasts *all, size_t deal, ph_closing closing) {
  const ph_deal *of = &all->pipeline->history.deals[deal];
  uint32_t group = all->group_place[ph_group_of(all->scope, of, closing.owner, closing.stage)];
  double amount = (double)closing.amount;
  for (size_t at = 0; at < all->point_count; at++) {
    point *to = &all->points[at];
    if (ph_deal_is_won(of, to->day)) {
      add_win_so_far(&to->wins, amount);
      if (group != 0) add_win_so_far(&to->groups[group - 1].wins, amount);
    } else if (group != 0 && of->created <= of->closing && of->closing > to->day &&
               of->closing <= to->period.end) {
      ph_forecast_point *numbers = &to->groups[group - 1].point;
      bool is_new = of->created > to->day;
      *(is_new ? &numbers->won_new : &numbers->won_open) += amount;
      numbers->new_count += is_new;
    }
  }
}

static double severity_of(const wins_so_far *wins) {
  return wins->sum > 0 ? wins->squares / wins->sum : 0;
}

static void fill_points(forecasts *all, ph_status *status) {
  const ph_history *history = &all->pipeline->history;
  ph_day last = 0;
  ph_deal_pieces pieces;
  ph_pipeline_order(all->pipeline, status);
  const ph_timeline *timeline = ph_pipeline_timeline(all->pipeline, status);
  ph_deal_pieces_begin(&pieces, &all->pipeline->rules, timeline, status);
  for (size_t at = 0; at < all->point_count; at++)
    if (all->points[at].day > last) last = all->points[at].day;
  for (size_t place = 0; place < history->deal_count && ph_continue(status); place++) {
    size_t deal = ph_pipeline_deal_at(all->pipeline, place);
    ph_deal_pieces_make(&pieces, deal, last, status);
    if (ph_failed(status)) break;
    add_open_deal(all, &pieces, deal, status);
    if (history->deals[deal].outcome == PH_OUTCOME_WON && history->deals[deal].created != PH_DAY_NEVER)
      add_win(all, deal, ph_closing_of(timeline, deal));
  }
  ph_deal_pieces_end(&pieces);
  for (size_t at = 0; at < all->point_count; at++)
    for (size_t group = 0; group < all->group_count; group++) {
      group_point *of = &all->points[at].groups[group];
      of->point.severity = severity_of(of->wins.count >= ENOUGH_WINS ? &of->wins : &all->points[at].wins);
    }
}

/* --------------------------------------------------------------------------------------------- the rows */

/* The rows of an ask, by place of their group, and the numbers of its points. */
typedef struct model {
  size_t *rows; /* indexes of rows */
  size_t count;
  ph_forecast_point *points;
  ph_forecast_moments *moments;
} ask_model;

static double open_rate(const forecasts *all, size_t at, uint32_t group, double bias) {
  double rate = 0;
  for (size_t deal = 0; deal < all->open_count; deal++)
    if (all->open_deals[deal].point == at && all->open_deals[deal].group == group)
      rate += ph_forecast_rate(bias, all->open_deals[deal].chance);
  return rate;
}

static void fill_row(const forecasts *all, const ask *of, const ph_forecast_moments *moments,
                     ph_forecast_row *row) {
  size_t now = of->points[of->count - 1];
  uint32_t group = all->group_place[row->group.name] - 1;
  double won = (double)row->won_amount;
  bool known = all->points[now].groups[group].known;
  row->open_expected = known ? moments->open_expected : NAN;
  row->new_expected = moments->new_expected;
  row->range = (ph_forecast_range){known ? won + moments->mean : NAN, NAN, NAN, NAN, NAN};
  if (known && row->periods_learned >= ENOUGH_PERIODS)
    row->range = ph_forecast_range_of(moments, row->shock, open_rate(all, now, group, row->bias_factor), won,
                                      (double)row->group.quota);
}

/* A period that has ended is its own result. */
static void fill_ended(ph_forecast_row *row) {
  double won = (double)row->won_amount;
  row->open_expected = row->new_expected = row->shock = 0;
  row->bias_factor = 1;
  row->range = (ph_forecast_range){won, won, won, won, row->group.quota <= row->won_amount};
}

static void fill_rows_of(const forecasts *all, const ask *of, ph_forecast_row *rows, const ask_model *model) {
  ph_forecast_points points = {model->points, of->count, model->count, all->lookback, of->gap};
  for (size_t period = 0; period < of->count; period++)
    for (size_t row = 0; row < model->count; row++)
      model->points[period * model->count + row] =
          all->points[of->points[period]]
              .groups[all->group_place[rows[model->rows[row]].group.name] - 1]
              .point;
  double shock = ph_forecast_shock(&points, model->moments);
  double bias = ph_forecast_learn(&points, of->count - 1, model->moments);
  for (size_t at = 0; at < model->count; at++) {
    ph_forecast_row *row = &rows[model->rows[at]];
    row->periods_learned = (int64_t)ph_forecast_periods_learned(&points);
    row->bias_factor = bias;
    row->shock = shock;
    if (row->day >= row->group.period.end) {
      fill_ended(row);
    } else {
      fill_row(all, of, &model->moments[at], row);
    }
  }
}

static void fill_ask(const forecasts *all, const ask *of, ph_forecast_row *rows, size_t count,
                     ph_status *status) {
  ask_model model = {.rows = ph_allocate(status, count, sizeof *model.rows)};
  for (size_t row = 0; row < count && !ph_failed(status); row++)
    if (ph_period_compare(rows[row].group.period, of->period) == 0 && rows[row].day == of->day)
      model.rows[model.count++] = row;
  model.points = ph_allocate(status, of->count * model.count, sizeof *model.points);
  model.moments = ph_allocate(status, model.count, sizeof *model.moments);
  if (!ph_failed(status)) fill_rows_of(all, of, rows, &model);
  ph_release(status->memory, model.rows);
  ph_release(status->memory, model.points);
  ph_release(status->memory, model.moments);
}

static void fill_won(ph_pipeline *pipeline, ph_scope scope, ph_forecast_row *row, ph_status *status) {
  const ph_wins *wins = ph_pipeline_wins(pipeline, scope, status);
  ph_money_sum won = {0, 0};
  ph_day until = row->day < row->group.period.end ? row->day : row->group.period.end;
  if (ph_failed(status)) return;
  ph_wins_add(wins, row->group.name, row->group.period.start, until, row->day, &won);
  row->won_amount = ph_money_value(&won, "pipeline_forecast", status);
}

static void end_forecasts(forecasts *all) {
  const ph_memory *memory = all->pipeline->memory;
  for (size_t at = 0; at < all->point_count; at++) ph_release(memory, all->points[at].groups);
  for (size_t at = 0; at < all->ask_count; at++) ph_release(memory, all->asks[at].points);
  ph_release(memory, all->points);
  ph_release(memory, all->asks);
  ph_release(memory, all->group_place);
  ph_release(memory, all->is_asked);
  ph_release(memory, all->open_deals);
  ph_ladder_end(&all->ladder);
}

void ph_forecast_rows(ph_pipeline *pipeline, ph_scope scope, ph_forecast_row *rows, size_t count,
                      ph_status *status) {
  forecasts all = {.pipeline = pipeline, .scope = scope};
  all.lookback = (size_t)ph_policy_integer(&pipeline->history.policy, PH_POLICY_LOOKBACK_PERIODS);
  collect_asks(&all, rows, count, status);
  if (all.point_count > 0) learn_ladder(&all, status);
  if (!ph_failed(status)) fill_points(&all, status);
  for (size_t row = 0; row < count && !ph_failed(status); row++)
    fill_won(pipeline, scope, &rows[row], status);
  for (size_t at = 0; at < all.ask_count && !ph_failed(status); at++)
    fill_ask(&all, &all.asks[at], rows, count, status);
  end_forecasts(&all);
}

void ph_forecast_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_forecast_row **rows, size_t *count,
                    ph_status *status) {
  ph_group_quota *quotas = NULL;
  size_t quota_count = 0;
  *count = 0;
  ph_group_quotas(&pipeline->history, scope, &quotas, &quota_count, status);
  *rows = ph_allocate_zeroed(status, quota_count, sizeof **rows);
  for (size_t quota = 0; quota < quota_count && !ph_failed(status); quota++)
    if (quotas[quota].period.end >= day)
      (*rows)[(*count)++] = (ph_forecast_row){.group = quotas[quota], .day = day};
  ph_release(status->memory, quotas);
  if (!ph_failed(status)) ph_forecast_rows(pipeline, scope, *rows, *count, status);
}
