/*
** Flow: what happened to the open amount between two days (specification, section 5,
** pipeline_flow).
*/
#ifndef PH_MEASURE_FLOW_H
#define PH_MEASURE_FLOW_H

#include "pipeline.h"

typedef enum {
  PH_FLOW_STARTING,
  PH_FLOW_CREATED,
  PH_FLOW_TRANSFERRED_IN,
  PH_FLOW_INCREASED,
  PH_FLOW_DECREASED,
  PH_FLOW_WON, /* at the starting amount, as is PH_FLOW_LOST */
  PH_FLOW_LOST,
  PH_FLOW_TRANSFERRED_OUT,
  PH_FLOW_ENDING,
  PH_FLOW_BECAME_STALLED,
  PH_FLOW_RECOVERED,
  PH_FLOW_CLOSED_WON, /* at the closing amount, deals created after from_day included */
  PH_FLOW_PULLED_IN,  /* into the close window, at the ending amount */
  PH_FLOW_PUSHED_OUT, /* at the starting amount */
  PH_FLOW_REVALUED,   /* by other rates */
  PH_FLOW_VANISHED,   /* closed neither as won nor as lost, at the starting amount */
  PH_FLOW_AMOUNT_COUNT
} ph_flow_amount;

/* One group. Money in units. In every row starting + created + transferred in + increased - decreased - won -
** lost - transferred out + pulled in - pushed out + revalued - vanished = ending. */
typedef struct ph_flow_row {
  uint32_t name;
  int64_t starting_deals, ending_deals;
  int64_t amount[PH_FLOW_AMOUNT_COUNT];
} ph_flow_row;

/* A row for each group that has an open deal on one of the two days or a win in (from, to]; for PH_SCOPE_ALL
** always one. By name. With a close window (NULL: none) only a deal whose close date of the day lies in it is
** open, and only a win whose close date of the closing day does counts. *rows is the caller's to release.
** Errors: from after to; a sum of money out of range. */
void ph_flow_between(ph_pipeline *pipeline, ph_day from, ph_day to, ph_scope scope,
                     const ph_period *close_window, ph_flow_row **rows, size_t *count, ph_status *status);

#endif
