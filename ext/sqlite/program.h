/*
** What a statement may read that changes without any counter of a database: the clock, functions that are not
** deterministic, virtual tables.
**
** EXPLAIN lists the operations of a statement. Every operation must be one that is known to read nothing but
** the databases and what it worked out itself; a newer SQLite's operation that nobody here knows counts as
** changing.
**
** The functions of dates are deterministic unless they ask for the time or the zone of the process, so the
** operations before each call are looked at. They are taken to ask where a literal of the statement is 'now',
** 'localtime' and the like, where strftime() has no time value or a format that is no constant, and where a
** modifier is a column or another value that could be such a word. A time value that is a column is taken for
** a date: a row whose date is the word 'now' is not seen.
*/
#ifndef PH_SQLITE_PROGRAM_H
#define PH_SQLITE_PROGRAM_H

#include "host.h"

/* Numbers of databases of a connection: main, temp and at most 125 attached ones. */
enum { PH_MOST_DATABASES = 127 };

/* What statements do. Begins as zeros; several statements may be looked at with one. */
typedef struct ph_program_facts {
  bool changes_unseen;
  bool databases[PH_MOST_DATABASES]; /* by number: it is read */
} ph_program_facts;

/* Adds what a SELECT does to *facts and counts its calls of `functions`, a list ended by NULL, which are
** taken for deterministic. Errors name `what`. */
int ph_program_look(sqlite3 *db, const char *sql, const char *what, const char *const *functions,
                    ph_program_facts *facts, ph_status *status);

#endif
