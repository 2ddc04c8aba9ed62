/* Sorting. See sort.h. */
#include "sort.h"

#include <string.h>

enum { SHORT_RUN = 16 };

static void sort_short_run(uint32_t *indexes, size_t count, ph_compare compare, const void *context) {
  for (size_t sorted = 1; sorted < count; sorted++) {
    uint32_t moved = indexes[sorted];
    size_t place = sorted;
    for (; place > 0 && compare(context, indexes[place - 1], moved) > 0; place--)
      indexes[place] = indexes[place - 1];
    indexes[place] = moved;
  }
}

static void merge(const uint32_t *left, size_t left_count, const uint32_t *right, size_t right_count,
                  uint32_t *merged, ph_compare compare, const void *context, ph_status *status) {
  while (left_count > 0 && right_count > 0 && ph_continue(status)) {
    if (compare(context, *left, *right) <= 0) {
      *merged++ = *left++;
      left_count--;
    } else {
      *merged++ = *right++;
      right_count--;
    }
  }
  memcpy(merged, left, left_count * sizeof *left);
  memcpy(merged + left_count, right, right_count * sizeof *right);
}

void ph_sort_indexes(uint32_t *indexes, size_t count, ph_compare compare, const void *context,
                     ph_status *status) {
  for (size_t first = 0; first < count && ph_continue(status); first += SHORT_RUN)
    sort_short_run(indexes + first, count - first < SHORT_RUN ? count - first : SHORT_RUN, compare, context);
  if (count <= SHORT_RUN) return;
  uint32_t *scratch = ph_allocate(status, count, sizeof *scratch);
  uint32_t *from = indexes, *to = scratch;
  for (size_t width = SHORT_RUN; width < count && !ph_failed(status); width *= 2) {
    for (size_t first = 0; first < count && !ph_failed(status); first += 2 * width) {
      size_t left = count - first < width ? count - first : width;
      size_t right = count - first - left < width ? count - first - left : width;
      merge(from + first, left, from + first + left, right, to + first, compare, context, status);
    }
    uint32_t *swapped = from;
    from = to;
    to = swapped;
  }
  if (!ph_failed(status) && from != indexes) memcpy(indexes, from, count * sizeof *indexes);
  ph_release(status->memory, scratch);
}

uint32_t *ph_sorted_indexes(size_t count, ph_compare compare, const void *context, ph_status *status) {
  uint32_t *indexes = ph_allocate(status, count, sizeof *indexes);
  if (indexes == NULL) return NULL;
  for (size_t index = 0; index < count; index++) indexes[index] = (uint32_t)index;
  ph_sort_indexes(indexes, count, compare, context, status);
  if (!ph_failed(status)) return indexes;
  ph_release(status->memory, indexes);
  return NULL;
}
