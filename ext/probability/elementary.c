/* Elementary functions. See elementary.h. */
#include "elementary.h"

#include "../base/rounding.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two pieces: the first has 21 zero bits at its end, so its product with an exponent is exact. */
static const double LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;

enum { MANTISSA_BITS = 52, EXPONENT_BIAS = 1023 };

static uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static double real_of(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* 2^exponent, for exponents of normal numbers. */
static double power_of_two(int exponent) {
  return real_of((uint64_t)(exponent + EXPONENT_BIAS) << MANTISSA_BITS);
}

/* e^r - 1 for |r| <= 0.35: Taylor's series, whose last term is below 2^-60 of the sum. */
static double expm1_near_zero(double r) {
  double sum = 1;
  for (int n = 14; n >= 2; n--) sum = 1 + r / n * sum;
  return r * sum;
}

double ph_exp(double x) {
  if (x != x) return x;
  if (x > 709.8) return INFINITY;
  if (x < -745.2) return 0;
  int exponent = (int)(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5));
  double r = (x - exponent * LN2_HIGH) - exponent * LN2_LOW;
  /* In two steps, because 2^exponent itself may be out of range where the product is not. */
  int half = exponent / 2;
  return (1 + expm1_near_zero(r)) * power_of_two(half) * power_of_two(exponent - half);
}

double ph_expm1(double x) {
  return x >= -0.35 && x <= 0.35 ? expm1_near_zero(x) : ph_exp(x) - 1;
}

/* (atanh(s) / s - 1) / s^2 = 1/3 + s^2/5 + s^4/7 + ..., for |s| <= 0.25. */
static double atanh_series(double s) {
  static const double terms[] = {1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13,
                                 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23, 1.0 / 25};
  double square = s * s, sum = 0;
  for (size_t term = sizeof terms / sizeof *terms; term-- > 0;) sum = sum * square + terms[term];
  return sum;
}

/* With s = x / (2 + x): ln(1 + x) = 2 atanh(s). */
double ph_log(double x) {
  if (x != x || x == INFINITY) return x;
  if (x <= 0) return x < 0 ? NAN : -INFINITY;
  int exponent = 0;
  if (x < DBL_MIN) {
    x *= power_of_two(54);
    exponent = -54;
  }
  uint64_t bits = bits_of(x);
  exponent += (int)(bits >> MANTISSA_BITS) - EXPONENT_BIAS;
  double mantissa =
      real_of((bits & ((UINT64_C(1) << MANTISSA_BITS) - 1)) | ((uint64_t)EXPONENT_BIAS << MANTISSA_BITS));
  if (mantissa > 1.4142135623730951) {
    mantissa /= 2;
    exponent++;
  }
  double fraction = mantissa - 1, s = fraction / (2 + fraction);
  return exponent * LN2_HIGH + (2 * s + (2 * s * s * s * atanh_series(s) + exponent * LN2_LOW));
}

double ph_log1p(double x) {
  if (!(x > -0.4 && x < 0.5)) return ph_log(1 + x);
  double s = x / (2 + x);
  return 2 * s + 2 * s * s * s * atanh_series(s);
}

double ph_log1p_remainder(double x) {
  if (!(x > -0.4 && x < 0.5)) return x - ph_log(1 + x);
  double s = x / (2 + x); /* x - 2 s = x s */
  return s * (x - 2 * s * s * atanh_series(s));
}
