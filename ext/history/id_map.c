/* The room that finds a deal by its id. See id_map.h. */
#include "id_map.h"

typedef struct range {
  int64_t lowest, highest;
  size_t count;
} range;

static void widen(range *integers, int64_t id) {
  if (integers->count++ == 0) integers->lowest = integers->highest = id;
  if (id < integers->lowest) integers->lowest = id;
  if (id > integers->highest) integers->highest = id;
}

void ph_id_map_begin(ph_id_map *map, const ph_history *history, const ph_id *left_out, size_t left_out_count,
                     ph_status *status) {
  *map = (ph_id_map){.memory = status->memory};
  range integers = {0, 0, 0};
  for (size_t index = 0; index < history->deal_count; index++)
    if (!history->deals[index].id_is_text) widen(&integers, history->deals[index].id);
  for (size_t index = 0; index < left_out_count; index++)
    if (!left_out[index].is_text) widen(&integers, left_out[index].value);
  map->text_count = history->ids.count;
  map->by_text = ph_allocate_zeroed(status, map->text_count, sizeof *map->by_text);
  if (integers.count == 0) return;
  uint64_t width = (uint64_t)integers.highest - (uint64_t)integers.lowest;
  if (width < (uint64_t)integers.count * 8 + 1024) {
    map->lowest = integers.lowest;
    map->dense_count = (size_t)width + 1;
    map->dense = ph_allocate_zeroed(status, map->dense_count, sizeof *map->dense);
    return;
  }
  size_t slots = 64;
  while (slots < integers.count * 2) slots *= 2;
  map->keys = ph_allocate(status, slots, sizeof *map->keys);
  map->values = ph_allocate_zeroed(status, slots, sizeof *map->values);
  map->mask = slots - 1;
}

void ph_id_map_end(ph_id_map *map) {
  if (map->memory == NULL) return;
  ph_release(map->memory, map->dense);
  ph_release(map->memory, map->keys);
  ph_release(map->memory, map->values);
  ph_release(map->memory, map->by_text);
}

static size_t first_slot(const ph_id_map *map, int64_t integer) {
  return (size_t)((uint64_t)integer * 0x9E3779B97F4A7C15u >> 20) & map->mask;
}

void ph_id_map_prefetch(const ph_id_map *map, int64_t integer) {
  uint64_t place = (uint64_t)integer - (uint64_t)map->lowest;
  if (map->dense != NULL) {
    if (place < map->dense_count) ph_prefetch(&map->dense[place]);
  } else if (map->mask != 0) {
    ph_prefetch(&map->keys[first_slot(map, integer)]);
    ph_prefetch(&map->values[first_slot(map, integer)]);
  }
}

uint32_t *ph_id_map_entry(const ph_id_map *map, ph_id id) {
  if (id.is_text) return (uint64_t)id.value < map->text_count ? &map->by_text[id.value] : NULL;
  if (map->dense != NULL) {
    uint64_t place = (uint64_t)id.value - (uint64_t)map->lowest;
    return place < map->dense_count ? &map->dense[place] : NULL;
  }
  if (map->mask == 0) return NULL;
  size_t slot = first_slot(map, id.value);
  while (map->values[slot] != 0 && map->keys[slot] != id.value) slot = (slot + 1) & map->mask;
  map->keys[slot] = id.value; /* an empty slot takes the key; its value is the caller's */
  return &map->values[slot];
}
