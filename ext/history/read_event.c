/* Rows of pipeline_event become raw events. See reader.h. */
#include "reader_internal.h"

#include "../base/bytes.h"

#include <string.h>

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
  if (good_before) ph_problem_add_thousands(problems, PH_EVENT_AMOUNT_THOUSANDS, before, status);
  if (good_after) ph_problem_add_thousands(problems, PH_EVENT_AMOUNT_THOUSANDS, after, status);
  if (!good_before || !good_after || ph_value_is_missing(after))
    ph_problem_add_value(problems, PH_EVENT_AMOUNT_BAD, good_before ? after : before, status);
  if (change->before < 0 || change->after < 0)
    ph_problem_add_value(problems, PH_EVENT_AMOUNT_NEGATIVE, change->after < 0 ? after : before, status);
}

/* Reads old_value and new_value of a change. False when the row cannot be used. */
static bool read_change(ph_reader *reader, ph_kind kind, const ph_value *cells, ph_change *change,
                        ph_status *status) {
  static const ph_value missing = {.type = PH_NULL};
  const ph_value *before = ph_kind_is(kind, PH_IS_STATE) ? &missing : &cells[PH_EVENT_OLD_VALUE];
  const ph_value *after = &cells[PH_EVENT_NEW_VALUE];
  ph_day day_before, day_after;
  switch (ph_kind_of_change(kind)) {
  case PH_KIND_AMOUNT: read_amounts(reader, before, after, change, status); return true;
  case PH_KIND_CLOSE_DATE: {
    bool good = ph_read_day(reader, before, PH_DATE_BY_NATURE, &day_before);
    if (!good || !ph_read_day(reader, after, PH_DATE_BY_NATURE, &day_after)) {
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

static void note_unknown(ph_reader *reader, const ph_id_key *key, ph_status *status) {
  char text[PH_ID_KEY_BYTES];
  ph_value id = {.type = PH_INTEGER, .integer = (int64_t)key->words[0]};
  if (key->length != PH_ID_KEY_INTEGER) {
    ph_id_key_text(key, text);
    id = (ph_value){.type = PH_TEXT, .text = text, .length = key->length};
  }
  ph_problem_add_value(&reader->history->problems, PH_EVENT_DEAL_UNKNOWN, &id, status);
}

/* Pending rows are looked up group by group. A group has the ids whose hashes begin alike, so that they
** lie in one piece of the map. */
enum { GROUP_BITS = 6, GROUPS = 1 << GROUP_BITS, ROWS_AHEAD = 8 };

static uint32_t group_of(const ph_id_key *key) {
  return key->hash >> (32 - GROUP_BITS);
}

/* Orders the pending rows by group, by a counting sort. */
static void order_by_group(ph_pending_rows *pending) {
  uint32_t first[GROUPS + 1] = {0};
  for (uint32_t row = 0; row < pending->count; row++) first[group_of(&pending->keys[row]) + 1]++;
  for (uint32_t group = 0; group < GROUPS; group++) first[group + 1] += first[group];
  for (uint32_t row = 0; row < pending->count; row++)
    pending->order[first[group_of(&pending->keys[row])]++] = row;
}

static void find_slots(ph_reader *reader, ph_pending_rows *pending, ph_status *status) {
  order_by_group(pending);
  for (size_t index = 0; index < pending->count; index++) {
    uint32_t row = pending->order[index];
    if (index + ROWS_AHEAD < pending->count)
      ph_id_map_prefetch(&reader->map, &pending->keys[pending->order[index + ROWS_AHEAD]]);
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
    ph_raw_events_add(&reader->raw, pending->slots[row], &pending->rows[row], status);
  pending->count = 0;
}

static void add_later(ph_reader *reader, const ph_event_row *row, const ph_id_key *key, ph_status *status) {
  if (reader->pending == NULL) {
    reader->pending = ph_allocate(status, 1, sizeof *reader->pending);
    if (reader->pending == NULL) return;
    reader->pending->count = 0;
  }
  ph_pending_rows *pending = reader->pending;
  pending->keys[pending->count] = *key;
  pending->rows[pending->count++] = *row;
  if (pending->count == PH_PENDING_ROWS) ph_reader_add_pending(reader, status);
}

static void add_at_once(ph_reader *reader, const ph_event_row *row, uint32_t slot, const ph_value *id,
                        ph_status *status) {
  if (slot == PH_NO_SLOT) {
    ph_problem_add_value(&reader->history->problems, PH_EVENT_DEAL_UNKNOWN, id, status);
    slot = reader->map.nobody;
  }
  if (!ph_failed(status)) ph_raw_events_add(&reader->raw, slot, row, status);
}

/* Takes a row to its deal: at once where finding the deal touches no memory or where the text of the id is
** too long for a key, else together with others. All rows of a deal go one way and keep their order. */
static void take_row(ph_reader *reader, const ph_event_row *row, const ph_value *id, ph_status *status) {
  int64_t integer;
  ph_id_key key;
  if (ph_read_integer_id(id, &integer)) {
    if (reader->map.dense_count > 0) {
      add_at_once(reader, row, ph_id_map_dense_slot(&reader->map, integer), id, status);
      return;
    }
    ph_id_key_set_integer(&key, integer);
  } else {
    ph_id_key_set_text(&key, id->text, id->length);
    if (id->length > PH_ID_KEY_BYTES) {
      add_at_once(reader, row, ph_id_map_find(&reader->map, &key, id->text), id, status);
      return;
    }
  }
  add_later(reader, row, &key, status);
}

/* Reads the instant of an event; PH_DAY_NONE where it is missing. Many sources are in time order, so the
** day of the last date is kept. */
static bool read_at(ph_reader *reader, const ph_value *cell, ph_instant *at) {
  bool is_kept = cell->type == PH_TEXT && cell->length == PH_DATE_BYTES &&
                 ph_same_bytes(cell->text, reader->last_date, PH_DATE_BYTES);
  *at = (ph_instant){reader->last_day, 0};
  if (is_kept) return true;
  if (!ph_zone_read(&reader->history->zone, cell, PH_INSTANT_BY_NATURE, at)) return false;
  if (cell->type == PH_TEXT && cell->length == PH_DATE_BYTES && at->millisecond == 0 &&
      cell->text[4] == '-') {
    memcpy(reader->last_date, cell->text, PH_DATE_BYTES);
    reader->last_day = at->day;
  }
  return true;
}

static inline ph_kind read_kind(const ph_reader *reader, const ph_value *cell) {
  return cell->type == PH_TEXT ? ph_kind_of(&reader->kinds, cell->text, cell->length) : PH_KIND_COUNT;
}

/* Reads the instant of a row whose kind is known. Returns what makes the row unusable; PH_PROBLEM_COUNT
** when nothing does. */
static ph_problem read_key(ph_reader *reader, const ph_value *cells, ph_event_row *row) {
  bool good_day = read_at(reader, &cells[PH_EVENT_AT], &row->at);
  if (ph_value_is_missing(&cells[PH_EVENT_ID])) return PH_EVENT_ID_MISSING;
  if (!good_day) return PH_EVENT_AT_BAD;
  if (row->at.day == PH_DAY_NONE) return PH_EVENT_AT_MISSING;
  return row->kind == PH_KIND_COUNT ? PH_EVENT_KIND_UNKNOWN : PH_PROBLEM_COUNT;
}

/* The column that shows a problem of the key best. */
static int example_column(ph_problem problem) {
  switch (problem) {
  case PH_EVENT_AT_MISSING:
  case PH_EVENT_HEADER: return PH_EVENT_ID;
  case PH_EVENT_KIND_UNKNOWN: return PH_EVENT_KIND;
  default: return PH_EVENT_AT;
  }
}

static void read_recorded(ph_reader *reader, const ph_value *cell, ph_event_row *row, ph_status *status) {
  if (ph_value_is_missing(cell)) {
    row->recorded = row->at;
    return;
  }
  if (!ph_zone_read(&reader->history->zone, cell, PH_INSTANT_BY_NATURE, &row->recorded)) {
    ph_problem_add_value(&reader->history->problems, PH_EVENT_RECORDED_BAD, cell, status);
    row->recorded = row->at;
  }
  if (row->recorded.day == PH_DAY_NONE) row->recorded = row->at;
}

static void note_yyyymmdd(ph_reader *reader, ph_kind kind, const ph_value *cells, ph_status *status) {
  const ph_value *example = ph_looks_like_yyyymmdd(&cells[PH_EVENT_AT]) ? &cells[PH_EVENT_ID] : NULL;
  if (ph_kind_of_change(kind) == PH_KIND_CLOSE_DATE) {
    if (ph_looks_like_yyyymmdd(&cells[PH_EVENT_OLD_VALUE])) example = &cells[PH_EVENT_OLD_VALUE];
    if (ph_looks_like_yyyymmdd(&cells[PH_EVENT_NEW_VALUE])) example = &cells[PH_EVENT_NEW_VALUE];
  } else if (!ph_kind_is(kind, PH_IS_CHANGE) && ph_looks_like_yyyymmdd(&cells[PH_EVENT_RECORDED_AT])) {
    example = &cells[PH_EVENT_RECORDED_AT];
  }
  if (example != NULL)
    ph_problem_add_value(&reader->history->problems, PH_EVENT_DATE_LOOKS_LIKE_YYYYMMDD, example, status);
}

static void add_activity(ph_reader *reader, const ph_value *cells, ph_event_row *row, ph_status *status) {
  reader->history->kind_rows[row->kind]++;
  read_recorded(reader, &cells[PH_EVENT_RECORDED_AT], row, status);
  note_yyyymmdd(reader, row->kind, cells, status);
  if (!ph_failed(status)) take_row(reader, row, &cells[PH_EVENT_ID], status);
}

static void add_change(ph_reader *reader, const ph_value *cells, ph_event_row *row, ph_status *status) {
  reader->history->kind_rows[row->kind]++;
  if (!read_change(reader, row->kind, cells, &row->change, status)) return;
  note_yyyymmdd(reader, row->kind, cells, status);
  if (!ph_failed(status)) take_row(reader, row, &cells[PH_EVENT_ID], status);
}

bool ph_reader_add_activity(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  ph_event_row row = {.kind = read_kind(reader, &cells[PH_EVENT_KIND])};
  if (row.kind == PH_KIND_COUNT || ph_kind_is(row.kind, PH_IS_CHANGE)) return false;
  if (ph_failed(status) || read_key(reader, cells, &row) != PH_PROBLEM_COUNT) return false;
  add_activity(reader, cells, &row, status);
  return true;
}

void ph_reader_add_event(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  ph_event_row row = {.kind = read_kind(reader, &cells[PH_EVENT_KIND])};
  if (ph_failed(status)) return;
  ph_problem problem = read_key(reader, cells, &row);
  if (problem != PH_PROBLEM_COUNT) {
    if (ph_repeats_header(PH_RELATION_EVENT, cells)) problem = PH_EVENT_HEADER;
    ph_problem_add_value(&reader->history->problems, problem, &cells[example_column(problem)], status);
  } else if (ph_kind_is(row.kind, PH_IS_CHANGE)) {
    add_change(reader, cells, &row, status);
  } else {
    add_activity(reader, cells, &row, status);
  }
}
