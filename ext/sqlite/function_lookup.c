/*
** Tables to look up in, as one value, for the views that pipeline_connect makes (see sql/connect/README.md).
** Not for people: no other use is meant, so they are not documented among the functions.
**
**     pipeline_health_map(key, value)                     a table of texts; of several of a key the least;
**                                                         an empty text is none
**     pipeline_health_entries(deal_id, at, tie, outcome)  by deal, its entry into the outcome of its last row
**     pipeline_health_lookup(table, key)                  the text of the key in such a table, else NULL
**     pipeline_health_closing(entries, deal_id, outcome [, close_date])   when a deal of that outcome closed
**
**     SELECT pipeline_health_lookup((SELECT pipeline_health_map(Id, Name) FROM "User"), OwnerId) FROM deals
**
** SQLite reads the subquery once a statement and keeps its table, a pointer, until the statement ends. A
** join over a view would sort its rows for an index first, and look at the view's columns for every row.
**
** An entry is the first row of the outcome 'won' or 'lost' that the deal has in its last row, behind every
** row that says something else; any other outcome is an open one. Rows are ordered by the instant of `at`,
** then by the bytes of `tie`, of which 24 count, then open, lost, won. The text is the outcome in four
** characters, a blank, 1 where no row says anything else, else 0, a blank, and `at`: 'won  0 2022-03-31'.
*/
#include "functions.h"

#include "../base/bytes.h"
#include "../base/date_text.h"
#include "../base/decimal.h"
#include "../base/intern.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- the table */

/* The type of the pointer that an aggregate returns. */
static const char pointer_type[] = "pipeline_health_table";

/* What a table has for a key: a text, and of an entry, whose text is `at`, the outcome. */
typedef enum { NO_ENTRY, ENTRY_WON, ENTRY_LOST } entry_outcome;

typedef struct content {
  ph_text text; /* {NULL, 0}: it has nothing */
  entry_outcome outcome;
  bool is_first;
} content;

/* An entry of the hash table of integers; number 0: it is empty. */
typedef struct integer_key {
  int64_t integer;
  uint32_t number;
} integer_key;

/* Keys have numbers from 1. Integers, and texts that are written as integers are, are kept as integers: most
** ids are, and SQLite would make a text of each. */
typedef struct table {
  ph_host_memory memory;
  ph_status status;
  ph_interner names; /* the other keys, */
  uint32_t *numbers; /* and their numbers by those of the interner; 0: it has none */
  size_t number_count, number_capacity;
  integer_key *integers;
  size_t integer_count, integer_capacity; /* the capacity is a power of two */
  uint32_t key_count;
  ph_arena arena;
  content *contents; /* by the number of the key */
  size_t count, capacity;
} table;

static void destroy(void *pointer) {
  table *all = pointer;
  ph_interner_end(&all->names, &all->memory.memory);
  ph_arena_end(&all->arena);
  ph_release(&all->memory.memory, all->numbers);
  ph_release(&all->memory.memory, all->integers);
  ph_release(&all->memory.memory, all->contents);
  sqlite3_free(all);
}

static table *new_table(void) {
  table *all = sqlite3_malloc64(sizeof *all);
  if (all == NULL) return NULL;
  memset(all, 0, sizeof *all);
  ph_host_memory_begin(&all->memory);
  ph_status_begin(&all->status, &all->memory.memory);
  ph_interner_begin(&all->names, &all->status);
  ph_arena_begin(&all->arena, &all->memory.memory);
  return all;
}

/* The table of an aggregate, made for its first row. NULL, with the error set, without memory. */
static table *table_of(sqlite3_context *context, table **kept) {
  if (kept != NULL && *kept == NULL) *kept = new_table();
  if (kept != NULL && *kept != NULL) return *kept;
  sqlite3_result_error_nomem(context);
  return NULL;
}

/* Whether a key is an integer: 41, '41', and as data frames write it where some are missing: 41.0, '41.0'. */
static bool is_integer(sqlite3_value *value, int64_t *integer) {
  switch (sqlite3_value_type(value)) {
  case SQLITE_INTEGER: *integer = sqlite3_value_int64(value); return true;
  case SQLITE_FLOAT: {
    double number = sqlite3_value_double(value);
    if (!(number > -9e15 && number < 9e15)) return false;
    *integer = (int64_t)number;
    return (double)*integer == number;
  }
  case SQLITE_TEXT: {
    const char *text = (const char *)sqlite3_value_text(value);
    size_t length = (size_t)sqlite3_value_bytes(value);
    if (text != NULL && length > 2 && memcmp(text + length - 2, ".0", 2) == 0) length -= 2;
    return text != NULL && ph_id_is_integer(text, length, integer);
  }
  default: return false;
  }
}

/* The entry that holds an integer, or the empty one where it belongs. */
static integer_key *find_integer(const table *all, int64_t integer) {
  size_t mask = all->integer_capacity - 1, at = (size_t)ph_mix(0, (uint64_t)integer) & mask;
  while (all->integers[at].number != 0 && all->integers[at].integer != integer) at = (at + 1) & mask;
  return &all->integers[at];
}

static bool grow_integers(table *all) {
  enum { FIRST = 256 };
  table wider = {.integer_capacity = all->integer_capacity > 0 ? all->integer_capacity * 2 : FIRST};
  wider.integers = ph_allocate_zeroed(&all->status, wider.integer_capacity, sizeof *wider.integers);
  if (wider.integers == NULL) return false;
  for (size_t at = 0; at < all->integer_capacity; at++)
    if (all->integers[at].number != 0) *find_integer(&wider, all->integers[at].integer) = all->integers[at];
  ph_release(&all->memory.memory, all->integers);
  all->integers = wider.integers;
  all->integer_capacity = wider.integer_capacity;
  return true;
}

static uint32_t number_of_integer(table *all, int64_t integer) {
  if (all->integer_count * 2 >= all->integer_capacity && !grow_integers(all)) return 0;
  integer_key *key = find_integer(all, integer);
  if (key->number == 0) {
    *key = (integer_key){integer, ++all->key_count};
    all->integer_count++;
  }
  return key->number;
}

static uint32_t number_of_name(table *all, sqlite3_value *value) {
  const char *text = (const char *)sqlite3_value_text(value);
  if (text == NULL || *text == 0) return 0;
  uint32_t name = ph_intern(&all->names, text, (size_t)sqlite3_value_bytes(value), &all->status);
  if (!ph_reserve(&all->status, (void **)&all->numbers, &all->number_capacity, (size_t)name + 1,
                  sizeof *all->numbers))
    return 0;
  while (all->number_count <= name) all->numbers[all->number_count++] = 0;
  if (all->numbers[name] == 0) all->numbers[name] = ++all->key_count;
  return all->numbers[name];
}

/* The number of a row's key, a new one where it has none; 0 where it is NULL or empty, and without
** memory. */
static uint32_t number_of(table *all, sqlite3_value *value) {
  int64_t integer;
  if (ph_failed(&all->status)) return 0;
  return is_integer(value, &integer) ? number_of_integer(all, integer) : number_of_name(all, value);
}

/* The number of a key; 0 where it is unknown. */
static uint32_t find_number(const table *all, sqlite3_value *value) {
  int64_t integer;
  if (is_integer(value, &integer)) return all->integer_capacity > 0 ? find_integer(all, integer)->number : 0;
  const char *text = (const char *)sqlite3_value_text(value);
  uint32_t name =
      text != NULL && *text != 0 ? ph_interned(&all->names, text, (size_t)sqlite3_value_bytes(value)) : 0;
  return name < all->number_count ? all->numbers[name] : 0;
}

/* The text of a value, an integer's in the buffer; no text where it is NULL, and without memory. */
static ph_text text_of(sqlite3_value *value, char buffer[PH_INTEGER_TEXT_BYTES]) {
  if (sqlite3_value_type(value) == SQLITE_INTEGER)
    return (ph_text){buffer, ph_integer_write(sqlite3_value_int64(value), buffer)};
  const char *text = (const char *)sqlite3_value_text(value);
  return (ph_text){text, text != NULL ? (size_t)sqlite3_value_bytes(value) : 0};
}

static ph_text copy_text(table *all, const ph_text *text) {
  return (ph_text){ph_arena_copy(&all->arena, text->text, text->length, &all->status), text->length};
}

static void set_content(table *all, uint32_t number, content one) {
  if (!ph_reserve(&all->status, (void **)&all->contents, &all->capacity, (size_t)number + 1,
                  sizeof *all->contents))
    return;
  while (all->count <= number) all->contents[all->count++] = (content){.text = {NULL, 0}};
  all->contents[number] = one;
}

/* The result of an aggregate. Without rows it is a table without keys. */
static void result_table(sqlite3_context *context, table *all) {
  if (all == NULL) all = new_table();
  if (all == NULL) {
    sqlite3_result_error_nomem(context);
  } else if (ph_failed(&all->status)) {
    ph_host_result_status(context, &all->status);
    destroy(all);
  } else {
    sqlite3_result_pointer(context, all, pointer_type, destroy);
  }
}

/* The table that a function is given; NULL, with the error set, where it is none. */
static const table *given_table(sqlite3_context *context, const char *function, sqlite3_value *value) {
  const table *all = sqlite3_value_pointer(value, pointer_type);
  if (all != NULL) return all;
  char *message = sqlite3_mprintf("%s: it is for the views of pipeline_connect", function);
  sqlite3_result_error(context, message != NULL ? message : function, -1);
  sqlite3_free(message);
  return NULL;
}

/* What a table has for a key; NULL where it has nothing. */
static const content *find(const table *all, sqlite3_value *key) {
  uint32_t number = find_number(all, key);
  if (number == 0 || number >= all->count || all->contents[number].text.text == NULL) return NULL;
  return &all->contents[number];
}

static void result_text(sqlite3_context *context, const ph_text *text) {
  sqlite3_result_text(context, text->text, (int)text->length, SQLITE_TRANSIENT);
}

void ph_lookup(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const table *all = given_table(context, "pipeline_health_lookup", values[0]);
  const content *one = all != NULL ? find(all, values[1]) : NULL;
  if (one == NULL) return;
  ph_text text = one->text;
  char *entry = NULL;
  if (one->outcome != NO_ENTRY) { /* 'won  0 2022-03-31' */
    entry = sqlite3_mprintf("%s %d %.*s", one->outcome == ENTRY_WON ? "won " : "lost", one->is_first,
                            (int)text.length, text.text);
    text = (ph_text){entry, entry != NULL ? strlen(entry) : 0};
  }
  if (text.text == NULL) {
    sqlite3_result_error_nomem(context);
  } else {
    result_text(context, &text);
  }
  sqlite3_free(entry);
}

/* ---------------------------------------------------------------------------------------------------- map */

void ph_map_step(sqlite3_context *context, int count, sqlite3_value **values) {
  table *all = table_of(context, sqlite3_aggregate_context(context, sizeof(table *)));
  (void)count;
  if (all == NULL) return;
  uint32_t number = number_of(all, values[0]);
  if (number == 0) return;
  if (number >= all->count) set_content(all, number, (content){.text = {NULL, 0}});
  char buffer[PH_INTEGER_TEXT_BYTES];
  ph_text given = text_of(values[1], buffer);
  if (given.length == 0 || ph_failed(&all->status)) return;
  /* the least: the same one whatever the order of the rows */
  ph_text *kept = &all->contents[number].text;
  if (kept->text == NULL || ph_text_compare(&given, kept) < 0) *kept = copy_text(all, &given);
}

void ph_map_final(sqlite3_context *context) {
  table **all = sqlite3_aggregate_context(context, 0);
  result_table(context, all != NULL ? *all : NULL);
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
  ph_text at;
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
  if (given.text == NULL) given = (ph_text){"", 0};
  all->closings[all->closing_count++] =
      (closing){*where, copy_text(all->table, &given), is_won, deal->last_closing};
  deal->last_closing = (uint32_t)all->closing_count;
}

void ph_entries_step(sqlite3_context *context, int count, sqlite3_value **values) {
  entries *all = sqlite3_aggregate_context(context, sizeof *all);
  (void)count;
  if (table_of(context, all != NULL ? &all->table : NULL) == NULL) return;
  uint32_t number = number_of(all->table, values[0]);
  history *deal = number > 0 ? history_of(all, number) : NULL;
  if (deal == NULL) return;
  place where = place_of(values[1], values[2]);
  const char *outcome = (const char *)sqlite3_value_text(values[3]);
  bool is_won = outcome != NULL && strcmp(outcome, "won") == 0;
  if (is_won || (outcome != NULL && strcmp(outcome, "lost") == 0)) {
    add_closing(all, deal, &where, values[1], is_won);
  } else if (!deal->has_open || compare(&where, &deal->last_open) > 0) {
    deal->last_open = where;
    deal->has_open = true;
  }
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
                (content){entry->at, entry->is_won ? ENTRY_WON : ENTRY_LOST, is_first});
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
  const table *all = given_table(context, "pipeline_health_closing", values[TABLE]);
  if (all == NULL) return;
  const content *entry = find(all, values[DEAL]);
  const char *outcome = (const char *)sqlite3_value_text(values[OUTCOME]);
  bool is_won = outcome != NULL && strcmp(outcome, "won") == 0;
  if (!is_won && (outcome == NULL || strcmp(outcome, "lost") != 0)) return;
  bool has_at = entry != NULL && entry->text.length > 0;
  bool came = has_at && !entry->is_first && entry->outcome == (is_won ? ENTRY_WON : ENTRY_LOST);
  bool has_date = count > CLOSE_DATE && sqlite3_value_type(values[CLOSE_DATE]) != SQLITE_NULL;
  if (!came && has_date) {
    sqlite3_result_value(context, values[CLOSE_DATE]);
  } else if (came || (has_at && count > CLOSE_DATE)) {
    result_text(context, &entry->text);
  }
}
