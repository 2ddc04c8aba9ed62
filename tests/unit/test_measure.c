/*
** Checks measures on histories small enough to be worked out by hand: periods, quotas, coverage,
** flow, velocity, win rates (specification, sections 5 and 6). Random databases are the oracle's business.
*/
#include "measure/coverage.h"
#include "measure/flow.h"
#include "base/group.h"
#include "measure/integrity.h"
#include "measure/velocity.h"
#include "measure/win_rate.h"
#include "fixture.h"

typedef struct fixture {
  test_memory memory;
  ph_status status;
  ph_pipeline pipeline;
} fixture;

static void pipeline_begin(ph_pipeline *pipeline, const fixture_rows *source, ph_status *status) {
  *pipeline = (ph_pipeline){.memory = status->memory};
  fixture_read(source, &pipeline->history, status);
  ph_pipeline_begin(pipeline, status);
}

static void fixture_begin(fixture *at, const fixture_rows *source) {
  test_memory_begin(&at->memory, &at->status);
  pipeline_begin(&at->pipeline, source, &at->status);
  assert_false(ph_failed(&at->status));
}

static void fixture_end(fixture *at, void *rows) {
  ph_release(at->pipeline.memory, rows);
  ph_pipeline_end(&at->pipeline);
  test_memory_end(&at->memory, &at->status);
}

static const char *name_of(const fixture *at, uint32_t name) {
  return fixture_name(&at->pipeline.history, name);
}

/* ---- groups and periods ---- */

static void test_groups(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at,
                &(fixture_rows){.deals = "1,,bob,,,A,1,2022-01-01,,,open\n2,,ann,,,A,1,2022-01-01,,,open"});
  const ph_interner *names = &at.pipeline.history.names;
  uint32_t ann = ph_interned(names, "ann", 3), bob = ph_interned(names, "bob", 3);
  ph_groups groups;
  ph_groups_begin(&groups, names, &at.status);
  assert_int64_equal(ph_groups_place(&groups, bob), 0);
  assert_int64_equal(ph_groups_place(&groups, 0), 1);
  assert_int64_equal(ph_groups_place(&groups, ann), 2);
  assert_int64_equal(ph_groups_place(&groups, bob), 0);
  assert_int64_equal(groups.count, 3);
  static const uint32_t expected[] = {1, 2, 0}; /* missing, ann, bob */
  uint32_t *order = ph_groups_order(&groups, names, &at.status);
  assert_memory_equal(order, expected, sizeof expected);
  ph_groups_end(&groups);
  fixture_end(&at, order);
}

static void test_periods_before(void **state) {
  (void)state;
  static const struct {
    const char *start, *end;
    int32_t k;
    const char *before_start, *before_end;
  } cases[] = {
      {"2022-04-01", "2022-06-30", 1, "2022-01-01", "2022-03-31"},
      {"2022-04-01", "2022-06-30", 5, "2021-01-01", "2021-03-31"},
      {"2024-02-01", "2024-02-29", 1, "2024-01-01", "2024-01-31"},
      {"2024-02-01", "2024-02-29", 12, "2023-02-01", "2023-02-28"},
      {"2024-03-01", "2024-03-31", 1, "2024-02-01", "2024-02-29"},
      {"2022-01-01", "2022-12-31", 2, "2020-01-01", "2020-12-31"},
      {"2022-01-10", "2022-01-19", 1, "2021-12-31", "2022-01-09"}, /* ten days */
      {"2022-01-10", "2022-01-19", 2, "2021-12-21", "2021-12-30"},
      {"2022-01-01", "2022-01-30", 1, "2021-12-02", "2021-12-31"}, /* no whole month */
      {"2022-01-02", "2022-01-31", 1, "2021-12-03", "2022-01-01"},
      {"2022-01-05", "2022-01-05", 3, "2022-01-02", "2022-01-02"},
      {"0001-04-01", "0001-06-30", 1, "0001-01-01", "0001-03-31"},
  };
  ph_period before;
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    ph_period period = {fixture_day(cases[index].start), fixture_day(cases[index].end)};
    assert_true(ph_period_before(period, cases[index].k, &before));
    assert_int64_equal(before.start, fixture_day(cases[index].before_start));
    assert_int64_equal(before.end, fixture_day(cases[index].before_end));
  }
  assert_false(
      ph_period_before((ph_period){fixture_day("0001-04-01"), fixture_day("0001-06-30")}, 2, &before));
  assert_false(
      ph_period_before((ph_period){fixture_day("0001-01-05"), fixture_day("0001-01-08")}, 2, &before));
}

static void check_quotas(fixture *at, ph_scope scope, const char *expected) {
  ph_group_quota *quotas = NULL;
  size_t count = 0;
  char shown[512] = "", start[PH_DAY_TEXT_BYTES];
  ph_group_quotas(&at->pipeline.history, scope, &quotas, &count, &at->status);
  for (size_t index = 0; index < count; index++) {
    ph_day_format(quotas[index].period.start, start);
    size_t length = strlen(shown);
    snprintf(shown + length, sizeof shown - length, "%s%s %s %lld", length > 0 ? "; " : "",
             name_of(at, quotas[index].name), start + 5, (long long)(quotas[index].quota / PH_UNITS_PER_ONE));
  }
  assert_string_equal(shown, expected);
  ph_release(at->pipeline.memory, quotas);
}

/* What a group's quota is, is decided for each period. */
static void test_quotas(void **state) {
  (void)state;
  fixture at;
  fixture_begin(&at, &(fixture_rows){
                         .deals = "1,,ann,,,A,1,2022-01-01,,,open",
                         .quotas = "2022-01-01,2022-03-31,100,ann,north\n2022-01-01,2022-03-31,50,ann,south\n"
                                   "2022-01-01,2022-03-31,7,bob,north\n"
                                   "2022-04-01,2022-06-30,300,,north\n2022-04-01,2022-06-30,80,ann,north\n"
                                   "2022-04-01,2022-06-30,900\n2022-04-01,2022-06-30,100\n"
                                   "2022-07-01,2022-09-30,40,,north\n2022-07-01,2022-09-30,60,,south"});
  check_quotas(&at, PH_SCOPE_OWNER, "ann 01-01 150; ann 04-01 80; bob 01-01 7");
  check_quotas(&at, PH_SCOPE_TEAM,
               "north 01-01 107; north 04-01 300; north 07-01 40; south 01-01 50; south 07-01 60");
  check_quotas(&at, PH_SCOPE_ALL, " 01-01 157;  04-01 1000;  07-01 100");
  fixture_end(&at, NULL);
}

/* ---- coverage ---- */

#define COVERAGE_DEALS                                                                                       \
  "1,,ann,,,A,300,2022-05-20,2022-06-15,,open\n2,,ann,,,A,200,2022-01-01,2022-05-01,,open\n"                 \
  "3,,ann,,,A,400,2022-03-01,,2022-04-10,won\n4,,ann,,,A,100,2022-01-05,2022-03-25,2022-03-20,won\n"         \
  "5,,ann,,,A,9,2022-05-20,2022-07-01,,open"

static void test_coverage(void **state) {
  (void)state;
  fixture at;
  ph_coverage_row *row = NULL;
  size_t count = 0;
  fixture_begin(&at, &(fixture_rows){.policy = FIXTURE_EVIDENCE,
                                     .quotas = "2022-04-01,2022-06-30,1000\n2022-01-01,2022-03-31,1",
                                     .deals = COVERAGE_DEALS});
  ph_coverage_on(&at.pipeline, fixture_day("2022-06-01"), PH_SCOPE_ALL, &row, &count, &at.status);
  assert_int64_equal(count, 1); /* the first quarter has ended */
  assert_int64_equal(row->won_amount, 4000000);
  assert_int64_equal(row->remaining, 6000000);
  assert_int64_equal(row->claimed_deals, 2);
  assert_int64_equal(row->claimed_amount, 5000000);
  assert_int64_equal(row->overdue_amount, 2000000);
  assert_int64_equal(row->real_deals, 1);
  assert_int64_equal(row->real_amount, 3000000);
  assert_int64_equal(row->false_confidence, 2000000);
  assert_real_equal(row->claimed_coverage, 5.0 / 6);
  assert_real_equal(row->real_coverage, 0.5);
  /* 61 days into the quarter before, deal 4 was claimed and stalled, and was won in the rest of it */
  assert_real_equal(row->required_claimed_coverage, 1);
  assert_real_equal(row->required_real_coverage, 0);
  assert_int64_equal((int64_t)row->needed_units, 0);
  assert_int64_equal(row->verdict, PH_COVERAGE_TOO_EARLY);
  fixture_end(&at, row);
}

/* What is required when there is nothing to learn from, and the verdicts. */
static void test_coverage_verdicts(void **state) {
  (void)state;
  static const struct {
    const char *quota, *policy;
    ph_coverage_verdict verdict;
    int64_t needed;
  } cases[] = {
      {"2022-04-01,2022-06-30,400", FIXTURE_EVIDENCE, PH_COVERAGE_HIT, 0},
      {"2022-04-01,2022-06-30,1000", FIXTURE_EVIDENCE "lookback_periods,0", PH_COVERAGE_SHORT, 15000000},
      {"2022-04-01,2022-06-30,1000", FIXTURE_EVIDENCE "lookback_periods,0\ntarget_coverage,0.6",
       PH_COVERAGE_FALSE_CONFIDENCE, 600000},
      {"2022-04-01,2022-06-30,1000", FIXTURE_EVIDENCE "lookback_periods,0\ntarget_coverage,0.5",
       PH_COVERAGE_COVERED, 0},
      {"2022-04-01,2022-06-30,1000", FIXTURE_EVIDENCE "lookback_periods,0\ntarget_coverage,0.84",
       PH_COVERAGE_SHORT, 2040000},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    fixture at;
    ph_coverage_row *row = NULL;
    size_t count = 0;
    fixture_begin(&at, &(fixture_rows){.policy = cases[index].policy,
                                       .quotas = cases[index].quota,
                                       .deals = COVERAGE_DEALS});
    ph_coverage_on(&at.pipeline, fixture_day("2022-06-01"), PH_SCOPE_ALL, &row, &count, &at.status);
    assert_int64_equal(count, 1);
    assert_int64_equal(row->verdict, cases[index].verdict);
    assert_int64_equal((int64_t)row->needed_units, cases[index].needed);
    if (row->remaining == 0) assert_real_equal(row->real_coverage, NAN);
    fixture_end(&at, row);
  }
}

/* ---- flow ---- */

#define FLOW                                                                                                 \
  .policy = FIXTURE_EVIDENCE,                                                                                \
  .deals = "1,,ann,,,A,120,2022-01-05,,,open\n2,,bob,,,A,40,2022-01-05,,,open\n"                             \
           "3,,ann,,,A,250,2022-01-05,,2022-02-15,won\n4,,bob,,,A,70,2022-02-10,,,open\n"                    \
           "5,,bob,,,A,30,2022-01-05,,2022-02-20,lost\n6,,ann,,,A,11,2022-02-11,,2022-02-20,won\n"           \
           "7,,ann,,,A,5,2021-11-01,,,open",                                                                 \
  .events = "1,2022-02-10,amount,100,120\n2,2022-02-05,owner,ann,bob\n2,2022-02-06,amount,50,40\n"           \
            "3,2022-02-14,amount,200,250\n7,2022-02-20,commitment"

static void check_flow_row(const fixture *at, const ph_flow_row *row, const char *name,
                           int64_t starting_deals, int64_t ending_deals, const int64_t *amounts) {
  assert_string_equal(name_of(at, row->name), name);
  assert_int64_equal(row->starting_deals, starting_deals);
  assert_int64_equal(row->ending_deals, ending_deals);
  for (int amount = 0; amount < PH_FLOW_AMOUNT_COUNT; amount++)
    if (row->amount[amount] != (amount <= PH_FLOW_CLOSED_WON ? amounts[amount] * PH_UNITS_PER_ONE : 0))
      fail_msg("%s: amount %d is %lld", name, amount, (long long)row->amount[amount]);
}

static void test_flow(void **state) {
  (void)state;
  fixture at;
  ph_flow_row *rows = NULL;
  size_t count = 0;
  fixture_begin(&at, &(fixture_rows){FLOW});
  ph_flow_between(&at.pipeline, fixture_day("2022-01-31"), fixture_day("2022-02-28"), PH_SCOPE_OWNER, NULL,
                  &rows, &count, &at.status);
  assert_int64_equal(count, 2);
  /* starting created in increased decreased won lost out ending became_stalled recovered closed_won */
  check_flow_row(&at, &rows[0], "ann", 4, 2,
                 (const int64_t[]){355, 0, 0, 20, 0, 200, 0, 50, 125, 120, 5, 261});
  check_flow_row(&at, &rows[1], "bob", 1, 2, (const int64_t[]){30, 70, 50, 0, 10, 0, 30, 0, 110, 40, 0, 0});
  ph_release(at.pipeline.memory, rows);
  rows = NULL;
  count = 0;
  ph_flow_between(&at.pipeline, fixture_day("2022-01-31"), fixture_day("2022-02-28"), PH_SCOPE_ALL, NULL,
                  &rows, &count, &at.status);
  assert_int64_equal(count, 1);
  check_flow_row(&at, rows, "", 5, 4, (const int64_t[]){385, 70, 0, 20, 10, 200, 30, 0, 235, 160, 5, 261});
  fixture_end(&at, rows);
}

static void test_flow_edges(void **state) {
  (void)state;
  fixture at;
  ph_flow_row *rows = NULL;
  size_t count = 0;
  ph_day day = fixture_day("2022-01-31");
  fixture_begin(&at, &(fixture_rows){FLOW});
  ph_flow_between(&at.pipeline, day, day, PH_SCOPE_ALL, NULL, &rows, &count, &at.status);
  check_flow_row(&at, rows, "", 5, 5, (const int64_t[]){385, 0, 0, 0, 0, 0, 0, 0, 385, 0, 0, 0});
  ph_release(at.pipeline.memory, rows);
  rows = NULL;
  ph_flow_between(&at.pipeline, day + 1, day, PH_SCOPE_ALL, NULL, &rows, &count, &at.status);
  assert_int64_equal(at.status.code, PH_ERROR);
  ph_status_begin(&at.status, &at.memory.memory);
  fixture_end(&at, rows);
}

/* ---- velocity and win rates ---- */

#define VELOCITY                                                                                             \
  .stages = "A,1\nB,2\nC,3",                                                                                 \
  .deals = "1,,,,,C,1,2022-01-01,,2022-02-20,won\n2,,,,,A,1,2022-02-01,,,open\n"                             \
           "3,,,,,B,1,2022-01-01,,2022-01-11,lost",                                                          \
  .events = "1,2022-01-11,stage,A,B\n1,2022-01-31,stage,B,A\n1,2022-02-10,stage,A,C\n3,2022-01-11,stage,B,C"

static void check_velocity(const fixture *at, const ph_velocity_row *row, const char *stage,
                           const int64_t *ended, double median, double gap) {
  int64_t entered = 0;
  assert_string_equal(name_of(at, row->stage), stage);
  for (int way = 0; way < PH_VISIT_END_COUNT; way++) {
    assert_int64_equal(row->ended[way], ended[way]);
    entered += ended[way];
  }
  assert_int64_equal(row->entered, entered);
  assert_real_equal(row->median_days, median);
  assert_real_equal(row->progress_gap_p90_days, gap);
}

static void test_velocity(void **state) {
  (void)state;
  fixture at;
  ph_velocity_row *rows = NULL;
  size_t count = 0;
  fixture_begin(&at, &(fixture_rows){VELOCITY});
  ph_velocity_on(&at.pipeline, fixture_day("2022-03-01"), &rows, &count, &at.status);
  assert_int64_equal(count, 3);
  /* forward back won lost still_in */
  check_velocity(&at, &rows[0], "A", (const int64_t[]){2, 0, 0, 0, 1}, 10, NAN);
  /* deal 1 left B on the way between its steps of January 11 and February 10 */
  check_velocity(&at, &rows[1], "B", (const int64_t[]){0, 1, 0, 1, 0}, 15, NAN);
  check_velocity(&at, &rows[2], "C", (const int64_t[]){0, 0, 1, 0, 0}, 10, NAN);
  fixture_end(&at, rows);
}

/* With a horizon of 10 days: of deal 1, open from 2022-01-01 and won on 2022-01-21, 10 days of 20 lead to the
** win; of deal 2, lost on 2022-01-11, none of 10. */
#define RATES                                                                                                \
  .policy = FIXTURE_EVIDENCE "min_class_deals,2",                                                            \
  .deals = "1,,,,,B,1,2022-01-01,,2022-01-21,won\n2,,,,,B,1,2022-01-01,,2022-01-11,lost",                    \
  .events = "1,2022-01-06,stage,A,B\n2,2021-12-31,stage,A,A"

static void check_rate(const fixture *at, const ph_win_rate_row *row, ph_class_kind kind, const char *stage,
                       int64_t deals, int64_t deal_days, int64_t won_days) {
  assert_int64_equal(row->kind, kind);
  assert_string_equal(name_of(at, row->stage), stage);
  assert_int64_equal(row->counts.deals, deals);
  assert_int64_equal(row->counts.deal_days, deal_days);
  assert_int64_equal(row->counts.won_days, won_days);
  assert_real_equal(row->win_rate, (double)won_days / (double)deal_days);
}

static void count_rates(ph_win_rates *rates, fixture *at, ph_day as_of, int32_t horizon_days) {
  int64_t least = ph_policy_integer(&at->pipeline.history.policy, PH_POLICY_MIN_CLASS_DEALS);
  ph_win_rates_begin(rates, ph_pipeline_runs(&at->pipeline, &at->status), least, as_of, horizon_days,
                     &at->status);
}

static void test_win_rates(void **state) {
  (void)state;
  fixture at;
  ph_win_rate_row *rows = NULL;
  size_t count = 0;
  fixture_begin(&at, &(fixture_rows){RATES});
  ph_win_rate_rows(&at.pipeline, fixture_day("2022-03-01"), 10, &rows, &count, &at.status);
  assert_int64_equal(count, 4);
  check_rate(&at, &rows[0], PH_CLASS_STAGE_VERDICT, "A", 2, 15, 0);
  check_rate(&at, &rows[1], PH_CLASS_STAGE_VERDICT, "B", 1, 15, 10);
  check_rate(&at, &rows[2], PH_CLASS_VERDICT, "", 2, 30, 10);
  check_rate(&at, &rows[3], PH_CLASS_ALL, "", 2, 30, 10);
  ph_release(at.pipeline.memory, rows);
  rows = NULL;
  count = 0;
  ph_win_rate_rows(&at.pipeline, fixture_day("2022-01-25"), 10, &rows, &count,
                   &at.status); /* days to 2022-01-15 */
  assert_int64_equal(count, 4);
  check_rate(&at, &rows[3], PH_CLASS_ALL, "", 2, 25, 5);
  ph_win_rates rates;
  count_rates(&rates, &at, fixture_day("2022-03-01"), 10);
  size_t b = at.pipeline.runs.stage_place[ph_interned(&at.pipeline.history.names, "B", 1)] - 1;
  size_t a = at.pipeline.runs.stage_place[ph_interned(&at.pipeline.history.names, "A", 1)] - 1;
  assert_real_equal(ph_win_rate_of(&rates, a, PH_VERDICT_PROGRESSING), 0);         /* two deals: enough */
  assert_real_equal(ph_win_rate_of(&rates, b, PH_VERDICT_PROGRESSING), 10.0 / 30); /* that of its verdict */
  assert_real_equal(ph_win_rate_of(&rates, b, PH_VERDICT_DEAD), 10.0 / 30);        /* that of all */
  ph_win_rates_end(&rates);
  count_rates(&rates, &at, fixture_day("2022-01-05"), 10);
  assert_real_equal(ph_win_rate_of(&rates, b, PH_VERDICT_PROGRESSING), NAN);
  ph_win_rates_end(&rates);
  fixture_end(&at, rows);
}

/* More days and horizons than are kept, twice: what is kept is what would be counted anew. */
static void test_win_rates_are_kept(void **state) {
  (void)state;
  enum { TIMES = 600, HORIZONS = 40 };
  fixture at;
  fixture_begin(&at, &(fixture_rows){RATES});
  for (int time = 0; time < TIMES; time++) {
    ph_day day = fixture_day("2022-01-10") + time / HORIZONS % 12;
    ph_win_rates counted;
    const ph_win_rates *kept = ph_pipeline_win_rates(&at.pipeline, day, time % HORIZONS, &at.status);
    count_rates(&counted, &at, day, time % HORIZONS);
    assert_non_null(kept);
    assert_int64_equal(kept->as_of, day);
    assert_int64_equal(kept->horizon_days, time % HORIZONS);
    assert_memory_equal(kept->verdicts, counted.verdicts, sizeof counted.verdicts);
    assert_memory_equal(kept->classes, counted.classes,
                        counted.stage_count * PH_VERDICT_COUNT * sizeof *counted.classes);
    assert_ptr_equal(ph_pipeline_win_rates(&at.pipeline, day, time % HORIZONS, &at.status), kept);
    ph_win_rates_end(&counted);
  }
  fixture_end(&at, NULL);
}

/* ---- parts ---- */

/* Wins, of which most are deals that were created after they had closed, against a sum over all deals. */
static void test_late_wins(void **state) {
  (void)state;
  enum { DEALS = 300, ROW = 80 };
  static char deals[DEALS * ROW];
  uint64_t seed = 7;
  fixture at;
  ph_day first = fixture_day("2021-01-01");
  deals[0] = 0;
  for (int deal = 0; deal < DEALS; deal++) {
    char created[PH_DAY_TEXT_BYTES], closed[PH_DAY_TEXT_BYTES];
    ph_day_format(first + test_draw_below(&seed, 400), created);
    ph_day_format(first + test_draw_below(&seed, 300), closed);
    sprintf(deals + strlen(deals), "%d,,%s,,,A,%d,%s,,%s,%s\n", deal, deal % 3 ? "ann" : "bob",
            test_draw_below(&seed, 1000), created, closed, deal % 5 ? "won" : "lost");
  }
  fixture_begin(&at, &(fixture_rows){.deals = deals});
  const ph_history *history = &at.pipeline.history;
  const ph_wins *wins = ph_pipeline_wins(&at.pipeline, PH_SCOPE_OWNER, &at.status);
  uint32_t ann = ph_interned(&history->names, "ann", 3);
  for (int round = 0; round < 2000; round++) {
    ph_day from = first + test_draw_below(&seed, 320) - 10, to = from + test_draw_below(&seed, 200) - 5;
    ph_day day = (to > from ? to : from) + test_draw_below(&seed, 200);
    ph_money_sum sum = {0, 0};
    int64_t expected = 0;
    for (size_t deal = 0; deal < history->deal_count; deal++) {
      const ph_deal *row = &history->deals[deal];
      if (row->outcome == PH_OUTCOME_WON && row->owner == ann && row->created <= day &&
          row->closing >= from && row->closing <= to)
        expected += row->amount;
    }
    ph_wins_add(wins, ann, from, to, day, &sum);
    assert_int64_equal(ph_money_value(&sum, "wins", &at.status), expected);
  }
  fixture_end(&at, NULL);
}

/* What is dropped is made again, and says no bytes in between. */
static void test_parts_are_dropped(void **state) {
  (void)state;
  fixture at;
  ph_coverage_row *rows = NULL, *again = NULL;
  size_t count, count_again, bytes;
  ph_day day = fixture_day("2022-02-28");
  fixture_begin(&at, &(fixture_rows){.quotas = "2022-01-01,2022-03-31,1000,ann", FLOW});
  assert_int64_equal(ph_pipeline_derived_bytes(&at.pipeline), 0);
  assert_false(ph_pipeline_drop_part(&at.pipeline));
  ph_coverage_on(&at.pipeline, day, PH_SCOPE_OWNER, &rows, &count, &at.status);
  ph_pipeline_win_rates(&at.pipeline, day, 20, &at.status);
  ph_pipeline_integrity(&at.pipeline, PH_SCOPE_TEAM, &at.status);
  ph_pipeline_order(&at.pipeline, &at.status);
  int parts = 0;
  while (ph_pipeline_drop_part(&at.pipeline)) parts++;
  assert_int64_equal(parts, 7); /* order, rates, runs, integrity, claims, wins, spans */
  assert_int64_equal(ph_pipeline_derived_bytes(&at.pipeline), 0);
  ph_coverage_on(&at.pipeline, day, PH_SCOPE_OWNER, &again, &count_again, &at.status);
  assert_int64_equal(count, count_again);
  assert_int64_equal(again->claimed_amount, rows->claimed_amount);
  assert_int64_equal(again->won_amount, rows->won_amount);
  bytes = ph_pipeline_derived_bytes(&at.pipeline);
  assert_true(bytes > 0);
  ph_release(at.pipeline.memory, again);
  fixture_end(&at, rows);
}

static void test_periods_until(void **state) {
  (void)state;
  static const char *const periods[][2] = {{"2022-01-01", "2022-03-31"},
                                           {"2022-02-01", "2022-02-28"},
                                           {"2022-01-03", "2022-01-09"},
                                           {"2022-01-01", "2022-01-01"}};
  for (size_t at = 0; at < sizeof periods / sizeof *periods; at++) {
    ph_period period = {fixture_day(periods[at][0]), fixture_day(periods[at][1])}, before;
    for (ph_day day = fixture_day("2019-06-01"); day < fixture_day("2022-06-01"); day += 1 + day % 4) {
      int32_t k = 0;
      while (ph_period_before(period, k, &before) && before.end >= day) k++;
      assert_int64_equal(ph_periods_until(period, day), k);
    }
  }
}

/* ---- memory, interrupts ---- */

static uint64_t measure(ph_status *status) {
  ph_pipeline pipeline;
  uint64_t result = TEST_MIX_BEGIN;
  ph_integrity_row *integrity = NULL;
  ph_coverage_row *coverage = NULL;
  ph_flow_row *flow = NULL;
  ph_velocity_row *velocity = NULL;
  ph_win_rate_row *rates = NULL;
  size_t counts[5] = {0};
  ph_day day = fixture_day("2022-02-28");
  pipeline_begin(&pipeline, &(fixture_rows){.quotas = "2022-01-01,2022-03-31,1000,ann", FLOW}, status);
  ph_integrity_on(&pipeline, day, PH_SCOPE_OWNER, &integrity, &counts[0], status);
  ph_coverage_on(&pipeline, day, PH_SCOPE_OWNER, &coverage, &counts[1], status);
  ph_flow_between(&pipeline, day - 28, day, PH_SCOPE_OWNER, NULL, &flow, &counts[2], status);
  ph_velocity_on(&pipeline, day, &velocity, &counts[3], status);
  ph_win_rate_rows(&pipeline, day, 20, &rates, &counts[4], status);
  if (!ph_failed(status)) {
    result = test_mix(result, counts, sizeof counts);
    for (size_t row = 0; row < counts[0]; row++) result = test_mix_number(result, integrity[row].real_amount);
    for (size_t row = 0; row < counts[1]; row++)
      result = test_mix_number(result, coverage[row].claimed_amount);
    for (size_t row = 0; row < counts[2]; row++)
      result = test_mix_number(result, flow[row].amount[PH_FLOW_ENDING]);
    for (size_t row = 0; row < counts[4]; row++) result = test_mix_number(result, rates[row].counts.won_days);
  }
  ph_release(status->memory, integrity);
  ph_release(status->memory, coverage);
  ph_release(status->memory, flow);
  ph_release(status->memory, velocity);
  ph_release(status->memory, rates);
  ph_pipeline_end(&pipeline);
  return result;
}

static void test_measures_disturbed(void **state) {
  (void)state;
  test_short_of_memory(measure);
  test_interrupted(measure);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_groups),
      cmocka_unit_test(test_periods_before),
      cmocka_unit_test(test_quotas),
      cmocka_unit_test(test_coverage),
      cmocka_unit_test(test_coverage_verdicts),
      cmocka_unit_test(test_flow),
      cmocka_unit_test(test_flow_edges),
      cmocka_unit_test(test_velocity),
      cmocka_unit_test(test_win_rates),
      cmocka_unit_test(test_win_rates_are_kept),
      cmocka_unit_test(test_periods_until),
      cmocka_unit_test(test_late_wins),
      cmocka_unit_test(test_parts_are_dropped),
      cmocka_unit_test(test_measures_disturbed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
