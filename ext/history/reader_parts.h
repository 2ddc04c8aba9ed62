/*
** The room that reader.c and read_event.c share: what a reader is made of, and how cells are read.
*/
#ifndef PH_HISTORY_READER_PARTS_H
#define PH_HISTORY_READER_PARTS_H

#include "reader.h"
#include "settle.h"

#include <stdio.h>

enum {
  PH_DATE_BYTES = 10, /* YYYY-MM-DD */
  PH_WAITING = 16     /* a power of two */
};

/* An event that waits for the slot of its deal's id. The ids of neighbouring events lie anywhere in memory:
** while an event waits, the memory of its look-up is on its way. */
typedef struct ph_waiting_event {
  ph_kind kind;
  ph_instant at, recorded;
  ph_change change;
  ph_id_key id;
} ph_waiting_event;

struct ph_reader {
  ph_history *history;
  const ph_memory *memory;
  int32_t utc_offset_minutes;
  size_t deal_capacity, stage_capacity, quota_capacity, id_capacity;
  ph_id *left_out; /* ids of deals whose row could not be used */
  size_t left_out_count, left_out_capacity;
  ph_id_map map;
  ph_raw_events raw;
  char last_date[PH_DATE_BYTES]; /* of the last event, and its day: exports come in time order */
  ph_day last_day;
  ph_waiting_event waiting[PH_WAITING];
  uint32_t entered, left;
};

/* Sends all waiting events to their slots. */
void ph_reader_let_all_go(ph_reader *reader, ph_status *status);

/* The text of an integer, else that of the cell. */
static inline const char *ph_cell_text(const ph_value *cell, char buffer[PH_ID_TEXT_BYTES], size_t *length) {
  if (cell->type == PH_INTEGER) {
    *length = (size_t)snprintf(buffer, PH_ID_TEXT_BYTES, "%lld", (long long)cell->integer);
    return buffer;
  }
  *length = cell->length;
  return cell->text;
}

static inline uint32_t ph_read_name(ph_reader *reader, const ph_value *cell, ph_status *status) {
  char buffer[PH_ID_TEXT_BYTES];
  size_t length;
  if (ph_value_is_missing(cell)) return 0;
  const char *text = ph_cell_text(cell, buffer, &length);
  return ph_intern(&reader->history->names, text, length, status);
}

static inline bool ph_read_integer_id(const ph_value *cell, int64_t *id) {
  *id = cell->integer;
  if (cell->type == PH_INTEGER) return true;
  return cell->type == PH_TEXT && ph_id_is_integer(cell->text, cell->length, id);
}

/* Reads a date that may be missing. Returns false when it is there and is no date. */
static inline bool ph_read_day(const ph_reader *reader, const ph_value *cell, ph_day *day) {
  ph_instant instant = {PH_DAY_NONE, 0};
  bool good = ph_value_is_missing(cell) || ph_instant_from_value(cell, reader->utc_offset_minutes, &instant);
  *day = instant.day;
  return good;
}

#endif
