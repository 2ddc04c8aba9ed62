/*
** Text in the tests: growing strings and lists of lines.
**
** Test programs take their memory from malloc, never from SQLite, so that allocation faults hit the
** extension and SQLite alone. Without memory they end the process.
*/
#ifndef TEST_SUPPORT_TEXT_H
#define TEST_SUPPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__GNUC__)
#define TEST_PRINTF(text_at, arguments_at) __attribute__((format(printf, text_at, arguments_at)))
#define TEST_NORETURN __attribute__((noreturn))
#else
#define TEST_PRINTF(text_at, arguments_at)
#define TEST_NORETURN
#endif

/* A growing string; all zero is the empty one. `data` is NULL until something was appended. */
typedef struct text {
  char *data;
  size_t length;
  size_t capacity;
} text;

void text_append(text *target, const char *part);
void text_append_bytes(text *target, const char *bytes, size_t count);
void text_printf(text *target, const char *format, ...) TEST_PRINTF(2, 3);
void text_clear(text *target);
void text_free(text *target);
/* The content, never NULL. */
const char *text_get(const text *source);

/* A growing list of strings that it owns. */
typedef struct lines {
  char **line;
  size_t count;
  size_t capacity;
} lines;

void lines_add(lines *target, const char *bytes, size_t count);
void lines_copy(lines *target, const lines *source);
void lines_sort(lines *target);
bool lines_equal(const lines *left, const lines *right);
void lines_free(lines *target);
/* Splits at line ends; a carriage return before one is dropped, and so is the end of the last line. */
void lines_split(lines *target, const char *content);

/* Prints to the error stream and ends the process: for faults of the harness, not of what it tests. */
void fatal(const char *format, ...) TEST_NORETURN TEST_PRINTF(1, 2);

void *allocate(size_t count, size_t size);
void *resize(void *block, size_t count, size_t size);
char *copy_bytes(const char *bytes, size_t count);
char *copy_text(const char *content);

/* A whole file, ended by a zero byte; fatal when it cannot be read. `bytes` may be NULL. */
char *read_file(const char *path, size_t *bytes);
void write_file(const char *path, const char *content, size_t bytes);

bool starts_with(const char *content, const char *prefix);
bool is_blank(const char *content);
/* Without regard to ASCII case. */
bool contains_word(const char *content, const char *word);

#endif
