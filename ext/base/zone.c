/* Time zones: look-ups. See zone.h. */
#include "zone.h"

#include <string.h>

enum { SECONDS_A_DAY = 86400, UNIX_EPOCH_DAY = 719162 /* 1970-01-01 */ };

/* Floor division by a positive number. */
static int64_t floor_of(int64_t dividend, int64_t divisor) {
  return dividend / divisor - (dividend % divisor < 0);
}

/* The day of a change in a year. */
static ph_day day_of_change(const ph_zone_change *change, int year) {
  ph_day new_year = ph_day_of(year, 1, 1);
  if (change->form == PH_CHANGE_DAY_OF_YEAR) return new_year + change->day;
  if (change->form == PH_CHANGE_WITHOUT_LEAP_DAY) {
    bool behind_leap_day = change->day >= 60 && ph_days_in_month(year, 2) == 29;
    return new_year + change->day - 1 + behind_leap_day;
  }
  ph_day first = ph_day_of(year, change->month, 1);
  int first_weekday = (ph_weekday(first) + 1) % 7; /* 0 = Sunday */
  ph_day day = first + (change->day - first_weekday + 7) % 7 + (change->week - 1) * 7;
  return day < first + ph_days_in_month(year, change->month) ? day : day - 7;
}

static int64_t second_of_change(const ph_zone_change *change, int year, int32_t east_before) {
  return (int64_t)(day_of_change(change, year) - UNIX_EPOCH_DAY) * SECONDS_A_DAY + change->seconds -
         east_before;
}

/* Takes the interval of the rule's changes that contains the second. Where daylight saving ends and begins
** at one second, it goes on. */
static void find_by_rule(ph_zone *zone, int64_t second) {
  const ph_zone_rule *rule = &zone->rule;
  zone->from = INT64_MIN;
  zone->to = INT64_MAX;
  zone->seconds_east = rule->standard_east;
  if (!rule->has_daylight) return;
  int64_t day = floor_of(second + rule->standard_east, SECONDS_A_DAY) + UNIX_EPOCH_DAY;
  int year = ph_is_day(day) ? ph_civil_of((ph_day)day).year : day < 0 ? 1 : 9999;
  int32_t east_after_next =
      rule->standard_east; /* what holds from `to` on, for an instant before all changes */
  for (int at = year > 1 ? year - 1 : 1; at <= year + 1 && at <= 9999; at++) {
    int64_t seconds[2] = {second_of_change(&rule->end, at, rule->daylight_east),
                          second_of_change(&rule->start, at, rule->standard_east)};
    for (int index = 0; index < 2; index++) {
      int32_t east = index == 0 ? rule->standard_east : rule->daylight_east;
      if (seconds[index] > second) {
        if (seconds[index] < zone->to) east_after_next = east;
        if (seconds[index] < zone->to) zone->to = seconds[index];
      } else if (seconds[index] > zone->from || (seconds[index] == zone->from && index == 1)) {
        zone->from = seconds[index];
        zone->seconds_east = east;
      }
    }
  }
  if (zone->from == INT64_MIN && east_after_next == rule->standard_east)
    zone->seconds_east = rule->daylight_east;
}

/* How many transitions lie at or before the second. */
static size_t transitions_until(const ph_zone *zone, int64_t second) {
  size_t low = 0, high = zone->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (zone->transitions[middle].at <= second) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static void find(ph_zone *zone, int64_t second) {
  size_t passed = transitions_until(zone, second);
  if (passed == zone->count && zone->has_rule) {
    find_by_rule(zone, second);
    if (passed > 0 && zone->from < zone->transitions[passed - 1].at)
      zone->from = zone->transitions[passed - 1].at;
    return;
  }
  zone->from = passed == 0 ? INT64_MIN : zone->transitions[passed - 1].at;
  zone->to = passed == zone->count ? INT64_MAX : zone->transitions[passed].at;
  zone->seconds_east = passed == 0 ? zone->first_east : zone->transitions[passed - 1].seconds_east;
}

int32_t ph_zone_seconds_east(ph_zone *zone, int64_t unix_seconds) {
  if (unix_seconds < zone->from || unix_seconds >= zone->to) find(zone, unix_seconds);
  return zone->seconds_east;
}

bool ph_zone_instant(ph_zone *zone, int64_t unix_milliseconds, ph_instant *instant) {
  int64_t local =
      unix_milliseconds + 1000 * (int64_t)ph_zone_seconds_east(zone, floor_of(unix_milliseconds, 1000));
  int64_t day = floor_of(local, SECONDS_A_DAY * 1000);
  if (!ph_is_day(day + UNIX_EPOCH_DAY)) return false;
  instant->day = (ph_day)(day + UNIX_EPOCH_DAY);
  instant->millisecond = (int32_t)(local - day * SECONDS_A_DAY * 1000);
  return true;
}

bool ph_zone_instant_of(ph_zone *zone, const ph_date_reading *reading, ph_date_nature nature,
                        ph_instant *instant) {
  bool moves =
      reading->kind == PH_DATE_WITH_TIME && !(nature == PH_DATE_BY_NATURE && reading->is_plain_midnight);
  if (moves) return ph_zone_instant(zone, ph_date_unix_milliseconds(reading), instant);
  *instant = (ph_instant){reading->day, 0};
  return true;
}

bool ph_zone_read(ph_zone *zone, const ph_value *value, ph_date_nature nature, ph_instant *instant) {
  if (value->type == PH_TEXT && value->length == 10 && ph_date_read_iso(value->text, &instant->day)) {
    instant->millisecond = 0;
    return true;
  }
  ph_date_reading reading;
  return ph_date_read(value, PH_DATE_STRICT, &reading) && ph_zone_instant_of(zone, &reading, nature, instant);
}

static void begin_at(ph_zone *zone, int32_t seconds_east) {
  *zone = (ph_zone){.first_east = seconds_east, .from = INT64_MIN, .to = INT64_MAX};
  zone->seconds_east = seconds_east;
}

void ph_zone_begin_fixed(ph_zone *zone, int32_t minutes_east) {
  begin_at(zone, minutes_east * 60);
}

void ph_zone_end(ph_zone *zone, const ph_memory *memory) {
  ph_release(memory, zone->transitions);
  begin_at(zone, 0);
}

/* The name can be one of a zone file: no path out of the directory. */
static bool is_file_name(const char *text, size_t length) {
  enum { LONGEST = 80 };
  if (length == 0 || length > LONGEST || text[0] == '/') return false;
  for (size_t index = 0; index < length; index++) {
    char character = text[index], lower = (char)(character | ' ');
    bool is_word = (lower >= 'a' && lower <= 'z') || (character >= '0' && character <= '9') ||
                   character == '_' || character == '-' || character == '+';
    if (!is_word && character != '/') return false;
  }
  return true;
}

static void begin_from_file(ph_zone *zone, const char *shown, const char *name, ph_status *status) {
  size_t length = 0;
  unsigned char *bytes = ph_zone_file_read(name, &length, status);
  bool good = bytes != NULL && ph_zone_from_file(zone, bytes, length, status);
  if (bytes != NULL) ph_release(status->memory, bytes);
  if (good || ph_failed(status)) return;
#ifdef _WIN32
  static const char *const why = "; Windows has no zone files";
#else
  static const char *const why = "";
#endif
  ph_fail(status,
          "time_zone is %s (expected UTC, an IANA name such as America/New_York that the system's zone "
          "files have, or a POSIX rule such as EST5EDT,M3.2.0,M11.1.0)%s",
          shown, why);
}

void ph_zone_begin(ph_zone *zone, const char *text, size_t length, ph_status *status) {
  ph_value value = {.type = PH_TEXT, .text = text, .length = length};
  char shown[PH_VALUE_SHOWN_BYTES], name[PH_VALUE_SHOWN_BYTES] = {0};
  ph_zone_rule rule;
  bool lacks_rule = false;
  begin_at(zone, 0);
  if (ph_text_equals_any_case(text, length, "UTC") || ph_failed(status)) return;
  ph_value_show(&value, shown);
  if (ph_zone_rule_read(text, length, &rule, &lacks_rule)) {
    zone->rule = rule;
    zone->has_rule = true;
    zone->to = INT64_MIN; /* no look-up yet */
  } else if (lacks_rule) {
    ph_fail(status,
            "time_zone is %s (expected the days on which daylight saving begins and ends behind it, as in "
            "EST5EDT,M3.2.0,M11.1.0)",
            shown);
  } else {
    if (is_file_name(text, length)) memcpy(name, text, length);
    begin_from_file(zone, shown, name, status);
  }
}
