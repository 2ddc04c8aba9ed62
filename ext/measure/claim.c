/* Claims. See claim.h. */
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

/* The days between close dates. Boundaries with no close date between them part the deals alike, so the first of
** them is enough: quota periods of a day over centuries need no more memory than the close dates there are. */
typedef struct gap_list {
  ph_day lowest; /* the first close date */
  size_t day_count;
  uint32_t *before; /* by day - lowest: how many different close dates come before it */
  ph_day *first;    /* by that number: the first boundary there, PH_DAY_NEVER without one */
  size_t count;
} gap_list;

/* The range of the close dates. */
static void find_close_dates(gap_list *gaps, const ph_timeline *timeline) {
  ph_day highest = 0;
  gaps->lowest = PH_DAY_NEVER;
  for (size_t at = 0; at < timeline->span_count; at++) {
    ph_day day = timeline->spans[at].close_date;
    if (day == PH_DAY_NONE) continue;
    if (day < gaps->lowest) gaps->lowest = day;
    if (day > highest) highest = day;
  }
  gaps->day_count = gaps->lowest > highest ? 0 : (size_t)(highest - gaps->lowest) + 1;
}

static void begin_gaps(gap_list *gaps, const ph_timeline *timeline, ph_status *status) {
  find_close_dates(gaps, timeline);
  gaps->before = ph_allocate_zeroed(status, gaps->day_count, sizeof *gaps->before);
  if (ph_failed(status)) return;
  for (size_t at = 0; at < timeline->span_count; at++) {
    ph_day day = timeline->spans[at].close_date;
    if (day != PH_DAY_NONE) gaps->before[day - gaps->lowest] = 1;
  }
  uint32_t count = 0;
  for (size_t day = 0; day < gaps->day_count; day++) {
    uint32_t here = gaps->before[day];
    gaps->before[day] = count;
    count += here;
  }
  gaps->count = (size_t)count + 1;
  gaps->first = ph_allocate(status, gaps->count, sizeof *gaps->first);
  if (ph_failed(status)) return;
  for (size_t gap = 0; gap < gaps->count; gap++) gaps->first[gap] = PH_DAY_NEVER;
}

static void add_boundary(gap_list *gaps, ph_day day) {
  size_t gap = 0;
  if (day > gaps->lowest) {
    size_t place = (size_t)(day - gaps->lowest);
    gap = place < gaps->day_count ? gaps->before[place] : gaps->count - 1;
  }
  if (day < gaps->first[gap]) gaps->first[gap] = day;
}

static void add_period(gap_list *gaps, ph_period period) {
  add_boundary(gaps, period.start);
  add_boundary(gaps, period.end + 1);
}

/* Keeps the boundaries there are, in the order of their days. */
static void keep_boundaries(ph_pipeline *pipeline, const gap_list *gaps, ph_status *status) {
  ph_release(status->memory, pipeline->boundaries);
  pipeline->boundary_count = 0;
  pipeline->boundaries = ph_allocate(status, gaps->count, sizeof *pipeline->boundaries);
  if (ph_failed(status)) return;
  for (size_t gap = 0; gap < gaps->count; gap++)
    if (gaps->first[gap] != PH_DAY_NEVER) pipeline->boundaries[pipeline->boundary_count++] = gaps->first[gap];
}

static int compare_periods(const void *context, uint32_t left, uint32_t right) {
  const ph_quota *quotas = context;
  return ph_period_compare(ph_quota_period(&quotas[left]), ph_quota_period(&quotas[right]));
}

/* Every period of every scope is one of a row of pipeline_quota. */
static void add_periods(gap_list *gaps, const ph_history *history, ph_status *status) {
  uint32_t *rows = ph_sorted_indexes(history->quota_count, compare_periods, history->quotas, status);
  for (size_t index = 0; index < history->quota_count && ph_continue(status); index++) {
    if (index > 0 && compare_periods(history->quotas, rows[index - 1], rows[index]) == 0) continue;
    const ph_quota *quota = &history->quotas[rows[index]];
    ph_period period = ph_quota_period(quota), before;
    add_period(gaps, period);
    for (int32_t k = 1; ph_period_before(period, k, &before) && before.start >= history->first_created; k++) {
      if (!ph_continue(status)) break;
      add_period(gaps, before);
    }
  }
  ph_release(status->memory, rows);
}

static void find_boundaries(ph_pipeline *pipeline, const ph_timeline *timeline, ph_status *status) {
  if (pipeline->boundaries_made) return;
  gap_list gaps = {0};
  begin_gaps(&gaps, timeline, status);
  if (!ph_failed(status)) add_periods(&gaps, &pipeline->history, status);
  if (!ph_failed(status)) keep_boundaries(pipeline, &gaps, status);
  ph_release(status->memory, gaps.before);
  ph_release(status->memory, gaps.first);
  pipeline->boundaries_made = !ph_failed(status);
}

const ph_day_index *ph_pipeline_claims(ph_pipeline *pipeline, ph_scope scope, ph_status *status) {
  ph_day_index *index = &pipeline->claims[scope];
  if (pipeline->claims_made[scope] || ph_failed(status)) return index;
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  if (ph_failed(status)) return index;
  find_boundaries(pipeline, timeline, status);
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
  size_t end = bucket_of_day(pipeline, period.end + 1);
  int64_t row[COLUMNS] = {0};
  for (size_t bucket = first; bucket < end; bucket++) ph_day_index_add(index, group, bucket, day, row);
  claimed->claimed_deals += row[CLAIMED_DEALS];
  claimed->real_deals += row[REAL_DEALS];
  ph_money_add_sum(&claimed->claimed, &(ph_money_sum){row[CLAIMED_HIGH], row[CLAIMED_LOW]});
  ph_money_add_sum(&claimed->real, &(ph_money_sum){row[REAL_HIGH], row[REAL_LOW]});
  ph_money_add_sum(&claimed->overdue, &(ph_money_sum){row[OVERDUE_HIGH], row[OVERDUE_LOW]});
}
