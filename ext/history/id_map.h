/*
** The room that finds a deal by its id.
**
** Integers that lie close together, as an export numbers them, are looked up in an array; others by hashing.
** Texts are looked up by their number in history.ids.
*/
#ifndef PH_HISTORY_ID_MAP_H
#define PH_HISTORY_ID_MAP_H

#include "history.h"

typedef struct ph_id {
  int64_t value; /* the integer, or a number of history.ids */
  bool is_text;
} ph_id;

typedef struct ph_id_map {
  const ph_memory *memory;
  int64_t lowest;  /* of the dense array */
  uint32_t *dense; /* by integer - lowest */
  size_t dense_count;
  int64_t *keys; /* of the hash, beside its values */
  uint32_t *values;
  size_t mask; /* 0: no hash */
  uint32_t *by_text;
  size_t text_count;
} ph_id_map;

/* Room for every id of the two lists. Nothing is entered yet. */
void ph_id_map_begin(ph_id_map *map, const ph_history *history, const ph_id *left_out, size_t left_out_count,
                     ph_status *status);
void ph_id_map_end(ph_id_map *map);

/* The entry of an id: 0 when there is none, else what was put there. NULL for an id the map has no room
** for. */
uint32_t *ph_id_map_entry(const ph_id_map *map, ph_id id);

/* Brings the entry of an integer nearer to the processor. */
void ph_id_map_prefetch(const ph_id_map *map, int64_t integer);

#endif
