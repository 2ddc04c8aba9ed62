/*
** pipeline_cohort(from_day, to_day, step, scope): what became of the deals opened together (specification,
** section 5).
**
**     SELECT period_start, within_days, won_deals * 1.0 / (created_deals - pending_deals) AS won_share
**     FROM pipeline_cohort('2021-01-01', '2022-06-30', 'quarter') WHERE within_days = 90;
**
** step: as in pipeline_calendar, 'month' by default. One row for each group with a deal created from from_day
** to to_day, period of creation and age, by name, period_start, within_days: 30, 60, 90, 180, NULL (by
** to_day). Everything within so many days of creation and known on to_day. pending_deals are younger than
** that and open, so that nobody knows yet; won + lost + open + pending = created. A deal has two meetings
** when they were on different days, those before its creation included. Group and amount are those of the day
** of creation; money is REAL, exact to 1/10,000. The first and the last period are whole, their deals are
** those of the days asked for.
*/
#include "../engine.h"
#include "../../measure/cohort.h"

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_cohort_row, name),
    PH_DAY_COLUMN("period_start", ph_cohort_row, period.start),
    PH_DAY_COLUMN("period_end", ph_cohort_row, period.end),
    PH_COUNT_COLUMN("within_days", ph_cohort_row, within_days),
    PH_INTEGER_COLUMN("created_deals", ph_cohort_row, created_deals),
    PH_MONEY_COLUMN("created_amount", ph_cohort_row, created_amount),
    PH_INTEGER_COLUMN("pending_deals", ph_cohort_row, pending_deals),
    PH_INTEGER_COLUMN("second_meeting_deals", ph_cohort_row, second_meeting_deals),
    PH_INTEGER_COLUMN("won_deals", ph_cohort_row, won_deals),
    PH_INTEGER_COLUMN("lost_deals", ph_cohort_row, lost_deals),
    PH_INTEGER_COLUMN("open_deals", ph_cohort_row, open_deals),
};

enum { FROM_DAY, TO_DAY, STEP, SCOPE, ARGUMENTS };

static const ph_argument arguments[ARGUMENTS] = {
    [FROM_DAY] = {"from_day", PH_ARGUMENT_DAY, true, 0, 0},
    [TO_DAY] = {"to_day", PH_ARGUMENT_DAY, false, 0, 0},
    [STEP] = {"step", PH_ARGUMENT_STEP, false, PH_STEP_MONTH, 0},
    [SCOPE] = {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_ANY_SCOPE},
};

static void fill(ph_query *query) {
  ph_cohort_row *rows = NULL;
  ph_cohorts_between(query->pipeline, query->arguments[FROM_DAY], query->arguments[TO_DAY],
                     (ph_step)query->arguments[STEP], (ph_scope)query->arguments[SCOPE], &rows,
                     &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_pipeline_cohort = {
    .name = "pipeline_cohort",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = 1000,
    .row_size = sizeof(ph_cohort_row),
    .fill = fill,
};
