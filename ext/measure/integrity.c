/*
** Integrity. See integrity.h.
**
** The first question to a history is often its only one, and a replay of the open deals up to that day costs
** less than the spans of all days. Later questions are answered from the index over time.
*/
#include "integrity.h"

#include "../base/group.h"

static void fill_row(const ph_pipeline *pipeline, uint32_t name, const ph_day_row *sums,
                     ph_integrity_row *row, ph_status *status) {
  bool unproven_is_real = pipeline->history.policy.value[PH_POLICY_UNPROVEN_IS_REAL] != 0;
  ph_money_sum open = {0, 0}, real = {0, 0}, judged = {0, 0};
  *row = (ph_integrity_row){.name = name};
  for (int verdict = 0; verdict < PH_VERDICT_COUNT; verdict++) {
    bool is_real = verdict == PH_VERDICT_PROGRESSING || (verdict == PH_VERDICT_UNPROVEN && unproven_is_real);
    row->deals[verdict] = sums->counts[PH_INTEGRITY_DEALS + verdict];
    row->amount[verdict] = ph_money_value(&sums->sums[verdict], "pipeline_integrity", status);
    row->open_deals += row->deals[verdict];
    ph_money_add_sum(&open, &sums->sums[verdict]);
    if (verdict != PH_VERDICT_UNJUDGED) ph_money_add_sum(&judged, &sums->sums[verdict]);
    if (!is_real) continue;
    row->real_deals += row->deals[verdict];
    ph_money_add_sum(&real, &sums->sums[verdict]);
  }
  row->open_amount = ph_money_value(&open, "pipeline_integrity", status);
  row->real_amount = ph_money_value(&real, "pipeline_integrity", status);
  row->judged_deals = row->open_deals - row->deals[PH_VERDICT_UNJUDGED];
  row->judged_amount = ph_money_value(&judged, "pipeline_integrity", status);
  for (int reason = 0; reason < PH_INFORMING_REASONS; reason++)
    row->reason_deals[PH_REASON_FIRST_INFORMING + reason] = sums->counts[PH_INTEGRITY_REASONS + reason];
  const ph_history *history = &pipeline->history;
  if (!ph_history_shows(history, PH_KIND_CLOSE_DATE)) row->reason_deals[PH_REASON_PUSHED] = PH_NOT_SHOWN;
  if (!ph_history_shows_outreach(history)) row->reason_deals[PH_REASON_GHOSTED] = PH_NOT_SHOWN;
}

static void rows_from_index(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                            size_t *count, ph_status *status) {
  const ph_day_index *index = ph_pipeline_integrity(pipeline, scope, status);
  if (ph_failed(status)) return;
  *rows = ph_allocate(status, index->group_count + 1, sizeof **rows);
  for (size_t group = 0; group < index->group_count && ph_continue(status); group++) {
    ph_day_row sums = {{0}, {{0, 0}}};
    ph_day_index_add(index, group, 0, 1, day, &sums);
    ph_integrity_row *row = &(*rows)[*count];
    fill_row(pipeline, index->groups[group], &sums, row, status);
    if (row->open_deals > 0) (*count)++;
  }
}

/* A row for each group that has an open deal, by name. */
static void rows_of_groups(ph_pipeline *pipeline, const ph_groups *groups, const ph_day_row *sums,
                           ph_integrity_row **rows, size_t *count, ph_status *status) {
  uint32_t *order = ph_groups_order(groups, &pipeline->history.names, status);
  *rows = ph_allocate(status, groups->count + 1, sizeof **rows);
  for (size_t group = 0; group < groups->count && !ph_failed(status); group++) {
    ph_integrity_row *row = &(*rows)[*count];
    fill_row(pipeline, groups->names[order[group]], &sums[order[group]], row, status);
    if (row->open_deals > 0) (*count)++;
  }
  ph_release(status->memory, order);
}

/* Replays every open deal up to the day. */
static void rows_from_replay(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                             size_t *count, ph_status *status) {
  const ph_history *history = &pipeline->history;
  ph_groups groups;
  ph_day_row *sums = NULL;
  size_t capacity = 0;
  ph_groups_begin(&groups, &history->names, status);
  for (size_t deal = 0; deal < history->deal_count; deal++) {
    ph_deal_state state;
    if (!ph_continue_after(status, 1 + ph_deal_event_count(&history->deals[deal]))) break;
    if (!ph_deal_is_open(&history->deals[deal], day)) continue;
    ph_deal_state_on(&pipeline->rules, deal, day, &state);
    ph_span span = ph_deal_judge(&pipeline->rules, &history->deals[deal], &state, day);
    uint32_t name = ph_group_of(scope, &history->deals[deal], span.owner, span.stage);
    ph_day_row *row = ph_groups_row(&groups, name, (void **)&sums, &capacity, sizeof *sums, status);
    if (row != NULL) ph_integrity_contribute(row, span.verdict, span.reasons, span.amount, 1);
  }
  rows_of_groups(pipeline, &groups, sums, rows, count, status);
  ph_groups_end(&groups);
  ph_release(status->memory, sums);
}

/* Adds what an index says of a day to the rows of the groups; `sign` is 1 or -1. */
static void add_index(const ph_day_index *index, ph_day day, int64_t sign, ph_groups *groups,
                      ph_day_row **sums, size_t *capacity, ph_status *status) {
  for (size_t group = 0; group < index->group_count && ph_continue(status); group++) {
    ph_day_row says = {{0}, {{0, 0}}};
    ph_day_index_add(index, group, 0, 1, day, &says);
    ph_day_row *row =
        ph_groups_row(groups, index->groups[group], (void **)sums, capacity, sizeof **sums, status);
    if (row == NULL) return;
    for (int count = 0; count < PH_INTEGRITY_COUNTS; count++) row->counts[count] += sign * says.counts[count];
    for (int sum = 0; sum < PH_INTEGRITY_SUMS; sum++) {
      row->sums[sum].high += sign * says.sums[sum].high;
      row->sums[sum].low += sign * says.sums[sum].low;
    }
  }
}

/* From sums that are kept for most deals, and the history's deals. */
static void rows_from_stored(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                             size_t *count, ph_status *status) {
  const ph_stored_days *stored = &pipeline->stored;
  ph_groups groups;
  ph_day_row *sums = NULL;
  size_t capacity = 0;
  ph_groups_begin(&groups, &pipeline->history.names, status);
  const ph_day_index *index = stored->integrity(stored->context, scope, day, status);
  if (index != NULL) add_index(index, day, 1, &groups, &sums, &capacity, status);
  if (stored->replaced != NULL) {
    index = ph_pipeline_integrity(pipeline, scope, status);
    if (!ph_failed(status)) add_index(index, day, 1, &groups, &sums, &capacity, status);
    index = ph_pipeline_integrity(stored->replaced, scope, status);
    if (!ph_failed(status)) add_index(index, day, -1, &groups, &sums, &capacity, status);
  }
  rows_of_groups(pipeline, &groups, sums, rows, count, status);
  ph_groups_end(&groups);
  ph_release(status->memory, sums);
}

void ph_integrity_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                     size_t *count, ph_status *status) {
  *rows = NULL;
  *count = 0;
  if (ph_failed(status)) return;
  if (pipeline->stored.context != NULL) {
    rows_from_stored(pipeline, day, scope, rows, count, status);
  } else if (ph_pipeline_has_spans(pipeline) || pipeline->asked_for_a_day) {
    rows_from_index(pipeline, day, scope, rows, count, status);
  } else {
    pipeline->asked_for_a_day = true;
    rows_from_replay(pipeline, day, scope, rows, count, status);
  }
  if (scope == PH_SCOPE_ALL && *count == 0 && !ph_failed(status)) {
    const ph_day_row nothing = {{0}, {{0, 0}}};
    fill_row(pipeline, 0, &nothing, &(*rows)[0], status);
    *count = 1;
  }
}
