/*
** Statistics: quantiles and intervals.
*/
#ifndef PH_BASE_STATISTICS_H
#define PH_BASE_STATISTICS_H

#include "fraction.h"

/* Whether a number is none. The macro of math.h narrows its argument in some libraries. */
static inline bool ph_is_nan(double number) {
  return number != number;
}

/* The quantile of `values` (sorted ascending, count > 0) at `share` in [0, 1], by linear interpolation
** between order statistics: type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The
** American Statistician 50 (1996). Whole numbers are weighed by whole numbers and divided once, so that their
** quantile is the double nearest to the true one. count times the numerator fits in 64 bits. */
double ph_quantile(const double *sorted_values, size_t count, ph_fraction share);

/* Sorts ascending in place, n log n at worst. */
void ph_sort_doubles(double *values, size_t count);

/* The Wilson score interval at 95 % for successes of trials > 0: E. B. Wilson, "Probable Inference, the
** Law of Succession, and Statistical Inference", JASA 22 (1927). `rate` in [0, 1] need not be a multiple of
** 1/trials: a rate of deal-days takes the number of deals as trials. */
void ph_wilson_interval(double rate, double trials, double *low, double *high);

#endif
