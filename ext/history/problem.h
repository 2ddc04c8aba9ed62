/*
** What can be wrong with the sources (specification, section 9). Every problem stands once, in the table of
** problem.c: what it is called, and what it does to which figure and what to do about it. Most are counted
** while the sources are read, the others by measure/check.h; pipeline_check shows the counts.
*/
#ifndef PH_HISTORY_PROBLEM_H
#define PH_HISTORY_PROBLEM_H

#include "../base/money.h"
#include "../base/value.h"

typedef enum { PH_SEVERITY_ERROR, PH_SEVERITY_WARNING, PH_SEVERITY_INFO } ph_severity;

typedef enum {
  PH_DEAL_HEADER,
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
  PH_DEAL_AMOUNT_THOUSANDS,
  PH_DEAL_STAGE_MISSING,
  PH_DEAL_STAGE_WITHOUT_RANK,
  PH_DEAL_CLOSED_WITHOUT_STAGE,
  PH_DEAL_STAGE_DISAGREES,
  PH_DEAL_AMOUNT_DISAGREES,
  PH_DEAL_DATE_LOOKS_LIKE_YYYYMMDD,
  PH_DEAL_CLOSING_AHEAD,
  PH_DEAL_CURRENCIES_MIXED,
  PH_DEAL_CURRENCIES_ADDED,
  PH_DEAL_VANISHED,
  PH_DEAL_CURRENCY_WITHOUT_RATE,
  PH_DEAL_CATEGORY_UNKNOWN,
  PH_RULE_SOURCES_END,
  PH_RULE_NO_DEALS,
  PH_RULE_NO_CLOSE_DATES,
  PH_EVENT_HEADER,
  PH_EVENT_ID_MISSING,
  PH_EVENT_AT_MISSING,
  PH_EVENT_AT_BAD,
  PH_EVENT_KIND_UNKNOWN,
  PH_EVENT_DEAL_UNKNOWN,
  PH_EVENT_DEAL_WRITTEN_OTHERWISE,
  PH_EVENT_DEAL_LEFT_OUT,
  PH_EVENT_CLOSE_DATE_BAD,
  PH_EVENT_RECORDED_BAD,
  PH_EVENT_AMOUNT_BAD,
  PH_EVENT_AMOUNT_NEGATIVE,
  PH_EVENT_AMOUNT_THOUSANDS,
  PH_EVENT_DATE_LOOKS_LIKE_YYYYMMDD,
  PH_EVENT_STAGE_WITHOUT_RANK,
  PH_EVENT_CATEGORY_UNKNOWN,
  PH_EVENT_BEFORE_CREATION,
  PH_EVENT_AFTER_CLOSING,
  PH_EVENT_REPEATED,
  PH_EVENT_BULK_EDIT,
  PH_RULE_NO_EVENTS,
  PH_RULE_NO_TOUCHES,
  PH_RULE_TOUCHES_LATE,
  PH_RULE_TOUCHES_ARE_STAGES,
  PH_RULE_NO_PROGRESS,
  PH_RULE_PROGRESS_LATE,
  PH_RULE_NO_MEETINGS,
  PH_RULE_MEETINGS_LATE,
  PH_RULE_NO_OUTREACH,
  PH_RULE_NO_CLOSE_DATE_CHANGES,
  PH_RULE_NO_STAGE_CHANGES,
  PH_RULE_NO_FORECAST_CHANGES,
  PH_STAGE_HEADER,
  PH_STAGE_NAME_MISSING,
  PH_STAGE_RANK_BAD,
  PH_STAGE_DUPLICATE,
  PH_STAGE_MAX_IDLE_BAD,
  PH_STAGE_CLOSED_BAD,
  PH_RULE_NO_RANKS,
  PH_QUOTA_HEADER,
  PH_QUOTA_PERIOD_BAD,
  PH_QUOTA_PERIOD_REVERSED,
  PH_QUOTA_AMOUNT_BAD,
  PH_QUOTA_AMOUNT_NEGATIVE,
  PH_QUOTA_AMOUNT_THOUSANDS,
  PH_QUOTA_DATE_LOOKS_LIKE_YYYYMMDD,
  PH_QUOTA_REPEATED,
  PH_QUOTA_OF_NOBODY,
  PH_QUOTA_PERIODS_OVERLAP,
  PH_RULE_NO_QUOTAS,
  PH_RULE_NO_TEAM_QUOTAS,
  PH_RULE_NO_OWNER_QUOTAS,
  PH_QUOTA_CURRENCY_WITHOUT_RATE,
  PH_RATE_HEADER,
  PH_RATE_CURRENCY_MISSING,
  PH_RATE_BAD,
  PH_RATE_VALID_FROM_BAD,
  PH_RATE_REPEATED,
  PH_HOLIDAY_HEADER,
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
  bool found;      /* of a rule that is off there may be 0 rows */
  bool refuted;    /* another row shows that it is none */
  bool has_amount; /* the rows are of deals */
  ph_money_sum amount;
  char example
      [PH_VALUE_SHOWN_BYTES]; /* the shortest, then the first in byte order: the same in any row order */
} ph_problem_count;

typedef struct ph_problems {
  ph_problem_count counts[PH_PROBLEM_COUNT];
  bool errors_stop; /* policy on_bad_row = 'error' */
} ph_problems;

/* Counts rows with one example; 0 rows: a rule that is off concerns none. With errors_stop a problem of
** severity error fails the job with a message that names the source, the problem and the example. */
void ph_problem_add_rows(ph_problems *problems, ph_problem problem, int64_t rows, const char *example,
                         ph_status *status);
/* Counts a row. */
void ph_problem_add(ph_problems *problems, ph_problem problem, const char *example, ph_status *status);
void ph_problem_add_value(ph_problems *problems, ph_problem problem, const ph_value *example,
                          ph_status *status);
void ph_problem_add_value_rows(ph_problems *problems, ph_problem problem, int64_t rows,
                               const ph_value *example, ph_status *status);

/* Adds to the money of the deals concerned, in units: once for each deal, in one currency. */
void ph_problem_add_amount(ph_problems *problems, ph_problem problem, int64_t amount);

/* Looks at an amount that could be read. A text like 12.500 is counted as what may be thousands and
** returns true; another number of digits behind the dot shows that the dot is a decimal point: then the
** problem is refuted. */
bool ph_problem_add_thousands(ph_problems *problems, ph_problem problem, const ph_value *amount,
                              ph_status *status);

static inline bool ph_problem_is_found(const ph_problems *problems, ph_problem problem) {
  return problems->counts[problem].found && !problems->counts[problem].refuted;
}

#endif
