/*
** Groups as they turn up: a place for each name, in the order of coming, sorted by name at the
** end.
*/
#ifndef PH_BASE_GROUP_H
#define PH_BASE_GROUP_H

#include "intern.h"

/* Owns its memory; must be ended in any case. */
typedef struct ph_groups {
  const ph_memory *memory;
  uint32_t *place_of_name; /* place plus one, 0 = not seen */
  uint32_t *names;         /* by place */
  size_t count;
} ph_groups;

void ph_groups_begin(ph_groups *groups, const ph_interner *names, ph_status *status);
void ph_groups_end(ph_groups *groups);

/* The place of a name; the count before the call when it is new. */
static inline size_t ph_groups_place(ph_groups *groups, uint32_t name) {
  if (groups->place_of_name[name] == 0) {
    groups->names[groups->count] = name;
    groups->place_of_name[name] = (uint32_t)++groups->count;
  }
  return groups->place_of_name[name] - 1;
}

/* The element of a name in *rows, an array by place that grows with the groups: all bytes zero when the name
** is new. Good until the next call. NULL on failure. */
void *ph_groups_row(ph_groups *groups, uint32_t name, void **rows, size_t *capacity, size_t size,
                    ph_status *status);

/* The places in the order of names, missing first, then by bytes: a new block, the caller's. NULL on
** failure. */
uint32_t *ph_groups_order(const ph_groups *groups, const ph_interner *names, ph_status *status);

#endif
