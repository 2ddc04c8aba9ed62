/*
** Win rates by reference class: how often a deal that looked like this one was won in time
** (specification, section 6). A class is (stage, verdict).
*/
#ifndef PH_MEASURE_WIN_RATE_H
#define PH_MEASURE_WIN_RATE_H

#include "pipeline.h"

typedef enum { PH_CLASS_STAGE_VERDICT, PH_CLASS_VERDICT, PH_CLASS_ALL } ph_class_kind;
extern const char *const ph_class_kind_names[];

/* A row of the table win_rate. */
typedef struct ph_win_rate_row {
  ph_class_kind kind;
  uint32_t stage;   /* a name; PH_CLASS_STAGE_VERDICT alone */
  unsigned verdict; /* not of PH_CLASS_ALL */
  ph_class_counts counts;
  double win_rate, low, high; /* Wilson 95 % with the number of deals */
} ph_win_rate_row;

/* A row for each class with a deal-day: by stage and verdict, then by verdict, then all. *rows is the
** caller's. */
void ph_win_rate_rows(ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days, ph_win_rate_row **rows,
                      size_t *count, ph_status *status);

#endif
