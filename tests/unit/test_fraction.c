/*
** Checks exact fractions.
*/
#include "base/fraction.h"
#include "base/statistics.h"
#include "support.h"

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b) {
  while (b != 0) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* Whatever simple share was written down as a number comes back as itself, in lowest terms. */
static void test_reals(void **state) {
  (void)state;
  for (uint64_t denominator = 1; denominator <= 1000; denominator++)
    for (uint64_t numerator = 0; numerator <= denominator; numerator++) {
      ph_fraction found = ph_fraction_of_real((double)numerator / (double)denominator);
      uint64_t common = greatest_common_divisor(numerator, denominator);
      if (found.numerator != numerator / common || found.denominator != denominator / common)
        fail_msg("%d/%d", (int)numerator, (int)denominator);
    }
  assert_int64_equal(ph_fraction_of_real(1e-13).numerator, 0);
  assert_real_equal(ph_fraction_to_real((ph_fraction){1, 8}), 0.125);
  assert_real_equal(ph_fraction_to_real((ph_fraction){0, 0}), NAN);
  assert_true(ph_fraction_is_known((ph_fraction){0, 1}));
  assert_false(ph_fraction_is_known((ph_fraction){0, 0}));
}

static void test_random_reals(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (int round = 0; round < 20000; round++) {
    double share = (double)(test_draw(&seed) >> 11) / 9007199254740992.0;
    assert_real_near(ph_fraction_to_real(ph_fraction_of_real(share)), share, 1e-12);
  }
}

static int sign_of(int order) {
  return (order > 0) - (order < 0);
}

static void test_comparison(void **state) {
  (void)state;
  uint64_t seed = 2;
  for (int round = 0; round < 20000; round++) {
    uint64_t a = test_draw(&seed) >> 33, b = 1 + (test_draw(&seed) >> 33), c = test_draw(&seed) >> 33,
             d = 1 + (test_draw(&seed) >> 33);
    if (round % 3 == 0) { /* the same value in other terms */
      a %= 1000;
      b = 1 + b % 1000;
      c = a * 77;
      d = b * 77;
    }
    int expected = (a * d > c * b) - (a * d < c * b);
    assert_int64_equal(sign_of(ph_fraction_compare((ph_fraction){a, b}, (ph_fraction){c, d})), expected);
  }
  ph_fraction almost = {UINT64_MAX - 1, UINT64_MAX}, less = {UINT64_MAX - 2, UINT64_MAX - 1};
  assert_true(ph_fraction_compare(almost, less) > 0); /* no double tells them apart */
  assert_true(ph_fraction_compare(less, almost) < 0);
  assert_int64_equal(ph_fraction_compare(almost, almost), 0);
}

static int compare_fractions(const void *left, const void *right) {
  return ph_fraction_compare(*(const ph_fraction *)left, *(const ph_fraction *)right);
}

static void test_upper_quartiles(void **state) {
  (void)state;
  uint64_t seed = 3;
  ph_fraction two[] = {{1, 4}, {1, 2}}, one[] = {{2, 3}};
  assert_int64_equal(ph_fraction_compare(ph_fraction_upper_quartile(two, 2), (ph_fraction){7, 16}), 0);
  assert_int64_equal(ph_fraction_compare(ph_fraction_upper_quartile(one, 1), (ph_fraction){2, 3}), 0);
  for (size_t count = 1; count < 60; count++) {
    ph_fraction fractions[60];
    double reals[60];
    for (size_t index = 0; index < count; index++) {
      uint64_t denominator = 1 + (test_draw(&seed) >> 33) % (count % 2 == 0 ? 20 : INT32_MAX);
      fractions[index] = (ph_fraction){test_draw(&seed) % (denominator + 1), denominator};
    }
    qsort(fractions, count, sizeof *fractions, compare_fractions);
    for (size_t index = 0; index < count; index++) reals[index] = ph_fraction_to_real(fractions[index]);
    assert_real_near(ph_fraction_to_real(ph_fraction_upper_quartile(fractions, count)),
                     ph_quantile(reals, count, (ph_fraction){3, 4}), 1e-15);
  }
}

static void test_small_ceilings(void **state) {
  (void)state;
  for (uint64_t a = 0; a <= 12; a++)
    for (uint64_t b = 0; b <= 12; b++)
      for (uint64_t c = 1; c <= 12; c++)
        for (uint64_t d = 1; d <= 12; d++) {
          int64_t ceiling = -1;
          const uint64_t numerators[4] = {a, b, 5, 3}, denominators[3] = {c, d, 2};
          assert_true(ph_ceiling(numerators, denominators, &ceiling));
          assert_int64_equal(ceiling, (a * b * 15 + c * d * 2 - 1) / (c * d * 2));
        }
}

static void test_large_ceilings(void **state) {
  (void)state;
  const uint64_t most = UINT64_MAX, half = (uint64_t)1 << 63;
  static const uint64_t ones[3] = {1, 1, 1};
  int64_t ceiling;
  assert_true(ph_ceiling((const uint64_t[]){half - 1, 1, 1, 1}, ones, &ceiling));
  assert_int64_equal(ceiling, INT64_MAX);
  assert_false(ph_ceiling((const uint64_t[]){half, 1, 1, 1}, ones, &ceiling));
  assert_false(ph_ceiling((const uint64_t[]){most, most, most, 1}, ones, &ceiling));
  assert_false(ph_ceiling((const uint64_t[]){half - 1, 3, 1, 1}, (const uint64_t[]){2, 1, 1}, &ceiling));
  assert_true(
      ph_ceiling((const uint64_t[]){most, most, 5, most}, (const uint64_t[]){most, most, most}, &ceiling));
  assert_int64_equal(ceiling, 5);
  assert_true(ph_ceiling((const uint64_t[]){most, most, 5, most}, (const uint64_t[]){most, most - 1, most},
                         &ceiling));
  assert_int64_equal(ceiling, 6); /* a little above 5 */
  assert_true(ph_ceiling((const uint64_t[]){1, 1, 1, 1}, (const uint64_t[]){most, most, most}, &ceiling));
  assert_int64_equal(ceiling, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reals),          cmocka_unit_test(test_random_reals),
      cmocka_unit_test(test_comparison),     cmocka_unit_test(test_upper_quartiles),
      cmocka_unit_test(test_small_ceilings), cmocka_unit_test(test_large_ceilings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
