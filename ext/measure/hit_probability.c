/*
** The room of the chance to hit. See hit_probability.h.
**
** HOW IT WORKS. Wanted is P(S >= r) for S = sum of a_k X_k, X_k independent, P(X_k = 1) = p_k. Which of the
** steps below decide is chosen by the data alone; each carries a proved bound of its error, and the bounds
** are added up.
**
** 1. Normal form. A negative amount a won with chance p is a for sure plus |a| with chance 1 - p; sure wins
**    move the threshold; amounts are divided by their greatest common divisor and sorted, so that neither
**    the order nor the scale of the claims is seen below. Exact.
** 2. Branching (branch, decide). The largest deals are decided one by one: a list of (still missing, weight).
**    A state that the deals after it can no longer miss, or reach, leaves the list. "Can no longer" is
**    either certain or by Hoeffding's and Bernstein's inequalities but for a chance of 1e-4: S. Boucheron,
**    G. Lugosi, P. Massart, "Concentration Inequalities", Oxford 2013, theorems 2.8 and 2.10. A state
**    leaves once, so all of this costs 1e-4 at most. It takes away the giants that make the rest ragged.
** 3. Up to some twenty deals: the sums of two halves of the deals, each sorted, are put together in one
**    pass (E. Horowitz, S. Sahni, "Computing Partitions", J. ACM 21, 1974). Exact.
** 4. Else the characteristic function at the points n/L, n = 1..J. For -L <= S - r < L is
**        1[S >= r] = (S - r)/L + 1/2 - psi((S - r)/L),      psi(x) = x - floor(x) - 1/2,
**    and the expectation of the first term is known. J. D. Vaaler, "Some extremal functions in Fourier
**    analysis", Bull. AMS 12 (1985), theorem 18 (also H. L. Montgomery, "Ten Lectures on the Interface
**    between Analytic Number Theory and Harmonic Analysis", CBMS 84, 1994, chapter 1) gives the trigonometric
**    polynomial V of degree J with |V - psi| <= F / (2J + 2) everywhere, F being Fejer's kernel, also a
**    trigonometric polynomial of degree J. So the same J numbers E exp(2 pi i n (S - r)/L) yield the
**    estimate and, as E F((S - r)/L) / (2J + 2), the bound of its error for this very S. No smoothness is
**    assumed: where S is ragged near r the bound says so. (On the line this is H. Prawitz, "Limits for a
**    distribution, if the characteristic function is given in a finite domain", Skandinavisk
**    Aktuarietidskrift 55, 1972.) J grows until the bound is small enough; for a bell it is some 250,
**    whatever the number of deals. Once J reaches L/2 the finite Fourier sum is exact, the amounts being
**    whole numbers: a common divisor makes atoms harmless.
**    Why it is fast: as soon as a product is below 5e-5 the deals after that do not matter, and at the
**    few points where it is not, the deals that turn by less than a quarter of a radian are taken in one
**    factor by three cumulants with a fourth-order remainder (lump_from).
** 5. Where S is so ragged at r that J would be too large (clusters of sums much tighter than the spread):
**    up to 32 deals, step 3. Else a sparse grid (grid_pass): amounts are rounded to multiples of a step,
**    sums that meet in a cell are merged, and each cell keeps the first two moments of its rounding error,
**    from which Cantelli's inequality (Boucheron, Lugosi, Massart, chapter 2) bounds the cell's share
**    above r. A cell with one sum in it has no variance and is decided exactly. Deals that round to
**    the same key go in groups, by how many of them are won. The step shrinks until the bounds meet,
**    at last to 1, where all is exact. Clusters so tight and heavy need few deals with a chance to
**    speak of (by Kolmogorov's and Rogozin's inequality a cluster of weight w leaves at most some
**    1/w^2 of them), which keeps the grid affordable: such sets, nearly equal amounts with r inside a
**    cluster, may take some hundred milliseconds.
**
** Only + - * / and the exact sqrt, floor and fabs are used, nothing that rounds differently elsewhere;
** results are the same bytes wherever the compiler keeps IEEE double without contraction
** (-ffp-contract=off).
*/
#include "hit_probability.h"

#include "../base/money.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846
#define TWO_TO_64 18446744073709551616.0

/* Budget of the error: 1e-4 for decided states, 2e-4 for both tails beyond the period, the rest here. */
#define METHOD_TOLERANCE 0.0042
#define TAIL_CHANCE 1e-4
#define TAIL_LOGARITHM 9.2103403719761836 /* ln(1 / TAIL_CHANCE) */
#define LOGARITHM_OF_2 0.69314718055994531
#define FOURIER_TAILS 2.01e-4 /* both sides, with the far wrap-arounds */
#define NEGLIGIBLE_PRODUCT 5e-5
#define LUMP_TOLERANCE 1e-5
#define NEGLIGIBLE_WEIGHT 1e-12 /* of a cell of the grid; what is dropped is added to the bound */

enum {
  EXACT_BITS = 22,          /* two halves of 2^11 sums: some 20 microseconds */
  EXACT_BITS_AT_LAST = 32,  /* two halves of 2^16 sums: some milliseconds */
  BRANCH_STATES = 16,       /* in the list when branching hands over */
  BRANCH_STATES_LARGE = 64, /* the same for many deals, where points cost more than states */
  LARGE_COUNT = 2000,
  BLOCK_POINTS = 32,
  LANES = 4, /* points that turn together: the compiler's vector */
  GRID_STEPS_PER_DEVIATION = 16
};
#define FOURIER_WORK 4000000.0        /* factors, some nanoseconds each */
#define FOURIER_WORK_LARGE 20000000.0 /* for many deals, where a grid would cost more */
#define GRID_WORK 300000000.0         /* cells touched in one pass */

struct state {
  int64_t units;
  double weight;
};

struct state_list { /* sorted by units, all different */
  struct state *states;
  size_t count, capacity;
};

/* Sums over a deal and all smaller ones: where the deals from it on can lead. */
struct rest {
  int64_t total;
  double mean, variance, squares, third, fourth; /* squares: of amounts; third, fourth: see lump_from */
};

struct job {
  ph_status *status;
  ph_claim *deals; /* uncertain, positive, largest first, common divisor taken out */
  size_t count;
  int64_t missing;    /* the threshold for their sum; 1 to their total */
  struct rest *rests; /* count + 1; the last is empty */
  struct state_list list, other, spare;
  double hit, error; /* decided so far */
};

/* ---- normal form ---- */

static bool is_above(const ph_claim *left, const ph_claim *right) {
  if (left->amount_units != right->amount_units) return left->amount_units > right->amount_units;
  return left->win_rate > right->win_rate;
}

static void merge_runs(const ph_claim *from, ph_claim *to, size_t begin, size_t middle, size_t end) {
  size_t left = begin, right = middle;
  for (size_t at = begin; at < end; at++) {
    bool take_left = left < middle && (right >= end || !is_above(&from[right], &from[left]));
    to[at] = take_left ? from[left++] : from[right++];
  }
}

static void insert_sorted(ph_claim *deals, size_t begin, size_t end) {
  for (size_t at = begin + 1; at < end; at++) {
    ph_claim moved = deals[at];
    size_t to = at;
    for (; to > begin && is_above(&moved, &deals[to - 1]); to--) deals[to] = deals[to - 1];
    deals[to] = moved;
  }
}

/* Merge sort, largest first: equal claims are the same bytes, so the order of the claims leaves no trace. */
static void sort_deals(struct job *job) {
  enum { RUN = 16 };
  size_t count = job->count;
  for (size_t begin = 0; begin < count; begin += RUN) {
    insert_sorted(job->deals, begin, begin + RUN < count ? begin + RUN : count);
  }
  if (count <= RUN) return;
  ph_claim *from = job->deals, *to = ph_allocate(job->status, count, sizeof *to);
  if (to == NULL) return;
  for (size_t run = RUN; run < count; run *= 2) {
    for (size_t begin = 0; begin < count; begin += 2 * run) {
      size_t middle = begin + run < count ? begin + run : count;
      size_t end = middle + run < count ? middle + run : count;
      merge_runs(from, to, begin, middle, end);
    }
    ph_claim *swapped = from;
    from = to;
    to = swapped;
  }
  job->deals = from;
  ph_release(job->status->memory, to);
}

/* The sum, at least INT64_MIN; false when it is above INT64_MAX. */
static bool narrow(const ph_money_sum *sum, int64_t *units) {
  int64_t low = sum->low % 4294967296, high = sum->high + sum->low / 4294967296;
  if (low < 0) low += 4294967296, high--;
  *units = high < INT32_MIN ? INT64_MIN : high > INT32_MAX ? INT64_MAX : high * 4294967296 + low;
  return high <= INT32_MAX;
}

/* Fills deals, count and missing from the claims. */
static void normalise(struct job *job, const ph_claim *claims, size_t count, int64_t remaining_units) {
  ph_money_sum threshold = {0, 0}, total = {0, 0};
  ph_money_add(&threshold, remaining_units);
  for (size_t i = 0; i < count; i++) {
    int64_t amount = claims[i].amount_units;
    double rate = claims[i].win_rate;
    if (amount == 0 || !(rate > 0)) continue;
    if (rate >= 1 || amount < 0) ph_money_subtract(&threshold, amount);
    if (rate >= 1) continue;
    if (amount > 0) ph_money_add(&total, amount);
    if (amount < 0) ph_money_subtract(&total, amount);
    job->deals[job->count++] = claims[i];
  }
  int64_t sum = ph_money_value(&total, "the absolute amounts of the claimed deals", job->status);
  if (ph_failed(job->status)) return;
  for (size_t i = 0; i < job->count; i++) {
    ph_claim *deal = &job->deals[i];
    if (deal->amount_units > 0) continue;
    deal->amount_units = -deal->amount_units;
    deal->win_rate = 1 - deal->win_rate;
  }
  bool in_reach = narrow(&threshold, &job->missing) && job->missing <= sum;
  if (job->missing <= 0) job->hit = 1;
  if (job->missing <= 0 || !in_reach) job->count = 0;
}

static int64_t common_divisor(int64_t a, int64_t b) {
  while (b != 0) {
    int64_t left = a % b;
    a = b;
    b = left;
  }
  return a;
}

static void take_out_common_divisor(struct job *job) {
  int64_t divisor = 0;
  for (size_t i = 0; i < job->count && divisor != 1; i++) {
    divisor = common_divisor(job->deals[i].amount_units, divisor);
  }
  if (divisor <= 1) return;
  for (size_t i = 0; i < job->count; i++) job->deals[i].amount_units /= divisor;
  job->missing = (job->missing - 1) / divisor + 1;
}

static void sum_rests(struct job *job) {
  job->rests = ph_allocate_zeroed(job->status, job->count + 1, sizeof *job->rests);
  if (job->rests == NULL) return;
  for (size_t i = job->count; i > 0; i--) {
    const ph_claim *deal = &job->deals[i - 1];
    struct rest sum = job->rests[i];
    double amount = (double)deal->amount_units, win = deal->win_rate, lose = 1 - win;
    double variance = win * lose * amount * amount;
    sum.total += deal->amount_units;
    sum.mean += win * amount;
    sum.variance += variance;
    sum.squares += amount * amount;
    sum.third += variance * amount * (lose - win);
    sum.fourth += variance * amount * amount;
    job->rests[i - 1] = sum;
  }
}

/* ---- branching ---- */

/* Where the sum of the deals from `first` on lies but for TAIL_CHANCE at either end. */
struct window {
  double low, high;
};

static struct window window_of(const struct job *job, size_t first) {
  const struct rest *rest = &job->rests[first];
  if (first == job->count) return (struct window){0, 0};
  double third = (double)job->deals[first].amount_units * TAIL_LOGARITHM / 3;
  double hoeffding = sqrt(rest->squares * TAIL_LOGARITHM / 2);
  double bernstein = third + sqrt(third * third + 2 * TAIL_LOGARITHM * rest->variance);
  double reach = hoeffding < bernstein ? hoeffding : bernstein;
  struct window result = {rest->mean - reach, rest->mean + reach};
  if (result.low < 0) result.low = 0;
  if (result.high > (double)rest->total) result.high = (double)rest->total;
  return result;
}

/* Takes the states out of the list that the deals from `first` on cannot change. */
static void decide(struct job *job, size_t first) {
  struct state_list *list = &job->list;
  struct window window = window_of(job, first);
  int64_t total = job->rests[first].total;
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++) {
    struct state state = list->states[i];
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
static void branch(struct job *job, struct state_list *list, int64_t shift, double win_rate) {
  struct state_list *spare = &job->spare;
  if (!ph_reserve(job->status, (void **)&spare->states, &spare->capacity, 2 * list->count,
                  sizeof(struct state)))
    return;
  const struct state *from = list->states;
  struct state *to = spare->states;
  size_t lost = 0, won = 0, count = 0;
  while (lost < list->count || won < list->count) {
    bool take_lost =
        won >= list->count || (lost < list->count && from[lost].units <= from[won].units + shift);
    int64_t units = take_lost ? from[lost].units : from[won].units + shift;
    double weight = take_lost ? from[lost++].weight * (1 - win_rate) : from[won++].weight * win_rate;
    if (count > 0 && to[count - 1].units == units) {
      to[count - 1].weight += weight;
    } else {
      to[count++] = (struct state){units, weight};
    }
  }
  struct state_list swapped = *list;
  *list = *spare;
  list->count = count;
  *spare = swapped;
}

static void begin_list(struct job *job, struct state_list *list, int64_t units) {
  if (!ph_reserve(job->status, (void **)&list->states, &list->capacity, 1, sizeof(struct state))) return;
  list->states[0] = (struct state){units, 1};
  list->count = 1;
}

static unsigned bits_of(size_t count) {
  unsigned bits = 0;
  while (count > 1) count /= 2, bits++;
  return bits;
}

static bool can_finish(const struct job *job, size_t first, unsigned bits) {
  return job->count - first + bits_of(job->list.count) <= bits;
}

/* Branches on the largest deals until the rest is even enough, or few enough; returns its first deal. */
static size_t branch_on_giants(struct job *job) {
  size_t limit = job->count < LARGE_COUNT ? BRANCH_STATES : BRANCH_STATES_LARGE, first = 0;
  begin_list(job, &job->list, job->missing);
  while (ph_continue(job->status)) {
    if (first == 0 && can_finish(job, first, EXACT_BITS)) break; /* all exact */
    decide(job, first);
    job->error = TAIL_CHANCE;
    if (job->list.count == 0 || can_finish(job, first, EXACT_BITS)) break;
    double amount = (double)job->deals[first].amount_units;
    if (job->list.count > limit || 4 * amount * amount <= job->rests[first].variance) break;
    branch(job, &job->list, -job->deals[first].amount_units, job->deals[first].win_rate);
    first++;
  }
  return first;
}

/* ---- two halves, exact ---- */

static void finish_exactly(struct job *job, size_t first) {
  struct state_list *needs = &job->list, *sums = &job->other;
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

/* ---- the characteristic function ---- */

/* Something that turns by `phase` / 2^64 of a full turn from each point to the next. It remembers where it
** stands at LANES points from `point` on, because blocks of points mostly follow each other. */
struct wave {
  uint64_t phase, point;
  double weight;                 /* the win rate of a deal, the weight of a state */
  double step_cosine, step_sine; /* of LANES phases */
  double cosine[LANES], sine[LANES];
};

struct spectrum {
  int64_t period;
  double frequency; /* 2 pi / period */
  struct wave *deals, *states;
  size_t first, state_count;
  size_t deal_count, deal_capacity; /* deals with a wave; most deals of a large set never need one */
  double weight;                    /* of all states */
  double *values;                   /* real and imaginary part of E exp(2 pi i n (S - r) / period), n = 1.. */
  size_t count, capacity;           /* points known; doubles in values */
  double residue;                   /* what the approximated points can add to the error of the estimate */
  double work;
};

/* Cosine and sine of phase / 2^64 turns, by Taylor's series of half the angle: good to 1e-11. */
static void turn(uint64_t phase, double *cosine, double *sine) {
  double x = (phase < (uint64_t)1 << 63 ? (double)phase : -(double)(0 - phase)) * (PI / TWO_TO_64);
  double y = x * x;
  double s = -1 / 1307674368000.0, c = 1 / 20922789888000.0;
  s = s * y + 1 / 6227020800.0, c = c * y - 1 / 87178291200.0;
  s = s * y - 1 / 39916800.0, c = c * y + 1 / 479001600.0;
  s = s * y + 1 / 362880.0, c = c * y - 1 / 3628800.0;
  s = s * y - 1 / 5040.0, c = c * y + 1 / 40320.0;
  s = s * y + 1 / 120.0, c = c * y - 1 / 720.0;
  s = s * y - 1 / 6.0, c = c * y + 1 / 24.0;
  s = (s * y + 1) * x, c = (c * y - 0.5) * y + 1;
  *cosine = 1 - 2 * s * s;
  *sine = 2 * s * c;
}

/* exp(-x) for x >= 0, good to 1e-12. */
static double exponential_decay(double x) {
  if (x > 700) return 0;
  double y = x / 1024, result = 1 / 720.0;
  result = 1 - y * (1 - y * (0.5 - y * (1 / 6.0 - y * (1 / 24.0 - y * (1 / 120.0 - y * result)))));
  for (int i = 0; i < 10; i++) result *= result;
  return result;
}

static uint64_t phase_of(double turns) {
  return turns < 1 ? (uint64_t)(turns * TWO_TO_64) : 0;
}

static uint64_t phase_in(int64_t period, int64_t units) {
  return phase_of((double)(units % period) / (double)period);
}

/* The wave at LANES points from `point` on, and its step. */
static void start_wave(struct wave *wave, uint64_t point) {
  double one_cosine, one_sine;
  turn(wave->phase, &one_cosine, &one_sine);
  turn(wave->phase * LANES, &wave->step_cosine, &wave->step_sine);
  turn(wave->phase * point, &wave->cosine[0], &wave->sine[0]);
  for (int lane = 1; lane < LANES; lane++) {
    double cosine = wave->cosine[lane - 1], sine = wave->sine[lane - 1];
    wave->cosine[lane] = cosine * one_cosine - sine * one_sine;
    wave->sine[lane] = cosine * one_sine + sine * one_cosine;
  }
  wave->point = point;
}

/* Starts afresh after a gap, and now and then lest rounding errors grow. */
static void move_wave(struct wave *wave, uint64_t point) {
  enum { POINTS_BETWEEN_STARTS = 64 * BLOCK_POINTS };
  if (wave->point != point || point % POINTS_BETWEEN_STARTS == 1) start_wave(wave, point);
  wave->point = point + BLOCK_POINTS;
}

/* The shortest period that keeps the likely sums within one period of every state. */
static int64_t period_of(const struct job *job, size_t first) {
  struct window window = window_of(job, first);
  double least = (double)job->list.states[0].units;
  double most = (double)job->list.states[job->list.count - 1].units;
  double period = window.high - least > most - window.low ? window.high - least : most - window.low;
  return (int64_t)(period < 9.2e18 ? period : 9.2e18) + 2;
}

static void spectrum_begin(struct spectrum *spectrum, struct job *job, size_t first) {
  const struct state_list *list = &job->list;
  memset(spectrum, 0, sizeof *spectrum);
  spectrum->period = period_of(job, first);
  spectrum->frequency = 2 * PI / (double)spectrum->period;
  spectrum->first = first;
  spectrum->state_count = list->count;
  spectrum->states = ph_allocate_zeroed(job->status, spectrum->state_count, sizeof(struct wave));
  if (ph_failed(job->status)) return;
  for (size_t i = 0; i < list->count; i++) {
    /* half a unit below the threshold: never on an atom */
    uint64_t half_unit = phase_of(0.5 / (double)spectrum->period);
    spectrum->states[i].phase = half_unit - phase_in(spectrum->period, list->states[i].units);
    spectrum->states[i].weight = list->states[i].weight;
    spectrum->weight += list->states[i].weight;
  }
}

/* Makes waves of the first `count` deals. */
static bool need_waves(struct spectrum *spectrum, struct job *job, size_t count) {
  if (!ph_reserve(job->status, (void **)&spectrum->deals, &spectrum->deal_capacity, count,
                  sizeof(struct wave)))
    return false;
  for (; spectrum->deal_count < count && ph_continue(job->status); spectrum->deal_count++) {
    const ph_claim *deal = &job->deals[spectrum->first + spectrum->deal_count];
    struct wave wave = {.phase = phase_in(spectrum->period, deal->amount_units), .weight = deal->win_rate};
    spectrum->deals[spectrum->deal_count] = wave;
  }
  return !ph_failed(job->status);
}

static void spectrum_end(struct spectrum *spectrum, struct job *job) {
  ph_release(job->status->memory, spectrum->deals);
  ph_release(job->status->memory, spectrum->states);
  ph_release(job->status->memory, spectrum->values);
}

/* Multiplies the block of points by the deal's 1 - p + p exp(i angle). */
static void multiply_by_deal(struct wave *wave, uint64_t point, double *restrict real,
                             double *restrict imaginary) {
  move_wave(wave, point);
  double win = wave->weight, lose = 1 - win, step_cosine = wave->step_cosine, step_sine = wave->step_sine;
  double cosine[LANES], sine[LANES];
  memcpy(cosine, wave->cosine, sizeof cosine);
  memcpy(sine, wave->sine, sizeof sine);
  for (int at = 0; at < BLOCK_POINTS; at += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      double c = cosine[lane], s = sine[lane], x = real[at + lane], y = imaginary[at + lane];
      double u = lose + win * c, v = win * s;
      real[at + lane] = x * u - y * v;
      imaginary[at + lane] = x * v + y * u;
      cosine[lane] = c * step_cosine - s * step_sine;
      sine[lane] = c * step_sine + s * step_cosine;
    }
  }
  memcpy(wave->cosine, cosine, sizeof cosine);
  memcpy(wave->sine, sine, sizeof sine);
}

/* Adds the state's weight * exp(i angle) to the block of points. */
static void add_state(struct wave *wave, uint64_t point, double *restrict real, double *restrict imaginary) {
  move_wave(wave, point);
  double weight = wave->weight, step_cosine = wave->step_cosine, step_sine = wave->step_sine;
  double cosine[LANES], sine[LANES];
  memcpy(cosine, wave->cosine, sizeof cosine);
  memcpy(sine, wave->sine, sizeof sine);
  for (int at = 0; at < BLOCK_POINTS; at += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      double c = cosine[lane], s = sine[lane];
      real[at + lane] += weight * c;
      imaginary[at + lane] += weight * s;
      cosine[lane] = c * step_cosine - s * step_sine;
      sine[lane] = c * step_sine + s * step_cosine;
    }
  }
  memcpy(wave->cosine, cosine, sizeof cosine);
  memcpy(wave->sine, sine, sizeof sine);
}

static double largest_square(const double *real, const double *imaginary) {
  double largest = 0;
  for (int at = 0; at < BLOCK_POINTS; at++) {
    double square = real[at] * real[at] + imaginary[at] * imaginary[at];
    if (square > largest) largest = square;
  }
  return largest;
}

/*
** The first deal from which on all deals can be taken in one factor at the block's points.
**
** The logarithm of 1 - p + p exp(ix) is ipx - pq x^2/2 - i pq(q - p) x^3/6 + R. Its fourth derivative is
** P Q (1 - 6 P Q) with P = p exp(ix) / (1 - p + p exp(ix)), Q = 1 - P; for |x| <= 1/4 is
** |1 - p + p exp(ix)|^2 = 1 - 4 p q sin^2(x/2) >= 0.984, so |P Q| <= 1.017 p q and |R| <= 0.11 p q x^4. With
** |exp(a) - exp(b)| <= |a - b| max(|exp(a)|, |exp(b)|) the factor's error is at most
** 0.11 t^4 (sum of p q a^4) exp(-0.49 t^2 (sum of p q a^2)). Returns the end of the deals when
** LUMP_TOLERANCE is not met.
*/
static size_t lump_from(const struct job *job, const struct spectrum *spectrum, double point) {
  double first_t = point * spectrum->frequency, last_t = (point + BLOCK_POINTS - 1) * spectrum->frequency;
  size_t low = spectrum->first, high = job->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if ((double)job->deals[middle].amount_units * last_t <= 0.25) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  while (low < job->count) {
    double square = last_t * last_t, damping = 0.49 * first_t * first_t * job->rests[low].variance;
    if (0.11 * square * square * job->rests[low].fourth * exponential_decay(damping) <= LUMP_TOLERANCE) break;
    low += (job->count - low + 1) / 2;
  }
  return low;
}

static void begin_block(const struct job *job, const struct spectrum *spectrum, size_t lump, double point,
                        double *real, double *imaginary) {
  const struct rest *rest = &job->rests[lump];
  double period = (double)spectrum->period, mean_turns = rest->mean / period;
  for (int at = 0; at < BLOCK_POINTS; at++) {
    double number = point + at, t = number * spectrum->frequency;
    double turns = number * mean_turns - t * t * t * rest->third / (12 * PI);
    double radius = exponential_decay(t * t * rest->variance / 2);
    turn(phase_of(turns - floor(turns)), &real[at], &imaginary[at]);
    real[at] *= radius;
    imaginary[at] *= radius;
  }
}

/* The product over all deals at BLOCK_POINTS points; false when all of it is negligible. */
static bool multiply_block(struct job *job, struct spectrum *spectrum, uint64_t point, double *real,
                           double *imaginary) {
  size_t lump = lump_from(job, spectrum, (double)point), deals = lump - spectrum->first;
  double limit = NEGLIGIBLE_PRODUCT * NEGLIGIBLE_PRODUCT, share = 0;
  begin_block(job, spectrum, lump, (double)point, real, imaginary);
  for (size_t i = 0; i < deals; i++) {
    if (i % 8 == 0 && largest_square(real, imaginary) < limit) break;
    if (i >= spectrum->deal_count && !need_waves(spectrum, job, i + 64 < deals ? i + 64 : deals)) break;
    if (!ph_continue(job->status)) break;
    multiply_by_deal(&spectrum->deals[i], point, real, imaginary);
    spectrum->work += BLOCK_POINTS;
  }
  double largest = largest_square(real, imaginary);
  spectrum->work += BLOCK_POINTS;
  /* no coefficient of the estimate is above 1 / (2n) */
  for (int at = 0; at < BLOCK_POINTS; at++) share += 0.5 / ((double)point + at);
  if (lump < job->count) spectrum->residue += LUMP_TOLERANCE * share * spectrum->weight;
  if (largest >= limit) return true;
  spectrum->residue += sqrt(largest) * share * spectrum->weight;
  return false;
}

static void add_block(struct job *job, struct spectrum *spectrum) {
  size_t needed = 2 * (spectrum->count + BLOCK_POINTS);
  if (!ph_reserve(job->status, (void **)&spectrum->values, &spectrum->capacity, needed, sizeof(double)))
    return;
  double real[BLOCK_POINTS], imaginary[BLOCK_POINTS], state_real[BLOCK_POINTS] = {0};
  double state_imaginary[BLOCK_POINTS] = {0};
  double *values = spectrum->values + 2 * spectrum->count;
  uint64_t point = (uint64_t)spectrum->count + 1;
  spectrum->count += BLOCK_POINTS;
  if (!multiply_block(job, spectrum, point, real, imaginary)) {
    memset(values, 0, 2 * BLOCK_POINTS * sizeof(double));
    return;
  }
  for (size_t i = 0; i < spectrum->state_count; i++) {
    add_state(&spectrum->states[i], point, state_real, state_imaginary);
  }
  for (int at = 0; at < BLOCK_POINTS; at++) {
    values[2 * at] = real[at] * state_real[at] - imaginary[at] * state_imaginary[at];
    values[2 * at + 1] = real[at] * state_imaginary[at] + imaginary[at] * state_real[at];
  }
}

/* E F / (2J + 2): what Vaaler's polynomial of degree `degree` can be wrong by. */
static double vaaler_bound(const struct spectrum *spectrum, size_t degree) {
  double sum = spectrum->weight, size = (double)degree + 1;
  for (size_t n = 1; n <= degree; n++) sum += 2 * (1 - (double)n / size) * spectrum->values[2 * n - 2];
  double unseen = spectrum->weight * (NEGLIGIBLE_PRODUCT + LUMP_TOLERANCE);
  return sum / (2 * size) + unseen + spectrum->residue;
}

/* The part of the estimate that is linear in S: its expectation is known. */
static double linear_part(const struct job *job, const struct spectrum *spectrum) {
  double sum = 0;
  for (size_t i = 0; i < job->list.count; i++) {
    double threshold = (double)job->list.states[i].units - 0.5;
    double distance = (job->rests[spectrum->first].mean - threshold) / (double)spectrum->period;
    sum += job->list.states[i].weight * (0.5 + distance);
  }
  return sum;
}

/* Minus the expectation of Vaaler's polynomial: Montgomery's (18). */
static double vaaler_part(const struct spectrum *spectrum, size_t degree) {
  double sum = 0, size = (double)degree + 1;
  for (size_t n = 1; n <= degree; n++) {
    double cosine, sine, share = (double)n / size;
    turn(phase_of(share / 2), &cosine, &sine);
    sum += ((1 - share) * cosine / sine + 1 / PI) / size * spectrum->values[2 * n - 1];
  }
  return sum;
}

/* The same for whole numbers and all L/2 points: psi at half units as a finite Fourier sum, exact. */
static double finite_part(const struct spectrum *spectrum) {
  double sum = 0, period = (double)spectrum->period;
  size_t half = (size_t)(spectrum->period / 2);
  for (size_t n = 1; n <= half; n++) {
    double cosine, sine;
    turn(phase_of((double)n / (2 * period)), &cosine, &sine);
    double twice = 2 * (double)n < period ? 1 : 0.5;
    sum += twice * spectrum->values[2 * n - 1] / (sine * period);
  }
  return sum;
}

/* An estimate for the states of the list with its bound; the bound decides whether it is of use. */
struct estimate {
  double hit, error;
};

static bool is_good(struct estimate estimate) {
  return estimate.error <= METHOD_TOLERANCE + FOURIER_TAILS;
}

static size_t next_degree(size_t degree) {
  return degree + (degree < 4 * BLOCK_POINTS ? BLOCK_POINTS : degree / (4 * BLOCK_POINTS) * BLOCK_POINTS);
}

/* Raises the degree until the bound is good or the work is done. Where S is smooth the bound falls like
** 1 / degree; without `patient` a bound that has hardly fallen while the degree doubled is an end, too. */
static struct estimate estimate_by_spectrum(struct job *job, struct spectrum *spectrum, double work,
                                            bool patient) {
  struct estimate result = {0, 1};
  size_t marked_degree = 2 * BLOCK_POINTS;
  double marked_error = 1;
  for (size_t degree = BLOCK_POINTS;; degree = next_degree(degree)) {
    bool whole = spectrum->period / 2 <= (int64_t)degree;
    if (whole) degree = (size_t)(spectrum->period / 2);
    while (spectrum->count < degree && !ph_failed(job->status)) add_block(job, spectrum);
    if (ph_failed(job->status)) return result;
    result.error = (whole ? spectrum->residue : vaaler_bound(spectrum, degree)) + FOURIER_TAILS;
    bool stalled = !patient && degree >= 2 * marked_degree && result.error > 0.8 * marked_error;
    if (whole || stalled || is_good(result) || spectrum->work > work) {
      result.hit =
          linear_part(job, spectrum) + (whole ? finite_part(spectrum) : vaaler_part(spectrum, degree));
      return result;
    }
    if (degree >= 2 * marked_degree) marked_degree = degree, marked_error = result.error;
  }
}

/* ---- the sparse grid ---- */

/* Sums that are missing step * key + E units; weight, and weight times the first two moments of E. */
struct cell {
  int64_t key;
  double weight, first, second;
};

struct grid {
  int64_t step;
  double drift, reach; /* |E - drift| is not above reach, all the way and but for TAIL_CHANCE */
  double magnitude;    /* |E| is never above it */
  double noise;        /* of moments, as a share of the magnitude or its square: rounded arithmetic */
  struct cell *cells, *spare;
  size_t count, capacity, spare_capacity;
  double work;
  struct estimate found;
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
static void bound_errors(struct grid *grid, const struct job *job, size_t first) {
  double sum = 0, squares = 0, half = grid->step > 1 ? (double)grid->step / 2 : 0;
  for (size_t i = first; i < job->count; i++) {
    double error;
    rounded(job->deals[i].amount_units, grid->step, &error);
    sum += fabs(error);
    squares += error * error;
  }
  double hoeffding = sqrt(squares * (TAIL_LOGARITHM + LOGARITHM_OF_2) / 2);
  grid->reach = (half + (sum < hoeffding ? sum : hoeffding)) * (1 + 1e-9);
  grid->magnitude = half + sum;
  grid->noise = 16 * DBL_EPSILON * (double)(job->count - first);
}

static void grid_begin(struct grid *grid, struct job *job, size_t first, int64_t step) {
  const struct state_list *list = &job->list;
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

static void grid_end(struct grid *grid, struct job *job) {
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

static void gather(struct grid *grid, const struct job *job, size_t first, struct group *group) {
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

static void swap_cells(struct grid *grid, struct job *job, size_t count) {
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
static void grid_branch(struct grid *grid, struct job *job, const struct group *group) {
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

static void grid_decide(struct grid *grid, const struct job *job, size_t first) {
  struct window window = window_of(job, first);
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
static struct estimate grid_pass(struct job *job, size_t first, int64_t step, double *work) {
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
  struct estimate result = grid.found;
  result.error = grid.work > GRID_WORK ? 1 : result.error + 2 * TAIL_CHANCE;
  *work = grid.work;
  grid_end(&grid, job);
  return result;
}

static struct estimate estimate_by_grid(struct job *job, size_t first, struct estimate best) {
  double start = sqrt(job->rests[first].variance) / GRID_STEPS_PER_DEVIATION;
  int64_t step = start < 1 ? 1 : start > 1e18 ? (int64_t)1000000000000000000 : (int64_t)start;
  while (!ph_failed(job->status) && !is_good(best)) {
    double work;
    struct estimate found = grid_pass(job, first, step, &work);
    if (found.error < best.error) best = found;
    if (found.error >= 1 || step == 1) break;
    /* the error falls with the step, the work grows at most as much */
    int64_t finer = work < GRID_WORK / 2000 ? 8 : found.error > 0.008 ? 4 : 2;
    step = step < finer ? 1 : step / finer;
  }
  return best;
}

/* ---- all together ---- */

/* The states of the list and the deals from `first` on: whichever method bounds the error first. */
static void solve_rest(struct job *job, struct spectrum *spectrum, size_t first) {
  double work = job->count < LARGE_COUNT ? FOURIER_WORK : FOURIER_WORK_LARGE;
  bool small = can_finish(job, first, EXACT_BITS_AT_LAST);
  struct estimate found = estimate_by_spectrum(job, spectrum, small ? FOURIER_WORK / 10 : work, false);
  if (small && !is_good(found) && !ph_failed(job->status)) {
    finish_exactly(job, first);
    return;
  }
  found = estimate_by_grid(job, first, found);
  if (!is_good(found) && !ph_failed(job->status)) {
    struct estimate patient = estimate_by_spectrum(job, spectrum, work, true);
    if (patient.error < found.error) found = patient;
  }
  job->hit += found.hit;
  job->error += found.error;
}

static void solve(struct job *job) {
  sort_deals(job);
  take_out_common_divisor(job);
  sum_rests(job);
  if (ph_failed(job->status)) return;
  size_t first = branch_on_giants(job);
  if (ph_failed(job->status) || job->list.count == 0) return;
  if (can_finish(job, first, EXACT_BITS)) {
    finish_exactly(job, first);
    return;
  }
  struct spectrum spectrum;
  spectrum_begin(&spectrum, job, first);
  if (!ph_failed(job->status)) solve_rest(job, &spectrum, first);
  spectrum_end(&spectrum, job);
}

static void job_end(struct job *job) {
  const ph_memory *memory = job->status->memory;
  ph_release(memory, job->deals);
  ph_release(memory, job->rests);
  ph_release(memory, job->list.states);
  ph_release(memory, job->other.states);
  ph_release(memory, job->spare.states);
}

double ph_hit_probability_bounded(const ph_claim *claims, size_t count, int64_t remaining_units,
                                  double *error_bound, ph_status *status) {
  struct job job = {.status = status};
  *error_bound = 1;
  job.deals = ph_allocate(status, count, sizeof *job.deals);
  if (job.deals == NULL) return 0;
  normalise(&job, claims, count, remaining_units);
  if (!ph_failed(status) && job.count > 0) solve(&job);
  job_end(&job);
  if (ph_failed(status)) return 0;
  *error_bound = job.error;
  return job.hit < 0 ? 0 : job.hit > 1 ? 1 : job.hit;
}

double ph_hit_probability(const ph_claim *claims, size_t count, int64_t remaining_units, ph_status *status) {
  double error_bound;
  return ph_hit_probability_bounded(claims, count, remaining_units, &error_bound, status);
}
