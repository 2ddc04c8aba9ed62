/* Key classes. See key_class.h. */
#include "key_class.h"

static uint64_t name_of(ph_deal_key prefix, unsigned rung) {
  return prefix << 4 | rung;
}

static size_t hash_of(uint64_t name) {
  uint64_t hash = name * UINT64_C(0x9E3779B97F4A7C15);
  return (size_t)(hash ^ hash >> 29);
}

/* Where a class is in the map, or where it would be: then the entry is empty. */
static ph_key_class_entry *entry_of(const ph_key_classes *classes, uint64_t name) {
  size_t at = hash_of(name) & classes->map_mask;
  while (classes->map[at].number != 0 && classes->map[at].name != name) at = (at + 1) & classes->map_mask;
  return &classes->map[at];
}

/* At most half of the map is full. */
static void grow_map(ph_key_classes *classes, ph_status *status) {
  size_t size = classes->map == NULL ? 1024 : 2 * (classes->map_mask + 1);
  ph_key_class_entry *map = ph_allocate_zeroed(status, size, sizeof *map);
  if (map == NULL) return;
  ph_release(classes->memory, classes->map);
  classes->map = map;
  classes->map_mask = size - 1;
  for (size_t class = 0; class < classes->count; class ++) {
    uint64_t name = name_of(classes->classes[class].prefix, classes->classes[class].rung);
    *entry_of(classes, name) = (ph_key_class_entry){name, (uint32_t) class + 1};
  }
}

void ph_key_classes_begin(ph_key_classes *classes, ph_status *status) {
  *classes = (ph_key_classes){.memory = status->memory};
  grow_map(classes, status);
}

void ph_key_classes_end(ph_key_classes *classes) {
  if (classes->memory == NULL) return;
  ph_release(classes->memory, classes->classes);
  ph_release(classes->memory, classes->map);
  *classes = (ph_key_classes){0};
}

size_t ph_key_classes_bytes(const ph_key_classes *classes) {
  if (classes->map == NULL) return 0;
  return classes->capacity * sizeof *classes->classes + (classes->map_mask + 1) * sizeof *classes->map;
}

static uint32_t class_at(ph_key_classes *classes, ph_deal_key key, unsigned rung, ph_status *status) {
  ph_deal_key prefix = key >> ph_bits_below((ph_rung)rung);
  if (ph_failed(status)) return 0;
  uint64_t name = name_of(prefix, rung);
  uint32_t found = entry_of(classes, name)->number;
  if (found != 0) return found - 1;
  uint32_t above = rung == PH_RUNG_ALL ? 0 : class_at(classes, key, rung - 1, status);
  if (!ph_reserve(status, (void **)&classes->classes, &classes->capacity, classes->count + 1,
                  sizeof *classes->classes))
    return 0;
  if (2 * classes->count >= classes->map_mask) grow_map(classes, status);
  if (ph_failed(status)) return 0;
  classes->classes[classes->count] = (ph_key_class){prefix, above, (uint8_t)rung};
  *entry_of(classes, name) = (ph_key_class_entry){name, (uint32_t)++classes->count};
  return (uint32_t)classes->count - 1;
}

uint32_t ph_key_classes_take(ph_key_classes *classes, ph_deal_key key, ph_status *status) {
  return class_at(classes, key, PH_RUNG_IN_STAGE, status);
}

uint32_t ph_key_classes_find(const ph_key_classes *classes, ph_deal_key key, ph_rung rung) {
  unsigned down = rung;
  uint32_t found = 0;
  do found = entry_of(classes, name_of(key >> ph_bits_below((ph_rung)down), down))->number;
  while (found == 0 && down-- > PH_RUNG_ALL);
  return found > 0 ? found - 1 : 0;
}
