/* The text of a mapping: its declarations and its blocks of SQL. See connect_internal.h. */
#include "connect_internal.h"

#include <string.h>

/* ----------------------------------------------------------------------------------------------- words */

ph_words ph_words_of(const char *text) {
  return (ph_words){text, text != NULL ? strlen(text) : 0};
}

bool ph_words_same(ph_words left, ph_words right) {
  return left.length == right.length && (left.length == 0 || memcmp(left.at, right.at, left.length) == 0);
}

bool ph_words_equal(ph_words words, const char *text) {
  return ph_words_same(words, ph_words_of(text));
}

static bool is_blank(char character) {
  return character == ' ' || character == '\t' || character == '\r';
}

ph_words ph_words_trim(ph_words words) {
  while (words.length > 0 && is_blank(*words.at)) words.at++, words.length--;
  while (words.length > 0 && is_blank(words.at[words.length - 1])) words.length--;
  return words;
}

ph_words ph_words_cut(ph_words *words, char separator) {
  if (words->length == 0) return *words;
  bool quoted = false;
  size_t length = 0;
  while (length < words->length && (quoted || words->at[length] != separator))
    if (words->at[length++] == '"') quoted = !quoted;
  ph_words cut = {words->at, length};
  if (length < words->length) length++;
  words->at += length;
  words->length -= length;
  return ph_words_trim(cut);
}

ph_words ph_words_next(ph_words *words) {
  *words = ph_words_trim(*words);
  return ph_words_cut(words, ' ');
}

const char *ph_words_copy(ph_connecting *call, ph_words words) {
  const char *copy = ph_arena_copy(call->arena, words.at, words.length, call->status);
  return copy != NULL ? copy : "";
}

bool ph_words_alternative(ph_words *others, ph_words *alternative) {
  if (others->length == 0) return false;
  *alternative = ph_words_cut(others, '|');
  if (alternative->length >= 2 && *alternative->at == '"')
    *alternative = (ph_words){alternative->at + 1, alternative->length - 2};
  return true;
}

bool ph_words_take(ph_words *line, const char *word) {
  size_t length = strlen(word);
  if (line->length < length || memcmp(line->at, word, length) != 0) return false;
  if (line->length > length && !is_blank(line->at[length])) return false;
  *line = ph_words_trim((ph_words){line->at + length, line->length - length});
  return true;
}

bool ph_next_line(ph_words *text, ph_words *line, bool *is_directive) {
  if (text->length == 0) return false;
  const char *end = memchr(text->at, '\n', text->length);
  size_t length = end != NULL ? (size_t)(end - text->at) : text->length;
  *line = (ph_words){text->at, length};
  *is_directive = ph_words_take(line, "--!");
  size_t taken = length + (end != NULL);
  text->at += taken;
  text->length -= taken;
  return true;
}

/* ---------------------------------------------------------------------------------------- declarations */

ph_door_table *ph_connect_table(ph_connecting *call, ph_words name) {
  for (size_t index = 0; index < call->table_count; index++)
    if (ph_words_same(call->tables[index].name, name)) return &call->tables[index];
  return NULL;
}

ph_door_column *ph_connect_column(ph_door_table *table, ph_words name) {
  for (size_t index = 0; index < table->column_count; index++)
    if (ph_words_same(table->columns[index].name, name)) return &table->columns[index];
  return NULL;
}

static void fail_in_mapping(ph_connecting *call, const char *what, ph_words line) {
  ph_fail(call->status, "pipeline_connect: the mapping of %s has %s: %.*s", call->crm, what, (int)line.length,
          line.at);
}

/* The table that is being declared. */
static ph_door_table *current_table(ph_connecting *call, ph_words line) {
  if (call->table_count > 0) return &call->tables[call->table_count - 1];
  fail_in_mapping(call, "a line that belongs to a table before the first one", line);
  return NULL;
}

/* Takes a word off the end of a line. */
static bool cut_tail(ph_words *line, const char *word) {
  size_t length = strlen(word);
  if (line->length <= length || memcmp(line->at + line->length - length, word, length) != 0) return false;
  *line = ph_words_trim((ph_words){line->at, line->length - length});
  return true;
}

/* table NAME [= other | other] [series] [any] [required] [(option)] */
static void declare_table(ph_connecting *call, ph_words line) {
  if (!ph_reserve(call->status, (void **)&call->tables, &call->table_capacity, call->table_count + 1,
                  sizeof *call->tables))
    return;
  ph_door_table *table = &call->tables[call->table_count++];
  memset(table, 0, sizeof *table);
  table->deleted_rows = -1;
  const char *open =
      line.length > 0 && line.at[line.length - 1] == ')' ? memchr(line.at, '(', line.length) : NULL;
  if (open != NULL) {
    size_t before = (size_t)(open - line.at);
    table->option = (ph_words){open + 1, line.length - before - 2};
    line = ph_words_trim((ph_words){line.at, before});
  }
  table->required = cut_tail(&line, " required");
  table->is_any = cut_tail(&line, " any");
  table->is_series = cut_tail(&line, " series");
  table->name = ph_words_cut(&line, '=');
  table->others = ph_words_trim(line);
}

static const struct {
  const char *word;
  ph_cell_kind kind;
  bool keeps_empty;
} cell_kinds[] = {{"text", PH_CELL_TEXT, false}, {"label", PH_CELL_LABEL, false},
                  {"raw", PH_CELL_RAW, true},    {"boolean", PH_CELL_BOOLEAN, false},
                  {"id", PH_CELL_ID, false},     {"raw_id", PH_CELL_ID, true},
                  {"date", PH_CELL_DATE, false}, {"raw_date", PH_CELL_DATE, true},
                  {"day", PH_CELL_DAY, false},   {"amount", PH_CELL_AMOUNT, false}};

static void read_cell_kind(ph_connecting *call, ph_door_column *column, ph_words word) {
  for (size_t index = 0; index < sizeof cell_kinds / sizeof *cell_kinds; index++)
    if (ph_words_equal(word, cell_kinds[index].word)) {
      column->kind = cell_kinds[index].kind;
      column->keeps_empty = cell_kinds[index].keeps_empty;
      return;
    }
  fail_in_mapping(call, "an unknown kind of column", word);
}

ph_door_column *ph_connect_add_column(ph_connecting *call, ph_door_table *table) {
  if (!ph_reserve(call->status, (void **)&table->columns, &table->column_capacity, table->column_count + 1,
                  sizeof *table->columns))
    return NULL;
  ph_door_column *column = &table->columns[table->column_count++];
  *column = (ph_door_column){.family_of = -1};
  return column;
}

/* columns NAME[*][!|?] [KIND] [= other | "another name"], ... */
static void declare_columns(ph_connecting *call, ph_words line) {
  ph_door_table *table = current_table(call, line);
  while (table != NULL && line.length > 0 && !ph_failed(call->status)) {
    ph_words others = ph_words_cut(&line, ','), own = ph_words_cut(&others, '=');
    ph_words name = ph_words_next(&own), kind = ph_words_next(&own);
    ph_door_column *column = ph_connect_add_column(call, table);
    if (column == NULL) return;
    if (name.length > 1 && name.at[name.length - 1] == '!') column->needed = true, name.length--;
    if (name.length > 1 && name.at[name.length - 1] == '?') column->spared = true, name.length--;
    if (name.length > 1 && name.at[name.length - 1] == '*') column->family = true, name.length--;
    column->name = name;
    column->others = others;
    if (kind.length > 0) read_cell_kind(call, column, kind);
  }
}

/* key NAME, ... [| NAME, ...] [| whole row] [first] */
static void declare_keys(ph_connecting *call, ph_words line) {
  ph_door_table *table = current_table(call, line);
  if (table == NULL) return;
  table->key_if_deleted = cut_tail(&line, " if deleted");
  table->first_of_a_key = cut_tail(&line, " first");
  table->key_choices = line;
  ph_connect_choose_key(call, table);
}

static bool take_key(ph_connecting *call, ph_door_table *table, ph_words choice) {
  bool found = true;
  table->key_count = 0;
  while (choice.length > 0) {
    if (table->key_count == PH_MOST_KEYS) {
      fail_in_mapping(call, "too many keys", choice);
      return false;
    }
    ph_words name = ph_words_cut(&choice, ',');
    const ph_door_column *column = ph_connect_column(table, name);
    table->keys[table->key_count++] = name;
    found = found && column != NULL && column->found != NULL;
  }
  return found;
}

void ph_connect_choose_key(ph_connecting *call, ph_door_table *table) {
  ph_words left = table->key_choices;
  while (left.length > 0) {
    ph_words choice = ph_words_cut(&left, '|');
    table->whole_row = ph_words_equal(choice, "whole row");
    if (table->whole_row || take_key(call, table, choice)) break;
  }
  ph_words all = table->key_choices;
  if (!table->whole_row && table->key_count > 0 && ph_connect_column(table, table->keys[0]) != NULL &&
      ph_connect_column(table, table->keys[0])->found != NULL)
    return;
  take_key(call, table, ph_words_cut(&all, '|')); /* the views of deleted rows are made over it */
}

/* option NAME [= choice | choice]: the first is the default */
static void declare_option(ph_connecting *call, ph_words line) {
  if (!ph_reserve(call->status, (void **)&call->door_options, &call->door_option_capacity,
                  call->door_option_count + 1, sizeof *call->door_options))
    return;
  ph_door_option *option = &call->door_options[call->door_option_count++];
  option->name = ph_words_cut(&line, '=');
  option->choices = ph_words_trim(line);
}

/* ---------------------------------------------------------------------------------------------- blocks */

static ph_door_block *add_block(ph_connecting *call, ph_block_kind kind) {
  if (!ph_reserve(call->status, (void **)&call->blocks, &call->block_capacity, call->block_count + 1,
                  sizeof *call->blocks))
    return NULL;
  ph_door_block *block = &call->blocks[call->block_count++];
  memset(block, 0, sizeof *block);
  block->kind = kind;
  block->table = call->table_count;
  return block;
}

/* "if CONDITION: …" before the rest of a line. */
static ph_words cut_condition(ph_words *line) {
  if (!ph_words_take(line, "if")) return (ph_words){NULL, 0};
  return ph_words_cut(line, ':');
}

/* off [if CONDITION: | COLUMN:] TEXT. A text may have a colon behind its first word, too: only a declared
** column is one. */
static void declare_off(ph_connecting *call, ph_words line) {
  ph_door_block *block = add_block(call, PH_BLOCK_OFF);
  if (block == NULL) return;
  block->condition = cut_condition(&line);
  if (block->condition.length == 0) {
    ph_door_table *table = current_table(call, line);
    ph_words text = line, name = ph_words_cut(&text, ':');
    if (table != NULL && ph_connect_column(table, name) != NULL) {
      block->name = name;
      line = ph_words_trim(text);
    }
  }
  block->meaning = ph_words_trim(line);
}

/* view [if CONDITION:] NAME; problem NAME, SEVERITY: MEANING; report KEY; policy NAME; once NAME; refuse
** TEXT. Returns the block whose SQL follows, NULL when the line is none of them. */
static ph_door_block *open_block(ph_connecting *call, ph_words line) {
  static const struct {
    const char *word;
    ph_block_kind kind;
  } kinds[] = {{"view", PH_BLOCK_VIEW},     {"problem", PH_BLOCK_PROBLEM}, {"report", PH_BLOCK_REPORT},
               {"policy", PH_BLOCK_POLICY}, {"once", PH_BLOCK_ONCE},       {"refuse", PH_BLOCK_REFUSE}};
  for (size_t index = 0; index < sizeof kinds / sizeof *kinds; index++) {
    if (!ph_words_take(&line, kinds[index].word)) continue;
    ph_door_block *block = add_block(call, kinds[index].kind);
    if (block == NULL) return NULL;
    block->condition = cut_condition(&line);
    line = ph_words_trim(line);
    if (block->kind == PH_BLOCK_PROBLEM) {
      block->name = ph_words_cut(&line, ',');
      block->severity = ph_words_cut(&line, ':');
      block->meaning = ph_words_trim(line);
    } else if (block->kind == PH_BLOCK_REFUSE) {
      block->meaning = line;
    } else {
      block->once = ph_words_take(&line, "once");
      block->name = line;
    }
    return block;
  }
  return NULL;
}

/* skip [if CONDITION:] KEY [once] when CONDITION: rows that are none, counted under KEY in the JSON */
static void declare_skip(ph_connecting *call, ph_words line) {
  ph_door_table *table = current_table(call, line);
  if (table == NULL) return;
  table->skipped_if = cut_condition(&line);
  line = ph_words_trim(line);
  table->skipped_as = ph_words_next(&line);
  line = ph_words_trim(line);
  table->skips_once = ph_words_take(&line, "once");
  ph_words_take(&line, "when");
  table->skipped_when = line;
}

static void declare_keeps(ph_connecting *call, ph_words line) {
  ph_door_table *table = current_table(call, line);
  if (table != NULL) table->keeps_deleted = true;
}

static void declare_deleted(ph_connecting *call, ph_words line) {
  ph_door_table *table = current_table(call, line);
  ph_words_take(&line, "when");
  if (table != NULL) table->deleted_when = line;
}

static void declare_outcome(ph_connecting *call, ph_words line) {
  if (ph_words_take(&line, "of")) call->outcome_of = ph_words_next(&line);
  line = ph_words_trim(line);
  ph_words_take(&line, "from");
  call->outcome_from = line;
}

/* A line that declares something; false when it is none. */
static bool read_declaration(ph_connecting *call, ph_words line) {
  static const struct {
    const char *word;
    void (*read)(ph_connecting *, ph_words);
  } declarations[] = {
      {"table", declare_table},     {"columns", declare_columns}, {"key", declare_keys},
      {"option", declare_option},   {"off", declare_off},         {"skip", declare_skip},
      {"deleted", declare_deleted}, {"keeps", declare_keeps},     {"outcome", declare_outcome}};
  for (size_t index = 0; index < sizeof declarations / sizeof *declarations; index++)
    if (ph_words_take(&line, declarations[index].word)) {
      declarations[index].read(call, line);
      return true;
    }
  if (!ph_words_take(&line, "fallback")) return false;
  call->fallback = ph_words_equal(line, "last") ? 2 : 1;
  return true;
}

/* Lines of SQL, and the directives that stand inside of SQL, belong to the block that was opened last. */
static bool is_inside_directive(ph_words line) {
  return ph_words_take(&line, "if") || ph_words_take(&line, "else") || ph_words_take(&line, "each") ||
         ph_words_take(&line, "end");
}

void ph_connect_read_mapping(ph_connecting *call) {
  ph_words text = ph_words_of(call->mapping), line;
  size_t open = SIZE_MAX; /* index of the block whose SQL is read */
  for (bool is_directive; !ph_failed(call->status) && ph_next_line(&text, &line, &is_directive);) {
    if (is_directive && !is_inside_directive(line)) {
      open = SIZE_MAX;
      if (read_declaration(call, line)) continue;
      if (open_block(call, line) == NULL) {
        fail_in_mapping(call, "an unknown line", line);
      } else {
        open = call->block_count - 1;
        call->blocks[open].body = (ph_words){text.at, 0};
      }
    } else if (open != SIZE_MAX) {
      call->blocks[open].body.length = (size_t)(text.at - call->blocks[open].body.at);
    } else if (is_directive) {
      fail_in_mapping(call, "a condition outside of SQL", line);
    }
  }
}
