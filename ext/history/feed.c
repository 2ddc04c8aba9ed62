/* Between the thread that fetches rows and the reader. See feed.h.
**
** A packed cell is a byte with its type and, up to 30, the length of its text; a longer one follows in eight bytes.
** Then come the eight bytes of a number, then the text. A row is its cells: all of a deal; of an event id, instant and
** kind, and what the kind needs.
*/
#include "feed.h"

#include "../base/bytes.h"

#include <string.h>

enum { TYPE_BITS = 3, LONG_TEXT = 31, MOST_CELL_BYTES = 1 + 2 * PH_WORD_BYTES };
enum { HEAD_CELLS = 3 }; /* PH_EVENT_ID, PH_EVENT_AT, PH_EVENT_KIND */

/* Some seven thousand rows. */
enum { BLOCK_BYTES = 1 << 18 };

/* What the kinds of events bring. */
static void fill_uses(ph_kind_uses *uses, bool records) {
  *uses = (ph_kind_uses){{{PH_EVENT_UNUSABLE, 0}}};
  for (int kind = 0; kind < PH_KIND_COUNT; kind++) {
    const ph_kind_descriptor *descriptor = &ph_kind_descriptors[kind];
    ph_event_use use = ph_event_use_of((ph_kind)kind);
    if (use == PH_EVENT_ACTIVITY && !records) use = PH_EVENT_UNUSABLE;
    uses->by_place[PH_KIND_PLACE(descriptor->name[0], descriptor->name[1])] =
        (ph_kind_use){(uint8_t)use, (uint8_t)descriptor->length};
  }
}

void ph_feed_begin(ph_feed *feed, ph_reader *reader, bool may_be_helped, bool records) {
  *feed = (ph_feed){.reader = reader, .may_be_helped = may_be_helped, .records = records};
  fill_uses(&feed->uses, records);
}

void ph_feed_end(ph_feed *feed, const ph_memory *memory) {
  for (int block = 0; block < PH_RING_BLOCKS; block++) ph_release(memory, feed->blocks[block].bytes);
  ph_release(memory, feed->id_text);
}

void ph_feed_open(ph_feed *feed, ph_relation_name relation) {
  feed->relation = relation;
  feed->rows = 0;
}

/* What the rest of an event brings, if the kind is one at all: by the first letters and the length of its name and without
** a branch, for any kind may come, and a wrong guess of the processor costs more than the rest. The reader looks
** closer. */
static inline ph_event_use likely_use(const ph_kind_uses *uses, const ph_value *cells) {
  const ph_value *kind = &cells[PH_EVENT_KIND];
  if (kind->type != PH_TEXT || kind->length < 2) return PH_EVENT_UNUSABLE;
  ph_kind_use likely = uses->by_place[PH_KIND_PLACE(kind->text[0], kind->text[1])];
  return kind->length == likely.length ? (ph_event_use)likely.use : PH_EVENT_UNUSABLE;
}

/* ---- the thread that fetches ---- */

/* Hands the finished rows over; what is packed of the next one goes on in another block. */
static void give_block(ph_feed *feed, ph_status *status) {
  ph_feed_block *block = &feed->blocks[feed->block];
  const char *begun = block->bytes + feed->finished;
  size_t begun_bytes = block->used - feed->finished;
  block->used = feed->finished;
  block->relation = feed->relation;
  ph_helper_give(feed->helper, status);
  feed->block = (feed->block + 1) % PH_RING_BLOCKS;
  feed->finished = 0;
  block = &feed->blocks[feed->block];
  block->used = 0;
  block->ends_deals = false;
  size_t needed = begun_bytes > BLOCK_BYTES ? begun_bytes : BLOCK_BYTES;
  if (!ph_reserve(status, (void **)&block->bytes, &block->capacity, needed, 1)) return;
  if (begun_bytes > 0) memcpy(block->bytes, begun, begun_bytes);
  block->used = begun_bytes;
}

/* Makes room for that many bytes more. */
static void make_room(ph_feed *feed, size_t bytes, ph_status *status) {
  if (feed->finished > 0) give_block(feed, status);
  ph_feed_block *block = &feed->blocks[feed->block];
  size_t needed = block->used + bytes;
  if (needed < BLOCK_BYTES) needed = BLOCK_BYTES;
  ph_reserve(status, (void **)&block->bytes, &block->capacity, needed, 1);
}

static inline size_t text_bytes(const ph_value *cell) {
  return cell->type >= PH_REAL ? cell->length : 0;
}

static inline char *pack_cell(char *to, const ph_value *cell) {
  size_t length = text_bytes(cell);
  *to++ = (char)((unsigned)cell->type | (unsigned)(length < LONG_TEXT ? length : LONG_TEXT) << TYPE_BITS);
  if (length >= LONG_TEXT) {
    uint64_t word = length;
    memcpy(to, &word, sizeof word);
    to += sizeof word;
  }
  if (cell->type == PH_INTEGER || cell->type == PH_REAL) {
    memcpy(to, &cell->integer, sizeof cell->integer);
    to += sizeof cell->integer;
  }
  if (length > 0) ph_copy_bytes(to, cell->text, length);
  return to + length;
}

static void pack(ph_feed *feed, const ph_value *cells, int count, ph_status *status) {
  size_t bytes = 0;
  for (int cell = 0; cell < count; cell++) bytes += MOST_CELL_BYTES + text_bytes(&cells[cell]);
  const ph_feed_block *full = &feed->blocks[feed->block];
  if (full->capacity - full->used < bytes) make_room(feed, bytes, status);
  if (ph_failed(status)) return;
  ph_feed_block *block = &feed->blocks[feed->block];
  char *to = block->bytes + block->used;
  for (int cell = 0; cell < count; cell++) to = pack_cell(to, &cells[cell]);
  block->used = (size_t)(to - block->bytes);
}

static void finish_row(ph_feed *feed) {
  feed->finished = feed->blocks[feed->block].used;
}

/* ---- the helper ---- */

static inline const char *unpack_cell(const char *from, ph_value *cell) {
  unsigned first = (unsigned char)*from++;
  cell->type = (ph_value_type)(first & ((1u << TYPE_BITS) - 1));
  cell->length = first >> TYPE_BITS;
  if (cell->length == LONG_TEXT) {
    cell->length = (size_t)ph_load_word(from);
    from += PH_WORD_BYTES;
  }
  if (cell->type == PH_INTEGER || cell->type == PH_REAL) {
    memcpy(&cell->integer, from, sizeof cell->integer);
    from += sizeof cell->integer;
  }
  cell->text = cell->length > 0 || cell->type != PH_REAL ? from : NULL;
  return from + cell->length;
}

static const char *unpack(const char *from, ph_value *cells, int count) {
  for (int cell = 0; cell < count; cell++) from = unpack_cell(from, &cells[cell]);
  return from;
}

/* What the helper needs of a feed, copied once a block: the other thread writes to the feed all the time, and their
** processors would pass it to and fro. */
typedef struct taker {
  ph_reader *reader;
  ph_kind_uses uses;
} taker;

static const char *read_event(const taker *at, const char *from, ph_status *status) {
  ph_value cells[PH_EVENT_COLUMNS];
  from = unpack(from, cells, HEAD_CELLS);
  ph_event_use use = likely_use(&at->uses, cells);
  cells[PH_EVENT_RECORDED_AT].type = PH_NULL;
  if (use == PH_EVENT_CHANGE) from = unpack(from, &cells[PH_EVENT_OLD_VALUE], 2);
  if (use == PH_EVENT_ACTIVITY) from = unpack(from, &cells[PH_EVENT_RECORDED_AT], 1);
  ph_reader_add_event(at->reader, cells, status);
  return from;
}

static const char *read_deal(const taker *at, const char *from, ph_status *status) {
  ph_value cells[PH_DEAL_COLUMNS];
  from = unpack(from, cells, PH_DEAL_COLUMNS);
  ph_reader_add_deal(at->reader, cells, status);
  return from;
}

static void read_block(void *context, int number, ph_status *status) {
  const ph_feed *feed = context;
  const ph_feed_block *block = &feed->blocks[number];
  const taker at = {feed->reader, feed->uses};
  bool has_deals = block->relation == PH_RELATION_DEAL, ends_deals = block->ends_deals;
  const char *from = block->bytes, *end = from + block->used;
  while (from < end && ph_continue(status))
    from = has_deals ? read_deal(&at, from, status) : read_event(&at, from, status);
  if (ends_deals) ph_reader_deals_end(at.reader, status);
}

/* ---- rows ---- */

/* Whether the next row is for the helper, which comes when there are many. */
static inline bool is_packed(ph_feed *feed, ph_status *status) {
  if (feed->helper == NULL && feed->may_be_helped && feed->rows++ == PH_ROWS_ALONE && !ph_failed(status))
    feed->helper = ph_helper_start(read_block, feed, status);
  return feed->helper != NULL;
}

void ph_feed_deal(ph_feed *feed, const ph_value cells[PH_DEAL_COLUMNS], ph_status *status) {
  if (is_packed(feed, status)) {
    pack(feed, cells, PH_DEAL_COLUMNS, status);
    finish_row(feed);
  } else {
    ph_reader_add_deal(feed->reader, cells, status);
  }
}

/* Keeps the id of an event until its rest comes: SQLite keeps the text no longer than for the head. */
static void keep_id(ph_feed *feed, const ph_value *id, ph_status *status) {
  size_t length = text_bytes(id);
  feed->id = *id;
  if (length == 0 || !ph_reserve(status, (void **)&feed->id_text, &feed->id_capacity, length, 1)) return;
  memcpy(feed->id_text, id->text, length);
  feed->id.text = feed->id_text;
}

ph_event_use ph_feed_event_head(ph_feed *feed, ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  if (is_packed(feed, status)) {
    feed->due = likely_use(&feed->uses, cells);
    pack(feed, cells, HEAD_CELLS, status);
    if (feed->due == PH_EVENT_UNUSABLE) finish_row(feed);
    return feed->due;
  }
  ph_event_use use = ph_reader_event_head(feed->reader, cells, status);
  if (use == PH_EVENT_UNUSABLE) return use;
  if (use == PH_EVENT_CHANGE || feed->records) {
    keep_id(feed, &cells[PH_EVENT_ID], status);
    return use;
  }
  cells[PH_EVENT_RECORDED_AT].type = PH_NULL;
  ph_reader_event_rest(feed->reader, cells, status);
  return PH_EVENT_UNUSABLE;
}

void ph_feed_event_rest(ph_feed *feed, ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  if (feed->helper == NULL) {
    cells[PH_EVENT_ID] = feed->id;
    ph_reader_event_rest(feed->reader, cells, status);
    return;
  }
  if (feed->due == PH_EVENT_CHANGE) {
    pack(feed, &cells[PH_EVENT_OLD_VALUE], 2, status);
  } else {
    pack(feed, &cells[PH_EVENT_RECORDED_AT], 1, status);
  }
  finish_row(feed);
}

void ph_feed_wait(ph_feed *feed, ph_status *status) {
  if (feed->helper == NULL) return;
  if (!ph_failed(status) && feed->finished > 0) give_block(feed, status);
  ph_helper_wait(feed->helper, status);
}

void ph_feed_deals_end(ph_feed *feed, ph_status *status) {
  if (ph_failed(status)) return;
  if (feed->helper == NULL) {
    ph_reader_deals_end(feed->reader, status);
  } else {
    feed->blocks[feed->block].ends_deals = true;
    give_block(feed, status);
  }
}

void ph_feed_close(ph_feed *feed, ph_status *status) {
  if (feed->helper != NULL) ph_helper_end(feed->helper, status);
  feed->helper = NULL;
}
