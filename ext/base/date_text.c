/* Dates and instants in text. See date_text.h. */
#include "date_text.h"

#include "blank.h"
#include "decimal.h"

#include <math.h>

static const int64_t UNIX_EPOCH_DAY = 719162; /* 1970-01-01 */
static const int64_t MILLISECONDS_A_DAY = 86400000;

typedef struct date_scan {
  const char *at, *end;
  bool lenient; /* an order of parts was given */
} date_scan;

/* A run of digits. */
typedef struct date_part {
  int value, length;
} date_part;

static bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

static bool is_letter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

static bool at_digit(const date_scan *scan) {
  return scan->at < scan->end && is_digit(*scan->at);
}

/* Passes one character if it is there. */
static bool take(date_scan *scan, char character) {
  if (scan->at == scan->end || *scan->at != character) return false;
  scan->at++;
  return true;
}

static bool take_blanks(date_scan *scan) {
  const char *before = scan->at;
  scan->at = ph_after_blanks(scan->at, scan->end);
  return scan->at > before;
}

/* Reads a run of `shortest` to `longest` digits, which is the whole run. */
static bool take_part(date_scan *scan, int shortest, int longest, date_part *part) {
  part->value = part->length = 0;
  while (at_digit(scan) && part->length < longest) {
    part->value = part->value * 10 + (*scan->at++ - '0');
    part->length++;
  }
  return part->length >= shortest && !at_digit(scan);
}

/* ----------------------------------------------------------------------------------------------- the date */

static bool set_day(const date_part *year, const date_part *month, const date_part *day,
                    ph_date_reading *reading) {
  int full_year = year->value;
  if (year->length == 2) full_year += full_year < 69 ? 2000 : 1900;
  if (full_year == 0 && month->value == 0 && day->value == 0) {
    reading->kind = PH_DATE_MISSING;
    reading->day = PH_DAY_NONE;
    return true;
  }
  if (full_year < 1 || month->value < 1 || month->value > 12 || day->value < 1) return false;
  if (day->value > ph_days_in_month(full_year, month->value)) return false;
  reading->kind = PH_DATE_ALONE;
  reading->day = ph_day_of(full_year, month->value, day->value);
  return true;
}

/* The digits are checked together: most texts are dates, and a branch for
** each costs more than the rest. */
bool ph_date_read_iso(const char text[10], ph_day *day) {
  static const int places[8] = {0, 1, 2, 3, 5, 6, 8, 9};
  if (text[4] != '-' || text[7] != '-') return false;
  unsigned digit[8], bad = 0;
  for (int index = 0; index < 8; index++) {
    digit[index] = (unsigned)(text[places[index]] - '0');
    bad |= digit[index] > 9;
  }
  if (bad) return false;
  int year = (int)(digit[0] * 1000 + digit[1] * 100 + digit[2] * 10 + digit[3]);
  int month = (int)(digit[4] * 10 + digit[5]), day_of_month = (int)(digit[6] * 10 + digit[7]);
  if (year < 1 || month < 1 || month > 12 || day_of_month < 1) return false;
  if (day_of_month > 28 && day_of_month > ph_days_in_month(year, month)) return false;
  *day = ph_day_of(year, month, day_of_month);
  return true;
}

/* Reads a month's English name: whole, its first three letters, or Sept; shortened names may have a dot. */
static bool take_month(date_scan *scan, date_part *month) {
  static const char *const names[] = {"january", "february", "march",     "april",   "may",      "june",
                                      "july",    "august",   "september", "october", "november", "december"};
  const char *start = scan->at;
  while (scan->at < scan->end && is_letter(*scan->at)) scan->at++;
  size_t length = (size_t)(scan->at - start);
  for (int index = 0; index < 12; index++) {
    bool is_whole = ph_text_equals_any_case(start, length, names[index]);
    bool is_short = length == 3 || (length == 4 && index == 8);
    char shortened[5] = {0};
    if (is_short) memcpy(shortened, names[index], length);
    if (!is_whole && !(is_short && ph_text_equals_any_case(start, length, shortened))) continue;
    *month = (date_part){index + 1, 2};
    if (!is_whole) take(scan, '.');
    return true;
  }
  return false;
}

static bool take_year(date_scan *scan, date_part *year) {
  return take_part(scan, 2, 4, year) && year->length != 3;
}

/* May 5, 2022 */
static bool read_month_first(date_scan *scan, ph_date_reading *reading) {
  date_part month, day, year;
  if (!take_month(scan, &month) || !take_blanks(scan) || !take_part(scan, 1, 2, &day)) return false;
  bool comma = take(scan, ',');
  if (!take_blanks(scan) && !comma) return false;
  return take_year(scan, &year) && set_day(&year, &month, &day, reading);
}

/* What stands behind the day of 5 May 2022 or 05-May-22: one separator twice. */
static bool read_month_behind(date_scan *scan, const date_part *day, ph_date_reading *reading) {
  date_part month, year;
  char separator = *scan->at;
  if (separator != '-' && separator != '/') separator = ' ';
  if (separator == ' ' ? !take_blanks(scan) : !take(scan, separator)) return false;
  if (!take_month(scan, &month)) return false;
  if (separator == ' ') take(scan, ',');
  if (separator == ' ' ? !take_blanks(scan) : !take(scan, separator)) return false;
  return take_year(scan, &year) && set_day(&year, &month, day, reading);
}

/* Gives three runs of digits their meaning. */
static bool set_day_in_order(const date_part parts[3], ph_date_order order, ph_date_reading *reading) {
  if (parts[0].length == 4) order = PH_DATE_YMD;
  const date_part *year = &parts[order == PH_DATE_YMD ? 0 : 2];
  const date_part *month = &parts[order == PH_DATE_MDY ? 0 : 1];
  const date_part *day = &parts[order == PH_DATE_YMD ? 2 : order == PH_DATE_MDY ? 1 : 0];
  if ((year->length != 2 && year->length != 4) || month->length > 2 || day->length > 2) return false;
  return set_day(year, month, day, reading);
}

/* 20220505. Eight digits without an order of year, month and day are no date. */
static bool set_day_of_eight_digits(int64_t digits, ph_date_order order, ph_date_reading *reading) {
  date_part year = {(int)(digits / 10000), 4}, month = {(int)(digits / 100 % 100), 2};
  date_part day = {(int)(digits % 100), 2};
  return order == PH_DATE_YMD && set_day(&year, &month, &day, reading);
}

static bool read_digits_first(date_scan *scan, ph_date_order order, ph_date_reading *reading) {
  date_part parts[3];
  if (!take_part(scan, 1, 4, &parts[0]) || scan->at == scan->end) return false;
  char separator = *scan->at;
  const char *behind = ph_after_blanks(scan->at, scan->end);
  if (behind == scan->at) behind++;
  if (behind < scan->end && is_letter(*behind))
    return parts[0].length <= 2 && read_month_behind(scan, &parts[0], reading);
  if (separator != '-' && separator != '/' && (separator != '.' || !scan->lenient)) return false;
  for (int index = 1; index < 3; index++)
    if (!take(scan, separator) || !take_part(scan, scan->lenient ? 1 : 2, 4, &parts[index])) return false;
  if (!scan->lenient && parts[0].length != 4) return false;
  return set_day_in_order(parts, order, reading);
}

static bool read_date(date_scan *scan, ph_date_order order, ph_date_reading *reading) {
  if (at_digit(scan)) return read_digits_first(scan, order, reading);
  return scan->at < scan->end && is_letter(*scan->at) && read_month_first(scan, reading);
}

/* ----------------------------------------------------------------------------------------------- the time */

/* Reads ±HH:MM, ±HHMM or ±HH at the end of the text. */
static bool read_offset(date_scan *scan, ph_date_reading *reading) {
  date_part hours, minutes = {0, 0};
  int sign = *scan->at++ == '-' ? -1 : 1;
  const char *start = scan->at;
  if (!take_part(scan, 2, 4, &hours)) return false;
  if (hours.length == 3) return false;
  if (hours.length == 4) {
    minutes = (date_part){hours.value % 100, 2};
    hours.value /= 100;
  } else if (scan->at - start == 2 && take(scan, ':') && !take_part(scan, 2, 2, &minutes)) {
    return false;
  }
  if (hours.value > 14 || minutes.value > 59) return false;
  reading->minutes_east = (int16_t)(sign * (hours.value * 60 + minutes.value));
  return scan->at == scan->end;
}

/* Reads the zone that ends the text; there may be none. */
static bool read_zone(date_scan *scan, ph_date_reading *reading) {
  if (scan->at == scan->end) return true;
  take_blanks(scan);
  size_t length = (size_t)(scan->end - scan->at);
  reading->has_zone = true;
  if (length == 0) return false;
  if (*scan->at == '+' || *scan->at == '-') return read_offset(scan, reading);
  if (length == 1) return *scan->at == 'Z' || (scan->lenient && *scan->at == 'z');
  return ph_text_equals_any_case(scan->at, length, "UTC") || ph_text_equals_any_case(scan->at, length, "GMT");
}

/* Reads AM, PM, a.m. or p.m., after blanks or none, and moves the hour; there may be none of them. */
static bool read_half_of_day(date_scan *scan, int *hour) {
  const char *at = ph_after_blanks(scan->at, scan->end);
  char half = at < scan->end ? (char)(*at | ' ') : 0;
  if (half != 'a' && half != 'p') return true;
  bool dotted = scan->end - at >= 4 && at[1] == '.' && at[3] == '.';
  if (!dotted && scan->end - at < 2) return false;
  if ((at[dotted ? 2 : 1] | ' ') != 'm') return false;
  scan->at = at + (dotted ? 4 : 2);
  if (*hour < 1 || *hour > 12) return false;
  *hour = *hour % 12 + (half == 'p' ? 12 : 0);
  return true;
}

/* Reads the digits behind the point of the seconds as milliseconds; further ones are cut. */
static bool read_fraction(date_scan *scan, int *milliseconds) {
  if (!take(scan, '.') && !(scan->lenient && take(scan, ','))) return true;
  if (!at_digit(scan)) return false;
  for (int scale = 100; at_digit(scan); scale /= 10) *milliseconds += scale * (*scan->at++ - '0');
  return true;
}

/* Reads HH:MM[:SS[.fff]], in lenient texts also of twelve hours, and the zone behind it. */
static bool read_time(date_scan *scan, ph_date_reading *reading) {
  date_part hour, minute, second = {0, 0};
  int fraction = 0;
  if (!take_part(scan, scan->lenient ? 1 : 2, 2, &hour) || !take(scan, ':')) return false;
  if (!take_part(scan, 2, 2, &minute)) return false;
  if (take(scan, ':') && (!take_part(scan, 2, 2, &second) || !read_fraction(scan, &fraction))) return false;
  if (scan->lenient && !read_half_of_day(scan, &hour.value)) return false;
  if (hour.value > 23 || minute.value > 59 || second.value > 59) return false;
  reading->millisecond = ((hour.value * 60 + minute.value) * 60 + second.value) * 1000 + fraction;
  if (reading->kind == PH_DATE_ALONE) reading->kind = PH_DATE_WITH_TIME;
  return read_zone(scan, reading);
}

/* Reads what stands behind a date: nothing, or T, a blank or in lenient texts a comma, and a time. */
static bool read_behind_date(date_scan *scan, ph_date_reading *reading) {
  if (scan->at == scan->end) return true;
  if (scan->lenient) {
    bool comma = take(scan, ',');
    if (!take_blanks(scan) && !comma && !take(scan, 'T') && !take(scan, 't')) return false;
  } else if (!take(scan, 'T') && !take(scan, ' ')) {
    return false;
  }
  bool good = read_time(scan, reading);
  reading->is_plain_midnight = good && reading->kind == PH_DATE_WITH_TIME && reading->millisecond == 0 &&
                               reading->minutes_east == 0 && !(reading->has_zone && is_digit(scan->end[-1]));
  return good;
}

/* ------------------------------------------------------------------------------------------------ numbers */

/* Floor division by a positive number. */
static int64_t floor_of(int64_t dividend, int64_t divisor) {
  return dividend / divisor - (dividend % divisor < 0);
}

static bool set_unix_milliseconds(int64_t milliseconds, ph_date_reading *reading) {
  int64_t day = floor_of(milliseconds, MILLISECONDS_A_DAY) + UNIX_EPOCH_DAY;
  if (!ph_is_day(day)) return false;
  reading->kind = PH_DATE_WITH_TIME;
  reading->day = (ph_day)day;
  reading->millisecond = (int32_t)(milliseconds - (day - UNIX_EPOCH_DAY) * MILLISECONDS_A_DAY);
  reading->has_zone = true;
  reading->is_plain_midnight = false;
  return true;
}

static bool read_integer(int64_t number, ph_date_reading *reading) {
  static const int64_t FIRST_UNIX_SECOND = 5373485, FIRST_MILLISECOND = 100000000000;
  static const int64_t FIRST_MICROSECOND = 100000000000000;
  if (number >= FIRST_MICROSECOND) return set_unix_milliseconds(number / 1000, reading);
  if (number >= FIRST_MILLISECOND) return set_unix_milliseconds(number, reading);
  if (number >= FIRST_UNIX_SECOND) return set_unix_milliseconds(number * 1000, reading);
  if (number < 0) return false;
  return set_unix_milliseconds((2 * number - 4881175) * (MILLISECONDS_A_DAY / 2), reading); /* 2440587.5 */
}

static bool read_real(double number, ph_date_reading *reading) {
  double milliseconds;
  if (number >= 1e14 && number < 1e18) return read_integer((int64_t)number, reading);
  if (number < 5373484.5) { /* a Julian day holds some 0.04 milliseconds exactly, so the nearest is meant */
    milliseconds = (number - 2440587.5) * (double)MILLISECONDS_A_DAY + 0.5;
  } else { /* cut like the digits of a text, but for what a binary fraction lacks */
    milliseconds = (number < 1e11 ? number * 1000 : number) + 0.001;
  }
  if (!(fabs(milliseconds) < 1e15)) return false;
  return set_unix_milliseconds((int64_t)floor(milliseconds), reading);
}

static bool read_number(const char *text, size_t length, ph_date_reading *reading) {
  ph_decimal number;
  return ph_decimal_read(text, length, &number) && read_real(ph_decimal_to_real(&number), reading);
}

/* ----------------------------------------------------------------------------------------------- */

bool ph_date_read_text(const char *text, size_t length, ph_date_order order, ph_date_reading *reading) {
  date_scan scan = {text, text + length, order != PH_DATE_STRICT};
  *reading = (ph_date_reading){.kind = PH_DATE_ALONE};
  if (length >= 10 && ph_date_read_iso(text, &reading->day)) {
    if (length == 10) return true;
    scan.at += 10;
    if (scan.lenient) scan.end = ph_before_blanks(scan.at, scan.end);
    return read_behind_date(&scan, reading);
  }
  if (scan.lenient) {
    scan.at = ph_after_blanks(scan.at, scan.end);
    scan.end = ph_before_blanks(scan.at, scan.end);
  }
  const char *start = scan.at;
  date_part eight;
  if (scan.lenient && take_part(&scan, 8, 8, &eight))
    return set_day_of_eight_digits(eight.value, order, reading) && read_behind_date(&scan, reading);
  scan.at = start;
  if (read_date(&scan, order, reading)) return read_behind_date(&scan, reading);
  *reading = (ph_date_reading){.kind = PH_DATE_ALONE};
  return read_number(start, (size_t)(scan.end - start), reading);
}

bool ph_date_read(const ph_value *value, ph_date_order order, ph_date_reading *reading) {
  if (value->type == PH_TEXT && value->length > 0)
    return ph_date_read_text(value->text, value->length, order, reading);
  *reading = (ph_date_reading){.kind = PH_DATE_MISSING, .day = PH_DAY_NONE};
  switch (value->type) {
  case PH_INTEGER:
    if (order != PH_DATE_STRICT && value->integer >= 10000000 && value->integer <= 99999999)
      return set_day_of_eight_digits(value->integer, order, reading);
    return read_integer(value->integer, reading);
  case PH_REAL: return read_real(value->real, reading);
  default: return ph_value_is_missing(value);
  }
}

int64_t ph_date_unix_milliseconds(const ph_date_reading *reading) {
  return (reading->day - UNIX_EPOCH_DAY) * MILLISECONDS_A_DAY + reading->millisecond -
         (int64_t)reading->minutes_east * 60000;
}

/* Writes a number of two digits. */
static char *write_two(char *at, int number) {
  *at++ = (char)('0' + number / 10 % 10);
  *at++ = (char)('0' + number % 10);
  return at;
}

size_t ph_date_write(const ph_date_reading *reading, char text[PH_DATE_TEXT_BYTES]) {
  ph_day_format(reading->day, text);
  char *at = text + 10;
  if (reading->kind == PH_DATE_WITH_TIME) {
    int seconds = reading->millisecond / 1000, fraction = reading->millisecond % 1000;
    *at++ = 'T';
    at = write_two(at, seconds / 3600);
    *at++ = ':';
    at = write_two(at, seconds / 60 % 60);
    *at++ = ':';
    at = write_two(at, seconds % 60);
    if (fraction > 0) {
      *at++ = '.';
      *at++ = (char)('0' + fraction / 100);
      at = write_two(at, fraction % 100);
    }
    int offset = reading->minutes_east < 0 ? -reading->minutes_east : reading->minutes_east;
    if (offset != 0) {
      *at++ = reading->minutes_east < 0 ? '-' : '+';
      at = write_two(at, offset / 60);
      *at++ = ':';
      at = write_two(at, offset % 60);
    } else if (reading->has_zone) {
      *at++ = 'Z';
    }
  }
  *at = 0;
  return (size_t)(at - text);
}
