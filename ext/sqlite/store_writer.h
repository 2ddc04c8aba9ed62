/*
** Shared by the files that fill a store: store_write.c, and store_write_claims.c for claims and wins.
*/
#ifndef PH_SQLITE_STORE_WRITER_H
#define PH_SQLITE_STORE_WRITER_H

#include "store_internal.h"

/* Where rows go. */
typedef struct ph_store_output {
  sqlite3 *db;
  const char *schema;
  uint64_t generation;
} ph_store_output;

/* Inserts the slices of a kind, that of each PH_SLICE_DAYS days from `first` on, and notes them in the
** head. */
void ph_store_insert_slices(const ph_store_output *to, int kind, ph_day first, const ph_byte_writer *slices,
                            size_t count, ph_stored_head *head, ph_status *status);

/* Writes claims and wins, or none where they cannot be shown by slices. */
void ph_store_write_claims(const ph_store_output *to, ph_pipeline *pipeline, ph_stored_head *head,
                           ph_status *status);

#endif
