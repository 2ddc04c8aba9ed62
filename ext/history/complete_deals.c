/* Every deal gets its events. See complete_deals.h. */
#include "complete_deals.h"

#include "check_deals.h"

/* The days between which the history lies, and what its deals have events of. */
static void note_deal(ph_history *history, const ph_deal *deal, const ph_deal_events *events,
                      const ph_last_changes *last_changes) {
  ph_day last = deal->created;
  if (deal->created == PH_DAY_NEVER) return; /* excluded */
  if (deal->closing > last && deal->closing != PH_DAY_NEVER) last = deal->closing;
  if (events->count > 0) {
    ph_day event = ph_event_day(&events->events[events->count - 1]);
    if (event > last) last = event;
  }
  if (deal->created < history->first_created) history->first_created = deal->created;
  history->kinds_of_deals |= last_changes->kinds;
  if (last_changes->first_stage_state < history->first_stage_state)
    history->first_stage_state = last_changes->first_stage_state;
  if (last > history->last_known) history->last_known = last;
}

static void complete_deal(const ph_grouping *grouping, ph_deal *deal, const ph_change *changes,
                          ph_status *status) {
  ph_history *history = grouping->history;
  ph_deal_events events = ph_grouped_events(grouping, deal);
  ph_last_changes last;
  ph_deal row = *deal;
  ph_sort_events(&events, status);
  if (ph_failed(status)) return;
  int64_t repetitions = ph_count_repetitions(&events, changes);
  ph_derive_changes(history, deal, &events, changes, &last);
  ph_note_deal(history, PH_EVENT_REPEATED, deal, events.events, events.count, repetitions, status);
  ph_check_deal(history, deal, &row, &last, &events, status);
  note_deal(history, deal, &events, &last);
}

static void complete_region(ph_grouping *grouping, size_t number, ph_status *status) {
  const ph_id_map *map = grouping->map;
  ph_raw_region *region = &grouping->raw->regions[number];
  size_t end = (number + 1) << grouping->raw->region_bits;
  if (end > map->slot_count) end = map->slot_count;
  ph_group_region(grouping, region, status);
  for (size_t slot = number << grouping->raw->region_bits; slot < end && ph_continue(status); slot++)
    if (ph_slot_has_deal(map, slot))
      complete_deal(grouping, &grouping->history->deals[map->entries[slot] - 1], region->changes, status);
  ph_raw_region_end(region, grouping->history->memory);
}

/* A creation, closing or event on a day. */
static void note_day(ph_facts *facts, ph_day day, ph_day today) {
  if (day > today) {
    if (day < facts->next) facts->next = day;
  } else if (day > facts->newest) {
    facts->newest = day;
  }
}

/* The newest day that is not after today among creations, closings and events, and the first that is; an
** activity ahead counts on the day it was recorded. The close date of a lost deal is no closing: nobody
** corrects it. */
static void find_newest(const ph_history *history, ph_facts *facts, ph_status *status) {
  ph_day today = history->today;
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    const ph_deal *deal = &history->deals[index];
    if (deal->created == PH_DAY_NEVER) continue;
    note_day(facts, deal->created, today);
    if ((deal->closing_is_given || deal->outcome == PH_OUTCOME_WON) && deal->closing != PH_DAY_NEVER)
      note_day(facts, deal->closing, today);
    for (uint32_t at = deal[1].first_event; at > deal->first_event; at--) {
      const ph_event *event = &history->events[at - 1];
      bool is_ahead = (ph_event_flags(event) & PH_EVENT_AHEAD) != 0;
      ph_day day = is_ahead ? (ph_day)event->value : ph_event_day(event);
      note_day(facts, day, today);
      if (!is_ahead && day <= today) break;
    }
  }
}

/* What the source says is closed is closed by the last day that it knows. True where that is another day
** for some deal. */
static bool bound_closings(ph_history *history, ph_status *status) {
  bool bounded = false;
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    ph_deal *deal = &history->deals[index];
    if (deal->created == PH_DAY_NEVER || deal->closing == PH_DAY_NEVER) continue;
    const ph_event *first = &history->events[deal->first_event];
    size_t count = ph_deal_event_count(deal);
    int64_t after = 0;
    if (deal->closing > history->data_until && history->data_until != PH_DAY_NONE) {
      ph_note_deal(history, PH_DEAL_CLOSING_AHEAD, deal, first, count, 1, status);
      if (!deal->closing_is_given) {
        deal->closing = history->data_until;
        bounded = true;
      }
    }
    for (const ph_event *event = first + count; event > first && ph_event_day(event - 1) > deal->closing;
         event--)
      after += !(ph_event_flags(event - 1) & PH_EVENT_IMPLIED);
    ph_note_deal(history, PH_EVENT_AFTER_CLOSING, deal, first, count, after, status);
  }
  return bounded;
}

/* Takes out the events that are none (see derive_changes.h). */
static void drop_states(ph_history *history) {
  uint32_t kept = 0, event = 0;
  for (size_t index = 0; index < history->deal_count; index++) {
    uint32_t end = history->deals[index + 1].first_event;
    history->deals[index].first_event = kept;
    for (; event < end; event++)
      if (ph_event_kind(&history->events[event]) != PH_KIND_COUNT)
        history->events[kept++] = history->events[event];
  }
  history->deals[history->deal_count].first_event = kept;
  history->event_count = kept;
}

/* The history's facts: its own and those of deals that it does not hold. */
static void take_facts(ph_history *history, const ph_facts *others, ph_facts *own) {
  *own = PH_NO_FACTS;
  own->first_created = history->first_created;
  own->last_known = history->last_known;
  own->first_stage_state = history->first_stage_state;
  own->kinds = history->kinds_of_deals;
  ph_facts both = *own;
  ph_facts_add(&both, others);
  history->first_created = both.first_created;
  history->last_known = both.last_known;
  history->first_stage_state = both.first_stage_state;
  history->kinds_of_deals = both.kinds;
}

static void find_data_until(ph_history *history, const ph_facts *others, ph_facts *own, ph_status *status) {
  find_newest(history, own, status);
  history->data_until = ph_policy_day(&history->policy, PH_POLICY_DATA_UNTIL);
  if (history->data_until == PH_DAY_NONE)
    history->data_until = own->newest > others->newest ? own->newest : others->newest;
}

void ph_complete_deals(ph_history *history, const ph_id_map *map, const ph_id *left_out, ph_raw_events *raw,
                       const ph_facts *others, ph_facts *own, ph_status *status) {
  ph_grouping grouping;
  ph_grouping_begin(&grouping, history, map, raw, status);
  history->amounts = ph_allocate(status, raw->amount_count, sizeof *history->amounts);
  for (size_t region = 0; region < raw->region_count && !ph_failed(status); region++)
    complete_region(&grouping, region, status);
  if (!ph_failed(status) && history->event_count < raw->count)
    ph_check_events_without_deal(&grouping, left_out, status);
  ph_grouping_end(&grouping, history->memory);
  if (ph_failed(status)) return;
  take_facts(history, others, own);
  find_data_until(history, others, own, status);
  if (own->kinds >> PH_KIND_STAGE_STATE != 0) drop_states(history);
  own->bounds_closings = bound_closings(history, status);
}
