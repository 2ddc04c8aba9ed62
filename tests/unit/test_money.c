/*
** Checks money and the decimal numbers it is read from (specification, section 2: exact, half
** units away from zero, sums that overflow are an error).
*/
#include "base/decimal.h"
#include "base/money.h"
#include "support.h"

#include <float.h>

typedef struct reading {
  const char *text;
  int64_t units;
} reading;

static void test_texts(void **state) {
  (void)state;
  static const reading good[] = {
      {"0", 0},
      {"1", 10000},
      {"+5", 50000},
      {"-5", -50000},
      {"12.5", 125000},
      {".5", 5000},
      {"5.", 50000},
      {"-.5", -5000},
      {"  12.5 \t\r\n", 125000},
      {"0.0001", 1},
      {"0.00005", 1},
      {".00005", 1},
      {"-0.00005", -1},
      {"0.000049999999999999999999", 0},
      {"-0.00004", 0},
      {"0.00015", 2},
      {"0.00025", 3}, /* away from zero, not to even */
      {"-0.00025", -3},
      {"1.99995", 20000},
      {"1e3", 10000000},
      {"1E3", 10000000},
      {"1.5e+2", 1500000},
      {"1e-4", 1},
      {"5e-5", 1},
      {"4.9e-5", 0},
      {"9e-6", 0},
      {"1e-400", 0},
      {"0e400", 0},
      {"0e999999999999", 0},
      {"1e-999999999999", 0},
      {"00000000000000000000000000001", 10000},
      {"12345678901234567890e-10", 12345678901235},
      {"0.1", 1000},
      {"922337203685477.5807", INT64_MAX},
      {"922337203685477.58074", INT64_MAX},
      {"-922337203685477.5808", INT64_MIN},
      {"-922337203685477.58084", INT64_MIN},
      {"9223372036854775807e-4", INT64_MAX},
  };
  for (size_t at = 0; at < sizeof good / sizeof *good; at++) {
    int64_t units = -1;
    if (!ph_money_from_text(good[at].text, strlen(good[at].text), &units))
      fail_msg("'%s' is no money", good[at].text);
    if (units != good[at].units) fail_msg("'%s' is %lld units", good[at].text, (long long)units);
  }
}

static void test_texts_that_are_none(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",
      " ",
      ".",
      "-",
      "+",
      "-.",
      "e5",
      ".e5",
      "1e",
      "1e+",
      "1e-",
      "1e5x",
      "1,000",
      "1 000",
      "$5",
      "5$",
      "--5",
      "+-5",
      "0x10",
      "nan",
      "inf",
      "1.2.3",
      "1e2.5",
      "five",
      "\0165",
      "922337203685477.5808",
      "922337203685477.58075",
      "-922337203685477.5809",
      "-922337203685477.58085",
      "1e15",
      "1e400",
      "18446744073709551616",
      "99999999999999999999999",
      "1844674407370955.1617e1",
      "1.8446744073709551616e18",
  };
  for (size_t at = 0; at < sizeof bad / sizeof *bad; at++) {
    int64_t units;
    if (ph_money_from_text(bad[at], strlen(bad[at]), &units))
      fail_msg("'%s' is %lld units", bad[at], (long long)units);
  }
}

static void test_integers(void **state) {
  (void)state;
  int64_t units;
  assert_true(ph_money_from_integer(7, &units));
  assert_int64_equal(units, 70000);
  assert_true(ph_money_from_integer(922337203685477, &units));
  assert_int64_equal(units, 9223372036854770000);
  assert_true(ph_money_from_integer(-922337203685477, &units));
  assert_int64_equal(units, -9223372036854770000);
  assert_false(ph_money_from_integer(922337203685478, &units));
  assert_false(ph_money_from_integer(-922337203685478, &units));
  assert_false(ph_money_from_integer(INT64_MAX, &units));
  assert_false(ph_money_from_integer(INT64_MIN, &units));
}

static void test_reals(void **state) {
  (void)state;
  int64_t units;
  static const struct {
    double value;
    int64_t units;
  } good[] = {{0, 0},         {-0.0, 0},     {1.5, 15000},   {0.1 + 0.2, 3000},           {0.00005, 1},
              {-0.00005, -1}, {0.00004, 0},  {-2.5, -25000}, {1e14, 1000000000000000000}, {1e-300, 0},
              {0.00025, 3},   {-0.00025, -3}};
  for (size_t at = 0; at < sizeof good / sizeof *good; at++) {
    assert_true(ph_money_from_real(good[at].value, &units));
    assert_int64_equal(units, good[at].units);
  }
  assert_false(ph_money_from_real(922337203685477.5807, &units));  /* as a double, one unit too many */
  assert_false(ph_money_from_real(-922337203685477.5808, &units)); /* 16 digits give it back: …477.6 */
  assert_true(ph_money_from_real(-922337203685477.5, &units));
  assert_int64_equal(units, -9223372036854775000);
  assert_true(ph_money_from_real(33914983952834, &units)); /* more than 2^53 units */
  assert_int64_equal(units, 339149839528340000);
  assert_true(ph_money_from_real(922337203685477, &units));
  assert_int64_equal(units, 9223372036854770000);
  assert_false(ph_money_from_real(922337203685478, &units));
  assert_false(ph_money_from_real(1e15, &units));
  assert_false(ph_money_from_real(-1e15, &units));
  assert_false(ph_money_from_real(INFINITY, &units));
  assert_false(ph_money_from_real(NAN, &units));
  assert_real_equal(ph_money_to_real(125001), 12.5001);
  assert_real_equal(ph_money_to_real(-1), -0.0001);
  assert_real_equal(ph_money_to_real(339149839528340000), 33914983952834);
  assert_real_equal(ph_money_to_real(INT64_MAX), 922337203685477.5807);
  assert_real_equal(ph_money_to_real(INT64_MIN), -922337203685477.5808);
}

/* A REAL and the text that SQLite prints for it are the same amount. */
static void test_reals_are_what_is_written(void **state) {
  (void)state;
  uint64_t seed = 5;
  char text[64];
  for (int round = 0; round < 200000; round++) {
    int64_t cents = (int64_t)(test_draw(&seed) >> (16 + test_draw_below(&seed, 40)));
    int digits = test_draw_below(&seed, 7);
    snprintf(text, sizeof text, "%s%lld.%0*llde0", round % 2 ? "-" : "", (long long)(cents / 1000),
             digits + 1, (long long)(cents % 1000) * (digits > 1) + 5 * (digits == 4));
    ph_real_write(strtod(text, NULL), text);
    int64_t by_text, by_real;
    assert_true(ph_money_from_text(text, strlen(text), &by_text));
    assert_true(ph_money_from_real(strtod(text, NULL), &by_real));
    if (by_text != by_real) fail_msg("%s: %lld and %lld", text, (long long)by_text, (long long)by_real);
  }
  static const char *const halves[] = {"4.05085", "90023.33665", "-4.05085",
                                       "0.00005", "1.00015",     "562949953421.31245"};
  for (size_t at = 0; at < sizeof halves / sizeof *halves; at++) {
    int64_t by_text, by_real;
    assert_true(ph_money_from_text(halves[at], strlen(halves[at]), &by_text));
    assert_true(ph_money_from_real(strtod(halves[at], NULL), &by_real));
    assert_int64_equal(by_real, by_text);
  }
}

/* The double nearest to the decimal number. */
static void test_units_to_reals(void **state) {
  (void)state;
  uint64_t seed = 6;
  char text[64];
  for (int round = 0; round < 200000; round++) {
    int64_t units = (int64_t)(test_draw(&seed) >> test_draw_below(&seed, 64));
    if (round % 3 == 0) units = (units | INT64_C(1) << 62) & INT64_MAX;
    snprintf(text, sizeof text, "%llde-4", (long long)units);
    assert_real_equal(ph_money_to_real(units), strtod(text, NULL));
  }
}

/* ---- sums ---- */

static int64_t value_of(const ph_money_sum *sum) {
  ph_status status;
  ph_status_begin(&status, NULL);
  int64_t units = ph_money_value(sum, "test", &status);
  assert_false(ph_failed(&status));
  return units;
}

static void check_out_of_range(const ph_money_sum *sum) {
  ph_status status;
  ph_status_begin(&status, NULL);
  assert_int64_equal(ph_money_value(sum, "the test", &status), 0);
  assert_int64_equal(status.code, PH_ERROR);
  assert_non_null(strstr(status.message, "the test"));
  assert_non_null(strstr(status.message, "out of range"));
}

static void test_sums(void **state) {
  (void)state;
  ph_money_sum sum = {0, 0}, other = {0, 0};
  assert_int64_equal(value_of(&sum), 0);
  ph_money_add(&sum, INT64_MAX);
  assert_int64_equal(value_of(&sum), INT64_MAX);
  ph_money_add(&sum, 1);
  check_out_of_range(&sum);
  ph_money_add(&sum, -2);
  assert_int64_equal(value_of(&sum), INT64_MAX - 1);
  ph_money_subtract(&sum, INT64_MAX);
  assert_int64_equal(value_of(&sum), -1);
  ph_money_subtract(&sum, INT64_MAX);
  assert_int64_equal(value_of(&sum), INT64_MIN);
  ph_money_subtract(&sum, 1);
  check_out_of_range(&sum);
  ph_money_add(&other, 5);
  ph_money_add_sum(&sum, &other);
  assert_int64_equal(value_of(&sum), INT64_MIN + 4);
  ph_money_subtract_sum(&sum, &other);
  check_out_of_range(&sum);
}

/* On the way there is no order that overflows. */
static void test_sums_overflow_at_the_end_alone(void **state) {
  (void)state;
  ph_money_sum sum = {0, 0};
  for (int round = 0; round < 100000; round++) ph_money_add(&sum, INT64_MAX);
  check_out_of_range(&sum);
  for (int round = 0; round < 200000; round++) ph_money_add(&sum, INT64_MIN);
  check_out_of_range(&sum);
  for (int round = 0; round < 100000; round++) ph_money_subtract(&sum, INT64_MIN);
  assert_int64_equal(value_of(&sum), -100000);
}

static void test_random_sums(void **state) {
  (void)state;
  uint64_t seed = 1;
  ph_money_sum sum = {0, 0};
  int64_t exact = 0;
  for (int round = 0; round < 100000; round++) {
    int64_t units =
        (int64_t)(test_draw(&seed) >> 20) - (INT64_C(1) << 43); /* 2^17 of them stay within 63 bit */
    if (test_draw(&seed) & 1) {
      ph_money_add(&sum, units);
      exact += units;
    } else {
      ph_money_subtract(&sum, units);
      exact -= units;
    }
    if (round % 1000 == 0) assert_int64_equal(value_of(&sum), exact);
  }
  assert_int64_equal(value_of(&sum), exact);
}

static void test_differences(void **state) {
  (void)state;
  ph_status status;
  ph_status_begin(&status, NULL);
  assert_int64_equal(ph_money_difference(5, 7, "test", &status), -2);
  assert_int64_equal(ph_money_difference(INT64_MIN, INT64_MIN, "test", &status), 0);
  assert_int64_equal(ph_money_difference(INT64_MAX, 0, "test", &status), INT64_MAX);
  assert_int64_equal(ph_money_difference(-1, INT64_MAX, "test", &status), INT64_MIN);
  assert_false(ph_failed(&status));
  ph_money_difference(INT64_MAX, -1, "test", &status);
  assert_int64_equal(status.code, PH_ERROR);
  ph_status_begin(&status, NULL);
  ph_money_difference(-2, INT64_MAX, "test", &status);
  assert_int64_equal(status.code, PH_ERROR);
}

/* ---- decimal numbers ---- */

static double real_of(const char *text) {
  ph_decimal number;
  if (!ph_decimal_read(text, strlen(text), &number)) return NAN;
  return ph_decimal_to_real(&number);
}

static void test_decimals(void **state) {
  (void)state;
  assert_real_equal(real_of("0"), 0);
  assert_real_equal(real_of("-12.25"), -12.25);
  assert_real_equal(real_of("+.5e1"), 5);
  assert_real_equal(real_of("1e22"), 1e22);
  assert_real_equal(real_of("9007199254740993e0"), 9007199254740992.0);
  assert_real_equal(real_of("1e-301"), 1e-301);
  assert_real_equal(real_of("5e-324"), 5e-324);
  assert_real_equal(real_of("2.4703282292062327e-324"), 0);      /* below the half of the smallest */
  assert_real_equal(real_of("2.4703282292062328e-324"), 5e-324); /* above it */
  assert_real_equal(real_of("2.2250738585072011e-308"), 2.2250738585072011e-308);
  assert_real_equal(real_of("1.7976931348623157e308"), DBL_MAX);
  assert_real_equal(real_of("1.7976931348623158e308"), DBL_MAX);
  assert_real_equal(real_of("1.7976931348623159e308"), INFINITY);
  assert_real_equal(real_of("9007199254740993"), 9007199254740992.0); /* a tie goes to the even */
  assert_real_equal(real_of("9007199254740993.00000000000000000000000000000000001"), 9007199254740994.0);
  assert_real_equal(real_of("9007199254740995"), 9007199254740996.0);
  assert_real_equal(real_of("1e400"), INFINITY);
  assert_real_equal(real_of("1e-999999999"), 0);
  assert_real_equal(real_of("12345678901234567890123"), 12345678901234567890123.0);
  assert_real_equal(real_of("1234567890123456789012.3456789"), 1234567890123456789012.3456789);
  assert_real_equal(real_of("0.00000000000000000000123456789"), 1.23456789e-21);
  assert_real_equal(real_of(""), NAN);
  assert_real_equal(real_of("."), NAN);
  assert_real_equal(real_of(" 1"), NAN);
  assert_real_equal(real_of("1 "), NAN);
  assert_real_equal(real_of("1d5"), NAN);
}

/* Doubles of every exponent, as texts of too few, enough and too many digits. */
static void test_decimals_against_the_c_library(void **state) {
  (void)state;
  uint64_t seed = 2;
  char text[1200];
  for (int round = 0; round < 20000; round++) {
    uint64_t bits = test_draw(&seed);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) continue;
    snprintf(text, sizeof text, "%.*e", test_draw_below(&seed, round % 50 == 0 ? 1000 : 25), value);
    assert_real_equal(real_of(text), strtod(text, NULL));
  }
}

/* The shortest of 15, 16 and 17 digits that gives the double back, as printf rounds it. */
static void test_reals_in_text(void **state) {
  (void)state;
  static const struct {
    double real;
    const char *text;
  } cases[] = {{0, "0"},
               {-0.0, "0"},
               {1, "1"},
               {-1.5, "-1.5"},
               {0.1, "0.1"},
               {0.1 + 0.2, "0.30000000000000004"},
               {1e15, "1000000000000000"},
               {1e17, "1e+17"},
               {0.0001, "0.0001"},
               {0.00001, "1e-05"},
               {1e300, "1e+300"},
               {5e-324, "4.94065645841247e-324"},
               {4.05085, "4.05085"},
               {INFINITY, "inf"},
               {-INFINITY, "-inf"},
               {NAN, "nan"},
               {99999999999999.99, "99999999999999.98"},
               {DBL_MAX, "1.7976931348623157e+308"},
               {9007199254740993.0, "9007199254740992"}};
  char text[PH_REAL_TEXT_BYTES], printed[64];
  for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
    size_t length = ph_real_write(cases[at].real, text);
    assert_int64_equal(length, strlen(text));
    assert_string_equal(text, cases[at].text);
  }
  uint64_t seed = 4;
  for (int round = 0; round < 20000; round++) {
    uint64_t bits = test_draw(&seed);
    double value, written;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) continue;
    ph_real_write(value, text);
    for (int digits = 15;; digits++) {
      snprintf(printed, sizeof printed, "%.*g", digits, value);
      if (strtod(printed, NULL) == value) break;
    }
    written = strtod(text, NULL);
    assert_real_equal(written, value);
    if (strlen(text) > strlen(printed)) fail_msg("%s for %s", text, printed);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_texts),
      cmocka_unit_test(test_texts_that_are_none),
      cmocka_unit_test(test_integers),
      cmocka_unit_test(test_reals),
      cmocka_unit_test(test_sums),
      cmocka_unit_test(test_sums_overflow_at_the_end_alone),
      cmocka_unit_test(test_random_sums),
      cmocka_unit_test(test_differences),
      cmocka_unit_test(test_decimals),
      cmocka_unit_test(test_reals_in_text),
      cmocka_unit_test(test_reals_are_what_is_written),
      cmocka_unit_test(test_units_to_reals),
      cmocka_unit_test(test_decimals_against_the_c_library),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
