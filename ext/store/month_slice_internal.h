/*
** Shared by the files of slices by month: month_slice.c, which makes and reads them, and month_merge.c, which
** writes them anew when deals changed.
*/
#ifndef PH_STORE_MONTH_SLICE_INTERNAL_H
#define PH_STORE_MONTH_SLICE_INTERNAL_H

#include "month_slice.h"

/* Below it no sum of pieces, nor a difference of two, leaves 64 bits. */
static const double ph_most_month_units = 2305843009213693952.0; /* 2^61 */

/* What changes, or holds, in a month. */
typedef struct ph_month_numbers {
  int64_t sums[PH_MONTH_SUMS];
  int32_t counts[PH_MONTH_COUNTS];
  bool touched;
} ph_month_numbers;

bool ph_month_numbers_are_zero(const ph_month_numbers *of);
void ph_write_month_numbers(ph_byte_writer *writer, const ph_month_numbers *of, ph_status *status);
/* Adds to a cell what the bytes say. */
void ph_read_month_numbers(ph_byte_reader *reader, ph_month_cell *cell);

/* Reads the months of a group with the numbers of the first day; they are counted from a base. */
void ph_read_months(ph_byte_reader *reader, int32_t base, ph_month_table *table, ph_status *status);

#endif
