/* Ladder: questions and chances. See ladder.h; ladder_count.c counts. */
#include "ladder_internal.h"

#include "../base/rounding.h"

#include <math.h>
#include <string.h>

/* Chances are clipped before odds are taken of them. */
static const double LEAST_CHANCE = 1e-6;

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
  }
}

void ph_ladder_begin(ph_ladder *ladder, const ph_deal_pieces *pieces, const ph_ladder_question *questions,
                     size_t count, double pull, ph_status *status) {
  *ladder = (ph_ladder){
      .memory = status->memory, .classes = &pieces->classes, .class_count = pieces->classes.count};
  ladder->questions = ph_allocate(status, count + 1, sizeof *ladder->questions);
  if (ph_failed(status)) return;
  take_questions(ladder, questions, count);
  ladder->bands[PH_FACTOR_AMOUNT] = PH_AMOUNT_BANDS;
  ladder->bands[PH_FACTOR_OWNER] = pieces->owner_count;
  ladder->bands[PH_FACTOR_ACTIVITY] = 1U << PH_KEY_BAND_BITS;
  size_t cells = ladder->class_count * ladder->question_count;
  ladder->chances = ph_allocate(status, cells, sizeof *ladder->chances);
  ladder->deals = ph_allocate(status, cells, sizeof *ladder->deals);
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
    ladder->factors[factor] =
        ph_allocate(status, ladder->bands[factor] * ladder->question_count, sizeof *ladder->factors[factor]);
  if (!ph_failed(status)) ph_ladder_count(ladder, pieces, pull, status);
}

void ph_ladder_end(ph_ladder *ladder) {
  if (ladder->memory == NULL) return;
  ph_release(ladder->memory, ladder->questions);
  ph_release(ladder->memory, ladder->chances);
  ph_release(ladder->memory, ladder->deals);
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
    ph_release(ladder->memory, ladder->factors[factor]);
  *ladder = (ph_ladder){0};
}

size_t ph_ladder_bytes(const ph_ladder *ladder) {
  size_t bands = 0;
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) bands += ladder->bands[factor];
  return ladder->question_count * (sizeof *ladder->questions + bands * sizeof *ladder->factors[0] +
                                   ladder->class_count * (sizeof *ladder->chances + sizeof *ladder->deals));
}

size_t ph_ladder_question_place(const ph_ladder *ladder, ph_day last_day, int32_t horizon_days) {
  const ph_ladder_question asked = {last_day, horizon_days};
  size_t place = 0;
  while (place < ladder->question_count && compare_questions(&ladder->questions[place], &asked) != 0) place++;
  return place;
}

/* The finest class from `class` up to that of all that was ever seen. */
static size_t seen_class(const ph_ladder *ladder, size_t question, uint32_t class) {
  while (class != 0 && ph_is_nan(ladder->chances[class * ladder->question_count + question]))
    class = ladder->classes->classes[class].above;
  return class;
}

static double class_chance_of(const ph_ladder *ladder, size_t question, size_t class) {
  while (ladder->classes->classes[class].rung > PH_RUNG_STAGE) class = ladder->classes->classes[class].above;
  return ladder->chances[class * ladder->question_count + question];
}

static double with_factors(double chance, const double factors[PH_FACTOR_COUNT]) {
  if (chance < LEAST_CHANCE) chance = LEAST_CHANCE;
  if (chance > 1 - LEAST_CHANCE) chance = 1 - LEAST_CHANCE;
  double result = chance / (1 - chance);
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++) result *= factors[factor];
  return result / (1 + result);
}

static void read_factors(const ph_ladder *ladder, size_t question, ph_factor_piece piece,
                         double factors[PH_FACTOR_COUNT]) {
  for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
    factors[factor] =
        ladder->factors[factor][ph_piece_band(piece, (ph_factor)factor) * ladder->question_count + question];
}

ph_chance ph_ladder_chance(const ph_ladder *ladder, size_t question, ph_class_piece class_piece,
                           ph_factor_piece factor_piece) {
  ph_chance chance = {NAN, NAN, NAN, 0, {1, 1, 1}};
  size_t class = seen_class(ladder, question, ph_piece_class(class_piece));
  size_t cell = class * ladder->question_count + question;
  if (ph_is_nan(ladder->chances[cell])) return chance;
  chance.ladder = ladder->chances[cell];
  chance.deals = ladder->deals[cell];
  chance.class_chance = class_chance_of(ladder, question, class);
  read_factors(ladder, question, factor_piece, chance.factors);
  chance.chance = with_factors(chance.ladder, chance.factors);
  return chance;
}

double ph_ladder_chance_alone(const ph_ladder *ladder, size_t question, ph_class_piece class_piece,
                              ph_factor_piece factor_piece) {
  double factors[PH_FACTOR_COUNT];
  size_t class = seen_class(ladder, question, ph_piece_class(class_piece));
  double chance = ladder->chances[class * ladder->question_count + question];
  read_factors(ladder, question, factor_piece, factors);
  return with_factors(chance, factors);
}

double ph_ladder_class_chance(const ph_ladder *ladder, size_t question, unsigned verdict, uint32_t stage) {
  ph_deal_key key = ph_deal_key_with(ph_deal_key_of(verdict, stage, false), 0, 0, 0);
  uint32_t class = ph_key_classes_find(ladder->classes, key, PH_RUNG_STAGE);
  return class_chance_of(ladder, question, seen_class(ladder, question, class));
}
