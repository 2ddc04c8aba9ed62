/*
** The room that finds a deal by its id.
**
** Integers that lie close together, as an export numbers them, are their own slots in an array, so that finding
** one touches no memory; others are hashed. Texts go by their number in history.ids.
*/
#ifndef PH_HISTORY_ID_MAP_H
#define PH_HISTORY_ID_MAP_H

#include "history.h"

typedef struct ph_id {
  int64_t value; /* the integer, or a number of history.ids */
  bool is_text;
} ph_id;

/* Every id of a map has a slot; a slot has an entry. */
typedef struct ph_id_map {
  const ph_memory *memory;
  uint32_t
      *entries; /* by slot, 0 at first: first the dense integers, then the texts, then the hashed integers */
  size_t slot_count;
  int64_t lowest;     /* of the dense integers */
  size_t dense_count; /* the integers from lowest on; slots of their own whether they are ids or not */
  size_t text_count;
  int64_t *integers;          /* the hashed ones, in the order of their slots */
  uint32_t *places;           /* by hash: number in integers plus one */
  size_t integer_count, mask; /* mask 0: no hash */
} ph_id_map;

/* Room for every id of the two lists. Nothing is entered yet. */
void ph_id_map_begin(ph_id_map *map, const ph_history *history, const ph_id *left_out, size_t left_out_count,
                     ph_status *status);
void ph_id_map_end(ph_id_map *map);

/* The slot of one of the ids that begin made room for. */
uint32_t ph_id_map_add(ph_id_map *map, ph_id id);

/* The slot of any id; UINT32_MAX when the map has none for it. */
uint32_t ph_id_map_find(const ph_id_map *map, ph_id id);

/* The id of a slot. */
ph_id ph_id_map_id(const ph_id_map *map, uint32_t slot);

/* Brings what finding an integer touches nearer to the processor. */
void ph_id_map_prefetch(const ph_id_map *map, int64_t integer);

#endif
