/*
** Sums over periods of validity for any day. See day_index.h.
**
** The scan runs once to count the pieces of each group, and again for each batch of groups, whose pieces are
** then brought together by group. Within a group they are chained by bucket. A node is a bucket, or sixteen
** nodes of the level below; its changes are gathered by day in scratch rows and summed up into cells.
*/
#include "day_index.h"

#include "../base/search.h"
#include "../base/sort.h"

enum {
  BITS_A_LEVEL = 4,
  LEVEL_AT = 28, /* where the level stands in the number of a node */
  MOST_PIECES_AT_ONCE = 2 << 20,
  WORDS_A_SUM = 3
};

/* Numbers of a range that turned up, each with a place in the order of coming. */
typedef struct number_set {
  uint32_t *place_of; /* by number: place plus one, 0 = not there */
  size_t range;
  uint32_t *numbers;
  size_t count, capacity;
} number_set;

/* A piece of a group that is known. */
typedef struct kept_piece {
  int64_t amount;
  ph_day from, to;
  uint32_t what, bucket;
} kept_piece;

struct ph_day_index_builder {
  ph_day_index *index;
  const ph_day_index_plan *plan;
  bool counting;
  ph_piece open;        /* the last piece, which the next one may continue; open.to = open.from: none */
  size_t *piece_counts; /* by name */
  ph_day lowest, highest;
  size_t first_group, end_group; /* of the batch */
  size_t *next_piece;            /* by group of the batch: where its next piece goes, or its first sum */
  kept_piece *pieces;
  ph_day_row *sums;                           /* of the dense groups of the batch: what changes on each day */
  uint32_t *next_in_bucket;                   /* by piece of a group: the next one of its bucket plus one */
  uint32_t *first_in_bucket, *last_in_bucket; /* by place of the bucket: likewise */
  size_t chain_capacity, first_capacity, last_capacity;
  number_set days, buckets;
  ph_day_row *rows; /* scratch, by place of the day: its changes */
  size_t row_capacity;
};

/* ------------------------------------------------------------------------------------------------ numbers */

static void number_set_begin(number_set *set, size_t range, ph_status *status) {
  set->range = range;
  set->place_of = ph_allocate_zeroed(status, range, sizeof *set->place_of);
}

static void number_set_end(number_set *set, const ph_memory *memory) {
  ph_release(memory, set->place_of);
  ph_release(memory, set->numbers);
}

/* The place of a number; the count before the call when it is new. */
static size_t number_set_place(number_set *set, uint32_t number, ph_status *status) {
  uint32_t *place = &set->place_of[number];
  if (*place == 0) {
    if (!ph_reserve(status, (void **)&set->numbers, &set->capacity, set->count + 1, sizeof *set->numbers))
      return set->count;
    set->numbers[set->count++] = number;
    *place = (uint32_t)set->count;
  }
  return *place - 1;
}

static int compare_numbers(const void *context, uint32_t left, uint32_t right) {
  (void)context;
  return left < right ? -1 : left > right;
}

/* Sorts the numbers: by looking at the whole range where most of it turned up, else by comparing. */
static void number_set_sort(number_set *set, ph_status *status) {
  if (set->count * 16 < set->range) {
    ph_sort_indexes(set->numbers, set->count, compare_numbers, NULL, status);
    return;
  }
  size_t count = 0;
  for (uint32_t number = 0; number < set->range; number++)
    if (set->place_of[number] != 0) set->numbers[count++] = number;
}

static void number_set_clear(number_set *set) {
  for (size_t at = 0; at < set->count; at++) set->place_of[set->numbers[at]] = 0;
  set->count = 0;
}

/* ------------------------------------------------------------------------------------------------- pieces */

static void count_piece(ph_day_index_builder *build, const ph_piece *piece) {
  build->piece_counts[piece->group]++;
  if (piece->from < build->lowest) build->lowest = piece->from;
  if (piece->from > build->highest) build->highest = piece->from;
  if (piece->to > build->highest && piece->to != PH_DAY_NEVER) build->highest = piece->to;
}

/* Whether a group without buckets has so many pieces that sums for every day take less memory. Its pieces are
** then added to these as they come, and not kept. */
static bool is_dense(const ph_day_index_builder *build, uint32_t name) {
  const size_t pieces_a_sum = sizeof *build->sums / sizeof *build->pieces;
  size_t count = build->piece_counts[name];
  return build->plan->bucket_count == 1 && count / pieces_a_sum > build->days.range;
}

static void keep_piece(ph_day_index_builder *build, const ph_piece *piece) {
  size_t group = build->index->group_place[piece->group] - 1;
  if (group < build->first_group || group >= build->end_group) return;
  size_t *next = &build->next_piece[group - build->first_group];
  if (is_dense(build, piece->group)) {
    ph_day_row *sums = &build->sums[*next];
    build->plan->contribute(&sums[piece->from - build->lowest], piece->what, piece->amount, 1);
    if (piece->to != PH_DAY_NEVER)
      build->plan->contribute(&sums[piece->to - build->lowest], piece->what, piece->amount, -1);
  } else {
    build->pieces[(*next)++] =
        (kept_piece){piece->amount, piece->from, piece->to, piece->what, piece->bucket};
  }
}

/* Passes on the piece that nothing continues. */
static void close_piece(ph_day_index_builder *build) {
  if (build->open.from >= build->open.to) return;
  if (build->counting) {
    count_piece(build, &build->open);
  } else {
    keep_piece(build, &build->open);
  }
}

void ph_day_index_put(ph_day_index_builder *build, const ph_piece *piece, ph_status *status) {
  ph_piece *open = &build->open;
  if (!ph_continue(status)) return;
  if (open->to == piece->from && open->group == piece->group && open->amount == piece->amount &&
      open->what == piece->what && open->bucket == piece->bucket) {
    open->to = piece->to;
    return;
  }
  close_piece(build);
  *open = *piece;
}

static void scan(ph_day_index_builder *build, ph_status *status) {
  build->open = (ph_piece){0};
  if (!ph_failed(status)) build->plan->scan(build->plan->context, build, status);
  if (!ph_failed(status)) close_piece(build);
}

static int compare_names(const void *context, uint32_t left, uint32_t right) {
  return ph_name_compare(context, left, right);
}

/* Lists the groups that have a piece in the order of their names. */
static void order_groups(ph_day_index_builder *build, ph_status *status) {
  ph_day_index *index = build->index;
  size_t count = 0;
  for (uint32_t name = 0; name < index->name_count && !ph_failed(status); name++)
    index->group_count += build->piece_counts[name] > 0;
  index->groups = ph_allocate(status, index->group_count, sizeof *index->groups);
  index->group_place = ph_allocate_zeroed(status, index->name_count, sizeof *index->group_place);
  index->first_node = ph_allocate_zeroed(status, index->group_count + 1, sizeof *index->first_node);
  if (ph_failed(status)) return;
  for (uint32_t name = 0; name < index->name_count; name++)
    if (build->piece_counts[name] > 0) index->groups[count++] = name;
  ph_sort_indexes(index->groups, count, compare_names, build->plan->names, status);
  for (size_t place = 0; place < count; place++)
    index->group_place[index->groups[place]] = (uint32_t)place + 1;
}

/* -------------------------------------------------------------------------------------------------- cells */

static void write_words(uint32_t *words, const ph_day_index *index, const ph_day_row *row) {
  for (size_t count = 0; count < index->counts; count++) *words++ = (uint32_t)row->counts[count];
  for (size_t sum = 0; sum < index->sums; sum++) {
    uint64_t high = (uint64_t)(row->sums[sum].high + ph_money_high(row->sums[sum].low));
    *words++ = (uint32_t)ph_money_low(row->sums[sum].low);
    *words++ = (uint32_t)high;
    *words++ = (uint32_t)(high >> 32);
  }
}

static void add_words(const uint32_t *words, const ph_day_index *index, ph_day_row *row) {
  for (size_t count = 0; count < index->counts; count++) row->counts[count] += (int64_t)*words++;
  for (size_t sum = 0; sum < index->sums; sum++, words += WORDS_A_SUM) {
    int64_t high = (int64_t)words[2] - ((int64_t)(words[2] >> 31) << 32); /* as a signed word */
    row->sums[sum].high += high * 4294967296 + (int64_t)words[1];
    row->sums[sum].low += (int64_t)words[0];
  }
}

static size_t word_count(const ph_day_index *index) {
  return index->counts + index->sums * WORDS_A_SUM;
}

/* The scratch row of a day; NULL after a failure. */
static ph_day_row *row_of_day(ph_day_index_builder *build, ph_day day, ph_status *status) {
  size_t known = build->days.count;
  size_t place = number_set_place(&build->days, (uint32_t)(day - build->lowest), status);
  if (!ph_reserve(status, (void **)&build->rows, &build->row_capacity, place + 1, sizeof *build->rows))
    return NULL;
  if (place == known) build->rows[place] = (ph_day_row){0};
  return &build->rows[place];
}

static void change_day(ph_day_index_builder *build, ph_day day, const kept_piece *piece, int64_t sign,
                       ph_status *status) {
  ph_day_row *row = row_of_day(build, day, status);
  if (row != NULL) build->plan->contribute(row, piece->what, piece->amount, sign);
}

/* Adds the day's changes to the running row; false when they cancel each other out. */
static bool add_changes(const ph_day_index *index, const ph_day_row *changes, ph_day_row *running) {
  bool changed = false;
  for (size_t count = 0; count < index->counts; count++) {
    running->counts[count] += changes->counts[count];
    changed |= changes->counts[count] != 0;
  }
  for (size_t sum = 0; sum < index->sums; sum++) {
    ph_money_add_sum(&running->sums[sum], &changes->sums[sum]);
    changed |= changes->sums[sum].high != 0 || changes->sums[sum].low != 0;
  }
  return changed;
}

/* Begins a node that has at most so many cells. */
static void begin_node(ph_day_index_builder *build, uint32_t node, size_t most_cells, ph_status *status) {
  ph_day_index *index = build->index;
  size_t most = index->cell_count + most_cells;
  ph_reserve(status, (void **)&index->days, &index->day_capacity, most, sizeof *index->days);
  ph_reserve(status, (void **)&index->values, &index->value_capacity, most * word_count(index),
             sizeof *index->values);
  ph_reserve(status, (void **)&index->nodes, &index->node_capacity, index->node_count + 1,
             sizeof *index->nodes);
  ph_reserve(status, (void **)&index->first_cell, &index->first_cell_capacity, index->node_count + 2,
             sizeof *index->first_cell);
  if (!ph_continue_after(status, most_cells)) return;
  index->nodes[index->node_count] = node;
  index->first_cell[index->node_count++] = index->cell_count;
}

/* Adds the changes of a day, behind the earlier ones, to a node's running sums: a cell where they change. */
static void append_day(ph_day_index_builder *build, uint32_t day, const ph_day_row *changes,
                       ph_day_row *running) {
  ph_day_index *index = build->index;
  if (!add_changes(index, changes, running)) return;
  write_words(index->values + index->cell_count * word_count(index), index, running);
  index->days[index->cell_count++] = build->lowest + (ph_day)day;
}

/* Turns the changes by day into the cells of a node. Their order by day is needed, their places are those of
** coming. */
static void append_node(ph_day_index_builder *build, uint32_t node, ph_status *status) {
  number_set *days = &build->days;
  ph_day_row running = {0};
  number_set_sort(days, status);
  begin_node(build, node, days->count, status);
  if (ph_failed(status)) return;
  for (size_t at = 0; at < days->count; at++)
    append_day(build, days->numbers[at], &build->rows[days->place_of[days->numbers[at]] - 1], &running);
  number_set_clear(days);
}

/* The only node of a dense group. */
static void append_dense_group(ph_day_index_builder *build, const ph_day_row *sums, ph_status *status) {
  ph_day_row running = {0};
  begin_node(build, 0, build->days.range, status);
  for (uint32_t day = 0; day < build->days.range && !ph_failed(status); day++)
    append_day(build, day, &sums[day], &running);
}

/* Chains the pieces of a group by bucket. */
static void chain_buckets(ph_day_index_builder *build, const kept_piece *pieces, size_t count,
                          ph_status *status) {
  number_set *buckets = &build->buckets;
  number_set_clear(buckets);
  ph_reserve(status, (void **)&build->next_in_bucket, &build->chain_capacity, count,
             sizeof *build->next_in_bucket);
  for (size_t at = 0; at < count && ph_continue(status); at++) {
    size_t known = buckets->count, place = number_set_place(buckets, pieces[at].bucket, status);
    if (place == known) {
      ph_reserve(status, (void **)&build->first_in_bucket, &build->first_capacity, place + 1,
                 sizeof *build->first_in_bucket);
      ph_reserve(status, (void **)&build->last_in_bucket, &build->last_capacity, place + 1,
                 sizeof *build->last_in_bucket);
      if (ph_failed(status)) return;
      build->first_in_bucket[place] = (uint32_t)at + 1;
    } else {
      build->next_in_bucket[build->last_in_bucket[place] - 1] = (uint32_t)at + 1;
    }
    build->last_in_bucket[place] = (uint32_t)at + 1;
    build->next_in_bucket[at] = 0;
  }
  number_set_sort(buckets, status);
}

static void change_days_of_bucket(ph_day_index_builder *build, const kept_piece *pieces, uint32_t bucket,
                                  ph_status *status) {
  uint32_t at = build->first_in_bucket[build->buckets.place_of[bucket] - 1];
  for (; at != 0 && ph_continue(status); at = build->next_in_bucket[at - 1]) {
    const kept_piece *piece = &pieces[at - 1];
    change_day(build, piece->from, piece, 1, status);
    if (piece->to != PH_DAY_NEVER) change_day(build, piece->to, piece, -1, status);
  }
}

static void append_group(ph_day_index_builder *build, const kept_piece *pieces, size_t count,
                         ph_status *status) {
  const number_set *buckets = &build->buckets;
  chain_buckets(build, pieces, count, status);
  for (unsigned level = 0; level < build->index->levels; level++)
    for (size_t at = 0; at < buckets->count && !ph_failed(status);) {
      uint32_t number = buckets->numbers[at] >> (BITS_A_LEVEL * level);
      for (; at < buckets->count && buckets->numbers[at] >> (BITS_A_LEVEL * level) == number; at++)
        change_days_of_bucket(build, pieces, buckets->numbers[at], status);
      if (!ph_failed(status)) append_node(build, level << LEVEL_AT | number, status);
    }
}

/* ----------------------------------------------------------------------------------------------- building */

/* Groups from first_group on that need little enough memory together, at least one. */
static void choose_batch(ph_day_index_builder *build, ph_status *status) {
  const ph_day_index *index = build->index;
  const size_t most_bytes = MOST_PIECES_AT_ONCE * sizeof *build->pieces;
  size_t pieces = 0, sums = 0, end = build->first_group;
  for (; end < index->group_count; end++) {
    uint32_t name = index->groups[end];
    size_t more_pieces = is_dense(build, name) ? 0 : build->piece_counts[name];
    size_t more_sums = is_dense(build, name) ? build->days.range : 0;
    size_t bytes = (pieces + more_pieces) * sizeof *build->pieces + (sums + more_sums) * sizeof *build->sums;
    if (end > build->first_group && bytes > most_bytes) break;
    pieces += more_pieces;
    sums += more_sums;
  }
  build->end_group = end;
  build->next_piece = ph_allocate(status, end - build->first_group, sizeof *build->next_piece);
  build->pieces = ph_allocate(status, pieces, sizeof *build->pieces);
  build->sums = ph_allocate_zeroed(status, sums, sizeof *build->sums);
  pieces = sums = 0;
  for (size_t group = build->first_group; group < end && !ph_failed(status); group++) {
    bool dense = is_dense(build, index->groups[group]);
    build->next_piece[group - build->first_group] = dense ? sums : pieces;
    sums += dense ? build->days.range : 0;
    pieces += dense ? 0 : build->piece_counts[index->groups[group]];
  }
}

static void append_batch(ph_day_index_builder *build, ph_status *status) {
  ph_day_index *index = build->index;
  const kept_piece *pieces = build->pieces;
  for (size_t group = build->first_group; group < build->end_group && !ph_failed(status); group++) {
    uint32_t name = index->groups[group];
    index->first_node[group] = index->node_count;
    if (is_dense(build, name)) {
      append_dense_group(build, &build->sums[build->next_piece[group - build->first_group]], status);
    } else {
      append_group(build, pieces, build->piece_counts[name], status);
      pieces += build->piece_counts[name];
    }
  }
}

static void build_batches(ph_day_index_builder *build, ph_status *status) {
  ph_day_index *index = build->index;
  build->counting = false;
  while (build->end_group < index->group_count && !ph_failed(status)) {
    build->first_group = build->end_group;
    choose_batch(build, status);
    scan(build, status);
    append_batch(build, status);
    ph_release(status->memory, build->pieces);
    ph_release(status->memory, build->next_piece);
    ph_release(status->memory, build->sums);
    build->pieces = NULL;
    build->sums = NULL;
    build->next_piece = NULL;
  }
}

/* The last places, and no more memory than is in use. */
static void finish(ph_day_index *index, ph_status *status) {
  ph_reserve(status, (void **)&index->first_cell, &index->first_cell_capacity, index->node_count + 1,
             sizeof *index->first_cell);
  if (ph_failed(status)) return;
  index->first_node[index->group_count] = index->node_count;
  index->first_cell[index->node_count] = index->cell_count;
  ph_trim(status, (void **)&index->days, &index->day_capacity, index->cell_count, sizeof *index->days);
  ph_trim(status, (void **)&index->values, &index->value_capacity, index->cell_count * word_count(index),
          sizeof *index->values);
  ph_trim(status, (void **)&index->nodes, &index->node_capacity, index->node_count, sizeof *index->nodes);
  ph_trim(status, (void **)&index->first_cell, &index->first_cell_capacity, index->node_count + 1,
          sizeof *index->first_cell);
}

static unsigned count_levels(uint32_t bucket_count) {
  unsigned levels = 1;
  for (; (bucket_count - 1) >> (BITS_A_LEVEL * levels) != 0; levels++) continue;
  return levels;
}

void ph_day_index_begin(ph_day_index *index, const ph_day_index_plan *plan, ph_status *status) {
  ph_day_index_builder build = {
      .index = index, .plan = plan, .counting = true, .lowest = PH_DAY_NEVER, .highest = PH_DAY_NONE};
  *index = (ph_day_index){.memory = status->memory,
                          .counts = plan->counts,
                          .sums = plan->sums,
                          .levels = count_levels(plan->bucket_count),
                          .name_count = plan->names->count};
  build.piece_counts = ph_allocate_zeroed(status, index->name_count, sizeof *build.piece_counts);
  scan(&build, status);
  order_groups(&build, status);
  if (build.highest >= build.lowest)
    number_set_begin(&build.days, (size_t)(build.highest - build.lowest) + 1, status);
  number_set_begin(&build.buckets, plan->bucket_count, status);
  if (!ph_failed(status)) build_batches(&build, status);
  finish(index, status);
  number_set_end(&build.days, status->memory);
  number_set_end(&build.buckets, status->memory);
  ph_release(status->memory, build.piece_counts);
  ph_release(status->memory, build.next_in_bucket);
  ph_release(status->memory, build.first_in_bucket);
  ph_release(status->memory, build.last_in_bucket);
  ph_release(status->memory, build.rows);
}

void ph_day_index_begin_rows(ph_day_index *index, size_t counts, size_t sums, size_t most_groups,
                             uint32_t name_count, ph_status *status) {
  *index = (ph_day_index){
      .memory = status->memory, .counts = counts, .sums = sums, .levels = 1, .name_count = name_count};
  index->groups = ph_allocate(status, most_groups, sizeof *index->groups);
  index->group_place = ph_allocate_zeroed(status, name_count, sizeof *index->group_place);
  index->first_node = ph_allocate(status, most_groups + 1, sizeof *index->first_node);
}

void ph_day_index_add_group(ph_day_index *index, uint32_t name, ph_status *status) {
  ph_reserve(status, (void **)&index->nodes, &index->node_capacity, index->node_count + 1,
             sizeof *index->nodes);
  ph_reserve(status, (void **)&index->first_cell, &index->first_cell_capacity, index->node_count + 2,
             sizeof *index->first_cell);
  if (ph_failed(status)) return;
  index->first_node[index->group_count] = index->node_count;
  index->groups[index->group_count++] = name;
  index->group_place[name] = (uint32_t)index->group_count;
  index->first_cell[index->node_count] = index->cell_count;
  index->nodes[index->node_count++] = 0;
}

void ph_day_index_add_row(ph_day_index *index, ph_day day, const ph_day_row *row, ph_status *status) {
  size_t words = word_count(index), most = index->cell_count + 1;
  ph_reserve(status, (void **)&index->days, &index->day_capacity, most, sizeof *index->days);
  ph_reserve(status, (void **)&index->values, &index->value_capacity, most * words, sizeof *index->values);
  if (ph_failed(status)) return;
  write_words(index->values + index->cell_count * words, index, row);
  index->days[index->cell_count++] = day;
}

void ph_day_index_end_rows(ph_day_index *index, ph_status *status) {
  if (!ph_failed(status)) finish(index, status);
}

/* Adds what changes in a group from cell to cell to the scratch rows of the days. */
static void change_days_of_group(ph_day_index_builder *build, const ph_day_index *of, size_t group,
                                 ph_status *status) {
  size_t node = of->first_node[group];
  ph_day_row before = {{0}, {{0, 0}}};
  for (size_t cell = of->first_cell[node]; cell < of->first_cell[node + 1] && ph_continue(status); cell++) {
    ph_day_row now = {{0}, {{0, 0}}}, *row = row_of_day(build, of->days[cell], status);
    if (row == NULL) return;
    add_words(of->values + cell * word_count(of), of, &now);
    for (size_t count = 0; count < of->counts; count++)
      row->counts[count] += now.counts[count] - before.counts[count];
    for (size_t sum = 0; sum < of->sums; sum++) {
      ph_money_add_sum(&row->sums[sum], &now.sums[sum]);
      ph_money_subtract_sum(&row->sums[sum], &before.sums[sum]);
    }
    before = now;
  }
}

void ph_day_index_begin_total(ph_day_index *index, const ph_day_index *of, ph_status *status) {
  ph_day_index_builder build = {.index = index, .lowest = PH_DAY_NEVER, .highest = PH_DAY_NONE};
  ph_day_index_begin_rows(index, of->counts, of->sums, 1, of->name_count, status);
  for (size_t cell = 0; cell < of->cell_count; cell++) {
    if (of->days[cell] < build.lowest) build.lowest = of->days[cell];
    if (of->days[cell] > build.highest) build.highest = of->days[cell];
  }
  if (of->cell_count > 0) {
    number_set_begin(&build.days, (size_t)(build.highest - build.lowest) + 1, status);
    for (size_t group = 0; group < of->group_count && !ph_failed(status); group++)
      change_days_of_group(&build, of, group, status);
    if (!ph_failed(status)) {
      index->groups[index->group_count++] = 0;
      index->group_place[0] = 1;
      index->first_node[0] = 0;
      append_node(&build, 0, status);
    }
  }
  ph_day_index_end_rows(index, status);
  number_set_end(&build.days, status->memory);
  ph_release(status->memory, build.rows);
}

void ph_day_index_end(ph_day_index *index) {
  if (index->memory == NULL) return;
  ph_release(index->memory, index->groups);
  ph_release(index->memory, index->group_place);
  ph_release(index->memory, index->first_node);
  ph_release(index->memory, index->nodes);
  ph_release(index->memory, index->first_cell);
  ph_release(index->memory, index->days);
  ph_release(index->memory, index->values);
  *index = (ph_day_index){0};
}

size_t ph_day_index_bytes(const ph_day_index *index) {
  if (index->memory == NULL) return 0;
  return (index->group_count + index->name_count + index->node_capacity) * sizeof(uint32_t) +
         (index->group_count + 1 + index->first_cell_capacity) * sizeof(size_t) +
         index->day_capacity * sizeof(ph_day) + index->value_capacity * sizeof(uint32_t);
}

/* ------------------------------------------------------------------------------------------------ reading */

size_t ph_day_index_group(const ph_day_index *index, uint32_t name) {
  uint32_t place = name < index->name_count ? index->group_place[name] : 0;
  return place == 0 ? index->group_count : place - 1;
}

/* The first node of a group that is not before a number. */
static size_t find_node(const ph_day_index *index, size_t group, uint32_t number) {
  size_t low = index->first_node[group], high = index->first_node[group + 1];
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (index->nodes[middle] < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/* Adds the nodes [first, end) of a level. */
static void add_nodes(const ph_day_index *index, size_t group, unsigned level, uint32_t first, uint32_t end,
                      ph_day day, ph_day_row *row) {
  if (first >= end) return;
  size_t node = find_node(index, group, level << LEVEL_AT | first), last = index->first_node[group + 1];
  for (; node < last && index->nodes[node] < (level << LEVEL_AT | end); node++) {
    size_t begin = index->first_cell[node];
    size_t cell = ph_upper_bound(index->days, begin, index->first_cell[node + 1], day);
    if (cell > begin) add_words(index->values + (cell - 1) * word_count(index), index, row);
  }
}

/* Goes up the levels: at each, the nodes at both ends of the range that do not fill a node above. */
void ph_day_index_add(const ph_day_index *index, size_t group, uint32_t first, uint32_t end, ph_day day,
                      ph_day_row *row) {
  const uint32_t mask = (1u << BITS_A_LEVEL) - 1;
  unsigned level = 0;
  for (; level + 1 < index->levels; level++) {
    uint32_t whole_first = (first + mask) >> BITS_A_LEVEL, whole_end = end >> BITS_A_LEVEL;
    if (whole_first >= whole_end) break;
    add_nodes(index, group, level, first, whole_first << BITS_A_LEVEL, day, row);
    add_nodes(index, group, level, whole_end << BITS_A_LEVEL, end, day, row);
    first = whole_first;
    end = whole_end;
  }
  add_nodes(index, group, level, first, end, day, row);
}
