/*
** pipeline_forecast(as_of, scope): what a quota period will have won at its end (specification, section 6).
**
**     SELECT name, quota, won_amount, p10, p50, p90, hit_probability
**     FROM pipeline_forecast('2022-07-01', 'team');
**
** scope: 'all', 'team' or 'owner'. One row for each group and each quota period that has not ended before
** as_of, by name, period_start, period_end. Money is REAL: won_amount exact to 1/10,000, the others not
** rounded. open_expected is what the deals that are open on as_of bring, new_expected what later ones bring.
** The quantiles and hit_probability are NULL where fewer than two earlier periods teach (periods_learned),
** all but new_expected where open deals have no chance.
*/
#include "../engine.h"
#include "../../measure/forecast.h"

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES}};

static void fill(ph_query *query) {
  ph_forecast_row *rows = NULL;
  ph_forecast_on(query->pipeline, query->arguments[0], (ph_scope)query->arguments[1], 0, &rows,
                 &query->row_count, query->status);
  query->rows = rows;
}

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_forecast_row, group.name),
    PH_DAY_COLUMN("period_start", ph_forecast_row, group.period.start),
    PH_DAY_COLUMN("period_end", ph_forecast_row, group.period.end),
    PH_MONEY_COLUMN("quota", ph_forecast_row, group.quota),
    PH_MONEY_COLUMN("won_amount", ph_forecast_row, won_amount),
    PH_UNITS_COLUMN("open_expected", ph_forecast_row, open_expected),
    PH_UNITS_COLUMN("new_expected", ph_forecast_row, new_expected),
    PH_UNITS_COLUMN("expected_amount", ph_forecast_row, range.expected),
    PH_UNITS_COLUMN("p10", ph_forecast_row, range.p10),
    PH_UNITS_COLUMN("p50", ph_forecast_row, range.p50),
    PH_UNITS_COLUMN("p90", ph_forecast_row, range.p90),
    PH_REAL_COLUMN("hit_probability", ph_forecast_row, range.hit_probability),
    PH_INTEGER_COLUMN("periods_learned", ph_forecast_row, periods_learned),
    PH_REAL_COLUMN("bias_factor", ph_forecast_row, bias_factor),
    PH_REAL_COLUMN("shock", ph_forecast_row, shock),
};

const ph_table ph_table_pipeline_forecast = {
    .name = "pipeline_forecast",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_forecast_row),
    .fill = fill,
};
