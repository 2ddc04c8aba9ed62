/* Views and blocks whose rows are read once, and what the mapping refuses. See connect_internal.h. */
#include "connect_internal.h"

#include <string.h>

/* Of a block and of a view. */
enum { MOST_ROWS = 20000, MOST_ROWS_OF_A_VIEW = 1000 };

/* The views that these SELECTs may name, as a WITH clause: there are no TEMP views yet, and there may
** never be any. */
static void append_view(ph_connecting *call, const char *name, const char *select, void *context) {
  (void)call;
  sqlite3_str *with = context;
  sqlite3_str_appendf(with, "%s\"%w\" AS (%s)", sqlite3_str_length(with) > 0 ? ", " : "WITH ", name, select);
}

static char *statement_of(ph_connecting *call, const ph_door_block *block, const char *with) {
  char *body = ph_connect_expand(call, block->body);
  char *sql = body != NULL ? sqlite3_mprintf("%s SELECT * FROM (%s)", with, body) : NULL;
  if (sql == NULL) ph_fail_memory(call->status);
  sqlite3_free(body);
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
  char *literal = sqlite3_str_finish(text);
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
  return sqlite3_str_finish(select);
}

/* A block has any number of rows up to the most; a view with more stays a view. */
static void read_rows(ph_connecting *call, ph_door_block *block, const char *with) {
  bool is_view = block->kind == PH_BLOCK_VIEW;
  int64_t most = is_view ? MOST_ROWS_OF_A_VIEW : MOST_ROWS;
  char *sql = statement_of(call, block, with);
  sqlite3_stmt *statement = NULL;
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  sqlite3_str *rows = sqlite3_str_new(call->db);
  if (code == SQLITE_OK) read_names(call, statement, block);
  while (code == SQLITE_OK && block->row_count <= most && sqlite3_step(statement) == SQLITE_ROW)
    append_row(call, rows, statement, block);
  char *values = sqlite3_str_finish(rows);
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

static void refuse(ph_connecting *call, const ph_door_block *block, const char *with) {
  char *value = ph_connect_query(call, statement_of(call, block, with));
  if (value != NULL)
    ph_fail(call->status, "pipeline_connect: %.*s (%.60s)", (int)block->meaning.length, block->meaning.at,
            value);
  sqlite3_free(value);
}

static void append_block(ph_connecting *call, sqlite3_str *with, const ph_door_block *block,
                         const char *select) {
  sqlite3_str_appendf(with, ", \"%s_%.*w\" AS (%s)", call->crm, (int)block->name.length, block->name.at,
                      select != NULL ? select : "SELECT NULL");
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
  sqlite3_str *with = sqlite3_str_new(call->db);
  ph_connect_table_views(call, append_view, with);
  for (size_t index = 0; index < call->block_count && !ph_failed(call->status); index++) {
    ph_door_block *block = &call->blocks[index];
    bool counts =
        block->kind == PH_BLOCK_ONCE || block->kind == PH_BLOCK_REFUSE || block->kind == PH_BLOCK_VIEW;
    if (!counts || (block->condition.length > 0 && !ph_connect_holds(call, block->condition))) continue;
    if (block->kind == PH_BLOCK_REFUSE) {
      refuse(call, block, sqlite3_str_value(with));
      continue;
    }
    if (block->kind == PH_BLOCK_ONCE || block->once) read_rows(call, block, sqlite3_str_value(with));
    if (block->rows != NULL) {
      append_block(call, with, block, block->rows);
    } else if (!ph_failed(call->status)) {
      char *select = ph_connect_expand(call, block->body);
      append_block(call, with, block, select);
      sqlite3_free(select);
    }
  }
  sqlite3_free(sqlite3_str_finish(with));
  call->temporary = temporary;
}
