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

enum {
  VERDICT,
  DEALS,
  AMOUNT,
  WON_DEALS,
  LOST_DEALS,
  OPEN_DEALS,
  WON_AMOUNT,
  WON_SHARE,
  LOST_SHARE,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [VERDICT] = {"verdict", PH_COLUMN_TEXT, false},
    [DEALS] = {"deals", PH_COLUMN_INTEGER, false},
    [AMOUNT] = {"amount", PH_COLUMN_REAL, false},
    [WON_DEALS] = {"won_deals", PH_COLUMN_INTEGER, false},
    [LOST_DEALS] = {"lost_deals", PH_COLUMN_INTEGER, false},
    [OPEN_DEALS] = {"open_deals", PH_COLUMN_INTEGER, false},
    [WON_AMOUNT] = {"won_amount", PH_COLUMN_REAL, false},
    [WON_SHARE] = {"won_share", PH_COLUMN_REAL, false},
    [LOST_SHARE] = {"lost_share", PH_COLUMN_REAL, false},
};

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0}};

static void fill(ph_query *query) {
  ph_verdict_backtest_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_verdict_backtest(query->pipeline, query->arguments[0], &rows, &query->row_count, query->status);
  query->rows = rows;
}

static void value(ph_query *query, int column) {
  const ph_verdict_backtest_row *row = ph_query_row(query);
  double closed = (double)(row->won_deals + row->lost_deals);
  switch (column) {
  case VERDICT: ph_result_text(query, ph_verdict_names[row->verdict]); break;
  case DEALS: ph_result_integer(query, row->deals); break;
  case AMOUNT: ph_result_money(query, row->amount); break;
  case WON_DEALS: ph_result_integer(query, row->won_deals); break;
  case LOST_DEALS: ph_result_integer(query, row->lost_deals); break;
  case OPEN_DEALS: ph_result_integer(query, row->open_deals); break;
  case WON_AMOUNT: ph_result_money(query, row->won_amount); break;
  case WON_SHARE: ph_result_ratio(query, (double)row->won_deals, closed); break;
  case LOST_SHARE: ph_result_ratio(query, (double)row->lost_deals, closed); break;
  default: break;
  }
}

const ph_table ph_table_verdict_backtest = {.name = "verdict_backtest",
                                            .columns = columns,
                                            .column_count = COLUMNS,
                                            .arguments = arguments,
                                            .argument_count = 1,
                                            .rows_estimate = PH_VERDICT_COUNT,
                                            .fill = fill,
                                            .value = value};
