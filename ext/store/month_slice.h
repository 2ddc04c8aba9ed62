/*
** Slices by month: what the deals of each group sum up to on PH_SLICE_DAYS days, parted by a month that each
** deal has, such as that of its close date.
**
** A piece is a contribution to a group and a month that holds from one day to another. It adds to some of
** PH_MONTH_SUMS sums of amounts, and to the counts beside the first of them. A slice has, for each group that
** shows anything on its days, the numbers of its first day and what changed on each other. The last slice
** holds for all days behind it, too.
*/
#ifndef PH_STORE_MONTH_SLICE_H
#define PH_STORE_MONTH_SLICE_H

#include "../base/day.h"
#include "../base/money.h"
#include "stored_bytes.h"

enum { PH_MONTH_COUNTS = 3, PH_MONTH_SUMS = 4 };

/* Holds on the days [from, to); PH_DAY_NEVER as `to` is for ever. */
typedef struct ph_month_piece {
  int64_t amount;
  ph_day from, to;
  uint32_t group; /* a name */
  int32_t month;  /* 0 or above */
  uint32_t what;  /* one bit a sum; the lowest also say which counts */
} ph_month_piece;

typedef struct ph_month_builder ph_month_builder;

typedef struct ph_month_plan {
  uint32_t name_count; /* groups are below it */
  /* Calls ph_month_put for every piece, each time the same pieces. */
  void (*scan)(void *context, ph_month_builder *builder, ph_status *status);
  void *context;
} ph_month_plan;

/* The bytes of all slices. Owns its memory. */
typedef struct ph_month_slices {
  const ph_memory *memory;
  bool fits;    /* false: more pieces than a block can hold, or sums that may not fit; then no slices */
  ph_day first; /* the first day of the first slice */
  ph_byte_writer *slices;
  size_t count;
} ph_month_slices;

/* Must be ended in any case. */
void ph_month_slices_begin(ph_month_slices *slices, const ph_month_plan *plan, ph_status *status);
void ph_month_slices_end(ph_month_slices *slices);
/* Those of all groups together, as group 0. Must be ended in any case. */
void ph_month_slices_begin_total(ph_month_slices *total, const ph_month_slices *groups, uint32_t name_count,
                                 ph_status *status);
/* Takes a piece from the scan. Neighbours that say the same become one. */
void ph_month_put(ph_month_builder *builder, const ph_month_piece *piece, ph_status *status);

/* The numbers of a group and a month on a day. */
typedef struct ph_month_cell {
  int64_t sums[PH_MONTH_SUMS];
  int32_t counts[PH_MONTH_COUNTS];
  int32_t month;
} ph_month_cell;

/* Those of all groups on a day. Owns its memory. */
typedef struct ph_month_table {
  const ph_memory *memory;
  ph_month_cell *cells; /* by group, then month */
  size_t cell_count, cell_capacity;
  struct ph_month_group {
    uint32_t name;
    size_t first_cell;
  } * groups; /* ascending */
  size_t group_count, group_capacity;
} ph_month_table;

/* Reads of the slice that begins on `first` what it says of a day; false where the bytes are damaged. Names
** are below name_count. Must be ended in any case. */
bool ph_read_month_slice(ph_byte_reader *reader, ph_day first, ph_day day, uint32_t name_count,
                         ph_month_table *table, ph_status *status);
void ph_month_table_end(ph_month_table *table);
size_t ph_month_table_bytes(const ph_month_table *table);

/* Bytes of a slice; without any, nothing is shown. */
typedef struct ph_month_bytes {
  ph_byte_reader bytes;
  bool is_before; /* it is the last one, and begins before the days that it is read for */
} ph_month_bytes;

/* The slice that shows a day, among those that are ready. */
ph_month_bytes ph_month_slice_on(const ph_month_slices *slices, ph_day day);

/* Writes what a slice says when the pieces go that `gone` is a slice of, and those of `come` come; names
** are below name_count. False where bytes are damaged, or where a sum might not fit. */
bool ph_merge_month_slice(const ph_month_bytes *stored, const ph_month_bytes *gone,
                          const ph_month_bytes *come, uint32_t name_count, ph_byte_writer *writer,
                          ph_status *status);

typedef struct ph_month_row {
  int64_t counts[PH_MONTH_COUNTS];
  ph_money_sum sums[PH_MONTH_SUMS];
} ph_month_row;

/* Adds the numbers of a group in the months [first, last]. */
void ph_month_table_add(const ph_month_table *table, uint32_t name, int32_t first, int32_t last,
                        ph_month_row *row);

#endif
