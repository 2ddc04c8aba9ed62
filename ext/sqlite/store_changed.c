/*
** The deals of a store that changed: what its blocks say of them, what the sources say, and what both say of
** all deals. See store_reader.h.
*/
#include "store_reader.h"

#include <string.h>

static void bind_id(sqlite3_stmt *statement, int parameter, const ph_stored_id *id) {
  if (id->is_text) {
    sqlite3_bind_text64(statement, parameter, id->text.text, id->text.length, SQLITE_STATIC, SQLITE_UTF8);
  } else {
    sqlite3_bind_int64(statement, parameter, id->integer);
  }
}

/* ------------------------------------------------------------------------------ the rows of changed deals */

void ph_store_end_found(const ph_open_store *from, ph_found_deals *found) {
  for (size_t deal = 0; deal < found->count; deal++) ph_release(from->memory, found->deals[deal].bytes);
  ph_release(from->memory, found->deals);
}

static void keep_entry(const ph_open_store *from, ph_found_deals *found, const unsigned char *bytes,
                       size_t size) {
  ph_status *status = from->status;
  if (!ph_reserve(status, (void **)&found->deals, &found->capacity, found->count + 1, sizeof *found->deals))
    return;
  unsigned char *copy = ph_allocate(status, size, 1);
  if (copy == NULL) return;
  memcpy(copy, bytes, size);
  found->deals[found->count++] = (ph_found_deal){copy, size};
}

/* Whether an id is one of a block. The first block also stands for all ids before it. */
static bool is_of_block(const ph_block_head *head, const ph_stored_id *id, sqlite3_int64 number) {
  if (number != 1 && ph_stored_id_compare(id, &head->first) < 0) return false;
  return head->is_last || ph_stored_id_compare(id, &head->next) < 0;
}

/* Visits the block of a row, which has the id at `at`; the first id behind its range. */
static size_t visit_block(const ph_open_store *from, sqlite3_stmt *row, const ph_stored_id *ids, size_t count,
                          size_t at, ph_visit_block *visit, void *context) {
  ph_status *status = from->status;
  ph_byte_reader block;
  size_t end = at;
  if (!ph_store_open_row(from->generation, row, PH_SUM_OF_BLOCK, &block))
    ph_fail(status, "%s", ph_store_damaged_block);
  if (ph_failed(status)) return end;
  sqlite3_int64 number = sqlite3_column_int64(row, 0);
  ph_block_head head = ph_read_block_head(&block);
  while (!block.damaged && end < count && is_of_block(&head, &ids[end], number)) end++;
  if (end == at) {
    ph_fail(status, "%s", ph_store_missing_block);
  } else {
    visit(context, number, &head, &block, at, end);
    if (block.damaged) ph_fail(status, "%s", ph_store_damaged_block);
  }
  return end;
}

void ph_store_visit_blocks(const ph_open_store *from, const ph_joined_reader *to, const ph_stored_id *ids,
                           size_t count, ph_visit_block *visit, void *context) {
  ph_status *status = from->status;
  char *sql = sqlite3_mprintf(
      "SELECT block, checksum, data FROM \"%w\"." PH_STORE_BLOCK " WHERE block = ifnull((SELECT "
      "block FROM \"%w\"." PH_STORE_BLOCK " WHERE first_deal <= ? ORDER BY first_deal DESC "
      "LIMIT 1), 1)",
      from->schema, from->schema);
  sqlite3_stmt *row = ph_source_prepare(from->db, sql, PH_STORE_BLOCK, status);
  sqlite3_free(sql);
  for (size_t at = 0; at < count && to->head.block_count > 0 && ph_continue(status);) {
    bind_id(row, 1, &ids[at]);
    if (sqlite3_step(row) == SQLITE_ROW) {
      at = visit_block(from, row, ids, count, at, visit, context);
    } else {
      ph_fail(status, "%s", ph_store_missing_block);
    }
    int code = sqlite3_reset(row);
    if (code != SQLITE_OK) ph_host_fail(status, from->db, code, PH_STORE_BLOCK);
  }
  sqlite3_finalize(row);
}

/* Deals that are looked for, by ascending ids. */
typedef struct wanted_ids {
  const ph_open_store *from;
  uint32_t name_count;
  const ph_stored_id *ids;
  ph_found_deals *found;
} wanted_ids;

/* Keeps the entries of a block that are wanted. */
static void search_block(void *context, sqlite3_int64 number, const ph_block_head *head,
                         ph_byte_reader *block, size_t at, size_t end) {
  const wanted_ids *wanted = context;
  const ph_stored_id *ids = wanted->ids;
  ph_stored_id stored = {.integer = 0}, before;
  (void)number;
  for (uint32_t id = 0; id < head->id_count && !ph_failed(wanted->from->status); id++) {
    const unsigned char *entry = block->at;
    ph_deal_row deal;
    ph_stored_events events;
    ph_read_deal(block, wanted->name_count, &deal, &events);
    ph_read_bytes(block, events.bytes);
    before = stored;
    stored = ph_stored_id_of(&deal);
    if (!ph_block_may_have(head, id > 0 ? &before : NULL, &stored)) block->damaged = true;
    if (block->damaged) return;
    while (at < end && ph_stored_id_compare(&ids[at], &stored) < 0) at++;
    if (at < end && ph_stored_id_compare(&ids[at], &stored) == 0)
      keep_entry(wanted->from, wanted->found, entry, (size_t)(block->at - entry));
  }
}

void ph_store_find_deals(const ph_open_store *from, const ph_joined_reader *to, const ph_stored_id *ids,
                         size_t count, ph_found_deals *found) {
  wanted_ids wanted = {from, to->name_count, ids, found};
  ph_store_visit_blocks(from, to, ids, count, search_block, &wanted);
}

/* Reads the deal at an index of those that were found; the reader of bytes then stands at its events. */
static ph_deal_row read_found(const ph_open_store *from, const ph_joined_reader *to,
                              const ph_found_deal *found, ph_byte_reader *bytes, ph_stored_events *events) {
  ph_deal_row row;
  *bytes = ph_byte_reader_of(found->bytes, found->size);
  ph_read_deal(bytes, to->name_count, &row, events);
  if (bytes->damaged) ph_fail(from->status, "%s", ph_store_damaged_block);
  return row;
}

void ph_store_take_found(const ph_open_store *from, ph_joined_reader *to, const ph_found_deals *found) {
  for (size_t at = 0; at < found->count && ph_continue(from->status); at++) {
    ph_byte_reader bytes;
    ph_stored_events events;
    ph_deal_row row = read_found(from, to, &found->deals[at], &bytes, &events);
    ph_reader_take_deal(to->reader, &row, from->status);
  }
}

void ph_store_take_found_events(const ph_open_store *from, ph_joined_reader *to,
                                const ph_found_deals *found) {
  size_t taken = 0;
  for (size_t at = 0; at < found->count && ph_continue(from->status); at++) {
    ph_byte_reader bytes;
    ph_stored_events events;
    ph_deal_row row = read_found(from, to, &found->deals[at], &bytes, &events);
    if (!row.is_used || ph_failed(from->status)) continue;
    ph_store_take_events(to->reader, ph_reader_slot(to->reader, taken++), &bytes, to->name_count,
                         events.count, from->status);
    if (bytes.damaged) ph_fail(from->status, "%s", ph_store_damaged_block);
  }
}

void ph_store_read_changed(const ph_open_store *from, ph_joined_reader *to, ph_relation_name relation) {
  ph_source_ids ids = {from->changed_without_id && relation == PH_RELATION_DEAL, from->changed_count,
                       from->changed};
  ph_source_read_ids(from->db, from->sources, relation, &ids, &to->reading);
}

/* The currencies of the stored deals but for those of which the blocks were read. */
static void find_currencies(const ph_joined_reader *to, const ph_history *replaced, ph_currencies *currencies,
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

bool ph_store_facts_are_known(const ph_facts *stored, const ph_facts *gone, const ph_facts *come) {
#define FIRST_IS_KNOWN(name) (gone->name > stored->name || come->name <= stored->name)
#define LAST_IS_KNOWN(name) (gone->name < stored->name || come->name >= stored->name)
  return FIRST_IS_KNOWN(first_created) && LAST_IS_KNOWN(last_known) && FIRST_IS_KNOWN(first_stage_state) &&
         LAST_IS_KNOWN(newest) && FIRST_IS_KNOWN(evidence.touches_since) &&
         FIRST_IS_KNOWN(evidence.progress_since) && FIRST_IS_KNOWN(evidence.meetings_since) &&
         (gone->kinds & ~come->kinds) == 0;
}

void ph_store_load_replaced(const ph_open_store *from, ph_pipeline *replaced, ph_facts *facts) {
  ph_joined_reader to;
  ph_found_deals found = {.count = 0};
  *facts = PH_NO_FACTS;
  ph_store_begin_reader(from, &replaced->history, false, &to);
  if (!ph_failed(from->status)) ph_store_find_deals(from, &to, from->changed, from->changed_count, &found);
  if (!ph_failed(from->status)) ph_reader_know(to.reader, &to.head.facts, ph_no_currencies());
  if (!ph_failed(from->status)) ph_store_take_found(from, &to, &found);
  if (!ph_failed(from->status)) ph_reader_deals_end(to.reader, from->status);
  if (!ph_failed(from->status)) ph_store_take_found_events(from, &to, &found);
  if (!ph_failed(from->status)) ph_reader_finish(to.reader, from->status);
  if (!ph_failed(from->status)) *facts = *ph_reader_facts(to.reader);
  ph_store_end_found(from, &found);
  ph_store_end_reader(from, &to);
  ph_pipeline_begin(replaced, from->status);
}

void ph_store_load_come(const ph_open_store *from, ph_joined_reader *to, const ph_history *replaced,
                        const ph_found_deals *also, ph_written_rows *rows) {
  ph_status *status = from->status;
  ph_currencies currencies = {NULL, 0};
  if (!ph_failed(status)) find_currencies(to, replaced, &currencies, status);
  if (!ph_failed(status)) {
    ph_reader_know(to->reader, &to->head.facts, &currencies);
    ph_store_take_found(from, to, also);
    ph_store_read_changed(from, to, PH_RELATION_DEAL);
  }
  if (!ph_failed(status)) {
    ph_reader_deals_end(to->reader, status);
    ph_store_take_found_events(from, to, also);
    ph_store_read_changed(from, to, PH_RELATION_EVENT);
  }
  if (!ph_failed(status) && rows != NULL) ph_written_rows_take(rows, to->reader, status);
  if (!ph_failed(status)) ph_reader_finish(to->reader, status);
  ph_release(from->memory, currencies.names);
}

void ph_store_count_excluded(const ph_open_store *from, const ph_joined_reader *to,
                             const ph_history *replaced) {
  to->history->excluded_deals += to->head.excluded_deals - replaced->excluded_deals;
  if (from->changed_without_id) to->history->excluded_deals -= to->head.rows_without_id;
}

bool ph_store_knows_newest(const ph_stored_head *head, const ph_history *history) {
  bool given = ph_policy_day(&history->policy, PH_POLICY_DATA_UNTIL) != PH_DAY_NONE;
  return given || (history->today < head->facts.next && history->today >= head->facts.newest);
}
