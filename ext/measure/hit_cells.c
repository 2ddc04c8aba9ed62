/* Cells. See hit_cells.h. */
#include "hit_cells.h"

#include <math.h>
#include <string.h>

void ph_hit_cell_add(ph_hit_cell *to, const ph_hit_cell *cell, double distance) {
  to->weight += cell->weight;
  to->first += cell->first + cell->weight * distance;
  to->second += cell->second + (2 * cell->first + cell->weight * distance) * distance;
  double size = fabs(distance);
  to->size += cell->size + cell->weight * size;
  to->square += cell->square + (2 * cell->size + cell->weight * size) * size;
}

static inline ph_hit_cell product(const ph_hit_cell *cell, const ph_hit_cell *gain) {
  double weight = gain->weight;
  ph_hit_cell result = {cell->units,           cell->weight * weight, cell->first * weight,
                        cell->second * weight, cell->size * weight,   cell->square * weight};
  if (!ph_hit_is_blurred(gain)) return result;
  result.first += cell->weight * gain->first;
  result.second += 2 * cell->first * gain->first + cell->weight * gain->second;
  result.size += cell->weight * gain->size;
  result.square += 2 * cell->size * gain->size + cell->weight * gain->square;
  return result;
}

ph_hit_cell ph_hit_cell_product(const ph_hit_cell *cell, const ph_hit_cell *gain) {
  return product(cell, gain);
}

/* A list being filled in ascending order, with a list's own cells. */
struct filling {
  ph_hit_cell *cells;
  size_t count;
  double heavy, blur;
  bool has_open;
  size_t open;   /* the cell that takes what is light, */
  int64_t start; /* if it is not too far above this */
};

/* The heavier of two cells lends its units, lest these drift away from the mean as cells join cells. */
static void join_open(struct filling *to, const ph_hit_cell *cell) {
  ph_hit_cell *cells = to->cells;
  double distance = (double)(cell->units - cells[to->open].units);
  if (cell->weight <= cells[to->open].weight) {
    ph_hit_cell_add(&cells[to->open], cell, distance);
    return;
  }
  ph_hit_cell joined = *cell;
  ph_hit_cell_add(&joined, &cells[to->open], -distance);
  for (; to->open + 1 < to->count; to->open++) cells[to->open] = cells[to->open + 1];
  cells[to->open] = joined;
}

static void fill_light(struct filling *to, const ph_hit_cell *cell) {
  double span = (double)(cell->units - to->start);
  if (to->has_open && (to->cells[to->open].weight + cell->weight) * span <= to->blur) {
    join_open(to, cell);
  } else {
    to->has_open = true;
    to->start = cell->units;
    to->open = to->count;
    to->cells[to->count++] = *cell;
  }
}

/* The biased exponent, and one, of a number that is not negative: IEEE 754. */
static size_t exponent_of(double number) {
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  return (size_t)(bits >> 52) + 1;
}

static double power_of(size_t exponent) {
  uint64_t bits = (uint64_t)exponent << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return power;
}

enum { EXPONENTS = 2050 };

/* The least power of two, times two, at which enough neighbours would join to leave three quarters of the
** cells to keep. */
static double find_blur(size_t most, const ph_hit_cells *list) {
  uint32_t counts[EXPONENTS] = {0};
  for (size_t i = 1; i < list->count; i++) {
    const ph_hit_cell *cell = &list->cells[i];
    double span = (double)(cell->units - cell[-1].units);
    counts[exponent_of((cell->weight + cell[-1].weight) * span)]++;
  }
  size_t joined = 0, exponent = 0;
  for (; exponent + 2 < EXPONENTS && joined + most / 4 * 3 < list->count; exponent++) {
    joined += counts[exponent];
  }
  return power_of(exponent);
}

/* Joins cells when there are too many. */
static void compact(ph_hit_cells *list, ph_hit_joining *joining) {
  if (list->count <= joining->most) {
    if (list->count < joining->most / 4) joining->blur = 0;
    return;
  }
  joining->blur = find_blur(joining->most, list);
  struct filling to = {.cells = list->cells, .heavy = joining->heavy, .blur = joining->blur};
  for (size_t i = 0; i < list->count; i++) {
    ph_hit_cell cell = list->cells[i];
    if (ph_hit_is_blurred(&cell) || cell.weight < to.heavy) {
      fill_light(&to, &cell);
    } else {
      to.cells[to.count++] = cell;
    }
  }
  joining->work += (double)list->count;
  list->count = to.count;
}

/* Equal exact sums are one. */
static inline size_t append(ph_hit_cell *cells, size_t count, const ph_hit_cell *cell) {
  if (count > 0 && cells[count - 1].units == cell->units && !ph_hit_is_blurred(cell) &&
      !ph_hit_is_blurred(&cells[count - 1])) {
    cells[count - 1].weight += cell->weight;
    return count;
  }
  cells[count] = *cell;
  return count + 1;
}

void ph_hit_cells_merge(const ph_hit_cells *from, int64_t shift, const ph_hit_cell *moved,
                        const ph_hit_cells *base, const ph_hit_cell *stay, ph_hit_cells *to,
                        ph_hit_joining *joining, ph_status *status) {
  size_t at = 0, other = 0, touched = from->count + base->count;
  if (!ph_reserve(status, (void **)&to->cells, &to->capacity, touched, sizeof *to->cells)) return;
  to->count = 0;
  while (at < from->count || other < base->count) {
    bool take_moved = other >= base->count ||
                      (at < from->count && from->cells[at].units + shift <= base->cells[other].units);
    const ph_hit_cell *cell = take_moved ? &from->cells[at] : &base->cells[other];
    ph_hit_cell next = product(cell, take_moved ? moved : stay);
    next.units += take_moved ? shift : 0;
    at += take_moved;
    other += !take_moved;
    to->count = append(to->cells, to->count, &next);
  }
  joining->work += (double)touched;
  for (size_t ticks = touched / 64; ticks > 0 && ph_continue(status);) ticks--;
  compact(to, joining);
}
