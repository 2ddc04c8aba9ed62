/*
** How the rows of a source come in: functions inside SQLite's own loop, so that no row is stepped
** to and no column fetched.
**
**     SELECT pipeline_health_read("stage", "rank", …) FROM "main"."pipeline_stage"
**
** Of most events the first three columns say all, and SQLite takes as long over the others as over these. So
** their rows come in two parts, the second only where the first asks for it:
**
**     SELECT pipeline_health_read_rest("old_value", "new_value", "recorded_at") FROM "main"."pipeline_event"
**       WHERE pipeline_health_read_head("kind", "at", "deal_id")
**
** That is for a table, virtual or not, whose rows all come to a condition, each once. In a view other conditions may come
** first or last and a join may follow; there the first part is an aggregate as well:
**
**     SELECT pipeline_health_read("kind", "at", "deal_id"),
**       pipeline_health_read_rest("old_value", "new_value", "recorded_at")
**         FILTER (WHERE pipeline_health_wants_rest()) FROM "temp"."pipeline_event"
**
** SQLite calls the aggregates of a row in the order in which they are written, but does not promise it. So every
** part is checked to be the one that is due; another one is an error.
**
** The functions find the reading in their connection, and only while a source is being read: a call from plain
** SQL has nothing to write to.
*/
#ifndef PH_SQLITE_READING_H
#define PH_SQLITE_READING_H

#include "../history/feed.h"
#include "host.h"

/* One pass over one relation. */
typedef struct ph_reading {
  struct ph_reading **now; /* of the connection; itself while rows come */
  ph_reader *reader;
  ph_feed feed;      /* of deals and events to the reader; begun and ended by the caller */
  ph_policy *policy; /* for pipeline_policy */
  ph_relation_name relation;
  bool utf8;
  bool is_name[PH_RELATION_MOST_COLUMNS]; /* by column: a REAL brings its text, for it is an id or a name */
  int columns;                            /* of its rows, or of the first part of an event */
  ph_event_use due; /* what the rest of an event must bring; PH_EVENT_UNUSABLE: none is due */
  ph_status *status;
} ph_reading;

/* The names of the functions, ended by NULL, and how many calls of them stand in the SELECT for a relation. `is_table`: it
** is no view. */
extern const char *const ph_reading_functions[];
int ph_reading_calls(ph_relation_name relation, bool is_table);

/* Registers the functions, for the reading in *now, which each of them retains, and releases when it goes. */
int ph_reading_register(sqlite3 *db, ph_reading **now, void (*retain)(void *now), void (*release)(void *now));
/* False when one of them stays. */
bool ph_reading_unregister(sqlite3 *db);

/* Rows of a relation may come, until the end. Between the last row and the end of its statement, wait until the reader has
** them all: what it finds wrong with one is an earlier error than what the statement tells then. */
void ph_reading_begin(ph_reading *reading, ph_relation_name relation);
void ph_reading_wait(ph_reading *reading);
void ph_reading_end(ph_reading *reading);

/* The SELECT for a relation in a place, sqlite3_malloc'ed. A name is NULL where a column is absent. NULL when
** memory is short. */
char *ph_reading_sql(ph_relation_name relation, bool is_table, const char *schema, const char *table,
                     const char *const *names);

#endif
