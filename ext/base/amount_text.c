/* Amounts in text. See amount_text.h. */
#include "amount_text.h"

#include "blank.h"
#include "decimal.h"

enum { MOST_DIGITS = 100, MOST_CURRENCIES = 2, MOST_NEGATIVE_MARKS = 1 };

/* The codes of ISO 4217 that are in use, and some that lately were. */
static const char currency_codes[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF "
    "CHF CLF CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF "
    "GTQ "
    "GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP "
    "LKR "
    "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
    "PGK "
    "PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT "
    "TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL ";

/* Signs and usual abbreviations, of those that begin alike the longer first. The signs U+20A0 to U+20CF need
** no entry. */
static const char *const currency_signs[] = {
    "CA$", "AU$",      "NZ$",      "HK$",      "NT$",       "US$",       "MX$", "A$", "C$",   "R$",  "S$",
    "$",   "\xC2\xA3", "\xC2\xA5", "\xC2\xA4", "kr.",       "Kr.",       "kr",  "Kr", "SFr.", "Fr.", "Fr",
    "Rs.", "Rs",       "RM",       "R",        "z\xC5\x82", "K\xC4\x8D", "Ft",  "TL", "lei"};

/* Length in bytes of the currency at `at`, 0 where none is. */
static size_t currency_length(const char *at, const char *end) {
  if (end - at >= 3) {
    for (const char *code = currency_codes; *code != 0; code += 4)
      if (memcmp(at, code, 3) == 0) return 3;
    if (ph_starts_with(at, end, "\xE2\x82") && (unsigned char)at[2] >= 0xA0) return 3;
  }
  for (size_t index = 0; index < sizeof currency_signs / sizeof *currency_signs; index++)
    if (ph_starts_with(at, end, currency_signs[index])) return strlen(currency_signs[index]);
  return 0;
}

/* What stands around the digits. */
typedef struct amount_scan {
  const char *at, *end;
  int currencies, negative_marks;
  bool open, closed, plus; /* a parenthesis before, one behind, a plus sign */
} amount_scan;

static bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

/* Length of the minus sign at `at`: the hyphen or U+2212. */
static size_t minus_length(const char *at, const char *end) {
  if (at < end && *at == '-') return 1;
  return ph_starts_with(at, end, "\xE2\x88\x92") ? 3 : 0;
}

/* Passes a parenthesis or a plus sign, each at most once. */
static size_t pass_mark(amount_scan *scan, bool before_digits) {
  bool *seen = before_digits ? (*scan->at == '+' ? &scan->plus : &scan->open) : &scan->closed;
  bool is_mark = before_digits ? *scan->at == '(' || *scan->at == '+' : *scan->at == ')';
  if (!is_mark || *seen) return 0;
  *seen = true;
  return 1;
}

/* Passes one blank, currency or mark. False where none is. */
static bool pass_one(amount_scan *scan, bool before_digits) {
  const char *at = scan->at, *end = scan->end;
  if (at == end) return false;
  size_t length = ph_blank_length(at, end);
  if (length == 0 && (length = minus_length(at, end)) > 0) {
    scan->negative_marks++;
  } else if (length == 0 && (length = currency_length(at, end)) > 0) {
    scan->currencies++;
  } else if (length == 0) {
    length = pass_mark(scan, before_digits);
  }
  scan->at += length;
  return length > 0;
}

/* Length of the separator of groups at `at`, 0 where none is: it stands between two digits. */
static size_t separator_length(const char *at, const char *end, char decimal) {
  size_t length = ph_blank_length(at, end);
  if (length == 0 && at < end && *at != decimal && (*at == ',' || *at == '.' || *at == '\'')) length = 1;
  if (length == 0 && ph_starts_with(at, end, "\xE2\x80\x99")) length = 3; /* ’ */
  return length > 0 && (size_t)(end - at) > length && is_digit(at[length]) ? length : 0;
}

/* The digits as ph_decimal_read takes them. */
typedef struct amount_digits {
  char text[MOST_DIGITS + 16];
  size_t length;
} amount_digits;

static bool take_digits(amount_scan *scan, amount_digits *digits, size_t *count) {
  const char *start = scan->at;
  for (; scan->at < scan->end && is_digit(*scan->at); scan->at++) {
    if (digits->length >= MOST_DIGITS) return false;
    digits->text[digits->length++] = *scan->at;
  }
  *count = (size_t)(scan->at - start);
  return true;
}

/* Reads the digits before the decimal sign. Groups: 1 to 3 digits, then 3 each; with commas also 1 or 2,
** then 2 each, the last of 3. A number in groups does not begin with 0. */
static bool read_whole(amount_scan *scan, char decimal, amount_digits *digits) {
  const char *start = scan->at, *separator = NULL;
  size_t count, separator_bytes = 0, groups = 0;
  if (!take_digits(scan, digits, &count)) return false;
  bool threes = count >= 1 && count <= 3, twos = count >= 1 && count <= 2;
  for (;; groups++) {
    size_t length = separator_length(scan->at, scan->end, decimal);
    if (length == 0) break;
    if (separator != NULL && (length != separator_bytes || memcmp(separator, scan->at, length) != 0))
      return false;
    separator = scan->at;
    separator_bytes = length;
    if (groups > 0) twos = twos && count == 2;
    scan->at += length;
    if (!take_digits(scan, digits, &count)) return false;
    threes = threes && count == 3;
  }
  if (groups == 0) return true;
  if (*start == '0') return false;
  return threes || (twos && count == 3 && *separator == ',');
}

/* Reads the decimal sign and what stands behind it: digits, none, or a dash for no cents. */
static bool read_fraction(amount_scan *scan, char decimal, amount_digits *digits, bool *dash) {
  size_t count, dashes = 0;
  *dash = false;
  if (scan->at == scan->end || *scan->at != decimal) return true;
  scan->at++;
  digits->text[digits->length++] = '.';
  if (!take_digits(scan, digits, &count)) return false;
  while (count == 0 && dashes < 2 && scan->at < scan->end) {
    size_t length =
        ph_starts_with(scan->at, scan->end, "\xE2\x80\x93") ? 3 : minus_length(scan->at, scan->end);
    if (length == 0) break;
    scan->at += length;
    dashes++;
  }
  *dash = dashes > 0;
  return true;
}

/* Reads E+06; no exponent is none. */
static bool read_exponent(amount_scan *scan, amount_digits *digits) {
  const char *at = scan->at;
  size_t count;
  if (at == scan->end || (*at != 'E' && *at != 'e')) return true;
  at++;
  bool negative = at < scan->end && *at == '-';
  if (at < scan->end && (*at == '+' || *at == '-')) at++;
  if (at == scan->end || !is_digit(*at)) return true; /* the E of EUR */
  scan->at = at;
  digits->text[digits->length++] = 'e';
  if (negative) digits->text[digits->length++] = '-';
  return take_digits(scan, digits, &count) && count <= 3;
}

/* The number as an integer where it is whole and fits. */
static bool to_integer(const ph_decimal *number, int64_t *integer) {
  uint64_t magnitude = 0;
  int64_t whole_digits = number->integer_digits + number->exponent, index = 0;
  for (const char *at = number->digits; at < number->end; at++) {
    if (*at == '.') continue;
    if (index++ >= whole_digits) {
      if (*at != '0') return false;
    } else if (magnitude > ((uint64_t)INT64_MAX - (unsigned)(*at - '0')) / 10) {
      return false;
    } else {
      magnitude = magnitude * 10 + (unsigned)(*at - '0');
    }
  }
  for (; index < whole_digits && magnitude > 0; index++) {
    if (magnitude > (uint64_t)INT64_MAX / 10) return false;
    magnitude *= 10;
  }
  *integer = number->negative ? -(int64_t)magnitude : (int64_t)magnitude;
  return true;
}

bool ph_amount_read(const char *text, size_t length, char decimal, ph_value *number) {
  amount_scan scan = {.at = text, .end = text + length};
  amount_digits digits = {.length = 0};
  ph_decimal read;
  bool dash;
  while (pass_one(&scan, true)) {
  }
  if (!read_whole(&scan, decimal, &digits) || !read_fraction(&scan, decimal, &digits, &dash)) return false;
  if (!dash && !read_exponent(&scan, &digits)) return false;
  while (pass_one(&scan, false)) {
  }
  if (scan.at < scan.end || scan.open != scan.closed || scan.currencies > MOST_CURRENCIES) return false;
  int marks = scan.negative_marks + scan.open;
  if (marks + scan.plus > MOST_NEGATIVE_MARKS || !ph_decimal_read(digits.text, digits.length, &read))
    return false;
  read.negative = marks > 0;
  *number = (ph_value){.type = PH_INTEGER};
  if (to_integer(&read, &number->integer)) return true;
  number->type = PH_REAL;
  number->real = ph_decimal_to_real(&read);
  return number->real - number->real == 0; /* finite */
}
