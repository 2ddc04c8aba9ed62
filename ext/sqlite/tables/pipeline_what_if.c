/*
** pipeline_what_if(as_of, scope, second_meeting_rate, win_share, average_amount, cycle_days, revived_share):
** what would be needed, and expected, if a rate were another one (specification, section 5).
**
**     SELECT name, needed_deals, needed_deals_then, first_meetings_saved
**     FROM pipeline_what_if('2022-07-07', 'team', 0.5);
**     SELECT name, hit_probability, hit_probability_then FROM pipeline_what_if('2022-07-07')
**     WHERE revived_share = 0.25;
**
** scope: 'all', 'team' or 'owner'. One row for each group and each quota period that contains as_of, by name,
** period_start, period_end: the figures of pipeline_opening and pipeline_forecast as measured, and with what
** is given in the place of proven_share, win_share, average_won_amount and cycle_days. revived_share: that
** share of the stalled and dead money gets the chance of progressing deals of its stage. What is not given or
** NULL stays as measured.
*/
#include "../../base/money.h"
#include "../../base/statistics.h"
#include "../../measure/what_if.h"
#include "../engine.h"

enum { AS_OF, SCOPE, SECOND_MEETING_RATE, WIN_SHARE, AVERAGE_AMOUNT, CYCLE_DAYS, REVIVED_SHARE };

static const ph_argument arguments[] = {
    [AS_OF] = {"as_of", PH_ARGUMENT_DAY, false, 0, 0},
    [SCOPE] = {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES},
    [SECOND_MEETING_RATE] = {"second_meeting_rate", PH_ARGUMENT_OPTIONAL_SHARE, false, 0, 0},
    [WIN_SHARE] = {"win_share", PH_ARGUMENT_OPTIONAL_SHARE, false, 0, 0},
    [AVERAGE_AMOUNT] = {"average_amount", PH_ARGUMENT_OPTIONAL_NUMBER, false, 0, 0},
    [CYCLE_DAYS] = {"cycle_days", PH_ARGUMENT_OPTIONAL_NUMBER, false, 0, 0},
    [REVIVED_SHARE] = {"revived_share", PH_ARGUMENT_OPTIONAL_SHARE, false, 0, 0},
};

static void fill(ph_query *query) {
  const double *reals = query->reals;
  ph_what_if_row *rows = NULL;
  int64_t average = 0;
  ph_opening_given given = {.proven_share = reals[SECOND_MEETING_RATE],
                            .win_share = reals[WIN_SHARE],
                            .average_won_units = reals[AVERAGE_AMOUNT],
                            .cycle_days = reals[CYCLE_DAYS],
                            .revived_share = ph_is_nan(reals[REVIVED_SHARE]) ? 0 : reals[REVIVED_SHARE]};
  if (ph_money_from_real(reals[AVERAGE_AMOUNT], &average)) given.average_won_units = (double)average;
  ph_what_if_on(query->pipeline, query->arguments[AS_OF], (ph_scope)query->arguments[SCOPE], &given, &rows,
                &query->row_count, query->status);
  query->rows = rows;
}

/* A worse rate costs meetings: below 0 is a figure here. */
static void show_saved(ph_query *query, const void *at) {
  const ph_what_if_row *row = at;
  bool known = row->needed_deals != PH_UNKNOWN_COUNT && row->needed_deals_then != PH_UNKNOWN_COUNT;
  if (known) ph_result_integer(query, row->needed_deals - row->needed_deals_then);
}

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_what_if_row, group.name),
    PH_DAY_COLUMN("period_start", ph_what_if_row, group.period.start),
    PH_DAY_COLUMN("period_end", ph_what_if_row, group.period.end),
    PH_COUNT_COLUMN("needed_deals", ph_what_if_row, needed_deals),
    PH_COUNT_COLUMN("needed_deals_then", ph_what_if_row, needed_deals_then),
    PH_REAL_COLUMN("needed_per_week", ph_what_if_row, needed_per_week),
    PH_REAL_COLUMN("needed_per_week_then", ph_what_if_row, needed_per_week_then),
    PH_UNITS_COLUMN("expected_amount", ph_what_if_row, expected),
    PH_UNITS_COLUMN("expected_amount_then", ph_what_if_row, expected_then),
    PH_REAL_COLUMN("hit_probability", ph_what_if_row, hit_probability),
    PH_REAL_COLUMN("hit_probability_then", ph_what_if_row, hit_probability_then),
    PH_WORKED_OUT_COLUMN("first_meetings_saved", PH_COLUMN_INTEGER, show_saved),
};

const ph_table ph_table_pipeline_what_if = {
    .name = "pipeline_what_if",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_what_if_row),
    .fill = fill,
};
