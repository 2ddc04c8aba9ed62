/*
** Outlook: what the claimed deals of a group may bring before a period ends (specification,
** section 5, expected_amount and hit_probability).
*/
#ifndef PH_MEASURE_OUTLOOK_H
#define PH_MEASURE_OUTLOOK_H

#include "pipeline.h"
#include "win_rate.h"

typedef struct ph_claimed_deal {
  ph_day close_date;
  uint8_t verdict;
  uint32_t stage;
  int64_t amount;
} ph_claimed_deal;

/* The open deals of one day by group. */
typedef struct ph_outlook {
  ph_pipeline *pipeline;
  ph_scope scope;
  ph_day day;
  ph_claimed_deal *deals; /* by group */
  uint32_t *first_deal;   /* by name, and one more */
  uint32_t *class_place;  /* scratch, by class: its place among those of the group at hand plus one */
} ph_outlook;

/* `known` is false where a claimed deal has no win rate. */
typedef struct ph_expectation {
  bool known;
  double expected_units; /* Σ amount × win rate, in units, not rounded */
  double hit_probability;
} ph_expectation;

void ph_outlook_begin(ph_outlook *outlook, ph_pipeline *pipeline, ph_scope scope, ph_day day,
                      ph_status *status);
/* The same for several days in ascending order, with one pass over the deals. Each is ended on its own. */
void ph_outlooks_begin(ph_outlook *outlooks, ph_pipeline *pipeline, ph_scope scope, const ph_day *days,
                       size_t count, ph_status *status);
void ph_outlook_end(ph_outlook *outlook);

/* What the deals that the group claims for the period bring by its end, and the chance that their wins reach
** `remaining`, NaN where that cannot be told (see hit_probability.h). hit_probability is left 0 without
** with_probability. */
void ph_outlook_expect(ph_outlook *outlook, const ph_group_quota *group, int64_t remaining,
                       bool with_probability, ph_expectation *expectation, ph_status *status);

#endif
