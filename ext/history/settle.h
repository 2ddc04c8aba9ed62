/*
** Events as they were read become the events of each deal: sorted by instant, with the values
** before the first changes and the closing days worked out.
*/
#ifndef PH_HISTORY_SETTLE_H
#define PH_HISTORY_SETTLE_H

#include "id_map.h"

/* A change as its row tells it; which field follows from the kind. Stage and owner: names; close_date: days
** (PH_DAY_NONE when missing); amount: units (0 when missing). */
typedef struct ph_change {
  int64_t before, after;
} ph_change;

/* An event as it was read. The key is that of ph_event; the slot that of the deal's id in the map. What else
** belongs to it is the next of changes for a kind that changes a field, the next of recorded for a meeting: they
** are read in the same order. */
typedef struct ph_raw_event {
  uint32_t key, slot;
} ph_raw_event;

/* Entries of the map: the index of the deal plus one; 0 for an id that no deal has; with this bit, of a deal
** whose row could not be used, the index in the list of such ids. */
static const uint32_t PH_DEAL_LEFT_OUT = 1u << 31;

/* So many bytes that freeing a chunk gives its memory back to the system, which the settled events then take. */
enum { PH_RAW_CHUNK_EVENTS = 16384 };
typedef struct ph_raw_chunk {
  struct ph_raw_chunk *next; /* in the order of reading */
  uint32_t *milliseconds;    /* by event; NULL: all are the start of their day */
  ph_raw_event events[PH_RAW_CHUNK_EVENTS];
} ph_raw_chunk;

/* The events of neighbouring slots, in the order of reading. Every chunk but the last is full. */
typedef struct ph_raw_region {
  ph_raw_chunk *first, *last;
  size_t last_count; /* events of the last chunk */
  ph_change *changes;
  size_t change_count, change_capacity;
  size_t amount_count; /* how many of the changes are of the amount */
  ph_day *recorded;    /* of meetings, the day */
  size_t meeting_count, meeting_capacity;
} ph_raw_region;

/* Events are parted by region while they are read, so that a region is settled in the processor's cache. */
typedef struct ph_raw_events {
  ph_raw_region *regions; /* by slot >> region_bits */
  size_t region_count;
  unsigned region_bits;
  uint32_t *slot_counts; /* by slot: its events in full chunks */
  size_t count;
  bool has_times; /* some instant is not the start of a day */
} ph_raw_events;

static inline size_t ph_raw_chunk_count(const ph_raw_region *region, const ph_raw_chunk *chunk) {
  return chunk == region->last ? region->last_count : PH_RAW_CHUNK_EVENTS;
}

/* Counts the events of a region's last chunk, if it has one, to their slots: when the chunk is full, and when all events are
** read. */
void ph_raw_events_count(const ph_raw_events *raw, const ph_raw_region *region);

/* Makes the regions for the slots of a map. After a failure the events can be ended. */
void ph_raw_events_begin(ph_raw_events *raw, const ph_id_map *map, ph_status *status);
void ph_raw_events_end(ph_raw_events *raw, const ph_memory *memory);

/* Fills history.events, and what of the deals depends on their events. Events without a deal are counted as
** problems. Regions are freed on the way. A helper may do half of them. */
void ph_settle(ph_history *history, const ph_id_map *map, const ph_id *left_out, ph_raw_events *raw,
               ph_status *status);

#endif
