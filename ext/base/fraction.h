/*
** Exact fractions: shares of counts, compared, interpolated and divided by without rounding.
*/
#ifndef PH_BASE_FRACTION_H
#define PH_BASE_FRACTION_H

#include "status.h"

/* denominator > 0, except in a fraction that is not known: 0 / 0. */
typedef struct ph_fraction {
  uint64_t numerator, denominator;
} ph_fraction;

static inline bool ph_fraction_is_known(ph_fraction fraction) {
  return fraction.denominator != 0;
}

/* NaN where it is not known. */
double ph_fraction_to_real(ph_fraction fraction);

/* What somebody meant who wrote a share in [0, 1] as a number: the first convergent of its continued fraction
** within 10^-12 of it. 0.3 is 3/10 and 1/3 is 1/3, which no double is. */
ph_fraction ph_fraction_of_real(double share);

/* Negative, zero or positive as left is smaller than, the same as or greater than right. */
int ph_fraction_compare(ph_fraction left, ph_fraction right);

/* The quantile at 3/4 by linear interpolation between order statistics (type 7, as ph_quantile). The
** fractions ascend, count > 0, and numerators and denominators are below 2^31. */
ph_fraction ph_fraction_upper_quartile(const ph_fraction *sorted, size_t count);

/* The smallest whole number that is not below the product of the numerators over that of the denominators,
** which must not be 0. Either product is below 2^192. False when the result is not below 2^63. */
bool ph_ceiling(const uint64_t numerators[4], const uint64_t denominators[3], int64_t *ceiling);

/* amount × numerator / denominator, rounded to the nearest whole number, half away from zero. The fraction
** must be known. False when the result does not fit in 64 bits. */
bool ph_fraction_scale(ph_fraction fraction, int64_t amount, int64_t *scaled);

#endif
