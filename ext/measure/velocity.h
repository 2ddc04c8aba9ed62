/*
** Velocity: how deals go through the stages, and how long they stay (specification, section 5,
** stage_velocity).
**
** A deal is in its first stage from the day of its creation. Each change of the stage before its closing ends
** a visit and begins another; the visit that is running when it is closed ends with it. Visits without a
** stage do not count.
*/
#ifndef PH_MEASURE_VELOCITY_H
#define PH_MEASURE_VELOCITY_H

#include "pipeline.h"

/* How a visit ended. */
typedef enum {
  PH_VISIT_MOVED_FORWARD,
  PH_VISIT_MOVED_BACK,
  PH_VISIT_WON,
  PH_VISIT_LOST,
  PH_VISIT_STILL_IN,
  PH_VISIT_END_COUNT
} ph_visit_end;

/* One stage of one pipeline. What is not known is NaN. */
typedef struct ph_velocity_row {
  uint32_t pipeline, stage;
  double rank;
  int64_t entered, ended[PH_VISIT_END_COUNT];
  double median_days, p90_days; /* of finished visits */
  double progress_gap_p90_days; /* between two progress days, in deals that were won */
} ph_velocity_row;

/* The rows of all visits known on the day, by pipeline, rank (unranked last) and stage. *rows is the caller's
** to release. */
void ph_velocity_on(ph_pipeline *pipeline, ph_day as_of, ph_velocity_row **rows, size_t *count,
                    ph_status *status);

#endif
