/*
** Shared by ladder.c and ladder_count.c.
*/
#ifndef PH_MEASURE_LADDER_INTERNAL_H
#define PH_MEASURE_LADDER_INTERNAL_H

#include "../base/statistics.h"
#include "ladder.h"

/* Fills chances, deals and factors, which are there. */
void ph_ladder_count(ph_ladder *ladder, const ph_deal_pieces *pieces, double pull, ph_status *status);

#endif
