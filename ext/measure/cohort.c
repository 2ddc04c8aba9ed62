/* Cohorts. See cohort.h. */
#include "cohort.h"

#include "../base/group.h"
#include "../base/sort.h"

static const char *const NAME = "pipeline_cohort";

/* The last one is no age: by the last day. */
static const int32_t ages[] = {30, 60, 90, 180, -1};
enum { AGES = sizeof ages / sizeof *ages };

/* A deal that was created in the time asked for. */
typedef struct newcomer {
  uint32_t deal, group; /* place of the group */
  uint32_t period;      /* place in the calendar */
  ph_day second_meeting;
  int64_t amount;
} newcomer;

typedef struct cohorts {
  ph_pipeline *pipeline;
  ph_day from, to;
  ph_scope scope;
  ph_calendar calendar;
  ph_groups groups;
  uint32_t *rank_of_group; /* by place: in the order of names */
  newcomer *newcomers;
  size_t count, capacity;
} cohorts;

/* The second day with a meeting; PH_DAY_NEVER without one. */
static ph_day second_meeting_day(const ph_history *history, const ph_deal *deal) {
  ph_day first = PH_DAY_NONE;
  for (size_t at = deal->first_event; at < deal[1].first_event; at++) {
    const ph_event *event = &history->events[at];
    if (ph_event_kind(event) != PH_KIND_MEETING) continue;
    if (first == PH_DAY_NONE) first = ph_event_day(event);
    if (ph_event_day(event) > first) return ph_event_day(event);
  }
  return PH_DAY_NEVER;
}

static void add_deal(cohorts *asked, size_t index, ph_status *status) {
  ph_rules *rules = &asked->pipeline->rules;
  const ph_history *history = &asked->pipeline->history;
  const ph_deal *deal = &history->deals[index];
  ph_deal_state state;
  if (deal->created < asked->from || deal->created > asked->to) return;
  if (!ph_reserve(status, (void **)&asked->newcomers, &asked->capacity, asked->count + 1,
                  sizeof *asked->newcomers))
    return;
  ph_deal_state_on(rules, index, deal->created, &state);
  /* the rate of a deal that was closed before it was created is that of its closing */
  ph_day day = deal->closing < deal->created ? deal->closing : deal->created;
  asked->newcomers[asked->count++] =
      (newcomer){.deal = (uint32_t)index,
                 .group = (uint32_t)ph_groups_place(
                     &asked->groups, ph_group_of(asked->scope, deal, state.owner, state.stage)),
                 .period = (uint32_t)ph_calendar_place(&asked->calendar, deal->created),
                 .second_meeting = second_meeting_day(history, deal),
                 .amount = ph_deal_amount_on(rules, deal, &state, day)};
}

static int compare_newcomers(const void *context, uint32_t left, uint32_t right) {
  const cohorts *asked = context;
  const newcomer *a = &asked->newcomers[left], *b = &asked->newcomers[right];
  uint32_t rank = asked->rank_of_group[a->group], other = asked->rank_of_group[b->group];
  if (rank != other) return rank < other ? -1 : 1;
  return a->period < b->period ? -1 : a->period > b->period;
}

static void rank_groups(cohorts *asked, ph_status *status) {
  uint32_t *order = ph_groups_order(&asked->groups, &asked->pipeline->history.names, status);
  asked->rank_of_group = ph_allocate(status, asked->groups.count, sizeof *asked->rank_of_group);
  for (size_t rank = 0; rank < asked->groups.count && !ph_failed(status); rank++)
    asked->rank_of_group[order[rank]] = (uint32_t)rank;
  ph_release(status->memory, order);
}

static void count_newcomer(const cohorts *asked, const newcomer *at, ph_cohort_row *row) {
  const ph_deal *deal = &asked->pipeline->history.deals[at->deal];
  bool has_age = row->within_days >= 0;
  bool is_young = has_age && asked->to - deal->created < row->within_days;
  ph_day last = has_age && !is_young ? deal->created + (ph_day)row->within_days : asked->to;
  bool is_closed = deal->closing <= last;
  row->created_deals++;
  row->second_meeting_deals += at->second_meeting <= last;
  row->won_deals += is_closed && deal->outcome == PH_OUTCOME_WON;
  row->lost_deals += is_closed && deal->outcome == PH_OUTCOME_LOST;
  row->pending_deals += is_young && !is_closed;
  row->open_deals += !is_young && !is_closed;
}

/* Appends the rows of newcomers [first, end) in the order, which are those of one group and period. */
static void fill_cohort(const cohorts *asked, const uint32_t *order, size_t first, size_t end,
                        ph_cohort_row *rows, ph_status *status) {
  const newcomer *at = &asked->newcomers[order[first]];
  ph_money_sum amount = {0, 0};
  for (size_t index = first; index < end; index++)
    ph_money_add(&amount, asked->newcomers[order[index]].amount);
  for (int age = 0; age < AGES; age++) {
    rows[age] = (ph_cohort_row){.name = asked->groups.names[at->group],
                                .period = ph_calendar_period(&asked->calendar, at->period),
                                .within_days = ages[age],
                                .created_amount = ph_money_value(&amount, NAME, status)};
    for (size_t index = first; index < end && ph_continue(status); index++)
      count_newcomer(asked, &asked->newcomers[order[index]], &rows[age]);
  }
}

static void fill_rows(cohorts *asked, ph_cohort_row **rows, size_t *count, ph_status *status) {
  rank_groups(asked, status);
  uint32_t *order =
      ph_failed(status) ? NULL : ph_sorted_indexes(asked->count, compare_newcomers, asked, status);
  size_t filled = 0, capacity = 0;
  for (size_t first = 0, end; first < asked->count && ph_continue(status); first = end) {
    for (end = first + 1; end < asked->count;) {
      if (compare_newcomers(asked, order[first], order[end]) != 0) break;
      end++;
    }
    if (!ph_reserve(status, (void **)rows, &capacity, filled + AGES, sizeof **rows)) break;
    fill_cohort(asked, order, first, end, &(*rows)[filled], status);
    filled += AGES;
  }
  if (!ph_failed(status)) *count = filled;
  ph_release(status->memory, order);
}

void ph_cohorts_between(ph_pipeline *pipeline, ph_day from, ph_day to, ph_step step, ph_scope scope,
                        ph_cohort_row **rows, size_t *count, ph_status *status) {
  const ph_history *history = &pipeline->history;
  cohorts asked = {.pipeline = pipeline, .from = from, .to = to, .scope = scope};
  *rows = NULL;
  *count = 0;
  ph_check_days(NAME, from, to, status);
  ph_calendar_begin(&asked.calendar, step,
                    ph_policy_integer(&history->policy, PH_POLICY_FISCAL_YEAR_START_MONTH), from, to);
  ph_groups_begin(&asked.groups, &history->names, status);
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++)
    add_deal(&asked, index, status);
  if (!ph_failed(status)) fill_rows(&asked, rows, count, status);
  ph_groups_end(&asked.groups);
  ph_release(status->memory, asked.rank_of_group);
  ph_release(status->memory, asked.newcomers);
}
