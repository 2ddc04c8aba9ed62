/* Raw events. See raw_events.h. */
#include "raw_events.h"

/* A region of 4096 slots with some ten events each fits in a processor's second cache. With more than 256
** regions the chunks that are being filled would not. */
enum { FEWEST_REGION_BITS = 12, MOST_REGIONS = 256 };

void ph_raw_events_begin(ph_raw_events *raw, const ph_id_map *map, ph_status *status) {
  *raw = (ph_raw_events){.region_bits = FEWEST_REGION_BITS};
  while (map->slot_capacity >> raw->region_bits >= MOST_REGIONS) raw->region_bits++;
  size_t region_count = (map->slot_capacity >> raw->region_bits) + 1;
  raw->regions = ph_allocate_zeroed(status, region_count, sizeof *raw->regions);
  if (raw->regions != NULL) raw->region_count = region_count;
}

void ph_raw_region_end(ph_raw_region *region, const ph_memory *memory) {
  for (ph_raw_chunk *next, *chunk = region->first; chunk != NULL; chunk = next) {
    next = chunk->next;
    ph_release(memory, chunk->milliseconds);
    ph_release(memory, chunk);
  }
  ph_release(memory, region->changes);
  ph_release(memory, region->recorded);
  *region = (ph_raw_region){0};
}

void ph_raw_events_end(ph_raw_events *raw, const ph_memory *memory) {
  for (size_t region = 0; region < raw->region_count; region++)
    ph_raw_region_end(&raw->regions[region], memory);
  ph_release(memory, raw->regions);
  *raw = (ph_raw_events){0};
}

static ph_raw_chunk *new_chunk(const ph_raw_events *raw, ph_raw_region *region, ph_status *status) {
  if (raw->count > UINT32_MAX - 2 * PH_RAW_CHUNK_EVENTS) {
    ph_fail(status, "pipeline_event: more than %lu events (expected fewer)", (unsigned long)raw->count);
    return NULL;
  }
  ph_raw_chunk *chunk = ph_allocate(status, 1, sizeof *chunk);
  if (chunk == NULL) return NULL;
  chunk->next = NULL;
  chunk->milliseconds = NULL;
  if (region->last != NULL) region->last->next = chunk;
  if (region->first == NULL) region->first = chunk;
  region->last = chunk;
  region->last_count = 0;
  return chunk;
}

/* The millisecond of the event that the chunk takes next. Most sources have dates alone. */
static void note_millisecond(ph_raw_region *region, uint32_t millisecond, ph_status *status) {
  ph_raw_chunk *chunk = region->last;
  if (chunk->milliseconds == NULL)
    chunk->milliseconds = ph_allocate_zeroed(status, PH_RAW_CHUNK_EVENTS, sizeof *chunk->milliseconds);
  if (chunk->milliseconds != NULL) chunk->milliseconds[region->last_count] = millisecond;
}

static inline void append(ph_raw_events *raw, ph_raw_region *region, ph_raw_event event, ph_instant at,
                          ph_status *status) {
  ph_raw_chunk *chunk = region->last;
  if (chunk == NULL || region->last_count == PH_RAW_CHUNK_EVENTS) chunk = new_chunk(raw, region, status);
  if (chunk == NULL) return;
  if (at.millisecond != 0) {
    note_millisecond(region, (uint32_t)at.millisecond, status);
    raw->has_times = true;
  }
  chunk->events[region->last_count++] = event;
  raw->count++;
}

static bool add_change(ph_raw_events *raw, ph_raw_region *region, const ph_event_row *row,
                       ph_status *status) {
  if (!ph_reserve(status, (void **)&region->changes, &region->change_capacity, region->change_count + 1,
                  sizeof *region->changes))
    return false;
  region->changes[region->change_count++] = row->change;
  raw->amount_count += ph_kind_of_change(row->kind) == PH_KIND_AMOUNT;
  return true;
}

static bool add_recorded(ph_raw_region *region, ph_day recorded, ph_status *status) {
  if (!ph_reserve(status, (void **)&region->recorded, &region->recorded_capacity, region->recorded_count + 1,
                  sizeof *region->recorded))
    return false;
  region->recorded[region->recorded_count++] = recorded;
  return true;
}

void ph_raw_events_add(ph_raw_events *raw, uint32_t slot, const ph_event_row *row, ph_status *status) {
  ph_raw_region *region = &raw->regions[slot >> raw->region_bits];
  bool is_change = ph_kind_is(row->kind, PH_IS_CHANGE);
  bool is_ahead = !is_change && row->recorded.day < row->at.day;
  if (is_change && !add_change(raw, region, row, status)) return;
  if ((is_ahead || row->kind == PH_KIND_MEETING) && !add_recorded(region, row->recorded.day, status)) return;
  uint32_t key = ph_event_key(row->at.day, row->kind, is_ahead ? PH_EVENT_AHEAD : 0);
  append(raw, region, (ph_raw_event){key, slot}, row->at, status);
  if (row->kind == PH_KIND_MEETING && is_ahead) {
    uint32_t implied = ph_event_key(row->recorded.day, PH_KIND_COMMITMENT, PH_EVENT_IMPLIED);
    append(raw, region, (ph_raw_event){implied, slot}, row->recorded, status);
  }
}

/* The row of an event of a region, whose changes and days are passed on. */
static ph_event_row row_of(const ph_raw_region *region, const ph_raw_chunk *chunk, size_t index,
                           size_t *changes, size_t *days) {
  uint32_t key = chunk->events[index].key;
  ph_event event = {key, 0};
  ph_event_row row = {.kind = ph_key_kind(key)};
  row.at = (ph_instant){ph_event_day(&event),
                        chunk->milliseconds != NULL ? (int32_t)chunk->milliseconds[index] : 0};
  row.recorded = row.at;
  if (ph_kind_is(row.kind, PH_IS_CHANGE)) row.change = region->changes[(*changes)++];
  if ((key & PH_EVENT_AHEAD) != 0 || row.kind == PH_KIND_MEETING)
    row.recorded = (ph_instant){region->recorded[(*days)++], 0};
  return row;
}

/* An implied commitment stands behind its meeting and tells at what time of its day that was recorded. */
static void visit_region(const ph_raw_region *region, ph_visit_row *visit, void *context, ph_status *status) {
  size_t changes = 0, days = 0;
  ph_event_row waiting = {0};
  uint32_t slot = 0;
  bool waits = false;
  for (const ph_raw_chunk *chunk = region->first; chunk != NULL; chunk = chunk->next) {
    size_t count = ph_raw_chunk_count(region, chunk);
    for (size_t index = 0; index < count && ph_continue(status); index++) {
      uint32_t key = chunk->events[index].key;
      if ((key & PH_EVENT_IMPLIED) != 0 && waits) {
        waiting.recorded.millisecond = chunk->milliseconds != NULL ? (int32_t)chunk->milliseconds[index] : 0;
        continue;
      }
      if (waits) visit(context, slot, &waiting, status);
      waiting = row_of(region, chunk, index, &changes, &days);
      slot = chunk->events[index].slot;
      waits = true;
    }
  }
  if (waits && !ph_failed(status)) visit(context, slot, &waiting, status);
}

void ph_raw_events_visit(const ph_raw_events *raw, ph_visit_row *visit, void *context, ph_status *status) {
  for (size_t region = 0; region < raw->region_count && !ph_failed(status); region++) {
    visit_region(&raw->regions[region], visit, context, status);
    if (!ph_failed(status)) visit(context, 0, NULL, status);
  }
}
