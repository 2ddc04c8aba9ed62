/* Exact fractions. See fraction.h. */
#include "fraction.h"

#include <math.h>

enum { DIGITS = 8 }; /* of 32 bits: four factors of 64 bits fit */

/* A product, lowest digit first. */
typedef struct product {
  uint32_t digit[DIGITS];
} product;

static product times(const product *left, uint64_t factor) {
  const uint32_t halves[2] = {(uint32_t)factor, (uint32_t)(factor >> 32)};
  product result = {{0}};
  for (size_t half = 0; half < 2; half++) {
    uint64_t carry = 0;
    for (size_t digit = 0; digit + half < DIGITS; digit++) {
      carry += result.digit[digit + half] + (uint64_t)halves[half] * left->digit[digit];
      result.digit[digit + half] = (uint32_t)carry;
      carry >>= 32;
    }
  }
  return result;
}

static product product_of(uint64_t first, uint64_t second, uint64_t third) {
  product result = {{(uint32_t)first, (uint32_t)(first >> 32)}};
  result = times(&result, second);
  return times(&result, third);
}

static int compare(const product *left, const product *right) {
  for (size_t digit = DIGITS; digit-- > 0;)
    if (left->digit[digit] != right->digit[digit]) return left->digit[digit] < right->digit[digit] ? -1 : 1;
  return 0;
}

double ph_fraction_to_real(ph_fraction fraction) {
  return ph_fraction_is_known(fraction) ? (double)fraction.numerator / (double)fraction.denominator : NAN;
}

ph_fraction ph_fraction_of_real(double share) {
  ph_fraction before = {0, 1}, found = {1, 0};
  for (double rest = share;; rest = 1 / (rest - floor(rest))) {
    uint64_t whole = (uint64_t)rest;
    ph_fraction next = {whole * found.numerator + before.numerator,
                        whole * found.denominator + before.denominator};
    before = found;
    found = next;
    if (fabs(ph_fraction_to_real(found) - share) <= 1e-12) return found;
  }
}

int ph_fraction_compare(ph_fraction left, ph_fraction right) {
  product a = product_of(left.numerator, right.denominator, 1);
  product b = product_of(right.numerator, left.denominator, 1);
  return compare(&a, &b);
}

ph_fraction ph_fraction_upper_quartile(const ph_fraction *sorted, size_t count) {
  size_t below = 3 * (count - 1) / 4, quarters = 3 * (count - 1) % 4;
  ph_fraction a = sorted[below], b = sorted[below + (quarters > 0 ? 1 : 0)];
  uint64_t from_a = a.numerator * b.denominator, from_b = b.numerator * a.denominator;
  return (ph_fraction){(4 - quarters) * from_a + quarters * from_b, 4 * a.denominator * b.denominator};
}

bool ph_ceiling(const uint64_t numerators[4], const uint64_t denominators[3], int64_t *ceiling) {
  product wanted = product_of(numerators[0], numerators[1], numerators[2]);
  product unit = product_of(denominators[0], denominators[1], denominators[2]);
  wanted = times(&wanted, numerators[3]);
  uint64_t low = 0, high = (uint64_t)1 << 63;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    product reached = times(&unit, middle);
    if (compare(&reached, &wanted) >= 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  *ceiling = (int64_t)low;
  return low <= INT64_MAX;
}

/* The largest q with (2 q - 1) × denominator <= 2 × amount × numerator. */
static uint64_t nearest(ph_fraction fraction, uint64_t amount) {
  product doubled = product_of(amount, fraction.numerator, 2);
  uint64_t low = 0, high = (uint64_t)1 << 63;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2 + 1;
    product reached = product_of(2 * middle - 1, fraction.denominator, 1);
    if (compare(&reached, &doubled) <= 0) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

bool ph_fraction_scale(ph_fraction fraction, int64_t amount, int64_t *scaled) {
  uint64_t numerator = fraction.numerator, denominator = fraction.denominator, found;
  uint64_t magnitude = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
  /* nearly all products fit; the rest take some sixty products of three words */
  if (denominator < UINT64_MAX / 4 && (numerator == 0 || magnitude < UINT64_MAX / 4 / numerator)) {
    found = (2 * magnitude * numerator + denominator) / (2 * denominator);
  } else {
    found = nearest(fraction, magnitude);
  }
  if (found > INT64_MAX) return false;
  *scaled = amount < 0 ? -(int64_t)found : (int64_t)found;
  return true;
}
