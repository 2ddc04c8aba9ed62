/*
** Runs golden files.
**
** A query is run plainly and then under each planner variation; all must give the rows the file holds.
** Variations may change the order, so they compare sorted rows.
*/
#include "golden_run.h"

#include "../support/golden.h"
#include "../support/session.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct labelled {
  const char *label;
  size_t line;
  lines rows; /* sorted */
} labelled;

typedef struct run {
  golden_file file;
  sqlite3 *db;
  tally *score;
  bool update;
  bool changed; /* expected rows were replaced */
  labelled *labels;
  size_t label_count;
} run;

static void append_rows(text *target, const char *title, const lines *rows) {
  text_printf(target, "\n  %s (%zu rows):", title, rows->count);
  for (size_t i = 0; i < rows->count && i < 40; i++) text_printf(target, "\n    %s", rows->line[i]);
  if (rows->count > 40) text_append(target, "\n    ...");
}

/* True when the rows are the expected ones; else describes the difference. */
static bool check_rows(const answer *got, const lines *expected, text *failure, const char *how) {
  if (got->code != SQLITE_OK) {
    text_printf(failure, "%s: error %d: %s", how, got->code, text_get(&got->message));
  } else if (got->problem.length > 0) {
    text_printf(failure, "%s: %s", how, text_get(&got->problem));
  } else if (!lines_equal(&got->rows, expected)) {
    text_printf(failure, "%s: other rows", how);
    append_rows(failure, "expected", expected);
    append_rows(failure, "got", &got->rows);
  } else {
    return true;
  }
  return false;
}

static void append_without_semicolon(text *target, const char *sql) {
  size_t length = strlen(sql);
  while (length > 0 && (isspace((unsigned char)sql[length - 1]) || sql[length - 1] == ';')) length--;
  text_append_bytes(target, sql, length);
}

/* The planner variations: what is set on the connection before, the SQL around the query, and what undoes
** the setting. */
typedef struct variation {
  const char *name;
  const char *before;
  const char *after;
  const char *opening;
  const char *closing;
  bool optimizations_off;
} variation;

static const variation variations[] = {
    {"run again", NULL, NULL, "", "", false},
    {"optimizations off", NULL, NULL, "", "", true},
    {"reverse_unordered_selects", "PRAGMA reverse_unordered_selects=ON",
     "PRAGMA reverse_unordered_selects=OFF", "", "", false},
    {"as a subquery", NULL, NULL, "SELECT * FROM (\n", "\n)", false},
    {"as a subquery with a limit", NULL, NULL, "SELECT * FROM (\n", "\n) LIMIT 1000000000", false},
    {"as a materialized subquery, optimizations off", NULL, NULL, "WITH varied AS MATERIALIZED (\n",
     "\n) SELECT * FROM varied", true},
};

static void set_optimizations(sqlite3 *db, bool off) {
  if (sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, db, off ? 0xffffffffu : 0u) != SQLITE_OK) {
    fatal("this SQLite cannot switch its optimizations off");
  }
}

static void set_pragma(sqlite3 *db, const char *pragma) {
  if (pragma != NULL && sqlite3_exec(db, pragma, NULL, NULL, NULL) != SQLITE_OK) {
    fatal("%s: %s", pragma, sqlite3_errmsg(db));
  }
}

static bool check_variation(run *job, const golden_record *query, const variation *how, const lines *sorted,
                            text *failure) {
  text sql = {0};
  answer got;
  bool same;
  text_append(&sql, how->opening);
  append_without_semicolon(&sql, query->sql);
  text_append(&sql, how->closing);
  set_pragma(job->db, how->before);
  if (how->optimizations_off) set_optimizations(job->db, true);
  answer_fetch(&got, job->db, text_get(&sql), query->types);
  if (how->optimizations_off) set_optimizations(job->db, false);
  set_pragma(job->db, how->after);
  lines_sort(&got.rows);
  same = check_rows(&got, sorted, failure, how->name);
  answer_free(&got);
  text_free(&sql);
  return same;
}

/* Only what can stand in a subquery is varied. */
static bool can_be_varied(const golden_record *query) {
  const char *sql = query->sql;
  while (isspace((unsigned char)*sql)) sql++;
  if (query->once) return false;
  return sqlite3_strnicmp(sql, "SELECT", 6) == 0 || sqlite3_strnicmp(sql, "WITH", 4) == 0 ||
         sqlite3_strnicmp(sql, "VALUES", 6) == 0;
}

static bool check_variations(run *job, const golden_record *query, const lines *rows, text *failure) {
  lines sorted;
  bool same = true;
  if (!can_be_varied(query)) return true;
  lines_copy(&sorted, rows);
  lines_sort(&sorted);
  for (size_t i = 0; same && i < sizeof variations / sizeof *variations; i++) {
    same = check_variation(job, query, &variations[i], &sorted, failure);
  }
  lines_free(&sorted);
  return same;
}

/* The first query of a label leaves its rows; the others must give the same. */
static bool check_label(run *job, const golden_record *query, const lines *rows, text *failure) {
  labelled *known = NULL;
  lines sorted;
  bool same = true;
  if (query->label == NULL) return true;
  lines_copy(&sorted, rows);
  lines_sort(&sorted);
  for (size_t i = 0; i < job->label_count; i++) {
    if (strcmp(job->labels[i].label, query->label) == 0) known = &job->labels[i];
  }
  if (known == NULL) {
    job->labels = resize(job->labels, job->label_count + 1, sizeof *job->labels);
    job->labels[job->label_count++] = (labelled){query->label, query->line, sorted};
    return true;
  }
  if (!lines_equal(&known->rows, &sorted)) {
    same = false;
    text_printf(failure, "label %s: other rows than line %zu", query->label, known->line);
    append_rows(failure, "expected", &known->rows);
    append_rows(failure, "got", &sorted);
  }
  lines_free(&sorted);
  return same;
}

static void replace_expected(run *job, golden_record *query, const lines *rows) {
  if (query->has_expected && lines_equal(&query->expected, rows)) return;
  lines_free(&query->expected);
  lines_copy(&query->expected, rows);
  query->rewritten = true;
  job->changed = true;
}

static void run_query(run *job, golden_record *query) {
  text failure = {0};
  answer got;
  bool passed;
  answer_fetch(&got, job->db, query->sql, query->types);
  if (query->sorted) {
    lines_sort(&got.rows);
    lines_sort(&query->expected);
  }
  if (job->update && got.code == SQLITE_OK && got.problem.length == 0)
    replace_expected(job, query, &got.rows);
  if (!query->has_expected && !job->update) {
    passed = false;
    text_append(&failure, "no ---- line and no expected rows: write them or use --update");
  } else {
    passed = check_rows(&got, &query->expected, &failure, "plain") &&
             check_variations(job, query, &got.rows, &failure) &&
             check_label(job, query, &got.rows, &failure);
  }
  if (passed) {
    tally_pass(job->score);
  } else {
    tally_fail(job->score, job->file.path, query->line, text_get(&failure));
  }
  answer_free(&got);
  text_free(&failure);
}

static void run_statement(run *job, const golden_record *statement) {
  text error = {0}, failure = {0};
  int code = session_execute(job->db, statement->sql, &error);
  if (statement->expected_error == NULL) {
    if (code != SQLITE_OK) text_printf(&failure, "error %d: %s", code, text_get(&error));
  } else if (code == SQLITE_OK) {
    text_printf(&failure, "no error where one with this text was expected: %s", statement->expected_error);
  } else if (strstr(text_get(&error), statement->expected_error) == NULL) {
    text_printf(&failure, "another error\n  expected: %s\n  got:      %s", statement->expected_error,
                text_get(&error));
  }
  if (failure.length == 0) {
    tally_pass(job->score);
  } else {
    tally_fail(job->score, job->file.path, statement->line, text_get(&failure));
  }
  text_free(&error);
  text_free(&failure);
}

static void close_database(run *job, size_t line) {
  if (job->db != NULL && sqlite3_close(job->db) != SQLITE_OK) {
    tally_fail(job->score, job->file.path, line,
               "the connection cannot be closed: a statement was left open");
  }
  job->db = NULL;
}

static void open_database(run *job, size_t line, bool on_disk) {
  text error = {0}, path = {0};
  const char *slash = strrchr(job->file.path, '/');
  text_printf(&path, "%s/golden_%s.db", scratch_folder, slash != NULL ? slash + 1 : job->file.path);
  close_database(job, line);
  if (!session_open(&job->db, on_disk ? text_get(&path) : NULL, NULL, &error)) {
    fatal("%s:%zu: %s", job->file.path, line, text_get(&error));
  }
  text_free(&error);
  text_free(&path);
}

static void run_records(run *job) {
  for (size_t i = 0; i < job->file.count; i++) {
    golden_record *record = &job->file.records[i];
    switch (record->kind) {
    case GOLDEN_STATEMENT: run_statement(job, record); break;
    case GOLDEN_QUERY: run_query(job, record); break;
    case GOLDEN_RESET: open_database(job, record->line, false); break;
    case GOLDEN_DATABASE_FILE: open_database(job, record->line, true); break;
    case GOLDEN_HALT: return;
    }
  }
}

static void write_updated(const golden_file *file) {
  text content = {0};
  size_t at = 0;
  for (size_t i = 0; i < file->count; i++) {
    const golden_record *record = &file->records[i];
    if (!record->rewritten) continue;
    for (; at < record->expected_from; at++) text_printf(&content, "%s\n", file->content.line[at]);
    if (!record->has_expected) text_append(&content, "----\n");
    for (size_t k = 0; k < record->expected.count; k++)
      text_printf(&content, "%s\n", record->expected.line[k]);
    at = record->expected_to;
  }
  for (; at < file->content.count; at++) text_printf(&content, "%s\n", file->content.line[at]);
  write_file(file->path, text_get(&content), content.length);
  printf("%s: expected rows written anew\n", file->path);
  text_free(&content);
}

static void check_count(const run *job, size_t ran) {
  size_t held = golden_count_held(&job->file);
  text message = {0};
  if (held == 0) {
    tally_fail(job->score, job->file.path, 1, "no case in this file");
  } else if (ran < held) {
    text_printf(&message, "%zu cases ran of %zu that the file holds", ran, held);
    tally_fail(job->score, job->file.path, job->file.content.count, text_get(&message));
  }
  text_free(&message);
}

static void free_run(run *job) {
  for (size_t i = 0; i < job->label_count; i++) lines_free(&job->labels[i].rows);
  free(job->labels);
  golden_free(&job->file);
}

void golden_run(const char *path, bool update, tally *score) {
  run job = {.score = score, .update = update};
  tally before = *score;
  const char *error;
  size_t line;
  if (!golden_read(&job.file, path, &line, &error)) {
    tally_fail(score, path, line, error);
    golden_free(&job.file);
    return;
  }
  open_database(&job, 1, false);
  run_records(&job);
  check_count(&job, score->passed + score->failed - before.passed - before.failed);
  close_database(&job, job.file.content.count);
  if (job.changed) write_updated(&job.file);
  free_run(&job);
}

size_t golden_list(const char *path) {
  golden_file file;
  const char *error;
  size_t line, held;
  if (!golden_read(&file, path, &line, &error)) fatal("%s:%zu: %s", path, line, error);
  held = golden_count_held(&file);
  printf("%6zu  %s\n", held, path);
  golden_free(&file);
  return held;
}
