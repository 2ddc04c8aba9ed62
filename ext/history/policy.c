/* Policy. See policy.h. */
#include "policy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_DAYS = 36500 };

const ph_policy_descriptor ph_policy_descriptors[PH_POLICY_COUNT] = {
    [PH_POLICY_IDLE_DAYS] =
        {"idle_days", PH_POLICY_INTEGER, 30, 0, LONGEST_DAYS,
         "days without progress after which a deal has stalled, for stages without max_idle_days"},
    [PH_POLICY_UNTOUCHED_DAYS] = {"untouched_days", PH_POLICY_INTEGER, 90, 1, LONGEST_DAYS,
                                  "days without a touch from which on a deal is dead"},
    [PH_POLICY_MIN_MEETINGS] = {"min_meetings", PH_POLICY_INTEGER, 2, 0, 1000,
                                "meetings, on different days, that prove a deal"},
    [PH_POLICY_SECOND_MEETING_DAYS] = {"second_meeting_days", PH_POLICY_INTEGER, 30, 0, LONGEST_DAYS,
                                       "days a deal has to get min_meetings"},
    [PH_POLICY_MAX_PUSHES] = {"max_pushes", PH_POLICY_INTEGER, 3, 1, 1000,
                              "times the close date was moved later that make a deal pushed"},
    [PH_POLICY_GHOST_TOUCHES] = {"ghost_touches", PH_POLICY_INTEGER, 3, 1, 1000,
                                 "calls and emails without an answer that make a deal ghosted"},
    [PH_POLICY_AGED_DAYS] = {"aged_days", PH_POLICY_INTEGER, 365, 0, LONGEST_DAYS,
                             "days since creation after which a deal is aged"},
    [PH_POLICY_UNPROVEN_IS_REAL] = {"unproven_is_real", PH_POLICY_INTEGER, 0, 0, 1,
                                    "1: unproven deals count as real"},
    [PH_POLICY_TARGET_COVERAGE] = {"target_coverage", PH_POLICY_REAL, 3, 0, 1000,
                                   "required coverage where the group has no history of its own"},
    [PH_POLICY_FISCAL_YEAR_START_MONTH] = {"fiscal_year_start_month", PH_POLICY_INTEGER, 1, 1, 12,
                                           "month in which the fiscal year begins"},
    [PH_POLICY_UTC_OFFSET_MINUTES] = {"utc_offset_minutes", PH_POLICY_INTEGER, 0, -1440, 1440,
                                      "minutes added to UTC before an instant becomes a day"},
    [PH_POLICY_LOOKBACK_PERIODS] = {"lookback_periods", PH_POLICY_INTEGER, 8, 0, 100,
                                    "ended periods from which required coverage is learned"},
    [PH_POLICY_MIN_CLASS_DEALS] = {"min_class_deals", PH_POLICY_INTEGER, 20, 1, 1000000,
                                   "deals that a reference class needs for its own win rate"},
    [PH_POLICY_TARGET_SECOND_MEETING_RATE] =
        {"target_second_meeting_rate", PH_POLICY_REAL, NAN, 0, 1,
         "share of first meetings that should lead to a second; NULL: the 75 % quantile over the owners"},
    [PH_POLICY_ON_BAD_ROW] = {"on_bad_row", PH_POLICY_SKIP_OR_ERROR, PH_ON_BAD_ROW_SKIP, 0, 1,
                              "'skip' leaves unusable source rows out, 'error' stops at the first"},
    [PH_POLICY_CACHE_MB] = {"cache_mb", PH_POLICY_INTEGER, 1024, 0, 1048576,
                            "megabytes a connection may keep between queries; 0 keeps nothing"},
};

void ph_policy_set_defaults(ph_policy *policy) {
  memset(policy, 0, sizeof *policy);
  for (int name = 0; name < PH_POLICY_COUNT; name++)
    policy->value[name] = ph_policy_descriptors[name].default_value;
}

static void expected_range(const ph_policy_descriptor *descriptor, char *text, size_t bytes) {
  if (descriptor->type == PH_POLICY_SKIP_OR_ERROR) {
    snprintf(text, bytes, "'skip' or 'error'");
  } else {
    snprintf(text, bytes, "a %snumber from %lld to %lld",
             descriptor->type == PH_POLICY_INTEGER ? "whole " : "", (long long)descriptor->lowest,
             (long long)descriptor->highest);
  }
}

static bool read_value(const ph_policy_descriptor *descriptor, const ph_value *value, double *number) {
  int64_t integer;
  switch (descriptor->type) {
  case PH_POLICY_SKIP_OR_ERROR:
    if (value->type != PH_TEXT) return false;
    *number = ph_text_equals_any_case(value->text, value->length, "error") ? PH_ON_BAD_ROW_ERROR
                                                                           : PH_ON_BAD_ROW_SKIP;
    return *number == PH_ON_BAD_ROW_ERROR || ph_text_equals_any_case(value->text, value->length, "skip");
  case PH_POLICY_INTEGER:
    if (!ph_value_to_integer(value, &integer)) return false;
    *number = (double)integer;
    break;
  case PH_POLICY_REAL:
    if (!ph_value_to_real(value, number)) return false;
    break;
  }
  return *number >= descriptor->lowest && *number <= descriptor->highest;
}

static void fail_unknown(const char *shown_name, ph_status *status) {
  char names[384] = "";
  for (int index = 0; index < PH_POLICY_COUNT; index++) {
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", index > 0 ? ", " : "",
             ph_policy_descriptors[index].name);
  }
  ph_fail(status, "pipeline_policy: unknown policy name %s (expected one of %s)", shown_name, names);
}

void ph_policy_set(ph_policy *policy, const ph_value *name, const ph_value *value, ph_status *status) {
  char shown_name[PH_VALUE_SHOWN_BYTES], shown_value[PH_VALUE_SHOWN_BYTES], expected[96];
  double number;
  int index = 0;
  if (ph_failed(status)) return;
  ph_value_show(name, shown_name);
  while (index < PH_POLICY_COUNT &&
         !(name->type == PH_TEXT &&
           ph_text_equals_any_case(name->text, name->length, ph_policy_descriptors[index].name)))
    index++;
  if (index == PH_POLICY_COUNT) {
    fail_unknown(shown_name, status);
    return;
  }
  if (policy->named[index]) {
    ph_fail(status, "pipeline_policy: policy %s is there twice (expected one row a name)", shown_name);
    return;
  }
  policy->named[index] = true;
  if (ph_value_is_missing(value)) return;
  policy->given[index] = true;
  if (read_value(&ph_policy_descriptors[index], value, &number)) {
    policy->value[index] = number;
  } else {
    expected_range(&ph_policy_descriptors[index], expected, sizeof expected);
    ph_fail(status, "pipeline_policy: policy %s has the value %s (expected %s)", shown_name,
            ph_value_show(value, shown_value), expected);
  }
}

int32_t ph_policy_integer(const ph_policy *policy, ph_policy_name name) {
  return (int32_t)policy->value[name];
}
