/* Slices of a day index. See day_slice.h. */
#include "day_slice.h"

#include "../base/search.h"

#include <string.h>

bool ph_slices_of(const ph_day_index *index, ph_day *first, ph_day *last) {
  ph_day lowest = PH_DAY_NEVER, highest = PH_DAY_NONE;
  for (size_t cell = 0; cell < index->cell_count; cell++) {
    if (index->days[cell] < lowest) lowest = index->days[cell];
    if (index->days[cell] > highest) highest = index->days[cell];
  }
  *first = lowest / PH_SLICE_DAYS * PH_SLICE_DAYS;
  *last = highest / PH_SLICE_DAYS * PH_SLICE_DAYS;
  return index->cell_count > 0;
}

static bool is_zero(const ph_day_row *row) {
  bool zero = true;
  for (int count = 0; count < PH_DAY_INDEX_MOST_COUNTS; count++) zero &= row->counts[count] == 0;
  for (int sum = 0; sum < PH_DAY_INDEX_MOST_SUMS; sum++)
    zero &= row->sums[sum].high == 0 && row->sums[sum].low == 0;
  return zero;
}

/* The numbers of a row in one order. */
static void list_numbers(const ph_day_index *index, const ph_day_row *row, int64_t *numbers) {
  for (size_t count = 0; count < index->counts; count++) *numbers++ = row->counts[count];
  for (size_t sum = 0; sum < index->sums; sum++) {
    *numbers++ = row->sums[sum].high;
    *numbers++ = row->sums[sum].low;
  }
}

enum { MOST_NUMBERS = PH_DAY_INDEX_MOST_COUNTS + 2 * PH_DAY_INDEX_MOST_SUMS };

static size_t number_count(const ph_day_index *index) {
  return index->counts + 2 * index->sums;
}

/* Which numbers differ from those of the row before, one bit each, and by how much. */
static void write_cell(ph_byte_writer *writer, const ph_day_index *index, const ph_day_row *row,
                       const ph_day_row *before, ph_status *status) {
  int64_t now[MOST_NUMBERS], last[MOST_NUMBERS];
  uint64_t differ = 0;
  list_numbers(index, row, now);
  list_numbers(index, before, last);
  for (size_t number = 0; number < number_count(index); number++)
    if (now[number] != last[number]) differ |= (uint64_t)1 << number;
  ph_write_number(writer, differ, status);
  for (size_t number = 0; number < number_count(index); number++)
    if (differ >> number & 1) ph_write_signed(writer, now[number] - last[number], status);
}

static ph_day_row row_on(const ph_day_index *index, size_t group, ph_day day) {
  ph_day_row row = {{0}, {{0, 0}}};
  ph_day_index_add(index, group, 0, 1, day, &row);
  return row;
}

/* The cells of a group on the days [first, first + PH_SLICE_DAYS), from the second day on. */
static void find_cells(const ph_day_index *index, size_t group, ph_day first, size_t *begin, size_t *end) {
  size_t node = index->first_node[group];
  *begin = ph_upper_bound(index->days, index->first_cell[node], index->first_cell[node + 1], first);
  *end = ph_upper_bound(index->days, *begin, index->first_cell[node + 1], first + PH_SLICE_DAYS - 1);
}

static void write_group(ph_byte_writer *writer, const ph_day_index *index, size_t group, ph_day first,
                        ph_status *status) {
  const ph_day_row nothing = {{0}, {{0, 0}}};
  size_t begin, end;
  ph_day_row row = row_on(index, group, first);
  find_cells(index, group, first, &begin, &end);
  ph_write_number(writer, index->groups[group], status);
  ph_write_number(writer, end - begin, status);
  write_cell(writer, index, &row, &nothing, status);
  for (size_t cell = begin; cell < end; cell++) {
    ph_day_row next = row_on(index, group, index->days[cell]);
    ph_write_number(writer, (uint64_t)(index->days[cell] - first), status);
    write_cell(writer, index, &next, &row, status);
    row = next;
  }
}

static bool is_shown(const ph_day_index *index, size_t group, ph_day first) {
  size_t begin, end;
  ph_day_row row = row_on(index, group, first);
  find_cells(index, group, first, &begin, &end);
  return begin < end || !is_zero(&row);
}

void ph_write_slice(ph_byte_writer *writer, const ph_day_index *index, ph_day first, ph_status *status) {
  size_t groups = 0;
  for (size_t group = 0; group < index->group_count; group++) groups += is_shown(index, group, first);
  ph_write_number(writer, groups, status);
  for (size_t group = 0; group < index->group_count && ph_continue(status); group++)
    if (is_shown(index, group, first)) write_group(writer, index, group, first, status);
}

/* ----------------------------------------------------------------------------------------------- changing */

/* Adds the numbers of a group on a day, if the index has it. */
static void add_name(const ph_day_index *index, uint32_t name, ph_day day, int64_t sign, ph_day_row *row) {
  if (index == NULL || ph_day_index_group(index, name) == index->group_count) return;
  ph_day_row says = row_on(index, ph_day_index_group(index, name), day);
  for (size_t count = 0; count < index->counts; count++) row->counts[count] += sign * says.counts[count];
  for (size_t sum = 0; sum < index->sums; sum++) {
    row->sums[sum].high += sign * says.sums[sum].high;
    row->sums[sum].low += sign * says.sums[sum].low;
  }
}

static ph_day_row changed_row(const ph_slice_change *change, uint32_t name, ph_day day) {
  ph_day_row row = {{0}, {{0, 0}}};
  add_name(change->stored, name, day, 1, &row);
  add_name(change->gone, name, day, -1, &row);
  add_name(change->come, name, day, 1, &row);
  for (int sum = 0; sum < PH_DAY_INDEX_MOST_SUMS; sum++) {
    row.sums[sum].high += ph_money_high(row.sums[sum].low);
    row.sums[sum].low = ph_money_low(row.sums[sum].low);
  }
  return row;
}

/* One bit for each day of the slice on which an index has other numbers of a group than the day before; and
** the bit of the first day. */
static unsigned days_of(const ph_day_index *index, uint32_t name, ph_day first) {
  unsigned days = 1;
  size_t begin, end;
  if (index == NULL || ph_day_index_group(index, name) == index->group_count) return days;
  find_cells(index, ph_day_index_group(index, name), first, &begin, &end);
  for (size_t cell = begin; cell < end; cell++) days |= 1u << (index->days[cell] - first);
  return days;
}

static unsigned days_of_change(const ph_slice_change *change, uint32_t name) {
  return days_of(change->stored, name, change->first) | days_of(change->gone, name, change->first) |
         days_of(change->come, name, change->first);
}

bool ph_slice_differs(const ph_slice_change *change) {
  const ph_slice_change alone = {NULL, change->gone, change->come, change->first};
  const ph_day_index *const indexes[] = {change->gone, change->come};
  for (int at = 0; at < 2; at++)
    for (size_t group = 0; indexes[at] != NULL && group < indexes[at]->group_count; group++) {
      uint32_t name = indexes[at]->groups[group];
      unsigned days = days_of_change(&alone, name);
      for (ph_day day = 0; day < PH_SLICE_DAYS; day++) {
        if ((days >> day & 1u) == 0) continue;
        ph_day_row row = changed_row(&alone, name, change->first + day);
        if (!is_zero(&row)) return true;
      }
    }
  return false;
}

static void change_group(const ph_slice_change *change, uint32_t name, ph_day_index *index,
                         ph_status *status) {
  unsigned days = days_of_change(change, name);
  ph_day_row last = {{0}, {{0, 0}}};
  ph_day_index_add_group(index, name, status);
  for (ph_day day = 0; day < PH_SLICE_DAYS && !ph_failed(status); day++) {
    if ((days >> day & 1u) == 0) continue;
    ph_day_row row = changed_row(change, name, change->first + day);
    if (day > 0 && memcmp(&row, &last, sizeof row) == 0) continue;
    ph_day_index_add_row(index, change->first + day, &row, status);
    last = row;
  }
}

void ph_change_slice(const ph_slice_change *change, size_t counts, size_t sums, uint32_t name_count,
                     ph_day_index *index, ph_status *status) {
  const ph_day_index *const indexes[] = {change->stored, change->gone, change->come};
  size_t most = 0;
  for (int at = 0; at < 3; at++) most += indexes[at] != NULL ? indexes[at]->group_count : 0;
  ph_day_index_begin_rows(index, counts, sums, most, name_count, status);
  for (int at = 0; at < 3; at++)
    for (size_t group = 0; indexes[at] != NULL && group < indexes[at]->group_count; group++) {
      if (!ph_continue_after(status, PH_SLICE_DAYS)) return;
      uint32_t name = indexes[at]->groups[group];
      if (index->group_place[name] == 0) change_group(change, name, index, status);
    }
  ph_day_index_end_rows(index, status);
}

/* ------------------------------------------------------------------------------------------------ reading */

/* Bytes may say anything: a count is one that an index can hold, and sums are so small that some of them
** added up do not leave 64 bits. Those of 2^29 deals are smaller. */
static bool read_cell(ph_byte_reader *reader, const ph_day_index *index, ph_day_row *row) {
  const int64_t most = (int64_t)1 << 60;
  uint64_t differ = ph_read_number(reader);
  size_t number = 0;
  if (differ >> number_count(index) != 0) reader->damaged = true;
  for (size_t count = 0; count < index->counts; count++, number++)
    if (differ >> number & 1) row->counts[count] = ph_read_within(reader, row->counts[count], 0, UINT32_MAX);
  for (size_t sum = 0; sum < index->sums; sum++) {
    int64_t *const parts[] = {&row->sums[sum].high, &row->sums[sum].low};
    for (int part = 0; part < 2; part++, number++)
      if (differ >> number & 1) *parts[part] = ph_read_within(reader, *parts[part], -most, most);
  }
  return !reader->damaged;
}

static void read_group(ph_byte_reader *reader, ph_day first, ph_day_index *index, ph_status *status) {
  ph_day_row row = {{0}, {{0, 0}}};
  uint32_t name = ph_read_below(reader, index->name_count);
  uint32_t cells = ph_read_below(reader, PH_SLICE_DAYS);
  ph_day day = first;
  if (reader->damaged || index->group_place[name] != 0) {
    reader->damaged = true;
    return;
  }
  ph_day_index_add_group(index, name, status);
  for (uint32_t cell = 0; cell <= cells && !ph_failed(status); cell++) {
    ph_day next = cell == 0 ? first : first + (ph_day)ph_read_below(reader, PH_SLICE_DAYS);
    if ((cell > 0 && next <= day) || !read_cell(reader, index, &row)) {
      reader->damaged = true;
      return;
    }
    day = next;
    ph_day_index_add_row(index, day, &row, status);
  }
}

bool ph_read_slice(ph_byte_reader *reader, ph_day first, size_t counts, size_t sums, uint32_t name_count,
                   ph_day_index *index, ph_status *status) {
  uint32_t groups = ph_read_below(reader, (uint64_t)name_count + 1);
  ph_day_index_begin_rows(index, counts, sums, groups, name_count, status);
  for (uint32_t group = 0; group < groups && !reader->damaged && ph_continue(status); group++)
    read_group(reader, first, index, status);
  if (!reader->damaged) ph_day_index_end_rows(index, status);
  return !reader->damaged && reader->at == reader->end;
}
