/*
** Golden files: records of SQL with the results they must give.
**
** Records are separated by blank lines; a line that starts with # before a record is a comment.
**
**     statement ok                       the SQL lines that follow must succeed
**     statement error TEXT               they must fail, with TEXT in the message
**     query TYPES [rowsort|nosort] [once] [LABEL]
**     SQL
**     ----
**     a|1|2.5                            one line a row, columns joined by |
**     reset                              a fresh database in memory, with the extension
**     database file                      a fresh database on disk, with the extension
**     halt                               ends the file here; what is left unrun is a failure
**
** TYPES has a letter a column: T text, I integer, R real. The storage class must be that one or NULL.
** NULL prints as NULL, an empty text as (empty), a real with ten digits and always with a point or an
** exponent; | \ and line ends inside a text print as \| \\ \n \r, and a text that reads NULL or (empty)
** prints in quotes. `once` keeps a query with effects out of the planner variations. Queries of one
** LABEL must give the same rows.
*/
#ifndef TEST_SUPPORT_GOLDEN_H
#define TEST_SUPPORT_GOLDEN_H

#include "text.h"

typedef enum { GOLDEN_STATEMENT, GOLDEN_QUERY, GOLDEN_RESET, GOLDEN_DATABASE_FILE, GOLDEN_HALT } golden_kind;

typedef struct golden_record {
  golden_kind kind;
  size_t line;          /* of its header, from 1 */
  char *sql;            /* NULL for the last three kinds */
  char *expected_error; /* NULL: must succeed */
  char *types;          /* of a query: a letter for each column, T, I, R, or * for any */
  char *label;          /* or NULL */
  bool sorted;
  bool once;
  bool has_expected;    /* the ---- line is there */
  bool rewritten;       /* `expected` is no longer what the file has */
  size_t expected_from; /* index of the first expected line in the file, and of the line after the last */
  size_t expected_to;
  lines expected;
} golden_record;

typedef struct golden_file {
  char *path;
  lines content;
  golden_record *records;
  size_t count;
  size_t capacity;
} golden_file;

/* Reads and parses; on a mistake in the file returns false with its line and meaning, to be freed by
** golden_free all the same. */
bool golden_read(golden_file *file, const char *path, size_t *error_line, const char **error);
void golden_free(golden_file *file);

bool golden_is_case(const golden_record *record);

/* The number of cases by a way of counting that does not use the parser: lines that open a record. */
size_t golden_count_held(const golden_file *file);

#endif
