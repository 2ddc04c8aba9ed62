/*
** Blocks of deals: the rows of neighbouring deal ids with their events, as a reader read them.
**
** Deals stand in the order of their ids, integers by value, then texts by bytes. A block holds the rows of
** all ids from its first one up to the first one of the next block. Nothing in it depends on a policy but the
** time zone, and nothing on stages, rates or holidays: from its rows a history is completed as from those of
** the sources.
*/
#ifndef PH_STORE_DEAL_BLOCK_H
#define PH_STORE_DEAL_BLOCK_H

#include "../history/reader.h"
#include "stored_bytes.h"

/* A deal_id: an integer, or a text. */
typedef struct ph_stored_id {
  int64_t integer;
  ph_text text; /* borrowed */
  bool is_text;
} ph_stored_id;

int ph_stored_id_compare(const ph_stored_id *left, const ph_stored_id *right);
ph_stored_id ph_stored_id_of(const ph_deal_row *row);

void ph_write_id(ph_byte_writer *writer, const ph_stored_id *id, ph_status *status);
ph_stored_id ph_read_id(ph_byte_reader *reader);

/* How many events of how many bytes follow a deal. */
typedef struct ph_stored_events {
  size_t count, bytes;
} ph_stored_events;

/* The rows of an id; behind those of which one is used, its events. */
void ph_write_deal(ph_byte_writer *writer, const ph_deal_row *row, ph_status *status);
void ph_write_event_count(ph_byte_writer *writer, ph_stored_events events, ph_status *status);

/* The events of a deal, each behind the day of the one before; 0 before the first. */
void ph_write_event(ph_byte_writer *writer, const ph_event_row *row, ph_day *last_day, ph_status *status);

/* The beginning of a block. */
typedef struct ph_block_head {
  ph_stored_id first, next; /* the first ids of this block and of the next one */
  bool is_last;             /* there is no next one */
  uint32_t id_count;
} ph_block_head;
void ph_write_block_head(ph_byte_writer *writer, const ph_block_head *head, ph_status *status);
ph_block_head ph_read_block_head(ph_byte_reader *reader);

/* Whether an id may stand in a block, behind the one before; NULL: it is the first one. */
bool ph_block_may_have(const ph_block_head *head, const ph_stored_id *before, const ph_stored_id *id);

/* The rows of the next id; names are below name_count. Then the events, one by one; texts stay in the
** bytes. */
void ph_read_deal(ph_byte_reader *reader, uint32_t name_count, ph_deal_row *row, ph_stored_events *events);
void ph_read_event(ph_byte_reader *reader, uint32_t name_count, ph_event_row *row, ph_day *last_day);

#endif
