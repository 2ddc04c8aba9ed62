/* The options of a call, a JSON object. See connect_internal.h. */
#include "connect_internal.h"

#include <string.h>

/* What every door understands. */
static const struct {
  const char *name;
  bool takes_object;
} general_options[] = {{"columns", true},    {"values", true},      {"exported_on", false},
                       {"time_zone", false}, {"date_order", false}, {"decimal", false},
                       {"as", false}};
enum { GENERAL_COUNT = sizeof general_options / sizeof *general_options };

/* Fixed choices of the options that every door has. */
static const struct {
  const char *name;
  const char *choices;
} general_choices[] = {{"date_order", "ymd | mdy | dmy"}, {"decimal", ". | ,"}, {"as", "views | tables"}};

ph_words ph_connect_option(const ph_connecting *call, ph_words name) {
  for (size_t index = 0; index < call->option_count; index++)
    if (ph_words_equal(name, call->options[index].name)) return ph_words_of(call->options[index].value);
  ph_words choices = {NULL, 0}, first = {NULL, 0};
  for (size_t index = 0; index < call->door_option_count; index++)
    if (ph_words_same(name, call->door_options[index].name)) choices = call->door_options[index].choices;
  ph_words_alternative(&choices, &first);
  return first;
}

/* The known keys, for a message. */
static char *known_options(ph_connecting *call) {
  sqlite3_str *list = sqlite3_str_new(call->db);
  for (size_t index = 0; index < call->table_count; index++) {
    ph_words option = call->tables[index].option;
    if (option.length > 0) sqlite3_str_appendf(list, "%.*s, ", (int)option.length, option.at);
  }
  for (size_t index = 0; index < call->door_option_count; index++)
    sqlite3_str_appendf(list, "%.*s, ", (int)call->door_options[index].name.length,
                        call->door_options[index].name.at);
  for (int index = 0; index < GENERAL_COUNT; index++)
    sqlite3_str_appendf(list, "%s%s", index > 0 ? ", " : "", general_options[index].name);
  return sqlite3_str_finish(list);
}

static bool is_known(const ph_connecting *call, const ph_option *option) {
  for (size_t index = 0; index < call->table_count; index++)
    if (ph_words_equal(call->tables[index].option, option->name)) return !option->is_object;
  for (size_t index = 0; index < call->door_option_count; index++)
    if (ph_words_equal(call->door_options[index].name, option->name)) return !option->is_object;
  for (int index = 0; index < GENERAL_COUNT; index++)
    if (strcmp(general_options[index].name, option->name) == 0)
      return option->is_object == general_options[index].takes_object;
  return false;
}

static void check_choice(ph_connecting *call, const ph_option *option, ph_words choices) {
  ph_words left = choices;
  for (ph_words choice; ph_words_alternative(&left, &choice);)
    if (ph_words_equal(choice, option->value)) return;
  if (choices.length > 0)
    ph_fail(call->status, "pipeline_connect: option %s is '%.60s' (expected %.*s)", option->name,
            option->value, (int)choices.length, choices.at);
}

static bool takes_object(const ph_option *option) {
  for (int index = 0; index < GENERAL_COUNT; index++)
    if (strcmp(general_options[index].name, option->name) == 0) return general_options[index].takes_object;
  return false;
}

static void check_option(ph_connecting *call, const ph_option *option) {
  if (takes_object(option) && !option->is_object) {
    ph_fail(call->status, "pipeline_connect: option %s is %.60s (expected a JSON object)", option->name,
            option->value);
  } else if (!is_known(call, option)) {
    char *known = known_options(call);
    ph_fail(call->status, "pipeline_connect: %s does not know the option \"%.60s\"%s (known: %s)", call->crm,
            option->name, option->is_object ? " as an object" : "", known != NULL ? known : "");
    sqlite3_free(known);
  }
  for (size_t index = 0; index < call->door_option_count; index++)
    if (ph_words_equal(call->door_options[index].name, option->name))
      check_choice(call, option, call->door_options[index].choices);
  for (size_t index = 0; index < sizeof general_choices / sizeof *general_choices; index++)
    if (strcmp(general_choices[index].name, option->name) == 0)
      check_choice(call, option, ph_words_of(general_choices[index].choices));
  if (strcmp(option->name, "exported_on") == 0) { /* with a modifier, no day of February is the 30th */
    char *day = ph_connect_query(
        call, sqlite3_mprintf("SELECT date(%Q, '+0 days') IS %Q", option->value, option->value));
    if (day != NULL && strcmp(day, "1") != 0)
      ph_fail(call->status, "pipeline_connect: option exported_on is '%.60s' (expected a day, YYYY-MM-DD)",
              option->value);
    sqlite3_free(day);
  }
}

/* The members of a JSON object: `take` gets each key and value. */
typedef void take_member(ph_connecting *call, const char *key, const char *value, const char *type);

static bool is_object(ph_connecting *call, const char *json) {
  char *kind = ph_connect_query(
      call, sqlite3_mprintf("SELECT CASE WHEN json_valid(%Q) THEN json_type(%Q) END", json, json));
  bool is = kind != NULL && strcmp(kind, "object") == 0;
  sqlite3_free(kind);
  return is;
}

static void each_member(ph_connecting *call, const char *json, const char *what, take_member *take) {
  /* asked twice: with short memory SQLite takes an object for none */
  if (!is_object(call, json) && !is_object(call, json))
    ph_fail(call->status, "pipeline_connect: %s: %.60s (expected a JSON object)", what, json);
  if (ph_failed(call->status)) return;
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(call->db, "SELECT key, value, type FROM json_each(?)", -1, &statement, NULL);
  if (code == SQLITE_OK) code = sqlite3_bind_text(statement, 1, json, -1, SQLITE_TRANSIENT);
  while (code == SQLITE_OK && !ph_failed(call->status) && sqlite3_step(statement) == SQLITE_ROW) {
    const char *key = (const char *)sqlite3_column_text(statement, 0);
    const char *value = (const char *)sqlite3_column_text(statement, 1);
    const char *type = (const char *)sqlite3_column_text(statement, 2);
    /* an option that is null is not given */
    if (key != NULL && value != NULL && type != NULL)
      take(call, ph_words_copy(call, ph_words_of(key)), ph_words_copy(call, ph_words_of(value)), type);
  }
  int finalized = sqlite3_finalize(statement);
  if (code == SQLITE_OK) code = finalized;
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, "pipeline_connect");
}

static void take_pair(ph_connecting *call, ph_pair **pairs, size_t *count, size_t *capacity,
                      const char *theirs, const char *ours) {
  if (!ph_reserve(call->status, (void **)pairs, capacity, *count + 1, sizeof **pairs)) return;
  (*pairs)[(*count)++] = (ph_pair){theirs, ours};
}

static void take_column(ph_connecting *call, const char *theirs, const char *ours, const char *type) {
  (void)type;
  take_pair(call, &call->columns, &call->columns_count, &call->columns_capacity, theirs, ours);
}

static void take_value(ph_connecting *call, const char *theirs, const char *ours, const char *type) {
  (void)type;
  take_pair(call, &call->values, &call->values_count, &call->values_capacity, theirs, ours);
}

static void take_option(ph_connecting *call, const char *name, const char *value, const char *type) {
  if (!ph_reserve(call->status, (void **)&call->options, &call->option_capacity, call->option_count + 1,
                  sizeof *call->options))
    return;
  ph_option option = {name, value, strcmp(type, "object") == 0};
  check_option(call, &option);
  call->options[call->option_count++] = option;
  if (strcmp(name, "columns") == 0) each_member(call, value, "option columns", take_column);
  if (strcmp(name, "values") == 0) each_member(call, value, "option values", take_value);
}

void ph_connect_read_options(ph_connecting *call, const char *json) {
  if (json != NULL) each_member(call, json, "the options", take_option);
}
