/*
** Class runs: the reference classes of each deal over time (specification, section 6). A class is the place
** of its stage × PH_VERDICT_COUNT + verdict.
*/
#ifndef PH_MEASURE_CLASS_RUN_H
#define PH_MEASURE_CLASS_RUN_H

#include "../timeline/timeline.h"

/* An open deal is in the class from this day on, until its next run begins or it closes. */
typedef struct ph_class_run {
  ph_day from;
  uint32_t class;
} ph_class_run;

/* Owns its memory. Many questions about classes pass over the runs: they are half as many as the spans. */
typedef struct ph_class_runs {
  const ph_memory *memory;
  size_t deal_count;
  uint32_t *stage_names; /* stages of spans, missing first, then in byte order */
  uint32_t *stage_place; /* by name: place in stage_names plus one, 0 = no stage of a span */
  size_t stage_count, name_count;
  ph_class_run *runs; /* by deal, in time order */
  size_t run_count, run_capacity;
  uint32_t *first_run; /* by deal, and one more */
  ph_day *closing;     /* by deal */
  bool *won;           /* by deal */
} ph_class_runs;

void ph_class_runs_begin(ph_class_runs *runs, const ph_timeline *timeline, ph_status *status);
void ph_class_runs_end(ph_class_runs *runs);
size_t ph_class_runs_bytes(const ph_class_runs *runs);

#endif
