/*
** Ladder: the chance of an open deal to be won within so many days, counted on ever finer classes of deals
** (specification, section 6, the ladder and the factors).
**
** For a question (day D, horizon h) and each prefix of a key, over the days t <= D on which deals were open with it:
** N days, W of them on which the deal was won in (t, t + h], M different deals. The chance of a class is pulled towards
** that of the class above: p = (M W / N + k p_above) / (M + k). Days are never looped over: pieces of days are counted
** in closed form, for all questions in one pass.
**
** HOW IT IS USED. begin; count each deal; climb; expect each deal again; finish; then ask for chances. Numbers of days
** are integers and chances are summed in whole units of 2^-40, so the results do not depend on the order of the deals.
*/
#ifndef PH_MEASURE_LADDER_H
#define PH_MEASURE_LADDER_H

#include "../base/money.h"
#include "deal_key.h"

typedef struct ph_ladder_question {
  ph_day last_day; /* D, the last day that counts */
  int32_t horizon_days;
} ph_ladder_question;

/* Up to finish, each question holds what it has more than the one before. */
typedef struct ph_ladder_count {
  int64_t days, won_days, deals;
} ph_ladder_count;

/* A class that was seen: a prefix of a key. */
typedef struct ph_ladder_class {
  ph_deal_key prefix;
  uint32_t above;     /* the class of the next shorter prefix; its own index for that of all */
  uint32_t last_deal; /* the last deal that was counted in it, from 1 */
  uint8_t rung;
} ph_ladder_class;

/* What a deal's chance is made of. NaN where nothing was counted. */
typedef struct ph_chance {
  double chance;       /* of the ladder, with the factors */
  double ladder;       /* of the finest class that was ever seen */
  double class_chance; /* of verdict and stage */
  int64_t deals;       /* M of the finest class */
  double factors[PH_FACTOR_COUNT];
} ph_chance;

/* One band of a factor. */
typedef struct ph_factor_band {
  ph_ladder_count count;
  ph_money_sum expected; /* the ladder's chances over its days, in units of 2^-40 */
  double factor;
} ph_factor_band;

/* Owns its memory. */
typedef struct ph_ladder {
  const ph_memory *memory;
  ph_ladder_question *questions; /* by last day, then horizon; each once */
  size_t question_count;
  int64_t longest_horizon;
  double pull; /* k */
  ph_ladder_class *classes;
  size_t class_count, class_capacity, count_capacity;
  ph_ladder_count *counts; /* by class and question */
  ph_ladder_count *gains;  /* scratch, by question */
  int64_t *expected;       /* scratch, by question */
  double *chances;         /* by class and question, NaN where it was not seen; made by climb */
  int64_t *chance_units;   /* the same in units of 2^-40 */
  uint32_t *map;           /* hash table of the classes: index plus one */
  size_t map_mask;
  ph_factor_band *bands[PH_FACTOR_COUNT]; /* by band and question */
  uint32_t *last_deal_of_band[PH_FACTOR_COUNT];
  uint32_t band_count[PH_FACTOR_COUNT];
  uint32_t deal; /* the number of the deal that is counted */
} ph_ladder;

/* The questions are copied and sorted. `owner_count` is the number of owners, `pull` the weight k >= 0 of the class above
** in deals. After a failure the ladder must be ended, too. */
void ph_ladder_begin(ph_ladder *ladder, const ph_ladder_question *questions, size_t count,
                     uint32_t owner_count, double pull, ph_status *status);
void ph_ladder_end(ph_ladder *ladder);
size_t ph_ladder_bytes(const ph_ladder *ladder);

/* Counts the pieces of one deal, in the order of days. `won_on` is the closing day of a won deal, else PH_DAY_NEVER. */
void ph_ladder_count_deal(ph_ladder *ladder, const ph_key_piece_list *pieces, ph_day won_on,
                          ph_status *status);
/* From counts to the chances of all classes. */
void ph_ladder_climb(ph_ladder *ladder, ph_status *status);
/* Sums up what the ladder expects of one deal, with the same pieces as before. */
void ph_ladder_expect_deal(ph_ladder *ladder, const ph_key_piece_list *pieces);
/* From counts and sums to the factors of all bands. */
void ph_ladder_finish(ph_ladder *ladder);

/* The place of a question among those of the ladder; question_count where it was not asked. */
size_t ph_ladder_question_place(const ph_ladder *ladder, ph_day last_day, int32_t horizon_days);

/* The chance of a deal with this key and these properties. */
ph_chance ph_ladder_chance(const ph_ladder *ladder, size_t question, ph_deal_key key,
                           const uint32_t factors[PH_FACTOR_COUNT]);

#endif
