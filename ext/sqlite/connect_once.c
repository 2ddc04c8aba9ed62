/* Views and blocks whose rows are read once, what the mapping refuses, and which views remain then. See
** connect_internal.h. */
#include "connect_internal.h"

#include <string.h>

/* Of a block and of a view. */
enum { MOST_ROWS = 20000, MOST_ROWS_OF_A_VIEW = 1000 };

/* A view that the SELECTs may name. There are no TEMP views yet, and there may never be any: it stands in a
** WITH clause. */
typedef struct named_select {
  char *name; /* in quotes, as the SELECTs write it */
  char *select;
  bool is_used;
} named_select;

typedef struct named_selects {
  named_select *all;
  size_t count, capacity;
} named_selects;

/* Takes both texts. */
static void add_select(ph_connecting *call, named_selects *to, char *name, char *select) {
  if (name == NULL || select == NULL) ph_fail_memory(call->status);
  if (!ph_failed(call->status) &&
      ph_reserve(call->status, (void **)&to->all, &to->capacity, to->count + 1, sizeof *to->all)) {
    to->all[to->count++] = (named_select){name, select, false};
    return;
  }
  sqlite3_free(name);
  sqlite3_free(select);
}

static void add_view(ph_connecting *call, const char *name, const char *select, void *context) {
  add_select(call, context, sqlite3_mprintf("\"%w\"", name), sqlite3_mprintf("%s", select));
}

static void free_selects(ph_connecting *call, named_selects *selects) {
  for (size_t index = 0; index < selects->count; index++) {
    sqlite3_free(selects->all[index].name);
    sqlite3_free(selects->all[index].select);
  }
  ph_release(call->status->memory, selects->all);
}

/* Marks the views that a text names, and those that they name, be they before or behind them. */
static void mark_used(named_selects *selects, const char *text) {
  for (size_t index = 0; index < selects->count; index++) {
    named_select *one = &selects->all[index];
    if (one->is_used || strstr(text, one->name) == NULL) continue;
    one->is_used = true;
    mark_used(selects, one->select);
  }
}

/* SQLite reads and resolves every view of a WITH clause, so it has those that the body comes to alone. It
** would copy all rows of one that is named twice, which it does not do with views. */
static char *with_of(ph_connecting *call, named_selects *selects, const char *body) {
  for (size_t index = 0; index < selects->count; index++) selects->all[index].is_used = false;
  mark_used(selects, body);
  sqlite3_str *with = sqlite3_str_new(call->db);
  for (size_t index = 0; index < selects->count; index++)
    if (selects->all[index].is_used)
      sqlite3_str_appendf(with, "%s%s AS NOT MATERIALIZED (%s)",
                          sqlite3_str_length(with) > 0 ? ", " : "WITH ", selects->all[index].name,
                          selects->all[index].select);
  return ph_connect_finish(call, with);
}

static char *statement_of(ph_connecting *call, const ph_door_block *block, named_selects *selects) {
  char *body = ph_connect_expand(call, block->body);
  char *with = body != NULL ? with_of(call, selects, body) : NULL;
  char *sql = body != NULL ? sqlite3_mprintf("%s SELECT * FROM (%s)", with != NULL ? with : "", body) : NULL;
  if (sql == NULL) ph_fail_memory(call->status);
  sqlite3_free(body);
  sqlite3_free(with);
  return sql;
}

/* A cell as SQL, in the arena. */
static const char *literal_of(ph_connecting *call, sqlite3_stmt *statement, int column) {
  sqlite3_str *text = sqlite3_str_new(call->db);
  switch (sqlite3_column_type(statement, column)) {
  case SQLITE_NULL: sqlite3_str_appendall(text, "NULL"); break;
  case SQLITE_INTEGER: sqlite3_str_appendf(text, "%lld", sqlite3_column_int64(statement, column)); break;
  case SQLITE_FLOAT: sqlite3_str_appendf(text, "%!.17g", sqlite3_column_double(statement, column)); break;
  default: sqlite3_str_appendf(text, "%Q", sqlite3_column_text(statement, column)); break;
  }
  char *literal = ph_connect_finish(call, text);
  const char *copy = ph_words_copy(call, ph_words_of(literal != NULL ? literal : "NULL"));
  sqlite3_free(literal);
  return copy;
}

/* Few rows are kept cell by cell, too. */
static void append_row(ph_connecting *call, sqlite3_str *rows, sqlite3_stmt *statement,
                       ph_door_block *block) {
  bool is_kept = block->row_count < PH_FEW_ROWS;
  sqlite3_str_appendall(rows, block->row_count == 0 ? "(" : ", (");
  for (int column = 0; column < block->column_count; column++) {
    size_t at = (size_t)block->row_count * (size_t)block->column_count + (size_t)column;
    const char *literal = literal_of(call, statement, column);
    sqlite3_str_appendf(rows, "%s%s", column > 0 ? ", " : "", literal);
    if (is_kept && ph_reserve(call->status, (void **)&block->values, &block->value_capacity, at + 1,
                              sizeof *block->values))
      block->values[at] = literal;
  }
  sqlite3_str_appendall(rows, ")");
  block->row_count++;
}

static void read_names(ph_connecting *call, sqlite3_stmt *statement, ph_door_block *block) {
  int count = sqlite3_column_count(statement);
  if (!ph_reserve(call->status, (void **)&block->names, &block->name_capacity, (size_t)count,
                  sizeof *block->names))
    return;
  block->column_count = count;
  for (int column = 0; column < count; column++) {
    const char *name = sqlite3_column_name(statement, column);
    const char *point = name != NULL ? strrchr(name, '.') : NULL; /* PRAGMA full_column_names */
    if (point != NULL) name = point + 1;
    block->names[column] = ph_words_copy(call, ph_words_of(name != NULL ? name : ""));
  }
}

/* SELECT column1 AS day, … FROM (VALUES …); without rows the same columns and none. */
static char *select_of(ph_connecting *call, const ph_door_block *block, const char *values) {
  sqlite3_str *select = sqlite3_str_new(call->db);
  for (int column = 0; column < block->column_count; column++) {
    sqlite3_str_appendall(select, column > 0 ? ", " : "SELECT ");
    if (block->row_count > 0) {
      sqlite3_str_appendf(select, "column%d", column + 1);
    } else {
      sqlite3_str_appendall(select, "NULL");
    }
    sqlite3_str_appendf(select, " AS \"%w\"", block->names[column]);
  }
  if (block->row_count > 0) {
    sqlite3_str_appendf(select, " FROM (VALUES %s)", values);
  } else {
    sqlite3_str_appendall(select, " WHERE 0");
  }
  return ph_connect_finish(call, select);
}

/* A block has any number of rows up to the most; a view with more stays a view. */
static void read_rows(ph_connecting *call, ph_door_block *block, named_selects *selects) {
  bool is_view = block->kind == PH_BLOCK_VIEW;
  int64_t most = is_view ? MOST_ROWS_OF_A_VIEW : MOST_ROWS;
  char *sql = statement_of(call, block, selects);
  sqlite3_stmt *statement = NULL;
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  sqlite3_str *rows = sqlite3_str_new(call->db);
  if (code == SQLITE_OK) read_names(call, statement, block);
  while (code == SQLITE_OK && block->row_count <= most && sqlite3_step(statement) == SQLITE_ROW)
    append_row(call, rows, statement, block);
  char *values = ph_connect_finish(call, rows);
  char *select = code == SQLITE_OK ? select_of(call, block, values != NULL ? values : "") : NULL;
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, call->crm);
  bool fits = block->row_count <= most;
  if (!fits && !is_view)
    ph_fail(call->status, "pipeline_connect: %s has more than %d different values of %.*s (expected fewer)",
            call->crm, MOST_ROWS, (int)block->name.length, block->name.at);
  if (fits) block->rows = ph_words_copy(call, ph_words_of(select != NULL ? select : ""));
  sqlite3_free(values);
  sqlite3_free(select);
}

static void refuse(ph_connecting *call, const ph_door_block *block, named_selects *selects) {
  char *value = ph_connect_query(call, statement_of(call, block, selects));
  if (value != NULL)
    ph_fail(call->status, "pipeline_connect: %.*s (%.60s)", (int)block->meaning.length, block->meaning.at,
            value);
  sqlite3_free(value);
}

/* A block sees the declared tables and the views and blocks before it. */
void ph_connect_read_once(ph_connecting *call) {
  bool temporary = call->temporary, any = false;
  for (size_t index = 0; index < call->block_count; index++)
    if (call->blocks[index].kind == PH_BLOCK_ONCE || call->blocks[index].kind == PH_BLOCK_REFUSE ||
        call->blocks[index].once)
      any = true;
  if (!any) return;
  call->temporary = true; /* the source's tables with their schema */
  named_selects selects = {.all = NULL};
  ph_connect_table_views(call, add_view, &selects);
  for (size_t index = 0; index < call->block_count && !ph_failed(call->status); index++) {
    ph_door_block *block = &call->blocks[index];
    bool counts =
        block->kind == PH_BLOCK_ONCE || block->kind == PH_BLOCK_REFUSE || block->kind == PH_BLOCK_VIEW;
    if (!counts || (block->condition.length > 0 && !ph_connect_holds(call, block->condition))) continue;
    if (block->kind == PH_BLOCK_REFUSE) {
      refuse(call, block, &selects);
      continue;
    }
    if (block->kind == PH_BLOCK_ONCE || block->once) read_rows(call, block, &selects);
    if (ph_failed(call->status)) break;
    add_select(
        call, &selects, sqlite3_mprintf("\"%s_%.*w\"", call->crm, (int)block->name.length, block->name.at),
        block->rows != NULL ? sqlite3_mprintf("%s", block->rows) : ph_connect_expand(call, block->body));
  }
  free_selects(call, &selects);
  call->temporary = temporary;
}

/* ------------------------------------------------------------------------------------------ what remains */

/* Whether a view of the mapping stands for other views alone: it is no relation, its rows are not decided. */
static bool is_means(const ph_connecting *call, const char *quoted) {
  size_t crm = strlen(call->crm);
  for (size_t index = 0; index < call->block_count; index++) {
    const ph_door_block *block = &call->blocks[index];
    if (block->kind != PH_BLOCK_VIEW || block->rows != NULL) continue;
    ph_words name = {quoted + 1, strlen(quoted) - 2}; /* without its quotes */
    if (name.length != crm + 1 + block->name.length || memcmp(name.at, call->crm, crm) != 0) continue;
    if (ph_words_same((ph_words){name.at + crm + 1, block->name.length}, block->name)) return true;
  }
  return false;
}

/* What is asked once the views are there. */
static void mark_asked(ph_connecting *call, named_selects *selects) {
  for (size_t index = 0; index < call->block_count && !ph_failed(call->status); index++) {
    const ph_door_block *block = &call->blocks[index];
    bool holds = block->kind == PH_BLOCK_REPORT &&
                 (block->condition.length == 0 || ph_connect_holds(call, block->condition));
    char *sql = holds ? ph_connect_expand(call, block->body) : NULL;
    if (sql != NULL) mark_used(selects, sql);
    sqlite3_free(sql);
  }
  char *outcome =
      sqlite3_mprintf("\"%s_%.*s\"", call->crm, (int)call->outcome_of.length, call->outcome_of.at);
  if (outcome != NULL) mark_used(selects, outcome);
  sqlite3_free(outcome);
}

void ph_connect_needed_views(ph_connecting *call, ph_each_view *each, void *context) {
  named_selects selects = {.all = NULL};
  ph_connect_views(call, add_view, &selects);
  for (size_t index = 0; index < selects.count; index++) {
    named_select *one = &selects.all[index];
    if (one->is_used || is_means(call, one->name)) continue;
    one->is_used = true;
    mark_used(&selects, one->select);
  }
  mark_asked(call, &selects);
  for (size_t index = 0; index < selects.count && !ph_failed(call->status); index++) {
    named_select *one = &selects.all[index];
    if (!one->is_used) continue;
    ph_words name = {one->name + 1, strlen(one->name) - 2};
    each(call, ph_words_copy(call, name), one->select, context);
  }
  free_selects(call, &selects);
}
