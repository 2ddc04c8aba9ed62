/* The room where rows of pipeline_event become raw events. See reader.h. */
#include "reader_parts.h"

#include "../base/bytes.h"

#include <string.h>

/* The millisecond of the event that the chunk takes next. Most sources have dates alone. */
static void note_time(ph_raw_chunk *chunk, uint32_t millisecond, ph_status *status) {
  if (chunk->milliseconds == NULL)
    chunk->milliseconds = ph_allocate_zeroed(status, PH_RAW_CHUNK_EVENTS, sizeof *chunk->milliseconds);
  if (chunk->milliseconds != NULL) chunk->milliseconds[chunk->count] = millisecond;
}

static ph_raw_chunk *new_chunk(ph_raw_events *raw, ph_status *status) {
  if (raw->count > UINT32_MAX - 2 * PH_RAW_CHUNK_EVENTS) {
    ph_fail(status, "pipeline_event: more than %lu events (expected fewer)", (unsigned long)raw->count);
    return NULL;
  }
  ph_raw_chunk *chunk = ph_allocate(status, 1, sizeof *chunk);
  if (chunk == NULL) return NULL;
  chunk->next = NULL;
  chunk->count = 0;
  chunk->milliseconds = NULL;
  if (raw->last != NULL) raw->last->next = chunk;
  if (raw->first == NULL) raw->first = chunk;
  raw->last = chunk;
  return chunk;
}

/* The chunk for the events of the next row, of which there are at most two. */
static ph_raw_chunk *chunk_for_row(ph_reader *reader, ph_status *status) {
  ph_raw_chunk *chunk = reader->raw.last;
  if (chunk != NULL && chunk->count + 2 <= PH_RAW_CHUNK_EVENTS) return chunk;
  ph_reader_find_slots(reader, status);
  return ph_failed(status) ? NULL : new_chunk(&reader->raw, status);
}

/* Appends an event of the deal at a slot; for PH_NO_SLOT its key has its place in reader->keys. */
static void append_event(ph_reader *reader, uint32_t slot, ph_instant at, uint32_t kind, uint32_t flags,
                         ph_status *status) {
  ph_raw_events *raw = &reader->raw;
  ph_raw_chunk *chunk = raw->last;
  uint32_t key =
      (uint32_t)at.day << (PH_EVENT_FLAG_BITS + PH_EVENT_KIND_BITS) | kind << PH_EVENT_FLAG_BITS | flags;
  if (at.millisecond != 0) {
    note_time(chunk, (uint32_t)at.millisecond, status);
    raw->has_times = true;
  }
  chunk->events[chunk->count++] = (ph_raw_event){key, slot};
  raw->count++;
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

static void add_change(ph_reader *reader, const ph_event_row *event, uint32_t slot, ph_status *status) {
  ph_raw_events *raw = &reader->raw;
  if (!ph_reserve(status, (void **)&raw->changes, &raw->change_capacity, raw->change_count + 1,
                  sizeof *raw->changes))
    return;
  if (event->kind == PH_KIND_AMOUNT) raw->amount_count++;
  raw->changes[raw->change_count++] = event->change;
  append_event(reader, slot, event->at, event->kind, 0, status);
}

/* A meeting recorded on an earlier day was agreed ahead: it is also a commitment of that day (section 1). */
static void add_meeting(ph_reader *reader, const ph_event_row *event, uint32_t slot, ph_status *status) {
  ph_raw_events *raw = &reader->raw;
  size_t place = raw->last->count;
  if (!ph_reserve(status, (void **)&raw->recorded, &raw->meeting_capacity, raw->meeting_count + 1,
                  sizeof *raw->recorded))
    return;
  raw->recorded[raw->meeting_count++] = event->recorded.day;
  append_event(reader, slot, event->at, PH_KIND_MEETING, 0, status);
  if (event->recorded.day >= event->at.day) return;
  if (slot == PH_NO_SLOT) reader->keys[place + 1] = reader->keys[place];
  append_event(reader, slot, event->recorded, PH_KIND_COMMITMENT, PH_EVENT_IMPLIED, status);
}

static void note_unknown(ph_reader *reader, const ph_id_key *key, ph_status *status) {
  char text[PH_ID_KEY_BYTES];
  ph_value id = {.type = PH_INTEGER, .integer = (int64_t)key->words[0]};
  if (key->length != PH_ID_KEY_INTEGER) {
    ph_id_key_text(key, text);
    id = (ph_value){.type = PH_TEXT, .text = text, .length = key->length};
  }
  ph_problem_add_value(&reader->history->problems, PH_EVENT_DEAL_UNKNOWN, &id, status);
}

enum { REGION_BITS = 6, EVENTS_AHEAD = 8 };

/* Orders the events without a slot by the region of the map where their ids are. The ids of neighbouring
** events lie anywhere in it, and a page of memory that was not touched lately costs more than the rest of a
** look-up. */
static uint32_t order_by_region(const ph_raw_chunk *chunk, const ph_id_key *keys, uint32_t *order) {
  uint32_t first[(1 << REGION_BITS) + 1] = {0};
  for (uint32_t index = 0; index < chunk->count; index++)
    if (chunk->events[index].slot == PH_NO_SLOT) first[(keys[index].hash >> (32 - REGION_BITS)) + 1]++;
  for (uint32_t region = 0; region < 1 << REGION_BITS; region++) first[region + 1] += first[region];
  uint32_t count = first[1 << REGION_BITS];
  for (uint32_t index = 0; index < chunk->count; index++)
    if (chunk->events[index].slot == PH_NO_SLOT)
      order[first[keys[index].hash >> (32 - REGION_BITS)]++] = index;
  return count;
}

void ph_reader_find_slots(ph_reader *reader, ph_status *status) {
  ph_raw_chunk *chunk = reader->raw.last;
  const ph_id_key *keys = reader->keys;
  if (ph_failed(status) || chunk == NULL || keys == NULL) return;
  uint32_t count = order_by_region(chunk, keys, reader->order);
  for (uint32_t place = 0; place < count; place++) {
    ph_raw_event *event = &chunk->events[reader->order[place]];
    const ph_id_key *key = &keys[reader->order[place]];
    if (place + EVENTS_AHEAD < count)
      ph_id_map_prefetch(&reader->map, &keys[reader->order[place + EVENTS_AHEAD]]);
    event->slot = ph_id_map_find(&reader->map, key, NULL);
    if (event->slot != PH_NO_SLOT) continue;
    event->slot = reader->map.nobody;
    if (!(event->key & PH_EVENT_IMPLIED)) note_unknown(reader, key, status);
  }
}

static void make_keys(ph_reader *reader, ph_status *status) {
  if (reader->keys != NULL) return;
  reader->order = ph_allocate(status, PH_RAW_CHUNK_EVENTS, sizeof *reader->order);
  reader->keys = ph_allocate(status, PH_RAW_CHUNK_EVENTS, sizeof *reader->keys);
}

/* The slot of a text that is too long to be kept. */
static uint32_t slot_of_long_text(ph_reader *reader, const ph_value *id, ph_status *status) {
  ph_id_key key;
  ph_id_key_set_text(&key, id->text, id->length);
  uint32_t slot = ph_id_map_find(&reader->map, &key, id->text);
  if (slot != PH_NO_SLOT) return slot;
  ph_problem_add_value(&reader->history->problems, PH_EVENT_DEAL_UNKNOWN, id, status);
  return reader->map.nobody;
}

/* Where the id leads: to a slot where that touches no memory or the text is too long to be kept, else to
** PH_NO_SLOT and a key, that of the event at `place`, which is looked up when a chunk is full. Events of one
** deal keep their order, for they keep their places. */
static uint32_t slot_of(ph_reader *reader, const ph_value *id, size_t place, ph_status *status) {
  int64_t integer;
  bool is_integer = ph_read_integer_id(id, &integer);
  if (is_integer && reader->map.dense_count > 0) {
    uint32_t slot = ph_id_map_dense_slot(&reader->map, integer);
    if (slot != PH_NO_SLOT) return slot;
    ph_problem_add_value(&reader->history->problems, PH_EVENT_DEAL_UNKNOWN, id, status);
    return reader->map.nobody;
  }
  if (!is_integer && id->length > PH_ID_KEY_BYTES) return slot_of_long_text(reader, id, status);
  make_keys(reader, status);
  if (ph_failed(status)) return PH_NO_SLOT;
  /* straight to where it stays: to copy what was just written costs more than to look it up */
  if (is_integer) {
    ph_id_key_set_integer(&reader->keys[place], integer);
  } else {
    ph_id_key_set_text(&reader->keys[place], id->text, id->length);
  }
  return PH_NO_SLOT;
}

/* The instant of an event. */
static bool read_at(ph_reader *reader, const ph_value *cell, ph_instant *at) {
  if (cell->type != PH_TEXT || cell->length != PH_DATE_BYTES)
    return ph_instant_from_value(cell, reader->utc_offset_minutes, at);
  if (!ph_same_bytes(cell->text, reader->last_date, PH_DATE_BYTES)) {
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
  ph_event_row *row = &reader->row;
  if (ph_failed(status) || !read_event_head(reader, cells, &row->at, &row->kind, status))
    return PH_EVENT_UNUSABLE;
  reader->history->kind_rows[row->kind]++;
  return ph_kind_descriptors[row->kind].changes_field ? PH_EVENT_CHANGE : PH_EVENT_ACTIVITY;
}

void ph_reader_event_rest(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  ph_event_row *row = &reader->row;
  const ph_value *recorded_at = &cells[PH_EVENT_RECORDED_AT];
  bool changes_field = ph_kind_descriptors[row->kind].changes_field;
  if (changes_field && !read_change(reader, row->kind, cells, &row->change, status)) return;
  const ph_raw_chunk *chunk = chunk_for_row(reader, status);
  if (chunk == NULL) return;
  uint32_t slot = slot_of(reader, &cells[PH_EVENT_ID], chunk->count, status);
  if (ph_failed(status)) return;
  if (changes_field) {
    add_change(reader, row, slot, status);
    return;
  }
  row->recorded = row->at;
  if (!ph_value_is_missing(recorded_at) &&
      !ph_instant_from_value(recorded_at, reader->utc_offset_minutes, &row->recorded))
    ph_problem_add_value(&reader->history->problems, PH_EVENT_RECORDED_BAD, recorded_at, status);
  if (row->kind == PH_KIND_MEETING) {
    add_meeting(reader, row, slot, status);
  } else {
    append_event(reader, slot, row->at, row->kind, 0, status);
  }
}

void ph_reader_add_event(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  if (ph_reader_event_head(reader, cells, status) != PH_EVENT_UNUSABLE)
    ph_reader_event_rest(reader, cells, status);
}
