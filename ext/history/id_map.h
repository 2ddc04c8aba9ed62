/*
** Finds a deal by its id.
**
** Every id of the map has a slot, a small number. Integers that lie close together, as an export numbers
** them, are their own slots, so that finding one touches no memory. All other ids stand in a hash table that
** holds their bytes themselves, for the ids of neighbouring events lie anywhere in it and each other place in
** memory to look at would cost as much again.
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

/* A place of the hash table: words and length of a key, and its slot plus one, 0 when it is empty. */
typedef struct ph_id_place {
  uint64_t words[PH_ID_KEY_WORDS];
  uint32_t length, slot;
} ph_id_place;

typedef struct ph_id_map {
  const ph_memory *memory;
  const ph_text *ids; /* history.ids */
  uint32_t *entries;  /* by slot, what the user puts there, 0 at first; the dense integers come first */
  uint32_t nobody;    /* the first slot behind them: of no id, for what belongs to none */
  size_t slot_count, slot_capacity;
  int64_t lowest;     /* of the dense integers */
  size_t dense_count; /* 0: integers are hashed like texts */
  ph_id_place *places;
  size_t place_count;
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

/* Brings what finding the key touches nearer to the processor. Keys with neighbouring hashes touch
** neighbouring memory. */
void ph_id_map_prefetch(const ph_id_map *map, const ph_id_key *key);

#endif
