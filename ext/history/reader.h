/*
** Source rows become a history.
**
** The order of calls: begin, policy rows into history.policy and then ph_reader_policy_known, stages, quotas,
** rates and holidays, deals, deals_end, events, finish. Cells come in the order of the relation's columns
** (relation.h). Bad rows are counted in history.problems.
*/
#ifndef PH_HISTORY_READER_H
#define PH_HISTORY_READER_H

#include "history.h"
#include "relation.h"

typedef struct ph_reader ph_reader;

/* Makes a reader that fills *history. `now` is the time in Unix milliseconds: what lies ahead of it the
** sources cannot know. On failure NULL. The history can be ended in any case. */
ph_reader *ph_reader_begin(ph_history *history, int64_t now, ph_status *status);
/* Errors: a time zone that cannot be found, two policies of the zone. */
void ph_reader_policy_known(ph_reader *reader, ph_status *status);
void ph_reader_add_stage(ph_reader *reader, const ph_value cells[PH_STAGE_COLUMNS], ph_status *status);
void ph_reader_add_quota(ph_reader *reader, const ph_value cells[PH_QUOTA_COLUMNS], ph_status *status);
void ph_reader_add_rate(ph_reader *reader, const ph_value cells[PH_RATE_COLUMNS], ph_status *status);
void ph_reader_add_holiday(ph_reader *reader, const ph_value cells[PH_HOLIDAY_COLUMNS], ph_status *status);
void ph_reader_add_deal(ph_reader *reader, const ph_value cells[PH_DEAL_COLUMNS], ph_status *status);
void ph_reader_deals_end(ph_reader *reader, ph_status *status);

/* Takes a row of pipeline_event. */
void ph_reader_add_event(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status);

/* Takes a row of pipeline_event if it can be used and its kind changes no field, so that old_value and
** new_value do not matter: these two cells are not looked at. False, and nothing is noted, for any other
** row, which is then for ph_reader_add_event. */
bool ph_reader_add_activity(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status);

void ph_reader_finish(ph_reader *reader, ph_status *status);

/* Frees the reader, not the history. */
void ph_reader_end(ph_reader *reader);

#endif
