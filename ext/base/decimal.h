/*
** Decimal numbers in text, and doubles as such. Those read are: an optional sign, digits, an optional
** fraction, an optional exponent, nothing else. Read and written without the C library, whose result depends
** on the process's locale and the machine.
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

/* The nearest double, of two equally near the one whose last bit is 0; infinite where it is too large. */
double ph_decimal_to_real(const ph_decimal *number);

enum { PH_REAL_TEXT_BYTES = 32 };

/* Writes the number that a person would say a double is: the nearest decimal of 15 significant digits, or of
** 16 or 17 where fewer do not give the same double back; without zeros at its end. 4.05085, 1e+300, inf, nan.
** Returns the length. */
size_t ph_real_write(double real, char text[PH_REAL_TEXT_BYTES]);

enum { PH_INTEGER_TEXT_BYTES = 24 };

/* Writes an integer as C text. Returns its length. */
size_t ph_integer_write(int64_t integer, char text[PH_INTEGER_TEXT_BYTES]);

#endif
