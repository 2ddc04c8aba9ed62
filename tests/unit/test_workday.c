/*
** Checks working days (specification, section 2) against counting day by day.
*/
#include "base/workday.h"
#include "support.h"

static test_memory memory;
static ph_status status;

static bool is_listed(const ph_day *days, size_t count, ph_day day) {
  for (size_t index = 0; index < count; index++)
    if (days[index] == day) return true;
  return false;
}

/* Compares with a count day by day: every start within two weeks, every end within `length` days behind
** it. */
static void check_against_counting(ph_weekend weekend, const ph_day *holidays, size_t count, ph_day start,
                                   int length) {
  ph_workdays workdays;
  ph_workdays_begin(&workdays, weekend, holidays, count, &status);
  for (ph_day from = start; from < start + 14; from++) {
    int32_t counted = 0;
    assert_int64_equal(ph_workdays_after(&workdays, from, 0), from);
    for (ph_day to = from; to <= from + length; to++) {
      bool works = !(weekend >> ph_weekday(to) & 1) && !is_listed(holidays, count, to);
      if (ph_is_workday(&workdays, to) != works) fail_msg("weekend %d, day %d", weekend, (int)to);
      if (to > from && works) {
        counted++;
        if (ph_workdays_after(&workdays, from, counted) != to)
          fail_msg("weekend %d: %d working days after %d is %d, expected %d", weekend, (int)counted,
                   (int)from, (int)ph_workdays_after(&workdays, from, counted), (int)to);
      }
      if (ph_workdays_between(&workdays, from, to) != counted ||
          ph_workdays_between(&workdays, to, from) != -counted)
        fail_msg("weekend %d: %d working days in (%d, %d], expected %d", weekend,
                 (int)ph_workdays_between(&workdays, from, to), (int)from, (int)to, (int)counted);
    }
  }
  ph_workdays_end(&workdays, &memory.memory);
}

/* Each of the 128 weekends, from each weekday, with holidays of every density. */
static void test_every_weekend(void **state) {
  (void)state;
  uint64_t seed = 3;
  const ph_day start = 738000;
  for (int weekend = 0; weekend <= PH_WEEKEND_WHOLE_WEEK; weekend++)
    for (int density = 0; density < 5; density++) {
      ph_day holidays[400];
      size_t count = 0;
      for (ph_day day = start - 70; density > 0 && day < start + 230; day++)
        if (test_draw_below(&seed, 1 << (2 * (4 - density))) == 0) holidays[count++] = day;
      for (size_t index = count; index > 1; index--) { /* in any order, one of them twice */
        size_t other = (size_t)test_draw_below(&seed, (int)index);
        ph_day day = holidays[index - 1];
        holidays[index - 1] = holidays[other];
        holidays[other] = day;
      }
      if (count > 0) holidays[count++] = holidays[0];
      check_against_counting((ph_weekend)weekend, holidays, count, start, 150);
    }
}

static void test_ends_of_the_calendar(void **state) {
  (void)state;
  const ph_day holidays[] = {0, PH_DAY_LAST, PH_DAY_NONE, PH_DAY_NEVER, 1000000};
  ph_workdays workdays;
  ph_workdays_begin(&workdays, 1 << 5 | 1 << 6, holidays, 5, &status);
  assert_int64_equal(ph_workdays_between(&workdays, 0, PH_DAY_LAST),
                     PH_DAY_LAST / 7 * 5 + 4 - 2); /* without 1000000 and the last */
  assert_int64_equal(ph_workdays_after(&workdays, 0, 1), 1);
  assert_int64_equal(ph_workdays_after(&workdays, PH_DAY_LAST - 1, 1), PH_DAY_NEVER);
  assert_int64_equal(ph_workdays_after(&workdays, PH_DAY_LAST, INT64_MAX), PH_DAY_NEVER);
  assert_int64_equal(ph_workdays_after(&workdays, 0, PH_DAY_LAST), PH_DAY_NEVER);
  assert_int64_equal(ph_workdays_between(&workdays, PH_DAY_LAST, PH_DAY_NEVER), 0); /* a Saturday */
  ph_workdays_end(&workdays, &memory.memory);
  ph_workdays_begin(&workdays, PH_WEEKEND_NONE, NULL, 0, &status);
  assert_int64_equal(ph_workdays_between(&workdays, 5, 3), -2);
  assert_int64_equal(ph_workdays_after(&workdays, PH_DAY_LAST, 1), PH_DAY_NEVER);
  assert_int64_equal(ph_workdays_after(&workdays, PH_DAY_LAST - 1, 1), PH_DAY_LAST);
  ph_workdays_end(&workdays, &memory.memory);
}

static void test_weekends_in_text(void **state) {
  (void)state;
  ph_weekend weekend = 99;
  assert_true(ph_weekend_read("0000011", 7, &weekend));
  assert_int64_equal(weekend, 1 << 5 | 1 << 6);
  assert_true(ph_weekend_read("1000000", 7, &weekend));
  assert_int64_equal(weekend, 1);
  assert_true(ph_weekend_read("1111111", 7, &weekend));
  assert_int64_equal(weekend, PH_WEEKEND_WHOLE_WEEK);
  assert_false(ph_weekend_read("000001", 6, &weekend));
  assert_false(ph_weekend_read("00000110", 8, &weekend));
  assert_false(ph_weekend_read("0000012", 7, &weekend));
  assert_false(ph_weekend_read("", 0, &weekend));
}

static uint64_t job(ph_status *of_job) {
  const ph_day holidays[] = {700000, 738001};
  ph_workdays workdays;
  ph_workdays_begin(&workdays, 3, holidays, 2, of_job);
  uint64_t result = (uint64_t)ph_workdays_between(&workdays, 738000, 738100);
  ph_workdays_end(&workdays, of_job->memory);
  return result;
}

static void test_short_of_memory_here(void **state) {
  (void)state;
  test_short_of_memory(job);
}

int main(void) {
  test_memory_begin(&memory, &status);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_weekend),
      cmocka_unit_test(test_ends_of_the_calendar),
      cmocka_unit_test(test_weekends_in_text),
      cmocka_unit_test(test_short_of_memory_here),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return failed + (memory.blocks != 0);
}
