/*
** Prints answers as the sqlite3 shell does, so that a page can show what a reader sees.
*/
#ifndef TEST_SQL_SHELL_PRINT_H
#define TEST_SQL_SHELL_PRINT_H

#include "../support/text.h"

#include <sqlite3.h>

typedef enum { SHELL_COLUMN, SHELL_BOX, SHELL_LIST } shell_mode;

typedef struct shell_style {
  shell_mode mode;
  bool headers; /* of the list mode; the others always have them */
} shell_style;

/* Reads `column`, `box` or `list`. */
bool shell_mode_read(shell_mode *mode, const char *name);

/* Runs every statement of the text and appends what the shell would print. The code of the first failure;
** its message is then in sqlite3_errmsg. */
int shell_print(text *output, sqlite3 *db, const char *sql, shell_style style);

#endif
