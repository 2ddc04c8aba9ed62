/*
** Subjects: how the fault programs walk through the golden files.
*/
#include "subject.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct walk {
  golden_file *files;
  size_t file_count;
  size_t left; /* subjects not yet run */
  double end;
  subject_check check;
  tally score;
} walk;

/* A statement is worth a fault when it goes into the extension, not when it only prepares tables. */
static bool calls_extension(const golden_record *record) {
  static const char *const words[] = {"pipeline_connect", "USING deal_stalled", "USING pipeline_",
                                      "USING real_coverage"};
  if (record->expected_error != NULL) return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (contains_word(record->sql, words[i])) return true;
  }
  return false;
}

/* Of several statements a fault may leave some done, and then they cannot be run again. */
static bool is_single_statement(const char *sql) {
  const char *end = strchr(sql, ';');
  for (; end != NULL; end = strchr(end + 1, ';')) {
    char *first = copy_bytes(sql, (size_t)(end + 1 - sql));
    bool complete = sqlite3_complete(first) != 0;
    free(first);
    if (complete) return is_blank(end + 1);
  }
  return true;
}

static bool is_subject(const golden_record *record) {
  if (record->kind == GOLDEN_QUERY) return true;
  return record->kind == GOLDEN_STATEMENT && calls_extension(record) && is_single_statement(record->sql);
}

static size_t replay_start(const golden_file *file, size_t index) {
  while (index > 0) {
    golden_kind kind = file->records[index - 1].kind;
    if (kind == GOLDEN_RESET || kind == GOLDEN_DATABASE_FILE) break;
    index--;
  }
  return index;
}

static bool leaves_something(const golden_record *record) {
  if (record->kind == GOLDEN_QUERY) return record->once;
  return record->kind == GOLDEN_STATEMENT && record->expected_error == NULL;
}

sqlite3 *subject_open(const subject *what, const subject_place *place) {
  text error = {0};
  sqlite3 *db = NULL;
  bool opened = session_open(&db, place->file, place->vfs, &error);
  if (opened && place->pragmas != NULL) opened = session_execute(db, place->pragmas, &error) == SQLITE_OK;
  for (size_t i = replay_start(what->file, what->index); opened && i < what->index; i++) {
    const golden_record *record = &what->file->records[i];
    if (leaves_something(record)) opened = session_execute(db, record->sql, &error) == SQLITE_OK;
  }
  if (!opened) {
    subject_fail(what, "what comes before it fails: %s", text_get(&error));
    sqlite3_close(db);
    db = NULL;
  }
  text_free(&error);
  return db;
}

void subject_check_on(const subject *what, const subject_place *place, subject_check_connection check) {
  sqlite3 *db = what->repeatable ? subject_open(what, place) : NULL;
  if (db == NULL) return;
  check(what, db);
  if (sqlite3_close(db) != SQLITE_OK) subject_fail(what, "the connection cannot be closed");
}

void subject_run(const subject *what, sqlite3 *db, answer *result) {
  text error = {0};
  if (what->record->kind == GOLDEN_QUERY) {
    answer_fetch(result, db, what->record->sql, what->record->types);
  } else {
    memset(result, 0, sizeof *result);
    result->code = session_execute(db, what->record->sql, &error);
    text_append(&result->message, text_get(&error));
  }
  text_free(&error);
}

bool subject_same(const subject *what, const answer *wanted, const answer *got) {
  if (wanted->code != SQLITE_OK || got->code != SQLITE_OK) return false;
  if (!what->repeatable) return true;
  return lines_equal(&wanted->rows, &got->rows) && got->problem.length == 0;
}

void subject_pass(const subject *what) {
  tally_pass(what->score);
}

void subject_fail(const subject *what, const char *format, ...) {
  char message[2000];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  tally_fail(what->score, what->file->path, what->record->line, message);
}

bool subject_reference(const subject *what, const answer *reference) {
  if (reference->code != SQLITE_OK) {
    subject_fail(what, "without a fault: %s", text_get(&reference->message));
  } else if (reference->problem.length > 0) {
    subject_fail(what, "without a fault: %s", text_get(&reference->problem));
  } else {
    return true;
  }
  return false;
}

char *answer_describe(const answer *result) {
  text description = {0};
  if (result->code != SQLITE_OK) {
    text_printf(&description, "error %d (%s)", result->code, text_get(&result->message));
  } else {
    text_printf(&description, "%zu rows", result->rows.count);
    for (size_t i = 0; i < result->rows.count && i < 5; i++) {
      text_printf(&description, "%s %s", i == 0 ? ":" : " /", result->rows.line[i]);
    }
    if (result->problem.length > 0) text_printf(&description, " (%s)", text_get(&result->problem));
  }
  return description.data;
}

stride stride_plan(const subject *what, long total, double seconds) {
  enum { DENSE = 400 };
  stride plan = {.total = total, .dense = DENSE, .step = 1};
  double left = what->deadline - seconds_now();
  double tries = seconds > 0 ? left / seconds : 1e9;
  if (tries < 20) tries = 20;
  if ((double)total <= tries) return plan;
  if (tries < 2 * DENSE) plan.dense = (long)(tries / 2);
  plan.step = (long)((double)(total - plan.dense) / (tries - (double)plan.dense)) + 1;
  return plan;
}

long stride_next(const stride *plan, long n) {
  return n < plan->dense ? n + 1 : n + plan->step;
}

static void run_subject(walk *job, const subject *what) {
  sqlite3_int64 before = sqlite3_memory_used();
  sqlite3_int64 left;
  job->check(what);
  job->left--;
  left = sqlite3_memory_used() - before;
  if (left > 0) subject_fail(what, "%lld bytes are not given back", (long long)left);
}

/* What SQLite keeps for the process is allocated before memory is measured. */
static void warm_up(void) {
  text error = {0};
  sqlite3 *db;
  if (!session_open(&db, NULL, NULL, &error)) fatal("%s", text_get(&error));
  sqlite3_close(db);
}

static void run_file(walk *job, const golden_file *file) {
  for (size_t i = 0; i < file->count; i++) {
    const golden_record *record = &file->records[i];
    double now = seconds_now();
    subject what = {.file = file, .index = i, .record = record, .score = &job->score};
    if (record->kind == GOLDEN_HALT) return;
    if (!is_subject(record)) continue;
    what.repeatable = record->kind == GOLDEN_QUERY && !record->once;
    what.deadline = now + (job->end > now ? (job->end - now) / (double)job->left : 0);
    run_subject(job, &what);
  }
}

static void read_files(walk *job, char **paths, size_t count) {
  job->files = allocate(count + 1, sizeof *job->files);
  for (size_t i = 0; i < count; i++) {
    const char *error;
    size_t line;
    if (!golden_read(&job->files[i], paths[i], &line, &error)) fatal("%s:%zu: %s", paths[i], line, error);
    for (size_t k = 0; k < job->files[i].count; k++) job->left += is_subject(&job->files[i].records[k]);
    job->file_count++;
  }
}

/* Reads the options; the index of the first file. */
static int read_options(int count, char **arguments, double *seconds) {
  int i = 1;
  for (; i + 1 < count && starts_with(arguments[i], "--"); i += 2) {
    if (strcmp(arguments[i], "--seconds") == 0) {
      *seconds = strtod(arguments[i + 1], NULL);
    } else if (strcmp(arguments[i], "--scratch") == 0) {
      scratch_folder = arguments[i + 1];
    } else {
      break;
    }
  }
  if (i >= count || starts_with(arguments[i], "--")) {
    fatal("usage: %s [--seconds N] [--scratch FOLDER] FILE.test ...", arguments[0]);
  }
  return i;
}

int subject_main(int count, char **arguments, subject_check check, void (*once_check)(tally *score)) {
  double seconds = 60;
  int first = read_options(count, arguments, &seconds);
  walk job = {.check = check};
  read_files(&job, arguments + first, (size_t)(count - first));
  job.end = seconds_now() + seconds;
  warm_up();
  if (once_check != NULL) once_check(&job.score);
  for (size_t i = 0; i < job.file_count; i++) run_file(&job, &job.files[i]);
  if (job.left > 0) {
    printf("%zu queries were not run\n", job.left);
    job.score.failed += job.left;
  }
  for (size_t i = 0; i < job.file_count; i++) golden_free(&job.files[i]);
  free(job.files);
  return tally_close(&job.score);
}
