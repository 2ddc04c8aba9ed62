/*
** verdict_backtest(as_of): what became of the deals that had each verdict on that day (specification, section
** 7).
**
**     SELECT verdict, deals, won_share FROM verdict_backtest('2021-12-31');
**
** One row for each verdict given on the day, in the order progressing, unproven, stalled, dead. amount is
** that of the day, won_amount that of the closing day; the shares are of the deals closed by today's data,
** NULL without one.
*/
#include "../engine.h"
#include "../../measure/backtest.h"

static void show_won_share(ph_query *query, const void *at) {
  const ph_verdict_backtest_row *row = at;
  ph_result_ratio(query, (double)row->won_deals, (double)(row->won_deals + row->lost_deals));
}

static void show_lost_share(ph_query *query, const void *at) {
  const ph_verdict_backtest_row *row = at;
  ph_result_ratio(query, (double)row->lost_deals, (double)(row->won_deals + row->lost_deals));
}

static const ph_column columns[] = {
    PH_CHOICE_COLUMN("verdict", ph_verdict_backtest_row, verdict, ph_verdict_names),
    PH_INTEGER_COLUMN("deals", ph_verdict_backtest_row, deals),
    PH_MONEY_COLUMN("amount", ph_verdict_backtest_row, amount),
    PH_INTEGER_COLUMN("won_deals", ph_verdict_backtest_row, won_deals),
    PH_INTEGER_COLUMN("lost_deals", ph_verdict_backtest_row, lost_deals),
    PH_INTEGER_COLUMN("open_deals", ph_verdict_backtest_row, open_deals),
    PH_MONEY_COLUMN("won_amount", ph_verdict_backtest_row, won_amount),
    PH_WORKED_OUT_COLUMN("won_share", PH_COLUMN_REAL, show_won_share),
    PH_WORKED_OUT_COLUMN("lost_share", PH_COLUMN_REAL, show_lost_share),
};

enum { AS_OF };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0}};

static void fill(ph_query *query) {
  ph_verdict_backtest_row *rows = NULL;
  ph_verdict_backtest(query->pipeline, query->arguments[AS_OF], &rows, &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_verdict_backtest = {
    .name = "verdict_backtest",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = PH_VERDICT_COUNT,
    .row_size = sizeof(ph_verdict_backtest_row),
    .fill = fill,
};
