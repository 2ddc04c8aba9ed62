/*
** The room of the sparse grid (see hit_probability.c).
**
** Amounts are rounded to multiples of a step, sums that meet in a cell are merged, and each cell keeps the
** first two moments of its rounding error, from which Cantelli's inequality (S. Boucheron, G. Lugosi, P.
** Massart, "Concentration Inequalities", Oxford 2013, chapter 2) bounds the cell's share above the threshold.
** A cell with one sum in it has no variance and is decided exactly. Deals that round to the same key go in
** groups, by how many of them are won. The step shrinks until the bounds meet, at last to 1, where all is
** exact.
*/
#include "hit_parts.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define LOGARITHM_OF_2 0.69314718055994531
#define NEGLIGIBLE_WEIGHT 1e-12 /* of a cell of the grid; what is dropped is added to the bound */
#define GRID_WORK 300000000.0   /* cells touched in one pass */
enum { GRID_STEPS_PER_DEVIATION = 16 };

/* Sums that are missing step * key + E units; weight, and weight times the first two moments of E. */
struct cell {
  int64_t key;
  double weight, first, second;
};

struct grid {
  int64_t step;
  double drift, reach; /* |E - drift| is not above reach, all the way and but for PH_TAIL_CHANCE */
  double magnitude;    /* |E| is never above it */
  double noise;        /* of moments, as a share of the magnitude or its square: rounded arithmetic */
  struct cell *cells, *spare;
  size_t count, capacity, spare_capacity;
  double work;
  ph_hit_estimate found;
};

/* Deals whose amounts round to the same key, by how many of them are won. Chances are mostly small, so a
** group of hundreds has few outcomes that matter. */
enum { GROUP_WINS = 24 };
#define GROUP_MEAN 4.0 /* wins to expect; more than GROUP_WINS then have a chance below 1e-11 */

struct group {
  int64_t key;
  size_t end;                           /* the deal after the group */
  int wins;                             /* the most that are kept */
  struct cell outcomes[GROUP_WINS + 1]; /* weight and moments of what E gains; the keys are not used */
};

/* units = step * result + *error, with the error at most half a step. */
static int64_t rounded(int64_t units, int64_t step, double *error) {
  int64_t quotient = units / step, left = units % step;
  bool up = left >= step - left;
  *error = (double)(up ? left - step : left);
  return up ? quotient + 1 : quotient;
}

static void add_cell(struct cell *to, const struct cell *cell) {
  to->weight += cell->weight;
  to->first += cell->first;
  to->second += cell->second;
}

/* What the rounding errors from `first` on can add up to, at every stage of the way: the sum of all, or
** Hoeffding's inequality, which holds for the largest partial sum too (W. Hoeffding, "Probability
** Inequalities for Sums of Bounded Random Variables", JASA 58, 1963, remark to (2.17)). */
static void bound_errors(struct grid *grid, const ph_hit_job *job, size_t first) {
  double sum = 0, squares = 0, half = grid->step > 1 ? (double)grid->step / 2 : 0;
  for (size_t i = first; i < job->count; i++) {
    double error;
    rounded(job->deals[i].amount_units, grid->step, &error);
    sum += fabs(error);
    squares += error * error;
  }
  double hoeffding = sqrt(squares * (PH_TAIL_LOGARITHM + LOGARITHM_OF_2) / 2);
  grid->reach = (half + (sum < hoeffding ? sum : hoeffding)) * (1 + 1e-9);
  grid->magnitude = half + sum;
  grid->noise = 16 * DBL_EPSILON * (double)(job->count - first);
}

static void grid_begin(struct grid *grid, ph_hit_job *job, size_t first, int64_t step) {
  const ph_hit_list *list = &job->list;
  memset(grid, 0, sizeof *grid);
  grid->step = step;
  bound_errors(grid, job, first);
  if (!ph_reserve(job->status, (void **)&grid->cells, &grid->capacity, list->count, sizeof(struct cell)))
    return;
  for (size_t i = 0; i < list->count; i++) {
    double error, weight = list->states[i].weight;
    int64_t key = rounded(list->states[i].units, step, &error);
    struct cell cell = {key, weight, weight * error, weight * error * error};
    if (grid->count > 0 && grid->cells[grid->count - 1].key == key) {
      add_cell(&grid->cells[grid->count - 1], &cell);
    } else {
      grid->cells[grid->count++] = cell;
    }
  }
}

static void grid_end(struct grid *grid, ph_hit_job *job) {
  ph_release(job->status->memory, grid->cells);
  ph_release(job->status->memory, grid->spare);
}

/* Both independent: weights multiply, moments of the sum of both E. */
static struct cell product(const struct cell *cell, const struct cell *gain) {
  return (struct cell){
      cell->key, cell->weight * gain->weight, cell->first * gain->weight + cell->weight * gain->first,
      cell->second * gain->weight + 2 * cell->first * gain->first + cell->weight * gain->second};
}

/* Deals below half a step: whatever is won, no key changes. */
static void add_keyless_deal(struct group *group, double error, double win) {
  struct cell *all = &group->outcomes[0];
  double mean = -error * win;
  all->second += 2 * all->first * mean + error * error * win;
  all->first += mean;
}

/* Each deal won takes its rounding error from E. */
static void add_deal(struct grid *grid, struct group *group, double error, double win) {
  struct cell lost = {0, 1 - win, 0, 0}, won = {0, win, -error * win, error * error * win};
  struct cell *outcomes = group->outcomes;
  if (group->wins < GROUP_WINS) {
    outcomes[++group->wins] = (struct cell){0, 0, 0, 0};
  } else {
    grid->found.error += outcomes[GROUP_WINS].weight * win;
  }
  for (int wins = group->wins; wins > 0; wins--) {
    struct cell one_more = product(&outcomes[wins - 1], &won);
    outcomes[wins] = product(&outcomes[wins], &lost);
    add_cell(&outcomes[wins], &one_more);
  }
  outcomes[0] = product(&outcomes[0], &lost);
}

static void gather(struct grid *grid, const ph_hit_job *job, size_t first, struct group *group) {
  double mean = 0;
  group->wins = 0;
  group->outcomes[0] = (struct cell){0, 1, 0, 0};
  for (group->end = first; group->end < job->count; group->end++) {
    double error, win = job->deals[group->end].win_rate;
    int64_t key = rounded(job->deals[group->end].amount_units, grid->step, &error);
    if (group->end == first) group->key = key;
    if (key != group->key || (key != 0 && group->end > first && mean + win > GROUP_MEAN)) break;
    mean += win;
    grid->drift -= error * win;
    if (key == 0) {
      add_keyless_deal(group, error, win);
    } else {
      add_deal(grid, group, error, win);
    }
  }
  while (group->wins > 0 && group->outcomes[group->wins].weight < NEGLIGIBLE_WEIGHT / 100) {
    grid->found.error += group->outcomes[group->wins--].weight;
  }
}

/* to = (from moved by `key` and weighed with `moved`) + (cells weighed with `stay`); returns the count. */
static size_t merge_cells(const struct cell *from, size_t from_count, int64_t key, const struct cell *moved,
                          const struct cell *cells, size_t cell_count, const struct cell *stay,
                          struct cell *to) {
  size_t at = 0, other = 0, count = 0;
  while (at < from_count || other < cell_count) {
    bool take_moved = other >= cell_count || (at < from_count && from[at].key - key <= cells[other].key);
    struct cell cell = take_moved ? product(&from[at++], moved) : product(&cells[other++], stay);
    if (take_moved) cell.key -= key;
    if (count > 0 && to[count - 1].key == cell.key) {
      add_cell(&to[count - 1], &cell);
    } else {
      to[count++] = cell;
    }
  }
  return count;
}

static void swap_cells(struct grid *grid, ph_hit_job *job, size_t count) {
  struct cell *cells = grid->cells;
  size_t capacity = grid->capacity;
  grid->cells = grid->spare;
  grid->capacity = grid->spare_capacity;
  grid->spare = cells;
  grid->spare_capacity = capacity;
  grid->count = count;
  grid->work += (double)count;
  for (size_t ticks = count / 64; ticks > 0 && ph_continue(job->status);) ticks--;
}

/* The cells times the group's polynomial in the number of wins, by Horner's rule. */
static void grid_branch(struct grid *grid, ph_hit_job *job, const struct group *group) {
  static const struct cell unchanged = {0, 1, 0, 0};
  size_t base_count = grid->count;
  const struct cell *moved = &group->outcomes[group->wins];
  if (group->wins == 0) {
    for (size_t i = 0; i < grid->count; i++) grid->cells[i] = product(&grid->cells[i], moved);
    return;
  }
  struct cell *base = ph_allocate(job->status, base_count, sizeof *base);
  if (base == NULL) return;
  memcpy(base, grid->cells, base_count * sizeof *base);
  for (int wins = group->wins - 1; wins >= 0 && ph_continue(job->status); wins--) {
    size_t needed = grid->count + base_count;
    if (!ph_reserve(job->status, (void **)&grid->spare, &grid->spare_capacity, needed, sizeof *base)) break;
    size_t count = merge_cells(grid->cells, grid->count, group->key, moved, base, base_count,
                               &group->outcomes[wins], grid->spare);
    swap_cells(grid, job, count);
    moved = &unchanged;
  }
  ph_release(job->status->memory, base);
}

static void grid_decide(struct grid *grid, const ph_hit_job *job, size_t first) {
  ph_hit_window window = ph_hit_window_of(job, first);
  size_t kept = 0;
  for (size_t i = 0; i < grid->count; i++) {
    const struct cell *cell = &grid->cells[i];
    double missing = (double)cell->key * (double)grid->step + grid->drift;
    if (missing + grid->reach <= window.low) {
      grid->found.hit += cell->weight;
    } else if (cell->weight < NEGLIGIBLE_WEIGHT) {
      grid->found.error += cell->weight;
    } else if (missing - grid->reach <= window.high) {
      grid->cells[kept++] = *cell;
    }
  }
  grid->count = kept;
}

/* Cantelli: P(E - mean >= x) <= v / (v + x^2) for x > 0. What is missing is whole: hit at 0, missed at 1.
** Mean and variance are widened by what rounded arithmetic can have done to them. */
static void grid_finish(struct grid *grid) {
  double mean_noise = grid->noise * grid->magnitude, variance_noise = mean_noise * grid->magnitude;
  for (size_t i = 0; i < grid->count; i++) {
    const struct cell *cell = &grid->cells[i];
    double mean = cell->first / cell->weight;
    double variance = cell->second / cell->weight - mean * mean;
    variance = (variance > 0 ? variance : 0) + 3 * variance_noise;
    double missing = (double)cell->key * (double)grid->step + mean;
    double to_hit = missing - mean_noise, to_miss = 1 - missing - mean_noise;
    double most = to_hit <= 0 ? 1 : variance / (variance + to_hit * to_hit);
    double least = to_miss <= 0 ? 0 : 1 - variance / (variance + to_miss * to_miss);
    if (most < least) most = least; /* between 0 and 1 by rounding alone */
    grid->found.hit += cell->weight * (most + least) / 2;
    grid->found.error += cell->weight * (most - least) / 2;
  }
}

/* One pass over the deals from `first` on; an error of 1 when it would take too long. */
static ph_hit_estimate grid_pass(ph_hit_job *job, size_t first, int64_t step, double *work) {
  struct grid grid;
  struct group group = {.end = first};
  grid_begin(&grid, job, first, step);
  while (group.end < job->count && grid.count > 0 && grid.work <= GRID_WORK && ph_continue(job->status)) {
    grid_decide(&grid, job, group.end);
    gather(&grid, job, group.end, &group);
    grid_branch(&grid, job, &group);
  }
  if (!ph_failed(job->status)) {
    grid_decide(&grid, job, job->count);
    grid_finish(&grid);
  }
  ph_hit_estimate result = grid.found;
  result.error = grid.work > GRID_WORK ? 1 : result.error + 2 * PH_TAIL_CHANCE;
  *work = grid.work;
  grid_end(&grid, job);
  return result;
}

ph_hit_estimate ph_hit_grid_estimate(ph_hit_job *job, size_t first, ph_hit_estimate best) {
  double start = sqrt(job->rests[first].variance) / GRID_STEPS_PER_DEVIATION;
  int64_t step = start < 1 ? 1 : start > 1e18 ? (int64_t)1000000000000000000 : (int64_t)start;
  while (!ph_failed(job->status) && !ph_hit_is_good(best)) {
    double work;
    ph_hit_estimate found = grid_pass(job, first, step, &work);
    if (found.error < best.error) best = found;
    if (found.error >= 1 || step == 1) break;
    /* the error falls with the step, the work grows at most as much */
    int64_t finer = work < GRID_WORK / 2000 ? 8 : found.error > 0.008 ? 4 : 2;
    step = step < finer ? 1 : step / finer;
  }
  return best;
}
