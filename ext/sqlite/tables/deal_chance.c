/*
** deal_chance(as_of, horizon_days): how likely each open deal is won within so many days (specification,
** section 6).
**
**     SELECT deal_id, name, amount, chance, expected_amount FROM deal_chance('2022-06-30', 90)
**     ORDER BY expected_amount DESC LIMIT 10;
**
** horizon_days: 90 by default. One row for each deal that is open on as_of, by deal_id (integers first).
** chance is the rate of deals that looked alike, on a ladder of ever finer classes (class_chance: after
** verdict and stage), times factors of odds for amount, owner and activities; deals is the number of deals in
** the finest class that was ever seen. All of it is NULL where no deal was open so long before as_of; then
** deals is 0.
*/
#include "../engine.h"
#include "../../measure/deal_chance.h"

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"horizon_days", PH_ARGUMENT_DAYS, false, 90, 0}};

static void fill(ph_query *query) {
  ph_deal_chance_row *rows = NULL;
  ph_deal_chances(query->pipeline, query->arguments[0], query->arguments[1], &rows, &query->row_count,
                  query->status);
  query->rows = rows;
}

static const ph_deal *deal_of(const ph_query *query, const void *at) {
  return &query->pipeline->history.deals[((const ph_deal_chance_row *)at)->deal];
}

static void show_id(ph_query *query, const void *at) {
  ph_result_deal_id(query, deal_of(query, at));
}

static void show_name(ph_query *query, const void *at) {
  ph_result_deal_name(query, deal_of(query, at));
}

static const ph_column columns[] = {
    PH_WORKED_OUT_COLUMN("deal_id", PH_COLUMN_TEXT, show_id),
    PH_WORKED_OUT_COLUMN("name", PH_COLUMN_TEXT, show_name),
    PH_NAME_COLUMN("owner", ph_deal_chance_row, owner),
    PH_NAME_COLUMN("team", ph_deal_chance_row, team),
    PH_NAME_COLUMN("stage", ph_deal_chance_row, stage),
    PH_CHOICE_COLUMN("verdict", ph_deal_chance_row, verdict, ph_verdict_names),
    PH_MONEY_COLUMN("amount", ph_deal_chance_row, amount),
    PH_REAL_COLUMN("chance", ph_deal_chance_row, chance.chance),
    PH_UNITS_COLUMN("expected_amount", ph_deal_chance_row, expected_units),
    PH_REAL_COLUMN("class_chance", ph_deal_chance_row, chance.class_chance),
    PH_INTEGER_COLUMN("deals", ph_deal_chance_row, chance.deals),
    PH_REAL_COLUMN("amount_factor", ph_deal_chance_row, chance.factors[PH_FACTOR_AMOUNT]),
    PH_REAL_COLUMN("owner_factor", ph_deal_chance_row, chance.factors[PH_FACTOR_OWNER]),
    PH_REAL_COLUMN("activity_factor", ph_deal_chance_row, chance.factors[PH_FACTOR_ACTIVITY]),
};

const ph_table ph_table_deal_chance = {
    .name = "deal_chance",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .rows_estimate = 100000,
    .row_size = sizeof(ph_deal_chance_row),
    .fill = fill,
};
