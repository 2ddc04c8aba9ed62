/*
** Subjects: every query of the golden files, each put into a database of its own, ready to be
** run under faults.
**
** The fault programs share one command line:
**
**     PROGRAM [--seconds N] [--scratch FOLDER] FILE.test ...
**
** A subject is a query, or a statement that calls the extension. Its database holds what the records before
** it left: statements and `once` queries since the last reset.
*/
#ifndef TEST_SUPPORT_SUBJECT_H
#define TEST_SUPPORT_SUBJECT_H

#include "golden.h"
#include "session.h"
#include "tally.h"

typedef struct subject {
  const golden_file *file;
  size_t index; /* of the record */
  const golden_record *record;
  bool repeatable; /* gives the same rows when it is run again; else only its code counts */
  double deadline; /* by seconds_now(): when the loop over this subject should be through */
  tally *score;
} subject;

/* One step of a fault program. It returns through subject_pass or subject_fail and closes what it opened:
** memory that it leaves with SQLite is a failure. */
typedef void (*subject_check)(const subject *what);

/* What an alternative to the default database is: NULL file for one in memory. */
typedef struct subject_place {
  const char *file;
  const char *vfs;
  const char *pragmas; /* run first, may be NULL */
} subject_place;

/* The main program: runs `check` on every subject, closes with `N passed, N failed`. The time left is
** shared by the subjects left. `once_check` may be NULL; it runs before the first subject. */
int subject_main(int count, char **arguments, subject_check check, void (*once_check)(tally *score));

/* Opens the database of a subject. On failure the subject fails and NULL comes back. */
sqlite3 *subject_open(const subject *what, const subject_place *place);

/* Opens the database of a subject that can be repeated, checks the subject on it, and closes it. */
typedef void (*subject_check_connection)(const subject *what, sqlite3 *db);
void subject_check_on(const subject *what, const subject_place *place, subject_check_connection check);

/* Runs the subject's SQL. */
void subject_run(const subject *what, sqlite3 *db, answer *result);

/* True when both are without error and have the same rows (or need not have). */
bool subject_same(const subject *what, const answer *wanted, const answer *got);

void subject_pass(const subject *what);
void subject_fail(const subject *what, const char *format, ...) TEST_PRINTF(2, 3);

/* Whether the answer without a fault can be what others are measured by; else the subject fails. */
bool subject_reference(const subject *what, const answer *reference);

/* Describes an answer in one line: rows or error. To be freed. */
char *answer_describe(const answer *result);

/* Which N to try next: one by one at the start, then in strides so that `total` is reached by the deadline.
** `seconds` is what one try costs. */
typedef struct stride {
  long total;
  long dense;
  long step;
} stride;

stride stride_plan(const subject *what, long total, double seconds);
long stride_next(const stride *plan, long n);

#endif
