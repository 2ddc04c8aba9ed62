/*
** Gamma function and gamma distribution, the same bytes on every machine (see elementary.h).
**
** The relative error is below 1e-12 for shapes from 1e-6 to 1e9, wherever the result is a normal number.
** NaN and shapes that are not positive give NaN.
*/
#ifndef PH_PROBABILITY_GAMMA_H
#define PH_PROBABILITY_GAMMA_H

/* ln Γ(x), x > 0. */
double ph_log_gamma(double x);

/* How a gamma distribution of this shape and of scale 1 is parted at x. */
typedef struct ph_gamma_parts {
  double lower;  /* P(shape, x), the regularized incomplete gamma function: the chance of at most x */
  double upper;  /* Q(shape, x) = 1 - P(shape, x), with all its digits where it is small */
  double weight; /* x times the density at x */
} ph_gamma_parts;

/* A negative x counts as 0. */
ph_gamma_parts ph_gamma_at(double shape, double x);

/* The x at which P(shape, x) = lower and Q(shape, x) = upper. The two sum up to 1; the smaller of them
** decides, so a caller who has it with all its digits loses none. 0 for lower = 0 and infinite for upper =
** 0; meant for shares of at least 1e-100. 0, too, where x is below the smallest double. */
double ph_gamma_inverse(double shape, double lower, double upper);

#endif
