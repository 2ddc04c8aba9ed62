/*
** pipeline_health_counts(value): how often each text stands, for the reports of pipeline_connect (see
** sql/connect/README.md): 'unknown 2, lost 5, open 9', NULL as 'unknown' and first, the others in the order
** of their bytes; NULL without rows. Not for people: no other use is meant, so it is not documented among the
** functions.
*/
#include "functions.h"

#include "../base/intern.h"

#include <stdlib.h>
#include <string.h>

typedef struct tally {
  ph_host_memory memory;
  ph_status status;
  ph_interner texts;
  int64_t *rows; /* by the number of the text; of 0: of NULL */
  size_t capacity;
} tally;

static tally *new_tally(void) {
  tally *all = sqlite3_malloc64(sizeof *all);
  if (all == NULL) return NULL;
  memset(all, 0, sizeof *all);
  ph_host_memory_begin(&all->memory);
  ph_status_begin(&all->status, &all->memory.memory);
  ph_interner_begin(&all->texts, &all->status);
  if (ph_reserve(&all->status, (void **)&all->rows, &all->capacity, 1, sizeof *all->rows)) all->rows[0] = 0;
  return all;
}

static void destroy(tally *all) {
  ph_interner_end(&all->texts, &all->memory.memory);
  ph_release(&all->memory.memory, all->rows);
  sqlite3_free(all);
}

static void count(tally *all, sqlite3_value *value) {
  const char *text = (const char *)sqlite3_value_text(value);
  if (ph_failed(&all->status)) return;
  if (text == NULL) {
    all->rows[0]++;
    return;
  }
  uint32_t before = all->texts.count;
  uint32_t number = ph_intern(&all->texts, text, (size_t)sqlite3_value_bytes(value), &all->status);
  if (ph_failed(&all->status) ||
      !ph_reserve(&all->status, (void **)&all->rows, &all->capacity, (size_t)number + 1, sizeof *all->rows))
    return;
  if (number == before) all->rows[number] = 0;
  all->rows[number]++;
}

void ph_counts_step(sqlite3_context *context, int arguments, sqlite3_value **values) {
  tally **kept = sqlite3_aggregate_context(context, sizeof *kept);
  (void)arguments;
  if (kept != NULL && *kept == NULL) *kept = new_tally();
  if (kept != NULL && *kept != NULL) count(*kept, values[0]);
  if (kept == NULL || *kept == NULL || ph_failed(&(*kept)->status)) sqlite3_result_error_nomem(context);
}

static int compare_names(const void *left, const void *right) {
  const ph_name *one = left, *other = right;
  return ph_text_compare(&(ph_text){one->text, one->length}, &(ph_text){other->text, other->length});
}

/* The names in their order, each with the number of its rows in place of the hash. */
static void write_counts(tally *all, sqlite3_str *result) {
  size_t count = all->texts.count - 1;
  ph_name *names = ph_allocate(&all->status, all->texts.count, sizeof *names);
  if (names == NULL) return;
  for (size_t at = 0; at < count; at++) {
    names[at] = all->texts.names[at + 1];
    names[at].hash = (uint32_t)(at + 1);
  }
  qsort(names, count, sizeof *names, compare_names);
  if (all->rows[0] > 0) sqlite3_str_appendf(result, "unknown %lld", (long long)all->rows[0]);
  for (size_t at = 0; at < count; at++) {
    if (sqlite3_str_length(result) > 0) sqlite3_str_appendall(result, ", ");
    sqlite3_str_append(result, names[at].text, (int)names[at].length);
    sqlite3_str_appendf(result, " %lld", (long long)all->rows[names[at].hash]);
  }
  ph_release(&all->memory.memory, names);
}

void ph_counts_final(sqlite3_context *context) {
  tally **kept = sqlite3_aggregate_context(context, 0);
  if (kept == NULL || *kept == NULL) return;
  sqlite3_str *result = sqlite3_str_new(NULL);
  if (!ph_failed(&(*kept)->status)) write_counts(*kept, result);
  bool failed = ph_failed(&(*kept)->status) || sqlite3_str_errcode(result) != SQLITE_OK;
  int length = sqlite3_str_length(result);
  char *text = sqlite3_str_finish(result);
  if (failed) {
    sqlite3_free(text);
    sqlite3_result_error_nomem(context);
  } else if (length > 0) {
    sqlite3_result_text(context, text, length, sqlite3_free);
  }
  destroy(*kept);
}
