/* Which tables and columns of the schema the declared ones are. See connect_internal.h. */
#include "connect_internal.h"

#include <ctype.h>
#include <string.h>

/* A reader of CSV leaves the byte order mark of the file in the first column's name. */
static ph_words skip_mark(ph_words name) {
  if (name.length >= 3 && memcmp(name.at, "\xEF\xBB\xBF", 3) == 0) {
    name.at += 3;
    name.length -= 3;
  }
  return name;
}

/* The next character that counts, in lower case; 0 at the end. */
static int next_character(ph_words *name) {
  while (name->length > 0) {
    char character = *name->at++;
    name->length--;
    if (character != ' ' && character != '_' && character != '-') return tolower((unsigned char)character);
  }
  return 0;
}

bool ph_same_name(ph_words left, ph_words right) {
  left = skip_mark(left);
  right = skip_mark(right);
  for (;;) {
    int one = next_character(&left), other = next_character(&right);
    if (one != other) return false;
    if (one == 0) return true;
  }
}

static bool equals_any_case(ph_words left, ph_words right) {
  left = skip_mark(left);
  right = skip_mark(right);
  return left.length == right.length &&
         (left.length == 0 || sqlite3_strnicmp(left.at, right.at, (int)left.length) == 0);
}

/* The name among `names` that is wanted: one that is equal but for case goes before one with other
** underscores. */
static const char *find_name(const char *const *names, size_t count, ph_words wanted) {
  const char *best = NULL;
  for (size_t index = 0; index < count; index++) {
    ph_words name = ph_words_of(names[index]);
    if (equals_any_case(name, wanted)) return names[index];
    if (best == NULL && ph_same_name(name, wanted)) best = names[index];
  }
  return best;
}

/* Under its own name, else under the first of its others that is there. */
static const char *find_by_names(const char *const *names, size_t count, ph_words own, ph_words others) {
  const char *found = find_name(names, count, own);
  for (ph_words alternative; found == NULL && ph_words_alternative(&others, &alternative);)
    found = find_name(names, count, alternative);
  return found;
}

size_t ph_connect_names(ph_connecting *call, char *sql, const char ***names) {
  sqlite3_stmt *statement = NULL;
  size_t count = 0, capacity = 0;
  *names = NULL;
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    if (!ph_reserve(call->status, (void **)names, &capacity, count + 1, sizeof **names)) break;
    (*names)[count++] = ph_words_copy(call, ph_words_of(name));
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, "pipeline_connect");
  return count;
}

static char *join_names(ph_connecting *call, const char *const *names, size_t count) {
  sqlite3_str *list = sqlite3_str_new(call->db);
  for (size_t index = 0; index < count; index++)
    sqlite3_str_appendf(list, "%s%s", index > 0 ? ", " : "", names[index]);
  return sqlite3_str_finish(list);
}

/* A table that an option names must be there. */
static void find_named_table(ph_connecting *call, ph_door_table *table, const char *const *names,
                             size_t count) {
  ph_words wanted = {NULL, 0};
  if (table->option.length > 0) wanted = ph_connect_option(call, table->option);
  bool is_pattern = table->is_series && wanted.length > 0 && memchr(wanted.at, '*', wanted.length) != NULL;
  if (wanted.length == 0 || is_pattern) return;
  table->source = find_name(names, count, wanted);
  if (table->source != NULL) return;
  char *list = join_names(call, names, count);
  ph_fail(call->status, "pipeline_connect: option %.*s: no table '%.*s' in %s (found: %s)",
          (int)table->option.length, table->option.at, (int)wanted.length, wanted.at, call->schema,
          list != NULL ? list : "none");
  sqlite3_free(list);
}

/* ---------------------------------------------------------------------------------------------- columns */

/* A pattern with brackets is one of GLOB, in lower case. */
static bool matches_glob(ph_connecting *call, ph_words name, ph_words pattern) {
  char *lower = sqlite3_mprintf("%.*s", (int)name.length, name.at);
  for (char *at = lower; lower != NULL && *at != 0; at++) *at = (char)tolower((unsigned char)*at);
  bool is_match = lower != NULL && sqlite3_strglob(ph_words_copy(call, pattern), lower) == 0;
  sqlite3_free(lower);
  return is_match;
}

/* What the star of a pattern stands for in a name; of one with brackets the whole name. */
static bool matches(ph_connecting *call, const char *name, ph_words pattern, ph_words *matched) {
  ph_words text = skip_mark(ph_words_of(name)), prefix = pattern;
  if (memchr(pattern.at, '[', pattern.length) != NULL) {
    *matched = text;
    return matches_glob(call, text, pattern);
  }
  const char *star = memchr(pattern.at, '*', pattern.length);
  if (star == NULL) return false;
  prefix.length = (size_t)(star - pattern.at);
  ph_words suffix = {star + 1, pattern.length - prefix.length - 1};
  if (text.length <= prefix.length + suffix.length) return false;
  *matched = (ph_words){text.at + prefix.length, text.length - prefix.length - suffix.length};
  ph_words head = {text.at, prefix.length}, tail = {matched->at + matched->length, suffix.length};
  return equals_any_case(head, prefix) && equals_any_case(tail, suffix);
}

/* Whether one of a family's patterns matches, and what its star stands for. */
static bool is_of_family(ph_connecting *call, const char *name, ph_words others, ph_words *matched) {
  bool is_member = false;
  for (ph_words pattern; !is_member && ph_words_alternative(&others, &pattern);)
    is_member = matches(call, name, pattern, matched);
  return is_member;
}

/* A family has a member for every column of the source that one of its patterns matches. Returns how many. */
static int find_family(ph_connecting *call, ph_door_table *table, size_t family) {
  int members = 0;
  for (size_t index = 0; index < table->all_count; index++) {
    ph_words matched = {NULL, 0};
    bool is_member = is_of_family(call, table->all_columns[index], table->columns[family].others, &matched);
    ph_door_column *member = is_member ? ph_connect_add_column(call, table) : NULL;
    if (member == NULL) continue;
    const ph_door_column *whole = &table->columns[family];
    char number[24];
    sqlite3_snprintf(sizeof number, number, "_%d", ++members);
    char *name = sqlite3_mprintf("%.*s%s", (int)whole->name.length, whole->name.at, number);
    if (name == NULL) ph_fail_memory(call->status);
    member->name = ph_words_of(ph_words_copy(call, ph_words_of(name != NULL ? name : "")));
    sqlite3_free(name);
    member->kind = whole->kind;
    member->spared = whole->spared;
    member->found = table->all_columns[index];
    member->matched = matched;
    member->family_of = (int)family;
  }
  return members;
}

/* What the option "columns" says of a declared column. */
static const char *find_told(const ph_connecting *call, const char *const *names, size_t count,
                             ph_words ours) {
  for (size_t index = 0; index < call->columns_count; index++)
    if (ph_same_name(ph_words_of(call->columns[index].ours), ours)) {
      const char *found = find_name(names, count, ph_words_of(call->columns[index].theirs));
      if (found != NULL) return found;
    }
  return NULL;
}

void ph_connect_add_names(ph_connecting *call, ph_door_table *table, const char *source) {
  const char **names;
  size_t count = ph_connect_names(
      call,
      sqlite3_mprintf("SELECT name FROM pragma_table_xinfo(%Q, %Q) WHERE hidden <> 1", source, call->schema),
      &names);
  for (size_t index = 0; index < count; index++) {
    bool is_known = false;
    for (size_t other = 0; other < table->all_count && !is_known; other++)
      is_known = sqlite3_stricmp(table->all_columns[other], names[index]) == 0;
    if (is_known) continue;
    if (!ph_reserve(call->status, (void **)&table->all_columns, &table->all_capacity, table->all_count + 1,
                    sizeof *table->all_columns))
      break;
    table->all_columns[table->all_count++] = names[index];
  }
  ph_release(call->status->memory, names);
}

/* A door's option of a column's own name tells which one it is. */
static const char *find_by_option(ph_connecting *call, const ph_door_table *table, ph_words ours) {
  bool is_option = false;
  for (size_t index = 0; index < call->door_option_count; index++)
    if (ph_words_same(call->door_options[index].name, ours)) is_option = true;
  ph_words wanted = is_option ? ph_connect_option(call, ours) : (ph_words){NULL, 0};
  if (wanted.length == 0) return NULL;
  const char *found = find_name(table->all_columns, table->all_count, wanted);
  if (found != NULL) return found;
  char *list = join_names(call, table->all_columns, table->all_count);
  ph_fail(call->status, "pipeline_connect: option %.*s: no column '%.*s' in %s (found: %s)", (int)ours.length,
          ours.at, (int)wanted.length, wanted.at, table->source, list != NULL ? list : "none");
  sqlite3_free(list);
  return NULL;
}

static void find_columns(ph_connecting *call, ph_door_table *table) {
  if (table->series == NULL) ph_connect_add_names(call, table, table->source);
  size_t declared = table->column_count;
  for (size_t index = 0; index < declared && !ph_failed(call->status); index++) {
    ph_door_column *column = &table->columns[index];
    if (column->family) {
      bool is_needed = column->needed;
      if (find_family(call, table, index) == 0 && is_needed && table->lacking == NULL)
        table->lacking = ph_words_copy(call, table->columns[index].name);
      continue;
    }
    column->found = find_told(call, table->all_columns, table->all_count, column->name);
    if (column->found == NULL) column->found = find_by_option(call, table, column->name);
    if (column->found == NULL)
      column->found = find_by_names(table->all_columns, table->all_count, column->name, column->others);
    if (column->needed && column->found == NULL && table->lacking == NULL)
      table->lacking = ph_words_copy(call, column->name);
  }
}

/* Tables and views are looked through under a status of their own. A view that SQLite cannot read, as one
** over a table that is gone, is none of those that are looked for; other failures end the call. */
static ph_status *begin_looking_through(ph_connecting *call, ph_status *own) {
  ph_status *of_call = call->status;
  ph_status_begin(own, of_call->memory);
  call->status = own;
  return of_call;
}

/* Whether it could be read. */
static bool end_looking_through(ph_connecting *call, ph_status *of_call) {
  const ph_status *own = call->status;
  call->status = of_call;
  if (ph_failed(own) && own->host_code != SQLITE_ERROR) *of_call = *own;
  return !ph_failed(own);
}

/* Any table that has the needed columns, where there is one only. */
static void find_any(ph_connecting *call, ph_door_table *table, const char *const *names, size_t count) {
  const char *only = NULL;
  int fitting = 0;
  for (size_t index = 0; index <= count && !ph_failed(call->status); index++) {
    if (index == count && fitting != 1) break;
    table->source = index < count ? names[index] : only;
    table->lacking = NULL;
    table->all_count = 0;
    ph_status own, *of_call = begin_looking_through(call, &own);
    find_columns(call, table);
    bool is_read = end_looking_through(call, of_call);
    if (is_read && table->lacking == NULL && index < count) only = names[index], fitting++;
  }
  if (fitting == 1) return;
  table->source = NULL;
  table->lacking = NULL;
}

/* ------------------------------------------------------------------------------------------- any table */

/* How many of the needed columns a table has, of how many; `lacking` is the first that it has not. */
static int count_needed(ph_connecting *call, const ph_door_table *table, const char *name, int *needed,
                        ph_words *lacking) {
  const char **columns;
  ph_status own, *of_call = begin_looking_through(call, &own);
  size_t count = ph_connect_names(
      call,
      sqlite3_mprintf("SELECT name FROM pragma_table_xinfo(%Q, %Q) WHERE hidden <> 1", name, call->schema),
      &columns);
  end_looking_through(call, of_call);
  int found = 0;
  *needed = 0;
  for (size_t index = 0; index < table->column_count; index++) {
    const ph_door_column *column = &table->columns[index];
    if (!column->needed) continue;
    ph_words matched;
    bool has = find_told(call, columns, count, column->name) != NULL ||
               (!column->family && find_by_names(columns, count, column->name, column->others) != NULL);
    for (size_t at = 0; column->family && at < count && !has; at++)
      has = is_of_family(call, columns[at], column->others, &matched);
    if (!has && found == *needed) *lacking = column->name;
    ++*needed;
    found += has;
  }
  ph_release(call->status->memory, columns);
  return found;
}

/* Whether a table is a relation, which somebody made for this extension, or another table of the door's. */
static bool is_taken(const ph_connecting *call, const char *name) {
  if (sqlite3_strnicmp(name, "pipeline_store_", 15) == 0) return true;
  static const char *const relations[] = {"pipeline_deal",   "pipeline_event", "pipeline_stage",
                                          "pipeline_quota",  "pipeline_rate",  "pipeline_holiday",
                                          "pipeline_policy", "pipeline_import"};
  for (size_t index = 0; index < sizeof relations / sizeof *relations; index++)
    if (sqlite3_stricmp(relations[index], name) == 0) return true;
  for (size_t index = 0; index < call->table_count; index++) {
    const ph_door_table *table = &call->tables[index];
    if (table->source != NULL && sqlite3_stricmp(table->source, name) == 0) return true;
  }
  return false;
}

/* Where several tables fit, none is taken: a guess between them would be a wrong number half of the time. */
static void report_choice(ph_connecting *call, const ph_door_table *table, const char *list) {
  if (call->looking) {
    sqlite3_str_appendf(call->lacks, "%sa choice between the tables %s",
                        sqlite3_str_length(call->lacks) > 0 ? ", " : "", list);
  } else if (table->required) {
    ph_fail(call->status,
            "pipeline_connect: several tables of %s can be %.*s: %s (name one by the option \"%.*s\")",
            call->schema, (int)table->name.length, table->name.at, list, (int)table->option.length,
            table->option.at);
  } else {
    char *meaning = sqlite3_mprintf("none of them is read; name one by the option \"%.*s\"",
                                    (int)table->option.length, table->option.at);
    char *problem =
        sqlite3_mprintf("several tables that can be %.*s", (int)table->name.length, table->name.at);
    if (meaning != NULL && problem != NULL) ph_connect_problem(call, problem, "warning", 1, list, meaning);
    sqlite3_free(meaning);
    sqlite3_free(problem);
  }
}

/* The table that has every needed column and is no other of the door's. Of none, the nearest is kept for
** the message. */
static void find_any_table(ph_connecting *call, ph_door_table *table, const char *const *names,
                           size_t count) {
  sqlite3_str *fitting = sqlite3_str_new(call->db);
  int fits = 0, best = 0;
  for (size_t index = 0; index < count && !ph_failed(call->status); index++) {
    if (is_taken(call, names[index])) continue;
    int needed;
    ph_words lacking = {NULL, 0};
    int found = count_needed(call, table, names[index], &needed, &lacking);
    if (found == needed) {
      sqlite3_str_appendf(fitting, "%s%s", fits++ > 0 ? ", " : "", names[index]);
      table->source = names[index];
    } else if (found > best) {
      best = found;
      table->nearest = names[index];
      table->nearest_lacks = lacking;
    }
  }
  char *list = ph_connect_finish(call, fitting);
  if (fits > 1) {
    table->source = NULL;
    table->has_choice = true;
    report_choice(call, table, list != NULL ? list : "");
  }
  sqlite3_free(list);
}

static void find_table(ph_connecting *call, ph_door_table *table, const char *const *names, size_t count) {
  ph_words named = {NULL, 0};
  if (table->option.length > 0) named = ph_connect_option(call, table->option);
  if (named.length == 0 && ph_words_equal(table->others, "*")) {
    find_any_table(call, table, names, count);
  } else if (named.length == 0) {
    table->source = find_by_names(names, count, table->name, table->others);
  }
  if (table->source == NULL && table->is_series && !ph_failed(call->status))
    ph_connect_find_series(call, table, named, names, count);
}

const char *ph_connect_from(ph_connecting *call, const ph_door_table *table, bool is_qualified) {
  if (table->series != NULL) return is_qualified ? table->qualified_series : table->series;
  char *from = is_qualified ? sqlite3_mprintf("\"%w\".\"%w\"", call->schema, table->source)
                            : sqlite3_mprintf("\"%w\"", table->source);
  if (from == NULL) ph_fail_memory(call->status);
  const char *copy = ph_words_copy(call, ph_words_of(from != NULL ? from : ""));
  sqlite3_free(from);
  return copy;
}

/* Every pair of the option "columns" must mean something. */
static void check_told(ph_connecting *call) {
  for (size_t pair = 0; pair < call->columns_count; pair++) {
    bool known = false, there = false;
    for (size_t index = 0; index < call->table_count; index++) {
      const ph_door_table *table = &call->tables[index];
      for (size_t column = 0; column < table->column_count; column++)
        if (ph_same_name(table->columns[column].name, ph_words_of(call->columns[pair].ours))) known = true;
      if (find_name(table->all_columns, table->all_count, ph_words_of(call->columns[pair].theirs)) != NULL)
        there = true;
    }
    if (known && there) continue;
    sqlite3_str *list = sqlite3_str_new(call->db);
    for (size_t index = 0; index < call->table_count; index++) {
      const ph_door_table *table = &call->tables[index];
      for (size_t column = 0; !known && column < table->column_count; column++)
        sqlite3_str_appendf(list, "%s%.*s", sqlite3_str_length(list) > 0 ? ", " : "",
                            (int)table->columns[column].name.length, table->columns[column].name.at);
      for (size_t column = 0; known && column < table->all_count; column++)
        sqlite3_str_appendf(list, "%s%s", sqlite3_str_length(list) > 0 ? ", " : "",
                            table->all_columns[column]);
    }
    char *names = sqlite3_str_finish(list);
    ph_fail(call->status, "pipeline_connect: option columns: no column '%s' %s (%s: %s)",
            known ? call->columns[pair].theirs : call->columns[pair].ours,
            known ? "in the tables found" : "in this mapping", known ? "found" : "known",
            names != NULL ? names : "none");
    sqlite3_free(names);
  }
}

/* No table has what a door needs: which columns these are, and what the nearest lacks. */
static void fail_any_table(ph_connecting *call, const ph_door_table *table) {
  sqlite3_str *columns = sqlite3_str_new(call->db);
  for (size_t index = 0; index < table->column_count; index++)
    if (table->columns[index].needed)
      sqlite3_str_appendf(columns, "%s%.*s", sqlite3_str_length(columns) > 0 ? ", " : "",
                          (int)table->columns[index].name.length, table->columns[index].name.at);
  char *list = sqlite3_str_finish(columns);
  ph_words lacks = table->nearest_lacks, others = {NULL, 0}, known = {NULL, 0};
  for (size_t index = 0; index < table->column_count; index++)
    if (lacks.length > 0 && ph_words_same(table->columns[index].name, lacks))
      others = table->columns[index].others;
  ph_words_alternative(&others, &known);
  ph_fail(call->status,
          "pipeline_connect: no table of %s has the columns %s that %s needs%s%s%s%.*s%s%.*s%s (name columns "
          "by the option "
          "\"columns\": {theirs: ours}; if the header is not the first line of the file, import from the "
          "header on)",
          call->schema, list != NULL ? list : "", call->crm, table->nearest != NULL ? "; " : "",
          table->nearest != NULL ? table->nearest : "", table->nearest != NULL ? " lacks " : "",
          (int)lacks.length, lacks.length > 0 ? lacks.at : "", known.length > 0 ? ", usually '" : "",
          (int)known.length, known.length > 0 ? known.at : "", known.length > 0 ? "'" : "");
  sqlite3_free(list);
}

static void fail_lacking(ph_connecting *call, const ph_door_table *table) {
  if (call->looking) {
    const char *separator = sqlite3_str_length(call->lacks) > 0 ? ", " : "";
    if (table->source == NULL && table->nearest != NULL) {
      sqlite3_str_appendf(call->lacks, "%scolumn %.*s of %s", separator, (int)table->nearest_lacks.length,
                          table->nearest_lacks.at, table->nearest);
    } else if (table->source == NULL && !table->has_choice) {
      sqlite3_str_appendf(call->lacks, "%stable %.*s", separator, (int)table->name.length, table->name.at);
    }
    if (table->source != NULL && table->lacking != NULL)
      sqlite3_str_appendf(call->lacks, "%scolumn %s of %s", separator, table->lacking, table->source);
  } else if (ph_words_equal(table->others, "*") && table->source == NULL) {
    fail_any_table(call, table);
  } else if (table->source == NULL) {
    ph_fail(call->status,
            "pipeline_connect: no table %.*s in %s (expected %s's tables under their own names%s%.*s%s)",
            (int)table->name.length, table->name.at, call->schema, call->crm,
            table->option.length > 0 ? ", or option \"" : "", (int)table->option.length, table->option.at,
            table->option.length > 0 ? "\" to name it" : "");
  } else {
    char *list = join_names(call, table->all_columns, table->all_count);
    ph_fail(call->status, "pipeline_connect: table %s has no column %s (found: %s)", table->source,
            table->lacking, list != NULL ? list : "none");
    sqlite3_free(list);
  }
}

/* A table without one of the columns it needs counts as absent. */
void ph_connect_find_tables(ph_connecting *call) {
  const char **names;
  size_t count = ph_connect_names(
      call,
      sqlite3_mprintf("SELECT name FROM \"%w\".sqlite_master WHERE type IN ('table', 'view') "
                      "AND name NOT LIKE 'sqlite_%%' AND instr(coalesce(sql, ''), %Q) = 0 ORDER BY name",
                      call->schema, ph_made_by_connect),
      &names);
  /* tables that the options name first: another must not take them */
  for (size_t index = 0; index < call->table_count && !ph_failed(call->status); index++)
    find_named_table(call, &call->tables[index], names, count);
  bool any = false;
  for (size_t index = 0; index < call->table_count && !ph_failed(call->status); index++) {
    ph_door_table *table = &call->tables[index];
    if (table->source == NULL) find_table(call, table, names, count);
    if (table->source != NULL) {
      find_columns(call, table);
    } else if (table->is_any && !ph_failed(call->status)) {
      find_any(call, table, names, count);
    }
    any = any || table->source != NULL;
  }
  ph_release(call->status->memory, names);
  if (!ph_failed(call->status) && any) check_told(call);
  for (size_t index = 0; index < call->table_count && !ph_failed(call->status); index++) {
    ph_door_table *table = &call->tables[index];
    if (table->required && (table->source == NULL || table->lacking != NULL)) fail_lacking(call, table);
    if (table->lacking != NULL) table->source = NULL;
    ph_connect_choose_key(call, table);
  }
}
