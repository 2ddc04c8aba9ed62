/*
** What can be wrong with source rows. Every problem stands once, in the table of problem.c, and
** is counted while the sources are read; pipeline_check shows the counts.
*/
#ifndef PH_HISTORY_PROBLEM_H
#define PH_HISTORY_PROBLEM_H

#include "../base/money.h"
#include "../base/value.h"

typedef enum { PH_SEVERITY_ERROR, PH_SEVERITY_WARNING, PH_SEVERITY_INFO } ph_severity;

typedef enum {
  PH_DEAL_ID_MISSING,
  PH_DEAL_CREATED_MISSING,
  PH_DEAL_CREATED_BAD,
  PH_DEAL_OUTCOME_UNKNOWN,
  PH_DEAL_CLOSE_DATE_BAD,
  PH_DEAL_CLOSED_AT_BAD,
  PH_DEAL_DUPLICATE,
  PH_DEAL_CLOSED_WITHOUT_DAY,
  PH_DEAL_CLOSED_WITHOUT_CLOSED_AT,
  PH_DEAL_CLOSED_BEFORE_CREATED,
  PH_DEAL_OPEN_WITH_CLOSED_AT,
  PH_DEAL_AMOUNT_MISSING,
  PH_DEAL_AMOUNT_BAD,
  PH_DEAL_AMOUNT_NEGATIVE,
  PH_DEAL_STAGE_MISSING,
  PH_DEAL_STAGE_WITHOUT_RANK,
  PH_DEAL_CLOSED_WITHOUT_STAGE,
  PH_DEAL_STAGE_DISAGREES,
  PH_DEAL_AMOUNT_DISAGREES,
  PH_DEAL_DATE_LOOKS_LIKE_YYYYMMDD,
  PH_DEAL_CLOSING_AHEAD,
  PH_DEAL_CURRENCY_WITHOUT_RATE,
  PH_RULE_NO_DEALS,
  PH_RULE_NO_CLOSE_DATES,
  PH_EVENT_ID_MISSING,
  PH_EVENT_AT_MISSING,
  PH_EVENT_AT_BAD,
  PH_EVENT_KIND_UNKNOWN,
  PH_EVENT_DEAL_UNKNOWN,
  PH_EVENT_DEAL_LEFT_OUT,
  PH_EVENT_CLOSE_DATE_BAD,
  PH_EVENT_RECORDED_BAD,
  PH_EVENT_AMOUNT_BAD,
  PH_EVENT_AMOUNT_NEGATIVE,
  PH_EVENT_DATE_LOOKS_LIKE_YYYYMMDD,
  PH_EVENT_STAGE_WITHOUT_RANK,
  PH_EVENT_BEFORE_CREATION,
  PH_EVENT_AFTER_CLOSING,
  PH_EVENT_REPEATED,
  PH_EVENT_BULK_EDIT,
  PH_RULE_NO_EVENTS,
  PH_RULE_NO_MEETINGS,
  PH_RULE_MEETINGS_LATE,
  PH_RULE_NO_TOUCHES,
  PH_RULE_NO_CLOSE_DATE_CHANGES,
  PH_RULE_NO_STAGE_CHANGES,
  PH_STAGE_NAME_MISSING,
  PH_STAGE_RANK_BAD,
  PH_STAGE_DUPLICATE,
  PH_STAGE_MAX_IDLE_BAD,
  PH_STAGE_CLOSED_BAD,
  PH_RULE_NO_RANKS,
  PH_QUOTA_PERIOD_BAD,
  PH_QUOTA_PERIOD_REVERSED,
  PH_QUOTA_AMOUNT_BAD,
  PH_QUOTA_AMOUNT_NEGATIVE,
  PH_QUOTA_DATE_LOOKS_LIKE_YYYYMMDD,
  PH_QUOTA_REPEATED,
  PH_QUOTA_OF_NOBODY,
  PH_QUOTA_PERIODS_OVERLAP,
  PH_RULE_NO_QUOTAS,
  PH_QUOTA_CURRENCY_WITHOUT_RATE,
  PH_RATE_CURRENCY_MISSING,
  PH_RATE_BAD,
  PH_RATE_VALID_FROM_BAD,
  PH_RATE_REPEATED,
  PH_HOLIDAY_DAY_BAD,
  PH_PROBLEM_COUNT
} ph_problem;

typedef struct ph_problem_descriptor {
  const char *source, *name;
  ph_severity severity;
  const char *meaning;
} ph_problem_descriptor;

extern const ph_problem_descriptor ph_problem_descriptors[PH_PROBLEM_COUNT];
extern const char *const ph_severity_names[];

typedef struct ph_problem_count {
  int64_t rows;
  bool has_amount; /* the rows are of deals */
  ph_money_sum amount;
  char example
      [PH_VALUE_SHOWN_BYTES]; /* the shortest, then the first in byte order: the same in any row order */
} ph_problem_count;

typedef struct ph_problems {
  ph_problem_count counts[PH_PROBLEM_COUNT];
  bool errors_stop; /* policy on_bad_row = 'error' */
} ph_problems;

/* Counts a row. With errors_stop a problem of severity error fails the job with a message that names the
** source, the problem and the example. */
void ph_problem_add(ph_problems *problems, ph_problem problem, const char *example, ph_status *status);
void ph_problem_add_value(ph_problems *problems, ph_problem problem, const ph_value *example,
                          ph_status *status);

/* The same for a deal, whose amount is added up. */
void ph_problem_add_deal(ph_problems *problems, ph_problem problem, const ph_value *deal_id, int64_t amount,
                         ph_status *status);

#endif
