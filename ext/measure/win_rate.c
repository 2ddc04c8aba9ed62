/*
** Win rates by reference class. See win_rate.h.
**
** A span [from, to) of a deal that was won on day X has to - from deal-days, and of these the days from X -
** horizon on were followed by the win in time. So a span is counted by two subtractions; only the days up to
** as_of - horizon count, for the later ones nobody could know yet on as_of.
*/
#include "win_rate.h"

#include "../base/statistics.h"

#include <math.h>

const char *const ph_class_kind_names[] = {"stage_verdict", "verdict", "all"};

/* The days of a deal by class; how many deals each verdict has is counted once a deal, from a set of verdicts. */
static void count_deal(ph_win_rates *rates, const ph_pipeline *pipeline, size_t index, ph_day last_day,
                       uint32_t *last_deal_of_class) {
  uint32_t number = (uint32_t)index + 1;
  ph_day won_on = pipeline->won_on[index];
  int64_t won_from = won_on != PH_DAY_NEVER ? (int64_t)won_on - rates->horizon_days : INT64_MAX;
  unsigned verdicts = 0;
  for (size_t at = pipeline->first_run[index]; at < pipeline->first_run[index + 1]; at++) {
    const ph_class_run *run = &pipeline->runs[at];
    if (run->from > last_day) break;
    ph_class_counts *class = &rates->classes[run->class];
    int64_t end = run->to <= last_day ? run->to : (int64_t)last_day + 1;
    int64_t first_won = won_from > run->from ? won_from : run->from;
    class->deal_days += end - run->from;
    if (end > first_won) class->won_days += end - first_won;
    class->deals += last_deal_of_class[run->class] != number;
    last_deal_of_class[run->class] = number;
    verdicts |= 1U << run->class % PH_VERDICT_COUNT;
  }
  for (unsigned verdict = 0; verdict < PH_VERDICT_COUNT; verdict++)
    rates->verdicts[verdict].deals += verdicts >> verdict & 1;
  rates->all.deals += verdicts != 0;
}

/* The days of a verdict are those of its classes, the days of all those of every class. */
static void add_classes(ph_win_rates *rates) {
  for (size_t class = 0; class < rates->stage_count * PH_VERDICT_COUNT; class ++) {
    const ph_class_counts *counts = &rates->classes[class];
    ph_class_counts *verdict = &rates->verdicts[class % PH_VERDICT_COUNT];
    verdict->deal_days += counts->deal_days;
    verdict->won_days += counts->won_days;
    rates->all.deal_days += counts->deal_days;
    rates->all.won_days += counts->won_days;
  }
}

void ph_win_rates_begin(ph_win_rates *rates, ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days,
                        ph_status *status) {
  const ph_history *history = &pipeline->history;
  ph_pipeline_runs(pipeline, status);
  *rates = (ph_win_rates){.memory = status->memory,
                          .as_of = as_of,
                          .horizon_days = horizon_days,
                          .min_class_deals = ph_policy_integer(&history->policy, PH_POLICY_MIN_CLASS_DEALS),
                          .stage_count = pipeline->stage_count};
  size_t class_count = rates->stage_count * PH_VERDICT_COUNT;
  uint32_t *last_deal_of_class = ph_allocate_zeroed(status, class_count, sizeof *last_deal_of_class);
  rates->classes = ph_allocate_zeroed(status, class_count, sizeof *rates->classes);
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++)
    count_deal(rates, pipeline, index, as_of - horizon_days, last_deal_of_class);
  ph_release(status->memory, last_deal_of_class);
  if (!ph_failed(status)) add_classes(rates);
}

void ph_win_rates_end(ph_win_rates *rates) {
  if (rates->memory != NULL) ph_release(rates->memory, rates->classes);
}

enum { MOST_KEPT = 256 };

static void forget(ph_pipeline *pipeline) {
  for (size_t index = 0; index < pipeline->win_rates_count; index++)
    ph_win_rates_end(&pipeline->win_rates[index]);
  pipeline->win_rates_count = 0;
}

const ph_win_rates *ph_pipeline_win_rates(ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days,
                                          ph_status *status) {
  for (size_t index = pipeline->win_rates_count; index > 0 && !ph_failed(status); index--) {
    const ph_win_rates *kept = &pipeline->win_rates[index - 1];
    if (kept->as_of == as_of && kept->horizon_days == horizon_days) return kept;
  }
  if (pipeline->win_rates_count == MOST_KEPT) forget(pipeline);
  if (!ph_reserve(status, (void **)&pipeline->win_rates, &pipeline->win_rates_capacity,
                  pipeline->win_rates_count + 1, sizeof *pipeline->win_rates))
    return NULL;
  ph_win_rates *rates = &pipeline->win_rates[pipeline->win_rates_count];
  ph_win_rates_begin(rates, pipeline, as_of, horizon_days, status);
  if (ph_failed(status)) {
    ph_win_rates_end(rates);
    return NULL;
  }
  pipeline->win_rates_count++;
  return rates;
}

static double rate_of(const ph_class_counts *counts) {
  return counts->deal_days > 0 ? (double)counts->won_days / (double)counts->deal_days : NAN;
}

double ph_win_rate_of(const ph_win_rates *rates, size_t stage_place, unsigned verdict) {
  const ph_class_counts *class = &rates->classes[stage_place * PH_VERDICT_COUNT + verdict];
  if (class->deals >= rates->min_class_deals) return rate_of(class);
  if (rates->verdicts[verdict].deal_days > 0) return rate_of(&rates->verdicts[verdict]);
  return rate_of(&rates->all);
}

static void append_row(ph_win_rate_row *rows, size_t *count, ph_class_kind kind, uint32_t stage,
                       unsigned verdict, const ph_class_counts *counts) {
  if (counts->deal_days == 0) return;
  ph_win_rate_row *row = &rows[(*count)++];
  *row = (ph_win_rate_row){
      .kind = kind, .stage = stage, .verdict = verdict, .counts = *counts, .win_rate = rate_of(counts)};
  ph_wilson_interval(row->win_rate, (double)counts->deals, &row->low, &row->high);
}

void ph_win_rate_rows(ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days, ph_win_rate_row **rows,
                      size_t *count, ph_status *status) {
  *count = 0;
  *rows = NULL;
  const ph_win_rates *rates = ph_pipeline_win_rates(pipeline, as_of, horizon_days, status);
  if (rates == NULL) return;
  *rows = ph_allocate(status, (rates->stage_count + 1) * PH_VERDICT_COUNT + 1, sizeof **rows);
  for (size_t place = 0; place < rates->stage_count && !ph_failed(status); place++)
    for (unsigned verdict = 0; verdict < PH_VERDICT_COUNT; verdict++)
      append_row(*rows, count, PH_CLASS_STAGE_VERDICT, pipeline->stage_names[place], verdict,
                 &rates->classes[place * PH_VERDICT_COUNT + verdict]);
  for (unsigned verdict = 0; verdict < PH_VERDICT_COUNT && !ph_failed(status); verdict++)
    append_row(*rows, count, PH_CLASS_VERDICT, 0, verdict, &rates->verdicts[verdict]);
  if (!ph_failed(status)) append_row(*rows, count, PH_CLASS_ALL, 0, 0, &rates->all);
}
