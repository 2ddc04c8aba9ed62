/* Decimal numbers in text. See decimal.h. */
#include "decimal.h"

#include <string.h>

static bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

static bool read_exponent(const char *at, const char *end, int64_t *exponent) {
  bool negative = false;
  if (at < end && (*at == '+' || *at == '-')) negative = *at++ == '-';
  if (at == end) return false;
  int64_t value = 0;
  for (; at < end; at++) {
    if (!is_digit(*at)) return false;
    if (value < 100000) value = value * 10 + (*at - '0');
  }
  *exponent = negative ? -value : value;
  return true;
}

bool ph_decimal_read(const char *text, size_t length, ph_decimal *number) {
  const char *at = text, *end = text + length;
  *number = (ph_decimal){0};
  if (at < end && (*at == '+' || *at == '-')) number->negative = *at++ == '-';
  number->digits = at;
  int64_t fraction_digits = 0;
  while (at < end && is_digit(*at)) at++;
  number->integer_digits = at - number->digits;
  if (at < end && *at == '.') {
    const char *fraction = ++at;
    while (at < end && is_digit(*at)) at++;
    fraction_digits = at - fraction;
  }
  number->end = at;
  if (number->integer_digits + fraction_digits == 0) return false;
  if (at == end) return true;
  return (*at == 'e' || *at == 'E') && read_exponent(at + 1, end, &number->exponent);
}

size_t ph_integer_write(int64_t integer, char text[PH_INTEGER_TEXT_BYTES]) {
  char digits[PH_INTEGER_TEXT_BYTES], *end = digits + sizeof digits, *at = end;
  uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
  *--at = 0;
  do {
    *--at = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (integer < 0) *--at = '-';
  memcpy(text, at, (size_t)(end - at));
  return (size_t)(end - at) - 1;
}
