/*
** Checks how days are cut into pieces and counted on the ladder.
*/
#include "measure/ladder.h"
#include "ladder_values.h"
#include "support.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

enum { OWNERS = 3, PULL = 20 };

static void test_bands(void **state) {
  (void)state;
  const unsigned bands[] = {0, 1, 2, 2, 3, 3, 3, 3, 4};
  for (int count = 0; count <= 8; count++) assert_int64_equal(ph_band_of(count), bands[count]);
  assert_int64_equal(ph_band_of(-5), 0);
  assert_int64_equal(ph_band_of(INT64_MAX), 63);
  assert_int64_equal(ph_amount_band(0), PH_AMOUNT_BAND_OF_ZERO);
  assert_int64_equal(ph_amount_band(INT64_MIN), PH_AMOUNT_BAND_OF_ZERO);
  assert_int64_equal(ph_amount_band(10000), PH_AMOUNT_BAND_OF_ZERO + 1);
  assert_int64_equal(ph_amount_band(19999), PH_AMOUNT_BAND_OF_ZERO + 1);
  assert_int64_equal(ph_amount_band(20000), PH_AMOUNT_BAND_OF_ZERO + 2);
  assert_int64_equal(ph_amount_band(9999), PH_AMOUNT_BAND_OF_ZERO);
  assert_int64_equal(ph_amount_band(4999), PH_AMOUNT_BAND_OF_ZERO - 1);
  assert_int64_equal(ph_amount_band(1), PH_AMOUNT_BAND_OF_ZERO - 13);
  assert_true(ph_amount_band(INT64_MAX) < PH_AMOUNT_BANDS);
}

/* Every day of a stretch lies in one piece, whose class is that of the day's key, and pieces are as long
** as can be. */
static void test_cut(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  uint64_t seed = 4;
  ph_deal_pieces pieces;
  test_memory_begin(&memory, &status);
  ph_deal_pieces_begin(&pieces, OWNERS, &status);
  for (size_t deal = 0; deal < 500; deal++) {
    ph_stretch stretch = {.created = 1000, .key = ph_deal_key_of(2, 7, true), .factors = {1, 2, 3}};
    stretch.entered_stage = stretch.created + test_draw_below(&seed, 50);
    stretch.last_progress = stretch.created + test_draw_below(&seed, 50);
    stretch.from = stretch.created + 50 + test_draw_below(&seed, 300);
    stretch.to = stretch.from + 1 + test_draw_below(&seed, 1000);
    ph_deal_pieces_add(&pieces, &stretch, &status);
    ph_deal_pieces_end_deal(&pieces, stretch.to, PH_DAY_NEVER, &status);
    const ph_pieces_of_deal of = ph_deal_pieces_of(&pieces, deal);
    assert_int64_equal(ph_piece_from(of.classes[0]), stretch.from);
    for (ph_day day = stretch.from; day < stretch.to; day++) {
      uint32_t class = ph_piece_class(ph_class_piece_on(&pieces, deal, day));
      assert_true(pieces.classes.classes[class].prefix == ph_stretch_key_on(&stretch, day));
    }
    for (size_t at = 1; at < of.class_count; at++)
      assert_true(ph_piece_class(of.classes[at]) != ph_piece_class(of.classes[at - 1]));
    assert_int64_equal(of.factor_count, 1);
    for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
      assert_int64_equal(ph_piece_band(of.factors[0], (ph_factor)factor), stretch.factors[factor]);
  }
  ph_deal_pieces_end(&pieces);
  test_memory_end(&memory, &status);
}

/* Deals of several blocks; every other one was never open. */
static void test_blocks(void **state) {
  (void)state;
  const size_t deals = 2 * PH_PIECE_BLOCK_DEALS + 2;
  test_memory memory;
  ph_status status;
  ph_deal_pieces pieces;
  test_memory_begin(&memory, &status);
  ph_deal_pieces_begin(&pieces, OWNERS, &status);
  assert_int64_equal(ph_deal_pieces_count(&pieces), 0);
  for (size_t deal = 0; deal < deals; deal++) {
    ph_day from = 1000 + (ph_day)deal;
    ph_stretch stretch = {.from = from,
                          .to = from + 1,
                          .created = from,
                          .entered_stage = from,
                          .last_progress = from,
                          .key = ph_deal_key_of(2, 7, true)};
    if (deal % 2 == 1) ph_deal_pieces_add(&pieces, &stretch, &status);
    ph_deal_pieces_end_deal(&pieces, from + 1, from + 2, &status);
  }
  assert_int64_equal(ph_deal_pieces_count(&pieces), deals);
  for (size_t deal = 0; deal < deals; deal++) {
    const ph_pieces_of_deal of = ph_deal_pieces_of(&pieces, deal);
    assert_int64_equal(of.class_count, deal % 2);
    assert_int64_equal(of.factor_count, deal % 2);
    assert_int64_equal(of.end, 1001 + deal);
    assert_int64_equal(of.won_on, 1002 + deal);
    if (deal % 2 == 1) assert_int64_equal(ph_piece_from(of.classes[0]), 1000 + deal);
  }
  ph_deal_pieces_end(&pieces);
  test_memory_end(&memory, &status);
}

static ph_stretch stretch_at(size_t at) {
  return (ph_stretch){
      .from = stretch_values[at].from,
      .to = stretch_values[at].to,
      .key = ph_deal_key_of(stretch_values[at].verdict, stretch_values[at].stage, stretch_values[at].back),
      .created = stretch_values[at].created,
      .last_progress = stretch_values[at].last_progress,
      .entered_stage = stretch_values[at].entered_stage,
      .factors = {ph_amount_band(stretch_values[at].amount), stretch_values[at].owner,
                  ph_band_of(stretch_values[at].activities)}};
}

/* What was learned from all deals in their order or in the opposite one. */
typedef struct learned {
  bool backwards;
  ph_deal_pieces pieces;
  ph_ladder ladder;
} learned;

static void learn(learned *from, const ph_ladder_question *questions, size_t count, bool backwards,
                  ph_status *status) {
  const int deals = (int)LENGTH(won_on);
  *from = (learned){.backwards = backwards};
  ph_deal_pieces_begin(&from->pieces, OWNERS, status);
  for (int index = 0; index < deals; index++) {
    int deal = backwards ? deals - 1 - index : index;
    ph_day end = PH_DAY_NEVER;
    for (size_t at = 0; at < LENGTH(stretch_values); at++) {
      ph_stretch stretch = stretch_at(at);
      if (stretch_values[at].deal != deal) continue;
      ph_deal_pieces_add(&from->pieces, &stretch, status);
      end = stretch.to;
    }
    ph_deal_pieces_end_deal(&from->pieces, end, won_on[deal], status);
  }
  if (!ph_failed(status)) ph_ladder_begin(&from->ladder, &from->pieces, questions, count, PULL, status);
}

static void forget(learned *from) {
  ph_ladder_end(&from->ladder);
  ph_deal_pieces_end(&from->pieces);
}

static ph_chance chance_at(const learned *from, size_t question, size_t at) {
  size_t deal = (size_t)stretch_values[at].deal;
  if (from->backwards) deal = LENGTH(won_on) - 1 - deal;
  ph_day day = stretch_values[at].from;
  ph_class_piece class_piece = ph_class_piece_on(&from->pieces, deal, day);
  ph_factor_piece factor_piece = ph_factor_piece_on(&from->pieces, deal, day);
  ph_chance chance = ph_ladder_chance(&from->ladder, question, class_piece, factor_piece);
  assert_real_equal(ph_ladder_chance_alone(&from->ladder, question, class_piece, factor_piece),
                    chance.chance);
  assert_real_equal(
      ph_ladder_class_chance(&from->ladder, question, stretch_values[at].verdict, stretch_values[at].stage),
      chance.class_chance);
  return chance;
}

/* What the reference counted day by day, all questions in one pass; they are given out of order and one
** twice. */
static void test_reference(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  learned from;
  const ph_ladder_question questions[] = {{400, 7}, {60, 30}, {150, 90}, {150, 14}, {60, 30}, {299, 45}};
  test_memory_begin(&memory, &status);
  learn(&from, questions, LENGTH(questions), false, &status);
  assert_int64_equal(from.ladder.question_count, 5);
  for (size_t row = 0; row < LENGTH(expected_chances); row++) {
    size_t question =
        ph_ladder_question_place(&from.ladder, expected_chances[row].last_day, expected_chances[row].horizon);
    ph_chance chance = chance_at(&from, question, expected_chances[row].stretch);
    assert_real_near(chance.ladder, expected_chances[row].ladder, 1e-14);
    for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
      assert_real_near(chance.factors[factor], expected_chances[row].factors[factor], 1e-11);
    assert_real_near(chance.chance, expected_chances[row].chance, 1e-11);
  }
  assert_int64_equal(ph_ladder_question_place(&from.ladder, 150, 15), 5);
  forget(&from);
  test_memory_end(&memory, &status);
}

static uint64_t hash_of_chances(const learned *from, size_t question, uint64_t hash) {
  for (size_t at = 0; at < LENGTH(stretch_values); at++) {
    ph_chance chance = chance_at(from, question, at);
    hash = test_mix(hash, &chance.chance, sizeof chance.chance);
    hash = test_mix(hash, &chance.class_chance, sizeof chance.class_chance);
    hash = test_mix_number(test_mix(hash, chance.factors, sizeof chance.factors), chance.deals);
  }
  return hash;
}

/* The same bytes whatever the order of the deals, and whether questions are asked together or alone. */
static void test_order(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  learned together, backwards, alone;
  ph_ladder_question questions[12];
  for (int question = 0; question < 12; question++)
    questions[question] = (ph_ladder_question){20 + 37 * question, 3 + 11 * (question % 5)};
  test_memory_begin(&memory, &status);
  learn(&together, questions, LENGTH(questions), false, &status);
  learn(&backwards, questions, LENGTH(questions), true, &status);
  for (size_t question = 0; question < LENGTH(questions); question++) {
    learn(&alone, &questions[question], 1, false, &status);
    uint64_t expected = hash_of_chances(&alone, 0, TEST_MIX_BEGIN);
    assert_true(hash_of_chances(&together, question, TEST_MIX_BEGIN) == expected);
    assert_true(hash_of_chances(&backwards, question, TEST_MIX_BEGIN) == expected);
    forget(&alone);
  }
  assert_true(ph_ladder_bytes(&together.ladder) > 0);
  assert_true(ph_deal_pieces_bytes(&together.pieces) > 0);
  forget(&together);
  forget(&backwards);
  test_memory_end(&memory, &status);
}

/* Before anything was seen nothing is known. */
static void test_nothing(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  learned from;
  const ph_ladder_question question = {-1, 30};
  test_memory_begin(&memory, &status);
  learn(&from, &question, 1, false, &status);
  ph_chance chance = chance_at(&from, 0, 0);
  assert_real_equal(chance.chance, NAN);
  assert_real_equal(chance.class_chance, NAN);
  assert_int64_equal(chance.deals, 0);
  assert_real_equal(chance.factors[PH_FACTOR_OWNER], 1);
  forget(&from);
  forget(&from);
  assert_int64_equal(ph_ladder_bytes(&from.ladder), 0);
  assert_int64_equal(ph_deal_pieces_bytes(&from.pieces), 0);
  test_memory_end(&memory, &status);
}

static uint64_t ladder_job(ph_status *status) {
  const ph_ladder_question questions[] = {{150, 90}, {299, 45}};
  learned from;
  learn(&from, questions, LENGTH(questions), false, status);
  uint64_t hash = ph_failed(status) ? 0 : hash_of_chances(&from, 1, TEST_MIX_BEGIN);
  forget(&from);
  return hash;
}

static void test_memory_faults(void **state) {
  (void)state;
  test_short_of_memory(ladder_job);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bands),        cmocka_unit_test(test_cut),
                                     cmocka_unit_test(test_blocks),       cmocka_unit_test(test_reference),
                                     cmocka_unit_test(test_order),        cmocka_unit_test(test_nothing),
                                     cmocka_unit_test(test_memory_faults)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
