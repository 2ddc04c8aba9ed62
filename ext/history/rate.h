/*
** Exchange rates: what an amount in one currency is in the reporting currency (specification, section 2).
**
** A rate is how many units of a currency make one of the reporting currency. It holds from its day on until
** the next one of its currency; the first one holds for all days before it, too. Rates are kept as exact
** fractions, and an amount is converted by one multiplication and one division, rounded once.
*/
#ifndef PH_HISTORY_RATE_H
#define PH_HISTORY_RATE_H

#include "../base/day.h"
#include "../base/fraction.h"
#include "../base/value.h"

typedef struct ph_rate {
  uint32_t currency; /* a name of the history */
  ph_day valid_from; /* 0 where the row has none */
  ph_fraction rate;
} ph_rate;

/* Owns its memory. */
typedef struct ph_rates {
  const ph_memory *memory;
  ph_rate *rates; /* by currency, then by day */
  size_t count, capacity;
  bool convert;       /* false: amounts are added as they are */
  uint32_t reporting; /* the currency of all sums; 0: it has no name, rates tell what it is worth */
} ph_rates;

void ph_rates_end(ph_rates *rates);

/* Reads a rate: a decimal number above 0 of at most 15 digits, as a number or a text. A REAL must bring
** its text. */
bool ph_rate_read(const ph_value *cell, ph_fraction *rate);

void ph_rates_add(ph_rates *rates, const ph_rate *rate, ph_status *status);

/* Sorts the rates; of two for one currency and day the first that was added counts. Returns how many were
** left out. */
size_t ph_rates_order(ph_rates *rates, ph_status *status);

/* The rate of a currency on a day; PH_DAY_LAST: its last one. NULL where it has none. */
const ph_rate *ph_rates_find(const ph_rates *rates, uint32_t currency, ph_day day);

/* The first day after `day` on which another rate of the currency, or of the reporting currency, begins;
** PH_DAY_NEVER without one. */
ph_day ph_rates_next_change(const ph_rates *rates, uint32_t currency, ph_day day);

/* Converts an amount in units. An amount without a currency is in the reporting currency. False, and 0,
** where the currency has no rate or the result is out of range. */
bool ph_rates_convert(const ph_rates *rates, uint32_t currency, ph_day day, int64_t units,
                      int64_t *converted);

#endif
