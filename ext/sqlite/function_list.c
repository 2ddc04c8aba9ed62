/*
** Lists of different texts, for the views and reports that pipeline_connect makes (see
** sql/connect/README.md). No other use is meant.
**
**     pipeline_health_list(text)     an aggregate: the different texts in the order of their bytes, with a
**                                    comma and a blank between; NULL where there is none
**     pipeline_health_counts(text)   the same, each with the number of its rows; those of NULL come first, as
**                                    'unknown': 'unknown 2, lost 5, open 9'; NULL without rows
**
** A DISTINCT that is sorted keeps each row twice, at three times the price.
*/
#include "functions.h"

#include "../base/sort.h"

typedef struct list {
  ph_host_memory memory;
  ph_status status;
  ph_interner texts;
  int64_t *rows; /* by the number of the text; of 0: of NULL */
  size_t count, capacity;
} list;

static list *new_list(void) {
  list *all = sqlite3_malloc64(sizeof *all);
  if (all == NULL) return NULL;
  *all = (list){.rows = NULL};
  ph_host_memory_begin(&all->memory);
  ph_status_begin(&all->status, &all->memory.memory);
  ph_interner_begin(&all->texts, &all->status);
  return all;
}

static void destroy(list *all) {
  ph_interner_end(&all->texts, &all->memory.memory);
  ph_release(&all->memory.memory, all->rows);
  sqlite3_free(all);
}

static void count_row(list *all, uint32_t number) {
  if (!ph_reserve(&all->status, (void **)&all->rows, &all->capacity, (size_t)number + 1, sizeof *all->rows))
    return;
  while (all->count <= number) all->rows[all->count++] = 0;
  all->rows[number]++;
}

void ph_counts_step(sqlite3_context *context, int count, sqlite3_value **values) {
  list **kept = sqlite3_aggregate_context(context, sizeof *kept);
  (void)count;
  if (kept != NULL && *kept == NULL) *kept = new_list();
  if (kept == NULL || *kept == NULL) {
    sqlite3_result_error_nomem(context);
    return;
  }
  list *all = *kept;
  ph_text text = ph_host_text(values[0]);
  bool is_null = sqlite3_value_type(values[0]) == SQLITE_NULL;
  count_row(all, is_null ? 0 : ph_intern(&all->texts, text.text, text.length, &all->status));
}

void ph_list_step(sqlite3_context *context, int count, sqlite3_value **values) {
  if (sqlite3_value_type(values[0]) != SQLITE_NULL) ph_counts_step(context, count, values);
}

static int compare_texts(const void *context, uint32_t left, uint32_t right) {
  return ph_name_compare(context, left, right);
}

static void append_text(sqlite3_str *to, const list *all, uint32_t number) {
  const ph_name *name = &all->texts.names[number];
  if (number == 0) {
    sqlite3_str_appendall(to, "unknown");
  } else {
    sqlite3_str_append(to, name->text, (int)name->length);
  }
}

static void result_list(sqlite3_context *context, list *all, bool with_counts) {
  uint32_t *order = ph_sorted_indexes(all->texts.count, compare_texts, &all->texts, &all->status);
  if (ph_failed(&all->status)) {
    ph_host_result_status(context, &all->status);
    return;
  }
  sqlite3_str *text = sqlite3_str_new(sqlite3_context_db_handle(context));
  uint32_t first = all->rows[0] > 0 ? 0 : 1; /* the missing name comes before the others */
  for (uint32_t at = first; at < all->texts.count; at++) {
    if (at > first) sqlite3_str_appendall(text, ", ");
    append_text(text, all, order[at]);
    if (with_counts) sqlite3_str_appendf(text, " %lld", (long long)all->rows[order[at]]);
  }
  ph_release(&all->memory.memory, order);
  int code = sqlite3_str_errcode(text), length = sqlite3_str_length(text);
  char *result = sqlite3_str_finish(text);
  if (code == SQLITE_OK) {
    sqlite3_result_text(context, result != NULL ? result : "", length, SQLITE_TRANSIENT);
  } else {
    sqlite3_result_error_code(context, code);
  }
  sqlite3_free(result);
}

static void finish(sqlite3_context *context, bool with_counts) {
  list **kept = sqlite3_aggregate_context(context, 0);
  if (kept == NULL || *kept == NULL) return;
  result_list(context, *kept, with_counts);
  destroy(*kept);
}

void ph_list_final(sqlite3_context *context) {
  finish(context, false);
}

void ph_counts_final(sqlite3_context *context) {
  finish(context, true);
}
