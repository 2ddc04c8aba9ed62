/*
** Reads the sources: all SQL over the user's relations stands here.
*/
#ifndef PH_SQLITE_SOURCE_H
#define PH_SQLITE_SOURCE_H

#include "program.h"
#include "reading.h"

/* Where an instance of a table finds its relations. Texts are owned by who made it. */
typedef struct ph_sources {
  const char *schema;                   /* NULL: temp, then main */
  const char *names[PH_RELATION_COUNT]; /* NULL: the relation's own name */
} ph_sources;

/* Adds what reading the relations takes to *facts: which databases, and whether one of them changes
** unseen. */
void ph_sources_look(sqlite3 *db, const ph_sources *sources, ph_program_facts *facts, ph_status *status);

/* Reads all relations into *history, which must be ended in any case. `time` is the time in Unix
** milliseconds. *now is set while rows come: our own tables must not be asked then. Errors name the
** relation and what is missing; what is wrong with the columns of pipeline_event is told before what is
** wrong with the rows of pipeline_deal. */
void ph_sources_read(sqlite3 *db, ph_reading **now, const ph_sources *sources, int64_t time,
                     ph_history *history, ph_status *status);

/* Reads the policy alone. */
void ph_sources_read_policy(sqlite3 *db, ph_reading **now, const ph_sources *sources, ph_policy *policy,
                            ph_status *status);

/* Whether there is a relation of deals, or an instance names one. */
bool ph_sources_have_deals(sqlite3 *db, const ph_sources *sources, ph_status *status);

/* Adds what only SQL over the sources tells to the problems: instants at which many deals were changed at
** once, and events whose deal_id is that of a deal but for the way in which it is written. Our own tables
** must not be asked meanwhile. */
void ph_sources_check(sqlite3 *db, const ph_sources *sources, ph_problems *problems, ph_status *status);

/* A row of pipeline_import(problem, severity, rows, amount, example, meaning): what somebody who made the
** relations has to report. Texts are the arena's. */
typedef struct ph_import_row {
  const char *problem, *example, *meaning; /* NULL where the cell is */
  ph_severity severity;
  int64_t rows, amount;
  bool has_amount;
} ph_import_row;

/* Reads the relation pipeline_import, which may be absent: a new block in *rows, the caller's, in the
** order of problem, severity, example and meaning. Errors name the column and the value. */
void ph_sources_read_import(sqlite3 *db, const ph_sources *sources, ph_arena *texts, ph_import_row **rows,
                            size_t *count, ph_status *status);

#endif
