/*
** What the tests of the chance to hit measure against: seeded sets of claims of every shape, and the
** chance by other ways, from full enumeration to draws.
*/
#ifndef TEST_UNIT_HIT_REFERENCE_H
#define TEST_UNIT_HIT_REFERENCE_H

#include "../../ext/measure/hit_probability.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define MOST_DEALS 100000

/* ---- an allocator that counts and can fail ---- */

typedef struct counted {
  long blocks, calls, fail_at; /* fail_at: the call that finds no memory; 0 for never */
} counted;

static void *resize_counted(void *context, void *block, size_t bytes) {
  counted *counts = context;
  if (++counts->calls == counts->fail_at) return NULL;
  void *grown = realloc(block, bytes);
  if (block == NULL && grown != NULL) counts->blocks++;
  return grown;
}

static void release_counted(void *context, void *block) {
  if (block != NULL) ((counted *)context)->blocks--;
  free(block);
}

static double hit(const ph_claim *claims, size_t count, int64_t remaining, double *bound) {
  counted counts = {0, 0, 0};
  ph_memory memory = {resize_counted, release_counted, &counts};
  ph_status status;
  ph_status_begin(&status, &memory);
  double result = ph_hit_probability_bounded(claims, count, remaining, bound, &status);
  assert_false(ph_failed(&status));
  assert_int_equal(counts.blocks, 0);
  assert_true(result >= 0 && result <= 1);
  assert_true(result == ph_hit_probability(claims, count, remaining, &status));
  return result;
}

/* ---- seeded sets of every shape ---- */

static uint64_t seed;

static uint64_t draw(void) { /* splitmix64 */
  uint64_t x = seed += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

static double uniform(void) {
  return (double)(draw() >> 11) / 9007199254740992.0;
}

static double normal(void) {
  return sqrt(-2 * log(1 - uniform())) * cos(6.283185307179586 * uniform());
}

enum { SHAPES = 12, RATES = 6 };

static int64_t draw_amount(int shape) {
  double money = 0;
  switch (shape) {
  case 0: money = 10000 + 100000 * uniform(); break;
  case 1: money = 10000 * exp(normal()); break;
  case 2: money = 10000 * exp(2.5 * normal()); break;
  case 3: money = 100 / (1 - uniform()); break;
  case 4: money = 0.01 * pow(10, 11 * uniform()); break; /* cents to billions */
  case 5: money = 1000 * (double)(1 + draw() % 50); break;
  case 6: money = 10000 + 0.01 * (double)(draw() % 10); break;
  case 7: money = 100; break;
  case 8: money = pow(1 - uniform(), -2); break;
  case 9: money = 100000 + uniform(); break;
  case 10: money = uniform() < 0.1 ? 1e6 : 100 * uniform(); break;
  default: money = (uniform() < 0.3 ? -1 : 1) * 10000 * exp(normal()); break; /* dirty: negative */
  }
  if (money > 2e9) money = 2e9 + uniform();
  return (int64_t)(money * 100) * 100;
}

static double draw_rate(int kind) {
  switch (kind) {
  case 0: return uniform();
  case 1: return 0.05 + 0.3 * uniform();
  case 2: return 0.02 * uniform();
  case 3: return 0.25;
  case 4: return uniform() < 0.2 ? 0 : uniform() < 0.25 ? 1 : uniform();
  default: return 1 - 0.1 * uniform();
  }
}

static void draw_claims(ph_claim *claims, size_t count, int shape, int kind) {
  for (size_t i = 0; i < count; i++) claims[i] = (ph_claim){draw_amount(shape), draw_rate(kind)};
}

/* Thresholds near the middle, far out, on an atom, one unit above an atom. */
static int64_t draw_remaining(const ph_claim *claims, size_t count) {
  double mean = 0, variance = 0;
  int64_t some = 0;
  for (size_t i = 0; i < count; i++) {
    double amount = (double)claims[i].amount_units, rate = claims[i].win_rate;
    mean += amount * rate;
    variance += amount * amount * rate * (1 - rate);
    if (uniform() < rate) some += claims[i].amount_units;
  }
  switch (draw() % 4) {
  case 0: return (int64_t)(mean + normal() * sqrt(variance));
  case 1: return some;
  case 2: return some + 1;
  default: return (int64_t)(mean + 4 * (uniform() - 0.5) * sqrt(variance));
  }
}

/* ---- references ---- */

typedef struct outcome {
  int64_t units;
  double weight;
} outcome;

static int compare_outcomes(const void *left, const void *right) {
  const outcome *a = left, *b = right;
  return (a->units > b->units) - (a->units < b->units);
}

static outcome *enumerate(const ph_claim *claims, size_t count) {
  outcome *all = malloc(sizeof *all << count);
  assert_non_null(all);
  all[0] = (outcome){0, 1};
  for (size_t i = 0; i < count; i++) {
    size_t size = (size_t)1 << i;
    for (size_t j = 0; j < size; j++) {
      all[size + j] = (outcome){all[j].units + claims[i].amount_units, all[j].weight * claims[i].win_rate};
      all[j].weight *= 1 - claims[i].win_rate;
    }
  }
  return all;
}

static double by_enumeration(const ph_claim *claims, size_t count, int64_t remaining) {
  outcome *all = enumerate(claims, count);
  double sum = 0;
  for (size_t i = 0; i < (size_t)1 << count; i++) {
    if (all[i].units >= remaining) sum += all[i].weight;
  }
  free(all);
  return sum;
}

static double by_halves(const ph_claim *claims, size_t count, int64_t remaining) {
  size_t half = count / 2, left_size = (size_t)1 << half, right_size = (size_t)1 << (count - half);
  outcome *left = enumerate(claims, half), *right = enumerate(claims + half, count - half);
  qsort(left, left_size, sizeof *left, compare_outcomes);
  qsort(right, right_size, sizeof *right, compare_outcomes);
  double sum = 0, above = 0;
  for (size_t i = 0, j = right_size; i < left_size; i++) {
    while (j > 0 && left[i].units + right[j - 1].units >= remaining) above += right[--j].weight;
    sum += left[i].weight * above;
  }
  free(left);
  free(right);
  return sum;
}

/* Amounts that are few whole steps: the table of all sums. */
static double by_table(const ph_claim *claims, size_t count, int64_t step, int64_t remaining) {
  int64_t total = 0, reached = 0;
  for (size_t i = 0; i < count; i++) total += claims[i].amount_units / step;
  double *table = calloc((size_t)total + 1, sizeof *table), sum = 0;
  assert_non_null(table);
  table[0] = 1;
  for (size_t i = 0; i < count; i++) {
    int64_t amount = claims[i].amount_units / step;
    reached += amount;
    for (int64_t at = reached; at >= 0; at--) {
      double won = at >= amount ? table[at - amount] * claims[i].win_rate : 0;
      table[at] = table[at] * (1 - claims[i].win_rate) + won;
    }
  }
  for (int64_t at = 0; at <= total; at++) sum += at * step >= remaining ? table[at] : 0;
  free(table);
  return sum;
}

/* The same for amounts of any sign, each a whole number of units: P(sum >= remaining) of all, by the sums above the
** least there is. */
static double by_signed_table(const ph_claim *claims, size_t count, int64_t remaining) {
  ph_claim *turned = malloc(count * sizeof *turned);
  assert_non_null(turned);
  int64_t least = 0;
  for (size_t i = 0; i < count; i++) {
    bool negative = claims[i].amount_units < 0;
    turned[i].amount_units = negative ? -claims[i].amount_units : claims[i].amount_units;
    turned[i].win_rate = negative ? 1 - claims[i].win_rate : claims[i].win_rate;
    if (negative) least += claims[i].amount_units;
  }
  double result = by_table(turned, count, 1, remaining - least);
  free(turned);
  return result;
}

typedef struct interval {
  double least, most;
} interval;

/* Deals that rarely end on their less likely side: all ways for up to three of them to do so, one after another;
** what more of them can do is the width of the interval. */
static interval by_rare_deviations(const ph_claim *claims, size_t count, int64_t remaining) {
  double none = 1, seen = 0, above = 0, *odds = malloc(count * sizeof *odds);
  int64_t base = 0, *moves = malloc(count * sizeof *moves);
  assert_true(odds != NULL && moves != NULL);
  for (size_t i = 0; i < count; i++) {
    bool likely = claims[i].win_rate > 0.5;
    double rate = likely ? 1 - claims[i].win_rate : claims[i].win_rate;
    odds[i] = rate / (1 - rate);
    none *= 1 - rate;
    moves[i] = likely ? -claims[i].amount_units : claims[i].amount_units;
    base += likely ? claims[i].amount_units : 0;
  }
  seen = 1, above = base >= remaining;
  for (size_t i = 0; i < count; i++) {
    int64_t one = base + moves[i];
    seen += odds[i], above += one >= remaining ? odds[i] : 0;
    for (size_t j = 0; j < i; j++) {
      int64_t two = one + moves[j];
      double weight = odds[i] * odds[j];
      seen += weight, above += two >= remaining ? weight : 0;
      for (size_t k = 0; k < j && count <= 500; k++) {
        seen += weight * odds[k], above += two + moves[k] >= remaining ? weight * odds[k] : 0;
      }
    }
  }
  free(odds);
  free(moves);
  return (interval){none * above, none * above + 1 - none * seen};
}

/* Draws eight deals at a time from a table of their 256 outcomes: A. J. Walker's aliases (ACM TOMS 3, 1977).
 */
typedef struct alias_table {
  double keep[256];
  int64_t own[256], other[256];
} alias_table;

static void fill_aliases(alias_table *table, const ph_claim *claims, size_t count) {
  ph_claim group[8] = {{0, 0}};
  memcpy(group, claims, count * sizeof *claims);
  outcome *all = enumerate(group, 8);
  int small[256], large[256], smalls = 0, larges = 0;
  for (int i = 0; i < 256; i++) {
    table->keep[i] = all[i].weight * 256;
    table->own[i] = table->other[i] = all[i].units;
    if (table->keep[i] < 1)
      small[smalls++] = i;
    else
      large[larges++] = i;
  }
  while (smalls > 0 && larges > 0) {
    int from = small[--smalls], to = large[--larges];
    table->other[from] = all[to].units;
    table->keep[to] -= 1 - table->keep[from];
    if (table->keep[to] < 1)
      small[smalls++] = to;
    else
      large[larges++] = to;
  }
  free(all);
}

static double by_draws(const ph_claim *claims, size_t count, int64_t remaining, size_t draws) {
  int64_t *sums = calloc(draws, sizeof *sums);
  assert_non_null(sums);
  for (size_t first = 0; first < count; first += 8) {
    alias_table table;
    fill_aliases(&table, claims + first, count - first < 8 ? count - first : 8);
    for (size_t i = 0; i < draws; i++) {
      uint64_t bits = draw();
      size_t at = bits & 255;
      sums[i] += (double)(bits >> 8) / 72057594037927936.0 < table.keep[at] ? table.own[at] : table.other[at];
    }
  }
  size_t hits = 0;
  for (size_t i = 0; i < draws; i++) hits += sums[i] >= remaining;
  free(sums);
  return (double)hits / (double)draws;
}

#endif
