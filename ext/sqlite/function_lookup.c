/*
** Tables to look up in, as one value, for the views that pipeline_connect makes (see sql/connect/README.md).
** Not for people: no other use is meant, so they are not documented among the functions.
**
**     pipeline_health_map(key, value)                     a table of texts; of several of a key the least
**     pipeline_health_entries(deal_id, at, tie, outcome)  by deal, its entry into the outcome of its last row
**     pipeline_health_lookup(table, key)                  the text of the key in such a table, else NULL
**     pipeline_health_lookup(table, key, beginning)       what stands behind that beginning, else NULL
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

#include "../base/date_text.h"
#include "../base/intern.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- the table */

/* The type of the pointer that an aggregate returns. */
static const char pointer_type[] = "pipeline_health_table";

typedef struct table {
  ph_host_memory memory;
  ph_status status;
  ph_interner keys; /* numbers from 1 */
  ph_arena arena;
  ph_text *texts; /* by the number of the key; {NULL, 0}: it has none */
  size_t count, capacity;
} table;

static void destroy(void *pointer) {
  table *all = pointer;
  ph_interner_end(&all->keys, &all->memory.memory);
  ph_arena_end(&all->arena);
  ph_release(&all->memory.memory, all->texts);
  sqlite3_free(all);
}

static table *new_table(void) {
  table *all = sqlite3_malloc64(sizeof *all);
  if (all == NULL) return NULL;
  memset(all, 0, sizeof *all);
  ph_host_memory_begin(&all->memory);
  ph_status_begin(&all->status, &all->memory.memory);
  ph_interner_begin(&all->keys, &all->status);
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

/* The number of a row's key; 0 where it is NULL or empty, and without memory. */
static uint32_t number_of(table *all, sqlite3_value *value) {
  const char *text = (const char *)sqlite3_value_text(value);
  if (text == NULL) return 0;
  return ph_intern(&all->keys, text, (size_t)sqlite3_value_bytes(value), &all->status);
}

static ph_text copy_text(table *all, sqlite3_value *value) {
  const char *text = (const char *)sqlite3_value_text(value);
  size_t length = (size_t)sqlite3_value_bytes(value);
  return (ph_text){ph_arena_copy(&all->arena, text != NULL ? text : "", length, &all->status), length};
}

static void set_text(table *all, uint32_t number, ph_text text) {
  if (!ph_reserve(&all->status, (void **)&all->texts, &all->capacity, (size_t)number + 1, sizeof *all->texts))
    return;
  while (all->count <= number) all->texts[all->count++] = (ph_text){NULL, 0};
  all->texts[number] = text;
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

void ph_lookup(sqlite3_context *context, int count, sqlite3_value **values) {
  const table *all = sqlite3_value_pointer(values[0], pointer_type);
  if (all == NULL) {
    sqlite3_result_error(context, "pipeline_health_lookup: it is for the views of pipeline_connect", -1);
    return;
  }
  const char *key = (const char *)sqlite3_value_text(values[1]);
  if (key == NULL) return;
  uint32_t number = ph_interned(&all->keys, key, (size_t)sqlite3_value_bytes(values[1]));
  ph_text text = number > 0 && number < all->count ? all->texts[number] : (ph_text){NULL, 0};
  if (text.text != NULL && count == 3) {
    const char *beginning = (const char *)sqlite3_value_text(values[2]);
    size_t length = (size_t)sqlite3_value_bytes(values[2]);
    if (beginning == NULL || length > text.length || memcmp(beginning, text.text, length) != 0) return;
    text = (ph_text){text.text + length, text.length - length};
  }
  if (text.text != NULL) sqlite3_result_text(context, text.text, (int)text.length, SQLITE_TRANSIENT);
}

/* ---------------------------------------------------------------------------------------------------- map */

void ph_map_step(sqlite3_context *context, int count, sqlite3_value **values) {
  table *all = table_of(context, sqlite3_aggregate_context(context, sizeof(table *)));
  (void)count;
  if (all == NULL) return;
  uint32_t number = number_of(all, values[0]);
  if (number == 0) return;
  if (number >= all->count) set_text(all, number, (ph_text){NULL, 0});
  const char *text = (const char *)sqlite3_value_text(values[1]);
  if (text == NULL || ph_failed(&all->status)) return;
  /* the least: the same one whatever the order of the rows */
  ph_text given = {text, (size_t)sqlite3_value_bytes(values[1])}, *kept = &all->texts[number];
  if (kept->text == NULL || ph_text_compare(&given, kept) < 0) *kept = copy_text(all, values[1]);
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
  place found = {.instant = INT64_MIN};
  if (ph_date_read(&cell, PH_DATE_YMD, &reading) && reading.kind != PH_DATE_MISSING)
    found.instant = ph_date_unix_milliseconds(&reading);
  const char *text = (const char *)sqlite3_value_text(tie);
  size_t length = text != NULL ? (size_t)sqlite3_value_bytes(tie) : 0;
  if (length > 0) memcpy(found.tie, text, length < TIE_BYTES ? length : TIE_BYTES);
  return found;
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
  all->closings[all->closing_count++] =
      (closing){*where, copy_text(all->table, at), is_won, deal->last_closing};
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

static ph_text write_entry(table *all, const closing *entry, bool is_first) {
  char *text = sqlite3_mprintf("%s %d %.*s", entry->is_won ? "won " : "lost", is_first, (int)entry->at.length,
                               entry->at.text);
  size_t length = text != NULL ? strlen(text) : 0;
  const char *copy = text != NULL ? ph_arena_copy(&all->arena, text, length, &all->status) : NULL;
  if (text == NULL) ph_fail_memory(&all->status);
  sqlite3_free(text);
  return (ph_text){copy, length};
}

void ph_entries_final(sqlite3_context *context) {
  entries *all = sqlite3_aggregate_context(context, 0);
  table *made = all != NULL ? all->table : NULL;
  for (size_t index = 0; made != NULL && index < all->deal_count && !ph_failed(&made->status); index++) {
    bool is_first;
    const closing *entry = entry_of(all, &all->deals[index], &is_first);
    if (entry == NULL) continue;
    ph_text text = write_entry(made, entry, is_first);
    set_text(made, (uint32_t)index + 1, text);
  }
  if (made != NULL) {
    ph_release(&made->memory.memory, all->deals);
    ph_release(&made->memory.memory, all->closings);
  }
  result_table(context, made);
}
