/*
** Checks how slices of the store change when deals do: what was stored, less what goes, and what comes, must
** say what a slice of the pieces that are then there says.
*/
#include "store/day_slice.h"
#include "store/month_slice.h"
#include "store/owner_list.h"
#include "support.h"

enum {
  FIRST_DAY = 738000,
  DAYS = 150,
  FIRST_MONTH = 24240,
  NAMES = 9,
  STAYING = 40,
  CHANGING = 12,
  MOST_PIECES = STAYING + CHANGING
};

/* Pieces of deals that stay, and behind them of deals that go or come. */
typedef struct piece_list {
  ph_piece pieces[MOST_PIECES];
  size_t count;
} piece_list;

typedef struct piece_change {
  piece_list before, gone, come, after;
} piece_change;

/* Those that come begin earlier and end later than all that is stored; one piece goes and comes again. */
static void make_change(piece_change *of, uint64_t seed) {
  memset(of, 0, sizeof *of);
  for (int at = 0; at < STAYING + 2 * CHANGING; at++) {
    bool comes = at >= STAYING + CHANGING;
    ph_day from = FIRST_DAY + (comes ? -40 : 0) + (ph_day)test_draw_below(&seed, DAYS + (comes ? 80 : 0));
    ph_piece piece = {.from = from,
                      .to = from + 1 + (ph_day)test_draw_below(&seed, 60),
                      .group = (uint32_t)test_draw_below(&seed, NAMES),
                      .what = 1u + (uint32_t)test_draw_below(&seed, 15),
                      .amount = 9000000007LL * ((int64_t)test_draw_below(&seed, 900) - 400)};
    if (test_draw_below(&seed, 4) == 0) piece.to = PH_DAY_NEVER;
    if (at == STAYING + CHANGING) piece = of->gone.pieces[0];
    if (at < STAYING) of->after.pieces[of->after.count++] = piece;
    if (at < STAYING + CHANGING) of->before.pieces[of->before.count++] = piece;
    if (at >= STAYING && !comes) of->gone.pieces[of->gone.count++] = piece;
    if (comes) of->come.pieces[of->come.count++] = of->after.pieces[of->after.count] = piece;
    if (comes) of->after.count++;
  }
}

/* ---- sums by day ---- */

enum { COUNTS = 2, SUMS = 1 };

static void contribute(ph_day_row *row, uint32_t what, int64_t amount, int64_t sign) {
  row->counts[what & 1] += sign;
  row->sums[0].high += sign * ph_money_high(amount);
  row->sums[0].low += sign * ph_money_low(amount);
}

static void scan_days(void *context, ph_day_index_builder *builder, ph_status *status) {
  const piece_list *list = context;
  for (size_t at = 0; at < list->count; at++) ph_day_index_put(builder, &list->pieces[at], status);
}

static const ph_interner *names_of_groups(ph_interner *names, ph_status *status) {
  char text[2] = "a";
  ph_arena_begin(&names->texts, status->memory);
  ph_interner_begin(names, status);
  for (int name = 1; name < NAMES; name++, text[0]++) ph_intern(names, text, 1, status);
  return names;
}

static void index_pieces(ph_day_index *index, piece_list *list, const ph_interner *names, ph_status *status) {
  ph_day_index_plan plan = {.names = names,
                            .counts = COUNTS,
                            .sums = SUMS,
                            .bucket_count = 1,
                            .scan = scan_days,
                            .context = list,
                            .contribute = contribute};
  ph_day_index_begin(index, &plan, status);
}

static ph_day_row row_of(const ph_day_index *index, uint32_t name, ph_day day) {
  ph_day_row row = {{0}, {{0, 0}}};
  size_t group = ph_day_index_group(index, name);
  if (group < index->group_count) ph_day_index_add(index, group, 0, 1, day, &row);
  return row;
}

/* The slice that shows a day of an index, or the last one, written and read again. */
static bool read_stored(const ph_day_index *index, ph_day first, ph_day_index *slice, ph_status *status) {
  ph_byte_writer writer = {0};
  ph_day first_stored, last_stored;
  *slice = (ph_day_index){.memory = NULL};
  if (!ph_slices_of(index, &first_stored, &last_stored) || first < first_stored) return false;
  if (first > last_stored) first = last_stored;
  ph_write_slice(&writer, index, first, status);
  ph_byte_reader reader = ph_byte_reader_of(writer.bytes, writer.count);
  if (!ph_failed(status)) ph_read_slice(&reader, first, COUNTS, SUMS, NAMES, slice, status);
  ph_byte_writer_end(&writer, status->memory);
  return true;
}

static uint64_t check_day_slice(const ph_day_index *before, const ph_slice_change *changes,
                                const ph_day_index *after, ph_day first, ph_status *status) {
  ph_slice_change change = *changes;
  ph_day_index stored, now = {.memory = NULL};
  uint64_t sum = 0;
  change.first = first;
  if (read_stored(before, first, &stored, status)) change.stored = &stored;
  bool differs = !ph_failed(status) && ph_slice_differs(&change);
  if (!ph_failed(status)) ph_change_slice(&change, COUNTS, SUMS, NAMES, &now, status);
  for (ph_day day = first; day < first + PH_SLICE_DAYS && !ph_failed(status); day++)
    for (uint32_t name = 0; name < NAMES; name++) {
      ph_day_row is = row_of(&now, name, day), was = row_of(before, name, day);
      ph_day_row expected = row_of(after, name, day);
      assert_memory_equal(&is, &expected, sizeof is);
      if (!differs) assert_memory_equal(&was, &expected, sizeof was);
      sum = sum * 31 + (uint64_t)is.counts[0];
    }
  ph_day_index_end(&now);
  ph_day_index_end(&stored);
  return sum;
}

static uint64_t change_days(ph_status *status) {
  piece_change of;
  ph_interner names;
  ph_day_index before, gone, come, after;
  uint64_t sum = 0;
  names_of_groups(&names, status);
  make_change(&of, 5);
  index_pieces(&before, &of.before, &names, status);
  index_pieces(&gone, &of.gone, &names, status);
  index_pieces(&come, &of.come, &names, status);
  index_pieces(&after, &of.after, &names, status);
  const ph_slice_change changes = {.gone = &gone, .come = &come};
  for (ph_day first = (FIRST_DAY - 60) / PH_SLICE_DAYS * PH_SLICE_DAYS;
       first < FIRST_DAY + 3 * DAYS && !ph_failed(status); first += PH_SLICE_DAYS)
    sum = sum * 31 + check_day_slice(&before, &changes, &after, first, status);
  ph_day_index *const indexes[] = {&before, &gone, &come, &after};
  for (int at = 0; at < 4; at++) ph_day_index_end(indexes[at]);
  ph_interner_end(&names, status->memory);
  return sum;
}

static void test_day_slices(void **state) {
  (void)state;
  test_short_of_memory(change_days);
}

/* Whether a slice is sound that has one group on its first day, and one number that is not 0. */
static bool may_be(unsigned number, int64_t value, ph_status *status) {
  ph_byte_writer writer = {0};
  ph_day_index slice;
  ph_write_number(&writer, 1, status); /* groups */
  ph_write_number(&writer, 1, status); /* the name */
  ph_write_number(&writer, 0, status); /* other days */
  ph_write_number(&writer, (uint64_t)1 << number, status);
  ph_write_signed(&writer, value, status);
  ph_byte_reader reader = ph_byte_reader_of(writer.bytes, writer.count);
  bool sound = ph_read_slice(&reader, FIRST_DAY, COUNTS, SUMS, NAMES, &slice, status);
  ph_day_index_end(&slice);
  ph_byte_writer_end(&writer, status->memory);
  return sound;
}

/* Numbers that would overflow when those of changed deals are added are damage. */
static void test_large_numbers(void **state) {
  enum { A_COUNT, HIGH = COUNTS, LOW };
  const int64_t most = (int64_t)1 << 60;
  test_memory memory;
  ph_status status;
  (void)state;
  test_memory_begin(&memory, &status);
  assert_true(may_be(A_COUNT, UINT32_MAX, &status));
  assert_false(may_be(A_COUNT, (int64_t)UINT32_MAX + 1, &status));
  assert_false(may_be(A_COUNT, -1, &status));
  for (unsigned number = HIGH; number <= LOW; number++) {
    assert_true(may_be(number, most, &status));
    assert_false(may_be(number, most + 1, &status));
    assert_true(may_be(number, -most, &status));
    assert_false(may_be(number, INT64_MIN, &status));
  }
  test_memory_end(&memory, &status);
}

/* ---- sums by month ---- */

static void scan_months(void *context, ph_month_builder *builder, ph_status *status) {
  const piece_list *list = context;
  for (size_t at = 0; at < list->count; at++) {
    const ph_piece *piece = &list->pieces[at];
    const ph_month_piece month = {.amount = piece->amount,
                                  .from = piece->from,
                                  .to = piece->to,
                                  .group = piece->group,
                                  .month = FIRST_MONTH + (int32_t)(piece->amount & 7),
                                  .what = piece->what};
    ph_month_put(builder, &month, status);
  }
}

static void slice_pieces(ph_month_slices *slices, piece_list *list, ph_status *status) {
  const ph_month_plan plan = {.name_count = NAMES, .scan = scan_months, .context = list};
  ph_month_slices_begin(slices, &plan, status);
}

/* What is read of a group on a day; `first` is that of the slice. */
static ph_month_row month_row(ph_byte_reader bytes, ph_day first, ph_day day, uint32_t name, int32_t month,
                              ph_status *status) {
  ph_month_table table;
  ph_month_row row = {{0}, {{0, 0}}};
  bool sound = ph_read_month_slice(&bytes, first, day, NAMES, &table, status);
  if (!ph_failed(status)) {
    assert_true(sound || bytes.end == NULL);
    ph_month_table_add(&table, name, month, month, &row);
  }
  ph_month_table_end(&table);
  return row;
}

static uint64_t check_month_slice(const ph_month_slices *before, const ph_month_slices *gone,
                                  const ph_month_slices *come, const ph_month_slices *after, ph_day first,
                                  ph_status *status) {
  ph_month_bytes were = ph_month_slice_on(before, first), go = ph_month_slice_on(gone, first),
                 comes = ph_month_slice_on(come, first);
  ph_month_bytes expected = ph_month_slice_on(after, first);
  ph_byte_writer writer = {0};
  bool merged = ph_merge_month_slice(&were, &go, &comes, NAMES, &writer, status);
  uint64_t sum = ph_checksum(1, writer.bytes, writer.count);
  for (ph_day day = first; day < first + PH_SLICE_DAYS && !ph_failed(status); day++)
    for (uint32_t cell = 0; cell < NAMES * 8 && !ph_failed(status); cell++) {
      int32_t month = FIRST_MONTH + (int32_t)(cell & 7);
      ph_byte_reader now = ph_byte_reader_of(writer.bytes, writer.count);
      ph_day day_expected = expected.is_before ? first + PH_SLICE_DAYS - 1 : day;
      ph_month_row is = month_row(now, first, day, cell / 8, month, status);
      ph_month_row says = month_row(expected.bytes, first, day_expected, cell / 8, month, status);
      assert_true(merged);
      if (!ph_failed(status)) assert_memory_equal(&is, &says, sizeof is);
    }
  ph_byte_writer_end(&writer, status->memory);
  return ph_failed(status) ? 0 : sum;
}

static uint64_t change_months(ph_status *status) {
  piece_change of;
  ph_month_slices before, gone, come, after;
  uint64_t sum = 0;
  make_change(&of, 11);
  slice_pieces(&before, &of.before, status);
  slice_pieces(&gone, &of.gone, status);
  slice_pieces(&come, &of.come, status);
  slice_pieces(&after, &of.after, status);
  for (ph_day first = (FIRST_DAY - 60) / PH_SLICE_DAYS * PH_SLICE_DAYS;
       first < FIRST_DAY + 2 * DAYS && !ph_failed(status); first += PH_SLICE_DAYS)
    sum = sum * 31 + check_month_slice(&before, &gone, &come, &after, first, status);
  ph_month_slices *const slices[] = {&before, &gone, &come, &after};
  for (int at = 0; at < 4; at++) ph_month_slices_end(slices[at]);
  return sum;
}

static void test_month_slices(void **state) {
  test_memory memory;
  ph_status status;
  (void)state;
  test_memory_begin(&memory, &status);
  assert_true(change_months(&status) != 0);
  assert_false(ph_failed(&status));
  test_memory_end(&memory, &status);
}

/* With any bit changed a slice is merged as something or refused, within its bytes. */
static void test_damaged_months(void **state) {
  test_memory memory;
  ph_status status;
  piece_change of;
  ph_month_slices before, come;
  (void)state;
  test_memory_begin(&memory, &status);
  make_change(&of, 3);
  slice_pieces(&before, &of.before, &status);
  slice_pieces(&come, &of.come, &status);
  ph_byte_writer *slice = &before.slices[3];
  ph_month_bytes comes = ph_month_slice_on(&come, before.first + 3 * PH_SLICE_DAYS),
                 none = {.is_before = false};
  for (size_t bit = 0; bit < slice->count * 8; bit++) {
    ph_byte_writer writer = {0};
    slice->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    ph_month_bytes damaged = {ph_byte_reader_of(slice->bytes, slice->count), false};
    ph_merge_month_slice(&damaged, &none, &comes, NAMES, &writer, &status);
    slice->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    ph_byte_writer_end(&writer, &memory.memory);
  }
  ph_month_slices_end(&before);
  ph_month_slices_end(&come);
  test_memory_end(&memory, &status);
}

/* ---- lists of owners ---- */

static void test_stays(void **state) {
  static const ph_stored_stay stays[] = {{{.integer = -5}, FIRST_DAY, PH_DAY_NEVER},
                                         {{.integer = -5}, FIRST_DAY + 9, FIRST_DAY + 10},
                                         {{.integer = INT64_MAX}, 0, 7},
                                         {{.text = {"D1", 2}, .is_text = true}, FIRST_DAY, PH_DAY_NEVER},
                                         {{.text = {"d", 1}, .is_text = true}, 1, 2}};
  enum { COUNT = sizeof stays / sizeof *stays };
  test_memory memory;
  ph_status status;
  ph_byte_writer writer = {0};
  ph_stored_stay stay = {.from = 0};
  (void)state;
  test_memory_begin(&memory, &status);
  for (uint32_t count = 0; count <= COUNT; count++) {
    writer.count = 0;
    ph_write_stay_list(&writer, stays, count, &status);
    assert_true(count > 0 || writer.count == 1);
    ph_stay_reader reader = ph_stay_reader_of(ph_byte_reader_of(writer.bytes, writer.count), count);
    stay = (ph_stored_stay){.from = 0};
    for (uint32_t at = 0; at < count; at++) {
      assert_true(ph_read_stay(&reader, &stay));
      assert_true(ph_stored_id_compare(&stay.id, &stays[at].id) == 0);
      assert_true(stay.from == stays[at].from && stay.to == stays[at].to);
    }
    assert_false(ph_read_stay(&reader, &stay));
    assert_false(reader.bytes.damaged);
  }
  ph_byte_writer_end(&writer, &memory.memory);
  test_memory_end(&memory, &status);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_day_slices), cmocka_unit_test(test_large_numbers),
                                     cmocka_unit_test(test_month_slices),
                                     cmocka_unit_test(test_damaged_months), cmocka_unit_test(test_stays)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
