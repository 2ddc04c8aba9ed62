/*
** Shared by the two ways of making an index over time: from spans (day_index.c) and straight from a walk
** over the deals (day_index_walk.c).
*/
#ifndef PH_TIMELINE_DAY_INDEX_INTERNAL_H
#define PH_TIMELINE_DAY_INDEX_INTERNAL_H

#include "day_index.h"

/* Lists the groups that have a place, in the order of their names, and gives them their places there. */
void ph_day_index_order_groups(ph_day_index *index, const ph_history *history, ph_status *status);

#endif
