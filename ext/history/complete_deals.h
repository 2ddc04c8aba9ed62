/*
** The last step of reading: every deal gets its events, and what follows from them.
*/
#ifndef PH_HISTORY_COMPLETE_DEALS_H
#define PH_HISTORY_COMPLETE_DEALS_H

#include "facts.h"
#include "raw_events.h"

/* Fills history.events and history.amounts, and completes the deals. Raw events are freed on the way,
** region by region. States that are no change go, and closings that only close dates and events tell lie no
** later than history.data_until, which is not after today. `left_out` lists the ids of deals whose row
** could not be used (PH_DEAL_LEFT_OUT). *own becomes the facts of these deals but for their evidence; the
** history gets them and those of `others`, which it does not hold. */
void ph_complete_deals(ph_history *history, const ph_id_map *map, const ph_id *left_out, ph_raw_events *raw,
                       const ph_facts *others, ph_facts *own, ph_status *status);

#endif
