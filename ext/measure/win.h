/*
** Wins: the money won by each group between two closing days.
*/
#ifndef PH_MEASURE_WIN_H
#define PH_MEASURE_WIN_H

#include "../timeline/day_index.h"
#include "closing.h"

/* The wins of a scope. A win is known from its closing day on, or from the deal's creation where that is
** later: a deal that was imported after it had closed. Owns its memory. */
typedef struct ph_wins {
  const ph_memory *memory;
  const ph_timeline *timeline;
  ph_scope scope;
  ph_day_index prompt;       /* wins known on their closing day */
  ph_day_index late;         /* the others, from the creation on, by closing day as bucket */
  ph_day *late_closing_days; /* ascending, each once */
  size_t late_count;
} ph_wins;

/* A win that somebody knows of; created as a day of the deal, which may lie behind the closing. */
typedef struct ph_win {
  ph_day closing, created;
  uint32_t group;
  int64_t amount;
} ph_win;

static inline bool ph_win_is_late(const ph_deal *deal) {
  return deal->created > deal->closing;
}

/* The win of a deal in a scope. */
static inline ph_win ph_win_of(const ph_timeline *timeline, ph_scope scope, size_t deal) {
  const ph_deal *at = &timeline->history->deals[deal];
  ph_closing closing = ph_closing_of(timeline, deal);
  uint32_t group = ph_group_of(scope, at, closing.owner, closing.stage);
  return (ph_win){at->closing, at->created, group, closing.amount};
}

void ph_wins_begin(ph_wins *wins, const ph_timeline *timeline, ph_scope scope, ph_status *status);
void ph_wins_end(ph_wins *wins);
size_t ph_wins_bytes(const ph_wins *wins);

/* Adds to *sum the money won by a group with closing days in [from, to], by what is known on `day` (to <=
** day). */
void ph_wins_add(const ph_wins *wins, uint32_t group, ph_day from, ph_day to, ph_day day, ph_money_sum *sum);

#endif
