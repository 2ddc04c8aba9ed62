/*
** Zero-inflated gamma distribution: a sum of amounts that may come or not. It is 0 when none of them comes,
** and gamma distributed else, with the mean and the variance of the sum. What a quota period will still bring
** is one (specification, section 6).
*/
#ifndef PH_PROBABILITY_ZERO_INFLATED_GAMMA_H
#define PH_PROBABILITY_ZERO_INFLATED_GAMMA_H

typedef struct ph_zero_inflated_gamma {
  double zero;         /* the chance that nothing comes; 1: never anything */
  double shape, scale; /* of what comes else; 0 where zero = 1 */
} ph_zero_inflated_gamma;

/* The distribution with this mean >= 0 and variance >= 0 of the sum. `events` is the expected number of
** amounts that come, and `shock` the relative variance of that number beyond Poisson's: nothing comes with
** the chance (1 + shock * events)^(-1 / shock) of a negative binomial distribution, e^-events for no
** shock, and at most variance / (variance + mean²), which is the most that a distribution with these two
** moments can have. */
ph_zero_inflated_gamma ph_zero_inflated_gamma_of(double mean, double variance, double events, double shock);

/* The amount that is not exceeded with the chance `share` in [0, 1]. */
double ph_zero_inflated_gamma_quantile(const ph_zero_inflated_gamma *distribution, double share);

/* The chance of at least this amount: 1 for 0 and less. */
double ph_zero_inflated_gamma_at_least(const ph_zero_inflated_gamma *distribution, double amount);

#endif
