/*
** Makes and reads slices by month. See month_slice.h.
**
** The scan runs twice: it counts the pieces of each group, then brings them together by group. Each group is
** written to all slices before the next one: its changes are gathered by day and month in rows of scratch,
** for so many days at once as fit into the processor's cache.
*/
#include "month_slice_internal.h"

#include "day_slice.h"

#include <string.h>

enum { NUMBERS = PH_MONTH_COUNTS + PH_MONTH_SUMS, SCRATCH_BYTES = 1 << 20 };

typedef struct kept_piece {
  int64_t amount;
  ph_day from, to;
  uint32_t column, what;
} kept_piece;

struct ph_month_builder {
  ph_month_slices *slices;
  bool counting;
  ph_month_piece open; /* the last piece, which the next one may continue; open.to = open.from: none */
  size_t *first_piece; /* by group: how many it has; then where its next one goes */
  double units;        /* the sum of the sizes of all amounts */
  ph_day lowest, highest;
  int32_t lowest_month, highest_month;
  kept_piece *pieces;
  uint32_t *last_name; /* by slice: the last group that was written plus one */
  /* of a group: */
  uint32_t *column_of; /* by month from the lowest: its place among the months plus one */
  int32_t *months;
  ph_month_numbers *state; /* by column: what holds before the day that is written */
  ph_month_numbers *days;  /* scratch by day and column */
  size_t columns, month_capacity, state_capacity, day_capacity;
  ph_byte_writer group; /* its bytes in a slice */
};

/* ------------------------------------------------------------------------------------------------- pieces */

static void count_piece(ph_month_builder *build, const ph_month_piece *piece) {
  double amount = (double)piece->amount;
  build->first_piece[piece->group]++;
  build->units += amount < 0 ? -amount : amount;
  if (piece->from < build->lowest) build->lowest = piece->from;
  if (piece->from > build->highest) build->highest = piece->from;
  if (piece->to > build->highest && piece->to != PH_DAY_NEVER) build->highest = piece->to;
  if (piece->month < build->lowest_month) build->lowest_month = piece->month;
  if (piece->month > build->highest_month) build->highest_month = piece->month;
}

/* Passes on the piece that nothing continues. */
static void close_piece(ph_month_builder *build) {
  const ph_month_piece *piece = &build->open;
  if (piece->from >= piece->to) return;
  if (build->counting) {
    count_piece(build, piece);
  } else {
    build->pieces[build->first_piece[piece->group]++] = (kept_piece){
        piece->amount, piece->from, piece->to, (uint32_t)(piece->month - build->lowest_month), piece->what};
  }
}

void ph_month_put(ph_month_builder *build, const ph_month_piece *piece, ph_status *status) {
  ph_month_piece *open = &build->open;
  if (piece->from >= piece->to || ph_failed(status)) return;
  if (open->to == piece->from && open->group == piece->group && open->month == piece->month &&
      open->amount == piece->amount && open->what == piece->what) {
    open->to = piece->to;
    return;
  }
  close_piece(build);
  *open = *piece;
}

static void scan(ph_month_builder *build, const ph_month_plan *plan, ph_status *status) {
  build->open = (ph_month_piece){0};
  if (!ph_failed(status)) plan->scan(plan->context, build, status);
  if (!ph_failed(status)) close_piece(build);
}

static void add_piece(ph_month_numbers *to, const kept_piece *piece, int sign) {
  for (int sum = 0; sum < PH_MONTH_SUMS; sum++)
    if (piece->what >> sum & 1) {
      to->sums[sum] += sign * piece->amount;
      if (sum < PH_MONTH_COUNTS) to->counts[sum] += sign;
    }
  to->touched = true;
}

/* ---------------------------------------------------------------------------------------- a group's bytes */

void ph_write_month_numbers(ph_byte_writer *writer, const ph_month_numbers *of, ph_status *status) {
  unsigned differ = 0;
  for (int count = 0; count < PH_MONTH_COUNTS; count++) differ |= (unsigned)(of->counts[count] != 0) << count;
  for (int sum = 0; sum < PH_MONTH_SUMS; sum++)
    differ |= (unsigned)(of->sums[sum] != 0) << (PH_MONTH_COUNTS + sum);
  ph_write_number(writer, differ, status);
  for (int count = 0; count < PH_MONTH_COUNTS; count++)
    if (of->counts[count] != 0) ph_write_signed(writer, of->counts[count], status);
  for (int sum = 0; sum < PH_MONTH_SUMS; sum++)
    if (of->sums[sum] != 0) ph_write_amount(writer, of->sums[sum], status);
}

bool ph_month_numbers_are_zero(const ph_month_numbers *of) {
  bool nothing = true;
  for (int count = 0; count < PH_MONTH_COUNTS; count++) nothing &= of->counts[count] == 0;
  for (int sum = 0; sum < PH_MONTH_SUMS; sum++) nothing &= of->sums[sum] == 0;
  return nothing;
}

static void add_numbers(ph_month_numbers *to, const ph_month_numbers *change) {
  for (int count = 0; count < PH_MONTH_COUNTS; count++) to->counts[count] += change->counts[count];
  for (int sum = 0; sum < PH_MONTH_SUMS; sum++) to->sums[sum] += change->sums[sum];
}

/* The months that show anything in a slice, whose days are at `days`: their number. state[].touched says
** which; the state is that of the first day. */
static size_t find_shown(ph_month_builder *build, const ph_month_numbers *days) {
  size_t shown = 0;
  for (size_t column = 0; column < build->columns; column++) {
    ph_month_numbers *state = &build->state[column];
    if (days[column].touched) add_numbers(state, &days[column]);
    state->touched = !ph_month_numbers_are_zero(state);
    for (size_t day = 1; day < PH_SLICE_DAYS && !state->touched; day++)
      state->touched = days[day * build->columns + column].touched;
    shown += state->touched;
  }
  return shown;
}

/* The changes of a day: those of the months that are shown, by their places among these. */
static void write_day(ph_month_builder *build, const ph_month_numbers *day, ph_day offset, ph_day *last,
                      ph_status *status) {
  size_t changes = 0, place = 0, last_place = 0;
  for (size_t column = 0; column < build->columns; column++)
    changes += day[column].touched && !ph_month_numbers_are_zero(&day[column]);
  if (changes == 0) return;
  ph_write_number(&build->group, (uint64_t)(offset - *last), status);
  ph_write_number(&build->group, changes, status);
  *last = offset;
  for (size_t column = 0; column < build->columns; column++) {
    if (!build->state[column].touched) continue;
    if (day[column].touched && !ph_month_numbers_are_zero(&day[column])) {
      ph_write_number(&build->group, place - last_place, status);
      last_place = place;
      ph_write_month_numbers(&build->group, &day[column], status);
      add_numbers(&build->state[column], &day[column]);
    }
    place++;
  }
}

/* The month from which those of a slice are counted. */
static int32_t base_month(const ph_month_builder *build, size_t number) {
  int32_t month = ph_month_of(build->slices->first + (ph_day)number * PH_SLICE_DAYS);
  if (month < build->lowest_month) month = build->lowest_month;
  return month < build->highest_month ? month : build->highest_month;
}

/* Appends a group to a slice. */
static void write_group(ph_month_builder *build, uint32_t name, size_t number, const ph_month_numbers *days,
                        ph_status *status) {
  ph_byte_writer *slice = &build->slices->slices[number];
  size_t shown = find_shown(build, days);
  int32_t last_month = base_month(build, number);
  ph_day last = 0;
  if (shown == 0) return;
  build->group.count = 0;
  ph_write_number(&build->group, shown, status);
  for (size_t column = 0; column < build->columns; column++) {
    if (!build->state[column].touched) continue;
    ph_write_signed(&build->group, (int64_t)build->months[column] - last_month, status);
    last_month = build->months[column];
    ph_write_month_numbers(&build->group, &build->state[column], status);
  }
  for (ph_day day = 1; day < PH_SLICE_DAYS; day++)
    write_day(build, days + (size_t)day * build->columns, day, &last, status);
  ph_write_number(slice, name + 1 - build->last_name[number], status);
  ph_write_number(slice, build->group.count, status);
  ph_write_written(slice, &build->group, 0, build->group.count, status);
  build->last_name[number] = name + 1;
}

/* ------------------------------------------------------------------------------------------------- groups */

/* Numbers the months of a group from 0, and gives its pieces these numbers. */
static void find_months(ph_month_builder *build, kept_piece *pieces, size_t count, ph_status *status) {
  build->columns = 0;
  for (size_t at = 0; at < count; at++) build->column_of[pieces[at].column] = 1;
  size_t range = (size_t)(build->highest_month - build->lowest_month) + 1;
  for (size_t month = 0; month < range && ph_continue(status); month++) {
    if (build->column_of[month] == 0) continue;
    if (!ph_reserve(status, (void **)&build->months, &build->month_capacity, build->columns + 1,
                    sizeof *build->months))
      return;
    build->months[build->columns++] = build->lowest_month + (int32_t)month;
    build->column_of[month] = (uint32_t)build->columns;
  }
  for (size_t at = 0; at < count && !ph_failed(status); at++)
    pieces[at].column = build->column_of[pieces[at].column] - 1;
  for (size_t column = 0; column < build->columns; column++)
    build->column_of[build->months[column] - build->lowest_month] = 0;
}

/* Gathers what changes on so many days from one on. */
static void gather(ph_month_builder *build, const kept_piece *pieces, size_t count, ph_day first,
                   size_t days) {
  ph_day end = first + (ph_day)days;
  memset(build->days, 0, days * build->columns * sizeof *build->days);
  for (size_t at = 0; at < count; at++) {
    const kept_piece *piece = &pieces[at];
    if (piece->from >= first && piece->from < end)
      add_piece(&build->days[(size_t)(piece->from - first) * build->columns + piece->column], piece, 1);
    if (piece->to >= first && piece->to < end)
      add_piece(&build->days[(size_t)(piece->to - first) * build->columns + piece->column], piece, -1);
  }
}

static void build_group(ph_month_builder *build, uint32_t name, kept_piece *pieces, size_t count,
                        ph_status *status) {
  find_months(build, pieces, count, status);
  size_t at_once = SCRATCH_BYTES / (PH_SLICE_DAYS * sizeof *build->days) / (build->columns + 1) + 1;
  if (at_once > build->slices->count) at_once = build->slices->count;
  ph_reserve(status, (void **)&build->state, &build->state_capacity, build->columns, sizeof *build->state);
  ph_reserve(status, (void **)&build->days, &build->day_capacity, at_once * PH_SLICE_DAYS * build->columns,
             sizeof *build->days);
  if (ph_failed(status)) return;
  memset(build->state, 0, build->columns * sizeof *build->state);
  for (size_t slice = 0; slice < build->slices->count; slice += at_once) {
    size_t slices = build->slices->count - slice < at_once ? build->slices->count - slice : at_once;
    if (!ph_continue_after(status, count)) return;
    gather(build, pieces, count, build->slices->first + (ph_day)slice * PH_SLICE_DAYS,
           slices * PH_SLICE_DAYS);
    for (size_t number = 0; number < slices; number++)
      write_group(build, name, slice + number, build->days + number * PH_SLICE_DAYS * build->columns, status);
  }
}

static void build_groups(ph_month_builder *build, uint32_t name_count, ph_status *status) {
  size_t piece = 0;
  for (uint32_t name = 0; name < name_count && !ph_failed(status); name++) {
    size_t end = build->first_piece[name]; /* where a piece more would go */
    if (end > piece) build_group(build, name, build->pieces + piece, end - piece, status);
    piece = end;
  }
}

/* Where the pieces of each group go; false where there are none, or they or their sums may not fit. */
static bool place_pieces(ph_month_builder *build, uint32_t name_count, ph_status *status) {
  size_t next = 0;
  for (uint32_t name = 0; name < name_count; name++) {
    size_t count = build->first_piece[name];
    build->first_piece[name] = next;
    next += count;
  }
  if (!(build->units < ph_most_month_units) || next > ph_largest_block / sizeof *build->pieces)
    build->slices->fits = false;
  if (next == 0 || !build->slices->fits) return false;
  build->pieces = ph_allocate(status, next, sizeof *build->pieces);
  return !ph_failed(status);
}

static void begin_slices(ph_month_builder *build, ph_status *status) {
  ph_month_slices *slices = build->slices;
  size_t months = (size_t)(build->highest_month - build->lowest_month) + 1;
  slices->first = build->lowest / PH_SLICE_DAYS * PH_SLICE_DAYS;
  size_t count = (size_t)((build->highest - slices->first) / PH_SLICE_DAYS) + 1;
  slices->slices = ph_allocate_zeroed(status, count, sizeof *slices->slices);
  if (!ph_failed(status)) slices->count = count;
  build->last_name = ph_allocate_zeroed(status, count, sizeof *build->last_name);
  build->column_of = ph_allocate_zeroed(status, months, sizeof *build->column_of);
  for (size_t number = 0; number < count && !ph_failed(status); number++)
    ph_write_number(&slices->slices[number], (uint64_t)base_month(build, number), status);
}

void ph_month_slices_begin(ph_month_slices *slices, const ph_month_plan *plan, ph_status *status) {
  ph_month_builder build = {.slices = slices,
                            .counting = true,
                            .lowest = PH_DAY_NEVER,
                            .highest = PH_DAY_NONE,
                            .lowest_month = INT32_MAX};
  *slices = (ph_month_slices){.memory = status->memory, .fits = true};
  build.first_piece = ph_allocate_zeroed(status, plan->name_count, sizeof *build.first_piece);
  scan(&build, plan, status);
  build.counting = false;
  if (!ph_failed(status) && place_pieces(&build, plan->name_count, status)) {
    begin_slices(&build, status);
    scan(&build, plan, status);
    if (!ph_failed(status)) build_groups(&build, plan->name_count, status);
  }
  ph_byte_writer_end(&build.group, status->memory);
  void *const blocks[] = {build.first_piece, build.pieces, build.last_name, build.column_of,
                          build.months,      build.state,  build.days};
  for (size_t block = 0; block < sizeof blocks / sizeof *blocks; block++)
    ph_release(status->memory, blocks[block]);
}

void ph_month_slices_end(ph_month_slices *slices) {
  for (size_t slice = 0; slice < slices->count; slice++)
    ph_byte_writer_end(&slices->slices[slice], slices->memory);
  if (slices->memory != NULL) ph_release(slices->memory, slices->slices);
  *slices = (ph_month_slices){0};
}

/* ------------------------------------------------------------------------------------------------ reading */

static int64_t wrapping_sum(int64_t left, int64_t right) {
  return (int64_t)((uint64_t)left + (uint64_t)right);
}

void ph_read_month_numbers(ph_byte_reader *reader, ph_month_cell *cell) {
  uint32_t differ = ph_read_below(reader, 1u << NUMBERS);
  for (int count = 0; count < PH_MONTH_COUNTS; count++)
    if (differ >> count & 1) {
      int64_t now = wrapping_sum(cell->counts[count], ph_read_signed(reader));
      if (now < INT32_MIN || now > INT32_MAX) reader->damaged = true;
      cell->counts[count] = reader->damaged ? 0 : (int32_t)now;
    }
  for (int sum = 0; sum < PH_MONTH_SUMS; sum++)
    if (differ >> (PH_MONTH_COUNTS + sum) & 1)
      cell->sums[sum] = wrapping_sum(cell->sums[sum], ph_read_amount(reader));
}

/* The numbers of the first day. */
void ph_read_months(ph_byte_reader *reader, int32_t base, ph_month_table *table, ph_status *status) {
  uint32_t months = ph_read_below(reader, (uint64_t)(reader->end - reader->at) + 1);
  int64_t month = base;
  if (months == 0) reader->damaged = true; /* a group that shows nothing is not written */
  for (uint32_t at = 0; at < months && !reader->damaged; at++) {
    int64_t next = ph_read_within(reader, month, 0, INT32_MAX);
    if (at > 0 && next <= month) reader->damaged = true;
    month = next;
    if (!ph_reserve(status, (void **)&table->cells, &table->cell_capacity, table->cell_count + 1,
                    sizeof *table->cells))
      return;
    ph_month_cell *cell = &table->cells[table->cell_count++];
    *cell = (ph_month_cell){.month = (int32_t)month};
    ph_read_month_numbers(reader, cell);
  }
}

/* What changed up to a day, as an offset from the first. */
static void read_days(ph_byte_reader *reader, ph_day until, ph_month_cell *cells, size_t count) {
  for (ph_day day = 0; reader->at < reader->end && !reader->damaged;) {
    day += (ph_day)ph_read_below(reader, PH_SLICE_DAYS);
    if (day >= PH_SLICE_DAYS) reader->damaged = true;
    if (day > until) return;
    uint32_t changes = ph_read_below(reader, count + 1);
    size_t place = 0;
    for (uint32_t change = 0; change < changes && !reader->damaged; change++) {
      place += ph_read_below(reader, count);
      if (place >= count) reader->damaged = true;
      if (!reader->damaged) ph_read_month_numbers(reader, &cells[place]);
    }
  }
}

/* Its months are counted from one, its days up to an offset from the first. */
static void read_group(ph_byte_reader *reader, int32_t base, ph_day until, uint32_t name,
                       ph_month_table *table, ph_status *status) {
  size_t size = ph_read_below(reader, (uint64_t)(reader->end - reader->at) + 1);
  const unsigned char *bytes = ph_read_bytes(reader, size);
  if (reader->damaged || !ph_reserve(status, (void **)&table->groups, &table->group_capacity,
                                     table->group_count + 1, sizeof *table->groups))
    return;
  size_t first_cell = table->cell_count;
  table->groups[table->group_count++] = (struct ph_month_group){name, first_cell};
  ph_byte_reader own = ph_byte_reader_of(bytes, size);
  ph_read_months(&own, base, table, status);
  if (!ph_failed(status) && !own.damaged)
    read_days(&own, until, table->cells + first_cell, table->cell_count - first_cell);
  if (own.damaged) reader->damaged = true;
}

bool ph_read_month_slice(ph_byte_reader *reader, ph_day first, ph_day day, uint32_t name_count,
                         ph_month_table *table, ph_status *status) {
  uint64_t name = 0; /* plus one */
  *table = (ph_month_table){.memory = status->memory};
  int32_t base = (int32_t)ph_read_below(reader, INT32_MAX);
  while (reader->at < reader->end && !reader->damaged && ph_continue(status)) {
    uint64_t more = ph_read_below(reader, (uint64_t)name_count - name + 1);
    if (more == 0) reader->damaged = true;
    name += more;
    if (!reader->damaged) read_group(reader, base, day - first, (uint32_t)name - 1, table, status);
  }
  return !reader->damaged;
}

void ph_month_table_end(ph_month_table *table) {
  if (table->memory == NULL) return;
  ph_release(table->memory, table->cells);
  ph_release(table->memory, table->groups);
  *table = (ph_month_table){0};
}

size_t ph_month_table_bytes(const ph_month_table *table) {
  return table->cell_capacity * sizeof *table->cells + table->group_capacity * sizeof *table->groups;
}

void ph_month_table_add(const ph_month_table *table, uint32_t name, int32_t first, int32_t last,
                        ph_month_row *row) {
  size_t low = 0, high = table->group_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (table->groups[middle].name < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == table->group_count || table->groups[low].name != name) return;
  size_t end = low + 1 < table->group_count ? table->groups[low + 1].first_cell : table->cell_count;
  for (size_t at = table->groups[low].first_cell; at < end; at++) {
    const ph_month_cell *cell = &table->cells[at];
    if (cell->month < first || cell->month > last) continue;
    for (int count = 0; count < PH_MONTH_COUNTS; count++) row->counts[count] += cell->counts[count];
    for (int sum = 0; sum < PH_MONTH_SUMS; sum++) ph_money_add(&row->sums[sum], cell->sums[sum]);
  }
}
