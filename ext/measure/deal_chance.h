/*
** Deal chance: how likely each open deal is won within so many days (specification, section 6).
*/
#ifndef PH_MEASURE_DEAL_CHANCE_H
#define PH_MEASURE_DEAL_CHANCE_H

#include "pipeline.h"

/* What must be learned to look at deals on a day T and ask whether they are won within h days: days up to
** T - h. */
static inline ph_ladder_question ph_chance_question(ph_day as_of, int32_t horizon_days) {
  return (ph_ladder_question){as_of - horizon_days, horizon_days};
}

/* An open deal and its chance. */
typedef struct ph_deal_chance_row {
  size_t deal;
  uint32_t owner, stage, team;
  uint8_t verdict;
  int64_t amount; /* units */
  ph_chance chance;
  double expected_units; /* chance × amount */
} ph_deal_chance_row;

/* The rows of all open deals, by deal_id: a new block in *rows, the caller's. */
void ph_deal_chances(ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days, ph_deal_chance_row **rows,
                     size_t *count, ph_status *status);

#endif
