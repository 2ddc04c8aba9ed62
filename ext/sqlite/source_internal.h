/*
** Shared by source.c, which reads the relations, and source_check.c, which asks them more for pipeline_check.
*/
#ifndef PH_SQLITE_SOURCE_INTERNAL_H
#define PH_SQLITE_SOURCE_INTERNAL_H

#include "source.h"

/* Where a relation is. */
typedef struct ph_place {
  const char *schema; /* NULL: nowhere */
  const char *name;
  bool is_table; /* not a view; known of events alone */
} ph_place;

/* The place of a name, in temp, then main, or in the schema of an instance; and that of a relation. */
ph_place ph_source_find(sqlite3 *db, const ph_sources *sources, const char *name, ph_status *status);
ph_place ph_source_find_relation(sqlite3 *db, const ph_sources *sources, ph_relation_name relation,
                                 ph_status *status);

/* An error is one of `what`. A NULL sql is short memory. */
sqlite3_stmt *ph_source_prepare(sqlite3 *db, const char *sql, const char *what, ph_status *status);

/* Ends a statement whose step returned no row; anything but success is an error of `what`. */
void ph_source_finalize(sqlite3 *db, sqlite3_stmt *statement, const char *what, ph_status *status);

#endif
