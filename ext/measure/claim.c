/* Claims. See claim.h. */
#include "claim.h"

#include "../base/search.h"
#include "../base/sort.h"

enum { CLAIMED, REAL, UNJUDGED, COUNTS, OVERDUE = COUNTS, SUMS };
_Static_assert((int)COUNTS == (int)PH_CLAIMED_COUNTS && (int)SUMS == (int)PH_CLAIMED_SUMS,
               "a row of claims has the numbers of a ph_claimed");

void ph_claimed_add(ph_claimed *claimed, const int64_t *counts, const ph_money_sum *sums) {
  claimed->claimed_deals += counts[CLAIMED];
  claimed->real_deals += counts[REAL];
  claimed->unjudged_deals += counts[UNJUDGED];
  ph_money_add_sum(&claimed->claimed, &sums[CLAIMED]);
  ph_money_add_sum(&claimed->real, &sums[REAL]);
  ph_money_add_sum(&claimed->unjudged, &sums[UNJUDGED]);
  ph_money_add_sum(&claimed->overdue, &sums[OVERDUE]);
}

static void contribute(ph_day_row *row, uint32_t what, int64_t amount, int64_t sign) {
  ph_money_sum money = {0, 0};
  ph_money_add(&money, amount);
  const bool counts[SUMS] = {[CLAIMED] = true,
                             [REAL] = (what & PH_CLAIM_IS_REAL) != 0,
                             [UNJUDGED] = (what & PH_CLAIM_IS_UNJUDGED) != 0,
                             [OVERDUE] = (what & PH_CLAIM_IS_OVERDUE) != 0};
  for (int sum = 0; sum < SUMS; sum++) {
    if (!counts[sum]) continue;
    row->sums[sum].high += sign * money.high;
    row->sums[sum].low += sign * money.low;
    if (sum < COUNTS) row->counts[sum] += sign;
  }
}

/* ------------------------------------------------------------------------------------------------ buckets */

static size_t close_dates_before(const ph_claims *claims, ph_day day) {
  return ph_upper_bound(claims->close_dates, 0, claims->close_date_count, day - 1);
}

static uint32_t bucket_of_day(const ph_claims *claims, ph_day day) {
  return claims->bucket_of[close_dates_before(claims, day)];
}

static void find_close_dates(ph_claims *claims, ph_status *status) {
  const ph_timeline *timeline = claims->timeline;
  ph_day lowest = PH_DAY_NEVER, highest = PH_DAY_NONE;
  for (size_t at = 0; at < timeline->version_count && ph_continue(status); at++) {
    ph_day day = timeline->versions[at].close_date;
    if (day != PH_DAY_NONE && day < lowest) lowest = day;
    if (day > highest) highest = day;
  }
  size_t range = lowest > highest ? 0 : (size_t)(highest - lowest) + 1;
  bool *seen = ph_allocate_zeroed(status, range, sizeof *seen);
  for (size_t at = 0; at < timeline->version_count && ph_continue(status); at++) {
    ph_day day = timeline->versions[at].close_date;
    if (day == PH_DAY_NONE) continue;
    claims->close_date_count += !seen[day - lowest];
    seen[day - lowest] = true;
  }
  claims->close_dates = ph_allocate(status, claims->close_date_count, sizeof *claims->close_dates);
  size_t count = 0;
  for (size_t day = 0; day < range && ph_continue(status); day++)
    if (seen[day]) claims->close_dates[count++] = lowest + (ph_day)day;
  ph_release(status->memory, seen);
}

/* Until the buckets are numbered, bucket_of holds 1 where one begins. */
static void add_boundaries(ph_claims *claims, ph_period period) {
  claims->bucket_of[close_dates_before(claims, period.start)] = 1;
  claims->bucket_of[close_dates_before(claims, period.end + 1)] = 1;
}

/* The boundaries of the periods before one. Those before the first close date or behind the last part
** nothing. */
static void add_periods_before(ph_claims *claims, ph_period period, ph_status *status) {
  ph_period before;
  if (claims->close_date_count == 0) return;
  ph_day first = claims->close_dates[0], last = claims->close_dates[claims->close_date_count - 1];
  int32_t k = ph_periods_until(period, last + 1);
  if (k > 1) k--; /* it begins before the last close date, though it ends behind it */
  for (; ph_period_before(period, k, &before) && ph_continue(status); k++) {
    if (before.start < claims->timeline->history->first_created || before.end < first) break;
    add_boundaries(claims, before);
  }
}

static int compare_numbers(int64_t left, int64_t right) {
  return left < right ? -1 : left > right;
}

/* By series, in a series the latest first. */
static int compare_quotas(const void *context, uint32_t left, uint32_t right) {
  const ph_quota *quotas = context;
  ph_period_series a = ph_period_series_of(ph_quota_period(&quotas[left]));
  ph_period_series b = ph_period_series_of(ph_quota_period(&quotas[right]));
  int order = compare_numbers(a.months, b.months);
  if (order == 0) order = compare_numbers(a.step, b.step);
  if (order == 0) order = compare_numbers(a.residue, b.residue);
  return order != 0 ? order : compare_numbers(quotas[right].period_start, quotas[left].period_start);
}

static bool is_same_series(ph_period left, ph_period right) {
  ph_period_series a = ph_period_series_of(left), b = ph_period_series_of(right);
  return a.months == b.months && a.step == b.step && a.residue == b.residue;
}

/* Every period of every scope is one of a row of pipeline_quota. The periods before the latest of a series
** are also those before the others of it. */
static void add_quotas(ph_claims *claims, ph_status *status) {
  const ph_history *history = claims->timeline->history;
  const ph_quota *quotas = history->quotas;
  uint32_t *rows = ph_sorted_indexes(history->quota_count, compare_quotas, quotas, status);
  for (size_t index = 0; index < history->quota_count && ph_continue(status); index++) {
    ph_period period = ph_quota_period(&quotas[rows[index]]);
    add_boundaries(claims, period);
    if (index > 0 && is_same_series(ph_quota_period(&quotas[rows[index - 1]]), period)) continue;
    add_periods_before(claims, period, status);
  }
  ph_release(status->memory, rows);
}

/* Returns how many buckets there are. Bucket 0 has the close dates before the first boundary. */
static uint32_t find_buckets(ph_claims *claims, ph_status *status) {
  uint32_t bucket = 0;
  claims->bucket_of = ph_allocate_zeroed(status, claims->close_date_count + 1, sizeof *claims->bucket_of);
  if (ph_failed(status)) return 1;
  claims->bucket_of[claims->close_date_count] = 1; /* behind the last close date */
  add_quotas(claims, status);
  for (size_t at = 0; at <= claims->close_date_count && ph_continue(status); at++)
    claims->bucket_of[at] = bucket += claims->bucket_of[at];
  return bucket + 1;
}

/* -------------------------------------------------------------------------------------------------- index */

void ph_claims_visit(const ph_timeline *timeline, ph_scope scope, ph_visit_claim *visit, void *context,
                     ph_status *status) {
  bool unproven_is_real = timeline->history->policy.value[PH_POLICY_UNPROVEN_IS_REAL] != 0;
  for (size_t deal = 0; deal < timeline->history->deal_count && ph_continue(status); deal++)
    for (size_t at = timeline->first_span[deal]; at < timeline->first_span[deal + 1]; at++) {
      ph_span span = ph_timeline_span_at(timeline, deal, at);
      if (span.close_date == PH_DAY_NONE) continue;
      bool is_real =
          span.verdict == PH_VERDICT_PROGRESSING || (span.verdict == PH_VERDICT_UNPROVEN && unproven_is_real);
      bool is_overdue = ph_has_reason(span.reasons, PH_REASON_OVERDUE);
      ph_claim claim = {.from = span.from,
                        .to = span.to,
                        .close_date = span.close_date,
                        .group = ph_group_of(scope, &timeline->history->deals[deal], span.owner, span.stage),
                        .what = (is_real ? PH_CLAIM_IS_REAL : 0u) | (is_overdue ? PH_CLAIM_IS_OVERDUE : 0u) |
                                (span.verdict == PH_VERDICT_UNJUDGED ? PH_CLAIM_IS_UNJUDGED : 0u),
                        .amount = span.amount};
      visit(context, &claim, status);
    }
}

/* Claims on their way into the index; those of a deal mostly have one close date. */
typedef struct filling {
  const ph_claims *claims;
  ph_day_index_builder *builder;
  ph_day close_date;
  uint32_t bucket;
} filling;

static void put_claim(void *context, const ph_claim *claim, ph_status *status) {
  filling *to = context;
  if (claim->close_date != to->close_date) to->bucket = bucket_of_day(to->claims, claim->close_date);
  to->close_date = claim->close_date;
  ph_piece piece = {.from = claim->from,
                    .to = claim->to,
                    .group = claim->group,
                    .bucket = to->bucket,
                    .what = claim->what,
                    .amount = claim->amount};
  ph_day_index_put(to->builder, &piece, status);
}

static void scan(void *context, ph_day_index_builder *builder, ph_status *status) {
  const ph_claims *claims = context;
  filling to = {.claims = claims, .builder = builder, .close_date = PH_DAY_NONE};
  ph_claims_visit(claims->timeline, claims->scope, put_claim, &to, status);
}

void ph_claims_begin(ph_claims *claims, const ph_timeline *timeline, ph_scope scope, ph_status *status) {
  *claims = (ph_claims){.memory = status->memory, .timeline = timeline, .scope = scope};
  find_close_dates(claims, status);
  ph_day_index_plan plan = {.names = &timeline->history->names,
                            .counts = COUNTS,
                            .sums = SUMS,
                            .bucket_count = find_buckets(claims, status),
                            .scan = scan,
                            .context = claims,
                            .contribute = contribute};
  ph_day_index_begin(&claims->index, &plan, status);
}

void ph_claims_end(ph_claims *claims) {
  if (claims->memory == NULL) return;
  ph_release(claims->memory, claims->close_dates);
  ph_release(claims->memory, claims->bucket_of);
  ph_day_index_end(&claims->index);
  *claims = (ph_claims){0};
}

size_t ph_claims_bytes(const ph_claims *claims) {
  return claims->close_date_count * (sizeof *claims->close_dates + sizeof *claims->bucket_of) +
         ph_day_index_bytes(&claims->index);
}

void ph_claimed_on(const ph_claims *claims, uint32_t name, ph_period period, ph_day day,
                   ph_claimed *claimed) {
  size_t group = ph_day_index_group(&claims->index, name);
  if (group == claims->index.group_count) return;
  bool contains_day = period.start <= day && day <= period.end;
  /* on a day of the period every overdue deal counts: with the rest of the period that is every close date up
  ** to its end */
  uint32_t first = contains_day ? 0 : bucket_of_day(claims, period.start);
  ph_day_row row = {{0}, {{0, 0}}};
  ph_day_index_add(&claims->index, group, first, bucket_of_day(claims, period.end + 1), day, &row);
  ph_claimed_add(claimed, row.counts, row.sums);
}
