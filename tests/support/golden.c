/*
** Golden files: the parser.
*/
#include "golden.h"

#include <stdlib.h>
#include <string.h>

typedef struct parser {
  golden_file *file;
  size_t at; /* index of the line to be read next */
  const char *error;
} parser;

static const char *current(const parser *input) {
  return input->at < input->file->content.count ? input->file->content.line[input->at] : NULL;
}

static golden_record *add_record(parser *input, golden_kind kind) {
  golden_file *file = input->file;
  golden_record *record;
  if (file->count == file->capacity) {
    file->capacity = file->capacity * 2 + 16;
    file->records = resize(file->records, file->capacity, sizeof *file->records);
  }
  record = &file->records[file->count++];
  memset(record, 0, sizeof *record);
  record->kind = kind;
  record->line = input->at + 1;
  input->at++;
  return record;
}

/* Takes the SQL lines up to a blank line, the end, or ----. */
static void read_sql(parser *input, golden_record *record) {
  text sql = {0};
  const char *line;
  while ((line = current(input)) != NULL && !is_blank(line) && strcmp(line, "----") != 0) {
    if (sql.length > 0) text_append(&sql, "\n");
    text_append(&sql, line);
    input->at++;
  }
  record->sql = copy_text(text_get(&sql));
  text_free(&sql);
  if (record->sql[0] == '\0') input->error = "a record without SQL";
}

static void read_expected(parser *input, golden_record *record) {
  const char *line = current(input);
  record->has_expected = line != NULL && strcmp(line, "----") == 0;
  if (record->has_expected) input->at++;
  record->expected_from = input->at;
  while ((line = current(input)) != NULL && !is_blank(line)) {
    lines_add(&record->expected, line, strlen(line));
    input->at++;
  }
  record->expected_to = input->at;
}

static void read_query_options(parser *input, golden_record *record, char *options) {
  for (char *word = strtok(options, " "); word != NULL; word = strtok(NULL, " ")) {
    if (record->types == NULL) {
      record->types = copy_text(word);
    } else if (strcmp(word, "rowsort") == 0) {
      record->sorted = true;
    } else if (strcmp(word, "once") == 0) {
      record->once = true;
    } else if (strcmp(word, "nosort") != 0) {
      if (record->label != NULL) input->error = "a query with two labels";
      free(record->label);
      record->label = copy_text(word);
    }
  }
  if (record->types == NULL || strspn(record->types, "TIR*") != strlen(record->types)) {
    input->error = "a query needs types made of T, I, R and *";
  }
}

static void read_query(parser *input, const char *header) {
  golden_record *record = add_record(input, GOLDEN_QUERY);
  char *options = copy_text(header + strlen("query"));
  read_query_options(input, record, options);
  free(options);
  if (input->error != NULL) return;
  read_sql(input, record);
  if (input->error == NULL) read_expected(input, record);
}

static void read_statement(parser *input, const char *header) {
  golden_record *record = add_record(input, GOLDEN_STATEMENT);
  const char *wanted = header + strlen("statement ");
  if (starts_with(wanted, "error ") && !is_blank(wanted + strlen("error "))) {
    record->expected_error = copy_text(wanted + strlen("error "));
  } else if (strcmp(wanted, "ok") != 0) {
    input->error = "a statement must be `ok` or `error` with a part of the message";
    return;
  }
  read_sql(input, record);
  if (input->error == NULL && current(input) != NULL && !is_blank(current(input))) {
    input->error = "a statement has no expected rows";
  }
}

static void read_record(parser *input, const char *header) {
  if (starts_with(header, "query ")) {
    read_query(input, header);
  } else if (starts_with(header, "statement ")) {
    read_statement(input, header);
  } else if (strcmp(header, "reset") == 0) {
    add_record(input, GOLDEN_RESET);
  } else if (strcmp(header, "database file") == 0) {
    add_record(input, GOLDEN_DATABASE_FILE);
  } else if (strcmp(header, "halt") == 0) {
    add_record(input, GOLDEN_HALT);
  } else {
    input->error = "a record starts with statement, query, reset, database file or halt";
  }
}

bool golden_read(golden_file *file, const char *path, size_t *error_line, const char **error) {
  parser input = {.file = file};
  char *content = read_file(path, NULL);
  const char *line;
  memset(file, 0, sizeof *file);
  file->path = copy_text(path);
  lines_split(&file->content, content);
  free(content);
  while (input.error == NULL && (line = current(&input)) != NULL) {
    if (is_blank(line) || line[0] == '#') {
      input.at++;
    } else {
      read_record(&input, line);
    }
  }
  *error = input.error;
  *error_line = input.at + (input.at < file->content.count ? 1 : 0);
  return input.error == NULL;
}

void golden_free(golden_file *file) {
  for (size_t i = 0; i < file->count; i++) {
    golden_record *record = &file->records[i];
    free(record->sql);
    free(record->expected_error);
    free(record->types);
    free(record->label);
    lines_free(&record->expected);
  }
  free(file->records);
  free(file->path);
  lines_free(&file->content);
  memset(file, 0, sizeof *file);
}

bool golden_is_case(const golden_record *record) {
  return record->kind == GOLDEN_STATEMENT || record->kind == GOLDEN_QUERY;
}

size_t golden_count_held(const golden_file *file) {
  size_t held = 0;
  bool open = true; /* a record may start here */
  for (size_t i = 0; i < file->content.count; i++) {
    const char *line = file->content.line[i];
    bool header = open && (starts_with(line, "statement") || starts_with(line, "query"));
    if (header) held++;
    open = is_blank(line) || (open && !header);
  }
  return held;
}
