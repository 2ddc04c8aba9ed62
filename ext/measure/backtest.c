/* Looking back. See backtest.h. */
#include "backtest.h"

typedef struct verdict_sums {
  int64_t outcomes[PH_OUTCOME_COUNT];
  ph_money_sum amount, won;
} verdict_sums;

void ph_verdict_backtest(ph_pipeline *pipeline, ph_day as_of, ph_verdict_backtest_row **rows, size_t *count,
                         ph_status *status) {
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  verdict_sums sums[PH_VERDICT_COUNT] = {0};
  *count = 0;
  *rows = ph_allocate(status, PH_VERDICT_COUNT, sizeof **rows);
  for (size_t index = 0; index < pipeline->history.deal_count && ph_continue(status); index++) {
    ph_span span;
    uint8_t outcome = pipeline->history.deals[index].outcome;
    if (outcome == PH_OUTCOME_VANISHED || !ph_timeline_span(timeline, index, as_of, &span)) continue;
    verdict_sums *sum = &sums[span.verdict];
    sum->outcomes[outcome]++;
    ph_money_add(&sum->amount, span.amount);
    if (outcome == PH_OUTCOME_WON) ph_money_add(&sum->won, ph_closing_of(timeline, index).amount);
  }
  for (unsigned verdict = 0; verdict < PH_VERDICT_COUNT && !ph_failed(status); verdict++) {
    const verdict_sums *sum = &sums[verdict];
    ph_verdict_backtest_row row = {.verdict = verdict,
                                   .won_deals = sum->outcomes[PH_OUTCOME_WON],
                                   .lost_deals = sum->outcomes[PH_OUTCOME_LOST],
                                   .open_deals = sum->outcomes[PH_OUTCOME_OPEN]};
    row.deals = row.won_deals + row.lost_deals + row.open_deals;
    row.amount = ph_money_value(&sum->amount, "verdict_backtest", status);
    row.won_amount = ph_money_value(&sum->won, "verdict_backtest", status);
    if (row.deals > 0) (*rows)[(*count)++] = row;
  }
}

/* What was said on the days of the rows. */
static void forecast_rows(ph_pipeline *pipeline, ph_scope scope, ph_coverage_backtest_row *rows, size_t count,
                          ph_status *status) {
  ph_forecast_row *forecasts = ph_allocate_zeroed(status, count, sizeof *forecasts);
  for (size_t row = 0; row < count && !ph_failed(status); row++)
    forecasts[row] = (ph_forecast_row){.group = rows[row].then.group, .day = rows[row].then.day};
  if (!ph_failed(status)) ph_forecast_rows(pipeline, scope, 0, forecasts, count, status);
  for (size_t row = 0; row < count && !ph_failed(status); row++) rows[row].range = forecasts[row].range;
  ph_release(status->memory, forecasts);
}

static void judge_row(ph_pipeline *pipeline, ph_scope scope, ph_day as_of, ph_coverage_backtest_row *row,
                      ph_status *status) {
  const ph_wins *wins = ph_pipeline_wins(pipeline, scope, status);
  ph_group_quota group = row->then.group;
  ph_money_sum attained = {0, 0};
  ph_coverage_row_on(pipeline, scope, &group, row->then.day, &row->then, status);
  if (ph_failed(status)) return;
  ph_wins_add(wins, group.name, group.period.start, group.period.end, as_of, &attained);
  row->attained_amount = ph_money_value(&attained, "coverage_backtest", status);
}

void ph_coverage_backtest(ph_pipeline *pipeline, ph_day as_of, ph_scope scope, int32_t lead_days,
                          ph_coverage_backtest_row **rows, size_t *count, ph_status *status) {
  ph_group_quota *quotas = NULL;
  size_t quota_count = 0;
  *count = 0;
  ph_group_quotas(&pipeline->history, scope, &quotas, &quota_count, status);
  *rows = ph_allocate_zeroed(status, quota_count, sizeof **rows);
  for (size_t index = 0; index < quota_count && !ph_failed(status); index++) {
    ph_period period = quotas[index].period;
    if (period.end > as_of) continue;
    int64_t day = (int64_t)period.start + lead_days;
    ph_coverage_row *then = &(*rows)[(*count)++].then;
    then->group = quotas[index];
    then->day = day < period.end ? (ph_day)day : period.end;
  }
  ph_release(status->memory, quotas);
  if (!ph_failed(status)) forecast_rows(pipeline, scope, *rows, *count, status);
  for (size_t row = 0; row < *count && ph_continue(status); row++)
    judge_row(pipeline, scope, as_of, &(*rows)[row], status);
}
