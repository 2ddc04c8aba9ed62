/* Answers sums over spans for any day. See day_index.h. */
#include "day_index_internal.h"

#include "../base/sort.h"

#include <string.h>

/* How far ahead memory is asked for: the spans of a group lie anywhere. */
enum { SPANS_AHEAD = 12 };

/* What is needed while an index is built. */
typedef struct builder {
  ph_day_index *index;
  const ph_timeline *timeline;
  const ph_day_index_plan *plan;
  ph_day lowest;        /* the earliest day on which anything changes */
  size_t day_count;     /* days from there to the last change */
  uint32_t *span_order; /* spans by group and bucket */
  size_t *first_of_key; /* into span_order */
  uint32_t *slots;      /* by day - lowest: place in the scratch rows plus one */
  uint32_t *touched;    /* days with a slot, as they came */
  size_t touched_count, touched_capacity;
  int64_t *rows; /* scratch: the changes of each touched day */
  size_t row_capacity;
  size_t cell_capacity, value_capacity;
} builder;

static int compare_names(const void *context, uint32_t left, uint32_t right) {
  return ph_name_compare(context, left, right);
}

static uint32_t span_group(const builder *build, size_t deal, const ph_span *span) {
  return ph_group_of(build->plan->scope, &build->timeline->history->deals[deal], span->owner, span->stage);
}

void ph_day_index_order_groups(ph_day_index *index, const ph_history *history, ph_status *status) {
  index->groups = ph_allocate(status, index->group_count, sizeof *index->groups);
  if (ph_failed(status)) return;
  size_t count = 0;
  for (uint32_t name = 0; name < index->name_count; name++)
    if (index->group_place[name] != 0) index->groups[count++] = name;
  ph_sort_indexes(index->groups, count, compare_names, &history->names, status);
  for (size_t place = 0; place < count; place++)
    index->group_place[index->groups[place]] = (uint32_t)place + 1;
}

/* Finds the groups that have a span, and the range of days. */
static void find_groups(builder *build, ph_status *status) {
  const ph_timeline *timeline = build->timeline;
  const ph_history *history = timeline->history;
  ph_day_index *index = build->index;
  ph_day lowest = PH_DAY_NEVER, highest = 0;
  index->name_count = history->names.count;
  index->group_place = ph_allocate_zeroed(status, index->name_count, sizeof *index->group_place);
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    for (size_t at = timeline->first_span[deal]; at < timeline->first_span[deal + 1]; at++) {
      const ph_span *span = &timeline->spans[at];
      uint32_t *place = &index->group_place[span_group(build, deal, span)];
      index->group_count += *place == 0;
      *place = 1;
      if (span->from < lowest) lowest = span->from;
      if (span->from > highest) highest = span->from;
      if (span->to > highest && span->to != PH_DAY_NEVER) highest = span->to;
    }
  }
  build->lowest = lowest;
  build->day_count = lowest > highest ? 0 : (size_t)(highest - lowest) + 1;
  ph_day_index_order_groups(index, history, status);
}

/* The key of a span: group × bucket; SIZE_MAX leaves it out. */
static size_t span_key(const builder *build, size_t deal, const ph_span *span) {
  const ph_day_index_plan *plan = build->plan;
  size_t bucket = plan->bucket != NULL ? plan->bucket(plan->context, span) : 0;
  if (bucket >= plan->bucket_count) return SIZE_MAX;
  size_t group = build->index->group_place[span_group(build, deal, span)] - 1;
  return group * plan->bucket_count + bucket;
}

/* A counting sort of the spans by key. */
static void order_spans(builder *build, size_t key_count, ph_status *status) {
  const ph_timeline *timeline = build->timeline;
  size_t deal_count = timeline->history->deal_count;
  size_t *first = build->first_of_key = ph_allocate_zeroed(status, key_count + 2, sizeof *first);
  build->span_order = ph_allocate(status, timeline->span_count, sizeof *build->span_order);
  for (size_t deal = 0; deal < deal_count && ph_continue(status); deal++)
    for (size_t at = timeline->first_span[deal]; at < timeline->first_span[deal + 1]; at++) {
      size_t key = span_key(build, deal, &timeline->spans[at]);
      if (key != SIZE_MAX) first[key + 2]++;
    }
  if (ph_failed(status)) return;
  for (size_t key = 2; key < key_count + 2; key++) first[key] += first[key - 1];
  for (size_t deal = 0; deal < deal_count && ph_continue(status); deal++)
    for (size_t at = timeline->first_span[deal]; at < timeline->first_span[deal + 1]; at++) {
      size_t key = span_key(build, deal, &timeline->spans[at]);
      if (key != SIZE_MAX) build->span_order[first[key + 1]++] = (uint32_t)at;
    }
}

/* The scratch row of a day's changes. NULL on failure. */
static int64_t *row_of(builder *build, ph_day day, ph_status *status) {
  size_t columns = build->plan->columns;
  uint32_t *slot = &build->slots[day - build->lowest];
  if (*slot == 0) {
    size_t count = build->touched_count + 1;
    if (!ph_reserve(status, (void **)&build->touched, &build->touched_capacity, count,
                    sizeof *build->touched) ||
        !ph_reserve(status, (void **)&build->rows, &build->row_capacity, count * columns,
                    sizeof *build->rows))
      return NULL;
    build->touched[build->touched_count] = (uint32_t)(day - build->lowest);
    memset(build->rows + build->touched_count * columns, 0, columns * sizeof *build->rows);
    *slot = (uint32_t)++build->touched_count;
  }
  return build->rows + (*slot - 1) * columns;
}

static void add_changes(builder *build, size_t key, ph_status *status) {
  size_t end = build->first_of_key[key + 1];
  for (size_t at = build->first_of_key[key]; at < end && ph_continue(status); at++) {
    const ph_span *span = &build->timeline->spans[build->span_order[at]];
    if (at + SPANS_AHEAD < end) ph_prefetch(&build->timeline->spans[build->span_order[at + SPANS_AHEAD]]);
    int64_t *row = row_of(build, span->from, status);
    if (row != NULL) build->plan->contribute(row, span, 1);
    if (span->to == PH_DAY_NEVER) continue;
    row = row_of(build, span->to, status);
    if (row != NULL) build->plan->contribute(row, span, -1);
  }
}

static int compare_numbers(const void *context, uint32_t left, uint32_t right) {
  (void)context;
  return left < right ? -1 : left > right;
}

/* Brings the touched days into order: by looking at every day of the range where most are touched, else by a
** sort. */
static void order_touched(builder *build, ph_status *status) {
  if (build->touched_count * 16 < build->day_count) {
    ph_sort_indexes(build->touched, build->touched_count, compare_numbers, NULL, status);
    return;
  }
  size_t count = 0;
  for (size_t day = 0; day < build->day_count; day++)
    if (build->slots[day] != 0) build->touched[count++] = (uint32_t)day;
}

/* Turns the changes of a key into cells: running sums from day to day. */
static void append_cells(builder *build, ph_status *status) {
  ph_day_index *index = build->index;
  size_t columns = index->columns, count = index->cell_count + build->touched_count;
  int64_t sums[PH_DAY_INDEX_MOST_COLUMNS] = {0};
  order_touched(build, status);
  ph_reserve(status, (void **)&index->days, &build->cell_capacity, count, sizeof *index->days);
  ph_reserve(status, (void **)&index->values, &build->value_capacity, count * columns, sizeof *index->values);
  if (ph_failed(status)) return;
  for (size_t at = 0; at < build->touched_count; at++) {
    uint32_t day = build->touched[at];
    const int64_t *row = build->rows + (build->slots[day] - 1) * columns;
    bool changed = false;
    for (size_t column = 0; column < columns; column++) {
      sums[column] += row[column];
      changed |= row[column] != 0;
    }
    build->slots[day] = 0;
    if (!changed) continue;
    index->days[index->cell_count] = build->lowest + (ph_day)day;
    memcpy(index->values + index->cell_count++ * columns, sums, columns * sizeof *sums);
  }
  build->touched_count = 0;
}

void ph_day_index_begin(ph_day_index *index, const ph_timeline *timeline, const ph_day_index_plan *plan,
                        ph_status *status) {
  *index = (ph_day_index){.memory = status->memory,
                          .last_day = PH_DAY_LAST,
                          .columns = plan->columns,
                          .bucket_count = plan->bucket_count};
  builder build = {.index = index, .timeline = timeline, .plan = plan};
  find_groups(&build, status);
  size_t key_count = index->group_count * plan->bucket_count;
  if (!ph_failed(status)) order_spans(&build, key_count, status);
  build.slots = ph_allocate_zeroed(status, build.day_count, sizeof *build.slots);
  index->first_cell = ph_allocate_zeroed(status, key_count + 1, sizeof *index->first_cell);
  for (size_t key = 0; key < key_count && !ph_failed(status); key++) {
    add_changes(&build, key, status);
    if (!ph_failed(status)) append_cells(&build, status);
    if (!ph_failed(status)) index->first_cell[key + 1] = index->cell_count;
  }
  ph_release(status->memory, build.span_order);
  ph_release(status->memory, build.first_of_key);
  ph_release(status->memory, build.slots);
  ph_release(status->memory, build.touched);
  ph_release(status->memory, build.rows);
}

void ph_day_index_end(ph_day_index *index) {
  if (index->memory == NULL) return;
  ph_release(index->memory, index->groups);
  ph_release(index->memory, index->group_place);
  ph_release(index->memory, index->first_cell);
  ph_release(index->memory, index->days);
  ph_release(index->memory, index->values);
}

size_t ph_day_index_group(const ph_day_index *index, uint32_t name) {
  uint32_t place = name < index->name_count ? index->group_place[name] : 0;
  return place == 0 ? index->group_count : place - 1;
}

void ph_day_index_add(const ph_day_index *index, size_t group, size_t bucket, ph_day day, int64_t *row) {
  size_t key = group * index->bucket_count + bucket;
  size_t first = index->first_cell[key], low = first, high = index->first_cell[key + 1];
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (index->days[middle] <= day) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == first) return;
  const int64_t *values = index->values + (low - 1) * index->columns;
  for (size_t column = 0; column < index->columns; column++) row[column] += values[column];
}
