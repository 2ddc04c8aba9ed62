/*
** Deal pieces: the history of a deal as pieces of days, each with one key of the ladder.
*/
#ifndef PH_MEASURE_DEAL_PIECE_H
#define PH_MEASURE_DEAL_PIECE_H

#include "../timeline/timeline.h"
#include "deal_key.h"

/* Replays one deal after the other. Owns its memory, borrows the timeline and the rules, which nobody else may use
** meanwhile. */
typedef struct ph_deal_pieces {
  const ph_memory *memory;
  ph_rules *rules;
  const ph_timeline *timeline;
  ph_span_list spans;     /* of the deal at hand */
  ph_key_piece_list list; /* likewise */
  uint32_t *left;         /* by name: the number of the last deal that left this stage */
  uint32_t replay;        /* the number of the deal at hand */
} ph_deal_pieces;

/* Must be ended in any case. */
void ph_deal_pieces_begin(ph_deal_pieces *pieces, ph_rules *rules, const ph_timeline *timeline,
                          ph_status *status);
void ph_deal_pieces_end(ph_deal_pieces *pieces);

/* Makes the list of a deal for the days on which it was open up to `last`; empty when it was not. Where it is open on
** `last`, the last piece and the last span hold that day. */
void ph_deal_pieces_make(ph_deal_pieces *pieces, size_t deal, ph_day last, ph_status *status);

#endif
