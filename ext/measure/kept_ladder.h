/*
** Kept ladders: what was learned for the last questions.
*/
#ifndef PH_MEASURE_KEPT_LADDER_H
#define PH_MEASURE_KEPT_LADDER_H

#include "ladder.h"

enum { PH_MOST_LADDERS_KEPT = 8 };

/* Owns its memory. Begins zeroed. */
typedef struct ph_kept_ladders {
  const ph_memory *memory; /* NULL: empty */
  ph_ladder ladders[PH_MOST_LADDERS_KEPT];
  size_t count, oldest; /* the next one takes the place of the oldest when all places are taken */
} ph_kept_ladders;

/* A ladder that knows all these questions, kept or learned from the pieces, which must be the same in all
** calls. NULL on failure. Valid until the next call. */
const ph_ladder *ph_kept_ladders_get(ph_kept_ladders *kept, const ph_deal_pieces *pieces,
                                     const ph_ladder_question *questions, size_t count, double pull,
                                     ph_status *status);
void ph_kept_ladders_end(ph_kept_ladders *kept);
size_t ph_kept_ladders_bytes(const ph_kept_ladders *kept);

#endif
