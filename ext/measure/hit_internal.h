/*
** Shared by the methods behind the chance to hit: hit_normal_form.c, hit_branching.c,
** hit_spectrum.c, hit_deviations.c, and hit_probability.c, which chooses among them.
*/
#ifndef PH_MEASURE_HIT_INTERNAL_H
#define PH_MEASURE_HIT_INTERNAL_H

#include "hit_probability.h"
#include "hit_wave.h"

/* Budget of the error: PH_TAIL_CHANCE for decided states, PH_FOURIER_TAILS for both tails beyond the period
** and the far wrap-arounds, the rest here. */
#define PH_METHOD_TOLERANCE 0.0042
#define PH_GOOD_ERROR 0.0048 /* of a method that is asked last; its states leave PH_TAIL_CHANCE */
#define PH_TAIL_CHANCE 1e-4
#define PH_TAIL_LOGARITHM 9.2103403719761836 /* ln(1 / PH_TAIL_CHANCE) */
#define PH_FOURIER_TAILS 2.01e-4

enum {
  PH_EXACT_BITS = 22,         /* two halves of 2^11 sums: some 20 microseconds */
  PH_EXACT_BITS_AT_LAST = 32, /* two halves of 2^16 sums: some milliseconds */
  PH_LARGE_COUNT = 2000       /* of deals: points of the spectrum cost more than states or cells */
};

typedef struct ph_hit_state {
  int64_t units;
  double weight;
} ph_hit_state;

typedef struct ph_hit_list { /* sorted by units, all different */
  ph_hit_state *states;
  size_t count, capacity;
} ph_hit_list;

/* Sums over a deal and all smaller ones: where the deals from it on can lead. */
typedef struct ph_hit_rest {
  int64_t total;
  double mean, variance, squares, third, fourth; /* squares: of amounts; third, fourth: see lump_from */
  double deviations;                             /* to expect: deals that do not end on their likelier side */
} ph_hit_rest;

typedef struct ph_hit_job {
  ph_status *status;
  ph_claim *deals; /* uncertain, positive, largest first, common divisor taken out */
  size_t count;
  int64_t missing;    /* the threshold for their sum; 1 to their total */
  ph_hit_rest *rests; /* count + 1; the last is empty */
  ph_hit_list list, other, spare;
  double hit, error; /* decided so far */
} ph_hit_job;

/* Fills deals, count and missing from the claims; hit, where the threshold is reached for sure. */
void ph_hit_normalise(ph_hit_job *job, const ph_claim *claims, size_t count, int64_t remaining_units);
/* Sorts the deals, takes out their common divisor and fills rests. */
void ph_hit_prepare(ph_hit_job *job);

/* Where the sum of the deals from `first` on lies but for PH_TAIL_CHANCE at either end. */
typedef struct ph_hit_window {
  double low, high;
} ph_hit_window;
ph_hit_window ph_hit_window_of(const ph_hit_job *job, size_t first);

/* Branches on the largest deals until the rest is even enough, or few enough; returns its first deal. */
size_t ph_hit_branch_on_giants(ph_hit_job *job);

/* Whether two halves of 2^(bits / 2) sums do for the states and the deals from `first` on; takes them so. */
bool ph_hit_can_finish(const ph_hit_job *job, size_t first, unsigned bits);
void ph_hit_finish_exactly(ph_hit_job *job, size_t first);

/* An estimate for the states of the list with its bound; the bound decides whether it is of use. */
typedef struct ph_hit_estimate {
  double hit, error;
} ph_hit_estimate;

static inline bool ph_hit_is_good(ph_hit_estimate estimate) {
  return estimate.error <= PH_GOOD_ERROR;
}

/* The characteristic function of what is open, at as many points as were asked for. */
typedef struct ph_hit_spectrum {
  int64_t period;
  double frequency; /* 2 pi / period */
  ph_wave *deals, *states;
  size_t first, state_count;
  size_t deal_count, deal_capacity; /* deals with a wave; most deals of a large set never need one */
  ph_swing *swings;
  size_t swing_count, swing_capacity;
  bool is_calm;           /* the last block was negligible */
  double weight;          /* of all states */
  double *values;         /* real and imaginary part of E exp(2 pi i n (S - r) / period), n = 1.. */
  size_t count, capacity; /* points known; doubles in values */
  double residue;         /* what the approximated points can add to the error of the estimate */
  double work;
  double tolerance; /* the bound to reach; PH_METHOD_TOLERANCE to begin with */
} ph_hit_spectrum;

void ph_hit_spectrum_begin(ph_hit_spectrum *spectrum, ph_hit_job *job, size_t first);
void ph_hit_spectrum_end(ph_hit_spectrum *spectrum, ph_hit_job *job);
/* Raises the degree until the bound is good or the work is done. Where S is smooth the bound falls like
** 1 / degree; without `patient` a bound that has hardly fallen while the degree doubled is an end, too. */
ph_hit_estimate ph_hit_spectrum_estimate(ph_hit_job *job, ph_hit_spectrum *spectrum, double work,
                                         bool patient);

/* The better of `best` and what deviations in cells find, refined until it is good or too much work. */
ph_hit_estimate ph_hit_deviations_estimate(ph_hit_job *job, size_t first, ph_hit_estimate best);

#endif
