/* The room of claims. See claim.h. */
#include "claim.h"

#include "../base/sort.h"

enum {
  CLAIMED_DEALS,
  CLAIMED_HIGH,
  CLAIMED_LOW,
  REAL_DEALS,
  REAL_HIGH,
  REAL_LOW,
  OVERDUE_HIGH,
  OVERDUE_LOW,
  COLUMNS
};
enum { MOST_UNSETTLED = 65536 }; /* boundaries before doubles are thrown out */

static void contribute(int64_t *row, const ph_span *span, int64_t sign, bool is_real) {
  ph_money_sum money = {0, 0};
  ph_money_add(&money, span->amount);
  int64_t high = sign * money.high, low = sign * money.low;
  row[CLAIMED_DEALS] += sign;
  row[CLAIMED_HIGH] += high;
  row[CLAIMED_LOW] += low;
  if (is_real) {
    row[REAL_DEALS] += sign;
    row[REAL_HIGH] += high;
    row[REAL_LOW] += low;
  }
  if (ph_has_reason(span->reasons, PH_REASON_OVERDUE)) {
    row[OVERDUE_HIGH] += high;
    row[OVERDUE_LOW] += low;
  }
}

static void contribute_strict(int64_t *row, const ph_span *span, int64_t sign) {
  contribute(row, span, sign, span->verdict == PH_VERDICT_PROGRESSING);
}

static void contribute_with_unproven(int64_t *row, const ph_span *span, int64_t sign) {
  contribute(row, span, sign,
             span->verdict == PH_VERDICT_PROGRESSING || span->verdict == PH_VERDICT_UNPROVEN);
}

/* How many boundaries lie on or before a day: the bucket of a close date. */
static size_t bucket_of_day(const ph_pipeline *pipeline, ph_day day) {
  size_t low = 0, high = pipeline->boundary_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (pipeline->boundaries[middle] <= day) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static size_t bucket_of_span(const void *context, const ph_span *span) {
  return span->close_date == PH_DAY_NONE ? SIZE_MAX : bucket_of_day(context, span->close_date);
}

static void add_boundary(ph_pipeline *pipeline, ph_day day, ph_status *status) {
  if (!ph_reserve(status, (void **)&pipeline->boundaries, &pipeline->boundary_capacity,
                  pipeline->boundary_count + 1, sizeof *pipeline->boundaries))
    return;
  pipeline->boundaries[pipeline->boundary_count++] = day;
}

static void add_period(ph_pipeline *pipeline, ph_period period, ph_status *status) {
  add_boundary(pipeline, period.start, status);
  add_boundary(pipeline, period.end + 1, status);
}

static int compare_numbers(const void *context, uint32_t left, uint32_t right) {
  (void)context;
  return left < right ? -1 : left > right;
}

/* Sorts, and keeps each boundary once. */
static void settle_boundaries(ph_pipeline *pipeline, ph_status *status) {
  size_t count = 0;
  /* days are not negative: as numbers they sort like indexes */
  ph_sort_indexes((uint32_t *)pipeline->boundaries, pipeline->boundary_count, compare_numbers, NULL, status);
  for (size_t index = 0; index < pipeline->boundary_count; index++)
    if (count == 0 || pipeline->boundaries[index] != pipeline->boundaries[count - 1])
      pipeline->boundaries[count++] = pipeline->boundaries[index];
  pipeline->boundary_count = count;
}

static int compare_periods(const void *context, uint32_t left, uint32_t right) {
  const ph_quota *a = (const ph_quota *)context + left, *b = (const ph_quota *)context + right;
  if (a->period_start != b->period_start) return a->period_start < b->period_start ? -1 : 1;
  return a->period_end < b->period_end ? -1 : a->period_end > b->period_end;
}

/* Every period of every scope is one of a row of pipeline_quota. */
static void find_boundaries(ph_pipeline *pipeline, ph_status *status) {
  const ph_history *history = &pipeline->history;
  if (pipeline->boundaries_made) return;
  pipeline->boundary_count = 0;
  uint32_t *rows = ph_sorted_indexes(history->quota_count, compare_periods, history->quotas, status);
  for (size_t index = 0; index < history->quota_count && ph_continue(status); index++) {
    if (index > 0 && compare_periods(history->quotas, rows[index - 1], rows[index]) == 0) continue;
    const ph_quota *quota = &history->quotas[rows[index]];
    ph_period period = {quota->period_start, quota->period_end}, before;
    add_period(pipeline, period, status);
    for (int32_t k = 1; ph_period_before(period, k, &before) && before.start >= history->first_created; k++) {
      if (!ph_continue(status)) break;
      add_period(pipeline, before, status);
    }
    if (pipeline->boundary_count > MOST_UNSETTLED) settle_boundaries(pipeline, status);
  }
  ph_release(status->memory, rows);
  if (!ph_failed(status)) settle_boundaries(pipeline, status);
  pipeline->boundaries_made = !ph_failed(status);
}

const ph_day_index *ph_pipeline_claims(ph_pipeline *pipeline, ph_scope scope, ph_status *status) {
  ph_day_index *index = &pipeline->claims[scope];
  if (pipeline->claims_made[scope] || ph_failed(status)) return index;
  find_boundaries(pipeline, status);
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  if (ph_failed(status)) return index;
  bool unproven_is_real = pipeline->history.policy.value[PH_POLICY_UNPROVEN_IS_REAL] != 0;
  ph_day_index_plan plan = {.scope = scope,
                            .columns = COLUMNS,
                            .contribute = unproven_is_real ? contribute_with_unproven : contribute_strict,
                            .bucket_count = pipeline->boundary_count + 1,
                            .bucket = bucket_of_span,
                            .context = pipeline};
  ph_day_index_end(index);
  ph_day_index_begin(index, timeline, &plan, status);
  pipeline->claims_made[scope] = !ph_failed(status);
  return index;
}

void ph_claimed_on(const ph_pipeline *pipeline, const ph_day_index *index, uint32_t name, ph_period period,
                   ph_day day, ph_claimed *claimed) {
  size_t group = ph_day_index_group(index, name);
  if (group == index->group_count) return;
  bool contains_day = period.start <= day && day <= period.end;
  /* on a day of the period every overdue deal counts: with the rest of the period that is every close date up
  ** to its end */
  size_t first = contains_day ? 0 : bucket_of_day(pipeline, period.start);
  size_t last = bucket_of_day(pipeline, period.end);
  int64_t row[COLUMNS] = {0};
  for (size_t bucket = first; bucket <= last; bucket++) ph_day_index_add(index, group, bucket, day, row);
  claimed->claimed_deals += row[CLAIMED_DEALS];
  claimed->real_deals += row[REAL_DEALS];
  ph_money_add_sum(&claimed->claimed, &(ph_money_sum){row[CLAIMED_HIGH], row[CLAIMED_LOW]});
  ph_money_add_sum(&claimed->real, &(ph_money_sum){row[REAL_HIGH], row[REAL_LOW]});
  ph_money_add_sum(&claimed->overdue, &(ph_money_sum){row[OVERDUE_HIGH], row[OVERDUE_LOW]});
}
