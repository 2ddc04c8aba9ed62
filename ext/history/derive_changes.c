/* What a deal's changes say. See derive_changes.h. */
#include "derive_changes.h"

static void set_before_first_change(ph_deal *deal, ph_kind kind, int64_t before) {
  switch (kind) {
  case PH_KIND_STAGE: deal->stage = (uint32_t)before; break;
  case PH_KIND_OWNER: deal->owner = (uint32_t)before; break;
  case PH_KIND_AMOUNT: deal->amount = before; break;
  case PH_KIND_FORECAST: deal->forecast = (uint32_t)before; break;
  default: deal->close_date = (ph_day)before; break;
  }
}

/* Whether a close_date event moved the date, and to which side. A missing old value is what the earlier
** events say. */
static uint32_t move_flags(const ph_change *change, const ph_last_changes *last) {
  int64_t before = change->before;
  if (before == PH_DAY_NONE && last->known[PH_KIND_CLOSE_DATE]) before = last->after[PH_KIND_CLOSE_DATE];
  if (before == PH_DAY_NONE || change->after == PH_DAY_NONE || before == change->after) return 0;
  return PH_EVENT_MOVED_DATE | (change->after > before ? PH_EVENT_MOVED_LATER : 0u);
}

/* Makes a change of a state. False when it is none: the first state of a field, which held from creation
** on, or one that says what held before. */
static bool change_of_state(ph_deal *deal, ph_event *event, int64_t after, ph_last_changes *last,
                            ph_change *change) {
  ph_kind kind = ph_kind_of_change(ph_event_kind(event));
  ph_day day = ph_event_day(event);
  if (kind == PH_KIND_STAGE && day >= deal->created && day < last->first_stage_state)
    last->first_stage_state = day;
  bool is_change = last->known[kind] && last->after[kind] != after;
  if (!last->known[kind]) set_before_first_change(deal, kind, after);
  *change = (ph_change){last->after[kind], after};
  event->key = ph_event_key(day, is_change ? kind : PH_KIND_COUNT, ph_event_flags(event));
  last->known[kind] = true;
  last->after[kind] = after;
  return is_change;
}

static void derive_change(ph_history *history, ph_deal *deal, ph_event *event, const ph_change *row,
                          ph_last_changes *last) {
  ph_change change = *row;
  if (ph_kind_is(ph_event_kind(event), PH_IS_STATE) &&
      !change_of_state(deal, event, row->after, last, &change))
    return;
  ph_kind kind = ph_event_kind(event);
  if (!last->known[kind]) set_before_first_change(deal, kind, change.before);
  if (kind == PH_KIND_AMOUNT) {
    history->amounts[history->amount_count] = change.after;
    event->value = (uint32_t)history->amount_count++;
  } else {
    event->value = (uint32_t)change.after;
  }
  if (kind == PH_KIND_CLOSE_DATE) event->key |= move_flags(&change, last);
  last->known[kind] = true;
  last->after[kind] = change.after;
}

/* A closed deal without closed_at and close_date takes the day of its last event. */
static void derive_closing(ph_history *history, ph_deal *deal, ph_day last_event) {
  if (deal->outcome == PH_OUTCOME_OPEN || deal->closing != PH_DAY_NEVER) return;
  if (last_event != PH_DAY_NONE) {
    deal->closing = last_event;
  } else {
    history->excluded_deals++;
    deal->created = PH_DAY_NEVER;
    deal->outcome = PH_OUTCOME_OPEN;
  }
}

void ph_derive_changes(ph_history *history, ph_deal *deal, const ph_deal_events *events,
                       const ph_change *changes, ph_last_changes *last) {
  ph_day last_event = PH_DAY_NONE;
  *last = (ph_last_changes){.first_stage_state = PH_DAY_NEVER};
  for (uint32_t index = 0; index < events->count; index++) {
    ph_event *event = &events->events[index];
    last->kinds |= 1u << ph_event_kind(event);
    if (ph_kind_is(ph_event_kind(event), PH_IS_CHANGE))
      derive_change(history, deal, event, &changes[event->value], last);
    if (!(ph_event_flags(event) & PH_EVENT_IMPLIED)) last_event = ph_event_day(event);
  }
  deal->has_stage_event = last->known[PH_KIND_STAGE];
  derive_closing(history, deal, last_event);
  if (deal->outcome == PH_OUTCOME_OPEN) return;
  /* the row of a closed deal says where it ended, not where it was, unless it never left an open stage */
  const ph_stage *stage = ph_history_stage(history, deal->stage, deal->pipeline);
  if (!deal->has_stage_event && (stage == NULL || stage->closed != 0)) deal->stage = 0;
  if (!last->known[PH_KIND_FORECAST]) deal->forecast = 0;
}
