/*
** Between decimal numbers and doubles, exactly. See decimal.h.
**
** A number that does not fit in a few machine words is a row of decimal digits, which is multiplied and
** divided by powers of two until 53 bits of it stand before the point: slow, simple and exact (Nigel Tao,
** "The Simple Decimal Conversion algorithm", 2020). The usual number needs one multiplication or division.
*/
#include "decimal.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* More digits than lie between any double and the middle to its neighbour. */
enum { MOST_DIGITS = 800, MOST_SHIFT = 59, MANTISSA_BITS = 53, SMALLEST_EXPONENT = -1074 };

/* 0.d1d2d3… × 10^point, d1 > 0. */
typedef struct long_decimal {
  uint8_t digits[MOST_DIGITS];
  int count, point;
  bool was_cut; /* further digits, not all 0, are left out */
} long_decimal;

static void append(long_decimal *number, unsigned digit) {
  if (number->count < MOST_DIGITS) {
    number->digits[number->count++] = (uint8_t)digit;
  } else if (digit > 0) {
    number->was_cut = true;
  }
}

static void trim(long_decimal *number) {
  while (number->count > 0 && number->digits[number->count - 1] == 0) number->count--;
}

/* Times 2^shift. */
static void multiply(long_decimal *number, int shift) {
  uint8_t product[MOST_DIGITS + 20];
  int at = MOST_DIGITS + 20, end = at;
  uint64_t carry = 0;
  for (int index = number->count - 1; index >= 0 || carry > 0; index--) {
    if (index >= 0) carry += (uint64_t)number->digits[index] << shift;
    product[--at] = (uint8_t)(carry % 10);
    carry /= 10;
  }
  number->point += end - at - number->count;
  number->count = 0;
  while (at < end) append(number, product[at++]);
  trim(number);
}

/* Divided by 2^shift. */
static void divide(long_decimal *number, int shift) {
  uint64_t rest = 0, mask = ((uint64_t)1 << shift) - 1;
  int read = 0, count = number->count;
  while (rest >> shift == 0) {
    rest = rest * 10 + (read < count ? number->digits[read] : 0);
    read++;
  }
  number->point -= read - 1;
  number->count = 0;
  while (read < count || rest > 0) {
    append(number, (unsigned)(rest >> shift));
    rest = (rest & mask) * 10 + (read < count ? number->digits[read] : 0);
    read++;
  }
  trim(number);
}

static bool rounds_up(const long_decimal *number, int kept) {
  if (kept < 0 || kept >= number->count) return false;
  bool is_half = number->digits[kept] == 5 && kept + 1 == number->count && !number->was_cut;
  if (is_half) return kept > 0 && number->digits[kept - 1] % 2 == 1;
  return number->digits[kept] >= 5;
}

/* The nearest whole number, below 2^54. */
static uint64_t nearest_whole(const long_decimal *number) {
  uint64_t whole = 0;
  for (int index = 0; index < number->point; index++)
    whole = whole * 10 + (index < number->count ? number->digits[index] : 0);
  return whole + rounds_up(number, number->point);
}

static double to_real(long_decimal *number) {
  int exponent = 0;
  if (number->count == 0 || number->point < -330) return 0;
  if (number->point > 310) return HUGE_VAL;
  /* 8^n is below 10^n */
  while (number->point > 0) {
    int shift = number->point * 3 < MOST_SHIFT ? number->point * 3 : MOST_SHIFT;
    divide(number, shift);
    exponent += shift;
  }
  while (number->point < 0 || number->digits[0] < 5) {
    int shift = number->point == 0 ? 1 : -number->point * 3 < MOST_SHIFT ? -number->point * 3 : MOST_SHIFT;
    multiply(number, shift);
    exponent -= shift;
  }
  int bits = exponent - MANTISSA_BITS < SMALLEST_EXPONENT ? exponent - SMALLEST_EXPONENT : MANTISSA_BITS;
  if (bits < 0) return 0;
  if (bits > 0) multiply(number, bits);
  return ldexp((double)nearest_whole(number), exponent - bits);
}

double ph_decimal_to_real(const ph_decimal *number) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const uint64_t exact = (uint64_t)1 << MANTISSA_BITS;
  uint64_t digits = 0;
  int64_t exponent = number->exponent + number->integer_digits;
  const char *at = number->digits;
  for (; at < number->end && digits < exact / 10 - 1; at++) {
    if (*at == '.') continue;
    digits = digits * 10 + (unsigned)(*at - '0');
    exponent--;
  }
  double value;
  if (at == number->end && exponent >= -22 && exponent <= 22) {
    value = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
  } else {
    long_decimal all = {.count = 0};
    exponent = number->exponent + number->integer_digits;
    for (at = number->digits; at < number->end; at++) {
      if (*at == '.') continue;
      if (all.count > 0 || *at != '0') {
        append(&all, (unsigned)(*at - '0'));
      } else {
        exponent--;
      }
    }
    all.point = exponent > 1000 ? 1000 : exponent < -1000 ? -1000 : (int)exponent;
    trim(&all);
    value = to_real(&all);
  }
  return number->negative ? -value : value;
}

/* ----------------------------------------------------------------------------------------------- */

/* The exact digits of a positive double. */
static void from_real(double real, long_decimal *number) {
  int exponent;
  uint64_t mantissa = (uint64_t)ldexp(frexp(real, &exponent), MANTISSA_BITS);
  char digits[PH_INTEGER_TEXT_BYTES];
  *number = (long_decimal){.point = (int)ph_integer_write((int64_t)mantissa, digits)};
  for (int index = 0; index < number->point; index++) append(number, (unsigned)(digits[index] - '0'));
  trim(number);
  exponent -= MANTISSA_BITS;
  for (int shift; exponent > 0; exponent -= shift)
    multiply(number, shift = exponent < MOST_SHIFT ? exponent : MOST_SHIFT);
  for (int shift; exponent < 0; exponent += shift)
    divide(number, shift = -exponent < MOST_SHIFT ? -exponent : MOST_SHIFT);
}

/* Keeps so many digits, of the nearest number. */
static void round_to(long_decimal *number, int count) {
  if (number->count <= count) return;
  bool up = rounds_up(number, count);
  number->count = count;
  number->was_cut = false;
  while (up && number->count > 0) {
    up = number->digits[number->count - 1] == 9;
    number->digits[number->count - 1] = (uint8_t)(up ? 0 : number->digits[number->count - 1] + 1);
    if (up) number->count--;
  }
  if (number->count == 0) {
    number->digits[number->count++] = 1;
    number->point++;
  }
  trim(number);
}

static void shorten(double real, long_decimal *number) {
  long_decimal all;
  from_real(real, &all);
  for (int count = DBL_DIG; count <= DBL_DIG + 2; count++) {
    *number = all;
    round_to(number, count);
    long_decimal back = *number;
    if (to_real(&back) == real) return;
  }
}

static char *write_exponent(char *at, int exponent) {
  char digits[PH_INTEGER_TEXT_BYTES];
  *at++ = 'e';
  *at++ = exponent < 0 ? '-' : '+';
  size_t length = ph_integer_write(exponent < 0 ? -exponent : exponent, digits);
  if (length < 2) *at++ = '0';
  memcpy(at, digits, length);
  return at + length;
}

/* Digits with a point, or with one digit before it and an exponent where there would be many zeros. */
static char *write_digits(char *at, const long_decimal *number) {
  bool scientific = number->point < -3 || number->point > DBL_DIG + 2;
  int before_point = scientific ? 1 : number->point;
  if (before_point <= 0) *at++ = '0';
  for (int index = 0; index < before_point; index++)
    *at++ = (char)('0' + (index < number->count ? number->digits[index] : 0));
  if (number->count > before_point) *at++ = '.';
  for (int index = before_point; index < number->count; index++)
    *at++ = (char)('0' + (index < 0 ? 0 : number->digits[index]));
  return scientific ? write_exponent(at, number->point - 1) : at;
}

size_t ph_real_write(double real, char text[PH_REAL_TEXT_BYTES]) {
  char *at = text;
  if (real < 0) *at++ = '-';
  if (real != real) {
    memcpy(at, "nan", 3);
    at += 3;
  } else if (real - real != 0) {
    memcpy(at, "inf", 3);
    at += 3;
  } else if (real == 0) {
    *at++ = '0';
  } else {
    long_decimal number;
    shorten(fabs(real), &number);
    at = write_digits(at, &number);
  }
  *at = 0;
  return (size_t)(at - text);
}
