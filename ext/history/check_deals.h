/*
** What can be wrong with a deal and its events together. Problems are counted in history.problems.
*/
#ifndef PH_HISTORY_CHECK_DEALS_H
#define PH_HISTORY_CHECK_DEALS_H

#include "derive_changes.h"

/* Checks a deal after its changes are derived. `row` is the deal as its row said it. */
void ph_check_deal(ph_history *history, const ph_deal *deal, const ph_deal *row, const ph_last_changes *last,
                   const ph_deal_events *events, ph_status *status);

/* Counts events that repeat another one of the same instant, in the order of their instants and before the
** changes are derived. A date without a time is no instant: two calls on a day are two. */
int64_t ph_count_repetitions(const ph_deal_events *events, const ph_change *changes);

/* Counts the events whose id has no deal, after all regions are grouped: no row has the id, or its row was
** left out. */
void ph_check_events_without_deal(const ph_grouping *grouping, const ph_id *left_out, ph_status *status);

/* Counts rows with a problem of one deal, and, unless there are none, the amount that it has after its
** last event. Its events have been derived. */
void ph_note_deal(ph_history *history, ph_problem problem, const ph_deal *deal, const ph_event *events,
                  size_t event_count, int64_t rows, ph_status *status);

#endif
