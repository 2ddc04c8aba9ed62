/*
** Checks what events make of a deal: the values before and after changes, moved dates, what is
** said of contradictions; stages and quotas; and reading when memory is short.
*/
#include "history_fixture.h"

/* ---- changes ---- */

/* What a deal had before its first change is that change's old_value, with no change its own column. */
static void test_before_the_first_change(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){.deals = "1,,ann,,,C,30,2022-01-01,2022-03-31,,open\n"
                               "2,,ann,,,C,30,2022-01-01,2022-03-31,,open\n"
                               "3,,ann,,,C,30,2022-01-01,2022-03-31,,open",
                      .events = "1,2022-02-02,stage,B,C\n1,2022-02-01,stage,A,B\n"
                                "1,2022-02-02,amount,20,30\n1,2022-02-01,amount,10,20\n"
                                "1,2022-02-01,owner,bob,ann\n1,2022-02-01,close_date,2022-02-28,2022-03-31\n"
                                "2,2022-02-01,stage,,C\n2,2022-02-01,amount,,30\n"
                                "2,2022-02-01,owner,,ann\n2,2022-02-01,close_date,,2022-03-31"});
  const ph_history *history = &at.history;
  const ph_deal *deal = fixture_deal(history, "1");
  assert_string_equal(fixture_name(history, deal->stage), "A");
  assert_string_equal(fixture_name(history, deal->owner), "bob");
  assert_int64_equal(deal->amount, 100000);
  assert_int64_equal(deal->close_date, fixture_day("2022-02-28"));
  assert_true(deal->has_stage_event);
  deal = fixture_deal(history, "2");
  assert_int64_equal(deal->stage, 0);
  assert_int64_equal(deal->owner, 0);
  assert_int64_equal(deal->amount, 0);
  assert_int64_equal(deal->close_date, PH_DAY_NONE);
  deal = fixture_deal(history, "3");
  assert_string_equal(fixture_name(history, deal->stage), "C");
  assert_string_equal(fixture_name(history, deal->owner), "ann");
  assert_int64_equal(deal->amount, 300000);
  assert_int64_equal(deal->close_date, fixture_day("2022-03-31"));
  assert_false(deal->has_stage_event);
  fixture_end(&at);
}

static void test_after_changes(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at,
                &(fixture_rows){
                    .deals = "1,,ann,,,C,30,2022-01-01,,,open",
                    .events = "1,2022-02-01,stage,A,#3\n1,2022-02-02,amount,1,2.5\n1,2022-02-03,owner,x,\n"
                              "1,2022-02-04,close_date,,2022-05-01\n1,2022-02-05,close_date,2022-05-01,\n"
                              "1,2022-02-06,amount,2,much\n1,2022-02-07,amount,2,\n1,2022-02-08,amount,x,4"});
  const ph_history *history = &at.history;
  const ph_event *events = history->events;
  assert_int64_equal(history->event_count, 8);
  assert_string_equal(fixture_name(history, events[0].value), "3");
  assert_int64_equal(history->amounts[events[1].value], 25000);
  assert_int64_equal(events[2].value, 0);
  assert_int64_equal((ph_day)events[3].value, fixture_day("2022-05-01"));
  assert_int64_equal((ph_day)events[4].value, PH_DAY_NONE);
  assert_int64_equal(history->amounts[events[5].value], 0);
  assert_int64_equal(history->amounts[events[6].value], 0);
  assert_int64_equal(history->amounts[events[7].value], 40000);
  assert_int64_equal(history->amount_count, 4);
  assert_int64_equal(rows_of(&at, PH_EVENT_AMOUNT_BAD), 3); /* old_value may be missing, not be wrong */
  fixture_end(&at);
}

/* A close_date event moves the date when the values before and after are dates and differ. */
static void test_moved_dates(void **state) {
  (void)state;
  static const struct {
    const char *events;
    const char *moved; /* by event: - not, m moved, l moved later */
  } cases[] = {
      {"1,2022-02-01,close_date,2022-03-01,2022-03-02", "l"},
      {"1,2022-02-01,close_date,2022-03-02,2022-03-01", "m"},
      {"1,2022-02-01,close_date,2022-03-01,2022-03-01T23:00", "-"},
      {"1,2022-02-01,close_date,,2022-03-01", "-"},
      {"1,2022-02-01,close_date,2022-03-01,", "-"},
      {"1,2022-02-01,close_date,,2022-03-01\n1,2022-02-02,close_date,,2022-03-02", "-l"},
      {"1,2022-02-01,close_date,,2022-03-01\n1,2022-02-02,close_date,,2022-02-28", "-m"},
      {"1,2022-02-01,close_date,,2022-03-01\n1,2022-02-02,close_date,,2022-03-01", "--"},
      /* old_value is believed before what earlier events say */
      {"1,2022-02-01,close_date,,2022-03-01\n1,2022-02-02,close_date,2022-04-01,2022-03-15", "-m"},
      /* a date that was cleared in between is no date before */
      {"1,2022-02-01,close_date,,2022-03-01\n1,2022-02-02,close_date,,\n1,2022-02-03,close_date,,2022-04-01",
       "---"},
      {"1,2022-02-02,close_date,,2022-04-01\n1,2022-02-01,close_date,2022-02-01,2022-03-01", "ll"},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    fixture at;
    fixture_begin(&at, &(fixture_rows){.deals = "1,,,,,A,1,2022-01-01,2022-12-31,,open",
                                       .events = cases[index].events});
    assert_int64_equal(at.history.event_count, strlen(cases[index].moved));
    for (size_t event = 0; event < at.history.event_count; event++) {
      unsigned flags = ph_event_flags(&at.history.events[event]);
      char shown = flags & PH_EVENT_MOVED_LATER ? 'l' : flags & PH_EVENT_MOVED_DATE ? 'm' : '-';
      if (shown != cases[index].moved[event])
        fail_msg("%s: event %zu is %c", cases[index].events, event, shown);
    }
    fixture_end(&at);
  }
}

static void test_contradictions(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at,
                &(fixture_rows){
                    .stages = "A,1\nB,2",
                    .deals = "1,,,,,A,10,2022-01-10,2022-06-30,,open\n2,,,,,B,20,2022-01-10,,2022-02-10,won\n"
                             "3,,,,,Z,20,2022-01-10,,,open",
                    .events =
                        "1,2022-01-20,stage,A,B\n1,2022-01-20,amount,5,9\n1,2022-01-09,meeting,,,2022-01-08\n"
                        "2,2022-02-10,stage,A,B\n2,2022-02-11,amount,5,20\n2,2022-02-12,note\n"
                        "2,2022-01-10,stage,B,Q"});
  assert_int64_equal(rows_of(&at, PH_DEAL_STAGE_DISAGREES), 1);
  assert_int64_equal(rows_of(&at, PH_DEAL_AMOUNT_DISAGREES), 1);
  assert_int64_equal(rows_of(&at, PH_EVENT_BEFORE_CREATION), 1); /* not the implied commitment */
  assert_int64_equal(rows_of(&at, PH_EVENT_AFTER_CLOSING), 2);
  assert_int64_equal(rows_of(&at, PH_EVENT_STAGE_WITHOUT_RANK), 1);
  assert_int64_equal(rows_of(&at, PH_DEAL_STAGE_WITHOUT_RANK), 1);
  assert_string_equal(at.history.problems.counts[PH_EVENT_STAGE_WITHOUT_RANK].example, "Q");
  assert_string_equal(at.history.problems.counts[PH_DEAL_STAGE_WITHOUT_RANK].example, "3");
  assert_string_equal(at.history.problems.counts[PH_DEAL_STAGE_DISAGREES].example, "1");
  fixture_end(&at);
}

/* A row left out later takes its warnings with it. */
static void test_left_out_deals_warn_of_nothing(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){.deals = "1,,,,,,,2022-01-10,,,won"});
  assert_int64_equal(at.history.excluded_deals, 1);
  assert_int64_equal(rows_of(&at, PH_DEAL_CLOSED_WITHOUT_DAY), 1);
  assert_int64_equal(rows_of(&at, PH_DEAL_AMOUNT_MISSING), 0);
  assert_int64_equal(rows_of(&at, PH_DEAL_STAGE_MISSING), 0);
  assert_int64_equal(rows_of(&at, PH_DEAL_CLOSED_WITHOUT_CLOSED_AT), 0);
  assert_int64_equal(at.history.deals[0].created, PH_DAY_NEVER);
  fixture_end(&at);
}

/* ---- stages and quotas ---- */

static double rank_of(const fixture *at, const char *stage, const char *pipeline) {
  const ph_interner *names = &at->history.names;
  const ph_stage *row = ph_history_stage(&at->history, ph_interned(names, stage, strlen(stage)),
                                         ph_interned(names, pipeline, strlen(pipeline)));
  return row != NULL ? row->rank : NAN;
}

static void test_stages(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){
               .stages = "B,~2.5,new,45\nA,1\nB,7,,=30\nB,9,,\nC,3,new\n,4\nD,x\nE,\nF,=6,,x\nF,8,old,36501\n"
                         "G,-1,,-1\nH,0,,0\nI,1,,~30.5",
               .deals = "1,,,,new,Q,1,2022-01-01,,,open\n2,,,,old,A,1,2022-01-01,,,open"});
  assert_real_equal(rank_of(&at, "A", ""), 1);
  assert_real_equal(rank_of(&at, "A", "new"), 1);
  assert_real_equal(rank_of(&at, "B", "new"), 2.5);
  assert_real_equal(rank_of(&at, "B", "old"), 7); /* the first row of a stage and pipeline counts */
  assert_real_equal(rank_of(&at, "B", ""), 7);
  assert_real_equal(rank_of(&at, "C", "new"), 3);
  assert_real_equal(rank_of(&at, "C", "old"), NAN);
  assert_real_equal(rank_of(&at, "C", ""), NAN);
  assert_real_equal(rank_of(&at, "D", ""), NAN);
  assert_real_equal(rank_of(&at, "E", ""), NAN);
  assert_real_equal(rank_of(&at, "F", "new"), 6);
  assert_real_equal(rank_of(&at, "Q", "new"), NAN);
  assert_int64_equal(at.history.stage_count, 9);
  const ph_interner *names = &at.history.names;
  const ph_stage *row =
      ph_history_stage(&at.history, ph_interned(names, "B", 1), ph_interned(names, "new", 3));
  assert_int64_equal(row->max_idle_days, 45);
  assert_int64_equal(ph_history_stage(&at.history, ph_interned(names, "B", 1), 0)->max_idle_days, 30);
  assert_int64_equal(ph_history_stage(&at.history, ph_interned(names, "H", 1), 0)->max_idle_days, 0);
  assert_int64_equal(ph_history_stage(&at.history, ph_interned(names, "F", 1), 0)->max_idle_days, -1);
  assert_int64_equal(rows_of(&at, PH_STAGE_NAME_MISSING), 1);
  assert_int64_equal(rows_of(&at, PH_STAGE_RANK_BAD), 2);
  assert_int64_equal(rows_of(&at, PH_STAGE_DUPLICATE), 1);
  assert_int64_equal(rows_of(&at, PH_STAGE_MAX_IDLE_BAD), 4);
  fixture_end(&at);
}

static void test_quotas(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){.quotas = "2022-01-01,2022-03-31,1000.5,ann,north\n2022-01-01,2022-01-01,=\n"
                                     "2022-04-01,2022-03-31,1\n,2022-03-31,1\n2022-01-01,,1\n2022-01-01,x,1\n"
                                     "2022-04-01,2022-06-30,abc,,south"});
  assert_int64_equal(at.history.quota_count, 1); /* no quota is not a quota of 0 */
  const ph_quota *quota = at.history.quotas;
  assert_int64_equal(quota[0].period_start, fixture_day("2022-01-01"));
  assert_int64_equal(quota[0].period_end, fixture_day("2022-03-31"));
  assert_int64_equal(quota[0].amount, 10005000);
  assert_string_equal(fixture_name(&at.history, quota[0].owner), "ann");
  assert_string_equal(fixture_name(&at.history, quota[0].team), "north");
  assert_int64_equal(rows_of(&at, PH_QUOTA_PERIOD_BAD), 3);
  assert_int64_equal(rows_of(&at, PH_QUOTA_PERIOD_REVERSED), 1);
  assert_int64_equal(rows_of(&at, PH_QUOTA_AMOUNT_BAD), 2);
  fixture_end(&at);
}

static void test_offset(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){.policy = "utc_offset_minutes,60",
                                     .quotas = "2022-01-01T23:30,2022-03-31,1",
                                     .deals = "1,,,,,A,1,2022-01-01T23:00,2022-01-01T22:59,2022-01-01,won",
                                     .events = "1,2022-01-31T23:59:00Z,note"});
  assert_int64_equal(at.history.quotas[0].period_start, fixture_day("2022-01-02"));
  assert_int64_equal(at.history.deals[0].created, fixture_day("2022-01-02"));
  assert_int64_equal(at.history.deals[0].close_date, fixture_day("2022-01-01"));
  assert_int64_equal(at.history.deals[0].closing, fixture_day("2022-01-01"));
  assert_int64_equal(ph_event_day(&at.history.events[0]), fixture_day("2022-02-01"));
  fixture_end(&at);
}

/* ---- many ---- */

enum { MANY = 150000, MANY_IDS = 7 };

/* More events than a chunk holds, their deals taking turns: each deal has its own, in their order. */
static void test_many_events(void **state) {
  (void)state;
  static const char *const ids[MANY_IDS] = {"1",
                                            "-5000000000000",
                                            "x",
                                            "left out",
                                            "unknown",
                                            "77",
                                            "a text id that is too long to be kept in a small place"};
  fixture at;
  test_memory_begin(&at.memory, &at.status);
  ph_reader *reader = fixture_reader(&at.history, &at.status);
  ph_reader_policy_known(reader, &at.status);
  fixture_relation("1,,,,,A,1,2022-01-01,,,open\n-5000000000000,,,,,A,1,2022-01-01,,,open\n"
                   "x,,,,,A,1,2022-01-01,,,open\nleft out,,,,,A,1,,,,open\n"
                   "a text id that is too long to be kept in a small place,,,,,A,1,2022-01-01,,,open",
                   PH_RELATION_DEAL, reader, &at.history, &at.status);
  ph_reader_deals_end(reader, &at.status);
  for (int event = 0; event < MANY; event++) {
    const char *kind = event % 3 == 0 ? "note" : "amount";
    ph_value cells[PH_EVENT_COLUMNS] = {fixture_cell(ids[event % MANY_IDS], strlen(ids[event % MANY_IDS])),
                                        event == MANY - 1 ? fixture_cell("2022-02-02T10:00", 16)
                                                          : fixture_cell("2022-02-02", 10),
                                        fixture_cell(kind, strlen(kind))};
    cells[PH_EVENT_NEW_VALUE] = (ph_value){.type = PH_INTEGER, .integer = event};
    ph_reader_add_event(reader, cells, &at.status);
  }
  ph_reader_finish(reader, &at.status);
  ph_reader_end(reader);
  assert_int64_equal(rows_of(&at, PH_EVENT_DEAL_LEFT_OUT), (MANY - 3 + MANY_IDS - 1) / MANY_IDS);
  assert_int64_equal(rows_of(&at, PH_EVENT_DEAL_UNKNOWN),
                     (MANY - 4 + MANY_IDS - 1) / MANY_IDS + (MANY - 5 + MANY_IDS - 1) / MANY_IDS);
  for (int id = 0; id < MANY_IDS; id++) {
    if (id >= 3 && id <= 5) continue;
    const ph_deal *deal = fixture_deal(&at.history, ids[id]);
    const ph_event *found = &at.history.events[deal->first_event];
    for (int event = id; event < MANY; event += MANY_IDS, found++) {
      if (ph_event_kind(found) != (event % 3 == 0 ? PH_KIND_NOTE : PH_KIND_AMOUNT))
        fail_msg("event %d", event);
      if (event % 3 != 0 && at.history.amounts[found->value] != (int64_t)event * 10000)
        fail_msg("amount %d", event);
    }
    assert_int64_equal(found - at.history.events, deal[1].first_event);
  }
  fixture_end(&at);
}

/* A deal with more events than are sorted in place, out of order: each keeps its time of day. */
static void test_repeated_in_a_long_history(void **state) {
  (void)state;
  static const char *const last[] = {"1,2022-01-15T10:00,call",
                                     "1,2022-02-15T09:00,call\n1,2022-02-15T15:00,call",
                                     "1,2022-01-15T11:00,call"};
  for (int repeated = 0; repeated < 3; repeated++) {
    char events[2000] = "";
    for (int event = 0; event < 28; event++)
      sprintf(events + strlen(events), "1,2022-01-%02dT10:00,call\n", 28 - event);
    strcat(events, last[repeated]);
    fixture at;
    fixture_begin(&at, &(fixture_rows){.deals = "1,,,,,A,1,2021-12-01,,,open", .events = events});
    assert_int64_equal(at.history.event_count, repeated == 1 ? 30 : 29);
    assert_int64_equal(rows_of(&at, PH_EVENT_REPEATED), repeated == 0);
    fixture_end(&at);
  }
}

/* ---- memory ---- */

/* Ids that are dense, far apart and texts; times; a deal with many events out of order. */
static char many_events[64 * 40];

static uint64_t read_rows(ph_status *status) {
  const fixture_rows sources = {
      .policy = "idle_days,10",
      .stages = "A,1\nB,2\nB,3",
      .quotas = "2022-01-01,2022-03-31,1,ann\n2022-04-01,2022-06-30,1,ann",
      .deals = "1,one,ann,,,A,1,2022-01-01,,,open\n123456789012,two,bob,,,A,1,2022-01-01,,,won\n"
               "x,three,ann,,,B,1,2022-01-01,,,open\ny,,,,,,,bad,,,open\n1,,,,,A,1,2022-01-01,,,open",
      .events = many_events,
  };
  ph_history history;
  fixture_read(&sources, &history, status);
  uint64_t result = ph_failed(status) ? 0 : mix_history(&history);
  ph_history_end(&history);
  return result;
}

static void test_reading_disturbed(void **state) {
  (void)state;
  static const char *const ids[] = {"1", "123456789012", "x", "y",
                                    "a text id that is too long to be kept waiting"};
  static const char *const what[] = {"amount,1,2", "stage,A,B", "note", "close_date,,2022-05-05"};
  many_events[0] = 0;
  for (int event = 0; event < 40; event++)
    sprintf(many_events + strlen(many_events), "%s,2022-02-%02d%s,%s\n", ids[event < 30 ? 0 : event % 5],
            1 + event * 11 % 28, event % 7 == 0 ? "T10:00" : "", what[event % 4]);
  test_short_of_memory(read_rows);
  test_interrupted(read_rows);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_before_the_first_change),
      cmocka_unit_test(test_after_changes),
      cmocka_unit_test(test_moved_dates),
      cmocka_unit_test(test_contradictions),
      cmocka_unit_test(test_left_out_deals_warn_of_nothing),
      cmocka_unit_test(test_stages),
      cmocka_unit_test(test_quotas),
      cmocka_unit_test(test_offset),
      cmocka_unit_test(test_many_events),
      cmocka_unit_test(test_repeated_in_a_long_history),
      cmocka_unit_test(test_reading_disturbed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
