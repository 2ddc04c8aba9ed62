/*
** win_rate(as_of, horizon_days): how often deals of a reference class were won in time (specification,
** section 6).
**
**     SELECT stage, verdict, deals, win_rate, low, high FROM win_rate('2022-06-30', 90)
**     WHERE class = 'stage_verdict';
**
** horizon_days: 90 by default. One row for each class with a deal-day: 'stage_verdict' by stage and verdict,
** then 'verdict', then 'all'. low and high are the Wilson interval at 95 % with the number of deals.
*/
#include "../engine.h"
#include "../../measure/win_rate.h"

enum { CLASS, STAGE, VERDICT, DEALS, DEAL_DAYS, WON_DAYS, WIN_RATE, LOW, HIGH, ENOUGH, COLUMNS };

static const ph_column columns[COLUMNS] = {
    [CLASS] = {"class", PH_COLUMN_TEXT, false},
    [STAGE] = {"stage", PH_COLUMN_TEXT, false},
    [VERDICT] = {"verdict", PH_COLUMN_TEXT, false},
    [DEALS] = {"deals", PH_COLUMN_INTEGER, false},
    [DEAL_DAYS] = {"deal_days", PH_COLUMN_INTEGER, false},
    [WON_DAYS] = {"won_days", PH_COLUMN_INTEGER, false},
    [WIN_RATE] = {"win_rate", PH_COLUMN_REAL, false},
    [LOW] = {"low", PH_COLUMN_REAL, false},
    [HIGH] = {"high", PH_COLUMN_REAL, false},
    [ENOUGH] = {"enough", PH_COLUMN_INTEGER, false},
};

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"horizon_days", PH_ARGUMENT_DAYS, false, 90, 0}};

static void fill(ph_query *query) {
  ph_win_rate_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_win_rate_rows(query->pipeline, query->arguments[0], query->arguments[1], &rows, &query->row_count,
                   query->status);
  query->rows = rows;
}

static void value(ph_query *query, int column) {
  const ph_win_rate_row *row = ph_query_row(query);
  switch (column) {
  case CLASS: ph_result_text(query, ph_class_kind_names[row->kind]); break;
  case STAGE: ph_result_name(query, row->stage); break;
  case VERDICT:
    ph_result_text(query, row->kind == PH_CLASS_ALL ? NULL : ph_verdict_names[row->verdict]);
    break;
  case DEALS: ph_result_integer(query, row->counts.deals); break;
  case DEAL_DAYS: ph_result_integer(query, row->counts.deal_days); break;
  case WON_DAYS: ph_result_integer(query, row->counts.won_days); break;
  case WIN_RATE: ph_result_real(query, row->win_rate); break;
  case LOW: ph_result_real(query, row->low); break;
  case HIGH: ph_result_real(query, row->high); break;
  case ENOUGH:
    ph_result_integer(query, row->counts.deals >= ph_policy_integer(&query->pipeline->history.policy,
                                                                    PH_POLICY_MIN_CLASS_DEALS));
    break;
  default: break;
  }
}

const ph_table ph_table_win_rate = {.name = "win_rate",
                                    .columns = columns,
                                    .column_count = COLUMNS,
                                    .arguments = arguments,
                                    .argument_count = 2,
                                    .rows_estimate = 30,
                                    .fill = fill,
                                    .value = value};
