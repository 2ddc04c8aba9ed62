/*
** Sorting: indexes by a comparison, stable, n log n at worst.
*/
#ifndef PH_BASE_SORT_H
#define PH_BASE_SORT_H

#include "status.h"

/* Negative, zero or positive as the element at index `left` belongs before, beside or behind that at
** `right`. */
typedef int (*ph_compare)(const void *context, uint32_t left, uint32_t right);

/* Sorts indexes in place. Elements that compare equal keep their order. */
void ph_sort_indexes(uint32_t *indexes, size_t count, ph_compare compare, const void *context,
                     ph_status *status);

/* 0 .. count-1 in a new block, sorted. NULL on failure. */
uint32_t *ph_sorted_indexes(size_t count, ph_compare compare, const void *context, ph_status *status);

#endif
