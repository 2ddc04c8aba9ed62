/* What can be wrong with source rows. See problem.h. */
#include "problem.h"

#include "../base/date_text.h"

#include <stdio.h>
#include <string.h>

#define DEAL "pipeline_deal"
#define EVENT "pipeline_event"
#define STAGE "pipeline_stage"
#define QUOTA "pipeline_quota"
#define RATE "pipeline_rate"
#define HOLIDAY "pipeline_holiday"

const char *const ph_severity_names[] = {"error", "warning", "info"};

const ph_problem_descriptor ph_problem_descriptors[PH_PROBLEM_COUNT] = {
    [PH_DEAL_ID_MISSING] = {DEAL, "missing deal_id", PH_SEVERITY_ERROR,
                            "the deal is left out: it has no deal_id"},
    [PH_DEAL_CREATED_MISSING] = {DEAL, "missing created_at", PH_SEVERITY_ERROR,
                                 "the deal is left out: without a day of creation it has no history"},
    [PH_DEAL_CREATED_BAD] = {DEAL, "bad created_at", PH_SEVERITY_ERROR,
                             "the deal is left out: the value is no date; " PH_EXPECTED_DATE_FORMS},
    [PH_DEAL_OUTCOME_UNKNOWN] = {DEAL, "unknown outcome", PH_SEVERITY_ERROR,
                                 "the deal is left out: outcome is 'open', 'won' or 'lost'"},
    [PH_DEAL_CLOSE_DATE_BAD] = {DEAL, "bad close_date", PH_SEVERITY_ERROR,
                                "the deal is left out: the value is no date; " PH_EXPECTED_DATE_FORMS},
    [PH_DEAL_CLOSED_AT_BAD] = {DEAL, "bad closed_at", PH_SEVERITY_ERROR,
                               "the deal is left out: the value is no date; " PH_EXPECTED_DATE_FORMS},
    [PH_DEAL_DUPLICATE] =
        {DEAL, "duplicate deal_id", PH_SEVERITY_ERROR,
         "the row is left out: the first row of a deal_id whose columns can be read counts"},
    [PH_DEAL_CLOSED_WITHOUT_DAY] =
        {DEAL, "closed without any day", PH_SEVERITY_ERROR,
         "the deal is left out: it is closed and has no closed_at, no close_date and no event"},
    [PH_DEAL_CLOSED_WITHOUT_CLOSED_AT] =
        {DEAL, "closed without closed_at", PH_SEVERITY_WARNING,
         "its close_date, else the day of its last event, is taken for the closing day"},
    [PH_DEAL_CLOSED_BEFORE_CREATED] = {DEAL, "closed before created", PH_SEVERITY_WARNING,
                                       "the deal is never open; a win counts on its closing day"},
    [PH_DEAL_OPEN_WITH_CLOSED_AT] = {DEAL, "open with closed_at", PH_SEVERITY_WARNING,
                                     "closed_at is not used"},
    [PH_DEAL_AMOUNT_MISSING] = {DEAL, "missing amount", PH_SEVERITY_WARNING, "the amount counts as 0"},
    [PH_DEAL_AMOUNT_BAD] = {DEAL, "amount is not a number", PH_SEVERITY_WARNING,
                            "the amount counts as 0: it is no number, or above 922337203685477.5807 in size"},
    [PH_DEAL_AMOUNT_NEGATIVE] = {DEAL, "negative amount", PH_SEVERITY_WARNING, "the amount is used as it is"},
    [PH_DEAL_STAGE_MISSING] = {DEAL, "missing stage", PH_SEVERITY_WARNING,
                               "the deal has no stage where its events tell none"},
    [PH_DEAL_STAGE_WITHOUT_RANK] = {DEAL, "stage without rank", PH_SEVERITY_WARNING,
                                    "a change into the stage is forward when the deal has never been in it"},
    [PH_DEAL_CLOSED_WITHOUT_STAGE] = {DEAL, "closed without a stage event", PH_SEVERITY_WARNING,
                                      "its stages are not known: it counts in the win rates of no stage, so "
                                      "that those of the stages of open "
                                      "deals are too low"},
    [PH_DEAL_STAGE_DISAGREES] = {DEAL, "stage disagrees with last stage event", PH_SEVERITY_WARNING,
                                 "the event is believed: changes after the last event are not known"},
    [PH_DEAL_AMOUNT_DISAGREES] = {DEAL, "amount disagrees with last amount event", PH_SEVERITY_WARNING,
                                  "the event is believed: changes after the last event are not known"},
    [PH_DEAL_DATE_LOOKS_LIKE_YYYYMMDD] = {DEAL, "date looks like YYYYMMDD", PH_SEVERITY_WARNING,
                                          "the number is read as Unix seconds, in 1970; write YYYY-MM-DD"},
    [PH_DEAL_CLOSING_AHEAD] =
        {DEAL, "closing day ahead of data_until", PH_SEVERITY_WARNING,
         "the deal is closed, so it closed by data_until unless closed_at says a later day; "
         "a close date ahead of that is not the closing day"},
    [PH_DEAL_CURRENCY_WITHOUT_RATE] = {DEAL, "currency without a rate", PH_SEVERITY_ERROR,
                                       "the amount counts as 0: add the currency to pipeline_rate"},
    [PH_RULE_NO_DEALS] = {DEAL, "no deals", PH_SEVERITY_INFO, "every table is empty or counts nothing"},
    [PH_EVENT_ID_MISSING] = {EVENT, "missing deal_id", PH_SEVERITY_ERROR,
                             "the event is left out: it has no deal_id"},
    [PH_EVENT_AT_MISSING] = {EVENT, "missing at", PH_SEVERITY_ERROR, "the event is left out: it has no date"},
    [PH_EVENT_AT_BAD] = {EVENT, "bad at", PH_SEVERITY_ERROR,
                         "the event is left out: the value is no date; " PH_EXPECTED_DATE_FORMS},
    [PH_EVENT_KIND_UNKNOWN] =
        {EVENT, "unknown kind", PH_SEVERITY_ERROR,
         "the event is left out: kind is stage, amount, close_date, owner, meeting, commitment, "
         "reply, call, email, note or task"},
    [PH_EVENT_DEAL_UNKNOWN] = {EVENT, "event of an unknown deal", PH_SEVERITY_ERROR,
                               "the event is left out: pipeline_deal has no such deal_id"},
    [PH_EVENT_DEAL_LEFT_OUT] = {EVENT, "event of a deal left out", PH_SEVERITY_ERROR,
                                "the event is left out with its deal"},
    [PH_EVENT_CLOSE_DATE_BAD] =
        {EVENT, "bad date in a close_date event", PH_SEVERITY_ERROR,
         "the event is left out: old_value or new_value is no date; " PH_EXPECTED_DATE_FORMS},
    [PH_EVENT_RECORDED_BAD] = {EVENT, "bad recorded_at", PH_SEVERITY_WARNING,
                               "the event counts as recorded at its day"},
    [PH_EVENT_AMOUNT_BAD] = {EVENT, "amount event without a number", PH_SEVERITY_WARNING,
                             "the amount counts as 0"},
    [PH_EVENT_AMOUNT_NEGATIVE] = {EVENT, "negative amount", PH_SEVERITY_WARNING,
                                  "the amount is used as it is"},
    [PH_EVENT_DATE_LOOKS_LIKE_YYYYMMDD] = {EVENT, "date looks like YYYYMMDD", PH_SEVERITY_WARNING,
                                           "the number is read as Unix seconds, in 1970; write YYYY-MM-DD"},
    [PH_EVENT_STAGE_WITHOUT_RANK] = {EVENT, "stage without rank", PH_SEVERITY_WARNING,
                                     "the change is forward when the deal has never been in the stage"},
    [PH_EVENT_BEFORE_CREATION] =
        {EVENT, "event before creation", PH_SEVERITY_WARNING,
         "the event counts on its day: deals are often written down after the first meeting"},
    [PH_EVENT_AFTER_CLOSING] = {EVENT, "event after closing", PH_SEVERITY_WARNING,
                                "the event changes no verdict: the deal is closed"},
    [PH_EVENT_REPEATED] =
        {EVENT, "repeated event", PH_SEVERITY_WARNING,
         "a deal has the same event twice at one time of a day: both count; was a file imported "
         "twice?"},
    [PH_EVENT_BULK_EDIT] = {EVENT, "many changes at one instant", PH_SEVERITY_WARNING,
                            "20 or more deals were changed at the same instant: a bulk edit is not progress, "
                            "leave such rows out"},
    [PH_STAGE_NAME_MISSING] = {STAGE, "missing stage", PH_SEVERITY_ERROR,
                               "the row is left out: it names no stage"},
    [PH_STAGE_RANK_BAD] = {STAGE, "bad rank", PH_SEVERITY_ERROR,
                           "the row is left out: its rank is no number"},
    [PH_STAGE_DUPLICATE] = {STAGE, "duplicate stage", PH_SEVERITY_ERROR,
                            "the row is left out: the first of a stage and pipeline counts"},
    [PH_STAGE_MAX_IDLE_BAD] = {STAGE, "bad max_idle_days", PH_SEVERITY_WARNING,
                               "policy idle_days is used: max_idle_days is a whole number from 0 to 36500"},
    [PH_QUOTA_PERIOD_BAD] =
        {QUOTA, "bad period", PH_SEVERITY_ERROR,
         "the quota is left out: period_start or period_end is missing or no date; " PH_EXPECTED_DATE_FORMS},
    [PH_QUOTA_PERIOD_REVERSED] = {QUOTA, "period ends before it starts", PH_SEVERITY_ERROR,
                                  "the quota is left out: period_end lies before period_start"},
    [PH_QUOTA_AMOUNT_BAD] = {QUOTA, "amount missing or not a number", PH_SEVERITY_WARNING,
                             "the quota counts as 0"},
    [PH_QUOTA_AMOUNT_NEGATIVE] = {QUOTA, "negative amount", PH_SEVERITY_WARNING,
                                  "the amount is used as it is: nothing is left to win"},
    [PH_QUOTA_DATE_LOOKS_LIKE_YYYYMMDD] = {QUOTA, "date looks like YYYYMMDD", PH_SEVERITY_WARNING,
                                           "the number is read as Unix seconds, in 1970; write YYYY-MM-DD"},
    [PH_QUOTA_REPEATED] = {QUOTA, "repeated quota", PH_SEVERITY_WARNING,
                           "two rows are the same: both are summed; was a file imported twice?"},
    [PH_QUOTA_OF_NOBODY] = {QUOTA, "quota of an unknown owner or team", PH_SEVERITY_WARNING,
                            "no deal has that owner or team: nothing is ever claimed or won for it"},
    [PH_QUOTA_PERIODS_OVERLAP] = {QUOTA, "overlapping periods", PH_SEVERITY_WARNING,
                                  "two periods of one owner or team overlap: a deal may be claimed in both"},
    [PH_QUOTA_CURRENCY_WITHOUT_RATE] = {QUOTA, "currency without a rate", PH_SEVERITY_ERROR,
                                        "the quota is left out: add the currency to pipeline_rate"},
    [PH_STAGE_CLOSED_BAD] =
        {STAGE, "bad closed", PH_SEVERITY_WARNING,
         "the value is not used: closed is 1 where deals in the stage are won or lost, else 0"},
    [PH_RATE_CURRENCY_MISSING] = {RATE, "missing currency", PH_SEVERITY_ERROR, "the rate is left out"},
    [PH_RATE_BAD] =
        {RATE, "bad rate", PH_SEVERITY_ERROR,
         "the rate is left out: it is a number above 0 of at most 15 digits, how many units of the "
         "currency make one of the reporting currency"},
    [PH_RATE_VALID_FROM_BAD] = {RATE, "bad valid_from", PH_SEVERITY_ERROR,
                                "the rate is left out: the value is no date; " PH_EXPECTED_DATE_FORMS},
    [PH_RATE_REPEATED] = {RATE, "repeated rate", PH_SEVERITY_WARNING,
                          "of two rates for one currency and day the first counts"},
    [PH_HOLIDAY_DAY_BAD] = {HOLIDAY, "bad day", PH_SEVERITY_ERROR,
                            "the holiday is left out: the value is no date; " PH_EXPECTED_DATE_FORMS},
    [PH_RULE_NO_EVENTS] =
        {EVENT, "no events", PH_SEVERITY_INFO,
         "without events a deal's only progress is its creation, and closing days are all that is known"},
    [PH_RULE_NO_MEETINGS] = {EVENT, "no meetings", PH_SEVERITY_INFO,
                             "the rules on meetings are off: no_second_meeting and unproven never hold"},
    [PH_RULE_MEETINGS_LATE] = {EVENT, "meetings begin late", PH_SEVERITY_INFO,
                               "the rules on meetings are off before the first meeting of the source"},
    [PH_RULE_NO_TOUCHES] = {EVENT, "no calls or emails", PH_SEVERITY_INFO, "the reason ghosted never holds"},
    [PH_RULE_NO_CLOSE_DATE_CHANGES] =
        {EVENT, "no close_date changes", PH_SEVERITY_INFO,
         "the reason pushed never holds, and close dates of the past are those of today"},
    [PH_RULE_NO_CLOSE_DATES] =
        {DEAL, "no close dates", PH_SEVERITY_INFO,
         "nothing is claimed for a quota period: coverage says nothing, overdue and parked never hold"},
    [PH_RULE_NO_STAGE_CHANGES] =
        {EVENT, "no stage changes", PH_SEVERITY_INFO,
         "stages are no sign of progress, and stages of the past are those of today"},
    [PH_RULE_NO_RANKS] =
        {STAGE, "no ranks", PH_SEVERITY_INFO,
         "every stage a deal has never been in counts as forward; max_idle_days is policy idle_days"},
    [PH_RULE_NO_QUOTAS] = {QUOTA, "no quotas", PH_SEVERITY_INFO,
                           "real_coverage, coverage_backtest and pipeline_opening have no rows"},
};

static bool is_better_example(const char *candidate, const char *example) {
  size_t candidate_length = strlen(candidate), length = strlen(example);
  if (candidate_length != length) return candidate_length < length;
  return strcmp(candidate, example) < 0;
}

void ph_problem_add(ph_problems *problems, ph_problem problem, const char *example, ph_status *status) {
  ph_problem_count *count = &problems->counts[problem];
  if (count->rows == 0 || is_better_example(example, count->example))
    snprintf(count->example, sizeof count->example, "%s", example);
  count->rows++;
  const ph_problem_descriptor *descriptor = &ph_problem_descriptors[problem];
  if (problems->errors_stop && descriptor->severity == PH_SEVERITY_ERROR)
    ph_fail(status, "%s: %s: %s (%s; policy on_bad_row is 'error')", descriptor->source, descriptor->name,
            example, descriptor->meaning);
}

void ph_problem_add_deal(ph_problems *problems, ph_problem problem, const ph_value *deal_id, int64_t amount,
                         ph_status *status) {
  problems->counts[problem].has_amount = true;
  ph_money_add(&problems->counts[problem].amount, amount);
  ph_problem_add_value(problems, problem, deal_id, status);
}

void ph_problem_add_value(ph_problems *problems, ph_problem problem, const ph_value *example,
                          ph_status *status) {
  char shown[PH_VALUE_SHOWN_BYTES];
  ph_value_show(example, shown);
  if (example->type != PH_TEXT) {
    ph_problem_add(problems, problem, shown, status);
    return;
  }
  shown[strlen(shown) - 1] = 0; /* an example is shown without the quotes of a message */
  ph_problem_add(problems, problem, shown + 1, status);
}
