/*
** Checks working days where deals are judged by them (specification, section 2): on the day before stalls_on
** a deal that is left alone is neither stalled nor dead, on that day it is, and from then on stalled_since
** names it. For every weekend, holidays of everybody and of a team, every weekday, and limits of each kind.
*/
#include "timeline_fixture.h"

enum { STARTS = 7, HOLIDAYS = 40, ROW_BYTES = 32 };

static bool is_stalled(const fixture *at, const ph_deal *deal, const ph_deal_state *state, ph_day day) {
  return ph_verdict_is_stalled(ph_deal_judge(&at->rules, deal, state, day).verdict);
}

/* Working days in (from, to], counted one by one. */
static int count_workdays(const fixture *at, const ph_deal *deal, ph_day from, ph_day to) {
  const ph_workdays *workdays = ph_history_workdays(&at->history, deal->team);
  int count = 0;
  for (ph_day day = from + 1; day <= to; day++) count += ph_is_workday(workdays, day);
  return count;
}

/* stalls_on and stalled_since of a deal whose clocks began on `start`, and whose limit is `limit` working
** days. */
static void check_inverse(fixture *at, size_t index, ph_day start, int limit) {
  const ph_deal *deal = &at->history.deals[index];
  ph_deal_state state;
  ph_span span;
  ph_deal_state_on(&at->rules, index, start, &state);
  ph_day stalls = ph_deal_stalls_on(&at->rules, deal, &state);
  assert_int64_equal(count_workdays(at, deal, start, stalls), limit);
  assert_true(ph_is_workday(ph_history_workdays(&at->history, deal->team), stalls));
  assert_false(is_stalled(at, deal, &state, stalls - 1));
  for (ph_day day = start; day < stalls; day++) {
    assert_true(ph_timeline_span(&at->timeline, index, day, &span));
    assert_false(ph_verdict_is_stalled(span.verdict));
  }
  for (ph_day day = stalls; day < stalls + 9; day++) {
    assert_true(is_stalled(at, deal, &state, day));
    assert_true(ph_timeline_span(&at->timeline, index, day, &span));
    assert_true(ph_verdict_is_stalled(span.verdict));
    assert_int64_equal(ph_deal_stalled_since(&at->rules, index, &state, day), stalls);
  }
}

typedef struct limits {
  const char *policy;
  int working_days; /* behind the creation on which a silent deal stalls */
} limits;

static const limits all_limits[] = {
    {"idle_days,4\nuntouched_days,36500\n", 5}, /* more than four */
    {"idle_days,0\nuntouched_days,36500\n", 1},
    {"idle_days,36500\nuntouched_days,6\n", 6},
    {"idle_days,36500\nuntouched_days,36500\nmeetings_since,2000-01-01\nsecond_meeting_days,7\n", 7},
    {"idle_days,30\nuntouched_days,25\n", 25},
};

/* A deal of each team a day, for a week. */
static void write_deals(char deals[2 * STARTS * 2 * ROW_BYTES], ph_day first) {
  char day[PH_DAY_TEXT_BYTES];
  deals[0] = 0;
  for (int deal = 0; deal < 2 * STARTS; deal++) {
    ph_day_format(first + deal / 2, day);
    sprintf(deals + strlen(deals), "%d,,,%s,,A,1,%s,,,open\n", deal, deal % 2 == 0 ? "east" : "west", day);
  }
}

static void write_holidays(char holidays[HOLIDAYS * ROW_BYTES], ph_day first, int count, uint64_t *seed) {
  char day[PH_DAY_TEXT_BYTES];
  holidays[0] = 0;
  for (int holiday = 0; holiday < count; holiday++) {
    ph_day_format(first + test_draw_below(seed, 60), day);
    sprintf(holidays + strlen(holidays), "%s%s\n", day, test_draw_below(seed, 2) == 0 ? "" : ",west");
  }
}

static void test_stalls_on_is_the_inverse(void **state) {
  (void)state;
  static char deals[2 * STARTS * 2 * ROW_BYTES], holidays[HOLIDAYS * ROW_BYTES];
  uint64_t seed = 11;
  ph_day first = fixture_day("2022-06-01");
  write_deals(deals, first);
  for (int weekend = 0; weekend < PH_WEEKEND_WHOLE_WEEK; weekend++)
    for (size_t limit = 0; limit < sizeof all_limits / sizeof *all_limits; limit++) {
      char policy[256], digits[8] = "0000000";
      fixture at;
      for (int weekday = 0; weekday < 7; weekday++) digits[weekday] = (char)('0' + (weekend >> weekday & 1));
      snprintf(policy, sizeof policy, "%s" FIXTURE_EVIDENCE "weekend,=%s", all_limits[limit].policy, digits);
      write_holidays(holidays, first, weekend % 4 * 13, &seed);
      fixture_begin(&at, &(fixture_rows){.policy = policy, .holidays = holidays, .deals = deals});
      for (size_t deal = 0; deal < at.history.deal_count; deal++)
        check_inverse(&at, deal, at.history.deals[deal].created, all_limits[limit].working_days);
      fixture_end(&at);
    }
}

/* The silence of a deal that is older than the evidence counts from the first day of the evidence. */
static void test_clocks_that_begin_with_the_evidence(void **state) {
  (void)state;
  for (int start = 0; start < STARTS; start++) {
    fixture at;
    char policy[128], day[PH_DAY_TEXT_BYTES];
    ph_day first = fixture_day("2022-06-01") + start;
    ph_day_format(first, day);
    snprintf(policy, sizeof policy, "weekend,=0000011\nidle_days,4\nprogress_since,%s", day);
    fixture_begin(&at,
                  &(fixture_rows){.policy = policy,
                                  .holidays = "2022-06-06\n2022-06-07,east",
                                  .deals = "1,,,east,,A,1,2022-01-01,,,open\n2,,,,,A,1,2022-01-01,,,open"});
    for (size_t deal = 0; deal < 2; deal++) check_inverse(&at, deal, first, 5);
    fixture_end(&at);
  }
}

/* ---- holidays by team ---- */

static void check_team(const fixture *at, const char *team, const char *expected) {
  const ph_interner *names = &at->history.names;
  const ph_workdays *workdays = ph_history_workdays(&at->history, ph_interned(names, team, strlen(team)));
  char shown[15] = "";
  for (int day = 0; day < 14; day++)
    shown[day] = ph_is_workday(workdays, fixture_day("2022-06-06") + day) ? 'w' : '-'; /* from a Monday on */
  assert_string_equal(shown, expected);
}

static void test_holidays_of_teams(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){.policy = "weekend,=0000011",
                           .holidays = "2022-06-08\n2022-06-09,east\n2022-06-10,west\n2022-06-11,east\n"
                                       "2022-06-08,east\n13 Jun 2022,\nWhitsun,east\n,\n2022-06-14,nobody",
                           .deals = "1,,,east,,A,1,2022-01-01,,,open\n2,,,west,,A,1,2022-01-01,,,open\n"
                                    "3,,,south,,A,1,2022-01-01,,,open\n4,,,,,A,1,2022-01-01,,,open"});
  check_team(&at, "east", "ww--w---wwww--");
  check_team(&at, "west", "ww-w----wwww--");
  check_team(&at, "south", "ww-ww---wwww--");
  check_team(&at, "nobody", "ww-ww----www--");
  assert_int64_equal(at.history.workday_count, 4);
  assert_int64_equal(at.history.problems.counts[PH_HOLIDAY_DAY_BAD].rows, 2);
  fixture_end(&at);
  fixture_begin(&at, &(fixture_rows){.deals = "1,,,east,,A,1,2022-01-01,,,open"});
  check_team(&at, "east", "wwwwwwwwwwwwww");
  assert_null(at.history.workdays_of_team);
  fixture_end(&at);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stalls_on_is_the_inverse),
      cmocka_unit_test(test_clocks_that_begin_with_the_evidence),
      cmocka_unit_test(test_holidays_of_teams),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
