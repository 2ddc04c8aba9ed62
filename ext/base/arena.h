/*
** Bytes that live and die together: texts kept for the life of a history.
*/
#ifndef PH_BASE_ARENA_H
#define PH_BASE_ARENA_H

#include "status.h"

typedef struct ph_arena {
  const ph_memory *memory;
  void *chunks; /* a list, newest first */
  size_t used, capacity;
} ph_arena;

void ph_arena_begin(ph_arena *arena, const ph_memory *memory);

/* Bytes to be written, which no zero closes; NULL without memory. */
char *ph_arena_take(ph_arena *arena, size_t length, ph_status *status);

/* A copy of the bytes with a closing zero, owned by the arena; NULL without memory. */
const char *ph_arena_copy(ph_arena *arena, const char *bytes, size_t length, ph_status *status);

void ph_arena_end(ph_arena *arena);

#endif
