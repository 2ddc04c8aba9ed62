/*
** What a reader is made of, and how cells are read: shared by reader.c and the read_*.c, one for each
** relation.
*/
#ifndef PH_HISTORY_READER_INTERNAL_H
#define PH_HISTORY_READER_INTERNAL_H

#include "reader.h"

enum { PH_DATE_BYTES = 10 }; /* YYYY-MM-DD */

/* Rows whose deal is not looked up yet. Many are looked up together, in the order in which their ids lie
** in the map. */
enum { PH_PENDING_ROWS = 16384 };
typedef struct ph_pending_rows {
  size_t count;
  ph_event_row rows[PH_PENDING_ROWS];
  ph_id_key keys[PH_PENDING_ROWS];
  uint32_t slots[PH_PENDING_ROWS], order[PH_PENDING_ROWS];
} ph_pending_rows;

struct ph_reader {
  ph_history *history;
  const ph_memory *memory;
  int64_t now; /* Unix milliseconds */
  size_t deal_capacity, stage_capacity, quota_capacity, holiday_capacity, id_capacity;
  ph_id *left_out; /* ids of deals whose row could not be used */
  size_t left_out_count, left_out_capacity;
  ph_id_map map;
  ph_raw_events raw;
  char last_date[PH_DATE_BYTES]; /* the last date read, and its day */
  ph_day last_day;
  ph_pending_rows *pending; /* NULL before the first */
  ph_kind_table kinds;
  const ph_facts *others; /* of deals that are not read */
  const ph_currencies *other_currencies;
  ph_facts facts; /* of those that are */
};

/* Sorts the stages and finds the first of each name, when all of them are read. */
void ph_reader_order_stages(ph_reader *reader, ph_status *status);

/* Makes the working days of everybody and of each team, when all holidays are read. */
void ph_reader_order_holidays(ph_reader *reader, ph_status *status);

/* Looks the pending rows up and adds them to the raw events. */
void ph_reader_add_pending(ph_reader *reader, ph_status *status);

/* Whether a row of a relation is the header once more: two of its cells, or all that the relation
** requires, are the names of their columns. */
bool ph_repeats_header(ph_relation_name relation, const ph_value *cells);

/* The text of an integer, else that of the cell. */
static inline const char *ph_cell_text(const ph_value *cell, char buffer[PH_ID_TEXT_BYTES], size_t *length) {
  if (cell->type == PH_INTEGER) {
    *length = ph_integer_write(cell->integer, buffer);
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
  return (cell->type == PH_TEXT || cell->type == PH_BLOB) && ph_id_is_integer(cell->text, cell->length, id);
}

/* A number like 20220630, which is read as Unix seconds of August 1970. An ISO date has ten bytes or more. */
static inline bool ph_looks_like_yyyymmdd(const ph_value *cell) {
  double number;
  if (cell->type == PH_NULL || (cell->type == PH_TEXT && cell->length >= PH_DATE_BYTES)) return false;
  return ph_value_to_real(cell, &number) && number >= 19000101 && number <= 21001231 &&
         number == (double)(int32_t)number;
}

/* Reads a day that may be missing: PH_DAY_NONE. Returns false when it is there and is no date. */
static inline bool ph_read_day(ph_reader *reader, const ph_value *cell, ph_date_nature nature, ph_day *day) {
  ph_instant instant = {PH_DAY_NONE, 0};
  bool good = ph_zone_read(&reader->history->zone, cell, nature, &instant);
  *day = good ? instant.day : PH_DAY_NONE;
  return good;
}

#endif
