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

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_conversation_row, name),
    PH_INTEGER_COLUMN("first_meetings", ph_conversation_row, first_meetings),
    PH_INTEGER_COLUMN("second_meetings", ph_conversation_row, second_meetings),
    PH_INTEGER_COLUMN("pending", ph_conversation_row, pending),
    PH_REAL_COLUMN("second_meeting_rate", ph_conversation_row, second_meeting_rate),
    PH_REAL_COLUMN("low", ph_conversation_row, low),
    PH_REAL_COLUMN("high", ph_conversation_row, high),
    PH_REAL_COLUMN("median_days_to_second", ph_conversation_row, median_days_to_second),
    PH_INTEGER_COLUMN("won_deals", ph_conversation_row, won_deals),
    PH_INTEGER_COLUMN("lost_deals", ph_conversation_row, lost_deals),
    PH_MONEY_COLUMN("won_amount", ph_conversation_row, won_amount),
};

enum { FROM_DAY, TO_DAY, SCOPE, ARGUMENTS };

static const ph_argument arguments[ARGUMENTS] = {
    [FROM_DAY] = {"from_day", PH_ARGUMENT_DAY, true, 0, 0},
    [TO_DAY] = {"to_day", PH_ARGUMENT_DAY, false, 0, 0},
    [SCOPE] = {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_ANY_SCOPE},
};

static void fill(ph_query *query) {
  ph_conversation_row *rows = NULL;
  ph_conversation_between(query->pipeline, query->arguments[FROM_DAY], query->arguments[TO_DAY],
                          (ph_scope)query->arguments[SCOPE], &rows, &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_conversation_effectiveness = {
    .name = "conversation_effectiveness",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_conversation_row),
    .fill = fill,
};
