/*
** pipeline_commit(as_of, scope): what the sellers claim by forecast category, against the verdicts
** (specification, section 5).
**
**     SELECT name, category, amount, real_amount, at_risk_amount, expected_amount
**     FROM pipeline_commit('2022-07-15', 'team') WHERE category IN ('commit', 'best_case');
**
** scope: 'all', 'team' or 'owner'. One row for each group, quota period that has not ended before as_of and
** forecast category among the claimed deals (those of real_coverage), by name, period_start, period_end and
** category: NULL (none, or a text that is no category), 'omitted', 'pipeline', 'best_case', 'most_likely',
** 'commit'. Categories are read without regard to case, blanks, _ and -; Salesforce's Forecast is commit.
** Money is REAL, exact to 1/10,000; expected_amount is the sum of chance × amount to the end of the period
** (deal_chance), not rounded, NULL where a deal has no chance.
*/
#include "../engine.h"
#include "../../measure/commit.h"

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_commit_row, group.name),
    PH_DAY_COLUMN("period_start", ph_commit_row, group.period.start),
    PH_DAY_COLUMN("period_end", ph_commit_row, group.period.end),
    PH_CHOICE_COLUMN("category", ph_commit_row, category, ph_forecast_category_names),
    PH_INTEGER_COLUMN("deals", ph_commit_row, deals),
    PH_MONEY_COLUMN("amount", ph_commit_row, amount),
    PH_MONEY_COLUMN("real_amount", ph_commit_row, real_amount),
    PH_MONEY_COLUMN("unproven_amount", ph_commit_row, amount_of_verdict[PH_VERDICT_UNPROVEN]),
    PH_MONEY_COLUMN("stalled_amount", ph_commit_row, amount_of_verdict[PH_VERDICT_STALLED]),
    PH_MONEY_COLUMN("dead_amount", ph_commit_row, amount_of_verdict[PH_VERDICT_DEAD]),
    PH_MONEY_COLUMN("unjudged_amount", ph_commit_row, amount_of_verdict[PH_VERDICT_UNJUDGED]),
    PH_MONEY_COLUMN("overdue_amount", ph_commit_row, overdue_amount),
    PH_MONEY_COLUMN("at_risk_amount", ph_commit_row, at_risk_amount),
    PH_UNITS_COLUMN("expected_amount", ph_commit_row, expected_units),
};

enum { AS_OF, SCOPE };

static const ph_argument arguments[] = {
    [AS_OF] = {"as_of", PH_ARGUMENT_DAY, false, 0, 0},
    [SCOPE] = {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES},
};

static void fill(ph_query *query) {
  ph_commit_row *rows = NULL;
  ph_commit_on(query->pipeline, query->arguments[AS_OF], (ph_scope)query->arguments[SCOPE], &rows,
               &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_pipeline_commit = {
    .name = "pipeline_commit",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_commit_row),
    .fill = fill,
};
