/*
** Working days: differences of days that leave out weekends and holidays, and their inverse (specification,
** section 2, policy weekend and relation pipeline_holiday).
**
** Both count the working days in (from, to]. A difference costs a few operations, however far the days lie
** apart.
**
**     ph_workdays_begin(&workdays, weekend, holidays, count, status);
**     ph_workdays_between(&workdays, friday, monday);   1 with the weekend 0000011
**     ph_workdays_after(&workdays, friday, 1);          that monday
*/
#ifndef PH_BASE_WORKDAY_H
#define PH_BASE_WORKDAY_H

#include "day.h"
#include "status.h"

/* A set of weekdays: bit 0 is Monday, bit 6 Sunday. */
typedef uint8_t ph_weekend;
enum { PH_WEEKEND_NONE = 0, PH_WEEKEND_WHOLE_WEEK = 127 };

/* Reads seven characters, Monday first, 1 = nobody works (Excel's NETWORKDAYS.INTL). False for anything
** else. */
bool ph_weekend_read(const char *text, size_t length, ph_weekend *weekend);

/* 64 days, of which some are holidays. */
typedef struct ph_holiday_block {
  uint64_t holidays; /* a bit a day */
  int32_t before;    /* holidays in the blocks before */
} ph_holiday_block;

typedef struct ph_workdays {
  ph_weekend weekend;
  bool every_day;     /* no weekend and no holiday: a difference of dates */
  int32_t a_week;     /* working weekdays */
  int32_t until[7];   /* working weekdays from Monday to this weekday */
  int32_t nth[7];     /* weekday of the n-th working weekday, n from 0 */
  ph_day first, last; /* days of the first and the last holiday that is no weekend; first > last: none */
  int32_t holiday_count;
  ph_holiday_block *blocks; /* from the day `first` on; owned */
} ph_workdays;

/* Holidays in any order, also twice; those on a weekend change nothing. After a failure every day counts. */
void ph_workdays_begin(ph_workdays *workdays, ph_weekend weekend, const ph_day *holidays, size_t count,
                       ph_status *status);
void ph_workdays_end(ph_workdays *workdays, const ph_memory *memory);

bool ph_is_workday(const ph_workdays *workdays, ph_day day);

/* Working days in (from, to]; minus those in (to, from] where to lies before from. Both are days of the
** calendar, or PH_DAY_NEVER. */
int32_t ph_workdays_between(const ph_workdays *workdays, ph_day from, ph_day to);

/* The first day, from `from` on, until which `count` working days went by: ph_workdays_between(from, day)
** >= count. `from` itself for a count of 0 or less, PH_DAY_NEVER where the calendar ends before. */
ph_day ph_workdays_after(const ph_workdays *workdays, ph_day from, int64_t count);

#endif
