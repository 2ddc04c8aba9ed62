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
  ph_groups groups;
  group_sums *sums; /* by place of the group */
  size_t capacity;
} flow;

static group_sums *sums_of(flow *between, uint32_t name, ph_status *status) {
  return ph_groups_row(&between->groups, name, (void **)&between->sums, &between->capacity,
                       sizeof *between->sums, status);
}

static uint32_t group_of(const flow *between, const ph_deal *deal, const ph_span *span) {
  return ph_group_of(between->scope, deal, span->owner, span->stage);
}

static void count_start(flow *between, const ph_deal *deal, const ph_span *before, const ph_span *after,
                        ph_status *status) {
  group_sums *sums = sums_of(between, group_of(between, deal, before), status);
  if (sums == NULL) return;
  sums->starting_deals++;
  ph_money_add(&sums->amount[PH_FLOW_STARTING], before->amount);
  if (after == NULL) {
    ph_money_add(&sums->amount[deal->outcome == PH_OUTCOME_WON ? PH_FLOW_WON : PH_FLOW_LOST], before->amount);
  } else if (group_of(between, deal, after) != group_of(between, deal, before)) {
    ph_money_add(&sums->amount[PH_FLOW_TRANSFERRED_OUT], before->amount);
  }
}

/* A deal that went to another group comes in with its starting amount; what it grew or shrank by since is the
** new group's. */
static void count_end(flow *between, const ph_deal *deal, const ph_span *before, const ph_span *after,
                      ph_status *status) {
  group_sums *sums = sums_of(between, group_of(between, deal, after), status);
  if (sums == NULL) return;
  sums->ending_deals++;
  ph_money_add(&sums->amount[PH_FLOW_ENDING], after->amount);
  if (before == NULL) {
    ph_money_add(&sums->amount[PH_FLOW_CREATED], after->amount);
  } else {
    bool grew = after->amount > before->amount;
    ph_money_sum *change = &sums->amount[grew ? PH_FLOW_INCREASED : PH_FLOW_DECREASED];
    ph_money_add(change, grew ? after->amount : before->amount);
    ph_money_subtract(change, grew ? before->amount : after->amount);
    if (group_of(between, deal, after) != group_of(between, deal, before))
      ph_money_add(&sums->amount[PH_FLOW_TRANSFERRED_IN], before->amount);
  }
  bool was_stalled = before != NULL && ph_verdict_is_stalled(before->verdict);
  bool is_stalled = ph_verdict_is_stalled(after->verdict);
  if (is_stalled && !was_stalled) ph_money_add(&sums->amount[PH_FLOW_BECAME_STALLED], after->amount);
  if (was_stalled && !is_stalled) ph_money_add(&sums->amount[PH_FLOW_RECOVERED], after->amount);
}

static void count_deal(flow *between, size_t index, ph_status *status) {
  const ph_deal *deal = &between->pipeline->history.deals[index];
  ph_span span_before, span_after;
  const ph_span *before =
      ph_timeline_span(between->timeline, index, between->from, &span_before) ? &span_before : NULL;
  const ph_span *after =
      ph_timeline_span(between->timeline, index, between->to, &span_after) ? &span_after : NULL;
  if (before != NULL) count_start(between, deal, before, after, status);
  if (after != NULL) count_end(between, deal, before, after, status);
  if (!ph_deal_is_won(deal, between->to) || deal->closing <= between->from) return;
  ph_closing closing = ph_closing_of(between->timeline, index);
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

void ph_flow_between(ph_pipeline *pipeline, ph_day from, ph_day to, ph_scope scope, ph_flow_row **rows,
                     size_t *count, ph_status *status) {
  flow between = {.pipeline = pipeline, .from = from, .to = to, .scope = scope};
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
