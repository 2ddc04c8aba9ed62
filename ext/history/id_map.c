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

static range range_of_integers(const ph_history *history, const ph_id *left_out, size_t left_out_count) {
  range integers = {0, 0, 0};
  for (size_t index = 0; index < history->deal_count; index++)
    if (!history->deals[index].id_is_text) widen(&integers, history->deals[index].id);
  for (size_t index = 0; index < left_out_count; index++)
    if (!left_out[index].is_text) widen(&integers, left_out[index].value);
  return integers;
}

void ph_id_map_begin(ph_id_map *map, const ph_history *history, const ph_id *left_out, size_t left_out_count,
                     ph_status *status) {
  *map = (ph_id_map){.memory = status->memory, .text_count = history->ids.count};
  range integers = range_of_integers(history, left_out, left_out_count);
  uint64_t width = (uint64_t)integers.highest - (uint64_t)integers.lowest;
  size_t hashed = 0;
  if (integers.count > 0 && width < (uint64_t)integers.count * 8 + 1024) {
    map->lowest = integers.lowest;
    map->dense_count = (size_t)width + 1;
  } else if (integers.count > 0) {
    size_t places = 64;
    hashed = integers.count;
    while (places < hashed * 2) places *= 2;
    map->integers = ph_allocate(status, hashed, sizeof *map->integers);
    map->places = ph_allocate_zeroed(status, places, sizeof *map->places);
    map->mask = places - 1;
  }
  map->slot_count = map->dense_count + map->text_count + hashed;
  if (map->slot_count >= UINT32_MAX) ph_fail(status, "pipeline_deal: more ids than can be told apart");
  map->entries = ph_allocate_zeroed(status, map->slot_count, sizeof *map->entries);
}

void ph_id_map_end(ph_id_map *map) {
  if (map->memory == NULL) return;
  ph_release(map->memory, map->entries);
  ph_release(map->memory, map->integers);
  ph_release(map->memory, map->places);
}

static size_t first_place(const ph_id_map *map, int64_t integer) {
  return (size_t)((uint64_t)integer * 0x9E3779B97F4A7C15u >> 20) & map->mask;
}

void ph_id_map_prefetch(const ph_id_map *map, int64_t integer) {
  if (map->mask != 0) ph_prefetch(&map->places[first_place(map, integer)]);
}

/* The place of the hash that holds the integer, or the empty one where it belongs. */
static uint32_t *find_place(const ph_id_map *map, int64_t integer) {
  size_t place = first_place(map, integer);
  while (map->places[place] != 0 && map->integers[map->places[place] - 1] != integer)
    place = (place + 1) & map->mask;
  return &map->places[place];
}

uint32_t ph_id_map_add(ph_id_map *map, ph_id id) {
  if (!id.is_text && map->mask != 0) {
    uint32_t *place = find_place(map, id.value);
    if (*place == 0) {
      map->integers[map->integer_count] = id.value;
      *place = (uint32_t)++map->integer_count;
    }
  }
  return ph_id_map_find(map, id);
}

uint32_t ph_id_map_find(const ph_id_map *map, ph_id id) {
  if (id.is_text)
    return (uint64_t)id.value < map->text_count ? (uint32_t)(map->dense_count + (size_t)id.value)
                                                : UINT32_MAX;
  if (map->mask == 0) {
    uint64_t slot = (uint64_t)id.value - (uint64_t)map->lowest;
    return slot < map->dense_count ? (uint32_t)slot : UINT32_MAX;
  }
  uint32_t place = *find_place(map, id.value);
  return place != 0 ? (uint32_t)(map->text_count + place - 1) : UINT32_MAX;
}

ph_id ph_id_map_id(const ph_id_map *map, uint32_t slot) {
  if (slot < map->dense_count) return (ph_id){(int64_t)((uint64_t)map->lowest + slot), false};
  slot -= (uint32_t)map->dense_count;
  if (slot < map->text_count) return (ph_id){slot, true};
  return (ph_id){map->integers[slot - map->text_count], false};
}
