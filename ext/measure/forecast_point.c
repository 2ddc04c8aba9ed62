/* Forecast points. See forecast_point.h.
**
** Deals are taken in the order of their ids, so that sums of doubles are the same in any order of the
** sources.
*/
#include "forecast_point.h"

#include "../base/statistics.h"

#include "../base/rounding.h"

enum { ENOUGH_WINS = 10 };

/* --------------------------------------------------------------------------------- which points there are */

static size_t point_of(ph_row_points *all, ph_period period, ph_day day, ph_status *status) {
  for (size_t at = 0; at < all->point_count; at++)
    if (ph_period_compare(all->points[at].period, period) == 0 && all->points[at].day == day) return at;
  if (!ph_reserve(status, (void **)&all->points, &all->point_capacity, all->point_count + 1,
                  sizeof *all->points))
    return 0;
  ph_point *point = &all->points[all->point_count];
  *point = (ph_point){.period = period, .day = day};
  point->groups = ph_allocate_zeroed(status, all->group_count, sizeof *point->groups);
  return all->point_count++;
}

/* The k-th period before that of an ask. False where it does not count: it starts less than its length
** after the first deal. */
static bool period_before(const ph_row_points *all, const ph_forecast_ask *ask, size_t k, ph_period *before) {
  if (!ph_period_before(ask->period, (int32_t)k, before)) return false;
  return before->start - all->pipeline->history.first_created >= before->end - before->start + 1;
}

/* The day on which the k-th period before it is looked at. */
static ph_day day_of(const ph_forecast_ask *ask, ph_period period) {
  ph_day day = period.start + (ask->day - ask->period.start);
  return day < period.end ? day : period.end;
}

/* The smallest k for which the k-th period before that of an ask had ended by a day. */
static size_t first_ended(const ph_row_points *all, const ph_forecast_ask *ask, size_t k, ph_day day) {
  ph_period before;
  while (period_before(all, ask, k, &before) && before.end > day) k++;
  return k;
}

/* Which of the periods before an ask it needs, as numbers k: runs of `lookback` periods. */
typedef struct needed_periods {
  size_t *firsts; /* of each run; the first run teaches the ask, the others teach about its periods */
  size_t count, lookback, deepest;
} needed_periods;

static void need_run(needed_periods *needed, size_t first) {
  needed->firsts[needed->count++] = first;
  if (first + needed->lookback - 1 > needed->deepest) needed->deepest = first + needed->lookback - 1;
}

static void need_periods(const ph_row_points *all, const ph_forecast_ask *ask, needed_periods *needed) {
  ph_period period;
  size_t first = first_ended(all, ask, 1, ask->day);
  need_run(needed, first);
  for (size_t k = first; k < first + needed->lookback && period_before(all, ask, k, &period); k++)
    need_run(needed, first_ended(all, ask, k + 1, day_of(ask, period)));
}

static bool is_needed(const needed_periods *needed, size_t k) {
  for (size_t run = 0; run < needed->count; run++)
    if (k >= needed->firsts[run] && k < needed->firsts[run] + needed->lookback) return true;
  return k == 0;
}

/* Adds the point of the k-th period before an ask; `numbers` has the k of its points. */
static void add_point(ph_row_points *all, ph_forecast_ask *ask, size_t *numbers, size_t k,
                      ph_status *status) {
  ph_period period = ask->period;
  if (k > 0) period_before(all, ask, k, &period);
  ph_day day = k > 0 ? day_of(ask, period) : ask->day;
  size_t first = first_ended(all, ask, k + 1, day), ended = 0;
  while (ended < ask->count && numbers[ended] >= first) ended++;
  numbers[ask->count] = k;
  ask->points[ask->count] = point_of(all, period, day, status);
  ask->ended[ask->count++] = ended;
}

static void collect_points(ph_row_points *all, ph_forecast_ask *ask, ph_status *status) {
  needed_periods needed = {.lookback = all->lookback};
  needed.firsts = ph_allocate(status, all->lookback + 1, sizeof *needed.firsts);
  if (!ph_failed(status)) need_periods(all, ask, &needed);
  size_t *numbers = ph_allocate(status, needed.deepest + 1, sizeof *numbers);
  ask->points = ph_allocate(status, needed.deepest + 1, sizeof *ask->points);
  ask->ended = ph_allocate(status, needed.deepest + 1, sizeof *ask->ended);
  ph_period period;
  for (size_t k = needed.deepest + 1; k-- > 0 && ph_continue(status);)
    if (is_needed(&needed, k) && (k == 0 || period_before(all, ask, k, &period)))
      add_point(all, ask, numbers, k, status);
  if (!ph_failed(status)) all->points[ask->points[ask->count - 1]].is_asked = true;
  ph_release(status->memory, needed.firsts);
  ph_release(status->memory, numbers);
}

static bool has_ask(const ph_row_points *all, const ph_forecast_row *row) {
  for (size_t at = 0; at < all->ask_count; at++)
    if (ph_period_compare(all->asks[at].period, row->group.period) == 0 && all->asks[at].day == row->day)
      return true;
  return false;
}

static void collect_asks(ph_row_points *all, const ph_forecast_row *rows, size_t count, ph_status *status) {
  all->asks = ph_allocate_zeroed(status, count, sizeof *all->asks);
  all->group_place = ph_allocate_zeroed(status, all->pipeline->history.names.count, sizeof *all->group_place);
  if (ph_failed(status)) return;
  for (size_t row = 0; row < count; row++)
    if (all->group_place[rows[row].group.name] == 0)
      all->group_place[rows[row].group.name] = (uint32_t)++all->group_count;
  for (size_t row = 0; row < count && !ph_failed(status); row++) {
    if (has_ask(all, &rows[row])) continue;
    ph_forecast_ask *ask = &all->asks[all->ask_count++];
    *ask = (ph_forecast_ask){.period = rows[row].group.period, .day = rows[row].day};
    collect_points(all, ask, status);
  }
}

static void sort_by_day(ph_row_points *all, ph_status *status) {
  all->by_day = ph_allocate(status, all->point_count, sizeof *all->by_day);
  for (size_t at = 0; at < all->point_count && !ph_failed(status); at++) {
    size_t place = at;
    for (; place > 0 && all->points[all->by_day[place - 1]].day > all->points[at].day; place--)
      all->by_day[place] = all->by_day[place - 1];
    all->by_day[place] = at;
  }
}

/* The period begins after tomorrow: deals may be won before it begins. */
static bool is_ahead(const ph_point *point) {
  return point->day < point->period.start - 1;
}

/* A point on or after the end of its period asks nothing of the ladder. */
static ph_ladder_question question_of(const ph_point *point) {
  return ph_chance_question(point->day, point->day < point->period.end ? point->period.end - point->day : 0);
}

static ph_ladder_question question_before(const ph_point *point) {
  return is_ahead(point) ? ph_chance_question(point->day, point->period.start - 1 - point->day)
                         : question_of(point);
}

static size_t place_of(const ph_ladder *ladder, ph_ladder_question question) {
  return ph_ladder_question_place(ladder, question.last_day, question.horizon_days);
}

static const ph_ladder *learn(ph_row_points *all, ph_status *status) {
  const ph_ladder *ladder = NULL;
  ph_ladder_question *questions = ph_allocate(status, 2 * all->point_count, sizeof *questions);
  for (size_t at = 0; at < all->point_count && !ph_failed(status); at++) {
    questions[2 * at] = question_of(&all->points[at]);
    questions[2 * at + 1] = question_before(&all->points[at]);
  }
  if (!ph_failed(status)) ladder = ph_pipeline_ladder(all->pipeline, questions, 2 * all->point_count, status);
  for (size_t at = 0; at < all->point_count && !ph_failed(status); at++) {
    all->points[at].question = place_of(ladder, questions[2 * at]);
    all->points[at].question_before = place_of(ladder, questions[2 * at + 1]);
  }
  ph_release(status->memory, questions);
  return ladder;
}

/* ------------------------------------------------------------------------------------------- filling them */

/* What all deals are looked up in. */
typedef struct sources {
  const ph_timeline *timeline;
  const ph_deal_pieces *pieces;
  const ph_ladder *ladder;
} sources;

/* Where a deal stands on a day. */
typedef struct deal_day {
  ph_span span;
  ph_class_piece class_piece;
  ph_factor_piece factor_piece;
} deal_day;

/* That share of what is stalled or dead has the chance of progressing deals of its stage. */
static double revived_chance(const ph_row_points *all, const ph_ladder *ladder, size_t question,
                             const ph_span *span, double chance) {
  if (all->revived_share == 0 || (span->verdict != PH_VERDICT_STALLED && span->verdict != PH_VERDICT_DEAD))
    return chance;
  double progressing = ph_ladder_class_chance(ladder, question, PH_VERDICT_PROGRESSING, span->stage);
  return (1 - all->revived_share) * chance + all->revived_share * progressing;
}

/* The chance of an open deal to be won in what is left of a point's period. */
static double chance_in(const ph_ladder *ladder, const ph_point *point, const deal_day *deal) {
  double chance = ph_ladder_chance_alone(ladder, point->question, deal->class_piece, deal->factor_piece);
  if (!is_ahead(point)) return chance;
  chance -= ph_ladder_chance_alone(ladder, point->question_before, deal->class_piece, deal->factor_piece);
  return chance < 0 ? 0 : chance;
}

static void add_open(ph_row_points *all, const ph_ladder *ladder, size_t at, uint32_t group,
                     const deal_day *deal, ph_status *status) {
  ph_point *to = &all->points[at];
  ph_group_point *of = &to->groups[group];
  double amount = (double)deal->span.amount;
  double chance = chance_in(ladder, to, deal);
  if (ph_is_nan(chance)) {
    of->unknown = true;
    return;
  }
  if (to->is_asked) chance = revived_chance(all, ladder, to->question, &deal->span, chance);
  of->point.open_mean += chance * amount;
  of->point.open_variance += chance * (1 - chance) * amount * amount;
  if (!to->is_asked || !ph_reserve(status, (void **)&all->open_deals, &all->open_capacity,
                                   all->open_count + 1, sizeof *all->open_deals))
    return;
  all->open_deals[all->open_count++] = (ph_open_deal){(uint32_t)at, group, chance};
}

static void add_open_deal(ph_row_points *all, const sources *from, size_t deal, ph_status *status) {
  const ph_deal *of = &all->pipeline->history.deals[deal];
  const ph_pieces_of_deal pieces = ph_deal_pieces_of(from->pieces, deal);
  size_t span = from->timeline->first_span[deal], class_at = 0, factor_at = 0;
  for (size_t index = 0; index < all->point_count && !ph_failed(status); index++) {
    size_t at = all->by_day[index];
    ph_day day = all->points[at].day;
    if (day < of->created) continue;
    if (day >= of->closing) return;
    while (span + 1 < from->timeline->first_span[deal + 1] &&
           ph_packed_span_from(from->timeline->spans[span + 1]) <= day)
      span++;
    while (class_at + 1 < pieces.class_count && ph_piece_from(pieces.classes[class_at + 1]) <= day)
      class_at++;
    while (factor_at + 1 < pieces.factor_count && ph_piece_from(pieces.factors[factor_at + 1]) <= day)
      factor_at++;
    const deal_day on = {ph_timeline_span_at(from->timeline, deal, span), pieces.classes[class_at],
                         pieces.factors[factor_at]};
    uint32_t group = all->group_place[ph_group_of(all->scope, of, on.span.owner, on.span.stage)];
    if (group != 0) add_open(all, from->ladder, at, group - 1, &on, status);
  }
}

static void add_win_so_far(ph_wins_so_far *wins, double amount) {
  wins->count++;
  wins->sum += amount;
  wins->squares += amount * amount;
}

static void add_win(ph_row_points *all, size_t deal, ph_closing closing) {
  const ph_deal *of = &all->pipeline->history.deals[deal];
  uint32_t group = all->group_place[ph_group_of(all->scope, of, closing.owner, closing.stage)];
  double amount = (double)closing.amount;
  for (size_t at = 0; at < all->point_count; at++) {
    ph_point *to = &all->points[at];
    if (ph_deal_is_won(of, to->day)) {
      add_win_so_far(&to->wins, amount);
      if (group != 0) add_win_so_far(&to->groups[group - 1].wins, amount);
    } else if (group != 0 && of->created <= of->closing && of->closing > to->day &&
               of->closing >= to->period.start && of->closing <= to->period.end) {
      ph_forecast_point *numbers = &to->groups[group - 1].point;
      bool is_new = of->created > to->day;
      *(is_new ? &numbers->won_new : &numbers->won_open) += amount;
      numbers->new_count += is_new;
    }
  }
}

static double severity_of(const ph_wins_so_far *wins) {
  return wins->sum > 0 ? wins->squares / wins->sum : 0;
}

static void fill_points(ph_row_points *all, ph_status *status) {
  const ph_history *history = &all->pipeline->history;
  ph_pipeline_order(all->pipeline, status);
  sources from = {.timeline = ph_pipeline_timeline(all->pipeline, status)};
  if (ph_failed(status)) return;
  from.pieces = ph_pipeline_pieces(all->pipeline, all->points[all->by_day[all->point_count - 1]].day, status);
  from.ladder = learn(all, status);
  for (size_t place = 0; place < history->deal_count && ph_continue(status); place++) {
    size_t deal = ph_pipeline_deal_at(all->pipeline, place);
    if (ph_timeline_span_count(from.timeline, deal) > 0) add_open_deal(all, &from, deal, status);
    if (history->deals[deal].outcome == PH_OUTCOME_WON && history->deals[deal].created != PH_DAY_NEVER)
      add_win(all, deal, ph_closing_of(from.timeline, deal));
  }
  for (size_t at = 0; at < all->point_count; at++)
    for (size_t group = 0; group < all->group_count; group++) {
      ph_group_point *of = &all->points[at].groups[group];
      of->point.severity = severity_of(of->wins.count >= ENOUGH_WINS ? &of->wins : &all->points[at].wins);
    }
}

void ph_row_points_begin(ph_row_points *all, ph_pipeline *pipeline, ph_scope scope, double revived_share,
                         const ph_forecast_row *rows, size_t count, ph_status *status) {
  *all = (ph_row_points){.pipeline = pipeline, .scope = scope, .revived_share = revived_share};
  all->lookback = (size_t)ph_policy_integer(&pipeline->history.policy, PH_POLICY_LOOKBACK_PERIODS);
  collect_asks(all, rows, count, status);
  sort_by_day(all, status);
  if (all->point_count > 0 && !ph_failed(status)) fill_points(all, status);
}

void ph_row_points_end(ph_row_points *all) {
  const ph_memory *memory = all->pipeline->memory;
  for (size_t at = 0; at < all->point_count; at++) ph_release(memory, all->points[at].groups);
  for (size_t at = 0; at < all->ask_count; at++) {
    ph_release(memory, all->asks[at].points);
    ph_release(memory, all->asks[at].ended);
  }
  ph_release(memory, all->points);
  ph_release(memory, all->by_day);
  ph_release(memory, all->asks);
  ph_release(memory, all->group_place);
  ph_release(memory, all->open_deals);
}
