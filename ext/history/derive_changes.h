/*
** What a deal's changes say: the fields before the first change, the value after each, which close dates
** were moved, and when the deal closed (specification, sections 1 and 3).
*/
#ifndef PH_HISTORY_DERIVE_CHANGES_H
#define PH_HISTORY_DERIVE_CHANGES_H

#include "group_events.h"

/* What the last change or state of each field said. */
typedef struct ph_last_changes {
  bool known[PH_CHANGE_KINDS]; /* by kind: whether there was one */
  int64_t after[PH_CHANGE_KINDS];
  uint32_t kinds;           /* of the events, one bit each */
  ph_day first_stage_state; /* on the day of creation or later; PH_DAY_NEVER */
} ph_last_changes;

/* Derives a deal from its row, as it stands in *deal, and its events in the order of their instants. A
** state becomes a change where it differs from what held before, else the event gets the kind
** PH_KIND_COUNT, which is none. A closed deal without any day of closing is excluded: its day of creation
** becomes PH_DAY_NEVER. */
void ph_derive_changes(ph_history *history, ph_deal *deal, const ph_deal_events *events,
                       const ph_change *changes, ph_last_changes *last);

#endif
