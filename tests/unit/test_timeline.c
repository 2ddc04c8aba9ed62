/*
** Checks what a deal is on a day: each reason on the day before, the day of and the day after its
** threshold, the verdict they make, and when a deal would stall (specification, sections 3 and 4).
**
** Every verdict is asked for twice, from the state of the day and from the spans of all days.
*/
#include "timeline_fixture.h"

/* What keeps the reasons apart: nobody idles, nobody is untouched. */
#define PATIENT "idle_days,36500\nuntouched_days,36500\n" FIXTURE_EVIDENCE

static void check(fixture *at, const char *id, const char *day_text, const char *verdict,
                  const char *reasons) {
  ph_day day = fixture_day(day_text);
  size_t deal = fixture_deal_index(&at->history, id);
  char shown[PH_REASONS_TEXT_BYTES];
  ph_deal_state state;
  ph_deal_state_on(&at->rules, deal, day, &state);
  ph_span judged = ph_deal_judge(&at->rules, &at->history.deals[deal], &state, day);
  ph_reasons_format(judged.reasons, shown);
  if (strcmp(ph_verdict_names[judged.verdict], verdict) != 0 || strcmp(shown, reasons) != 0)
    fail_msg("deal %s on %s is %s (%s), expected %s (%s)", id, day_text, ph_verdict_names[judged.verdict],
             shown, verdict, reasons);
  ph_span found, *span = &found;
  assert_true(ph_timeline_span(&at->timeline, deal, day, span));
  assert_true(span->from <= day && day < span->to);
  assert_int64_equal(span->verdict, judged.verdict);
  assert_int64_equal(span->reasons, judged.reasons);
  assert_int64_equal(span->amount, judged.amount);
  assert_int64_equal(span->close_date, judged.close_date);
  assert_true(span->stage == judged.stage && span->owner == judged.owner);
}

static void check_stalls_on(fixture *at, const char *id, const char *day_text, const char *expected) {
  ph_day day = fixture_day(day_text);
  size_t deal = fixture_deal_index(&at->history, id);
  ph_deal_state state;
  char shown[PH_DAY_TEXT_BYTES] = "never";
  ph_deal_state_on(&at->rules, deal, day, &state);
  ph_day stalls_on = ph_deal_stalls_on(&at->rules, &at->history.deals[deal], &state);
  if (stalls_on != PH_DAY_NEVER) ph_day_format(stalls_on, shown);
  if (strcmp(shown, expected) != 0) fail_msg("deal %s stalls on %s, expected %s", id, shown, expected);
}

/* ---- reasons that decide ---- */

static void test_untouched(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){
          .policy = "idle_days,36500\n" FIXTURE_EVIDENCE,
          .deals = "1,,,,,A,1,2022-01-01,,,open\n2,,,,,A,1,2022-01-01,,,open\n3,,,,,A,1,2022-01-01,,,open",
          .events = "2,2022-01-10,email\n2,2022-01-20,note\n2,2022-01-20,task\n2,2022-01-20,amount,1,2\n"
                    "2,2022-01-20,owner,a,b\n2,2022-01-20,close_date,,2022-05-05\n3,2021-12-01,call\n"
                    "3,2022-01-05,stage,A,A"});
  check(&at, "1", "2022-03-31", "progressing", ""); /* 89 days */
  check(&at, "1", "2022-04-01", "dead", "untouched");
  check(&at, "1", "2022-04-02", "dead", "untouched");
  check(&at, "2", "2022-04-09", "progressing", "");
  check(&at, "2", "2022-04-10", "dead", "untouched"); /* after the email: work on the record is no touch */
  check(&at, "3", "2022-04-04", "progressing", "");
  check(&at, "3", "2022-04-05", "dead", "untouched");
  check_stalls_on(&at, "1", "2022-01-01", "2022-04-01");
  check_stalls_on(&at, "2", "2022-01-01", "2022-04-01");
  check_stalls_on(&at, "2", "2022-01-10", "2022-04-10");
  fixture_end(&at);
}

/* A touch before creation alone: the last touch is that, not the creation. */
static void test_touch_before_creation(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){.policy = "idle_days,36500\n" FIXTURE_EVIDENCE,
                                     .deals = "1,,,,,A,1,2022-01-01,,,open",
                                     .events = "1,2021-11-01,reply"});
  check(&at, "1", "2022-01-29", "progressing", "");
  check(&at, "1", "2022-01-30", "dead", "untouched"); /* 90 days after the reply */
  fixture_end(&at);
}

static void test_no_progress(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){
          .policy = FIXTURE_EVIDENCE,

          .stages = "A,1\nB,2,,10\nC,3,,0",
          .deals = "1,,,,,A,1,2022-01-01,,,open\n2,,,,,C,1,2022-01-01,,,open\n3,,,,,A,1,2022-01-01,,,open",
          .events = "2,2022-01-11,stage,A,B\n2,2022-01-15,stage,B,C\n3,2022-01-20,commitment\n"
                    "3,2022-01-25,reply\n3,2022-01-26,call\n3,2022-01-27,email"});
  check(&at, "1", "2022-01-31", "progressing", ""); /* 30 days are within the limit */
  check(&at, "1", "2022-02-01", "stalled", "no_progress");
  check(&at, "1", "2022-02-02", "stalled", "no_progress");
  check(&at, "1", "2022-04-01", "dead", "untouched,no_progress");
  check(&at, "2", "2022-01-10", "progressing", "");
  check(&at, "2", "2022-01-15", "progressing", "");
  check(&at, "2", "2022-01-16", "stalled", "no_progress"); /* the limit of C is 0 */
  check(&at, "3", "2022-02-19", "progressing", "");
  check(&at, "3", "2022-02-20", "stalled", "no_progress"); /* after the commitment */
  check_stalls_on(&at, "2", "2022-01-01", "2022-02-01");
  check_stalls_on(&at, "2", "2022-01-11", "2022-01-22");
  check_stalls_on(&at, "2", "2022-01-15", "2022-01-16");
  fixture_end(&at);
}

static void test_second_meeting(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){
          .policy = PATIENT,
          .deals = "1,,,,,A,1,2022-01-01,,,open\n2,,,,,A,1,2022-01-01,,,open\n3,,,,,A,1,2022-01-01,,,open\n"
                   "4,,,,,A,1,2022-01-01,,,open",
          .events =
              "1,2022-01-01,meeting\n2,2022-01-10T09:00,meeting\n2,2022-01-10T15:00,meeting\n"
              "3,2022-01-10,meeting\n3,2022-02-20,meeting\n4,2021-12-01,meeting\n4,2022-01-30,meeting"});
  check(&at, "1", "2022-01-30", "unproven", ""); /* 29 days */
  check(&at, "1", "2022-01-31", "stalled", "no_second_meeting");
  check(&at, "1", "2022-02-01", "stalled", "no_second_meeting");
  check(&at, "2", "2022-01-30", "unproven", ""); /* two meetings of one day are one */
  check(&at, "2", "2022-01-31", "stalled", "no_second_meeting");
  check(&at, "3", "2022-02-19", "stalled", "no_second_meeting");
  check(&at, "3", "2022-02-20", "progressing", "");
  check(&at, "4", "2022-01-29", "unproven", ""); /* one before creation counts */
  check(&at, "4", "2022-01-30", "progressing", "");
  check(&at, "4", "2022-12-31", "progressing", "");
  check_stalls_on(&at, "1", "2022-01-02", "2022-01-31");
  check_stalls_on(&at, "4", "2022-01-30", "2122-01-06"); /* 36500 days untouched */
  fixture_end(&at);
}

/* A deal created before the sources show meetings is never judged by them. */
static void test_meeting_rules_off(void **state) {
  (void)state;
  fixture at;
  const char *deals = "1,,,,,A,1,2022-01-01,,,open\n2,,,,,A,1,2022-02-25,,,open";
  fixture_begin(&at, &(fixture_rows){.policy = PATIENT "meetings_since,2022-01-02", .deals = deals});
  check(&at, "1", "2022-12-31", "progressing", "");
  check(&at, "2", "2022-02-25", "unproven", "");
  check(&at, "2", "2022-03-26", "unproven", "");
  check(&at, "2", "2022-03-27", "stalled", "no_second_meeting");
  check_stalls_on(&at, "1", "2022-02-28", "2121-12-08"); /* 36500 days untouched */
  check_stalls_on(&at, "2", "2022-02-28", "2022-03-27");
  fixture_end(&at);
  fixture_begin(&at, &(fixture_rows){.policy = PATIENT "meetings_since,2022-01-01", .deals = deals});
  check(&at, "1", "2022-01-30", "unproven", "");
  check(&at, "1", "2022-01-31", "stalled", "no_second_meeting");
  fixture_end(&at);
  fixture_begin(&at, &(fixture_rows){.policy = PATIENT, .deals = deals, .events = "1,2022-03-01,commitment"});
  check(&at, "1", "2022-12-31", "progressing", "");
  fixture_end(&at);
  fixture_begin(
      &at,
      &(fixture_rows){.policy = PATIENT "min_meetings,0", .deals = deals, .events = "1,2022-01-01,meeting"});
  check(&at, "2", "2022-12-31", "progressing", "");
  fixture_end(&at);
  fixture_begin(&at, &(fixture_rows){.policy = PATIENT "min_meetings,1\nsecond_meeting_days,0",
                                     .deals = deals,
                                     .events = "1,2022-01-01,meeting"});
  check(&at, "1", "2022-01-01", "progressing", "");
  check(&at, "2", "2022-02-25", "stalled", "no_second_meeting");
  fixture_end(&at);
}

/* ---- reasons that inform ---- */

static void test_overdue(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){
          .policy = PATIENT,
          .deals = "1,,,,,A,1,2022-01-01,2022-02-10,,open\n2,,,,,A,1,2022-01-01,2022-02-10,,open\n"
                   "3,,,,,A,1,2022-01-01,9999-12-31,,open",
          .events = "2,2022-02-15,close_date,2022-02-10,2022-03-10\n2,2022-04-01,close_date,2022-03-10,"});
  check(&at, "1", "2022-02-10", "progressing", "");
  check(&at, "1", "2022-02-11", "progressing", "overdue");
  check(&at, "2", "2022-02-14", "progressing", "overdue");
  check(&at, "2", "2022-02-15", "progressing", "");
  check(&at, "2", "2022-03-11", "progressing", "overdue");
  check(&at, "2", "2022-04-01", "progressing", ""); /* without a date it is not overdue */
  check(&at, "3", "9999-12-31", "dead", "untouched,no_progress,parked,aged");
  fixture_end(&at);
}

static void test_pushed(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at,
                &(fixture_rows){
                    .policy = PATIENT "max_pushes,2",
                    .deals = "1,,,,,A,1,2022-01-01,,,open\n2,,,,,A,1,2022-01-01,2022-05-05,2022-02-03,won",
                    .events =
                        "1,2022-02-01,close_date,2022-05-01,2022-05-02\n1,2022-02-02,close_date,,2022-05-01\n"
                        "1,2022-02-03,close_date,,2022-05-03\n"
                        "2,2022-02-01,close_date,2022-05-01,2022-05-02\n2,2022-02-02,close_date,,2022-05-03\n"
                        "2,2022-02-03,close_date,,2022-05-04\n2,2022-02-04,close_date,,2022-05-05"});
  check(&at, "1", "2022-02-02", "progressing", "");
  check(&at, "1", "2022-02-03", "progressing", "pushed");
  check(&at, "2", "2022-02-01", "progressing", "");
  check(&at, "2", "2022-02-02", "progressing", "pushed");
  ph_deal_state on;
  ph_deal_state_on(&at.rules, 1, fixture_day("2022-02-03"), &on);
  assert_int64_equal(on.pushes, 2); /* a date that moves with the closing is no push */
  assert_int64_equal(on.close_date, fixture_day("2022-05-04"));
  ph_deal_state_on(&at.rules, 1, fixture_day("2022-02-04"), &on);
  assert_int64_equal(on.pushes, 3);
  fixture_end(&at);
}

static void test_ghosted(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){
          .policy = PATIENT "min_meetings,0",
          .deals = "1,,,,,A,1,2022-01-05,,,open\n2,,,,,A,1,2022-01-05,,,open\n3,,,,,A,1,2022-01-05,,,open",
          .events = "1,2022-01-05,call\n1,2022-01-06,call\n1,2022-01-06,email\n1,2022-01-07,note\n"
                    "1,2022-01-08,call\n1,2022-01-09,reply\n1,2022-01-09,call\n1,2022-01-10,email\n"
                    "1,2022-01-11,email\n1,2022-01-12,email\n1,2022-01-13T08:00,email\n"
                    "1,2022-01-13T09:00,commitment\n"
                    "2,2022-01-01,call\n2,2022-01-02,call\n2,2022-01-03,call\n2,2022-01-06,call\n"
                    "3,2022-01-01,meeting\n3,2022-01-02,call\n3,2022-01-03,call\n3,2022-01-04,call"});
  check(&at, "1", "2022-01-07", "progressing", ""); /* those of the day of creation do not count */
  check(&at, "1", "2022-01-08", "progressing", "ghosted");
  check(&at, "1", "2022-01-09", "progressing", "");
  check(&at, "1", "2022-01-11", "progressing", "");
  check(&at, "1", "2022-01-12", "progressing", "ghosted");
  check(&at, "1", "2022-01-13", "progressing", "");
  check(&at, "2", "2022-01-06", "progressing", ""); /* the client's last act is the creation */
  check(&at, "3", "2022-01-05", "progressing", "ghosted");
  fixture_end(&at);
}

static void test_parked(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at,
                &(fixture_rows){
                    .policy = PATIENT "fiscal_year_start_month,2",
                    .deals = "1,,,,,A,1,2024-02-10,2024-04-30,,open\n2,,,,,A,1,2024-02-10,2024-02-29,,open\n"
                             "3,,,,,A,1,2024-02-10,2024-03-31,,open\n4,,,,,A,1,2024-02-10,,,open\n"
                             "5,,,,,A,1,2024-02-10,2024-07-31,,open\n6,,,,,A,1,2024-02-10,2024-04-29,,open",
                    .events = "5,2024-03-01,close_date,2024-04-30,2024-07-31\n"
                              "6,2024-03-01,close_date,,2024-04-30\n6,2024-03-05,close_date,,\n"
                              "6,2024-03-09,close_date,,2024-10-31"});
  check(&at, "1", "2024-02-10", "progressing", "parked");
  check(&at, "2", "2024-02-10", "progressing", "parked"); /* the last day of its month of creation */
  check(&at, "3", "2024-02-10", "progressing", "");       /* no end of a fiscal quarter */
  check(&at, "4", "2024-02-10", "progressing", "");
  check(&at, "5", "2024-02-29", "progressing", "parked");
  check(&at, "5", "2024-03-01", "progressing", "");       /* moved: somebody thought of it */
  check(&at, "6", "2024-03-04", "progressing", "parked"); /* set is not moved */
  check(&at, "6", "2024-03-05", "progressing", "");
  check(&at, "6", "2024-03-09", "progressing", "parked");
  static const char *const ends[] = {"2024-01-31", "2024-04-30", "2024-07-31", "2024-10-31"};
  static const char *const others[] = {"2024-02-29", "2024-03-31", "2024-04-29", "2024-12-31", "2024-05-01"};
  for (int index = 0; index < 4; index++)
    assert_true(ph_is_fiscal_quarter_end(&at.rules, fixture_day(ends[index])));
  for (int index = 0; index < 5; index++)
    assert_false(ph_is_fiscal_quarter_end(&at.rules, fixture_day(others[index])));
  fixture_end(&at);
}

static void test_aged(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){.policy = PATIENT, .deals = "1,,,,,A,1,2022-01-01,,,open"});
  check(&at, "1", "2023-01-01", "progressing", ""); /* 365 days */
  check(&at, "1", "2023-01-02", "progressing", "aged");
  fixture_end(&at);
}

static void test_the_end_of_the_calendar(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){.policy = FIXTURE_EVIDENCE,
                           .deals = "1,,,,,A,1,9999-12-01,9999-12-31,,open\n2,,,,,A,1,9999-11-30,,,open"});
  check(&at, "1", "9999-12-31", "progressing", "parked");
  check(&at, "2", "9999-12-31", "stalled", "no_progress");
  check_stalls_on(&at, "1", "9999-12-31", "never");
  check_stalls_on(&at, "2", "9999-12-01", "9999-12-31");
  ph_span last = ph_timeline_span_at(&at.timeline, 1, at.timeline.span_count - 1);
  assert_int64_equal(last.to, PH_DAY_NEVER);
  fixture_end(&at);
}

/* ---- how reasons and verdicts go together ---- */

static void test_all_reasons(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){.policy = FIXTURE_EVIDENCE
                           "meetings_since,2000-01-01\nmax_pushes,1\nghost_touches,1\naged_days,0",
                           .deals = "1,,,,,A,1,2022-01-01,2022-03-31,,open\n2,,,,,A,1,2022-01-01,,,open",
                           .events = "1,2022-01-02,call\n2,2022-01-02,meeting\n"
                                     "2,2022-01-03,close_date,2022-01-10,2022-01-11\n2,2022-01-03,email"});
  check(&at, "1", "2022-04-02", "dead",
        "untouched,no_progress,no_second_meeting,overdue,ghosted,parked,aged");
  check(&at, "2", "2022-01-31", "stalled", "no_second_meeting,overdue,pushed,ghosted,aged");
  check(&at, "2", "2022-04-03", "dead",
        "untouched,no_progress,no_second_meeting,overdue,pushed,ghosted,aged");
  char text[PH_REASONS_TEXT_BYTES];
  ph_reasons_format((1u << PH_REASON_COUNT) - 1, text);
  assert_string_equal(text, "untouched,no_progress,no_second_meeting,overdue,pushed,ghosted,parked,aged");
  fixture_end(&at);
}

static void test_stalled_verdicts(void **state) {
  (void)state;
  assert_false(ph_verdict_is_stalled(PH_VERDICT_PROGRESSING));
  assert_false(ph_verdict_is_stalled(PH_VERDICT_UNPROVEN));
  assert_true(ph_verdict_is_stalled(PH_VERDICT_STALLED));
  assert_true(ph_verdict_is_stalled(PH_VERDICT_DEAD));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_untouched),
      cmocka_unit_test(test_touch_before_creation),
      cmocka_unit_test(test_no_progress),
      cmocka_unit_test(test_second_meeting),
      cmocka_unit_test(test_meeting_rules_off),
      cmocka_unit_test(test_overdue),
      cmocka_unit_test(test_pushed),
      cmocka_unit_test(test_ghosted),
      cmocka_unit_test(test_parked),
      cmocka_unit_test(test_aged),
      cmocka_unit_test(test_the_end_of_the_calendar),
      cmocka_unit_test(test_all_reasons),
      cmocka_unit_test(test_stalled_verdicts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
