/*
** Tables to look up in, as one value, for the views that pipeline_connect makes (see sql/connect/README.md).
** No other use is meant.
**
**     pipeline_health_map(key, value [, second])
**         a table of texts; of several of a key the least; an empty text is none
**     pipeline_health_greatest(key, value)
**         the same of the greatest
**     pipeline_health_entries(deal_id, at, tie, outcome [, before])
**         by deal, its entry into the outcome of its last row
**     pipeline_health_lookup(table, key)
**         the text of the key in such a table, else NULL
**     pipeline_health_find(table, key)
**         the row of the key in such a table as a number, else NULL
**     pipeline_health_first(row), pipeline_health_second(row)
**         its values; an empty text is NULL
**     pipeline_health_closing(entries, deal_id, outcome [, close_date])
**         when a deal of that outcome closed
**
**     SELECT pipeline_health_lookup((SELECT pipeline_health_map(Id, Name) FROM "User"), OwnerId) FROM deals
**
** SQLite reads the subquery once a statement and keeps its table, a pointer, until the statement ends. A
** join over a view would sort its rows for an index first, and look at the view's columns for every row.
**
** An entry is the first row of the outcome 'won' or 'lost' that the deal has in its last row, behind every
** row that says something else; any other outcome is an open one. Rows are ordered by the instant of `at`,
** then by the bytes of `tie`, of which 24 count, then open, lost, won. With `before` each row is two: the
** outcome that was before it stands at the same moment with an empty tie. The text is the outcome in four
** characters, a blank, 1 where no row says anything else, else 0, a blank, and `at`: 'won  0 2022-03-31'.
*/
#include "functions.h"
#include "lookup_keys.h"

#include "../base/date_text.h"
#include "../base/decimal.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- the table */

/* The type of the pointer that an aggregate returns. */
static const char pointer_type[] = "pipeline_health_table";

/* What a table has for a key: a text or two, and of an entry, whose text is `at`, the outcome. */
typedef enum { NO_ENTRY, ENTRY_WON, ENTRY_LOST } entry_outcome;

typedef struct content {
  const char *text; /* the second one stands behind the first; NULL: it has nothing */
  uint32_t length, second_length;
  entry_outcome outcome;
  bool is_first;
} content;

/* As long as it lives a table is known to its connection by its serial number. The number of a row is that,
** and the number of its key: unlike a pointer, a number stays what it is wherever SQLite keeps it. */
typedef struct table {
  ph_connection *connection;
  struct table *next;
  uint32_t serial;
  ph_host_memory memory;
  ph_status status;
  ph_lookup_keys keys;
  ph_arena arena;
  content *contents; /* by the number of the key */
  size_t count, capacity;
} table;

static void destroy(void *pointer) {
  table *all = pointer;
  table **at = (table **)&all->connection->lookups;
  while (*at != all) at = &(*at)->next;
  *at = all->next;
  ph_connection_release(all->connection);
  ph_lookup_keys_end(&all->keys);
  ph_arena_end(&all->arena);
  ph_release(&all->memory.memory, all->contents);
  sqlite3_free(all);
}

static table *new_table(ph_connection *connection) {
  table *all = sqlite3_malloc64(sizeof *all);
  if (all == NULL) return NULL;
  memset(all, 0, sizeof *all);
  ph_host_memory_begin(&all->memory);
  ph_status_begin(&all->status, &all->memory.memory);
  ph_lookup_keys_begin(&all->keys, &all->status);
  ph_arena_begin(&all->arena, &all->memory.memory);
  ph_connection_retain(connection);
  all->connection = connection;
  all->next = connection->lookups;
  all->serial = ++connection->lookup_serial & INT32_MAX;
  connection->lookups = all;
  return all;
}

/* The table of an aggregate, made for its first row. NULL, with the error set, without memory. */
static table *table_of(sqlite3_context *context, table **kept) {
  if (kept != NULL && *kept == NULL) *kept = new_table(sqlite3_user_data(context));
  if (kept != NULL && *kept != NULL) return *kept;
  sqlite3_result_error_nomem(context);
  return NULL;
}

/* The text of a value, an integer's in the buffer; length 0 where it is NULL, and without memory. */
static ph_text text_of(sqlite3_value *value, char buffer[PH_INTEGER_TEXT_BYTES]) {
  if (sqlite3_value_type(value) == SQLITE_INTEGER)
    return (ph_text){buffer, ph_integer_write(sqlite3_value_int64(value), buffer)};
  return ph_host_text(value);
}

static void set_content(table *all, uint32_t number, content one) {
  if (!ph_reserve(&all->status, (void **)&all->contents, &all->capacity, (size_t)number + 1,
                  sizeof *all->contents))
    return;
  while (all->count <= number) all->contents[all->count++] = (content){.text = NULL};
  all->contents[number] = one;
}

/* The result of an aggregate. Without rows it is a table without keys. */
static void result_table(sqlite3_context *context, table *all) {
  if (all == NULL) all = new_table(sqlite3_user_data(context));
  if (all == NULL) {
    sqlite3_result_error_nomem(context);
  } else if (ph_failed(&all->status)) {
    ph_host_result_status(context, &all->status);
    destroy(all);
  } else {
    sqlite3_result_pointer(context, all, pointer_type, destroy);
  }
}

static void fail_use(sqlite3_context *context, const char *function) {
  char *message = sqlite3_mprintf("%s: it is for the views of pipeline_connect", function);
  sqlite3_result_error(context, message != NULL ? message : function, -1);
  sqlite3_free(message);
}

/* The table that a function is given; NULL, with the error set, where it is none. */
static table *given_table(sqlite3_context *context, const char *function, sqlite3_value *value) {
  table *all = sqlite3_value_pointer(value, pointer_type);
  if (all == NULL) fail_use(context, function);
  return all;
}

/* What a table has for a key; NULL where it has nothing. */
static const content *find(table *all, sqlite3_value *key) {
  uint32_t number = ph_lookup_keys_find(&all->keys, key);
  if (number == 0 || number >= all->count || all->contents[number].text == NULL) return NULL;
  return &all->contents[number];
}

static void result_text(sqlite3_context *context, const char *text, size_t length) {
  sqlite3_result_text(context, text, (int)length, SQLITE_TRANSIENT);
}

/* 'won  0 2022-03-31' */
static void result_entry(sqlite3_context *context, const content *one) {
  char *text = sqlite3_mprintf("%s %d %.*s", one->outcome == ENTRY_WON ? "won " : "lost", one->is_first,
                               (int)one->length, one->text);
  if (text != NULL) {
    sqlite3_result_text(context, text, -1, sqlite3_free);
  } else {
    sqlite3_result_error_nomem(context);
  }
}

void ph_lookup(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  table *all = given_table(context, "pipeline_health_lookup", values[0]);
  const content *one = all != NULL ? find(all, values[1]) : NULL;
  if (one == NULL) return;
  if (one->outcome == NO_ENTRY) {
    result_text(context, one->text, one->length);
  } else {
    result_entry(context, one);
  }
}

/* ---------------------------------------------------------------------------------------------------- map */

/* Of the texts of a key one is kept whatever the order of the rows: sign -1 the least, 1 the greatest. */
static void keep_one(table *all, content *kept, const ph_text *first, const ph_text *second, int sign) {
  if (kept->text != NULL) {
    int order = ph_text_compare(first, &(ph_text){kept->text, kept->length});
    if (order == 0)
      order = ph_text_compare(second, &(ph_text){kept->text + kept->length, kept->second_length});
    if (order * sign <= 0) return;
  }
  size_t length = first->length + second->length;
  bool fits = kept->text != NULL && length <= (size_t)kept->length + kept->second_length;
  char *text = fits ? (char *)kept->text : ph_arena_take(&all->arena, length, &all->status);
  if (text == NULL) return;
  memcpy(text, first->text, first->length);
  memcpy(text + first->length, second->text, second->length);
  *kept =
      (content){.text = text, .length = (uint32_t)first->length, .second_length = (uint32_t)second->length};
}

static void add_row_of_map(sqlite3_context *context, int count, sqlite3_value **values, int sign) {
  enum { KEY, FIRST, SECOND };
  table *all = table_of(context, sqlite3_aggregate_context(context, sizeof(table *)));
  if (all == NULL) return;
  uint32_t number = ph_lookup_keys_add(&all->keys, values[KEY]);
  if (number == 0) return;
  if (number >= all->count) set_content(all, number, (content){.text = NULL});
  char buffers[2][PH_INTEGER_TEXT_BYTES];
  ph_text first = text_of(values[FIRST], buffers[0]), second = {"", 0};
  if (count > SECOND) second = text_of(values[SECOND], buffers[1]);
  if (first.length + second.length == 0 || ph_failed(&all->status)) return;
  keep_one(all, &all->contents[number], &first, &second, sign);
}

void ph_map_step(sqlite3_context *context, int count, sqlite3_value **values) {
  add_row_of_map(context, count, values, -1);
}

void ph_greatest_step(sqlite3_context *context, int count, sqlite3_value **values) {
  add_row_of_map(context, count, values, 1);
}

void ph_map_final(sqlite3_context *context) {
  table **all = sqlite3_aggregate_context(context, 0);
  result_table(context, all != NULL ? *all : NULL);
}

enum { KEY_BITS = 32 };

void ph_find_row(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  table *all = given_table(context, "pipeline_health_find", values[0]);
  const content *one = all != NULL ? find(all, values[1]) : NULL;
  if (one != NULL) sqlite3_result_int64(context, (int64_t)all->serial << KEY_BITS | (one - all->contents));
}

/* The table of a row, brought to the front, where the next row will look first. */
static table *table_of_row(ph_connection *connection, uint32_t serial) {
  for (table **at = (table **)&connection->lookups; *at != NULL; at = &(*at)->next) {
    table *one = *at;
    if (one->serial != serial) continue;
    *at = one->next;
    one->next = connection->lookups;
    connection->lookups = one;
    return one;
  }
  return NULL;
}

/* What a row has; NULL where the row is NULL, and, with the error set, where it is none. */
static const content *content_of_row(sqlite3_context *context, const char *function, sqlite3_value *value) {
  if (sqlite3_value_type(value) == SQLITE_NULL) return NULL;
  int64_t row = sqlite3_value_int64(value);
  table *all = table_of_row(sqlite3_user_data(context), (uint32_t)(row >> KEY_BITS));
  uint32_t number = (uint32_t)row;
  if (all != NULL && number < all->count) return &all->contents[number];
  fail_use(context, function);
  return NULL;
}

void ph_first_of_row(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const content *one = content_of_row(context, "pipeline_health_first", values[0]);
  if (one != NULL && one->length > 0) result_text(context, one->text, one->length);
}

void ph_second_of_row(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const content *one = content_of_row(context, "pipeline_health_second", values[0]);
  if (one != NULL && one->second_length > 0)
    result_text(context, one->text + one->length, one->second_length);
}

/* ------------------------------------------------------------------------------------------------ entries */

enum { TIE_BYTES = 24 };

typedef struct place {
  int64_t instant;
  char tie[TIE_BYTES];
} place;

/* A row that says won or lost. */
typedef struct closing {
  place place;
  const char *at;
  uint32_t at_length;
  bool is_won;
  uint32_t before; /* the closing of the same deal that was met before it, from 1; 0: none */
} closing;

typedef struct history {
  place last_open;       /* of rows that say neither */
  uint32_t last_closing; /* that was met last, from 1 */
  bool has_open;
} history;

typedef struct entries {
  table *table;
  history *deals; /* by the number of the deal's key - 1 */
  size_t deal_count, deal_capacity;
  closing *closings;
  size_t closing_count, closing_capacity;
} entries;

static int compare(const place *left, const place *right) {
  if (left->instant != right->instant) return left->instant < right->instant ? -1 : 1;
  return memcmp(left->tie, right->tie, TIE_BYTES);
}

/* What is no date comes before all dates. */
static place place_of(sqlite3_value *at, sqlite3_value *tie) {
  ph_value cell = ph_host_value(at);
  ph_date_reading reading;
  place read = {.instant = INT64_MIN};
  if (ph_date_read(&cell, PH_DATE_YMD, &reading) && reading.kind != PH_DATE_MISSING)
    read.instant = ph_date_unix_milliseconds(&reading);
  const char *text = (const char *)sqlite3_value_text(tie);
  size_t length = text != NULL ? (size_t)sqlite3_value_bytes(tie) : 0;
  if (length > 0) memcpy(read.tie, text, length < TIE_BYTES ? length : TIE_BYTES);
  return read;
}

static history *history_of(entries *all, uint32_t number) {
  if (number <= all->deal_count) return &all->deals[number - 1];
  if (!ph_reserve(&all->table->status, (void **)&all->deals, &all->deal_capacity, number, sizeof *all->deals))
    return NULL;
  all->deals[all->deal_count] = (history){.has_open = false};
  return &all->deals[all->deal_count++];
}

static void add_closing(entries *all, history *deal, const place *where, sqlite3_value *at, bool is_won) {
  if (!ph_reserve(&all->table->status, (void **)&all->closings, &all->closing_capacity,
                  all->closing_count + 1, sizeof *all->closings))
    return;
  char buffer[PH_INTEGER_TEXT_BYTES];
  ph_text given = text_of(at, buffer);
  const char *copy = ph_arena_copy(&all->table->arena, given.text, given.length, &all->table->status);
  all->closings[all->closing_count++] =
      (closing){*where, copy, (uint32_t)given.length, is_won, deal->last_closing};
  deal->last_closing = (uint32_t)all->closing_count;
}

/* What a row says: won, lost, or with no entry anything else. */
static entry_outcome outcome_of(sqlite3_value *value) {
  ph_text text = ph_host_text(value);
  if (text.length == 3 && memcmp(text.text, "won", 3) == 0) return ENTRY_WON;
  if (text.length == 4 && memcmp(text.text, "lost", 4) == 0) return ENTRY_LOST;
  return NO_ENTRY;
}

static void add_row(entries *all, history *deal, const place *where, sqlite3_value *at, sqlite3_value *said) {
  entry_outcome outcome = outcome_of(said);
  if (outcome != NO_ENTRY) {
    add_closing(all, deal, where, at, outcome == ENTRY_WON);
  } else if (!deal->has_open || compare(where, &deal->last_open) > 0) {
    deal->last_open = *where;
    deal->has_open = true;
  }
}

void ph_entries_step(sqlite3_context *context, int count, sqlite3_value **values) {
  enum { DEAL, AT, TIE, OUTCOME, BEFORE };
  entries *all = sqlite3_aggregate_context(context, sizeof *all);
  if (table_of(context, all != NULL ? &all->table : NULL) == NULL) return;
  uint32_t number = ph_lookup_keys_add(&all->table->keys, values[DEAL]);
  history *deal = number > 0 ? history_of(all, number) : NULL;
  if (deal == NULL) return;
  place where = place_of(values[AT], values[TIE]);
  add_row(all, deal, &where, values[AT], values[OUTCOME]);
  if (count <= BEFORE) return;
  place untied = {.instant = where.instant};
  add_row(all, deal, &untied, values[AT], values[BEFORE]);
}

/* Rows of one place have an order, too: open, lost, won. */
static int compare_closings(const closing *left, const closing *right) {
  int order = compare(&left->place, &right->place);
  return order != 0 ? order : left->is_won - right->is_won;
}

static const closing *before(const entries *all, const closing *one) {
  return one->before != 0 ? &all->closings[one->before - 1] : NULL;
}

/* The entry of a deal; NULL where its last row is open. *is_first: no row of the deal says anything else. */
static const closing *entry_of(const entries *all, const history *deal, bool *is_first) {
  const closing *newest = deal->last_closing != 0 ? &all->closings[deal->last_closing - 1] : NULL;
  const closing *last = newest, *other = NULL, *entry = NULL;
  for (const closing *one = newest; one != NULL; one = before(all, one))
    if (compare_closings(one, last) > 0) last = one;
  if (last == NULL || (deal->has_open && compare(&deal->last_open, &last->place) > 0)) return NULL;
  for (const closing *one = newest; one != NULL; one = before(all, one))
    if (one->is_won != last->is_won && (other == NULL || compare_closings(one, other) > 0)) other = one;
  *is_first = other == NULL && !deal->has_open;
  for (const closing *one = newest; one != NULL; one = before(all, one)) {
    bool is_behind = one->is_won == last->is_won && (other == NULL || compare_closings(one, other) > 0) &&
                     (!deal->has_open || compare(&one->place, &deal->last_open) >= 0);
    if (is_behind && (entry == NULL || compare_closings(one, entry) < 0)) entry = one;
  }
  return entry;
}

void ph_entries_final(sqlite3_context *context) {
  entries *all = sqlite3_aggregate_context(context, 0);
  table *made = all != NULL ? all->table : NULL;
  for (size_t index = 0; made != NULL && index < all->deal_count && !ph_failed(&made->status); index++) {
    bool is_first;
    const closing *entry = entry_of(all, &all->deals[index], &is_first);
    if (entry == NULL) continue;
    set_content(made, (uint32_t)index + 1,
                (content){entry->at, entry->at_length, 0, entry->is_won ? ENTRY_WON : ENTRY_LOST, is_first});
  }
  if (made != NULL) {
    ph_release(&made->memory.memory, all->deals);
    ph_release(&made->memory.memory, all->closings);
  }
  result_table(context, made);
}

/* A deal closed when it came to its outcome. Where that is its first row, it was inserted already closed: its
** close date, where one is given, is then better known than the moment of the row. */
void ph_closing_of_entry(sqlite3_context *context, int count, sqlite3_value **values) {
  enum { TABLE, DEAL, OUTCOME, CLOSE_DATE };
  table *all = given_table(context, "pipeline_health_closing", values[TABLE]);
  entry_outcome outcome = outcome_of(values[OUTCOME]);
  if (all == NULL || outcome == NO_ENTRY) return;
  const content *entry = find(all, values[DEAL]);
  bool has_at = entry != NULL && entry->length > 0;
  bool came = has_at && !entry->is_first && entry->outcome == outcome;
  bool has_date = count > CLOSE_DATE && sqlite3_value_type(values[CLOSE_DATE]) != SQLITE_NULL;
  if (!came && has_date) {
    sqlite3_result_value(context, values[CLOSE_DATE]);
  } else if (came || (has_at && count > CLOSE_DATE)) {
    result_text(context, entry->text, entry->length);
  }
}
