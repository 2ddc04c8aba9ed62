/*
** Checks sorting and statistics.
*/
#include "base/sort.h"
#include "base/statistics.h"
#include "support.h"

#include <inttypes.h>

/* ---- sorting ---- */

static int compare_keys(const void *context, uint32_t left, uint32_t right) {
  const int *keys = context;
  return (keys[left] > keys[right]) - (keys[left] < keys[right]);
}

static const size_t counts[] = {0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 100, 1000, 4096, 4097};
enum { COUNTS = sizeof counts / sizeof *counts, MOST = 4097, SHAPES = 5 };

/* Random with many ties, all equal, ascending, descending, ascending but for a few. */
static void draw_keys(int *keys, size_t count, int shape, uint64_t *seed) {
  for (size_t at = 0; at < count; at++) {
    switch (shape) {
    case 0: keys[at] = test_draw_below(seed, 10); break;
    case 1: keys[at] = 7; break;
    case 2: keys[at] = (int)at / 3; break;
    case 3: keys[at] = (int)(count - at) / 3; break;
    default: keys[at] = test_draw_below(seed, 50) == 0 ? test_draw_below(seed, (int)count) : (int)at; break;
    }
  }
}

static void test_sorting_is_stable(void **state) {
  (void)state;
  static int keys[MOST];
  uint64_t seed = 1;
  test_memory memory;
  ph_status status;
  for (int at = 0; at < COUNTS; at++)
    for (int shape = 0; shape < SHAPES; shape++) {
      size_t count = counts[at];
      test_memory_begin(&memory, &status);
      draw_keys(keys, count, shape, &seed);
      uint32_t *sorted = ph_sorted_indexes(count, compare_keys, keys, &status);
      assert_non_null(sorted);
      char seen[MOST] = {0};
      for (size_t place = 0; place < count; place++) {
        assert_true(sorted[place] < count && !seen[sorted[place]]);
        seen[sorted[place]] = 1;
        if (place == 0) continue;
        int order = compare_keys(keys, sorted[place - 1], sorted[place]);
        assert_true(order < 0 || (order == 0 && sorted[place - 1] < sorted[place]));
      }
      ph_release(&memory.memory, sorted);
      test_memory_end(&memory, &status);
    }
}

/* Equal elements keep the order they stand in, whatever their numbers are. */
static void test_sorting_in_place(void **state) {
  (void)state;
  static const int keys[] = {3, 1, 1, 3, 2, 1};
  uint32_t indexes[] = {5, 3, 0, 2, 4, 1};
  static const uint32_t expected[] = {5, 2, 1, 4, 3, 0};
  test_memory memory;
  ph_status status;
  test_memory_begin(&memory, &status);
  ph_sort_indexes(indexes, 6, compare_keys, keys, &status);
  assert_memory_equal(indexes, expected, sizeof expected);
  test_memory_end(&memory, &status);
}

static uint64_t sort_some(ph_status *status) {
  static int keys[1000];
  uint64_t seed = 2, result = TEST_MIX_BEGIN;
  draw_keys(keys, 1000, 0, &seed);
  uint32_t *sorted = ph_sorted_indexes(1000, compare_keys, keys, status);
  if (sorted != NULL) result = test_mix(result, sorted, 1000 * sizeof *sorted);
  ph_release(status->memory, sorted);
  return result;
}

static void test_sorting_disturbed(void **state) {
  (void)state;
  test_short_of_memory(sort_some);
  test_interrupted(sort_some);
}

static bool stop_at_once(void *context) {
  (void)context;
  return true;
}

static void test_sorting_stops(void **state) {
  (void)state;
  static int keys[1 << 19];
  uint64_t seed = 3;
  test_memory memory;
  ph_status status;
  draw_keys(keys, 1 << 19, 0, &seed);
  test_memory_begin(&memory, &status);
  status.stop = stop_at_once;
  assert_null(ph_sorted_indexes(1 << 19, compare_keys, keys, &status));
  assert_int64_equal(status.code, PH_INTERRUPTED);
  assert_int64_equal(memory.blocks, 0);
}

/* ---- statistics ---- */

static const ph_fraction LOWEST = {0, 1}, QUARTER = {1, 4}, MEDIAN = {1, 2}, UPPER_QUARTER = {3, 4},
                         P90 = {9, 10}, HIGHEST = {1, 1};

static void test_quantiles(void **state) {
  (void)state;
  static const double four[] = {1, 2, 3, 4}, five[] = {10, 20, 30, 40, 50}, one[] = {7}, two[] = {-1, 3};
  assert_real_equal(ph_quantile(four, 4, LOWEST), 1);
  assert_real_equal(ph_quantile(four, 4, QUARTER), 1.75);
  assert_real_equal(ph_quantile(four, 4, MEDIAN), 2.5);
  assert_real_equal(ph_quantile(four, 4, UPPER_QUARTER), 3.25);
  assert_real_equal(ph_quantile(four, 4, HIGHEST), 4);
  assert_real_equal(ph_quantile(five, 5, P90), 46);
  assert_real_equal(ph_quantile(five, 5, MEDIAN), 30);
  assert_real_equal(ph_quantile(one, 1, LOWEST), 7);
  assert_real_equal(ph_quantile(one, 1, P90), 7);
  assert_real_equal(ph_quantile(two, 2, MEDIAN), 1);
  assert_real_equal(ph_quantile(two, 2, UPPER_QUARTER), 2);
}

/* The quantile of whole numbers is the double nearest to the true one: a tenth more is the next tenth. */
static void test_quantiles_of_whole_numbers(void **state) {
  (void)state;
  for (size_t count = 2; count <= 60; count++) {
    double days[60];
    for (size_t index = 0; index < count; index++) days[index] = 7.0 * (double)(index * index) - 3;
    for (uint64_t tenths = 0; tenths <= 10; tenths++) {
      size_t below = (count - 1) * (size_t)tenths / 10, weight = (count - 1) * (size_t)tenths % 10;
      int64_t in_tenths =
          10 * (7 * (int64_t)(below * below) - 3) + (int64_t)weight * 7 * (2 * (int64_t)below + 1);
      char text[32];
      snprintf(text, sizeof text, "%s%" PRId64 ".%" PRId64, in_tenths < 0 ? "-" : "",
               (in_tenths < 0 ? -in_tenths : in_tenths) / 10, (in_tenths < 0 ? -in_tenths : in_tenths) % 10);
      assert_real_equal(ph_quantile(days, count, (ph_fraction){tenths, 10}), strtod(text, NULL));
    }
  }
}

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void test_sorting_numbers(void **state) {
  (void)state;
  static double values[MOST], expected[MOST];
  uint64_t seed = 4;
  for (int at = 0; at < COUNTS; at++)
    for (int kind = 0; kind < 3; kind++) {
      size_t count = counts[at];
      for (size_t place = 0; place < count; place++)
        values[place] = kind == 0   ? (double)test_draw_below(&seed, 20) - 10
                        : kind == 1 ? (double)place
                                    : (double)(test_draw(&seed) >> 11) / 1e3;
      memcpy(expected, values, sizeof values);
      qsort(expected, count, sizeof *expected, compare_doubles);
      ph_sort_doubles(values, count);
      assert_memory_equal(values, expected, count * sizeof *values);
    }
}

static void test_wilson(void **state) {
  (void)state;
  static const struct {
    double successes, trials, low, high;
  } golden[] = {{0, 10, 0.000000, 0.277533},   {3, 10, 0.107791, 0.603222},  {12, 30, 0.245906, 0.576796},
                {25, 100, 0.175452, 0.343045}, {10, 10, 0.722467, 1.000000}, {7, 10, 0.396778, 0.892209},
                {1, 1, 0.206549, 1.000000}};
  double low, high;
  for (size_t at = 0; at < sizeof golden / sizeof *golden; at++) {
    ph_wilson_interval(golden[at].successes / golden[at].trials, golden[at].trials, &low, &high);
    assert_real_near(low, golden[at].low, 5e-7);
    assert_real_near(high, golden[at].high, 5e-7);
  }
  ph_wilson_interval(0, 10, &low, &high);
  assert_real_equal(low, 0);
  ph_wilson_interval(1, 10, &low, &high);
  assert_real_equal(high, 1);
}

/* The interval holds the rate, lies in [0, 1] and shrinks with more trials. */
static void test_wilson_properties(void **state) {
  (void)state;
  for (int rate = 0; rate <= 100; rate++) {
    double width = 1;
    for (int trials = 1; trials <= 100000; trials *= 3) {
      double low, high;
      ph_wilson_interval(rate / 100.0, trials, &low, &high);
      assert_true(low >= 0 && low <= rate / 100.0 && high >= rate / 100.0 && high <= 1);
      assert_true(high - low < width);
      width = high - low;
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sorting_is_stable), cmocka_unit_test(test_sorting_in_place),
      cmocka_unit_test(test_sorting_disturbed), cmocka_unit_test(test_sorting_stops),
      cmocka_unit_test(test_quantiles),         cmocka_unit_test(test_quantiles_of_whole_numbers),
      cmocka_unit_test(test_sorting_numbers),   cmocka_unit_test(test_wilson),
      cmocka_unit_test(test_wilson_properties),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
