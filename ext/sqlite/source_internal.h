/*
** Shared by source.c, which reads the relations, and source_check.c, which asks them more for pipeline_check.
*/
#ifndef PH_SQLITE_SOURCE_INTERNAL_H
#define PH_SQLITE_SOURCE_INTERNAL_H

#include "../store/deal_block.h"
#include "source.h"

/* Where a relation is. */
typedef struct ph_place {
  const char *schema; /* NULL: nowhere */
  const char *name;
  bool is_table; /* not a view */
} ph_place;

/* The place of a name, in temp, then main, or in the schema of an instance; and that of a relation. */
ph_place ph_source_find(sqlite3 *db, const ph_sources *sources, const char *name, ph_status *status);
ph_place ph_source_find_relation(sqlite3 *db, const ph_sources *sources, ph_relation_name relation,
                                 ph_status *status);

/* Reads all rows of the relations that come before the deals, those of quotas if they matter; then those of
** deals and events. */
void ph_source_read_settings(sqlite3 *db, const ph_sources *sources, bool quotas, ph_reading *reading);
void ph_source_read_deals_and_events(sqlite3 *db, const ph_sources *sources, ph_reading *reading);

/* The reading of the connection's sources into a reader. */
ph_reading ph_source_reading(sqlite3 *db, ph_reading **now, ph_reader *reader, ph_history *history,
                             ph_status *status);

/* The SELECT over a relation with its columns in the order of the descriptor and without a call,
** sqlite3_malloc'ed. *at becomes its place. NULL where there is no such relation, and none is needed. */
char *ph_source_plain_sql(sqlite3 *db, const ph_sources *sources, ph_relation_name relation, ph_place *at,
                          ph_status *status);

/* Reads the rows of deals or events of these ids, each id's in the order of their rowids, and those without
** an id. */
typedef struct ph_source_ids {
  bool without_id;
  size_t count;
  const ph_stored_id *ids;
} ph_source_ids;
void ph_source_read_ids(sqlite3 *db, const ph_sources *sources, ph_relation_name relation,
                        const ph_source_ids *ids, ph_reading *reading);

bool ph_source_is_utf8(sqlite3 *db, ph_status *status);

/* An error is one of `what`. A NULL sql is short memory. */
sqlite3_stmt *ph_source_prepare(sqlite3 *db, const char *sql, const char *what, ph_status *status);

/* Ends a statement whose step returned no row; anything but success is an error of `what`. */
void ph_source_finalize(sqlite3 *db, sqlite3_stmt *statement, const char *what, ph_status *status);

#endif
