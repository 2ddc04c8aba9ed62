/*
** Win rates by reference class. See class_rate.h.
**
** A run [from, to) of a deal that was won on day X has to - from deal-days, and of these the days from X -
** horizon on were followed by the win in time. So a run is counted by two subtractions; only the days up to
** as_of - horizon count, for the later ones nobody could know yet on as_of.
*/
#include "class_rate.h"

#include <math.h>

/* The days of a deal by class; how many deals each verdict has is counted once a deal, from a set of
** verdicts. */
static void count_deal(ph_win_rates *rates, const ph_class_runs *runs, size_t deal, ph_day last_day,
                       uint32_t *last_deal_of_class) {
  uint32_t number = (uint32_t)deal + 1;
  int64_t won_from = runs->won[deal] ? (int64_t)runs->closing[deal] - rates->horizon_days : INT64_MAX;
  unsigned verdicts = 0;
  for (size_t at = runs->first_run[deal]; at < runs->first_run[deal + 1]; at++) {
    const ph_class_run *run = &runs->runs[at];
    ph_day to = at + 1 < runs->first_run[deal + 1] ? run[1].from : runs->closing[deal];
    if (run->from > last_day) break;
    ph_class_counts *class = &rates->classes[run->class];
    int64_t end = to <= last_day ? to : (int64_t)last_day + 1;
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

void ph_win_rates_begin(ph_win_rates *rates, const ph_class_runs *runs, int64_t min_class_deals, ph_day as_of,
                        int32_t horizon_days, ph_status *status) {
  *rates = (ph_win_rates){.memory = status->memory,
                          .as_of = as_of,
                          .horizon_days = horizon_days,
                          .min_class_deals = min_class_deals,
                          .stage_count = runs->stage_count};
  size_t class_count = rates->stage_count * PH_VERDICT_COUNT;
  uint32_t *last_deal_of_class = ph_allocate_zeroed(status, class_count, sizeof *last_deal_of_class);
  rates->classes = ph_allocate_zeroed(status, class_count, sizeof *rates->classes);
  for (size_t deal = 0; deal < runs->deal_count && ph_continue(status); deal++)
    count_deal(rates, runs, deal, as_of - horizon_days, last_deal_of_class);
  ph_release(status->memory, last_deal_of_class);
  if (!ph_failed(status)) add_classes(rates);
}

void ph_win_rates_end(ph_win_rates *rates) {
  if (rates->memory != NULL) ph_release(rates->memory, rates->classes);
}

double ph_class_rate(const ph_class_counts *counts) {
  return counts->deal_days > 0 ? (double)counts->won_days / (double)counts->deal_days : NAN;
}

double ph_win_rate_of(const ph_win_rates *rates, size_t stage_place, unsigned verdict) {
  const ph_class_counts *class = &rates->classes[stage_place * PH_VERDICT_COUNT + verdict];
  if (class->deals >= rates->min_class_deals) return ph_class_rate(class);
  if (rates->verdicts[verdict].deal_days > 0) return ph_class_rate(&rates->verdicts[verdict]);
  return ph_class_rate(&rates->all);
}

const ph_win_rates *ph_kept_win_rates_get(ph_kept_win_rates *kept, const ph_class_runs *runs,
                                          int64_t min_class_deals, ph_day as_of, int32_t horizon_days,
                                          ph_status *status) {
  for (size_t index = kept->count; index > 0 && !ph_failed(status); index--) {
    const ph_win_rates *rates = &kept->rates[index - 1];
    if (rates->as_of == as_of && rates->horizon_days == horizon_days) return rates;
  }
  if (kept->count == PH_MOST_WIN_RATES_KEPT) ph_kept_win_rates_end(kept);
  kept->memory = status->memory;
  if (!ph_reserve(status, (void **)&kept->rates, &kept->capacity, kept->count + 1, sizeof *kept->rates))
    return NULL;
  ph_win_rates *rates = &kept->rates[kept->count];
  ph_win_rates_begin(rates, runs, min_class_deals, as_of, horizon_days, status);
  if (ph_failed(status)) {
    ph_win_rates_end(rates);
    return NULL;
  }
  kept->count++;
  return rates;
}

void ph_kept_win_rates_end(ph_kept_win_rates *kept) {
  if (kept->memory == NULL) return;
  for (size_t index = 0; index < kept->count; index++) ph_win_rates_end(&kept->rates[index]);
  ph_release(kept->memory, kept->rates);
  *kept = (ph_kept_win_rates){0};
}

size_t ph_kept_win_rates_bytes(const ph_kept_win_rates *kept) {
  size_t bytes = kept->capacity * sizeof *kept->rates;
  for (size_t index = 0; index < kept->count; index++)
    bytes += kept->rates[index].stage_count * PH_VERDICT_COUNT * sizeof *kept->rates->classes;
  return bytes;
}
