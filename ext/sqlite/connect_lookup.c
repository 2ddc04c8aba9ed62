/*
** Tables to look up in, as the SQL of a door's views. See connect_internal.h and function_lookup.c.
**
** Of few decided rows a CASE is quicker than a table: nothing is copied, and SQLite calls no function. It
** stands where a key can be a text alone, for the function takes 41, '41' and 41.0 for one key.
*/
#include "connect_internal.h"

#include <ctype.h>
#include <string.h>

typedef struct lookup {
  const ph_door_block *block;
  int key, value; /* columns */
} lookup;

static int find_column(const ph_door_block *block, ph_words name) {
  for (int column = 0; column < block->column_count; column++)
    if (ph_words_equal(name, block->names[column])) return column;
  return -1;
}

static const char *cell(const lookup *in, int64_t row, int column) {
  return in->block->values[row * in->block->column_count + column];
}

/* The text of a literal: NULL has none, an integer is written as one. */
static const char *text_of(const char *literal) {
  return *literal == 'N' || strcmp(literal, "''") == 0 ? NULL : literal;
}

static bool is_few(const lookup *in) {
  if (in->key < 0 || in->value < 0 || in->block->row_count > PH_FEW_ROWS) return false;
  for (int64_t row = 0; row < in->block->row_count; row++) {
    const char *key = cell(in, row, in->key), *value = cell(in, row, in->value);
    if (text_of(key) == NULL) continue;
    /* a number is written with a digit or a sign first, or as Inf */
    bool is_word = *key == '\'' && isalpha((unsigned char)key[1]) && strncmp(key, "'Inf", 4) != 0;
    bool is_real = *value != '\'' && strpbrk(value, ".eEI") != NULL && *value != 'N';
    if (!is_word || is_real) return false;
    for (int64_t other = 0; other < row; other++)
      if (strcmp(cell(in, other, in->key), key) == 0) return false;
  }
  return true;
}

static void append_case(sqlite3_str *sql, const lookup *in, ph_words expression) {
  bool any = false;
  for (int64_t row = 0; row < in->block->row_count; row++) {
    const char *key = text_of(cell(in, row, in->key)), *value = text_of(cell(in, row, in->value));
    if (key == NULL || value == NULL) continue;
    if (!any) sqlite3_str_appendf(sql, "CASE (%.*s) COLLATE BINARY", (int)expression.length, expression.at);
    any = true;
    const char *quote = *value == '\'' ? "" : "'";
    sqlite3_str_appendf(sql, " WHEN %s THEN %s%s%s", key, quote, value, quote);
  }
  sqlite3_str_appendall(sql, any ? " END" : "NULL");
}

/* The decided rows of a view. */
static const ph_door_block *decided(const ph_connecting *call, ph_words name) {
  for (size_t index = 0; index < call->block_count; index++)
    if (call->blocks[index].rows != NULL && ph_words_same(call->blocks[index].name, name))
      return &call->blocks[index];
  return NULL;
}

bool ph_connect_append_lookup(ph_connecting *call, sqlite3_str *sql, ph_words words, const char *what) {
  ph_words rest = words, value = ph_words_next(&rest), of = ph_words_next(&rest), second = {NULL, 0};
  bool is_find = strcmp(what, "find") == 0, is_last = strcmp(what, "last") == 0;
  if (is_find && ph_words_equal(of, "and")) {
    second = ph_words_next(&rest);
    of = ph_words_next(&rest);
  }
  ph_words view = ph_words_next(&rest), by = ph_words_next(&rest),
           key = ph_words_trim(ph_words_cut(&rest, ','));
  if (is_find != (second.length > 0) || !ph_words_equal(of, "of") || !ph_words_equal(by, "by") ||
      !ph_connect_is_view(call, view) || rest.length == 0)
    return false;
  lookup in = {.block = is_find || is_last ? NULL : decided(call, view)};
  if (in.block != NULL) {
    in.key = find_column(in.block, key);
    in.value = find_column(in.block, value);
    if (is_few(&in)) {
      append_case(sql, &in, rest);
      return true;
    }
  }
  sqlite3_str_appendf(
      sql, "pipeline_health_%s((SELECT pipeline_health_%s(%.*s, %.*s%s%.*s) FROM \"%s_%.*w\"), %.*s)",
      is_find ? "find" : "lookup", is_last ? "greatest" : "map", (int)key.length, key.at, (int)value.length,
      value.at, is_find ? ", " : "", (int)second.length, second.at, call->crm, (int)view.length, view.at,
      (int)rest.length, rest.at);
  return true;
}
