/* The room where rows of pipeline_event become raw events. See reader.h. */
#include "reader_parts.h"

#include <string.h>

/* The millisecond of the event that the chunk takes next. Most sources have dates alone. */
static void note_time(ph_raw_chunk *chunk, uint32_t millisecond, ph_status *status) {
  if (chunk->milliseconds == NULL)
    chunk->milliseconds = ph_allocate_zeroed(status, PH_RAW_CHUNK_EVENTS, sizeof *chunk->milliseconds);
  if (chunk->milliseconds != NULL) chunk->milliseconds[chunk->count] = millisecond;
}

static void append_event(ph_reader *reader, uint32_t slot, ph_instant at, uint32_t kind, uint32_t flags,
                         uint32_t value, ph_status *status) {
  ph_raw_events *raw = &reader->raw;
  if (ph_failed(status)) return;
  if (raw->last == NULL || raw->last->count == PH_RAW_CHUNK_EVENTS) {
    if (raw->count > UINT32_MAX - 2 * PH_RAW_CHUNK_EVENTS) {
      ph_fail(status, "pipeline_event: more than %lu events (expected fewer)", (unsigned long)raw->count);
      return;
    }
    ph_raw_chunk *chunk = ph_allocate(status, 1, sizeof *chunk);
    if (chunk == NULL) return;
    chunk->next = NULL;
    chunk->count = 0;
    chunk->milliseconds = NULL;
    if (raw->last != NULL) raw->last->next = chunk;
    if (raw->first == NULL) raw->first = chunk;
    raw->last = chunk;
  }
  uint32_t key =
      (uint32_t)at.day << (PH_EVENT_FLAG_BITS + PH_EVENT_KIND_BITS) | kind << PH_EVENT_FLAG_BITS | flags;
  if (at.millisecond != 0) note_time(raw->last, (uint32_t)at.millisecond, status);
  raw->last->events[raw->last->count++] = (ph_raw_event){key, slot, value};
  raw->count++;
  if (at.millisecond != 0) raw->has_times = true;
}

static int64_t read_event_amount(ph_reader *reader, const ph_value *cell, bool must_be_there,
                                 ph_status *status) {
  int64_t units = 0;
  bool missing = ph_value_is_missing(cell);
  if ((missing && must_be_there) || (!missing && !ph_value_to_money(cell, &units))) {
    units = 0;
    ph_problem_add_value(&reader->history->problems, PH_EVENT_AMOUNT_BAD, cell, status);
  }
  return units;
}

/* Reads old_value and new_value of a change. False when the row cannot be used. */
static bool read_change(ph_reader *reader, ph_kind kind, const ph_value *cells, ph_change *change,
                        ph_status *status) {
  const ph_value *before = &cells[PH_EVENT_OLD_VALUE], *after = &cells[PH_EVENT_NEW_VALUE];
  ph_day day_before, day_after;
  switch (kind) {
  case PH_KIND_AMOUNT:
    change->before = read_event_amount(reader, before, false, status);
    change->after = read_event_amount(reader, after, true, status);
    return true;
  case PH_KIND_CLOSE_DATE: {
    bool good = ph_read_day(reader, before, &day_before);
    if (!good || !ph_read_day(reader, after, &day_after)) {
      ph_problem_add_value(&reader->history->problems, PH_EVENT_CLOSE_DATE_BAD, good ? after : before,
                           status);
      return false;
    }
    *change = (ph_change){day_before, day_after};
    return true;
  }
  default:
    change->before = ph_read_name(reader, before, status);
    change->after = ph_read_name(reader, after, status);
    return true;
  }
}

static void add_change(ph_reader *reader, const ph_waiting_event *event, uint32_t slot, ph_status *status) {
  ph_raw_events *raw = &reader->raw;
  if (!ph_reserve(status, (void **)&raw->changes, &raw->change_capacity, raw->change_count + 1,
                  sizeof *raw->changes))
    return;
  if (event->kind == PH_KIND_AMOUNT) raw->amount_count++;
  raw->changes[raw->change_count] = event->change;
  append_event(reader, slot, event->at, event->kind, 0, (uint32_t)raw->change_count++, status);
}

/* A meeting recorded on an earlier day was agreed ahead: it is also a commitment of that day (section 1). */
static void add_activity(ph_reader *reader, const ph_waiting_event *event, uint32_t slot, ph_status *status) {
  append_event(reader, slot, event->at, event->kind, 0, (uint32_t)event->recorded.day, status);
  if (event->kind == PH_KIND_MEETING && event->recorded.day < event->at.day)
    append_event(reader, slot, event->recorded, PH_KIND_COMMITMENT, PH_EVENT_IMPLIED, 0, status);
}

/* Adds an event to the slot of its deal's id; one that has none is left out. */
static void add_to_slot(ph_reader *reader, const ph_waiting_event *event, uint32_t slot, const ph_value *id,
                        ph_status *status) {
  if (slot == PH_NO_SLOT) {
    ph_problem_add_value(&reader->history->problems, PH_EVENT_DEAL_UNKNOWN, id, status);
  } else if (ph_kind_descriptors[event->kind].changes_field) {
    add_change(reader, event, slot, status);
  } else {
    add_activity(reader, event, slot, status);
  }
}

/* Lets the oldest waiting event go to its slot. */
static void let_go(ph_reader *reader, ph_status *status) {
  const ph_waiting_event *event = &reader->waiting[reader->left++ % PH_WAITING];
  const ph_id_key *key = &event->id;
  ph_value id = {.type = PH_INTEGER, .integer = (int64_t)key->words[0]};
  if (key->length != PH_ID_KEY_INTEGER) {
    id.type = PH_TEXT;
    id.text = (const char *)key->words;
    id.length = key->length;
  }
  add_to_slot(reader, event, ph_id_map_find(&reader->map, key, NULL), &id, status);
}

void ph_reader_let_all_go(ph_reader *reader, ph_status *status) {
  while (reader->left != reader->entered && !ph_failed(status)) let_go(reader, status);
}

/* Keeps the event until others have come. */
static void let_wait(ph_reader *reader, ph_status *status) {
  ph_id_map_prefetch(&reader->map, &reader->waiting[reader->entered++ % PH_WAITING].id);
  if (reader->entered - reader->left == PH_WAITING) let_go(reader, status);
}

/* Sends the event to the slot of its deal's id: at once where finding it touches no memory or the text is too
** long to be kept, else by the waiting room. That changes no result: events of one deal come in their order,
** for all of them have the same id. */
static void send(ph_reader *reader, ph_waiting_event *event, const ph_value *id, ph_status *status) {
  int64_t integer;
  if (ph_read_integer_id(id, &integer)) {
    if (reader->map.dense_count > 0) {
      add_to_slot(reader, event, ph_id_map_dense_slot(&reader->map, integer), id, status);
      return;
    }
    event->id = ph_id_key_of_integer(integer);
  } else {
    event->id = ph_id_key_of_text(id->text, id->length);
    if (event->id.length > PH_ID_KEY_BYTES) {
      add_to_slot(reader, event, ph_id_map_find(&reader->map, &event->id, id->text), id, status);
      return;
    }
  }
  let_wait(reader, status);
}

/* The instant of an event. */
static bool read_at(ph_reader *reader, const ph_value *cell, ph_instant *at) {
  if (cell->type != PH_TEXT || cell->length != PH_DATE_BYTES)
    return ph_instant_from_value(cell, reader->utc_offset_minutes, at);
  if (memcmp(cell->text, reader->last_date, PH_DATE_BYTES) != 0) {
    if (!ph_instant_from_value(cell, reader->utc_offset_minutes, at)) return false;
    if (at->millisecond != 0) return true; /* ten digits of a number */
    memcpy(reader->last_date, cell->text, PH_DATE_BYTES);
    reader->last_day = at->day;
  }
  *at = (ph_instant){reader->last_day, 0};
  return true;
}

/* The instant and kind of a row; false when it cannot be used. A meeting of any deal, even of none, shows
** that the source has activities. */
static bool read_event_head(ph_reader *reader, const ph_value *cells, ph_instant *at, ph_kind *kind,
                            ph_status *status) {
  ph_history *history = reader->history;
  const ph_value *id = &cells[PH_EVENT_ID], *day = &cells[PH_EVENT_AT], *name = &cells[PH_EVENT_KIND];
  ph_problem problem = PH_PROBLEM_COUNT;
  const ph_value *example = id;
  bool good_day = read_at(reader, day, at);
  *kind = name->type == PH_TEXT ? ph_kind_of(name->text, name->length) : PH_KIND_COUNT;
  if (good_day && *kind == PH_KIND_MEETING && at->day < history->first_meeting)
    history->first_meeting = at->day;
  if (ph_value_is_missing(id)) {
    problem = PH_EVENT_ID_MISSING;
    example = day;
  } else if (!good_day && ph_value_is_missing(day)) {
    problem = PH_EVENT_AT_MISSING;
  } else if (!good_day) {
    problem = PH_EVENT_AT_BAD;
    example = day;
  } else if (*kind == PH_KIND_COUNT) {
    problem = PH_EVENT_KIND_UNKNOWN;
    example = name;
  }
  if (problem != PH_PROBLEM_COUNT) ph_problem_add_value(&history->problems, problem, example, status);
  return problem == PH_PROBLEM_COUNT;
}

ph_event_use ph_reader_event_head(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS],
                                  ph_status *status) {
  ph_waiting_event *event = &reader->waiting[reader->entered % PH_WAITING];
  if (ph_failed(status) || !read_event_head(reader, cells, &event->at, &event->kind, status))
    return PH_EVENT_UNUSABLE;
  reader->history->kind_rows[event->kind]++;
  return ph_kind_descriptors[event->kind].changes_field ? PH_EVENT_CHANGE : PH_EVENT_ACTIVITY;
}

void ph_reader_event_rest(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  ph_waiting_event *event = &reader->waiting[reader->entered % PH_WAITING];
  const ph_value *recorded_at = &cells[PH_EVENT_RECORDED_AT];
  if (ph_kind_descriptors[event->kind].changes_field) {
    if (!read_change(reader, event->kind, cells, &event->change, status)) return;
  } else {
    event->recorded = event->at;
    if (!ph_value_is_missing(recorded_at) &&
        !ph_instant_from_value(recorded_at, reader->utc_offset_minutes, &event->recorded))
      ph_problem_add_value(&reader->history->problems, PH_EVENT_RECORDED_BAD, recorded_at, status);
  }
  send(reader, event, &cells[PH_EVENT_ID], status);
}

void ph_reader_add_event(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  if (ph_reader_event_head(reader, cells, status) != PH_EVENT_UNUSABLE)
    ph_reader_event_rest(reader, cells, status);
}
