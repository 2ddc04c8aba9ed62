/*
** Slices by month of which deals changed, and the sums of all groups. See month_slice.h.
**
** The slice that was stored, that of the deals that go and that of those that come are read side by side,
** group by group. A group that only the first one has is copied; of the others the numbers are added up by
** month and day and written anew.
*/
#include "month_slice_internal.h"

#include "../base/sort.h"
#include "day_slice.h"

ph_month_bytes ph_month_slice_on(const ph_month_slices *slices, ph_day day) {
  ph_month_bytes none = {.is_before = false};
  if (slices->count == 0 || day < slices->first) return none;
  size_t number = (size_t)((day - slices->first) / PH_SLICE_DAYS);
  bool is_before = number >= slices->count;
  const ph_byte_writer *slice = &slices->slices[is_before ? slices->count - 1 : number];
  return (ph_month_bytes){ph_byte_reader_of(slice->bytes, slice->count), is_before};
}

/* Numbers of a month that change on a day, counted from the first of the slice; those of day 0 hold on it. */
typedef struct month_change {
  int32_t month;
  ph_day day;
  ph_month_numbers numbers;
} month_change;

/* A slice that is read group by group. */
typedef struct group_reader {
  ph_byte_reader bytes, group; /* the latter of the next group */
  bool is_before, has_group, takes_away;
  int32_t base;
  uint32_t name; /* of the next group */
} group_reader;

enum { STORED, GONE, COME, MERGED };

/* Slices that become one, group by group. */
typedef struct month_merge {
  group_reader from[MERGED];
  month_change *changes; /* of a group */
  uint32_t count;
  size_t capacity;
  ph_byte_writer group; /* its bytes */
  bool damaged;
} month_merge;

static void next_group(group_reader *from, uint32_t name_count) {
  uint64_t name = from->has_group ? (uint64_t)from->name + 1 : 0;
  from->has_group = from->bytes.at < from->bytes.end;
  if (!from->has_group) return;
  uint64_t more = ph_read_below(&from->bytes, (uint64_t)name_count - name + 1);
  size_t size = ph_read_below(&from->bytes, (uint64_t)(from->bytes.end - from->bytes.at) + 1);
  const unsigned char *bytes = ph_read_bytes(&from->bytes, size);
  if (more == 0) from->bytes.damaged = true;
  from->has_group = !from->bytes.damaged;
  if (!from->has_group) return;
  from->group = ph_byte_reader_of(bytes, size);
  from->name = (uint32_t)(name + more - 1);
}

static group_reader group_reader_of(const ph_month_bytes *slice, bool takes_away, uint32_t name_count) {
  group_reader from = {.bytes = slice->bytes, .is_before = slice->is_before, .takes_away = takes_away};
  if (from.bytes.at < from.bytes.end) from.base = (int32_t)ph_read_below(&from.bytes, INT32_MAX);
  next_group(&from, name_count);
  return from;
}

/* Bytes may say anything: sums wrap around, and are looked at when all is added. */
static void add_wrapping(ph_month_numbers *to, const int32_t *counts, const int64_t *sums, bool takes_away) {
  for (int count = 0; count < PH_MONTH_COUNTS; count++) {
    uint32_t number = (uint32_t)counts[count];
    to->counts[count] = (int32_t)((uint32_t)to->counts[count] + (takes_away ? 0 - number : number));
  }
  for (int sum = 0; sum < PH_MONTH_SUMS; sum++) {
    uint64_t number = (uint64_t)sums[sum];
    to->sums[sum] = (int64_t)((uint64_t)to->sums[sum] + (takes_away ? 0 - number : number));
  }
}

static void add_change(month_merge *merge, const group_reader *from, const ph_month_cell *cell, ph_day day,
                       ph_status *status) {
  if (!ph_reserve(status, (void **)&merge->changes, &merge->capacity, (size_t)merge->count + 1,
                  sizeof *merge->changes))
    return;
  month_change *change = &merge->changes[merge->count++];
  *change = (month_change){.month = cell->month, .day = from->is_before ? 0 : day};
  add_wrapping(&change->numbers, cell->counts, cell->sums, from->takes_away);
}

/* Adds what a slice says of a group. */
static void add_group(month_merge *merge, const group_reader *from, ph_status *status) {
  ph_byte_reader own = from->group;
  ph_month_table table = {.memory = status->memory};
  ph_read_months(&own, from->base, &table, status);
  for (size_t cell = 0; cell < table.cell_count && !ph_failed(status); cell++)
    add_change(merge, from, &table.cells[cell], 0, status);
  for (ph_day day = 0; own.at < own.end && !own.damaged && !ph_failed(status);) {
    day += (ph_day)ph_read_below(&own, PH_SLICE_DAYS);
    uint32_t changes = ph_read_below(&own, table.cell_count + 1);
    size_t place = 0;
    if (day >= PH_SLICE_DAYS) own.damaged = true;
    for (uint32_t change = 0; change < changes && !own.damaged; change++) {
      place += ph_read_below(&own, table.cell_count);
      if (place >= table.cell_count) own.damaged = true;
      if (own.damaged) break;
      ph_month_cell cell = {.month = table.cells[place].month};
      ph_read_month_numbers(&own, &cell);
      add_change(merge, from, &cell, day, status);
    }
  }
  merge->damaged |= own.damaged;
  ph_month_table_end(&table);
}

static int compare_changes(const void *context, uint32_t left, uint32_t right) {
  const month_change *changes = context, *a = &changes[left], *b = &changes[right];
  if (a->month != b->month) return a->month < b->month ? -1 : 1;
  return a->day < b->day ? -1 : a->day > b->day;
}

/* Sorts the changes by month and day, and brings together those of one day. */
static void join_changes(month_merge *merge, ph_status *status) {
  uint32_t *order = ph_sorted_indexes(merge->count, compare_changes, merge->changes, status);
  month_change *joined = ph_allocate(status, (size_t)merge->count + 1, sizeof *joined);
  uint32_t count = 0;
  for (uint32_t at = 0; at < merge->count && !ph_failed(status); at++) {
    const month_change *change = &merge->changes[order[at]];
    if (count > 0 && joined[count - 1].month == change->month && joined[count - 1].day == change->day) {
      add_wrapping(&joined[count - 1].numbers, change->numbers.counts, change->numbers.sums, false);
    } else {
      joined[count++] = *change;
    }
  }
  ph_release(status->memory, order);
  ph_release(status->memory, merge->changes);
  merge->changes = joined;
  merge->capacity = (size_t)merge->count + 1;
  merge->count = count;
}

/* The changes of the month that begins at one of them: the first one behind it. */
static uint32_t end_of_month(const month_merge *merge, uint32_t at) {
  uint32_t end = at;
  while (end < merge->count && merge->changes[end].month == merge->changes[at].month) end++;
  return end;
}

/* Leaves out months of which nothing is shown; returns how many are. What holds on each day must fit. */
static uint32_t keep_shown(month_merge *merge) {
  const int64_t most = (int64_t)ph_most_month_units;
  uint32_t kept = 0, months = 0;
  for (uint32_t at = 0, end; at < merge->count; at = end) {
    bool shows = false;
    ph_month_numbers state = {.touched = false};
    end = end_of_month(merge, at);
    for (uint32_t change = at; change < end; change++) {
      shows |= !ph_month_numbers_are_zero(&merge->changes[change].numbers);
      add_wrapping(&state, merge->changes[change].numbers.counts, merge->changes[change].numbers.sums, false);
      for (int sum = 0; sum < PH_MONTH_SUMS; sum++)
        merge->damaged |= state.sums[sum] >= most || state.sums[sum] <= -most;
      for (int count = 0; count < PH_MONTH_COUNTS; count++) merge->damaged |= state.counts[count] < 0;
      if (merge->damaged) return 0;
    }
    for (uint32_t change = at; change < end && shows; change++)
      merge->changes[kept++] = merge->changes[change];
    months += shows;
  }
  merge->count = kept;
  return months;
}

/* The changes of a day, by the places of their months. */
static void write_merged_day(month_merge *merge, ph_day day, ph_day *last, ph_status *status) {
  uint64_t changes = 0, place = 0, last_place = 0;
  for (uint32_t at = 0; at < merge->count; at++)
    changes += merge->changes[at].day == day && !ph_month_numbers_are_zero(&merge->changes[at].numbers);
  if (changes == 0) return;
  ph_write_number(&merge->group, (uint64_t)(day - *last), status);
  ph_write_number(&merge->group, changes, status);
  *last = day;
  for (uint32_t at = 0; at < merge->count; at++) {
    const month_change *change = &merge->changes[at];
    if (at > 0 && change[-1].month != change->month) place++;
    if (change->day != day || ph_month_numbers_are_zero(&change->numbers)) continue;
    ph_write_number(&merge->group, place - last_place, status);
    last_place = place;
    ph_write_month_numbers(&merge->group, &change->numbers, status);
  }
}

/* Writes the changes as the bytes of a group; false where it shows nothing. */
static bool write_changes(month_merge *merge, int32_t base, ph_status *status) {
  const ph_month_numbers nothing = {.touched = false};
  join_changes(merge, status);
  uint32_t months = ph_failed(status) ? 0 : keep_shown(merge);
  ph_day last = 0;
  merge->group.count = 0;
  ph_write_number(&merge->group, months, status);
  for (uint32_t at = 0; months > 0 && at < merge->count; at = end_of_month(merge, at)) {
    const month_change *first = &merge->changes[at];
    ph_write_signed(&merge->group, (int64_t)first->month - base, status);
    ph_write_month_numbers(&merge->group, first->day == 0 ? &first->numbers : &nothing, status);
    base = first->month;
  }
  for (ph_day day = 1; months > 0 && day < PH_SLICE_DAYS; day++) write_merged_day(merge, day, &last, status);
  return months > 0;
}

/* Puts the group of a name to the slice: as it was where no other slice has it. */
static void merge_group(month_merge *merge, uint32_t name, int32_t base, uint32_t *last_name,
                        ph_byte_writer *writer, ph_status *status) {
  bool has[MERGED];
  for (int at = 0; at < MERGED; at++) has[at] = merge->from[at].has_group && merge->from[at].name == name;
  const group_reader *stored = &merge->from[STORED];
  const unsigned char *bytes = stored->group.at;
  size_t size = has[STORED] ? (size_t)(stored->group.end - stored->group.at) : 0;
  if (!has[STORED] || stored->is_before || has[GONE] || has[COME]) {
    merge->count = 0;
    for (int at = 0; at < MERGED; at++)
      if (has[at]) add_group(merge, &merge->from[at], status);
    if (!write_changes(merge, base, status)) return;
    bytes = merge->group.bytes;
    size = merge->group.count;
  }
  ph_write_number(writer, name + 1 - *last_name, status);
  ph_write_number(writer, size, status);
  ph_write_bytes(writer, bytes, size, status);
  *last_name = name + 1;
}

bool ph_merge_month_slice(const ph_month_bytes *stored, const ph_month_bytes *gone,
                          const ph_month_bytes *come, uint32_t name_count, ph_byte_writer *writer,
                          ph_status *status) {
  month_merge merge = {.from = {group_reader_of(stored, false, name_count),
                                group_reader_of(gone, true, name_count),
                                group_reader_of(come, false, name_count)}};
  int32_t base = stored->bytes.at < stored->bytes.end ? merge.from[STORED].base : merge.from[COME].base;
  uint32_t last_name = 0;
  ph_write_number(writer, (uint64_t)base, status);
  while (!merge.damaged && ph_continue_after(status, PH_SLICE_DAYS)) {
    uint32_t name = UINT32_MAX;
    for (int at = 0; at < MERGED; at++) {
      merge.damaged |= merge.from[at].bytes.damaged;
      if (merge.from[at].has_group && merge.from[at].name < name) name = merge.from[at].name;
    }
    if (name == UINT32_MAX || merge.damaged) break;
    merge_group(&merge, name, base, &last_name, writer, status);
    for (int at = 0; at < MERGED; at++)
      if (merge.from[at].has_group && merge.from[at].name == name) next_group(&merge.from[at], name_count);
  }
  ph_release(status->memory, merge.changes);
  ph_byte_writer_end(&merge.group, status->memory);
  return !merge.damaged;
}

/* ------------------------------------------------------------------------------------------------- totals */

/* Writes what the groups of a slice sum up to as group 0. */
static void write_total(const ph_byte_writer *groups, uint32_t name_count, ph_byte_writer *writer,
                        ph_status *status) {
  const ph_month_bytes bytes = {.bytes = ph_byte_reader_of(groups->bytes, groups->count)};
  group_reader from = group_reader_of(&bytes, false, name_count);
  month_merge merge = {.count = 0};
  for (; from.has_group && ph_continue(status); next_group(&from, name_count))
    add_group(&merge, &from, status);
  ph_write_number(writer, (uint64_t)from.base, status);
  if (write_changes(&merge, from.base, status)) {
    ph_write_number(writer, 1, status);
    ph_write_number(writer, merge.group.count, status);
    ph_write_written(writer, &merge.group, 0, merge.group.count, status);
  }
  ph_release(status->memory, merge.changes);
  ph_byte_writer_end(&merge.group, status->memory);
}

void ph_month_slices_begin_total(ph_month_slices *total, const ph_month_slices *groups, uint32_t name_count,
                                 ph_status *status) {
  *total = (ph_month_slices){.memory = status->memory, .fits = groups->fits, .first = groups->first};
  total->slices = ph_allocate_zeroed(status, groups->count, sizeof *total->slices);
  if (!ph_failed(status)) total->count = groups->count;
  for (size_t slice = 0; slice < total->count && !ph_failed(status); slice++)
    write_total(&groups->slices[slice], name_count, &total->slices[slice], status);
}
