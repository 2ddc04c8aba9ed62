/*
** Amounts of several currencies become amounts of one (specification, section 2).
*/
#ifndef PH_HISTORY_CURRENCY_H
#define PH_HISTORY_CURRENCY_H

#include "history.h"

/* Orders the rates and finds the reporting currency, before the first deal. */
void ph_choose_reporting_currency(ph_history *history, ph_status *status);

/* Adds the amount of a deal to the money of a problem, by the last rate. */
void ph_note_amount(ph_history *history, ph_problem problem, uint32_t currency, int64_t amount);

/* Other currencies that deals which the history does not hold are in: names. */
typedef struct ph_currencies {
  uint32_t *names;
  size_t count;
} ph_currencies;

const ph_currencies *ph_no_currencies(void);

/* Marks the currencies of the deals of a history, by name; returns how many there are. */
size_t ph_currencies_of_deals(const ph_history *history, bool *used);

/* Converts quotas; with policy rate_date 'fixed' also every amount of deals and events. With moving rates
** deals keep their amounts, and the timeline converts them by the day. Several currencies without a way to
** add them set history.mixes_currencies. A deal or quota whose currency has no rate is a problem: the deal
** counts as 0, the quota is left out. */
void ph_convert_amounts(ph_history *history, const ph_currencies *others, ph_status *status);

/* Whether an amount of a deal depends on the day. */
static inline bool ph_history_has_moving_rates(const ph_history *history) {
  return history->rates.convert &&
         ph_policy_integer(&history->policy, PH_POLICY_RATE_DATE) != PH_RATE_DATE_FIXED;
}

/* An error that names the currencies where they cannot be added. Tables that sum money ask first. */
void ph_require_one_currency(const ph_history *history, ph_status *status);

#endif
