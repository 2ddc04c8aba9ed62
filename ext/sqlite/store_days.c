/*
** Sums by day from a store. See store_reader.h.
**
** HOW IT WORKS. The history holds the deals that changed alone: their sums are added to those of a slice, and
** the sums of what the blocks say of the same deals are taken away.
*/
#include "store_reader.h"

#include "../measure/integrity_index.h"
#include "../store/day_slice.h"

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

/* Whether the slices say what they would say if they were made now. */
static bool slices_hold(const ph_stored_head *head, const ph_history *history) {
  bool same_closings = history->data_until == head->data_until ||
                       (!head->facts.bounds_closings && history->data_until > head->data_until);
  return ph_store_knows_newest(head, history) && same_closings && ph_rules_mark(history) == head->rules_mark;
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

bool ph_store_load_days(const ph_open_store *from, ph_pipeline *pipeline) {
  ph_status *status = from->status;
  ph_history *history = &pipeline->history;
  const ph_found_deals none = {.count = 0};
  stored_days *days = new_days(from);
  ph_facts gone = PH_NO_FACTS;
  ph_joined_reader to;
  bool known = false;
  if (days == NULL) return false;
  pipeline->stored = (ph_stored_days){days, integrity_on, NULL, end_days};
  if (from->changed_count > 0) {
    ph_store_load_replaced(from, &days->replaced, &gone);
    pipeline->stored.replaced = &days->replaced;
  }
  ph_store_begin_reader(from, history, true, &to);
  ph_store_load_come(from, &to, &days->replaced.history, &none);
  if (!ph_failed(status)) {
    history->excluded_deals += to.head.excluded_deals - days->replaced.history.excluded_deals;
    if (from->changed_without_id) history->excluded_deals -= to.head.rows_without_id;
    known = ph_store_facts_are_known(&to.head.facts, &gone, ph_reader_facts(to.reader)) &&
            slices_hold(&to.head, history);
    days->head = to.head;
    days->head.names = NULL;
    days->head.currency_deals = days->head.owner_stays = NULL;
    days->name_count = to.name_count;
  }
  ph_store_end_reader(from, &to);
  return known;
}

bool ph_store_distrust(ph_connection *connection, const ph_pipeline *pipeline) {
  const stored_days *days = pipeline->stored.context;
  if (days == NULL || !days->damaged) return false;
  connection->distrusted_store = days->generation;
  return true;
}
