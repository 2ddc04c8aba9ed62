/* Zero-inflated gamma distribution. See zero_inflated_gamma.h. */
#include "zero_inflated_gamma.h"
#include "elementary.h"
#include "gamma.h"

#include "../base/rounding.h"

/* Below, the negative binomial distribution is Poisson's. */
static const double LEAST_SHOCK = 1e-9;
/* Of the squared mean of what comes, so that the gamma distribution has a finite shape. */
static const double LEAST_VARIANCE = 1e-9;

ph_zero_inflated_gamma ph_zero_inflated_gamma_of(double mean, double variance, double events, double shock) {
  if (!(mean > 0)) return (ph_zero_inflated_gamma){1, 0, 0};
  double square = variance + mean * mean;
  double zero = shock < LEAST_SHOCK ? ph_exp(-events) : ph_exp(-ph_log1p(shock * events) / shock);
  if (zero > variance / square) zero = variance / square;
  double mean_else = mean / (1 - zero), variance_else = square / (1 - zero) - mean_else * mean_else;
  double least = LEAST_VARIANCE * mean_else * mean_else;
  if (variance_else < least) variance_else = least;
  return (ph_zero_inflated_gamma){zero, mean_else * mean_else / variance_else, variance_else / mean_else};
}

double ph_zero_inflated_gamma_quantile(const ph_zero_inflated_gamma *distribution, double share) {
  double zero = distribution->zero;
  if (share <= zero) return 0;
  return distribution->scale *
         ph_gamma_inverse(distribution->shape, (share - zero) / (1 - zero), (1 - share) / (1 - zero));
}

double ph_zero_inflated_gamma_at_least(const ph_zero_inflated_gamma *distribution, double amount) {
  if (amount <= 0) return 1;
  if (distribution->zero >= 1) return 0;
  return (1 - distribution->zero) * ph_gamma_at(distribution->shape, amount / distribution->scale).upper;
}
