/*
** Checks what the sources could have shown and since when, states that become changes, and the last day
** that the sources know (specification, sections 1, 2 and 4).
*/
#include "history_fixture.h"

/* ---- evidence ---- */

static void check_evidence(const char *policy, const char *deals, const char *events, const char *expected) {
  fixture at;
  char shown[3 * PH_DAY_TEXT_BYTES + 8] = "";
  fixture_begin(&at, &(fixture_rows){.policy = policy, .deals = deals, .events = events});
  const ph_day days[] = {at.history.evidence.touches_since, at.history.evidence.progress_since,
                         at.history.evidence.meetings_since};
  for (int which = 0; which < 3; which++) {
    char day[PH_DAY_TEXT_BYTES] = "never";
    if (days[which] != PH_DAY_NEVER) ph_day_format(days[which], day);
    sprintf(shown + strlen(shown), "%s%s", which > 0 ? " " : "", day);
  }
  if (strcmp(shown, expected) != 0) fail_msg("%s: %s, expected %s", events, shown, expected);
  fixture_end(&at);
}

/* Each kind alone, on 2022-02-01: what it shows. */
static void test_what_a_kind_shows(void **state) {
  (void)state;
  static const struct {
    const char *kind, *expected;
  } cases[] = {{"meeting", "2022-02-01 2022-02-01 2022-02-01"},
               {"commitment", "2022-02-01 2022-02-01 never"},
               {"stage", "2022-02-01 2022-02-01 never"},
               {"stage_state", "never 2022-02-01 never"},
               {"reply", "2022-02-01 never never"},
               {"call", "2022-02-01 never never"},
               {"email", "2022-02-01 never never"},
               {"note", "never never never"},
               {"task", "never never never"},
               {"amount", "never never never"},
               {"close_date", "never never never"},
               {"owner", "never never never"},
               {"forecast", "never never never"},
               {"amount_state", "never never never"},
               {"close_date_state", "never never never"},
               {"owner_state", "never never never"},
               {"forecast_state", "never never never"}};
  assert_int64_equal(sizeof cases / sizeof *cases, PH_KIND_COUNT);
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    char events[64];
    snprintf(events, sizeof events, "1,2022-02-01,%s", cases[index].kind);
    check_evidence(NULL, "1,,,,,A,1,2022-01-01,,,open", events, cases[index].expected);
  }
}

static void test_where_evidence_comes_from(void **state) {
  (void)state;
  const char *deals =
      "1,,,,,A,1,2022-01-10,,,open\n2,,,,,A,1,2022-03-01,,2022-03-05,won\nbad,,,,,A,1,never,,,open";
  static const struct {
    const char *policy, *events, *expected;
  } cases[] = {
      {NULL, NULL, "never never never"},
      /* the first of all deals, in whatever order, also behind a closing; on the day of creation it counts */
      {NULL, "2,2022-03-09,meeting\n1,2022-02-10,call\n1,2022-02-05,email\n1,2022-03-10,meeting",
       "2022-02-05 2022-03-09 2022-03-09"},
      {NULL, "1,2022-01-10,meeting", "2022-01-10 2022-01-10 2022-01-10"},
      /* older than its own deal, of no deal, of a deal that is left out */
      {NULL, "1,2022-01-09,meeting\n2,2022-02-28,meeting\nnobody,2022-02-01,meeting\nbad,2022-02-01,meeting",
       "never never never"},
      {NULL, "2,2022-02-28,meeting\n2,2022-03-02,reply", "2022-03-02 never never"},
      {NULL, "1,2022-01-09,stage_state,,A\n1,2022-01-12,stage_state,,A", "never 2022-01-12 never"},
      {NULL, "1,2022-01-11,stage_state,,A\n1,2022-01-12,stage_state,,B", "2022-01-12 2022-01-11 never"},
      /* agreed ahead: a commitment of the day on which it was recorded */
      {NULL, "1,2022-02-20,meeting,,,2022-02-01", "2022-02-01 2022-02-01 2022-02-20"},
      {NULL, "1,2022-02-20,meeting,,,2022-01-01", "2022-02-20 2022-02-20 2022-02-20"},
      /* policies come first, each alone */
      {"touches_since,2020-01-01", "1,2022-02-01,meeting", "2020-01-01 2022-02-01 2022-02-01"},
      {"progress_since,2024-01-01\nmeetings_since,", "1,2022-02-01,meeting",
       "2022-02-01 2024-01-01 2022-02-01"},
      {"meetings_since,2020-01-01", NULL, "never never 2020-01-01"},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
    check_evidence(cases[index].policy, deals, cases[index].events, cases[index].expected);
}

/* ---- states ---- */

/* The events that are left, as day of the month and kind. */
static void check_events_left(const char *events, const char *expected) {
  fixture at;
  char shown[256] = "";
  fixture_begin(&at,
                &(fixture_rows){.deals = "1,,own,,,Own,99,2022-01-01,2022-09-30,,open", .events = events});
  for (size_t event = 0; event < at.history.event_count; event++) {
    const ph_event *one = &at.history.events[event];
    sprintf(shown + strlen(shown), "%s%d %s", event > 0 ? ", " : "", ph_civil_of(ph_event_day(one)).day,
            ph_kind_descriptors[ph_event_kind(one)].name);
  }
  if (strcmp(shown, expected) != 0) fail_msg("%s: %s, expected %s", events, shown, expected);
  assert_int64_equal(at.history.deals[1].first_event, at.history.event_count);
  fixture_end(&at);
}

/* A state is a change where it differs from what held before; the first one is none. */
static void test_which_states_are_changes(void **state) {
  (void)state;
  check_events_left("1,2022-01-05,stage_state,,A", "");
  check_events_left("1,2022-01-05,stage_state,,A\n1,2022-01-06,stage_state,,A\n1,2022-01-07,stage_state,,B",
                    "7 stage");
  check_events_left(
      "1,2022-01-05,amount_state,,1\n1,2022-01-06,amount_state,,1.0\n1,2022-01-07,amount_state,,~1.00\n"
      "1,2022-01-08,amount_state,,",
      "8 amount");
  check_events_left("1,2022-01-05,close_date_state,,2022-03-01\n1,2022-01-06,close_date_state,,1 Mar 2022\n"
                    "1,2022-01-07,close_date_state,,2022-03-02",
                    "7 close_date");
  check_events_left("1,2022-01-05,owner_state,,\n1,2022-01-06,owner_state,,ann", "6 owner");
  check_events_left("1,2022-01-05,forecast_state,,Commit\n1,2022-01-06,forecast_state,,commit", "6 forecast");
  /* changes between them; a change stays one, whatever it says */
  check_events_left("1,2022-01-05,stage,A,B\n1,2022-01-06,stage_state,,B\n1,2022-01-07,stage_state,,A\n"
                    "1,2022-01-08,stage,A,A",
                    "5 stage, 7 stage, 8 stage");
  /* other kinds are not touched; the order is that of the instants */
  check_events_left(
      "1,2022-01-07,stage_state,,B\n1,2022-01-06,note\n1,2022-01-05,stage_state,,A\n1,2022-01-07,call",
      "6 note, 7 stage, 7 call");
}

/* The first state holds from creation on, before the deal's own column and before a later change's old
** value. */
static void test_before_the_first_state(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at,
                &(fixture_rows){.deals = "1,,own,,,Own,99,2022-01-01,2022-09-30,,open",
                                .events = "1,2022-01-05,stage_state,,A\n1,2022-01-05,amount_state,,7\n"
                                          "1,2022-01-05,owner_state,,ann\n1,2022-01-05,close_date_state,,\n"
                                          "1,2022-01-06,stage,B,C\n1,2022-01-06,amount,8,9"});
  const ph_deal *deal = fixture_deal(&at.history, "1");
  assert_string_equal(fixture_name(&at.history, deal->stage), "A");
  assert_string_equal(fixture_name(&at.history, deal->owner), "ann");
  assert_int64_equal(deal->amount, 70000);
  assert_int64_equal(deal->close_date, PH_DAY_NONE);
  assert_true(deal->has_stage_event);
  assert_true(ph_history_shows(&at.history, PH_KIND_CLOSE_DATE));
  assert_false(ph_history_shows(&at.history, PH_KIND_FORECAST));
  assert_false(ph_history_shows_outreach(&at.history));
  fixture_end(&at);
}

/* Where several deals have states, each keeps its own events. */
static void test_states_of_many_deals(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){.deals = "1,,,,,A,1,2022-01-01,,,open\n2,,,,,A,1,2022-01-01,,,open\n"
                                              "3,,,,,A,1,2022-01-01,,,open",
                                     .events = "3,2022-01-05,stage_state,,A\n1,2022-01-05,note\n"
                                               "1,2022-01-04,stage_state,,A\n3,2022-01-06,stage_state,,B\n"
                                               "1,2022-01-06,call\n3,2022-01-07,reply"});
  static const size_t counts[] = {2, 0, 2};
  for (int deal = 0; deal < 3; deal++)
    assert_int64_equal(ph_deal_event_count(&at.history.deals[deal]), counts[deal]);
  const ph_event *last = &at.history.events[at.history.deals[2].first_event];
  assert_int64_equal(ph_event_kind(&last[0]), PH_KIND_STAGE);
  assert_int64_equal(ph_event_kind(&last[1]), PH_KIND_REPLY);
  fixture_end(&at);
}

/* ---- the last day that the sources know ---- */

static void check_until(const fixture_rows *rows, const char *until, const char *closing) {
  fixture at;
  char shown[PH_DAY_TEXT_BYTES] = "none", closed[PH_DAY_TEXT_BYTES] = "never";
  fixture_begin(&at, rows);
  if (at.history.data_until != PH_DAY_NONE) ph_day_format(at.history.data_until, shown);
  ph_day day = at.history.deals[0].closing;
  if (at.history.deal_count > 0 && day != PH_DAY_NEVER) ph_day_format(day, closed);
  if (strcmp(shown, until) != 0 || strcmp(closed, closing) != 0)
    fail_msg("%s: until %s, closed %s, expected %s, %s", rows->deals, shown, closed, until, closing);
  fixture_end(&at);
}

static void test_data_until(void **state) {
  (void)state;
  const char *open = "1,,,,,A,1,2022-01-01,2022-09-30,,open", *lost = "1,,,,,A,1,2022-01-01,2022-09-30,,lost",
             *won = "1,,,,,A,1,2022-01-01,2022-09-30,,won", *given = "1,,,,,A,1,2022-01-01,,2022-09-30,lost";
  check_until(&(fixture_rows){.deals = ""}, "none", "never");
  check_until(&(fixture_rows){.deals = open}, "2022-01-01", "never");
  /* a lost deal's close date tells no closing: it is lost by the day that the sources know */
  check_until(&(fixture_rows){.deals = lost}, "2022-01-01", "2022-01-01");
  check_until(&(fixture_rows){.deals = lost, .events = "1,2022-05-05,note"}, "2022-05-05", "2022-05-05");
  check_until(&(fixture_rows){.deals = lost, .events = "1,2022-10-05,note"}, "2022-10-05", "2022-09-30");
  check_until(&(fixture_rows){.deals = won}, "2022-09-30", "2022-09-30");
  check_until(&(fixture_rows){.deals = given}, "2022-09-30", "2022-09-30");
  /* nothing that is after today is known, and a closing that only its close date tells is bounded;
  ** closed_at is not */
  check_until(&(fixture_rows){.deals = won, .today = "2022-08-01"}, "2022-01-01", "2022-01-01");
  check_until(&(fixture_rows){.deals = given, .today = "2022-08-01"}, "2022-01-01", "2022-09-30");
  check_until(
      &(fixture_rows){.deals = won, .events = "1,2022-05-05,note\n1,2022-09-05,note", .today = "2022-08-01"},
      "2022-05-05", "2022-05-05");
  check_until(&(fixture_rows){.deals = "1,,,,,A,1,2022-01-01,,,won",
                              .events = "1,2022-05-05,note\n1,2022-09-05,note",
                              .today = "2022-08-01"},
              "2022-05-05", "2022-05-05");
  /* a meeting ahead counts on the day it was recorded */
  check_until(
      &(fixture_rows){.deals = open, .events = "1,2022-12-01,meeting,,,2022-06-01", .today = "2022-08-01"},
      "2022-06-01", "never");
  /* the policy comes first */
  check_until(
      &(fixture_rows){.policy = "data_until,2022-03-01", .deals = lost, .events = "1,2022-05-05,note"},
      "2022-03-01", "2022-03-01");
  check_until(&(fixture_rows){.policy = "data_until,2022-12-01", .deals = lost}, "2022-12-01", "2022-09-30");
  check_until(&(fixture_rows){.policy = "data_until,2022-03-01", .deals = given}, "2022-03-01", "2022-09-30");
}

/* Today is a day of the zone. */
static void test_today(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){.policy = "time_zone,<+13>-13", .today = "2022-08-01"});
  assert_int64_equal(at.history.today, fixture_day("2022-08-02"));
  fixture_end(&at);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_a_kind_shows),
      cmocka_unit_test(test_where_evidence_comes_from),
      cmocka_unit_test(test_which_states_are_changes),
      cmocka_unit_test(test_before_the_first_state),
      cmocka_unit_test(test_states_of_many_deals),
      cmocka_unit_test(test_data_until),
      cmocka_unit_test(test_today),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
