/*
** Runs the examples of a Markdown page.
*/
#include "markdown_run.h"

#include "shell_print.h"

#include "../support/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct page {
  const char *path;
  const char *demo;
  lines content;
  size_t at; /* index of the line to be read next */
  sqlite3 *db;
  shell_style style;
  char *skip;  /* reason, for the next block */
  char *error; /* part of the message, for the next block */
  tally *score;
  bool update;
  bool changed;
  text updated;  /* the page with the output that came */
  size_t copied; /* lines of the page that `updated` has */
} page;

static const char *line_at(const page *job, size_t index) {
  const char *line = index < job->content.count ? job->content.line[index] : NULL;
  return line != NULL ? line + strspn(line, " ") : NULL;
}

static bool is_fence(const char *line) {
  return line != NULL && starts_with(line, "```");
}

/* Compares the language of a fence, "" for none. */
static bool has_language(const char *fence, const char *language) {
  size_t length = strlen(language);
  fence += 3;
  return strncmp(fence, language, length) == 0 && is_blank(fence + length);
}

static void fail_at(page *job, size_t index, const char *message) {
  tally_fail(job->score, job->path, index + 1, message);
}

static void close_page_database(page *job) {
  if (job->db != NULL && sqlite3_close(job->db) != SQLITE_OK) {
    fail_at(job, job->at, "the connection cannot be closed: a statement was left open");
  }
  job->db = NULL;
}

static void open_fresh(page *job) {
  text error = {0};
  close_page_database(job);
  if (!session_open(&job->db, NULL, NULL, &error)) fatal("%s: %s", job->path, text_get(&error));
  text_free(&error);
}

static void copy_demo(const page *job, const char *copy) {
  text demo = {0};
  char *content;
  size_t bytes;
  if (job->demo != NULL) {
    text_append(&demo, job->demo);
  } else {
    text_printf(&demo, "%s/demo.db", scratch_folder);
  }
  session_remove_file(copy);
  content = read_file(text_get(&demo), &bytes);
  write_file(copy, content, bytes);
  free(content);
  text_free(&demo);
}

static void open_demo(page *job) {
  text copy = {0}, error = {0};
  text_printf(&copy, "%s/markdown_demo.db", scratch_folder);
  close_page_database(job);
  copy_demo(job, text_get(&copy));
  if (!session_open_existing(&job->db, text_get(&copy), NULL, &error))
    fatal("%s: %s", job->path, text_get(&error));
  if (session_execute(job->db, "SELECT pipeline_connect('salesforce')", &error) != SQLITE_OK) {
    fail_at(job, job->at, text_get(&error));
  }
  text_free(&copy);
  text_free(&error);
}

/* Takes `word rest` apart: the rest when the directive starts with the word, else NULL. */
static char *directive_value(const char *directive, const char *word) {
  size_t length = strlen(word);
  if (!starts_with(directive, word) || directive[length] != ' ') return NULL;
  return is_blank(directive + length) ? NULL : copy_text(directive + length + 1);
}

static void obey_directive(page *job, const char *directive) {
  char *value;
  if (strcmp(directive, "fresh") == 0) {
    open_fresh(job);
  } else if (strcmp(directive, "demo") == 0) {
    open_demo(job);
  } else if ((value = directive_value(directive, "skip")) != NULL) {
    free(job->skip);
    job->skip = value;
  } else if ((value = directive_value(directive, "error")) != NULL) {
    free(job->error);
    job->error = value;
  } else {
    value = directive_value(directive, "mode");
    if (value == NULL || !shell_mode_read(&job->style.mode, value)) {
      fail_at(job, job->at,
              "a test comment says fresh, demo, mode column|box|list, error TEXT or skip REASON");
    }
    free(value);
  }
}

/* The text between `<!-- test: ` and ` -->`, or NULL. */
static char *read_directive(const char *line) {
  static const char opening[] = "<!-- test:";
  const char *end = strstr(line, "-->");
  if (!starts_with(line, opening) || end == NULL) return NULL;
  line += sizeof opening - 1;
  line += strspn(line, " ");
  while (end > line && end[-1] == ' ') end--;
  return copy_bytes(line, (size_t)(end - line));
}

/* Obeys a line of the shell inside a block; false when the runner does not know it. */
static bool obey_shell_line(page *job, const char *line) {
  if (starts_with(line, ".load")) return true;
  if (strcmp(line, ".headers on") == 0 || strcmp(line, ".headers off") == 0) {
    job->style.headers = strcmp(line, ".headers on") == 0;
    return true;
  }
  return starts_with(line, ".mode ") && shell_mode_read(&job->style.mode, line + strlen(".mode "));
}

/* Collects the SQL between two lines, obeying the shell's lines. */
static bool collect_sql(page *job, size_t from, size_t to, text *sql) {
  bool known = true;
  for (size_t i = from; i < to; i++) {
    const char *line = line_at(job, i);
    if (line[0] != '.') {
      text_printf(sql, "%s\n", job->content.line[i]);
    } else if (!obey_shell_line(job, line)) {
      fail_at(job, i, "a command of the shell that the runner does not know");
      known = false;
    }
  }
  return known;
}

/* A text as lines without blanks at their ends and without blank lines at the end. */
static void trim_lines(lines *target) {
  for (size_t i = 0; i < target->count; i++) {
    size_t length = strlen(target->line[i]);
    while (length > 0 && target->line[i][length - 1] == ' ') target->line[i][--length] = '\0';
  }
  while (target->count > 0 && target->line[target->count - 1][0] == '\0') free(target->line[--target->count]);
}

static size_t find_fence(const page *job, size_t index) {
  while (index < job->content.count && !is_fence(line_at(job, index))) index++;
  return index;
}

/* Finds the output block that follows directly; *from and *to bound its lines. */
static bool find_output(const page *job, size_t index, size_t *from, size_t *to) {
  const char *line;
  while ((line = line_at(job, index)) != NULL && is_blank(line)) index++;
  if (!is_fence(line) || (!has_language(line, "text") && !has_language(line, ""))) return false;
  *from = index + 1;
  *to = find_fence(job, *from);
  return true;
}

static void replace_output(page *job, const lines *got, size_t from, size_t to) {
  for (; job->copied < from; job->copied++)
    text_printf(&job->updated, "%s\n", job->content.line[job->copied]);
  for (size_t i = 0; i < got->count; i++) text_printf(&job->updated, "%s\n", got->line[i]);
  job->copied = to;
  job->changed = true;
}

/* Compares what came with the lines shown on the page. */
static void check_output(page *job, const char *output, size_t block, size_t from, size_t to) {
  lines got = {0}, shown = {0};
  text failure = {0};
  lines_split(&got, output);
  for (size_t i = from; i < to; i++) lines_add(&shown, job->content.line[i], strlen(job->content.line[i]));
  trim_lines(&got);
  trim_lines(&shown);
  if (lines_equal(&got, &shown)) {
    tally_pass(job->score);
  } else if (job->update) {
    replace_output(job, &got, from, to);
    tally_pass(job->score);
  } else {
    text_append(&failure, "the page shows another output; it should be:");
    for (size_t i = 0; i < got.count; i++) text_printf(&failure, "\n%s", got.line[i]);
    fail_at(job, block, text_get(&failure));
  }
  text_free(&failure);
  lines_free(&got);
  lines_free(&shown);
}

static void check_error(page *job, size_t block, int code, const char *message) {
  text failure = {0};
  if (code != SQLITE_OK && strstr(message, job->error) != NULL) {
    tally_pass(job->score);
  } else {
    text_printf(&failure, "expected an error with: %s\n  got: %s", job->error,
                code != SQLITE_OK ? message : "none");
    fail_at(job, block, text_get(&failure));
  }
  text_free(&failure);
}

static void run_block(page *job, size_t from, size_t to) {
  text sql = {0}, output = {0};
  size_t shown_from, shown_to;
  int code;
  bool known = collect_sql(job, from, to, &sql);
  if (known) {
    code = shell_print(&output, job->db, text_get(&sql), job->style);
    if (job->error != NULL) {
      check_error(job, from, code, sqlite3_errmsg(job->db));
    } else if (code != SQLITE_OK) {
      fail_at(job, from, sqlite3_errmsg(job->db));
    } else if (find_output(job, to + 1, &shown_from, &shown_to)) {
      check_output(job, text_get(&output), from, shown_from, shown_to);
    } else {
      tally_pass(job->score);
    }
  }
  text_free(&sql);
  text_free(&output);
}

/* Handles the block whose opening fence is the current line, and steps behind it. */
static void read_block(page *job, const char *fence) {
  size_t from = job->at + 1, to = find_fence(job, from);
  if (to == job->content.count) fail_at(job, job->at, "a block that does not end");
  if (has_language(fence, "sql") && job->skip != NULL) {
    printf("%s:%zu: skipped: %s\n", job->path, job->at + 1, job->skip);
  } else if (has_language(fence, "sql")) {
    run_block(job, from, to);
  }
  if (has_language(fence, "sql")) {
    free(job->skip);
    free(job->error);
    job->skip = job->error = NULL;
  }
  job->at = to + 1;
}

static void read_page(page *job) {
  const char *line;
  while ((line = line_at(job, job->at)) != NULL) {
    char *directive = read_directive(line);
    if (directive != NULL) obey_directive(job, directive);
    free(directive);
    if (is_fence(line)) {
      read_block(job, line);
    } else {
      job->at++;
    }
  }
}

static void write_page(page *job) {
  size_t rest = job->copied;
  for (; rest < job->content.count; rest++) text_printf(&job->updated, "%s\n", job->content.line[rest]);
  write_file(job->path, text_get(&job->updated), job->updated.length);
  printf("%s: shown output written anew\n", job->path);
}

void markdown_run(const char *path, const char *demo, bool update, tally *score) {
  page job = {.path = path, .demo = demo, .score = score, .update = update};
  size_t before = score->passed + score->failed;
  char *content = read_file(path, NULL);
  lines_split(&job.content, content);
  free(content);
  open_fresh(&job);
  read_page(&job);
  close_page_database(&job);
  if (score->passed + score->failed == before) fail_at(&job, 0, "no ```sql block was run");
  if (job.changed) write_page(&job);
  text_free(&job.updated);
  lines_free(&job.content);
  free(job.skip);
  free(job.error);
}

size_t markdown_list(const char *path) {
  page job = {.path = path};
  char *content = read_file(path, NULL);
  const char *line;
  size_t blocks = 0;
  lines_split(&job.content, content);
  free(content);
  while ((line = line_at(&job, job.at)) != NULL) {
    if (is_fence(line)) {
      blocks += has_language(line, "sql");
      job.at = find_fence(&job, job.at + 1);
    }
    job.at++;
  }
  lines_free(&job.content);
  printf("%6zu  %s\n", blocks, path);
  return blocks;
}
