/*
** Checks the bytes of the store: what is written is read again, and bytes that are not those of a writer are
** noticed or read as something else, but never read beyond.
*/
#include "store/day_slice.h"
#include "store/deal_block.h"
#include "store/late_win.h"
#include "store/owner_list.h"
#include "store/stored_head.h"
#include "support.h"

/* The bytes of a writer, where reading beyond them shows under a sanitizer. */
static ph_byte_reader reader_of(const ph_byte_writer *writer) {
  return ph_byte_reader_of(writer->bytes, writer->count);
}

/* ---- numbers and texts ---- */

static void test_numbers(void **state) {
  static const int64_t numbers[] = {0,   1,    -1,      63,         -64,       64,
                                    -65, 8191, 1 << 20, -(1 << 20), INT64_MAX, INT64_MIN};
  enum { COUNT = sizeof numbers / sizeof *numbers };
  test_memory memory;
  ph_status status;
  ph_byte_writer writer = {0};
  (void)state;
  test_memory_begin(&memory, &status);
  for (int at = 0; at < COUNT; at++) {
    ph_write_signed(&writer, numbers[at], &status);
    ph_write_number(&writer, (uint64_t)numbers[at], &status);
  }
  ph_write_text(&writer, "Été", 5, &status);
  ph_byte_reader reader = reader_of(&writer);
  for (int at = 0; at < COUNT; at++) {
    assert_int64_equal(ph_read_signed(&reader), numbers[at]);
    assert_true(ph_read_number(&reader) == (uint64_t)numbers[at]);
  }
  ph_text text = ph_read_text(&reader);
  assert_int64_equal(text.length, 5);
  assert_memory_equal(text.text, "Été", 5);
  assert_true(!reader.damaged && reader.at == reader.end);
  ph_byte_writer_end(&writer, &memory.memory);
  test_memory_end(&memory, &status);
}

/* The format is the same on every machine: small numbers are these bytes, and a checksum is this number. */
static void test_format(void **state) {
  static const unsigned char expected[] = {0x00, 0x01, 0x02, 0x7F, 0x80, 0x01, 0xAC, 0x02, 0x02, 'a', 'b'};
  test_memory memory;
  ph_status status;
  ph_byte_writer writer = {0};
  (void)state;
  test_memory_begin(&memory, &status);
  ph_write_signed(&writer, 0, &status);
  ph_write_signed(&writer, -1, &status);
  ph_write_signed(&writer, 1, &status);
  ph_write_number(&writer, 127, &status);
  ph_write_number(&writer, 128, &status);
  ph_write_number(&writer, 300, &status);
  ph_write_text(&writer, "ab", 2, &status);
  assert_int64_equal(writer.count, sizeof expected);
  assert_memory_equal(writer.bytes, expected, sizeof expected);
  assert_true(ph_checksum(1, "pipeline", 8) != ph_checksum(2, "pipeline", 8));
  assert_true(ph_checksum(1, "pipeline_", 9) != ph_checksum(1, "pipeline", 8));
  assert_true(ph_checksum(1, "pipeline_store", 14) == UINT64_C(0xF2384B8CA1051D14));
  ph_byte_writer_end(&writer, &memory.memory);
  test_memory_end(&memory, &status);
}

static void test_numbers_beyond(void **state) {
  static const unsigned char endless[12] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                            0x80, 0x80, 0x80, 0x80, 0x80, 0};
  static const unsigned char too_large[10] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02};
  static const unsigned char long_text[2] = {5, 'a'};
  (void)state;
  ph_byte_reader reader = {endless, endless + sizeof endless, false};
  assert_int64_equal(ph_read_number(&reader), 0);
  assert_true(reader.damaged);
  reader = (ph_byte_reader){too_large, too_large + sizeof too_large, false};
  assert_int64_equal(ph_read_number(&reader), 0);
  assert_true(reader.damaged);
  reader = (ph_byte_reader){long_text, long_text + sizeof long_text, false};
  assert_int64_equal(ph_read_text(&reader).length, 0);
  assert_true(reader.damaged && reader.at == reader.end);
  reader = (ph_byte_reader){long_text, long_text + sizeof long_text, false};
  assert_int64_equal(ph_read_below(&reader, 5), 0);
  assert_true(reader.damaged);
}

/* ---- blocks ---- */

enum { NAMES = 9, DEALS = 3, EVENTS = 8 };

static const ph_event_row events[EVENTS] = {
    {.kind = PH_KIND_STAGE, .at = {738000, 0}, .change = {0, 3}},
    {.kind = PH_KIND_MEETING, .at = {738001, 36000000}, .recorded = {737990, 5}},
    {.kind = PH_KIND_MEETING, .at = {738001, 86399999}, .recorded = {738050, 0}},
    {.kind = PH_KIND_AMOUNT, .at = {737999, 0}, .change = {INT64_MIN, INT64_MAX}},
    {.kind = PH_KIND_AMOUNT_STATE, .at = {737999, 0}, .change = {-10000, 1234500}},
    {.kind = PH_KIND_CLOSE_DATE, .at = {738010, 0}, .change = {PH_DAY_NONE, 738100}},
    {.kind = PH_KIND_TASK, .at = {0, 0}, .recorded = {0, 0}},
    {.kind = PH_KIND_CALL, .at = {PH_DAY_LAST, 0}, .recorded = {PH_DAY_LAST, 0}}};

static ph_deal_row deal_row(int number) {
  ph_deal deal = {.id = -7, .amount = 1000000, .name = "A deal", .name_length = 6, .created = 737990};
  deal.closing = PH_DAY_NEVER;
  deal.close_date = PH_DAY_NONE;
  deal.owner = 1;
  deal.team = 8;
  deal.stage = 2;
  deal.warnings = PH_ALL_WARNINGS;
  ph_deal_row row = {.deal = deal, .is_used = true};
  if (number == 1) {
    row.deal.id = 0;
    row.deal.id_is_text = true;
    row.id = (ph_text){"D1", 2};
    row.deal.name = NULL;
    row.deal.name_length = 0;
    row.deal.outcome = PH_OUTCOME_WON;
    row.deal.closing = 737980;
    row.deal.closing_is_given = true;
    row.left_out = 2;
  }
  if (number == 2) row = (ph_deal_row){.deal = {.id = 9}, .left_out = 1};
  return row;
}

static void write_block(ph_byte_writer *writer, ph_status *status) {
  ph_block_head head = {
      .first = {.integer = -7}, .next = {.text = {"E", 1}, .is_text = true}, .id_count = DEALS};
  ph_write_block_head(writer, &head, status);
  for (int number = 0; number < DEALS; number++) {
    ph_deal_row row = deal_row(number);
    ph_byte_writer bytes = {0};
    ph_day last_day = 0;
    ph_write_deal(writer, &row, status);
    if (!row.is_used) continue;
    for (int event = 0; event < EVENTS; event++) ph_write_event(&bytes, &events[event], &last_day, status);
    ph_write_event_count(writer, (ph_stored_events){EVENTS, bytes.count}, status);
    ph_write_bytes(writer, bytes.bytes, bytes.count, status);
    ph_byte_writer_end(&bytes, status->memory);
  }
}

static void check_deal(const ph_deal_row *row, const ph_deal_row *expected) {
  const ph_deal *deal = &row->deal, *is = &expected->deal;
  assert_int64_equal(row->is_used, expected->is_used);
  assert_int64_equal(row->left_out, expected->left_out);
  assert_int64_equal(deal->id, is->id);
  assert_int64_equal(deal->id_is_text, is->id_is_text);
  assert_int64_equal(row->id.length, expected->id.length);
  if (row->id.length > 0) assert_memory_equal(row->id.text, expected->id.text, row->id.length);
  if (!row->is_used) return;
  assert_int64_equal(deal->name == NULL, is->name == NULL);
  assert_int64_equal(deal->name_length, is->name_length);
  assert_int64_equal(deal->amount, is->amount);
  assert_int64_equal(deal->created, is->created);
  assert_int64_equal(deal->closing, is->closing);
  assert_int64_equal(deal->close_date, is->close_date);
  assert_int64_equal(deal->closing_is_given, is->closing_is_given);
  assert_int64_equal(deal->outcome, is->outcome);
  assert_int64_equal(deal->warnings, is->warnings);
  assert_int64_equal(deal->owner, is->owner);
  assert_int64_equal(deal->team, is->team);
  assert_int64_equal(deal->stage, is->stage);
}

static void check_event(const ph_event_row *row, const ph_event_row *expected) {
  assert_int64_equal(row->kind, expected->kind);
  assert_int64_equal(row->at.day, expected->at.day);
  assert_int64_equal(row->at.millisecond, expected->at.millisecond);
  if (ph_kind_is(row->kind, PH_IS_CHANGE)) {
    assert_int64_equal(row->change.before, expected->change.before);
    assert_int64_equal(row->change.after, expected->change.after);
  } else {
    assert_int64_equal(row->recorded.day, expected->recorded.day);
    assert_int64_equal(row->recorded.millisecond, expected->recorded.millisecond);
  }
}

static void test_block(void **state) {
  test_memory memory;
  ph_status status;
  ph_byte_writer writer = {0};
  (void)state;
  test_memory_begin(&memory, &status);
  write_block(&writer, &status);
  ph_byte_reader reader = reader_of(&writer);
  ph_block_head head = ph_read_block_head(&reader);
  assert_int64_equal(head.first.integer, -7);
  assert_true(head.next.is_text && !head.is_last);
  assert_true(ph_stored_id_compare(&head.first, &head.next) < 0);
  assert_int64_equal(head.id_count, DEALS);
  for (int number = 0; number < DEALS; number++) {
    ph_deal_row row, expected = deal_row(number);
    ph_stored_events size;
    ph_day last_day = 0;
    ph_read_deal(&reader, NAMES, &row, &size);
    check_deal(&row, &expected);
    assert_int64_equal(size.count, row.is_used ? EVENTS : 0);
    const unsigned char *end = reader.at + size.bytes;
    for (size_t event = 0; event < size.count; event++) {
      ph_event_row read;
      ph_read_event(&reader, NAMES, &read, &last_day);
      check_event(&read, &events[event]);
    }
    assert_true(reader.at == end);
  }
  assert_true(!reader.damaged && reader.at == reader.end);
  ph_byte_writer_end(&writer, &memory.memory);
  test_memory_end(&memory, &status);
}

/* Reads whatever the bytes say. */
static bool read_anything(ph_byte_reader reader) {
  ph_block_head head = ph_read_block_head(&reader);
  for (uint32_t number = 0; number < head.id_count && !reader.damaged; number++) {
    ph_deal_row row;
    ph_stored_events size;
    ph_day last_day = 0;
    ph_read_deal(&reader, NAMES, &row, &size);
    for (size_t event = 0; event < size.count && !reader.damaged; event++) {
      ph_event_row read;
      ph_read_event(&reader, NAMES, &read, &last_day);
      assert_true(read.kind < PH_KIND_COUNT && read.at.day >= 0 && read.at.day <= PH_DAY_LAST);
    }
    assert_true(row.deal.owner < NAMES && row.deal.stage < NAMES && row.deal.created < PH_DAY_NEVER);
  }
  return !reader.damaged && reader.at == reader.end;
}

/* Cut at each byte a block is damaged; with any bit changed it is read as something, within its bytes. */
static void test_block_damaged(void **state) {
  test_memory memory;
  ph_status status;
  ph_byte_writer writer = {0};
  (void)state;
  test_memory_begin(&memory, &status);
  write_block(&writer, &status);
  for (size_t count = 0; count < writer.count; count++) {
    unsigned char *cut = malloc(count + 1);
    memcpy(cut, writer.bytes, count);
    assert_false(read_anything((ph_byte_reader){cut, cut + count, false}));
    free(cut);
  }
  for (size_t bit = 0; bit < writer.count * 8; bit++) {
    uint64_t sum = ph_checksum(1, writer.bytes, writer.count);
    writer.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    read_anything(reader_of(&writer));
    assert_true(ph_checksum(1, writer.bytes, writer.count) != sum);
    writer.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
  ph_byte_writer_end(&writer, &memory.memory);
  test_memory_end(&memory, &status);
}

/* ---- slices ---- */

enum { FIRST_DAY = 738000, INDEX_DAYS = 80, GROUPS = 4, COUNTS = 3, SUMS = 2 };

/* An index in which every group has other numbers, and one nothing but zeros. */
static void make_index(ph_day_index *index, ph_status *status) {
  uint64_t seed = 7;
  ph_day_index_begin_rows(index, COUNTS, SUMS, GROUPS, NAMES, status);
  for (uint32_t group = 0; group < GROUPS; group++) {
    ph_day_row row = {{0}, {{0, 0}}};
    ph_day_index_add_group(index, group * 2, status);
    for (int day = 0; day < INDEX_DAYS; day += 1 + (int)test_draw_below(&seed, 12)) {
      for (int count = 0; count < COUNTS && group > 0; count++)
        row.counts[count] = (int64_t)test_draw_below(&seed, 9);
      if (group > 0) row.sums[1] = (ph_money_sum){(int64_t)test_draw_below(&seed, 9) - 4, 77};
      ph_day_index_add_row(index, FIRST_DAY + day, &row, status);
    }
  }
  ph_day_index_end_rows(index, status);
}

static ph_day_row row_of(const ph_day_index *index, uint32_t name, ph_day day) {
  ph_day_row row = {{0}, {{0, 0}}};
  size_t group = ph_day_index_group(index, name);
  if (group < index->group_count) ph_day_index_add(index, group, 0, 1, day, &row);
  return row;
}

/* Reads the slice of every day; returns a number for what they say. */
static uint64_t read_slices(ph_status *status) {
  ph_day_index index;
  ph_day first = 0, last = 0;
  uint64_t sum = 0;
  make_index(&index, status);
  bool any = !ph_failed(status) && ph_slices_of(&index, &first, &last);
  for (ph_day day = first; any && day <= last && !ph_failed(status); day += PH_SLICE_DAYS) {
    ph_byte_writer writer = {0};
    ph_day_index slice = {.memory = NULL};
    ph_write_slice(&writer, &index, day, status);
    ph_byte_reader reader = reader_of(&writer);
    bool sound = !ph_failed(status) && ph_read_slice(&reader, day, COUNTS, SUMS, NAMES, &slice, status);
    if (!ph_failed(status)) assert_true(sound);
    for (ph_day at = day; !ph_failed(status) && at < day + PH_SLICE_DAYS + (day == last ? 500 : 0); at++)
      for (uint32_t name = 0; name < NAMES; name++) {
        ph_day_row is = row_of(&slice, name, at), expected = row_of(&index, name, at);
        assert_memory_equal(&is, &expected, sizeof is);
        sum = sum * 31 + (uint64_t)is.counts[0];
      }
    ph_day_index_end(&slice);
    ph_byte_writer_end(&writer, status->memory);
  }
  ph_day_index_end(&index);
  return sum;
}

static void test_slices(void **state) {
  (void)state;
  test_short_of_memory(read_slices);
}

static void test_slice_damaged(void **state) {
  test_memory memory;
  ph_status status;
  ph_byte_writer writer = {0};
  ph_day_index index, slice;
  (void)state;
  test_memory_begin(&memory, &status);
  make_index(&index, &status);
  ph_write_slice(&writer, &index, FIRST_DAY / PH_SLICE_DAYS * PH_SLICE_DAYS + PH_SLICE_DAYS, &status);
  for (size_t bit = 0; bit < writer.count * 8; bit++) {
    writer.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    ph_byte_reader reader = reader_of(&writer);
    ph_read_slice(&reader, FIRST_DAY, COUNTS, SUMS, NAMES, &slice, &status);
    ph_day_index_end(&slice);
    writer.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
  ph_byte_writer_end(&writer, &memory.memory);
  ph_day_index_end(&index);
  test_memory_end(&memory, &status);
}

/* ---- late wins ---- */

static void test_late_wins(void **state) {
  static const ph_late_win wins[] = {{0, 8, 0, PH_DAY_LAST, INT64_MIN}, {8, 0, 738000, 738001, 15000}};
  test_memory memory;
  ph_status status;
  ph_byte_writer writer = {0};
  (void)state;
  test_memory_begin(&memory, &status);
  for (int at = 0; at < 2; at++) ph_write_late_win(&writer, &wins[at], &status);
  ph_byte_reader reader = reader_of(&writer);
  for (int at = 0; at < 2; at++) {
    ph_late_win win = ph_read_late_win(&reader, NAMES);
    assert_int64_equal(win.owner, wins[at].owner);
    assert_int64_equal(win.team, wins[at].team);
    assert_int64_equal(win.closing, wins[at].closing);
    assert_int64_equal(win.created, wins[at].created);
    assert_int64_equal(win.amount, wins[at].amount);
  }
  assert_true(!reader.damaged && reader.at == reader.end);
  for (size_t bit = 0; bit < writer.count * 8; bit++) {
    writer.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    reader = reader_of(&writer);
    for (int at = 0; at < 2; at++) {
      ph_late_win win = ph_read_late_win(&reader, NAMES);
      assert_true(win.owner < NAMES && win.team < NAMES && win.closing >= 0 && win.created < PH_DAY_NEVER);
    }
    writer.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
  ph_byte_writer_end(&writer, &memory.memory);
  test_memory_end(&memory, &status);
}

/* ---- lists of owners ---- */

enum { OWNED_DEALS = 6, OWNER_EVENTS = 5 };

/* Deals of owners 1 to 3: two with integer ids that lie far apart, then texts. */
static ph_deal owned_deals[OWNED_DEALS + 1] = {
    {.id = INT64_MIN, .owner = 1, .created = 100, .closing = PH_DAY_NEVER, .first_event = 0},
    {.id = INT64_MAX, .owner = 2, .created = 90, .closing = 120, .closing_is_given = 1, .first_event = 3},
    {.id = 0, .id_is_text = 1, .owner = 1, .created = 80, .closing = 85, .first_event = 4},
    {.id = 1,
     .id_is_text = 1,
     .owner = 1,
     .created = 80,
     .closing = 70,
     .closing_is_given = 1,
     .first_event = 4},
    {.id = 2, .id_is_text = 1, .owner = 1, .created = PH_DAY_NEVER, .closing = 90, .first_event = 4},
    {.id = 2, .id_is_text = 1, .owner = 2, .created = 100, .closing = PH_DAY_NEVER, .first_event = 4},
    {.first_event = 5}};

/* The first deal goes from 1 to 2 and back, on one day by 3; the second changes its owner after its end; that
** of the last is known before its creation. */
static void begin_owned_events(ph_event changed[OWNER_EVENTS]) {
  const struct {
    ph_day day;
    uint32_t owner;
  } changes[OWNER_EVENTS] = {{110, 3}, {110, 2}, {130, 1}, {125, 3}, {95, 3}};
  for (int at = 0; at < OWNER_EVENTS; at++)
    changed[at] = (ph_event){ph_event_key(changes[at].day, PH_KIND_OWNER, 0), changes[at].owner};
}

/* Writes the list of an owner and reads it again. */
static void check_list(const ph_owner_stays *stays, uint32_t owner, const ph_stored_stay *expected,
                       uint32_t count, ph_status *status) {
  ph_byte_writer writer = {0};
  ph_stored_stay stay = {.from = 0};
  ph_write_stays(&writer, stays, owner, status);
  if (!ph_failed(status)) {
    assert_int64_equal(ph_owner_stay_count(stays, owner), count);
    ph_stay_reader reader = ph_stay_reader_of(reader_of(&writer), count);
    for (uint32_t at = 0; at < count; at++) {
      assert_true(ph_read_stay(&reader, &stay));
      assert_int64_equal(ph_stored_id_compare(&stay.id, &expected[at].id), 0);
      assert_int64_equal(stay.from, expected[at].from);
      assert_int64_equal(stay.to, expected[at].to);
    }
    assert_false(ph_read_stay(&reader, &stay));
    assert_false(reader.bytes.damaged);
  }
  ph_byte_writer_end(&writer, status->memory);
}

static uint64_t list_owners(ph_status *status) {
  static ph_text ids[3] = {{"A", 1}, {"B", 1}, {"C", 1}};
  static const ph_stored_id low = {.integer = INT64_MIN}, high = {.integer = INT64_MAX};
  static const ph_stored_id a = {.text = {"A", 1}, .is_text = true}, c = {.text = {"C", 1}, .is_text = true};
  ph_event changes[OWNER_EVENTS];
  ph_history history = {
      .deals = owned_deals, .deal_count = OWNED_DEALS, .ids = ids, .events = changes, .names = {.count = 4}};
  ph_owner_stays stays;
  begin_owned_events(changes);
  ph_owner_stays_begin(&stays, &history, NULL, status);
  if (!ph_failed(status)) {
    const ph_stored_stay first[] = {{low, 100, 110}, {low, 130, PH_DAY_NEVER}, {a, 80, PH_DAY_NEVER}};
    const ph_stored_stay second[] = {{low, 110, 130}, {high, 90, 120}}, third[] = {{c, 100, PH_DAY_NEVER}};
    assert_int64_equal(ph_owner_stay_count(&stays, 0), 0);
    check_list(&stays, 1, first, 3, status);
    check_list(&stays, 2, second, 2, status);
    check_list(&stays, 3, third, 1, status);
  }
  ph_owner_stays_end(&stays);
  return 1;
}

static void test_owners(void **state) {
  (void)state;
  test_short_of_memory(list_owners);
}

/* With any bit changed a list is read as something, within its bytes; cut it is damaged. */
static void test_owner_damaged(void **state) {
  enum { LIST = 10 };
  /* two integers, then a text */
  static const unsigned char list[LIST] = {2, 2, 200, 1, 10, 4, 6, 0, 1, 'A'};
  (void)state;
  for (size_t size = 0; size <= LIST; size++)
    for (unsigned bit = 0; bit < 8 * LIST; bit++) {
      unsigned char *bytes = malloc(size + 1);
      ph_stored_stay stay = {.from = 0};
      memcpy(bytes, list, size);
      if (bit / 8 < size) bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
      ph_stay_reader reader = ph_stay_reader_of(ph_byte_reader_of(bytes, size), 3);
      while (ph_read_stay(&reader, &stay))
        assert_true(stay.from >= 0 && stay.from < stay.to && stay.to <= PH_DAY_NEVER);
      if (bit / 8 >= size) assert_true(reader.bytes.damaged);
      free(bytes);
    }
}

/* ---- the head ---- */

static uint64_t read_head_again(ph_status *status) {
  ph_interner names, again;
  uint32_t currencies[3] = {0, 4, 5}, stays[3] = {7, 0, 8};
  ph_byte_writer writer = {0};
  ph_arena_begin(&names.texts, status->memory);
  ph_interner_begin(&names, status);
  ph_arena_begin(&again.texts, status->memory);
  ph_interner_begin(&again, status);
  ph_intern(&names, "EUR", 3, status);
  ph_intern(&names, "", 0, status);
  ph_stored_head read = {.deal_count = 0}, head = {.names = &names,
                                                   .zone_mark = 1,
                                                   .rules_mark = UINT64_MAX,
                                                   .facts = PH_NO_FACTS,
                                                   .today = 738000,
                                                   .data_until = PH_DAY_NONE,
                                                   .excluded_deals = 3,
                                                   .deal_count = 12,
                                                   .first_slice = {16, 32, PH_DAY_NONE, 48, 64, 80},
                                                   .shows_claims = true,
                                                   .event_count = 99,
                                                   .currency_deals = currencies,
                                                   .owner_stays = stays};
  if (!ph_failed(status)) ph_write_head(&writer, &head, status);
  ph_byte_reader reader = reader_of(&writer);
  bool sound = !ph_failed(status) && ph_read_head(&reader, &again, &read, status);
  if (!ph_failed(status)) {
    assert_true(sound);
    assert_true(read.rules_mark == UINT64_MAX && read.zone_mark == 1);
    assert_int64_equal(again.count, 3);
    assert_int64_equal(ph_interned(&again, "EUR", 3), 1);
    assert_int64_equal(read.facts.first_created, PH_DAY_NEVER);
    assert_int64_equal(read.data_until, PH_DAY_NONE);
    assert_int64_equal(read.first_slice[2], PH_DAY_NONE);
    assert_int64_equal(read.first_slice[PH_SLICES_OF_CLAIMS], 80);
    assert_true(read.shows_claims);
    assert_int64_equal(read.event_count, 99);
    assert_int64_equal(read.currency_deals[2], 5);
    assert_int64_equal(read.owner_stays[0], 7);
    assert_int64_equal(read.owner_stays[2], 8);
  }
  ph_stored_head_end(&read, status->memory);
  ph_byte_writer_end(&writer, status->memory);
  ph_interner_end(&names, status->memory);
  ph_interner_end(&again, status->memory);
  return read.deal_count;
}

static void test_head(void **state) {
  (void)state;
  test_short_of_memory(read_head_again);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers),
                                     cmocka_unit_test(test_format),
                                     cmocka_unit_test(test_numbers_beyond),
                                     cmocka_unit_test(test_block),
                                     cmocka_unit_test(test_block_damaged),
                                     cmocka_unit_test(test_slices),
                                     cmocka_unit_test(test_slice_damaged),
                                     cmocka_unit_test(test_late_wins),
                                     cmocka_unit_test(test_owners),
                                     cmocka_unit_test(test_owner_damaged),
                                     cmocka_unit_test(test_head)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
