/* Looking back. See backtest.h. */
#include "backtest.h"

#include "../base/sort.h"

typedef struct verdict_sums {
  int64_t outcomes[3]; /* by ph_outcome */
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
    if (!ph_timeline_span(timeline, index, as_of, &span)) continue;
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

static int compare_days(const void *context, uint32_t left, uint32_t right) {
  const ph_coverage_backtest_row *rows = context;
  return rows[left].then.day < rows[right].then.day ? -1 : rows[left].then.day > rows[right].then.day;
}

static void judge_row(ph_pipeline *pipeline, ph_scope scope, ph_day as_of, ph_outlook *outlook,
                      ph_coverage_backtest_row *row, ph_status *status) {
  const ph_wins *wins = ph_pipeline_wins(pipeline, scope, status);
  ph_group_quota group = row->then.group;
  ph_money_sum attained = {0, 0};
  ph_coverage_row_on(pipeline, scope, &group, outlook->day, &row->then, status);
  ph_outlook_expect(outlook, &group, row->then.remaining, true, &row->expectation, status);
  if (ph_failed(status)) return;
  ph_wins_add(wins, group.name, group.period.start, group.period.end, as_of, &attained);
  row->attained_amount = ph_money_value(&attained, "coverage_backtest", status);
}

/* Open deals of so many days are in memory at once. */
enum { DAYS_AT_ONCE = 16 };

/* The open deals of a day serve all rows judged on it, so rows are taken by day. */
static void judge_rows(ph_pipeline *pipeline, ph_scope scope, ph_day as_of, ph_coverage_backtest_row *rows,
                       size_t count, ph_status *status) {
  uint32_t *order = ph_sorted_indexes(count, compare_days, rows, status);
  ph_outlook outlooks[DAYS_AT_ONCE];
  ph_day days[DAYS_AT_ONCE];
  for (size_t index = 0; index < count && !ph_failed(status);) {
    size_t day_count = 0, end = index;
    for (; end < count; end++) {
      ph_day day = rows[order[end]].then.day;
      if (day_count > 0 && days[day_count - 1] == day) continue;
      if (day_count == DAYS_AT_ONCE) break;
      days[day_count++] = day;
    }
    ph_outlooks_begin(outlooks, pipeline, scope, days, day_count, status);
    ph_outlook *outlook = outlooks;
    for (; index < end && ph_continue(status); index++) {
      ph_coverage_backtest_row *row = &rows[order[index]];
      while (outlook->day != row->then.day) outlook++;
      judge_row(pipeline, scope, as_of, outlook, row, status);
    }
    for (size_t at = 0; at < day_count; at++) ph_outlook_end(&outlooks[at]);
  }
  ph_release(status->memory, order);
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
  if (!ph_failed(status)) judge_rows(pipeline, scope, as_of, *rows, *count, status);
  ph_release(status->memory, quotas);
}
