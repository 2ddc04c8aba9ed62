/* The room of the one virtual-table engine. See engine.h. */
#include "engine.h"

#include <math.h>
#include <string.h>

/* What SQLite keeps for a table: the descriptor, and where its sources are. */
typedef struct virtual_table {
  sqlite3_vtab base;
  const ph_table *table;
  ph_connection *connection;
  ph_sources sources;
  char *texts[PH_RELATION_COUNT + 1]; /* what sources points to */
} virtual_table;

typedef struct cursor {
  sqlite3_vtab_cursor base;
  ph_query query;
  ph_status status;
  ph_host_memory memory; /* for tables without a snapshot */
  ph_policy policy;
  bool policy_known, today_known, at_end;
  ph_day today;
  sqlite3_value *values[PH_MOST_ARGUMENTS]; /* as they were given, NULL for a default */
  sqlite3_value *filter_values[PH_MOST_COLUMNS];
} cursor;

/* What is registered for a module. */
typedef struct module_data {
  ph_connection *connection;
  const ph_table *table;
} module_data;

/* ------------------------------------------------------------------------------------------ declaration */

static const char *type_name(ph_column_type type) {
  static const char *const names[] = {"TEXT", "INTEGER", "REAL", "NUMERIC"};
  return names[type];
}

static const char *argument_type_name(ph_argument_type type) {
  return type == PH_ARGUMENT_DAYS ? "INTEGER" : "TEXT";
}

static int row_key_column(const ph_table *table) {
  return table->column_count + table->argument_count;
}

static char *declaration(const ph_table *table) {
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "CREATE TABLE x(");
  for (int column = 0; column < table->column_count; column++)
    sqlite3_str_appendf(sql, "\"%w\" %s, ", table->columns[column].name,
                        type_name(table->columns[column].type));
  for (int argument = 0; argument < table->argument_count; argument++)
    sqlite3_str_appendf(sql, "\"%w\" %s HIDDEN, ", table->arguments[argument].name,
                        argument_type_name(table->arguments[argument].type));
  sqlite3_str_appendall(sql, "row_key INTEGER HIDDEN, PRIMARY KEY(");
  for (int argument = 0; argument < table->argument_count; argument++)
    sqlite3_str_appendf(sql, "\"%w\", ", table->arguments[argument].name);
  sqlite3_str_appendall(sql, "row_key)) WITHOUT ROWID");
  return sqlite3_str_finish(sql);
}

static bool is_quote(char character) {
  return character == '\'' || character == '"' || character == '`' || character == '[';
}

/* A copy of a value of CREATE VIRTUAL TABLE without blanks around it and without its quotes. */
static char *unquoted(const char *text) {
  while (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r') text++;
  size_t length = strlen(text);
  while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL) length--;
  char *copy = sqlite3_mprintf("%.*s", (int)length, text);
  if (copy == NULL || length < 2 || !is_quote(copy[0])) return copy;
  char quote = copy[0] == '[' ? ']' : copy[0];
  size_t written = 0;
  for (size_t read = 1; read + 1 < length; read++) {
    if (copy[read] == quote && copy[read + 1] == quote && read + 2 < length) read++;
    copy[written++] = copy[read];
  }
  copy[written] = 0;
  return copy;
}

/* Takes one key=value of CREATE VIRTUAL TABLE. */
static int take_argument(virtual_table *table, const char *argument, char **error) {
  const char *equals = strchr(argument, '=');
  int relation = 0, place = -1;
  char *key = equals != NULL ? sqlite3_mprintf("%.*s", (int)(equals - argument), argument) : NULL;
  char *name = key != NULL ? unquoted(key) : NULL;
  sqlite3_free(key);
  if (equals != NULL && name == NULL) return SQLITE_NOMEM;
  if (name != NULL && sqlite3_stricmp(name, "schema") == 0) place = PH_RELATION_COUNT;
  for (; name != NULL && relation < PH_RELATION_COUNT; relation++)
    if (sqlite3_stricmp(name, ph_relations[relation].argument) == 0) place = relation;
  sqlite3_free(name);
  if (place < 0) {
    *error = sqlite3_mprintf(
        "%s: unknown argument %s (expected deal=, event=, stage=, quota=, policy= or schema=)",
        table->table->name, argument);
    return SQLITE_ERROR;
  }
  if (table->texts[place] != NULL && place != PH_RELATION_COUNT) {
    *error = sqlite3_mprintf("%s: argument %s is there twice", table->table->name, argument);
    return SQLITE_ERROR;
  }
  sqlite3_free(table->texts[place]);
  table->texts[place] = unquoted(equals + 1);
  return table->texts[place] != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

static int take_arguments(virtual_table *table, int count, const char *const *arguments, char **error) {
  int code = SQLITE_OK;
  /* the eponymous table has the name of its module; an instance looks into its own schema */
  if (count > 3 || sqlite3_stricmp(arguments[2], table->table->name) != 0) {
    table->texts[PH_RELATION_COUNT] = sqlite3_mprintf("%s", arguments[1]);
    if (table->texts[PH_RELATION_COUNT] == NULL) return SQLITE_NOMEM;
  }
  for (int index = 3; index < count && code == SQLITE_OK; index++)
    code = take_argument(table, arguments[index], error);
  for (int relation = 0; relation < PH_RELATION_COUNT; relation++)
    table->sources.names[relation] = table->texts[relation];
  table->sources.schema = table->texts[PH_RELATION_COUNT];
  return code;
}

static void free_table(virtual_table *table) {
  for (int index = 0; index <= PH_RELATION_COUNT; index++) sqlite3_free(table->texts[index]);
  sqlite3_free(table);
}

static int connect(sqlite3 *db, void *client, int count, const char *const *arguments, sqlite3_vtab **result,
                   char **error) {
  const module_data *module = client;
  virtual_table *table = sqlite3_malloc64(sizeof *table);
  char *sql = declaration(module->table);
  int code = table != NULL && sql != NULL ? SQLITE_OK : SQLITE_NOMEM;
  if (table != NULL) {
    memset(table, 0, sizeof *table);
    table->table = module->table;
    table->connection = module->connection;
  }
  if (code == SQLITE_OK) code = take_arguments(table, count, arguments, error);
  if (code == SQLITE_OK) code = sqlite3_declare_vtab(db, sql);
  sqlite3_free(sql);
  if (code == SQLITE_OK) {
    *result = &table->base;
  } else if (table != NULL) {
    free_table(table);
  }
  return code;
}

static int disconnect(sqlite3_vtab *base) {
  free_table((virtual_table *)base);
  return SQLITE_OK;
}

/* ---------------------------------------------------------------------------------------------- planning */

/* The plan is a text: a letter for each value that xFilter gets, 'A' + argument or 'a' + column. */
typedef struct plan {
  char letters[PH_MOST_ARGUMENTS + PH_MOST_COLUMNS + 1];
  int count;
  bool given[PH_MOST_ARGUMENTS + PH_MOST_COLUMNS];
  bool constant; /* the first argument is written into the statement: it will be asked for once */
  bool row_key;  /* row_key is compared with a value: one argument too many, which xFilter says */
} plan;

/* The parts of idxNum. */
enum { PLAN_CONSTANT = 1, PLAN_ROW_KEY = 2 };

/* Takes a constraint into the plan where it is one of ours. False when it is but cannot be used: then there
** must be another order of the join. */
static bool plan_constraint(const ph_table *table, sqlite3_index_info *info, int index, plan *taken) {
  const struct sqlite3_index_constraint *constraint = &info->aConstraint[index];
  int column = constraint->iColumn, argument = column - table->column_count;
  bool is_argument = argument >= 0 && argument < table->argument_count;
  /* IS is = for an argument, which is never NULL */
  if (constraint->op != SQLITE_INDEX_CONSTRAINT_EQ &&
      !(is_argument && constraint->op == SQLITE_INDEX_CONSTRAINT_IS))
    return true;
  if (column == row_key_column(table)) {
    taken->row_key = true;
    return constraint->usable;
  }
  if (!is_argument && (column < 0 || column >= table->column_count || !table->columns[column].filters))
    return true;
  if (!constraint->usable) return !is_argument;
  int place = is_argument ? argument : PH_MOST_ARGUMENTS + column;
  if (taken->given[place]) return true;
  /* a comparison by another collation is SQLite's business */
  if (!is_argument && sqlite3_stricmp(sqlite3_vtab_collation(info, index), "BINARY") != 0) return true;
  taken->given[place] = true;
  sqlite3_value *known = NULL;
  if (argument == 0 && sqlite3_vtab_rhs_value(info, index, &known) == SQLITE_OK && known != NULL)
    taken->constant = true;
  taken->letters[taken->count++] = (char)(is_argument ? 'A' + argument : 'a' + column);
  info->aConstraintUsage[index].argvIndex = taken->count;
  info->aConstraintUsage[index].omit = is_argument;
  return true;
}

/* What a plan costs. Arguments left to their defaults make it dearer than any plan that has them given, however
** many rows of other tables ask for that one: where OR or IN offers values, reading the rows of the defaults
** instead would find other rows. A later argument weighs more than all before it, because SQLite shows the
** branches of an OR without what stands beside the OR: in table('2022-06-30') WHERE scope = 'team' OR (scope =
** 'owner' AND name = 'Ann') a branch seems to lose as_of when it gains scope. */
static double plan_cost(const ph_table *table, const plan *taken, double rows) {
  double cost = 1000 + rows, factor = 1e20;
  for (int argument = 0; argument < table->argument_count; argument++) {
    if (!taken->given[argument] && table->arguments[argument].required)
      return 1e305; /* xFilter says what is missing */
    if (!taken->given[argument]) cost *= factor;
    factor *= factor;
  }
  return cost;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  const ph_table *table = ((virtual_table *)base)->table;
  plan taken = {.count = 0};
  for (int index = 0; index < info->nConstraint; index++)
    if (!plan_constraint(table, info, index, &taken)) return SQLITE_CONSTRAINT;
  double rows = table->rows_estimate;
  for (int column = 0; column < table->column_count; column++)
    if (taken.given[PH_MOST_ARGUMENTS + column]) rows = rows / 10 + 1;
  info->estimatedCost = plan_cost(table, &taken, rows);
  info->estimatedRows = (sqlite3_int64)rows;
  info->idxNum = (taken.constant ? PLAN_CONSTANT : 0) | (taken.row_key ? PLAN_ROW_KEY : 0);
  info->idxStr = sqlite3_mprintf("%.*s", taken.count, taken.letters);
  info->needToFreeIdxStr = 1;
  return info->idxStr != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

/* --------------------------------------------------------------------------------------------- arguments */

static void forget_values(cursor *at) {
  for (int argument = 0; argument < PH_MOST_ARGUMENTS; argument++) {
    sqlite3_value_free(at->values[argument]);
    at->values[argument] = NULL;
  }
  for (int column = 0; column < PH_MOST_COLUMNS; column++) {
    sqlite3_value_free(at->filter_values[column]);
    at->filter_values[column] = NULL;
  }
  memset(at->query.filters, 0, sizeof at->query.filters);
}

static const ph_policy *policy_of(cursor *at) {
  return at->query.pipeline != NULL ? &at->query.pipeline->history.policy : &at->policy;
}

static void read_day(cursor *at, const ph_argument *argument, const ph_value *value, int32_t *day) {
  ph_instant instant;
  char shown[PH_VALUE_SHOWN_BYTES];
  if (ph_instant_from_value(value, ph_policy_integer(policy_of(at), PH_POLICY_UTC_OFFSET_MINUTES),
                            &instant)) {
    *day = instant.day;
  } else {
    ph_fail(&at->status, "%s: %s is %s, which is no day (" PH_EXPECTED_DATE_FORMS ")", at->query.table->name,
            argument->name, ph_value_show(value, shown));
  }
}

/* Reads one of a list of names; `allowed` has a bit for each that may be used. */
static void read_choice(cursor *at, const ph_argument *argument, const ph_value *value,
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

static void read_days(cursor *at, const ph_argument *argument, const ph_value *value, int32_t *days) {
  int64_t integer;
  char shown[PH_VALUE_SHOWN_BYTES];
  if (ph_value_to_integer(value, &integer) && integer >= 0 && integer <= 36500) {
    *days = (int32_t)integer;
  } else {
    ph_fail(&at->status, "%s: %s is %s (expected a whole number of days from 0 to 36500)",
            at->query.table->name, argument->name, ph_value_show(value, shown));
  }
}

/* Today is taken once: a query that runs over midnight keeps its day. */
static ph_day today(cursor *at) {
  ph_instant now = {0, 0};
  if (!at->today_known) {
    ph_instant_from_unix_milliseconds(ph_now_milliseconds(),
                                      ph_policy_integer(policy_of(at), PH_POLICY_UTC_OFFSET_MINUTES), &now);
    at->today = now.day;
    at->today_known = true;
  }
  return at->today;
}

static void read_argument(cursor *at, int index) {
  const ph_argument *argument = &at->query.table->arguments[index];
  int32_t *target = &at->query.arguments[index];
  if (at->values[index] == NULL) {
    *target = argument->type == PH_ARGUMENT_DAY ? today(at) : argument->default_value;
    if (argument->required)
      ph_fail(&at->status, "%s: argument %s is missing (write %s(%s%s) or WHERE %s = ...)",
              at->query.table->name, argument->name, at->query.table->name,
              at->query.table->arguments[0].name, at->query.table->argument_count > 1 ? ", ..." : "",
              argument->name);
    return;
  }
  ph_value value = ph_host_value(at->values[index]);
  switch (argument->type) {
  case PH_ARGUMENT_DAY: read_day(at, argument, &value, target); break;
  case PH_ARGUMENT_SCOPE:
    read_choice(at, argument, &value, ph_scope_names, PH_SCOPE_COUNT, argument->scopes, target);
    break;
  case PH_ARGUMENT_STEP: read_choice(at, argument, &value, ph_step_names, PH_STEP_COUNT, ~0u, target); break;
  case PH_ARGUMENT_DAYS: read_days(at, argument, &value, target); break;
  }
}

/* SQLite takes row_key, the last hidden column, for one more argument of table(argument, ...). */
static void refuse_row_key(cursor *at) {
  const ph_table *table = at->query.table;
  sqlite3_str *names = sqlite3_str_new(NULL);
  for (int argument = 0; argument < table->argument_count; argument++)
    sqlite3_str_appendf(names, "%s%s", argument > 0 ? ", " : "", table->arguments[argument].name);
  char *expected = sqlite3_str_finish(names);
  ph_fail(&at->status, "%s: row_key is no argument (expected %s)", table->name,
          expected != NULL ? expected : "none");
  sqlite3_free(expected);
}

/* Equality with a value of another type than the column's is left to SQLite, which knows the affinities. */
static void read_filter(cursor *at, int column) {
  ph_filter *filter = &at->query.filters[column];
  sqlite3_value *given = at->filter_values[column];
  if (given == NULL) return;
  ph_value value = ph_host_value(given);
  bool text_column = at->query.table->columns[column].type == PH_COLUMN_TEXT;
  filter->impossible = value.type == PH_NULL;
  filter->given = filter->impossible || (text_column && value.type == PH_TEXT) ||
                  (!text_column && value.type == PH_INTEGER);
  filter->is_integer = value.type == PH_INTEGER;
  filter->integer = value.integer;
  filter->text = value.text;
  filter->length = value.length;
}

/* Keeps the values that came with the plan. False when one of the arguments is NULL: then there is no row. */
static bool keep_values(cursor *at, const char *letters, int count, sqlite3_value **values) {
  bool no_null = true;
  for (int index = 0; index < count; index++) {
    bool is_argument = letters[index] < 'a';
    sqlite3_value **kept =
        is_argument ? &at->values[letters[index] - 'A'] : &at->filter_values[letters[index] - 'a'];
    int type = sqlite3_value_type(values[index]);
    *kept = sqlite3_value_dup(values[index]);
    /* a UTF-16 text is converted here: a copy belongs to no connection, which would say that memory ran out */
    if (*kept == NULL || (type == SQLITE_TEXT && sqlite3_value_text(*kept) == NULL))
      ph_fail_memory(&at->status);
    if (type == SQLITE_NULL) no_null = false;
  }
  return no_null;
}

/* ------------------------------------------------------------------------------------------------ cursors */

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **result) {
  virtual_table *table = (virtual_table *)base;
  cursor *at = sqlite3_malloc64(sizeof *at);
  if (at == NULL) return SQLITE_NOMEM;
  memset(at, 0, sizeof *at);
  ph_host_memory_begin(&at->memory);
  at->query.table = table->table;
  at->query.connection = table->connection;
  at->query.sources = &table->sources;
  at->query.status = &at->status;
  *result = &at->base;
  return SQLITE_OK;
}

static void end_rows(cursor *at) {
  ph_query *query = &at->query;
  if (query->table->end != NULL) query->table->end(query);
  query->state = NULL;
  if (query->rows != NULL) ph_release(at->status.memory, query->rows);
  query->rows = NULL;
  query->row_count = query->row = 0;
}

static int close_cursor(sqlite3_vtab_cursor *base) {
  cursor *at = (cursor *)base;
  end_rows(at);
  forget_values(at);
  ph_snapshot_release(at->query.connection, at->query.snapshot);
  sqlite3_free(at);
  return SQLITE_OK;
}

/* Reports the job's error the way a virtual table does. */
static int report(cursor *at) {
  sqlite3_vtab *table = at->base.pVtab;
  if (at->status.code == PH_ERROR) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", at->status.message);
  }
  return ph_host_code(&at->status);
}

/* What the cursor reads stays the same until it is closed: one statement sees one state of the sources. */
static void open_sources(cursor *at) {
  ph_query *query = &at->query;
  if (query->table->reads_policy_only) {
    if (!at->policy_known) ph_connection_policy(query->connection, query->sources, &at->policy, &at->status);
    at->policy_known = !ph_failed(&at->status);
    query->policy = at->policy;
    return;
  }
  if (query->snapshot == NULL) {
    query->snapshot = ph_snapshot_get(query->connection, query->sources, &at->status);
    query->pipeline = query->snapshot != NULL ? &query->snapshot->pipeline : NULL;
  }
  at->status.memory = query->snapshot != NULL ? &query->snapshot->memory.memory : &at->memory.memory;
}

static void skip_to_visible(cursor *at) {
  ph_query *query = &at->query;
  if (query->table->visit != NULL)
    while (query->row < query->row_count && !ph_failed(&at->status) && !query->table->visit(query))
      query->row++;
  at->at_end = query->row >= query->row_count || ph_failed(&at->status);
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *letters, int count,
                  sqlite3_value **values) {
  cursor *at = (cursor *)base;
  const ph_table *table = at->query.table;
  at->query.asked_once = (number & PLAN_CONSTANT) != 0;
  end_rows(at);
  forget_values(at);
  ph_host_status_begin(&at->status,
                       at->query.snapshot != NULL ? &at->query.snapshot->memory.memory : &at->memory.memory,
                       at->query.connection->db);
  at->at_end = true;
  bool no_null = keep_values(at, letters, count, values);
  if (number & PLAN_ROW_KEY) refuse_row_key(at);
  if (!ph_failed(&at->status)) open_sources(at);
  if (!no_null) return report(at);
  for (int index = 0; index < table->argument_count && !ph_failed(&at->status); index++)
    read_argument(at, index);
  for (int column = 0; column < table->column_count; column++) read_filter(at, column);
  if (!ph_failed(&at->status)) table->fill(&at->query);
  if (!ph_failed(&at->status)) skip_to_visible(at);
  return report(at);
}

static int next(sqlite3_vtab_cursor *base) {
  cursor *at = (cursor *)base;
  at->query.row++;
  skip_to_visible(at);
  return report(at);
}

static int is_at_end(sqlite3_vtab_cursor *base) {
  return ((cursor *)base)->at_end;
}

/* A hidden argument shows what was given for it, for SQLite compares it again; else its default. */
static void echo_argument(cursor *at, sqlite3_context *context, int index) {
  const ph_argument *argument = &at->query.table->arguments[index];
  int32_t value = at->query.arguments[index];
  char text[PH_DAY_TEXT_BYTES];
  if (at->values[index] != NULL) {
    sqlite3_result_value(context, at->values[index]);
    return;
  }
  switch (argument->type) {
  case PH_ARGUMENT_DAY:
    ph_day_format(value, text);
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
    break;
  case PH_ARGUMENT_SCOPE: sqlite3_result_text(context, ph_scope_names[value], -1, SQLITE_STATIC); break;
  case PH_ARGUMENT_STEP: sqlite3_result_text(context, ph_step_names[value], -1, SQLITE_STATIC); break;
  case PH_ARGUMENT_DAYS: sqlite3_result_int(context, value); break;
  }
}

static int column_value(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
  cursor *at = (cursor *)base;
  const ph_table *table = at->query.table;
  if (column == row_key_column(table)) {
    sqlite3_result_int64(context, (sqlite3_int64)at->query.row);
  } else if (column >= table->column_count) {
    echo_argument(at, context, column - table->column_count);
  } else {
    at->query.result = context;
    table->value(&at->query, column);
  }
  return report(at);
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *id) {
  *id = (sqlite3_int64)((cursor *)base)->query.row; /* never asked for: the tables are WITHOUT ROWID */
  return SQLITE_OK;
}

static const sqlite3_module module = {
    .iVersion = 0,
    .xCreate = connect, /* the same as xConnect: eponymous, and CREATE VIRTUAL TABLE works too */
    .xConnect = connect,
    .xBestIndex = best_index,
    .xDisconnect = disconnect,
    .xDestroy = disconnect,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = filter,
    .xNext = next,
    .xEof = is_at_end,
    .xColumn = column_value,
    .xRowid = row_id,
};

static void free_module_data(void *pointer) {
  module_data *data = pointer;
  ph_connection_release(data->connection);
  sqlite3_free(data);
}

int ph_engine_register(ph_connection *connection, const ph_table *table) {
  module_data *data = sqlite3_malloc64(sizeof *data);
  if (data == NULL) return SQLITE_NOMEM;
  *data = (module_data){connection, table};
  ph_connection_retain(connection);
  /* SQLite calls the destructor when it fails, too */
  return sqlite3_create_module_v2(connection->db, table->name, &module, data, free_module_data);
}

/* ------------------------------------------------------------------------------------------------ results */

bool ph_filter_passes_text(const ph_query *query, int column, const char *text) {
  const ph_filter *filter = &query->filters[column];
  if (!filter->given) return true;
  return !filter->impossible && strlen(text) == filter->length &&
         memcmp(text, filter->text, filter->length) == 0;
}

bool ph_filter_passes_integer(const ph_query *query, int column, int64_t integer) {
  const ph_filter *filter = &query->filters[column];
  return !filter->given || (!filter->impossible && filter->integer == integer);
}

bool ph_filter_passes_name(const ph_query *query, int column, uint32_t name) {
  const ph_filter *filter = &query->filters[column];
  if (!filter->given) return true;
  if (filter->impossible || name == 0) return false;
  const ph_name *text = &query->pipeline->history.names.names[name];
  return text->length == filter->length && memcmp(text->text, filter->text, filter->length) == 0;
}

void ph_result_name(ph_query *query, uint32_t name) {
  const ph_name *text = &query->pipeline->history.names.names[name];
  if (name == 0) return; /* a result is NULL until it is set */
  sqlite3_result_text64(query->result, text->text, text->length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void ph_result_text(ph_query *query, const char *text) {
  if (text != NULL) sqlite3_result_text(query->result, text, -1, SQLITE_TRANSIENT);
}

void ph_result_day(ph_query *query, ph_day day) {
  char text[PH_DAY_TEXT_BYTES];
  if (!ph_is_day(day)) return;
  ph_day_format(day, text);
  sqlite3_result_text(query->result, text, PH_DAY_TEXT_BYTES - 1, SQLITE_TRANSIENT);
}

void ph_result_integer(ph_query *query, int64_t integer) {
  sqlite3_result_int64(query->result, integer);
}

void ph_result_money(ph_query *query, int64_t units) {
  sqlite3_result_double(query->result, (double)units / 10000);
}

void ph_result_real(ph_query *query, double real) {
  if (!isnan(real)) sqlite3_result_double(query->result, real);
}

void ph_result_ratio(ph_query *query, double numerator, double denominator) {
  if (denominator != 0) sqlite3_result_double(query->result, numerator / denominator);
}
