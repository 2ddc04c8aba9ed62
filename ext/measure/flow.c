/* Flow. See flow.h. */
#include "flow.h"

#include "../base/group.h"

static const char *const NAME = "pipeline_flow";

typedef struct group_sums {
  int64_t starting_deals, ending_deals;
  ph_money_sum amount[PH_FLOW_AMOUNT_COUNT];
} group_sums;

/* The two days, and what was summed up so far. */
typedef struct flow {
  ph_pipeline *pipeline;
  const ph_timeline *timeline;
  ph_day from, to;
  ph_scope scope;
  const ph_period *close_window; /* NULL: every close date, and none */
  ph_groups groups;
  group_sums *sums; /* by place of the group */
  size_t capacity;
} flow;

/* What a deal was on a day: span and group are set when it is open, in the window or not. */
typedef struct deal_day {
  bool is_open, counts;
  ph_span span;
  uint32_t group;
} deal_day;

static group_sums *sums_of(flow *between, uint32_t name, ph_status *status) {
  return ph_groups_row(&between->groups, name, (void **)&between->sums, &between->capacity,
                       sizeof *between->sums, status);
}

static bool is_in_window(const flow *between, ph_day close_date) {
  const ph_period *window = between->close_window;
  return window == NULL ||
         (close_date != PH_DAY_NONE && window->start <= close_date && close_date <= window->end);
}

static void look_at(const flow *between, size_t index, ph_day day, deal_day *at) {
  at->counts = false;
  at->is_open = ph_timeline_span(between->timeline, index, day, &at->span);
  if (!at->is_open) return;
  at->counts = is_in_window(between, at->span.close_date);
  at->group =
      ph_group_of(between->scope, &between->pipeline->history.deals[index], at->span.owner, at->span.stage);
}

/* What the starting amount is worth on the last day: another amount where rates moved. */
static int64_t revalued_start(const flow *between, size_t index, const deal_day *before) {
  ph_rules *rules = &between->pipeline->rules;
  const ph_deal *deal = &between->pipeline->history.deals[index];
  ph_deal_state start, end;
  if (!rules->rates_move || deal->currency == 0) return before->span.amount;
  ph_deal_state_on(rules, index, between->from, &start);
  ph_deal_state_on(rules, index, between->to, &end);
  end.amount = start.amount;
  return ph_deal_amount_on(rules, deal, &end, between->to);
}

static ph_flow_amount way_out(const ph_deal *deal, const deal_day *after) {
  if (after->is_open) return PH_FLOW_PUSHED_OUT;
  if (deal->outcome == PH_OUTCOME_WON) return PH_FLOW_WON;
  return deal->outcome == PH_OUTCOME_LOST ? PH_FLOW_LOST : PH_FLOW_VANISHED;
}

static void count_start(flow *between, const ph_deal *deal, const deal_day *before, const deal_day *after,
                        ph_status *status) {
  group_sums *sums = sums_of(between, before->group, status);
  if (sums == NULL) return;
  sums->starting_deals++;
  ph_money_add(&sums->amount[PH_FLOW_STARTING], before->span.amount);
  if (!after->counts) {
    ph_money_add(&sums->amount[way_out(deal, after)], before->span.amount);
  } else if (after->group != before->group) {
    ph_money_add(&sums->amount[PH_FLOW_TRANSFERRED_OUT], before->span.amount);
  }
}

/* A deal that went to another group comes in with its starting amount; what it grew or shrank by since is the
** new group's. */
static void count_stay(flow *between, size_t index, const deal_day *before, const deal_day *after,
                       group_sums *sums) {
  int64_t start = before->span.amount, end = after->span.amount;
  int64_t revalued = revalued_start(between, index, before);
  ph_money_sum *change = &sums->amount[end > revalued ? PH_FLOW_INCREASED : PH_FLOW_DECREASED];
  if (after->group != before->group) ph_money_add(&sums->amount[PH_FLOW_TRANSFERRED_IN], start);
  if (end == revalued && revalued == start) return; /* as most deals are */
  ph_money_add(&sums->amount[PH_FLOW_REVALUED], revalued);
  ph_money_subtract(&sums->amount[PH_FLOW_REVALUED], start);
  ph_money_add(change, end > revalued ? end : revalued);
  ph_money_subtract(change, end > revalued ? revalued : end);
}

static void count_end(flow *between, size_t index, const deal_day *before, const deal_day *after,
                      ph_status *status) {
  group_sums *sums = sums_of(between, after->group, status);
  if (sums == NULL) return;
  sums->ending_deals++;
  ph_money_add(&sums->amount[PH_FLOW_ENDING], after->span.amount);
  if (before->counts) {
    count_stay(between, index, before, after, sums);
  } else {
    ph_money_add(&sums->amount[before->is_open ? PH_FLOW_PULLED_IN : PH_FLOW_CREATED], after->span.amount);
  }
  bool was_stalled = before->counts && ph_verdict_is_stalled(before->span.verdict);
  bool is_stalled = ph_verdict_is_stalled(after->span.verdict);
  if (is_stalled && !was_stalled) ph_money_add(&sums->amount[PH_FLOW_BECAME_STALLED], after->span.amount);
  if (was_stalled && !is_stalled) ph_money_add(&sums->amount[PH_FLOW_RECOVERED], after->span.amount);
}

static void count_deal(flow *between, size_t index, ph_status *status) {
  const ph_deal *deal = &between->pipeline->history.deals[index];
  deal_day before, after;
  look_at(between, index, between->from, &before);
  look_at(between, index, between->to, &after);
  if (before.counts) count_start(between, deal, &before, &after, status);
  if (after.counts) count_end(between, index, &before, &after, status);
  if (!ph_deal_is_won(deal, between->to) || deal->closing <= between->from) return;
  ph_closing closing = ph_closing_of(between->timeline, index);
  if (!is_in_window(between, closing.close_date)) return;
  group_sums *sums =
      sums_of(between, ph_group_of(between->scope, deal, closing.owner, closing.stage), status);
  if (sums != NULL) ph_money_add(&sums->amount[PH_FLOW_CLOSED_WON], closing.amount);
}

static void fill_rows(const flow *between, ph_flow_row *rows, ph_status *status) {
  uint32_t *order = ph_groups_order(&between->groups, &between->pipeline->history.names, status);
  for (size_t index = 0; index < between->groups.count && ph_continue(status); index++) {
    const group_sums *sums = &between->sums[order[index]];
    ph_flow_row *row = &rows[index];
    row->name = between->groups.names[order[index]];
    row->starting_deals = sums->starting_deals;
    row->ending_deals = sums->ending_deals;
    for (int amount = 0; amount < PH_FLOW_AMOUNT_COUNT; amount++)
      row->amount[amount] = ph_money_value(&sums->amount[amount], NAME, status);
  }
  ph_release(status->memory, order);
}

void ph_flow_between(ph_pipeline *pipeline, ph_day from, ph_day to, ph_scope scope,
                     const ph_period *close_window, ph_flow_row **rows, size_t *count, ph_status *status) {
  flow between = {.pipeline = pipeline, .from = from, .to = to, .scope = scope, .close_window = close_window};
  *rows = NULL;
  *count = 0;
  ph_check_days(NAME, from, to, status);
  between.timeline = ph_pipeline_timeline(pipeline, status);
  ph_groups_begin(&between.groups, &pipeline->history.names, status);
  if (scope == PH_SCOPE_ALL) sums_of(&between, 0, status);
  for (size_t index = 0; index < pipeline->history.deal_count && ph_continue(status); index++)
    count_deal(&between, index, status);
  *rows = ph_allocate(status, between.groups.count, sizeof **rows);
  if (!ph_failed(status)) fill_rows(&between, *rows, status);
  if (!ph_failed(status)) *count = between.groups.count;
  ph_groups_end(&between.groups);
  ph_release(status->memory, between.sums);
}
