/* What became of commitments. See commit.h. */
#include "commit.h"

#include "../base/statistics.h"
#include "closing.h"

#include <math.h>

static const char *const NAME = "commit_backtest";

typedef struct category_sums {
  int64_t deals, won_deals, lost_deals, bluebirds;
  ph_money_sum amount, won, lost, slipped, bluebird;
} category_sums;

/* Periods that ended by a day, looked at so many days after their start. */
typedef struct lead {
  ph_day as_of;
  int32_t days;
} lead;

typedef struct commitments {
  ph_claimed_deals list;
  category_sums *sums; /* by block and category */
  size_t capacity;
} commitments;

static ph_day day_of(const void *context, ph_period period) {
  const lead *asked = context;
  if (period.end > asked->as_of) return PH_DAY_NONE;
  return period.end - period.start < asked->days ? period.end : period.start + asked->days;
}

static category_sums *sums_of(commitments *found, size_t quota, ph_forecast_category category,
                              ph_status *status) {
  return ph_claimed_deals_row(&found->list, quota, ph_category_place(category), (void **)&found->sums,
                              &found->capacity, sizeof *found->sums, status);
}

static void add_claim(void *context, const ph_claimed_deal *claimed, ph_status *status) {
  commitments *found = context;
  const ph_deal *deal = &found->list.timeline->history->deals[claimed->deal];
  category_sums *sums = sums_of(found, claimed->quota, claimed->category, status);
  if (sums == NULL) return;
  sums->deals++;
  ph_money_add(&sums->amount, claimed->span->amount);
  if (deal->closing > claimed->point->period.end) {
    ph_money_add(&sums->slipped, claimed->span->amount);
  } else if (deal->outcome == PH_OUTCOME_WON) {
    sums->won_deals++;
    ph_money_add(&sums->won, ph_closing_of(found->list.timeline, claimed->deal).amount);
  } else if (deal->outcome == PH_OUTCOME_LOST) {
    sums->lost_deals++;
    ph_money_add(&sums->lost, claimed->span->amount);
  }
}

/* A win after the day of a point, up to the end of its period, of a deal that nobody claimed for it on
** that day. */
static bool is_bluebird(const ph_timeline *timeline, size_t index, const ph_claim_point *point) {
  const ph_deal *deal = &timeline->history->deals[index];
  ph_span span;
  if (deal->closing <= point->day || deal->closing > point->period.end || deal->created > point->period.end)
    return false;
  return !ph_timeline_span(timeline, index, point->day, &span) || !ph_point_claims(point, span.close_date);
}

static void add_bluebirds(commitments *found, size_t index, ph_status *status) {
  const ph_claimed_deals *list = &found->list;
  const ph_deal *deal = &list->timeline->history->deals[index];
  if (deal->outcome != PH_OUTCOME_WON) return;
  ph_closing closing = ph_closing_of(list->timeline, index);
  uint32_t name = ph_group_of(list->scope, deal, closing.owner, closing.stage);
  for (size_t at = 0; at < list->point_count && !ph_failed(status); at++) {
    const ph_claim_point *point = &list->points[at];
    if (!is_bluebird(list->timeline, index, point)) continue;
    size_t quota = ph_claimed_deals_quota(list, name, point);
    if (quota == list->quota_count) continue;
    category_sums *sums = sums_of(found, quota, PH_CATEGORY_COUNT, status);
    if (sums == NULL) return;
    sums->bluebirds++;
    ph_money_add(&sums->bluebird, closing.amount);
  }
}

static void fill_row(const category_sums *sums, ph_commit_backtest_row *row, ph_status *status) {
  row->deals = sums->deals;
  row->amount = ph_money_value(&sums->amount, NAME, status);
  row->won_deals = sums->won_deals;
  row->won_amount = ph_money_value(&sums->won, NAME, status);
  row->slipped_deals = sums->deals - sums->won_deals - sums->lost_deals;
  row->slipped_amount = ph_money_value(&sums->slipped, NAME, status);
  row->lost_deals = sums->lost_deals;
  row->lost_amount = ph_money_value(&sums->lost, NAME, status);
  row->bluebird_amount = ph_money_value(&sums->bluebird, NAME, status);
  row->conversion = row->low = row->high = NAN;
  if (sums->deals == 0) return;
  row->conversion = (double)sums->won_deals / (double)sums->deals;
  ph_wilson_interval(row->conversion, (double)sums->deals, &row->low, &row->high);
}

static void fill_rows(const commitments *found, ph_commit_backtest_row *rows, size_t *count,
                      ph_status *status) {
  const ph_claimed_deals *list = &found->list;
  size_t filled = 0;
  for (size_t quota = 0; quota < list->quota_count && ph_continue(status); quota++) {
    size_t block = list->rows_of_quota[quota];
    for (size_t place = 0; block > 0 && place < PH_CATEGORY_PLACES; place++) {
      const category_sums *sums = &found->sums[(block - 1) * PH_CATEGORY_PLACES + place];
      if (sums->deals == 0 && sums->bluebirds == 0) continue;
      rows[filled] =
          (ph_commit_backtest_row){.group = list->quotas[quota], .category = ph_category_at(place)};
      fill_row(sums, &rows[filled++], status);
    }
  }
  if (!ph_failed(status)) *count = filled;
}

void ph_commit_backtest(ph_pipeline *pipeline, ph_day as_of, ph_scope scope, int32_t lead_days,
                        ph_commit_backtest_row **rows, size_t *count, ph_status *status) {
  const ph_history *history = &pipeline->history;
  commitments found = {0};
  lead asked = {as_of, lead_days};
  *rows = NULL;
  *count = 0;
  if (!ph_history_shows(history, PH_KIND_FORECAST)) return;
  ph_claimed_deals_begin(&found.list, pipeline, scope, day_of, &asked, status);
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    ph_claimed_deals_of(&found.list, deal, add_claim, &found, status);
    add_bluebirds(&found, deal, status);
  }
  *rows = ph_allocate(status, found.list.block_count * PH_CATEGORY_PLACES, sizeof **rows);
  if (!ph_failed(status)) fill_rows(&found, *rows, count, status);
  ph_claimed_deals_end(&found.list);
  ph_release(status->memory, found.sums);
}
