/* Events as they were read become the events of each deal. See settle.h. */
#include "settle.h"

#include "../base/sort.h"

#include <string.h>

enum { KEY_SHIFT = PH_EVENT_FLAG_BITS + PH_EVENT_KIND_BITS, SHORT_RUN = 24 };

/* How far ahead a scatter asks for memory: the places of its events lie anywhere in their region. */
enum { EVENTS_AHEAD = 12 };

/* A region of 4096 slots and some ten events each fits in the second cache of a processor; more than 256 regions
** would not leave their ends there while they are read. */
enum { FEWEST_REGION_BITS = 12, MOST_REGIONS = 256 };

void ph_raw_events_begin(ph_raw_events *raw, const ph_id_map *map, ph_status *status) {
  *raw = (ph_raw_events){.region_bits = FEWEST_REGION_BITS};
  while (map->slot_capacity >> raw->region_bits >= MOST_REGIONS) raw->region_bits++;
  size_t region_count = (map->slot_capacity >> raw->region_bits) + 1;
  raw->regions = ph_allocate_zeroed(status, region_count, sizeof *raw->regions);
  if (raw->regions != NULL) raw->region_count = region_count;
  raw->slot_counts = ph_allocate_zeroed(status, map->slot_capacity, sizeof *raw->slot_counts);
}

void ph_raw_events_count(const ph_raw_events *raw, const ph_raw_region *region) {
  for (size_t event = 0; event < region->last_count; event++)
    raw->slot_counts[region->last->events[event].slot]++;
}

static void end_region(ph_raw_region *region, const ph_memory *memory) {
  for (ph_raw_chunk *next, *chunk = region->first; chunk != NULL; chunk = next) {
    next = chunk->next;
    ph_release(memory, chunk->milliseconds);
    ph_release(memory, chunk);
  }
  ph_release(memory, region->changes);
  ph_release(memory, region->recorded);
  *region = (ph_raw_region){0};
}

void ph_raw_events_end(ph_raw_events *raw, const ph_memory *memory) {
  for (size_t region = 0; region < raw->region_count; region++) end_region(&raw->regions[region], memory);
  ph_release(memory, raw->regions);
  ph_release(memory, raw->slot_counts);
  *raw = (ph_raw_events){0};
}

static bool has_deal(const ph_id_map *map, size_t slot) {
  return map->entries[slot] != 0 && !(map->entries[slot] & PH_DEAL_LEFT_OUT);
}

/* One half of the regions, and what settling them finds. */
typedef struct part {
  _Alignas(PH_APART) ph_history *history;
  const ph_id_map *map;
  const ph_raw_events *raw;
  size_t first_region, end_region;
  uint32_t *places;       /* by slot: of its next event */
  uint32_t *first_events; /* by deal, and one more at the end */
  uint32_t *milliseconds; /* by event; NULL: all are the start of their day */
  size_t next_amount;     /* place in history.amounts */
  ph_problems problems;
  int64_t excluded_deals;
  ph_day first_created, last_known; /* of the history */
} part;

/* Turns the counts of the slots into places: those of the deals in their order, then those of slots without a
** deal. The deals themselves, which are many bytes, are told by settle_region. */
static void place_slots(ph_history *history, const ph_id_map *map, uint32_t *first_events, uint32_t *places) {
  for (size_t slot = 0; slot < map->slot_count; slot++)
    if (has_deal(map, slot)) first_events[map->entries[slot] - 1] = places[slot];
  uint32_t first = 0;
  for (size_t deal = 0; deal < history->deal_count; deal++) {
    uint32_t count = first_events[deal];
    first_events[deal] = first;
    first += count;
  }
  first_events[history->deal_count] = history->deals[history->deal_count].first_event = first;
  history->event_count = first;
  for (size_t slot = 0; slot < map->slot_count; slot++) {
    uint32_t count = places[slot];
    if (has_deal(map, slot)) {
      places[slot] = first_events[map->entries[slot] - 1];
    } else {
      places[slot] = first;
      first += count;
    }
  }
}

/* Where reading the changes and meetings has come to. */
typedef struct values {
  const ph_day *recorded;
  uint32_t changes, meetings;
} values;

/* The value of the next event: the index of its change, or the day on which its meeting was recorded. Without a
** branch, for kinds come in any order. */
static inline uint32_t next_value(values *next, const ph_raw_event *event) {
  ph_kind kind = (ph_kind)(event->key >> PH_EVENT_FLAG_BITS & ((1u << PH_EVENT_KIND_BITS) - 1));
  uint32_t is_change = ph_kind_is(kind, PH_IS_CHANGE), is_meeting = kind == PH_KIND_MEETING;
  uint32_t value =
      (next->changes & (0 - is_change)) | ((uint32_t)next->recorded[next->meetings] & (0 - is_meeting));
  next->changes += is_change;
  next->meetings += is_meeting;
  return value;
}

/* A counting sort by deal. It is stable, so a source in time order gives deals in time order. */
static void scatter(const part *at, ph_raw_region *region, ph_status *status) {
  ph_history *history = at->history;
  uint32_t *places = at->places, *milliseconds = at->milliseconds;
  /* one more, for a look behind the last meeting */
  ph_reserve(status, (void **)&region->recorded, &region->meeting_capacity, region->meeting_count + 1,
             sizeof *region->recorded);
  if (ph_failed(status)) return;
  region->recorded[region->meeting_count] = PH_DAY_NONE;
  values next = {.recorded = region->recorded};
  for (const ph_raw_chunk *chunk = region->first; chunk != NULL && ph_continue(status); chunk = chunk->next) {
    size_t count = ph_raw_chunk_count(region, chunk);
    for (size_t index = 0; index < count; index++) {
      const ph_raw_event *event = &chunk->events[index];
      if (index + EVENTS_AHEAD < count) ph_prefetch(&history->events[places[event[EVENTS_AHEAD].slot]]);
      uint32_t place = places[event->slot]++;
      history->events[place] = (ph_event){event->key, next_value(&next, event)};
      if (milliseconds != NULL)
        milliseconds[place] = chunk->milliseconds != NULL ? chunk->milliseconds[index] : 0;
    }
  }
}

/* The events of a deal. */
typedef struct run {
  ph_event *events;
  uint32_t *milliseconds; /* NULL: all at the start of their day */
  uint32_t count;
} run;

static int compare_instants(const void *context, uint32_t left, uint32_t right) {
  const run *sorted = context;
  uint32_t left_day = sorted->events[left].key >> KEY_SHIFT,
           right_day = sorted->events[right].key >> KEY_SHIFT;
  if (left_day != right_day) return left_day < right_day ? -1 : 1;
  if (sorted->milliseconds == NULL || sorted->milliseconds[left] == sorted->milliseconds[right]) return 0;
  return sorted->milliseconds[left] < sorted->milliseconds[right] ? -1 : 1;
}

static void sort_short_run(run events) {
  for (uint32_t sorted = 1; sorted < events.count; sorted++) {
    for (uint32_t place = sorted; place > 0 && compare_instants(&events, place - 1, place) > 0; place--) {
      ph_event event = events.events[place];
      events.events[place] = events.events[place - 1];
      events.events[place - 1] = event;
      if (events.milliseconds == NULL) continue;
      uint32_t millisecond = events.milliseconds[place];
      events.milliseconds[place] = events.milliseconds[place - 1];
      events.milliseconds[place - 1] = millisecond;
    }
  }
}

static void sort_long_run(run events, ph_status *status) {
  uint32_t count = events.count;
  uint32_t *order = ph_sorted_indexes(count, compare_instants, &events, status);
  ph_event *sorted = ph_allocate(status, count, sizeof *sorted);
  uint32_t *milliseconds =
      events.milliseconds != NULL ? ph_allocate(status, count, sizeof *milliseconds) : NULL;
  if (!ph_failed(status)) {
    for (uint32_t index = 0; index < count; index++) {
      sorted[index] = events.events[order[index]];
      if (milliseconds != NULL) milliseconds[index] = events.milliseconds[order[index]];
    }
    memcpy(events.events, sorted, count * sizeof *sorted);
    if (milliseconds != NULL) memcpy(events.milliseconds, milliseconds, count * sizeof *milliseconds);
  }
  ph_release(status->memory, order);
  ph_release(status->memory, sorted);
  ph_release(status->memory, milliseconds);
}

static void sort_run(run events, ph_status *status) {
  uint32_t ordered = 1;
  while (ordered < events.count && compare_instants(&events, ordered - 1, ordered) <= 0) ordered++;
  if (ordered >= events.count) return;
  if (events.count <= SHORT_RUN) {
    sort_short_run(events);
  } else {
    sort_long_run(events, status);
  }
}

/* What a deal's own columns say now, and what the last change said, for pipeline_check. */
typedef struct fields {
  bool changed[PH_KIND_OWNER + 1];
  int64_t last[PH_KIND_OWNER + 1];
} fields;

static void set_before_first_change(ph_deal *deal, ph_kind kind, const ph_change *change) {
  switch (kind) {
  case PH_KIND_STAGE: deal->stage = (uint32_t)change->before; break;
  case PH_KIND_OWNER: deal->owner = (uint32_t)change->before; break;
  case PH_KIND_AMOUNT: deal->amount = change->before; break;
  default: deal->close_date = (ph_day)change->before; break;
  }
}

static void settle_change(part *at, ph_deal *deal, ph_event *event, const ph_change *change, fields *known,
                          ph_status *status) {
  const ph_history *history = at->history;
  ph_kind kind = ph_event_kind(event);
  if (!known->changed[kind]) set_before_first_change(deal, kind, change);
  switch (kind) {
  case PH_KIND_STAGE:
    event->value = (uint32_t)change->after;
    if (history->stage_count > 0 && event->value != 0 &&
        ph_history_stage(history, event->value, deal->pipeline) == NULL)
      ph_problem_add(&at->problems, PH_EVENT_STAGE_WITHOUT_RANK, history->names.names[event->value].text,
                     status);
    break;
  case PH_KIND_AMOUNT:
    history->amounts[at->next_amount] = change->after;
    event->value = (uint32_t)at->next_amount++;
    break;
  case PH_KIND_CLOSE_DATE: {
    int64_t before = change->before;
    if (before == PH_DAY_NONE && known->changed[kind]) before = known->last[kind];
    event->value = (uint32_t)change->after;
    if (before != PH_DAY_NONE && change->after != PH_DAY_NONE && before != change->after)
      event->key |= PH_EVENT_MOVED_DATE | (change->after > before ? PH_EVENT_MOVED_LATER : 0u);
    break;
  }
  default: event->value = (uint32_t)change->after; break;
  }
  known->changed[kind] = true;
  known->last[kind] = change->after;
}

static void note_deal(part *at, ph_problem problem, const ph_deal *deal, ph_status *status) {
  char buffer[PH_ID_TEXT_BYTES];
  ph_value id = {.type = PH_TEXT};
  id.text = ph_deal_id_text(at->history, deal, buffer, &id.length);
  ph_problem_add_value(&at->problems, problem, &id, status);
}

/* Counts the events whose slot has no deal. They stand behind those of the deals, and places are the ends of
** the slots by now. */
static void note_events_without_deal(part *at, const ph_id *left_out, ph_status *status) {
  const ph_history *history = at->history;
  const ph_id_map *map = at->map;
  size_t event = history->event_count;
  for (size_t slot = 0; slot < map->slot_count && !ph_failed(status); slot++) {
    uint32_t entry = map->entries[slot];
    if (has_deal(map, slot) || event == at->places[slot]) continue;
    if (slot == map->nobody) { /* counted while they were read */
      event = at->places[slot];
      continue;
    }
    ph_id id = {(int64_t)((uint64_t)map->lowest + slot), false}; /* a gap of the dense integers */
    if (entry & PH_DEAL_LEFT_OUT) id = left_out[entry & ~PH_DEAL_LEFT_OUT];
    ph_deal deal = {.id = id.value, .id_is_text = id.is_text};
    for (; event < at->places[slot]; event++)
      if (!(ph_event_flags(&history->events[event]) & PH_EVENT_IMPLIED))
        note_deal(at, entry == 0 ? PH_EVENT_DEAL_UNKNOWN : PH_EVENT_DEAL_LEFT_OUT, &deal, status);
  }
}

/* A closed deal without closed_at and close_date takes the day of its last event (section 1). */
static void settle_closing(part *at, ph_deal *deal, ph_day last_event, ph_status *status) {
  if (deal->outcome == PH_OUTCOME_OPEN || deal->closing != PH_DAY_NEVER) return;
  if (last_event == PH_DAY_NONE) {
    note_deal(at, PH_DEAL_CLOSED_WITHOUT_DAY, deal, status);
    at->excluded_deals++;
    deal->created = PH_DAY_NEVER;
    deal->outcome = PH_OUTCOME_OPEN;
    return;
  }
  deal->closing = last_event;
}

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

static void check_deal(part *at, const ph_deal *deal, const ph_deal *own, const fields *known,
                       const run *events, ph_status *status) {
  if (deal->created == PH_DAY_NEVER) return; /* left out: its problem is counted */
  for (int warning = 0; deal->warnings != 0 && warning < PH_WARNING_COUNT; warning++)
    if (deal->warnings >> warning & 1) note_deal(at, warning_problems[warning], deal, status);
  if (deal->outcome != PH_OUTCOME_OPEN && !deal->has_stage_event)
    note_deal(at, PH_DEAL_CLOSED_WITHOUT_STAGE, deal, status);
  if (known->changed[PH_KIND_STAGE] && own->stage != 0 && known->last[PH_KIND_STAGE] != own->stage)
    note_deal(at, PH_DEAL_STAGE_DISAGREES, deal, status);
  if (known->changed[PH_KIND_AMOUNT] && known->last[PH_KIND_AMOUNT] != own->amount)
    note_deal(at, PH_DEAL_AMOUNT_DISAGREES, deal, status);
  if (deal->closing < deal->created) note_deal(at, PH_DEAL_CLOSED_BEFORE_CREATED, deal, status);
  const ph_event *first = events->events, *end = first + events->count;
  for (const ph_event *event = first; event < end && ph_event_day(event) < deal->created; event++)
    if (!(ph_event_flags(event) & PH_EVENT_IMPLIED)) note_deal(at, PH_EVENT_BEFORE_CREATION, deal, status);
  for (const ph_event *event = end; event > first && ph_event_day(event - 1) > deal->closing; event--)
    if (!(ph_event_flags(event - 1) & PH_EVENT_IMPLIED)) note_deal(at, PH_EVENT_AFTER_CLOSING, deal, status);
}

/* Whether two events of a deal say the same of the same instant. */
static bool is_repetition(const run *events, const ph_change *changes, uint32_t one, uint32_t other) {
  const ph_event *a = &events->events[one], *b = &events->events[other];
  if (a->key != b->key || events->milliseconds[one] != events->milliseconds[other]) return false;
  if (!ph_kind_is(ph_event_kind(a), PH_IS_CHANGE)) return true;
  return changes[a->value].before == changes[b->value].before &&
         changes[a->value].after == changes[b->value].after;
}

/* Counts the events that are there again. A date without a time tells no instant: two calls on a day are two. */
static void note_repetitions(part *at, const ph_deal *deal, const run *events, const ph_change *changes,
                             ph_status *status) {
  enum { LOOK_BACK = 16 };
  for (uint32_t index = 1; index < events->count; index++) {
    if (events->milliseconds[index] == 0 || (ph_event_flags(&events->events[index]) & PH_EVENT_IMPLIED))
      continue;
    uint32_t first = index > LOOK_BACK ? index - LOOK_BACK : 0, other = index;
    while (other > first && compare_instants(events, other - 1, index) == 0)
      if (is_repetition(events, changes, --other, index)) {
        note_deal(at, PH_EVENT_REPEATED, deal, status);
        break;
      }
  }
}

static void note_days(part *at, const ph_deal *deal, const run *events) {
  ph_day last = deal->created;
  if (deal->created == PH_DAY_NEVER) return;
  if (deal->closing > last && deal->closing != PH_DAY_NEVER) last = deal->closing;
  if (events->count > 0) {
    ph_day event = ph_event_day(&events->events[events->count - 1]);
    if (event > last) last = event;
  }
  if (deal->created < at->first_created) at->first_created = deal->created;
  if (last > at->last_known) at->last_known = last;
}

static void settle_deal(part *at, ph_deal *deal, const run *events, const ph_change *changes,
                        ph_status *status) {
  fields known = {0};
  ph_deal own = *deal;
  ph_day last_event = PH_DAY_NONE;
  for (uint32_t index = 0; index < events->count; index++) {
    ph_event *event = &events->events[index];
    if (ph_kind_is(ph_event_kind(event), PH_IS_CHANGE))
      settle_change(at, deal, event, &changes[event->value], &known, status);
    if (!(ph_event_flags(event) & PH_EVENT_IMPLIED)) last_event = ph_event_day(event);
  }
  deal->has_stage_event = known.changed[PH_KIND_STAGE];
  settle_closing(at, deal, last_event, status);
  /* the column of a closed deal says where it ended, not where it was (section 3) */
  if (deal->outcome != PH_OUTCOME_OPEN && !deal->has_stage_event) deal->stage = 0;
  check_deal(at, deal, &own, &known, events, status);
  note_days(at, deal, events);
}

/* Scatters, sorts and settles the deals of a region and frees what was read of it. */
static void settle_region(part *at, size_t number, ph_status *status) {
  ph_history *history = at->history;
  ph_raw_region *region = &at->raw->regions[number];
  size_t end = (number + 1) << at->raw->region_bits;
  if (end > at->map->slot_count) end = at->map->slot_count;
  scatter(at, region, status);
  for (size_t slot = number << at->raw->region_bits; slot < end && ph_continue(status); slot++) {
    if (!has_deal(at->map, slot)) continue;
    size_t number_of_deal = at->map->entries[slot] - 1;
    ph_deal *deal = &history->deals[number_of_deal];
    deal->first_event = at->first_events[number_of_deal];
    run events = {history->events + deal->first_event,
                  at->milliseconds != NULL ? at->milliseconds + deal->first_event : NULL,
                  at->first_events[number_of_deal + 1] - deal->first_event};
    sort_run(events, status);
    if (at->milliseconds != NULL) note_repetitions(at, deal, &events, region->changes, status);
    settle_deal(at, deal, &events, region->changes, status);
  }
  end_region(region, history->memory);
}

static void settle_part(void *context, int number, ph_status *status) {
  part *at = (part *)context + number;
  for (size_t region = at->first_region; region < at->end_region && !ph_failed(status); region++)
    settle_region(at, region, status);
}

static size_t count_amounts(const part *at) {
  size_t count = 0;
  for (size_t region = at->first_region; region < at->end_region; region++)
    count += at->raw->regions[region].amount_count;
  return count;
}

static size_t count_region(const ph_raw_region *region) {
  size_t count = 0;
  for (const ph_raw_chunk *chunk = region->first; chunk != NULL; chunk = chunk->next)
    count += ph_raw_chunk_count(region, chunk);
  return count;
}

/* Parts the regions so that each part has half of the events, as far as one region allows it. */
static void begin_parts(part parts[PH_PARTS], ph_history *history, const ph_id_map *map,
                        const ph_raw_events *raw) {
  size_t middle = 0, events = 0;
  while (middle < raw->region_count && events < raw->count / 2)
    events += count_region(&raw->regions[middle++]);
  for (int number = 0; number < PH_PARTS; number++) {
    parts[number] = (part){.history = history, .map = map, .raw = raw, .first_created = PH_DAY_NEVER};
    parts[number].problems.errors_stop = history->problems.errors_stop;
  }
  parts[0].end_region = parts[1].first_region = middle;
  parts[1].end_region = raw->region_count;
}

static void end_parts(part parts[PH_PARTS], size_t second_amount, ph_history *history) {
  for (int number = 0; number < PH_PARTS; number++) {
    ph_problems_add(&history->problems, &parts[number].problems);
    history->excluded_deals += parts[number].excluded_deals;
    if (parts[number].first_created < history->first_created)
      history->first_created = parts[number].first_created;
    if (parts[number].last_known > history->last_known) history->last_known = parts[number].last_known;
  }
  /* nobody reads the amounts of events without a deal */
  for (size_t amount = parts[0].next_amount; amount < second_amount; amount++) history->amounts[amount] = 0;
  history->amount_count = parts[1].next_amount;
}

void ph_settle(ph_history *history, const ph_id_map *map, const ph_id *left_out, ph_raw_events *raw,
               ph_status *status) {
  part parts[PH_PARTS];
  begin_parts(parts, history, map, raw);
  size_t second_amount = count_amounts(&parts[0]), amount_count = second_amount + count_amounts(&parts[1]);
  bool helped = ph_rows_are_helped(history, raw->count);
  uint32_t *places = raw->slot_counts;
  uint32_t *first_events =
      ph_allocate(status, history->deal_count + 1, sizeof *first_events); /* a slot sets each */
  uint32_t *milliseconds = raw->has_times ? ph_allocate(status, raw->count, sizeof *milliseconds) : NULL;
  history->events = ph_allocate(status, raw->count, sizeof *history->events);
  history->amounts = ph_allocate(status, amount_count, sizeof *history->amounts);
  parts[0].places = parts[1].places = places;
  parts[0].first_events = parts[1].first_events = first_events;
  parts[0].milliseconds = parts[1].milliseconds = milliseconds;
  parts[1].next_amount = second_amount;
  for (size_t region = 0; region < raw->region_count; region++)
    ph_raw_events_count(raw, &raw->regions[region]);
  if (!ph_failed(status)) place_slots(history, map, first_events, places);
  ph_do_parts(helped, settle_part, parts, status);
  if (!ph_failed(status) && history->event_count < raw->count)
    note_events_without_deal(&parts[0], left_out, status);
  if (!ph_failed(status)) end_parts(parts, second_amount, history);
  ph_release(status->memory, first_events);
  ph_release(status->memory, milliseconds);
}
