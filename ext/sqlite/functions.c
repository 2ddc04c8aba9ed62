/*
** SQL functions (specification, section 10).
**
**     SELECT deal_stalled(last_step, '2022-06-30', 45) FROM my_deals;
**     SELECT region, pipeline_integrity(amount, is_alive) FROM my_deals GROUP BY region;
**     SELECT real_coverage(amount, is_alive, quota_left) OVER (ORDER BY closes) FROM my_deals;
**
** deal_stalled: 1 when more than idle_days (30) days went by between last_progress and as_of, else 0; NULL
** when a date is NULL. pipeline_integrity: the sum of amount where is_real over the sum of amount.
** real_coverage: the sum of amount where is_real over the largest remaining. Both aggregates are NULL where
** the denominator is zero or missing, count a NULL amount as 0, take a NULL is_real for false, and are window
** functions. An empty text is NULL everywhere.
*/
#include "functions.h"

#include "../base/money.h"
#include "../base/zone.h"
#include "../pipeline_health.h"

#include <string.h>

void ph_function_fail(sqlite3_context *context, const char *function, const char *argument,
                      const ph_value *value, const char *expected) {
  char shown[PH_VALUE_SHOWN_BYTES];
  char *message =
      sqlite3_mprintf("%s: %s is %s (%s)", function, argument, ph_value_show(value, shown), expected);
  if (message == NULL) {
    sqlite3_result_error_nomem(context);
  } else {
    sqlite3_result_error(context, message, -1);
  }
  sqlite3_free(message);
}

/* ---------------------------------------------------------------------------------------------
** deal_stalled */

static bool is_missing(sqlite3_value *given) {
  ph_value value = ph_host_value(given);
  return ph_value_is_missing(&value);
}

/* Reads a date; *day is PH_DAY_NONE where it is missing. */
static bool read_day(sqlite3_context *context, const char *argument, sqlite3_value *given, ph_day *day) {
  ph_value value = ph_host_value(given);
  ph_zone utc;
  ph_instant instant;
  ph_zone_begin_fixed(&utc, 0);
  bool good = ph_zone_read(&utc, &value, PH_INSTANT_BY_NATURE, &instant);
  if (!good) ph_function_fail(context, "deal_stalled", argument, &value, PH_EXPECTED_DATE_FORMS);
  *day = good ? instant.day : PH_DAY_NONE;
  return good;
}

static void deal_stalled(sqlite3_context *context, int count, sqlite3_value **values) {
  ph_day last_progress, as_of;
  int64_t idle_days = (int64_t)ph_policy_descriptors[PH_POLICY_IDLE_DAYS].default_value;
  if (is_missing(values[0]) || is_missing(values[1])) return;
  if (!read_day(context, "last_progress", values[0], &last_progress)) return;
  if (!read_day(context, "as_of", values[1], &as_of)) return;
  if (last_progress == PH_DAY_NONE || as_of == PH_DAY_NONE) return;
  if (count == 3 && !is_missing(values[2])) {
    ph_value value = ph_host_value(values[2]);
    if (!ph_value_to_integer(&value, &idle_days) || idle_days < 0 || idle_days > 36500) {
      ph_function_fail(context, "deal_stalled", "idle_days", &value,
                       "expected a whole number of days from 0 to 36500");
      return;
    }
  }
  sqlite3_result_int(context, as_of - last_progress > idle_days);
}

/* --------------------------------------------------------------------------------------------- aggregates */

/* The largest of the values in a window from which the oldest leave: a queue of those that no later one
** exceeds. Each value enters and leaves once, so a step costs the same on average however long the window. */
typedef struct largest {
  struct entry {
    int64_t position, units;
  } * entries;
  size_t first, count, capacity; /* entries in use: first .. first + count - 1 */
  int64_t entered, left;
} largest;

typedef struct sums {
  ph_money_sum all, real;
  largest remaining;
} sums;

/* Entries are moved only where at least as many places are free, so that a step costs the same on average. */
static bool make_room(largest *queue) {
  if (queue->first > 0 && queue->first >= queue->count && queue->first + queue->count == queue->capacity) {
    memmove(queue->entries, queue->entries + queue->first, queue->count * sizeof *queue->entries);
    queue->first = 0;
  }
  if (queue->first + queue->count < queue->capacity) return true;
  size_t capacity = queue->capacity * 2 + 8;
  struct entry *entries = sqlite3_realloc64(queue->entries, capacity * sizeof *entries);
  if (entries == NULL) return false;
  queue->entries = entries;
  queue->capacity = capacity;
  return true;
}

static bool enter(largest *queue, const int64_t *units) {
  int64_t position = queue->entered++;
  if (units == NULL) return true;
  while (queue->count > 0 && queue->entries[queue->first + queue->count - 1].units <= *units) queue->count--;
  if (!make_room(queue)) return false;
  queue->entries[queue->first + queue->count++] = (struct entry){position, *units};
  return true;
}

static void leave(largest *queue) {
  int64_t position = queue->left++;
  if (queue->count > 0 && queue->entries[queue->first].position == position) {
    queue->first++;
    queue->count--;
  }
}

static bool read_amount(sqlite3_context *context, const char *function, const char *argument,
                        sqlite3_value *given, int64_t *units) {
  ph_value value = ph_host_value(given);
  *units = 0;
  if (ph_value_is_missing(&value) || ph_value_to_money(&value, units)) return true;
  ph_function_fail(context, function, argument, &value,
                   "expected a number, at most 922337203685477.5807 in size");
  return false;
}

static bool read_truth(sqlite3_context *context, const char *function, sqlite3_value *given, bool *truth) {
  ph_value value = ph_host_value(given);
  double real = 0;
  bool good = ph_value_is_missing(&value) || ph_value_to_real(&value, &real);
  if (!good) ph_function_fail(context, function, "is_real", &value, "expected 1 or 0");
  *truth = real != 0;
  return good;
}

static const char *function_name(sqlite3_context *context) {
  return sqlite3_user_data(context);
}

/* Adds or takes away the amount of a row. */
static sums *change_sums(sqlite3_context *context, sqlite3_value **values, bool add) {
  sums *total = sqlite3_aggregate_context(context, sizeof *total);
  int64_t units;
  bool is_real;
  if (total == NULL) {
    sqlite3_result_error_nomem(context);
    return NULL;
  }
  if (!read_amount(context, function_name(context), "amount", values[0], &units)) return NULL;
  if (!read_truth(context, function_name(context), values[1], &is_real)) return NULL;
  void (*change)(ph_money_sum *, int64_t) = add ? ph_money_add : ph_money_subtract;
  change(&total->all, units);
  if (is_real) change(&total->real, units);
  return total;
}

static void integrity_step(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  change_sums(context, values, true);
}

static void integrity_inverse(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  change_sums(context, values, false);
}

static void coverage_step(sqlite3_context *context, int count, sqlite3_value **values) {
  sums *total = change_sums(context, values, true);
  int64_t remaining;
  (void)count;
  if (total == NULL || !read_amount(context, function_name(context), "remaining", values[2], &remaining))
    return;
  bool missing = is_missing(values[2]);
  if (!enter(&total->remaining, missing ? NULL : &remaining)) sqlite3_result_error_nomem(context);
}

static void coverage_inverse(sqlite3_context *context, int count, sqlite3_value **values) {
  sums *total = change_sums(context, values, false);
  (void)count;
  if (total != NULL) leave(&total->remaining);
}

static void result_ratio(sqlite3_context *context, const ph_money_sum *numerator, int64_t denominator) {
  ph_status status;
  ph_status_begin(&status, NULL);
  double real = (double)ph_money_value(numerator, function_name(context), &status);
  if (ph_failed(&status)) {
    ph_host_result_status(context, &status);
  } else if (denominator != 0) {
    sqlite3_result_double(context, real / (double)denominator);
  }
}

static void integrity_value(sqlite3_context *context) {
  const sums *total = sqlite3_aggregate_context(context, 0);
  ph_status status;
  ph_status_begin(&status, NULL);
  if (total == NULL) return;
  int64_t all = ph_money_value(&total->all, function_name(context), &status);
  if (ph_failed(&status)) {
    ph_host_result_status(context, &status);
  } else {
    result_ratio(context, &total->real, all);
  }
}

static void coverage_value(sqlite3_context *context) {
  const sums *total = sqlite3_aggregate_context(context, 0);
  if (total == NULL || total->remaining.count == 0) return;
  result_ratio(context, &total->real, total->remaining.entries[total->remaining.first].units);
}

static void coverage_final(sqlite3_context *context) {
  sums *total = sqlite3_aggregate_context(context, 0);
  coverage_value(context);
  if (total == NULL) return;
  sqlite3_free(total->remaining.entries);
  total->remaining = (largest){0};
}

/* -------------------------------------------------------------------------------------- about the library */

void ph_append_json(sqlite3_str *json, const char *text, size_t length) {
  sqlite3_str_appendchar(json, 1, '"');
  for (size_t index = 0; index < length; index++) {
    unsigned char character = (unsigned char)text[index];
    if (length - index >= 3 && memcmp(text + index, "\xEF\xBB\xBF", 3) == 0) {
      sqlite3_str_appendall(json, "\\ufeff"); /* a byte order mark, else invisible */
      index += 2;
    } else if (character == '"' || character == '\\') {
      sqlite3_str_appendf(json, "\\%c", character);
    } else if (character < 0x20) {
      sqlite3_str_appendf(json, "\\u%04x", character);
    } else {
      sqlite3_str_appendchar(json, 1, (char)character);
    }
  }
  sqlite3_str_appendchar(json, 1, '"');
}

void ph_append_json_text(sqlite3_str *json, const char *text) {
  if (text == NULL || *text == 0) {
    sqlite3_str_appendall(json, "null");
  } else {
    ph_append_json(json, text, strlen(text));
  }
}

static void version(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  (void)values;
  sqlite3_result_text(context, PIPELINE_HEALTH_VERSION, -1, SQLITE_STATIC);
}

static const char *compiler(void) {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "gcc " __VERSION__;
#else
  return "another compiler";
#endif
}

static void debug(sqlite3_context *context, int count, sqlite3_value **values) {
  const ph_connection *connection = sqlite3_user_data(context);
  sqlite3_str *json = sqlite3_str_new(connection->db);
  (void)count;
  (void)values;
  sqlite3_str_appendf(json,
                      "{\"version\":\"%s\",\"build\":\"%s, SQLite header %s\",\"sqlite\":\"%s\",\"cached\":[",
                      PIPELINE_HEALTH_VERSION, compiler(), SQLITE_VERSION, sqlite3_libversion());
  for (const ph_snapshot *at = connection->snapshots; at != NULL; at = at->next)
    sqlite3_str_appendf(
        json, "%s{\"deals\":%lld,\"events\":%lld,\"spans\":%lld,\"bytes\":%lld,\"chosen\":%s,\"claims\":%s}",
        at == connection->snapshots ? "" : ",", (long long)at->pipeline.history.deal_count,
        (long long)at->pipeline.history.event_count, (long long)at->pipeline.timeline.span_count,
        (long long)ph_host_memory_bytes(&at->memory), at->is_chosen ? "true" : "false",
        at->pipeline.stored.shows_claims ? "true" : "false");
  sqlite3_str_appendf(json, "],\"cached_bytes\":%lld,\"store\":", (long long)ph_connection_bytes(connection));
  ph_append_json_text(json, connection->store);
  sqlite3_str_appendall(json, "}");
  char *text = sqlite3_str_finish(json);
  if (text == NULL) {
    sqlite3_result_error_nomem(context);
  } else {
    sqlite3_result_text(context, text, -1, sqlite3_free);
  }
}

static void release(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  (void)values;
  sqlite3_result_int64(context, ph_connection_drop(sqlite3_user_data(context)));
}

/* ------------------------------------------------------------------------------------------- registration */

enum {
  PURE = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
  EFFECT = SQLITE_UTF8 | SQLITE_DIRECTONLY
};

typedef struct function {
  const char *name;
  int arguments, flags;
  bool uses_connection;
  void (*call)(sqlite3_context *, int, sqlite3_value **); /* a scalar, or the step of an aggregate */
  void (*final)(sqlite3_context *);
  void (*value)(sqlite3_context *);
  void (*inverse)(sqlite3_context *, int, sqlite3_value **);
} function;

static const function functions[] = {
    {"deal_stalled", 2, PURE, false, deal_stalled, NULL, NULL, NULL},
    {"deal_stalled", 3, PURE, false, deal_stalled, NULL, NULL, NULL},
    {"pipeline_date", 1, PURE, false, ph_pipeline_date, NULL, NULL, NULL},
    {"pipeline_date", 2, PURE, false, ph_pipeline_date, NULL, NULL, NULL},
    {"pipeline_amount", 1, PURE, false, ph_pipeline_amount, NULL, NULL, NULL},
    {"pipeline_amount", 2, PURE, false, ph_pipeline_amount, NULL, NULL, NULL},
    {"pipeline_health_among", -1, PURE, false, ph_cell_among, NULL, NULL, NULL},
    {"pipeline_health_boolean", 1, PURE, false, ph_cell_boolean, NULL, NULL, NULL},
    {"pipeline_health_cancelled", 1, PURE, false, ph_cell_cancelled, NULL, NULL, NULL},
    {"pipeline_health_channel", 1, PURE, false, ph_cell_channel, NULL, NULL, NULL},
    {"pipeline_health_channel", 2, PURE, false, ph_cell_channel, NULL, NULL, NULL},
    {"pipeline_health_inserted", 3, PURE, false, ph_cell_inserted, NULL, NULL, NULL},
    {"pipeline_health_closed", 3, PURE, false, ph_cell_closed, NULL, NULL, NULL},
    {"pipeline_health_list", 1, PURE, false, ph_list_step, ph_list_final, NULL, NULL},
    {"pipeline_health_map", 2, PURE, true, ph_map_step, ph_map_final, NULL, NULL},
    {"pipeline_health_map", 3, PURE, true, ph_map_step, ph_map_final, NULL, NULL},
    {"pipeline_health_greatest", 2, PURE, true, ph_greatest_step, ph_map_final, NULL, NULL},
    {"pipeline_health_find", 2, PURE, false, ph_find_row, NULL, NULL, NULL},
    {"pipeline_health_first", 1, PURE, true, ph_first_of_row, NULL, NULL, NULL},
    {"pipeline_health_second", 1, PURE, true, ph_second_of_row, NULL, NULL, NULL},
    {"pipeline_health_entries", 4, PURE, true, ph_entries_step, ph_entries_final, NULL, NULL},
    {"pipeline_health_entries", 5, PURE, true, ph_entries_step, ph_entries_final, NULL, NULL},
    {"pipeline_health_words", 1, PURE, false, ph_cell_words, NULL, NULL, NULL},
    {"pipeline_health_lookup", 2, PURE, false, ph_lookup, NULL, NULL, NULL},
    {"pipeline_health_closing", 3, PURE, false, ph_closing_of_entry, NULL, NULL, NULL},
    {"pipeline_health_closing", 4, PURE, false, ph_closing_of_entry, NULL, NULL, NULL},
    {"pipeline_health_look", -1, EFFECT, false, ph_look_step, ph_look_final, NULL, NULL},
    {"pipeline_health_repeats", -1, EFFECT, false, ph_repeats_step, ph_repeats_final, NULL, NULL},
    {"pipeline_health_counts", 1, EFFECT, false, ph_counts_step, ph_counts_final, NULL, NULL},
    {"pipeline_workdays", 2, SQLITE_UTF8, true, ph_pipeline_workdays, NULL, NULL, NULL},
    {"pipeline_workdays", 3, SQLITE_UTF8, true, ph_pipeline_workdays, NULL, NULL, NULL},
    {"pipeline_integrity", 2, PURE, false, integrity_step, integrity_value, integrity_value,
     integrity_inverse},
    {"real_coverage", 3, PURE, false, coverage_step, coverage_final, coverage_value, coverage_inverse},
    {"pipeline_connect", 0, EFFECT, true, ph_pipeline_connect, NULL, NULL, NULL},
    {"pipeline_connect", 1, EFFECT, true, ph_pipeline_connect, NULL, NULL, NULL},
    {"pipeline_connect", 2, EFFECT, true, ph_pipeline_connect, NULL, NULL, NULL},
    {"pipeline_connect", 3, EFFECT, true, ph_pipeline_connect, NULL, NULL, NULL},
    {"pipeline_connect_sql", 1, EFFECT, true, ph_pipeline_connect_sql, NULL, NULL, NULL},
    {"pipeline_connect_sql", 2, EFFECT, true, ph_pipeline_connect_sql, NULL, NULL, NULL},
    {"pipeline_connect_sql", 3, EFFECT, true, ph_pipeline_connect_sql, NULL, NULL, NULL},
    {"pipeline_health_stored", 3, EFFECT, false, ph_stored_row, NULL, NULL, NULL},
    {"pipeline_store", 1, EFFECT, true, ph_pipeline_store, NULL, NULL, NULL},
    {"pipeline_health_version", 0, PURE, false, version, NULL, NULL, NULL},
    {"pipeline_health_debug", 0, SQLITE_UTF8, true, debug, NULL, NULL, NULL},
    {"pipeline_health_release", 0, EFFECT, true, release, NULL, NULL, NULL},
};

enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

static int register_one(ph_connection *connection, const function *one) {
  sqlite3 *db = connection->db;
  void *data = one->uses_connection ? (void *)connection : (void *)one->name;
  void (*destroy)(void *) = one->uses_connection ? ph_connection_release : NULL;
  if (one->uses_connection) ph_connection_retain(connection); /* SQLite calls destroy on failure, too */
  if (one->final == NULL)
    return sqlite3_create_function_v2(db, one->name, one->arguments, one->flags, data, one->call, NULL, NULL,
                                      destroy);
  return sqlite3_create_window_function(db, one->name, one->arguments, one->flags, data, one->call,
                                        one->final, one->value, one->inverse, destroy);
}

/* The functions of reading.h know where their connection keeps the reading. */
static ph_connection *connection_of(void *now) {
  return (ph_connection *)(void *)((char *)now - offsetof(ph_connection, reading));
}

static void retain_for_reading(void *now) {
  ph_connection_retain(connection_of(now));
}

static void release_for_reading(void *now) {
  ph_connection_release(connection_of(now));
}

int ph_functions_register(ph_connection *connection) {
  int code =
      ph_reading_register(connection->db, &connection->reading, retain_for_reading, release_for_reading);
  for (int index = 0; index < FUNCTION_COUNT && code == SQLITE_OK; index++)
    code = register_one(connection, &functions[index]);
  return code;
}

bool ph_functions_unregister(sqlite3 *db) {
  bool gone = ph_reading_unregister(db);
  for (int index = 0; index < FUNCTION_COUNT; index++)
    if (sqlite3_create_function_v2(db, functions[index].name, functions[index].arguments, SQLITE_UTF8, NULL,
                                   NULL, NULL, NULL, NULL) != SQLITE_OK)
      gone = false;
  return gone;
}
