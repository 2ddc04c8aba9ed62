/*
** Shared by the files of the store: store.c, which has the function, store_schema.c with the SQL that makes
** it, store_write.c, which fills it, and those that read it (store_reader.h).
*/
#ifndef PH_SQLITE_STORE_INTERNAL_H
#define PH_SQLITE_STORE_INTERNAL_H

#include "../store/deal_block.h"
#include "../store/stored_head.h"
#include "source_internal.h"
#include "store.h"

/* A block holds so many ids; a changed deal costs the reading of its block. */
enum { PH_BLOCK_IDS = 64 };

/* The names of everything that a store makes: the shadow tables; */
#define PH_STORE_PREFIX "pipeline_store_"
#define PH_STORE_HEAD PH_STORE_PREFIX "head"
#define PH_STORE_BLOCK PH_STORE_PREFIX "block"
#define PH_STORE_SLICE PH_STORE_PREFIX "slice"
#define PH_STORE_OWNER PH_STORE_PREFIX "owner"
#define PH_STORE_CHANGE PH_STORE_PREFIX "change"
/* triggers on the last of them; */
#define PH_STORE_KEEP_ROWS PH_STORE_PREFIX "keep_rows"
#define PH_STORE_KEEP_VALUES PH_STORE_PREFIX "keep_values"
/* and an index and triggers on each source, whose names are the prefix, deal or event, and these ends. */
#define PH_STORE_INDEX_END "_deal"
#define PH_STORE_REPLACE_END "_replace"
#define PH_STORE_OVERWRITE_END "_overwrite"
#define PH_STORE_INSERT_END "_insert"
#define PH_STORE_UPDATE_END "_update"
#define PH_STORE_DELETE_END "_delete"
#define PH_STORE_INSERTED_END "_inserted"
#define PH_STORE_UPDATED_END "_updated"

/* Lists of these names in SQL, a comma behind each. */
#define PH_STORE_LISTED(name) "'" name "', "
#define PH_STORE_TABLES                                                                                      \
  PH_STORE_LISTED(PH_STORE_HEAD)                                                                             \
  PH_STORE_LISTED(PH_STORE_BLOCK)                                                                            \
  PH_STORE_LISTED(PH_STORE_SLICE) PH_STORE_LISTED(PH_STORE_OWNER) PH_STORE_LISTED(PH_STORE_CHANGE)
#define PH_STORE_MADE_ON(source)                                                                             \
  PH_STORE_LISTED(PH_STORE_PREFIX source PH_STORE_INDEX_END)                                                 \
  PH_STORE_LISTED(PH_STORE_PREFIX source PH_STORE_REPLACE_END)                                               \
  PH_STORE_LISTED(PH_STORE_PREFIX source PH_STORE_OVERWRITE_END)                                             \
  PH_STORE_LISTED(PH_STORE_PREFIX source PH_STORE_INSERT_END)                                                \
  PH_STORE_LISTED(PH_STORE_PREFIX source PH_STORE_UPDATE_END)                                                \
  PH_STORE_LISTED(PH_STORE_PREFIX source PH_STORE_DELETE_END)                                                \
  PH_STORE_LISTED(PH_STORE_PREFIX source PH_STORE_INSERTED_END)                                              \
  PH_STORE_LISTED(PH_STORE_PREFIX source PH_STORE_UPDATED_END)

/* The condition in sqlite_master for everything that a store makes. Other things whose names begin alike
** are not its own, and must not be dropped. */
#define PH_STORE_MADE                                                                                        \
  "(sql IS NOT NULL AND name IN (" PH_STORE_TABLES PH_STORE_LISTED(PH_STORE_KEEP_ROWS)                       \
      PH_STORE_LISTED(PH_STORE_KEEP_VALUES) PH_STORE_MADE_ON("deal") PH_STORE_MADE_ON("event") "''))"

/* The condition for what else there is on the shadow tables. */
#define PH_STORE_ON_TABLES "(sql IS NOT NULL AND tbl_name IN (" PH_STORE_TABLES "''))"

/* Which table a row is of, for its checksum; slices have the number of their kind. */
enum { PH_SUM_OF_BLOCK = PH_SLICE_KINDS, PH_SUM_OF_OWNER };

/* Where the tables of deals and events are. */
typedef struct ph_store_place {
  const char *schema;
  const char *deal, *event;
} ph_store_place;

/* Whether a schema has a store. */
bool ph_store_exists(sqlite3 *db, const char *schema, ph_status *status);

/* Makes the shadow tables, the indexes that are missing and the triggers. Errors say what a store cannot
** follow. */
void ph_store_make(sqlite3 *db, const ph_store_place *at, ph_status *status);
/* Drops them; the indexes only with `indexes`. */
void ph_store_drop(sqlite3 *db, const char *schema, bool indexes, ph_status *status);

/* A number that is another one where the source tables, their indexes, the shadow tables or the triggers
** are others. */
uint64_t ph_store_schema_mark(sqlite3 *db, const ph_store_place *at, ph_status *status);

/* Runs a statement, sqlite3_malloc'ed, and frees it. */
void ph_store_run(sqlite3 *db, char *sql, ph_status *status);

/* Reads all sources and fills the shadow tables, which are empty. */
void ph_store_fill(ph_connection *connection, const ph_sources *sources, const ph_store_place *at,
                   ph_status *status);

/* Writes back what changed since, where that is less work than to fill the store anew. False where it is
** not, or where what the store says cannot be relied on: then nothing was written. */
bool ph_store_refresh(ph_connection *connection, const ph_sources *sources, ph_status *status);

/* The triggers that keep what was noted from being changed by hand: makes them, takes them away. */
void ph_store_keep_changes(sqlite3 *db, const char *schema, bool keep, ph_status *status);

/* A store that is read. Texts and blocks are its own. */
typedef struct ph_open_store {
  ph_connection *connection;
  sqlite3 *db;
  const ph_sources *sources;
  ph_status *status;
  const ph_memory *memory;
  ph_store_place at;
  char *schema, *deal, *event; /* what `at` points to */
  uint64_t generation;         /* another number for each time that a store is filled */
  int64_t head_sum, deal_count;
  unsigned char *head_bytes;
  size_t head_size;
  ph_stored_id *changed; /* the deals that changed since: ascending, each once */
  size_t changed_count, changed_capacity;
  bool changed_without_id; /* some row without a deal_id did */
  int64_t noted;           /* as many changes were noted */
  ph_arena texts;          /* of changed */
} ph_open_store;

/* Opens the store beside the sources, to be ended in any case. False where there is none. Everything for
** which it cannot be used fails the job; what the rows of blocks and slices say is looked at when they are
** read. */
bool ph_store_open(ph_open_store *from, ph_connection *connection, const ph_sources *sources,
                   ph_status *status);
void ph_store_end(ph_open_store *from);
/* Fills `changed`; too many of them fail the job. */
void ph_store_read_changes(ph_open_store *from);

/* The checksum of a row: `generation` is that of its store, and the numbers say which row it is. */
uint64_t ph_store_row_sum(uint64_t generation, int64_t kind, int64_t number, const void *bytes, size_t count);

/* Reads such a row: the number that says which it is, checksum and data are the first columns of the
** statement; `kind` is that of the checksum. False where the row is damaged. */
bool ph_store_open_row(uint64_t generation, sqlite3_stmt *row, int64_t kind, ph_byte_reader *bytes);

#endif
