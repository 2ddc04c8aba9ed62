/* Virtual-table engine. See engine.h. */
#include "engine_internal.h"

#include "../history/currency.h"
#include "store.h"

#include <string.h>

/* What SQLite keeps for a table: the descriptor, and where its sources are. */
typedef struct virtual_table {
  sqlite3_vtab base;
  const ph_table *table;
  ph_connection *connection;
  ph_sources sources;
  char *texts[PH_RELATION_COUNT + 1]; /* what sources points to */
} virtual_table;

/* What is registered for a module. */
typedef struct module_data {
  ph_connection *connection;
  const ph_table *table;
} module_data;

/* ------------------------------------------------------------------------------------------ declaration */

static const char *type_name(ph_column_type type) {
  static const char *const names[] = {"TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB"};
  return names[type];
}

static const char *argument_type_name(const ph_argument *argument) {
  if (ph_argument_is_real(argument)) return "REAL";
  return argument->type == PH_ARGUMENT_DAYS ? "INTEGER" : "TEXT";
}

static char *declaration(const ph_table *table) {
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "CREATE TABLE x(");
  for (int column = 0; column < table->column_count; column++)
    sqlite3_str_appendf(sql, "\"%w\" %s, ", table->columns[column].name,
                        type_name(table->columns[column].type));
  for (int argument = 0; argument < table->argument_count; argument++)
    sqlite3_str_appendf(sql, "\"%w\" %s HIDDEN, ", table->arguments[argument].name,
                        argument_type_name(&table->arguments[argument]));
  for (int column = table->column_count; column < table->column_count + table->hidden_count; column++)
    sqlite3_str_appendf(sql, "\"%w\" %s HIDDEN, ", table->columns[column].name,
                        type_name(table->columns[column].type));
  sqlite3_str_appendf(sql, "row_key %s HIDDEN, PRIMARY KEY(", table->choice != NULL ? "TEXT" : "INTEGER");
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

/* The message about a key that is none. */
static char *unknown_argument(const virtual_table *table, const char *argument) {
  sqlite3_str *text = sqlite3_str_new(NULL);
  sqlite3_str_appendf(text, "%s: unknown argument %s (expected ", table->table->name, argument);
  for (int relation = 0; relation < PH_RELATION_COUNT; relation++)
    sqlite3_str_appendf(text, "%s%s=", relation > 0 ? ", " : "", ph_relations[relation].argument);
  sqlite3_str_appendall(text, " or schema=)");
  return sqlite3_str_finish(text);
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
    *error = unknown_argument(table, argument);
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
  /* the eponymous table has the name of its module and stands in main; an instance looks into its own
  ** schema */
  bool eponymous = count <= 3 && sqlite3_stricmp(arguments[1], "main") == 0 &&
                   sqlite3_stricmp(arguments[2], table->table->name) == 0;
  if (!eponymous) {
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

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  return ph_plan_best_index(((virtual_table *)base)->table, info);
}

/* ------------------------------------------------------------------------------------------------ cursors */

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **result) {
  virtual_table *table = (virtual_table *)base;
  ph_cursor *at = sqlite3_malloc64(sizeof *at);
  if (at == NULL) return SQLITE_NOMEM;
  memset(at, 0, sizeof *at);
  ph_host_memory_begin(&at->memory);
  at->query.table = table->table;
  at->query.connection = table->connection;
  at->query.sources = &table->sources;
  at->query.status = &at->status;
  ph_connection_open_cursor(table->connection);
  *result = &at->base;
  return SQLITE_OK;
}

static void end_rows(ph_cursor *at) {
  ph_query *query = &at->query;
  if (query->table->end != NULL) query->table->end(query);
  query->state = NULL;
  if (query->rows != NULL) ph_release(at->status.memory, query->rows);
  query->rows = NULL;
  query->row_count = query->row = 0;
}

static int close_cursor(sqlite3_vtab_cursor *base) {
  ph_cursor *at = (ph_cursor *)base;
  end_rows(at);
  ph_cursor_forget_values(at);
  ph_snapshot_release(at->query.connection, at->query.snapshot);
  ph_connection_close_cursor(at->query.connection);
  sqlite3_free(at);
  return SQLITE_OK;
}

/* Reports the job's error the way a virtual table does. */
static int report_error(ph_cursor *at) {
  sqlite3_vtab *table = at->base.pVtab;
  if (at->status.code == PH_ERROR) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", at->status.message);
  }
  return ph_host_code(&at->status);
}

/* Inline: it is asked after every cell. */
static inline int report(ph_cursor *at) {
  return ph_failed(&at->status) ? report_error(at) : SQLITE_OK;
}

static bool needs_policy_only(ph_cursor *at) {
  const ph_query *query = &at->query;
  if (query->table->reads_policy_only || at->policy_known) return true;
  return query->table->answers_without_deals && query->snapshot == NULL &&
         !ph_sources_have_deals(query->connection->db, query->sources, &at->status);
}

/* The text that a column is compared with; none without a comparison. */
static ph_text compared_text(const ph_query *query, int column) {
  const ph_filter *filter = ph_query_filter(query, column);
  return filter != NULL ? (ph_text){filter->text, filter->length} : (ph_text){NULL, 0};
}

/* Which deals suffice for the question; false: no fewer than all. */
static bool choose(const ph_cursor *at, ph_chosen *chosen, ph_value *as_of) {
  const ph_choice *choice = at->query.table->choice;
  if (choice == NULL) return false;
  sqlite3_value *day = at->values[choice->day_argument];
  *chosen = (ph_chosen){.deal_id = compared_text(&at->query, choice->deal_id_column)};
  if (chosen->deal_id.text == NULL) chosen->owner = compared_text(&at->query, choice->owner_column);
  if (day != NULL) {
    *as_of = ph_host_value(day);
    chosen->as_of = as_of;
  }
  return chosen->deal_id.text != NULL || chosen->owner.text != NULL;
}

/* What the cursor reads stays the same until it is closed: one statement sees one state of the sources. */
static void open_sources(ph_cursor *at) {
  ph_query *query = &at->query;
  if (needs_policy_only(at)) {
    if (!at->policy_known) ph_connection_policy(query->connection, query->sources, &at->policy, &at->status);
    at->policy_known = !ph_failed(&at->status);
    query->policy = at->policy;
    return;
  }
  ph_chosen chosen;
  ph_value as_of;
  bool chooses = choose(at, &chosen, &as_of);
  if (query->snapshot != NULL &&
      !ph_snapshot_serves(query->snapshot, query->table->needs, chooses ? &chosen : NULL)) {
    ph_snapshot_release(query->connection, query->snapshot);
    query->snapshot = NULL;
    at->status.memory = &at->memory.memory;
  }
  if (query->snapshot == NULL) {
    query->snapshot = ph_snapshot_get(query->connection, query->sources, query->table->needs,
                                      chooses ? &chosen : NULL, &at->status);
    query->pipeline = query->snapshot != NULL ? &query->snapshot->pipeline : NULL;
  }
  if (query->pipeline != NULL && query->table->answers_without_deals)
    query->policy = query->pipeline->history.policy;
  at->status.memory = query->snapshot != NULL ? &query->snapshot->memory.memory : &at->memory.memory;
}

static void skip_to_visible(ph_cursor *at) {
  ph_query *query = &at->query;
  while (query->row < query->row_count && !ph_failed(&at->status) &&
         !((query->table->visit == NULL || query->table->visit(query)) && ph_row_passes_filters(query)))
    query->row++;
  at->at_end = query->row >= query->row_count || ph_failed(&at->status);
}

static void fill_rows(ph_cursor *at) {
  const ph_table *table = at->query.table;
  for (int index = 0; index < table->argument_count && !ph_failed(&at->status); index++)
    ph_cursor_read_argument(at, index);
  if (!ph_failed(&at->status) && table->sums_money)
    ph_require_one_currency(&at->query.pipeline->history, &at->status);
  if (!ph_failed(&at->status)) table->fill(&at->query);
  if (!ph_failed(&at->status)) skip_to_visible(at);
}

/* Where what failed was a damaged store: gives it up and begins anew. */
static bool leave_damaged_store(ph_cursor *at) {
  ph_query *query = &at->query;
  if (query->snapshot == NULL || !ph_store_distrust(query->connection, query->pipeline)) return false;
  end_rows(at);
  ph_snapshot_discard(query->connection, query->snapshot);
  query->snapshot = NULL;
  query->pipeline = NULL;
  ph_host_status_begin(&at->status, &at->memory.memory, &query->connection->patience);
  return true;
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *plan, int count,
                  sqlite3_value **values) {
  ph_cursor *at = (ph_cursor *)base;
  (void)number;
  end_rows(at);
  ph_cursor_forget_values(at);
  ph_host_status_begin(&at->status,
                       at->query.snapshot != NULL ? &at->query.snapshot->memory.memory : &at->memory.memory,
                       &at->query.connection->patience);
  at->at_end = true;
  bool no_null = ph_cursor_keep_values(at, plan, count, values);
  if (!ph_failed(&at->status)) open_sources(at);
  if (!no_null) return report(at);
  fill_rows(at);
  if (!ph_failed(&at->status) || !leave_damaged_store(at)) return report(at);
  open_sources(at);
  fill_rows(at);
  return report(at);
}

static int next(sqlite3_vtab_cursor *base) {
  ph_cursor *at = (ph_cursor *)base;
  at->query.row++;
  skip_to_visible(at);
  return report(at);
}

static int is_at_end(sqlite3_vtab_cursor *base) {
  return ((ph_cursor *)base)->at_end;
}

/* A hidden argument shows what was given for it, for SQLite compares it again; else its default. */
static void echo_argument(ph_cursor *at, sqlite3_context *context, int index) {
  const ph_argument *argument = &at->query.table->arguments[index];
  int32_t value = at->query.arguments[index];
  char text[PH_DAY_TEXT_BYTES];
  if (at->values[index] != NULL) {
    sqlite3_result_value(context, at->values[index]);
    return;
  }
  switch (argument->type) {
  case PH_ARGUMENT_OPTIONAL_DAY:
  case PH_ARGUMENT_OPTIONAL_SHARE:
  case PH_ARGUMENT_OPTIONAL_NUMBER: break; /* NULL */
  case PH_ARGUMENT_DAY:
    ph_day_format(value, text);
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
    break;
  case PH_ARGUMENT_SCOPE: sqlite3_result_text(context, ph_scope_names[value], -1, SQLITE_STATIC); break;
  case PH_ARGUMENT_STEP: sqlite3_result_text(context, ph_step_names[value], -1, SQLITE_STATIC); break;
  case PH_ARGUMENT_DAYS: sqlite3_result_int(context, value); break;
  }
}

/* The number of a row is another one where fewer deals are read: a deal is told by its id. */
static void show_row_key(ph_cursor *at, sqlite3_context *context) {
  at->query.result = context;
  if (at->query.table->choice != NULL) {
    ph_column_show(&at->query, &at->query.table->columns[at->query.table->choice->deal_id_column]);
  } else {
    sqlite3_result_int64(context, (sqlite3_int64)at->query.row);
  }
}

static int column_value(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
  ph_cursor *at = (ph_cursor *)base;
  const ph_table *table = at->query.table;
  at->query.result = context;
  if (column < table->column_count) {
    ph_column_show(&at->query, &table->columns[column]);
  } else if (column < ph_first_hidden_column(table)) {
    echo_argument(at, context, column - table->column_count);
  } else if (column < ph_row_key_column(table)) {
    ph_column_show(&at->query, &table->columns[column - table->argument_count]);
  } else {
    show_row_key(at, context);
  }
  return report(at);
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *id) {
  *id = (sqlite3_int64)((ph_cursor *)base)->query.row; /* never asked for: the tables are WITHOUT ROWID */
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
