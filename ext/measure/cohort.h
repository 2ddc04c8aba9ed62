/*
** Cohorts: what became of the deals that were opened together (specification, section 5,
** pipeline_cohort).
*/
#ifndef PH_MEASURE_COHORT_H
#define PH_MEASURE_COHORT_H

#include "calendar.h"
#include "pipeline.h"

/* The deals of a group created in a period, at one age: all within so many days of creation, known on the
** last day. Won, lost, open and pending deals add up to the created ones. Money in units. */
typedef struct ph_cohort_row {
  uint32_t name;
  ph_period period;
  int64_t within_days; /* -1: by the last day */
  int64_t created_deals, created_amount;
  int64_t pending_deals; /* younger than that on the last day, and open */
  int64_t second_meeting_deals, won_deals, lost_deals, open_deals;
} ph_cohort_row;

/* A row for each group with a deal created on the days [from, to], period of creation and age, in this
** order: a new block in *rows, the caller's. Group and amount are those of the day of creation. The first
** and the last period are not cut, their deals are. Errors: from after to; a sum of money out of range. */
void ph_cohorts_between(ph_pipeline *pipeline, ph_day from, ph_day to, ph_step step, ph_scope scope,
                        ph_cohort_row **rows, size_t *count, ph_status *status);

#endif
