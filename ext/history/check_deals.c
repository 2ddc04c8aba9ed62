/* What can be wrong with a deal and its events together. See check_deals.h. */
#include "check_deals.h"

#include "currency.h"

static const ph_problem warning_problems[PH_WARNING_COUNT] = {
    [PH_WARNING_CLOSED_WITHOUT_CLOSED_AT] = PH_DEAL_CLOSED_WITHOUT_CLOSED_AT,
    [PH_WARNING_OPEN_WITH_CLOSED_AT] = PH_DEAL_OPEN_WITH_CLOSED_AT,
    [PH_WARNING_AMOUNT_MISSING] = PH_DEAL_AMOUNT_MISSING,
    [PH_WARNING_AMOUNT_BAD] = PH_DEAL_AMOUNT_BAD,
    [PH_WARNING_AMOUNT_NEGATIVE] = PH_DEAL_AMOUNT_NEGATIVE,
    [PH_WARNING_STAGE_MISSING] = PH_DEAL_STAGE_MISSING,
    [PH_WARNING_STAGE_WITHOUT_RANK] = PH_DEAL_STAGE_WITHOUT_RANK,
    [PH_WARNING_DATE_LOOKS_LIKE_YYYYMMDD] = PH_DEAL_DATE_LOOKS_LIKE_YYYYMMDD,
};

static void note_rows(ph_history *history, ph_problem problem, const ph_deal *deal, int64_t rows,
                      ph_status *status) {
  char buffer[PH_ID_TEXT_BYTES];
  ph_value id = {.type = PH_TEXT};
  if (rows == 0) return;
  id.text = ph_deal_id_text(history, deal, buffer, &id.length);
  ph_problem_add_value_rows(&history->problems, problem, rows, &id, status);
}

/* The amount that a deal has in the end, in its own currency. Its events have been derived. */
static int64_t last_amount(const ph_history *history, const ph_deal *deal, const ph_event *events,
                           size_t count) {
  while (count-- > 0)
    if (ph_event_kind(&events[count]) == PH_KIND_AMOUNT) return history->amounts[events[count].value];
  return deal->amount;
}

void ph_note_deal(ph_history *history, ph_problem problem, const ph_deal *deal, const ph_event *events,
                  size_t event_count, int64_t rows, ph_status *status) {
  note_rows(history, problem, deal, rows, status);
  if (rows > 0)
    ph_note_amount(history, problem, deal->currency, last_amount(history, deal, events, event_count));
}

/* A problem of the deal that is checked. */
static void note(ph_history *history, ph_problem problem, const ph_deal *deal, const ph_deal_events *events,
                 ph_status *status) {
  ph_note_deal(history, problem, deal, events->events, events->count, 1, status);
}

static void check_row(ph_history *history, const ph_deal *deal, const ph_deal_events *events,
                      ph_status *status) {
  for (int warning = 0; warning < PH_WARNING_COUNT; warning++) {
    bool no_amount = warning == PH_WARNING_AMOUNT_MISSING || warning == PH_WARNING_AMOUNT_BAD;
    if ((deal->warnings >> warning & 1) == 0) continue;
    if (no_amount) {
      note_rows(history, warning_problems[warning], deal, 1, status);
    } else {
      note(history, warning_problems[warning], deal, events, status);
    }
  }
}

/* Whether the row says something else than the last change did. */
static void check_disagreement(ph_history *history, const ph_deal *deal, const ph_deal *row,
                               const ph_last_changes *last, const ph_deal_events *events, ph_status *status) {
  if (last->known[PH_KIND_STAGE] && row->stage != 0 && last->after[PH_KIND_STAGE] != row->stage)
    note(history, PH_DEAL_STAGE_DISAGREES, deal, events, status);
  if (last->known[PH_KIND_AMOUNT] && last->after[PH_KIND_AMOUNT] != row->amount)
    note(history, PH_DEAL_AMOUNT_DISAGREES, deal, events, status);
}

static void check_ranks(ph_history *history, const ph_deal *deal, const ph_deal_events *events,
                        ph_status *status) {
  bool found = false;
  for (uint32_t index = 0; index < events->count; index++) {
    const ph_event *event = &events->events[index];
    if (ph_event_kind(event) != PH_KIND_STAGE || event->value == 0) continue;
    if (ph_history_stage(history, event->value, deal->pipeline) != NULL) continue;
    found = true;
    ph_problem_add(&history->problems, PH_EVENT_STAGE_WITHOUT_RANK, history->names.names[event->value].text,
                   status);
  }
  if (found)
    ph_note_amount(history, PH_EVENT_STAGE_WITHOUT_RANK, deal->currency,
                   last_amount(history, deal, events->events, events->count));
}

static void check_days(ph_history *history, const ph_deal *deal, const ph_deal_events *events,
                       ph_status *status) {
  const ph_event *first = events->events, *end = first + events->count;
  int64_t before = 0;
  if (deal->closing < deal->created) note(history, PH_DEAL_CLOSED_BEFORE_CREATED, deal, events, status);
  for (const ph_event *event = first; event < end && ph_event_day(event) < deal->created; event++)
    before += !(ph_event_flags(event) & PH_EVENT_IMPLIED);
  ph_note_deal(history, PH_EVENT_BEFORE_CREATION, deal, first, events->count, before, status);
}

void ph_check_deal(ph_history *history, const ph_deal *deal, const ph_deal *row, const ph_last_changes *last,
                   const ph_deal_events *events, ph_status *status) {
  if (history->stage_count > 0 && last->known[PH_KIND_STAGE]) check_ranks(history, deal, events, status);
  if (deal->created == PH_DAY_NEVER) { /* excluded */
    note(history, PH_DEAL_CLOSED_WITHOUT_DAY, deal, events, status);
    return;
  }
  if (deal->warnings != 0) check_row(history, deal, events, status);
  if (deal->outcome != PH_OUTCOME_OPEN && !deal->has_stage_event && deal->stage == 0)
    note(history, PH_DEAL_CLOSED_WITHOUT_STAGE, deal, events, status);
  if (deal->outcome == PH_OUTCOME_VANISHED) note(history, PH_DEAL_VANISHED, deal, events, status);
  check_disagreement(history, deal, row, last, events, status);
  check_days(history, deal, events, status);
}

static bool is_repetition(const ph_deal_events *events, const ph_change *changes, uint32_t one,
                          uint32_t other) {
  const ph_event *a = &events->events[one], *b = &events->events[other];
  if (a->key != b->key) return false;
  if (!ph_kind_is(ph_event_kind(a), PH_IS_CHANGE)) return true;
  return changes[a->value].before == changes[b->value].before &&
         changes[a->value].after == changes[b->value].after;
}

int64_t ph_count_repetitions(const ph_deal_events *events, const ph_change *changes) {
  enum { LOOK_BACK = 16 }; /* so that many events of one instant take no quadratic time */
  int64_t repetitions = 0;
  if (events->milliseconds == NULL) return 0;
  for (uint32_t index = 1; index < events->count; index++) {
    if (events->milliseconds[index] == 0 || (ph_event_flags(&events->events[index]) & PH_EVENT_IMPLIED))
      continue;
    uint32_t first = index > LOOK_BACK ? index - LOOK_BACK : 0, other = index;
    while (other > first && ph_compare_instants(events, other - 1, index) == 0)
      if (is_repetition(events, changes, --other, index)) {
        repetitions++;
        break;
      }
  }
  return repetitions;
}

void ph_check_events_without_deal(const ph_grouping *grouping, const ph_id *left_out, ph_status *status) {
  ph_history *history = grouping->history;
  const ph_id_map *map = grouping->map;
  size_t event =
      history->event_count; /* they stand behind the events of the deals, in the order of the slots */
  for (size_t slot = 0; slot < map->slot_count && !ph_failed(status); slot++) {
    uint32_t entry = map->entries[slot];
    size_t end = grouping->next[slot];
    if (ph_slot_has_deal(map, slot) || event == end) continue;
    if (slot == map->nobody) { /* counted when they were read */
      event = end;
      continue;
    }
    ph_id id = {(int64_t)((uint64_t)map->lowest + slot), false}; /* a gap of the dense integers */
    if (entry & PH_DEAL_LEFT_OUT) id = left_out[entry & ~PH_DEAL_LEFT_OUT];
    ph_deal deal = {.id = id.value, .id_is_text = id.is_text};
    int64_t rows = 0;
    for (; event < end; event++) rows += !(ph_event_flags(&history->events[event]) & PH_EVENT_IMPLIED);
    note_rows(history, entry == 0 ? PH_EVENT_DEAL_UNKNOWN : PH_EVENT_DEAL_LEFT_OUT, &deal, rows, status);
  }
}
