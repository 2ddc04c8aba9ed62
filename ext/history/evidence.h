/*
** What a history could have shown, and since when (specification, section 4, "Evidence").
**
** A source can only show what it records, and only since it records it. Each day is the first one with such
** an event, over the events that are not older than their own deal; PH_DAY_NEVER where there is none.
** Policies of the same names come before what the events say.
*/
#ifndef PH_HISTORY_EVIDENCE_H
#define PH_HISTORY_EVIDENCE_H

#include "facts.h"

/* Fills history->evidence from the events of all deals, which must be in their final order, the facts of
** deals that the history does not hold, and the policies. own->evidence becomes what its own events say. */
void ph_evidence_find(ph_history *history, const ph_facts *others, ph_facts *own, ph_status *status);

#endif
