/*
** Checks spans of days: which stage changes are forward, what the events up to a day say, where
** spans begin and end (specification, section 3).
*/
#include "base/money.h"
#include "timeline_fixture.h"

static ph_deal_state state_on(fixture *at, const char *id, const char *day) {
  ph_deal_state state;
  ph_deal_state_on(&at->rules, fixture_deal_index(&at->history, id), fixture_day(day), &state);
  return state;
}

/* ---- forward ---- */

/* Stage changes on the second, third, ... of the month; f where the change is progress. */
static void check_forward(const char *stages, const char *pipeline, const char *events,
                          const char *expected) {
  fixture at;
  char deals[64];
  snprintf(deals, sizeof deals, "1,,,,%s,Z,1,2022-01-01,,,open", pipeline);
  fixture_begin(&at, &(fixture_rows){.stages = stages, .deals = deals, .events = events});
  char shown[32] = "";
  for (size_t event = 0; event < at.history.event_count; event++) {
    ph_day day = ph_event_day(&at.history.events[event]);
    ph_deal_state state;
    ph_deal_state_on(&at.rules, 0, day, &state);
    assert_int64_equal(state.last_stage_change, day);
    shown[event] = state.last_progress == day ? 'f' : '-';
  }
  if (strcmp(shown, expected) != 0) fail_msg("%s: %s, expected %s", events, shown, expected);
  fixture_end(&at);
}

static void test_forward(void **state) {
  (void)state;
  const char *ranks = "A,1\nB,2\nC,3\nD,3\nB,9,new";
  check_forward(ranks, "", "1,2022-01-02,stage,A,B\n1,2022-01-03,stage,B,C", "ff");
  check_forward(ranks, "", "1,2022-01-02,stage,B,A\n1,2022-01-03,stage,A,B\n1,2022-01-04,stage,B,C", "--f");
  check_forward(ranks, "", "1,2022-01-02,stage,A,C\n1,2022-01-03,stage,C,D\n1,2022-01-04,stage,D,C", "f--");
  check_forward(ranks, "", "1,2022-01-02,stage,,A\n1,2022-01-03,stage,A,A", "f-"); /* nothing had before */
  check_forward(ranks, "new", "1,2022-01-02,stage,C,B", "f");                      /* 9 in this pipeline */
  check_forward(ranks, "old", "1,2022-01-02,stage,C,B", "-");
  /* without a rank: never been there */
  check_forward(NULL, "", "1,2022-01-02,stage,A,B\n1,2022-01-03,stage,B,A\n1,2022-01-04,stage,A,C", "f-f");
  check_forward(ranks, "", "1,2022-01-02,stage,C,X\n1,2022-01-03,stage,X,C\n1,2022-01-04,stage,C,X", "f--");
  check_forward(ranks, "", "1,2022-01-02,stage,X,A\n1,2022-01-03,stage,A,X\n1,2022-01-04,stage,X,B", "f-f");
  /* no stage is no step forward, and comes back to where it was */
  check_forward(ranks, "", "1,2022-01-02,stage,A,\n1,2022-01-03,stage,,A\n1,2022-01-04,stage,A,B", "--f");
  /* old_value of a later change is not what the deal had */
  check_forward(ranks, "", "1,2022-01-02,stage,A,B\n1,2022-01-03,stage,C,C", "ff");
  check_forward("A,~0.5\nB,~0.25\nC,-3", "", "1,2022-01-02,stage,C,B\n1,2022-01-03,stage,B,A", "ff");
}

/* ---- the state of a day ---- */

static void test_state(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){.stages = "A,1\nB,2,,7",
                      .deals = "1,,ann,,,B,30,2022-01-05,2022-06-30,,open",
                      .events = "1,2022-01-02,call\n1,2022-01-10,stage,A,B\n1,2022-01-12,amount,10,30\n"
                                "1,2022-01-14,owner,bob,ann\n1,2022-01-16,close_date,2022-05-31,2022-06-30\n"
                                "1,2022-01-20,meeting,,,2022-01-18\n1,2022-01-22,email\n1,2022-01-22,call"});
  ph_deal_state on = state_on(&at, "1", "2022-01-09");
  assert_string_equal(fixture_name(&at.history, on.stage), "A");
  assert_string_equal(fixture_name(&at.history, on.owner), "bob");
  assert_int64_equal(on.amount, 100000);
  assert_int64_equal(on.close_date, fixture_day("2022-05-31"));
  assert_int64_equal(on.last_progress, fixture_day("2022-01-05"));
  assert_int64_equal(on.last_touch, fixture_day("2022-01-02")); /* even if before creation */
  assert_int64_equal(on.last_client_act, fixture_day("2022-01-05"));
  assert_int64_equal(on.last_stage_change, fixture_day("2022-01-05"));
  assert_int64_equal(on.idle_limit, 30);
  assert_int64_equal(on.outreach, 0);
  assert_int64_equal(on.last_meeting, PH_DAY_NONE);
  on = state_on(&at, "1", "2022-01-22");
  assert_string_equal(fixture_name(&at.history, on.stage), "B");
  assert_string_equal(fixture_name(&at.history, on.owner), "ann");
  assert_int64_equal(on.amount, 300000);
  assert_int64_equal(on.close_date, fixture_day("2022-06-30"));
  assert_true(on.close_date_moved && on.pushes == 1);
  assert_int64_equal(on.last_progress, fixture_day("2022-01-20"));
  assert_int64_equal(on.last_touch, fixture_day("2022-01-22"));
  assert_int64_equal(on.last_client_act, fixture_day("2022-01-20"));
  assert_int64_equal(on.last_stage_change, fixture_day("2022-01-10"));
  assert_int64_equal(on.idle_limit, 7);
  assert_int64_equal(on.outreach, 2);
  assert_int64_equal(on.meetings, 1);
  on = state_on(&at, "1", "2022-01-18");
  assert_int64_equal(on.last_progress, fixture_day("2022-01-18")); /* the meeting was agreed on that day */
  assert_int64_equal(on.meetings, 0);
  fixture_end(&at);
}

static void test_replay(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at,
      &(fixture_rows){
          .deals = "1,,,,,A,30,2022-01-05,,,open",
          .events = "1,2022-01-02,call\n1,2022-01-10,stage,A,B\n1,2022-01-10,note\n1,2022-02-01,meeting"});
  ph_deal_state on;
  ph_deal_replay_begin(&at.rules, 0, &on);
  assert_int64_equal(on.last_touch, PH_DAY_NONE);
  assert_true(ph_deal_replay_next(&at.rules, 0, fixture_day("2022-01-31"), &on));
  assert_int64_equal(on.last_touch, fixture_day("2022-01-02"));
  assert_int64_equal(on.last_progress, PH_DAY_NONE);
  assert_true(ph_deal_replay_next(&at.rules, 0, fixture_day("2022-01-31"), &on));
  assert_int64_equal(on.last_progress, fixture_day("2022-01-10"));
  assert_int64_equal(on.next_event, 3);
  assert_false(ph_deal_replay_next(&at.rules, 0, fixture_day("2022-01-31"), &on));
  assert_true(ph_deal_replay_next(&at.rules, 0, fixture_day("2022-02-01"), &on));
  assert_false(ph_deal_replay_next(&at.rules, 0, PH_DAY_LAST, &on));
  /* numbers of replays begin again */
  at.rules.replay = UINT32_MAX - 1;
  for (int round = 0; round < 3; round++) {
    on = state_on(&at, "1", "2022-01-31");
    assert_int64_equal(on.last_progress, fixture_day("2022-01-10"));
  }
  fixture_end(&at);
}

/* ---- spans ---- */

static void check_spans(fixture *at, const char *id, const char *expected) {
  size_t deal = fixture_deal_index(&at->history, id);
  char shown[1024] = "", from[PH_DAY_TEXT_BYTES], to[PH_DAY_TEXT_BYTES];
  for (size_t index = at->timeline.first_span[deal]; index < at->timeline.first_span[deal + 1]; index++) {
    ph_span found = ph_timeline_span_at(&at->timeline, deal, index), *span = &found;
    ph_day_format(span->from, from);
    snprintf(to, sizeof to, "ever");
    if (span->to != PH_DAY_NEVER) ph_day_format(span->to, to);
    size_t length = strlen(shown);
    snprintf(shown + length, sizeof shown - length, "%s%s..%s %s %s %lld", length > 0 ? "; " : "", from + 5,
             span->to == PH_DAY_NEVER ? to : to + 5, ph_verdict_names[span->verdict],
             fixture_name(&at->history, span->stage), (long long)(span->amount / PH_UNITS_PER_ONE));
  }
  assert_string_equal(shown, expected);
}

static void test_where_spans_begin_and_end(void **state) {
  (void)state;
  fixture at;
  ph_span span;
  fixture_begin(
      &at,
      &(fixture_rows){.policy = FIXTURE_EVIDENCE "aged_days,36500",
                      .deals = "1,,,,,A,5,2022-01-01,,,open\n2,,,,,B,5,2022-01-01,,2022-01-21,won\n"
                               "3,,,,,A,5,2022-01-01,,2022-01-01,lost\n4,,,,,A,5,2022-02-01,,2022-01-01,won\n"
                               "5,,,,,A,5,2022-01-01,,2022-01-05,lost\n6,,,,,A,5,bad,,,open",
                      .events = "2,2022-01-11,stage,A,B\n2,2022-01-11,amount,4,5\n2,2022-01-21,stage,B,Won\n"
                                "2,2022-01-15,note\n2,2022-02-01,meeting\n5,2022-01-05,stage,A,B"});
  /* at last it is aged, too, in 2121 */
  check_spans(&at, "1",
              "01-01..02-01 progressing A 5; 02-01..04-01 stalled A 5; 04-01..12-09 dead A 5; "
              "12-09..ever dead A 5");
  check_spans(&at, "2", "01-01..01-11 progressing A 4; 01-11..01-21 progressing B 5");
  check_spans(&at, "3", "");
  check_spans(&at, "4", "");
  check_spans(&at, "5", "01-01..01-05 progressing A 5");
  assert_int64_equal(at.history.deal_count, 5);
  assert_false(ph_timeline_span(&at.timeline, 0, fixture_day("2021-12-31"), &span));
  assert_false(ph_timeline_span(&at.timeline, 1, fixture_day("2022-01-21"), &span));
  assert_true(ph_timeline_span(&at.timeline, 1, fixture_day("2022-01-20"), &span));
  assert_false(ph_timeline_span(&at.timeline, 3, fixture_day("2022-02-01"), &span));
  fixture_end(&at);
}

/* Up to a last day there are the same spans, cut behind it, and the state of that day. */
static void test_spans_up_to_a_day(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){.deals = "1,,,,,A,5,2022-01-01,,,open\n2,,,,,A,5,2022-01-01,,2022-02-10,won",
                           .events = "1,2022-01-11,stage,A,B\n1,2022-03-01,stage,B,C\n2,2022-01-11,call"});
  static const char *const lasts[] = {"2021-12-31", "2022-01-01", "2022-01-10", "2022-01-11", "2022-02-09",
                                      "2022-02-10", "2022-02-28", "2022-03-01", "2022-12-31"};
  for (size_t index = 0; index < 9; index++)
    for (size_t deal = 0; deal < 2; deal++) {
      ph_day last = fixture_day(lasts[index]);
      ph_span_list list = {0};
      ph_deal_state reached, expected;
      ph_deal_spans(&at.rules, deal, last, &list, &reached, &at.status);
      ph_day day = at.history.deals[deal].created;
      for (size_t span = 0; span < list.count; span++)
        for (assert_int64_equal(list.spans[span].from, day); day < list.spans[span].to; day++) {
          ph_span found, *same = &found;
          assert_true(ph_timeline_span(&at.timeline, deal, day, same));
          assert_true(same->verdict == list.spans[span].verdict && same->stage == list.spans[span].stage);
        }
      bool open = ph_deal_is_open(&at.history.deals[deal], last);
      if (last < at.history.deals[deal].created) assert_int64_equal(list.count, 0);
      if (open) assert_int64_equal(day, last + 1);
      ph_deal_state_on(&at.rules, deal, last, &expected);
      if (open) {
        assert_int64_equal(reached.next_event, expected.next_event);
        assert_int64_equal(reached.last_progress, expected.last_progress);
        assert_int64_equal(reached.last_touch, expected.last_touch);
        assert_int64_equal(reached.stage, expected.stage);
      }
      ph_release(&at.memory.memory, list.spans);
    }
  fixture_end(&at);
}

static uint64_t make_spans(ph_status *status) {
  ph_history history;
  ph_rules rules = {0};
  ph_timeline timeline = {0};
  fixture_read(
      &(fixture_rows){.deals = "1,,ann,,,A,5,2022-01-01,,,open\n2,,bob,,,B,5,2022-01-01,,2022-03-21,won",
                      .events = "1,2022-01-11,stage,A,B\n2,2022-01-11,amount,4,5\n1,2022-01-20,meeting\n"
                                "2,2022-01-21,call\n1,2022-02-20,meeting\n1,2022-04-20,owner,ann,bob"},
      &history, status);
  uint64_t result = TEST_MIX_BEGIN;
  if (!ph_failed(status)) ph_rules_begin(&rules, &history, status);
  if (!ph_failed(status)) ph_timeline_begin(&timeline, rules.history, status);
  if (!ph_failed(status))
    for (size_t span = 0; span < timeline.span_count; span++)
      result = test_mix_number(result, (int64_t)timeline.spans[span]);
  ph_timeline_end(&timeline);
  ph_rules_end(&rules);
  ph_history_end(&history);
  return result;
}

static void test_spans_disturbed(void **state) {
  (void)state;
  test_short_of_memory(make_spans);
  test_interrupted(make_spans);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_forward),
      cmocka_unit_test(test_state),
      cmocka_unit_test(test_replay),
      cmocka_unit_test(test_where_spans_begin_and_end),
      cmocka_unit_test(test_spans_up_to_a_day),
      cmocka_unit_test(test_spans_disturbed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
