/*
** Time zones: which day an instant belongs to (specification, section 2, policies time_zone and
** utc_offset_minutes).
**
** A zone is UTC, a fixed offset, a POSIX rule (EST5EDT,M3.2.0,M11.1.0; IEEE Std 1003.1, environment variable
** TZ) or the transitions of an IANA zone file (RFC 9636) with the POSIX rule at its end. A look-up costs
** nothing while instants stay between the same two transitions, else log n of the transitions.
**
**     ph_zone zone;
**     ph_zone_begin(&zone, "America/New_York", 16, status);
**     ph_zone_read(&zone, &cell, PH_INSTANT_BY_NATURE, &instant);
**     ph_zone_end(&zone, memory);
*/
#ifndef PH_BASE_ZONE_H
#define PH_BASE_ZONE_H

#include "date_text.h"

/* A change of the clocks in a POSIX rule: the day, and the seconds behind its midnight by the clock before
** it. */
typedef struct ph_zone_change {
  enum { PH_CHANGE_WEEKDAY, PH_CHANGE_WITHOUT_LEAP_DAY, PH_CHANGE_DAY_OF_YEAR } form; /* Mm.w.d, Jn, n */
  int month, week, day; /* of Mm.w.d, the day from 0 = Sunday; of the other forms the day alone */
  int32_t seconds;
} ph_zone_change;

typedef struct ph_zone_rule {
  int32_t standard_east, daylight_east; /* seconds east of Greenwich */
  bool has_daylight;
  ph_zone_change start, end; /* of daylight saving */
} ph_zone_rule;

typedef struct ph_zone_transition {
  int64_t at; /* Unix seconds */
  int32_t seconds_east;
} ph_zone_transition;

typedef struct ph_zone {
  ph_zone_transition *transitions; /* ascending; owned */
  size_t count;
  int32_t first_east; /* before the first transition */
  bool has_rule;      /* it holds from the last transition on */
  ph_zone_rule rule;
  /* the last look-up: from <= Unix seconds < to */
  int64_t from, to;
  int32_t seconds_east;
} ph_zone;

/* Reads a zone by name or rule. The error names the value and what was expected. Zone files are looked for
** in the directory TZDIR, else in /usr/share/zoneinfo, /usr/lib/zoneinfo and /etc/zoneinfo; Windows has
** none. A text that is a POSIX rule is read as one. After a failure the zone is UTC and can be ended. */
void ph_zone_begin(ph_zone *zone, const char *text, size_t length, ph_status *status);
void ph_zone_begin_fixed(ph_zone *zone, int32_t minutes_east);
void ph_zone_end(ph_zone *zone, const ph_memory *memory);

/* Seconds east of Greenwich. */
int32_t ph_zone_seconds_east(ph_zone *zone, int64_t unix_seconds);

/* The day and the time of day in the zone. False outside of the calendar. */
bool ph_zone_instant(ph_zone *zone, int64_t unix_milliseconds, ph_instant *instant);

/* What a column holds. A date never moves: in a column of dates neither does a time that is exactly
** midnight without a zone or in UTC. */
typedef enum { PH_INSTANT_BY_NATURE, PH_DATE_BY_NATURE } ph_date_nature;

/* The instant of a reading in the zone; {PH_DAY_NONE, 0} for a missing date. False outside of the
** calendar. */
bool ph_zone_instant_of(ph_zone *zone, const ph_date_reading *reading, ph_date_nature nature,
                        ph_instant *instant);

/* Reads a cell of a column. False where it is no date; a missing date is true with {PH_DAY_NONE, 0}. */
bool ph_zone_read(ph_zone *zone, const ph_value *value, ph_date_nature nature, ph_instant *instant);

/* Reads a whole POSIX rule. *lacks_rule tells that daylight saving is named without its two changes. */
bool ph_zone_rule_read(const char *text, size_t length, ph_zone_rule *rule, bool *lacks_rule);

/* Fills the zone from the bytes of a zone file. False when they are none, or count leap seconds. */
bool ph_zone_from_file(ph_zone *zone, const unsigned char *bytes, size_t length, ph_status *status);

/* The bytes of the zone file of a name that is a proper one, to be released; NULL when there is none. */
unsigned char *ph_zone_file_read(const char *name, size_t *length, ph_status *status);

#endif
