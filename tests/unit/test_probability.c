/*
** Checks elementary functions, the gamma distribution and the zero-inflated one: against values computed
** elsewhere, by what holds for all of them, and for the same bytes from every compiler.
*/
#include "probability/elementary.h"
#include "probability/gamma.h"
#include "probability/zero_inflated_gamma.h"
#include "probability_values.h"
#include "support.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* The specification asks for 1e-10; what is promised is promised in the headers. */
static const double PRECISE = 2e-15, CLOSE = 1e-12;

#define assert_relative(actual, expected, error)                                                             \
  check_relative(actual, expected, error, #actual, __FILE__, __LINE__)

static void check_relative(double actual, double expected, double error, const char *what, const char *file,
                           int line) {
  if (fabs(actual - expected) <= error * fabs(expected)) return;
  print_error("%s is %.17g, expected %.17g\n", what, actual, expected);
  _fail(file, line);
}

static void test_exponential(void **state) {
  (void)state;
  for (size_t row = 0; row < LENGTH(exp_values); row++) {
    assert_relative(ph_exp(exp_values[row].x), exp_values[row].exp, PRECISE);
    assert_relative(ph_expm1(exp_values[row].x), exp_values[row].expm1, PRECISE);
  }
  assert_real_equal(ph_exp(0), 1);
  assert_real_equal(ph_expm1(0), 0);
  assert_real_equal(ph_exp(709.9), INFINITY);
  assert_real_equal(ph_exp(INFINITY), INFINITY);
  assert_real_equal(ph_exp(-INFINITY), 0);
  assert_real_equal(ph_exp(-745.3), 0);
  assert_real_equal(ph_exp(-745), 4.9406564584124654e-324); /* the smallest double */
  assert_real_equal(ph_exp(NAN), NAN);
  assert_real_equal(ph_expm1(NAN), NAN);
}

static void test_logarithm(void **state) {
  (void)state;
  for (size_t row = 0; row < LENGTH(log_values); row++) {
    assert_relative(ph_log(log_values[row].x), log_values[row].log, PRECISE);
    assert_relative(ph_log1p(log_values[row].x), log_values[row].log1p, PRECISE);
    assert_relative(ph_log1p_remainder(log_values[row].x), log_values[row].remainder, PRECISE);
  }
  for (size_t row = 0; row < LENGTH(log1p_values); row++) {
    assert_relative(ph_log1p(log1p_values[row].x), log1p_values[row].log1p, PRECISE);
    assert_relative(ph_log1p_remainder(log1p_values[row].x), log1p_values[row].remainder, PRECISE);
  }
  assert_real_equal(ph_log(1), 0);
  assert_real_equal(ph_log(0), -INFINITY);
  assert_real_equal(ph_log(-1), NAN);
  assert_real_equal(ph_log(INFINITY), INFINITY);
  assert_real_equal(ph_log(NAN), NAN);
  assert_relative(ph_log(4.9406564584124654e-324), -744.44007192138126231, PRECISE);
  assert_real_equal(ph_log1p(-1), -INFINITY);
  assert_real_equal(ph_log1p(-1.5), NAN);
}

static void test_log_gamma(void **state) {
  (void)state;
  for (size_t row = 0; row < LENGTH(log_gamma_values); row++)
    assert_relative(ph_log_gamma(log_gamma_values[row].x), log_gamma_values[row].log_gamma, PRECISE);
  double factorial = 1;
  for (int n = 1; n <= 20; n++) { /* Γ(n + 1) = n!, exact as a double */
    factorial *= n;
    if (n > 1) assert_relative(ph_exp(ph_log_gamma(n + 1)), factorial, 1e-13);
  }
  assert_real_equal(ph_log_gamma(0), NAN);
  assert_real_equal(ph_log_gamma(-3), NAN);
  assert_real_equal(ph_log_gamma(NAN), NAN);
  assert_real_equal(ph_log_gamma(INFINITY), INFINITY);
}

static void test_incomplete_gamma(void **state) {
  (void)state;
  for (size_t row = 0; row < LENGTH(gamma_values); row++) {
    ph_gamma_parts parts = ph_gamma_at(gamma_values[row].shape, gamma_values[row].x);
    assert_relative(parts.lower, gamma_values[row].lower, CLOSE);
    assert_relative(parts.upper, gamma_values[row].upper, CLOSE);
  }
  for (double x = 0.01; x < 700; x *= 1.3) { /* P(1, x) = 1 - e^-x, P(2, x) = 1 - (1 + x) e^-x */
    assert_relative(ph_gamma_at(1, x).lower, -ph_expm1(-x), CLOSE);
    assert_relative(ph_gamma_at(1, x).upper, ph_exp(-x), CLOSE);
    assert_relative(ph_gamma_at(1, x).weight, x * ph_exp(-x), CLOSE);
    assert_relative(ph_gamma_at(2, x).upper, (1 + x) * ph_exp(-x), CLOSE);
  }
  /* M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions", tables 7.1 and 26.8: erfc(1), and
  ** the point that chi-squared with 10 degrees of freedom passes with a chance of 5 %. */
  assert_real_near(ph_gamma_at(0.5, 1).upper, 1 - 0.8427007929, 1e-10);
  assert_real_near(2 * ph_gamma_inverse(5, 0.95, 0.05), 18.3070, 5e-5);
}

/* Shapes from 1e-6 to 1e9 and about every border between two methods. */
static double shape_of_grid(int at) {
  static const double borders[] = {0.49999, 0.5, 0.50001, 1, 9.9999, 10, 24.9999, 25};
  if (at < (int)LENGTH(borders)) return borders[at];
  double shape = 1e-6;
  for (int step = (int)LENGTH(borders); step < at; step++) shape *= 2.37;
  return shape;
}
enum { GRID_SHAPES = 49, GRID_POINTS = 400 };

/* Points from far below to far above where the distribution lies. */
static double point_of_grid(double shape, int at) {
  double deviation = sqrt(shape), low = shape > 1 ? shape : 1e-300, point;
  if (at < 100) {
    point = 1e-300;
    for (int step = 0; step < at; step++) point *= 1500;
    return point;
  }
  if (at < 200) return low * (0.01 + 0.03 * (at - 100));
  point = shape + deviation * 0.16 * (at - 300);
  return point > 0 ? point : 0;
}

static void test_edges(void **state) {
  (void)state;
  for (int at = 0; at < GRID_SHAPES; at++) {
    double shape = shape_of_grid(at);
    assert_real_equal(ph_gamma_at(shape, 0).lower, 0);
    assert_real_equal(ph_gamma_at(shape, 0).upper, 1);
    assert_real_equal(ph_gamma_at(shape, -1).lower, 0);
    assert_real_equal(ph_gamma_at(shape, 1e300).lower, 1);
    assert_real_equal(ph_gamma_at(shape, 1e300).upper, 0);
    assert_real_equal(ph_gamma_at(shape, INFINITY).lower, 1);
    assert_real_equal(ph_gamma_inverse(shape, 0, 1), 0);
    assert_real_equal(ph_gamma_inverse(shape, 1, 0), INFINITY);
  }
  assert_real_equal(ph_gamma_at(0, 1).lower, NAN);
  assert_real_equal(ph_gamma_at(-1, 1).upper, NAN);
  assert_real_equal(ph_gamma_at(NAN, 1).lower, NAN);
  assert_real_equal(ph_gamma_at(1, NAN).lower, NAN);
  assert_real_equal(ph_gamma_inverse(0, 0.5, 0.5), NAN);
  assert_real_equal(ph_gamma_inverse(1, NAN, 0.5), NAN);
  assert_real_equal(ph_gamma_inverse(1, 0.5, -0.5), NAN);
  assert_real_equal(ph_gamma_inverse(1e-6, 0.5, 0.5), 0); /* 10^-301029 */
}

/* P never falls and Q never rises from one point to a greater one, beyond what rounding does where two
** methods meet. */
static void test_monotone(void **state) {
  (void)state;
  for (int at = 0; at < GRID_SHAPES; at++) {
    double shape = shape_of_grid(at);
    for (int point = 1; point < GRID_POINTS; point++) {
      double x = point_of_grid(shape, point), before = point_of_grid(shape, point - 1);
      ph_gamma_parts parts = ph_gamma_at(shape, x), parts_before = ph_gamma_at(shape, before);
      if (x < before) continue;
      assert_true(parts.lower >= parts_before.lower * (1 - 1e-13));
      assert_true(parts.upper <= parts_before.upper * (1 + 1e-13));
      assert_true(parts.lower >= 0 && parts.lower <= 1 && parts.upper >= 0 && parts.upper <= 1);
      assert_real_near(parts.lower + parts.upper, 1, 3e-16);
    }
  }
}

static void test_inverse(void **state) {
  (void)state;
  for (size_t row = 0; row < LENGTH(inverse_values); row++) {
    double lower = inverse_values[row].lower;
    assert_relative(ph_gamma_inverse(inverse_values[row].shape, lower, 1 - lower), inverse_values[row].x,
                    CLOSE);
  }
}

/* What a relative error of 4e-16 in x does to a share, and what the share's own error is. */
static void check_share(double actual, double expected, double weight) {
  if (fabs(actual - expected) > CLOSE * expected + 4e-16 * weight)
    fail_msg("%.17g, not %.17g", actual, expected);
}

/* From a share to a point and back, for the smaller share from 1e-100 to 1/2, and with a greater point for
** a greater share. */
static void test_round_trip(void **state) {
  (void)state;
  for (int at = 0; at < GRID_SHAPES; at++) {
    double shape = shape_of_grid(at), lower_before = 0, upper_before = INFINITY;
    for (double share = 1e-100; share < 0.5; share *= 1.7) {
      double x = ph_gamma_inverse(shape, share, 1 - share);
      ph_gamma_parts parts = ph_gamma_at(shape, x);
      if (x > 1e-290) check_share(parts.lower, share, parts.weight);
      assert_true(x >= lower_before);
      lower_before = x;
      x = ph_gamma_inverse(shape, 1 - share, share);
      parts = ph_gamma_at(shape, x);
      if (x > 1e-290) check_share(parts.upper, share, parts.weight);
      assert_true(x <= upper_before);
      upper_before = x;
    }
    assert_true(lower_before <= upper_before * (1 + 1e-12));
  }
}

static void test_zero_inflated(void **state) {
  (void)state;
  for (size_t row = 0; row < LENGTH(mixture_values); row++) {
    ph_zero_inflated_gamma distribution =
        ph_zero_inflated_gamma_of(mixture_values[row].mean, mixture_values[row].variance,
                                  mixture_values[row].events, mixture_values[row].shock);
    double mean = (1 - distribution.zero) * distribution.shape * distribution.scale;
    assert_relative(mean, mixture_values[row].mean, CLOSE);
    assert_relative(distribution.zero, mixture_values[row].zero, 1e-10);
    assert_relative(ph_zero_inflated_gamma_quantile(&distribution, 0.1), mixture_values[row].p10, 1e-10);
    assert_relative(ph_zero_inflated_gamma_quantile(&distribution, 0.5), mixture_values[row].p50, 1e-10);
    assert_relative(ph_zero_inflated_gamma_quantile(&distribution, 0.9), mixture_values[row].p90, 1e-10);
    assert_relative(ph_zero_inflated_gamma_at_least(&distribution, mixture_values[row].amount),
                    mixture_values[row].at_least, 1e-10);
  }
}

static void test_zero_inflated_edges(void **state) {
  (void)state;
  ph_zero_inflated_gamma nothing = ph_zero_inflated_gamma_of(0, 0, 0, 0);
  assert_real_equal(nothing.zero, 1);
  assert_real_equal(ph_zero_inflated_gamma_quantile(&nothing, 0.9), 0);
  assert_real_equal(ph_zero_inflated_gamma_quantile(&nothing, 1), 0);
  assert_real_equal(ph_zero_inflated_gamma_at_least(&nothing, 1), 0);
  assert_real_equal(ph_zero_inflated_gamma_at_least(&nothing, 0), 1);
  ph_zero_inflated_gamma certain =
      ph_zero_inflated_gamma_of(500, 0, 20, 0); /* no variance: the mean itself */
  assert_real_equal(certain.zero, 0);
  assert_relative(ph_zero_inflated_gamma_quantile(&certain, 0.5), 500, 1e-8);
  assert_real_equal(ph_zero_inflated_gamma_at_least(&certain, 499), 1);
  assert_real_equal(ph_zero_inflated_gamma_at_least(&certain, -1), 1);
  assert_true(ph_zero_inflated_gamma_at_least(&certain, 501) < 1e-100);
  ph_zero_inflated_gamma rare =
      ph_zero_inflated_gamma_of(1, 1, 0, 0); /* at most 1/2 is 0 with such moments */
  assert_real_equal(rare.zero, 0.5);
  assert_real_equal(ph_zero_inflated_gamma_quantile(&rare, 0), 0);
  assert_real_equal(ph_zero_inflated_gamma_quantile(&rare, 0.5), 0);
  assert_relative(ph_zero_inflated_gamma_quantile(&rare, 0.75), 2, 1e-4);
  assert_real_equal(ph_zero_inflated_gamma_quantile(&rare, 1), INFINITY);
}

static uint64_t mix_real(uint64_t hash, double real) {
  return isnan(real) ? hash : test_mix(hash, &real, sizeof real);
}

/* The same bytes from every compiler at every level of optimization and on every processor: gcc and clang,
** -O0 to -O3, x86-64 and aarch64 gave this number. */
static void test_bytes(void **state) {
  (void)state;
  uint64_t hash = TEST_MIX_BEGIN;
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    hash = mix_real(mix_real(hash, ph_log(x)), ph_log1p(x));
    hash = mix_real(mix_real(hash, ph_exp(x)), ph_exp(-x));
    hash = mix_real(mix_real(hash, ph_expm1(x)), ph_expm1(-x));
    hash = mix_real(mix_real(hash, ph_log1p_remainder(x)), x < 1 ? ph_log1p(-x) : 0);
    hash = mix_real(hash, ph_log_gamma(x));
  }
  for (int at = 0; at < GRID_SHAPES; at++) {
    double shape = shape_of_grid(at);
    for (int point = 0; point < GRID_POINTS; point++) {
      ph_gamma_parts parts = ph_gamma_at(shape, point_of_grid(shape, point));
      hash = mix_real(mix_real(mix_real(hash, parts.lower), parts.upper), parts.weight);
    }
    for (double share = 1e-100; share < 0.5; share *= 3.1)
      hash = mix_real(mix_real(hash, ph_gamma_inverse(shape, share, 1 - share)),
                      ph_gamma_inverse(shape, 1 - share, share));
  }
  for (double variance = 0.01; variance < 1e4; variance *= 1.9)
    for (double events = 0.01; events < 100; events *= 2.3) {
      ph_zero_inflated_gamma distribution = ph_zero_inflated_gamma_of(10, variance, events, variance / 100);
      for (int share = 1; share < 10; share++)
        hash = mix_real(hash, ph_zero_inflated_gamma_quantile(&distribution, share * 0.1));
      hash = mix_real(hash, ph_zero_inflated_gamma_at_least(&distribution, 12));
    }
  if (hash != UINT64_C(0x9B66B1D4D74F8C35))
    fail_msg("the bytes of the results hash to 0x%016llX", (unsigned long long)hash);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exponential),   cmocka_unit_test(test_logarithm),
      cmocka_unit_test(test_log_gamma),     cmocka_unit_test(test_incomplete_gamma),
      cmocka_unit_test(test_edges),         cmocka_unit_test(test_monotone),
      cmocka_unit_test(test_inverse),       cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_zero_inflated), cmocka_unit_test(test_zero_inflated_edges),
      cmocka_unit_test(test_bytes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
