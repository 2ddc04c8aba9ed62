/* Statistics. See statistics.h. */
#include "statistics.h"

#include <math.h>

double ph_quantile(const double *sorted_values, size_t count, ph_fraction share) {
  uint64_t position = (count - 1) * share.numerator;
  size_t below = (size_t)(position / share.denominator);
  double weight = (double)(position % share.denominator), whole = (double)share.denominator;
  if (below + 1 >= count) return sorted_values[count - 1];
  return ((whole - weight) * sorted_values[below] + weight * sorted_values[below + 1]) / whole;
}

static void sift_down(double *heap, size_t root, size_t count) {
  for (;;) {
    size_t child = 2 * root + 1;
    if (child >= count) return;
    if (child + 1 < count && heap[child + 1] > heap[child]) child++;
    if (heap[root] >= heap[child]) return;
    double moved = heap[root];
    heap[root] = heap[child];
    heap[child] = moved;
    root = child;
  }
}

/* Heap sort: no memory, and no input makes it slow. */
void ph_sort_doubles(double *values, size_t count) {
  for (size_t root = count / 2; root > 0; root--) sift_down(values, root - 1, count);
  for (size_t last = count; last > 1; last--) {
    double largest = values[0];
    values[0] = values[last - 1];
    values[last - 1] = largest;
    sift_down(values, 0, last - 1);
  }
}

void ph_wilson_interval(double rate, double trials, double *low, double *high) {
  const double z = 1.959963984540054; /* the 97.5 % quantile of the normal distribution */
  double square = z * z / trials;
  double center = (rate + square / 2) / (1 + square);
  double half = z * sqrt(rate * (1 - rate) / trials + square / (4 * trials)) / (1 + square);
  *low = rate <= 0 ? 0 : fmax(center - half, 0);
  *high = rate >= 1 ? 1 : fmin(center + half, 1);
}
