/*
** Shared by the files that write back what changed: store_refresh.c, store_refresh_slices.c for sums by day,
** claims and wins, and store_refresh_owners.c for the lists of owners.
*/
#ifndef PH_SQLITE_STORE_REFRESH_H
#define PH_SQLITE_STORE_REFRESH_H

#include "store_reader.h"

/* Rows of a shadow table that are to be written. */
typedef struct ph_new_row {
  int64_t key;        /* the number of a block, the first day of a slice, an owner */
  ph_stored_id first; /* of a block */
  size_t begin, size; /* its bytes */
} ph_new_row;

typedef struct ph_new_rows {
  ph_byte_writer bytes;
  ph_new_row *rows;
  size_t count, capacity;
} ph_new_rows;

typedef struct ph_refresh {
  ph_open_store from;
  ph_status *status;
  ph_pipeline gone, come; /* the deals that changed, as the blocks and as the sources have them */
  bool has_gone;
  ph_joined_reader to; /* of what comes */
  ph_written_rows read;
  uint32_t *order;  /* of the deals that come, by id */
  size_t next_come; /* in that order */
  bool gives_up;    /* some block grew too long, or some sum too large */
  ph_stored_head head;
  ph_new_rows blocks, slices[PH_SLICE_KINDS], owners;
} ph_refresh;

/* Begins a row, whose bytes are written next, and ends it. */
void ph_begin_row(ph_new_rows *rows, int64_t key, ph_status *status);
void ph_end_row(ph_new_rows *rows, const ph_status *status);

/* Make the slices and the lists that changed. */
void ph_refresh_slices(ph_refresh *job);
void ph_refresh_owners(ph_refresh *job);

#endif
