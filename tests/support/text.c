/*
** Text in the tests: how strings and lists of lines grow.
*/
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fatal(const char *format, ...) {
  va_list arguments;
  fflush(stdout);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(2);
}

void *resize(void *block, size_t count, size_t size) {
  void *bigger;
  if (size > 0 && count > SIZE_MAX / size) fatal("harness: a block is too large");
  bigger = realloc(block, count * size > 0 ? count * size : 1);
  if (bigger == NULL) fatal("harness: out of memory");
  return bigger;
}

void *allocate(size_t count, size_t size) {
  void *block = resize(NULL, count, size);
  memset(block, 0, count * size);
  return block;
}

char *copy_bytes(const char *bytes, size_t count) {
  char *copy = resize(NULL, count + 1, 1);
  if (count > 0) memcpy(copy, bytes, count);
  copy[count] = '\0';
  return copy;
}

char *copy_text(const char *content) {
  return copy_bytes(content, strlen(content));
}

static void text_reserve(text *target, size_t more) {
  size_t needed = target->length + more + 1;
  if (needed <= target->capacity) return;
  target->capacity = needed + needed / 2;
  target->data = resize(target->data, target->capacity, 1);
}

void text_append_bytes(text *target, const char *bytes, size_t count) {
  text_reserve(target, count);
  if (count > 0) memcpy(target->data + target->length, bytes, count);
  target->length += count;
  target->data[target->length] = '\0';
}

void text_append(text *target, const char *part) {
  text_append_bytes(target, part, strlen(part));
}

void text_printf(text *target, const char *format, ...) {
  va_list arguments, again;
  int length;
  va_start(arguments, format);
  va_copy(again, arguments);
  length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0) fatal("harness: a text cannot be printed");
  text_reserve(target, (size_t)length);
  vsnprintf(target->data + target->length, (size_t)length + 1, format, again);
  va_end(again);
  target->length += (size_t)length;
}

void text_clear(text *target) {
  target->length = 0;
  if (target->data != NULL) target->data[0] = '\0';
}

void text_free(text *target) {
  free(target->data);
  memset(target, 0, sizeof *target);
}

const char *text_get(const text *source) {
  return source->data != NULL ? source->data : "";
}

void lines_add(lines *target, const char *bytes, size_t count) {
  if (target->count == target->capacity) {
    target->capacity = target->capacity * 2 + 8;
    target->line = resize(target->line, target->capacity, sizeof *target->line);
  }
  target->line[target->count++] = copy_bytes(bytes, count);
}

void lines_copy(lines *target, const lines *source) {
  memset(target, 0, sizeof *target);
  for (size_t i = 0; i < source->count; i++) lines_add(target, source->line[i], strlen(source->line[i]));
}

static int compare_lines(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

void lines_sort(lines *target) {
  if (target->count > 1) qsort(target->line, target->count, sizeof *target->line, compare_lines);
}

bool lines_equal(const lines *left, const lines *right) {
  if (left->count != right->count) return false;
  for (size_t i = 0; i < left->count; i++) {
    if (strcmp(left->line[i], right->line[i]) != 0) return false;
  }
  return true;
}

void lines_free(lines *target) {
  for (size_t i = 0; i < target->count; i++) free(target->line[i]);
  free(target->line);
  memset(target, 0, sizeof *target);
}

void lines_split(lines *target, const char *content) {
  while (*content != '\0') {
    const char *end = strchr(content, '\n');
    size_t length = end != NULL ? (size_t)(end - content) : strlen(content);
    bool carriage = length > 0 && content[length - 1] == '\r';
    lines_add(target, content, carriage ? length - 1 : length);
    content += length + (end != NULL ? 1 : 0);
  }
}

char *read_file(const char *path, size_t *bytes) {
  text content = {0};
  char part[65536];
  size_t count;
  FILE *file = fopen(path, "rb");
  if (file == NULL) fatal("%s: cannot be opened", path);
  while ((count = fread(part, 1, sizeof part, file)) > 0) text_append_bytes(&content, part, count);
  if (ferror(file)) fatal("%s: cannot be read", path);
  fclose(file);
  text_append_bytes(&content, "", 0);
  if (bytes != NULL) *bytes = content.length;
  return content.data;
}

void write_file(const char *path, const char *content, size_t bytes) {
  FILE *file = fopen(path, "wb");
  if (file == NULL) fatal("%s: cannot be written", path);
  if (fwrite(content, 1, bytes, file) != bytes || fclose(file) != 0) fatal("%s: cannot be written", path);
}

bool starts_with(const char *content, const char *prefix) {
  return strncmp(content, prefix, strlen(prefix)) == 0;
}

bool is_blank(const char *content) {
  while (isspace((unsigned char)*content)) content++;
  return *content == '\0';
}

bool contains_word(const char *content, const char *word) {
  size_t length = strlen(word);
  for (; *content != '\0'; content++) {
    size_t i = 0;
    while (i < length && tolower((unsigned char)content[i]) == tolower((unsigned char)word[i])) i++;
    if (i == length) return true;
  }
  return false;
}
