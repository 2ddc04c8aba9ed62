/*
** Finds a deal by its id.
**
** Every id of the map has a slot, a small number. Integers that lie close together, as exports number them,
** are their own slots: finding one touches no memory. All other ids are in a hash table whose buckets hold
** the bytes of short ids themselves, so that a look-up touches one piece of memory and not two.
*/
#ifndef PH_HISTORY_ID_MAP_H
#define PH_HISTORY_ID_MAP_H

#include "history.h"

typedef struct ph_id {
  int64_t value; /* the integer, or the index of the text in history.ids */
  bool is_text;
} ph_id;

enum { PH_ID_KEY_WORDS = 3, PH_ID_KEY_BYTES = 24 };

/* What an id is looked up by. A text of up to 24 bytes is its own key. */
typedef struct ph_id_key {
  uint64_t words[PH_ID_KEY_WORDS]; /* the integer; the first, middle and last bytes of a text; of a long one a
                                      hash and the index in history.ids */
  uint32_t length;                 /* of the text; PH_ID_KEY_INTEGER */
  uint32_t hash;
} ph_id_key;

static const uint32_t PH_ID_KEY_INTEGER = UINT32_MAX;
static const uint32_t PH_NO_SLOT = UINT32_MAX;

/* This bit of an entry: the row of the deal was left out; the other bits are its index in the list of such
** ids. */
static const uint32_t PH_DEAL_LEFT_OUT = 1u << 31;

/* A bucket of the hash table: words and length of a key, and its slot plus one, 0 when it is empty. */
typedef struct ph_id_bucket {
  uint64_t words[PH_ID_KEY_WORDS];
  uint32_t length, slot;
} ph_id_bucket;

typedef struct ph_id_map {
  const ph_memory *memory;
  const ph_text *ids; /* history.ids */
  uint32_t *entries;  /* by slot: the index of the deal plus one; 0: no deal; or PH_DEAL_LEFT_OUT */
  uint32_t nobody;    /* the slot of events without any id of the map: the first behind the dense integers */
  size_t slot_count, slot_capacity;
  int64_t lowest;     /* of the dense integers */
  size_t dense_count; /* 0: integers are hashed like texts */
  ph_id_bucket *buckets;
  size_t bucket_count;
} ph_id_map;

/* Room for the ids of all deals of the history and for those of the list. Nothing is entered yet. */
void ph_id_map_begin(ph_id_map *map, const ph_history *history, const ph_id *others, size_t other_count,
                     ph_status *status);
/* Frees what only looking ids up needs; the entries stay. */
void ph_id_map_forget_keys(ph_id_map *map);
void ph_id_map_end(ph_id_map *map);

void ph_id_key_set_integer(ph_id_key *key, int64_t integer);
void ph_id_key_set_text(ph_id_key *key, const char *text, size_t length);
/* The text of a key that is its own. */
void ph_id_key_text(const ph_id_key *key, char text[PH_ID_KEY_BYTES]);

/* The slot of one of the ids that begin made room for. */
uint32_t ph_id_map_add(ph_id_map *map, ph_id id);

/* The slot of an id, PH_NO_SLOT when it has none. `text` is that of the key; NULL for an integer and for a
** text that is its own key. */
uint32_t ph_id_map_find(const ph_id_map *map, const ph_id_key *key, const char *text);

/* The slot of an integer where dense_count is not 0. */
static inline uint32_t ph_id_map_dense_slot(const ph_id_map *map, int64_t integer) {
  uint64_t slot = (uint64_t)integer - (uint64_t)map->lowest;
  return slot < map->dense_count ? (uint32_t)slot : PH_NO_SLOT;
}

static inline bool ph_slot_has_deal(const ph_id_map *map, size_t slot) {
  return map->entries[slot] != 0 && !(map->entries[slot] & PH_DEAL_LEFT_OUT);
}

/* Brings what finding the key touches nearer to the processor. Keys with neighbouring hashes touch
** neighbouring memory. */
void ph_id_map_prefetch(const ph_id_map *map, const ph_id_key *key);

#endif
