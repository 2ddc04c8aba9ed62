/*
** pipeline_flow(from_day, to_day, scope, close_from, close_to): what happened to the open amount between two
** days (specification, section 5).
**
**     SELECT name, starting_amount, created_amount, won_amount, lost_amount, ending_amount
**     FROM pipeline_flow('2022-04-01', '2022-06-30', 'owner');
**
** Both days mean their close of business: what happened on from_day is already in the start. One row for each
** group that has an open deal on one of the two days or won a deal in between, by name; for scope 'all'
** always one. Money is REAL, exact to 1/10,000. In every row
**
**     starting + created + transferred_in + increased - decreased - won - lost - transferred_out
**       + pulled_in - pushed_out + revalued - vanished = ending
**
** With close_from and close_to, both or neither, only deals whose close date of the day lies between them are
** open in the sense of this table: pulled_in came in by a change of the close date, at the ending amount, and
** pushed_out went out, at the starting amount. revalued is what moving rates made of the starting amount.
** vanished closed neither as won nor as lost.
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
    PH_MONEY_COLUMN("pulled_in_amount", ph_flow_row, amount[PH_FLOW_PULLED_IN]),
    PH_MONEY_COLUMN("pushed_out_amount", ph_flow_row, amount[PH_FLOW_PUSHED_OUT]),
    PH_MONEY_COLUMN("revalued_amount", ph_flow_row, amount[PH_FLOW_REVALUED]),
    PH_MONEY_COLUMN("vanished_amount", ph_flow_row, amount[PH_FLOW_VANISHED]),
};

enum { FROM_DAY, TO_DAY, SCOPE, CLOSE_FROM, CLOSE_TO, ARGUMENTS };

static const ph_argument arguments[ARGUMENTS] = {
    [FROM_DAY] = {"from_day", PH_ARGUMENT_DAY, true, 0, 0},
    [TO_DAY] = {"to_day", PH_ARGUMENT_DAY, false, 0, 0},
    [SCOPE] = {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_ANY_SCOPE},
    [CLOSE_FROM] = {"close_from", PH_ARGUMENT_OPTIONAL_DAY, false, PH_DAY_NONE, 0},
    [CLOSE_TO] = {"close_to", PH_ARGUMENT_OPTIONAL_DAY, false, PH_DAY_NONE, 0},
};

static void check_window(const ph_period *window, ph_status *status) {
  char from[PH_DAY_TEXT_BYTES], to[PH_DAY_TEXT_BYTES];
  if ((window->start == PH_DAY_NONE) != (window->end == PH_DAY_NONE))
    ph_fail(status, "pipeline_flow: %s is missing (expected close_from and close_to, or neither)",
            window->start == PH_DAY_NONE ? "close_from" : "close_to");
  if (window->start <= window->end || window->end == PH_DAY_NONE) return;
  ph_day_format(window->start, from);
  ph_day_format(window->end, to);
  ph_fail(status, "pipeline_flow: close_from %s is after close_to %s (expected it on or before)", from, to);
}

static void fill(ph_query *query) {
  ph_flow_row *rows = NULL;
  ph_period window = {query->arguments[CLOSE_FROM], query->arguments[CLOSE_TO]};
  check_window(&window, query->status);
  ph_flow_between(query->pipeline, query->arguments[FROM_DAY], query->arguments[TO_DAY],
                  (ph_scope)query->arguments[SCOPE], window.start != PH_DAY_NONE ? &window : NULL, &rows,
                  &query->row_count, query->status);
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
