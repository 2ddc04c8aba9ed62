/*
** Changes: what happened to each deal, one row a change (specification, section 5,
** pipeline_changes).
*/
#ifndef PH_MEASURE_CHANGE_H
#define PH_MEASURE_CHANGE_H

#include "pipeline.h"

/* In the order in which the changes of a deal on one day are listed. */
typedef enum {
  PH_CHANGE_CREATED,
  PH_CHANGE_WON,
  PH_CHANGE_LOST,
  PH_CHANGE_VANISHED, /* closed, and nobody knows how */
  PH_CHANGE_STAGE,
  PH_CHANGE_AMOUNT,
  PH_CHANGE_CLOSE_DATE,
  PH_CHANGE_OWNER,
  PH_CHANGE_FORECAST,
  PH_CHANGE_BECAME_STALLED,
  PH_CHANGE_RECOVERED,
  PH_CHANGE_COUNT
} ph_change_type;

extern const char *const ph_change_names[PH_CHANGE_COUNT];

/* A change. What is old and new depends on it: a number of a name (stage, owner, forecast), units
** (amount), a ph_day (close_date), a verdict or PH_VERDICT_COUNT (became_stalled, recovered), nothing
** (created, won, lost, vanished). */
typedef struct ph_change_row {
  uint32_t deal;
  ph_day day;
  int64_t old_value, new_value;
  int64_t amount; /* units, at the end of the day; of a closed deal that of its closing day */
  uint32_t owner, team;
  uint8_t change;  /* ph_change_type */
  uint8_t verdict; /* at the end of the day; PH_VERDICT_COUNT when the deal is closed */
} ph_change_row;

/* The changes on the days (from, to], by day, deal_id and type, then in the order of the events: a new
** block in *rows, the caller's. An event counts when its value differs from what held before, from the day
** of creation to the closing day. Errors: from after to. */
void ph_changes_between(ph_pipeline *pipeline, ph_day from, ph_day to, ph_change_row **rows, size_t *count,
                        ph_status *status);

#endif
