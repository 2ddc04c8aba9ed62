/*
** Forbidden columns: every query, with the authorizer denying each column it reads, one at a time.
**
** A denied column must give an error, never silently another number. The schema of temp, and of any database
** the column rootpage, is looked at only to know whether an answer may be kept: denied, it gives an error or
** the same answer. So do the columns that are read only to use a store, without which the sources are read:
** those of its tables, of the schema, and rowids. Then the N-th question to the authorizer, whatever it is
** about, is denied: an error or the same answer. Afterwards the same connection answers rightly.
*/
#include "../support/subject.h"

#include <stdlib.h>
#include <string.h>

typedef struct guard {
  lines *seen;        /* table and column of every read, when recording */
  const char *denied; /* one of these, or NULL */
  long wanted;        /* the question that is denied, from 1; 0: none */
  long count;
  bool fired;
} guard;

static const char *or_nothing(const char *name) {
  return name != NULL ? name : "";
}

static void note_column(lines *seen, const char *column) {
  for (size_t i = 0; i < seen->count; i++) {
    if (strcmp(seen->line[i], column) == 0) return;
  }
  lines_add(seen, column, strlen(column));
}

static int ask_guard(void *context, int action, const char *first, const char *second, const char *schema,
                     const char *trigger) {
  guard *state = context;
  text column = {0};
  bool deny = ++state->count == state->wanted;
  (void)trigger;
  if (action == SQLITE_READ) {
    text_printf(&column, "%s.%s.%s", or_nothing(schema), or_nothing(first), or_nothing(second));
    if (state->seen != NULL) note_column(state->seen, text_get(&column));
    if (state->denied != NULL && strcmp(state->denied, text_get(&column)) == 0) deny = true;
  }
  text_free(&column);
  state->fired = state->fired || deny;
  return deny ? SQLITE_DENY : SQLITE_OK;
}

static void run_guarded(const subject *what, sqlite3 *db, guard *state, answer *got) {
  session_release_cache(db);
  sqlite3_set_authorizer(db, ask_guard, state);
  subject_run(what, db, got);
  sqlite3_set_authorizer(db, NULL, NULL);
}

/* Judges an answer given under a denial, and the one after it. */
static bool check_answers(const subject *what, sqlite3 *db, const answer *reference, const answer *got,
                          const char *denial, bool must_fail) {
  answer again;
  const char *mistake = NULL;
  char *description = NULL;
  subject_run(what, db, &again);
  if (must_fail && got->code == SQLITE_OK) {
    mistake = "no error";
    description = answer_describe(got);
  } else if (got->code == SQLITE_OK && !subject_same(what, reference, got)) {
    mistake = "another answer instead of an error";
    description = answer_describe(got);
  } else if (!subject_same(what, reference, &again)) {
    mistake = "another answer afterwards";
    description = answer_describe(&again);
  }
  if (mistake != NULL) subject_fail(what, "%s denied: %s: %s", denial, mistake, description);
  free(description);
  answer_free(&again);
  return mistake == NULL;
}

static bool is_needed(const char *column) {
  static const char *const looked_at[] = {"temp.sqlite_temp_master.", ".sqlite_master.rootpage",
                                          ".sqlite_master.tbl_name",  ".sqlite_master.sql",
                                          ".pipeline_store_",         ".ROWID"};
  for (size_t i = 0; i < sizeof looked_at / sizeof *looked_at; i++)
    if (strstr(column, looked_at[i]) != NULL) return false;
  return true;
}

/* Denies each column once; when that would take more than half of the time left, every k-th one, beginning
** with another one at each subject, so that all subjects together deny all. `seconds` is what one try
** costs. */
static bool deny_columns(const subject *what, sqlite3 *db, const answer *reference, const lines *columns,
                         double seconds) {
  double half = (what->deadline - seconds_now()) / 2, wanted = (double)columns->count * seconds;
  size_t step = half > 0 && wanted <= half ? 1 : half > 0 ? (size_t)(wanted / half) + 1 : columns->count + 1;
  bool good = true;
  for (size_t i = what->index % step; good && i < columns->count; i += step) {
    guard state = {.denied = columns->line[i]};
    answer got;
    run_guarded(what, db, &state, &got);
    good = check_answers(what, db, reference, &got, columns->line[i],
                         state.fired && is_needed(columns->line[i]));
    answer_free(&got);
  }
  return good;
}

static bool deny_questions(const subject *what, sqlite3 *db, const answer *reference, const stride *plan) {
  bool good = true, fired = true;
  for (long n = 1; good && fired; n = stride_next(plan, n)) {
    guard state = {.wanted = n};
    text denial = {0};
    answer got;
    text_printf(&denial, "question %ld", n);
    run_guarded(what, db, &state, &got);
    good = check_answers(what, db, reference, &got, text_get(&denial), false);
    fired = state.fired;
    text_free(&denial);
    answer_free(&got);
  }
  return good;
}

static void check_on(const subject *what, sqlite3 *db) {
  lines columns = {0};
  guard recorder = {.seen = &columns};
  answer reference;
  double begin = seconds_now();
  run_guarded(what, db, &recorder, &reference);
  double seconds = 2 * (seconds_now() - begin); /* a try is run again without the denial */
  if (subject_reference(what, &reference)) {
    if (recorder.count == 0) {
      subject_fail(what, "the authorizer was never asked");
    } else if (deny_columns(what, db, &reference, &columns, seconds)) {
      stride plan = stride_plan(what, recorder.count, seconds);
      if (deny_questions(what, db, &reference, &plan)) subject_pass(what);
    }
  }
  answer_free(&reference);
  lines_free(&columns);
}

static void check_query(const subject *what) {
  static const subject_place in_memory = {NULL, NULL, NULL};
  subject_check_on(what, &in_memory, check_on);
}

int main(int count, char **arguments) {
  return subject_main(count, arguments, check_query, NULL);
}
