/*
** Coverage: what the pipeline is worth against what is left of the quota (specification, section
** 5, real_coverage).
*/
#ifndef PH_MEASURE_COVERAGE_H
#define PH_MEASURE_COVERAGE_H

#include "pipeline.h"

typedef enum {
  PH_COVERAGE_HIT,
  PH_COVERAGE_TOO_EARLY, /* nothing real is required yet */
  PH_COVERAGE_COVERED,
  PH_COVERAGE_UNKNOWN, /* covered if what cannot be judged is real */
  PH_COVERAGE_FALSE_CONFIDENCE,
  PH_COVERAGE_SHORT
} ph_coverage_verdict;
extern const char *const ph_coverage_verdict_names[];

/* One group and one quota period on one day. Money in units; a ratio is NaN where its denominator is zero. */
typedef struct ph_coverage_row {
  ph_group_quota group;
  ph_day day;
  int64_t won_amount, remaining;
  int64_t claimed_deals, claimed_amount, overdue_amount, real_deals, real_amount;
  int64_t unjudged_deals, unjudged_amount, false_confidence;
  double claimed_coverage, real_coverage, required_claimed_coverage, required_real_coverage;
  double needed_units; /* to a whole unit; not a sum, so it may be larger than any */
  ph_coverage_verdict verdict;
} ph_coverage_row;

/* The row of a group and period (scope all, team or owner) on a day, with nothing that was learned later. */
void ph_coverage_row_on(ph_pipeline *pipeline, ph_scope scope, const ph_group_quota *group, ph_day day,
                        ph_coverage_row *row, ph_status *status);

/* What a group (of the scope of the wins) won in a period by a day of it or before it, and what is left of
** its quota then, never less than nothing. Errors name the table. */
void ph_coverage_remaining(const ph_wins *wins, const ph_group_quota *group, ph_day day, const char *table,
                           int64_t *won_amount, int64_t *remaining, ph_status *status);

/* Rows of every group and quota period that has not ended before the day, by name, start and end. *rows is
** the caller's to release. */
void ph_coverage_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_coverage_row **rows, size_t *count,
                    ph_status *status);

#endif
