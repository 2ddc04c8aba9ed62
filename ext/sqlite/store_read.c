/*
** Answers from the store. See store.h.
**
** HOW IT WORKS. The head says what all deals say together; blocks hold the rows of deals, slices the sums by
** day. Deals that changed since are read from the sources. For a question about single days the history holds
** these deals alone: their sums are added to those of a slice, and the sums of what the blocks say of the
** same deals are taken away. For all other questions the history is completed from the rows of all blocks but
** for those deals.
*/
#include "store_reader.h"

#include "../store/day_slice.h"

#include <string.h>

const char ph_store_damaged_block[] = "a block is damaged: refresh it";
const char ph_store_missing_block[] = "a block is missing: refresh it";

/* ------------------------------------------------------------------------------------------------ reading */

void ph_store_end_reader(const ph_open_store *from, ph_joined_reader *to) {
  ph_stored_head_end(&to->head, from->memory);
  ph_reader_end(to->reader);
}

void ph_store_begin_reader(const ph_open_store *from, ph_history *history, bool quotas,
                           ph_joined_reader *to) {
  ph_status *status = from->status;
  ph_byte_reader bytes = ph_byte_reader_of(from->head_bytes, from->head_size);
  *to = (ph_joined_reader){.history = history};
  to->reader = ph_reader_begin(history, ph_connection_now(from->connection), status);
  if (ph_failed(status)) return;
  if (!ph_read_head(&bytes, &history->names, &to->head, status))
    ph_fail(status, "its head is damaged: refresh it");
  to->name_count = history->names.count;
  to->reading = ph_source_reading(from->db, &from->connection->reading, to->reader, history, status);
  ph_source_read_settings(from->db, from->sources, quotas, &to->reading);
  if (ph_failed(status)) return;
  if (ph_policy_integer(&history->policy, PH_POLICY_ON_BAD_ROW) == PH_ON_BAD_ROW_ERROR)
    ph_fail(status, "policy on_bad_row is 'error'");
  if (ph_zone_mark(&history->zone) != to->head.zone_mark)
    ph_fail(status, "it was made with another time zone: refresh it");
}

/* ------------------------------------------------------------------------------ all blocks, in two passes */

/* What a pass over all blocks does with a deal that did not change; its events are the next bytes. */
typedef struct block_pass {
  const ph_open_store *from;
  ph_joined_reader *to;
  bool takes_events;   /* else deals */
  ph_byte_writer next; /* the first id of the next block, as the last one has it */
  ph_stored_id last;   /* the id before, in the same block */
  ph_block_head head;
  size_t changed; /* the first changed id that is not before the deal */
  size_t taken;   /* deals that are used */
} block_pass;

static bool is_changed(block_pass *pass, const ph_stored_id *id) {
  const ph_open_store *from = pass->from;
  while (pass->changed < from->changed_count && ph_stored_id_compare(&from->changed[pass->changed], id) < 0)
    pass->changed++;
  return pass->changed < from->changed_count && ph_stored_id_compare(&from->changed[pass->changed], id) == 0;
}

void ph_store_take_events(ph_reader *reader, uint32_t slot, ph_byte_reader *bytes, uint32_t name_count,
                          size_t count, ph_status *status) {
  ph_day last_day = 0;
  ph_event_row row;
  for (size_t event = 0; event < count && !bytes->damaged && ph_continue(status); event++) {
    ph_read_event(bytes, name_count, &row, &last_day);
    if (!bytes->damaged) ph_reader_take_event(reader, slot, &row, status);
  }
}

static void pass_deal(block_pass *pass, uint32_t number, ph_byte_reader *block) {
  ph_joined_reader *to = pass->to;
  ph_status *status = pass->from->status;
  ph_deal_row row;
  ph_stored_events events;
  ph_read_deal(block, to->name_count, &row, &events);
  ph_stored_id id = ph_stored_id_of(&row);
  const unsigned char *bytes = ph_read_bytes(block, events.bytes);
  if (!ph_block_may_have(&pass->head, number > 0 ? &pass->last : NULL, &id)) block->damaged = true;
  pass->last = id;
  if (block->damaged || is_changed(pass, &id)) return;
  if (!pass->takes_events) {
    ph_reader_take_deal(to->reader, &row, status);
  } else if (row.is_used) {
    ph_byte_reader own = ph_byte_reader_of(bytes, events.bytes);
    ph_store_take_events(to->reader, ph_reader_slot(to->reader, pass->taken), &own, to->name_count,
                         events.count, status);
    if (own.damaged || own.at != own.end) block->damaged = true;
  }
  pass->taken += row.is_used;
}

/* Begins a block. It is the one that the last one has as its next. */
static void begin_block(block_pass *pass, ph_byte_reader *block) {
  ph_status *status = pass->from->status;
  ph_byte_writer first = {0};
  pass->head = ph_read_block_head(block);
  ph_write_id(&first, &pass->head.first, status);
  if (pass->next.count > 0 &&
      (pass->next.count != first.count || memcmp(pass->next.bytes, first.bytes, first.count) != 0))
    block->damaged = true;
  ph_byte_writer_end(&first, status->memory);
  pass->next.count = 0;
  if (!pass->head.is_last) ph_write_id(&pass->next, &pass->head.next, status);
}

/* Passes over the blocks in their order, each of which names the next one. */
static void pass_blocks(block_pass *pass) {
  const ph_open_store *from = pass->from;
  ph_status *status = from->status;
  char *sql = sqlite3_mprintf("SELECT block, checksum, data FROM \"%w\"." PH_STORE_BLOCK " ORDER BY block",
                              from->schema);
  sqlite3_stmt *row = ph_source_prepare(from->db, sql, PH_STORE_BLOCK, status);
  sqlite3_free(sql);
  uint32_t count = 0;
  while (row != NULL && sqlite3_step(row) == SQLITE_ROW && !ph_failed(status)) {
    ph_byte_reader block;
    if (sqlite3_column_int64(row, 0) != ++count) ph_fail(status, "%s", ph_store_missing_block);
    if (!ph_store_open_row(from->generation, row, PH_SUM_OF_BLOCK, &block))
      ph_fail(status, "%s", ph_store_damaged_block);
    if (ph_failed(status)) break;
    begin_block(pass, &block);
    for (uint32_t id = 0; id < pass->head.id_count && !block.damaged && ph_continue(status); id++)
      pass_deal(pass, id, &block);
    if (block.damaged || block.at != block.end) ph_fail(status, "%s", ph_store_damaged_block);
  }
  ph_source_finalize(from->db, row, PH_STORE_BLOCK, status);
  ph_byte_writer_end(&pass->next, status->memory);
  if (count != pass->to->head.block_count) ph_fail(status, "%s", ph_store_missing_block);
}

/* ---------------------------------------------------------------------------------------------- all deals */

static void load_deals(const ph_open_store *from, ph_pipeline *pipeline) {
  ph_status *status = from->status;
  ph_history *history = &pipeline->history;
  ph_joined_reader to;
  ph_store_begin_reader(from, history, true, &to);
  block_pass deals = {.from = from, .to = &to};
  if (!ph_failed(status)) pass_blocks(&deals);
  if (!from->changed_without_id) history->excluded_deals += to.head.rows_without_id;
  ph_store_read_changed(from, &to, PH_RELATION_DEAL);
  if (!ph_failed(status)) ph_reader_deals_end(to.reader, status);
  block_pass events = {.from = from, .to = &to, .takes_events = true};
  if (!ph_failed(status)) pass_blocks(&events);
  ph_store_read_changed(from, &to, PH_RELATION_EVENT);
  if (!ph_failed(status)) ph_reader_finish(to.reader, status);
  ph_store_end_reader(from, &to);
}

/* --------------------------------------------------------------------------------------------- the way in */

/* Takes over why a store is not used; short memory and an interrupt are failures of the question itself. */
static void note_failure(ph_connection *connection, bool there, const ph_status *inner, ph_status *status) {
  if (there) sqlite3_snprintf(sizeof connection->store, connection->store, "not used: %s", inner->message);
  if (inner->code != PH_ERROR) *status = *inner;
}

static void clear_pipeline(ph_pipeline *pipeline) {
  const ph_memory *memory = pipeline->memory;
  if (pipeline->history.memory == NULL) return;
  ph_pipeline_end(pipeline);
  *pipeline = (ph_pipeline){.memory = memory};
}

ph_store_gift ph_store_read(ph_connection *connection, const ph_sources *sources, ph_needs needs,
                            const ph_chosen *chosen, ph_pipeline *pipeline, ph_status *status) {
  ph_open_store from;
  ph_status inner = *status;
  ph_store_gift gift = PH_STORE_GAVE_NOTHING;
  if (ph_failed(status) || needs == PH_NEEDS_SOURCES) return gift;
  bool there = ph_store_open(&from, connection, sources, &inner);
  if (there || sources->schema == NULL) connection->store[0] = 0;
  if (there && !ph_failed(&inner)) ph_store_read_changes(&from);
  bool claims = needs == PH_NEEDS_CLAIMS;
  if (there && !ph_failed(&inner) && (claims || needs == PH_NEEDS_DAYS) &&
      ph_store_load_days(&from, claims, pipeline) && claims == pipeline->stored.shows_claims)
    gift = PH_STORE_GAVE_DAYS;
  if (there && !ph_failed(&inner) && chosen != NULL && ph_store_load_chosen(&from, chosen, pipeline))
    gift = PH_STORE_GAVE_CHOSEN;
  if (gift == PH_STORE_GAVE_NOTHING) clear_pipeline(pipeline);
  if (there && !ph_failed(&inner) && gift == PH_STORE_GAVE_NOTHING) {
    load_deals(&from, pipeline);
    gift = PH_STORE_GAVE_DEALS;
  }
  if (ph_failed(&inner)) {
    clear_pipeline(pipeline);
    note_failure(connection, there, &inner, status);
    gift = PH_STORE_GAVE_NOTHING;
  } else if (there) {
    sqlite3_snprintf(sizeof connection->store, connection->store, "used");
  }
  ph_store_end(&from);
  return gift;
}

/* Looks at the checksums of a shadow table, of whose rows there must be so many; `kind` is that of their
** checksums, unless a scope in the fourth column says it. */
static void look_at_rows(const ph_open_store *from, const char *columns, const char *table, int64_t kind,
                         int64_t most, const char *damaged) {
  ph_status *status = from->status;
  char *sql = sqlite3_mprintf("SELECT %s FROM \"%w\".%s", columns, from->schema, table);
  sqlite3_stmt *row = ph_source_prepare(from->db, sql, table, status);
  sqlite3_free(sql);
  int64_t count = 0;
  for (; row != NULL && sqlite3_step(row) == SQLITE_ROW && ph_continue_after(status, 64); count++) {
    ph_byte_reader bytes;
    const char *scope = (const char *)sqlite3_column_text(row, 3);
    if (scope != NULL) kind = -1;
    for (int at = 0; scope != NULL && at < PH_SLICE_KINDS; at++)
      if (strcmp(scope, ph_slice_kind_names[at]) == 0) kind = at;
    if (!ph_store_open_row(from->generation, row, kind, &bytes)) ph_fail(status, "%s", damaged);
  }
  ph_source_finalize(from->db, row, table, status);
  if (count != most) ph_fail(status, "%s", damaged);
}

static int64_t count_owners(const ph_joined_reader *to) {
  int64_t count = 0;
  for (uint32_t name = 0; name < to->name_count; name++) count += to->head.owner_stays[name] > 0;
  return count;
}

static int64_t count_slices(const ph_stored_head *head) {
  int64_t count = 0;
  for (int kind = 0; kind < PH_SLICE_KINDS; kind++)
    if (head->first_slice[kind] != PH_DAY_NONE)
      count += (head->last_slice[kind] - head->first_slice[kind]) / PH_SLICE_DAYS + 1;
  return count;
}

void ph_store_look_at(const ph_open_store *from) {
  ph_history history;
  ph_joined_reader to;
  ph_store_begin_reader(from, &history, false, &to);
  if (!ph_failed(from->status))
    look_at_rows(from, "block, checksum, data, NULL", PH_STORE_BLOCK, PH_SUM_OF_BLOCK, to.head.block_count,
                 ph_store_damaged_block);
  if (!ph_failed(from->status))
    look_at_rows(from, "day, checksum, data, scope", PH_STORE_SLICE, -1, count_slices(&to.head),
                 "a slice is damaged: refresh it");
  if (!ph_failed(from->status))
    look_at_rows(from, "owner, checksum, data, NULL", PH_STORE_OWNER " WHERE length(data) > 1",
                 PH_SUM_OF_OWNER, count_owners(&to),
                 ph_store_damaged_owner); /* a list that became empty has one byte */
  ph_store_end_reader(from, &to);
  ph_history_end(&history);
}

bool ph_store_look(ph_connection *connection, const ph_sources *sources, ph_status *status) {
  ph_open_store from;
  ph_status inner = *status;
  connection->store[0] = 0;
  if (ph_failed(status)) return false;
  bool there = ph_store_open(&from, connection, sources, &inner);
  if (there && !ph_failed(&inner)) ph_store_read_changes(&from);
  if (there && !ph_failed(&inner)) ph_store_look_at(&from);
  if (ph_failed(&inner)) note_failure(connection, there, &inner, status);
  ph_store_end(&from);
  return !there || !ph_failed(&inner);
}
