/*
** Claims take their normal form (see hit_probability.c): a negative amount a won with chance p
** is a for sure plus |a| with chance 1 - p; sure wins move the threshold; amounts are divided by their
** greatest common divisor and sorted, so that neither the order nor the scale of the claims is seen later.
** Exact.
*/
#include "hit_internal.h"

#include "../base/money.h"

#include <string.h>

/* Without branches: which claim is above is anybody's guess to the processor. */
static inline bool is_above(const ph_claim *left, const ph_claim *right) {
  bool above = left->amount_units > right->amount_units, equal = left->amount_units == right->amount_units;
  return above | (equal & (left->win_rate > right->win_rate));
}

static void merge_runs(const ph_claim *from, ph_claim *to, size_t begin, size_t middle, size_t end) {
  size_t left = begin, right = middle, at = begin;
  while (left < middle && right < end) {
    bool take_right = is_above(&from[right], &from[left]);
    to[at++] = from[take_right ? right : left];
    left += !take_right;
    right += take_right;
  }
  memcpy(&to[at], &from[left], (middle - left) * sizeof *to);
  memcpy(&to[at + middle - left], &from[right], (end - right) * sizeof *to);
}

static void insert_sorted(ph_claim *deals, size_t begin, size_t end) {
  for (size_t at = begin + 1; at < end; at++) {
    ph_claim moved = deals[at];
    size_t to = at;
    for (; to > begin && is_above(&moved, &deals[to - 1]); to--) deals[to] = deals[to - 1];
    deals[to] = moved;
  }
}

/* Merge sort. */
static void sort_by_merging(ph_claim *deals, ph_claim *spare, size_t count) {
  enum { RUN = 8 };
  for (size_t begin = 0; begin < count; begin += RUN) {
    insert_sorted(deals, begin, begin + RUN < count ? begin + RUN : count);
  }
  ph_claim *from = deals, *to = spare;
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
  if (from != deals) memcpy(deals, from, count * sizeof *deals);
}

enum { DIGIT = 256, FEW = 64 };

static size_t digit_of(const ph_claim *deal, unsigned place) {
  return DIGIT - 1 - (size_t)(deal->amount_units >> (8 * place)) % DIGIT;
}

/* One pass of a radix sort by amount, largest first. */
static void sort_by_digit(const ph_claim *from, ph_claim *to, size_t count, unsigned place) {
  size_t places[DIGIT] = {0}, sum = 0;
  for (size_t i = 0; i < count; i++) places[digit_of(&from[i], place)]++;
  for (size_t digit = 0; digit < DIGIT; digit++) {
    size_t deals = places[digit];
    places[digit] = sum;
    sum += deals;
  }
  for (size_t i = 0; i < count; i++) to[places[digit_of(&from[i], place)]++] = from[i];
}

/* Largest first, of equal amounts the likeliest: equal claims are the same bytes, so the order of the claims
** leaves no trace. Amounts by digits, which has no branches to guess; equal amounts by merging. */
static void sort_deals(ph_hit_job *job) {
  size_t count = job->count;
  int64_t bits = 0; /* of all amounts */
  ph_claim *from = job->deals, *to = ph_allocate(job->status, count, sizeof *to);
  if (to == NULL) return;
  if (count < FEW) sort_by_merging(from, to, count);
  for (size_t i = 0; i < count; i++) bits |= from[i].amount_units;
  for (unsigned place = 0; place < 8 && count >= FEW && bits >> (8 * place) != 0; place++) {
    sort_by_digit(from, to, count, place);
    ph_claim *swapped = from;
    from = to;
    to = swapped;
  }
  for (size_t begin = 0, end; begin < count; begin = end) {
    for (end = begin + 1; end < count && from[end].amount_units == from[begin].amount_units;) end++;
    if (end > begin + 1) sort_by_merging(from + begin, to, end - begin);
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

void ph_hit_normalise(ph_hit_job *job, const ph_claim *claims, size_t count, int64_t remaining_units) {
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

static void take_out_common_divisor(ph_hit_job *job) {
  int64_t divisor = 0;
  for (size_t i = 0; i < job->count && divisor != 1; i++) {
    divisor = common_divisor(job->deals[i].amount_units, divisor);
  }
  if (divisor <= 1) return;
  for (size_t i = 0; i < job->count; i++) job->deals[i].amount_units /= divisor;
  job->missing = (job->missing - 1) / divisor + 1;
}

static void sum_rests(ph_hit_job *job) {
  job->rests = ph_allocate_zeroed(job->status, job->count + 1, sizeof *job->rests);
  if (job->rests == NULL) return;
  for (size_t i = job->count; i > 0; i--) {
    const ph_claim *deal = &job->deals[i - 1];
    ph_hit_rest sum = job->rests[i];
    double amount = (double)deal->amount_units, win = deal->win_rate, lose = 1 - win;
    double variance = win * lose * amount * amount;
    sum.total += deal->amount_units;
    sum.mean += win * amount;
    sum.variance += variance;
    sum.squares += amount * amount;
    sum.third += variance * amount * (lose - win);
    sum.fourth += variance * amount * amount;
    sum.deviations += win < lose ? win : lose;
    job->rests[i - 1] = sum;
  }
}

void ph_hit_prepare(ph_hit_job *job) {
  sort_deals(job);
  take_out_common_divisor(job);
  sum_rests(job);
}
