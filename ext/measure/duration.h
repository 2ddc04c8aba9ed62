/*
** Durations: days that something took, many at a time, brought together by bin and sorted, for
** quantiles.
*/
#ifndef PH_MEASURE_DURATION_H
#define PH_MEASURE_DURATION_H

#include "../base/status.h"

typedef struct ph_duration {
  uint32_t bin;
  int32_t days;
} ph_duration;

/* Owns its memory; begins zeroed, must be ended in any case. */
typedef struct ph_durations {
  ph_duration *found; /* as they came */
  size_t count, capacity;
  size_t *first;   /* by bin, and one more: where the days of a bin begin */
  int32_t *days;   /* by bin */
  double *scratch; /* as long as the longest bin */
} ph_durations;

void ph_durations_add(ph_durations *durations, uint32_t bin, int32_t days, ph_status *status);

/* Brings what was added together; every bin must be below bin_count. */
void ph_durations_gather(ph_durations *durations, size_t bin_count, ph_status *status);

/* The days of a bin in ascending order, good until those of another are asked for. How many; 0 also on
** failure. */
size_t ph_durations_sorted(ph_durations *durations, size_t bin, const double **days, ph_status *status);

/* The median of a bin; NaN for an empty one. */
double ph_durations_median(ph_durations *durations, size_t bin, ph_status *status);

void ph_durations_end(ph_durations *durations, const ph_memory *memory);

#endif
