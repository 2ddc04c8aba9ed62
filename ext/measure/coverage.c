/* Coverage. See coverage.h. */
#include "coverage.h"

#include <math.h>

const char *const ph_coverage_verdict_names[] = {
    [PH_COVERAGE_HIT] = "hit",
    [PH_COVERAGE_TOO_EARLY] = "too_early",
    [PH_COVERAGE_COVERED] = "covered",
    [PH_COVERAGE_UNKNOWN] = "unknown",
    [PH_COVERAGE_FALSE_CONFIDENCE] = "false_confidence",
    [PH_COVERAGE_SHORT] = "short",
};

static const char *const NAME = "real_coverage";

/* What a row is made from. */
typedef struct sources {
  ph_pipeline *pipeline;
  const ph_wins *wins;
  const ph_claims *claims;
} sources;

static double ratio(double numerator, int64_t denominator) {
  return denominator == 0 ? NAN : numerator / (double)denominator;
}

/* Adds what a look-back period claimed at the same number of days after its start, and what was won in the
** rest of it. A period shorter than the judged one is looked at on its last day at the latest. */
static void add_period(const sources *from, uint32_t name, ph_period period, int32_t days, ph_day day,
                       ph_claimed *claimed, ph_money_sum *won) {
  ph_day then = period.start + days < period.end ? period.start + days : period.end;
  ph_day rest = then + 1 > period.start ? then + 1 : period.start;
  ph_claimed_on(from->claims, name, period, then, claimed);
  ph_wins_add(from->wins, name, rest, period.end, day, won);
}

/* Required coverage from the group's own history: Σ claimed then / Σ won in the rest of those periods. */
static void learn_required(const sources *from, const ph_group_quota *group, ph_day day, ph_coverage_row *row,
                           ph_status *status) {
  const ph_history *history = &from->pipeline->history;
  int32_t wanted = ph_policy_integer(&history->policy, PH_POLICY_LOOKBACK_PERIODS);
  ph_claimed claimed = {0};
  ph_money_sum won = {0, 0};
  ph_period period;
  int32_t first = ph_periods_until(group->period, day); /* the last one that ended before the day */
  if (first < 1) first = 1;
  for (int32_t k = first; k < first + wanted && ph_period_before(group->period, k, &period); k++) {
    if (period.start < history->first_created || period.start < history->evidence.progress_since ||
        !ph_continue(status))
      break;
    add_period(from, group->name, period, day - group->period.start, day, &claimed, &won);
  }
  int64_t won_units = ph_money_value(&won, NAME, status);
  row->required_claimed_coverage = row->required_real_coverage =
      history->policy.value[PH_POLICY_TARGET_COVERAGE];
  if (won_units <= 0) return;
  row->required_claimed_coverage = ratio((double)ph_money_value(&claimed.claimed, NAME, status), won_units);
  row->required_real_coverage = ratio((double)ph_money_value(&claimed.real, NAME, status), won_units);
}

static void judge(ph_coverage_row *row, ph_status *status) {
  int64_t not_real = ph_money_difference(row->claimed_amount, row->real_amount, NAME, status);
  row->false_confidence = ph_money_difference(not_real, row->unjudged_amount, NAME, status);
  row->claimed_coverage = ratio((double)row->claimed_amount, row->remaining);
  row->real_coverage = ratio((double)row->real_amount, row->remaining);
  row->needed_units =
      fmax(round(row->required_real_coverage * (double)row->remaining - (double)row->real_amount), 0);
  if (row->remaining == 0) {
    row->verdict = PH_COVERAGE_HIT;
  } else if (row->required_real_coverage == 0) {
    row->verdict = PH_COVERAGE_TOO_EARLY;
  } else if (row->real_coverage >= row->required_real_coverage) {
    row->verdict = PH_COVERAGE_COVERED;
  } else if (ratio((double)row->real_amount + (double)row->unjudged_amount, row->remaining) >=
             row->required_real_coverage) {
    row->verdict = PH_COVERAGE_UNKNOWN;
  } else {
    row->verdict = row->claimed_coverage >= row->required_claimed_coverage ? PH_COVERAGE_FALSE_CONFIDENCE
                                                                           : PH_COVERAGE_SHORT;
  }
}

void ph_coverage_remaining(const ph_wins *wins, const ph_group_quota *group, ph_day day, const char *table,
                           int64_t *won_amount, int64_t *remaining, ph_status *status) {
  ph_money_sum won = {0, 0};
  ph_day until = day < group->period.end ? day : group->period.end;
  ph_wins_add(wins, group->name, group->period.start, until, day, &won);
  *won_amount = ph_money_value(&won, table, status);
  *remaining = ph_money_difference(group->quota, *won_amount, table, status);
  if (*remaining < 0) *remaining = 0;
}

static void fill_row(const sources *from, const ph_group_quota *group, ph_day day, ph_coverage_row *row,
                     ph_status *status) {
  ph_claimed claimed = {0};
  *row = (ph_coverage_row){.group = *group, .day = day};
  ph_coverage_remaining(from->wins, group, day, NAME, &row->won_amount, &row->remaining, status);
  ph_claimed_on(from->claims, group->name, group->period, day, &claimed);
  row->claimed_deals = claimed.claimed_deals;
  row->claimed_amount = ph_money_value(&claimed.claimed, NAME, status);
  row->real_deals = claimed.real_deals;
  row->real_amount = ph_money_value(&claimed.real, NAME, status);
  row->unjudged_deals = claimed.unjudged_deals;
  row->unjudged_amount = ph_money_value(&claimed.unjudged, NAME, status);
  row->overdue_amount = ph_money_value(&claimed.overdue, NAME, status);
  learn_required(from, group, day, row, status);
  judge(row, status);
}

static sources sources_of(ph_pipeline *pipeline, ph_scope scope, ph_status *status) {
  sources from = {pipeline, ph_pipeline_wins(pipeline, scope, status),
                  ph_pipeline_claims(pipeline, scope, status)};
  return from;
}

void ph_coverage_row_on(ph_pipeline *pipeline, ph_scope scope, const ph_group_quota *group, ph_day day,
                        ph_coverage_row *row, ph_status *status) {
  sources from = sources_of(pipeline, scope, status);
  if (!ph_failed(status)) fill_row(&from, group, day, row, status);
}

void ph_coverage_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_coverage_row **rows, size_t *count,
                    ph_status *status) {
  ph_group_quota *quotas = NULL;
  size_t quota_count = 0;
  *count = 0;
  *rows = NULL;
  ph_group_quotas(&pipeline->history, scope, &quotas, &quota_count, status);
  *rows = ph_allocate(status, quota_count + 1, sizeof **rows);
  sources from = sources_of(pipeline, scope, status);
  for (size_t index = 0; index < quota_count && ph_continue(status); index++)
    if (quotas[index].period.end >= day) fill_row(&from, &quotas[index], day, &(*rows)[(*count)++], status);
  ph_release(status->memory, quotas);
}
