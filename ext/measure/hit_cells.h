/*
** Cells (see hit_probability.c): sums that lie next to each other share a cell, which keeps the
** first two moments of what it no longer tells apart. Heavy sums never share: they stay exact.
**
** A cell is {units, E}: units + E are missing; weight, weight * mean of E and weight * mean of E squared are
** known but for rounded arithmetic, whatever was joined. So joining is free to follow a rule of thumb: in the
** end the moments bound what each cell has above the threshold (hit_deviations.c).
**
** The rule of thumb: a list keeps a number of cells, and when it has outgrown it, neighbours join whose weight
** times the distance that they span is least. That is what joining costs where the threshold is as likely
** here as there, and it knows no scale: the cells find the clusters of sums and the gaps between them.
*/
#ifndef PH_MEASURE_HIT_CELLS_H
#define PH_MEASURE_HIT_CELLS_H

#include "../base/status.h"

typedef struct ph_hit_cell {
  int64_t units;
  double weight, first, second; /* the chance of the cell, and times the first two moments of E */
  double size, square;          /* the same without signs, for bounds of what rounding did to them */
} ph_hit_cell;

typedef struct ph_hit_cells { /* sorted by units */
  ph_hit_cell *cells;
  size_t count, capacity;
} ph_hit_cells;

/* How cells join. */
typedef struct ph_hit_joining {
  size_t most;  /* cells to keep, or not many more */
  double heavy; /* an exact sum of this weight shares no cell */
  double blur;  /* what joining cost at most when cells joined last; 0 while there is room */
  double work;  /* cells touched so far */
} ph_hit_joining;

/* Whether it is more than one sum. */
static inline bool ph_hit_is_blurred(const ph_hit_cell *cell) {
  return cell->square > 0;
}

/* Adds what a cell holds to one `distance` units below. */
void ph_hit_cell_add(ph_hit_cell *to, const ph_hit_cell *cell, double distance);

/* The cell with E the sum of both, independent E: weights multiply. Units are the first one's. */
ph_hit_cell ph_hit_cell_product(const ph_hit_cell *cell, const ph_hit_cell *gain);

/* to = (from moved by `shift` and multiplied with `moved`) + (base multiplied with `stay`). */
void ph_hit_cells_merge(const ph_hit_cells *from, int64_t shift, const ph_hit_cell *moved,
                        const ph_hit_cells *base, const ph_hit_cell *stay, ph_hit_cells *to,
                        ph_hit_joining *joining, ph_status *status);

#endif
