/* Money. See money.h. */
#include "money.h"

#include "decimal.h"

#include <math.h>

bool ph_money_from_integer(int64_t value, int64_t *units) {
  if (value > INT64_MAX / PH_UNITS_PER_ONE || value < INT64_MIN / PH_UNITS_PER_ONE) return false;
  *units = value * PH_UNITS_PER_ONE;
  return true;
}

bool ph_money_from_real(double value, int64_t *units) {
  double scaled = round(value * PH_UNITS_PER_ONE);
  if (!(scaled >= -9223372036854775808.0 && scaled < 9223372036854775808.0)) return false;
  *units = (int64_t)scaled;
  return true;
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

double ph_money_to_real(int64_t units) {
  return (double)units / PH_UNITS_PER_ONE;
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
