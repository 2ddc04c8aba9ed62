/* Quota periods. See period.h. */
#include "period.h"

#include "../base/sort.h"

/* Where a row of pipeline_quota stands in the choice of section 5: the lowest rank that a group and period
** has, counts; -1 when the row says nothing about the scope. */
static int rank_of(const ph_quota *quota, ph_scope scope) {
  switch (scope) {
  case PH_SCOPE_OWNER: return quota->owner != 0 ? 0 : -1;
  case PH_SCOPE_TEAM:
    if (quota->team == 0) return -1;
    return quota->owner == 0 ? 0 : 1;
  default:
    if (quota->owner != 0) return 1;
    return quota->team == 0 ? 0 : 2;
  }
}

static uint32_t name_of(const ph_quota *quota, ph_scope scope) {
  if (scope == PH_SCOPE_OWNER) return quota->owner;
  return scope == PH_SCOPE_TEAM ? quota->team : 0;
}

typedef struct quota_order {
  const ph_history *history;
  ph_scope scope;
} quota_order;

int ph_period_compare(ph_period left, ph_period right) {
  if (left.start != right.start) return left.start < right.start ? -1 : 1;
  return left.end < right.end ? -1 : left.end > right.end;
}

static int compare_quotas(const void *context, uint32_t left, uint32_t right) {
  const quota_order *order = context;
  const ph_quota *a = &order->history->quotas[left], *b = &order->history->quotas[right];
  int difference =
      ph_name_compare(&order->history->names, name_of(a, order->scope), name_of(b, order->scope));
  if (difference != 0) return difference;
  difference = ph_period_compare(ph_quota_period(a), ph_quota_period(b));
  return difference != 0 ? difference : rank_of(a, order->scope) - rank_of(b, order->scope);
}

void ph_group_quotas(const ph_history *history, ph_scope scope, ph_group_quota **quotas, size_t *count,
                     ph_status *status) {
  quota_order order = {history, scope};
  uint32_t *rows = ph_sorted_indexes(history->quota_count, compare_quotas, &order, status);
  *count = 0;
  *quotas = ph_allocate(status, history->quota_count + 1, sizeof **quotas);
  int rank = -1;
  ph_money_sum sum = {0, 0};
  for (size_t index = 0; index < history->quota_count && !ph_failed(status); index++) {
    const ph_quota *row = &history->quotas[rows[index]];
    ph_group_quota next = {name_of(row, scope), ph_quota_period(row), 0};
    if (rank_of(row, scope) < 0) continue;
    ph_group_quota *last = *count > 0 ? &(*quotas)[*count - 1] : NULL;
    if (last == NULL || last->name != next.name || ph_period_compare(last->period, next.period) != 0) {
      if (last != NULL) last->quota = ph_money_value(&sum, "pipeline_quota", status);
      rank = rank_of(row, scope);
      sum = (ph_money_sum){0, 0};
      last = &(*quotas)[(*count)++];
      *last = next;
    }
    if (rank_of(row, scope) == rank) ph_money_add(&sum, row->amount);
  }
  if (*count > 0) (*quotas)[*count - 1].quota = ph_money_value(&sum, "pipeline_quota", status);
  ph_release(status->memory, rows);
}

static bool is_made_of_months(ph_period period) {
  return ph_civil_of(period.start).day == 1 && ph_last_day_of_month(ph_month_of(period.end)) == period.end;
}

ph_period_series ph_period_series_of(ph_period period) {
  ph_period_series series = {.months = is_made_of_months(period)};
  int32_t first = series.months ? ph_month_of(period.start) : period.start;
  int32_t last = series.months ? ph_month_of(period.end) : period.end;
  series.step = last - first + 1;
  series.residue = first % series.step;
  return series;
}

int32_t ph_periods_until(ph_period period, ph_day day) {
  ph_period_series series = ph_period_series_of(period);
  int32_t ahead = series.months ? ph_month_of(period.end) - ph_month_of(day) : period.end - day;
  return ahead < 0 ? 0 : ahead / series.step + 1;
}

bool ph_period_before(ph_period period, int32_t k, ph_period *before) {
  if (is_made_of_months(period)) {
    int32_t first = ph_month_of(period.start), last = ph_month_of(period.end);
    int64_t months = (int64_t)k * (last - first + 1);
    if (first - months < 12) return false;
    before->start = ph_first_day_of_month((int32_t)(first - months));
    before->end = ph_last_day_of_month((int32_t)(last - months));
    return true;
  }
  int64_t days = (int64_t)k * (period.end - period.start + 1);
  if (period.start - days < 0) return false;
  before->start = (ph_day)(period.start - days);
  before->end = (ph_day)(period.end - days);
  return true;
}
