/*
** What all measures work on: a history, the rules, and the parts that are derived from them once and then
** kept.
**
** A part is made when it is first asked for. It owns its memory, says its bytes and can be dropped alone: it
** is made again when it is asked for again. Pointers to a part are good until parts are dropped.
*/
#ifndef PH_MEASURE_PIPELINE_H
#define PH_MEASURE_PIPELINE_H

#include "claim.h"
#include "class_rate.h"
#include "deal_piece.h"
#include "integrity_index.h"
#include "kept_forecast.h"
#include "kept_ladder.h"
#include "win.h"

/* The deals in the order of their ids. */
typedef struct ph_deal_order {
  const ph_memory *memory; /* NULL: not made */
  uint32_t *deals;         /* NULL: the source's order is that of the ids */
  size_t count;
} ph_deal_order;

/* Sums by day of deals that the history does not hold, from whoever keeps them (a store). The sums of all
** deals are these and the history's own, less those of `replaced`: deals that the history holds anew. */
typedef struct ph_stored_days {
  void *context; /* NULL: the history holds all deals */
  /* The integrity of a scope around a day, good until the next call; NULL after a failure. */
  const ph_day_index *(*integrity)(void *context, ph_scope scope, ph_day day, ph_status *status);
  struct ph_pipeline *replaced; /* NULL: none */
  /* What the deals claim and have won, as ph_claimed_on and ph_wins_add say it. Only where it is shown. A
  ** question begins with `ask`. */
  bool shows_claims;
  void (*ask)(void *context);
  void (*claim)(void *context, ph_scope scope, uint32_t group, ph_period period, ph_day day,
                ph_claimed *claimed, ph_status *status);
  void (*win)(void *context, ph_scope scope, uint32_t group, ph_day from, ph_day to, ph_day day,
              ph_money_sum *sum, ph_status *status);
  void (*end)(void *context);
} ph_stored_days;

/* Begins zeroed but for the memory and the history. */
typedef struct ph_pipeline {
  const ph_memory *memory;
  ph_history history;
  ph_rules rules;
  ph_stored_days stored;
  bool asked_for_a_day; /* answered without the spans of all days */
  ph_timeline timeline;
  ph_day_index integrity[PH_SCOPE_COUNT];
  ph_wins wins[PH_SCOPE_COUNT];
  ph_claims claims[PH_SCOPE_COUNT];
  ph_class_runs runs;
  ph_kept_win_rates win_rates;
  ph_deal_pieces pieces;
  ph_kept_ladders ladders;
  ph_kept_forecasts forecasts;
  ph_deal_order order;
} ph_pipeline;

/* Takes over the history, whatever happens. Its end frees everything. */
void ph_pipeline_begin(ph_pipeline *pipeline, ph_status *status);
void ph_pipeline_end(ph_pipeline *pipeline);

/* Bytes of the parts, without those of the history. */
size_t ph_pipeline_derived_bytes(const ph_pipeline *pipeline);
/* Drops the part that is derived from the most others; false when there is none left. Nothing may use the
** parts. */
bool ph_pipeline_drop_part(ph_pipeline *pipeline);

/* The parts. After a failure what they point to must not be used. */
const ph_timeline *ph_pipeline_timeline(ph_pipeline *pipeline, ph_status *status);
const ph_day_index *ph_pipeline_integrity(ph_pipeline *pipeline, ph_scope scope, ph_status *status);
const ph_wins *ph_pipeline_wins(ph_pipeline *pipeline, ph_scope scope, ph_status *status);
const ph_claims *ph_pipeline_claims(ph_pipeline *pipeline, ph_scope scope, ph_status *status);
const ph_class_runs *ph_pipeline_runs(ph_pipeline *pipeline, ph_status *status);
/* NULL on failure. Valid until the next call. */
const ph_win_rates *ph_pipeline_win_rates(ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days,
                                          ph_status *status);
/* The pieces of all deals for days up to `until` at least. A call for a later day than any before it drops
** the ladders. */
const ph_deal_pieces *ph_pipeline_pieces(ph_pipeline *pipeline, ph_day until, ph_status *status);
/* A ladder that has learned for these questions. NULL on failure. Valid until the next call. */
const ph_ladder *ph_pipeline_ladder(ph_pipeline *pipeline, const ph_ladder_question *questions, size_t count,
                                    ph_status *status);
void ph_pipeline_order(ph_pipeline *pipeline, ph_status *status);

static inline bool ph_pipeline_has_spans(const ph_pipeline *pipeline) {
  return pipeline->timeline.memory != NULL;
}

/* The deal at a place in the order of ids. ph_pipeline_order must have been called. */
static inline size_t ph_pipeline_deal_at(const ph_pipeline *pipeline, size_t place) {
  return pipeline->order.deals != NULL ? pipeline->order.deals[place] : place;
}

/* An error that names the table unless from_day is on or before to_day. */
void ph_check_days(const char *table, ph_day from_day, ph_day to_day, ph_status *status);

#endif
