/*
** Chance to hit. See hit_probability.h.
**
** HOW IT WORKS. Wanted is P(S >= r) for S = sum of a_k X_k, X_k independent, P(X_k = 1) = p_k. Which of the
** steps below decide is chosen by the data alone; each carries a proved bound of its error, and the bounds
** are added up.
**
** 1. Normal form: amounts that are positive, uncertain, sorted and without a common divisor
**    (hit_normal_form.c).
** 2. Branching: the largest deals are decided one by one, which takes away the giants that make the rest
**    ragged; up to some twenty deals all of it is exact (hit_branching.c).
** 3. Else the characteristic function, from which Vaaler's polynomial gives both the estimate and the bound
**    of its error (hit_spectrum.c).
** 4. Where S is so ragged at r that too many points would be needed (heavy sums at r, clusters of sums much
**    tighter than the spread): up to 32 deals, exactly as in 2. Else the sums of the deals that end on their
**    less likely side, in cells, from which heavy sums are kept apart (hit_deviations.c). Sets of thousands
**    of deals that are ragged at every scale may take some hundred milliseconds.
**
** Only + - * / and the exact sqrt, floor and fabs are used, nothing that rounds differently elsewhere;
** results are the same bytes wherever the compiler keeps IEEE double without contraction (-ffp-contract=off).
*/
#include "hit_internal.h"

#include <math.h>

#define FOURIER_WORK 4000000.0        /* factors, some nanoseconds each */
#define FOURIER_WORK_LARGE 20000000.0 /* for many deals, where cells would cost more */

/* The states of the list and the deals from `first` on: whichever method bounds the error first. */
static void solve_rest(ph_hit_job *job, ph_hit_spectrum *spectrum, size_t first) {
  double work = job->count < PH_LARGE_COUNT ? FOURIER_WORK : FOURIER_WORK_LARGE;
  bool small = ph_hit_can_finish(job, first, PH_EXACT_BITS_AT_LAST);
  ph_hit_estimate found = ph_hit_spectrum_estimate(job, spectrum, small ? FOURIER_WORK / 10 : work, false);
  if (small && !ph_hit_is_good(found) && !ph_failed(job->status)) {
    ph_hit_finish_exactly(job, first);
    return;
  }
  found = ph_hit_deviations_estimate(job, first, found);
  if (!ph_hit_is_good(found) && !ph_failed(job->status)) {
    ph_hit_estimate patient = ph_hit_spectrum_estimate(job, spectrum, work, true);
    if (patient.error < found.error) found = patient;
  }
  job->hit += found.hit;
  job->error += found.error;
}

static void solve(ph_hit_job *job) {
  ph_hit_prepare(job);
  if (ph_failed(job->status)) return;
  size_t first = ph_hit_branch_on_giants(job);
  if (ph_failed(job->status) || job->list.count == 0) return;
  if (ph_hit_can_finish(job, first, PH_EXACT_BITS)) {
    ph_hit_finish_exactly(job, first);
    return;
  }
  ph_hit_spectrum spectrum;
  ph_hit_spectrum_begin(&spectrum, job, first);
  if (!ph_failed(job->status)) solve_rest(job, &spectrum, first);
  ph_hit_spectrum_end(&spectrum, job);
}

static void job_end(ph_hit_job *job) {
  const ph_memory *memory = job->status->memory;
  ph_release(memory, job->deals);
  ph_release(memory, job->rests);
  ph_release(memory, job->list.states);
  ph_release(memory, job->other.states);
  ph_release(memory, job->spare.states);
}

double ph_hit_probability_bounded(const ph_claim *claims, size_t count, int64_t remaining_units,
                                  double *error_bound, ph_status *status) {
  ph_hit_job job = {.status = status};
  *error_bound = 1;
  job.deals = ph_allocate(status, count, sizeof *job.deals);
  if (job.deals == NULL) return 0;
  ph_hit_normalise(&job, claims, count, remaining_units);
  if (!ph_failed(status) && job.count > 0) solve(&job);
  job_end(&job);
  if (ph_failed(status)) return 0;
  *error_bound = job.error;
  return job.hit < 0 ? 0 : job.hit > 1 ? 1 : job.hit;
}

/* A chance that is not known well enough is not known. */
double ph_hit_probability(const ph_claim *claims, size_t count, int64_t remaining_units, ph_status *status) {
  double error_bound;
  double chance = ph_hit_probability_bounded(claims, count, remaining_units, &error_bound, status);
  return ph_failed(status) || error_bound <= PH_HIT_TOLERANCE ? chance : (double)NAN;
}
