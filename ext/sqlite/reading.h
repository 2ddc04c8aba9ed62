/*
** How the rows of a source come in. Of a table: an aggregate function inside SQLite's own loop, so that no
** row is stepped to and no column is fetched by a call.
**
**     SELECT pipeline_health_read("stage", "rank", …) FROM "main"."pipeline_stage"
**
** Most events are activities: old_value and new_value say nothing of them, and SQLite takes as long over
** these two as over the other columns. So a table of events has a condition that reads activities on its own
** and lets all other rows pass to the aggregate, which gets them whole:
**
**     SELECT pipeline_health_read("kind", "at", "deal_id", "recorded_at", "old_value", "new_value")
**       FROM "main"."pipeline_event"
**       WHERE pipeline_health_wants_row("kind", "at", "deal_id", "recorded_at")
**
** Of a view: a scalar function in the result, called once for each row.
**
**     SELECT pipeline_health_read_row("kind", …) FROM "temp"."pipeline_event"
**
** An aggregate over a view of several SELECTs makes SQLite copy every row to where the aggregate reads it; a
** scalar function goes into each of them. A condition would see rows that the view leaves out, for other
** conditions may come first or last and a join may follow. No form keeps anything of a row from one call to
** another. The condition must be evaluated once for each row of the table; rows that it lets pass and rows
** that come are counted, and a difference is an error.
**
** The functions find the reading in their connection, and only while a source is being read: a call from
** plain SQL has nothing to write to.
*/
#ifndef PH_SQLITE_READING_H
#define PH_SQLITE_READING_H

#include "../history/reader.h"
#include "host.h"

/* One pass over one relation. */
typedef struct ph_reading {
  struct ph_reading **now; /* of the connection; itself while rows come */
  ph_reader *reader;
  ph_policy *policy; /* for pipeline_policy */
  ph_relation_name relation;
  bool utf8;
  bool is_name[PH_RELATION_MOST_COLUMNS]; /* by column: a REAL brings its text, for it is an id or a name */
  bool has_condition;                     /* of events, in a table */
  int64_t wanted;                         /* rows that the condition let pass and that have not come yet */
  ph_status *status;
} ph_reading;

/* The names of the functions, ended by NULL. No source may call one. */
extern const char *const ph_reading_functions[];

/* Registers the functions, for the reading in *now, which each of them retains, and releases when it goes. */
int ph_reading_register(sqlite3 *db, ph_reading **now, void (*retain)(void *now), void (*release)(void *now));
/* False when one of them stays. */
bool ph_reading_unregister(sqlite3 *db);

/* Rows of a relation may come, until the end. */
void ph_reading_begin(ph_reading *reading, ph_relation_name relation, bool is_table);
void ph_reading_end(ph_reading *reading);

/* Takes the row of deals or events at which a statement stands, whose columns are those of
** ph_reading_plain_sql. */
void ph_reading_add_row(ph_reading *reading, ph_relation_name relation, sqlite3_stmt *row);

/* The SELECT for a relation in a place, sqlite3_malloc'ed. A name is NULL where a column is absent. NULL when
** memory is short. */
char *ph_reading_sql(ph_relation_name relation, bool is_table, const char *schema, const char *table,
                     const char *const *names);
/* The same columns without a call, to look at what reading them takes. */
char *ph_reading_plain_sql(ph_relation_name relation, const char *schema, const char *table,
                           const char *const *names);

#endif
