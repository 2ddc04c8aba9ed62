/*
** Characteristic function (see hit_probability.c), taken at the points n/L, n = 1..J.
** For -L <= S - r < L is
**     1[S >= r] = (S - r)/L + 1/2 - psi((S - r)/L),      psi(x) = x - floor(x) - 1/2,
** and the expectation of the first term is known. J. D. Vaaler, "Some extremal functions in Fourier
** analysis", Bull. AMS 12 (1985), theorem 18 (also H. L. Montgomery, "Ten Lectures on the Interface between
** Analytic Number Theory and Harmonic Analysis", CBMS 84, 1994, chapter 1) gives the trigonometric polynomial
** V of degree J with |V - psi| <= F / (2J + 2) everywhere, F being Fejer's kernel, also a trigonometric
** polynomial of degree J. So the same J numbers E exp(2 pi i n (S - r)/L) yield the estimate and, as E F((S -
** r)/L) / (2J + 2), the bound of its error for this very S. No smoothness is assumed: where S is ragged near
** r the bound says so. (On the line this is H. Prawitz, "Limits for a distribution, if the characteristic
** function is given in a finite domain", Skandinavisk Aktuarietidskrift 55, 1972.) J grows until the bound is
** small enough; for a bell it is some 250, whatever the number of deals. Once J reaches L/2 the finite
** Fourier sum is exact, the amounts being whole numbers: a common divisor makes atoms harmless.
**
** Why it is fast: as soon as a product is below NEGLIGIBLE_PRODUCT the deals after that do not matter, and at
** the few points where it is not, the deals that turn by less than a quarter of a radian are taken in one
** factor by three cumulants with a fourth-order remainder (lump_from).
*/
#include "hit_internal.h"

#include <math.h>
#include <string.h>

#define NEGLIGIBLE_PRODUCT 5e-5
#define LUMP_TOLERANCE 1e-5

enum { WAVES_AT_ONCE = 256, FIRST_POINTS = 512 };

/* The shortest period that keeps the likely sums within one period of every state. */
static int64_t period_of(const ph_hit_job *job, size_t first) {
  ph_hit_window window = ph_hit_window_of(job, first);
  double least = (double)job->list.states[0].units;
  double most = (double)job->list.states[job->list.count - 1].units;
  double period = window.high - least > most - window.low ? window.high - least : most - window.low;
  return (int64_t)(period < 9.2e18 ? period : 9.2e18) + 2;
}

void ph_hit_spectrum_begin(ph_hit_spectrum *spectrum, ph_hit_job *job, size_t first) {
  const ph_hit_list *list = &job->list;
  memset(spectrum, 0, sizeof *spectrum);
  spectrum->period = period_of(job, first);
  spectrum->frequency = 2 * PH_PI / (double)spectrum->period;
  spectrum->first = first;
  spectrum->tolerance = PH_METHOD_TOLERANCE;
  spectrum->state_count = list->count;
  spectrum->states = ph_allocate_zeroed(job->status, spectrum->state_count, sizeof(ph_wave));
  ph_reserve(job->status, (void **)&spectrum->values, &spectrum->capacity, 2 * FIRST_POINTS, sizeof(double));
  if (ph_failed(job->status)) return;
  for (size_t i = 0; i < list->count; i++) {
    /* half a unit below the threshold: never on an atom */
    uint64_t half_unit = ph_phase_of(0.5 / (double)spectrum->period);
    spectrum->states[i].phase = half_unit - ph_phase_in(spectrum->period, list->states[i].units);
    spectrum->states[i].weight = list->states[i].weight;
    spectrum->weight += list->states[i].weight;
  }
}

/* Makes waves of the first `count` deals. */
static bool need_waves(ph_hit_spectrum *spectrum, ph_hit_job *job, size_t count) {
  if (!ph_reserve(job->status, (void **)&spectrum->deals, &spectrum->deal_capacity, count, sizeof(ph_wave)))
    return false;
  for (; spectrum->deal_count < count && ph_continue(job->status); spectrum->deal_count++) {
    const ph_claim *deal = &job->deals[spectrum->first + spectrum->deal_count];
    ph_wave wave = {.phase = ph_phase_in(spectrum->period, deal->amount_units), .weight = deal->win_rate};
    spectrum->deals[spectrum->deal_count] = wave;
  }
  return !ph_failed(job->status);
}

void ph_hit_spectrum_end(ph_hit_spectrum *spectrum, ph_hit_job *job) {
  ph_release(job->status->memory, spectrum->deals);
  ph_release(job->status->memory, spectrum->swings);
  ph_release(job->status->memory, spectrum->states);
  ph_release(job->status->memory, spectrum->values);
}

/* The largest of a block, by lanes. */
static double largest_of(const double *squares) {
  double largest[PH_WAVE_LANES] = {0};
  for (int at = 0; at < PH_BLOCK_POINTS; at += PH_WAVE_LANES) {
    for (int lane = 0; lane < PH_WAVE_LANES; lane++) {
      largest[lane] = squares[at + lane] > largest[lane] ? squares[at + lane] : largest[lane];
    }
  }
  for (int lane = 1; lane < PH_WAVE_LANES; lane++) {
    if (largest[lane] > largest[0]) largest[0] = largest[lane];
  }
  return largest[0];
}

static double largest_square(const double *real, const double *imaginary) {
  double squares[PH_BLOCK_POINTS];
  for (int at = 0; at < PH_BLOCK_POINTS; at++) {
    squares[at] = real[at] * real[at] + imaginary[at] * imaginary[at];
  }
  return largest_of(squares);
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
static size_t lump_from(const ph_hit_job *job, const ph_hit_spectrum *spectrum, double point) {
  double first_t = point * spectrum->frequency, last_t = (point + PH_BLOCK_POINTS - 1) * spectrum->frequency;
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
    if (0.11 * square * square * job->rests[low].fourth * ph_exponential_decay(damping) <= LUMP_TOLERANCE)
      break;
    low += (job->count - low + 1) / 2;
  }
  return low;
}

static void begin_block(const ph_hit_job *job, const ph_hit_spectrum *spectrum, size_t lump, double point,
                        double *real, double *imaginary) {
  const ph_hit_rest *rest = &job->rests[lump];
  double period = (double)spectrum->period, mean_turns = rest->mean / period;
  for (int at = 0; at < PH_BLOCK_POINTS; at++) {
    double number = point + at, t = number * spectrum->frequency;
    double turns = number * mean_turns - t * t * t * rest->third / (12 * PH_PI);
    double radius = ph_exponential_decay(t * t * rest->variance / 2);
    ph_turn(ph_phase_of(turns - floor(turns)), &real[at], &imaginary[at]);
    real[at] *= radius;
    imaginary[at] *= radius;
  }
}

/* What an error of 1 at each point of the block does to the estimate: no coefficient is above 1 / (2n). */
static double block_share(uint64_t point) {
  double share = 0;
  for (int at = 0; at < PH_BLOCK_POINTS; at++) share += 0.5 / ((double)point + at);
  return share;
}

/* The product over all deals at PH_BLOCK_POINTS points; false when all of it is negligible. */
static bool multiply_block(ph_hit_job *job, ph_hit_spectrum *spectrum, uint64_t point, double *real,
                           double *imaginary) {
  size_t lump = lump_from(job, spectrum, (double)point), deals = lump - spectrum->first;
  double limit = NEGLIGIBLE_PRODUCT * NEGLIGIBLE_PRODUCT, share = block_share(point);
  begin_block(job, spectrum, lump, (double)point, real, imaginary);
  for (size_t i = 0; i < deals; i++) {
    if (i % 8 == 0 && largest_square(real, imaginary) < limit) break;
    if (i >= spectrum->deal_count &&
        !need_waves(spectrum, job, i + WAVES_AT_ONCE < deals ? i + WAVES_AT_ONCE : deals))
      break;
    if (!ph_continue(job->status)) break;
    ph_wave_multiply(&spectrum->deals[i], point, real, imaginary);
    spectrum->work += PH_BLOCK_POINTS;
  }
  double largest = largest_square(real, imaginary);
  spectrum->work += PH_BLOCK_POINTS;
  if (lump < job->count) spectrum->residue += LUMP_TOLERANCE * share * spectrum->weight;
  if (largest >= limit) return true;
  spectrum->residue += sqrt(largest) * share * spectrum->weight;
  return false;
}

/* Makes waves and swings of the first `count` deals. */
static bool need_swings(ph_hit_spectrum *spectrum, ph_hit_job *job, size_t count) {
  if (!need_waves(spectrum, job, count)) return false;
  if (!ph_reserve(job->status, (void **)&spectrum->swings, &spectrum->swing_capacity, count,
                  sizeof(ph_swing)))
    return false;
  if (spectrum->swing_count < count) {
    memset(&spectrum->swings[spectrum->swing_count], 0, (count - spectrum->swing_count) * sizeof(ph_swing));
    spectrum->swing_count = count;
  }
  return true;
}

/* Whether the block is negligible, found from absolute values alone. */
static bool is_negligible(ph_hit_job *job, ph_hit_spectrum *spectrum, uint64_t point) {
  double squares[PH_BLOCK_POINTS], limit = NEGLIGIBLE_PRODUCT * NEGLIGIBLE_PRODUCT, largest = 1;
  size_t deals = job->count - spectrum->first;
  for (int at = 0; at < PH_BLOCK_POINTS; at++) squares[at] = 1;
  for (size_t i = 0; i < deals && largest >= limit; i++) {
    if (i >= spectrum->swing_count &&
        !need_swings(spectrum, job, i + WAVES_AT_ONCE < deals ? i + WAVES_AT_ONCE : deals))
      break;
    if (!ph_continue(job->status)) break;
    ph_swing_multiply(&spectrum->swings[i], &spectrum->deals[i], point, squares);
    spectrum->work += PH_BLOCK_POINTS / 4;
    if (i % 8 == 7 || i + 1 == deals) largest = largest_of(squares);
  }
  if (largest < limit) spectrum->residue += sqrt(largest) * block_share(point) * spectrum->weight;
  return largest < limit;
}

static void add_block(ph_hit_job *job, ph_hit_spectrum *spectrum) {
  size_t needed = 2 * (spectrum->count + PH_BLOCK_POINTS);
  if (!ph_reserve(job->status, (void **)&spectrum->values, &spectrum->capacity, needed, sizeof(double)))
    return;
  double real[PH_BLOCK_POINTS], imaginary[PH_BLOCK_POINTS], state_real[PH_BLOCK_POINTS] = {0};
  double state_imaginary[PH_BLOCK_POINTS] = {0};
  double *values = spectrum->values + 2 * spectrum->count;
  uint64_t point = (uint64_t)spectrum->count + 1;
  spectrum->count += PH_BLOCK_POINTS;
  bool was_calm = spectrum->is_calm || point == PH_BLOCK_POINTS + 1;
  spectrum->is_calm = (was_calm && is_negligible(job, spectrum, point)) ||
                      !multiply_block(job, spectrum, point, real, imaginary);
  if (spectrum->is_calm) {
    memset(values, 0, 2 * PH_BLOCK_POINTS * sizeof(double));
    return;
  }
  for (size_t i = 0; i < spectrum->state_count; i++) {
    ph_wave_add(&spectrum->states[i], point, state_real, state_imaginary);
  }
  for (int at = 0; at < PH_BLOCK_POINTS; at++) {
    values[2 * at] = real[at] * state_real[at] - imaginary[at] * state_imaginary[at];
    values[2 * at + 1] = real[at] * state_imaginary[at] + imaginary[at] * state_real[at];
  }
}

/* E F / (2J + 2): what Vaaler's polynomial of degree `degree` can be wrong by. */
static double vaaler_bound(const ph_hit_spectrum *spectrum, size_t degree) {
  double sum = spectrum->weight, size = (double)degree + 1;
  for (size_t n = 1; n <= degree; n++) sum += 2 * (1 - (double)n / size) * spectrum->values[2 * n - 2];
  double unseen = spectrum->weight * (NEGLIGIBLE_PRODUCT + LUMP_TOLERANCE);
  return sum / (2 * size) + unseen + spectrum->residue;
}

/* The part of the estimate that is linear in S: its expectation is known. */
static double linear_part(const ph_hit_job *job, const ph_hit_spectrum *spectrum) {
  double sum = 0;
  for (size_t i = 0; i < job->list.count; i++) {
    double threshold = (double)job->list.states[i].units - 0.5;
    double distance = (job->rests[spectrum->first].mean - threshold) / (double)spectrum->period;
    sum += job->list.states[i].weight * (0.5 + distance);
  }
  return sum;
}

/* Minus the expectation of Vaaler's polynomial: Montgomery's (18). */
static double vaaler_part(const ph_hit_spectrum *spectrum, size_t degree) {
  double sum = 0, size = (double)degree + 1;
  for (size_t n = 1; n <= degree; n++) {
    double cosine, sine, share = (double)n / size;
    ph_turn(ph_phase_of(share / 2), &cosine, &sine);
    sum += ((1 - share) * cosine / sine + 1 / PH_PI) / size * spectrum->values[2 * n - 1];
  }
  return sum;
}

/* The same for whole numbers and all L/2 points: psi at half units as a finite Fourier sum, exact. */
static double finite_part(const ph_hit_spectrum *spectrum) {
  double sum = 0, period = (double)spectrum->period;
  size_t half = (size_t)(spectrum->period / 2);
  for (size_t n = 1; n <= half; n++) {
    double cosine, sine;
    ph_turn(ph_phase_of((double)n / (2 * period)), &cosine, &sine);
    double twice = 2 * (double)n < period ? 1 : 0.5;
    sum += twice * spectrum->values[2 * n - 1] / (sine * period);
  }
  return sum;
}

/* Where S is smooth the bound falls like 1 / degree: no further than that foretells, nor by more than a quarter. */
static size_t next_degree(size_t degree, double ratio) {
  size_t blocks = degree / PH_BLOCK_POINTS, quarter = blocks / 4;
  double foretold = (double)blocks * (ratio - 1);
  if (foretold < (double)quarter) quarter = (size_t)foretold + 1;
  return (blocks + (quarter > 0 ? quarter : 1)) * PH_BLOCK_POINTS;
}

ph_hit_estimate ph_hit_spectrum_estimate(ph_hit_job *job, ph_hit_spectrum *spectrum, double work,
                                         bool patient) {
  ph_hit_estimate result = {0, 1};
  size_t marked_degree = 2 * PH_BLOCK_POINTS;
  double marked_error = 1, good_error = spectrum->tolerance + PH_FOURIER_TAILS;
  for (size_t degree = PH_BLOCK_POINTS;; degree = next_degree(degree, result.error / good_error)) {
    bool whole = spectrum->period / 2 <= (int64_t)degree;
    if (whole) degree = (size_t)(spectrum->period / 2);
    while (spectrum->count < degree && !ph_failed(job->status)) add_block(job, spectrum);
    if (ph_failed(job->status)) return result;
    result.error = (whole ? spectrum->residue : vaaler_bound(spectrum, degree)) + PH_FOURIER_TAILS;
    bool stalled = !patient && degree >= 2 * marked_degree && result.error > 0.8 * marked_error;
    if (whole || stalled || result.error <= good_error || spectrum->work > work) {
      result.hit =
          linear_part(job, spectrum) + (whole ? finite_part(spectrum) : vaaler_part(spectrum, degree));
      return result;
    }
    if (degree >= 2 * marked_degree) marked_degree = degree, marked_error = result.error;
  }
}
