/* Money. See money.h. */
#include "money.h"

#include "decimal.h"

#include <math.h>

bool ph_money_from_integer(int64_t value, int64_t *units) {
  if (value > INT64_MAX / PH_UNITS_PER_ONE || value < INT64_MIN / PH_UNITS_PER_ONE) return false;
  *units = value * PH_UNITS_PER_ONE;
  return true;
}

/* A REAL is the decimal that a person would say it is. Only near a half unit may that round otherwise than
** the double, which lies within 2^-53 of it, and the product within as much again. */
bool ph_money_from_real(double value, int64_t *units) {
  if (!(fabs(value) < 922337203685478.0)) return false;
  if (value == floor(value)) return ph_money_from_integer((int64_t)value, units);
  double scaled = value * PH_UNITS_PER_ONE, below = floor(scaled), above_half = scaled - below - 0.5;
  if (fabs(above_half) > fabs(scaled) * 0x1p-50) {
    *units = (int64_t)below + (above_half > 0);
    return true;
  }
  char text[PH_REAL_TEXT_BYTES];
  return ph_money_from_text(text, ph_real_write(value, text), units);
}

static bool is_blank(char character) {
  return character == ' ' || (character >= '\t' && character <= '\r');
}

bool ph_money_from_text(const char *text, size_t length, int64_t *units) {
  while (length > 0 && is_blank(*text)) text++, length--;
  while (length > 0 && is_blank(text[length - 1])) length--;
  ph_decimal number;
  if (!ph_decimal_read(text, length, &number)) return false;
  /* how many digits, counted from the first, stand above 1/10,000 */
  int64_t kept = number.integer_digits + number.exponent + 4;
  uint64_t magnitude = 0;
  int64_t index = 0;
  for (const char *at = number.digits; at < number.end; at++) {
    if (*at == '.') continue;
    unsigned digit = (unsigned)(*at - '0');
    if (index < kept) {
      if (magnitude > (UINT64_MAX - 9) / 10) return false;
      magnitude = magnitude * 10 + digit;
    } else if (index == kept && digit >= 5) {
      magnitude++; /* half away from zero needs the first digit below alone */
    }
    index++;
  }
  for (; index < kept && magnitude > 0; index++) {
    if (magnitude > UINT64_MAX / 10) return false;
    magnitude *= 10;
  }
  uint64_t limit = (uint64_t)INT64_MAX + (number.negative ? 1 : 0);
  if (magnitude > limit) return false;
  *units = number.negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  return true;
}

/* The whole part has 40 to 50 bits; the fraction gives as many as 53 leave, rounded to the nearest, of two to
** the even one. */
double ph_large_money_to_real(int64_t units) {
  const uint64_t exact = (uint64_t)1 << 53, unit = PH_UNITS_PER_ONE;
  uint64_t magnitude = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
  uint64_t whole = magnitude / unit, scale = 1;
  while (whole * scale < exact / 2) scale *= 2; /* at most 2^13 */
  uint64_t fraction = magnitude % unit * scale;
  uint64_t mantissa = whole * scale + fraction / unit, rest = fraction % unit;
  if (rest > unit / 2 || (rest == unit / 2 && mantissa % 2 == 1)) mantissa++;
  double real = (double)mantissa / (double)scale;
  return units < 0 ? -real : real;
}

int64_t ph_money_value(const ph_money_sum *sum, const char *what, ph_status *status) {
  int64_t high = sum->high + ph_money_high(sum->low);
  int64_t low = ph_money_low(sum->low);
  if (high > INT32_MAX || high < INT32_MIN) {
    ph_fail(status, "%s: the sum of money is out of range (expected at most 922337203685477.5807 in size)",
            what);
    return 0;
  }
  return high * 4294967296 + low;
}

int64_t ph_money_difference(int64_t a, int64_t b, const char *what, ph_status *status) {
  ph_money_sum sum = {0, 0};
  ph_money_add(&sum, a);
  ph_money_subtract(&sum, b);
  return ph_money_value(&sum, what, status);
}
