/*
** What a deal's changes say: the fields before the first change, the value after each, which close dates
** were moved, and when the deal closed (specification, sections 1 and 3).
*/
#ifndef PH_HISTORY_DERIVE_CHANGES_H
#define PH_HISTORY_DERIVE_CHANGES_H

#include "group_events.h"

/* What the last change of each field said. */
typedef struct ph_last_changes {
  bool changed[PH_CHANGE_KINDS]; /* by kind */
  int64_t after[PH_CHANGE_KINDS];
} ph_last_changes;

/* Derives a deal from its row, as it stands in *deal, and its events in the order of their instants. A
** closed deal without any day of closing is excluded: its day of creation becomes PH_DAY_NEVER. */
void ph_derive_changes(ph_history *history, ph_deal *deal, const ph_deal_events *events,
                       const ph_change *changes, ph_last_changes *last);

#endif
