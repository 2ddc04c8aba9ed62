/* What if. See what_if.h. */
#include "what_if.h"

#include "forecast.h"

/* What was measured, or what follows from what is given. */
typedef struct figures {
  ph_opening_row *opening;
  ph_forecast_row *forecasts; /* of these periods, and of those that have not begun */
  size_t count, forecast_count;
} figures;

static void find_figures(figures *found, ph_pipeline *pipeline, ph_day as_of, ph_scope scope,
                         const ph_opening_given *given, ph_status *status) {
  double revived_share = given != NULL ? given->revived_share : 0;
  *found = (figures){0};
  ph_opening_on(pipeline, as_of, scope, given, &found->opening, &found->count, status);
  ph_forecast_on(pipeline, as_of, scope, revived_share, &found->forecasts, &found->forecast_count, status);
}

static void end_figures(figures *found, ph_status *status) {
  ph_release(status->memory, found->opening);
  ph_release(status->memory, found->forecasts);
}

static ph_what_if_row row_of(const ph_opening_row *now, const ph_opening_row *then,
                             const ph_forecast_range *range, const ph_forecast_range *range_then) {
  return (ph_what_if_row){.group = now->group,
                          .needed_deals = now->needed_deals,
                          .needed_deals_then = then->needed_deals,
                          .needed_per_week = now->needed_per_week,
                          .needed_per_week_then = then->needed_per_week,
                          .expected = range->expected,
                          .expected_then = range_then->expected,
                          .hit_probability = range->hit_probability,
                          .hit_probability_then = range_then->hit_probability};
}

void ph_what_if_on(ph_pipeline *pipeline, ph_day as_of, ph_scope scope, const ph_opening_given *given,
                   ph_what_if_row **rows, size_t *count, ph_status *status) {
  figures now, then;
  find_figures(&now, pipeline, as_of, scope, NULL, status);
  find_figures(&then, pipeline, as_of, scope, given, status);
  *count = 0;
  *rows = ph_allocate(status, now.count, sizeof **rows);
  for (size_t at = 0; at < now.forecast_count && !ph_failed(status); at++) {
    ph_period period = now.forecasts[at].group.period;
    if (as_of < period.start || as_of > period.end) continue;
    (*rows)[*count] = row_of(&now.opening[*count], &then.opening[*count], &now.forecasts[at].range,
                             &then.forecasts[at].range);
    ++*count;
  }
  end_figures(&now, status);
  end_figures(&then, status);
}
