/*
** Conversation: do first meetings lead to second ones (specification, section 8,
** conversation_effectiveness)?
*/
#ifndef PH_MEASURE_CONVERSATION_H
#define PH_MEASURE_CONVERSATION_H

#include "pipeline.h"

/* One group. Money in units; a rate or median that nothing is known of is NaN. */
typedef struct ph_conversation_row {
  uint32_t name;
  int64_t first_meetings;
  int64_t second_meetings;               /* within second_meeting_days of the first */
  int64_t pending;                       /* no second meeting yet, and still time for it */
  double second_meeting_rate, low, high; /* of those not pending; Wilson 95 % */
  double median_days_to_second;
  int64_t won_deals, lost_deals, won_amount; /* at the amount of the closing day */
} ph_conversation_row;

/* The deals whose first meeting fell on a day from from_day to to_day, known as of to_day, by the group they
** had on that day. A meeting that was held before the deal was created counts, one agreed for a later day
** does not. A row for each group that has such a deal; for PH_SCOPE_ALL always one. By name. *rows is the
** caller's to release. Errors: from_day after to_day; a sum of money out of range. */
void ph_conversation_between(ph_pipeline *pipeline, ph_day from_day, ph_day to_day, ph_scope scope,
                             ph_conversation_row **rows, size_t *count, ph_status *status);

#endif
