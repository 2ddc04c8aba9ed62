/*
** Calendar days and instants (specification, section 2).
**
** A day is a number of days since 0001-01-01 (day 0) in the proleptic Gregorian calendar; the last is
** 9999-12-31. An instant is a day and the milliseconds since its start, both already moved by policy
** utc_offset_minutes.
*/
#ifndef PH_BASE_DAY_H
#define PH_BASE_DAY_H

#include <stdbool.h>
#include <stdint.h>

typedef int32_t ph_day;

enum {
  PH_DAY_NONE = -1,      /* no day: a missing date */
  PH_DAY_LAST = 3652058, /* 9999-12-31 */
  PH_DAY_NEVER = 3652059 /* the first day after the last: "not within the calendar" */
};

typedef struct ph_instant {
  ph_day day;
  int32_t millisecond; /* of the day, 0 for a date without a time */
} ph_instant;

typedef struct ph_civil {
  int year, month, day; /* month and day from 1 */
} ph_civil;

bool ph_is_day(int64_t day);
ph_day ph_day_of(int year, int month, int day); /* the date must exist */
ph_civil ph_civil_of(ph_day day);
int ph_days_in_month(int year, int month);
int ph_weekday(ph_day day); /* 0 = Monday */

/* Month as a running number (12 × year + month - 1), its first and its last day; PH_DAY_NONE outside of the
** calendar. */
int32_t ph_month_of(ph_day day);
ph_day ph_first_day_of_month(int32_t month);
ph_day ph_last_day_of_month(int32_t month);

enum { PH_DAY_TEXT_BYTES = 11 };
/* YYYY-MM-DD and a closing zero. */
void ph_day_format(ph_day day, char text[PH_DAY_TEXT_BYTES]);

#endif
