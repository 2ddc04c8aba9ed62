/*
** Opening. See opening.h.
**
** One pass over the deals counts, for each group with a quota, what was opened in its periods and what became
** of the deals of the year, and for each owner what share of them was proven: the target is learned from the
** owners whatever the scope. Then each row is worked out from its counts.
*/
#include "opening.h"

#include "../base/fraction.h"
#include "../base/sort.h"
#include "../base/statistics.h"
#include "coverage.h"
#include "duration.h"
#include "../base/group.h"
#include "forecast.h"

#include <math.h>

const char *const ph_diagnosis_names[] = {
    [PH_DIAGNOSIS_UNKNOWN] = NULL,
    [PH_DIAGNOSIS_ON_TRACK] = "on_track",
    [PH_DIAGNOSIS_EFFECTIVENESS] = "effectiveness",
    [PH_DIAGNOSIS_OPENING] = "opening",
};

static const char *const NAME = "pipeline_opening";

enum { DAYS_A_YEAR = 365, DAYS_A_WEEK = 7, LEAST_TARGET_DEALS = 5 };

/* Deals created in the year that ended second_meeting_days before the day. */
typedef struct year_counts {
  uint64_t created, proven, closed, won; /* the latter two of the proven ones */
  ph_money_sum won_amount;
} year_counts;

typedef struct group_figures {
  year_counts year;
  size_t first_row, end_row; /* its quota periods */
} group_figures;

typedef struct opening {
  ph_pipeline *pipeline;
  const ph_timeline *timeline;
  const ph_wins *wins;
  ph_scope scope;
  ph_day as_of;
  const ph_opening_given *given;
  int32_t second_meeting_days, min_meetings;
  bool meetings_known; /* or none is needed */
  ph_opening_row *rows;
  size_t row_count;
  ph_day earliest; /* the first day of a period of theirs */
  ph_groups groups;
  group_figures *figures; /* by place of the group */
  size_t capacity;
  ph_durations cycles; /* by place of the group */
  ph_fraction
      *owners; /* by name: proven of created deals of the year; NULL where the policy has the target */
  ph_fraction target;
} opening;

/* ----------------------------------------------------------------------------------------------- counting */

/* The rows of the quota periods that contain the day, and their groups. */
static void find_rows(opening *found, ph_status *status) {
  const ph_history *history = &found->pipeline->history;
  ph_group_quota *quotas = NULL;
  size_t quota_count = 0;
  ph_group_quotas(history, found->scope, &quotas, &quota_count, status);
  found->rows = ph_allocate_zeroed(status, quota_count, sizeof *found->rows);
  ph_groups_begin(&found->groups, &history->names, status);
  for (size_t index = 0; index < quota_count && ph_continue(status); index++) {
    ph_period period = quotas[index].period;
    if (found->as_of < period.start || found->as_of > period.end) continue;
    size_t known = found->groups.count;
    group_figures *group = ph_groups_row(&found->groups, quotas[index].name, (void **)&found->figures,
                                         &found->capacity, sizeof *found->figures, status);
    if (group == NULL) break;
    if (found->groups.count > known) group->first_row = found->row_count;
    found->rows[found->row_count++].group = quotas[index];
    group->end_row = found->row_count;
    if (period.start < found->earliest) found->earliest = period.start;
  }
  ph_release(status->memory, quotas);
}

/* What the events up to the day say of a deal. */
typedef struct deal_glance {
  uint32_t owner;   /* of a closed deal, that of its closing day */
  int32_t meetings; /* on different days within second_meeting_days of its creation */
} deal_glance;

static deal_glance glance_at(const opening *found, const ph_deal *deal) {
  const ph_event *event = &found->pipeline->history.events[deal->first_event];
  const ph_event *end = event + ph_deal_event_count(deal);
  const ph_workdays *workdays = ph_history_workdays(&found->pipeline->history, deal->team);
  ph_day last_meeting = PH_DAY_NONE;
  deal_glance glance = {deal->owner, 0};
  for (; event < end && ph_event_day(event) <= found->as_of; event++) {
    ph_day day = ph_event_day(event);
    ph_kind kind = ph_event_kind(event);
    if (kind == PH_KIND_OWNER && day <= deal->closing) glance.owner = event->value;
    if (kind != PH_KIND_MEETING || day == last_meeting) continue;
    glance.meetings += ph_workdays_between(workdays, deal->created, day) <= found->second_meeting_days;
    last_meeting = day;
  }
  return glance;
}

static void count_year(opening *found, size_t place, size_t index, bool proven, ph_status *status) {
  const ph_deal *deal = &found->pipeline->history.deals[index];
  year_counts *year = &found->figures[place].year;
  year->created++;
  if (!proven) return;
  year->proven++;
  if (deal->closing > found->as_of || deal->outcome == PH_OUTCOME_VANISHED) return;
  year->closed++;
  if (deal->outcome != PH_OUTCOME_WON) return;
  year->won++;
  ph_money_add(&year->won_amount, ph_closing_of(found->timeline, index).amount);
  ph_durations_add(&found->cycles, (uint32_t)place, deal->closing - deal->created, status);
}

/* The last day from which second_meeting_days have passed for a team by as_of. */
static ph_day year_end(const opening *found, uint32_t team) {
  const ph_workdays *workdays = ph_history_workdays(&found->pipeline->history, team);
  if (workdays->every_day) return found->as_of - found->second_meeting_days;
  ph_day low = -1, high = found->as_of;
  while (low < high) {
    ph_day middle = low + (high - low + 1) / 2;
    if (ph_workdays_between(workdays, middle, found->as_of) >= found->second_meeting_days) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

static void count_deal(opening *found, size_t index, ph_status *status) {
  const ph_deal *deal = &found->pipeline->history.deals[index];
  ph_day end = year_end(found, deal->team);
  bool in_year = deal->created > end - DAYS_A_YEAR && deal->created <= end;
  if (!ph_deal_is_visible(deal, found->as_of) || (!in_year && deal->created < found->earliest)) return;
  deal_glance glance = glance_at(found, deal);
  bool proven = glance.meetings >= found->min_meetings;
  if (in_year && found->owners != NULL) {
    found->owners[glance.owner].denominator++;
    found->owners[glance.owner].numerator += proven;
  }
  size_t place = found->groups.place_of_name[ph_group_of(found->scope, deal, glance.owner, 0)];
  if (place == 0) return; /* a group without a quota */
  group_figures *group = &found->figures[place - 1];
  if (in_year) count_year(found, place - 1, index, proven, status);
  for (size_t row = group->first_row; row < group->end_row; row++)
    found->rows[row].opened_deals += deal->created >= found->rows[row].group.period.start;
}

/* ------------------------------------------------------------------------------------------------- target */

static int compare_shares(const void *context, uint32_t left, uint32_t right) {
  const ph_fraction *shares = context;
  return ph_fraction_compare(shares[left], shares[right]);
}

/* The 75 % quantile of the proven shares of the owners with enough deals; unknown where there are none. */
static ph_fraction target_of_owners(const opening *found, ph_status *status) {
  uint32_t name_count = found->pipeline->history.names.count;
  ph_fraction target = {0, 0};
  uint32_t *names = ph_allocate(status, name_count, sizeof *names);
  ph_fraction *sorted = ph_allocate(status, name_count, sizeof *sorted);
  size_t count = 0;
  for (uint32_t name = 1; name < name_count && !ph_failed(status); name++)
    if (found->owners[name].denominator >= LEAST_TARGET_DEALS) names[count++] = name;
  ph_sort_indexes(names, count, compare_shares, found->owners, status);
  for (size_t index = 0; index < count && !ph_failed(status); index++)
    sorted[index] = found->owners[names[index]];
  if (count > 0 && !ph_failed(status)) target = ph_fraction_upper_quartile(sorted, count);
  ph_release(status->memory, names);
  ph_release(status->memory, sorted);
  return target;
}

/* --------------------------------------------------------------------------------------------------- rows */

static int64_t gap_of(int64_t remaining, double expected_units, ph_status *status) {
  if (ph_is_nan(expected_units)) return PH_UNKNOWN_COUNT;
  double gap = round((double)remaining - expected_units);
  if (gap >= 9223372036854775808.0) ph_fail(status, "%s: gap_amount is out of range", NAME);
  return gap > 0 && !ph_failed(status) ? (int64_t)gap : 0;
}

static bool is_above_zero(ph_fraction fraction) {
  return ph_fraction_is_known(fraction) && fraction.numerator > 0;
}

/* ⌈gap / (share × win share × average)⌉. */
static int64_t needed_deals(int64_t gap, ph_fraction share, ph_fraction won, ph_fraction average,
                            ph_status *status) {
  int64_t needed = 0;
  if (gap == 0) return 0;
  if (gap == PH_UNKNOWN_COUNT || !is_above_zero(share) || !is_above_zero(won) || !is_above_zero(average))
    return PH_UNKNOWN_COUNT;
  const uint64_t numerators[4] = {(uint64_t)gap, share.denominator, won.denominator, average.denominator};
  const uint64_t denominators[3] = {share.numerator, won.numerator, average.numerator};
  if (!ph_ceiling(numerators, denominators, &needed))
    ph_fail(status, "%s: needed_deals is out of range", NAME);
  return needed;
}

/* Over at least a week. One division of whole numbers, so that equal rates are equal. */
static double per_week(int64_t deals, double days) {
  return DAYS_A_WEEK * (double)deals / fmax(days, DAYS_A_WEEK);
}

/* Effectiveness comes first: no more first meetings while they are wasted. */
static ph_diagnosis diagnose(const opening *found, const ph_opening_row *row, ph_fraction proven) {
  if (row->gap == 0) return PH_DIAGNOSIS_ON_TRACK;
  if (ph_fraction_is_known(proven) && ph_fraction_is_known(found->target) &&
      ph_fraction_compare(proven, found->target) < 0)
    return PH_DIAGNOSIS_EFFECTIVENESS;
  if (ph_is_nan(row->needed_per_week)) return PH_DIAGNOSIS_UNKNOWN;
  return row->opened_per_week < row->needed_per_week ? PH_DIAGNOSIS_OPENING : PH_DIAGNOSIS_ON_TRACK;
}

/* Shares and the average of the year, or what was given in their place. An average below nothing wins
** nothing. */
typedef struct year_shares {
  ph_fraction proven, won, average;
} year_shares;

static year_shares shares_of(const opening *found, const year_counts *year, int64_t won_amount) {
  const ph_opening_given *given = found->given;
  /* before the first meeting of the source nobody knows what a meeting proves */
  year_shares shares = {{year->proven, found->meetings_known ? year->created : 0},
                        {year->won, year->closed},
                        {won_amount > 0 ? (uint64_t)won_amount : 0, year->won}};
  if (given == NULL) return shares;
  if (!ph_is_nan(given->proven_share)) shares.proven = ph_fraction_of_real(given->proven_share);
  if (!ph_is_nan(given->win_share)) shares.won = ph_fraction_of_real(given->win_share);
  if (!ph_is_nan(given->average_won_units))
    shares.average = (ph_fraction){(uint64_t)given->average_won_units, 1};
  return shares;
}

static double average_won_units(const opening *found, const year_counts *year, int64_t won_amount) {
  if (found->given != NULL && !ph_is_nan(found->given->average_won_units))
    return found->given->average_won_units;
  return year->won > 0 ? (double)won_amount / (double)year->won : NAN;
}

static void fill_needs(opening *found, size_t place, ph_opening_row *row, ph_status *status) {
  const year_counts *year = &found->figures[place].year;
  int64_t won_amount = ph_money_value(&year->won_amount, NAME, status);
  year_shares shares = shares_of(found, year, won_amount);
  ph_fraction best = shares.proven;
  row->proven_share = ph_fraction_to_real(shares.proven);
  row->win_share = ph_fraction_to_real(shares.won);
  bool learned = found->owners != NULL; /* from shares that nobody knows */
  row->target_share = learned && !found->meetings_known ? NAN : ph_fraction_to_real(found->target);
  row->average_won_units = average_won_units(found, year, won_amount);
  row->cycle_days = ph_durations_median(&found->cycles, place, status);
  if (found->given != NULL && !ph_is_nan(found->given->cycle_days))
    row->cycle_days = found->given->cycle_days;
  if (ph_fraction_is_known(shares.proven) && ph_fraction_is_known(found->target) &&
      ph_fraction_compare(shares.proven, found->target) < 0)
    best = found->target;
  row->needed_deals = needed_deals(row->gap, shares.proven, shares.won, shares.average, status);
  row->needed_deals_at_target = needed_deals(row->gap, best, shares.won, shares.average, status);
  bool known = row->needed_deals != PH_UNKNOWN_COUNT;
  row->first_meetings_saved = known ? row->needed_deals - row->needed_deals_at_target : PH_UNKNOWN_COUNT;
  row->needed_per_week = NAN;
  if (known && !ph_is_nan(row->cycle_days))
    row->needed_per_week =
        per_week(row->needed_deals, row->group.period.end - row->cycle_days - found->as_of);
  row->opened_per_week = per_week(row->opened_deals, found->as_of - row->group.period.start + 1);
  row->diagnosis = diagnose(found, row, shares.proven);
}

/* The rows are among those of the forecast, in the same order. */
static void fill_rows(opening *found, ph_status *status) {
  ph_forecast_row *forecasts = NULL;
  size_t count = 0;
  int64_t won_amount;
  if (found->row_count == 0 || ph_failed(status)) return;
  double revived_share = found->given != NULL ? found->given->revived_share : 0;
  ph_forecast_on(found->pipeline, found->as_of, found->scope, revived_share, &forecasts, &count, status);
  ph_durations_gather(&found->cycles, found->groups.count, status);
  const ph_forecast_row *forecast = forecasts;
  for (size_t index = 0; index < found->row_count && ph_continue(status); index++) {
    ph_opening_row *row = &found->rows[index];
    while (forecast->group.name != row->group.name ||
           ph_period_compare(forecast->group.period, row->group.period) != 0)
      forecast++;
    ph_coverage_remaining(found->wins, &row->group, found->as_of, NAME, &won_amount, &row->remaining, status);
    row->expected_units = forecast->open_expected;
    row->gap = gap_of(row->remaining, row->expected_units, status);
    fill_needs(found, found->groups.place_of_name[row->group.name] - 1, row, status);
  }
  ph_release(status->memory, forecasts);
}

void ph_opening_on(ph_pipeline *pipeline, ph_day as_of, ph_scope scope, const ph_opening_given *given,
                   ph_opening_row **rows, size_t *count, ph_status *status) {
  const ph_history *history = &pipeline->history;
  int32_t second_meeting_days = ph_policy_integer(&history->policy, PH_POLICY_SECOND_MEETING_DAYS);
  double target = history->policy.value[PH_POLICY_TARGET_SECOND_MEETING_RATE];
  opening found = {.pipeline = pipeline,
                   .timeline = ph_pipeline_timeline(pipeline, status),
                   .wins = ph_pipeline_wins(pipeline, scope, status),
                   .scope = scope,
                   .as_of = as_of,
                   .given = given,
                   .second_meeting_days = second_meeting_days,
                   .min_meetings = ph_policy_integer(&history->policy, PH_POLICY_MIN_MEETINGS),
                   .earliest = PH_DAY_NEVER};
  found.meetings_known = history->evidence.meetings_since <= as_of || found.min_meetings == 0;
  find_rows(&found, status);
  if (ph_is_nan(target)) {
    found.owners = ph_allocate_zeroed(status, history->names.count, sizeof *found.owners);
  } else {
    found.target = ph_fraction_of_real(target);
  }
  for (size_t index = 0; index < history->deal_count && found.row_count > 0 && ph_continue(status); index++)
    count_deal(&found, index, status);
  if (ph_is_nan(target)) found.target = target_of_owners(&found, status);
  fill_rows(&found, status);
  *rows = found.rows;
  *count = ph_failed(status) ? 0 : found.row_count;
  ph_groups_end(&found.groups);
  ph_durations_end(&found.cycles, status->memory);
  ph_release(status->memory, found.figures);
  ph_release(status->memory, found.owners);
}
