/*
** A list of different texts, for the views that pipeline_connect makes (see sql/connect/README.md). No other
** use is meant.
**
**     pipeline_health_list(text)     an aggregate: the different texts in the order of their bytes, with a
**                                    comma and a blank between; NULL where there is none
**
** A DISTINCT that is sorted keeps each row twice, at three times the price.
*/
#include "functions.h"

#include "../base/sort.h"

typedef struct list {
  ph_host_memory memory;
  ph_status status;
  ph_interner texts;
} list;

static list *new_list(void) {
  list *all = sqlite3_malloc64(sizeof *all);
  if (all == NULL) return NULL;
  ph_host_memory_begin(&all->memory);
  ph_status_begin(&all->status, &all->memory.memory);
  ph_interner_begin(&all->texts, &all->status);
  return all;
}

void ph_list_step(sqlite3_context *context, int count, sqlite3_value **values) {
  list **kept = sqlite3_aggregate_context(context, sizeof *kept);
  (void)count;
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  if (kept != NULL && *kept == NULL) *kept = new_list();
  if (kept == NULL || *kept == NULL) {
    sqlite3_result_error_nomem(context);
    return;
  }
  list *all = *kept;
  ph_text text = ph_host_text(values[0]);
  ph_intern(&all->texts, text.text, text.length, &all->status);
}

static int compare_texts(const void *context, uint32_t left, uint32_t right) {
  return ph_name_compare(context, left, right);
}

static void result_list(sqlite3_context *context, list *all) {
  uint32_t *order = ph_sorted_indexes(all->texts.count, compare_texts, &all->texts, &all->status);
  if (ph_failed(&all->status)) {
    ph_host_result_status(context, &all->status);
    return;
  }
  sqlite3_str *text = sqlite3_str_new(sqlite3_context_db_handle(context));
  for (uint32_t at = 1; at < all->texts.count; at++) { /* at 0 stands the missing name */
    const ph_name *name = &all->texts.names[order[at]];
    if (at > 1) sqlite3_str_appendall(text, ", ");
    sqlite3_str_append(text, name->text, (int)name->length);
  }
  ph_release(&all->memory.memory, order);
  int code = sqlite3_str_errcode(text);
  char *result = sqlite3_str_finish(text);
  if (code == SQLITE_OK) {
    sqlite3_result_text(context, result != NULL ? result : "", -1, SQLITE_TRANSIENT);
  } else {
    sqlite3_result_error_code(context, code);
  }
  sqlite3_free(result);
}

void ph_list_final(sqlite3_context *context) {
  list **kept = sqlite3_aggregate_context(context, 0);
  if (kept == NULL || *kept == NULL) return;
  list *all = *kept;
  result_list(context, all);
  ph_interner_end(&all->texts, &all->memory.memory);
  sqlite3_free(all);
}
