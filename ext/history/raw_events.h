/*
** Raw events: what the rows of pipeline_event say, kept in the order of reading until all of them are there.
*/
#ifndef PH_HISTORY_RAW_EVENTS_H
#define PH_HISTORY_RAW_EVENTS_H

#include "id_map.h"

/* The old and the new value of a change. Stage, owner and forecast: numbers of history.names; close_date:
** days (PH_DAY_NONE when missing); amount: units (0 when missing). */
typedef struct ph_change {
  int64_t before, after;
} ph_change;

/* A row of pipeline_event. `change` holds for kinds that change a field, `recorded` for the others. */
typedef struct ph_event_row {
  ph_kind kind;
  ph_instant at, recorded;
  ph_change change;
} ph_event_row;

/* An event without the values of its row: the key of ph_event, and the slot of the deal's id in the id
** map. The values stand in lists of their region: the n-th change of a region has the n-th of changes, the
** n-th meeting or activity ahead the n-th of recorded. */
typedef struct ph_raw_event {
  uint32_t key, slot;
} ph_raw_event;

/* A chunk is large enough that an allocator gives its memory back to the system when it is freed; the
** grouped events then take that memory. */
enum { PH_RAW_CHUNK_EVENTS = 16384 };
typedef struct ph_raw_chunk {
  struct ph_raw_chunk *next; /* in the order of reading */
  uint32_t *milliseconds;    /* by event; NULL: every event is at the start of its day */
  ph_raw_event events[PH_RAW_CHUNK_EVENTS];
} ph_raw_chunk;

/* The events of neighbouring slots. Every chunk but the last is full. */
typedef struct ph_raw_region {
  ph_raw_chunk *first, *last;
  size_t last_count; /* events of the last chunk */
  ph_change *changes;
  size_t change_count, change_capacity;
  ph_day *recorded; /* the day on which each meeting and each activity ahead was recorded */
  size_t recorded_count, recorded_capacity;
} ph_raw_region;

/* Events go to the region of their slot while they are read, so that a region is grouped by deal within the
** processor's cache. */
typedef struct ph_raw_events {
  ph_raw_region *regions; /* by slot >> region_bits */
  size_t region_count;
  unsigned region_bits;
  size_t count;        /* of all events */
  size_t amount_count; /* how many of them change the amount */
  bool has_times;      /* some event is not at the start of its day */
} ph_raw_events;

static inline size_t ph_raw_chunk_count(const ph_raw_region *region, const ph_raw_chunk *chunk) {
  return chunk == region->last ? region->last_count : PH_RAW_CHUNK_EVENTS;
}

/* Makes empty regions for all slots of a map. After a failure the events can be ended. */
void ph_raw_events_begin(ph_raw_events *raw, const ph_id_map *map, ph_status *status);
void ph_raw_events_end(ph_raw_events *raw, const ph_memory *memory);

/* Appends the event of a row whose deal has the slot. A meeting that was recorded on an earlier day is
** also an implied commitment of that day (specification, section 1). */
void ph_raw_events_add(ph_raw_events *raw, uint32_t slot, const ph_event_row *row, ph_status *status);

/* Calls `visit` for each row that was added, with its slot: of one slot in the order of reading. Behind the
** rows of some slots, all of which it has then seen, it is called with NULL for the row. Where a kind or
** its days do not say when an activity was recorded, that is its own instant. */
typedef void ph_visit_row(void *context, uint32_t slot, const ph_event_row *row, ph_status *status);
void ph_raw_events_visit(const ph_raw_events *raw, ph_visit_row *visit, void *context, ph_status *status);

/* Frees what a region holds. */
void ph_raw_region_end(ph_raw_region *region, const ph_memory *memory);

#endif
