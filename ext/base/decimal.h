/*
** Decimal numbers in text. Those read are: an optional sign, digits, an optional fraction, an optional
** exponent, nothing else. Read without the C library, whose reading depends on the process's locale.
*/
#ifndef PH_BASE_DECIMAL_H
#define PH_BASE_DECIMAL_H

#include "status.h"

typedef struct ph_decimal {
  bool negative;
  const char *digits, *end; /* the digits with at most one point between them; borrowed from the text */
  int64_t integer_digits;   /* how many of them stand before the point */
  int64_t exponent;         /* as written behind the e */
} ph_decimal;

/* Returns false when the text is no such number. */
bool ph_decimal_read(const char *text, size_t length, ph_decimal *number);

/* The nearest doubles' neighbourhood: good to one unit in the last place for up to 18 digits. */
double ph_decimal_to_real(const ph_decimal *number);

enum { PH_INTEGER_TEXT_BYTES = 24 };

/* Writes an integer as C text. Returns its length. */
size_t ph_integer_write(int64_t integer, char text[PH_INTEGER_TEXT_BYTES]);

#endif
