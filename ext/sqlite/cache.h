/*
** Decides whether what was read is still fresh.
**
** A connection keeps what it read as long as no counter moved of a database that the sources read (its
** version, its schema, changes of the connection; see version.h), the day is the same, and the bytes stay
** within policy cache_mb. Nothing is kept or taken from there while the connection is writing: what was built
** before a ROLLBACK would look fresh after it. A statement that writes keeps what it read until it ends, so
** that a correlated subquery does not read everything again for each row; that holds where no other statement
** is under way, for only then is it known whose a cursor is.
*/
#ifndef PH_SQLITE_CACHE_H
#define PH_SQLITE_CACHE_H

#include "../measure/pipeline.h"
#include "source.h"

/* What a table asks of what was read. */
typedef enum {
  PH_NEEDS_DEALS,
  PH_NEEDS_DAYS,   /* sums by day, as ph_integrity_on gives them, suffice */
  PH_NEEDS_CLAIMS, /* and what is claimed and won for quota periods, as ph_coverage_on gives it */
  PH_NEEDS_SOURCES /* what is wrong with the sources: a store does not know it */
} ph_needs;

/* Deals that suffice for a question: those of an owner that are open on a day, or one deal. */
typedef struct ph_chosen {
  ph_text owner, deal_id; /* one of them is given, the other has no text */
  const ph_value *as_of;  /* the day as it was given; NULL: its default */
  bool ever;              /* open on any day */
} ph_chosen;

/* The day on which the deals are open, by the zone of a history; PH_DAY_NONE: on any. */
ph_day ph_chosen_day(const ph_chosen *chosen, ph_history *history);

/* What was read at one moment, counted by those who use it. */
typedef struct ph_snapshot {
  struct ph_snapshot *next; /* in the cache, the last used first */
  int references;           /* of cursors, and one of the cache */
  char *sources_key, *version_key;
  bool databases[PH_MOST_DATABASES]; /* by number: the sources read it */
  sqlite3_int64 changes;             /* of the connection, when it was made */
  bool may_be_kept;
  bool from_store;   /* but for the problems of the sources */
  bool is_chosen;    /* it has but these deals, and perhaps some others: */
  ph_chosen chosen;  /* texts are the history's */
  ph_day chosen_day; /* as of ph_chosen_day */
  int chosen_before; /* so many of that sort were read before it */
  bool of_statement; /* made while the connection wrote: dropped when the statement ends */
  ph_host_memory memory;
  ph_pipeline pipeline;
} ph_snapshot;

enum { PH_STORE_TEXT_BYTES = 256 };

/* One database connection, shared by its functions and modules. */
typedef struct ph_connection {
  sqlite3 *db;
  int references;
  ph_reading *reading; /* not NULL while a source is being read: our own tables must not be asked */
  bool reads_holidays; /* pipeline_workdays must not be asked then */
  bool checks_sources; /* pipeline_check asks them by SQL: our own tables must not be asked then, too */
  ph_snapshot *snapshots;
  void *lookups; /* the tables that views look up in, see function_lookup.c */
  uint32_t lookup_serial;
  ph_host_patience patience;
  int cursors;           /* of our tables that are open */
  bool one_statement;    /* all of them belong to the only statement that runs */
  bool statement_writes; /* and that one writes */
  bool now_known;
  int64_t now;               /* milliseconds since 1970, taken once for that statement */
  uint64_t distrusted_store; /* the generation of a store that is damaged */
  char store
      [PH_STORE_TEXT_BYTES]; /* what became of the store when sources were last read: empty without one */
} ph_connection;

ph_connection *ph_connection_new(sqlite3 *db);
void ph_connection_retain(ph_connection *connection);
void ph_connection_release(void *connection); /* as a destructor of SQLite */

/* To be called when a cursor of a table is opened and after it was closed: so a connection knows when a
** statement ends. */
void ph_connection_open_cursor(ph_connection *connection);
void ph_connection_close_cursor(ph_connection *connection);

/* The time in milliseconds since 1970: the same for all cursors of a statement as long as no other
** statement is under way. */
int64_t ph_connection_now(ph_connection *connection);

/* What the sources say now, fresh or kept, read or from a store. `chosen`: these deals suffice; NULL: they do
** not. The caller releases it. NULL on failure. */
ph_snapshot *ph_snapshot_get(ph_connection *connection, const ph_sources *sources, ph_needs needs,
                             const ph_chosen *chosen, ph_status *status);
/* Whether a snapshot suffices for a question. */
bool ph_snapshot_serves(ph_snapshot *snapshot, ph_needs needs, const ph_chosen *chosen);
void ph_snapshot_release(ph_connection *connection, ph_snapshot *snapshot);
/* The same, and nobody else gets it from now on. */
void ph_snapshot_discard(ph_connection *connection, ph_snapshot *snapshot);

/* The policy alone, as it is now. */
void ph_connection_policy(ph_connection *connection, const ph_sources *sources, ph_policy *policy,
                          ph_status *status);

/* Drops what is kept and not in use; the bytes freed. */
int64_t ph_connection_drop(ph_connection *connection);
int64_t ph_connection_bytes(const ph_connection *connection);

#endif
