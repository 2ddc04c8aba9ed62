/*
** pipeline_changes(from_day, to_day): what happened to each deal between two days (specification, section 5).
**
**     SELECT day, name, owner, change, old_value, new_value, amount
**     FROM pipeline_changes('2022-06-23', '2022-06-30')
**     WHERE change IN ('won', 'lost', 'close_date', 'became_stalled');
**
** Both days mean their close of business: what happened on from_day is not listed. One row for each change,
** by day, deal_id (integers first) and change in the order 'created', 'won', 'lost', 'stage', 'amount',
** 'close_date', 'owner', 'forecast', 'became_stalled', 'recovered'. An event counts when its value differs
** from what held before, from the day of creation to the closing day. old_value and new_value are texts;
** numbers where the amount changed; verdicts of 'became_stalled' and 'recovered'; NULL of 'created', 'won'
** and 'lost'. owner, amount (REAL, exact to 1/10,000) and verdict are those of the end of the day; the
** verdict of a closed deal is NULL. Amounts are converted, and several currencies without rates are no error,
** for nothing is summed.
*/
#include "../engine.h"
#include "../../measure/change.h"

static const ph_deal *deal_of(const ph_query *query, const void *at) {
  return &query->pipeline->history.deals[((const ph_change_row *)at)->deal];
}

static void show_id(ph_query *query, const void *at) {
  ph_result_deal_id(query, deal_of(query, at));
}

static void show_name(ph_query *query, const void *at) {
  ph_result_deal_name(query, deal_of(query, at));
}

static void show_value(ph_query *query, unsigned change, int64_t value) {
  switch (change) {
  case PH_CHANGE_STAGE:
  case PH_CHANGE_OWNER:
  case PH_CHANGE_FORECAST: ph_result_name(query, (uint32_t)value); break;
  case PH_CHANGE_AMOUNT: ph_result_money(query, value); break;
  case PH_CHANGE_CLOSE_DATE: ph_result_day(query, (ph_day)value); break;
  case PH_CHANGE_BECAME_STALLED:
  case PH_CHANGE_RECOVERED: ph_result_text(query, ph_verdict_names[value]); break;
  default: break; /* NULL */
  }
}

static void show_old_value(ph_query *query, const void *at) {
  const ph_change_row *row = at;
  show_value(query, row->change, row->old_value);
}

static void show_new_value(ph_query *query, const void *at) {
  const ph_change_row *row = at;
  show_value(query, row->change, row->new_value);
}

static const ph_column columns[] = {
    PH_DAY_COLUMN("day", ph_change_row, day),
    PH_WORKED_OUT_COLUMN("deal_id", PH_COLUMN_TEXT, show_id),
    PH_WORKED_OUT_COLUMN("name", PH_COLUMN_TEXT, show_name),
    PH_NAME_COLUMN("owner", ph_change_row, owner),
    PH_NAME_COLUMN("team", ph_change_row, team),
    PH_CHOICE_COLUMN("change", ph_change_row, change, ph_change_names),
    PH_WORKED_OUT_COLUMN("old_value", PH_COLUMN_ANY, show_old_value),
    PH_WORKED_OUT_COLUMN("new_value", PH_COLUMN_ANY, show_new_value),
    PH_MONEY_COLUMN("amount", ph_change_row, amount),
    PH_CHOICE_COLUMN("verdict", ph_change_row, verdict, ph_verdict_names),
};

enum { FROM_DAY, TO_DAY, ARGUMENTS };

static const ph_argument arguments[ARGUMENTS] = {
    [FROM_DAY] = {"from_day", PH_ARGUMENT_DAY, true, 0, 0},
    [TO_DAY] = {"to_day", PH_ARGUMENT_DAY, false, 0, 0},
};

static void fill(ph_query *query) {
  ph_change_row *rows = NULL;
  ph_changes_between(query->pipeline, query->arguments[FROM_DAY], query->arguments[TO_DAY], &rows,
                     &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_pipeline_changes = {
    .name = "pipeline_changes",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .rows_estimate = 100000,
    .row_size = sizeof(ph_change_row),
    .fill = fill,
};
