/*
** pipeline_forecast(as_of, scope): what a quota period will have won at its end (specification, section 6).
**
**     SELECT name, quota, won_amount, p10, p50, p90, hit_probability FROM pipeline_forecast('2022-07-01', 'team');
**
** scope: 'all', 'team' or 'owner'. One row for each group and each quota period that has not ended before as_of, by name,
** period_start, period_end. Money is REAL: won_amount exact to 1/10,000, the others not rounded. open_expected is what the
** deals that are open on as_of bring, new_expected what later ones bring. The quantiles and hit_probability are NULL where
** fewer than two earlier periods teach (periods_learned), all but new_expected where open deals have no chance.
*/
#include "../engine.h"
#include "../../measure/forecast.h"

enum {
  NAME,
  PERIOD_START,
  PERIOD_END,
  QUOTA,
  WON_AMOUNT,
  OPEN_EXPECTED,
  NEW_EXPECTED,
  EXPECTED_AMOUNT,
  P10,
  P50,
  P90,
  HIT_PROBABILITY,
  PERIODS_LEARNED,
  BIAS_FACTOR,
  SHOCK,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [NAME] = {"name", PH_COLUMN_TEXT, false},
    [PERIOD_START] = {"period_start", PH_COLUMN_TEXT, false},
    [PERIOD_END] = {"period_end", PH_COLUMN_TEXT, false},
    [QUOTA] = {"quota", PH_COLUMN_REAL, false},
    [WON_AMOUNT] = {"won_amount", PH_COLUMN_REAL, false},
    [OPEN_EXPECTED] = {"open_expected", PH_COLUMN_REAL, false},
    [NEW_EXPECTED] = {"new_expected", PH_COLUMN_REAL, false},
    [EXPECTED_AMOUNT] = {"expected_amount", PH_COLUMN_REAL, false},
    [P10] = {"p10", PH_COLUMN_REAL, false},
    [P50] = {"p50", PH_COLUMN_REAL, false},
    [P90] = {"p90", PH_COLUMN_REAL, false},
    [HIT_PROBABILITY] = {"hit_probability", PH_COLUMN_REAL, false},
    [PERIODS_LEARNED] = {"periods_learned", PH_COLUMN_INTEGER, false},
    [BIAS_FACTOR] = {"bias_factor", PH_COLUMN_REAL, false},
    [SHOCK] = {"shock", PH_COLUMN_REAL, false},
};

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES}};

static void fill(ph_query *query) {
  ph_forecast_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_forecast_on(query->pipeline, query->arguments[0], (ph_scope)query->arguments[1], &rows,
                 &query->row_count, query->status);
  query->rows = rows;
}

static void value(ph_query *query, int column) {
  const ph_forecast_row *row = ph_query_row(query);
  switch (column) {
  case NAME: ph_result_name(query, row->group.name); break;
  case PERIOD_START: ph_result_day(query, row->group.period.start); break;
  case PERIOD_END: ph_result_day(query, row->group.period.end); break;
  case QUOTA: ph_result_money(query, row->group.quota); break;
  case WON_AMOUNT: ph_result_money(query, row->won_amount); break;
  case OPEN_EXPECTED: ph_result_real(query, row->open_expected / PH_UNITS_PER_ONE); break;
  case NEW_EXPECTED: ph_result_real(query, row->new_expected / PH_UNITS_PER_ONE); break;
  case EXPECTED_AMOUNT: ph_result_real(query, row->range.expected / PH_UNITS_PER_ONE); break;
  case P10: ph_result_real(query, row->range.p10 / PH_UNITS_PER_ONE); break;
  case P50: ph_result_real(query, row->range.p50 / PH_UNITS_PER_ONE); break;
  case P90: ph_result_real(query, row->range.p90 / PH_UNITS_PER_ONE); break;
  case HIT_PROBABILITY: ph_result_real(query, row->range.hit_probability); break;
  case PERIODS_LEARNED: ph_result_integer(query, row->periods_learned); break;
  case BIAS_FACTOR: ph_result_real(query, row->bias_factor); break;
  case SHOCK: ph_result_real(query, row->shock); break;
  default: break;
  }
}

const ph_table ph_table_pipeline_forecast = {.name = "pipeline_forecast",
                                             .columns = columns,
                                             .column_count = COLUMNS,
                                             .arguments = arguments,
                                             .argument_count = 2,
                                             .rows_estimate = 100,
                                             .fill = fill,
                                             .value = value};
