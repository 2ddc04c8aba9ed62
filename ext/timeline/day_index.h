/*
** Answers sums over spans for any day with a search instead of a walk over the deals.
**
** Each span adds a row of 64-bit numbers to its group (and bucket) on its first day and takes it away behind
** its last. The changes of a group are summed up once in the order of days; a day is then a binary search.
** Numbers must be additive; money is kept as ph_money_sum, two numbers, so nothing overflows on the way.
*/
#ifndef PH_TIMELINE_DAY_INDEX_H
#define PH_TIMELINE_DAY_INDEX_H

#include "timeline.h"

enum { PH_DAY_INDEX_MOST_COLUMNS = 24 };

typedef struct ph_day_index_plan {
  ph_scope scope;
  size_t columns;
  /* Adds (sign 1) or takes away (sign -1) what a span contributes. */
  void (*contribute)(int64_t *row, const ph_span *span, int64_t sign);
  size_t bucket_count; /* at least 1 */
  /* The bucket of a span; bucket_count leaves it out. NULL: bucket 0. */
  size_t (*bucket)(const void *context, const ph_span *span);
  const void *context;
} ph_day_index_plan;

typedef struct ph_day_index {
  const ph_memory *memory;
  ph_day last_day; /* days behind it are not served */
  size_t columns, bucket_count;
  uint32_t *groups; /* names of the groups, missing first, then in byte order */
  size_t group_count;
  uint32_t *group_place; /* by name: index into groups plus one, 0 = no group */
  uint32_t name_count;
  size_t *first_cell; /* by group × bucket, and one more */
  ph_day *days;       /* by cell: the day from which its numbers hold */
  int64_t *values;    /* by cell × column */
  size_t cell_count;
} ph_day_index;

void ph_day_index_begin(ph_day_index *index, const ph_timeline *timeline, const ph_day_index_plan *plan,
                        ph_status *status);
/* The same straight from a walk over the deals, without their spans being kept, for a plan with one bucket
** whose rows depend on a span's verdict, reasons and amount alone. It serves days up to index->last_day, a
** year behind the last day that the history knows. Returns false, with nothing made, where the days of all
** groups would take too much memory. A helper may walk over half of the deals. */
bool ph_day_index_begin_walking(ph_day_index *index, const ph_history *history, const ph_day_index_plan *plan,
                                ph_status *status);

void ph_day_index_end(ph_day_index *index);

/* The place of a group by its name, or group_count. */
size_t ph_day_index_group(const ph_day_index *index, uint32_t name);

/* Adds the numbers of a group and bucket on a day to `row`. Nothing when there was no span yet. */
void ph_day_index_add(const ph_day_index *index, size_t group, size_t bucket, ph_day day, int64_t *row);

#endif
