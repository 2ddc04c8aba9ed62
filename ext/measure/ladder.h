/*
** Ladder: the chance of an open deal to be won within so many days, counted on ever finer classes of deals
** (specification, section 6, the ladder and the factors).
**
** For a question (day D, horizon h) and each prefix of a key, over the days t <= D on which deals were open
** with it: N days, W of them on which the deal was won in (t, t + h], M different deals. The chance of a
** class is pulled towards that of the class above: p = (M W / N + k p_above) / (M + k). Days are never looped
** over: pieces of days are counted in closed form, for all questions in one pass. Numbers of days are
** integers and chances are summed in whole units of 2^-40, so the results do not depend on the order of the
** deals.
*/
#ifndef PH_MEASURE_LADDER_H
#define PH_MEASURE_LADDER_H

#include "deal_piece.h"

typedef struct ph_ladder_question {
  ph_day last_day; /* D, the last day that counts */
  int32_t horizon_days;
} ph_ladder_question;

/* What a deal's chance is made of. NaN where nothing was counted. */
typedef struct ph_chance {
  double chance;       /* of the ladder, with the factors */
  double ladder;       /* of the finest class that was ever seen */
  double class_chance; /* of verdict and stage */
  int64_t deals;       /* M of the finest class */
  double factors[PH_FACTOR_COUNT];
} ph_chance;

/* Owns its memory. Borrows the classes of the pieces. */
typedef struct ph_ladder {
  const ph_memory *memory;
  const ph_key_classes *classes;
  size_t class_count;
  ph_ladder_question *questions; /* by last day, then horizon; each once */
  size_t question_count;
  double *chances;                  /* by class and question, NaN where it was not seen */
  uint32_t *deals;                  /* M, likewise */
  double *factors[PH_FACTOR_COUNT]; /* by band and question */
  uint32_t bands[PH_FACTOR_COUNT];  /* how many */
} ph_ladder;

/* Learns from the pieces for all questions, which are copied and sorted; `pull` is the weight k >= 0 of
** the class above in deals. Must be ended in any case. */
void ph_ladder_begin(ph_ladder *ladder, const ph_deal_pieces *pieces, const ph_ladder_question *questions,
                     size_t count, double pull, ph_status *status);
void ph_ladder_end(ph_ladder *ladder);
size_t ph_ladder_bytes(const ph_ladder *ladder);

/* The place of a question among those of the ladder; question_count where it was not asked. */
size_t ph_ladder_question_place(const ph_ladder *ladder, ph_day last_day, int32_t horizon_days);

/* The chance of a deal in the class and with the factors of these pieces. */
ph_chance ph_ladder_chance(const ph_ladder *ladder, size_t question, ph_class_piece class_piece,
                           ph_factor_piece factor_piece);

/* The same, only that with the factors; what forecasts sum up. */
double ph_ladder_chance_alone(const ph_ladder *ladder, size_t question, ph_class_piece class_piece,
                              ph_factor_piece factor_piece);

/* The class_chance of a verdict and stage. */
double ph_ladder_class_chance(const ph_ladder *ladder, size_t question, unsigned verdict, uint32_t stage);

#endif
