/* Outlook. See outlook.h. */
#include "outlook.h"

#include "../base/sort.h"
#include "../base/statistics.h"
#include "hit_probability.h"

#include <math.h>

/* An open deal before it is sorted. */
typedef struct found_deal {
  uint32_t group;
  ph_claimed_deal claimed;
} found_deal;

typedef struct found_deals {
  found_deal *deals;
  size_t count, capacity;
} found_deals;

static void add_open_deal(const ph_outlook *outlook, const ph_deal *deal, const ph_span *span,
                          found_deals *found, ph_status *status) {
  if (!ph_reserve(status, (void **)&found->deals, &found->capacity, found->count + 1, sizeof *found->deals))
    return;
  found_deal *added = &found->deals[found->count++];
  added->group = ph_group_of(outlook->scope, deal, span->owner, span->stage);
  added->claimed = (ph_claimed_deal){span->close_date, span->verdict, span->stage, span->amount};
}

/* Finds what is open on each of the days in one pass over the spans. */
static void find_open_deals(const ph_outlook *outlooks, size_t count, const ph_timeline *timeline,
                            found_deals *found, ph_status *status) {
  const ph_history *history = timeline->history;
  if (timeline->spans == NULL) return; /* no deal was ever open */
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    const ph_deal *deal = &history->deals[index];
    size_t span = timeline->first_span[index], end = timeline->first_span[index + 1];
    for (size_t at = 0; at < count && outlooks[at].day < deal->closing; at++) {
      if (outlooks[at].day < deal->created) continue;
      while (span + 1 < end && ph_packed_span_from(timeline->spans[span + 1]) <= outlooks[at].day) span++;
      ph_span open = ph_timeline_span_at(timeline, index, span);
      add_open_deal(&outlooks[at], deal, &open, &found[at], status);
    }
  }
}

/* A counting sort by group. */
static void sort_by_group(ph_outlook *outlook, const found_deals *found, uint32_t name_count,
                          ph_status *status) {
  uint32_t *first = outlook->first_deal = ph_allocate_zeroed(status, (size_t)name_count + 2, sizeof *first);
  outlook->deals = ph_allocate(status, found->count, sizeof *outlook->deals);
  if (ph_failed(status)) return;
  for (size_t index = 0; index < found->count; index++) first[found->deals[index].group + 2]++;
  for (uint32_t name = 2; name < name_count + 2; name++) first[name] += first[name - 1];
  for (size_t index = 0; index < found->count; index++)
    outlook->deals[first[found->deals[index].group + 1]++] = found->deals[index].claimed;
}

void ph_outlooks_begin(ph_outlook *outlooks, ph_pipeline *pipeline, ph_scope scope, const ph_day *days,
                       size_t count, ph_status *status) {
  found_deals *found = ph_allocate_zeroed(status, count, sizeof *found);
  for (size_t at = 0; at < count; at++)
    outlooks[at] = (ph_outlook){.pipeline = pipeline, .scope = scope, .day = days[at]};
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  const ph_class_runs *runs = ph_pipeline_runs(pipeline, status);
  for (size_t at = 0; at < count; at++)
    outlooks[at].class_place =
        ph_allocate_zeroed(status, runs->stage_count * PH_VERDICT_COUNT, sizeof *outlooks[at].class_place);
  if (!ph_failed(status)) find_open_deals(outlooks, count, timeline, found, status);
  for (size_t at = 0; found != NULL && at < count; at++) {
    if (!ph_failed(status)) sort_by_group(&outlooks[at], &found[at], pipeline->history.names.count, status);
    ph_release(pipeline->memory, found[at].deals);
  }
  ph_release(pipeline->memory, found);
}

void ph_outlook_begin(ph_outlook *outlook, ph_pipeline *pipeline, ph_scope scope, ph_day day,
                      ph_status *status) {
  ph_outlooks_begin(outlook, pipeline, scope, &day, 1, status);
}

void ph_outlook_end(ph_outlook *outlook) {
  if (outlook->pipeline == NULL) return;
  const ph_memory *memory = outlook->pipeline->memory;
  ph_release(memory, outlook->deals);
  ph_release(memory, outlook->first_deal);
  ph_release(memory, outlook->class_place);
}

static bool is_claimed(ph_day close_date, ph_period period, ph_day day) {
  if (close_date == PH_DAY_NONE || close_date > period.end) return false;
  if (close_date >= period.start) return true;
  return period.start <= day && close_date < day; /* overdue, in a period that contains the day */
}

/* What a group claims in one reference class. */
typedef struct class_claims {
  size_t class;
  double win_rate;
  ph_money_sum amount;
} class_claims;

/* The reference classes in which a group claims deals: few, however many the deals. */
typedef struct claimed_classes {
  class_claims *classes;
  size_t count, capacity;
} claimed_classes;

static void add_to_class(ph_outlook *outlook, size_t class, const ph_claim *claim, claimed_classes *claimed,
                         ph_status *status) {
  if (outlook->class_place[class] == 0) {
    if (!ph_reserve(status, (void **)&claimed->classes, &claimed->capacity, claimed->count + 1,
                    sizeof *claimed->classes))
      return;
    claimed->classes[claimed->count++] = (class_claims){class, claim->win_rate, {0, 0}};
    outlook->class_place[class] = (uint32_t)claimed->count;
  }
  ph_money_add(&claimed->classes[outlook->class_place[class] - 1].amount, claim->amount_units);
}

static int compare_rates(const void *context, uint32_t left, uint32_t right) {
  const class_claims *classes = context;
  return classes[left].win_rate < classes[right].win_rate ? -1
                                                          : classes[left].win_rate > classes[right].win_rate;
}

/* Σ amount × win rate. Amounts of one rate are summed exactly first, and rates are taken in ascending order,
** so the bytes do not depend on the order of the deals. */
static double expected_units(const claimed_classes *claimed, ph_status *status) {
  const class_claims *classes = claimed->classes;
  double expected = 0;
  uint32_t *order = ph_sorted_indexes(claimed->count, compare_rates, classes, status);
  ph_money_sum sum = {0, 0};
  for (size_t index = 0; index < claimed->count && !ph_failed(status); index++) {
    const class_claims *class = &classes[order[index]];
    ph_money_add_sum(&sum, &class->amount);
    if (index + 1 < claimed->count && classes[order[index + 1]].win_rate == class->win_rate) continue;
    expected += class->win_rate * (double)ph_money_value(&sum, "real_coverage", status);
    sum = (ph_money_sum){0, 0};
  }
  ph_release(status->memory, order);
  return expected;
}

void ph_outlook_expect(ph_outlook *outlook, const ph_group_quota *group, int64_t remaining,
                       bool with_probability, ph_expectation *expectation, ph_status *status) {
  *expectation = (ph_expectation){.known = true};
  /* a finished counting sort leaves the end of each group where its successor began */
  size_t first = ph_failed(status) ? 0 : outlook->first_deal[group->name];
  size_t end = ph_failed(status) ? 0 : outlook->first_deal[group->name + 1], count = 0;
  const ph_win_rates *rates =
      ph_pipeline_win_rates(outlook->pipeline, outlook->day, group->period.end - outlook->day, status);
  ph_claim *claims = ph_allocate(status, end - first, sizeof *claims);
  claimed_classes classes = {0};
  for (size_t index = first; index < end && ph_continue(status); index++) {
    const ph_claimed_deal *deal = &outlook->deals[index];
    if (!is_claimed(deal->close_date, group->period, outlook->day)) continue;
    size_t stage_place = outlook->pipeline->runs.stage_place[deal->stage] - 1;
    double rate = ph_win_rate_of(rates, stage_place, deal->verdict);
    if (ph_is_nan(rate)) expectation->known = false;
    claims[count] = (ph_claim){deal->amount, rate};
    add_to_class(outlook, stage_place * PH_VERDICT_COUNT + deal->verdict, &claims[count++], &classes, status);
  }
  if (!ph_failed(status) && expectation->known) {
    expectation->expected_units = expected_units(&classes, status);
    if (with_probability) expectation->hit_probability = ph_hit_probability(claims, count, remaining, status);
  }
  for (size_t index = 0; index < classes.count; index++)
    outlook->class_place[classes.classes[index].class] = 0;
  ph_release(status->memory, classes.classes);
  ph_release(status->memory, claims);
}
