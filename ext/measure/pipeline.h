/*
** What all measures work on: a history, the rules, and what is derived from them once and then
** kept (spans, closings, indexes by day). Parts are made when first asked for.
*/
#ifndef PH_MEASURE_PIPELINE_H
#define PH_MEASURE_PIPELINE_H

#include "../base/money.h"
#include "../timeline/day_index.h"

/* What a closed deal was on its closing day; the stage is that of the day before. Zero for open deals. */
typedef struct ph_closing {
  int64_t amount;
  uint32_t owner, stage;
} ph_closing;

/* Days [from, to) on which an open deal was in one reference class: place of its stage × PH_VERDICT_COUNT +
** verdict. */
typedef struct ph_class_run {
  ph_day from, to;
  uint32_t class;
} ph_class_run;

/* The wins of each group in the order of closing days, with running sums. */
typedef struct ph_wins {
  bool made;
  uint32_t *group_place; /* by name: place of the group plus one, 0 = no win */
  uint32_t name_count;
  uint32_t *first_win; /* by group, and one more */
  uint32_t *deals;     /* by win */
  ph_day *days;
  ph_money_sum *sums; /* of the group's wins up to and including this one */
  uint32_t *late;     /* wins whose deal was created after it was closed */
  size_t late_count;
} ph_wins;

/* Counts of one class. Every day t <= as_of - horizon on which a deal was open in the class is a deal-day; it
** is a won one when the deal was won in (t, t + horizon]. */
typedef struct ph_class_counts {
  int64_t deals; /* different ones */
  int64_t deal_days, won_days;
} ph_class_counts;

/* Win rates by reference class on a day. See win_rate.h. */
typedef struct ph_win_rates {
  const ph_memory *memory;
  ph_day as_of;
  int32_t horizon_days;
  int64_t min_class_deals;
  ph_class_counts *classes; /* by place of the stage (pipeline.stage_names) × verdict */
  size_t stage_count;
  ph_class_counts verdicts[PH_VERDICT_COUNT], all;
} ph_win_rates;

typedef struct ph_pipeline {
  const ph_memory *memory;
  ph_history history;
  ph_rules rules;
  uint32_t questions; /* for one day, answered without the spans of all days */
  bool timeline_made;
  ph_timeline timeline;
  bool closings_made;
  ph_closing *closings; /* by deal */
  ph_wins wins[PH_SCOPE_COUNT];
  bool integrity_made[PH_SCOPE_COUNT];
  ph_day_index integrity[PH_SCOPE_COUNT];
  bool boundaries_made;
  ph_day *boundaries; /* days on which periods begin or have ended, ascending */
  size_t boundary_count;
  bool claims_made[PH_SCOPE_COUNT];
  ph_day_index claims[PH_SCOPE_COUNT];
  bool stages_made;
  uint32_t *stage_names; /* stages of spans, missing first, then in byte order */
  uint32_t *stage_place; /* by name: place in stage_names plus one, 0 = no stage of a span */
  size_t stage_count;
  bool runs_made;
  ph_class_run *runs; /* by deal, in time order */
  size_t run_count, run_capacity;
  uint32_t *first_run;     /* by deal, and one more */
  ph_day *won_on;          /* by deal: the closing day of a won one, else PH_DAY_NEVER */
  ph_win_rates *win_rates; /* of the days and horizons asked for lately */
  size_t win_rates_count, win_rates_capacity;
  bool deals_ordered;
  uint32_t *deal_order; /* NULL: the source's order is that of the ids */
} ph_pipeline;

/* Takes over the history, whatever happens. Its end frees everything. */
void ph_pipeline_begin(ph_pipeline *pipeline, ph_status *status);
void ph_pipeline_end(ph_pipeline *pipeline);

const ph_timeline *ph_pipeline_timeline(ph_pipeline *pipeline, ph_status *status);
const ph_closing *ph_pipeline_closings(ph_pipeline *pipeline, ph_status *status);
const ph_wins *ph_pipeline_wins(ph_pipeline *pipeline, ph_scope scope, ph_status *status);

/* Fills stage_names, stage_place and stage_count, and makes the spans. */
void ph_pipeline_stages(ph_pipeline *pipeline, ph_status *status);

/* Fills runs, first_run and won_on, and the stages. Many questions about classes pass over them: they are a
** tenth of the spans' bytes. */
void ph_pipeline_runs(ph_pipeline *pipeline, ph_status *status);

/* The deal at a place in the order of ids. ph_pipeline_order must have been called. */
void ph_pipeline_order(ph_pipeline *pipeline, ph_status *status);
static inline size_t ph_pipeline_deal_at(const ph_pipeline *pipeline, size_t place) {
  return pipeline->deal_order != NULL ? pipeline->deal_order[place] : place;
}

/* The money won by a group with closing days in [from, to], by what is known on `day` (to <= day). */
void ph_wins_add(const ph_pipeline *pipeline, const ph_wins *wins, uint32_t group, ph_day from, ph_day to,
                 ph_day day, ph_money_sum *sum);

/* An error that names the table unless from_day is on or before to_day. */
void ph_check_days(const char *table, ph_day from_day, ph_day to_day, ph_status *status);

#endif
