/*
** Dates and instants as people, programs and spreadsheets write them (specification, sections 2 and 10).
**
** A reading keeps what was written: whether there was a time, whether there was a zone. A date without a time
** has no zone and never moves; an instant becomes a day only in a zone.
**
** Always read:
**     2022-05-05, 2022/05/05                        a date
**     5 May 2022, May 5, 2022, 05-May-22            English names of months, whole or of three
**                                                    letters, in any case
**     2022-05-05T09:30, 2022-05-05 09:30:15.250     a date of any form, T or a blank, and a time
**     … 09:30Z, … 09:30 UTC, … 09:30 +02:00         with a zone: Z, UTC, ±HH:MM, ±HHMM, ±HH, also
**                                                    after a blank
**     0000-00-00, 0000-00-00 00:00:00               the missing date of MySQL
**     2459704.5, 1651708800, 1651708800000, …       numbers: below 5373484.5 a Julian day, below
**                                                    1e11 Unix seconds, below 1e14 Unix
**                                                    milliseconds, else Unix microseconds
** With an order of parts also:
**     05/06/22, 5.6.2022, 5-6-2022                  digits in that order, one separator of / . -; a
**                                                    text that starts with a year of four digits has
**                                                    year, month and day in any order
**     20220505                                      with the order ymd, a number too; else eight
**                                                    digits are no date
**     …, 3:04 PM, … 3:04:05 a.m.                    times of twelve hours; hours of one digit; blanks around
** A year of two digits lies between 1969 and 2068 (POSIX, strptime %y).
*/
#ifndef PH_BASE_DATE_TEXT_H
#define PH_BASE_DATE_TEXT_H

#include "day.h"
#include "value.h"

typedef enum {
  PH_DATE_STRICT, /* the forms that are always read */
  PH_DATE_YMD,
  PH_DATE_MDY,
  PH_DATE_DMY
} ph_date_order;

typedef enum { PH_DATE_MISSING, PH_DATE_ALONE, PH_DATE_WITH_TIME } ph_date_kind;

typedef struct ph_date_reading {
  ph_date_kind kind;
  ph_day day;             /* as written; PH_DAY_NONE when missing */
  int32_t millisecond;    /* of the day, as written; 0 for a date alone */
  int16_t minutes_east;   /* of the zone that was written; 0 without one */
  bool has_zone;          /* a number has one: UTC */
  bool is_plain_midnight; /* the time was exactly 00:00:00, without a zone or with Z or UTC */
} ph_date_reading;

/* Reads YYYY-MM-DD from ten bytes. */
bool ph_date_read_iso(const char text[10], ph_day *day);

/* False when the text is none of the forms. */
bool ph_date_read_text(const char *text, size_t length, ph_date_order order, ph_date_reading *reading);

/* INTEGER, REAL or text; NULL and an empty text are missing. False for anything else. */
bool ph_date_read(const ph_value *value, ph_date_order order, ph_date_reading *reading);

/* Milliseconds since 1970-01-01T00:00Z; a date alone is its midnight in UTC. Not for a missing date. */
int64_t ph_date_unix_milliseconds(const ph_date_reading *reading);

#define PH_EXPECTED_DATE_FORMS                                                                               \
  "expected YYYY-MM-DD, with or without a time, or a number of Julian days, Unix seconds or milliseconds"

enum { PH_DATE_TEXT_BYTES = 32 };

/* YYYY-MM-DD, or with a time YYYY-MM-DDTHH:MM:SS[.fff][Z or ±HH:MM] as it was written, and a closing zero.
** Not for a missing date. Returns the length. */
size_t ph_date_write(const ph_date_reading *reading, char text[PH_DATE_TEXT_BYTES]);

#endif
