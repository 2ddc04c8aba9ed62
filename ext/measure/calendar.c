/*
** Calendar periods. See calendar.h.
**
** Periods of a step are numbered through from the start of the calendar, so that the one at a place is found
** without those before it: days and weeks by their days (0001-01-01 is a Monday), the others by their months.
*/
#include "calendar.h"

#include <stdio.h>

const char *const ph_step_names[PH_STEP_COUNT] = {"day", "week", "month", "quarter", "year"};

/* How long a period is, in days up to the week, then in months. */
static const int32_t lengths[PH_STEP_COUNT] = {1, 7, 1, 3, 12};

static bool is_made_of_days(ph_step step) {
  return step == PH_STEP_DAY || step == PH_STEP_WEEK;
}

/* The month in which the numbering begins. */
static int32_t first_month(const ph_calendar *calendar) {
  return calendar->step == PH_STEP_MONTH ? 0 : calendar->fiscal_start;
}

static int32_t number_of(const ph_calendar *calendar, ph_day day) {
  int32_t length = lengths[calendar->step];
  if (is_made_of_days(calendar->step)) return day / length;
  return (ph_month_of(day) - first_month(calendar)) / length;
}

void ph_calendar_begin(ph_calendar *calendar, ph_step step, int32_t fiscal_year_start_month, ph_day first,
                       ph_day last) {
  *calendar = (ph_calendar){.step = step, .fiscal_start = fiscal_year_start_month - 1};
  if (first > last) return;
  calendar->first_number = number_of(calendar, first);
  calendar->count = (size_t)(number_of(calendar, last) - calendar->first_number) + 1;
}

static ph_period cut_to_calendar(ph_day start, ph_day end) {
  ph_period period = {start == PH_DAY_NONE ? 0 : start,
                      end == PH_DAY_NONE || end > PH_DAY_LAST ? PH_DAY_LAST : end};
  return period;
}

/* The first of the months of a period. */
static int32_t month_at(const ph_calendar *calendar, size_t place) {
  return first_month(calendar) + (calendar->first_number + (int32_t)place) * lengths[calendar->step];
}

ph_period ph_calendar_period(const ph_calendar *calendar, size_t place) {
  int32_t length = lengths[calendar->step];
  if (is_made_of_days(calendar->step)) {
    ph_day start = (calendar->first_number + (ph_day)place) * length;
    return cut_to_calendar(start, start + length - 1);
  }
  int32_t month = month_at(calendar, place);
  return cut_to_calendar(ph_first_day_of_month(month), ph_last_day_of_month(month + length - 1));
}

size_t ph_calendar_place(const ph_calendar *calendar, ph_day day) {
  return (size_t)(number_of(calendar, day) - calendar->first_number);
}

/* A week belongs to the year that has its Thursday (ISO 8601). */
static void label_week(ph_day monday, char label[PH_CALENDAR_LABEL_BYTES]) {
  ph_day thursday = monday + 3;
  int year = ph_civil_of(thursday).year;
  snprintf(label, PH_CALENDAR_LABEL_BYTES, "%04d-W%02d", year, (thursday - ph_day_of(year, 1, 1)) / 7 + 1);
}

void ph_calendar_label(const ph_calendar *calendar, size_t place, char label[PH_CALENDAR_LABEL_BYTES]) {
  if (is_made_of_days(calendar->step)) {
    ph_day start = ph_calendar_period(calendar, place).start;
    if (calendar->step == PH_STEP_WEEK) {
      label_week(start, label);
    } else {
      ph_day_format(start, label);
    }
    return;
  }
  int32_t month = month_at(calendar, place);
  int32_t into_year = (month - calendar->fiscal_start + 12) % 12; /* months of the fiscal year that went by */
  int32_t ending_year = (month - into_year + 11) / 12;
  switch (calendar->step) {
  case PH_STEP_MONTH:
    snprintf(label, PH_CALENDAR_LABEL_BYTES, "%04d-%02d", month / 12, month % 12 + 1);
    break;
  case PH_STEP_QUARTER:
    snprintf(label, PH_CALENDAR_LABEL_BYTES, "%04d-Q%d", ending_year, into_year / 3 + 1);
    break;
  default: snprintf(label, PH_CALENDAR_LABEL_BYTES, "%04d", ending_year); break;
  }
}
