/*
** Checks what moves between two days and what is claimed on one: changes, cohorts, forecast categories
** (specification, section 5). Their figures are worked out in the golden files; here are the edges of their
** parts, short memory and interrupts.
*/
#include "measure/change.h"
#include "measure/cohort.h"
#include "measure/commit.h"
#include "fixture.h"

#define DEALS                                                                                                \
  "1,,ann,east,,B,120,2022-01-01,2022-03-15,2022-03-10,won,\n2,,ann,east,,A,250,2022-01-05,2022-05-01,,"     \
  "open,Commit\n3,,bob,,,A,300,2022-02-03,2022-02-15,2022-02-01,lost,\n4,,,,,A,40,2022-01-20,2022-03-31,,"   \
  "open,"
#define EVENTS                                                                                               \
  "1,2022-01-05,forecast,Pipeline,Commit\n1,2022-01-10,meeting\n1,2022-01-12,meeting\n"                      \
  "1,2022-02-01,amount,100,120\n1,2022-02-20,stage,A,B\n2,2022-01-06,forecast,,Forecast\n"                   \
  "2,2022-02-01,close_date,2022-03-20,2022-05-01\n2,2022-02-02,owner,bob,ann\n4,2022-03-01,meeting"
#define QUOTAS "2022-01-01,2022-03-31,1000,ann\n2022-01-01,2022-03-31,500,bob\n2022-04-01,2022-06-30,900,ann"

static const fixture_rows source = {
    .policy = FIXTURE_EVIDENCE, .quotas = QUOTAS, .deals = DEALS, .events = EVENTS};

/* A day of the first span that is later than the creation cuts it and changes nothing else. */
static void test_spans_between(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  ph_history history = {0};
  ph_rules rules;
  ph_span_list all = {0}, later = {0};
  ph_deal_state end, end_later;
  test_memory_begin(&memory, &status);
  history.memory = status.memory;
  fixture_read(&source, &history, &status);
  ph_rules_begin(&rules, &history, &status);
  size_t deal = fixture_deal_index(&history, "1"), compared = 0;
  ph_day last = fixture_day("2022-03-09");
  ph_deal_spans(&rules, deal, last, &all, &end, &status);
  for (ph_day first = fixture_day("2021-12-20"); first <= last; first++) {
    later.count = 0;
    ph_deal_spans_between(&rules, deal, first, last, &later, &end_later, &status);
    size_t cut = all.count - later.count;
    assert_true(later.count >= 1 && later.count <= all.count);
    assert_int64_equal(later.spans[0].from, first > all.spans[0].from ? first : all.spans[0].from);
    for (size_t at = 0; at < later.count; at++, compared++) {
      assert_int64_equal(later.spans[at].to, all.spans[cut + at].to);
      assert_int64_equal(later.spans[at].verdict, all.spans[cut + at].verdict);
      assert_int64_equal(later.spans[at].amount, all.spans[cut + at].amount);
      if (at > 0) assert_int64_equal(later.spans[at].from, all.spans[cut + at].from);
    }
    assert_int64_equal(end_later.last_progress, end.last_progress);
    assert_int64_equal(end_later.amount, end.amount);
  }
  assert_true(compared > 100);
  ph_release(status.memory, all.spans);
  ph_release(status.memory, later.spans);
  ph_rules_end(&rules);
  ph_history_end(&history);
  test_memory_end(&memory, &status);
}

static void test_point_claims(void **state) {
  (void)state;
  static const struct {
    const char *day, *close_date;
    bool claimed;
  } cases[] = {
      {"2022-01-22", "2022-01-01", true},  {"2022-01-22", "2022-03-31", true},
      {"2022-01-22", "2022-04-01", false}, {"2022-01-22", "2021-12-31", true}, /* overdue */
      {"2021-12-30", "2021-12-29", false}, /* the day is not in the period */
      {"2021-12-30", "2022-02-01", true},  {"2022-04-01", "2021-12-31", false},
      {"2022-03-31", "2021-06-01", true},
  };
  for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
    ph_claim_point point = {{fixture_day("2022-01-01"), fixture_day("2022-03-31")},
                            fixture_day(cases[at].day)};
    assert_int64_equal(ph_point_claims(&point, fixture_day(cases[at].close_date)), cases[at].claimed);
    assert_false(ph_point_claims(&point, PH_DAY_NONE));
  }
}

static void test_calendar_place(void **state) {
  (void)state;
  for (int step = 0; step < PH_STEP_COUNT; step++) {
    ph_calendar calendar;
    ph_day first = fixture_day("2021-11-10"), last = fixture_day("2023-02-03");
    ph_calendar_begin(&calendar, (ph_step)step, 4, first, last);
    for (ph_day day = first; day <= last; day++) {
      ph_period period = ph_calendar_period(&calendar, ph_calendar_place(&calendar, day));
      assert_true(period.start <= day && day <= period.end);
    }
    assert_int64_equal(ph_calendar_place(&calendar, last), calendar.count - 1);
  }
}

static uint64_t measure(ph_status *status) {
  ph_pipeline pipeline = {.memory = status->memory};
  uint64_t result = TEST_MIX_BEGIN;
  ph_change_row *changes = NULL;
  ph_cohort_row *cohorts = NULL;
  ph_commit_row *commits = NULL;
  ph_commit_backtest_row *backtests = NULL;
  size_t counts[4] = {0};
  ph_day day = fixture_day("2022-03-31");
  fixture_read(&source, &pipeline.history, status);
  ph_pipeline_begin(&pipeline, status);
  ph_changes_between(&pipeline, day - 89, day, &changes, &counts[0], status);
  ph_cohorts_between(&pipeline, day - 89, day, PH_STEP_MONTH, PH_SCOPE_OWNER, &cohorts, &counts[1], status);
  ph_commit_on(&pipeline, day - 29, PH_SCOPE_OWNER, &commits, &counts[2], status);
  ph_commit_backtest(&pipeline, day, PH_SCOPE_OWNER, 21, &backtests, &counts[3], status);
  if (!ph_failed(status)) {
    for (int table = 0; table < 4; table++) assert_true(counts[table] > 0);
    result = test_mix(result, counts, sizeof counts);
    for (size_t row = 0; row < counts[0]; row++) result = test_mix_number(result, changes[row].new_value);
    for (size_t row = 0; row < counts[1]; row++) result = test_mix_number(result, cohorts[row].pending_deals);
    for (size_t row = 0; row < counts[2]; row++) result = test_mix_number(result, commits[row].amount);
    for (size_t row = 0; row < counts[3]; row++) result = test_mix_number(result, backtests[row].won_amount);
  }
  ph_release(status->memory, changes);
  ph_release(status->memory, cohorts);
  ph_release(status->memory, commits);
  ph_release(status->memory, backtests);
  ph_pipeline_end(&pipeline);
  return result;
}

static void test_movement_disturbed(void **state) {
  (void)state;
  test_short_of_memory(measure);
  test_interrupted(measure);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_spans_between),
      cmocka_unit_test(test_point_claims),
      cmocka_unit_test(test_calendar_place),
      cmocka_unit_test(test_movement_disturbed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
