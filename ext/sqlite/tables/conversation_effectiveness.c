/*
** conversation_effectiveness(from_day, to_day, scope): do first meetings lead to second ones (specification,
** section 8)?
**
**     SELECT name, first_meetings, second_meeting_rate, low, high
**     FROM conversation_effectiveness('2021-07-01', '2022-06-30', 'owner') ORDER BY low DESC;
**
** scope: 'all', 'team', 'owner', 'pipeline' or 'stage'. One row for each group with a deal whose first
** meeting was held in the window, by name; for scope 'all' always one. The group is that of the first
** meeting's day; everything is as known on to_day. second_meeting_rate is that of the deals not pending, low
** and high its Wilson interval at 95 %; they are NULL where every deal is pending.
*/
#include "../engine.h"
#include "../../measure/conversation.h"

enum {
  NAME,
  FIRST_MEETINGS,
  SECOND_MEETINGS,
  PENDING,
  SECOND_MEETING_RATE,
  LOW,
  HIGH,
  MEDIAN_DAYS_TO_SECOND,
  WON_DEALS,
  LOST_DEALS,
  WON_AMOUNT,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [NAME] = {"name", PH_COLUMN_TEXT, true},
    [FIRST_MEETINGS] = {"first_meetings", PH_COLUMN_INTEGER, false},
    [SECOND_MEETINGS] = {"second_meetings", PH_COLUMN_INTEGER, false},
    [PENDING] = {"pending", PH_COLUMN_INTEGER, false},
    [SECOND_MEETING_RATE] = {"second_meeting_rate", PH_COLUMN_REAL, false},
    [LOW] = {"low", PH_COLUMN_REAL, false},
    [HIGH] = {"high", PH_COLUMN_REAL, false},
    [MEDIAN_DAYS_TO_SECOND] = {"median_days_to_second", PH_COLUMN_REAL, false},
    [WON_DEALS] = {"won_deals", PH_COLUMN_INTEGER, false},
    [LOST_DEALS] = {"lost_deals", PH_COLUMN_INTEGER, false},
    [WON_AMOUNT] = {"won_amount", PH_COLUMN_REAL, false},
};

enum { FROM_DAY, TO_DAY, SCOPE, ARGUMENTS };

static const ph_argument arguments[ARGUMENTS] = {
    [FROM_DAY] = {"from_day", PH_ARGUMENT_DAY, true, 0, 0},
    [TO_DAY] = {"to_day", PH_ARGUMENT_DAY, false, 0, 0},
    [SCOPE] = {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_ANY_SCOPE},
};

static void fill(ph_query *query) {
  ph_conversation_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_conversation_between(query->pipeline, query->arguments[FROM_DAY], query->arguments[TO_DAY],
                          (ph_scope)query->arguments[SCOPE], &rows, &query->row_count, query->status);
  query->rows = rows;
}

static bool visit(ph_query *query) {
  const ph_conversation_row *row = ph_query_row(query);
  return ph_filter_passes_name(query, NAME, row->name);
}

static void value(ph_query *query, int column) {
  const ph_conversation_row *row = ph_query_row(query);
  switch (column) {
  case NAME: ph_result_name(query, row->name); break;
  case FIRST_MEETINGS: ph_result_integer(query, row->first_meetings); break;
  case SECOND_MEETINGS: ph_result_integer(query, row->second_meetings); break;
  case PENDING: ph_result_integer(query, row->pending); break;
  case SECOND_MEETING_RATE: ph_result_real(query, row->second_meeting_rate); break;
  case LOW: ph_result_real(query, row->low); break;
  case HIGH: ph_result_real(query, row->high); break;
  case MEDIAN_DAYS_TO_SECOND: ph_result_real(query, row->median_days_to_second); break;
  case WON_DEALS: ph_result_integer(query, row->won_deals); break;
  case LOST_DEALS: ph_result_integer(query, row->lost_deals); break;
  case WON_AMOUNT: ph_result_money(query, row->won_amount); break;
  default: break;
  }
}

const ph_table ph_table_conversation_effectiveness = {.name = "conversation_effectiveness",
                                                      .columns = columns,
                                                      .column_count = COLUMNS,
                                                      .arguments = arguments,
                                                      .argument_count = ARGUMENTS,
                                                      .rows_estimate = 100,
                                                      .fill = fill,
                                                      .visit = visit,
                                                      .value = value};
