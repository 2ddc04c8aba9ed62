/*
** Checks the slices by month of the store: what they say of a group on a day is what the pieces say that they
** were made from, and damaged bytes are never read beyond.
*/
#include "store/day_slice.h"
#include "store/month_slice.h"
#include "support.h"

enum { FIRST_DAY = 738000, FIRST_MONTH = 24200, PIECES = 300, DAYS = 90, GROUPS = 4, NAMES = GROUPS + 1 };

/* Pieces of groups 1, 2 and 4, some of which never end; `amount` is that of the largest. */
typedef struct piece_list {
  ph_month_piece pieces[PIECES];
  size_t count;
} piece_list;

static void make_pieces(piece_list *list, int64_t amount) {
  static const uint32_t groups[] = {1, 2, 4};
  uint64_t seed = 11;
  list->count = PIECES;
  for (size_t at = 0; at < list->count; at++) {
    ph_day from = FIRST_DAY + (ph_day)test_draw_below(&seed, DAYS), days = (ph_day)test_draw_below(&seed, 40);
    list->pieces[at] =
        (ph_month_piece){.amount = (int64_t)test_draw_below(&seed, 200) - 100,
                         .from = from,
                         .to = days == 0 ? PH_DAY_NEVER : from + days - 1, /* some hold on no day */
                         .group = groups[test_draw_below(&seed, 3)],
                         .month = FIRST_MONTH + (int32_t)test_draw_below(&seed, 9),
                         .what = (uint32_t)test_draw_below(&seed, 1 << PH_MONTH_SUMS)};
  }
  list->pieces[0].amount = amount;
  list->pieces[0].what = 1;
}

static void scan_pieces(void *context, ph_month_builder *builder, ph_status *status) {
  const piece_list *list = context;
  for (size_t at = 0; at < list->count; at++) ph_month_put(builder, &list->pieces[at], status);
}

/* The sums of a group in some months on a day, piece by piece. */
static ph_month_row sum_pieces(const piece_list *list, uint32_t group, int32_t first, int32_t last,
                               ph_day day) {
  ph_month_row row = {{0}, {{0, 0}}};
  for (size_t at = 0; at < list->count; at++) {
    const ph_month_piece *piece = &list->pieces[at];
    if (piece->group != group || piece->month < first || piece->month > last || day < piece->from ||
        day >= piece->to)
      continue;
    for (int sum = 0; sum < PH_MONTH_SUMS; sum++) {
      if ((piece->what >> sum & 1) == 0) continue;
      ph_money_add(&row.sums[sum], piece->amount);
      if (sum < PH_MONTH_COUNTS) row.counts[sum]++;
    }
  }
  return row;
}

static void check_row(const ph_month_row *row, const ph_month_row *expected, ph_status *status) {
  for (int count = 0; count < PH_MONTH_COUNTS; count++)
    assert_int64_equal(row->counts[count], expected->counts[count]);
  for (int sum = 0; sum < PH_MONTH_SUMS; sum++)
    assert_int64_equal(ph_money_value(&row->sums[sum], "sum", status),
                       ph_money_value(&expected->sums[sum], "sum", status));
}

/* Reads of each slice every day. */
static uint64_t read_month_slices(ph_status *status) {
  static piece_list list;
  ph_month_slices slices;
  make_pieces(&list, 12345678);
  const ph_month_plan plan = {.name_count = NAMES, .scan = scan_pieces, .context = &list};
  ph_month_slices_begin(&slices, &plan, status);
  for (size_t slice = 0; slice < slices.count && !ph_failed(status); slice++) {
    ph_day first = slices.first + (ph_day)slice * PH_SLICE_DAYS;
    ph_day end = slice + 1 < slices.count ? first + PH_SLICE_DAYS : first + 400;
    for (ph_day day = first; day < end && !ph_failed(status); day++) {
      ph_month_table table;
      ph_byte_reader reader = ph_byte_reader_of(slices.slices[slice].bytes, slices.slices[slice].count);
      bool sound = ph_read_month_slice(&reader, first, day, NAMES, &table, status);
      for (uint32_t group = 0; group < NAMES && !ph_failed(status); group++) {
        ph_month_row all = {{0}, {{0, 0}}}, some = all;
        ph_month_table_add(&table, group, 0, INT32_MAX, &all);
        ph_month_table_add(&table, group, FIRST_MONTH + 2, FIRST_MONTH + 5, &some);
        ph_month_row all_pieces = sum_pieces(&list, group, 0, INT32_MAX, day);
        ph_month_row some_pieces = sum_pieces(&list, group, FIRST_MONTH + 2, FIRST_MONTH + 5, day);
        check_row(&all, &all_pieces, status);
        check_row(&some, &some_pieces, status);
      }
      if (!ph_failed(status)) assert_true(sound);
      ph_month_table_end(&table);
    }
  }
  bool fits = slices.fits;
  if (!ph_failed(status)) assert_true(fits && slices.count >= DAYS / PH_SLICE_DAYS);
  ph_month_slices_end(&slices);
  return 1;
}

static void test_month_slices(void **state) {
  (void)state;
  test_short_of_memory(read_month_slices);
}

/* As many pieces as 2 GiB cannot hold. */
static void scan_too_many(void *context, ph_month_builder *builder, ph_status *status) {
  const ph_month_piece piece = {.from = 1, .to = 2, .group = 1, .month = 1, .what = 1};
  (void)context;
  for (size_t at = 0; at <= ph_largest_block / 24; at++) ph_month_put(builder, &piece, status);
}

static void test_too_many_month_pieces(void **state) {
  const ph_month_plan plan = {.name_count = 2, .scan = scan_too_many};
  test_memory memory;
  ph_status status;
  ph_month_slices slices;
  (void)state;
  test_memory_begin(&memory, &status);
  ph_month_slices_begin(&slices, &plan, &status);
  assert_true(!slices.fits && slices.count == 0 && !ph_failed(&status));
  ph_month_slices_end(&slices);
  test_memory_end(&memory, &status);
}

/* Sums that might leave 64 bits are in no slice; with any bit changed a slice is read as something. */
static void test_month_slices_refused(void **state) {
  static piece_list list;
  const ph_month_plan plan = {.name_count = NAMES, .scan = scan_pieces, .context = &list};
  test_memory memory;
  ph_status status;
  ph_month_slices slices;
  (void)state;
  test_memory_begin(&memory, &status);
  make_pieces(&list, INT64_MIN);
  ph_month_slices_begin(&slices, &plan, &status);
  assert_true(!slices.fits && slices.count == 0);
  ph_month_slices_end(&slices);
  make_pieces(&list, 1);
  ph_month_slices_begin(&slices, &plan, &status);
  ph_byte_writer *slice = &slices.slices[2];
  for (size_t bit = 0; bit < slice->count * 8; bit++) {
    ph_month_table table;
    slice->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    ph_byte_reader reader = ph_byte_reader_of(slice->bytes, slice->count);
    ph_read_month_slice(&reader, 0, PH_DAY_LAST, NAMES, &table, &status);
    ph_month_table_end(&table);
    slice->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
  ph_month_slices_end(&slices);
  list.count = 0;
  ph_month_slices_begin(&slices, &plan, &status);
  assert_true(slices.fits && slices.count == 0 && !ph_failed(&status));
  ph_month_slices_end(&slices);
  test_memory_end(&memory, &status);
}

/* A group has a month at least: without any it would not be written. */
static void test_month_slice_without_months(void **state) {
  static const unsigned char bytes[] = {0, 1, 1, 0}; /* base, name, bytes of the group, months */
  const ph_month_bytes stored = {ph_byte_reader_of(bytes, sizeof bytes), false}, none = {.is_before = false};
  test_memory memory;
  ph_status status;
  ph_month_table table;
  ph_byte_writer writer = {0};
  ph_byte_reader reader = stored.bytes;
  (void)state;
  test_memory_begin(&memory, &status);
  assert_false(ph_read_month_slice(&reader, 0, 3, 1, &table, &status));
  ph_month_table_end(&table);
  assert_false(ph_merge_month_slice(&stored, &stored, &none, 1, &writer, &status));
  ph_byte_writer_end(&writer, &memory.memory);
  test_memory_end(&memory, &status);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_month_slices), cmocka_unit_test(test_month_slices_refused),
      cmocka_unit_test(test_too_many_month_pieces), cmocka_unit_test(test_month_slice_without_months)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
