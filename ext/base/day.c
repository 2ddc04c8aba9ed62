/* Calendar days and instants. See day.h. */
#include "day.h"

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

/* Division by multiplication: Cassio Neri and Lorenz Schneider, "Euclidean affine functions and their
** application to calendar algorithms" (Software: Practice and Experience, 2022). Years are counted from
** March here, too. */
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
