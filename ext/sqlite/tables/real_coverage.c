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

enum {
  NAME,
  PERIOD_START,
  PERIOD_END,
  QUOTA,
  WON_AMOUNT,
  REMAINING,
  CLAIMED_DEALS,
  CLAIMED_AMOUNT,
  CLAIMED_COVERAGE,
  OVERDUE_AMOUNT,
  REAL_DEALS,
  REAL_AMOUNT,
  REAL_COVERAGE,
  FALSE_CONFIDENCE,
  REQUIRED_CLAIMED_COVERAGE,
  REQUIRED_REAL_COVERAGE,
  NEEDED_AMOUNT,
  EXPECTED_AMOUNT,
  HIT_PROBABILITY,
  VERDICT,
  EXCLUDED_DEALS,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [NAME] = {"name", PH_COLUMN_TEXT, true},
    [PERIOD_START] = {"period_start", PH_COLUMN_TEXT, false},
    [PERIOD_END] = {"period_end", PH_COLUMN_TEXT, false},
    [QUOTA] = {"quota", PH_COLUMN_REAL, false},
    [WON_AMOUNT] = {"won_amount", PH_COLUMN_REAL, false},
    [REMAINING] = {"remaining", PH_COLUMN_REAL, false},
    [CLAIMED_DEALS] = {"claimed_deals", PH_COLUMN_INTEGER, false},
    [CLAIMED_AMOUNT] = {"claimed_amount", PH_COLUMN_REAL, false},
    [CLAIMED_COVERAGE] = {"claimed_coverage", PH_COLUMN_REAL, false},
    [OVERDUE_AMOUNT] = {"overdue_amount", PH_COLUMN_REAL, false},
    [REAL_DEALS] = {"real_deals", PH_COLUMN_INTEGER, false},
    [REAL_AMOUNT] = {"real_amount", PH_COLUMN_REAL, false},
    [REAL_COVERAGE] = {"real_coverage", PH_COLUMN_REAL, false},
    [FALSE_CONFIDENCE] = {"false_confidence", PH_COLUMN_REAL, false},
    [REQUIRED_CLAIMED_COVERAGE] = {"required_claimed_coverage", PH_COLUMN_REAL, false},
    [REQUIRED_REAL_COVERAGE] = {"required_real_coverage", PH_COLUMN_REAL, false},
    [NEEDED_AMOUNT] = {"needed_amount", PH_COLUMN_REAL, false},
    [EXPECTED_AMOUNT] = {"expected_amount", PH_COLUMN_REAL, false},
    [HIT_PROBABILITY] = {"hit_probability", PH_COLUMN_REAL, false},
    [VERDICT] = {"verdict", PH_COLUMN_TEXT, false},
    [EXCLUDED_DEALS] = {"excluded_deals", PH_COLUMN_INTEGER, false},
};

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
  query->row_size = sizeof *rows;
  ph_coverage_on(query->pipeline, query->arguments[0], (ph_scope)query->arguments[1], &rows,
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
    ph_outlook_begin(&state->outlook, query->pipeline, (ph_scope)query->arguments[1], query->arguments[0],
                     query->status);
  if (!state->made || state->row != query->row || (with_probability && !state->has_probability)) {
    ph_outlook_expect(&state->outlook, &row->group, row->remaining, with_probability, &state->expectation,
                      query->status);
    state->made = !ph_failed(query->status);
    state->row = query->row;
    state->has_probability = with_probability;
  }
  return &state->expectation;
}

static void result_expected_amount(ph_query *query) {
  const ph_expectation *expectation = expect(query, false);
  if (expectation->known && !ph_failed(query->status))
    ph_result_real(query, expectation->expected_units / PH_UNITS_PER_ONE);
}

static void result_hit_probability(ph_query *query) {
  const ph_expectation *expectation = expect(query, true);
  if (expectation->known && !ph_failed(query->status)) ph_result_real(query, expectation->hit_probability);
}

static bool visit(ph_query *query) {
  const ph_coverage_row *row = ph_query_row(query);
  return ph_filter_passes_name(query, NAME, row->group.name);
}

static void value(ph_query *query, int column) {
  const ph_coverage_row *row = ph_query_row(query);
  switch (column) {
  case NAME: ph_result_name(query, row->group.name); break;
  case PERIOD_START: ph_result_day(query, row->group.period.start); break;
  case PERIOD_END: ph_result_day(query, row->group.period.end); break;
  case QUOTA: ph_result_money(query, row->group.quota); break;
  case WON_AMOUNT: ph_result_money(query, row->won_amount); break;
  case REMAINING: ph_result_money(query, row->remaining); break;
  case CLAIMED_DEALS: ph_result_integer(query, row->claimed_deals); break;
  case CLAIMED_AMOUNT: ph_result_money(query, row->claimed_amount); break;
  case CLAIMED_COVERAGE: ph_result_real(query, row->claimed_coverage); break;
  case OVERDUE_AMOUNT: ph_result_money(query, row->overdue_amount); break;
  case REAL_DEALS: ph_result_integer(query, row->real_deals); break;
  case REAL_AMOUNT: ph_result_money(query, row->real_amount); break;
  case REAL_COVERAGE: ph_result_real(query, row->real_coverage); break;
  case FALSE_CONFIDENCE: ph_result_money(query, row->false_confidence); break;
  case REQUIRED_CLAIMED_COVERAGE: ph_result_real(query, row->required_claimed_coverage); break;
  case REQUIRED_REAL_COVERAGE: ph_result_real(query, row->required_real_coverage); break;
  case NEEDED_AMOUNT: ph_result_real(query, row->needed_units / PH_UNITS_PER_ONE); break;
  case EXPECTED_AMOUNT: result_expected_amount(query); break;
  case HIT_PROBABILITY: result_hit_probability(query); break;
  case VERDICT: ph_result_text(query, ph_coverage_verdict_names[row->verdict]); break;
  case EXCLUDED_DEALS: ph_result_integer(query, query->pipeline->history.excluded_deals); break;
  default: break;
  }
}

const ph_table ph_table_real_coverage = {.name = "real_coverage",
                                         .columns = columns,
                                         .column_count = COLUMNS,
                                         .arguments = arguments,
                                         .argument_count = 2,
                                         .rows_estimate = 100,
                                         .fill = fill,
                                         .visit = visit,
                                         .value = value,
                                         .end = end};
