/*
** Binary search over days.
*/
#ifndef PH_BASE_SEARCH_H
#define PH_BASE_SEARCH_H

#include "day.h"

/* The first index in [first, end) whose day is after `day`; end when there is none. Days ascend. */
static inline size_t ph_upper_bound(const ph_day *days, size_t first, size_t end, ph_day day) {
  while (first < end) {
    size_t middle = first + (end - first) / 2;
    if (days[middle] <= day) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return first;
}

#endif
