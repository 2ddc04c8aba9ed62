/*
** Integrity: how much of the open amount is real (specification, section 5, pipeline_integrity).
*/
#ifndef PH_MEASURE_INTEGRITY_H
#define PH_MEASURE_INTEGRITY_H

#include "pipeline.h"

/* A count that the sources cannot show. */
enum { PH_NOT_SHOWN = -1 };

/* One group on one day. Money in units. */
typedef struct ph_integrity_row {
  uint32_t name;
  int64_t deals[PH_VERDICT_COUNT], amount[PH_VERDICT_COUNT];
  int64_t open_deals, open_amount, real_deals, real_amount;
  int64_t judged_deals, judged_amount;   /* the open ones that are not unjudged */
  int64_t reason_deals[PH_REASON_COUNT]; /* of the reasons that inform, the others are not counted;
                                            PH_NOT_SHOWN where the sources cannot show it */
} ph_integrity_row;

/* A row for each group that has an open deal on the day; for PH_SCOPE_ALL always one. By name. *rows is the
** caller's to release. Errors: a sum of money out of range. */
void ph_integrity_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                     size_t *count, ph_status *status);

#endif
