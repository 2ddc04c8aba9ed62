/*
** Slices of a day index: what it says of PH_SLICE_DAYS days, so that a question about a day reads one slice.
**
** A slice has, for each group that shows anything on its days, the numbers of its first day and what changed
** on each other. The last slice holds for all days behind it, too. A slice that is read is a day index
** itself, of one bucket.
*/
#ifndef PH_STORE_DAY_SLICE_H
#define PH_STORE_DAY_SLICE_H

#include "../timeline/day_index.h"
#include "stored_bytes.h"

enum { PH_SLICE_DAYS = 16 };

/* The first days of the first and of the last slice of an index: multiples of PH_SLICE_DAYS. False where it
** is empty. */
bool ph_slices_of(const ph_day_index *index, ph_day *first, ph_day *last);

/* Writes the slice that begins on a day. */
void ph_write_slice(ph_byte_writer *writer, const ph_day_index *index, ph_day first, ph_status *status);

/* What is known of a slice whose deals changed, each an index or NULL: `stored` said what holds on its days
** (that slice, or the last one, which holds for all days behind it, too); `gone` are the sums of the deals
** that changed as they were, `come` as they are. */
typedef struct ph_slice_change {
  const ph_day_index *stored, *gone, *come;
  ph_day first;
} ph_slice_change;

/* Whether the slice says anything else than before. */
bool ph_slice_differs(const ph_slice_change *change);

/* Makes a day index of the slice as it is now, whose names are below name_count; it must be ended in any
** case. */
void ph_change_slice(const ph_slice_change *change, size_t counts, size_t sums, uint32_t name_count,
                     ph_day_index *index, ph_status *status);

/* Makes a day index of a slice, whose names are below name_count; it must be ended in any case. The numbers
** of its rows are those of `counts` and `sums`. False where the bytes are damaged. */
bool ph_read_slice(ph_byte_reader *reader, ph_day first, size_t counts, size_t sums, uint32_t name_count,
                   ph_day_index *index, ph_status *status);

#endif
