/*
** pipeline_integrity(as_of, scope): how much of the open amount is real (specification, section 5).
**
**     SELECT name, open_amount, real_amount, integrity FROM pipeline_integrity('2022-06-30', 'team');
**
** One row for each group that has an open deal, by name; for scope 'all' always one. Money is REAL, exact to
** 1/10,000. integrity is the real over the judged amount (open less unjudged), integrity_by_count likewise;
** both are NULL where nothing is judged. pushed_deals and ghosted_deals are NULL where the sources have no
** close_date events, no calls and no emails.
*/
#include "../engine.h"
#include "../../measure/integrity.h"

static void show_integrity(ph_query *query, const void *at) {
  const ph_integrity_row *row = at;
  ph_result_ratio(query, (double)row->real_amount, (double)row->judged_amount);
}

static void show_integrity_by_count(ph_query *query, const void *at) {
  const ph_integrity_row *row = at;
  ph_result_ratio(query, (double)row->real_deals, (double)row->judged_deals);
}

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_integrity_row, name),
    PH_INTEGER_COLUMN("open_deals", ph_integrity_row, open_deals),
    PH_MONEY_COLUMN("open_amount", ph_integrity_row, open_amount),
    PH_INTEGER_COLUMN("progressing_deals", ph_integrity_row, deals[PH_VERDICT_PROGRESSING]),
    PH_MONEY_COLUMN("progressing_amount", ph_integrity_row, amount[PH_VERDICT_PROGRESSING]),
    PH_INTEGER_COLUMN("unproven_deals", ph_integrity_row, deals[PH_VERDICT_UNPROVEN]),
    PH_MONEY_COLUMN("unproven_amount", ph_integrity_row, amount[PH_VERDICT_UNPROVEN]),
    PH_INTEGER_COLUMN("stalled_deals", ph_integrity_row, deals[PH_VERDICT_STALLED]),
    PH_MONEY_COLUMN("stalled_amount", ph_integrity_row, amount[PH_VERDICT_STALLED]),
    PH_INTEGER_COLUMN("dead_deals", ph_integrity_row, deals[PH_VERDICT_DEAD]),
    PH_MONEY_COLUMN("dead_amount", ph_integrity_row, amount[PH_VERDICT_DEAD]),
    PH_INTEGER_COLUMN("unjudged_deals", ph_integrity_row, deals[PH_VERDICT_UNJUDGED]),
    PH_MONEY_COLUMN("unjudged_amount", ph_integrity_row, amount[PH_VERDICT_UNJUDGED]),
    PH_INTEGER_COLUMN("real_deals", ph_integrity_row, real_deals),
    PH_MONEY_COLUMN("real_amount", ph_integrity_row, real_amount),
    PH_WORKED_OUT_COLUMN("integrity", PH_COLUMN_REAL, show_integrity),
    PH_WORKED_OUT_COLUMN("integrity_by_count", PH_COLUMN_REAL, show_integrity_by_count),
    PH_INTEGER_COLUMN("overdue_deals", ph_integrity_row, reason_deals[PH_REASON_OVERDUE]),
    PH_COUNT_COLUMN("pushed_deals", ph_integrity_row, reason_deals[PH_REASON_PUSHED]),
    PH_COUNT_COLUMN("ghosted_deals", ph_integrity_row, reason_deals[PH_REASON_GHOSTED]),
    PH_INTEGER_COLUMN("parked_deals", ph_integrity_row, reason_deals[PH_REASON_PARKED]),
    PH_INTEGER_COLUMN("aged_deals", ph_integrity_row, reason_deals[PH_REASON_AGED]),
    PH_EXCLUDED_DEALS_COLUMN,
};

enum { AS_OF, SCOPE };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_ANY_SCOPE}};

static void fill(ph_query *query) {
  ph_integrity_row *rows = NULL;
  ph_integrity_on(query->pipeline, query->arguments[AS_OF], (ph_scope)query->arguments[SCOPE], &rows,
                  &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_pipeline_integrity = {
    .name = "pipeline_integrity",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .needs = PH_NEEDS_DAYS,
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_integrity_row),
    .fill = fill,
};
