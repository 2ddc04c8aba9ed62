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
    [PH_DEAL_HEADER] = {DEAL, "row repeats the header", PH_SEVERITY_ERROR,
                        "the row is left out, for it is the header again; delete it where the file was "
                        "imported, and no figure changes"},
    [PH_DEAL_ID_MISSING] =
        {DEAL, "missing deal_id", PH_SEVERITY_ERROR,
         "the deal is left out of every figure, for no event can be told to be its own; give it an id"},
    [PH_DEAL_CREATED_MISSING] = {DEAL, "missing created_at", PH_SEVERITY_ERROR,
                                 "the deal is left out of every figure, for without a day of creation it has "
                                 "no history; export the column, or take the day of its first event"},
    [PH_DEAL_CREATED_BAD] =
        {DEAL, "bad created_at", PH_SEVERITY_ERROR,
         "the deal is left out of every figure, for the value is no date; rewrite the column, with "
         "pipeline_date() where the order of its parts is known; " PH_EXPECTED_DATE_FORMS},
    [PH_DEAL_OUTCOME_UNKNOWN] =
        {DEAL, "unknown outcome", PH_SEVERITY_ERROR,
         "the deal is left out of every figure, for outcome is 'open', 'won', 'lost' or "
         "'unknown'; map the other words to these"},
    [PH_DEAL_CLOSE_DATE_BAD] =
        {DEAL, "bad close_date", PH_SEVERITY_ERROR,
         "the deal is left out of every figure, for the value is no date; rewrite the column, with "
         "pipeline_date() where the order of its parts is known; " PH_EXPECTED_DATE_FORMS},
    [PH_DEAL_CLOSED_AT_BAD] =
        {DEAL, "bad closed_at", PH_SEVERITY_ERROR,
         "the deal is left out of every figure, for the value is no date; rewrite the column, with "
         "pipeline_date() where the order of its parts is known; " PH_EXPECTED_DATE_FORMS},
    [PH_DEAL_DUPLICATE] = {DEAL, "duplicate deal_id", PH_SEVERITY_ERROR,
                           "the row is left out, for the first row of a deal_id that can be read counts; "
                           "keep the newest row of each deal, or the figures are those of an old one"},
    [PH_DEAL_CLOSED_WITHOUT_DAY] = {DEAL, "closed without any day", PH_SEVERITY_ERROR,
                                    "the deal is left out of every figure, for it has no closed_at, no "
                                    "close_date and no event; export the day on which it closed"},
    [PH_DEAL_CLOSED_WITHOUT_CLOSED_AT] =
        {DEAL, "closed without closed_at", PH_SEVERITY_WARNING,
         "its close_date, else the day of its last event, is taken for the closing day, so that wins may "
         "count in another period; export the day on which it closed"},
    [PH_DEAL_CLOSED_BEFORE_CREATED] = {DEAL, "closed before created", PH_SEVERITY_WARNING,
                                       "the deal is never open and teaches no win rate, though a win counts "
                                       "on its closing day; correct the earlier of the two dates"},
    [PH_DEAL_OPEN_WITH_CLOSED_AT] = {DEAL, "open with closed_at", PH_SEVERITY_WARNING,
                                     "the deal counts as open and closed_at is not used; correct the outcome "
                                     "if it is closed, and integrity and coverage fall"},
    [PH_DEAL_AMOUNT_MISSING] = {DEAL, "missing amount", PH_SEVERITY_WARNING,
                                "the deal is counted and its amount is 0, so that every sum and coverage is "
                                "too low; fill the amounts in, the open deals first"},
    [PH_DEAL_AMOUNT_BAD] =
        {DEAL, "amount is not a number", PH_SEVERITY_WARNING,
         "the deal is counted and its amount is 0, so that every sum and coverage is too low; read the "
         "column with pipeline_amount(), up to 922337203685477.5807 in size"},
    [PH_DEAL_AMOUNT_NEGATIVE] = {DEAL, "negative amount", PH_SEVERITY_WARNING,
                                 "the amount is added as it is and lowers every sum; take out credits and "
                                 "cancellations that are no deals"},
    [PH_DEAL_AMOUNT_THOUSANDS] = {DEAL, "thousands read as decimals", PH_SEVERITY_WARNING,
                                  "every amount with a dot has three digits behind it, so that 12.500 counts "
                                  "as 12 and a half and sums are a thousand times too low; if the dot "
                                  "separates thousands, read the column with pipeline_amount(amount, ',')"},
    [PH_DEAL_STAGE_MISSING] = {DEAL, "missing stage", PH_SEVERITY_WARNING,
                               "the deal has no stage where its events tell none, so that it counts in the "
                               "class of no stage; fill the stages in"},
    [PH_DEAL_STAGE_WITHOUT_RANK] = {DEAL, "stage without rank", PH_SEVERITY_WARNING,
                                    "a change into the stage counts as progress when the deal has never been "
                                    "in it, even backwards; add the stage to pipeline_stage"},
    [PH_DEAL_CLOSED_WITHOUT_STAGE] =
        {DEAL, "closed without a stage event", PH_SEVERITY_WARNING,
         "its earlier stages are not known, so that its end counts in the win rate of no stage and those of "
         "the open stages are too low; bring the stage history of closed deals"},
    [PH_DEAL_STAGE_DISAGREES] =
        {DEAL, "stage disagrees with last stage event", PH_SEVERITY_WARNING,
         "the event is believed and a later move is missed, so that stage, progress and verdict may be old; "
         "bring the newest events, or deals and events of one moment"},
    [PH_DEAL_AMOUNT_DISAGREES] =
        {DEAL, "amount disagrees with last amount event", PH_SEVERITY_WARNING,
         "the event is believed and a later change is missed, so that sums and coverage may be old; bring "
         "the newest events, or deals and events of one moment"},
    [PH_DEAL_DATE_LOOKS_LIKE_YYYYMMDD] = {DEAL, "date looks like YYYYMMDD", PH_SEVERITY_WARNING,
                                          "the number is read as Unix seconds, a day in 1970, and every "
                                          "figure of that day is wrong; write YYYY-MM-DD"},
    [PH_DEAL_CLOSING_AHEAD] =
        {DEAL, "closing day ahead of data_until", PH_SEVERITY_WARNING,
         "a close date ahead is not taken for the closing day, which is data_until then, while a closed_at "
         "ahead is believed and the deal is open until it; correct closed_at, or set policy data_until"},
    [PH_DEAL_CURRENCIES_MIXED] =
        {DEAL, "several currencies", PH_SEVERITY_ERROR,
         "tables that sum money fail, for nothing says how to add the currencies; give pipeline_rate, or set "
         "policy reporting_currency to 'none' to add them as they are"},
    [PH_DEAL_CURRENCIES_ADDED] = {DEAL, "several currencies added as they are", PH_SEVERITY_WARNING,
                                  "policy reporting_currency is 'none', so that every sum mixes currencies; "
                                  "give pipeline_rate and a reporting_currency where sums matter"},
    [PH_DEAL_VANISHED] = {DEAL, "closed, outcome unknown", PH_SEVERITY_WARNING,
                          "the deal left the pipeline on its closing day, is neither won nor lost and counts "
                          "in no win rate; export also "
                          "what closed lately"},
    [PH_DEAL_CURRENCY_WITHOUT_RATE] = {DEAL, "currency without a rate", PH_SEVERITY_ERROR,
                                       "the deal is counted and its amount is 0, so that every sum and "
                                       "coverage is too low; add the currency to pipeline_rate"},
    [PH_DEAL_CATEGORY_UNKNOWN] = {DEAL, "unknown forecast_category", PH_SEVERITY_WARNING,
                                  "the deal is in no forecast category, so that no commitment counts it; map "
                                  "the word to omitted, pipeline, best_case, most_likely or commit"},
    [PH_RULE_SOURCES_END] = {DEAL, "sources end long before today", PH_SEVERITY_WARNING,
                             "the newest day in the sources is more than a week old and what happened since "
                             "is taken for silence, so that too many deals are stalled or dead today; bring "
                             "newer data, ask for that day, or set policy data_until to it"},
    [PH_RULE_NO_DEALS] = {DEAL, "no deals", PH_SEVERITY_INFO,
                          "every table is empty or counts nothing; look at the errors above and at what "
                          "pipeline_deal selects"},
    [PH_RULE_NO_CLOSE_DATES] = {DEAL, "no close dates", PH_SEVERITY_INFO,
                                "no deal is claimed for a quota period, so that claimed and real coverage "
                                "are 0 and overdue and parked never hold; export the expected close date"},
    [PH_EVENT_HEADER] = {EVENT, "row repeats the header", PH_SEVERITY_ERROR,
                         "the row is left out, for it is the header again; delete it where the file was "
                         "imported, and no figure changes"},
    [PH_EVENT_ID_MISSING] =
        {EVENT, "missing deal_id", PH_SEVERITY_ERROR,
         "the event is left out, so that a deal may look silent that is not; link the activity to its deal"},
    [PH_EVENT_AT_MISSING] = {EVENT, "missing at", PH_SEVERITY_ERROR,
                             "the event is left out, so that a deal may look silent that is not; take the "
                             "day from another column of the source"},
    [PH_EVENT_AT_BAD] =
        {EVENT, "bad at", PH_SEVERITY_ERROR,
         "the event is left out, so that a deal may look silent that is not; rewrite the column, with "
         "pipeline_date() where the order of its parts is known; " PH_EXPECTED_DATE_FORMS},
    [PH_EVENT_KIND_UNKNOWN] = {EVENT, "unknown kind", PH_SEVERITY_ERROR,
                               "the event is left out, so that a deal may look silent that is not; map it to "
                               "stage, amount, close_date, owner, forecast, one of these with _state, "
                               "meeting, commitment, reply, call, email, note or task"},
    [PH_EVENT_DEAL_UNKNOWN] =
        {EVENT, "event of an unknown deal", PH_SEVERITY_ERROR,
         "the event is left out, for pipeline_deal has no such deal_id; bring the missing deals, or leave "
         "the events out where they are of deals that were deleted"},
    [PH_EVENT_DEAL_WRITTEN_OTHERWISE] =
        {EVENT, "ids of events written in another way", PH_SEVERITY_ERROR,
         "these events of unknown deals are left out and their deals look silent, though the ids are those "
         "of deals but for the last three characters, a sign or a .0; write the ids of both in one way, such "
         "as substr(deal_id, 1, 15)"},
    [PH_EVENT_DEAL_LEFT_OUT] = {EVENT, "event of a deal left out", PH_SEVERITY_ERROR,
                                "the event is left out with its deal; correct the deal, which stands among "
                                "the errors of pipeline_deal"},
    [PH_EVENT_CLOSE_DATE_BAD] = {EVENT, "bad date in a close_date event", PH_SEVERITY_ERROR,
                                 "the event is left out, so that a push may be missed, for old_value or "
                                 "new_value is no date; rewrite both, with pipeline_date() where the order "
                                 "of their parts is known; " PH_EXPECTED_DATE_FORMS},
    [PH_EVENT_RECORDED_BAD] = {EVENT, "bad recorded_at", PH_SEVERITY_WARNING,
                               "the event counts as recorded at its day, so that a meeting agreed ahead is "
                               "no commitment; correct recorded_at"},
    [PH_EVENT_AMOUNT_BAD] = {EVENT, "amount event without a number", PH_SEVERITY_WARNING,
                             "the deal's amount is 0 from that day on, so that sums of the past are too low; "
                             "read the values with pipeline_amount(), or leave the event out"},
    [PH_EVENT_AMOUNT_NEGATIVE] = {EVENT, "negative amount", PH_SEVERITY_WARNING,
                                  "the amount is added as it is and lowers the sums of those days; take out "
                                  "credits and cancellations that are no deals"},
    [PH_EVENT_AMOUNT_THOUSANDS] =
        {EVENT, "thousands read as decimals", PH_SEVERITY_WARNING,
         "every amount with a dot has three digits behind it, so that 12.500 counts as 12 and a half and "
         "sums are a thousand times too low; if the dot separates thousands, read the values with "
         "pipeline_amount(new_value, ',')"},
    [PH_EVENT_DATE_LOOKS_LIKE_YYYYMMDD] = {EVENT, "date looks like YYYYMMDD", PH_SEVERITY_WARNING,
                                           "the number is read as Unix seconds, a day in 1970, and every "
                                           "figure of that day is wrong; write YYYY-MM-DD"},
    [PH_EVENT_STAGE_WITHOUT_RANK] = {EVENT, "stage without rank", PH_SEVERITY_WARNING,
                                     "the change counts as progress when the deal has never been in the "
                                     "stage, even backwards; add the stage to pipeline_stage"},
    [PH_EVENT_CATEGORY_UNKNOWN] =
        {EVENT, "unknown forecast category", PH_SEVERITY_WARNING,
         "the deal is in no forecast category from that day on, so that no commitment counts it; map the "
         "word to omitted, pipeline, best_case, most_likely or commit"},
    [PH_EVENT_BEFORE_CREATION] =
        {EVENT, "event before creation", PH_SEVERITY_WARNING,
         "the event counts on its day, for deals are often written down after the first meeting, but it is "
         "no evidence for other deals; correct created_at where a migration set it"},
    [PH_EVENT_AFTER_CLOSING] = {EVENT, "event after closing", PH_SEVERITY_WARNING,
                                "the event changes no verdict, for the deal is closed; correct the closing "
                                "day where the deal went on"},
    [PH_EVENT_REPEATED] =
        {EVENT, "repeated event", PH_SEVERITY_WARNING,
         "a deal has the same event twice at one time of a day and both count, so that calls without an "
         "answer and pushes are too many; keep one where a file was imported twice"},
    [PH_EVENT_BULK_EDIT] = {EVENT, "many changes at one instant", PH_SEVERITY_WARNING,
                            "20 or more deals were changed at one instant, which makes dead deals look "
                            "touched and moved; leave these events out, for a bulk edit is no progress"},
    [PH_RULE_NO_EVENTS] =
        {EVENT, "no events", PH_SEVERITY_INFO,
         "only creation, closing and today's values of a deal are known, so that no deal can be judged and "
         "deals of the past look as they are today; bring stage history and activities"},
    [PH_RULE_NO_TOUCHES] =
        {EVENT, "no touches", PH_SEVERITY_INFO,
         "untouched is off, so that no deal is ever dead; bring calls, emails or meetings, "
         "or set policy touches_since if silence is real"},
    [PH_RULE_TOUCHES_ARE_STAGES] =
        {EVENT, "touches are stage changes alone", PH_SEVERITY_WARNING,
         "no call, email, reply, commitment or meeting is recorded, so a deal that somebody works on without "
         "a "
         "stage change is called dead; bring activities, or set policy touches_since to a day ahead, so that "
         "such deals are stalled at most"},
    [PH_RULE_TOUCHES_LATE] =
        {EVENT, "touches begin late", PH_SEVERITY_INFO,
         "untouched is off before the day of the example and counts from it at the earliest; the rows are "
         "open deals older than that; bring older activities, or set policy touches_since"},
    [PH_RULE_NO_PROGRESS] = {EVENT, "no signs of progress", PH_SEVERITY_INFO,
                             "no_progress is off, so that a deal is unjudged unless it is dead or lacks "
                             "a second meeting; bring stage history, meetings or "
                             "commitments, or set policy progress_since if silence is real"},
    [PH_RULE_PROGRESS_LATE] =
        {EVENT, "signs of progress begin late", PH_SEVERITY_INFO,
         "no_progress is off before the day of the example and counts from it at the earliest; the rows are "
         "open deals older than that; bring older stage history, or set policy progress_since"},
    [PH_RULE_NO_MEETINGS] =
        {EVENT, "no meetings", PH_SEVERITY_INFO,
         "no_second_meeting and unproven are off and meetings are NULL, so that a deal progresses by its "
         "stages alone; bring meetings, or set policy meetings_since if there were none"},
    [PH_RULE_MEETINGS_LATE] =
        {EVENT, "meetings begin late", PH_SEVERITY_INFO,
         "no_second_meeting and unproven are off for deals created before the day of the example; the rows "
         "are open deals older than that; bring older meetings, or set policy meetings_since"},
    [PH_RULE_NO_OUTREACH] =
        {EVENT, "no calls or emails", PH_SEVERITY_INFO,
         "ghosted never holds and ghosted_deals is NULL; bring calls and emails to see who does not answer"},
    [PH_RULE_NO_CLOSE_DATE_CHANGES] =
        {EVENT, "no close_date changes", PH_SEVERITY_INFO,
         "pushed never holds, pushes are NULL and close dates of the past are those of today, so that "
         "earlier claimed coverage is only a guess; bring the history of the close date"},
    [PH_RULE_NO_FORECAST_CHANGES] =
        {EVENT, "no forecast changes", PH_SEVERITY_INFO,
         "commit_backtest has no rows, for today's forecast category of a deal says nothing of earlier days; "
         "bring the history of the category"},
    [PH_RULE_NO_STAGE_CHANGES] =
        {EVENT, "no stage changes", PH_SEVERITY_INFO,
         "stages are no sign of progress and stages of the past are those of today, so that stage_velocity "
         "and win rates by stage say little; bring the stage history"},
    [PH_STAGE_HEADER] = {STAGE, "row repeats the header", PH_SEVERITY_ERROR,
                         "the row is left out, for it is the header again; delete it where the file was "
                         "imported, and no figure changes"},
    [PH_STAGE_NAME_MISSING] = {STAGE, "missing stage", PH_SEVERITY_ERROR,
                               "the row is left out, for it names no stage; name it or delete it"},
    [PH_STAGE_RANK_BAD] = {STAGE, "bad rank", PH_SEVERITY_ERROR,
                           "the row is left out and its stage has no rank, so that every first move into it "
                           "is progress; give a number that grows towards the win"},
    [PH_STAGE_DUPLICATE] = {STAGE, "duplicate stage", PH_SEVERITY_ERROR,
                            "the row is left out, for the first of a stage and pipeline counts; keep the row "
                            "whose rank is right"},
    [PH_STAGE_MAX_IDLE_BAD] =
        {STAGE, "bad max_idle_days", PH_SEVERITY_WARNING,
         "policy idle_days is used for the stage; give a whole number from 0 to 36500 or leave it empty"},
    [PH_STAGE_CLOSED_BAD] =
        {STAGE, "bad closed", PH_SEVERITY_WARNING,
         "the value is not used; give 1 where deals in the stage are won or lost, else 0"},
    [PH_RULE_NO_RANKS] =
        {STAGE, "no ranks", PH_SEVERITY_INFO,
         "every stage a deal has never been in counts as forward, even backwards, and idle limits are policy "
         "idle_days; list the stages in pipeline_stage, in the order of the sale"},
    [PH_QUOTA_HEADER] = {QUOTA, "row repeats the header", PH_SEVERITY_ERROR,
                         "the row is left out, for it is the header again; delete it where the file was "
                         "imported, and no figure changes"},
    [PH_QUOTA_PERIOD_BAD] = {QUOTA, "bad period", PH_SEVERITY_ERROR,
                             "the quota is left out of coverage, for period_start or period_end is missing "
                             "or no date; rewrite it; " PH_EXPECTED_DATE_FORMS},
    [PH_QUOTA_PERIOD_REVERSED] = {QUOTA, "period ends before it starts", PH_SEVERITY_ERROR,
                                  "the quota is left out of coverage; exchange period_start and period_end"},
    [PH_QUOTA_AMOUNT_BAD] = {QUOTA, "amount missing or not a number", PH_SEVERITY_ERROR,
                             "the quota is left out of coverage, for no quota is not a quota of 0; read the "
                             "column with pipeline_amount(), or fill it in"},
    [PH_QUOTA_AMOUNT_NEGATIVE] =
        {QUOTA, "negative amount", PH_SEVERITY_WARNING,
         "the quota is used as it is, so that nothing is left to win and the period is hit; correct it"},
    [PH_QUOTA_AMOUNT_THOUSANDS] =
        {QUOTA, "thousands read as decimals", PH_SEVERITY_WARNING,
         "every quota with a dot has three digits behind it, so that 12.500 counts as 12 and a half and is "
         "soon hit; if the dot separates thousands, read the column with pipeline_amount(amount, ',')"},
    [PH_QUOTA_DATE_LOOKS_LIKE_YYYYMMDD] = {QUOTA, "date looks like YYYYMMDD", PH_SEVERITY_WARNING,
                                           "the number is read as Unix seconds, a day in 1970, and every "
                                           "figure of that day is wrong; write YYYY-MM-DD"},
    [PH_QUOTA_REPEATED] = {QUOTA, "repeated quota", PH_SEVERITY_WARNING,
                           "two rows are the same and both are summed, so that coverage halves; keep one "
                           "where a file was imported twice"},
    [PH_QUOTA_OF_NOBODY] = {QUOTA, "quota of an unknown owner or team", PH_SEVERITY_WARNING,
                            "no deal has that owner or team, so that nothing is ever claimed or won for the "
                            "quota and its coverage is 0; write the name as the deals do"},
    [PH_QUOTA_PERIODS_OVERLAP] = {QUOTA, "overlapping periods", PH_SEVERITY_WARNING,
                                  "two periods of one owner or team overlap and a deal is claimed in both; "
                                  "keep quarters or years, not both"},
    [PH_QUOTA_CURRENCY_WITHOUT_RATE] =
        {QUOTA, "currency without a rate", PH_SEVERITY_ERROR,
         "the quota is left out of coverage; add the currency to pipeline_rate"},
    [PH_RULE_NO_QUOTAS] = {QUOTA, "no quotas", PH_SEVERITY_INFO,
                           "real_coverage, coverage_backtest and pipeline_opening have no rows; give quotas "
                           "in pipeline_quota, integrity and verdicts need none"},
    [PH_RULE_NO_TEAM_QUOTAS] = {QUOTA, "no quotas of teams", PH_SEVERITY_INFO,
                                "real_coverage, coverage_backtest and pipeline_opening have no rows by team; "
                                "name the team in pipeline_quota"},
    [PH_RULE_NO_OWNER_QUOTAS] = {QUOTA, "no quotas of owners", PH_SEVERITY_INFO,
                                 "real_coverage, coverage_backtest and pipeline_opening have no rows by "
                                 "owner; name the owner in pipeline_quota"},
    [PH_RATE_HEADER] = {RATE, "row repeats the header", PH_SEVERITY_ERROR,
                        "the row is left out, for it is the header again; delete it where the file was "
                        "imported, and no figure changes"},
    [PH_RATE_CURRENCY_MISSING] = {RATE, "missing currency", PH_SEVERITY_ERROR,
                                  "the rate is left out; name its currency"},
    [PH_RATE_BAD] =
        {RATE, "bad rate", PH_SEVERITY_ERROR,
         "the rate is left out and amounts of its currency may count as 0; give a number above 0 of at most "
         "15 digits, how many units of the currency make one of the reporting currency"},
    [PH_RATE_VALID_FROM_BAD] =
        {RATE, "bad valid_from", PH_SEVERITY_ERROR,
         "the rate is left out, for the value is no date; rewrite it; " PH_EXPECTED_DATE_FORMS},
    [PH_RATE_REPEATED] = {RATE, "repeated rate", PH_SEVERITY_WARNING,
                          "of two rates for one currency and day the first counts; keep the right one"},
    [PH_HOLIDAY_HEADER] = {HOLIDAY, "row repeats the header", PH_SEVERITY_ERROR,
                           "the row is left out, for it is the header again; delete it where the file was "
                           "imported, and no figure changes"},
    [PH_HOLIDAY_DAY_BAD] =
        {HOLIDAY, "bad day", PH_SEVERITY_ERROR,
         "the holiday is left out, so that limits run out a day early; rewrite it; " PH_EXPECTED_DATE_FORMS},
};

static bool is_better_example(const char *candidate, const char *example) {
  size_t candidate_length = strlen(candidate), length = strlen(example);
  if (candidate_length != length) return candidate_length < length;
  return strcmp(candidate, example) < 0;
}

void ph_problem_add_rows(ph_problems *problems, ph_problem problem, int64_t rows, const char *example,
                         ph_status *status) {
  ph_problem_count *count = &problems->counts[problem];
  if (!count->found || is_better_example(example, count->example))
    snprintf(count->example, sizeof count->example, "%s", example);
  count->found = true;
  count->rows += rows;
  const ph_problem_descriptor *descriptor = &ph_problem_descriptors[problem];
  if (problems->errors_stop && descriptor->severity == PH_SEVERITY_ERROR)
    ph_fail(status, "%s: %s: %s (%s; policy on_bad_row is 'error')", descriptor->source, descriptor->name,
            example, descriptor->meaning);
}

void ph_problem_add(ph_problems *problems, ph_problem problem, const char *example, ph_status *status) {
  ph_problem_add_rows(problems, problem, 1, example, status);
}

void ph_problem_add_amount(ph_problems *problems, ph_problem problem, int64_t amount) {
  problems->counts[problem].has_amount = true;
  ph_money_add(&problems->counts[problem].amount, amount);
}

static size_t count_digits(const char *text, size_t length) {
  size_t digits = 0;
  while (digits < length && text[digits] >= '0' && text[digits] <= '9') digits++;
  return digits;
}

/* One to three digits, the first no 0, a dot and three digits: 12.500. */
static bool looks_like_thousands(const char *text, size_t length) {
  if (length > 0 && (text[0] == '-' || text[0] == '+')) text++, length--;
  size_t before = count_digits(text, length);
  return before >= 1 && before <= 3 && text[0] != '0' && length == before + 4 && text[before] == '.' &&
         count_digits(text + before + 1, 3) == 3;
}

bool ph_problem_add_thousands(ph_problems *problems, ph_problem problem, const ph_value *amount,
                              ph_status *status) {
  if (amount->type != PH_TEXT || memchr(amount->text, '.', amount->length) == NULL) return false;
  if (!looks_like_thousands(amount->text, amount->length)) {
    problems->counts[problem].refuted = true;
    return false;
  }
  ph_problem_add_value(problems, problem, amount, status);
  return true;
}

void ph_problem_add_value_rows(ph_problems *problems, ph_problem problem, int64_t rows,
                               const ph_value *example, ph_status *status) {
  char shown[PH_VALUE_SHOWN_BYTES];
  ph_value_show(example, shown);
  if (example->type != PH_TEXT) {
    ph_problem_add_rows(problems, problem, rows, shown, status);
    return;
  }
  shown[strlen(shown) - 1] = 0; /* an example is shown without the quotes of a message */
  ph_problem_add_rows(problems, problem, rows, shown + 1, status);
}

void ph_problem_add_value(ph_problems *problems, ph_problem problem, const ph_value *example,
                          ph_status *status) {
  ph_problem_add_value_rows(problems, problem, 1, example, status);
}
