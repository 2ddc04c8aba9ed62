/*
** pipeline_opening(as_of, scope): how many new deals the quota still needs, and whether their number is the
** problem at all (specification, section 8).
**
**     SELECT name, gap_amount, proven_share, needed_deals, needed_deals_at_target, diagnosis
**     FROM pipeline_opening('2022-07-07', 'team');
**
** scope: 'all', 'team' or 'owner'. One row for each group and each quota period that contains as_of, by name,
** period_start, period_end. expected_amount is open_expected of pipeline_forecast; gap_amount is rounded to
** 1/10,000, and needed_deals is the exact ceiling from there. Where there is too little history for a figure
** it is NULL, and so is what follows from it. A hidden column, target_share, is the proven_share that
** needed_deals_at_target and the diagnosis compare with: the same in every row.
*/
#include "../engine.h"
#include "../../measure/opening.h"

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_opening_row, group.name),
    PH_DAY_COLUMN("period_start", ph_opening_row, group.period.start),
    PH_DAY_COLUMN("period_end", ph_opening_row, group.period.end),
    PH_MONEY_COLUMN("remaining", ph_opening_row, remaining),
    PH_UNITS_COLUMN("expected_amount", ph_opening_row, expected_units),
    PH_AMOUNT_COLUMN("gap_amount", ph_opening_row, gap),
    PH_INTEGER_COLUMN("opened_deals", ph_opening_row, opened_deals),
    PH_REAL_COLUMN("proven_share", ph_opening_row, proven_share),
    PH_REAL_COLUMN("win_share", ph_opening_row, win_share),
    PH_UNITS_COLUMN("average_won_amount", ph_opening_row, average_won_units),
    PH_REAL_COLUMN("cycle_days", ph_opening_row, cycle_days),
    PH_COUNT_COLUMN("needed_deals", ph_opening_row, needed_deals),
    PH_COUNT_COLUMN("needed_deals_at_target", ph_opening_row, needed_deals_at_target),
    PH_COUNT_COLUMN("first_meetings_saved", ph_opening_row, first_meetings_saved),
    PH_REAL_COLUMN("needed_per_week", ph_opening_row, needed_per_week),
    PH_REAL_COLUMN("opened_per_week", ph_opening_row, opened_per_week),
    PH_CHOICE_COLUMN("diagnosis", ph_opening_row, diagnosis, ph_diagnosis_names),
    PH_REAL_COLUMN("target_share", ph_opening_row, target_share),
};

enum { AS_OF, SCOPE };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES}};

static void fill(ph_query *query) {
  ph_opening_row *rows = NULL;
  ph_opening_on(query->pipeline, query->arguments[AS_OF], (ph_scope)query->arguments[SCOPE], NULL, &rows,
                &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_pipeline_opening = {
    .name = "pipeline_opening",
    PH_COLUMNS_AND_HIDDEN(columns, 1),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_opening_row),
    .fill = fill,
};
