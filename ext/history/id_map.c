/* Finds a deal by its id. See id_map.h. */
#include "id_map.h"

#include "../base/bytes.h"

#include <string.h>

typedef struct range {
  int64_t lowest, highest;
  size_t count;
} range;

static void widen(range *integers, int64_t id) {
  if (integers->count++ == 0) integers->lowest = integers->highest = id;
  if (id < integers->lowest) integers->lowest = id;
  if (id > integers->highest) integers->highest = id;
}

static range range_of_integers(const ph_history *history, const ph_id *others, size_t other_count) {
  range integers = {0, 0, 0};
  for (size_t index = 0; index < history->deal_count; index++)
    if (!history->deals[index].id_is_text) widen(&integers, history->deals[index].id);
  for (size_t index = 0; index < other_count; index++)
    if (!others[index].is_text) widen(&integers, others[index].value);
  return integers;
}

void ph_id_map_begin(ph_id_map *map, const ph_history *history, const ph_id *others, size_t other_count,
                     ph_status *status) {
  *map = (ph_id_map){.memory = status->memory, .ids = history->ids};
  range integers = range_of_integers(history, others, other_count);
  uint64_t width = (uint64_t)integers.highest - (uint64_t)integers.lowest;
  size_t hashed = history->deal_count + other_count;
  if (integers.count > 0 && width < (uint64_t)integers.count * 8 + 1024) {
    map->lowest = integers.lowest;
    map->dense_count = (size_t)width + 1;
    hashed -= integers.count;
  }
  map->nobody = (uint32_t)map->dense_count;
  map->slot_count = map->dense_count + 1;
  map->slot_capacity = map->slot_count + hashed;
  if (map->slot_capacity >= PH_NO_SLOT) ph_fail(status, "pipeline_deal: more ids than can be told apart");
  map->entries = ph_allocate_zeroed(status, map->slot_capacity, sizeof *map->entries);
  if (hashed == 0) return;
  map->bucket_count = hashed + hashed / 2 + 1;
  map->buckets = ph_allocate_zeroed(status, map->bucket_count, sizeof *map->buckets);
}

void ph_id_map_forget_keys(ph_id_map *map) {
  ph_release(map->memory, map->buckets);
  map->buckets = NULL;
  map->bucket_count = 0;
}

void ph_id_map_end(ph_id_map *map) {
  if (map->memory == NULL) return;
  ph_release(map->memory, map->entries);
  ph_release(map->memory, map->buckets);
}

static void set_key(ph_id_key *key, uint64_t first, uint64_t middle, uint64_t last, uint32_t length) {
  key->words[0] = first;
  key->words[1] = middle;
  key->words[2] = last;
  key->length = length;
  key->hash = (uint32_t)ph_mix(ph_mix(ph_mix(length, first), middle), last);
}

void ph_id_key_set_integer(ph_id_key *key, int64_t integer) {
  set_key(key, (uint64_t)integer, 0, 0, PH_ID_KEY_INTEGER);
}

static void set_long_text(ph_id_key *key, const char *text, size_t length) {
  uint64_t hash = 0;
  for (size_t at = 0; at + 8 <= length; at += 8) hash = ph_mix(hash, ph_load_word(text + at));
  set_key(key, ph_mix(hash, ph_load_word(text + length - 8)), 0, 0, (uint32_t)length);
}

/* The first eight bytes, the next eight where there are more than sixteen, and the last eight, which may
** overlap: whole words, whatever the length. */
void ph_id_key_set_text(ph_id_key *key, const char *text, size_t length) {
  if (length > PH_ID_KEY_BYTES) {
    set_long_text(key, text, length);
  } else if (length < PH_WORD_BYTES) {
    char bytes[PH_WORD_BYTES] = {0};
    memcpy(bytes, text, length);
    set_key(key, ph_load_word(bytes), 0, 0, (uint32_t)length);
  } else {
    uint64_t middle = length > 16 ? ph_load_word(text + 8) : 0;
    set_key(key, ph_load_word(text), middle, ph_load_word(text + length - 8), (uint32_t)length);
  }
}

void ph_id_key_text(const ph_id_key *key, char text[PH_ID_KEY_BYTES]) {
  memcpy(text, &key->words[0], 8);
  if (key->length > 16) memcpy(text + 8, &key->words[1], 8);
  if (key->length >= 8) memcpy(text + key->length - 8, &key->words[2], 8);
}

static size_t first_bucket(const ph_id_map *map, const ph_id_key *key) {
  return (size_t)((uint64_t)key->hash * map->bucket_count >> 32);
}

void ph_id_map_prefetch(const ph_id_map *map, const ph_id_key *key) {
  if (map->bucket_count > 0) ph_prefetch(&map->buckets[first_bucket(map, key)]);
}

static bool holds(const ph_id_map *map, const ph_id_bucket *bucket, const ph_id_key *key, const char *text) {
  if (bucket->length != key->length || bucket->words[0] != key->words[0]) return false;
  if (text != NULL && key->length > PH_ID_KEY_BYTES)
    return memcmp(map->ids[bucket->words[1]].text, text, key->length) == 0;
  return bucket->words[1] == key->words[1] && bucket->words[2] == key->words[2];
}

/* The bucket that holds the key, or the empty one where it belongs. */
static size_t find_bucket(const ph_id_map *map, const ph_id_key *key, const char *text) {
  size_t bucket = first_bucket(map, key);
  while (map->buckets[bucket].slot != 0 && !holds(map, &map->buckets[bucket], key, text))
    bucket = bucket + 1 < map->bucket_count ? bucket + 1 : 0;
  return bucket;
}

uint32_t ph_id_map_find(const ph_id_map *map, const ph_id_key *key, const char *text) {
  if (key->length == PH_ID_KEY_INTEGER && map->dense_count > 0)
    return ph_id_map_dense_slot(map, (int64_t)key->words[0]);
  if (map->bucket_count == 0) return PH_NO_SLOT;
  const ph_id_bucket *bucket = &map->buckets[find_bucket(map, key, text)];
  return bucket->slot != 0 ? bucket->slot - 1 : PH_NO_SLOT;
}

uint32_t ph_id_map_add(ph_id_map *map, ph_id id) {
  const ph_text *text = id.is_text ? &map->ids[id.value] : NULL;
  ph_id_key key;
  if (text == NULL && map->dense_count > 0) return ph_id_map_dense_slot(map, id.value);
  if (text != NULL) {
    ph_id_key_set_text(&key, text->text, text->length);
  } else {
    ph_id_key_set_integer(&key, id.value);
  }
  ph_id_bucket *bucket = &map->buckets[find_bucket(map, &key, text != NULL ? text->text : NULL)];
  if (bucket->slot == 0) {
    memcpy(bucket->words, key.words, sizeof key.words);
    if (text != NULL && key.length > PH_ID_KEY_BYTES) bucket->words[1] = (uint64_t)id.value;
    bucket->length = key.length;
    bucket->slot = (uint32_t)++map->slot_count;
  }
  return bucket->slot - 1;
}
