/*
** Deal replay: the history of every deal, replayed once into pieces of the ladder's classes.
*/
#ifndef PH_MEASURE_DEAL_REPLAY_H
#define PH_MEASURE_DEAL_REPLAY_H

#include "../timeline/timeline.h"
#include "deal_piece.h"

/* The pieces of all deals for the days on which they were open up to `until`. Nobody else may use the
** rules meanwhile. The pieces must be ended in any case. */
void ph_deal_pieces_replay(ph_deal_pieces *pieces, ph_rules *rules, const ph_timeline *timeline, ph_day until,
                           ph_status *status);

#endif
