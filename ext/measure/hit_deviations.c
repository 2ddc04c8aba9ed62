/*
** Deviations (see hit_probability.c): the sums of deals that end on their less likely side, in
** cells (hit_cells.h).
**
** Each deal has a likely side and deviates from it with a chance q <= 1/2. Taken as deviations, a credit note
** that is most likely issued is no different from a deal that is most likely lost, and the sum from which
** nobody deviates, often a heavy one and often exactly the threshold, is the one that a pass starts from and
** that stays exact.
**
** A pass takes the deals from the largest on. A cell that the deals to come cannot lift above the threshold,
** or must, is settled, by Cantelli's inequality (S. Boucheron, G. Lugosi, P. Massart, "Concentration
** Inequalities", Oxford 2013, chapter 2), which bounds the share of it that hits whatever was joined in it; an
** exact sum is decided exactly; what these bounds leave open adds up to the bound of the error. Passes are
** repeated with more cells until it is good. As cells leave with the deals that could have moved them, amounts
** of many scales need no more cells than those of one.
*/
#include "hit_cells.h"
#include "hit_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define HEAVY 8.0               /* times the weight of a cell on average */
#define NEGLIGIBLE_WEIGHT 1e-11 /* what is dropped is added to the bound */
#define NEGLIGIBLE_OUTCOME 1e-8
#define FAR 32.0             /* deviations: cells settled that far off err by 0.001 at most in all */
#define PASS_WORK 1000000000 /* cells touched in one pass: some seconds, which no set is known to need */
#define SMOOTH_WORK 1000000.0
#define SMOOTH_BLURRED 1e-3
#define GROUP_MEAN 4.0 /* deviations to expect; more than GROUP_MOST then have a chance below 1e-11 */

enum { SMOOTH_SUMS = 64, FIRST_CELLS = 256, MOST_CELLS = 1 << 20, GROUP_MOST = 24 };

struct pass {
  ph_hit_job *job;
  ph_hit_joining joining;
  ph_hit_cells list, other, base;
  int64_t likely; /* what the deals still to come bring when nobody deviates: units are missing beyond it */
  double heaviest, mass; /* of all cells */
  double asked_width;    /* of the window when the characteristic function was last asked */
  double noise;          /* of moments, as a share of `size` and `square`: rounded arithmetic */
  ph_hit_estimate found;
};

/* Deals of one direction and about one amount, by how many of them deviate. */
struct group {
  int64_t shift; /* of units, for each that deviates */
  int most;
  ph_hit_cell outcomes[GROUP_MOST + 1]; /* weight and moments of what E gains; the units are not used */
};

static bool is_likely_won(const ph_claim *deal) {
  return deal->win_rate > 0.5;
}

static double deviation_rate(const ph_claim *deal) {
  return is_likely_won(deal) ? 1 - deal->win_rate : deal->win_rate;
}

/* ---- groups of deals ---- */

static void group_begin(struct group *group) {
  memset(group, 0, sizeof *group);
  group->outcomes[0].weight = 1;
}

static void group_add(struct pass *pass, struct group *group, double error, double rate) {
  ph_hit_cell stays = {.weight = 1 - rate};
  double first = error * rate, second = error * first;
  ph_hit_cell deviates = {0, rate, first, second, first, second};
  ph_hit_cell *outcomes = group->outcomes;
  if (group->most < GROUP_MOST) {
    group->most++;
  } else {
    pass->found.error += outcomes[GROUP_MOST].weight * rate;
  }
  for (int count = group->most; count > 0; count--) {
    ph_hit_cell one_more = ph_hit_cell_product(&outcomes[count - 1], &deviates);
    outcomes[count] = ph_hit_cell_product(&outcomes[count], &stays);
    ph_hit_cell_add(&outcomes[count], &one_more, 0);
  }
  outcomes[0] = ph_hit_cell_product(&outcomes[0], &stays);
}

static void group_end(struct pass *pass, struct group *group) {
  while (group->most > 0 && group->outcomes[group->most].weight < NEGLIGIBLE_OUTCOME) {
    pass->found.error += group->outcomes[group->most--].weight;
  }
}

/* The deal after those that are taken together with `first`: they have its amount, or, where no sum with one
** of them can be heavy, an amount less than `width` below it. */
static size_t group_end_of(const struct pass *pass, size_t first, double width) {
  const ph_hit_job *job = pass->job;
  int64_t amount = job->deals[first].amount_units;
  double likely_mean = 0, unlikely_mean = 0;
  bool all_light = true;
  size_t end = first;
  for (; end < job->count; end++) {
    const ph_claim *deal = &job->deals[end];
    double rate = deviation_rate(deal), *mean = is_likely_won(deal) ? &likely_mean : &unlikely_mean;
    double distance = (double)(amount - deal->amount_units);
    all_light = all_light && rate * pass->heaviest < pass->joining.heavy;
    if (distance > 0 && (!all_light || distance > width)) break;
    *mean += rate;
    if (end > first && *mean > GROUP_MEAN) break;
  }
  return end;
}

/* The deals of one direction from `first` to `end`; E must not become negative. */
static void gather(struct pass *pass, size_t first, size_t end, bool likely_won, struct group *group) {
  const ph_claim *deals = pass->job->deals;
  int64_t most = deals[first].amount_units, least = deals[end - 1].amount_units;
  group_begin(group);
  group->shift = likely_won ? least : -most;
  for (size_t i = first; i < end; i++) {
    if (is_likely_won(&deals[i]) != likely_won) continue;
    int64_t error = likely_won ? deals[i].amount_units - least : most - deals[i].amount_units;
    group_add(pass, group, (double)error, deviation_rate(&deals[i]));
  }
  group_end(pass, group);
}

/* ---- a pass ---- */

static void swap_lists(ph_hit_cells *left, ph_hit_cells *right) {
  ph_hit_cells swapped = *left;
  *left = *right;
  *right = swapped;
}

/* list = (list moved and multiplied with `moved`) + (base multiplied with `stay`) */
static void merge(struct pass *pass, const struct group *group, const ph_hit_cell *moved,
                  const ph_hit_cells *base, const ph_hit_cell *stay) {
  ph_hit_cells_merge(&pass->list, group->shift, moved, base, stay, &pass->other, &pass->joining,
                     pass->job->status);
  swap_lists(&pass->list, &pass->other);
}

/* The cells times the group's polynomial in the number of deviations, by Horner's rule. */
static void branch(struct pass *pass, const struct group *group) {
  static const ph_hit_cell unchanged = {.weight = 1};
  const ph_hit_cell *outcomes = group->outcomes, *moved = &outcomes[group->most];
  ph_hit_cells *list = &pass->list, *base = &pass->base;
  ph_status *status = pass->job->status;
  if (group->most == 1) merge(pass, group, moved, list, outcomes);
  if (group->most <= 1) return;
  if (!ph_reserve(status, (void **)&base->cells, &base->capacity, list->count, sizeof *base->cells)) return;
  memcpy(base->cells, list->cells, list->count * sizeof *base->cells);
  base->count = list->count;
  for (int count = group->most - 1; count >= 0 && ph_continue(status); count--) {
    merge(pass, group, moved, base, &outcomes[count]);
    moved = &unchanged;
  }
}

/* Cantelli: P(E - mean >= x) <= v / (v + x^2) for x > 0. E, which is whole, hits up to `sure` and may hit up
** to `possible`. Mean and variance are widened by what rounded arithmetic can have done to them. */
static void settle(struct pass *pass, const ph_hit_cell *cell, double sure, double possible) {
  double mean = cell->first / cell->weight, variance = cell->second / cell->weight - mean * mean;
  double mean_noise = pass->noise * cell->size / cell->weight + 4 * DBL_EPSILON * fabs(possible);
  variance = (variance > 0 ? variance : 0) + 3 * pass->noise * cell->square / cell->weight;
  double to_hit = mean - possible - mean_noise, to_miss = sure + 1 - mean - mean_noise;
  double most = to_hit <= 0 ? 1 : variance / (variance + to_hit * to_hit);
  double least = to_miss <= 0 ? 0 : 1 - variance / (variance + to_miss * to_miss);
  if (most < least) most = least; /* between 0 and 1 by rounding alone */
  pass->found.hit += cell->weight * (most + least) / 2;
  pass->found.error += cell->weight * (most - least) / 2;
}

/* Whether the cell is so wide, or so far off, that the deals to come matter little to it. */
static bool is_settled(const ph_hit_cell *cell, double missing, ph_hit_window window) {
  double weight = cell->weight, width = (window.high - window.low) * weight / 4;
  double variance = cell->second * weight - cell->first * cell->first; /* times weight squared, both */
  if (variance > width * width) return true;
  double above = (missing - window.high) * weight + cell->first;
  double below = (window.low - missing) * weight - cell->first;
  double far = above > 0 ? above : below > 0 ? below : 0;
  return far > 0 && far * far > FAR * FAR * variance; /* the variance may be rounded to below 0 */
}

/* Takes out the cells that the deals from `first` on cannot change, or hardly; weighs the others. */
static void decide(struct pass *pass, size_t first) {
  ph_hit_window window = ph_hit_window_of(pass->job, first);
  size_t kept = 0;
  pass->heaviest = pass->mass = 0;
  for (size_t i = 0; i < pass->list.count; i++) {
    const ph_hit_cell *cell = &pass->list.cells[i];
    double missing = (double)(cell->units + pass->likely), weight = cell->weight;
    bool blurred = ph_hit_is_blurred(cell);
    if (weight < NEGLIGIBLE_WEIGHT) {
      pass->found.error += weight;
    } else if (blurred && is_settled(cell, missing, window)) {
      settle(pass, cell, window.low - missing, window.high - missing);
    } else if (blurred || (missing > window.low && missing <= window.high)) {
      pass->list.cells[kept++] = *cell;
      if (weight > pass->heaviest) pass->heaviest = weight;
      pass->mass += weight;
    } else if (missing <= window.low) {
      pass->found.hit += weight;
    }
  }
  pass->list.count = kept;
  pass->joining.heavy = HEAVY * pass->mass / (double)pass->joining.most;
}

static double window_width(const ph_hit_job *job, size_t first) {
  ph_hit_window window = ph_hit_window_of(job, first);
  return window.high - window.low;
}

static void pass_begin(struct pass *pass, size_t first) {
  ph_hit_job *job = pass->job;
  for (size_t i = first; i < job->count; i++) {
    if (is_likely_won(&job->deals[i])) pass->likely += job->deals[i].amount_units;
  }
  ph_hit_cells *list = &pass->list;
  if (!ph_reserve(job->status, (void **)&list->cells, &list->capacity, job->list.count, sizeof *list->cells))
    return;
  for (size_t i = 0; i < job->list.count; i++) {
    const ph_hit_state *state = &job->list.states[i];
    pass->list.cells[i] = (ph_hit_cell){.units = state->units - pass->likely, .weight = state->weight};
  }
  pass->list.count = job->list.count;
  pass->asked_width = window_width(job, first);
}

/* Settles what is blurred and lists the exact sums that are open; false where these are too many. */
static bool list_exact_sums(struct pass *pass, size_t first, ph_hit_list *exact) {
  ph_hit_window window = ph_hit_window_of(pass->job, first);
  for (size_t i = 0; i < pass->list.count; i++) {
    const ph_hit_cell *cell = &pass->list.cells[i];
    int64_t missing = cell->units + pass->likely;
    if (ph_hit_is_blurred(cell)) {
      settle(pass, cell, window.low - (double)missing, window.high - (double)missing);
    } else if (exact->count < SMOOTH_SUMS) {
      exact->states[exact->count++] = (ph_hit_state){missing, cell->weight};
    } else {
      return false;
    }
  }
  return exact->count > 0;
}

/* The characteristic function's estimate for the exact sums and the deals from `first` on. */
static ph_hit_estimate estimate_smooth(struct pass *pass, size_t first, const ph_hit_list *exact) {
  ph_hit_job *job = pass->job;
  ph_hit_list kept = job->list;
  ph_hit_estimate found = {0, 1};
  ph_hit_spectrum spectrum;
  job->list = *exact;
  ph_hit_spectrum_begin(&spectrum, job, first);
  spectrum.tolerance = PH_METHOD_TOLERANCE / 2;
  if (!ph_failed(job->status)) found = ph_hit_spectrum_estimate(job, &spectrum, SMOOTH_WORK, false);
  ph_hit_spectrum_end(&spectrum, job);
  job->list = kept;
  return found;
}

/* Where a few exact sums are all that is open, and the deals to come are many and even, these are best left to
** the characteristic function. It is not asked again before the deals have become much smaller. */
static bool solve_smooth(struct pass *pass, size_t first) {
  const ph_hit_job *job = pass->job;
  double amount = (double)job->deals[first].amount_units, width = window_width(job, first);
  if (4 * amount * amount > job->rests[first].variance || 8 * width > pass->asked_width) return false;
  ph_hit_state states[SMOOTH_SUMS];
  ph_hit_list exact = {.states = states};
  ph_hit_estimate before = pass->found;
  if (list_exact_sums(pass, first, &exact) && pass->found.error - before.error <= SMOOTH_BLURRED) {
    pass->asked_width = width;
    ph_hit_estimate found = estimate_smooth(pass, first, &exact);
    pass->found.hit += found.hit;
    pass->found.error += found.error;
    if (found.error <= PH_METHOD_TOLERANCE / 2 + PH_FOURIER_TAILS) return true;
  }
  pass->found = before;
  return false;
}

/* How far amounts in a group may lie apart: some share of what a cell spans on average, the less the more
** deals are going to deviate. */
static double group_width(const struct pass *pass, size_t first) {
  const ph_hit_rest *rests = pass->job->rests;
  /* anchors of groups may lie below any sum by as much as a group's width: no room for that in the largest */
  if (rests[0].total > INT64_MAX / 64) return 0;
  double span = pass->joining.blur * (double)pass->joining.most / pass->mass;
  return span / (2 + 0.5 * sqrt(rests[first].deviations));
}

/* Takes the next deals; returns the first after them. */
static size_t advance(struct pass *pass, size_t first) {
  const ph_hit_job *job = pass->job;
  struct group likely, unlikely;
  decide(pass, first);
  if (pass->list.count == 0) return job->count;
  if (solve_smooth(pass, first)) {
    pass->list.count = 0;
    return job->count;
  }
  size_t end = group_end_of(pass, first, group_width(pass, first));
  gather(pass, first, end, true, &likely);
  gather(pass, first, end, false, &unlikely);
  for (size_t i = first; i < end; i++) {
    if (is_likely_won(&job->deals[i])) pass->likely -= job->deals[i].amount_units;
  }
  branch(pass, &likely);
  branch(pass, &unlikely);
  return end;
}

/* One pass over the deals from `first` on; an error of 1 when it would take too long. */
static ph_hit_estimate run_pass(ph_hit_job *job, size_t first, size_t most) {
  struct pass pass = {.job = job, .joining = {.most = most}};
  pass.noise = 64 * DBL_EPSILON * (double)(job->count - first);
  pass_begin(&pass, first);
  for (size_t at = first; at < job->count && pass.joining.work <= PASS_WORK && ph_continue(job->status);) {
    at = advance(&pass, at);
  }
  if (!ph_failed(job->status)) decide(&pass, job->count);
  ph_release(job->status->memory, pass.list.cells);
  ph_release(job->status->memory, pass.other.cells);
  ph_release(job->status->memory, pass.base.cells);
  if (pass.joining.work > PASS_WORK) pass.found.error = 1;
  return pass.found;
}

/* The error falls about like the number of cells to the power of -2/3. */
static size_t more_cells(size_t most, double error) {
  double ratio = error / PH_GOOD_ERROR, factor = 1.1 * ratio * sqrt(ratio);
  return (size_t)((double)most * (factor < 1.4 ? 1.4 : factor > 8 ? 8 : factor));
}

ph_hit_estimate ph_hit_deviations_estimate(ph_hit_job *job, size_t first, ph_hit_estimate best) {
  for (size_t most = FIRST_CELLS; most <= MOST_CELLS && !ph_hit_is_good(best);) {
    ph_hit_estimate found = run_pass(job, first, most);
    if (found.error < best.error) best = found;
    if (ph_failed(job->status) || found.error >= 1) break;
    most = more_cells(most, found.error);
  }
  return best;
}
