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

/* The periods, and the one of the current row. */
typedef struct calendar_row {
  ph_calendar calendar;
  ph_period period;
  ph_day day;
} calendar_row;

enum { FIRST_DAY, LAST_DAY, STEP, ARGUMENTS };

static const ph_argument arguments[ARGUMENTS] = {
    [FIRST_DAY] = {"first_day", PH_ARGUMENT_DAY, true, 0, 0},
    [LAST_DAY] = {"last_day", PH_ARGUMENT_DAY, true, 0, 0},
    [STEP] = {"step", PH_ARGUMENT_STEP, false, PH_STEP_MONTH, 0},
};

static void fill(ph_query *query) {
  calendar_row *row = ph_allocate_zeroed(query->status, 1, sizeof *row);
  query->rows = row;
  if (row == NULL) return;
  ph_calendar_begin(&row->calendar, (ph_step)query->arguments[STEP],
                    ph_policy_integer(&query->policy, PH_POLICY_FISCAL_YEAR_START_MONTH),
                    query->arguments[FIRST_DAY], query->arguments[LAST_DAY]);
  query->row_count = row->calendar.count;
}

static bool visit(ph_query *query) {
  calendar_row *row = query->rows;
  ph_day last = query->arguments[LAST_DAY];
  row->period = ph_calendar_period(&row->calendar, query->row);
  row->day = row->period.end < last ? row->period.end : last;
  return true;
}

static void show_label(ph_query *query, const void *at) {
  const calendar_row *row = at;
  char label[PH_CALENDAR_LABEL_BYTES];
  ph_calendar_label(&row->calendar, query->row, label);
  ph_result_text(query, label);
}

static const ph_column columns[] = {
    PH_DAY_COLUMN("day", calendar_row, day),
    PH_DAY_COLUMN("period_start", calendar_row, period.start),
    PH_DAY_COLUMN("period_end", calendar_row, period.end),
    PH_WORKED_OUT_COLUMN("label", PH_COLUMN_TEXT, show_label),
};

const ph_table ph_table_pipeline_calendar = {
    .name = "pipeline_calendar",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .reads_policy_only = true,
    .rows_estimate = 100,
    .fill = fill,
    .visit = visit,
};
