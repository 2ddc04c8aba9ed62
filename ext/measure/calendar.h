/*
** Calendar periods: days, weeks, months, quarters and years, the last two fiscal (specification,
** section 5, pipeline_calendar). It needs no history.
*/
#ifndef PH_MEASURE_CALENDAR_H
#define PH_MEASURE_CALENDAR_H

#include "period.h"

typedef enum {
  PH_STEP_DAY,
  PH_STEP_WEEK,
  PH_STEP_MONTH,
  PH_STEP_QUARTER,
  PH_STEP_YEAR,
  PH_STEP_COUNT
} ph_step;
extern const char *const ph_step_names[PH_STEP_COUNT];

/* The periods of one step that touch [first, last], in order. Each is worked out from its place alone. */
typedef struct ph_calendar {
  ph_step step;
  int32_t fiscal_start; /* month of the year from 0 */
  int32_t first_number; /* running number of the first period */
  size_t count;         /* 0 when first lies after last */
} ph_calendar;

void ph_calendar_begin(ph_calendar *calendar, ph_step step, int32_t fiscal_year_start_month, ph_day first,
                       ph_day last);

/* The whole period at a place below count; one that leaves the calendar ends with it. */
ph_period ph_calendar_period(const ph_calendar *calendar, size_t place);

/* The place of the period of a day between the first and the last. */
size_t ph_calendar_place(const ph_calendar *calendar, ph_day day);

enum { PH_CALENDAR_LABEL_BYTES = 32 };
/* 2022-06-30, 2022-W26 (ISO 8601), 2022-06, 2022-Q2, 2022. A fiscal year is named by the year in which it
** ends. */
void ph_calendar_label(const ph_calendar *calendar, size_t place, char label[PH_CALENDAR_LABEL_BYTES]);

#endif
