/*
** deal_chance(as_of, horizon_days): how likely each open deal is won within so many days (specification, section 6).
**
**     SELECT deal_id, name, amount, chance, expected_amount FROM deal_chance('2022-06-30', 90)
**     ORDER BY expected_amount DESC LIMIT 10;
**
** horizon_days: 90 by default. One row for each deal that is open on as_of, by deal_id (integers first). chance is the
** rate of deals that looked alike, on a ladder of ever finer classes (class_chance: after verdict and stage), times
** factors of odds for amount, owner and activities; deals is the number of deals in the finest class that was ever seen.
** All of it is NULL where no deal was open so long before as_of; then deals is 0.
*/
#include "../engine.h"
#include "../../measure/deal_chance.h"

enum {
  DEAL_ID,
  NAME,
  OWNER,
  TEAM,
  STAGE,
  VERDICT,
  AMOUNT,
  CHANCE,
  EXPECTED_AMOUNT,
  CLASS_CHANCE,
  DEALS,
  AMOUNT_FACTOR,
  OWNER_FACTOR,
  ACTIVITY_FACTOR,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [DEAL_ID] = {"deal_id", PH_COLUMN_TEXT, false},
    [NAME] = {"name", PH_COLUMN_TEXT, false},
    [OWNER] = {"owner", PH_COLUMN_TEXT, false},
    [TEAM] = {"team", PH_COLUMN_TEXT, false},
    [STAGE] = {"stage", PH_COLUMN_TEXT, false},
    [VERDICT] = {"verdict", PH_COLUMN_TEXT, false},
    [AMOUNT] = {"amount", PH_COLUMN_REAL, false},
    [CHANCE] = {"chance", PH_COLUMN_REAL, false},
    [EXPECTED_AMOUNT] = {"expected_amount", PH_COLUMN_REAL, false},
    [CLASS_CHANCE] = {"class_chance", PH_COLUMN_REAL, false},
    [DEALS] = {"deals", PH_COLUMN_INTEGER, false},
    [AMOUNT_FACTOR] = {"amount_factor", PH_COLUMN_REAL, false},
    [OWNER_FACTOR] = {"owner_factor", PH_COLUMN_REAL, false},
    [ACTIVITY_FACTOR] = {"activity_factor", PH_COLUMN_REAL, false},
};

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"horizon_days", PH_ARGUMENT_DAYS, false, 90, 0}};

static void fill(ph_query *query) {
  ph_deal_chance_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_deal_chances(query->pipeline, (ph_chance_question){query->arguments[0], query->arguments[1]}, &rows,
                  &query->row_count, query->status);
  query->rows = rows;
}

static void result_id(ph_query *query, const ph_deal *deal) {
  char buffer[PH_ID_TEXT_BYTES];
  size_t length;
  const char *text = ph_deal_id_text(&query->pipeline->history, deal, buffer, &length);
  sqlite3_result_text64(query->result, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void value(ph_query *query, int column) {
  const ph_deal_chance_row *row = ph_query_row(query);
  const ph_deal *deal = &query->pipeline->history.deals[row->deal];
  switch (column) {
  case DEAL_ID: result_id(query, deal); break;
  case NAME:
    if (deal->name != NULL)
      sqlite3_result_text64(query->result, deal->name, deal->name_length, SQLITE_TRANSIENT, SQLITE_UTF8);
    break;
  case OWNER: ph_result_name(query, row->owner); break;
  case TEAM: ph_result_name(query, row->team); break;
  case STAGE: ph_result_name(query, row->stage); break;
  case VERDICT: ph_result_text(query, ph_verdict_names[row->verdict]); break;
  case AMOUNT: ph_result_money(query, row->amount); break;
  case CHANCE: ph_result_real(query, row->chance.chance); break;
  case EXPECTED_AMOUNT: ph_result_real(query, row->expected_units / PH_UNITS_PER_ONE); break;
  case CLASS_CHANCE: ph_result_real(query, row->chance.class_chance); break;
  case DEALS: ph_result_integer(query, row->chance.deals); break;
  case AMOUNT_FACTOR: ph_result_real(query, row->chance.factors[PH_FACTOR_AMOUNT]); break;
  case OWNER_FACTOR: ph_result_real(query, row->chance.factors[PH_FACTOR_OWNER]); break;
  case ACTIVITY_FACTOR: ph_result_real(query, row->chance.factors[PH_FACTOR_ACTIVITY]); break;
  default: break;
  }
}

const ph_table ph_table_deal_chance = {.name = "deal_chance",
                                       .columns = columns,
                                       .column_count = COLUMNS,
                                       .arguments = arguments,
                                       .argument_count = 2,
                                       .rows_estimate = 100000,
                                       .fill = fill,
                                       .value = value};
