/* Ladder. See ladder.h. */
#include "ladder.h"

#include "../base/rounding.h"

#include <math.h>
#include <string.h>

static const double UNITS_OF_CHANCE = 1099511627776; /* 2^40 */
/* κ, the deals that a band of a factor is worth before anything was counted in it. */
static const double FACTOR_PULL = 50;
/* Chances are clipped before odds are taken of them. */
static const double LEAST_CHANCE = 1e-6;

/* ----------------------------------------------------------------------------------------- the classes */

static size_t hash_of(ph_deal_key prefix, unsigned rung) {
  uint64_t hash = (prefix << 4 | rung) * UINT64_C(0x9E3779B97F4A7C15);
  return (size_t)(hash ^ hash >> 29);
}

/* The index of a class plus one, 0 where it was never seen. *at becomes its place in the map. */
static uint32_t find_class(const ph_ladder *ladder, ph_deal_key prefix, unsigned rung, size_t *at) {
  for (*at = hash_of(prefix, rung) & ladder->map_mask; ladder->map[*at] != 0;
       *at = (*at + 1) & ladder->map_mask) {
    const ph_ladder_class *class = &ladder->classes[ladder->map[*at] - 1];
    if (class->prefix == prefix && class->rung == rung) break;
  }
  return ladder->map[*at];
}

/* At most half of the map is full. */
static void grow_map(ph_ladder *ladder, ph_status *status) {
  size_t size = ladder->map == NULL ? 1024 : 2 * (ladder->map_mask + 1), at;
  uint32_t *map = ph_allocate_zeroed(status, size, sizeof *map);
  if (map == NULL) return;
  ph_release(ladder->memory, ladder->map);
  ladder->map = map;
  ladder->map_mask = size - 1;
  for (size_t class = 0; class < ladder->class_count; class ++) {
    find_class(ladder, ladder->classes[class].prefix, ladder->classes[class].rung, &at);
    map[at] = (uint32_t) class + 1;
  }
}

/* The class of a key at a rung, and those above it, made where they are new. */
static uint32_t class_of(ph_ladder *ladder, ph_deal_key key, unsigned rung, ph_status *status) {
  size_t at;
  ph_deal_key prefix = key >> ph_bits_below((ph_rung)rung);
  uint32_t found = find_class(ladder, prefix, rung, &at);
  if (found != 0) return found - 1;
  uint32_t above = rung == PH_RUNG_ALL ? 0 : class_of(ladder, key, rung - 1, status);
  size_t index = ladder->class_count, questions = ladder->question_count;
  if (!ph_reserve(status, (void **)&ladder->classes, &ladder->class_capacity, index + 1,
                  sizeof *ladder->classes) ||
      !ph_reserve(status, (void **)&ladder->counts, &ladder->count_capacity, (index + 1) * questions,
                  sizeof *ladder->counts))
    return 0;
  if (2 * index >= ladder->map_mask) grow_map(ladder, status);
  if (ph_failed(status)) return 0;
  find_class(ladder, prefix, rung, &at); /* classes above it may have taken the place */
  ladder->map[at] = (uint32_t)++ladder->class_count;
  ladder->classes[index] = (ph_ladder_class){prefix, above, 0, (uint8_t)rung};
  memset(&ladder->counts[index * questions], 0, questions * sizeof *ladder->counts);
  return (uint32_t)index;
}

/* ------------------------------------------------------------------------------------ beginning and end */

static int compare_questions(const ph_ladder_question *left, const ph_ladder_question *right) {
  if (left->last_day != right->last_day) return left->last_day < right->last_day ? -1 : 1;
  return (left->horizon_days > right->horizon_days) - (left->horizon_days < right->horizon_days);
}

/* A few dozen at most: sorted by insertion, each once. */
static void take_questions(ph_ladder *ladder, const ph_ladder_question *questions, size_t count) {
  for (size_t question = 0; question < count; question++) {
    size_t place = ladder->question_count;
    while (place > 0 && compare_questions(&questions[question], &ladder->questions[place - 1]) < 0) place--;
    if (place > 0 && compare_questions(&questions[question], &ladder->questions[place - 1]) == 0) continue;
    memmove(&ladder->questions[place + 1], &ladder->questions[place],
            (ladder->question_count++ - place) * sizeof *questions);
    ladder->questions[place] = questions[question];
    if (questions[question].horizon_days > ladder->longest_horizon)
      ladder->longest_horizon = questions[question].horizon_days;
  }
}

void ph_ladder_begin(ph_ladder *ladder, const ph_ladder_question *questions, size_t count,
                     uint32_t owner_count, double pull, ph_status *status) {
  *ladder = (ph_ladder){.memory = status->memory, .pull = pull};
  ladder->questions = ph_allocate(status, count + 1, sizeof *ladder->questions);
  if (!ph_failed(status)) take_questions(ladder, questions, count);
  ladder->gains = ph_allocate(status, count, sizeof *ladder->gains);
  ladder->expected = ph_allocate_zeroed(status, count, sizeof *ladder->expected);
  ladder->band_count[PH_FACTOR_AMOUNT] = PH_AMOUNT_BANDS;
  ladder->band_count[PH_FACTOR_OWNER] = owner_count;
  ladder->band_count[PH_FACTOR_ACTIVITY] = 1U << PH_KEY_BAND_BITS;
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) {
    ladder->bands[factor] = ph_allocate_zeroed(status, ladder->band_count[factor] * ladder->question_count,
                                               sizeof *ladder->bands[factor]);
    ladder->last_deal_of_band[factor] =
        ph_allocate_zeroed(status, ladder->band_count[factor], sizeof *ladder->last_deal_of_band[factor]);
  }
  grow_map(ladder, status);
}

void ph_ladder_end(ph_ladder *ladder) {
  if (ladder->memory == NULL) return;
  ph_release(ladder->memory, ladder->questions);
  ph_release(ladder->memory, ladder->gains);
  ph_release(ladder->memory, ladder->expected);
  ph_release(ladder->memory, ladder->classes);
  ph_release(ladder->memory, ladder->counts);
  ph_release(ladder->memory, ladder->chances);
  ph_release(ladder->memory, ladder->chance_units);
  ph_release(ladder->memory, ladder->map);
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) {
    ph_release(ladder->memory, ladder->bands[factor]);
    ph_release(ladder->memory, ladder->last_deal_of_band[factor]);
  }
  *ladder = (ph_ladder){0};
}

size_t ph_ladder_bytes(const ph_ladder *ladder) {
  if (ladder->memory == NULL) return 0;
  size_t bytes = ladder->question_count *
                     (sizeof *ladder->questions + sizeof *ladder->gains + sizeof *ladder->expected) +
                 ladder->class_capacity * sizeof *ladder->classes +
                 ladder->count_capacity * sizeof *ladder->counts +
                 (ladder->map_mask + 1) * sizeof *ladder->map;
  if (ladder->chances != NULL)
    bytes += ladder->class_count * ladder->question_count *
             (sizeof *ladder->chances + sizeof *ladder->chance_units);
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
    bytes +=
        ladder->band_count[factor] * (ladder->question_count * sizeof(ph_factor_band) + sizeof(uint32_t));
  return bytes;
}

/* --------------------------------------------------------------------------------------------- counting */

static int64_t smaller(int64_t left, int64_t right) {
  return left < right ? left : right;
}

static int64_t larger(int64_t left, int64_t right) {
  return left > right ? left : right;
}

/* What each question from `first` on gains by a piece over the question before. Returns the first question that gains
** nothing more, as none behind it does. */
static size_t gains_of_piece(const ph_ladder *ladder, size_t first, const ph_key_piece *piece,
                             ph_day won_on) {
  int64_t last = (int64_t)piece->to - 1, days = 0, won_days = 0;
  bool won_soon = won_on != PH_DAY_NEVER && won_on - ladder->longest_horizon <= last;
  size_t question = first;
  for (; question < ladder->question_count; question++) {
    const ph_ladder_question *asked = &ladder->questions[question];
    int64_t last_counted = smaller(last, asked->last_day);
    int64_t days_now = last_counted - piece->from + 1, won_now = 0;
    if (won_soon) {
      int64_t first_won = larger(piece->from, (int64_t)won_on - asked->horizon_days);
      won_now = larger(0, smaller(last_counted, (int64_t)won_on - 1) - first_won + 1);
    } else if (days == last - piece->from + 1) {
      break;
    }
    ladder->gains[question] = (ph_ladder_count){days_now - days, won_now - won_days, 0};
    days = days_now;
    won_days = won_now;
  }
  return question;
}

static void add_gain(ph_ladder_count *count, const ph_ladder_count *gain) {
  count->days += gain->days;
  count->won_days += gain->won_days;
}

/* The deal counts in its class and in all above it, from the first question that knows one of its days. */
static void count_deal_once(ph_ladder *ladder, uint32_t class, size_t first) {
  while (ladder->classes[class].last_deal != ladder->deal) {
    ladder->classes[class].last_deal = ladder->deal;
    ladder->counts[class * ladder->question_count + first].deals++;
    class = ladder->classes[class].above;
  }
}

/* The first question from `question` on that knows a day of the piece. */
static size_t first_question(const ph_ladder *ladder, size_t question, const ph_key_piece *piece) {
  while (question < ladder->question_count && ladder->questions[question].last_day < piece->from) question++;
  return question;
}

/* Days with the same band of a factor are counted together. */
static void count_bands(ph_ladder *ladder, const ph_key_piece_list *pieces, int factor, ph_day won_on) {
  size_t first = 0, questions = ladder->question_count;
  for (size_t at = 0; at < pieces->count;) {
    ph_key_piece run = pieces->pieces[at++];
    uint32_t place = run.factors[factor];
    for (; at < pieces->count && pieces->pieces[at].factors[factor] == place; at++)
      run.to = pieces->pieces[at].to;
    first = first_question(ladder, first, &run);
    if (first == questions) return;
    ph_factor_band *band = &ladder->bands[factor][place * questions];
    size_t end = gains_of_piece(ladder, first, &run, won_on);
    for (size_t question = first; question < end; question++)
      add_gain(&band[question].count, &ladder->gains[question]);
    if (ladder->last_deal_of_band[factor][place] == ladder->deal) continue;
    ladder->last_deal_of_band[factor][place] = ladder->deal;
    band[first].count.deals++;
  }
}

void ph_ladder_count_deal(ph_ladder *ladder, const ph_key_piece_list *pieces, ph_day won_on,
                          ph_status *status) {
  size_t first = 0;
  ladder->deal++;
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) count_bands(ladder, pieces, factor, won_on);
  for (size_t at = 0; at < pieces->count; at++) {
    const ph_key_piece *piece = &pieces->pieces[at];
    first = first_question(ladder, first, piece);
    if (first == ladder->question_count) return;
    uint32_t class = class_of(ladder, piece->key, PH_RUNG_IN_STAGE, status);
    if (ph_failed(status)) return;
    size_t end = gains_of_piece(ladder, first, piece, won_on);
    ph_ladder_count *counts = &ladder->counts[class * ladder->question_count];
    for (size_t question = first; question < end; question++)
      add_gain(&counts[question], &ladder->gains[question]);
    count_deal_once(ladder, class, first);
  }
}

/* --------------------------------------------------------------------------------------------- climbing */

/* Classes stand behind those above them. */
static void sum_up_classes(ph_ladder *ladder) {
  size_t questions = ladder->question_count;
  for (size_t class = ladder->class_count; class -- > 1;) {
    const ph_ladder_count *counts = &ladder->counts[class * questions];
    ph_ladder_count *above = &ladder->counts[ladder->classes[class].above * questions];
    for (size_t question = 0; question < questions; question++) add_gain(&above[question], &counts[question]);
  }
  for (size_t class = 0; class < ladder->class_count; class ++) {
    ph_ladder_count *counts = &ladder->counts[class * questions];
    for (size_t question = 1; question < questions; question++) {
      add_gain(&counts[question], &counts[question - 1]);
      counts[question].deals += counts[question - 1].deals;
    }
  }
}

/* The share of won days, pulled towards a chance with the weight of so many deals. */
static double pulled_rate(const ph_ladder_count *count, double towards, double weight) {
  double deals = (double)count->deals;
  return (deals * ((double)count->won_days / (double)count->days) + weight * towards) / (deals + weight);
}

void ph_ladder_climb(ph_ladder *ladder, ph_status *status) {
  size_t questions = ladder->question_count;
  ladder->chances = ph_allocate(status, ladder->class_count * questions, sizeof *ladder->chances);
  ladder->chance_units = ph_allocate(status, ladder->class_count * questions, sizeof *ladder->chance_units);
  if (ph_failed(status)) return;
  sum_up_classes(ladder);
  for (size_t class = 0; class < ladder->class_count; class ++)
    for (size_t question = 0; question < questions; question++) {
      const ph_ladder_count *count = &ladder->counts[class * questions + question];
      size_t above = ladder->classes[class].above * questions + question;
      double *chance = &ladder->chances[class * questions + question];
      if (count->days == 0) {
        *chance = NAN;
      } else if (class == 0) {
        *chance = (double)count->won_days / (double)count->days;
      } else {
        *chance = pulled_rate(count, ladder->chances[above], ladder->pull);
      }
      ladder->chance_units[class * questions + question] =
          count->days == 0 ? 0 : (int64_t)(*chance * UNITS_OF_CHANCE + 0.5);
    }
}

/* What is expected of a piece by each question from `first` on. A deal has fewer days than 2^22, so its sum fits. */
static void expect_piece(ph_ladder *ladder, const ph_key_piece *piece, size_t first) {
  size_t questions = ladder->question_count, unused;
  size_t class = find_class(ladder, piece->key, PH_RUNG_IN_STAGE, &unused) - 1;
  const int64_t *units = &ladder->chance_units[class * questions];
  for (size_t question = first; question < questions; question++) {
    int64_t last = smaller((int64_t)piece->to - 1, ladder->questions[question].last_day);
    ladder->expected[question] += (last - piece->from + 1) * units[question];
  }
}

/* Adds what is expected of days with the same bands of all factors to those bands, and begins anew. */
static void add_expected(ph_ladder *ladder, const uint32_t factors[PH_FACTOR_COUNT]) {
  size_t questions = ladder->question_count;
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) {
    ph_factor_band *band = &ladder->bands[factor][factors[factor] * questions];
    for (size_t question = 0; question < questions; question++)
      ph_money_add(&band[question].expected, ladder->expected[question]);
  }
  memset(ladder->expected, 0, questions * sizeof *ladder->expected);
}

void ph_ladder_expect_deal(ph_ladder *ladder, const ph_key_piece_list *pieces) {
  size_t first = 0;
  for (size_t at = 0; at < pieces->count; at++) {
    const ph_key_piece *piece = &pieces->pieces[at];
    first = first_question(ladder, first, piece);
    if (first < ladder->question_count) expect_piece(ladder, piece, first);
    if (at + 1 == pieces->count || memcmp(piece->factors, piece[1].factors, sizeof piece->factors) != 0)
      add_expected(ladder, piece->factors);
  }
}

static double odds(double chance) {
  return chance / (1 - chance);
}

/* How much more often the deals of a band were won than the ladder says. */
static double factor_of(const ph_factor_band *band, const ph_ladder_count *all) {
  if (band->count.days == 0 || all->won_days == 0 || all->won_days == all->days) return 1;
  double base = (double)all->won_days / (double)all->days, deals = (double)band->count.deals;
  double expected =
      ((double)band->expected.high * 4294967296.0 + (double)band->expected.low) / UNITS_OF_CHANCE;
  double rate = pulled_rate(&band->count, base, FACTOR_PULL);
  double of_ladder =
      (deals * (expected / (double)band->count.days) + FACTOR_PULL * base) / (deals + FACTOR_PULL);
  return odds(rate) / odds(of_ladder);
}

void ph_ladder_finish(ph_ladder *ladder) {
  size_t questions = ladder->question_count;
  if (ladder->class_count == 0) return;
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
    for (size_t place = 0; place < ladder->band_count[factor]; place++) {
      ph_factor_band *bands = &ladder->bands[factor][place * questions];
      for (size_t question = 0; question < questions; question++) {
        if (question > 0) {
          add_gain(&bands[question].count, &bands[question - 1].count);
          bands[question].count.deals += bands[question - 1].count.deals;
        }
        bands[question].factor = factor_of(&bands[question], &ladder->counts[question]);
      }
    }
}

/* ----------------------------------------------------------------------------------------------- asking */

size_t ph_ladder_question_place(const ph_ladder *ladder, ph_day last_day, int32_t horizon_days) {
  const ph_ladder_question asked = {last_day, horizon_days};
  size_t place = 0;
  while (place < ladder->question_count && compare_questions(&ladder->questions[place], &asked) != 0) place++;
  return place;
}

static double with_factors(double chance, const double factors[PH_FACTOR_COUNT]) {
  if (chance < LEAST_CHANCE) chance = LEAST_CHANCE;
  if (chance > 1 - LEAST_CHANCE) chance = 1 - LEAST_CHANCE;
  double result = odds(chance);
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) result *= factors[factor];
  return result / (1 + result);
}

ph_chance ph_ladder_chance(const ph_ladder *ladder, size_t question, ph_deal_key key,
                           const uint32_t factors[PH_FACTOR_COUNT]) {
  ph_chance chance = {NAN, NAN, NAN, 0, {1, 1, 1}};
  size_t questions = ladder->question_count, at;
  for (unsigned rung = PH_RUNG_ALL; rung < PH_RUNG_COUNT; rung++) {
    uint32_t class = find_class(ladder, key >> ph_bits_below((ph_rung)rung), rung, &at);
    if (class == 0 || ladder->counts[(class - 1) * questions + question].days == 0) break;
    chance.ladder = ladder->chances[(class - 1) * questions + question];
    chance.deals = ladder->counts[(class - 1) * questions + question].deals;
    if (rung <= PH_RUNG_STAGE) chance.class_chance = chance.ladder;
  }
  if (chance.deals == 0) return chance;
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
    chance.factors[factor] = ladder->bands[factor][factors[factor] * questions + question].factor;
  chance.chance = with_factors(chance.ladder, chance.factors);
  return chance;
}
