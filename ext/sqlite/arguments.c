/* A query's arguments: the values that came with the plan, and what they mean. See
** engine_internal.h. */
#include "../base/date_text.h"
#include "engine_internal.h"

#include <math.h>
#include <string.h>

void ph_cursor_forget_values(ph_cursor *at) {
  for (int argument = 0; argument < PH_MOST_ARGUMENTS; argument++) {
    sqlite3_value_free(at->values[argument]);
    at->values[argument] = NULL;
  }
  for (int filter = 0; filter < at->query.filter_count; filter++)
    sqlite3_value_free(at->filter_values[filter]);
  at->query.filter_count = 0;
}

/* An argument is an instant: with a time it becomes a day in the zone of the policy. */
static bool read_instant(ph_cursor *at, const ph_value *value, ph_instant *instant) {
  if (at->query.pipeline != NULL)
    return ph_zone_read(&at->query.pipeline->history.zone, value, PH_INSTANT_BY_NATURE, instant);
  ph_zone zone;
  ph_policy_zone(&at->policy, &zone, &at->status);
  bool good = ph_zone_read(&zone, value, PH_INSTANT_BY_NATURE, instant);
  ph_zone_end(&zone, at->status.memory);
  return good;
}

static void read_day(ph_cursor *at, const ph_argument *argument, const ph_value *value, int32_t *day) {
  ph_instant instant;
  char shown[PH_VALUE_SHOWN_BYTES];
  if (read_instant(at, value, &instant) && instant.day != PH_DAY_NONE) {
    *day = instant.day;
  } else {
    ph_fail(&at->status, "%s: %s is %s, which is no day (" PH_EXPECTED_DATE_FORMS ")", at->query.table->name,
            argument->name, ph_value_show(value, shown));
  }
}

/* Reads one of a list of names; `allowed` has a bit for each that may be used. */
static void read_choice(ph_cursor *at, const ph_argument *argument, const ph_value *value,
                        const char *const *names, int count, unsigned allowed, int32_t *choice) {
  char shown[PH_VALUE_SHOWN_BYTES], expected[80] = "";
  for (int index = 0; index < count; index++) {
    if ((allowed >> index & 1u) == 0) continue;
    if (value->type == PH_TEXT && ph_text_equals_any_case(value->text, value->length, names[index])) {
      *choice = index;
      return;
    }
    sqlite3_snprintf((int)(sizeof expected - strlen(expected)), expected + strlen(expected), "%s'%s'",
                     expected[0] != 0 ? ", " : "", names[index]);
  }
  ph_fail(&at->status, "%s: %s is %s (expected one of %s)", at->query.table->name, argument->name,
          ph_value_show(value, shown), expected);
}

static void read_days(ph_cursor *at, const ph_argument *argument, const ph_value *value, int32_t *days) {
  int64_t integer;
  char shown[PH_VALUE_SHOWN_BYTES];
  if (ph_value_to_integer(value, &integer) && integer >= 0 && integer <= 36500) {
    *days = (int32_t)integer;
  } else {
    ph_fail(&at->status, "%s: %s is %s (expected a whole number of days from 0 to 36500)",
            at->query.table->name, argument->name, ph_value_show(value, shown));
  }
}

static void read_real(ph_cursor *at, const ph_argument *argument, const ph_value *value, double *real) {
  char shown[PH_VALUE_SHOWN_BYTES];
  bool is_share = argument->type == PH_ARGUMENT_OPTIONAL_SHARE;
  if (ph_value_to_real(value, real) && *real >= 0 && *real <= (is_share ? 1 : 1e12)) return;
  ph_fail(&at->status, "%s: %s is %s (expected a number from 0 to %s)", at->query.table->name, argument->name,
          ph_value_show(value, shown), is_share ? "1" : "1000000000000");
}

void ph_cursor_read_argument(ph_cursor *at, int index) {
  const ph_argument *argument = &at->query.table->arguments[index];
  int32_t *target = &at->query.arguments[index];
  at->query.reals[index] = NAN;
  if (at->values[index] == NULL) {
    if (argument->required) {
      ph_fail(&at->status, "%s: argument %s is missing (write %s(%s%s) or WHERE %s = ...)",
              at->query.table->name, argument->name, at->query.table->name,
              at->query.table->arguments[0].name, at->query.table->argument_count > 1 ? ", ..." : "",
              argument->name);
    } else {
      *target = argument->type == PH_ARGUMENT_DAY ? ph_history_default_day(&at->query.pipeline->history)
                                                  : argument->default_value;
    }
    return;
  }
  ph_value value = ph_host_value(at->values[index]);
  switch (argument->type) {
  case PH_ARGUMENT_DAY:
  case PH_ARGUMENT_OPTIONAL_DAY: read_day(at, argument, &value, target); break;
  case PH_ARGUMENT_SCOPE:
    read_choice(at, argument, &value, ph_scope_names, PH_SCOPE_COUNT, argument->scopes, target);
    break;
  case PH_ARGUMENT_STEP: read_choice(at, argument, &value, ph_step_names, PH_STEP_COUNT, ~0u, target); break;
  case PH_ARGUMENT_DAYS: read_days(at, argument, &value, target); break;
  case PH_ARGUMENT_OPTIONAL_SHARE:
  case PH_ARGUMENT_OPTIONAL_NUMBER: read_real(at, argument, &value, &at->query.reals[index]); break;
  }
}

void ph_cursor_refuse_argument(ph_cursor *at, sqlite3_value *given) {
  const ph_table *table = at->query.table;
  char shown[PH_VALUE_SHOWN_BYTES];
  ph_value value = ph_host_value(given);
  sqlite3_str *names = sqlite3_str_new(NULL);
  for (int argument = 0; argument < table->argument_count; argument++)
    sqlite3_str_appendf(names, "%s%s", argument > 0 ? ", " : "", table->arguments[argument].name);
  char *expected = sqlite3_str_finish(names);
  ph_fail(&at->status, "%s: %s is one argument too many (expected %s(%s))", table->name,
          ph_value_show(&value, shown), table->name, expected != NULL ? expected : "");
  sqlite3_free(expected);
}

/* A copy of a value; NULL without memory. A UTF-16 text is converted here: a copy belongs to no connection,
** which would say that memory ran out. */
static sqlite3_value *copy_value(ph_cursor *at, const sqlite3_value *value) {
  sqlite3_value *copy = sqlite3_value_dup(value);
  if (copy != NULL && (sqlite3_value_type(copy) != SQLITE_TEXT || sqlite3_value_text(copy) != NULL))
    return copy;
  ph_fail_memory(&at->status);
  sqlite3_value_free(copy);
  return NULL;
}

/* False when the argument is NULL, which an empty text is. An optional one that is NULL is not given. */
static bool keep_argument(ph_cursor *at, int index, sqlite3_value *value) {
  int type = sqlite3_value_type(value);
  bool is_null = type == SQLITE_NULL || (type == SQLITE_TEXT && sqlite3_value_bytes(value) == 0);
  if (is_null && ph_argument_is_optional(&at->query.table->arguments[index])) return true;
  at->values[index] = copy_value(at, value);
  return !is_null;
}

/* False when the value is NULL. Equality with one of another type than the column's is left to SQLite, which
** knows the affinities. */
static bool keep_filter(ph_cursor *at, int column, sqlite3_value *value) {
  bool is_text = at->query.table->columns[column].type == PH_COLUMN_TEXT;
  int type = sqlite3_value_type(value);
  if (type != (is_text ? SQLITE_TEXT : SQLITE_INTEGER)) return type != SQLITE_NULL;
  sqlite3_value *copy = copy_value(at, value);
  if (copy == NULL) return true;
  ph_value kept = ph_host_value(copy);
  at->filter_values[at->query.filter_count] = copy;
  at->query.filters[at->query.filter_count++] =
      (ph_filter){.column = column, .integer = kept.integer, .text = kept.text, .length = kept.length};
  return true;
}

bool ph_cursor_keep_values(ph_cursor *at, const char *plan, int count, sqlite3_value **values) {
  bool no_null = true;
  for (int index = 0; index < count; index++) {
    int place = plan[index] - PH_PLAN_FIRST;
    if (place == PH_PLAN_TOO_MANY) {
      ph_cursor_refuse_argument(at, values[index]);
    } else if (place < PH_PLAN_COLUMN) {
      no_null &= keep_argument(at, place, values[index]);
    } else {
      no_null &= keep_filter(at, place - PH_PLAN_COLUMN, values[index]);
    }
  }
  return no_null;
}
