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

/* Adds what reading the relations takes to *facts: which databases, and whether one of them changes unseen. */
void ph_sources_look(sqlite3 *db, const ph_sources *sources, ph_program_facts *facts, ph_status *status);

/* Reads all relations into *history, which must be ended in any case. `time` is the time in Unix milliseconds. *now is set while rows come: our own
** tables must not be asked then. Errors name the relation and what is missing; what is wrong with the columns of
** pipeline_event is told before what is wrong with the rows of pipeline_deal. */
void ph_sources_read(sqlite3 *db, ph_reading **now, const ph_sources *sources, int64_t time,
                     ph_history *history, ph_status *status);

/* Reads the policy alone. */
void ph_sources_read_policy(sqlite3 *db, ph_reading **now, const ph_sources *sources, ph_policy *policy,
                            ph_status *status);

/* Counts instants at which many deals were changed at once, for pipeline_check. */
void ph_sources_check_bulk_edits(sqlite3 *db, const ph_sources *sources, ph_problems *problems,
                                 ph_status *status);

#endif
