/*
** Fills the shadow tables of the store. See store_internal.h.
**
** The rows that a reader read are written down by deal_id before they become a history; then the history's
** sums by day.
*/
#include "functions.h"
#include "store_writer.h"

#include "../base/sort.h"
#include "../store/day_slice.h"
#include "../store/owner_list.h"

#include <string.h>

/* Where the bytes of a deal's events are. */
typedef struct written_events {
  size_t first;
  ph_stored_events size;
} written_events;

/* A deal_id, and where its bytes are. */
typedef struct written_deal {
  ph_stored_id id;
  size_t first, bytes;
  uint32_t slot; /* of its events; PH_NO_SLOT */
} written_deal;

typedef struct slot_row {
  uint32_t slot;
  ph_event_row row;
} slot_row;

/* What a reader read, as bytes by deal. */
typedef struct rows {
  ph_byte_writer deal_bytes, event_bytes;
  written_deal *deals;
  size_t deal_count, deal_capacity;
  written_events *events; /* by slot */
  size_t slot_count, slot_capacity;
  slot_row *waiting; /* events of slots that are not complete */
  uint32_t *order;   /* of them, by slot */
  size_t waiting_count, waiting_capacity, order_capacity;
  uint64_t event_count;
} rows;

static void end_rows(rows *read, const ph_memory *memory) {
  ph_byte_writer_end(&read->deal_bytes, memory);
  ph_byte_writer_end(&read->event_bytes, memory);
  ph_release(memory, read->deals);
  ph_release(memory, read->events);
  ph_release(memory, read->waiting);
  ph_release(memory, read->order);
}

static void visit_deal(void *context, uint32_t slot, const ph_deal_row *row, ph_status *status) {
  rows *read = context;
  if (!ph_reserve(status, (void **)&read->deals, &read->deal_capacity, read->deal_count + 1,
                  sizeof *read->deals))
    return;
  written_deal *deal = &read->deals[read->deal_count++];
  *deal = (written_deal){.id = ph_stored_id_of(row), .first = read->deal_bytes.count, .slot = slot};
  ph_write_deal(&read->deal_bytes, row, status);
  deal->bytes = read->deal_bytes.count - deal->first;
}

/* The events that wait by slot, those of one slot as they came: a counting sort, for their slots lie close
** together. */
static void order_by_slot(rows *read, ph_status *status) {
  uint32_t lowest = PH_NO_SLOT, highest = 0;
  for (size_t at = 0; at < read->waiting_count; at++) {
    uint32_t slot = read->waiting[at].slot;
    if (slot < lowest) lowest = slot;
    if (slot > highest) highest = slot;
  }
  ph_reserve(status, (void **)&read->order, &read->order_capacity, read->waiting_count, sizeof *read->order);
  uint32_t *next = ph_allocate_zeroed(status, (size_t)(highest - lowest) + 2, sizeof *next);
  if (!ph_failed(status)) {
    for (size_t at = 0; at < read->waiting_count; at++) next[read->waiting[at].slot - lowest + 1]++;
    for (uint32_t slot = 0; slot <= highest - lowest; slot++) next[slot + 1] += next[slot];
    for (uint32_t at = 0; at < read->waiting_count; at++)
      read->order[next[read->waiting[at].slot - lowest]++] = at;
  }
  ph_release(status->memory, next);
}

/* Makes room for slots up to one. */
static bool reserve_slot(rows *read, uint32_t slot, ph_status *status) {
  if (slot < read->slot_count) return true;
  if (!ph_reserve(status, (void **)&read->events, &read->slot_capacity, (size_t)slot + 1,
                  sizeof *read->events))
    return false;
  memset(read->events + read->slot_count, 0, (slot + 1 - read->slot_count) * sizeof *read->events);
  read->slot_count = (size_t)slot + 1;
  return true;
}

/* Writes the events that wait. */
static void write_waiting(rows *read, ph_status *status) {
  ph_day last_day = 0;
  uint32_t slot = PH_NO_SLOT;
  if (read->waiting_count == 0) return;
  order_by_slot(read, status);
  for (size_t at = 0; at < read->waiting_count && ph_continue(status); at++) {
    const slot_row *event = &read->waiting[read->order[at]];
    if (event->slot != slot && !reserve_slot(read, event->slot, status)) return;
    written_events *events = &read->events[event->slot];
    if (event->slot != slot) {
      last_day = 0;
      slot = event->slot;
      events->first = read->event_bytes.count;
    }
    ph_write_event(&read->event_bytes, &event->row, &last_day, status);
    events->size.count++;
    events->size.bytes = read->event_bytes.count - events->first;
  }
  read->event_count += read->waiting_count;
  read->waiting_count = 0;
}

static void visit_event(void *context, uint32_t slot, const ph_event_row *row, ph_status *status) {
  rows *read = context;
  if (row == NULL) {
    write_waiting(read, status);
    return;
  }
  if (!ph_reserve(status, (void **)&read->waiting, &read->waiting_capacity, read->waiting_count + 1,
                  sizeof *read->waiting))
    return;
  read->waiting[read->waiting_count++] = (slot_row){slot, *row};
}

static int compare_ids(const void *context, uint32_t left, uint32_t right) {
  const rows *read = context;
  return ph_stored_id_compare(&read->deals[left].id, &read->deals[right].id);
}

/* -------------------------------------------------------------------------------------- the shadow tables */

/* The rows of one shadow table, which one INSERT takes: number after number is made, with a key and bytes. */
typedef struct row_maker row_maker;
struct row_maker {
  void (*make)(row_maker *maker, int64_t number); /* writes the bytes and sets the key */
  ph_status *status;
  const ph_store_output *to;
  int64_t made; /* the number of the row that stands in `bytes` */
  int64_t kind; /* of the checksum */
  ph_byte_writer bytes;
  int64_t key; /* of the checksum: the number, or a day */
  ph_stored_id first;
  const rows *read; /* of blocks */
  const uint32_t *order;
  const ph_byte_writer *slices; /* of slices that are ready */
  const ph_day_index *index;    /* of others */
  ph_day first_day;
  const ph_owner_stays *stays; /* of owners */
  const uint32_t *owners;
};

static const char ROW_MAKER[] = "pipeline_store";

static void write_entry(ph_byte_writer *block, const rows *read, const written_deal *deal,
                        ph_status *status) {
  static const written_events none = {0};
  ph_write_bytes(block, read->deal_bytes.bytes + deal->first, deal->bytes, status);
  if (deal->slot == PH_NO_SLOT) return;
  const written_events *events = deal->slot < read->slot_count ? &read->events[deal->slot] : &none;
  ph_write_event_count(block, events->size, status);
  ph_write_bytes(block, read->event_bytes.bytes + events->first, events->size.bytes, status);
}

static void make_block(row_maker *maker, int64_t number) {
  const rows *read = maker->read;
  ph_status *status = maker->status;
  size_t first = (size_t)(number - 1) * PH_BLOCK_IDS;
  size_t end = first + PH_BLOCK_IDS < read->deal_count ? first + PH_BLOCK_IDS : read->deal_count;
  ph_block_head head = {.first = read->deals[maker->order[first]].id, .id_count = (uint32_t)(end - first)};
  head.is_last = end == read->deal_count;
  if (!head.is_last) head.next = read->deals[maker->order[end]].id;
  ph_write_block_head(&maker->bytes, &head, status);
  for (size_t at = first; at < end; at++)
    write_entry(&maker->bytes, read, &read->deals[maker->order[at]], status);
  maker->first = head.first;
  maker->key = number;
}

static void make_slice(row_maker *maker, int64_t number) {
  maker->key = maker->first_day + (number - 1) * PH_SLICE_DAYS;
  ph_write_slice(&maker->bytes, maker->index, (ph_day)maker->key, maker->status);
}

static void make_ready_slice(row_maker *maker, int64_t number) {
  const ph_byte_writer *slice = &maker->slices[number - 1];
  maker->key = maker->first_day + (number - 1) * PH_SLICE_DAYS;
  ph_write_bytes(&maker->bytes, slice->bytes, slice->count, maker->status);
}

static void make_owner(row_maker *maker, int64_t number) {
  maker->key = maker->owners[number - 1];
  ph_write_stays(&maker->bytes, maker->stays, maker->owners[number - 1], maker->status);
}

static void make_row(row_maker *maker, int64_t number) {
  if (maker->made == number || !ph_continue_after(maker->status, PH_BLOCK_IDS)) return;
  maker->made = number;
  maker->bytes.count = 0;
  maker->make(maker, number);
}

void ph_stored_row(sqlite3_context *context, int count, sqlite3_value **values) {
  enum { FIRST_DEAL, KEY, CHECKSUM };
  row_maker *maker = sqlite3_value_pointer(values[0], ROW_MAKER);
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

/* Fills a shadow table by one statement, which is whole or not at all. `values` are SQL for the columns of
** row i. */
static void insert_rows(const ph_store_output *to, row_maker *maker, const char *table, const char *values,
                        int64_t count) {
  ph_status *status = maker->status;
  char *sql = sqlite3_mprintf(
      "INSERT INTO \"%w\".%s WITH RECURSIVE n(i) AS (SELECT 1 WHERE ?2 > 0 UNION ALL SELECT i + 1 "
      "FROM n WHERE i < ?2) SELECT %s FROM n",
      to->schema, table, values);
  sqlite3_stmt *statement = ph_source_prepare(to->db, sql, table, status);
  sqlite3_free(sql);
  if (statement == NULL) return;
  sqlite3_bind_pointer(statement, 1, maker, ROW_MAKER, NULL);
  sqlite3_bind_int64(statement, 2, count);
  sqlite3_step(statement);
  ph_source_finalize(to->db, statement, table, status);
  ph_byte_writer_end(&maker->bytes, status->memory);
}

#define STORED(column) "pipeline_health_stored(?1, i, " column ")"

/* Writes the blocks; returns how many. */
static uint32_t write_blocks(const ph_store_output *to, const rows *read, ph_status *status) {
  uint32_t *order = ph_sorted_indexes((uint32_t)read->deal_count, compare_ids, read, status);
  row_maker maker = {
      .make = make_block, .status = status, .to = to, .kind = PH_SUM_OF_BLOCK, .read = read, .order = order};
  size_t count = (read->deal_count + PH_BLOCK_IDS - 1) / PH_BLOCK_IDS;
  insert_rows(to, &maker, PH_STORE_BLOCK, "i, " STORED("0") ", " STORED("2") ", " STORED("3"),
              (int64_t)count);
  ph_release(status->memory, order);
  return (uint32_t)count;
}

/* Inserts the slices of a kind up to the one that begins on `last`, and notes them in the head. */
static void insert_slices(row_maker *maker, int kind, ph_day first, ph_day last, ph_stored_head *head) {
  maker->kind = kind;
  maker->first_day = first;
  head->first_slice[kind] = first;
  head->last_slice[kind] = last;
  char *values =
      sqlite3_mprintf("%Q, " STORED("1") ", " STORED("2") ", " STORED("3"), ph_slice_kind_names[kind]);
  if (values == NULL) ph_fail_memory(maker->status);
  if (!ph_failed(maker->status))
    insert_rows(maker->to, maker, PH_STORE_SLICE, values, (last - first) / PH_SLICE_DAYS + 1);
  sqlite3_free(values);
}

void ph_store_insert_slices(const ph_store_output *to, int kind, ph_day first, const ph_byte_writer *slices,
                            size_t count, ph_stored_head *head, ph_status *status) {
  row_maker maker = {.make = make_ready_slice, .status = status, .to = to, .slices = slices};
  if (count > 0) insert_slices(&maker, kind, first, first + (ph_day)(count - 1) * PH_SLICE_DAYS, head);
}

static void write_slices(const ph_store_output *to, ph_pipeline *pipeline, ph_stored_head *head,
                         ph_status *status) {
  for (int scope = 0; scope < PH_SCOPE_COUNT && !ph_failed(status); scope++) {
    const ph_day_index *index = ph_pipeline_integrity(pipeline, (ph_scope)scope, status);
    if (ph_failed(status)) return;
    row_maker maker = {.make = make_slice, .status = status, .to = to, .index = index};
    ph_day first = PH_DAY_NONE, last = PH_DAY_NONE;
    if (ph_slices_of(index, &first, &last)) insert_slices(&maker, scope, first, last, head);
    ph_day_index_end(&pipeline->integrity[scope]);
  }
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
  row_maker maker = {.make = make_owner,
                     .status = status,
                     .to = to,
                     .kind = PH_SUM_OF_OWNER,
                     .stays = &stays,
                     .owners = owners};
  if (!ph_failed(status))
    insert_rows(to, &maker, PH_STORE_OWNER, STORED("1") ", " STORED("2") ", " STORED("3"), count);
  ph_release(status->memory, owners);
  ph_owner_stays_end(&stays);
}

static void count_currencies(const ph_history *history, ph_stored_head *head, ph_status *status) {
  head->currency_deals = ph_allocate_zeroed(status, history->names.count, sizeof *head->currency_deals);
  for (size_t deal = 0; deal < history->deal_count && !ph_failed(status); deal++)
    if (history->deals[deal].created != PH_DAY_NEVER) head->currency_deals[history->deals[deal].currency]++;
}

/* Makes the table of the head with its row, by one statement: a store is there from then on. */
static void write_head(const ph_store_output *to, const ph_store_place *at, ph_stored_head *head,
                       ph_status *status) {
  ph_byte_writer bytes = {0};
  ph_write_head(&bytes, head, status);
  uint64_t mark = ph_store_schema_mark(to->db, at, status);
  char *sql = sqlite3_mprintf(
      "CREATE TABLE \"%w\"." PH_STORE_HEAD " AS SELECT %d AS version, datetime('now') AS made_at, "
      "%Q AS deals, %Q AS events, %lld AS deal_count, %lld AS event_count, ? AS generation, "
      "? AS schema_mark, ? AS checksum, ? AS data",
      to->schema, PH_STORE_VERSION, at->deal, at->event, (long long)head->deal_count,
      (long long)head->event_count);
  sqlite3_stmt *statement = ph_source_prepare(to->db, sql, PH_STORE_HEAD, status);
  sqlite3_free(sql);
  uint64_t sum = ph_store_row_sum(to->generation, PH_STORE_VERSION, (int64_t)mark, bytes.bytes, bytes.count);
  if (!ph_failed(status)) {
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)to->generation);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)mark);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)sum);
    sqlite3_bind_blob64(statement, 4, bytes.bytes, bytes.count, SQLITE_STATIC);
  }
  if (!ph_failed(status)) sqlite3_step(statement);
  ph_source_finalize(to->db, statement, PH_STORE_HEAD, status);
  ph_byte_writer_end(&bytes, status->memory);
}

/* Reads the sources into the pipeline's history, and on the way their rows. */
static void read_sources(ph_connection *connection, const ph_sources *sources, ph_pipeline *pipeline,
                         rows *read, ph_stored_head *head, ph_status *status) {
  ph_history *history = &pipeline->history;
  ph_reader *reader = ph_reader_begin(history, ph_connection_now(connection), status);
  ph_reading reading = ph_source_reading(connection->db, &connection->reading, reader, history, status);
  ph_source_read_settings(connection->db, sources, true, &reading);
  ph_source_read_deals_and_events(connection->db, sources, &reading);
  if (!ph_failed(status)) {
    ph_reader_visit(reader, visit_deal, visit_event, read, status);
    head->rows_without_id = ph_reader_rows_without_id(reader);
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
  rows read = {.event_count = 0};
  ph_store_output to = {.db = connection->db, .schema = at->schema};
  sqlite3_randomness(sizeof to.generation, &to.generation);
  read_sources(connection, sources, &pipeline, &read, &head, status);
  if (!ph_failed(status)) head.block_count = write_blocks(&to, &read, status);
  head.event_count = read.event_count;
  end_rows(&read, status->memory);
  if (!ph_failed(status)) {
    const ph_history *history = &pipeline.history;
    head.zone_mark = ph_zone_mark(&history->zone);
    head.rules_mark = ph_rules_mark(history);
    head.today = history->today;
    head.data_until = history->data_until;
    head.excluded_deals = history->excluded_deals;
    head.deal_count = (uint32_t)history->deal_count;
    count_currencies(history, &head, status);
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
