/*
** Keys of the tables that views look up in (see function_lookup.c): each different one has a number, from 1.
**
** A key is an integer or a text; 41, '41', 41.0 and '41.0' are one. NULL and an empty text are none. Integers
** that grow from key to key, as the ids of most exports do, stand in a plain array: nothing is hashed, and
** where they are asked for in their order, too, the next one is the next place in memory. The first key that
** breaks the order moves them to a hash table.
*/
#ifndef PH_SQLITE_LOOKUP_KEYS_H
#define PH_SQLITE_LOOKUP_KEYS_H

#include "host.h"

/* An entry of the hash table of integers; number 0: it is empty. */
typedef struct ph_integer_key {
  int64_t integer;
  uint32_t number;
} ph_integer_key;

typedef struct ph_lookup_keys {
  ph_status *status;
  uint32_t count;
  int64_t *growing; /* by number - 1, until a key breaks the order */
  size_t growing_capacity;
  size_t found; /* where in it the last one was found */
  bool is_spread;
  ph_integer_key *integers;               /* from then on */
  size_t integer_count, integer_capacity; /* the capacity is a power of two */
  ph_interner names;                      /* texts that are no integers, */
  uint32_t *numbers;                      /* and their numbers by those of the interner; 0: it has none */
  size_t number_count, number_capacity;
} ph_lookup_keys;

/* The status outlives the keys. */
void ph_lookup_keys_begin(ph_lookup_keys *keys, ph_status *status);
void ph_lookup_keys_end(ph_lookup_keys *keys);

/* The number of a key, a new one where it has none; 0 where it is NULL or empty, and without memory. */
uint32_t ph_lookup_keys_add(ph_lookup_keys *keys, sqlite3_value *key);

/* The number of a key; 0 where it is unknown. */
uint32_t ph_lookup_keys_find(ph_lookup_keys *keys, sqlite3_value *key);

#endif
