/*
** real_coverage(as_of, scope): the pipeline against what is left of the quota (specification, section 5).
**
**     SELECT name, claimed_coverage, real_coverage, required_real_coverage, verdict
**     FROM real_coverage('2022-07-01', 'team');
**
** scope: 'all', 'team' or 'owner'. One row for each group and each quota period that has not ended before
** as_of, by name, period_start, period_end. Money is REAL, exact to 1/10,000; ratios are NULL where nothing
** remains. expected_amount and hit_probability are those of pipeline_forecast.
*/
#include "../engine.h"
#include "../../measure/coverage.h"
#include "../../measure/forecast.h"

enum { AS_OF, SCOPE };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES}};

/* The forecast of the rows, in their order. Only they need all deals. */
typedef struct forecast_state {
  ph_snapshot *snapshot; /* with all deals; NULL: that of the query has them */
  ph_forecast_row *rows;
  bool made;
} forecast_state;

static void fill(ph_query *query) {
  ph_coverage_row *rows = NULL;
  ph_coverage_on(query->pipeline, query->arguments[AS_OF], (ph_scope)query->arguments[SCOPE], &rows,
                 &query->row_count, query->status);
  query->rows = rows;
  query->state = ph_allocate_zeroed(query->status, 1, sizeof(forecast_state));
}

static void end(ph_query *query) {
  forecast_state *state = query->state;
  if (state == NULL) return;
  ph_release(state->snapshot != NULL ? &state->snapshot->memory.memory : query->status->memory, state->rows);
  ph_snapshot_release(query->connection, state->snapshot);
  ph_release(query->status->memory, state);
}

/* What is made for a snapshot is of its memory. */
static void make_forecast(ph_query *query, forecast_state *state) {
  ph_status *status = query->status;
  ph_memory *memory = status->memory;
  ph_pipeline *pipeline = query->pipeline;
  size_t count = 0;
  if (pipeline->stored.context != NULL) {
    state->snapshot = ph_snapshot_get(query->connection, query->sources, PH_NEEDS_DEALS, NULL, status);
    if (state->snapshot != NULL) pipeline = &state->snapshot->pipeline;
    status->memory = state->snapshot != NULL ? &state->snapshot->memory.memory : memory;
  }
  if (!ph_failed(status))
    ph_forecast_on(pipeline, query->arguments[AS_OF], (ph_scope)query->arguments[SCOPE], 0, &state->rows,
                   &count, status);
  if (count != query->row_count)
    ph_fail(status, "real_coverage: pipeline_quota was changed while its rows were read");
  status->memory = memory;
}

/* Forecasts are made when they are asked for: most questions leave them alone. NULL on failure. */
static const ph_forecast_range *forecast(ph_query *query) {
  forecast_state *state = query->state;
  if (!state->made) make_forecast(query, state);
  state->made = true;
  return ph_failed(query->status) ? NULL : &state->rows[query->row].range;
}

static void show_expected_amount(ph_query *query, const void *row) {
  const ph_forecast_range *range = forecast(query);
  (void)row;
  if (range != NULL) ph_result_real(query, range->expected / PH_UNITS_PER_ONE);
}

static void show_hit_probability(ph_query *query, const void *row) {
  const ph_forecast_range *range = forecast(query);
  (void)row;
  if (range != NULL) ph_result_real(query, range->hit_probability);
}

static const ph_column columns[] = {
    PH_NAME_COLUMN("name", ph_coverage_row, group.name),
    PH_DAY_COLUMN("period_start", ph_coverage_row, group.period.start),
    PH_DAY_COLUMN("period_end", ph_coverage_row, group.period.end),
    PH_MONEY_COLUMN("quota", ph_coverage_row, group.quota),
    PH_MONEY_COLUMN("won_amount", ph_coverage_row, won_amount),
    PH_MONEY_COLUMN("remaining", ph_coverage_row, remaining),
    PH_INTEGER_COLUMN("claimed_deals", ph_coverage_row, claimed_deals),
    PH_MONEY_COLUMN("claimed_amount", ph_coverage_row, claimed_amount),
    PH_REAL_COLUMN("claimed_coverage", ph_coverage_row, claimed_coverage),
    PH_MONEY_COLUMN("overdue_amount", ph_coverage_row, overdue_amount),
    PH_INTEGER_COLUMN("real_deals", ph_coverage_row, real_deals),
    PH_MONEY_COLUMN("real_amount", ph_coverage_row, real_amount),
    PH_INTEGER_COLUMN("unjudged_deals", ph_coverage_row, unjudged_deals),
    PH_MONEY_COLUMN("unjudged_amount", ph_coverage_row, unjudged_amount),
    PH_REAL_COLUMN("real_coverage", ph_coverage_row, real_coverage),
    PH_MONEY_COLUMN("false_confidence", ph_coverage_row, false_confidence),
    PH_REAL_COLUMN("required_claimed_coverage", ph_coverage_row, required_claimed_coverage),
    PH_REAL_COLUMN("required_real_coverage", ph_coverage_row, required_real_coverage),
    PH_UNITS_COLUMN("needed_amount", ph_coverage_row, needed_units),
    PH_WORKED_OUT_COLUMN("expected_amount", PH_COLUMN_REAL, show_expected_amount),
    PH_WORKED_OUT_COLUMN("hit_probability", PH_COLUMN_REAL, show_hit_probability),
    PH_CHOICE_COLUMN("verdict", ph_coverage_row, verdict, ph_coverage_verdict_names),
    PH_EXCLUDED_DEALS_COLUMN,
};

const ph_table ph_table_real_coverage = {
    .name = "real_coverage",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .needs = PH_NEEDS_CLAIMS,
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_coverage_row),
    .fill = fill,
    .end = end,
};
