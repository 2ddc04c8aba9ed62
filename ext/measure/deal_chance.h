/*
** Deal chance: how likely each open deal is won within so many days (specification, section 6).
*/
#ifndef PH_MEASURE_DEAL_CHANCE_H
#define PH_MEASURE_DEAL_CHANCE_H

#include "deal_piece.h"
#include "ladder.h"
#include "pipeline.h"

/* A day T on which deals are looked at, and the days h within which they may be won. */
typedef struct ph_chance_question {
  ph_day as_of;
  int32_t horizon_days;
} ph_chance_question;

/* Learns the ladder for several questions, from what was known on each of the days: days up to as_of - horizon_days.
** The ladder must be ended in any case. */
void ph_ladder_learn(ph_ladder *ladder, ph_pipeline *pipeline, const ph_chance_question *questions,
                     size_t count, ph_status *status);

static inline size_t ph_ladder_place_of(const ph_ladder *ladder, ph_chance_question question) {
  return ph_ladder_question_place(ladder, question.as_of - question.horizon_days, question.horizon_days);
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

/* Sets *row for a deal that is open on the day; false when it is not. `pieces` is scratch over the pipeline's rules. */
bool ph_deal_chance_on(const ph_ladder *ladder, ph_chance_question question, ph_deal_pieces *pieces,
                       size_t deal, ph_deal_chance_row *row, ph_status *status);

/* The rows of all open deals, by deal_id: a new block in *rows, the caller's. */
void ph_deal_chances(ph_pipeline *pipeline, ph_chance_question question, ph_deal_chance_row **rows,
                     size_t *count, ph_status *status);

#endif
