/*
** Money: fixed point, 1/10,000 of a unit in a signed 64-bit integer (specification, section 2).
*/
#ifndef PH_BASE_MONEY_H
#define PH_BASE_MONEY_H

#include "status.h"

#define PH_UNITS_PER_ONE 10000

/* A sum of money that no order of its addends can overflow before its end: the high and the low 32 bits
** of each addend are summed apart. Good for 2^31 addends; additive, so it can also be taken away from. */
typedef struct ph_money_sum {
  int64_t high, low;
} ph_money_sum;

/* Each returns false when the value is no number in range. REAL and text round half units away from zero;
** text is an optional sign, digits, an optional fraction and exponent, with blanks around allowed. */
bool ph_money_from_integer(int64_t value, int64_t *units);
bool ph_money_from_real(double value, int64_t *units);
bool ph_money_from_text(const char *text, size_t length, int64_t *units);

/* The double nearest to an amount. Units that a double holds are divided with one rounding; inline, for that
** is nearly every cell of money. */
double ph_large_money_to_real(int64_t units);
static inline double ph_money_to_real(int64_t units) {
  const int64_t exact = (int64_t)1 << 53;
  return units >= -exact && units <= exact ? (double)units / PH_UNITS_PER_ONE : ph_large_money_to_real(units);
}

/* Floor division by 2^32 without the implementation-defined shift of a negative number, and what it
** leaves. */
static inline int64_t ph_money_low(int64_t units) {
  return (int64_t)((uint64_t)units & 0xFFFFFFFFu);
}
static inline int64_t ph_money_high(int64_t units) {
  return (units - ph_money_low(units)) / 4294967296;
}

static inline void ph_money_add(ph_money_sum *sum, int64_t units) {
  sum->high += ph_money_high(units);
  sum->low += ph_money_low(units);
}
static inline void ph_money_subtract(ph_money_sum *sum, int64_t units) {
  sum->high -= ph_money_high(units);
  sum->low -= ph_money_low(units);
}
static inline void ph_money_add_sum(ph_money_sum *sum, const ph_money_sum *other) {
  sum->high += other->high;
  sum->low += other->low;
}
static inline void ph_money_subtract_sum(ph_money_sum *sum, const ph_money_sum *other) {
  sum->high -= other->high;
  sum->low -= other->low;
}

/* The value of the sum; an error that names `what` when it does not fit in 64 bits. */
int64_t ph_money_value(const ph_money_sum *sum, const char *what, ph_status *status);

/* a - b; an error that names `what` when it does not fit. */
int64_t ph_money_difference(int64_t a, int64_t b, const char *what, ph_status *status);

#endif
