/*
** Tells whether a database changed: a text that stays the same as long as nothing changed that a source could
** show.
*/
#ifndef PH_SQLITE_VERSION_H
#define PH_SQLITE_VERSION_H

#include "program.h"

/* The version of a connection's databases: of main, of temp, of the one with the name `schema` (NULL: no
** other) and of those with a true in `read`, by number. Of a database that is not read and is attached
** before one that is, only what SQLite has in memory of its schema counts, for a name may be found there
** first; all others are not looked at, so that one that is locked or broken fails nothing. `now` is in
** milliseconds since 1970. *complete becomes false where a change might not be seen: then nothing may be
** kept. The text is sqlite3_malloc'ed; NULL on failure. */
char *ph_version_key(sqlite3 *db, const char *schema, const bool read[PH_MOST_DATABASES], int64_t now,
                     bool *complete, ph_status *status);

#endif
