/* Durations. See duration.h. */
#include "duration.h"

#include "../base/statistics.h"

#include <math.h>

void ph_durations_add(ph_durations *durations, uint32_t bin, int32_t days, ph_status *status) {
  if (!ph_reserve(status, (void **)&durations->found, &durations->capacity, durations->count + 1,
                  sizeof *durations->found))
    return;
  durations->found[durations->count++] = (ph_duration){bin, days};
}

void ph_durations_gather(ph_durations *durations, size_t bin_count, ph_status *status) {
  size_t longest = 0;
  durations->first = ph_allocate_zeroed(status, bin_count + 2, sizeof *durations->first);
  durations->days = ph_allocate(status, durations->count, sizeof *durations->days);
  if (ph_failed(status)) return;
  size_t *next = durations->first + 1; /* where the next duration of a bin goes; in the end, its end */
  for (size_t index = 0; index < durations->count; index++) next[durations->found[index].bin + 1]++;
  for (size_t bin = 0; bin < bin_count; bin++) {
    if (next[bin + 1] > longest) longest = next[bin + 1];
    next[bin + 1] += next[bin];
  }
  for (size_t index = 0; index < durations->count && ph_continue(status); index++)
    durations->days[next[durations->found[index].bin]++] = durations->found[index].days;
  durations->scratch = ph_allocate(status, longest, sizeof *durations->scratch);
}

/* Sorts by counting where days repeat, as they do in large bins. */
static void sort_days(const int32_t *days, size_t count, double *sorted, ph_status *status) {
  int32_t lowest = days[0], highest = days[0];
  for (size_t index = 1; index < count; index++) {
    if (days[index] < lowest) lowest = days[index];
    if (days[index] > highest) highest = days[index];
  }
  size_t width = (size_t)(highest - lowest) + 1;
  if (width > 4 * count) {
    for (size_t index = 0; index < count; index++) sorted[index] = days[index];
    ph_sort_doubles(sorted, count);
    return;
  }
  uint32_t *times = ph_allocate_zeroed(status, width, sizeof *times);
  if (times == NULL) return;
  for (size_t index = 0; index < count; index++) times[days[index] - lowest]++;
  for (size_t step = 0; step < width; step++)
    for (; times[step] > 0; times[step]--) *sorted++ = lowest + (double)step;
  ph_release(status->memory, times);
}

size_t ph_durations_sorted(ph_durations *durations, size_t bin, const double **days, ph_status *status) {
  *days = durations->scratch;
  if (ph_failed(status)) return 0;
  size_t first = durations->first[bin], count = durations->first[bin + 1] - first;
  if (count > 0) sort_days(durations->days + first, count, durations->scratch, status);
  return ph_failed(status) ? 0 : count;
}

double ph_durations_median(ph_durations *durations, size_t bin, ph_status *status) {
  const double *days;
  size_t count = ph_durations_sorted(durations, bin, &days, status);
  return count > 0 ? ph_quantile(days, count, (ph_fraction){1, 2}) : NAN;
}

void ph_durations_end(ph_durations *durations, const ph_memory *memory) {
  ph_release(memory, durations->found);
  ph_release(memory, durations->first);
  ph_release(memory, durations->days);
  ph_release(memory, durations->scratch);
}
