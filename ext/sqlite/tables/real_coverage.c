/*
** real_coverage(as_of, scope): the pipeline against what is left of the quota (specification, section 5).
**
**     SELECT name, claimed_coverage, real_coverage, required_real_coverage, verdict
**     FROM real_coverage('2022-07-01', 'team');
**
** scope: 'all', 'team' or 'owner'. One row for each group and each quota period that has not ended before
** as_of, by name, period_start, period_end. Money is REAL, exact to 1/10,000; ratios are NULL where nothing
** remains. expected_amount and hit_probability take for each claimed deal the win rate of its reference class
** until the period's end; they are NULL where a deal has none.
*/
#include "../engine.h"
#include "../../measure/coverage.h"
#include "../../measure/outlook.h"

enum { AS_OF, SCOPE };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0},
                                        {"scope", PH_ARGUMENT_SCOPE, false, PH_SCOPE_ALL, PH_QUOTA_SCOPES}};

/* The expectation of one row. */
typedef struct outlook_state {
  ph_outlook outlook;
  ph_expectation expectation;
  size_t row;
  bool made, has_probability;
} outlook_state;

static void fill(ph_query *query) {
  ph_coverage_row *rows = NULL;
  ph_coverage_on(query->pipeline, query->arguments[AS_OF], (ph_scope)query->arguments[SCOPE], &rows,
                 &query->row_count, query->status);
  query->rows = rows;
  query->state = ph_allocate_zeroed(query->status, 1, sizeof(outlook_state));
}

static void end(ph_query *query) {
  outlook_state *state = query->state;
  if (state == NULL) return;
  ph_outlook_end(&state->outlook);
  ph_release(query->status->memory, state);
}

/* Expectations are worked out when they are asked for: most questions leave them alone. */
static const ph_expectation *expect(ph_query *query, bool with_probability) {
  const ph_coverage_row *row = ph_query_row(query);
  outlook_state *state = query->state;
  if (state->outlook.pipeline == NULL)
    ph_outlook_begin(&state->outlook, query->pipeline, (ph_scope)query->arguments[SCOPE],
                     query->arguments[AS_OF], query->status);
  if (!state->made || state->row != query->row || (with_probability && !state->has_probability)) {
    ph_outlook_expect(&state->outlook, &row->group, row->remaining, with_probability, &state->expectation,
                      query->status);
    state->made = !ph_failed(query->status);
    state->row = query->row;
    state->has_probability = with_probability;
  }
  return &state->expectation;
}

static void show_expected_amount(ph_query *query, const void *row) {
  (void)row;
  const ph_expectation *expectation = expect(query, false);
  if (expectation->known && !ph_failed(query->status))
    ph_result_real(query, expectation->expected_units / PH_UNITS_PER_ONE);
}

static void show_hit_probability(ph_query *query, const void *row) {
  (void)row;
  const ph_expectation *expectation = expect(query, true);
  if (expectation->known && !ph_failed(query->status)) ph_result_real(query, expectation->hit_probability);
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
    .sums_money = true,
    .rows_estimate = 100,
    .row_size = sizeof(ph_coverage_row),
    .fill = fill,
    .end = end,
};
