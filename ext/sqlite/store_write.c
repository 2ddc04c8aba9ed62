/*
** Fills the shadow tables of the store. See store_internal.h.
**
** The rows that a reader read are written down by deal_id before they become a history; then the history's
** sums by day.
*/
#include "functions.h"
#include "store_writer.h"

#include "../store/day_slice.h"
#include "../store/owner_list.h"

/* -------------------------------------------------------------------------------------- the shadow tables */

static const char ROW_MAKER[] = "pipeline_store";

static void make_row(ph_row_maker *maker, int64_t number) {
  if (maker->made == number || !ph_continue_after(maker->status, PH_BLOCK_IDS)) return;
  maker->made = number;
  maker->bytes.count = 0;
  maker->make(maker, number);
}

void ph_stored_row(sqlite3_context *context, int count, sqlite3_value **values) {
  enum { FIRST_DEAL, KEY, CHECKSUM };
  ph_row_maker *maker = sqlite3_value_pointer(values[0], ROW_MAKER);
  (void)count;
  if (maker == NULL) {
    sqlite3_result_error(context, "pipeline_health_stored: it fills a store and is not for use in SQL", -1);
    return;
  }
  make_row(maker, sqlite3_value_int64(values[1]));
  const unsigned char *bytes = maker->bytes.bytes;
  size_t size = maker->bytes.count;
  if (ph_failed(maker->status)) {
    ph_host_result_status(context, maker->status);
    return;
  }
  switch (sqlite3_value_int(values[2])) {
  case FIRST_DEAL:
    if (maker->first.is_text) {
      sqlite3_result_text64(context, maker->first.text.text, maker->first.text.length, SQLITE_TRANSIENT,
                            SQLITE_UTF8);
    } else {
      sqlite3_result_int64(context, maker->first.integer);
    }
    break;
  case KEY: sqlite3_result_int64(context, maker->key); break;
  case CHECKSUM:
    sqlite3_result_int64(context, (sqlite3_int64)ph_store_row_sum(maker->to->generation, maker->kind,
                                                                  maker->key, bytes, size));
    break;
  default: sqlite3_result_blob64(context, bytes, size, SQLITE_TRANSIENT); break;
  }
}

void ph_store_put_rows(ph_row_maker *maker, const char *verb, const char *table, const char *values,
                       int64_t count) {
  const ph_store_output *to = maker->to;
  ph_status *status = maker->status;
  char *sql =
      sqlite3_mprintf("%s INTO \"%w\".%s WITH RECURSIVE n(i) AS (SELECT 1 WHERE ?2 > 0 UNION ALL SELECT "
                      "i + 1 FROM n WHERE i < ?2) SELECT %s FROM n",
                      verb, to->schema, table, values);
  sqlite3_stmt *statement = ph_source_prepare(to->db, sql, table, status);
  sqlite3_free(sql);
  if (statement == NULL) return;
  sqlite3_bind_pointer(statement, 1, maker, ROW_MAKER, NULL);
  sqlite3_bind_int64(statement, 2, count);
  sqlite3_step(statement);
  ph_source_finalize(to->db, statement, table, status);
  ph_byte_writer_end(&maker->bytes, status->memory);
}

void ph_store_put_slices(ph_row_maker *maker, const char *verb, int64_t count) {
  char *values =
      sqlite3_mprintf("%Q, " PH_STORED_KEY ", " PH_STORED_SUM_AND_DATA, ph_slice_kind_names[maker->kind]);
  if (values == NULL) ph_fail_memory(maker->status);
  if (!ph_failed(maker->status)) ph_store_put_rows(maker, verb, PH_STORE_SLICE, values, count);
  sqlite3_free(values);
}

/* ------------------------------------------------------------------------------------------------ filling */

/* The blocks that are made of rows, in the order of ids. */
typedef struct block_source {
  const ph_written_rows *read;
  const uint32_t *order;
} block_source;

static void make_block(ph_row_maker *maker, int64_t number) {
  const block_source *from = maker->context;
  const ph_written_rows *read = from->read;
  ph_status *status = maker->status;
  size_t first = (size_t)(number - 1) * PH_BLOCK_IDS;
  size_t end = first + PH_BLOCK_IDS < read->deal_count ? first + PH_BLOCK_IDS : read->deal_count;
  ph_block_head head = {.first = read->deals[from->order[first]].id, .id_count = (uint32_t)(end - first)};
  head.is_last = end == read->deal_count;
  if (!head.is_last) head.next = read->deals[from->order[end]].id;
  ph_write_block_head(&maker->bytes, &head, status);
  for (size_t at = first; at < end; at++)
    ph_write_entry(&maker->bytes, read, &read->deals[from->order[at]], status);
  maker->first = head.first;
  maker->key = number;
}

/* Writes the blocks; returns how many. */
static uint32_t write_blocks(const ph_store_output *to, const ph_written_rows *read, ph_status *status) {
  uint32_t *order = ph_written_rows_order(read, status);
  block_source from = {read, order};
  ph_row_maker maker = {
      .make = make_block, .context = &from, .status = status, .to = to, .kind = PH_SUM_OF_BLOCK};
  size_t count = (read->deal_count + PH_BLOCK_IDS - 1) / PH_BLOCK_IDS;
  ph_store_put_rows(&maker, "INSERT", PH_STORE_BLOCK, "i, " PH_STORED_FIRST_DEAL ", " PH_STORED_SUM_AND_DATA,
                    (int64_t)count);
  ph_release(status->memory, order);
  return (uint32_t)count;
}

typedef struct slice_source {
  const ph_day_index *index;
  ph_day first;
} slice_source;

static void make_slice(ph_row_maker *maker, int64_t number) {
  const slice_source *from = maker->context;
  maker->key = from->first + (number - 1) * PH_SLICE_DAYS;
  ph_write_slice(&maker->bytes, from->index, (ph_day)maker->key, maker->status);
}

/* Notes the slices of a kind in the head and inserts them. */
static void insert_slices(ph_row_maker *maker, ph_day first, size_t count, ph_stored_head *head) {
  head->first_slice[maker->kind] = first;
  head->last_slice[maker->kind] = first + (ph_day)(count - 1) * PH_SLICE_DAYS;
  ph_store_put_slices(maker, "INSERT", (int64_t)count);
}

static void write_scope(const ph_store_output *to, const ph_day_index *index, ph_scope scope,
                        ph_stored_head *head, ph_status *status) {
  ph_day first = PH_DAY_NONE, last = PH_DAY_NONE;
  if (!ph_slices_of(index, &first, &last)) return;
  slice_source from = {index, first};
  ph_row_maker maker = {.make = make_slice,
                        .context = &from,
                        .status = status,
                        .to = to,
                        .kind = PH_SLICES_OF_INTEGRITY + (int)scope};
  insert_slices(&maker, first, (size_t)((last - first) / PH_SLICE_DAYS) + 1, head);
}

/* Slices that are ready. */
typedef struct ready_source {
  const ph_byte_writer *slices;
  ph_day first;
} ready_source;

static void make_ready_slice(ph_row_maker *maker, int64_t number) {
  const ready_source *from = maker->context;
  const ph_byte_writer *slice = &from->slices[number - 1];
  maker->key = from->first + (number - 1) * PH_SLICE_DAYS;
  ph_write_written(&maker->bytes, slice, 0, slice->count, maker->status);
}

void ph_store_insert_slices(const ph_store_output *to, int kind, ph_day first, const ph_byte_writer *slices,
                            size_t count, ph_stored_head *head, ph_status *status) {
  ready_source from = {slices, first};
  ph_row_maker maker = {.make = make_ready_slice, .context = &from, .status = status, .to = to, .kind = kind};
  if (count > 0) insert_slices(&maker, first, count, head);
}

/* Those of all deals come last, as the sums of the teams. */
static void write_slices(const ph_store_output *to, ph_pipeline *pipeline, ph_stored_head *head,
                         ph_status *status) {
  for (int scope = PH_SCOPE_COUNT - 1; scope >= 0 && !ph_failed(status); scope--) {
    const ph_day_index *index = ph_pipeline_integrity(pipeline, (ph_scope)scope, status);
    if (ph_failed(status)) return;
    write_scope(to, index, (ph_scope)scope, head, status);
    if (scope != PH_SCOPE_TEAM) ph_day_index_end(&pipeline->integrity[scope]);
  }
  ph_day_index_end(&pipeline->integrity[PH_SCOPE_TEAM]);
}

typedef struct owner_source {
  const ph_owner_stays *stays;
  const uint32_t *owners;
} owner_source;

static void make_owner(ph_row_maker *maker, int64_t number) {
  const owner_source *from = maker->context;
  maker->key = from->owners[number - 1];
  ph_write_stays(&maker->bytes, from->stays, from->owners[number - 1], maker->status);
}

/* Writes the lists of the owners. */
static void write_owners(const ph_store_output *to, ph_pipeline *pipeline, ph_stored_head *head,
                         ph_status *status) {
  uint32_t names = pipeline->history.names.count;
  int64_t count = 0;
  ph_owner_stays stays = {.memory = status->memory};
  ph_pipeline_order(pipeline, status);
  if (!ph_failed(status)) ph_owner_stays_begin(&stays, &pipeline->history, pipeline->order.deals, status);
  uint32_t *owners = ph_allocate(status, names, sizeof *owners);
  head->owner_stays = ph_allocate(status, names, sizeof *head->owner_stays);
  for (uint32_t name = 0; name < names && !ph_failed(status); name++) {
    head->owner_stays[name] = ph_owner_stay_count(&stays, name);
    if (head->owner_stays[name] > 0) owners[count++] = name;
  }
  owner_source from = {&stays, owners};
  ph_row_maker maker = {
      .make = make_owner, .context = &from, .status = status, .to = to, .kind = PH_SUM_OF_OWNER};
  if (!ph_failed(status))
    ph_store_put_rows(&maker, "INSERT", PH_STORE_OWNER, PH_STORED_KEY ", " PH_STORED_SUM_AND_DATA, count);
  ph_release(status->memory, owners);
  ph_owner_stays_end(&stays);
}

void ph_store_count_currencies(const ph_history *history, int sign, uint32_t *currency_deals) {
  for (size_t deal = 0; deal < history->deal_count; deal++)
    if (history->deals[deal].created != PH_DAY_NEVER)
      currency_deals[history->deals[deal].currency] += (uint32_t)sign;
}

void ph_store_head_of(const ph_history *history, ph_stored_head *head) {
  head->zone_mark = ph_zone_mark(&history->zone);
  head->rules_mark = ph_rules_mark(history);
  head->today = history->today;
  head->data_until = history->data_until;
  head->excluded_deals = history->excluded_deals;
  sqlite3_randomness(sizeof head->edition, &head->edition);
}

void ph_store_put_head(const ph_store_output *to, const ph_store_place *at, const ph_stored_head *head,
                       sqlite3_stmt *statement, ph_status *status) {
  ph_byte_writer bytes = {0};
  ph_write_head(&bytes, head, status);
  uint64_t mark = ph_store_schema_mark(to->db, at, status);
  uint64_t sum = ph_store_row_sum(to->generation, PH_STORE_VERSION, (int64_t)mark, bytes.bytes, bytes.count);
  if (!ph_failed(status)) {
    const int64_t numbers[] = {PH_STORE_VERSION,        head->deal_count, (int64_t)head->event_count,
                               (int64_t)to->generation, (int64_t)mark,    (int64_t)sum};
    for (int number = 0; number < 6; number++) sqlite3_bind_int64(statement, number + 1, numbers[number]);
    sqlite3_bind_blob64(statement, 7, bytes.bytes, bytes.count, SQLITE_STATIC);
    sqlite3_step(statement);
  }
  ph_source_finalize(to->db, statement, PH_STORE_HEAD, status);
  ph_byte_writer_end(&bytes, status->memory);
}

/* Makes the table of the head with its row, by one statement: a store is there from then on. */
static void write_head(const ph_store_output *to, const ph_store_place *at, const ph_stored_head *head,
                       ph_status *status) {
  char *sql =
      sqlite3_mprintf("CREATE TABLE \"%w\"." PH_STORE_HEAD
                      " AS SELECT ?1 AS version, datetime('now') AS made_at, %Q AS deals, %Q AS events, "
                      "?2 AS deal_count, ?3 AS event_count, ?4 AS generation, ?5 AS schema_mark, "
                      "?6 AS checksum, ?7 AS data",
                      to->schema, at->deal, at->event);
  sqlite3_stmt *statement = ph_source_prepare(to->db, sql, PH_STORE_HEAD, status);
  sqlite3_free(sql);
  ph_store_put_head(to, at, head, statement, status);
}

/* Reads the sources into the pipeline's history, and on the way their rows. */
static void read_sources(ph_connection *connection, const ph_sources *sources, ph_pipeline *pipeline,
                         ph_written_rows *read, ph_stored_head *head, ph_status *status) {
  ph_history *history = &pipeline->history;
  ph_reader *reader = ph_reader_begin(history, ph_connection_now(connection), status);
  ph_reading reading = ph_source_reading(connection->db, &connection->reading, reader, history, status);
  ph_source_read_settings(connection->db, sources, true, &reading);
  ph_source_read_deals_and_events(connection->db, sources, &reading);
  if (!ph_failed(status)) {
    ph_written_rows_take(read, reader, status);
    head->rows_without_id = read->without_id;
    ph_reader_finish(reader, status);
    head->facts = *ph_reader_facts(reader);
  }
  ph_reader_end(reader);
  ph_pipeline_begin(pipeline, status);
}

void ph_store_fill(ph_connection *connection, const ph_sources *sources, const ph_store_place *at,
                   ph_status *status) {
  ph_pipeline pipeline = {.memory = status->memory};
  ph_stored_head head = {.names = &pipeline.history.names};
  ph_written_rows read = {.deal_count = 0};
  ph_store_output to = {.db = connection->db, .schema = at->schema};
  sqlite3_randomness(sizeof to.generation, &to.generation);
  read_sources(connection, sources, &pipeline, &read, &head, status);
  if (!ph_failed(status)) head.block_count = write_blocks(&to, &read, status);
  head.event_count = ph_written_event_count(&read);
  ph_written_rows_end(&read, status->memory);
  if (!ph_failed(status)) {
    const ph_history *history = &pipeline.history;
    ph_store_head_of(history, &head);
    head.deal_count = (uint32_t)history->deal_count;
    head.currency_deals = ph_allocate_zeroed(status, history->names.count, sizeof *head.currency_deals);
    if (!ph_failed(status)) ph_store_count_currencies(history, 1, head.currency_deals);
    for (int kind = 0; kind < PH_SLICE_KINDS; kind++)
      head.first_slice[kind] = head.last_slice[kind] = PH_DAY_NONE;
    write_slices(&to, &pipeline, &head, status);
    ph_store_write_claims(&to, &pipeline, &head, status);
    write_owners(&to, &pipeline, &head, status);
    write_head(&to, at, &head, status);
  }
  ph_stored_head_end(&head, status->memory);
  ph_pipeline_end(&pipeline);
}
