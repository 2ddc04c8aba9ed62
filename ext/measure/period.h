/*
** Quota periods: which group has what quota, and the periods that came before.
*/
#ifndef PH_MEASURE_PERIOD_H
#define PH_MEASURE_PERIOD_H

#include "../base/money.h"
#include "../timeline/timeline.h"

typedef struct ph_period {
  ph_day start, end; /* inclusive */
} ph_period;

static inline ph_period ph_quota_period(const ph_quota *quota) {
  return (ph_period){quota->period_start, quota->period_end};
}

/* Negative, zero or positive as a period is before, the same as or behind another: by start, then by end. */
int ph_period_compare(ph_period left, ph_period right);

typedef struct ph_group_quota {
  uint32_t name; /* of the owner or team; 0 for PH_SCOPE_ALL */
  ph_period period;
  int64_t quota; /* units */
} ph_group_quota;

/* The quotas of scope all, team or owner, by name, start and end: a new block in *quotas, the caller's. Quota
** of an owner: its rows. Of a team: its rows without an owner, else the sum of its owners. Of all: rows with
** neither, else the sum of the owners, else of the teams; all of the same period. */
void ph_group_quotas(const ph_history *history, ph_scope scope, ph_group_quota **quotas, size_t *count,
                     ph_status *status);

/* The k-th period of the same length before this one: moved by whole months where it is made of whole months,
** else by its length in days. False when it lies before the calendar. */
bool ph_period_before(ph_period period, int32_t k, ph_period *before);

/* The smallest k >= 0 for which the k-th period before this one ends before a day. */
int32_t ph_periods_until(ph_period period, ph_day day);

/* How a period is moved: periods with the same step and residue are those before or after each other. */
typedef struct ph_period_series {
  bool months;
  int32_t step, residue; /* in months or days */
} ph_period_series;

ph_period_series ph_period_series_of(ph_period period);

#endif
