/* Kept forecasts. See kept_forecast.h. */
#include "kept_forecast.h"

#include <string.h>

static bool is_asked(const ph_forecast_answer *answer, ph_scope scope, double revived_share,
                     const ph_forecast_row *rows, size_t count) {
  if (answer->scope != scope || answer->count != count || answer->revived_share != revived_share)
    return false;
  for (size_t row = 0; row < count; row++) {
    const ph_forecast_row *kept = &answer->rows[row];
    if (kept->group.name != rows[row].group.name || kept->day != rows[row].day ||
        ph_period_compare(kept->group.period, rows[row].group.period) != 0)
      return false;
  }
  return true;
}

bool ph_kept_forecasts_get(const ph_kept_forecasts *kept, ph_scope scope, double revived_share,
                           ph_forecast_row *rows, size_t count) {
  for (size_t at = 0; at < kept->count; at++)
    if (is_asked(&kept->answers[at], scope, revived_share, rows, count)) {
      memcpy(rows, kept->answers[at].rows, count * sizeof *rows);
      return true;
    }
  return false;
}

void ph_kept_forecasts_add(ph_kept_forecasts *kept, ph_scope scope, double revived_share,
                           const ph_forecast_row *rows, size_t count, ph_status *status) {
  ph_forecast_row *copy = ph_allocate(status, count, sizeof *copy);
  if (ph_failed(status)) return;
  memcpy(copy, rows, count * sizeof *copy);
  kept->memory = status->memory;
  ph_forecast_answer *place = &kept->answers[kept->oldest];
  kept->oldest = (kept->oldest + 1) % PH_MOST_FORECASTS_KEPT;
  if (kept->count < PH_MOST_FORECASTS_KEPT) kept->count++;
  ph_release(kept->memory, place->rows);
  *place = (ph_forecast_answer){scope, revived_share, copy, count};
}

void ph_kept_forecasts_end(ph_kept_forecasts *kept) {
  if (kept->memory == NULL) return;
  for (size_t at = 0; at < kept->count; at++) ph_release(kept->memory, kept->answers[at].rows);
  *kept = (ph_kept_forecasts){0};
}

size_t ph_kept_forecasts_bytes(const ph_kept_forecasts *kept) {
  size_t bytes = 0;
  for (size_t at = 0; at < kept->count; at++)
    bytes += kept->answers[at].count * sizeof *kept->answers[at].rows;
  return bytes;
}
