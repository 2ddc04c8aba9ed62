/*
** Key classes: the prefixes of keys that were ever seen, each with a number.
*/
#ifndef PH_MEASURE_KEY_CLASS_H
#define PH_MEASURE_KEY_CLASS_H

#include "deal_key.h"

typedef struct ph_key_class {
  ph_deal_key prefix;
  uint32_t above; /* the number of the next shorter prefix; for that of all its own */
  uint8_t rung;
} ph_key_class;

/* Where a class is found by its prefix and rung, without a look at the class. */
typedef struct ph_key_class_entry {
  uint64_t name;   /* the prefix and the rung */
  uint32_t number; /* of the class plus one, 0 = empty */
} ph_key_class_entry;

/* A class stands behind those above it; class 0 is that of all. Owns its memory. */
typedef struct ph_key_classes {
  const ph_memory *memory;
  ph_key_class *classes;
  size_t count, capacity;
  ph_key_class_entry *map; /* hash table */
  size_t map_mask;
} ph_key_classes;

void ph_key_classes_begin(ph_key_classes *classes, ph_status *status);
void ph_key_classes_end(ph_key_classes *classes);
size_t ph_key_classes_bytes(const ph_key_classes *classes);

/* The number of the class of a whole key, which is made, with those above it, where it is new. */
uint32_t ph_key_classes_take(ph_key_classes *classes, ph_deal_key key, ph_status *status);

/* The number of the finest class of a key down to a rung. There must be a class. */
uint32_t ph_key_classes_find(const ph_key_classes *classes, ph_deal_key key, ph_rung rung);

#endif
