/* Calendar days and instants. See day.h. */
#include "day.h"

#include "decimal.h"

#include <math.h>

static const int64_t UNIX_EPOCH_DAY = 719162; /* 1970-01-01 */
static const int64_t MILLISECONDS_A_DAY = 86400000;

bool ph_is_day(int64_t day) {
  return day >= 0 && day <= PH_DAY_LAST;
}

static bool is_leap_year(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int ph_days_in_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* Years are counted from March, so that the leap day is a year's last: Howard Hinnant, "chrono-Compatible
** Low-Level Date Algorithms" (days_from_civil). */
ph_day ph_day_of(int year, int month, int day) {
  int shifted_year = year - (month <= 2);
  int era = shifted_year / 400;
  int year_of_era = shifted_year - era * 400;
  int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 306;
}

/* Division by multiplication: Cassio Neri and Lorenz Schneider, "Euclidean affine functions and their application
** to calendar algorithms" (Software: Practice and Experience, 2022). Years are counted from March here, too. */
ph_civil ph_civil_of(ph_day day) {
  uint32_t quarter_days = 4 * ((uint32_t)day + 306) + 3;
  uint32_t century = quarter_days / 146097, in_century = quarter_days % 146097 / 4 * 4 + 3;
  uint64_t product = (uint64_t)2939745 * in_century;
  uint32_t year_of_century = (uint32_t)(product >> 32), day_of_year = (uint32_t)product / 2939745 / 4;
  uint32_t scaled = 2141 * day_of_year + 197913, month_from_march = scaled >> 16;
  bool next_year = day_of_year >= 306;
  return (ph_civil){.year = (int)(100 * century + year_of_century + next_year),
                    .month = (int)(month_from_march - (next_year ? 12 : 0)),
                    .day = (int)((scaled & 0xFFFF) / 2141) + 1};
}

int ph_weekday(ph_day day) {
  return day % 7; /* 0001-01-01 was a Monday */
}

int32_t ph_month_of(ph_day day) {
  ph_civil civil = ph_civil_of(day);
  return 12 * civil.year + civil.month - 1;
}

static bool is_month(int32_t month) {
  return month >= 12 && month < 12 * 10000;
}

ph_day ph_first_day_of_month(int32_t month) {
  return is_month(month) ? ph_day_of(month / 12, month % 12 + 1, 1) : PH_DAY_NONE;
}

ph_day ph_last_day_of_month(int32_t month) {
  if (!is_month(month)) return PH_DAY_NONE;
  return ph_day_of(month / 12, month % 12 + 1, ph_days_in_month(month / 12, month % 12 + 1));
}

bool ph_instant_from_unix_milliseconds(int64_t milliseconds, int64_t utc_offset_minutes,
                                       ph_instant *instant) {
  int64_t since_epoch = milliseconds + utc_offset_minutes * 60000;
  int64_t days = since_epoch / MILLISECONDS_A_DAY;
  int64_t rest = since_epoch % MILLISECONDS_A_DAY;
  if (rest < 0) {
    rest += MILLISECONDS_A_DAY;
    days--;
  }
  if (!ph_is_day(days + UNIX_EPOCH_DAY)) return false;
  instant->day = (ph_day)(days + UNIX_EPOCH_DAY);
  instant->millisecond = (int32_t)rest;
  return true;
}

/* Reads `count` digits; -1 when one of them is none. */
static int digits(const char *text, int count) {
  int value = 0;
  for (int index = 0; index < count; index++) {
    unsigned digit = (unsigned)(text[index] - '0');
    if (digit > 9) return -1;
    value = value * 10 + (int)digit;
  }
  return value;
}

/* Reads YYYY-MM-DD at the start of the text. Its digits are checked together: most texts are dates, and a branch for
** each costs more than the rest. */
static bool read_date(const char *text, size_t length, ph_day *day) {
  static const int places[8] = {0, 1, 2, 3, 5, 6, 8, 9};
  if (length < 10 || text[4] != '-' || text[7] != '-') return false;
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

/* Reads Z, ±HH:MM, ±HHMM or ±HH that ends the text, as minutes east of Greenwich. */
static bool read_zone(const char *at, const char *end, int *minutes_east) {
  *minutes_east = 0;
  if (at == end || (end - at == 1 && *at == 'Z')) return true;
  if ((*at != '+' && *at != '-') || end - at < 3) return false;
  int sign = *at == '-' ? -1 : 1;
  int hours = digits(at + 1, 2), minutes = 0;
  at += 3;
  if (at < end && *at == ':') {
    if (end - ++at != 2) return false;
  }
  if (at < end) minutes = end - at == 2 ? digits(at, 2) : -1;
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return false;
  *minutes_east = sign * (hours * 60 + minutes);
  return true;
}

/* Reads HH:MM, HH:MM:SS or HH:MM:SS.fraction and the zone behind it. */
static bool read_time(const char *at, const char *end, int64_t *milliseconds, int *minutes_east) {
  if (end - at < 5 || at[2] != ':') return false;
  int hour = digits(at, 2), minute = digits(at + 3, 2), second = 0, fraction = 0;
  at += 5;
  if (at < end && *at == ':') {
    if (end - at < 3) return false;
    second = digits(at + 1, 2);
    at += 3;
    if (at < end && *at == '.') {
      int scale = 100;
      if (++at == end || (unsigned)(*at - '0') > 9) return false;
      for (; at < end && (unsigned)(*at - '0') <= 9; at++, scale /= 10) fraction += scale * (*at - '0');
    }
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
  *milliseconds = ((int64_t)(hour * 60 + minute) * 60 + second) * 1000 + fraction;
  return read_zone(at, end, minutes_east);
}

static bool instant_from_number(double number, int64_t utc_offset_minutes, ph_instant *instant) {
  double milliseconds;
  if (number < 5373484.5) { /* a Julian day holds some 0.04 milliseconds exactly, so the nearest is meant */
    milliseconds = (number - 2440587.5) * (double)MILLISECONDS_A_DAY + 0.5;
  } else { /* cut like the digits of a text, but for what a binary fraction lacks */
    milliseconds = (number < 1e11 ? number * 1000 : number) + 0.001;
  }
  if (!(fabs(milliseconds) < 1e15)) return false;
  return ph_instant_from_unix_milliseconds((int64_t)floor(milliseconds), utc_offset_minutes, instant);
}

static bool instant_from_text(const ph_value *value, int64_t utc_offset_minutes, ph_instant *instant) {
  const char *text = value->text, *end = text + value->length;
  ph_decimal number;
  ph_day day;
  if (read_date(text, value->length, &day)) {
    if (value->length == 10) {
      *instant = (ph_instant){day, 0};
      return true;
    }
    int64_t milliseconds;
    int minutes_east;
    if (text[10] != 'T' && text[10] != ' ') return false;
    if (!read_time(text + 11, end, &milliseconds, &minutes_east)) return false;
    milliseconds += (day - UNIX_EPOCH_DAY) * MILLISECONDS_A_DAY - (int64_t)minutes_east * 60000;
    return ph_instant_from_unix_milliseconds(milliseconds, utc_offset_minutes, instant);
  }
  if (!ph_decimal_read(text, value->length, &number)) return false;
  return instant_from_number(ph_decimal_to_real(&number), utc_offset_minutes, instant);
}

bool ph_instant_from_value(const ph_value *value, int64_t utc_offset_minutes, ph_instant *instant) {
  switch (value->type) {
  case PH_TEXT: return instant_from_text(value, utc_offset_minutes, instant);
  case PH_INTEGER: return instant_from_number((double)value->integer, utc_offset_minutes, instant);
  case PH_REAL: return instant_from_number(value->real, utc_offset_minutes, instant);
  default: return false;
  }
}

void ph_day_format(ph_day day, char text[PH_DAY_TEXT_BYTES]) {
  ph_civil civil = ph_civil_of(day);
  int parts[] = {civil.year / 100, civil.year % 100, civil.month, civil.day};
  static const int places[] = {0, 2, 5, 8};
  for (int index = 0; index < 4; index++) {
    text[places[index]] = (char)('0' + parts[index] / 10);
    text[places[index] + 1] = (char)('0' + parts[index] % 10);
  }
  text[4] = text[7] = '-';
  text[10] = 0;
}
