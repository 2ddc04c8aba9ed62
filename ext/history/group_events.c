/* Raw events become the events of each deal. See group_events.h. */
#include "group_events.h"

#include "../base/sort.h"

#include <string.h>

/* How many events ahead memory is asked for: where they go lies anywhere in their region. */
enum { EVENTS_AHEAD = 12 };

/* Up to so many events an insertion sort is faster than a merge sort. */
enum { FEW_EVENTS = 24 };

static void count_events(const ph_raw_events *raw, uint32_t *counts) {
  for (size_t number = 0; number < raw->region_count; number++) {
    const ph_raw_region *region = &raw->regions[number];
    for (const ph_raw_chunk *chunk = region->first; chunk != NULL; chunk = chunk->next) {
      size_t count = ph_raw_chunk_count(region, chunk);
      for (size_t event = 0; event < count; event++) counts[chunk->events[event].slot]++;
    }
  }
}

/* Turns the number of events of each slot into the index of its first event. */
static void place_slots(ph_history *history, const ph_id_map *map, uint32_t *counts) {
  uint32_t first = 0;
  for (size_t slot = 0; slot < map->slot_count; slot++)
    if (ph_slot_has_deal(map, slot)) history->deals[map->entries[slot] - 1].first_event = counts[slot];
  for (size_t deal = 0; deal < history->deal_count; deal++) {
    uint32_t count = history->deals[deal].first_event;
    history->deals[deal].first_event = first;
    first += count;
  }
  history->deals[history->deal_count].first_event = first;
  history->event_count = first;
  for (size_t slot = 0; slot < map->slot_count; slot++) {
    uint32_t count = counts[slot];
    if (ph_slot_has_deal(map, slot)) {
      counts[slot] = history->deals[map->entries[slot] - 1].first_event;
    } else {
      counts[slot] = first;
      first += count;
    }
  }
}

void ph_grouping_begin(ph_grouping *grouping, ph_history *history, const ph_id_map *map, ph_raw_events *raw,
                       ph_status *status) {
  *grouping = (ph_grouping){.history = history, .map = map, .raw = raw};
  grouping->next = ph_allocate_zeroed(status, map->slot_count, sizeof *grouping->next);
  if (raw->has_times)
    grouping->milliseconds = ph_allocate(status, raw->count, sizeof *grouping->milliseconds);
  history->events = ph_allocate(status, raw->count, sizeof *history->events);
  if (ph_failed(status)) return;
  count_events(raw, grouping->next);
  place_slots(history, map, grouping->next);
}

void ph_grouping_end(ph_grouping *grouping, const ph_memory *memory) {
  ph_release(memory, grouping->next);
  ph_release(memory, grouping->milliseconds);
}

/* How many changes and meetings of a region are grouped. */
typedef struct values {
  const ph_day *recorded;
  uint32_t changes, days;
} values;

/* The value of the next event: the index of its change, or the day on which it was recorded.
** There is no branch, because the kinds come in any order and a branch would often be guessed wrong. */
static inline uint32_t next_value(values *next, const ph_raw_event *event) {
  ph_kind kind = ph_key_kind(event->key);
  uint32_t is_change = ph_kind_is(kind, PH_IS_CHANGE),
           has_day = (event->key & PH_EVENT_AHEAD) != 0 || kind == PH_KIND_MEETING;
  uint32_t value = (next->changes & (0 - is_change)) | ((uint32_t)next->recorded[next->days] & (0 - has_day));
  next->changes += is_change;
  next->days += has_day;
  return value;
}

void ph_group_region(ph_grouping *grouping, ph_raw_region *region, ph_status *status) {
  ph_event *events = grouping->history->events;
  uint32_t *next = grouping->next, *milliseconds = grouping->milliseconds;
  /* next_value looks one behind the last day */
  ph_reserve(status, (void **)&region->recorded, &region->recorded_capacity, region->recorded_count + 1,
             sizeof *region->recorded);
  if (ph_failed(status)) return;
  region->recorded[region->recorded_count] = PH_DAY_NONE;
  values grouped = {.recorded = region->recorded};
  for (const ph_raw_chunk *chunk = region->first; chunk != NULL && ph_continue(status); chunk = chunk->next) {
    size_t count = ph_raw_chunk_count(region, chunk);
    for (size_t index = 0; index < count; index++) {
      const ph_raw_event *event = &chunk->events[index];
      if (index + EVENTS_AHEAD < count) ph_prefetch(&events[next[event[EVENTS_AHEAD].slot]]);
      uint32_t to = next[event->slot]++;
      events[to] = (ph_event){event->key, next_value(&grouped, event)};
      if (milliseconds != NULL)
        milliseconds[to] = chunk->milliseconds != NULL ? chunk->milliseconds[index] : 0;
    }
  }
}

ph_deal_events ph_grouped_events(const ph_grouping *grouping, const ph_deal *deal) {
  uint32_t first = deal->first_event;
  return (ph_deal_events){grouping->history->events + first,
                          grouping->milliseconds != NULL ? grouping->milliseconds + first : NULL,
                          deal[1].first_event - first};
}

int ph_compare_instants(const void *deal_events, uint32_t left, uint32_t right) {
  const ph_deal_events *deal = deal_events;
  ph_day left_day = ph_event_day(&deal->events[left]), right_day = ph_event_day(&deal->events[right]);
  if (left_day != right_day) return left_day < right_day ? -1 : 1;
  if (deal->milliseconds == NULL || deal->milliseconds[left] == deal->milliseconds[right]) return 0;
  return deal->milliseconds[left] < deal->milliseconds[right] ? -1 : 1;
}

static void swap_with_previous(const ph_deal_events *deal, uint32_t index) {
  ph_event event = deal->events[index];
  deal->events[index] = deal->events[index - 1];
  deal->events[index - 1] = event;
  if (deal->milliseconds == NULL) return;
  uint32_t millisecond = deal->milliseconds[index];
  deal->milliseconds[index] = deal->milliseconds[index - 1];
  deal->milliseconds[index - 1] = millisecond;
}

static void sort_few(const ph_deal_events *deal) {
  for (uint32_t sorted = 1; sorted < deal->count; sorted++)
    for (uint32_t index = sorted; index > 0 && ph_compare_instants(deal, index - 1, index) > 0; index--)
      swap_with_previous(deal, index);
}

static void sort_many(const ph_deal_events *deal, ph_status *status) {
  uint32_t count = deal->count;
  uint32_t *order = ph_sorted_indexes(count, ph_compare_instants, deal, status);
  ph_event *events = ph_allocate(status, count, sizeof *events);
  uint32_t *milliseconds =
      deal->milliseconds != NULL ? ph_allocate(status, count, sizeof *milliseconds) : NULL;
  if (!ph_failed(status)) {
    for (uint32_t index = 0; index < count; index++) {
      events[index] = deal->events[order[index]];
      if (milliseconds != NULL) milliseconds[index] = deal->milliseconds[order[index]];
    }
    memcpy(deal->events, events, count * sizeof *events);
    if (milliseconds != NULL) memcpy(deal->milliseconds, milliseconds, count * sizeof *milliseconds);
  }
  ph_release(status->memory, order);
  ph_release(status->memory, events);
  ph_release(status->memory, milliseconds);
}

void ph_sort_events(const ph_deal_events *deal, ph_status *status) {
  uint32_t ordered = 1;
  while (ordered < deal->count && ph_compare_instants(deal, ordered - 1, ordered) <= 0) ordered++;
  if (ordered >= deal->count) return;
  if (deal->count <= FEW_EVENTS) {
    sort_few(deal);
  } else {
    sort_many(deal, status);
  }
}
