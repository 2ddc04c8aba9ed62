/*
** Answers from the store. See store.h.
**
** HOW IT WORKS. The head says what all deals say together; blocks hold the rows of deals, slices the sums by
** day. Deals that changed since are read from the sources. For a question about single days the history holds
** these deals alone: their sums are added to those of a slice, and the sums of what the blocks say of the
** same deals are taken away. For all other questions the history is completed from the rows of all blocks but
** for those deals.
*/
#include "store_internal.h"

#include "../measure/integrity_index.h"
#include "../store/day_slice.h"

#include <string.h>

static const char damaged_block[] = "a block is damaged: refresh it";

/* ------------------------------------------------------------------------------------------------- blocks */

/* A reader of the connection's sources into a history, that knows the names of the store. */
typedef struct joined_reader {
  ph_history *history;
  ph_reader *reader;
  ph_reading reading;
  ph_stored_head head;
  uint32_t name_count; /* of the store */
} joined_reader;

static void end_reader(const ph_open_store *from, joined_reader *to) {
  ph_stored_head_end(&to->head, from->memory);
  ph_reader_end(to->reader);
}

/* Begins the history, reads the head and the relations that come before the deals. */
static void begin_reader(const ph_open_store *from, ph_history *history, bool quotas, joined_reader *to) {
  ph_status *status = from->status;
  ph_byte_reader bytes = ph_byte_reader_of(from->head_bytes, from->head_size);
  *to = (joined_reader){.history = history};
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

/* The bytes of a block row: number, checksum, data from column 0 on. False, and a failure, where they are
** damaged. */
static bool open_block(const ph_open_store *from, sqlite3_stmt *row, ph_byte_reader *block) {
  const void *bytes = sqlite3_column_blob(row, 2);
  size_t size = (size_t)sqlite3_column_bytes(row, 2);
  uint64_t sum =
      ph_store_row_sum(from->generation, PH_SCOPE_COUNT, sqlite3_column_int64(row, 0), bytes, size);
  *block = ph_byte_reader_of(bytes, size);
  if (bytes != NULL && sum == (uint64_t)sqlite3_column_int64(row, 1)) return true;
  ph_fail(from->status, damaged_block);
  return false;
}

static void bind_id(sqlite3_stmt *statement, int parameter, const ph_stored_id *id) {
  if (id->is_text) {
    sqlite3_bind_text64(statement, parameter, id->text.text, id->text.length, SQLITE_STATIC, SQLITE_UTF8);
  } else {
    sqlite3_bind_int64(statement, parameter, id->integer);
  }
}

/* ------------------------------------------------------------------------------ all blocks, in two passes */

/* What a pass over all blocks does with a deal that did not change; its events are the next bytes. */
typedef struct block_pass {
  const ph_open_store *from;
  joined_reader *to;
  bool takes_events; /* else deals */
  size_t changed;    /* the first changed id that is not before the deal */
  size_t taken;      /* deals that are used */
} block_pass;

static bool is_changed(block_pass *pass, const ph_stored_id *id) {
  const ph_open_store *from = pass->from;
  while (pass->changed < from->changed_count && ph_stored_id_compare(&from->changed[pass->changed], id) < 0)
    pass->changed++;
  return pass->changed < from->changed_count && ph_stored_id_compare(&from->changed[pass->changed], id) == 0;
}

static void take_events(ph_reader *reader, uint32_t slot, ph_byte_reader *bytes, uint32_t name_count,
                        size_t count, ph_status *status) {
  ph_day last_day = 0;
  ph_event_row row;
  for (size_t event = 0; event < count && !bytes->damaged && ph_continue(status); event++) {
    ph_read_event(bytes, name_count, &row, &last_day);
    if (!bytes->damaged) ph_reader_take_event(reader, slot, &row, status);
  }
}

static void pass_deal(block_pass *pass, ph_byte_reader *block) {
  joined_reader *to = pass->to;
  ph_status *status = pass->from->status;
  ph_deal_row row;
  ph_stored_events events;
  ph_read_deal(block, to->name_count, &row, &events);
  ph_stored_id id = ph_stored_id_of(&row);
  const unsigned char *bytes = ph_read_bytes(block, events.bytes);
  if (block->damaged || is_changed(pass, &id)) return;
  if (!pass->takes_events) {
    ph_reader_take_deal(to->reader, &row, status);
  } else if (row.is_used) {
    ph_byte_reader own = ph_byte_reader_of(bytes, events.bytes);
    take_events(to->reader, ph_reader_slot(to->reader, pass->taken), &own, to->name_count, events.count,
                status);
    if (own.damaged || own.at != own.end) block->damaged = true;
  }
  pass->taken += row.is_used;
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
    if (sqlite3_column_int64(row, 0) != ++count) ph_fail(status, "a block is missing: refresh it");
    if (!open_block(from, row, &block)) break;
    ph_block_head head = ph_read_block_head(&block);
    for (uint32_t id = 0; id < head.id_count && !block.damaged && ph_continue(status); id++)
      pass_deal(pass, &block);
    if (block.damaged || block.at != block.end) ph_fail(status, damaged_block);
  }
  ph_source_finalize(from->db, row, PH_STORE_BLOCK, status);
  if (count != pass->to->head.block_count) ph_fail(status, "a block is missing: refresh it");
}

/* ------------------------------------------------------------------------------ the rows of changed deals */

/* Of some deals, found in their blocks. */
typedef struct found_deal {
  unsigned char *bytes; /* a copy of its entry */
  size_t size;
} found_deal;

typedef struct found_deals {
  found_deal *deals;
  size_t count, capacity;
} found_deals;

static void end_found(const ph_open_store *from, found_deals *found) {
  for (size_t deal = 0; deal < found->count; deal++) ph_release(from->memory, found->deals[deal].bytes);
  ph_release(from->memory, found->deals);
}

static void keep_entry(const ph_open_store *from, found_deals *found, const unsigned char *bytes,
                       size_t size) {
  ph_status *status = from->status;
  if (!ph_reserve(status, (void **)&found->deals, &found->capacity, found->count + 1, sizeof *found->deals))
    return;
  unsigned char *copy = ph_allocate(status, size, 1);
  if (copy == NULL) return;
  memcpy(copy, bytes, size);
  found->deals[found->count++] = (found_deal){copy, size};
}

/* Whether an id is one of a block. The first block also stands for all ids before it. */
static bool is_of_block(const ph_block_head *head, const ph_stored_id *id, sqlite3_int64 number) {
  if (number != 1 && ph_stored_id_compare(id, &head->first) < 0) return false;
  return head->is_last || ph_stored_id_compare(id, &head->next) < 0;
}

/* Keeps the entries of a block that changed, from the changed id at *at on, and moves *at behind it. */
static void search_block(const ph_open_store *from, uint32_t name_count, sqlite3_stmt *row, size_t *at,
                         found_deals *found) {
  ph_status *status = from->status;
  ph_byte_reader block;
  if (!open_block(from, row, &block)) return;
  sqlite3_int64 number = sqlite3_column_int64(row, 0);
  ph_block_head head = ph_read_block_head(&block);
  if (block.damaged || !is_of_block(&head, &from->changed[*at], number)) {
    ph_fail(status, "a block is missing: refresh it");
    return;
  }
  for (uint32_t id = 0; id < head.id_count && !ph_failed(status); id++) {
    const unsigned char *entry = block.at;
    ph_deal_row deal;
    ph_stored_events events;
    ph_read_deal(&block, name_count, &deal, &events);
    ph_read_bytes(&block, events.bytes);
    if (block.damaged) {
      ph_fail(status, damaged_block);
      return;
    }
    ph_stored_id stored = ph_stored_id_of(&deal);
    while (*at < from->changed_count && ph_stored_id_compare(&from->changed[*at], &stored) < 0) ++*at;
    if (*at < from->changed_count && ph_stored_id_compare(&from->changed[*at], &stored) == 0)
      keep_entry(from, found, entry, (size_t)(block.at - entry));
  }
  while (*at < from->changed_count && is_of_block(&head, &from->changed[*at], number)) ++*at;
}

/* Finds what the blocks say of the deals that changed. */
static void find_changed(const ph_open_store *from, const joined_reader *to, found_deals *found) {
  ph_status *status = from->status;
  char *sql = sqlite3_mprintf(
      "SELECT block, checksum, data FROM \"%w\"." PH_STORE_BLOCK " WHERE block = ifnull((SELECT "
      "block FROM \"%w\"." PH_STORE_BLOCK " WHERE first_deal <= ? ORDER BY first_deal DESC "
      "LIMIT 1), 1)",
      from->schema, from->schema);
  sqlite3_stmt *row = ph_source_prepare(from->db, sql, PH_STORE_BLOCK, status);
  sqlite3_free(sql);
  for (size_t at = 0; at < from->changed_count && to->head.block_count > 0 && ph_continue(status);) {
    bind_id(row, 1, &from->changed[at]);
    if (sqlite3_step(row) == SQLITE_ROW) {
      search_block(from, to->name_count, row, &at, found);
    } else {
      ph_fail(status, "a block is missing: refresh it");
    }
    int code = sqlite3_reset(row);
    if (code != SQLITE_OK) ph_host_fail(status, from->db, code, PH_STORE_BLOCK);
  }
  sqlite3_finalize(row);
}

/* Gives a reader what the blocks say of the deals that changed: the deals, then, when it knows all, their
** events. */
static void take_found(const ph_open_store *from, joined_reader *to, const found_deals *found) {
  ph_status *status = from->status;
  for (int pass = 0; pass < 2; pass++) {
    size_t taken = 0;
    for (size_t at = 0; at < found->count && ph_continue(status); at++) {
      ph_byte_reader bytes = ph_byte_reader_of(found->deals[at].bytes, found->deals[at].size);
      ph_deal_row row;
      ph_stored_events events;
      ph_read_deal(&bytes, to->name_count, &row, &events);
      if (pass == 0) {
        ph_reader_take_deal(to->reader, &row, status);
      } else if (row.is_used) {
        take_events(to->reader, ph_reader_slot(to->reader, taken), &bytes, to->name_count, events.count,
                    status);
      }
      if (bytes.damaged) ph_fail(status, damaged_block);
      taken += row.is_used;
    }
    if (pass == 0 && !ph_failed(status)) ph_reader_deals_end(to->reader, status);
  }
}

/* Reads the rows of a relation that the sources have of the deals that changed. */
static void read_changed(const ph_open_store *from, joined_reader *to, ph_relation_name relation) {
  ph_source_ids ids = {from->changed_without_id && relation == PH_RELATION_DEAL, from->changed_count,
                       from->changed};
  ph_source_read_ids(from->db, from->sources, relation, &ids, &to->reading);
}

/* ---------------------------------------------------------------------------------------------- all deals */

static void load_deals(const ph_open_store *from, ph_pipeline *pipeline) {
  ph_status *status = from->status;
  ph_history *history = &pipeline->history;
  joined_reader to;
  begin_reader(from, history, true, &to);
  block_pass deals = {.from = from, .to = &to};
  if (!ph_failed(status)) pass_blocks(&deals);
  if (!from->changed_without_id) history->excluded_deals += to.head.rows_without_id;
  read_changed(from, &to, PH_RELATION_DEAL);
  if (!ph_failed(status)) ph_reader_deals_end(to.reader, status);
  block_pass events = {.from = from, .to = &to, .takes_events = true};
  if (!ph_failed(status)) pass_blocks(&events);
  read_changed(from, &to, PH_RELATION_EVENT);
  if (!ph_failed(status)) ph_reader_finish(to.reader, status);
  end_reader(from, &to);
}

/* ----------------------------------------------------------------------------------------------- the days */

/* What a pipeline keeps to ask slices. */
typedef struct stored_days {
  ph_connection *connection;
  const ph_memory *memory;
  ph_pipeline replaced;
  ph_stored_head head; /* without names */
  char *schema;
  uint64_t generation;
  uint32_t name_count;
  bool damaged;
  struct kept_slice {
    ph_scope scope;
    ph_day first;
    ph_day_index index;
  } * slices; /* the last ones that were asked for */
  size_t slice_count, slice_capacity, bytes;
} stored_days;

/* So many bytes of slices are kept for the next question. */
enum { MOST_SLICE_BYTES = 4 << 20 };

static void forget_slices(stored_days *days) {
  for (size_t at = 0; at < days->slice_count; at++) ph_day_index_end(&days->slices[at].index);
  days->slice_count = days->bytes = 0;
}

static void end_days(void *context) {
  stored_days *days = context;
  forget_slices(days);
  ph_release(days->memory, days->slices);
  if (days->replaced.history.memory != NULL) ph_pipeline_end(&days->replaced);
  sqlite3_free(days->schema);
  ph_release(days->memory, days);
}

static void fail_slice(stored_days *days, ph_status *status) {
  if (!ph_failed(status)) days->damaged = true;
  ph_fail(status, "a slice of the store is damaged");
}

/* Reads the row of a slice into an index. */
static void read_slice(stored_days *days, sqlite3_stmt *row, ph_scope scope, ph_day first,
                       ph_day_index *index, ph_status *status) {
  const void *bytes = sqlite3_column_blob(row, 1);
  size_t size = (size_t)sqlite3_column_bytes(row, 1);
  ph_byte_reader reader = ph_byte_reader_of(bytes, size);
  reader.damaged = bytes == NULL;
  bool sound =
      ph_store_row_sum(days->generation, scope, first, bytes, size) == (uint64_t)sqlite3_column_int64(row, 0);
  *index = (ph_day_index){.memory = NULL};
  if (!sound ||
      !ph_read_slice(&reader, first, PH_INTEGRITY_COUNTS, PH_INTEGRITY_SUMS, days->name_count, index, status))
    fail_slice(days, status);
}

/* Short memory and an interrupt are failures of the question; all other failures, of the slice. */
static void load_slice(stored_days *days, ph_scope scope, ph_day first, ph_day_index *index,
                       ph_status *status) {
  sqlite3 *db = days->connection->db;
  sqlite3_stmt *row = NULL;
  char *sql =
      sqlite3_mprintf("SELECT checksum, data FROM \"%w\"." PH_STORE_SLICE " WHERE scope = %Q AND day = %d",
                      days->schema, ph_scope_names[scope], first);
  int code = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &row, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  bool found = code == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW;
  if (found) read_slice(days, row, scope, first, index, status);
  if (code == SQLITE_OK) code = sqlite3_finalize(row);
  if (code == SQLITE_NOMEM || code == SQLITE_INTERRUPT) {
    ph_host_fail(status, db, code, PH_STORE_SLICE);
  } else if (code != SQLITE_OK || !found) {
    fail_slice(days, status);
  }
}

/* The first day of the slice that shows a day; PH_DAY_NONE where none does. */
static ph_day slice_of(const stored_days *days, ph_scope scope, ph_day day) {
  ph_day first = day / PH_SLICE_DAYS * PH_SLICE_DAYS;
  if (days->head.first_slice[scope] == PH_DAY_NONE || day < days->head.first_slice[scope]) return PH_DAY_NONE;
  return first < days->head.last_slice[scope] ? first : days->head.last_slice[scope];
}

static const ph_day_index *integrity_on(void *context, ph_scope scope, ph_day day, ph_status *status) {
  static const ph_day_index nothing = {.group_count = 0};
  stored_days *days = context;
  ph_day first = slice_of(days, scope, day);
  if (first == PH_DAY_NONE) return &nothing;
  for (size_t at = 0; at < days->slice_count; at++)
    if (days->slices[at].scope == scope && days->slices[at].first == first) return &days->slices[at].index;
  if (days->bytes > MOST_SLICE_BYTES) forget_slices(days);
  if (!ph_reserve(status, (void **)&days->slices, &days->slice_capacity, days->slice_count + 1,
                  sizeof *days->slices))
    return NULL;
  struct kept_slice *slice = &days->slices[days->slice_count];
  *slice = (struct kept_slice){.scope = scope, .first = first};
  load_slice(days, scope, first, &slice->index, status);
  if (ph_failed(status)) {
    ph_day_index_end(&slice->index);
    return NULL;
  }
  days->bytes += ph_day_index_bytes(&slice->index);
  days->slice_count++;
  return &slice->index;
}

/* The currencies of the stored deals but those of which the blocks were read. */
static void find_currencies(const joined_reader *to, const ph_history *replaced, ph_currencies *currencies,
                            ph_status *status) {
  uint32_t *left = ph_allocate(status, to->name_count, sizeof *left);
  currencies->names = left;
  if (ph_failed(status)) return;
  for (uint32_t name = 0; name < to->name_count; name++) left[name] = to->head.currency_deals[name];
  for (size_t deal = 0; deal < replaced->deal_count; deal++)
    if (replaced->deals[deal].created != PH_DAY_NEVER) left[replaced->deals[deal].currency]--;
  for (uint32_t name = 1; name < to->name_count; name++)
    if (left[name] > 0) left[currencies->count++] = name;
}

/* Whether the facts of all deals are told by those of the store, of the deals that it has to give away, and
** of those that come for them. They are not where a deal that goes may be the only one to have been the
** first or the last. */
static bool facts_are_known(const ph_facts *stored, const ph_facts *gone, const ph_facts *come) {
#define FIRST_IS_KNOWN(name) (gone->name > stored->name || come->name <= stored->name)
#define LAST_IS_KNOWN(name) (gone->name < stored->name || come->name >= stored->name)
  return FIRST_IS_KNOWN(first_created) && LAST_IS_KNOWN(last_known) && FIRST_IS_KNOWN(first_stage_state) &&
         LAST_IS_KNOWN(newest) && FIRST_IS_KNOWN(evidence.touches_since) &&
         FIRST_IS_KNOWN(evidence.progress_since) && FIRST_IS_KNOWN(evidence.meetings_since) &&
         (gone->kinds & ~come->kinds) == 0;
}

/* Whether the slices say what they would say if they were made now. */
static bool slices_hold(const ph_stored_head *head, const ph_history *history) {
  bool given = ph_policy_day(&history->policy, PH_POLICY_DATA_UNTIL) != PH_DAY_NONE;
  bool same_newest = history->today < head->facts.next && history->today >= head->facts.newest;
  bool same_closings = history->data_until == head->data_until ||
                       (!head->facts.bounds_closings && history->data_until > head->data_until);
  return (given || same_newest) && same_closings && ph_rules_mark(history) == head->rules_mark;
}

/* Reads what the blocks say of the deals that changed, as a pipeline of its own. */
static void load_replaced(const ph_open_store *from, ph_pipeline *replaced, ph_facts *facts) {
  joined_reader to;
  found_deals found = {.count = 0};
  *facts = PH_NO_FACTS;
  begin_reader(from, &replaced->history, false, &to);
  if (!ph_failed(from->status)) find_changed(from, &to, &found);
  if (!ph_failed(from->status)) ph_reader_know(to.reader, &to.head.facts, ph_no_currencies());
  if (!ph_failed(from->status)) take_found(from, &to, &found);
  if (!ph_failed(from->status)) ph_reader_finish(to.reader, from->status);
  if (!ph_failed(from->status)) *facts = *ph_reader_facts(to.reader);
  end_found(from, &found);
  end_reader(from, &to);
  ph_pipeline_begin(replaced, from->status);
}

/* Reads the deals that changed from the sources. */
static void load_come(const ph_open_store *from, joined_reader *to, const ph_currencies *currencies) {
  ph_status *status = from->status;
  if (ph_failed(status)) return;
  ph_reader_know(to->reader, &to->head.facts, currencies);
  read_changed(from, to, PH_RELATION_DEAL);
  if (!ph_failed(status)) ph_reader_deals_end(to->reader, status);
  read_changed(from, to, PH_RELATION_EVENT);
  if (!ph_failed(status)) ph_reader_finish(to->reader, status);
}

static stored_days *new_days(const ph_open_store *from) {
  stored_days *days = ph_allocate_zeroed(from->status, 1, sizeof *days);
  if (days == NULL) return NULL;
  days->connection = from->connection;
  days->memory = days->replaced.memory = from->memory;
  days->generation = from->generation;
  days->schema = sqlite3_mprintf("%s", from->schema);
  if (days->schema == NULL) ph_fail_memory(from->status);
  return days;
}

/* False where slices cannot answer though nothing is wrong: then all deals are needed. */
static bool load_days(const ph_open_store *from, ph_pipeline *pipeline) {
  ph_status *status = from->status;
  ph_history *history = &pipeline->history;
  stored_days *days = new_days(from);
  ph_facts gone = PH_NO_FACTS;
  joined_reader to;
  ph_currencies currencies = {NULL, 0};
  if (days == NULL) return false;
  pipeline->stored = (ph_stored_days){days, integrity_on, NULL, end_days};
  if (from->changed_count > 0) {
    load_replaced(from, &days->replaced, &gone);
    pipeline->stored.replaced = &days->replaced;
  }
  begin_reader(from, history, true, &to);
  if (!ph_failed(status)) find_currencies(&to, &days->replaced.history, &currencies, status);
  load_come(from, &to, &currencies);
  bool known = false;
  if (!ph_failed(status)) {
    history->excluded_deals += to.head.excluded_deals - days->replaced.history.excluded_deals;
    if (from->changed_without_id) history->excluded_deals -= to.head.rows_without_id;
    known =
        facts_are_known(&to.head.facts, &gone, ph_reader_facts(to.reader)) && slices_hold(&to.head, history);
    days->head = to.head;
    days->head.names = NULL;
    days->head.currency_deals = NULL;
    days->name_count = to.name_count;
  }
  ph_release(from->memory, currencies.names);
  end_reader(from, &to);
  return known;
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
                            ph_pipeline *pipeline, ph_status *status) {
  ph_open_store from;
  ph_status inner = *status;
  ph_store_gift gift = PH_STORE_GAVE_NOTHING;
  if (ph_failed(status) || needs == PH_NEEDS_SOURCES) return gift;
  bool there = ph_store_open(&from, connection, sources, &inner);
  if (there || sources->schema == NULL) connection->store[0] = 0;
  if (there && !ph_failed(&inner)) ph_store_read_changes(&from);
  if (there && !ph_failed(&inner) && needs == PH_NEEDS_DAYS) {
    if (load_days(&from, pipeline)) gift = PH_STORE_GAVE_DAYS;
    if (gift == PH_STORE_GAVE_NOTHING) clear_pipeline(pipeline);
  }
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

bool ph_store_distrust(ph_connection *connection, const ph_pipeline *pipeline) {
  const stored_days *days = pipeline->stored.context;
  if (days == NULL || !days->damaged) return false;
  connection->distrusted_store = days->generation;
  return true;
}

/* Looks at the checksums of a shadow table, of whose rows there must be so many. */
static void look_at_rows(const ph_open_store *from, const char *columns, const char *table, bool are_blocks,
                         int64_t most) {
  ph_status *status = from->status;
  const char *damaged = are_blocks ? damaged_block : "a slice is damaged: refresh it";
  char *sql = sqlite3_mprintf("SELECT %s FROM \"%w\".%s", columns, from->schema, table);
  sqlite3_stmt *row = ph_source_prepare(from->db, sql, table, status);
  sqlite3_free(sql);
  int64_t count = 0;
  for (; row != NULL && sqlite3_step(row) == SQLITE_ROW && ph_continue_after(status, 64); count++) {
    int64_t kind = are_blocks ? PH_SCOPE_COUNT : 0;
    const char *scope = (const char *)sqlite3_column_text(row, 3);
    while (kind < PH_SCOPE_COUNT && (scope == NULL || strcmp(scope, ph_scope_names[kind]) != 0)) kind++;
    uint64_t sum = ph_store_row_sum(from->generation, kind, sqlite3_column_int64(row, 0),
                                    sqlite3_column_blob(row, 2), (size_t)sqlite3_column_bytes(row, 2));
    if (sum != (uint64_t)sqlite3_column_int64(row, 1)) ph_fail(status, "%s", damaged);
  }
  ph_source_finalize(from->db, row, table, status);
  if (count != most) ph_fail(status, "%s", damaged);
}

static int64_t count_slices(const ph_stored_head *head) {
  int64_t count = 0;
  for (int scope = 0; scope < PH_SCOPE_COUNT; scope++)
    if (head->first_slice[scope] != PH_DAY_NONE)
      count += (head->last_slice[scope] - head->first_slice[scope]) / PH_SLICE_DAYS + 1;
  return count;
}

/* Looks at everything by which a store may not be used. */
static void look_at_store(const ph_open_store *from) {
  ph_history history;
  joined_reader to;
  begin_reader(from, &history, false, &to);
  if (!ph_failed(from->status))
    look_at_rows(from, "block, checksum, data, NULL", PH_STORE_BLOCK, true, to.head.block_count);
  if (!ph_failed(from->status))
    look_at_rows(from, "day, checksum, data, scope", PH_STORE_SLICE, false, count_slices(&to.head));
  end_reader(from, &to);
  ph_history_end(&history);
}

bool ph_store_look(ph_connection *connection, const ph_sources *sources, ph_status *status) {
  ph_open_store from;
  ph_status inner = *status;
  connection->store[0] = 0;
  if (ph_failed(status)) return false;
  bool there = ph_store_open(&from, connection, sources, &inner);
  if (there && !ph_failed(&inner)) ph_store_read_changes(&from);
  if (there && !ph_failed(&inner)) look_at_store(&from);
  if (ph_failed(&inner)) note_failure(connection, there, &inner, status);
  ph_store_end(&from);
  return !there || !ph_failed(&inner);
}
