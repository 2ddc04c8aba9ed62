/* The rows of win_rate. See win_rate.h. */
#include "win_rate.h"

#include "../base/statistics.h"

const char *const ph_class_kind_names[] = {"stage_verdict", "verdict", "all"};

static void append_row(ph_win_rate_row *rows, size_t *count, ph_class_kind kind, uint32_t stage,
                       unsigned verdict, const ph_class_counts *counts) {
  if (counts->deal_days == 0) return;
  ph_win_rate_row *row = &rows[(*count)++];
  *row = (ph_win_rate_row){
      .kind = kind, .stage = stage, .verdict = verdict, .counts = *counts, .win_rate = ph_class_rate(counts)};
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
      append_row(*rows, count, PH_CLASS_STAGE_VERDICT, pipeline->runs.stage_names[place], verdict,
                 &rates->classes[place * PH_VERDICT_COUNT + verdict]);
  for (unsigned verdict = 0; verdict < PH_VERDICT_COUNT && !ph_failed(status); verdict++)
    append_row(*rows, count, PH_CLASS_VERDICT, 0, verdict, &rates->verdicts[verdict]);
  if (!ph_failed(status)) append_row(*rows, count, PH_CLASS_ALL, 0, 0, &rates->all);
}
