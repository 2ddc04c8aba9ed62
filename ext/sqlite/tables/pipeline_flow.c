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

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_flow_row, name),
    PH_INTEGER_COLUMN("starting_deals", ph_flow_row, starting_deals),
    PH_MONEY_COLUMN("starting_amount", ph_flow_row, amount[PH_FLOW_STARTING]),
    PH_MONEY_COLUMN("created_amount", ph_flow_row, amount[PH_FLOW_CREATED]),
    PH_MONEY_COLUMN("transferred_in_amount", ph_flow_row, amount[PH_FLOW_TRANSFERRED_IN]),
    PH_MONEY_COLUMN("increased_amount", ph_flow_row, amount[PH_FLOW_INCREASED]),
    PH_MONEY_COLUMN("decreased_amount", ph_flow_row, amount[PH_FLOW_DECREASED]),
    PH_MONEY_COLUMN("won_amount", ph_flow_row, amount[PH_FLOW_WON]),
    PH_MONEY_COLUMN("lost_amount", ph_flow_row, amount[PH_FLOW_LOST]),
    PH_MONEY_COLUMN("transferred_out_amount", ph_flow_row, amount[PH_FLOW_TRANSFERRED_OUT]),
    PH_MONEY_COLUMN("ending_amount", ph_flow_row, amount[PH_FLOW_ENDING]),
    PH_INTEGER_COLUMN("ending_deals", ph_flow_row, ending_deals),
    PH_MONEY_COLUMN("became_stalled_amount", ph_flow_row, amount[PH_FLOW_BECAME_STALLED]),
    PH_MONEY_COLUMN("recovered_amount", ph_flow_row, amount[PH_FLOW_RECOVERED]),
    PH_MONEY_COLUMN("closed_won_amount", ph_flow_row, amount[PH_FLOW_CLOSED_WON]),
};

enum { FROM_DAY, TO_DAY, SCOPE, ARGUMENTS };

static const ph_argument arguments[ARGUMENTS] = {
    [FROM_DAY] = {"from_day", PH_ARGUMENT_DAY, true, 0, 0},
    [TO_DAY] = {"to_day", PH_ARGUMENT_DAY, false, 0, 0},
    [SCOPE] = {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_ANY_SCOPE},
};

static void fill(ph_query *query) {
  ph_flow_row *rows = NULL;
  ph_flow_between(query->pipeline, query->arguments[FROM_DAY], query->arguments[TO_DAY],
                  (ph_scope)query->arguments[SCOPE], &rows, &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_pipeline_flow = {
    .name = "pipeline_flow",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_flow_row),
    .fill = fill,
};
