/*
** Chance to hit: the probability that the deals that will be won reach what is left of the
** quota (specification, sections 5 and 6: hit_probability, exact to 0.005 against enumeration).
**
** Deals win independently of each other. Use:
**
**     ph_claim claims[] = {{100 * PH_UNITS_PER_ONE, 0.1}, {80 * PH_UNITS_PER_ONE, 0.2}};
**     double chance = ph_hit_probability(claims, 2, 70 * PH_UNITS_PER_ONE, status);
**
** The order of the claims changes no bit of the result. Amounts may be of any sign and size; rates below 0
** (and NaN) count as 0, rates above 1 as 1. Uncertain amounts whose absolute values add up to more than
** money can hold are an error.
*/
#ifndef PH_MEASURE_HIT_PROBABILITY_H
#define PH_MEASURE_HIT_PROBABILITY_H

#include "../base/status.h"

typedef struct ph_claim {
  int64_t amount_units;
  double win_rate; /* the chance that the amount is won, 0 to 1 */
} ph_claim;

/* What the result may be wrong by (specification, section 6). */
#define PH_HIT_TOLERANCE 0.005

/* P(sum of the amounts won >= remaining_units). 0 after a failure; NaN where no method proves an error of at most
** PH_HIT_TOLERANCE within its budget of work, which callers show as NULL. No such set is known. */
double ph_hit_probability(const ph_claim *claims, size_t count, int64_t remaining_units, ph_status *status);

/* The same, and the proved bound of its error: |result - P| <= *error_bound. */
double ph_hit_probability_bounded(const ph_claim *claims, size_t count, int64_t remaining_units,
                                  double *error_bound, ph_status *status);

#endif
