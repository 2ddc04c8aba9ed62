/*
** Shared by the files that write a store: store_rows.c, which turns rows of a reader into bytes,
** store_write.c, which fills the shadow tables, store_write_claims.c for claims and wins, and
** store_refresh.c, which changes them.
*/
#ifndef PH_SQLITE_STORE_WRITER_H
#define PH_SQLITE_STORE_WRITER_H

#include "../measure/pipeline.h"
#include "../store/month_slice.h"
#include "store_internal.h"

/* --------------------------------------------------------------------------------------------------- rows */

/* Where the bytes of a deal's events are. */
typedef struct ph_written_events {
  size_t first;
  ph_stored_events size;
} ph_written_events;

/* A deal_id, and where its bytes are. */
typedef struct ph_written_deal {
  ph_stored_id id;
  size_t first, bytes;
  uint32_t slot; /* of its events; PH_NO_SLOT */
} ph_written_deal;

typedef struct ph_slot_row {
  uint32_t slot;
  ph_event_row row;
} ph_slot_row;

/* What a reader read, as bytes by deal. Begins zeroed. The texts of ids are those of the reader's history. */
typedef struct ph_written_rows {
  ph_byte_writer deal_bytes, event_bytes;
  ph_written_deal *deals;
  size_t deal_count, deal_capacity;
  ph_written_events *events; /* by slot */
  size_t slot_count, slot_capacity;
  ph_slot_row *waiting; /* events of slots that are not complete */
  uint32_t *order;      /* of them, by slot */
  size_t waiting_count, waiting_capacity, order_capacity;
  int64_t without_id; /* rows of deals that have none */
} ph_written_rows;

/* Takes the rows of a reader that has all of them and is not finished. */
void ph_written_rows_take(ph_written_rows *rows, ph_reader *reader, ph_status *status);
void ph_written_rows_end(ph_written_rows *rows, const ph_memory *memory);

/* The deals in the order of their ids: a new block. */
uint32_t *ph_written_rows_order(const ph_written_rows *rows, ph_status *status);

/* The events of a deal; how many events all deals have. */
ph_written_events ph_written_events_of(const ph_written_rows *rows, const ph_written_deal *deal);
uint64_t ph_written_event_count(const ph_written_rows *rows);

/* Writes what a block says of a deal. */
void ph_write_entry(ph_byte_writer *block, const ph_written_rows *rows, const ph_written_deal *deal,
                    ph_status *status);

/* ------------------------------------------------------------------------------------------ shadow tables */

/* Where rows go. */
typedef struct ph_store_output {
  sqlite3 *db;
  const char *schema;
  uint64_t generation;
} ph_store_output;

/* The rows of one shadow table, which one statement takes: row after row is made, from number 1 on, with a
** key and bytes. */
typedef struct ph_row_maker ph_row_maker;
struct ph_row_maker {
  void (*make)(ph_row_maker *maker, int64_t number); /* writes the bytes and sets the key */
  void *context;                                     /* of `make` */
  ph_status *status;
  const ph_store_output *to;
  int64_t kind; /* of the checksum */
  int64_t made; /* the number of the row that stands in `bytes` */
  ph_byte_writer bytes;
  int64_t key;        /* of the checksum: number of the block, first day of the slice, owner */
  ph_stored_id first; /* of a block */
};

/* What stands for a row's values in the SQL of ph_store_put_rows. */
#define PH_STORED(column) "pipeline_health_stored(?1, i, " column ")"
#define PH_STORED_FIRST_DEAL PH_STORED("0")
#define PH_STORED_KEY PH_STORED("1")
#define PH_STORED_SUM_AND_DATA PH_STORED("2") ", " PH_STORED("3")

/* Puts so many rows into a shadow table by one statement, which is whole or not at all; `verb` is INSERT or
** REPLACE, `values` are SQL for the columns. Frees the maker's bytes. */
void ph_store_put_rows(ph_row_maker *maker, const char *verb, const char *table, const char *values,
                       int64_t count);
/* The same for slices of the kind that the maker says. */
void ph_store_put_slices(ph_row_maker *maker, const char *verb, int64_t count);

/* Inserts the slices of a kind, that of each PH_SLICE_DAYS days from `first` on, and notes them in the
** head. */
void ph_store_insert_slices(const ph_store_output *to, int kind, ph_day first, const ph_byte_writer *slices,
                            size_t count, ph_stored_head *head, ph_status *status);

/* The slices of claims or wins of a kind; they must be ended in any case. */
void ph_store_claim_slices(ph_pipeline *pipeline, int kind, ph_month_slices *slices, ph_status *status);

/* Writes the late wins one behind the other; how many, or more than PH_MOST_LATE_WINS. Beyond so many a
** question would rather read all deals. */
enum { PH_MOST_LATE_WINS = 1 << 17 };
size_t ph_store_write_late_wins(ph_pipeline *pipeline, ph_byte_writer *bytes, ph_status *status);

/* Writes claims and wins, or none where they cannot be shown by slices. */
void ph_store_write_claims(const ph_store_output *to, ph_pipeline *pipeline, ph_stored_head *head,
                           ph_status *status);

/* Adds to the count of deals by currency; `sign` is 1 or -1. */
void ph_store_count_currencies(const ph_history *history, int sign, uint32_t *currency_deals);

/* Sets what a head takes from the history that the store is filled or refreshed by. */
void ph_store_head_of(const ph_history *history, ph_stored_head *head);

/* Runs and ends the statement that writes the head: ?1 version, ?2 deals, ?3 events, ?4 generation, ?5
** mark of the schema, ?6 checksum, ?7 data. */
void ph_store_put_head(const ph_store_output *to, const ph_store_place *at, const ph_stored_head *head,
                       sqlite3_stmt *statement, ph_status *status);

#endif
