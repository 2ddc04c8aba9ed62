/*
** Checks what becomes of source rows: which are used, what they say, how events are ordered
** (specification, sections 1 and 3).
*/
#include "history_fixture.h"

static const char *example_of(const fixture *at, ph_problem problem) {
  return at->history.problems.counts[problem].example;
}

/* The problems that were counted: `expected` lists them, ended by PH_PROBLEM_COUNT, each with one row. */
static void check_problems(const fixture *at, const ph_problem *expected) {
  for (int problem = 0; problem < PH_PROBLEM_COUNT; problem++) {
    int64_t rows = 0;
    for (const ph_problem *one = expected; *one != PH_PROBLEM_COUNT; one++) rows += (int)*one == problem;
    if (rows_of(at, (ph_problem)problem) != rows)
      fail_msg("%s: %s has %lld rows", ph_problem_descriptors[problem].source,
               ph_problem_descriptors[problem].name, (long long)rows_of(at, (ph_problem)problem));
  }
}

/* The events of a deal as a text: day of the month and kind, with flags * implied, > moved, >> moved
** later. */
static void check_events(const fixture *at, const char *id, const char *expected) {
  const ph_deal *deal = fixture_deal(&at->history, id);
  char shown[512] = "";
  for (size_t event = deal->first_event; event < deal[1].first_event; event++) {
    const ph_event *one = &at->history.events[event];
    unsigned flags = ph_event_flags(one);
    snprintf(shown + strlen(shown), sizeof shown - strlen(shown), "%s%d %s%s%s%s", shown[0] != 0 ? " " : "",
             ph_civil_of(ph_event_day(one)).day, ph_kind_descriptors[ph_event_kind(one)].name,
             flags & PH_EVENT_IMPLIED ? "*" : "", flags & PH_EVENT_MOVED_DATE ? ">" : "",
             flags & PH_EVENT_MOVED_LATER ? ">" : "");
  }
  assert_string_equal(shown, expected);
}

/* ---- deals ---- */

static void test_deals(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){.policy = "data_until,2022-03-01",
                                     .deals = "7,first,ann,north,new,Lead,100.5,2022-01-02,2022-06-30,,open\n"
                                              "x-1,,,,,Offer,#3,2022-01-03T23:30:00Z,,2022-02-01,WON\n"
                                              "#12,#99,~1.5,,,,~0.00005,#1641254400,2022-03-01,,Lost"});
  const ph_history *history = &at.history;
  assert_int64_equal(history->deal_count, 3);
  const ph_deal *deal = fixture_deal(history, "7");
  assert_false(deal->id_is_text);
  assert_int64_equal(deal->id, 7);
  assert_string_equal(deal->name, "first");
  assert_string_equal(fixture_name(history, deal->owner), "ann");
  assert_string_equal(fixture_name(history, deal->team), "north");
  assert_string_equal(fixture_name(history, deal->pipeline), "new");
  assert_string_equal(fixture_name(history, deal->stage), "Lead");
  assert_int64_equal(deal->amount, 1005000);
  assert_int64_equal(deal->created, fixture_day("2022-01-02"));
  assert_int64_equal(deal->close_date, fixture_day("2022-06-30"));
  assert_int64_equal(deal->closing, PH_DAY_NEVER);
  assert_int64_equal(deal->outcome, PH_OUTCOME_OPEN);
  deal = fixture_deal(history, "x-1");
  assert_true(deal->id_is_text);
  assert_null(deal->name);
  assert_int64_equal(deal->created, fixture_day("2022-01-03"));
  assert_int64_equal(deal->closing, fixture_day("2022-02-01"));
  assert_int64_equal(deal->close_date, PH_DAY_NONE);
  assert_int64_equal(deal->stage, 0); /* closed, and no event tells where it was */
  deal = fixture_deal(history, "12");
  assert_string_equal(deal->name, "99");
  assert_string_equal(fixture_name(history, deal->owner), "1.5");
  assert_int64_equal(deal->amount, 1);
  assert_int64_equal(deal->created, fixture_day("2022-01-04"));
  assert_int64_equal(deal->closing, fixture_day("2022-03-01"));
  assert_int64_equal(history->first_created, fixture_day("2022-01-02"));
  assert_int64_equal(history->evidence.meetings_since, PH_DAY_NEVER);
  check_problems(&at, (const ph_problem[]){PH_DEAL_STAGE_MISSING, PH_DEAL_CLOSED_WITHOUT_CLOSED_AT,
                                           PH_DEAL_CLOSED_WITHOUT_STAGE, PH_DEAL_CLOSED_WITHOUT_STAGE,
                                           PH_PROBLEM_COUNT});
  fixture_end(&at);
}

static void test_deals_left_out(void **state) {
  (void)state;
  static const struct {
    const char *row;
    ph_problem problem;
    const char *example;
  } cases[] = {
      {",,,,,A,1,2022-01-01,,,open", PH_DEAL_ID_MISSING, "NULL"},
      {"=,,,,,A,1,2022-01-01,,,open", PH_DEAL_ID_MISSING, ""},
      {"a,,,,,A,1,,,,open", PH_DEAL_CREATED_MISSING, "a"},
      {"a,,,,,A,1,=,,,open", PH_DEAL_CREATED_MISSING, "a"},
      {"a,,,,,A,1,10/23/17,,,open", PH_DEAL_CREATED_BAD, "10/23/17"},
      {"a,,,,,A,1,2022-01-01,,,", PH_DEAL_OUTCOME_UNKNOWN, "NULL"},
      {"a,,,,,A,1,2022-01-01,,,lost ", PH_DEAL_OUTCOME_UNKNOWN, "lost "},
      {"a,,,,,A,1,2022-01-01,,,#1", PH_DEAL_OUTCOME_UNKNOWN, "1"},
      {"a,,,,,A,1,2022-01-01,soon,,open", PH_DEAL_CLOSE_DATE_BAD, "soon"},
      {"a,,,,,A,1,2022-01-01,,2022-02-30,won", PH_DEAL_CLOSED_AT_BAD, "2022-02-30"},
      {"a,,,,,A,1,2022-01-01,,,won", PH_DEAL_CLOSED_WITHOUT_DAY, "a"},
      /* the first problem alone is counted */
      {"a,,,,,A,1,bad,bad,bad,bad", PH_DEAL_CREATED_BAD, "bad"},
      {",,,,,A,1,bad,bad,bad,bad", PH_DEAL_ID_MISSING, "NULL"},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    fixture at;
    fixture_begin(&at, &(fixture_rows){.deals = cases[index].row});
    check_problems(&at, (const ph_problem[]){cases[index].problem, PH_PROBLEM_COUNT});
    assert_string_equal(example_of(&at, cases[index].problem), cases[index].example);
    assert_int64_equal(at.history.excluded_deals, 1);
    assert_int64_equal(at.history.first_created, PH_DAY_NEVER);
    fixture_end(&at);
  }
}

static void test_on_bad_row_is_error(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){.policy = "on_bad_row,ERROR", .deals = "a,,,,,A,1,10/23/17,,,open"});
  assert_int64_equal(at.status.code, PH_ERROR);
  assert_non_null(strstr(at.status.message, "pipeline_deal"));
  assert_non_null(strstr(at.status.message, "bad created_at"));
  assert_non_null(strstr(at.status.message, "10/23/17"));
  ph_history_end(&at.history);
  assert_int64_equal(at.memory.blocks, 0);
  /* what is used with an assumption is no error */
  fixture_begin(&at, &(fixture_rows){.policy = "on_bad_row,error", .deals = "a,,,,,A,,2022-01-01,,,open"});
  assert_int64_equal(rows_of(&at, PH_DEAL_AMOUNT_MISSING), 1);
  fixture_end(&at);
}

/* The first usable row of an id counts; 7, '7' and a bad row between them are the same deal. */
static void test_duplicates(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){
               .deals = "7,,,,,A,1,bad,,,open\n"
                        "#7,,,,,B,2,2022-01-02,,,open\n"
                        "7,,,,,C,3,2022-01-03,,,open\n"
                        "07,,,,,D,4,2022-01-04,,,open\n"
                        "b,,,,,E,5,2022-01-05,,,open\n"
                        "b,,,,,F,6,bad,,,open\n"
                        "b,,,,,G,7,2022-01-06,,,open",
               .events = "7,2022-02-01,note\n#7,2022-02-02,note\n07,2022-02-03,note\nb,2022-02-04,note"});
  assert_int64_equal(at.history.deal_count, 3);
  assert_int64_equal(at.history.excluded_deals, 4);
  check_events(&at, "7", "1 note 2 note");
  check_events(&at, "07", "3 note");
  check_events(&at, "b", "4 note");
  assert_string_equal(fixture_name(&at.history, fixture_deal(&at.history, "7")->stage), "B");
  assert_string_equal(fixture_name(&at.history, fixture_deal(&at.history, "b")->stage), "E");
  assert_int64_equal(rows_of(&at, PH_DEAL_DUPLICATE), 2);
  assert_int64_equal(rows_of(&at, PH_DEAL_CREATED_BAD), 2);
  assert_string_equal(example_of(&at, PH_DEAL_DUPLICATE), "7");
  fixture_end(&at);
}

/* closed_at, else close_date, else the last event; an implied commitment is no event. */
static void test_closing_days(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){.deals = "1,,,,,A,1,2022-01-01,2022-02-02,2022-03-03,won\n"
                               "2,,,,,A,1,2022-01-01,2022-02-02,,lost\n"
                               "3,,,,,A,1,2022-01-01,,,won\n"
                               "4,,,,,A,1,2022-01-01,2022-02-02,never,open\n"
                               "5,,,,,A,1,2022-05-01,,2022-04-01,won",
                      .events = "3,2022-04-20,note\n3,2022-04-10,meeting,,,2022-04-30\n3,2022-04-01,call"});
  assert_int64_equal(fixture_deal(&at.history, "1")->closing, fixture_day("2022-03-03"));
  assert_int64_equal(fixture_deal(&at.history, "2")->closing, fixture_day("2022-02-02"));
  assert_int64_equal(fixture_deal(&at.history, "3")->closing, fixture_day("2022-04-20"));
  assert_int64_equal(fixture_deal(&at.history, "4")->closing, PH_DAY_NEVER);
  const ph_deal *early = fixture_deal(&at.history, "5");
  assert_int64_equal(early->closing, fixture_day("2022-04-01"));
  assert_false(ph_deal_is_open(early, early->created));
  assert_false(ph_deal_is_visible(early, early->created - 1));
  assert_false(ph_deal_is_won(early, early->created - 1));
  assert_true(ph_deal_is_won(early, early->created));
  assert_int64_equal(rows_of(&at, PH_DEAL_CLOSED_WITHOUT_CLOSED_AT), 2);
  assert_int64_equal(rows_of(&at, PH_DEAL_OPEN_WITH_CLOSED_AT), 1);
  assert_int64_equal(rows_of(&at, PH_DEAL_CLOSED_BEFORE_CREATED), 1);
  fixture_end(&at);
}

static void test_amounts_of_deals(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){
          .deals = "1,,,,,A,,2022-01-01,,,open\n2,,,,,A,a lot,2022-01-01,,,open\n"
                   "3,,,,,A,-5,2022-01-01,,,open\n4,,,,,A,1e300,2022-01-01,,,open\n"
                   "5,,,,,A,=,2022-01-01,,,open\n6,,,,,A, 7.25 ,#20220101,,,open\n"
                   "7,,,,,A,1,~20220101.5,,,open\n8,,,,,A,1,#30000000,,,open\n9,,,,,A,1,#2459760,,,open"});
  static const int64_t expected[] = {0, 0, -50000, 0, 0, 72500};
  for (int deal = 0; deal < 6; deal++) assert_int64_equal(at.history.deals[deal].amount, expected[deal]);
  assert_int64_equal(rows_of(&at, PH_DEAL_AMOUNT_MISSING), 2);
  assert_int64_equal(rows_of(&at, PH_DEAL_AMOUNT_BAD), 2);
  assert_int64_equal(rows_of(&at, PH_DEAL_AMOUNT_NEGATIVE), 1);
  assert_int64_equal(rows_of(&at, PH_DEAL_DATE_LOOKS_LIKE_YYYYMMDD), 1);
  assert_string_equal(example_of(&at, PH_DEAL_AMOUNT_MISSING), "1");
  fixture_end(&at);
}

/* ---- events ---- */

static void test_events_left_out(void **state) {
  (void)state;
  static const struct {
    const char *row;
    ph_problem problem;
    const char *example;
  } cases[] = {
      {",2022-02-01,note", PH_EVENT_ID_MISSING, "2022-02-01"},
      {"=,2022-02-01,note", PH_EVENT_ID_MISSING, "2022-02-01"},
      {"1,,note", PH_EVENT_AT_MISSING, "1"},
      {"1,=,note", PH_EVENT_AT_MISSING, "1"},
      {"1,2022-02-30,note", PH_EVENT_AT_BAD, "2022-02-30"},
      {"1,today,note", PH_EVENT_AT_BAD, "today"},
      {"1,2022-02-01,", PH_EVENT_KIND_UNKNOWN, "NULL"},
      {"1,2022-02-01,meetings", PH_EVENT_KIND_UNKNOWN, "meetings"},
      {"1,2022-02-01,#3", PH_EVENT_KIND_UNKNOWN, "3"},
      {"2,2022-02-01,note", PH_EVENT_DEAL_UNKNOWN, "2"},
      {"two,2022-02-01,note", PH_EVENT_DEAL_UNKNOWN, "two"},
      {"bad,2022-02-01,note", PH_EVENT_DEAL_LEFT_OUT, "bad"},
      {"999999999999,2022-02-01,note", PH_EVENT_DEAL_UNKNOWN, "999999999999"},
      {"-5,2022-02-01,note", PH_EVENT_DEAL_UNKNOWN, "-5"},
      {"2,2022-02-10,meeting,,,2022-02-01", PH_EVENT_DEAL_UNKNOWN, "2"}, /* once, though agreed ahead */
      {"two,2022-02-10,meeting,,,2022-02-01", PH_EVENT_DEAL_UNKNOWN, "two"},
      {"bad,2022-02-10,meeting,,,2022-02-01", PH_EVENT_DEAL_LEFT_OUT, "bad"},
      {"1,2022-02-01,close_date,x,2022-03-01", PH_EVENT_CLOSE_DATE_BAD, "x"},
      {"1,2022-02-01,close_date,2022-03-01,y", PH_EVENT_CLOSE_DATE_BAD, "y"},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    fixture at;
    fixture_begin(&at, &(fixture_rows){.deals = "1,,,,,A,1,2022-01-01,,,open\nbad,,,,,A,1,,,,open",
                                       .events = cases[index].row});
    check_problems(&at,
                   (const ph_problem[]){cases[index].problem, PH_DEAL_CREATED_MISSING, PH_PROBLEM_COUNT});
    assert_string_equal(example_of(&at, cases[index].problem), cases[index].example);
    assert_int64_equal(at.history.event_count, 0);
    fixture_end(&at);
  }
}

enum { LONGEST_ID = 40, ID_ROWS_BYTES = 65536 };

/* An id of a length: the first letters of a row of them, with another character at a place. */
static const char *id_with(size_t length, size_t place, char other, char id[LONGEST_ID + 1]) {
  snprintf(id, length + 1, "%s", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN");
  if (place < length) id[place] = other;
  return id;
}

/* Ids of every length, each with all that differ from it in one character, and an event for each of them. */
static void test_ids_of_every_length(void **state) {
  (void)state;
  static char deals[ID_ROWS_BYTES], events[ID_ROWS_BYTES];
  char id[LONGEST_ID + 1];
  size_t deals_end = 0, events_end = 0;
  for (size_t length = 1; length <= LONGEST_ID; length++)
    for (size_t place = 0; place <= length; place++) {
      id_with(length, place, '+', id);
      deals_end +=
          (size_t)snprintf(deals + deals_end, sizeof deals - deals_end, "%s,,,,,A,1,2022-01-01,,,open\n", id);
      events_end += (size_t)snprintf(events + events_end, sizeof events - events_end,
                                     "%s,2022-01-%02d,meeting\n", id, (int)(1 + (length + place) % 28));
    }
  assert_true(deals_end < sizeof deals && events_end < sizeof events);
  fixture at;
  fixture_begin(&at, &(fixture_rows){.deals = deals, .events = events});
  for (size_t length = 1; length <= LONGEST_ID; length++)
    for (size_t place = 0; place <= length; place++) {
      char expected[16];
      snprintf(expected, sizeof expected, "%d meeting", (int)(1 + (length + place) % 28));
      check_events(&at, id_with(length, place, '+', id), expected);
    }
  check_problems(&at, (const ph_problem[]){PH_PROBLEM_COUNT});
  fixture_end(&at);
}

static void test_unknown_ids_of_every_length(void **state) {
  (void)state;
  for (size_t length = 1; length <= LONGEST_ID; length++) {
    char known[LONGEST_ID + 1], id[LONGEST_ID + 1], deals[2 * LONGEST_ID], events[2 * LONGEST_ID];
    fixture at;
    snprintf(deals, sizeof deals, "%s,,,,,A,1,2022-01-01,,,open", id_with(length, 0, '+', known));
    snprintf(events, sizeof events, "%s,2022-02-01,note", id_with(length, length - 1, '?', id));
    fixture_begin(&at, &(fixture_rows){.deals = deals, .events = events});
    check_problems(&at, (const ph_problem[]){PH_EVENT_DEAL_UNKNOWN, PH_PROBLEM_COUNT});
    assert_string_equal(example_of(&at, PH_EVENT_DEAL_UNKNOWN), id);
    fixture_end(&at);
  }
}

/* Days are remembered from row to row; ten bytes that are no date are none all the same. */
static void test_days_of_ten_bytes(void **state) {
  (void)state;
  fixture at;
  ph_value cells[PH_EVENT_COLUMNS] = {fixture_cell("1", 1), {.type = PH_TEXT}, fixture_cell("note", 4)};
  static const char *const days[] = {"\0\0\0\0\0\0\0\0\0\0", "2022-02-03", "2022-02-30", "2022-02-03",
                                     "1643760000",           "2022-02-03", "1643760000", "0001-01-01",
                                     "          ",           "1643803200"};
  test_memory_begin(&at.memory, &at.status);
  ph_reader *reader = fixture_reader(&at.history, &at.status);
  ph_reader_policy_known(reader, &at.status);
  fixture_relation("1,,,,,A,1,2022-01-01,,,open", PH_RELATION_DEAL, reader, &at.history, &at.status);
  ph_reader_deals_end(reader, &at.status);
  for (int row = 0; row < 10; row++) {
    cells[PH_EVENT_AT].text = days[row];
    cells[PH_EVENT_AT].length = 10;
    ph_reader_add_event(reader, cells, &at.status);
  }
  ph_reader_finish(reader, &at.status);
  ph_reader_end(reader);
  check_events(&at, "1", "1 note 2 note 2 note 2 note 3 note 3 note 3 note");
  assert_int64_equal(rows_of(&at, PH_EVENT_AT_BAD), 3);
  fixture_end(&at);
}

/* Ordered by instant; what has the same instant keeps the order of the source. */
static void test_events_are_ordered(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){
                         .deals = "1,,,,,A,1,2022-01-01,,,open\n2,,,,,A,1,2022-01-01,,,open",
                         .events =
                             "1,2022-02-03,note\n2,2022-02-02,call\n1,2022-02-01,task\n1,2022-02-03,call\n"
                             "2,2022-02-02,note\n1,2022-02-01,email\n2,2022-02-01,reply\n1,2022-02-02,note"});
  check_events(&at, "1", "1 task 1 email 2 note 3 note 3 call");
  check_events(&at, "2", "1 reply 2 call 2 note");
  fixture_end(&at);
  fixture_begin(
      &at, &(fixture_rows){.deals = "1,,,,,A,1,2022-01-01,,,open",
                           .events = "1,2022-02-01T12:00,note\n1,2022-02-01T08:00,call\n1,2022-02-01,task\n"
                                     "1,2022-02-01T09:00+01:00,email\n1,2022-02-01T00:00,reply"});
  check_events(&at, "1", "1 task 1 reply 1 call 1 email 1 note");
  fixture_end(&at);
}

/* More events of one deal than an insertion would sort, with a chunk of times behind one without. */
static void test_many_events_are_ordered(void **state) {
  (void)state;
  for (int with_times = 0; with_times <= 1; with_times++) {
    char events[200 * 40] = "";
    for (int event = 0; event < 200; event++)
      sprintf(events + strlen(events), "1,2022-02-%02d%s,%s\n", 1 + event * 11 % 28,
              with_times && event % 2 == 0 ? "T00:00:00.001" : "", event % 3 == 0 ? "note" : "call");
    fixture at;
    fixture_begin(&at, &(fixture_rows){.deals = "1,,,,,A,1,2022-01-01,,,open", .events = events});
    assert_int64_equal(at.history.event_count, 200);
    int place = 0;
    for (int day = 1; day <= 28; day++)
      for (int later = 0; later <= with_times; later++)
        for (int event = 0; event < 200; event++) {
          if (1 + event * 11 % 28 != day || (with_times && (event % 2 == 0) != (later == 1))) continue;
          const ph_event *found = &at.history.events[place++];
          assert_int64_equal(ph_civil_of(ph_event_day(found)).day, day);
          assert_int64_equal(ph_event_kind(found), event % 3 == 0 ? PH_KIND_NOTE : PH_KIND_CALL);
        }
    fixture_end(&at);
  }
}

/* A meeting recorded on an earlier day is a commitment of that day. */
static void test_meetings_agreed_ahead(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){
               .deals = "1,,,,,A,1,2022-01-01,,,open",
               .events = "1,2022-02-10,meeting,,,2022-02-05\n1,2022-02-11,meeting,,,2022-02-11T08:00\n"
                         "1,2022-02-12,meeting,,,2022-02-20\n1,2022-02-13,meeting,,,never\n"
                         "1,2022-02-14,call,,,2022-02-01\n1,2022-02-15T10:00,meeting,,,2022-02-15T09:00"});
  check_events(&at, "1", "5 commitment* 10 meeting 11 meeting 12 meeting 13 meeting 14 call 15 meeting");
  assert_int64_equal(at.history.events[1].value, fixture_day("2022-02-05"));
  assert_int64_equal(at.history.events[3].value, fixture_day("2022-02-20"));
  assert_int64_equal(at.history.events[4].value, fixture_day("2022-02-13"));
  check_problems(&at, (const ph_problem[]){PH_EVENT_RECORDED_BAD, PH_PROBLEM_COUNT});
  assert_int64_equal(at.history.kind_rows[PH_KIND_MEETING], 5);
  assert_int64_equal(at.history.kind_rows[PH_KIND_COMMITMENT], 0);
  fixture_end(&at);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_deals),
      cmocka_unit_test(test_deals_left_out),
      cmocka_unit_test(test_on_bad_row_is_error),
      cmocka_unit_test(test_duplicates),
      cmocka_unit_test(test_closing_days),
      cmocka_unit_test(test_amounts_of_deals),
      cmocka_unit_test(test_events_left_out),
      cmocka_unit_test(test_ids_of_every_length),
      cmocka_unit_test(test_unknown_ids_of_every_length),
      cmocka_unit_test(test_days_of_ten_bytes),
      cmocka_unit_test(test_events_are_ordered),
      cmocka_unit_test(test_many_events_are_ordered),
      cmocka_unit_test(test_meetings_agreed_ahead),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
