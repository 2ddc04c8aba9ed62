/*
** Between the thread that fetches rows from the sources and the reader that takes them into the history.
**
** The first rows go straight to the reader. Where more come, a helper takes over the reader, and keeps it: rows are packed
** into blocks, byte by byte as they lie in the source, and the helper unpacks and reads some blocks while others are
** filled. The history is the same, and so is the first error in a row. Two things differ: the sources are read some
** blocks further before an error ends it, behind the last deals also events; and the rest of an event may be asked for
** though its instant or id turns out to be unusable, so that a source which fails in the rest of such a row fails.
*/
#ifndef PH_HISTORY_FEED_H
#define PH_HISTORY_FEED_H

#include "reader.h"

typedef struct ph_feed_block {
  char *bytes;
  size_t used, capacity;
  ph_relation_name relation;
  bool ends_deals; /* no deals come behind it */
} ph_feed_block;

/* What the rest of an event brings (ph_event_use) by the first letters of its kind, whose name has that length. */
typedef struct ph_kind_use {
  uint8_t use, length;
} ph_kind_use;
typedef struct ph_kind_uses {
  ph_kind_use by_place[PH_KIND_PLACES];
} ph_kind_uses;

/* Borrows the reader, which is nobody else's to use before the feed is closed. */
typedef struct ph_feed {
  ph_reader *reader;
  ph_relation_name relation; /* deals or events */
  bool records;              /* events have recorded_at */
  bool may_be_helped;
  ph_event_use due; /* what the rest of an event must bring */
  /* rows that go straight to the reader */
  size_t rows;
  ph_value id; /* of the event whose rest is due */
  char *id_text;
  size_t id_capacity;
  /* rows for the helper */
  ph_helper *helper; /* NULL: there is none */
  ph_kind_uses uses;
  ph_feed_block blocks[PH_RING_BLOCKS];
  size_t block;    /* the one being filled */
  size_t finished; /* bytes of it in whole rows */
} ph_feed;

/* `records`: events have recorded_at. */
void ph_feed_begin(ph_feed *feed, ph_reader *reader, bool may_be_helped, bool records);
/* Frees what the feed holds, when the reader is done: of what is freed earlier an allocator learns to keep such blocks. */
void ph_feed_end(ph_feed *feed, const ph_memory *memory);

/* Rows of a relation may come. */
void ph_feed_open(ph_feed *feed, ph_relation_name relation);
void ph_feed_deal(ph_feed *feed, const ph_value cells[PH_DEAL_COLUMNS], ph_status *status);
/* No more deals come. A helper ends them (ph_reader_deals_end) while events come; what it finds wrong shows by the
** next wait. */
void ph_feed_deals_end(ph_feed *feed, ph_status *status);

/* An event in two steps: the head has deal_id, at and kind, and says what the rest must bring, the values of a change or
** recorded_at; PH_EVENT_UNUSABLE: nothing. A rest may be wanted for a row that turns out to be unusable. Other cells
** need not be set, but may be. */
ph_event_use ph_feed_event_head(ph_feed *feed, ph_value cells[PH_EVENT_COLUMNS], ph_status *status);
void ph_feed_event_rest(ph_feed *feed, ph_value cells[PH_EVENT_COLUMNS], ph_status *status);

/* Waits until the reader has all rows that were fed. To be called also after an error. */
void ph_feed_wait(ph_feed *feed, ph_status *status);
/* No more rows come: the reader is the caller's again. To be called also after an error. */
void ph_feed_close(ph_feed *feed, ph_status *status);

#endif
