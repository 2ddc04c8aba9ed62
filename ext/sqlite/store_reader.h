/*
** Shared by the files that read a store: store_read.c, which reads all deals, store_changed.c for those that
** changed, store_days.c for sums by day, store_claims.c for what is claimed and won, and store_chosen.c for
** the deals of an owner or a deal alone.
*/
#ifndef PH_SQLITE_STORE_READER_H
#define PH_SQLITE_STORE_READER_H

#include "store_writer.h"

extern const char ph_store_damaged_block[], ph_store_missing_block[], ph_store_damaged_owner[];

/* ------------------------------------------------------------------------------------------------ reading */

/* A reader of the connection's sources into a history, that knows the names of the store. */
typedef struct ph_joined_reader {
  ph_history *history;
  ph_reader *reader;
  ph_reading reading;
  ph_stored_head head;
  uint32_t name_count; /* of the store */
} ph_joined_reader;

/* Begins the history, reads the head and the relations that come before the deals, those of quotas if they
** matter. To be ended in any case. */
void ph_store_begin_reader(const ph_open_store *from, ph_history *history, bool quotas, ph_joined_reader *to);
void ph_store_end_reader(const ph_open_store *from, ph_joined_reader *to);

/* Gives a reader events of a deal, which are the next bytes. */
void ph_store_take_events(ph_reader *reader, uint32_t slot, ph_byte_reader *bytes, uint32_t name_count,
                          size_t count, ph_status *status);

/* Looks at the checksums of all rows. */
void ph_store_look_at(const ph_open_store *from);

/* -------------------------------------------------------------------------------- some deals by their ids */

/* What the blocks say of a deal: a copy of its bytes. */
typedef struct ph_found_deal {
  unsigned char *bytes;
  size_t size;
} ph_found_deal;

/* Begins zeroed. */
typedef struct ph_found_deals {
  ph_found_deal *deals;
  size_t count, capacity;
} ph_found_deals;

/* Called for a block: its number, its beginning, the bytes of its entries, and which of the ids that are
** looked for lie in its range. */
typedef void ph_visit_block(void *context, sqlite3_int64 number, const ph_block_head *head,
                            ph_byte_reader *entries, size_t first, size_t end);
/* Visits each block in whose range some of the ids lie, which ascend. */
void ph_store_visit_blocks(const ph_open_store *from, const ph_joined_reader *to, const ph_stored_id *ids,
                           size_t count, ph_visit_block *visit, void *context);

/* Finds what the blocks say of deals, whose ids ascend. */
void ph_store_find_deals(const ph_open_store *from, const ph_joined_reader *to, const ph_stored_id *ids,
                         size_t count, ph_found_deals *found);
void ph_store_end_found(const ph_open_store *from, ph_found_deals *found);

/* Gives a reader the deals that were found; then, when it knows all deals, their events. */
void ph_store_take_found(const ph_open_store *from, ph_joined_reader *to, const ph_found_deals *found);
void ph_store_take_found_events(const ph_open_store *from, ph_joined_reader *to, const ph_found_deals *found);

/* --------------------------------------------------------------------------------- the deals that changed */

/* Reads the rows of a relation that the sources have of the deals that changed. */
void ph_store_read_changed(const ph_open_store *from, ph_joined_reader *to, ph_relation_name relation);

/* Reads what the blocks say of the deals that changed, as a pipeline of its own, and its facts. */
void ph_store_load_replaced(const ph_open_store *from, ph_pipeline *replaced, ph_facts *facts);

/* Reads the deals that changed from the sources, and from the blocks those that come along and did not
** change. `replaced` is what the blocks say of the deals that changed; without any it is zeroed. The rows
** of all that come go to `rows`, too, unless that is NULL. */
void ph_store_load_come(const ph_open_store *from, ph_joined_reader *to, const ph_history *replaced,
                        const ph_found_deals *also, ph_written_rows *rows);

/* Whether the facts of all deals are told by those of the store, of the deals that it has to give away, and
** of those that come for them. They are not where a deal that goes may be the only one to have been the
** first or the last. */
bool ph_store_facts_are_known(const ph_facts *stored, const ph_facts *gone, const ph_facts *come);

/* The rows without an id and the deals left out of the sources, from the numbers of the store, of the
** deals that changed as they were, and as they are in the history. */
void ph_store_count_excluded(const ph_open_store *from, const ph_joined_reader *to,
                             const ph_history *replaced);

/* Whether the last day that the sources know is found from these facts. */
bool ph_store_knows_newest(const ph_stored_head *head, const ph_history *history);

/* ------------------------------------------------------------------------------------------------- slices */

/* Where slices are read. */
typedef struct ph_slices {
  ph_connection *connection;
  char *schema;
  uint64_t generation;
  ph_stored_head head; /* without what it has by name */
  uint32_t name_count; /* of the store */
  bool damaged;        /* one of them */
} ph_slices;

/* The first day of the slice of a kind that shows a day; PH_DAY_NONE where none does. */
ph_day ph_slices_first(const ph_slices *slices, int kind, ph_day day);

/* Reads a slice. A `read` that returns false found it damaged, which fails the job as a missing row does. */
typedef bool ph_read_slice_bytes(void *context, ph_byte_reader *bytes, ph_status *status);
void ph_slices_read(ph_slices *slices, int kind, ph_day first, ph_read_slice_bytes *read, void *context,
                    ph_status *status);
/* Reads a slice of a scope's integrity as a day index. It begins zeroed and must be ended in any case. */
void ph_slices_read_integrity(ph_slices *slices, ph_scope scope, ph_day first, ph_day_index *index,
                              ph_status *status);

/* What is claimed and won by the stored deals. Borrows the slices. Groups are below their name_count, or of
** none of these deals. */
typedef struct ph_stored_claims ph_stored_claims;
ph_stored_claims *ph_stored_claims_new(ph_slices *slices, ph_status *status);
void ph_stored_claims_end(ph_stored_claims *claims);
/* To be called before a question: what was read for those before it may go. */
void ph_stored_claims_ask(ph_stored_claims *claims);
/* As ph_claimed_on and ph_wins_add, for periods of whole months. */
void ph_stored_claims_add(ph_stored_claims *claims, ph_scope scope, uint32_t group, ph_period period,
                          ph_day day, ph_claimed *claimed, ph_status *status);
void ph_stored_wins_add(ph_stored_claims *claims, ph_scope scope, uint32_t group, ph_day from, ph_day to,
                        ph_day day, ph_money_sum *sum, ph_status *status);

/* -------------------------------------------------------------------------------------- without all deals */

/* Each reads a pipeline that suffices for what is asked. False where the store cannot tell it though nothing
** is wrong: then all deals are needed. */
bool ph_store_load_days(const ph_open_store *from, bool claims, ph_pipeline *pipeline);
/* Whether the slices say what they would say if they were made now. */
bool ph_store_slices_hold(const ph_stored_head *head, const ph_history *history);

bool ph_store_load_chosen(const ph_open_store *from, const ph_chosen *chosen, ph_pipeline *pipeline);

#endif
