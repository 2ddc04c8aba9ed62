/*
** Impatient users: every query, with a progress handler that says stop at its N-th call.
**
** The answer is SQLITE_INTERRUPT or the one without a stop; afterwards the same connection answers rightly.
*/
#include "../support/subject.h"

#include <stdlib.h>

typedef struct stopper {
  long wanted; /* the call that says stop, from 1; 0: none */
  long count;
  bool for_ever;
  bool fired;
} stopper;

static int ask_stopper(void *context) {
  stopper *state = context;
  state->count++;
  if (state->count == state->wanted || (state->for_ever && state->fired)) {
    state->fired = true;
    return 1;
  }
  return 0;
}

static void run_stopped(const subject *what, sqlite3 *db, stopper *state, answer *got) {
  session_release_cache(db);
  sqlite3_progress_handler(db, 1, ask_stopper, state);
  subject_run(what, db, got);
  sqlite3_progress_handler(db, 0, NULL, NULL);
}

/* From 3.41 on SQLite takes a stop while it reads the text of a nested view for a view without columns. */
static bool was_stopped(const answer *got) {
  return got->code == SQLITE_INTERRUPT || contains_word(text_get(&got->message), "expected 0 columns for ''");
}

/* One N; *fired tells whether the stop came. False when it failed. */
static bool check_stopped(const subject *what, sqlite3 *db, const answer *reference, long n, bool for_ever,
                          bool *fired) {
  stopper state = {.wanted = n, .for_ever = for_ever};
  answer got, again;
  bool good;
  char *description = NULL;
  run_stopped(what, db, &state, &got);
  good = subject_same(what, reference, &got) || (state.fired && was_stopped(&got));
  if (!good) {
    description = answer_describe(&got);
    subject_fail(what, "stop at call %ld: neither the answer nor an interrupt: %s", n, description);
  } else if (sqlite3_get_autocommit(db) == 0) {
    good = false;
    subject_fail(what, "stop at call %ld: a transaction is left open", n);
  } else if (state.fired) {
    subject_run(what, db, &again);
    good = subject_same(what, reference, &again);
    if (!good) {
      description = answer_describe(&again);
      subject_fail(what, "stop at call %ld: another answer afterwards: %s", n, description);
    }
    answer_free(&again);
  }
  *fired = state.fired;
  free(description);
  answer_free(&got);
  return good;
}

static bool run_mode(const subject *what, sqlite3 *db, const answer *reference, const stride *plan,
                     bool for_ever) {
  bool fired = true;
  for (long n = 1; fired; n = stride_next(plan, n)) {
    if (!check_stopped(what, db, reference, n, for_ever, &fired)) return false;
  }
  return true;
}

static void check_on(const subject *what, sqlite3 *db) {
  stopper never = {.wanted = 0};
  answer reference;
  double begin = seconds_now();
  stride plan;
  run_stopped(what, db, &never, &reference);
  plan = stride_plan(what, never.count, 4 * (seconds_now() - begin));
  if (subject_reference(what, &reference) && run_mode(what, db, &reference, &plan, false) &&
      run_mode(what, db, &reference, &plan, true)) {
    subject_pass(what);
  }
  answer_free(&reference);
}

static void check_query(const subject *what) {
  static const subject_place in_memory = {NULL, NULL, NULL};
  subject_check_on(what, &in_memory, check_on);
}

/* A handler that is never asked would pass everything. */
static void check_harness(tally *score) {
  text error = {0};
  stopper state = {.wanted = 3};
  sqlite3 *db = NULL;
  int code;
  if (!session_open(&db, NULL, NULL, &error)) fatal("%s", text_get(&error));
  sqlite3_progress_handler(db, 1, ask_stopper, &state);
  code = session_execute(
      db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 100) SELECT sum(i) FROM n",
      &error);
  if (code == SQLITE_INTERRUPT && state.fired) {
    tally_pass(score);
  } else {
    tally_fail(score, "interrupt", 0, "a query that should stop did not");
  }
  sqlite3_close(db);
  text_free(&error);
}

int main(int count, char **arguments) {
  return subject_main(count, arguments, check_query, check_harness);
}
