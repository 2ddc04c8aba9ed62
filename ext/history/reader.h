/*
** Source rows become a history.
**
** The order of calls: begin, policy rows into history.policy and then ph_reader_policy_known, stages, quotas,
** rates and holidays, deals, deals_end, events, finish. Cells come in the order of the relation's columns
** (relation.h). Bad rows are counted in history.problems.
*/
#ifndef PH_HISTORY_READER_H
#define PH_HISTORY_READER_H

#include "currency.h"
#include "facts.h"
#include "raw_events.h"
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

/* ------------------------------------------------------------------------------------ for a store of rows */

/* The rows of one deal_id as a reader read them, before its events completed the deal. */
typedef struct ph_deal_row {
  ph_deal deal;     /* texts are borrowed; first_event is not used. With id_is_text its id is that of ... */
  ph_text id;       /* ... this text */
  int64_t left_out; /* rows of this id that could not be used */
  bool is_used;     /* false: no row of this id could be used, and `deal` holds its id alone */
} ph_deal_row;

/* Deals that are not read: what the history says of all is said of them, too. Borrowed until the end.
** Before the first deal. */
void ph_reader_know(ph_reader *reader, const ph_facts *facts, const ph_currencies *currencies);

/* Takes the rows of a deal_id, and a row of pipeline_event of the n-th deal that was taken so. Deals before
** the rows of other deals and ph_reader_deals_end, events after. No id may come twice. */
void ph_reader_take_deal(ph_reader *reader, const ph_deal_row *row, ph_status *status);
void ph_reader_take_event(ph_reader *reader, uint32_t slot, const ph_event_row *row, ph_status *status);
/* The slot of the n-th deal. */
uint32_t ph_reader_slot(ph_reader *reader, size_t deal);

/* Calls `visit_deal` for every deal_id of rows that were read, in any order, with its slot (PH_NO_SLOT: it
** has no deal), and `visit_event` for every event: of one slot in the order of reading. After the events,
** before ph_reader_finish. */
typedef void ph_visit_deal(void *context, uint32_t slot, const ph_deal_row *row, ph_status *status);
void ph_reader_visit(ph_reader *reader, ph_visit_deal *visit_deal, ph_visit_row *visit_event, void *context,
                     ph_status *status);
/* Rows of deals without an id. */
int64_t ph_reader_rows_without_id(const ph_reader *reader);

/* What the deals that were read say together; after ph_reader_finish. */
const ph_facts *ph_reader_facts(const ph_reader *reader);

/* Frees the reader, not the history. */
void ph_reader_end(ph_reader *reader);

#endif
