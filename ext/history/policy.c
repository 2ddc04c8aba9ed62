/* The policies. See policy.h. */
#include "policy.h"

#include "../base/statistics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_DAYS = 36500 };

const ph_policy_descriptor ph_policy_descriptors[PH_POLICY_COUNT] = {
    [PH_POLICY_IDLE_DAYS] =
        {"idle_days",
         PH_POLICY_INTEGER,
         30,
         0,
         LONGEST_DAYS,
         "days without progress after which a deal has stalled, for stages without max_idle_days",
         {0},
         NULL},
    [PH_POLICY_UNTOUCHED_DAYS] = {"untouched_days",
                                  PH_POLICY_INTEGER,
                                  90,
                                  1,
                                  LONGEST_DAYS,
                                  "days without a touch from which on a deal is dead",
                                  {0},
                                  NULL},
    [PH_POLICY_MIN_MEETINGS] = {"min_meetings",
                                PH_POLICY_INTEGER,
                                2,
                                0,
                                1000,
                                "meetings, on different days, that prove a deal",
                                {0},
                                NULL},
    [PH_POLICY_SECOND_MEETING_DAYS] = {"second_meeting_days",
                                       PH_POLICY_INTEGER,
                                       30,
                                       0,
                                       LONGEST_DAYS,
                                       "days a deal has to get min_meetings",
                                       {0},
                                       NULL},
    [PH_POLICY_MAX_PUSHES] = {"max_pushes",
                              PH_POLICY_INTEGER,
                              3,
                              1,
                              1000,
                              "times the close date was moved later that make a deal pushed",
                              {0},
                              NULL},
    [PH_POLICY_GHOST_TOUCHES] = {"ghost_touches",
                                 PH_POLICY_INTEGER,
                                 3,
                                 1,
                                 1000,
                                 "calls and emails without an answer that make a deal ghosted",
                                 {0},
                                 NULL},
    [PH_POLICY_AGED_DAYS] = {"aged_days",
                             PH_POLICY_INTEGER,
                             365,
                             0,
                             LONGEST_DAYS,
                             "days since creation after which a deal is aged",
                             {0},
                             NULL},
    [PH_POLICY_UNPROVEN_IS_REAL] =
        {"unproven_is_real", PH_POLICY_INTEGER, 0, 0, 1, "1: unproven deals count as real", {0}, NULL},
    [PH_POLICY_TARGET_COVERAGE] = {"target_coverage",
                                   PH_POLICY_REAL,
                                   3,
                                   0,
                                   1000,
                                   "required coverage where the group has no history of its own",
                                   {0},
                                   NULL},
    [PH_POLICY_FISCAL_YEAR_START_MONTH] = {"fiscal_year_start_month",
                                           PH_POLICY_INTEGER,
                                           1,
                                           1,
                                           12,
                                           "month in which the fiscal year begins",
                                           {0},
                                           NULL},
    [PH_POLICY_TIME_ZONE] =
        {"time_zone",
         PH_POLICY_TEXT,
         0,
         0,
         0,
         "zone in which an instant becomes a day: an IANA name (America/New_York) or a POSIX rule",
         {0},
         "UTC"},
    [PH_POLICY_UTC_OFFSET_MINUTES] = {"utc_offset_minutes",
                                      PH_POLICY_INTEGER,
                                      0,
                                      -1440,
                                      1440,
                                      "minutes added to UTC before an instant becomes a day, all year round",
                                      {0},
                                      NULL},
    [PH_POLICY_DATA_UNTIL] =
        {"data_until",
         PH_POLICY_DAY,
         NAN,
         0,
         PH_DAY_LAST,
         "last day that the sources know; NULL: the newest day in them that is not after today",
         {0},
         NULL},
    [PH_POLICY_TOUCHES_SINCE] = {"touches_since",
                                 PH_POLICY_DAY,
                                 NAN,
                                 0,
                                 PH_DAY_LAST,
                                 "day from which the sources record touches; NULL: that of the first one",
                                 {0},
                                 NULL},
    [PH_POLICY_PROGRESS_SINCE] =
        {"progress_since",
         PH_POLICY_DAY,
         NAN,
         0,
         PH_DAY_LAST,
         "day from which they record stage changes, meetings or commitments; NULL: that of the first one",
         {0},
         NULL},
    [PH_POLICY_MEETINGS_SINCE] = {"meetings_since",
                                  PH_POLICY_DAY,
                                  NAN,
                                  0,
                                  PH_DAY_LAST,
                                  "day from which they record meetings; NULL: that of the first one",
                                  {0},
                                  NULL},
    [PH_POLICY_WEEKEND] =
        {"weekend",
         PH_POLICY_WEEKEND_DAYS,
         0,
         0,
         0,
         "days of the week, Monday first, on which nobody works (1); limits count the others",
         {0},
         NULL},
    [PH_POLICY_REPORTING_CURRENCY] =
        {"reporting_currency",
         PH_POLICY_TEXT,
         NAN,
         0,
         0,
         "currency of all sums; NULL: the one whose rate is 1; 'none': amounts are added as they are",
         {0},
         NULL},
    [PH_POLICY_RATE_DATE] =
        {"rate_date",
         PH_POLICY_WORD,
         PH_RATE_DATE_FIXED,
         0,
         0,
         "which rate counts: the last one for all days, the one on the close date, or the one on the day",
         {"fixed", "close_date", "as_of"},
         NULL},
    [PH_POLICY_LOOKBACK_PERIODS] = {"lookback_periods",
                                    PH_POLICY_INTEGER,
                                    8,
                                    0,
                                    100,
                                    "ended periods from which required coverage is learned",
                                    {0},
                                    NULL},
    [PH_POLICY_MIN_CLASS_DEALS] = {"min_class_deals",
                                   PH_POLICY_INTEGER,
                                   20,
                                   1,
                                   1000000,
                                   "deals that a reference class needs for its own win rate",
                                   {0},
                                   NULL},
    [PH_POLICY_TARGET_SECOND_MEETING_RATE] =
        {"target_second_meeting_rate",
         PH_POLICY_REAL,
         NAN,
         0,
         1,
         "share of first meetings that should lead to a second; NULL: the 75 % quantile over the owners",
         {0},
         NULL},
    [PH_POLICY_ON_BAD_ROW] = {"on_bad_row",
                              PH_POLICY_WORD,
                              PH_ON_BAD_ROW_SKIP,
                              0,
                              0,
                              "'skip' leaves unusable source rows out, 'error' stops at the first",
                              {"skip", "error"},
                              NULL},
    [PH_POLICY_CACHE_MB] = {"cache_mb",
                            PH_POLICY_INTEGER,
                            1024,
                            0,
                            1048576,
                            "megabytes a connection may keep between queries; 0 keeps nothing",
                            {0},
                            NULL},
};

void ph_policy_set_defaults(ph_policy *policy) {
  memset(policy, 0, sizeof *policy);
  for (int name = 0; name < PH_POLICY_COUNT; name++) {
    const ph_policy_descriptor *descriptor = &ph_policy_descriptors[name];
    policy->value[name] = descriptor->default_value;
    if (descriptor->default_text != NULL) strcpy(policy->text[name], descriptor->default_text);
  }
}

static void expected_words(const ph_policy_descriptor *descriptor, char *text, size_t bytes) {
  size_t length = 0;
  for (int word = 0; word < PH_POLICY_MOST_WORDS && descriptor->words[word] != NULL; word++) {
    snprintf(text + length, bytes - length, "%s'%s'", word > 0 ? " or " : "", descriptor->words[word]);
    length += strlen(text + length);
  }
}

static void expected_values(const ph_policy_descriptor *descriptor, char *text, size_t bytes) {
  switch (descriptor->type) {
  case PH_POLICY_WORD: expected_words(descriptor, text, bytes); break;
  case PH_POLICY_DAY: snprintf(text, bytes, "a day, YYYY-MM-DD"); break;
  case PH_POLICY_WEEKEND_DAYS:
    snprintf(text, bytes,
             "seven characters 0 or 1, Monday first, with at least one 0: a day on which people work");
    break;
  case PH_POLICY_TEXT: snprintf(text, bytes, "a text of at most %d bytes", PH_POLICY_TEXT_BYTES - 1); break;
  default: /* bounds are whole numbers, which look the same in every locale */
    snprintf(text, bytes, "a %snumber from %ld to %ld", descriptor->type == PH_POLICY_INTEGER ? "whole " : "",
             (long)descriptor->lowest, (long)descriptor->highest);
    break;
  }
}

static bool read_word(const ph_policy_descriptor *descriptor, const ph_value *value, double *number) {
  if (value->type != PH_TEXT) return false;
  for (int word = 0; word < PH_POLICY_MOST_WORDS && descriptor->words[word] != NULL; word++) {
    if (!ph_text_equals_any_case(value->text, value->length, descriptor->words[word])) continue;
    *number = word;
    return true;
  }
  return false;
}

static bool read_day(const ph_value *value, double *number) {
  ph_date_reading reading;
  if (!ph_date_read(value, PH_DATE_STRICT, &reading) || reading.kind == PH_DATE_MISSING) return false;
  *number = reading.day;
  return true;
}

/* An integer is a text that has lost its zeros in front: 11 is '0000011'. */
static bool read_weekend(const ph_value *value, double *number) {
  enum { DAYS = 7, EVERY_DAY = (1 << DAYS) - 1 };
  char digits[DAYS + 1];
  if (value->type == PH_INTEGER) {
    if (value->integer < 0 || value->integer > 1111111) return false;
    snprintf(digits, sizeof digits, "%07d", (int)value->integer);
  } else {
    if (value->type != PH_TEXT || value->length != DAYS) return false;
    memcpy(digits, value->text, DAYS);
  }
  int days = 0;
  for (int day = 0; day < DAYS; day++) {
    if (digits[day] != '0' && digits[day] != '1') return false;
    days |= (digits[day] - '0') << day;
  }
  *number = days;
  return days != EVERY_DAY;
}

static bool read_number(const ph_policy_descriptor *descriptor, const ph_value *value, double *number) {
  int64_t integer;
  if (descriptor->type == PH_POLICY_REAL) {
    if (!ph_value_to_real(value, number)) return false;
  } else {
    if (!ph_value_to_integer(value, &integer)) return false;
    if (integer < (int64_t)descriptor->lowest || integer > (int64_t)descriptor->highest) return false;
    *number = (double)integer;
  }
  return *number >= descriptor->lowest && *number <= descriptor->highest;
}

static bool read_text(const ph_value *value, char text[PH_POLICY_TEXT_BYTES]) {
  if (value->type != PH_TEXT || value->length >= PH_POLICY_TEXT_BYTES) return false;
  if (memchr(value->text, 0, value->length) != NULL) return false;
  memcpy(text, value->text, value->length);
  text[value->length] = 0;
  return true;
}

static bool read_value(ph_policy *policy, int name, const ph_value *value) {
  const ph_policy_descriptor *descriptor = &ph_policy_descriptors[name];
  switch (descriptor->type) {
  case PH_POLICY_WORD: return read_word(descriptor, value, &policy->value[name]);
  case PH_POLICY_DAY: return read_day(value, &policy->value[name]);
  case PH_POLICY_WEEKEND_DAYS: return read_weekend(value, &policy->value[name]);
  case PH_POLICY_TEXT: return read_text(value, policy->text[name]);
  default: return read_number(descriptor, value, &policy->value[name]);
  }
}

static void fail_unknown(const char *shown_name, ph_status *status) {
  char names[768] = "";
  for (int index = 0; index < PH_POLICY_COUNT; index++) {
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", index > 0 ? ", " : "",
             ph_policy_descriptors[index].name);
  }
  ph_fail(status, "pipeline_policy: unknown policy name %s (expected one of %s)", shown_name, names);
}

void ph_policy_set(ph_policy *policy, const ph_value *name, const ph_value *value, ph_status *status) {
  char shown_name[PH_VALUE_SHOWN_BYTES], shown_value[PH_VALUE_SHOWN_BYTES], expected[96];
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
  if (!read_value(policy, index, value)) {
    expected_values(&ph_policy_descriptors[index], expected, sizeof expected);
    ph_fail(status, "pipeline_policy: policy %s has the value %s (expected %s)", shown_name,
            ph_value_show(value, shown_value), expected);
  }
}

int32_t ph_policy_integer(const ph_policy *policy, ph_policy_name name) {
  return (int32_t)policy->value[name];
}

ph_day ph_policy_day(const ph_policy *policy, ph_policy_name name) {
  return ph_is_nan(policy->value[name]) ? PH_DAY_NONE : (ph_day)policy->value[name];
}

void ph_policy_zone(const ph_policy *policy, ph_zone *zone, ph_status *status) {
  const char *text = policy->text[PH_POLICY_TIME_ZONE];
  long offset = ph_policy_integer(policy, PH_POLICY_UTC_OFFSET_MINUTES);
  ph_zone_begin_fixed(zone, (int32_t)offset);
  if (!policy->given[PH_POLICY_TIME_ZONE]) return;
  if (policy->given[PH_POLICY_UTC_OFFSET_MINUTES]) {
    ph_fail(status,
            "pipeline_policy: time_zone is '%s' and utc_offset_minutes is %ld (expected one of the two)",
            text, offset);
  } else {
    ph_zone_begin(zone, text, strlen(text), status);
  }
}

const char *ph_policy_show(const ph_policy *policy, ph_policy_name name, char shown[PH_POLICY_SHOWN_BYTES]) {
  const ph_policy_descriptor *descriptor = &ph_policy_descriptors[name];
  double value = policy->value[name];
  switch (descriptor->type) {
  case PH_POLICY_WORD: return descriptor->words[(int)value];
  case PH_POLICY_TEXT: return policy->text[name][0] != 0 ? policy->text[name] : NULL;
  case PH_POLICY_WEEKEND_DAYS:
    for (int day = 0; day < 7; day++) shown[day] = (char)('0' + ((int)value >> day & 1));
    shown[7] = 0;
    return shown;
  default:
    if (ph_is_nan(value)) return NULL;
    ph_day_format((ph_day)value, shown);
    return shown;
  }
}
