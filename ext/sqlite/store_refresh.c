/*
** Writes back what changed since a store was filled. See store_internal.h.
**
** HOW IT WORKS. First everything is read and nothing is written: what the blocks say of the deals that
** changed, and what the sources say. From both come, in memory, the blocks of these deals as they are now,
** the slices on whose days the sums differ, the lists of their owners, and the head. Then the head is marked,
** so that nobody uses the store; the rows are put in the place of the old ones; what was noted and is now in
** them is taken away; and the head is written. Without a transaction of the caller's each of these steps is
** one of its own, and other programs may write meanwhile: what they note stays. An other refresh of theirs
** replaces the mark, and this one fails.
*/
#include "store_refresh.h"

/* A block that would grow beyond so many ids is split where it is the last one; else the store is filled
** anew. */
enum { MOST_BLOCK_IDS = 4 * PH_BLOCK_IDS };

static void end_rows(ph_new_rows *rows, const ph_memory *memory) {
  ph_byte_writer_end(&rows->bytes, memory);
  ph_release(memory, rows->rows);
}

static void end_refresh(ph_refresh *job) {
  const ph_memory *memory = job->from.memory;
  end_rows(&job->blocks, memory);
  end_rows(&job->owners, memory);
  for (int kind = 0; kind < PH_SLICE_KINDS; kind++) end_rows(&job->slices[kind], memory);
  ph_stored_head_end(&job->head, memory);
  ph_written_rows_end(&job->read, memory);
  ph_release(memory, job->order);
  if (job->to.history != NULL) ph_store_end_reader(&job->from, &job->to);
  if (job->come.history.memory != NULL) ph_pipeline_end(&job->come);
  if (job->has_gone) ph_pipeline_end(&job->gone);
  ph_store_end(&job->from);
}

void ph_begin_row(ph_new_rows *rows, int64_t key, ph_status *status) {
  if (ph_reserve(status, (void **)&rows->rows, &rows->capacity, rows->count + 1, sizeof *rows->rows))
    rows->rows[rows->count] = (ph_new_row){.key = key, .begin = rows->bytes.count};
}

void ph_end_row(ph_new_rows *rows, const ph_status *status) {
  if (ph_failed(status)) return;
  rows->rows[rows->count].size = rows->bytes.count - rows->rows[rows->count].begin;
  rows->count++;
}

/* ------------------------------------------------------------------------------------------- what changed */

/* Reads the deals that changed from the blocks and from the sources. False where what all deals say
** together may be another thing now. */
static bool load_changed(ph_refresh *job) {
  const ph_open_store *from = &job->from;
  const ph_found_deals none = {.count = 0};
  ph_history *history = &job->come.history;
  ph_facts gone = PH_NO_FACTS;
  job->has_gone = from->changed_count > 0;
  if (job->has_gone) ph_store_load_replaced(from, &job->gone, &gone);
  ph_store_begin_reader(from, history, true, &job->to);
  ph_store_load_come(from, &job->to, &job->gone.history, &none, &job->read);
  ph_pipeline_begin(&job->come, job->status);
  if (ph_failed(job->status)) return false;
  const ph_facts *stored = &job->to.head.facts, *come = ph_reader_facts(job->to.reader);
  ph_store_count_excluded(from, &job->to, &job->gone.history);
  job->head.facts = *stored;
  ph_facts_add(&job->head.facts, come);
  return ph_store_facts_are_known(stored, &gone, come) && ph_store_slices_hold(&job->to.head, history) &&
         history->today < stored->next && history->today >= stored->newest;
}

/* Puts numbers by name into a new block with room for the names that are new. */
static uint32_t *copy_numbers(const ph_refresh *job, const uint32_t *numbers) {
  uint32_t *copy = ph_allocate_zeroed(job->status, job->come.history.names.count, sizeof *copy);
  for (uint32_t name = 0; name < job->to.name_count && copy != NULL; name++) copy[name] = numbers[name];
  return copy;
}

static void begin_head(ph_refresh *job) {
  const ph_history *come = &job->come.history, *gone = &job->gone.history;
  const ph_stored_head *old = &job->to.head;
  ph_stored_head *head = &job->head;
  const ph_facts facts = head->facts;
  *head = *old;
  head->facts = facts;
  head->names = &job->come.history.names;
  head->currency_deals = head->owner_stays = NULL;
  ph_store_head_of(come, head);
  if (job->from.changed_without_id) head->rows_without_id = job->read.without_id;
  head->deal_count += (uint32_t)come->deal_count - (uint32_t)gone->deal_count;
  head->event_count += ph_written_event_count(&job->read);
  head->currency_deals = copy_numbers(job, old->currency_deals);
  head->owner_stays = copy_numbers(job, old->owner_stays);
  if (ph_failed(job->status)) return;
  ph_store_count_currencies(gone, -1, head->currency_deals);
  ph_store_count_currencies(come, 1, head->currency_deals);
}

/* ------------------------------------------------------------------------------------------------- blocks */

/* What a block will have of one id: bytes of `entries`. */
typedef struct entry {
  ph_stored_id id;
  size_t begin, end;
} entry;

typedef struct merged_block {
  ph_byte_writer bytes;
  entry *entries;
  size_t count, capacity;
} merged_block;

static void add_entry(merged_block *merged, const ph_stored_id *id, size_t begin, ph_status *status) {
  if (ph_reserve(status, (void **)&merged->entries, &merged->capacity, merged->count + 1,
                 sizeof *merged->entries))
    merged->entries[merged->count++] = (entry){*id, begin, merged->bytes.count};
}

/* Adds the deals that come before an id, or up to it. */
static void add_come(ph_refresh *job, merged_block *merged, const ph_stored_id *limit, bool up_to) {
  for (; job->next_come < job->read.deal_count && !ph_failed(job->status); job->next_come++) {
    const ph_written_deal *deal = &job->read.deals[job->order[job->next_come]];
    size_t begin = merged->bytes.count;
    if (ph_stored_id_compare(&deal->id, limit) >= (up_to ? 1 : 0)) return;
    ph_write_entry(&merged->bytes, &job->read, deal, job->status);
    add_entry(merged, &deal->id, begin, job->status);
  }
}

/* Writes some entries as a block. */
static void write_block(ph_refresh *job, const merged_block *merged, int64_t number, ph_block_head head,
                        size_t at) {
  ph_new_rows *blocks = &job->blocks;
  ph_begin_row(blocks, number, job->status);
  ph_write_block_head(&blocks->bytes, &head, job->status);
  for (uint32_t id = 0; id < head.id_count && !ph_failed(job->status); id++) {
    const entry *taken = &merged->entries[at + id];
    ph_write_written(&blocks->bytes, &merged->bytes, taken->begin, taken->end - taken->begin, job->status);
  }
  if (ph_failed(job->status)) return;
  ph_new_row *row = &blocks->rows[blocks->count];
  row->first = head.first;
  if (head.first.is_text) /* it is one of a row that is read */
    row->first.text.text =
        ph_arena_copy(&job->from.texts, head.first.text.text, head.first.text.length, job->status);
  ph_end_row(blocks, job->status);
}

/* Writes a block as it is now; the last one as several when it grew long, for new ids are mostly the
** greatest. */
static void write_merged(ph_refresh *job, const merged_block *merged, int64_t number,
                         const ph_block_head *old) {
  size_t most = old->is_last ? PH_BLOCK_IDS : MOST_BLOCK_IDS, at = 0;
  if (!old->is_last && merged->count > most) job->gives_up = true;
  if (old->is_last && merged->count <= 2 * PH_BLOCK_IDS) most = merged->count;
  do {
    ph_block_head head = *old;
    size_t end = merged->count - at <= most ? merged->count : at + most;
    head.id_count = (uint32_t)(end - at);
    if (at > 0 || (number == 1 && end > 0 && ph_stored_id_compare(&merged->entries[0].id, &head.first) < 0))
      head.first = merged->entries[at].id;
    if (end < merged->count) {
      head.is_last = false;
      head.next = merged->entries[end].id;
    }
    write_block(job, merged, at == 0 ? number : (int64_t)++job->head.block_count, head, at);
    at = end;
  } while (at < merged->count && !ph_failed(job->status));
}

static void merge_block(void *context, sqlite3_int64 number, const ph_block_head *head, ph_byte_reader *block,
                        size_t at, size_t end) {
  ph_refresh *job = context;
  merged_block merged = {.count = 0};
  const ph_stored_id *changed = job->from.changed;
  ph_stored_id stored = {.integer = 0}, before;
  for (uint32_t id = 0; id < head->id_count && ph_continue(job->status); id++) {
    const unsigned char *bytes = block->at;
    ph_deal_row deal;
    ph_stored_events events;
    ph_read_deal(block, job->to.name_count, &deal, &events);
    ph_read_bytes(block, events.bytes);
    before = stored;
    stored = ph_stored_id_of(&deal);
    if (!ph_block_may_have(head, id > 0 ? &before : NULL, &stored)) block->damaged = true;
    if (block->damaged) break;
    add_come(job, &merged, &stored, false);
    while (at < end && ph_stored_id_compare(&changed[at], &stored) < 0) at++;
    if (at < end && ph_stored_id_compare(&changed[at], &stored) == 0) {
      job->head.event_count -= events.count;
    } else {
      size_t begin = merged.bytes.count;
      ph_write_bytes(&merged.bytes, bytes, (size_t)(block->at - bytes), job->status);
      add_entry(&merged, &stored, begin, job->status);
    }
  }
  if (block->at != block->end) block->damaged = true;
  add_come(job, &merged, &changed[end - 1], true);
  if (!block->damaged && !ph_failed(job->status)) write_merged(job, &merged, number, head);
  ph_release(job->from.memory, merged.entries);
  ph_byte_writer_end(&merged.bytes, job->from.memory);
}

static void merge_blocks(ph_refresh *job) {
  job->order = ph_written_rows_order(&job->read, job->status);
  if (job->to.head.block_count == 0) job->gives_up = true;
  if (!ph_failed(job->status) && !job->gives_up)
    ph_store_visit_blocks(&job->from, &job->to, job->from.changed, job->from.changed_count, merge_block, job);
}

/* ------------------------------------------------------------------------------------------------ writing */

static void make_new_row(ph_row_maker *maker, int64_t number) {
  const ph_new_rows *rows = maker->context;
  const ph_new_row *row = &rows->rows[number - 1];
  maker->key = row->key;
  maker->first = row->first;
  ph_write_written(&maker->bytes, &rows->bytes, row->begin, row->size, maker->status);
}

static ph_row_maker maker_of(const ph_store_output *to, ph_new_rows *rows, int64_t kind, ph_status *status) {
  return (ph_row_maker){.make = make_new_row, .context = rows, .status = status, .to = to, .kind = kind};
}

static void put_rows(ph_refresh *job, ph_status *status) {
  const ph_store_output to = {job->from.db, job->from.schema, job->from.generation};
  ph_row_maker maker = maker_of(&to, &job->blocks, PH_SUM_OF_BLOCK, status);
  ph_store_put_rows(&maker, "REPLACE", PH_STORE_BLOCK,
                    PH_STORED_KEY ", " PH_STORED_FIRST_DEAL ", " PH_STORED_SUM_AND_DATA,
                    (int64_t)job->blocks.count);
  for (int kind = 0; kind < PH_SLICE_KINDS && !ph_failed(status); kind++) {
    maker = maker_of(&to, &job->slices[kind], kind, status);
    ph_store_put_slices(&maker, "REPLACE", (int64_t)job->slices[kind].count);
  }
  maker = maker_of(&to, &job->owners, PH_SUM_OF_OWNER, status);
  if (!ph_failed(status))
    ph_store_put_rows(&maker, "REPLACE", PH_STORE_OWNER, PH_STORED_KEY ", " PH_STORED_SUM_AND_DATA,
                      (int64_t)job->owners.count);
}

/* Takes away what was noted and is now in the blocks; what was noted since is counted from 1 again. */
static void forget_changes(const ph_refresh *job, int64_t mark, ph_status *status) {
  const char *schema = job->from.schema;
  ph_store_keep_changes(job->from.db, schema, false, status);
  if (ph_failed(status)) return;
  ph_store_run(job->from.db,
               sqlite3_mprintf("UPDATE \"%w\"." PH_STORE_CHANGE
                               " SET change = change - %lld WHERE EXISTS (SELECT "
                               "1 FROM \"%w\"." PH_STORE_HEAD " WHERE checksum = %lld); DELETE FROM "
                               "\"%w\"." PH_STORE_CHANGE " WHERE change <= 0",
                               schema, (long long)job->from.noted, schema, (long long)mark, schema),
               status);
  ph_store_keep_changes(job->from.db, schema, true, status);
}

/* Marks the head, which nobody else may have written since. */
static void mark_head(const ph_refresh *job, int64_t mark, ph_status *status) {
  ph_store_run(job->from.db,
               sqlite3_mprintf("UPDATE \"%w\"." PH_STORE_HEAD
                               " SET version = -version, checksum = %lld WHERE checksum = %lld",
                               job->from.schema, (long long)mark, (long long)job->from.head_sum),
               status);
  if (!ph_failed(status) && sqlite3_changes(job->from.db) != 1)
    ph_fail(status, "pipeline_store: another connection refreshed it meanwhile");
}

static void write_head(const ph_refresh *job, int64_t mark, ph_status *status) {
  const ph_open_store *from = &job->from;
  const ph_store_output to = {from->db, from->schema, from->generation};
  char *sql =
      sqlite3_mprintf("UPDATE \"%w\"." PH_STORE_HEAD
                      " SET version = ?1, made_at = datetime('now'), deal_count = ?2, event_count = ?3, "
                      "generation = ?4, schema_mark = ?5, checksum = ?6, data = ?7 WHERE checksum = %lld",
                      from->schema, (long long)mark);
  sqlite3_stmt *statement = ph_source_prepare(from->db, sql, PH_STORE_HEAD, status);
  sqlite3_free(sql);
  ph_store_put_head(&to, &from->at, &job->head, statement, status);
  if (!ph_failed(status) && sqlite3_changes(from->db) != 1)
    ph_fail(status, "pipeline_store: another connection refreshed it meanwhile");
}

static void write_refresh(ph_refresh *job, ph_status *status) {
  int64_t mark;
  ph_status own;
  sqlite3_randomness(sizeof mark, &mark);
  mark_head(job, mark, status);
  if (ph_failed(status)) return;
  put_rows(job, status);
  if (!ph_failed(status)) forget_changes(job, mark, status);
  if (!ph_failed(status)) write_head(job, mark, status);
  if (!ph_failed(status)) return;
  ph_status_begin(&own, status->memory);
  ph_store_drop(job->from.db, job->from.schema, true, &own);
}

/* Makes in memory what is to be written; false where the store is to be filled anew. */
static bool prepare(ph_refresh *job) {
  if (!load_changed(job)) return false;
  begin_head(job);
  if (!ph_failed(job->status)) merge_blocks(job);
  if (!ph_failed(job->status) && !job->gives_up) ph_refresh_slices(job);
  if (!ph_failed(job->status) && !job->gives_up) ph_refresh_owners(job);
  return !ph_failed(job->status) && !job->gives_up;
}

bool ph_store_refresh(ph_connection *connection, const ph_sources *sources, ph_status *status) {
  ph_status inner = *status;
  ph_refresh job = {.status = &inner, .gone = {.memory = status->memory}, .come = {.memory = status->memory}};
  if (ph_failed(status)) return false;
  bool there = ph_store_open(&job.from, connection, sources, &inner);
  if (there && !ph_failed(&inner)) ph_store_read_changes(&job.from);
  if (there && !ph_failed(&inner)) ph_store_look_at(&job.from);
  bool sound = there && !ph_failed(&inner) && prepare(&job);
  if (inner.code != PH_OK && inner.code != PH_ERROR) *status = inner;
  if (sound && job.from.noted > 0) write_refresh(&job, status);
  end_refresh(&job);
  return sound;
}
