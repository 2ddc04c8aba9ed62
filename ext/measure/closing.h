/*
** Closings: the fields of a closed deal on its closing day, read from its spans.
*/
#ifndef PH_MEASURE_CLOSING_H
#define PH_MEASURE_CLOSING_H

#include "../timeline/timeline.h"

/* Owner, amount (units) and close date of the closing day; the stage of the day before, which is the last
** one that the deal was open in. */
typedef struct ph_closing {
  int64_t amount;
  ph_day close_date; /* PH_DAY_NONE when missing */
  uint32_t owner, stage;
} ph_closing;

/* The closing of a deal that is closed. */
static inline ph_closing ph_closing_of(const ph_timeline *timeline, size_t deal) {
  const ph_version *version = &timeline->versions[timeline->first_version[deal + 1] - 1];
  ph_closing closing = {version->amount, version->close_date, version->owner, version->stage};
  return closing;
}

#endif
