/*
** The open deals of a scope by verdict and reason, on any day.
*/
#ifndef PH_MEASURE_INTEGRITY_INDEX_H
#define PH_MEASURE_INTEGRITY_INDEX_H

#include "../timeline/day_index.h"
#include "../timeline/timeline.h"

/* Columns of a row: counts of deals by verdict, then by those reasons that inform and decide nothing; sums
** of amounts by verdict. */
enum {
  PH_INTEGRITY_DEALS = 0,
  PH_INTEGRITY_REASONS = PH_INTEGRITY_DEALS + PH_VERDICT_COUNT,
  PH_INTEGRITY_COUNTS = PH_INTEGRITY_REASONS + PH_INFORMING_REASONS,
  PH_INTEGRITY_SUMS = PH_VERDICT_COUNT
};

/* Adds a deal in this state; `sign` is 1 or -1. */
void ph_integrity_contribute(ph_day_row *row, unsigned verdict, unsigned reasons, int64_t amount,
                             int64_t sign);

void ph_integrity_index_begin(ph_day_index *index, const ph_timeline *timeline, ph_scope scope,
                              ph_status *status);

#endif
