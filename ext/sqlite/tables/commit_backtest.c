/*
** commit_backtest(as_of, scope, lead_days): what became of the deals of each forecast category
** (specification, section 5).
**
**     SELECT category, sum(won_deals) * 1.0 / sum(deals) AS conversion
**     FROM commit_backtest('2022-12-31', 'owner') GROUP BY category;
**
** scope: 'all', 'team' or 'owner'; lead_days: 21 by default. One row for each group, quota period that ended
** on or before as_of and category among the deals that were claimed on period_start + lead_days (on the
** period's last day at the latest), by name, period_start, period_end and category (those of pipeline_commit,
** NULL first). Each deal was won or lost by the end of the period, or slipped: it was still open. won_amount
** is at the closing, the others at the day of the claim. conversion: won over all, by count; low, high: its
** Wilson interval at 95 %. bluebird_amount, in the row of category NULL alone: won in the period after that
** day without having been claimed for it. No rows where the source has no forecast events: today's category
** says nothing of then.
*/
#include "../engine.h"
#include "../../measure/commit.h"

static void show_bluebird_amount(ph_query *query, const void *at) {
  const ph_commit_backtest_row *row = at;
  if (row->category == PH_CATEGORY_COUNT) ph_result_money(query, row->bluebird_amount);
}

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_commit_backtest_row, group.name),
    PH_DAY_COLUMN("period_start", ph_commit_backtest_row, group.period.start),
    PH_DAY_COLUMN("period_end", ph_commit_backtest_row, group.period.end),
    PH_CHOICE_COLUMN("category", ph_commit_backtest_row, category, ph_forecast_category_names),
    PH_INTEGER_COLUMN("deals", ph_commit_backtest_row, deals),
    PH_MONEY_COLUMN("amount", ph_commit_backtest_row, amount),
    PH_INTEGER_COLUMN("won_deals", ph_commit_backtest_row, won_deals),
    PH_MONEY_COLUMN("won_amount", ph_commit_backtest_row, won_amount),
    PH_INTEGER_COLUMN("slipped_deals", ph_commit_backtest_row, slipped_deals),
    PH_MONEY_COLUMN("slipped_amount", ph_commit_backtest_row, slipped_amount),
    PH_INTEGER_COLUMN("lost_deals", ph_commit_backtest_row, lost_deals),
    PH_MONEY_COLUMN("lost_amount", ph_commit_backtest_row, lost_amount),
    PH_REAL_COLUMN("conversion", ph_commit_backtest_row, conversion),
    PH_REAL_COLUMN("low", ph_commit_backtest_row, low),
    PH_REAL_COLUMN("high", ph_commit_backtest_row, high),
    PH_WORKED_OUT_COLUMN("bluebird_amount", PH_COLUMN_REAL, show_bluebird_amount),
};

enum { AS_OF, SCOPE, LEAD_DAYS };

static const ph_argument arguments[] = {
    [AS_OF] = {"as_of", PH_ARGUMENT_DAY, false, 0, 0},
    [SCOPE] = {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES},
    [LEAD_DAYS] = {"lead_days", PH_ARGUMENT_DAYS, false, 21, 0},
};

static void fill(ph_query *query) {
  ph_commit_backtest_row *rows = NULL;
  ph_commit_backtest(query->pipeline, query->arguments[AS_OF], (ph_scope)query->arguments[SCOPE],
                     query->arguments[LEAD_DAYS], &rows, &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_commit_backtest = {
    .name = "commit_backtest",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_commit_backtest_row),
    .fill = fill,
};
