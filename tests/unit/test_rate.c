/*
** Checks exchange rates and the scaling of amounts by exact fractions (specification, section 2).
*/
#include "history/rate.h"
#include "support.h"

static ph_value text(const char *characters) {
  return (ph_value){.type = PH_TEXT, .text = characters, .length = strlen(characters)};
}

static void check_scaled(uint64_t numerator, uint64_t denominator, int64_t amount, int64_t expected) {
  int64_t scaled = 0;
  assert_true(ph_fraction_scale((ph_fraction){numerator, denominator}, amount, &scaled));
  assert_int64_equal(scaled, expected);
}

static void test_scaling(void **state) {
  (void)state;
  check_scaled(1, 2, 5, 3); /* half away from zero */
  check_scaled(1, 2, -5, -3);
  check_scaled(1, 3, 4, 1);
  check_scaled(2, 3, 4, 3);
  check_scaled(0, 3, 4, 0);
  /* products that do not fit in 64 bits */
  check_scaled(1000000000000000, 1000000000000001, INT64_MAX, 9223372036854766584);
  check_scaled(UINT64_MAX, UINT64_MAX, INT64_MAX, INT64_MAX);
  check_scaled(UINT64_MAX, UINT64_MAX, INT64_MIN + 1, INT64_MIN + 1);
  check_scaled(1, UINT64_MAX, INT64_MAX, 0);
  int64_t scaled;
  assert_false(ph_fraction_scale((ph_fraction){2, 1}, INT64_MAX, &scaled));
  assert_false(ph_fraction_scale((ph_fraction){UINT64_MAX, 1}, INT64_MAX, &scaled));
}

/* Both ways of scaling agree where the product just fits and just does not. */
static void test_scaling_near_the_limit(void **state) {
  (void)state;
  uint64_t seed = 7;
  for (int round = 0; round < 20000; round++) {
    uint64_t denominator = test_draw(&seed) % 1000 + 1, numerator = test_draw(&seed) % 1000 + 1;
    int64_t amount = (int64_t)(test_draw(&seed) >> 2 >> test_draw(&seed) % 20), scaled;
    uint64_t quotient = (uint64_t)amount / denominator, remainder = (uint64_t)amount % denominator;
    if (quotient > INT64_MAX / numerator - 1000) continue;
    uint64_t expected = quotient * numerator + (2 * remainder * numerator + denominator) / (2 * denominator);
    assert_true(ph_fraction_scale((ph_fraction){numerator, denominator}, amount, &scaled));
    assert_int64_equal(scaled, expected);
  }
}

static void check_rate(const char *cell, uint64_t numerator, uint64_t denominator) {
  ph_value value = text(cell);
  ph_fraction rate;
  if (!ph_rate_read(&value, &rate)) fail_msg("%s is no rate", cell);
  assert_int64_equal(rate.numerator, numerator);
  assert_int64_equal(rate.denominator, denominator);
}

static void test_reading(void **state) {
  (void)state;
  check_rate("1", 1, 1);
  check_rate("1.08420", 10842, 10000);
  check_rate("0.000252", 252, 1000000);
  check_rate("4000", 4000, 1);
  check_rate("2.5e3", 2500, 1);
  static const char *const bad[] = {"0", "-1.2", "abc", "", "1e40", "1e-40", "0.1234567890123456789"};
  for (size_t at = 0; at < sizeof bad / sizeof *bad; at++) {
    ph_value value = text(bad[at]);
    ph_fraction rate;
    if (ph_rate_read(&value, &rate)) fail_msg("%s is a rate", bad[at]);
  }
  ph_value integer = {.type = PH_INTEGER, .integer = 0}, null = {.type = PH_NULL};
  ph_fraction rate;
  assert_false(ph_rate_read(&integer, &rate));
  assert_false(ph_rate_read(&null, &rate));
}

enum { DOLLAR = 1, EURO, PESO };

static void test_converting(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  ph_rates rates = {0};
  int64_t converted;
  test_memory_begin(&memory, &status);
  const ph_rate given[] = {{EURO, 200, {9, 10}},
                           {EURO, 100, {8, 10}},
                           {DOLLAR, 0, {1, 1}},
                           {EURO, 100, {7, 10}},
                           {PESO, 0, {4000, 1}}};
  for (size_t at = 0; at < sizeof given / sizeof *given; at++) ph_rates_add(&rates, &given[at], &status);
  assert_int64_equal(ph_rates_order(&rates, &status), 1); /* the second rate of a day */
  assert_true(ph_rates_convert(&rates, EURO, 150, 900, &converted));
  assert_int64_equal(converted, 900); /* nothing is converted */
  rates.reporting = DOLLAR;
  rates.convert = true;
  static const struct {
    uint32_t currency;
    ph_day day;
    int64_t units, expected;
  } cases[] = {{EURO, 99, 800, 1000},
               {EURO, 100, 800, 1000},
               {EURO, 199, 800, 1000},
               {EURO, 200, 900, 1000},
               {EURO, PH_DAY_LAST, 900, 1000},
               {PESO, 5, 4000000, 1000},
               {0, 5, 77, 77},
               {DOLLAR, 5, 77, 77},
               {PESO, 5, -6000, -2}};
  for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
    assert_true(ph_rates_convert(&rates, cases[at].currency, cases[at].day, cases[at].units, &converted));
    assert_int64_equal(converted, cases[at].expected);
  }
  assert_false(ph_rates_convert(&rates, 99, 5, 77, &converted)); /* a currency without a rate */
  assert_int64_equal(converted, 0);
  assert_int64_equal(ph_rates_next_change(&rates, EURO, 5), 200);
  assert_int64_equal(ph_rates_next_change(&rates, EURO, 100), 200);
  assert_int64_equal(ph_rates_next_change(&rates, EURO, 200), PH_DAY_NEVER);
  assert_int64_equal(ph_rates_next_change(&rates, PESO, 5), PH_DAY_NEVER);
  rates.reporting = EURO; /* whose own rate moves */
  assert_true(ph_rates_convert(&rates, DOLLAR, 150, 1000, &converted));
  assert_int64_equal(converted, 800);
  assert_int64_equal(ph_rates_next_change(&rates, DOLLAR, 150), 200);
  ph_rates_end(&rates);
  test_memory_end(&memory, &status);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_scaling),
      cmocka_unit_test(test_scaling_near_the_limit),
      cmocka_unit_test(test_reading),
      cmocka_unit_test(test_converting),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
