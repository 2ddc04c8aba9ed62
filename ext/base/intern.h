/*
** Names: each different text once, known by a small number. Number 0 is the missing name.
*/
#ifndef PH_BASE_INTERN_H
#define PH_BASE_INTERN_H

#include "arena.h"

/* Bytes that somebody else owns. */
typedef struct ph_text {
  const char *text;
  size_t length;
} ph_text;

/* Byte order; of two texts that begin alike the shorter is the first. */
int ph_text_compare(const ph_text *left, const ph_text *right);

typedef struct ph_name {
  const char *text; /* NULL for number 0 */
  uint32_t length;
  uint32_t hash;
} ph_name;

typedef struct ph_interner {
  ph_arena texts;
  ph_name *names; /* by number, from 0 */
  size_t capacity;
  uint32_t count; /* numbers in use, the missing name included */
  uint32_t *slots;
  uint32_t slot_mask;
} ph_interner;

/* After a failure of begin the interner can be ended. */
void ph_interner_begin(ph_interner *interner, ph_status *status);
void ph_interner_end(ph_interner *interner, const ph_memory *memory);

/* The number of a text, given a new one when it has none. 0 on failure. */
uint32_t ph_intern(ph_interner *interner, const char *text, size_t length, ph_status *status);

/* The number of a text, or 0 when it is unknown. */
uint32_t ph_interned(const ph_interner *interner, const char *text, size_t length);

/* Byte order of two names by number; the missing name is the first. */
int ph_name_compare(const ph_interner *interner, uint32_t left, uint32_t right);

#endif
