/*
** Sums over periods of validity for any day, by prefix sums over days and a binary search.
**
** A piece is a contribution to one group that holds from one day to another, such as a span of a deal. Its
** numbers are added on the first day and taken away behind the last. For each group the changes are summed up
** once in the order of days; the sums of a day are then a binary search.
**
** Pieces may also have a bucket, a number from 0, and be asked for by a range of buckets. Sixteen
** neighbouring buckets have sums of their own, so have sixteen of those, and so on: a range needs at most 30
** searches for each power of 16 in the number of buckets. Nothing is stored where no piece is, so that many
** groups and many buckets need memory for their pieces alone.
**
** Numbers are additive: counts of at most 2^31 pieces, then sums of money, which cannot overflow on the way.
*/
#ifndef PH_TIMELINE_DAY_INDEX_H
#define PH_TIMELINE_DAY_INDEX_H

#include "../base/intern.h"
#include "../base/money.h"
#include "../base/day.h"

/* Holds on the days [from, to); PH_DAY_NEVER as `to` is for ever. `what` is the caller's. */
typedef struct ph_piece {
  ph_day from, to;
  uint32_t group; /* a name */
  uint32_t bucket, what;
  int64_t amount;
} ph_piece;

enum { PH_DAY_INDEX_MOST_COUNTS = 16, PH_DAY_INDEX_MOST_SUMS = 5 };

typedef struct ph_day_row {
  int64_t counts[PH_DAY_INDEX_MOST_COUNTS];
  ph_money_sum sums[PH_DAY_INDEX_MOST_SUMS];
} ph_day_row;

typedef struct ph_day_index ph_day_index;
typedef struct ph_day_index_builder ph_day_index_builder;

typedef struct ph_day_index_plan {
  const ph_interner *names; /* of the groups */
  size_t counts, sums;      /* how many of each a piece contributes to */
  uint32_t bucket_count;    /* at least 1 */
  /* Calls ph_day_index_put for every piece, each time the same pieces in the same order. */
  void (*scan)(void *context, ph_day_index_builder *builder, ph_status *status);
  void *context;
  /* Adds what a piece contributes; `sign` is 1 or -1. */
  void (*contribute)(ph_day_row *row, uint32_t what, int64_t amount, int64_t sign);
} ph_day_index_plan;

struct ph_day_index {
  const ph_memory *memory;
  size_t counts, sums;
  unsigned levels;  /* powers of 16 in the number of buckets, at least 1 */
  uint32_t *groups; /* names of the groups, missing first, then in byte order */
  size_t group_count;
  uint32_t *group_place; /* by name: index into groups plus one, 0 = no group */
  uint32_t name_count;
  size_t *first_node; /* by group, and one more */
  uint32_t *nodes;    /* of a group in ascending order: level, then number of the node there */
  size_t *first_cell; /* by node, and one more */
  size_t node_count, node_capacity, first_cell_capacity;
  ph_day *days;     /* by cell: the day from which its numbers hold */
  uint32_t *values; /* by cell: a word for each count, three for each sum */
  size_t cell_count, day_capacity, value_capacity;
};

/* Owns its memory; must be ended in any case. */
void ph_day_index_begin(ph_day_index *index, const ph_day_index_plan *plan, ph_status *status);
void ph_day_index_end(ph_day_index *index);
size_t ph_day_index_bytes(const ph_day_index *index);

/* Takes a piece from the scan. Neighbours that say the same become one. */
void ph_day_index_put(ph_day_index_builder *builder, const ph_piece *piece, ph_status *status);

/* Makes an index of one bucket from rows that are known: begin, then each group, of at most so many, and
** the numbers that hold from its days on, ascending, then end. The index must be ended in any case. */
void ph_day_index_begin_rows(ph_day_index *index, size_t counts, size_t sums, size_t most_groups,
                             uint32_t name_count, ph_status *status);
void ph_day_index_add_group(ph_day_index *index, uint32_t name, ph_status *status);
void ph_day_index_add_row(ph_day_index *index, ph_day day, const ph_day_row *row, ph_status *status);
void ph_day_index_end_rows(ph_day_index *index, ph_status *status);

/* Makes an index of one bucket and one group, name 0, from another one of one bucket: the sums of all its
** groups. Must be ended in any case. */
void ph_day_index_begin_total(ph_day_index *index, const ph_day_index *of, ph_status *status);

/* The place of a group by its name, or group_count. */
size_t ph_day_index_group(const ph_day_index *index, uint32_t name);

/* Adds to *row the numbers of a group and the buckets [first, end) that hold on a day. */
void ph_day_index_add(const ph_day_index *index, size_t group, uint32_t first, uint32_t end, ph_day day,
                      ph_day_row *row);

#endif
