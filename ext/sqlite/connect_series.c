/* Several tables, one a day, as one: exports that were kept, such as open_pipeline_2026_11_23. See
** connect_internal.h. */
#include "connect_internal.h"

#include <ctype.h>
#include <string.h>

const char *const ph_series_day = "snapshot_day";

/* A table of a series: its name but for the day, and the moment that the name tells. */
typedef struct dated_name {
  const char *name;
  ph_words stem;
  char moment[24];
} dated_name;

static bool are_digits(const char *at, size_t count) {
  for (size_t index = 0; index < count; index++)
    if (!isdigit((unsigned char)at[index])) return false;
  return true;
}

static int two_digits(const char *at) {
  return (at[0] - '0') * 10 + (at[1] - '0');
}

/* The length of a day at the beginning of a text: 2026-11-23, 2026_11_23 or 20261123; 0 when it is none. */
static size_t day_length(const char *at, size_t left) {
  if (left < 8 || !are_digits(at, 4) || (at[0] != '1' && at[0] != '2')) return 0;
  bool is_split = left >= 10 && strchr("-_. ", at[4]) != NULL && at[4] == at[7];
  const char *month = at + (is_split ? 5 : 4), *day = at + (is_split ? 8 : 6);
  if (!are_digits(month, 2) || !are_digits(day, 2)) return 0;
  if (two_digits(month) < 1 || two_digits(month) > 12 || two_digits(day) < 1 || two_digits(day) > 31)
    return 0;
  return is_split ? 10 : 8;
}

/* What stands behind the day: the number of the export on that day, "-2"; nothing is number 0. */
static bool read_number(const char *at, int *number) {
  *number = 0;
  while (*at == '-' || *at == '_' || *at == ' ' || *at == '(') at++;
  while (isdigit((unsigned char)*at) && *number < 6) *number = *number * 10 + (*at++ - '0');
  while (*at == ')') at++;
  return *at == 0 && *number < 60;
}

/* The day, or the milliseconds since 1970 of Salesforce's reports, in a name. */
static bool read_name(ph_connecting *call, dated_name *dated) {
  size_t length = strlen(dated->name);
  for (size_t at = 0; at < length; at++) {
    const char *text = dated->name + at;
    bool goes_on = at > 0 && isdigit((unsigned char)text[-1]);
    size_t day = goes_on ? 0 : day_length(text, length - at);
    int number;
    if (!goes_on && length - at >= 13 && are_digits(text, 13) && !isdigit((unsigned char)text[13])) {
      char *moment = ph_connect_query(call, sqlite3_mprintf("SELECT datetime(%.10s, 'unixepoch')", text));
      sqlite3_snprintf(sizeof dated->moment, dated->moment, "%s", moment != NULL ? moment : "");
      sqlite3_free(moment);
      dated->stem = (ph_words){dated->name, at};
      return true;
    }
    if (day == 0 || !read_number(text + day, &number)) continue;
    const char *month = text + (day == 10 ? 5 : 4), *of_month = text + (day == 10 ? 8 : 6);
    sqlite3_snprintf(sizeof dated->moment, dated->moment, "%.4s-%.2s-%.2s", text, month, of_month);
    if (number > 0)
      sqlite3_snprintf(sizeof dated->moment, dated->moment, "%.4s-%.2s-%.2s 00:00:%02d", text, month,
                       of_month, number);
    dated->stem = (ph_words){dated->name, at};
    return true;
  }
  return false;
}

static bool fits_pattern(const char *name, ph_words pattern) {
  size_t before = 0, length = strlen(name);
  while (before < pattern.length && pattern.at[before] != '*') before++;
  size_t after = pattern.length - before - 1;
  return length >= before + after && sqlite3_strnicmp(name, pattern.at, (int)before) == 0 &&
         sqlite3_strnicmp(name + length - after, pattern.at + before + 1, (int)after) == 0;
}

/* One table of the series with the columns of all, NULL where it has none of a name. A compound SELECT has
** at most 500 terms, so many tables stand in groups. */
static void append_table(sqlite3_str *sql, const ph_door_table *table, const dated_name *dated,
                         const ph_door_table *own, const char *schema) {
  sqlite3_str_appendf(sql, "SELECT %Q AS %s", dated->moment, ph_series_day);
  for (size_t index = 1; index < table->all_count; index++) {
    bool has = false;
    for (size_t other = 0; other < own->all_count && !has; other++)
      has = sqlite3_stricmp(own->all_columns[other], table->all_columns[index]) == 0;
    sqlite3_str_appendf(sql, has ? ", \"%w\"" : ", NULL AS \"%w\"", table->all_columns[index]);
  }
  if (schema != NULL) {
    sqlite3_str_appendf(sql, " FROM \"%w\".\"%w\"", schema, dated->name);
  } else {
    sqlite3_str_appendf(sql, " FROM \"%w\"", dated->name);
  }
}

static void make_series(ph_connecting *call, ph_door_table *table, ph_words pattern, const dated_name *dated,
                        size_t count) {
  enum { GROUP = 200 };
  sqlite3_str *plain = sqlite3_str_new(call->db), *qualified = sqlite3_str_new(call->db);
  table->all_count = 0;
  if (ph_reserve(call->status, (void **)&table->all_columns, &table->all_capacity, 1,
                 sizeof *table->all_columns))
    table->all_columns[table->all_count++] = ph_words_copy(call, ph_words_of(ph_series_day));
  for (size_t index = 0; index < count; index++) ph_connect_add_names(call, table, dated[index].name);
  for (size_t index = 0; index < count && !ph_failed(call->status); index++) {
    ph_door_table own = {.name = table->name};
    ph_connect_add_names(call, &own, dated[index].name);
    const char *separator = index == 0           ? "(SELECT * FROM ("
                            : index % GROUP == 0 ? ") UNION ALL SELECT * FROM ("
                                                 : " UNION ALL ";
    sqlite3_str_appendall(plain, separator);
    sqlite3_str_appendall(qualified, separator);
    append_table(plain, table, &dated[index], &own, NULL);
    append_table(qualified, table, &dated[index], &own, call->schema);
    ph_release(call->status->memory, (void *)own.all_columns);
  }
  sqlite3_str_appendall(plain, "))");
  sqlite3_str_appendall(qualified, "))");
  char *plain_text = ph_connect_finish(call, plain), *qualified_text = ph_connect_finish(call, qualified);
  table->series = ph_words_copy(call, ph_words_of(plain_text != NULL ? plain_text : ""));
  table->qualified_series = ph_words_copy(call, ph_words_of(qualified_text != NULL ? qualified_text : ""));
  sqlite3_free(plain_text);
  sqlite3_free(qualified_text);
  char *shown =
      pattern.length > 0
          ? sqlite3_mprintf("%.*s (%d tables)", (int)pattern.length, pattern.at, (int)count)
          : sqlite3_mprintf("%.*s* (%d tables)", (int)dated[0].stem.length, dated[0].name, (int)count);
  table->source = ph_words_copy(call, ph_words_of(shown != NULL ? shown : ""));
  sqlite3_free(shown);
}

/* Keeps the tables of the stem that most have, the others are another export; `false` where two have as
** many. */
static size_t keep_one_series(ph_connecting *call, dated_name *dated, size_t count) {
  size_t most = 0, kept = 0;
  ph_words stem = {NULL, 0}, other = {NULL, 0};
  for (size_t index = 0; index < count; index++) {
    size_t same = 0;
    bool is_known = stem.at != NULL && ph_words_same(dated[index].stem, stem);
    for (size_t second = 0; second < count; second++)
      same += ph_words_same(dated[index].stem, dated[second].stem);
    if (same > most)
      most = same, stem = dated[index].stem, other = (ph_words){NULL, 0};
    else if (same == most && !is_known)
      other = dated[index].stem;
  }
  if (other.at != NULL && most > 1 && !call->looking)
    ph_fail(
        call->status,
        "pipeline_connect: tables of several series: %.*s* and %.*s* (expected one; name it by an option)",
        (int)stem.length, stem.at, (int)other.length, other.at);
  if (other.at != NULL || most < 2) return 0;
  for (size_t index = 0; index < count; index++)
    if (ph_words_same(dated[index].stem, stem)) dated[kept++] = dated[index];
  return kept;
}

bool ph_connect_find_series(ph_connecting *call, ph_door_table *table, ph_words pattern,
                            const char *const *names, size_t count) {
  dated_name *dated = ph_allocate_zeroed(call->status, count, sizeof *dated);
  size_t found = 0;
  for (size_t index = 0; index < count && dated != NULL && !ph_failed(call->status); index++) {
    if (pattern.length > 0 && !fits_pattern(names[index], pattern)) continue;
    dated[found].name = names[index];
    if (read_name(call, &dated[found])) {
      found++;
    } else if (pattern.length > 0) {
      ph_fail(
          call->status,
          "pipeline_connect: option %.*s: the name of table %s has no day (expected one such as 2026-11-23)",
          (int)table->option.length, table->option.at, names[index]);
    }
  }
  if (pattern.length > 0 && found == 0)
    ph_fail(call->status, "pipeline_connect: option %.*s: no table fits '%.*s'", (int)table->option.length,
            table->option.at, (int)pattern.length, pattern.at);
  if (pattern.length == 0 && dated != NULL) found = keep_one_series(call, dated, found);
  if (found > 0 && !ph_failed(call->status)) make_series(call, table, pattern, dated, found);
  ph_release(call->status->memory, dated);
  return found > 0;
}
