/* Bytes that live and die together. See arena.h. */
#include "arena.h"

#include <string.h>

enum { SMALLEST_CHUNK_BYTES = 4096, LARGEST_CHUNK_BYTES = 1 << 20 };

typedef struct chunk {
  struct chunk *next;
  char bytes[];
} chunk;

void ph_arena_begin(ph_arena *arena, const ph_memory *memory) {
  *arena = (ph_arena){memory, NULL, 0, 0};
}

static bool add_chunk(ph_arena *arena, size_t needed, ph_status *status) {
  size_t bytes = arena->capacity * 2;
  if (bytes < SMALLEST_CHUNK_BYTES) bytes = SMALLEST_CHUNK_BYTES;
  if (bytes > LARGEST_CHUNK_BYTES) bytes = LARGEST_CHUNK_BYTES;
  if (bytes < needed) bytes = needed;
  chunk *added = bytes < SIZE_MAX - sizeof(chunk) ? ph_allocate(status, 1, sizeof(chunk) + bytes) : NULL;
  if (added == NULL) {
    ph_fail_memory(status);
    return false;
  }
  added->next = arena->chunks;
  arena->chunks = added;
  arena->used = 0;
  arena->capacity = bytes;
  return true;
}

char *ph_arena_take(ph_arena *arena, size_t length, ph_status *status) {
  if (ph_failed(status)) return NULL;
  bool fits = arena->chunks != NULL && arena->capacity - arena->used >= length;
  if (!fits && !add_chunk(arena, length, status)) return NULL;
  char *taken = ((chunk *)arena->chunks)->bytes + arena->used;
  arena->used += length;
  return taken;
}

const char *ph_arena_copy(ph_arena *arena, const char *bytes, size_t length, ph_status *status) {
  char *copy = ph_arena_take(arena, length + 1, status);
  if (copy == NULL) return NULL;
  if (length > 0) memcpy(copy, bytes, length);
  copy[length] = 0;
  return copy;
}

void ph_arena_end(ph_arena *arena) {
  for (chunk *next, *at = arena->chunks; at != NULL; at = next) {
    next = at->next;
    ph_release(arena->memory, at);
  }
  arena->chunks = NULL;
  arena->used = arena->capacity = 0;
}
