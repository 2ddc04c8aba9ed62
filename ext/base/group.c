/* Groups as they turn up. See group.h. */
#include "group.h"

#include "sort.h"

#include <string.h>

void ph_groups_begin(ph_groups *groups, const ph_interner *names, ph_status *status) {
  *groups = (ph_groups){.memory = status->memory};
  groups->place_of_name = ph_allocate_zeroed(status, names->count, sizeof *groups->place_of_name);
  groups->names = ph_allocate(status, names->count, sizeof *groups->names);
}

void ph_groups_end(ph_groups *groups) {
  ph_release(groups->memory, groups->place_of_name);
  ph_release(groups->memory, groups->names);
}

void *ph_groups_row(ph_groups *groups, uint32_t name, void **rows, size_t *capacity, size_t size,
                    ph_status *status) {
  if (ph_failed(status)) return NULL; /* a group may have got a place but no row */
  size_t known = groups->count, place = ph_groups_place(groups, name);
  if (place == known) {
    if (!ph_reserve(status, rows, capacity, known + 1, size)) return NULL;
    memset((char *)*rows + place * size, 0, size);
  }
  return (char *)*rows + place * size;
}

typedef struct place_order {
  const ph_groups *groups;
  const ph_interner *names;
} place_order;

static int compare_places(const void *context, uint32_t left, uint32_t right) {
  const place_order *order = context;
  return ph_name_compare(order->names, order->groups->names[left], order->groups->names[right]);
}

uint32_t *ph_groups_order(const ph_groups *groups, const ph_interner *names, ph_status *status) {
  place_order order = {groups, names};
  return ph_sorted_indexes(groups->count, compare_places, &order, status);
}
