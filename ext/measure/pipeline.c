/* What all measures work on. See pipeline.h. */
#include "pipeline.h"

#include "../base/sort.h"

void ph_pipeline_begin(ph_pipeline *pipeline, ph_status *status) {
  ph_rules_begin(&pipeline->rules, &pipeline->history, status);
}

static void end_wins(ph_wins *wins, const ph_memory *memory) {
  ph_release(memory, wins->group_place);
  ph_release(memory, wins->first_win);
  ph_release(memory, wins->deals);
  ph_release(memory, wins->days);
  ph_release(memory, wins->sums);
  ph_release(memory, wins->late);
}

void ph_pipeline_end(ph_pipeline *pipeline) {
  const ph_memory *memory = pipeline->memory;
  for (int scope = 0; scope < PH_SCOPE_COUNT; scope++) {
    end_wins(&pipeline->wins[scope], memory);
    ph_day_index_end(&pipeline->integrity[scope]);
    ph_day_index_end(&pipeline->claims[scope]);
  }
  ph_release(memory, pipeline->boundaries);
  ph_release(memory, pipeline->deal_order);
  ph_release(memory, pipeline->stage_names);
  ph_release(memory, pipeline->stage_place);
  ph_release(memory, pipeline->runs);
  ph_release(memory, pipeline->first_run);
  ph_release(memory, pipeline->won_on);
  ph_release(memory, pipeline->closings);
  for (size_t index = 0; index < pipeline->win_rates_count; index++)
    ph_release(memory, pipeline->win_rates[index].classes);
  ph_release(memory, pipeline->win_rates);
  ph_timeline_end(&pipeline->timeline);
  ph_rules_end(&pipeline->rules);
  ph_history_end(&pipeline->history);
}

const ph_timeline *ph_pipeline_timeline(ph_pipeline *pipeline, ph_status *status) {
  if (!pipeline->timeline_made && !ph_failed(status)) {
    ph_timeline_end(&pipeline->timeline); /* what an interrupted build left */
    ph_timeline_begin(&pipeline->timeline, &pipeline->history, status);
    pipeline->timeline_made = !ph_failed(status);
  }
  return &pipeline->timeline;
}

/* The closings of a part of the deals. */
typedef struct closing_part {
  _Alignas(PH_APART) const ph_history *history;
  ph_rules rules;
  ph_closing *closings; /* by deal, of all */
} closing_part;

static void find_closings(void *context, int part, ph_status *status) {
  closing_part *at = (closing_part *)context + part;
  const ph_history *history = at->history;
  for (size_t index = ph_first_of_part(part); index < history->deal_count && ph_continue(status);
       index = ph_next_of_part(index)) {
    const ph_deal *deal = &history->deals[index];
    ph_deal_state state;
    if (deal->closing == PH_DAY_NEVER) continue;
    ph_deal_state_on(&at->rules, index, deal->closing - 1, &state);
    at->closings[index].stage = state.stage;
    ph_deal_state_on(&at->rules, index, deal->closing, &state);
    at->closings[index].owner = state.owner;
    at->closings[index].amount = state.amount;
  }
}

const ph_closing *ph_pipeline_closings(ph_pipeline *pipeline, ph_status *status) {
  const ph_history *history = &pipeline->history;
  closing_part parts[PH_PARTS];
  if (pipeline->closings_made || ph_failed(status)) return pipeline->closings;
  ph_release(pipeline->memory, pipeline->closings);
  pipeline->closings = ph_allocate_zeroed(status, history->deal_count, sizeof *pipeline->closings);
  for (int part = 0; part < PH_PARTS; part++) {
    parts[part] = (closing_part){.history = history, .closings = pipeline->closings};
    ph_rules_begin(&parts[part].rules, history, status);
  }
  ph_do_parts(ph_history_is_helped(history), find_closings, parts, status);
  for (int part = 0; part < PH_PARTS; part++) ph_rules_end(&parts[part].rules);
  pipeline->closings_made = !ph_failed(status);
  return pipeline->closings;
}

static int compare_names(const void *context, uint32_t left, uint32_t right) {
  return ph_name_compare(context, left, right);
}

void ph_pipeline_stages(ph_pipeline *pipeline, ph_status *status) {
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  uint32_t name_count = pipeline->history.names.count;
  if (pipeline->stages_made || ph_failed(status)) return;
  ph_release(pipeline->memory, pipeline->stage_names);
  ph_release(pipeline->memory, pipeline->stage_place);
  pipeline->stage_names = NULL;
  pipeline->stage_count = 0;
  pipeline->stage_place = ph_allocate_zeroed(status, name_count, sizeof *pipeline->stage_place);
  for (size_t span = 0; span < timeline->span_count && ph_continue(status); span++) {
    uint32_t *place = &pipeline->stage_place[timeline->spans[span].stage];
    pipeline->stage_count += *place == 0;
    *place = 1;
  }
  pipeline->stage_names = ph_allocate(status, pipeline->stage_count, sizeof *pipeline->stage_names);
  if (ph_failed(status)) return;
  size_t count = 0;
  for (uint32_t name = 0; name < name_count; name++)
    if (pipeline->stage_place[name] != 0) pipeline->stage_names[count++] = name;
  ph_sort_indexes(pipeline->stage_names, count, compare_names, &pipeline->history.names, status);
  for (size_t place = 0; place < count; place++)
    pipeline->stage_place[pipeline->stage_names[place]] = (uint32_t)place + 1;
  pipeline->stages_made = !ph_failed(status);
}

static void append_runs(ph_pipeline *pipeline, size_t deal, ph_status *status) {
  const ph_timeline *timeline = &pipeline->timeline;
  size_t first = pipeline->run_count;
  for (size_t at = timeline->first_span[deal]; at < timeline->first_span[deal + 1]; at++) {
    const ph_span *span = &timeline->spans[at];
    uint32_t class = (pipeline->stage_place[span->stage] - 1) * PH_VERDICT_COUNT + span->verdict;
    if (pipeline->run_count > first && pipeline->runs[pipeline->run_count - 1].class == class) {
      pipeline->runs[pipeline->run_count - 1].to = span->to;
      continue;
    }
    if (!ph_reserve(status, (void **)&pipeline->runs, &pipeline->run_capacity, pipeline->run_count + 1,
                    sizeof *pipeline->runs))
      return;
    pipeline->runs[pipeline->run_count++] = (ph_class_run){span->from, span->to, class};
  }
}

void ph_pipeline_runs(ph_pipeline *pipeline, ph_status *status) {
  ph_pipeline_stages(pipeline, status);
  if (pipeline->runs_made || ph_failed(status)) return;
  size_t deal_count = pipeline->history.deal_count;
  pipeline->run_count = 0;
  ph_release(pipeline->memory, pipeline->first_run);
  ph_release(pipeline->memory, pipeline->won_on);
  pipeline->first_run = ph_allocate(status, deal_count + 1, sizeof *pipeline->first_run);
  pipeline->won_on = ph_allocate(status, deal_count, sizeof *pipeline->won_on);
  for (size_t deal = 0; deal < deal_count && ph_continue(status); deal++) {
    const ph_deal *at = &pipeline->history.deals[deal];
    pipeline->first_run[deal] = (uint32_t)pipeline->run_count;
    pipeline->won_on[deal] = at->outcome == PH_OUTCOME_WON ? at->closing : PH_DAY_NEVER;
    append_runs(pipeline, deal, status);
  }
  if (ph_failed(status)) return;
  pipeline->first_run[deal_count] = (uint32_t)pipeline->run_count;
  pipeline->runs_made = true;
}

void ph_pipeline_order(ph_pipeline *pipeline, ph_status *status) {
  if (pipeline->deals_ordered || ph_failed(status)) return;
  pipeline->deal_order = ph_history_order_deals(&pipeline->history, status);
  pipeline->deals_ordered = !ph_failed(status);
}

/* Wins in the order of group, day and deal. */
typedef struct win_order {
  const ph_pipeline *pipeline;
  ph_scope scope;
} win_order;

static uint32_t win_group(const ph_pipeline *pipeline, ph_scope scope, size_t deal) {
  const ph_closing *closing = &pipeline->closings[deal];
  return ph_group_of(scope, &pipeline->history.deals[deal], closing->owner, closing->stage);
}

static int compare_wins(const void *context, uint32_t left, uint32_t right) {
  const win_order *order = context;
  uint32_t left_group = win_group(order->pipeline, order->scope, left);
  uint32_t right_group = win_group(order->pipeline, order->scope, right);
  if (left_group != right_group) return left_group < right_group ? -1 : 1;
  ph_day left_day = order->pipeline->history.deals[left].closing;
  ph_day right_day = order->pipeline->history.deals[right].closing;
  return left_day < right_day ? -1 : left_day > right_day;
}

static size_t collect_wins(const ph_history *history, uint32_t *deals) {
  size_t count = 0;
  for (size_t index = 0; index < history->deal_count; index++) {
    if (history->deals[index].outcome != PH_OUTCOME_WON) continue;
    if (deals != NULL) deals[count] = (uint32_t)index;
    count++;
  }
  return count;
}

static void sum_wins(const ph_pipeline *pipeline, ph_scope scope, ph_wins *wins, size_t count) {
  uint32_t groups = 0;
  for (size_t win = 0; win < count; win++) {
    uint32_t deal = wins->deals[win];
    uint32_t *place = &wins->group_place[win_group(pipeline, scope, deal)];
    bool first = *place == 0;
    if (first) {
      wins->first_win[groups] = (uint32_t)win;
      *place = ++groups;
    }
    wins->days[win] = pipeline->history.deals[deal].closing;
    wins->sums[win] = first ? (ph_money_sum){0, 0} : wins->sums[win - 1];
    ph_money_add(&wins->sums[win], pipeline->closings[deal].amount);
    if (pipeline->history.deals[deal].created > wins->days[win]) wins->late[wins->late_count++] = deal;
  }
  wins->first_win[groups] = (uint32_t)count;
}

const ph_wins *ph_pipeline_wins(ph_pipeline *pipeline, ph_scope scope, ph_status *status) {
  ph_wins *wins = &pipeline->wins[scope];
  if (wins->made || ph_failed(status)) return wins;
  end_wins(wins, pipeline->memory);
  *wins = (ph_wins){.name_count = pipeline->history.names.count};
  ph_pipeline_closings(pipeline, status);
  size_t count = collect_wins(&pipeline->history, NULL);
  wins->group_place = ph_allocate_zeroed(status, wins->name_count, sizeof *wins->group_place);
  wins->first_win = ph_allocate(status, count + 1, sizeof *wins->first_win);
  wins->deals = ph_allocate(status, count, sizeof *wins->deals);
  wins->days = ph_allocate(status, count, sizeof *wins->days);
  wins->sums = ph_allocate(status, count, sizeof *wins->sums);
  wins->late = ph_allocate(status, count, sizeof *wins->late);
  if (ph_failed(status)) return wins;
  collect_wins(&pipeline->history, wins->deals);
  win_order order = {pipeline, scope};
  ph_sort_indexes(wins->deals, count, compare_wins, &order, status);
  if (ph_failed(status)) return wins;
  sum_wins(pipeline, scope, wins, count);
  wins->made = true;
  return wins;
}

/* How many of a group's wins have a closing day on or before `day`. */
static size_t wins_until(const ph_wins *wins, size_t first, size_t end, ph_day day) {
  size_t low = first, high = end;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (wins->days[middle] <= day) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - first;
}

void ph_wins_add(const ph_pipeline *pipeline, const ph_wins *wins, uint32_t group, ph_day from, ph_day to,
                 ph_day day, ph_money_sum *sum) {
  uint32_t place = group < wins->name_count ? wins->group_place[group] : 0;
  if (place == 0 || to < from) return;
  size_t first = wins->first_win[place - 1], end = wins->first_win[place];
  size_t before = wins_until(wins, first, end, from - 1), until = wins_until(wins, first, end, to);
  if (until > 0) ph_money_add_sum(sum, &wins->sums[first + until - 1]);
  if (before > 0) ph_money_subtract_sum(sum, &wins->sums[first + before - 1]);
  for (size_t index = 0; index < wins->late_count; index++) {
    const ph_deal *deal = &pipeline->history.deals[wins->late[index]];
    size_t scope = (size_t)(wins - pipeline->wins);
    if (deal->created > day && deal->closing >= from && deal->closing <= to &&
        win_group(pipeline, (ph_scope)scope, wins->late[index]) == group)
      ph_money_subtract(sum, pipeline->closings[wins->late[index]].amount);
  }
}

void ph_check_days(const char *table, ph_day from_day, ph_day to_day, ph_status *status) {
  char from_text[PH_DAY_TEXT_BYTES], to_text[PH_DAY_TEXT_BYTES];
  if (from_day <= to_day) return;
  ph_day_format(from_day, from_text);
  ph_day_format(to_day, to_text);
  ph_fail(status, "%s: from_day %s is after to_day %s (expected from_day on or before to_day)", table,
          from_text, to_text);
}
