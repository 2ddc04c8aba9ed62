/* Claimed deals, one by one. See claimed_deal.h. */
#include "claimed_deal.h"

#include "../base/sort.h"

#include <string.h>

/* Leaves out the quotas whose periods are not asked for. */
static void choose_quotas(ph_claimed_deals *list, ph_day_of_period day_of, const void *context) {
  size_t kept = 0;
  for (size_t at = 0; at < list->quota_count; at++) {
    if (day_of(context, list->quotas[at].period) == PH_DAY_NONE) continue;
    list->quotas[kept] = list->quotas[at];
    uint32_t *first = &list->quotas_of_name[list->quotas[kept].name];
    kept++;
    if (*first == 0) *first = (uint32_t)kept;
  }
  list->quota_count = kept;
}

static int compare_quotas(const void *context, uint32_t left, uint32_t right) {
  const ph_group_quota *quotas = context;
  return ph_period_compare(quotas[left].period, quotas[right].period);
}

static void find_points(ph_claimed_deals *list, ph_day_of_period day_of, const void *context,
                        ph_status *status) {
  uint32_t *order = ph_sorted_indexes(list->quota_count, compare_quotas, list->quotas, status);
  list->points = ph_allocate(status, list->quota_count, sizeof *list->points);
  for (size_t at = 0; at < list->quota_count && !ph_failed(status); at++) {
    ph_period period = list->quotas[order[at]].period;
    size_t count = list->point_count;
    if (count > 0 && ph_period_compare(list->points[count - 1].period, period) == 0) continue;
    list->points[list->point_count++] = (ph_claim_point){period, day_of(context, period)};
  }
  ph_release(status->memory, order);
}

void ph_claimed_deals_begin(ph_claimed_deals *list, ph_pipeline *pipeline, ph_scope scope,
                            ph_day_of_period day_of, const void *context, ph_status *status) {
  const ph_history *history = &pipeline->history;
  *list = (ph_claimed_deals){.memory = status->memory, .scope = scope};
  list->timeline = ph_pipeline_timeline(pipeline, status);
  ph_group_quotas(history, scope, &list->quotas, &list->quota_count, status);
  list->quotas_of_name = ph_allocate_zeroed(status, history->names.count, sizeof *list->quotas_of_name);
  if (ph_failed(status)) return;
  choose_quotas(list, day_of, context);
  find_points(list, day_of, context, status);
  list->rows_of_quota = ph_allocate_zeroed(status, list->quota_count, sizeof *list->rows_of_quota);
}

void ph_claimed_deals_end(ph_claimed_deals *list) {
  ph_release(list->memory, list->quotas);
  ph_release(list->memory, list->quotas_of_name);
  ph_release(list->memory, list->points);
  ph_release(list->memory, list->rows_of_quota);
}

bool ph_point_claims(const ph_claim_point *point, ph_day close_date) {
  ph_period period = point->period;
  if (close_date == PH_DAY_NONE) return false;
  if (period.start <= close_date && close_date <= period.end) return true;
  return period.start <= point->day && point->day <= period.end && close_date < point->day;
}

/* The periods of a name ascend. */
size_t ph_claimed_deals_quota(const ph_claimed_deals *list, uint32_t name, const ph_claim_point *point) {
  if (list->quotas_of_name[name] == 0) return list->quota_count;
  for (size_t at = list->quotas_of_name[name] - 1; at < list->quota_count; at++) {
    const ph_group_quota *quota = &list->quotas[at];
    int order = ph_period_compare(quota->period, point->period);
    if (quota->name != name || order > 0) break;
    if (order == 0) return at;
  }
  return list->quota_count;
}

static ph_forecast_category category_on(const ph_history *history, const ph_deal *deal, ph_day day) {
  uint32_t name = deal->forecast;
  for (size_t at = deal->first_event; at < deal[1].first_event; at++) {
    const ph_event *event = &history->events[at];
    if (ph_event_day(event) > day) break;
    if (ph_event_kind(event) == PH_KIND_FORECAST) name = event->value;
  }
  if (name == 0) return PH_CATEGORY_COUNT;
  const ph_name *text = &history->names.names[name];
  ph_forecast_category category = ph_forecast_category_of(text->text, text->length);
  return category <= PH_CATEGORY_COMMIT ? category : PH_CATEGORY_COUNT;
}

void ph_claimed_deals_of(const ph_claimed_deals *list, size_t index, ph_claimed_deal_visit visit,
                         void *context, ph_status *status) {
  const ph_history *history = list->timeline->history;
  const ph_deal *deal = &history->deals[index];
  ph_day known_day = PH_DAY_NONE;
  ph_span span = {0};
  for (size_t at = 0; at < list->point_count && !ph_failed(status); at++) {
    const ph_claim_point *point = &list->points[at];
    if (point->day != known_day && !ph_timeline_span(list->timeline, index, point->day, &span)) continue;
    known_day = point->day;
    if (!ph_point_claims(point, span.close_date)) continue;
    uint32_t name = ph_group_of(list->scope, deal, span.owner, span.stage);
    size_t quota = ph_claimed_deals_quota(list, name, point);
    if (quota == list->quota_count) continue;
    ph_claimed_deal claimed = {.deal = index,
                               .point = point,
                               .span = &span,
                               .quota = quota,
                               .category = category_on(history, deal, point->day)};
    visit(context, &claimed, status);
  }
}

void *ph_claimed_deals_row(ph_claimed_deals *list, size_t quota, size_t category_place, void **rows,
                           size_t *capacity, size_t size, ph_status *status) {
  if (ph_failed(status)) return NULL;
  if (list->rows_of_quota[quota] == 0) {
    size_t known = list->block_count * PH_CATEGORY_PLACES;
    if (!ph_reserve(status, rows, capacity, known + PH_CATEGORY_PLACES, size)) return NULL;
    memset((char *)*rows + known * size, 0, PH_CATEGORY_PLACES * size);
    list->rows_of_quota[quota] = (uint32_t)++list->block_count;
  }
  return (char *)*rows + ((list->rows_of_quota[quota] - 1) * PH_CATEGORY_PLACES + category_place) * size;
}
