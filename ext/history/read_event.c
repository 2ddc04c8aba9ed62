/* Rows of pipeline_event become raw events. See reader.h. */
#include "reader_internal.h"

#include "../base/bytes.h"

#include <string.h>

/* The millisecond of the event that the chunk takes next. Most sources have dates alone. */
static void note_time(ph_raw_region *region, uint32_t millisecond, ph_status *status) {
  ph_raw_chunk *chunk = region->last;
  if (chunk->milliseconds == NULL)
    chunk->milliseconds = ph_allocate_zeroed(status, PH_RAW_CHUNK_EVENTS, sizeof *chunk->milliseconds);
  if (chunk->milliseconds != NULL) chunk->milliseconds[region->last_count] = millisecond;
}

static ph_raw_chunk *new_chunk(const ph_raw_events *raw, ph_raw_region *region, ph_status *status) {
  if (raw->count > UINT32_MAX - 2 * PH_RAW_CHUNK_EVENTS) {
    ph_fail(status, "pipeline_event: more than %lu events (expected fewer)", (unsigned long)raw->count);
    return NULL;
  }
  ph_raw_chunk *chunk = ph_allocate(status, 1, sizeof *chunk);
  if (chunk == NULL) return NULL;
  chunk->next = NULL;
  chunk->milliseconds = NULL;
  ph_raw_events_count(raw, region);
  if (region->last != NULL) region->last->next = chunk;
  if (region->first == NULL) region->first = chunk;
  region->last = chunk;
  region->last_count = 0;
  return chunk;
}

static ph_raw_region *region_of(const ph_raw_events *raw, uint32_t slot) {
  return &raw->regions[slot >> raw->region_bits];
}

/* Appends an event of the deal at a slot. */
static void append_event(ph_raw_events *raw, uint32_t slot, ph_instant at, uint32_t kind, uint32_t flags,
                         ph_status *status) {
  ph_raw_region *region = region_of(raw, slot);
  ph_raw_chunk *chunk = region->last;
  uint32_t key =
      (uint32_t)at.day << (PH_EVENT_FLAG_BITS + PH_EVENT_KIND_BITS) | kind << PH_EVENT_FLAG_BITS | flags;
  if (chunk == NULL || region->last_count == PH_RAW_CHUNK_EVENTS) chunk = new_chunk(raw, region, status);
  if (chunk == NULL) return;
  if (at.millisecond != 0) {
    note_time(region, (uint32_t)at.millisecond, status);
    raw->has_times = true;
  }
  chunk->events[region->last_count++] = (ph_raw_event){key, slot};
  raw->count++;
}

/* Reads an amount, 0 where it is missing or bad. False when it is there and is no amount. */
static bool read_amount(const ph_value *cell, int64_t *units) {
  bool good = ph_value_is_missing(cell) || ph_value_to_money(cell, units);
  if (!good || ph_value_is_missing(cell)) *units = 0;
  return good;
}

static void read_amounts(ph_reader *reader, const ph_value *before, const ph_value *after, ph_change *change,
                         ph_status *status) {
  ph_problems *problems = &reader->history->problems;
  bool good_before = read_amount(before, &change->before), good_after = read_amount(after, &change->after);
  if (!good_before || !good_after || ph_value_is_missing(after))
    ph_problem_add_value(problems, PH_EVENT_AMOUNT_BAD, good_before ? after : before, status);
  if (change->before < 0 || change->after < 0)
    ph_problem_add_value(problems, PH_EVENT_AMOUNT_NEGATIVE, change->after < 0 ? after : before, status);
}

/* Reads old_value and new_value of a change. False when the row cannot be used. */
static bool read_change(ph_reader *reader, ph_kind kind, const ph_value *cells, ph_change *change,
                        ph_status *status) {
  const ph_value *before = &cells[PH_EVENT_OLD_VALUE], *after = &cells[PH_EVENT_NEW_VALUE];
  ph_day day_before, day_after;
  switch (kind) {
  case PH_KIND_AMOUNT: read_amounts(reader, before, after, change, status); return true;
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

static void add_change(ph_raw_events *raw, const ph_event_row *row, uint32_t slot, ph_status *status) {
  ph_raw_region *region = region_of(raw, slot);
  if (!ph_reserve(status, (void **)&region->changes, &region->change_capacity, region->change_count + 1,
                  sizeof *region->changes))
    return;
  if (row->kind == PH_KIND_AMOUNT) region->amount_count++;
  region->changes[region->change_count++] = row->change;
  append_event(raw, slot, row->at, row->kind, 0, status);
}

/* A meeting recorded on an earlier day was agreed ahead: it is also a commitment of that day (section 1). */
static void add_meeting(ph_raw_events *raw, const ph_event_row *row, uint32_t slot, ph_status *status) {
  ph_raw_region *region = region_of(raw, slot);
  if (!ph_reserve(status, (void **)&region->recorded, &region->meeting_capacity, region->meeting_count + 1,
                  sizeof *region->recorded))
    return;
  region->recorded[region->meeting_count++] = row->recorded.day;
  append_event(raw, slot, row->at, PH_KIND_MEETING, 0, status);
  if (row->recorded.day < row->at.day)
    append_event(raw, slot, row->recorded, PH_KIND_COMMITMENT, PH_EVENT_IMPLIED, status);
}

static inline void add_row(ph_raw_events *raw, const ph_event_row *row, uint32_t slot, ph_status *status) {
  if (ph_kind_is(row->kind, PH_IS_CHANGE)) {
    add_change(raw, row, slot, status);
  } else if (row->kind == PH_KIND_MEETING) {
    add_meeting(raw, row, slot, status);
  } else {
    append_event(raw, slot, row->at, row->kind, 0, status);
  }
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

enum { REGION_BITS = 6, ROWS_AHEAD = 8 };

/* Orders the rows by the region of the map where their ids are. The ids of neighbouring rows lie anywhere in it,
** and a page of memory that was not touched lately costs more than the rest of a look-up. */
static void order_by_region(ph_pending_rows *pending) {
  uint32_t first[(1 << REGION_BITS) + 1] = {0};
  for (uint32_t row = 0; row < pending->count; row++)
    first[(pending->keys[row].hash >> (32 - REGION_BITS)) + 1]++;
  for (uint32_t region = 0; region < 1 << REGION_BITS; region++) first[region + 1] += first[region];
  for (uint32_t row = 0; row < pending->count; row++)
    pending->order[first[pending->keys[row].hash >> (32 - REGION_BITS)]++] = row;
}

static void find_slots(ph_reader *reader, ph_pending_rows *pending, ph_status *status) {
  order_by_region(pending);
  for (size_t place = 0; place < pending->count; place++) {
    uint32_t row = pending->order[place];
    if (place + ROWS_AHEAD < pending->count)
      ph_id_map_prefetch(&reader->map, &pending->keys[pending->order[place + ROWS_AHEAD]]);
    pending->slots[row] = ph_id_map_find(&reader->map, &pending->keys[row], NULL);
    if (pending->slots[row] != PH_NO_SLOT) continue;
    pending->slots[row] = reader->map.nobody;
    note_unknown(reader, &pending->keys[row], status);
  }
}

void ph_reader_add_pending(ph_reader *reader, ph_status *status) {
  ph_pending_rows *pending = reader->pending;
  if (ph_failed(status) || pending == NULL) return;
  find_slots(reader, pending, status);
  for (size_t row = 0; row < pending->count; row++)
    add_row(&reader->raw, &pending->rows[row], pending->slots[row], status);
  pending->count = 0;
}

/* Keeps a row until its deal is looked up. Rows of one deal keep their order. */
static void add_later(ph_reader *reader, const ph_value *id, const int64_t *integer, ph_status *status) {
  if (reader->pending == NULL) {
    reader->pending = ph_allocate(status, 1, sizeof *reader->pending);
    if (reader->pending == NULL) return;
    reader->pending->count = 0;
  }
  ph_pending_rows *pending = reader->pending;
  ph_id_key *key = &pending->keys[pending->count];
  if (integer != NULL) {
    ph_id_key_set_integer(key, *integer);
  } else {
    ph_id_key_set_text(key, id->text, id->length);
  }
  pending->rows[pending->count++] = reader->row;
  if (pending->count == PH_PENDING_ROWS) ph_reader_add_pending(reader, status);
}

/* The slot of a dense integer, or of a text that is too long to be kept; that of nobody without a deal. */
static uint32_t slot_at_once(ph_reader *reader, const ph_value *id, const int64_t *integer,
                             ph_status *status) {
  uint32_t slot;
  if (integer != NULL) {
    slot = ph_id_map_dense_slot(&reader->map, *integer);
  } else {
    ph_id_key key;
    ph_id_key_set_text(&key, id->text, id->length);
    slot = ph_id_map_find(&reader->map, &key, id->text);
  }
  if (slot != PH_NO_SLOT) return slot;
  ph_problem_add_value(&reader->history->problems, PH_EVENT_DEAL_UNKNOWN, id, status);
  return reader->map.nobody;
}

/* Takes the row to its deal: at once where finding that touches no memory, or the text of the id is too long to
** be kept. */
static void take_row(ph_reader *reader, const ph_value *id, ph_status *status) {
  int64_t integer;
  bool is_integer = ph_read_integer_id(id, &integer);
  bool at_once = is_integer ? reader->map.dense_count > 0 : id->length > PH_ID_KEY_BYTES;
  if (at_once) {
    uint32_t slot = slot_at_once(reader, id, is_integer ? &integer : NULL, status);
    if (!ph_failed(status)) add_row(&reader->raw, &reader->row, slot, status);
  } else {
    add_later(reader, id, is_integer ? &integer : NULL, status);
  }
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
  reader->at_looks_like_yyyymmdd = ph_looks_like_yyyymmdd(day);
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
  return ph_event_use_of(row->kind);
}

/* `at` was looked at with the head. */
static void note_yyyymmdd(ph_reader *reader, const ph_value *cells, ph_status *status) {
  const ph_value *example = reader->at_looks_like_yyyymmdd ? &cells[PH_EVENT_ID] : NULL;
  if (reader->row.kind == PH_KIND_CLOSE_DATE) {
    if (ph_looks_like_yyyymmdd(&cells[PH_EVENT_OLD_VALUE])) example = &cells[PH_EVENT_OLD_VALUE];
    if (ph_looks_like_yyyymmdd(&cells[PH_EVENT_NEW_VALUE])) example = &cells[PH_EVENT_NEW_VALUE];
  } else if (!ph_kind_is(reader->row.kind, PH_IS_CHANGE) &&
             ph_looks_like_yyyymmdd(&cells[PH_EVENT_RECORDED_AT])) {
    example = &cells[PH_EVENT_RECORDED_AT];
  }
  if (example != NULL)
    ph_problem_add_value(&reader->history->problems, PH_EVENT_DATE_LOOKS_LIKE_YYYYMMDD, example, status);
}

void ph_reader_event_rest(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  ph_event_row *row = &reader->row;
  const ph_value *recorded_at = &cells[PH_EVENT_RECORDED_AT];
  if (ph_kind_is(row->kind, PH_IS_CHANGE)) {
    if (!read_change(reader, row->kind, cells, &row->change, status)) return;
  } else {
    row->recorded = row->at;
    if (!ph_value_is_missing(recorded_at) &&
        !ph_instant_from_value(recorded_at, reader->utc_offset_minutes, &row->recorded))
      ph_problem_add_value(&reader->history->problems, PH_EVENT_RECORDED_BAD, recorded_at, status);
  }
  note_yyyymmdd(reader, cells, status);
  if (!ph_failed(status)) take_row(reader, &cells[PH_EVENT_ID], status);
}

void ph_reader_add_event(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  if (ph_reader_event_head(reader, cells, status) != PH_EVENT_UNUSABLE)
    ph_reader_event_rest(reader, cells, status);
}
