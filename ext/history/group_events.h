/*
** Raw events become the events of each deal, in the order of their instants.
*/
#ifndef PH_HISTORY_GROUP_EVENTS_H
#define PH_HISTORY_GROUP_EVENTS_H

#include "raw_events.h"

/* The events of one deal. The value of a change is its index in the changes of its region until the
** changes are derived (derive_changes.h). */
typedef struct ph_deal_events {
  ph_event *events;
  uint32_t *milliseconds; /* by event; NULL: every event is at the start of its day */
  uint32_t count;
} ph_deal_events;

/* A counting sort by deal. It borrows the history, the map and the raw events. */
typedef struct ph_grouping {
  ph_history *history;
  const ph_id_map *map;
  ph_raw_events *raw;
  uint32_t *next;         /* by slot: the index in history.events of its next event */
  uint32_t *milliseconds; /* by event; NULL: every event is at the start of its day */
} ph_grouping;

/* Counts the events of each slot and makes room for them in history.events: the events of the deals, in
** the order of the deals, then those of slots without a deal, in the order of the slots. After a failure
** the grouping can be ended. */
void ph_grouping_begin(ph_grouping *grouping, ph_history *history, const ph_id_map *map, ph_raw_events *raw,
                       ph_status *status);
void ph_grouping_end(ph_grouping *grouping, const ph_memory *memory);

/* Puts the events of a region to their deals, in the order of reading. When it has done all regions,
** `next` of a slot is the end of its events. */
void ph_group_region(ph_grouping *grouping, ph_raw_region *region, ph_status *status);

/* The events of a deal whose region is grouped. */
ph_deal_events ph_grouped_events(const ph_grouping *grouping, const ph_deal *deal);

/* Orders the events of a deal by instant. Events of one instant keep the order of the source. */
void ph_sort_events(const ph_deal_events *events, ph_status *status);

/* Negative, zero or positive as one event of a deal lies before, at or behind the instant of another. */
int ph_compare_instants(const void *deal_events, uint32_t left, uint32_t right);

#endif
