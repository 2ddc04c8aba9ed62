/*
** Deals are decided one by one (see hit_probability.c).
**
** A list of (still missing, weight). A state that the deals after it can no longer miss, or reach, leaves the
** list. "Can no longer" is either certain or by Hoeffding's and Bernstein's inequalities but for a chance of
** PH_TAIL_CHANCE: S. Boucheron, G. Lugosi, P. Massart, "Concentration Inequalities", Oxford 2013, theorems
** 2.8 and 2.10. A state leaves once, so all of this costs PH_TAIL_CHANCE at most.
**
** Some twenty deals are taken exactly: the sums of two halves of them, each sorted, are put together in one
** pass (E. Horowitz, S. Sahni, "Computing Partitions with Applications to the Knapsack Problem", J. ACM 21,
** 1974).
*/
#include "hit_internal.h"

#include <math.h>

enum {
  BRANCH_STATES = 16,      /* in the list when branching hands over */
  BRANCH_STATES_LARGE = 64 /* the same for many deals, where points cost more than states */
};

ph_hit_window ph_hit_window_of(const ph_hit_job *job, size_t first) {
  const ph_hit_rest *rest = &job->rests[first];
  if (first == job->count) return (ph_hit_window){0, 0};
  double third = (double)job->deals[first].amount_units * PH_TAIL_LOGARITHM / 3;
  double hoeffding = sqrt(rest->squares * PH_TAIL_LOGARITHM / 2);
  double bernstein = third + sqrt(third * third + 2 * PH_TAIL_LOGARITHM * rest->variance);
  double reach = hoeffding < bernstein ? hoeffding : bernstein;
  ph_hit_window result = {rest->mean - reach, rest->mean + reach};
  if (result.low < 0) result.low = 0;
  if (result.high > (double)rest->total) result.high = (double)rest->total;
  return result;
}

/* Takes the states out of the list that the deals from `first` on cannot change. */
static void decide(ph_hit_job *job, size_t first) {
  ph_hit_list *list = &job->list;
  ph_hit_window window = ph_hit_window_of(job, first);
  int64_t total = job->rests[first].total;
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++) {
    ph_hit_state state = list->states[i];
    double missing = (double)state.units;
    if (state.units <= 0 || missing <= window.low) {
      job->hit += state.weight;
    } else if (state.units <= total && missing <= window.high) {
      list->states[kept++] = state;
    }
  }
  list->count = kept;
}

/* Puts one more deal into the list: lost, the units stay, won, they move by `shift`. */
static void branch(ph_hit_job *job, ph_hit_list *list, int64_t shift, double win_rate) {
  ph_hit_list *spare = &job->spare;
  if (!ph_reserve(job->status, (void **)&spare->states, &spare->capacity, 2 * list->count,
                  sizeof(ph_hit_state)))
    return;
  const ph_hit_state *from = list->states;
  ph_hit_state *to = spare->states;
  size_t lost = 0, won = 0, count = 0;
  while (lost < list->count || won < list->count) {
    bool take_lost =
        won >= list->count || (lost < list->count && from[lost].units <= from[won].units + shift);
    int64_t units = take_lost ? from[lost].units : from[won].units + shift;
    double weight = take_lost ? from[lost++].weight * (1 - win_rate) : from[won++].weight * win_rate;
    if (count > 0 && to[count - 1].units == units) {
      to[count - 1].weight += weight;
    } else {
      to[count++] = (ph_hit_state){units, weight};
    }
  }
  ph_hit_list swapped = *list;
  *list = *spare;
  list->count = count;
  *spare = swapped;
}

static void begin_list(ph_hit_job *job, ph_hit_list *list, int64_t units) {
  if (!ph_reserve(job->status, (void **)&list->states, &list->capacity, 1, sizeof(ph_hit_state))) return;
  list->states[0] = (ph_hit_state){units, 1};
  list->count = 1;
}

static unsigned bits_of(size_t count) {
  unsigned bits = 0;
  while (count > 1) count /= 2, bits++;
  return bits;
}

bool ph_hit_can_finish(const ph_hit_job *job, size_t first, unsigned bits) {
  return job->count - first + bits_of(job->list.count) <= bits;
}

size_t ph_hit_branch_on_giants(ph_hit_job *job) {
  size_t limit = job->count < PH_LARGE_COUNT ? BRANCH_STATES : BRANCH_STATES_LARGE, first = 0;
  begin_list(job, &job->list, job->missing);
  while (ph_continue(job->status)) {
    if (first == 0 && ph_hit_can_finish(job, first, PH_EXACT_BITS)) break; /* all exact */
    decide(job, first);
    job->error = PH_TAIL_CHANCE;
    if (job->list.count == 0 || ph_hit_can_finish(job, first, PH_EXACT_BITS)) break;
    double amount = (double)job->deals[first].amount_units;
    if (job->list.count > limit || 4 * amount * amount <= job->rests[first].variance) break;
    branch(job, &job->list, -job->deals[first].amount_units, job->deals[first].win_rate);
    first++;
  }
  return first;
}

void ph_hit_finish_exactly(ph_hit_job *job, size_t first) {
  ph_hit_list *needs = &job->list, *sums = &job->other;
  begin_list(job, sums, 0);
  for (size_t i = first; i < job->count && ph_continue(job->status); i++) {
    int64_t amount = job->deals[i].amount_units;
    bool to_sums = sums->count <= needs->count;
    branch(job, to_sums ? sums : needs, to_sums ? amount : -amount, job->deals[i].win_rate);
  }
  if (ph_failed(job->status)) return;
  double above = 0;
  size_t sum = sums->count;
  for (size_t i = needs->count; i > 0; i--) {
    while (sum > 0 && sums->states[sum - 1].units >= needs->states[i - 1].units) {
      above += sums->states[--sum].weight;
    }
    job->hit += needs->states[i - 1].weight * above;
  }
}
