/*
** pipeline_calendar(first_day, last_day, step): the periods between two days, made for joins (specification,
** section 5).
**
**     SELECT c.label, i.integrity
**     FROM pipeline_calendar('2021-01-01', '2022-12-31', 'week') c, pipeline_integrity(c.day) i;
**
** step: 'day', 'week' (from Monday), 'month' (default), 'quarter', 'year'; quarters and years are fiscal
** (policy fiscal_year_start_month). One row for each period that touches the two days, in order; none when
** first_day is after last_day. period_start and period_end are those of the whole period, day is its last day
** or last_day. Rows are worked out one by one: the whole calendar by days needs no memory. Of the sources,
** the policy alone is read.
*/
#include "../engine.h"

enum { DAY, PERIOD_START, PERIOD_END, LABEL, COLUMNS };

static const ph_column columns[COLUMNS] = {
    [DAY] = {"day", PH_COLUMN_TEXT, false},
    [PERIOD_START] = {"period_start", PH_COLUMN_TEXT, false},
    [PERIOD_END] = {"period_end", PH_COLUMN_TEXT, false},
    [LABEL] = {"label", PH_COLUMN_TEXT, false},
};

enum { FIRST_DAY, LAST_DAY, STEP, ARGUMENTS };

static const ph_argument arguments[ARGUMENTS] = {
    [FIRST_DAY] = {"first_day", PH_ARGUMENT_DAY, true, 0, 0},
    [LAST_DAY] = {"last_day", PH_ARGUMENT_DAY, true, 0, 0},
    [STEP] = {"step", PH_ARGUMENT_STEP, false, PH_STEP_MONTH, 0},
};

static void fill(ph_query *query) {
  ph_calendar *calendar = ph_allocate(query->status, 1, sizeof *calendar);
  query->state = calendar;
  if (calendar == NULL) return;
  ph_calendar_begin(calendar, (ph_step)query->arguments[STEP],
                    ph_policy_integer(&query->policy, PH_POLICY_FISCAL_YEAR_START_MONTH),
                    query->arguments[FIRST_DAY], query->arguments[LAST_DAY]);
  query->row_count = calendar->count;
}

static void end(ph_query *query) {
  if (query->state != NULL) ph_release(query->status->memory, query->state);
}

static void value(ph_query *query, int column) {
  const ph_calendar *calendar = query->state;
  ph_period period = ph_calendar_period(calendar, query->row);
  char label[PH_CALENDAR_LABEL_BYTES];
  switch (column) {
  case DAY:
    ph_result_day(query, period.end < query->arguments[LAST_DAY] ? period.end : query->arguments[LAST_DAY]);
    break;
  case PERIOD_START: ph_result_day(query, period.start); break;
  case PERIOD_END: ph_result_day(query, period.end); break;
  case LABEL:
    ph_calendar_label(calendar, query->row, label);
    ph_result_text(query, label);
    break;
  default: break;
  }
}

const ph_table ph_table_pipeline_calendar = {.name = "pipeline_calendar",
                                             .columns = columns,
                                             .column_count = COLUMNS,
                                             .arguments = arguments,
                                             .argument_count = ARGUMENTS,
                                             .reads_policy_only = true,
                                             .rows_estimate = 100,
                                             .fill = fill,
                                             .value = value,
                                             .end = end};
