/*
** Policy: every name, default, range and meaning stands once, in the table of policy.c.
*/
#ifndef PH_HISTORY_POLICY_H
#define PH_HISTORY_POLICY_H

#include "../base/value.h"

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
  PH_POLICY_UTC_OFFSET_MINUTES,
  PH_POLICY_LOOKBACK_PERIODS,
  PH_POLICY_MIN_CLASS_DEALS,
  PH_POLICY_TARGET_SECOND_MEETING_RATE,
  PH_POLICY_ON_BAD_ROW,
  PH_POLICY_CACHE_MB,
  PH_POLICY_COUNT
} ph_policy_name;

typedef enum { PH_POLICY_INTEGER, PH_POLICY_REAL, PH_POLICY_SKIP_OR_ERROR } ph_policy_type;

enum { PH_ON_BAD_ROW_SKIP = 0, PH_ON_BAD_ROW_ERROR = 1 };

typedef struct ph_policy_descriptor {
  const char *name;
  ph_policy_type type;
  double default_value; /* NaN: NULL */
  double lowest, highest;
  const char *meaning;
} ph_policy_descriptor;

extern const ph_policy_descriptor ph_policy_descriptors[PH_POLICY_COUNT];

typedef struct ph_policy {
  double value[PH_POLICY_COUNT]; /* NaN: NULL */
  bool given[PH_POLICY_COUNT];   /* by a row of pipeline_policy */
  bool named[PH_POLICY_COUNT];   /* by a row, whose value may be NULL */
} ph_policy;

void ph_policy_set_defaults(ph_policy *policy);

/* Takes one row of pipeline_policy. A NULL value keeps the default. Errors: an unknown name, a name that
** comes twice, a value out of range; each names the name, the value and what was expected. */
void ph_policy_set(ph_policy *policy, const ph_value *name, const ph_value *value, ph_status *status);

/* The value of a whole-number policy. */
int32_t ph_policy_integer(const ph_policy *policy, ph_policy_name name);

#endif
