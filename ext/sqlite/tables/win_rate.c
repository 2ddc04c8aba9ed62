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

static void show_verdict(ph_query *query, const void *at) {
  const ph_win_rate_row *row = at;
  if (row->kind != PH_CLASS_ALL) ph_result_text(query, ph_verdict_names[row->verdict]);
}

static void show_enough(ph_query *query, const void *at) {
  const ph_win_rate_row *row = at;
  const ph_policy *policy = &query->pipeline->history.policy;
  ph_result_integer(query, row->counts.deals >= ph_policy_integer(policy, PH_POLICY_MIN_CLASS_DEALS));
}

static const ph_column columns[] = {
    PH_CHOICE_COLUMN("class", ph_win_rate_row, kind, ph_class_kind_names),
    PH_NAME_COLUMN("stage", ph_win_rate_row, stage),
    PH_WORKED_OUT_COLUMN("verdict", PH_COLUMN_TEXT, show_verdict),
    PH_INTEGER_COLUMN("deals", ph_win_rate_row, counts.deals),
    PH_INTEGER_COLUMN("deal_days", ph_win_rate_row, counts.deal_days),
    PH_INTEGER_COLUMN("won_days", ph_win_rate_row, counts.won_days),
    PH_REAL_COLUMN("win_rate", ph_win_rate_row, win_rate),
    PH_REAL_COLUMN("low", ph_win_rate_row, low),
    PH_REAL_COLUMN("high", ph_win_rate_row, high),
    PH_WORKED_OUT_COLUMN("enough", PH_COLUMN_INTEGER, show_enough),
};

enum { AS_OF, HORIZON_DAYS };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"horizon_days", PH_ARGUMENT_DAYS, false, 90, 0}};

static void fill(ph_query *query) {
  ph_win_rate_row *rows = NULL;
  ph_win_rate_rows(query->pipeline, query->arguments[AS_OF], query->arguments[HORIZON_DAYS], &rows,
                   &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_win_rate = {
    .name = "win_rate",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .rows_estimate = 30,
    .row_size = sizeof(ph_win_rate_row),
    .fill = fill,
};
