/*
** Integrity: how much of the open amount is real (specification, section 5, pipeline_integrity).
*/
#ifndef PH_MEASURE_INTEGRITY_H
#define PH_MEASURE_INTEGRITY_H

#include "pipeline.h"

/* One group on one day. Money in units. */
typedef struct ph_integrity_row {
  uint32_t name;
  int64_t deals[PH_VERDICT_COUNT], amount[PH_VERDICT_COUNT];
  int64_t open_deals, open_amount, real_deals, real_amount;
  int64_t reason_deals[PH_REASON_COUNT]; /* of the reasons that inform; the others are not counted */
} ph_integrity_row;

/* A row for each group that has an open deal on the day; for PH_SCOPE_ALL always one. By name. *rows is the
** caller's to release. Errors: a sum of money out of range. */
void ph_integrity_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                     size_t *count, ph_status *status);

#endif
