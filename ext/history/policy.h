/*
** The policies: numbers, days, words and texts that the user may set in pipeline_policy (specification,
** section 4). Each policy's name, default, range and meaning stands once, in the table of policy.c.
*/
#ifndef PH_HISTORY_POLICY_H
#define PH_HISTORY_POLICY_H

#include "../base/zone.h"

typedef enum {
  PH_POLICY_IDLE_DAYS,
  PH_POLICY_UNTOUCHED_DAYS,
  PH_POLICY_MIN_MEETINGS,
  PH_POLICY_SECOND_MEETING_DAYS,
  PH_POLICY_MAX_PUSHES,
  PH_POLICY_GHOST_TOUCHES,
  PH_POLICY_AGED_DAYS,
  PH_POLICY_UNPROVEN_IS_REAL,
  PH_POLICY_TARGET_COVERAGE,
  PH_POLICY_FISCAL_YEAR_START_MONTH,
  PH_POLICY_TIME_ZONE,
  PH_POLICY_UTC_OFFSET_MINUTES,
  PH_POLICY_DATA_UNTIL,
  PH_POLICY_TOUCHES_SINCE,
  PH_POLICY_PROGRESS_SINCE,
  PH_POLICY_MEETINGS_SINCE,
  PH_POLICY_WEEKEND,
  PH_POLICY_REPORTING_CURRENCY,
  PH_POLICY_RATE_DATE,
  PH_POLICY_LOOKBACK_PERIODS,
  PH_POLICY_MIN_CLASS_DEALS,
  PH_POLICY_TARGET_SECOND_MEETING_RATE,
  PH_POLICY_ON_BAD_ROW,
  PH_POLICY_CACHE_MB,
  PH_POLICY_COUNT
} ph_policy_name;

typedef enum {
  PH_POLICY_INTEGER,
  PH_POLICY_REAL,
  PH_POLICY_DAY,
  PH_POLICY_WORD,         /* one of a few; its value is the word's number */
  PH_POLICY_WEEKEND_DAYS, /* seven of 0 and 1, Monday first; its value has bit 0 for Monday */
  PH_POLICY_TEXT
} ph_policy_type;

enum { PH_ON_BAD_ROW_SKIP, PH_ON_BAD_ROW_ERROR };
enum { PH_RATE_DATE_FIXED, PH_RATE_DATE_CLOSE_DATE, PH_RATE_DATE_AS_OF };

enum { PH_POLICY_MOST_WORDS = 3, PH_POLICY_TEXT_BYTES = 64 };

typedef struct ph_policy_descriptor {
  const char *name;
  ph_policy_type type;
  double default_value; /* NaN: NULL; of a text: whether it has one */
  double lowest, highest;
  const char *meaning;
  const char *words[PH_POLICY_MOST_WORDS]; /* of PH_POLICY_WORD */
  const char *default_text;                /* of PH_POLICY_TEXT; NULL: none */
} ph_policy_descriptor;

extern const ph_policy_descriptor ph_policy_descriptors[PH_POLICY_COUNT];

typedef struct ph_policy {
  double value[PH_POLICY_COUNT];                    /* NaN: NULL; not of texts */
  char text[PH_POLICY_COUNT][PH_POLICY_TEXT_BYTES]; /* of texts alone; empty: NULL */
  bool given[PH_POLICY_COUNT];                      /* by a row of pipeline_policy */
  bool named[PH_POLICY_COUNT];                      /* by a row, whose value may be NULL */
} ph_policy;

void ph_policy_set_defaults(ph_policy *policy);

/* Takes one row of pipeline_policy. A NULL value keeps the default. Errors: an unknown name, a name that
** comes twice, a value out of range; each names the name, the value and what was expected. */
void ph_policy_set(ph_policy *policy, const ph_value *name, const ph_value *value, ph_status *status);

/* The value of a whole-number, word or weekend policy. */
int32_t ph_policy_integer(const ph_policy *policy, ph_policy_name name);

/* The value of a day policy; PH_DAY_NONE where it is NULL. */
ph_day ph_policy_day(const ph_policy *policy, ph_policy_name name);

/* Makes the zone in which instants become days. Errors: a zone that cannot be found, both policies of the
** zone. After a failure the zone is UTC and can be ended. */
void ph_policy_zone(const ph_policy *policy, ph_zone *zone, ph_status *status);

enum { PH_POLICY_SHOWN_BYTES = PH_POLICY_TEXT_BYTES };

/* The value of a day, word, weekend or text policy as text; NULL where the value is NULL. */
const char *ph_policy_show(const ph_policy *policy, ph_policy_name name, char shown[PH_POLICY_SHOWN_BYTES]);

#endif
