/* Every deal gets its events. See complete_deals.h. */
#include "complete_deals.h"

#include "check_deals.h"

/* The days between which the history lies. */
static void note_days(ph_history *history, const ph_deal *deal, const ph_deal_events *events) {
  ph_day last = deal->created;
  if (deal->created == PH_DAY_NEVER) return; /* excluded */
  if (deal->closing > last && deal->closing != PH_DAY_NEVER) last = deal->closing;
  if (events->count > 0) {
    ph_day event = ph_event_day(&events->events[events->count - 1]);
    if (event > last) last = event;
  }
  if (deal->created < history->first_created) history->first_created = deal->created;
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
  ph_check_repetitions(history, deal, &events, changes, status);
  ph_derive_changes(history, deal, &events, changes, &last);
  ph_check_deal(history, deal, &row, &last, &events, status);
  note_days(history, deal, &events);
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

void ph_complete_deals(ph_history *history, const ph_id_map *map, const ph_id *left_out, ph_raw_events *raw,
                       ph_status *status) {
  ph_grouping grouping;
  ph_grouping_begin(&grouping, history, map, raw, status);
  history->amounts = ph_allocate(status, raw->amount_count, sizeof *history->amounts);
  for (size_t region = 0; region < raw->region_count && !ph_failed(status); region++)
    complete_region(&grouping, region, status);
  if (!ph_failed(status) && history->event_count < raw->count)
    ph_check_events_without_deal(&grouping, left_out, status);
  ph_grouping_end(&grouping, history->memory);
}
