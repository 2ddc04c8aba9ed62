/* Ladder: counting the days of all deals. See ladder.h.
**
** One pass counts days, won days and deals of every class and band. From them follow the chances of the
** classes. A second pass sums up what these chances expect in each band. On the way each question holds what
** it has more than the one before. Many questions are taken in batches, for the counts of a class take 60
** bytes a question: 800 questions, as 46 periods ahead ask them, needed 140 MB at once and need 48 MB so.
*/
#include "ladder_internal.h"

#include "../base/money.h"
#include "../base/rounding.h"

#include <math.h>
#include <string.h>

enum { QUESTIONS_AT_ONCE = 64 };
static const double UNITS_OF_CHANCE = 1099511627776; /* 2^40 */
/* κ, the deals that a band of a factor is worth before anything was counted in it. */
static const double FACTOR_PULL = 50;

typedef struct day_count {
  int64_t days, won_days, deals;
} day_count;

/* Days [from, to) of a deal. */
typedef struct day_range {
  ph_day from, to;
} day_range;

/* The counting of a batch of questions. */
typedef struct counting {
  ph_ladder *ladder;
  const ph_deal_pieces *pieces;
  size_t first_question;           /* of the batch among those of the ladder */
  const ph_ladder_question *asked; /* the questions of the batch */
  size_t questions;                /* how many */
  int64_t longest_horizon;
  day_count *classes;  /* by class and question */
  int64_t *units;      /* chances by class and question, in units of 2^-40 */
  uint32_t *last_deal; /* by class: the last deal that was counted in it, from 1 */
  day_count *bands[PH_FACTOR_COUNT];
  ph_money_sum *expected[PH_FACTOR_COUNT]; /* what the ladder expects, in units of 2^-40 */
  uint32_t *last_deal_of_band[PH_FACTOR_COUNT];
  day_count *gains;  /* scratch, by question */
  int64_t *of_piece; /* scratch, by question */
} counting;

static int64_t smaller(int64_t left, int64_t right) {
  return left < right ? left : right;
}

static int64_t larger(int64_t left, int64_t right) {
  return left > right ? left : right;
}

static void begin(counting *all, ph_ladder *ladder, const ph_deal_pieces *pieces, size_t first_question,
                  ph_status *status) {
  size_t questions = ladder->question_count - first_question;
  if (questions > QUESTIONS_AT_ONCE) questions = QUESTIONS_AT_ONCE;
  size_t cells = ladder->class_count * questions;
  *all = (counting){.ladder = ladder,
                    .pieces = pieces,
                    .first_question = first_question,
                    .asked = &ladder->questions[first_question],
                    .questions = questions};
  for (size_t question = 0; question < questions; question++)
    all->longest_horizon = larger(all->longest_horizon, all->asked[question].horizon_days);
  all->classes = ph_allocate_zeroed(status, cells, sizeof *all->classes);
  all->units = ph_allocate(status, cells, sizeof *all->units);
  all->last_deal = ph_allocate_zeroed(status, ladder->class_count, sizeof *all->last_deal);
  all->gains = ph_allocate(status, questions, sizeof *all->gains);
  all->of_piece = ph_allocate_zeroed(status, questions, sizeof *all->of_piece);
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) {
    size_t bands = ladder->bands[factor];
    all->bands[factor] = ph_allocate_zeroed(status, bands * questions, sizeof *all->bands[factor]);
    all->expected[factor] = ph_allocate_zeroed(status, bands * questions, sizeof *all->expected[factor]);
    all->last_deal_of_band[factor] =
        ph_allocate_zeroed(status, bands, sizeof *all->last_deal_of_band[factor]);
  }
}

static void end(counting *all) {
  const ph_memory *memory = all->ladder->memory;
  ph_release(memory, all->classes);
  ph_release(memory, all->units);
  ph_release(memory, all->last_deal);
  ph_release(memory, all->gains);
  ph_release(memory, all->of_piece);
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) {
    ph_release(memory, all->bands[factor]);
    ph_release(memory, all->expected[factor]);
    ph_release(memory, all->last_deal_of_band[factor]);
  }
}

/* --------------------------------------------------------------------------------------------- counting */

/* The first question from `question` on that knows a day of the range. */
static size_t first_question(const counting *all, size_t question, ph_day from) {
  while (question < all->questions && all->asked[question].last_day < from) question++;
  return question;
}

/* What each question from `first` on gains by a range over the question before. Returns the first question
** that gains nothing more, as none behind it does. */
static size_t gains_of_range(const counting *all, size_t first, day_range range, ph_day won_on) {
  int64_t last = (int64_t)range.to - 1, days = 0, won_days = 0;
  bool won_soon = won_on != PH_DAY_NEVER && won_on - all->longest_horizon <= last;
  size_t question = first;
  for (; question < all->questions; question++) {
    const ph_ladder_question *asked = &all->asked[question];
    int64_t last_counted = smaller(last, asked->last_day);
    int64_t days_now = last_counted - range.from + 1, won_now = 0;
    if (won_soon) {
      int64_t first_won = larger(range.from, (int64_t)won_on - asked->horizon_days);
      won_now = larger(0, smaller(last_counted, (int64_t)won_on - 1) - first_won + 1);
    } else if (days == last - range.from + 1) {
      break;
    }
    all->gains[question] = (day_count){days_now - days, won_now - won_days, 0};
    days = days_now;
    won_days = won_now;
  }
  return question;
}

static void add_gains(const counting *all, day_count *counts, size_t first, size_t end_question) {
  for (size_t question = first; question < end_question; question++) {
    counts[question].days += all->gains[question].days;
    counts[question].won_days += all->gains[question].won_days;
  }
}

/* The deal counts in its class and in all above it, from the first question that knows one of its days. */
static void count_deal_once(counting *all, size_t class, size_t first, uint32_t deal) {
  while (all->last_deal[class] != deal) {
    all->last_deal[class] = deal;
    all->classes[class * all->questions + first].deals++;
    class = all->ladder->classes->classes[class].above;
  }
}

static void count_classes(counting *all, const ph_pieces_of_deal *pieces, size_t deal) {
  size_t first = 0;
  for (size_t at = 0; at < pieces->class_count; at++) {
    const ph_class_piece *piece = &pieces->classes[at];
    day_range range = {ph_piece_from(*piece),
                       at + 1 < pieces->class_count ? ph_piece_from(piece[1]) : pieces->end};
    first = first_question(all, first, range.from);
    if (first == all->questions) return;
    size_t class = ph_piece_class(*piece), end_question = gains_of_range(all, first, range, pieces->won_on);
    add_gains(all, &all->classes[class * all->questions], first, end_question);
    count_deal_once(all, class, first, (uint32_t)deal + 1);
  }
}

/* Days with the same band of a factor are counted together. */
static void count_bands(counting *all, const ph_pieces_of_deal *pieces, size_t deal, ph_factor factor) {
  size_t first = 0;
  for (size_t at = 0; at < pieces->factor_count;) {
    uint32_t band = ph_piece_band(pieces->factors[at], factor);
    day_range range = {ph_piece_from(pieces->factors[at]), pieces->end};
    while (++at < pieces->factor_count && ph_piece_band(pieces->factors[at], factor) == band) continue;
    if (at < pieces->factor_count) range.to = ph_piece_from(pieces->factors[at]);
    first = first_question(all, first, range.from);
    if (first == all->questions) return;
    size_t end_question = gains_of_range(all, first, range, pieces->won_on);
    day_count *counts = &all->bands[factor][band * all->questions];
    add_gains(all, counts, first, end_question);
    if (all->last_deal_of_band[factor][band] == (uint32_t)deal + 1) continue;
    all->last_deal_of_band[factor][band] = (uint32_t)deal + 1;
    counts[first].deals++;
  }
}

/* --------------------------------------------------------------------------------------------- climbing */

static void add_count(day_count *to, const day_count *from) {
  to->days += from->days;
  to->won_days += from->won_days;
}

/* From what a question has more than the one before to what it has. */
static void sum_up_questions(const counting *all, day_count *counts) {
  for (size_t question = 1; question < all->questions; question++) {
    add_count(&counts[question], &counts[question - 1]);
    counts[question].deals += counts[question - 1].deals;
  }
}

/* Classes stand behind those above them. */
static void sum_up_classes(counting *all) {
  const ph_key_class *classes = all->ladder->classes->classes;
  for (size_t class = all->ladder->class_count; class -- > 1;)
    for (size_t question = 0; question < all->questions; question++)
      add_count(&all->classes[classes[class].above * all->questions + question],
                &all->classes[class * all->questions + question]);
  for (size_t class = 0; class < all->ladder->class_count; class ++)
    sum_up_questions(all, &all->classes[class * all->questions]);
}

/* The share of won days, pulled towards a chance with the weight of so many deals. */
static double pulled_rate(const day_count *count, double towards, double weight) {
  double deals = (double)count->deals;
  return (deals * ((double)count->won_days / (double)count->days) + weight * towards) / (deals + weight);
}

/* Where the ladder keeps what it says of a class or a band. */
static size_t cell_of(const counting *all, size_t row, size_t question) {
  return row * all->ladder->question_count + all->first_question + question;
}

static void climb(counting *all, double pull) {
  ph_ladder *ladder = all->ladder;
  sum_up_classes(all);
  for (size_t class = 0; class < ladder->class_count; class ++)
    for (size_t question = 0; question < all->questions; question++) {
      size_t cell = cell_of(all, class, question);
      const day_count *count = &all->classes[class * all->questions + question];
      double above = ladder->chances[cell_of(all, ladder->classes->classes[class].above, question)];
      double chance = NAN;
      if (count->days > 0)
        chance = class == 0 ? (double)count->won_days / (double)count->days : pulled_rate(count, above, pull);
      ladder->chances[cell] = chance;
      ladder->deals[cell] = (uint32_t)count->deals;
      all->units[class * all->questions + question] =
          count->days > 0 ? (int64_t)(chance * UNITS_OF_CHANCE + 0.5) : 0;
    }
}

/* -------------------------------------------------------------------------------------------- factors */

/* Adds what the ladder expects of the days of a class. A deal has fewer days than 2^22, so its sum fits. */
static void expect_range(counting *all, size_t class, day_range range, size_t first) {
  const int64_t *units = &all->units[class * all->questions];
  const ph_ladder_question *asked = all->asked;
  int64_t last = (int64_t)range.to - 1, days = last - range.from + 1;
  for (; first < all->questions && asked[first].last_day < last; first++)
    all->of_piece[first] += (asked[first].last_day - range.from + 1) * units[first];
  for (; first < all->questions; first++) all->of_piece[first] += days * units[first];
}

/* Adds what is expected of days with the same bands of all factors to those bands, and begins anew. */
static void add_expected(counting *all, ph_factor_piece piece, size_t first) {
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) {
    size_t band = ph_piece_band(piece, (ph_factor)factor);
    for (size_t question = first; question < all->questions; question++)
      ph_money_add(&all->expected[factor][band * all->questions + question], all->of_piece[question]);
  }
  memset(&all->of_piece[first], 0, (all->questions - first) * sizeof *all->of_piece);
}

/* Class pieces and factor pieces of a deal are gone through side by side. */
static void expect_deal(counting *all, const ph_pieces_of_deal *pieces) {
  size_t at = 0, first = 0;
  for (size_t factor = 0; factor < pieces->factor_count; factor++) {
    const ph_factor_piece *piece = &pieces->factors[factor];
    day_range range = {ph_piece_from(*piece), ph_piece_from(*piece)};
    ph_day factor_end = factor + 1 < pieces->factor_count ? ph_piece_from(piece[1]) : pieces->end;
    size_t first_of_piece = first = first_question(all, first, range.from);
    if (first == all->questions) return;
    for (; range.from < factor_end; range.from = range.to) {
      bool is_last = at + 1 == pieces->class_count;
      ph_day class_end = is_last ? pieces->end : ph_piece_from(pieces->classes[at + 1]);
      range.to = class_end < factor_end ? class_end : factor_end;
      first = first_question(all, first, range.from);
      if (first < all->questions) expect_range(all, ph_piece_class(pieces->classes[at]), range, first);
      at += class_end == range.to && !is_last;
    }
    add_expected(all, *piece, first_of_piece);
  }
}

static double odds(double chance) {
  return chance / (1 - chance);
}

/* How much more often the deals of a band were won than the ladder says. */
static double factor_of(const day_count *count, const ph_money_sum *expected, const day_count *of_all) {
  if (count->days == 0 || of_all->won_days == 0 || of_all->won_days == of_all->days) return 1;
  double base = (double)of_all->won_days / (double)of_all->days, deals = (double)count->deals;
  double chances = ((double)expected->high * 4294967296.0 + (double)expected->low) / UNITS_OF_CHANCE;
  double of_ladder = (deals * (chances / (double)count->days) + FACTOR_PULL * base) / (deals + FACTOR_PULL);
  return odds(pulled_rate(count, base, FACTOR_PULL)) / odds(of_ladder);
}

static void find_factors(counting *all) {
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
    for (size_t band = 0; band < all->ladder->bands[factor]; band++) {
      size_t cell = band * all->questions;
      sum_up_questions(all, &all->bands[factor][cell]);
      for (size_t question = 0; question < all->questions; question++, cell++)
        all->ladder->factors[factor][cell_of(all, band, question)] =
            factor_of(&all->bands[factor][cell], &all->expected[factor][cell], &all->classes[question]);
    }
}

static void count_batch(counting *all, double pull, ph_status *status) {
  size_t deal_count = ph_deal_pieces_count(all->pieces);
  for (size_t deal = 0; deal < deal_count && ph_continue(status); deal++) {
    const ph_pieces_of_deal pieces = ph_deal_pieces_of(all->pieces, deal);
    if (pieces.won_on == PH_DAY_NONE) continue; /* it teaches nothing */
    count_classes(all, &pieces, deal);
    for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
      count_bands(all, &pieces, deal, (ph_factor)factor);
  }
  if (!ph_failed(status)) climb(all, pull);
  for (size_t deal = 0; deal < deal_count && ph_continue(status); deal++) {
    const ph_pieces_of_deal pieces = ph_deal_pieces_of(all->pieces, deal);
    expect_deal(all, &pieces);
  }
  if (!ph_failed(status)) find_factors(all);
}

void ph_ladder_count(ph_ladder *ladder, const ph_deal_pieces *pieces, double pull, ph_status *status) {
  for (size_t first = 0; first < ladder->question_count && !ph_failed(status); first += QUESTIONS_AT_ONCE) {
    counting all;
    begin(&all, ladder, pieces, first, status);
    if (!ph_failed(status)) count_batch(&all, pull, status);
    end(&all);
  }
}
