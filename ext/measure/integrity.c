/* The room of integrity. See integrity.h. */
#include "integrity.h"

#include "../base/sort.h"

/* Columns of a row of sums: deals and money by verdict, deals by those reasons that decide nothing. */
enum {
  DEALS = 0,
  MONEY = DEALS + PH_VERDICT_COUNT, /* high and low */
  REASONS = MONEY + 2 * PH_VERDICT_COUNT,
  COLUMNS = REASONS + PH_REASON_COUNT
};

static void contribute(int64_t *row, const ph_span *span, int64_t sign) {
  ph_money_sum sum = {0, 0};
  ph_money_add(&sum, span->amount);
  row[DEALS + span->verdict] += sign;
  row[MONEY + 2 * span->verdict] += sign * sum.high;
  row[MONEY + 2 * span->verdict + 1] += sign * sum.low;
  for (unsigned reason = 0; reason < PH_REASON_COUNT; reason++) /* without a branch, for any may hold */
    row[REASONS + reason] += sign & -(int64_t)(span->reasons >> reason & 1u);
}

static void fill_row(const ph_pipeline *pipeline, uint32_t name, const int64_t *sums, ph_integrity_row *row,
                     ph_status *status) {
  bool unproven_is_real = pipeline->history.policy.value[PH_POLICY_UNPROVEN_IS_REAL] != 0;
  ph_money_sum open = {0, 0}, real = {0, 0};
  *row = (ph_integrity_row){.name = name};
  for (int verdict = 0; verdict < PH_VERDICT_COUNT; verdict++) {
    ph_money_sum money = {sums[MONEY + 2 * verdict], sums[MONEY + 2 * verdict + 1]};
    bool is_real = verdict == PH_VERDICT_PROGRESSING || (verdict == PH_VERDICT_UNPROVEN && unproven_is_real);
    row->deals[verdict] = sums[DEALS + verdict];
    row->amount[verdict] = ph_money_value(&money, "pipeline_integrity", status);
    row->open_deals += row->deals[verdict];
    ph_money_add_sum(&open, &money);
    if (!is_real) continue;
    row->real_deals += row->deals[verdict];
    ph_money_add_sum(&real, &money);
  }
  row->open_amount = ph_money_value(&open, "pipeline_integrity", status);
  row->real_amount = ph_money_value(&real, "pipeline_integrity", status);
  for (int reason = 0; reason < PH_REASON_COUNT; reason++) row->reason_deals[reason] = sums[REASONS + reason];
}

/* The index that serves the day: from the spans where they are there, else straight from a walk over the
** deals, unless the day lies too far ahead for that. */
static const ph_day_index *integrity_index(ph_pipeline *pipeline, ph_scope scope, ph_day day,
                                           ph_status *status) {
  ph_day_index *index = &pipeline->integrity[scope];
  ph_day_index_plan plan = {.scope = scope, .columns = COLUMNS, .contribute = contribute, .bucket_count = 1};
  if (ph_failed(status) || (pipeline->integrity_made[scope] && day <= index->last_day)) return index;
  bool refused = pipeline->integrity_made[scope];
  pipeline->integrity_made[scope] = false;
  ph_day_index_end(index);
  *index = (ph_day_index){0};
  if (!pipeline->timeline_made && !refused) {
    pipeline->integrity_made[scope] = ph_day_index_begin_walking(index, &pipeline->rules, &plan, status);
    if (ph_failed(status) || (pipeline->integrity_made[scope] && day <= index->last_day)) return index;
    pipeline->integrity_made[scope] = false;
    ph_day_index_end(index);
    *index = (ph_day_index){0};
  }
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  if (!ph_failed(status)) ph_day_index_begin(index, timeline, &plan, status);
  pipeline->integrity_made[scope] = !ph_failed(status);
  return index;
}

static void rows_from_index(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                            size_t *count, ph_status *status) {
  const ph_day_index *index = integrity_index(pipeline, scope, day, status);
  if (ph_failed(status)) return;
  *rows = ph_allocate(status, index->group_count + 1, sizeof **rows);
  for (size_t group = 0; group < index->group_count && ph_continue(status); group++) {
    int64_t sums[COLUMNS] = {0};
    ph_day_index_add(index, group, 0, day, sums);
    ph_integrity_row *row = &(*rows)[*count];
    fill_row(pipeline, index->groups[group], sums, row, status);
    if (row->open_deals > 0) (*count)++;
  }
}

static int compare_rows(const void *context, uint32_t left, uint32_t right) {
  return ph_name_compare(context, left, right);
}

/* One day asked for once: each deal is walked up to that day. */
static void rows_from_walk(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                           size_t *count, ph_status *status) {
  const ph_history *history = &pipeline->history;
  uint32_t *places = ph_allocate_zeroed(status, history->names.count, sizeof *places);
  uint32_t *names = NULL;
  int64_t *sums = NULL;
  size_t name_capacity = 0, sum_capacity = 0, groups = 0;
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    ph_deal_state state;
    if (!ph_deal_is_open(&history->deals[deal], day)) continue;
    ph_deal_state_on(&pipeline->rules, deal, day, &state);
    ph_span span = ph_deal_judge(&pipeline->rules, &history->deals[deal], &state, day);
    uint32_t *place = &places[ph_group_of(scope, &history->deals[deal], span.owner, span.stage)];
    if (*place == 0) {
      if (!ph_reserve(status, (void **)&names, &name_capacity, groups + 1, sizeof *names) ||
          !ph_reserve(status, (void **)&sums, &sum_capacity, (groups + 1) * COLUMNS, sizeof *sums))
        break;
      names[groups] = (uint32_t)(place - places);
      for (size_t column = 0; column < COLUMNS; column++) sums[groups * COLUMNS + column] = 0;
      *place = (uint32_t)++groups;
    }
    contribute(&sums[(*place - 1) * COLUMNS], &span, 1);
  }
  *rows = ph_allocate(status, groups + 1, sizeof **rows);
  if (!ph_failed(status)) ph_sort_indexes(names, groups, compare_rows, &history->names, status);
  for (size_t group = 0; group < groups && !ph_failed(status); group++)
    fill_row(pipeline, names[group], &sums[(places[names[group]] - 1) * COLUMNS], &(*rows)[group], status);
  *count = groups;
  ph_release(status->memory, places);
  ph_release(status->memory, names);
  ph_release(status->memory, sums);
}

void ph_integrity_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, bool once, ph_integrity_row **rows,
                     size_t *count, ph_status *status) {
  *rows = NULL;
  *count = 0;
  if (ph_failed(status)) return;
  /* the first question is often the only one, and the spans of all days cost more than one day */
  if (!once || pipeline->timeline_made || pipeline->questions++ > 0) {
    rows_from_index(pipeline, day, scope, rows, count, status);
  } else {
    rows_from_walk(pipeline, day, scope, rows, count, status);
  }
  if (scope == PH_SCOPE_ALL && *count == 0 && !ph_failed(status)) {
    (*rows)[0] = (ph_integrity_row){0};
    *count = 1;
  }
}
