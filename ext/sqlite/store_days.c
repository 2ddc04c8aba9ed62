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
  ph_slices slices;
  const ph_memory *memory;
  ph_pipeline replaced;
  ph_stored_claims *claims;
  struct kept_slice {
    ph_scope scope;
    ph_day first;
    ph_day_index index;
  } * indexes; /* the last ones that were asked for */
  size_t index_count, index_capacity, bytes;
} stored_days;

/* So many bytes of slices are kept for the next question. */
enum { MOST_SLICE_BYTES = 4 << 20 };

static void forget_indexes(stored_days *days) {
  for (size_t at = 0; at < days->index_count; at++) ph_day_index_end(&days->indexes[at].index);
  days->index_count = days->bytes = 0;
}

static void end_days(void *context) {
  stored_days *days = context;
  forget_indexes(days);
  ph_release(days->memory, days->indexes);
  ph_stored_claims_end(days->claims);
  if (days->replaced.history.memory != NULL) ph_pipeline_end(&days->replaced);
  sqlite3_free(days->slices.schema);
  ph_release(days->memory, days);
}

/* ------------------------------------------------------------------------------------------------- slices */

ph_day ph_slices_first(const ph_slices *slices, int kind, ph_day day) {
  const ph_stored_head *head = &slices->head;
  ph_day first = day / PH_SLICE_DAYS * PH_SLICE_DAYS;
  if (head->first_slice[kind] == PH_DAY_NONE || day < head->first_slice[kind]) return PH_DAY_NONE;
  return first < head->last_slice[kind] ? first : head->last_slice[kind];
}

static void fail_slice(ph_slices *slices, ph_status *status) {
  if (!ph_failed(status)) slices->damaged = true;
  ph_fail(status, "a slice of the store is damaged");
}

static void read_row(ph_slices *slices, sqlite3_stmt *row, int kind, ph_read_slice_bytes *read, void *context,
                     ph_status *status) {
  ph_byte_reader bytes;
  if (!ph_store_open_row(slices->generation, row, kind, &bytes) || !read(context, &bytes, status))
    fail_slice(slices, status);
}

/* Short memory and an interrupt are failures of the question; all other failures, of the slice. */
void ph_slices_read(ph_slices *slices, int kind, ph_day first, ph_read_slice_bytes *read, void *context,
                    ph_status *status) {
  sqlite3 *db = slices->connection->db;
  sqlite3_stmt *row = NULL;
  char *sql = sqlite3_mprintf("SELECT day, checksum, data FROM \"%w\"." PH_STORE_SLICE
                              " WHERE scope = %Q AND day = %d",
                              slices->schema, ph_slice_kind_names[kind], first);
  int code = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &row, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  bool found = code == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW;
  if (found) read_row(slices, row, kind, read, context, status);
  if (code == SQLITE_OK) code = sqlite3_finalize(row);
  if (code == SQLITE_NOMEM || code == SQLITE_INTERRUPT) {
    ph_host_fail(status, db, code, PH_STORE_SLICE);
  } else if (code != SQLITE_OK || !found) {
    fail_slice(slices, status);
  }
}

/* ---------------------------------------------------------------------------------------------- integrity */

/* What a slice is read into. */
typedef struct index_reading {
  ph_day first;
  uint32_t name_count;
  ph_day_index *index;
} index_reading;

static bool read_index(void *context, ph_byte_reader *bytes, ph_status *status) {
  index_reading *to = context;
  return ph_read_slice(bytes, to->first, PH_INTEGRITY_COUNTS, PH_INTEGRITY_SUMS, to->name_count, to->index,
                       status);
}

void ph_slices_read_integrity(ph_slices *slices, ph_scope scope, ph_day first, ph_day_index *index,
                              ph_status *status) {
  index_reading to = {first, slices->name_count, index};
  ph_slices_read(slices, PH_SLICES_OF_INTEGRITY + (int)scope, first, read_index, &to, status);
}

static const ph_day_index *integrity_on(void *context, ph_scope scope, ph_day day, ph_status *status) {
  static const ph_day_index nothing = {.group_count = 0};
  stored_days *days = context;
  ph_day first = ph_slices_first(&days->slices, PH_SLICES_OF_INTEGRITY + (int)scope, day);
  if (first == PH_DAY_NONE) return &nothing;
  for (size_t at = 0; at < days->index_count; at++)
    if (days->indexes[at].scope == scope && days->indexes[at].first == first) return &days->indexes[at].index;
  if (days->bytes > MOST_SLICE_BYTES) forget_indexes(days);
  if (!ph_reserve(status, (void **)&days->indexes, &days->index_capacity, days->index_count + 1,
                  sizeof *days->indexes))
    return NULL;
  struct kept_slice *slice = &days->indexes[days->index_count];
  *slice = (struct kept_slice){.scope = scope, .first = first};
  ph_slices_read_integrity(&days->slices, scope, first, &slice->index, status);
  if (ph_failed(status)) {
    ph_day_index_end(&slice->index);
    return NULL;
  }
  days->bytes += ph_day_index_bytes(&slice->index);
  days->index_count++;
  return &slice->index;
}

bool ph_store_slices_hold(const ph_stored_head *head, const ph_history *history) {
  bool same_closings = history->data_until == head->data_until ||
                       (!head->facts.bounds_closings && history->data_until > head->data_until);
  return ph_store_knows_newest(head, history) && same_closings && ph_rules_mark(history) == head->rules_mark;
}

/* ------------------------------------------------------------------------------------------------ claims */

static void ask_claims(void *context) {
  ph_stored_claims_ask(((stored_days *)context)->claims);
}

static void add_claims(void *context, ph_scope scope, uint32_t group, ph_period period, ph_day day,
                       ph_claimed *claimed, ph_status *status) {
  ph_stored_claims_add(((stored_days *)context)->claims, scope, group, period, day, claimed, status);
}

static void add_wins(void *context, ph_scope scope, uint32_t group, ph_day from, ph_day to, ph_day day,
                     ph_money_sum *sum, ph_status *status) {
  ph_stored_wins_add(((stored_days *)context)->claims, scope, group, from, to, day, sum, status);
}

/* Whether every quota is for whole months; the periods before it then are, too. */
static bool quotas_have_months(const ph_history *history) {
  bool months = true;
  for (size_t at = 0; at < history->quota_count; at++) {
    ph_period period = ph_quota_period(&history->quotas[at]);
    months &= ph_first_day_of_month(ph_month_of(period.start)) == period.start &&
              ph_last_day_of_month(ph_month_of(period.end)) == period.end;
  }
  return months;
}

/* The claims of the deals that are taken away are parted by the same quotas. */
static void give_quotas(const ph_history *history, ph_history *replaced, ph_status *status) {
  replaced->quotas = ph_allocate(status, history->quota_count, sizeof *replaced->quotas);
  if (ph_failed(status)) return;
  for (size_t at = 0; at < history->quota_count; at++) replaced->quotas[at] = history->quotas[at];
  replaced->quota_count = history->quota_count;
}

/* --------------------------------------------------------------------------------------------- the way in */

static stored_days *new_days(const ph_open_store *from, ph_pipeline *pipeline) {
  stored_days *days = ph_allocate_zeroed(from->status, 1, sizeof *days);
  if (days == NULL) return NULL;
  pipeline->stored = (ph_stored_days){.context = days,
                                      .integrity = integrity_on,
                                      .ask = ask_claims,
                                      .claim = add_claims,
                                      .win = add_wins,
                                      .end = end_days};
  days->memory = days->replaced.memory = from->memory;
  days->slices.connection = from->connection;
  days->slices.generation = from->generation;
  days->slices.schema = sqlite3_mprintf("%s", from->schema);
  if (days->slices.schema == NULL) ph_fail_memory(from->status);
  days->claims = ph_stored_claims_new(&days->slices, from->status);
  return days;
}

bool ph_store_load_days(const ph_open_store *from, bool claims, ph_pipeline *pipeline) {
  ph_status *status = from->status;
  ph_history *history = &pipeline->history;
  const ph_found_deals none = {.count = 0};
  stored_days *days = new_days(from, pipeline);
  ph_facts gone = PH_NO_FACTS;
  ph_joined_reader to;
  bool known = false;
  if (days == NULL) return false;
  if (from->changed_count > 0) {
    ph_store_load_replaced(from, &days->replaced, &gone);
    pipeline->stored.replaced = &days->replaced;
  }
  ph_store_begin_reader(from, history, true, &to); /* quotas have currencies, too */
  ph_store_load_come(from, &to, &days->replaced.history, &none, NULL);
  if (!ph_failed(status)) {
    ph_store_count_excluded(from, &to, &days->replaced.history);
    known = ph_store_facts_are_known(&to.head.facts, &gone, ph_reader_facts(to.reader)) &&
            ph_store_slices_hold(&to.head, history);
    pipeline->stored.shows_claims = claims && to.head.shows_claims && quotas_have_months(history);
    if (claims && pipeline->stored.replaced != NULL) give_quotas(history, &days->replaced.history, status);
    days->slices.head = to.head;
    days->slices.head.names = NULL;
    days->slices.head.currency_deals = days->slices.head.owner_stays = NULL;
    days->slices.name_count = to.name_count;
  }
  ph_store_end_reader(from, &to);
  return known;
}

bool ph_store_distrust(ph_connection *connection, const ph_pipeline *pipeline) {
  const stored_days *days = pipeline->stored.context;
  if (days == NULL || !days->slices.damaged) return false;
  connection->distrusted_store = days->slices.generation;
  return true;
}
