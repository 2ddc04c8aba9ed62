/*
** Prints answers as the sqlite3 shell does.
**
** Follows the shell of SQLite 3.38 to 3.49: NULL is blank, headers of a box are centred, cells longer than
** 60 characters go on in the next line, and then rows are set apart.
*/
#include "shell_print.h"

#include <stdlib.h>
#include <string.h>

enum { WRAP_CHARACTERS = 60 };

/* The cells of an answer, row by row; the first row holds the names. */
typedef struct grid {
  lines cells;
  size_t columns;
  size_t rows;
  size_t *widths;
} grid;

bool shell_mode_read(shell_mode *mode, const char *name) {
  if (strcmp(name, "column") == 0) {
    *mode = SHELL_COLUMN;
  } else if (strcmp(name, "box") == 0) {
    *mode = SHELL_BOX;
  } else if (strcmp(name, "list") == 0) {
    *mode = SHELL_LIST;
  } else {
    return false;
  }
  return true;
}

static size_t count_characters(const char *content, size_t bytes) {
  size_t count = 0;
  for (size_t i = 0; i < bytes; i++) count += ((unsigned char)content[i] & 0xc0) != 0x80;
  return count;
}

/* The bytes of a cell's next line, at most `limit` characters; *skip is what to step over to the one after.
 */
static size_t next_line(const char *content, size_t limit, size_t *skip) {
  size_t bytes = 0, characters = 0;
  for (; content[bytes] != '\0' && content[bytes] != '\n'; bytes++) {
    bool starts = ((unsigned char)content[bytes] & 0xc0) != 0x80;
    if (starts && characters == limit) break;
    characters += starts;
  }
  *skip = bytes + (content[bytes] == '\n');
  return bytes;
}

static void measure(grid *table) {
  table->widths = allocate(table->columns + 1, sizeof *table->widths);
  for (size_t i = 0; i < table->cells.count; i++) {
    const char *cell = table->cells.line[i];
    size_t *width = &table->widths[i % table->columns], skip;
    do {
      size_t bytes = next_line(cell, WRAP_CHARACTERS, &skip);
      size_t characters = count_characters(cell, bytes);
      if (characters > *width) *width = characters;
      cell += skip;
    } while (*cell != '\0');
  }
}

static void append_blanks(text *output, size_t count) {
  while (count-- > 0) text_append(output, " ");
}

static void append_rule(text *output, const grid *table, const char *left, const char *between,
                        const char *right) {
  for (size_t column = 0; column < table->columns; column++) {
    text_append(output, column == 0 ? left : between);
    for (size_t i = 0; i < table->widths[column] + 2; i++) text_append(output, "─");
  }
  text_append(output, right);
  text_append(output, "\n");
}

static void append_cell(text *output, const char *cell, size_t bytes, size_t width, bool centred) {
  size_t blanks = width - count_characters(cell, bytes);
  size_t before = centred ? blanks / 2 : 0;
  append_blanks(output, before);
  text_append_bytes(output, cell, bytes);
  append_blanks(output, blanks - before);
}

/* Prints one row of cells, in as many lines as its longest cell has. True when it took more than one. */
static bool append_row(text *output, const grid *table, size_t row, shell_mode mode) {
  const char **rest = allocate(table->columns + 1, sizeof *rest);
  bool more = true;
  size_t printed = 0;
  for (size_t i = 0; i < table->columns; i++) rest[i] = table->cells.line[row * table->columns + i];
  for (; more; printed++) {
    more = false;
    for (size_t column = 0; column < table->columns; column++) {
      size_t skip, bytes = next_line(rest[column], WRAP_CHARACTERS, &skip);
      if (mode == SHELL_BOX) text_append(output, "│ ");
      append_cell(output, rest[column], bytes, table->widths[column], mode == SHELL_BOX && row == 0);
      if (mode == SHELL_BOX) text_append(output, " ");
      if (mode == SHELL_COLUMN && column + 1 < table->columns) text_append(output, "  ");
      rest[column] += skip;
      more = more || (row > 0 && *rest[column] != '\0'); /* of a name only the first line */
    }
    text_append(output, mode == SHELL_BOX ? "│\n" : "\n");
  }
  free(rest);
  return printed > 1;
}

static bool has_long_row(const grid *table) {
  text ignored = {0};
  bool found = false;
  for (size_t row = 1; row < table->rows && !found; row++)
    found = append_row(&ignored, table, row, SHELL_COLUMN);
  text_free(&ignored);
  return found;
}

static void append_box(text *output, const grid *table) {
  bool apart = has_long_row(table);
  append_rule(output, table, "┌", "┬", "┐");
  append_row(output, table, 0, SHELL_BOX);
  for (size_t row = 1; row < table->rows; row++) {
    if (row == 1 || apart) append_rule(output, table, "├", "┼", "┤");
    append_row(output, table, row, SHELL_BOX);
  }
  append_rule(output, table, "└", "┴", "┘");
}

static void append_columns(text *output, const grid *table) {
  bool apart = has_long_row(table);
  append_row(output, table, 0, SHELL_COLUMN);
  for (size_t column = 0; column < table->columns; column++) {
    if (column > 0) text_append(output, "  ");
    for (size_t i = 0; i < table->widths[column]; i++) text_append(output, "-");
  }
  text_append(output, "\n");
  for (size_t row = 1; row < table->rows; row++) {
    append_row(output, table, row, SHELL_COLUMN);
    if (apart && row + 1 < table->rows) text_append(output, "\n");
  }
}

static void append_list(text *output, const grid *table, bool headers) {
  for (size_t i = headers ? 0 : table->columns; i < table->cells.count; i++) {
    text_append(output, table->cells.line[i]);
    text_append(output, (i + 1) % table->columns == 0 ? "\n" : "|");
  }
}

static void append_grid(text *output, grid *table, shell_style style) {
  if (table->rows < 2) return; /* the shell prints nothing for no rows */
  measure(table);
  switch (style.mode) {
  case SHELL_COLUMN: append_columns(output, table); break;
  case SHELL_BOX: append_box(output, table); break;
  case SHELL_LIST: append_list(output, table, style.headers); break;
  }
}

static int print_statement(text *output, sqlite3_stmt *statement, shell_style style) {
  grid table = {.columns = (size_t)sqlite3_column_count(statement), .rows = 1};
  for (int i = 0; i < (int)table.columns; i++) {
    const char *name = sqlite3_column_name(statement, i);
    lines_add(&table.cells, name, strlen(name));
  }
  while (sqlite3_step(statement) == SQLITE_ROW) {
    table.rows++;
    for (int i = 0; i < (int)table.columns; i++) {
      const char *value = (const char *)sqlite3_column_text(statement, i);
      lines_add(&table.cells, value != NULL ? value : "", value != NULL ? strlen(value) : 0);
    }
  }
  append_grid(output, &table, style);
  lines_free(&table.cells);
  free(table.widths);
  return sqlite3_finalize(statement);
}

int shell_print(text *output, sqlite3 *db, const char *sql, shell_style style) {
  int code = SQLITE_OK;
  while (code == SQLITE_OK && *sql != '\0') {
    sqlite3_stmt *statement = NULL;
    code = sqlite3_prepare_v2(db, sql, -1, &statement, &sql);
    if (code == SQLITE_OK && statement != NULL) code = print_statement(output, statement, style);
  }
  return code;
}
