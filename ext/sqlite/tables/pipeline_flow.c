/*
** pipeline_flow(from_day, to_day, scope): what happened to the open amount between two days (specification,
** section 5).
**
**     SELECT name, starting_amount, created_amount, won_amount, lost_amount, ending_amount
**     FROM pipeline_flow('2022-04-01', '2022-06-30', 'owner');
**
** Both days mean their close of business: what happened on from_day is already in the start. One row for each
** group that has an open deal on one of the two days or won a deal in between, by name; for scope 'all'
** always one. Money is REAL, exact to 1/10,000. In every row
**
**     starting + created + transferred_in + increased - decreased - won - lost - transferred_out = ending
**
** won and lost are at the starting amount; closed_won is at the amount of the closing day.
*/
#include "../engine.h"
#include "../../measure/flow.h"

enum {
  NAME,
  STARTING_DEALS,
  STARTING_AMOUNT,
  CREATED_AMOUNT,
  TRANSFERRED_IN_AMOUNT,
  INCREASED_AMOUNT,
  DECREASED_AMOUNT,
  WON_AMOUNT,
  LOST_AMOUNT,
  TRANSFERRED_OUT_AMOUNT,
  ENDING_AMOUNT,
  ENDING_DEALS,
  BECAME_STALLED_AMOUNT,
  RECOVERED_AMOUNT,
  CLOSED_WON_AMOUNT,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [NAME] = {"name", PH_COLUMN_TEXT, true},
    [STARTING_DEALS] = {"starting_deals", PH_COLUMN_INTEGER, false},
    [STARTING_AMOUNT] = {"starting_amount", PH_COLUMN_REAL, false},
    [CREATED_AMOUNT] = {"created_amount", PH_COLUMN_REAL, false},
    [TRANSFERRED_IN_AMOUNT] = {"transferred_in_amount", PH_COLUMN_REAL, false},
    [INCREASED_AMOUNT] = {"increased_amount", PH_COLUMN_REAL, false},
    [DECREASED_AMOUNT] = {"decreased_amount", PH_COLUMN_REAL, false},
    [WON_AMOUNT] = {"won_amount", PH_COLUMN_REAL, false},
    [LOST_AMOUNT] = {"lost_amount", PH_COLUMN_REAL, false},
    [TRANSFERRED_OUT_AMOUNT] = {"transferred_out_amount", PH_COLUMN_REAL, false},
    [ENDING_AMOUNT] = {"ending_amount", PH_COLUMN_REAL, false},
    [ENDING_DEALS] = {"ending_deals", PH_COLUMN_INTEGER, false},
    [BECAME_STALLED_AMOUNT] = {"became_stalled_amount", PH_COLUMN_REAL, false},
    [RECOVERED_AMOUNT] = {"recovered_amount", PH_COLUMN_REAL, false},
    [CLOSED_WON_AMOUNT] = {"closed_won_amount", PH_COLUMN_REAL, false},
};

enum { FROM_DAY, TO_DAY, SCOPE, ARGUMENTS };

static const ph_argument arguments[ARGUMENTS] = {
    [FROM_DAY] = {"from_day", PH_ARGUMENT_DAY, true, 0, 0},
    [TO_DAY] = {"to_day", PH_ARGUMENT_DAY, false, 0, 0},
    [SCOPE] = {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_ANY_SCOPE},
};

static void fill(ph_query *query) {
  ph_flow_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_flow_between(query->pipeline, query->arguments[FROM_DAY], query->arguments[TO_DAY],
                  (ph_scope)query->arguments[SCOPE], &rows, &query->row_count, query->status);
  query->rows = rows;
}

static bool visit(ph_query *query) {
  const ph_flow_row *row = ph_query_row(query);
  return ph_filter_passes_name(query, NAME, row->name);
}

static void value(ph_query *query, int column) {
  const ph_flow_row *row = ph_query_row(query);
  switch (column) {
  case NAME: ph_result_name(query, row->name); break;
  case STARTING_DEALS: ph_result_integer(query, row->starting_deals); break;
  case STARTING_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_STARTING]); break;
  case CREATED_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_CREATED]); break;
  case TRANSFERRED_IN_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_TRANSFERRED_IN]); break;
  case INCREASED_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_INCREASED]); break;
  case DECREASED_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_DECREASED]); break;
  case WON_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_WON]); break;
  case LOST_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_LOST]); break;
  case TRANSFERRED_OUT_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_TRANSFERRED_OUT]); break;
  case ENDING_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_ENDING]); break;
  case ENDING_DEALS: ph_result_integer(query, row->ending_deals); break;
  case BECAME_STALLED_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_BECAME_STALLED]); break;
  case RECOVERED_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_RECOVERED]); break;
  case CLOSED_WON_AMOUNT: ph_result_money(query, row->amount[PH_FLOW_CLOSED_WON]); break;
  default: break;
  }
}

const ph_table ph_table_pipeline_flow = {.name = "pipeline_flow",
                                         .columns = columns,
                                         .column_count = COLUMNS,
                                         .arguments = arguments,
                                         .argument_count = ARGUMENTS,
                                         .rows_estimate = 100,
                                         .fill = fill,
                                         .visit = visit,
                                         .value = value};
