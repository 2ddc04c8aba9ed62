/*
** Claimed deals, one by one: which open deals a quota period claims on a day, and their forecast categories.
** What they sum up to without categories is claim.h's business.
*/
#ifndef PH_MEASURE_CLAIMED_DEAL_H
#define PH_MEASURE_CLAIMED_DEAL_H

#include "../history/forecast_category.h"
#include "pipeline.h"

/* A quota period, looked at on a day. */
typedef struct ph_claim_point {
  ph_period period;
  ph_day day;
} ph_claim_point;

/* A deal that a group claims for a period. */
typedef struct ph_claimed_deal {
  size_t deal;
  const ph_claim_point *point;
  const ph_span *span;           /* of the day */
  size_t quota;                  /* place of the group and period in the list */
  ph_forecast_category category; /* of the day; PH_CATEGORY_COUNT: none of the five */
} ph_claimed_deal;

/* In the order in which a table lists the categories of a group and period: none first. */
enum { PH_CATEGORY_PLACES = PH_CATEGORY_COMMIT + 2 };
static inline size_t ph_category_place(ph_forecast_category category) {
  return category <= PH_CATEGORY_COMMIT ? (size_t)category + 1 : 0;
}
static inline ph_forecast_category ph_category_at(size_t place) {
  return place > 0 ? (ph_forecast_category)(place - 1) : PH_CATEGORY_COUNT;
}

/* The groups and quota periods of a scope. Owns its memory, borrows the timeline of the pipeline. */
typedef struct ph_claimed_deals {
  const ph_memory *memory;
  const ph_timeline *timeline;
  ph_scope scope;
  ph_group_quota *quotas; /* by name, start and end */
  size_t quota_count;
  uint32_t *quotas_of_name; /* by name: the place of its first quota plus one, 0 = none */
  ph_claim_point *points;   /* the different periods, by start and end */
  size_t point_count;
  uint32_t *rows_of_quota; /* by place: the number of its block of rows, from 1, 0 = none */
  size_t block_count;
} ph_claimed_deals;

/* The day on which a period is looked at; PH_DAY_NONE leaves it out. */
typedef ph_day (*ph_day_of_period)(const void *context, ph_period period);

/* Must be ended in any case. Scope: all, team or owner. */
void ph_claimed_deals_begin(ph_claimed_deals *list, ph_pipeline *pipeline, ph_scope scope,
                            ph_day_of_period day_of, const void *context, ph_status *status);
void ph_claimed_deals_end(ph_claimed_deals *list);

/* Whether an open deal with this close date is claimed for the period on the day: the date lies in the
** period, or the day does and the deal is overdue. */
bool ph_point_claims(const ph_claim_point *point, ph_day close_date);

/* Calls `visit` for each point that claims the deal in a group that has a quota for its period. */
typedef void (*ph_claimed_deal_visit)(void *context, const ph_claimed_deal *claimed, ph_status *status);
void ph_claimed_deals_of(const ph_claimed_deals *list, size_t deal, ph_claimed_deal_visit visit,
                         void *context, ph_status *status);

/* The place of a group's quota for the period of a point; quota_count where it has none. */
size_t ph_claimed_deals_quota(const ph_claimed_deals *list, uint32_t name, const ph_claim_point *point);

/* The element of a quota and a category in *rows, an array of blocks of PH_CATEGORY_PLACES elements that
** grows with the quotas: all bytes zero when the quota is new. Good until the next call. NULL on failure. */
void *ph_claimed_deals_row(ph_claimed_deals *list, size_t quota, size_t category_place, void **rows,
                           size_t *capacity, size_t size, ph_status *status);

#endif
