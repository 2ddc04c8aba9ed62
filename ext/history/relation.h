/*
** Seven source relations: names and columns stand once, in the tables of relation.c
** (specification, section 1). Cells reach the reader in the order of these columns.
*/
#ifndef PH_HISTORY_RELATION_H
#define PH_HISTORY_RELATION_H

#include <stdbool.h>

typedef enum {
  PH_RELATION_DEAL,
  PH_RELATION_EVENT,
  PH_RELATION_STAGE,
  PH_RELATION_QUOTA,
  PH_RELATION_RATE,
  PH_RELATION_HOLIDAY,
  PH_RELATION_POLICY,
  PH_RELATION_COUNT
} ph_relation_name;

enum {
  PH_DEAL_ID,
  PH_DEAL_NAME,
  PH_DEAL_OWNER,
  PH_DEAL_TEAM,
  PH_DEAL_PIPELINE,
  PH_DEAL_STAGE,
  PH_DEAL_AMOUNT,
  PH_DEAL_CREATED_AT,
  PH_DEAL_CLOSE_DATE,
  PH_DEAL_CLOSED_AT,
  PH_DEAL_OUTCOME,
  PH_DEAL_CURRENCY,
  PH_DEAL_FORECAST_CATEGORY,
  PH_DEAL_COLUMNS
};
enum {
  PH_EVENT_ID,
  PH_EVENT_AT,
  PH_EVENT_KIND,
  PH_EVENT_OLD_VALUE,
  PH_EVENT_NEW_VALUE,
  PH_EVENT_RECORDED_AT,
  PH_EVENT_COLUMNS
};
enum {
  PH_STAGE_NAME,
  PH_STAGE_RANK,
  PH_STAGE_PIPELINE,
  PH_STAGE_MAX_IDLE_DAYS,
  PH_STAGE_CLOSED,
  PH_STAGE_COLUMNS
};
enum {
  PH_QUOTA_START,
  PH_QUOTA_END,
  PH_QUOTA_AMOUNT,
  PH_QUOTA_OWNER,
  PH_QUOTA_TEAM,
  PH_QUOTA_CURRENCY,
  PH_QUOTA_COLUMNS
};
enum { PH_RATE_CURRENCY, PH_RATE_RATE, PH_RATE_VALID_FROM, PH_RATE_COLUMNS };
enum { PH_HOLIDAY_DAY, PH_HOLIDAY_TEAM, PH_HOLIDAY_COLUMNS };
enum { PH_POLICY_NAME_COLUMN, PH_POLICY_VALUE_COLUMN, PH_POLICY_COLUMNS };

enum { PH_RELATION_MOST_COLUMNS = PH_DEAL_COLUMNS };

typedef struct ph_relation_column {
  const char *name;
  bool required;
} ph_relation_column;

typedef struct ph_relation {
  const char *name;     /* pipeline_deal */
  const char *argument; /* the name in CREATE VIRTUAL TABLE: deal */
  bool required;
  int column_count;
  ph_relation_column columns[PH_RELATION_MOST_COLUMNS];
} ph_relation;

extern const ph_relation ph_relations[PH_RELATION_COUNT];

#endif
