/*
** Claims: the open deals whose close date falls into a period, on any day, from an index.
*/
#ifndef PH_MEASURE_CLAIM_H
#define PH_MEASURE_CLAIM_H

#include "period.h"

/* What is claimed for a period on a day: open deals with a close date in the period; for a period that
** contains the day also every overdue deal. */
typedef struct ph_claimed {
  int64_t claimed_deals, real_deals;
  ph_money_sum claimed, real, overdue; /* overdue: those of them with a close date before the day */
} ph_claimed;

/* The index of a scope; it serves every quota period and its look-back periods. */
const ph_day_index *ph_pipeline_claims(ph_pipeline *pipeline, ph_scope scope, ph_status *status);

/* Adds what a group claims for a period on a day. The period must be one of those the index serves. */
void ph_claimed_on(const ph_pipeline *pipeline, const ph_day_index *index, uint32_t group, ph_period period,
                   ph_day day, ph_claimed *claimed);

#endif
