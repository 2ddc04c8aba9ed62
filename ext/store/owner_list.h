/*
** Lists of owners: which deals each owner ever had, and on which days, so that a question about one owner
** reads the blocks of these deals alone.
**
** A stay is the days [from, to) on which an open deal had an owner. It depends on no policy but the time
** zone: the closing day of a deal whose closing is not given may be another one when the sources know more
** days, and its last stay never ends. So a list may name a deal that is closed on a day, but lacks none that
** is open.
*/
#ifndef PH_STORE_OWNER_LIST_H
#define PH_STORE_OWNER_LIST_H

#include "deal_block.h"

typedef struct ph_stay {
  uint32_t deal; /* an index into the deals of the history */
  ph_day from, to;
} ph_stay;

/* The stays of all deals by owner, in the order of their ids. Owns its memory; borrows the history. */
typedef struct ph_owner_stays {
  const ph_memory *memory;
  const ph_history *history;
  ph_stay *stays;
  size_t *first; /* by name of an owner, and one more */
} ph_owner_stays;

/* `order` has the deals in the order of their ids; NULL: they stand so. Must be ended in any case. */
void ph_owner_stays_begin(ph_owner_stays *stays, const ph_history *history, const uint32_t *order,
                          ph_status *status);
void ph_owner_stays_end(ph_owner_stays *stays);

/* How many stays an owner has. Without any it has no list. */
uint32_t ph_owner_stay_count(const ph_owner_stays *stays, uint32_t owner);

/* Writes the list of an owner. */
void ph_write_stays(ph_byte_writer *writer, const ph_owner_stays *stays, uint32_t owner, ph_status *status);

/* A stay that is read. The text of its id stays in the bytes. */
typedef struct ph_stored_stay {
  ph_stored_id id;
  ph_day from, to;
} ph_stored_stay;
ph_stored_stay ph_stored_stay_of(const ph_owner_stays *stays, const ph_stay *stay);

/* Writes a list of stays in the order of their ids. */
void ph_write_stay_list(ph_byte_writer *writer, const ph_stored_stay *stays, size_t count, ph_status *status);

typedef struct ph_stay_reader {
  ph_byte_reader bytes;
  uint32_t left, integers; /* so many stays, and so many of them with ids that are integers, are to come */
} ph_stay_reader;

/* Reads the list of an owner with so many stays: begins, then the next one, until it is false. Then `damaged`
** of the bytes says whether they are those of a list. *stay begins zeroed and holds the one before. */
ph_stay_reader ph_stay_reader_of(ph_byte_reader bytes, uint32_t count);
bool ph_read_stay(ph_stay_reader *reader, ph_stored_stay *stay);

#endif
