/*
** pipeline_connect([crm [, schema [, options]]]): TEMP views over a CRM's exported tables (specification,
** section 11). pipeline_connect_sql(crm [, schema [, options]]): the same as SQL text, for connections that
** may not make TEMP views.
**
**     SELECT pipeline_connect('salesforce');
**     SELECT pipeline_connect('hubspot', 'crm', '{"exported_on": "2026-11-23"}');
**     SELECT pipeline_connect_sql('salesforce', 'main', '{"as": "tables"}');
**
** HOW IT WORKS. A mapping (sql/connect/<crm>.sql, embedded by the build; its language is described in
** sql/connect/README.md) declares the CRM's tables and columns and holds the SELECTs of the views. For each
** declared table a view temp.<crm>_<Table> is made with exactly the declared columns, NULL for a column and
** no rows for a table that is absent; then the views of the mapping, temp.pipeline_deal and its sisters
** among them. What the cells must decide (the order of dates, say) is decided once, now: connect again after
** an import. Tables of the user are only read.
**
** Everything is looked at before the first view is made, and a call that fails later takes its views away
** again. There is no savepoint around it: after an interrupt or without memory SQLite could not end that,
** and all that the user writes from then on would wait in an open transaction. It could not drop the views
** either; the next call does.
**
** The result is JSON: crm, schema, tables, columns_used, columns_ignored, missing, switched_off, decided,
** header_rows, duplicate_rows, footer_rows, deleted_deals, merged_deals, currencies and what else the
** mapping reports, time_zone, data_until, can_judge. Errors: an unknown CRM, schema or option, a required
** table that is absent, columns that can be read in two ways, deals without any outcome, a TEMP view or
** table of one of these names that somebody else made.
*/

#include "connect_internal.h"
#include "embedded_sql.h"

#include <stdarg.h>
#include <string.h>

enum { MAPPING_COUNT = sizeof ph_embedded_mappings / sizeof *ph_embedded_mappings };

/* ------------------------------------------------------------------------------------------------- SQL */

static void run(ph_connecting *call, char *sql, const char *what) {
  if (sql == NULL) ph_fail_memory(call->status);
  if (!ph_failed(call->status)) {
    int code = sqlite3_exec(call->db, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, what);
  }
  sqlite3_free(sql);
}

char *ph_connect_query(ph_connecting *call, char *sql) {
  sqlite3_stmt *statement = NULL;
  char *text = NULL;
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW &&
      sqlite3_column_type(statement, 0) != SQLITE_NULL) {
    text = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
    if (text == NULL) ph_fail_memory(call->status);
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, "pipeline_connect");
  return text;
}

/* A text that lacks a part for want of memory is another SELECT, or a list with nothing in it. */
static void require_whole(ph_connecting *call, sqlite3_str *text) {
  if (sqlite3_str_errcode(text) != SQLITE_OK) ph_fail_memory(call->status);
}

char *ph_connect_finish(ph_connecting *call, sqlite3_str *text) {
  require_whole(call, text);
  return sqlite3_str_finish(text);
}

/* ------------------------------------------------------------------------------------------------ JSON */

void ph_connect_append_element(sqlite3_str *json, const char *text) {
  if (sqlite3_str_length(json) > 0) sqlite3_str_appendchar(json, 1, ',');
  ph_append_json(json, text, strlen(text));
}

static void append_name(sqlite3_str *json, ph_words name) {
  if (sqlite3_str_length(json) > 0) sqlite3_str_appendchar(json, 1, ',');
  ph_append_json(json, name.at, name.length);
  sqlite3_str_appendchar(json, 1, ':');
}

/* Appends "name":{…} or "name":[…] from a text that is built apart, and frees that. */
static void append_list(ph_connecting *call, sqlite3_str *json, const char *name, char open,
                        sqlite3_str *list) {
  char *text = ph_connect_finish(call, list);
  sqlite3_str_appendf(json, ",\"%s\":%c%s%c", name, open, text != NULL ? text : "", open == '[' ? ']' : '}');
  sqlite3_free(text);
}

void ph_connect_decide(ph_connecting *call, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *text = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  if (text == NULL) {
    ph_fail_memory(call->status);
  } else {
    ph_connect_append_element(call->decided, text);
    ph_connect_problem(call, "decided by the column", "info", 1, "", text);
  }
  sqlite3_free(text);
}

void ph_connect_problem(ph_connecting *call, const char *problem, const char *severity, int64_t rows,
                        const char *example, const char *meaning) {
  sqlite3_str_appendf(
      call->problems,
      "%sSELECT %Q AS problem, %Q AS severity, %lld AS rows, NULL AS amount, nullif(%Q, '') AS example, %Q "
      "AS meaning",
      sqlite3_str_length(call->problems) > 0 ? " UNION ALL " : "", problem, severity, (long long)rows,
      example, meaning);
}

/* ------------------------------------------------------------------------------------------- one call */

static void begin(ph_connecting *call, int map, ph_arena *arena) {
  ph_arena_begin(arena, call->status->memory);
  call->arena = arena;
  call->crm = ph_embedded_mappings[map].crm;
  call->mapping = ph_embedded_mappings[map].text;
  call->decided = sqlite3_str_new(call->db);
  call->problems = sqlite3_str_new(call->db);
  call->lacks = sqlite3_str_new(call->db);
}

static void end(ph_connecting *call) {
  const ph_memory *memory = call->status->memory;
  for (size_t index = 0; index < call->table_count; index++) {
    ph_release(memory, call->tables[index].columns);
    ph_release(memory, (void *)call->tables[index].all_columns);
  }
  ph_release(memory, call->tables);
  for (size_t index = 0; index < call->block_count; index++) {
    ph_release(memory, (void *)call->blocks[index].names);
    ph_release(memory, (void *)call->blocks[index].values);
  }
  ph_release(memory, call->blocks);
  ph_release(memory, call->door_options);
  ph_release(memory, call->options);
  ph_release(memory, call->columns);
  ph_release(memory, call->values);
  sqlite3_free(sqlite3_str_finish(call->decided));
  sqlite3_free(sqlite3_str_finish(call->problems));
  sqlite3_free(sqlite3_str_finish(call->lacks));
  ph_arena_end(call->arena);
}

/* Whether the sentence of an `off` holds: its condition, or the absence of its table or column. */
static bool is_off(ph_connecting *call, const ph_door_block *block) {
  if (block->condition.length > 0) return ph_connect_holds(call, block->condition);
  ph_door_table *table = &call->tables[block->table - 1];
  if (block->name.length == 0) return table->source == NULL;
  return table->source != NULL && ph_connect_column(table, block->name)->found == NULL;
}

/* Calls `take` with what is switched off, each sentence once. */
static void each_off(ph_connecting *call, void (*take)(ph_connecting *, const char *, void *),
                     void *context) {
  for (size_t index = 0; index < call->block_count && !ph_failed(call->status); index++) {
    const ph_door_block *block = &call->blocks[index];
    if (block->kind != PH_BLOCK_OFF || !is_off(call, block)) continue;
    bool before = false;
    for (size_t other = 0; other < index && !before; other++)
      before = call->blocks[other].kind == PH_BLOCK_OFF &&
               ph_words_same(call->blocks[other].meaning, block->meaning) &&
               is_off(call, &call->blocks[other]);
    if (!before) take(call, ph_words_copy(call, block->meaning), context);
  }
}

static void take_off_as_problem(ph_connecting *call, const char *sentence, void *context) {
  (void)context;
  ph_connect_problem(call, "switched off", "info", 1, "", sentence);
}

static void take_off_as_element(ph_connecting *call, const char *sentence, void *context) {
  (void)call;
  ph_connect_append_element(context, sentence);
}

static void note_rows(ph_connecting *call) {
  for (size_t index = 0; index < call->table_count; index++) {
    ph_door_table *table = &call->tables[index];
    if (table->source == NULL) continue;
    int64_t deleted = table->required ? ph_connect_count_deleted(call, table) : 0;
    if (deleted > 0)
      ph_connect_problem(call, "deleted deals", "info", deleted, table->source,
                         "deals that the source marks as deleted are left out with all their rows");
    if (table->header_rows > 0)
      ph_connect_problem(call, "row that repeats the header", "info", table->header_rows, table->source,
                         "such rows are left out");
    if (table->older_rows > 0)
      ph_connect_problem(call, "older versions of a row", "info", table->older_rows, table->source,
                         "the newest row of each id counts, the others are left out");
    if (table->skipped_rows > 0)
      ph_connect_problem(call, "rows that are no data", "info", table->skipped_rows, table->skipped_example,
                         "footers, totals and empty lines are left out");
    if (table->required && table->row_count == table->skipped_rows + table->header_rows)
      ph_connect_problem(
          call, "empty table", "error", 1, table->source,
          "there were no deals when pipeline_connect was called, so every figure is empty; connect again "
          "after an import");
  }
}

static void look_at_cells(ph_connecting *call) {
  ph_connect_inspect(call);
  if (!ph_failed(call->status)) ph_connect_read_once(call);
  note_rows(call);
  each_off(call, take_off_as_problem, NULL);
}

/* Everything up to the views: what the door finds, what is decided. */
static void prepare(ph_connecting *call, const char *options) {
  ph_connect_read_mapping(call);
  if (!ph_failed(call->status)) ph_connect_read_options(call, options);
  if (!ph_failed(call->status)) ph_connect_find_tables(call);
  if (!ph_failed(call->status) && !call->looking) look_at_cells(call);
  require_whole(call, call->decided);
  require_whole(call, call->problems);
  require_whole(call, call->lacks);
}

/* --------------------------------------------------------------------------------------- TEMP views */

/* Whether temp has any table or view that was not made here. */
static bool has_foreign(ph_connecting *call) {
  char *any = ph_connect_query(
      call, sqlite3_mprintf("SELECT 1 FROM temp.sqlite_master WHERE type = 'table' OR type = 'view' AND "
                            "instr(sql, %Q) = 0 LIMIT 1",
                            ph_made_by_connect));
  bool found = any != NULL;
  sqlite3_free(any);
  return found;
}

/* Fails when temp has a table or view of the name that was not made here. */
static void refuse_foreign(ph_connecting *call, const char *name, const char *select, void *context) {
  (void)select;
  (void)context;
  char *kind = ph_connect_query(
      call, sqlite3_mprintf("SELECT type FROM temp.sqlite_master WHERE name = %Q COLLATE NOCASE AND "
                            "type IN ('table', 'view') AND (type = 'table' OR instr(sql, %Q) = 0)",
                            name, ph_made_by_connect));
  if (kind != NULL)
    ph_fail(call->status,
            "pipeline_connect: temp has a %s %s that pipeline_connect did not make (expected none; drop it "
            "first)",
            kind, name);
  sqlite3_free(kind);
}

static void make_view(ph_connecting *call, const char *name, const char *select, void *context) {
  (void)context;
  run(call, sqlite3_mprintf("CREATE TEMP VIEW \"%w\" AS %s %s", name, ph_made_by_connect, select), name);
}

/* Drops every view that this or an earlier call made. */
static void take_away(sqlite3 *db, ph_status *status) {
  for (bool more = true; more;) {
    ph_connecting undo = {.db = db, .status = status};
    char *name =
        ph_connect_query(&undo, sqlite3_mprintf("SELECT name FROM temp.sqlite_master WHERE type = 'view' AND "
                                                "instr(sql, %Q) > 0 LIMIT 1",
                                                ph_made_by_connect));
    more = name != NULL;
    if (more) run(&undo, sqlite3_mprintf("DROP VIEW temp.\"%w\"", name), name);
    more = more && !ph_failed(status);
    sqlite3_free(name);
  }
}

/* The same after a failure, whose error stays. */
static void undo_views(sqlite3 *db) {
  ph_status status;
  ph_status_begin(&status, NULL);
  take_away(db, &status);
}

/* Where no outcome can be told for any deal, every deal would be left out. */
static void refuse_without_outcome(ph_connecting *call) {
  sqlite3_stmt *statement = NULL;
  bool any = false, told = false;
  char *sql = call->outcome_of.length > 0 ? sqlite3_mprintf("SELECT outcome FROM temp.\"%w_%.*w\"", call->crm,
                                                            (int)call->outcome_of.length, call->outcome_of.at)
                                          : sqlite3_mprintf("SELECT outcome FROM temp.pipeline_deal");
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  while (code == SQLITE_OK && !told && sqlite3_step(statement) == SQLITE_ROW) {
    any = true;
    told = sqlite3_column_type(statement, 0) != SQLITE_NULL;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, "pipeline_deal");
  if (any && !told)
    ph_fail(call->status, "pipeline_connect: no deal can be told open, won or lost (expected %.*s)",
            (int)call->outcome_from.length, call->outcome_from.at);
}

/* TEMP views of an earlier call that this one does not make would mix with it, so all are dropped. */
static void make_views(ph_connecting *call) {
  if (has_foreign(call)) ph_connect_needed_views(call, refuse_foreign, NULL);
  if (ph_failed(call->status)) return;
  take_away(call->db, call->status);
  if (!ph_failed(call->status)) ph_connect_needed_views(call, make_view, NULL);
  if (!ph_failed(call->status)) refuse_without_outcome(call);
  if (ph_failed(call->status)) undo_views(call->db);
}

/* ------------------------------------------------------------------------------------------ the answer */

static void append_tables(ph_connecting *call, sqlite3_str *json) {
  sqlite3_str *tables = sqlite3_str_new(call->db), *used = sqlite3_str_new(call->db),
              *ignored = sqlite3_str_new(call->db);
  for (size_t index = 0; index < call->table_count; index++) {
    const ph_door_table *table = &call->tables[index];
    if (table->source == NULL) continue;
    append_name(tables, table->name);
    ph_append_json(tables, table->source, strlen(table->source));
    sqlite3_str *pairs = sqlite3_str_new(call->db), *rest = sqlite3_str_new(call->db);
    for (size_t column = 0; column < table->column_count; column++)
      if (table->columns[column].found != NULL) {
        append_name(pairs, table->columns[column].name);
        ph_append_json(pairs, table->columns[column].found, strlen(table->columns[column].found));
      }
    for (size_t all = 0; all < table->all_count; all++) {
      bool is_used = false;
      for (size_t column = 0; column < table->column_count && !is_used; column++)
        is_used = table->columns[column].found == table->all_columns[all];
      if (!is_used && !ph_connect_tells_rows(table, table->all_columns[all]))
        ph_connect_append_element(rest, table->all_columns[all]);
    }
    char *pairs_text = ph_connect_finish(call, pairs), *rest_text = ph_connect_finish(call, rest);
    append_name(used, table->name);
    sqlite3_str_appendf(used, "{%s}", pairs_text != NULL ? pairs_text : "");
    append_name(ignored, table->name);
    sqlite3_str_appendf(ignored, "[%s]", rest_text != NULL ? rest_text : "");
    sqlite3_free(pairs_text);
    sqlite3_free(rest_text);
  }
  append_list(call, json, "tables", '{', tables);
  append_list(call, json, "columns_used", '{', used);
  append_list(call, json, "columns_ignored", '{', ignored);
}

static void append_and_free(ph_connecting *call, sqlite3_str *list, char *text) {
  if (text == NULL) {
    ph_fail_memory(call->status);
  } else {
    ph_connect_append_element(list, text);
  }
  sqlite3_free(text);
}

static void append_missing(ph_connecting *call, sqlite3_str *json) {
  sqlite3_str *missing = sqlite3_str_new(call->db);
  for (size_t index = 0; index < call->table_count; index++) {
    const ph_door_table *table = &call->tables[index];
    for (size_t column = 0; column < table->column_count && table->source != NULL; column++) {
      const ph_door_column *one = &table->columns[column];
      if (one->found != NULL || one->family) continue;
      append_and_free(call, missing,
                      sqlite3_mprintf("%.*s.%.*s", (int)table->name.length, table->name.at,
                                      (int)one->name.length, one->name.at));
    }
    if (table->source != NULL) continue;
    append_and_free(call, missing,
                    sqlite3_mprintf("%.*s%s%s", (int)table->name.length, table->name.at,
                                    table->lacking != NULL ? "." : "",
                                    table->lacking != NULL ? table->lacking : ""));
  }
  append_list(call, json, "missing", '[', missing);
}

/* An INTEGER as a number, NULL as null, any other as a text. */
static void append_value(sqlite3_str *json, sqlite3_stmt *statement, int column) {
  int type = sqlite3_column_type(statement, column);
  const char *text = type != SQLITE_NULL ? (const char *)sqlite3_column_text(statement, column) : NULL;
  if (text == NULL) {
    sqlite3_str_appendall(json, "null");
  } else if (type == SQLITE_INTEGER) {
    sqlite3_str_appendall(json, text);
  } else {
    ph_append_json(json, text, strlen(text));
  }
}

/* The first row of a query, a value for each of the names. */
static void append_query(ph_connecting *call, sqlite3_str *json, const char *sql, ph_words names) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL);
  bool row = code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
  for (int column = 0; names.length > 0; column++) {
    append_name(json, ph_words_cut(&names, ','));
    if (row && column < sqlite3_column_count(statement)) {
      append_value(json, statement, column);
    } else {
      sqlite3_str_appendall(json, "null");
    }
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, call->crm);
}

/* The rows that a mapping skips, under the keys that it gives them; tables may share a key. */
static void append_skipped(ph_connecting *call, sqlite3_str *json) {
  for (size_t index = 0; index < call->table_count; index++) {
    ph_words key = call->tables[index].skipped_as;
    int64_t rows = 0;
    bool before = false;
    for (size_t other = 0; other < call->table_count; other++) {
      if (!ph_words_same(call->tables[other].skipped_as, key)) continue;
      before = before || other < index;
      rows += call->tables[other].skipped_rows;
    }
    if (key.length == 0 || before) continue;
    append_name(json, key);
    sqlite3_str_appendf(json, "%lld", (long long)rows);
  }
}

/* Rows of the table of deals. */
static int64_t count_deleted_deals(ph_connecting *call) {
  int64_t deleted = 0;
  for (size_t index = 0; index < call->table_count; index++)
    if (call->tables[index].required && call->tables[index].source != NULL)
      deleted += ph_connect_count_deleted(call, &call->tables[index]);
  return deleted;
}

static void append_reports(ph_connecting *call, sqlite3_str *json) {
  int64_t header_rows = 0, older_rows = 0;
  for (size_t index = 0; index < call->table_count; index++) {
    header_rows += call->tables[index].header_rows;
    older_rows += call->tables[index].older_rows;
  }
  sqlite3_str_appendf(json, ",\"header_rows\":%lld,\"duplicate_rows\":%lld,\"deleted_deals\":%lld",
                      (long long)header_rows, (long long)older_rows, (long long)count_deleted_deals(call));
  append_skipped(call, json);
  for (size_t index = 0; index < call->block_count && !ph_failed(call->status); index++) {
    const ph_door_block *block = &call->blocks[index];
    if (block->kind != PH_BLOCK_REPORT ||
        (block->condition.length > 0 && !ph_connect_holds(call, block->condition)))
      continue;
    char *sql = ph_connect_expand(call, block->body);
    if (sql != NULL) append_query(call, json, sql, block->name);
    sqlite3_free(sql);
  }
}

/* What every door says, also one that has nothing to count. */
static void append_absent(ph_connecting *call, sqlite3_str *json, int from) {
  static const char *const keys[][2] = {{"footer_rows", "0"}, {"merged_deals", "0"}, {"currencies", "null"}};
  for (size_t index = 0; index < sizeof keys / sizeof *keys; index++) {
    char *key = sqlite3_mprintf(",\"%s\":", keys[index][0]);
    if (key == NULL) ph_fail_memory(call->status);
    const char *text = sqlite3_str_value(json);
    if (key != NULL && text != NULL && strstr(text + from, key) == NULL)
      sqlite3_str_appendf(json, "%s%s", key, keys[index][1]);
    sqlite3_free(key);
  }
}

static char *finish_json(ph_connecting *call, ph_connection *connection) {
  sqlite3_str *json = sqlite3_str_new(call->db), *off = sqlite3_str_new(call->db);
  sqlite3_str_appendf(json, "{\"crm\":\"%s\",\"schema\":", call->crm);
  ph_append_json(json, call->schema, strlen(call->schema));
  append_tables(call, json);
  append_missing(call, json);
  each_off(call, take_off_as_element, off);
  append_list(call, json, "switched_off", '[', off);
  append_list(call, json, "decided", '[', call->decided);
  call->decided = sqlite3_str_new(call->db);
  int reports = sqlite3_str_length(json);
  append_reports(call, json);
  append_absent(call, json, reports);
  if (!ph_failed(call->status)) ph_connect_append_evidence(call, connection, json);
  sqlite3_str_appendchar(json, 1, '}');
  char *text = sqlite3_str_finish(json);
  if (text == NULL) ph_fail_memory(call->status);
  return text;
}

/* ----------------------------------------------------------------------------------------- which door */

void ph_connect_known(char names[PH_CRM_NAMES_BYTES]) {
  names[0] = 0;
  for (int index = 0; index < MAPPING_COUNT; index++) {
    size_t length = strlen(names);
    const char *separator = index == 0 ? "" : index + 1 == MAPPING_COUNT ? " or " : ", ";
    sqlite3_snprintf((int)(PH_CRM_NAMES_BYTES - length), names + length, "%s'%s'", separator,
                     ph_embedded_mappings[index].crm);
  }
}

/* The mapping of a name; -1 after an error. */
static int find_mapping(sqlite3_value *given, ph_status *status) {
  ph_value value = ph_host_value(given);
  char shown[PH_VALUE_SHOWN_BYTES], known[PH_CRM_NAMES_BYTES];
  for (int index = 0; index < MAPPING_COUNT; index++)
    if (value.type == PH_TEXT &&
        ph_text_equals_any_case(value.text, value.length, ph_embedded_mappings[index].crm))
      return index;
  ph_connect_known(known);
  ph_fail(status, "pipeline_connect: unknown CRM %s (expected %s)", ph_value_show(&value, shown), known);
  return -1;
}

/* What a door lacks, "" where it fits, as a text of sqlite3_malloc. */
static char *look_through(sqlite3 *db, int map, const char *schema, const char *options, ph_status *status,
                          int *fallback) {
  ph_status own;
  ph_arena arena;
  ph_status_begin(&own, status->memory);
  ph_connecting call = {.db = db, .status = &own, .schema = schema, .looking = true};
  begin(&call, map, &arena);
  prepare(&call, options);
  *fallback = call.fallback;
  char *lacks =
      own.code == PH_ERROR
          ? sqlite3_mprintf("%s", own.message)
          : sqlite3_mprintf("%s", sqlite3_str_length(call.lacks) > 0 ? sqlite3_str_value(call.lacks) : "");
  if (own.code != PH_OK && own.code != PH_ERROR) *status = own;
  if (lacks == NULL) ph_fail_memory(status);
  end(&call);
  return lacks;
}

/* The one that fits the tables that are there. Those that take many a table count where no other fits. */
static int detect_mapping(sqlite3 *db, const char *schema, const char *options, ph_status *status) {
  enum { LEVELS = 3 };
  int fits[LEVELS], fitting[LEVELS] = {0}, level = 0;
  sqlite3_str *report = sqlite3_str_new(db);
  for (int index = 0; index < MAPPING_COUNT && !ph_failed(status); index++) {
    int fallback = 0;
    char *lacks = look_through(db, index, schema, options, status, &fallback);
    if (lacks == NULL) break;
    bool is_fit = *lacks == 0;
    if (is_fit) fits[fallback] = index, fitting[fallback]++;
    sqlite3_str_appendf(report, "%s%s %s%s", index > 0 ? "; " : "", ph_embedded_mappings[index].crm,
                        is_fit ? "fits" : "lacks ", is_fit ? "" : lacks);
    sqlite3_free(lacks);
  }
  char *text = sqlite3_str_finish(report);
  while (level < LEVELS - 1 && fitting[level] == 0) level++;
  if (fitting[level] != 1)
    ph_fail(status, "pipeline_connect: %s CRM fits the tables of %s (expected one; name it): %s",
            fitting[level] == 0 ? "no" : "more than one", schema, text != NULL ? text : "");
  sqlite3_free(text);
  return fitting[level] == 1 ? fits[level] : -1;
}

/* Whether an argument was given: an empty text is NULL. */
static bool is_given(int count, sqlite3_value **values, int index) {
  if (index >= count) return false;
  ph_value value = ph_host_value(values[index]);
  return !ph_value_is_missing(&value);
}

/* The schema's name, checked: a misspelt one must not look like an empty export. */
static const char *find_schema(sqlite3 *db, int count, sqlite3_value **values, ph_status *status) {
  if (!is_given(count, values, 1)) return "main";
  const char *schema = (const char *)sqlite3_value_text(values[1]);
  /* a zero byte inside ends no name */
  bool is_name = schema != NULL && strlen(schema) == (size_t)sqlite3_value_bytes(values[1]), known = false;
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &statement, NULL);
  while (code == SQLITE_OK && is_name && sqlite3_step(statement) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(statement, 1);
    if (name != NULL && sqlite3_stricmp(name, schema) == 0) known = true;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, "pipeline_connect");
  if (!known) {
    char shown[PH_VALUE_SHOWN_BYTES];
    ph_value given = ph_host_value(values[1]);
    ph_fail(status, "pipeline_connect: no schema %s (expected main or the name of an attached database)",
            ph_value_show(&given, shown));
  }
  return schema;
}

/* ---------------------------------------------------------------------------------------- the functions */

/* Views made while a statement writes would end in an abort of both. */
static void refuse_writing(sqlite3 *db, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  while ((statement = sqlite3_next_stmt(db, statement)) != NULL)
    if (sqlite3_stmt_busy(statement) && !sqlite3_stmt_readonly(statement))
      ph_fail(status, "pipeline_connect: a statement is writing (expected a SELECT of its own)");
}

/* A connection that may only read makes no TEMP view either. */
static void refuse_query_only(sqlite3 *db, ph_status *status) {
  ph_connecting call = {.db = db, .status = status};
  char *only = ph_connect_query(&call, sqlite3_mprintf("PRAGMA query_only"));
  if (only != NULL && strcmp(only, "1") == 0)
    ph_fail(status,
            "pipeline_connect: this connection may only read (PRAGMA query_only), so it can make no TEMP "
            "views: run "
            "what pipeline_connect_sql(crm, schema, '{\"as\":\"tables\"}') returns on one that may write");
  sqlite3_free(only);
}

static char *open_door(ph_connection *connection, int map, const char *schema, const char *options,
                       bool temporary, ph_status *status) {
  sqlite3 *db = connection->db;
  ph_arena arena;
  ph_connecting call = {.db = db, .status = status, .schema = schema, .temporary = temporary};
  begin(&call, map, &arena);
  prepare(&call, options);
  char *result = NULL;
  if (!ph_failed(status) && !temporary) result = ph_connect_write_script(&call);
  if (!ph_failed(status) && temporary) make_views(&call);
  if (!ph_failed(status) && temporary) result = finish_json(&call, connection);
  if (ph_failed(status) && temporary && result != NULL) undo_views(db);
  end(&call);
  return result;
}

static void connect_or_write(sqlite3_context *context, int count, sqlite3_value **values, bool temporary) {
  sqlite3 *db = sqlite3_context_db_handle(context);
  ph_host_memory memory;
  ph_status status;
  ph_host_memory_begin(&memory);
  ph_status_begin(&status, &memory.memory);
  const char *options = is_given(count, values, 2) ? (const char *)sqlite3_value_text(values[2]) : NULL;
  bool is_named = is_given(count, values, 0);
  int map = is_named ? find_mapping(values[0], &status) : -1;
  const char *schema = find_schema(db, count, values, &status);
  if (temporary) refuse_writing(db, &status);
  if (temporary && !ph_failed(&status)) refuse_query_only(db, &status);
  if (!is_named && !ph_failed(&status)) map = detect_mapping(db, schema, options, &status);
  char *result = ph_failed(&status)
                     ? NULL
                     : open_door(sqlite3_user_data(context), map, schema, options, temporary, &status);
  if (ph_failed(&status)) {
    sqlite3_free(result);
    ph_host_result_status(context, &status);
  } else {
    sqlite3_result_text(context, result, -1, sqlite3_free);
  }
}

void ph_pipeline_connect(sqlite3_context *context, int count, sqlite3_value **values) {
  connect_or_write(context, count, values, true);
}

void ph_pipeline_connect_sql(sqlite3_context *context, int count, sqlite3_value **values) {
  connect_or_write(context, count, values, false);
}
