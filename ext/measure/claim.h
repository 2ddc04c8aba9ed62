/*
** Claims: the open deals whose close date falls into a period, on any day, from an index.
*/
#ifndef PH_MEASURE_CLAIM_H
#define PH_MEASURE_CLAIM_H

#include "../timeline/day_index.h"
#include "period.h"

/* What is claimed for a period on a day: open deals with a close date in the period; for a period that
** contains the day also every overdue deal. */
typedef struct ph_claimed {
  int64_t claimed_deals, real_deals, unjudged_deals;
  ph_money_sum claimed, real, unjudged, overdue; /* overdue: those of them with a close date before the day */
} ph_claimed;

/* Adds counts of what is claimed, real and unjudged, and sums of the same and of what is overdue, in this
** order. */
enum { PH_CLAIMED_COUNTS = 3, PH_CLAIMED_SUMS = 4 };
void ph_claimed_add(ph_claimed *claimed, const int64_t *counts, const ph_money_sum *sums);

/* The open deals of a scope by close date. The first and the day after the last of every quota period and
** of the periods before it part the close dates; those between two such boundaries are one bucket. Owns
** its memory. */
typedef struct ph_claims {
  const ph_memory *memory;
  const ph_timeline *timeline;
  ph_scope scope;
  ph_day *close_dates; /* all that a deal ever had, ascending, each once */
  size_t close_date_count;
  uint32_t *bucket_of; /* by the number of close dates before a day: the bucket that begins with it */
  ph_day_index index;
} ph_claims;

/* What an open deal is worth as a claim for the period of its close date, on the days [from, to). */
enum { PH_CLAIM_IS_REAL = 1, PH_CLAIM_IS_UNJUDGED = 2, PH_CLAIM_IS_OVERDUE = 4 };
typedef struct ph_claim {
  ph_day from, to, close_date;
  uint32_t group;
  unsigned what;
  int64_t amount;
} ph_claim;

/* Calls `visit` for every claim of a scope, those of a deal in the order of time. */
typedef void ph_visit_claim(void *context, const ph_claim *claim, ph_status *status);
void ph_claims_visit(const ph_timeline *timeline, ph_scope scope, ph_visit_claim *visit, void *context,
                     ph_status *status);

/* The claims of scope all, team or owner. */
void ph_claims_begin(ph_claims *claims, const ph_timeline *timeline, ph_scope scope, ph_status *status);
void ph_claims_end(ph_claims *claims);
size_t ph_claims_bytes(const ph_claims *claims);

/* Adds what a group claims for a period on a day. The period must be that of a quota, or one before it
** that does not begin before the first deal was created. */
void ph_claimed_on(const ph_claims *claims, uint32_t group, ph_period period, ph_day day,
                   ph_claimed *claimed);

#endif
