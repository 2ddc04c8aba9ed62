/*
** A deal's history becomes its spans of days.
**
** Everything a deal is judged by changes only on the day of an event or when a threshold runs out. Between
** two such days it is constant, so an open deal is a short list of spans (specification, sections 3 and 4).
*/
#ifndef PH_TIMELINE_SPAN_H
#define PH_TIMELINE_SPAN_H

#include "../history/history.h"
#include "verdict.h"

/* The days [from, to) on which an open deal was all this. */
typedef struct ph_span {
  ph_day from, to;
  ph_day close_date; /* PH_DAY_NONE when missing */
  uint32_t stage, owner;
  uint8_t verdict, reasons; /* ph_verdict; one bit a ph_reason */
  int64_t amount;
} ph_span;

/* What the events up to a day say of a deal. */
typedef struct ph_deal_state {
  uint32_t stage, owner, forecast;
  ph_day close_date;
  int64_t amount;                   /* with moving rates in the deal's own currency: see ph_deal_amount_on */
  ph_day last_progress, last_touch; /* the day of creation where there was none */
  ph_day last_client_act;           /* likewise */
  ph_day last_stage_change;         /* likewise */
  int32_t meetings;                 /* different days */
  ph_day last_meeting;              /* PH_DAY_NONE */
  int32_t pushes;
  int32_t outreach; /* calls and emails on days after last_client_act */
  int32_t idle_limit;
  bool close_date_moved, parked;
  bool ranked; /* it has been in a stage with a rank */
  double highest_rank;
  size_t next_event; /* the first event behind the day */
} ph_deal_state;

/* What every deal is judged by, and where a replay notes which stages it has seen: each thread that replays
** has its own. Owns its memory, borrows the history. */
typedef struct ph_rules {
  const ph_history *history;
  int32_t idle_days, untouched_days, min_meetings, second_meeting_days, max_pushes, ghost_touches, aged_days;
  int32_t fiscal_start; /* month of the year from 0 */
  int32_t rate_date;
  bool rates_move;
  uint32_t *visited; /* by name: the last replay that was in the stage */
  uint32_t replay;   /* number of the replay under way */
} ph_rules;

typedef struct ph_span_list {
  ph_span *spans;
  size_t count, capacity;
} ph_span_list;

void ph_rules_begin(ph_rules *rules, const ph_history *history, ph_status *status);
void ph_rules_end(ph_rules *rules);

/* Appends the spans of a deal up to the day `last` (included) to the list; none when it was not open by then.
** For a deal that is open on `last`, *state becomes what its events up to that day say of it. */
void ph_deal_spans(ph_rules *rules, size_t deal, ph_day last, ph_span_list *list, ph_deal_state *state,
                   ph_status *status);

/* The same from the day `first` on, which lies before the closing day: the first span begins on it, or on
** the day of creation where that is later. */
void ph_deal_spans_between(ph_rules *rules, size_t deal, ph_day first, ph_day last, ph_span_list *list,
                           ph_deal_state *state, ph_status *status);

/* Replays the history of a deal day by day: first the state before its events, then, with each call of next,
** that at the end of the next day with events. False, and nothing is done, when there is no such day up to
** `last`. On the way last_progress and the like are PH_DAY_NONE where there was none yet. One replay at a
** time. */
void ph_deal_replay_begin(ph_rules *rules, size_t deal, ph_deal_state *state);
bool ph_deal_replay_next(ph_rules *rules, size_t deal, ph_day last, ph_deal_state *state);

/* The verdict on a day on which the deal is open, from the state of that day: `from` is the day, the rest as
** in a span. */
ph_span ph_deal_judge(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state, ph_day day);

/* The amount of a deal in the reporting currency on a day, in the state of that day. */
int64_t ph_deal_amount_on(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state, ph_day day);

/* What the events up to a day say, whether the deal is open or not. */
void ph_deal_state_on(ph_rules *rules, size_t deal, ph_day day, ph_deal_state *state);

/* The first day on which a deal that is neither stalled nor dead in this state would be so if nothing more
** happened; PH_DAY_NEVER when it never would within the calendar. */
ph_day ph_deal_stalls_on(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state);

/* The first day of the unbroken run of stalled or dead days that reaches a day on which the deal, in the
** state of that day, is stalled or dead. */
ph_day ph_deal_stalled_since(ph_rules *rules, size_t deal, const ph_deal_state *state, ph_day day);

/* The last day of a fiscal quarter. */
bool ph_is_fiscal_quarter_end(const ph_rules *rules, ph_day day);

#endif
