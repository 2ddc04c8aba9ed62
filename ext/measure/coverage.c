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

/* What a row is made from: what is stored of most deals, or nothing; the wins and claims of the deals of the
** history, NULL where it has none; and those of deals that are to be taken away, or NULL. */
typedef struct sources {
  ph_pipeline *pipeline;
  ph_scope scope;
  const ph_stored_days *stored;
  const ph_wins *wins, *gone_wins;
  const ph_claims *claims, *gone_claims;
} sources;

static void subtract_claimed(ph_claimed *from, const ph_claimed *gone) {
  from->claimed_deals -= gone->claimed_deals;
  from->real_deals -= gone->real_deals;
  from->unjudged_deals -= gone->unjudged_deals;
  ph_money_subtract_sum(&from->claimed, &gone->claimed);
  ph_money_subtract_sum(&from->real, &gone->real);
  ph_money_subtract_sum(&from->unjudged, &gone->unjudged);
  ph_money_subtract_sum(&from->overdue, &gone->overdue);
}

/* As ph_claimed_on. */
static void add_claimed(const sources *from, uint32_t group, ph_period period, ph_day day,
                        ph_claimed *claimed, ph_status *status) {
  ph_claimed gone = {0};
  const ph_stored_days *stored = from->stored;
  if (stored != NULL) stored->claim(stored->context, from->scope, group, period, day, claimed, status);
  if (from->claims != NULL) ph_claimed_on(from->claims, group, period, day, claimed);
  if (from->gone_claims == NULL) return;
  ph_claimed_on(from->gone_claims, group, period, day, &gone);
  subtract_claimed(claimed, &gone);
}

/* As ph_wins_add. */
static void add_won(const sources *from, uint32_t group, ph_day first, ph_day last, ph_day day,
                    ph_money_sum *won, ph_status *status) {
  ph_money_sum gone = {0, 0};
  const ph_stored_days *stored = from->stored;
  if (stored != NULL) stored->win(stored->context, from->scope, group, first, last, day, won, status);
  if (from->wins != NULL) ph_wins_add(from->wins, group, first, last, day, won);
  if (from->gone_wins == NULL) return;
  ph_wins_add(from->gone_wins, group, first, last, day, &gone);
  ph_money_subtract_sum(won, &gone);
}

static double ratio(double numerator, int64_t denominator) {
  return denominator == 0 ? NAN : numerator / (double)denominator;
}

/* Adds what a look-back period claimed at the same number of days after its start, and what was won in the
** rest of it. A period shorter than the judged one is looked at on its last day at the latest. */
static void add_period(const sources *from, uint32_t name, ph_period period, int32_t days, ph_day day,
                       ph_claimed *claimed, ph_money_sum *won, ph_status *status) {
  ph_day then = period.start + days < period.end ? period.start + days : period.end;
  ph_day rest = then + 1 > period.start ? then + 1 : period.start;
  add_claimed(from, name, period, then, claimed, status);
  add_won(from, name, rest, period.end, day, won, status);
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
    add_period(from, group->name, period, day - group->period.start, day, &claimed, &won, status);
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

static void find_remaining(const sources *from, const ph_group_quota *group, ph_day day, const char *table,
                           int64_t *won_amount, int64_t *remaining, ph_status *status) {
  ph_money_sum won = {0, 0};
  ph_day until = day < group->period.end ? day : group->period.end;
  add_won(from, group->name, group->period.start, until, day, &won, status);
  *won_amount = ph_money_value(&won, table, status);
  *remaining = ph_money_difference(group->quota, *won_amount, table, status);
  if (*remaining < 0) *remaining = 0;
}

void ph_coverage_remaining(const ph_wins *wins, const ph_group_quota *group, ph_day day, const char *table,
                           int64_t *won_amount, int64_t *remaining, ph_status *status) {
  const sources from = {.wins = wins};
  find_remaining(&from, group, day, table, won_amount, remaining, status);
}

static void fill_row(const sources *from, const ph_group_quota *group, ph_day day, ph_coverage_row *row,
                     ph_status *status) {
  ph_claimed claimed = {0};
  *row = (ph_coverage_row){.group = *group, .day = day};
  find_remaining(from, group, day, NAME, &row->won_amount, &row->remaining, status);
  add_claimed(from, group->name, group->period, day, &claimed, status);
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
  sources from = {.pipeline = pipeline, .scope = scope};
  const ph_stored_days *stored = pipeline->stored.context != NULL ? &pipeline->stored : NULL;
  from.stored = stored;
  if (stored != NULL) stored->ask(stored->context);
  if (stored == NULL || stored->replaced != NULL) {
    from.wins = ph_pipeline_wins(pipeline, scope, status);
    from.claims = ph_pipeline_claims(pipeline, scope, status);
  }
  if (stored != NULL && stored->replaced != NULL) {
    from.gone_wins = ph_pipeline_wins(stored->replaced, scope, status);
    from.gone_claims = ph_pipeline_claims(stored->replaced, scope, status);
  }
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
