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

/* Every day of a stretch lies in one piece, whose key is that of the day, and pieces are as long as can be. */
static void test_cut(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  uint64_t seed = 4;
  test_memory_begin(&memory, &status);
  ph_key_piece_list list = {0};
  for (int round = 0; round < 500; round++) {
    ph_stretch stretch = {.created = 1000, .key = ph_deal_key_of(2, 7, true), .factors = {1, 2, 3}};
    stretch.entered_stage = stretch.created + test_draw_below(&seed, 50);
    stretch.last_progress = stretch.created + test_draw_below(&seed, 50);
    stretch.from = stretch.created + 50 + test_draw_below(&seed, 300);
    stretch.to = stretch.from + test_draw_below(&seed, 1000);
    list.count = 0;
    ph_stretch_cut(&stretch, &list, &status);
    ph_day day = stretch.from;
    for (size_t at = 0; at < list.count; at++) {
      assert_int64_equal(list.pieces[at].from, day);
      if (at > 0) assert_true(list.pieces[at].key > list.pieces[at - 1].key);
      for (; day < list.pieces[at].to; day++)
        assert_true(ph_stretch_key_on(&stretch, day) == list.pieces[at].key);
    }
    assert_int64_equal(day, stretch.to);
  }
  ph_release(&memory.memory, list.pieces);
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

/* The pieces of a deal. */
static void cut_deal(int deal, ph_key_piece_list *list, ph_status *status) {
  list->count = 0;
  for (size_t at = 0; at < LENGTH(stretch_values); at++) {
    ph_stretch stretch = stretch_at(at);
    if (stretch_values[at].deal == deal) ph_stretch_cut(&stretch, list, status);
  }
}

/* Learns all deals in their order or in the opposite one. */
static void learn(ph_ladder *ladder, const ph_ladder_question *questions, size_t count, bool backwards,
                  ph_status *status) {
  ph_key_piece_list list = {0};
  const int deals = (int)LENGTH(won_on);
  ph_ladder_begin(ladder, questions, count, OWNERS, PULL, status);
  for (int pass = 0; pass < 2; pass++) {
    for (int index = 0; index < deals && !ph_failed(status); index++) {
      int deal = backwards ? deals - 1 - index : index;
      cut_deal(deal, &list, status);
      if (pass == 0) ph_ladder_count_deal(ladder, &list, won_on[deal], status);
      if (pass == 1 && !ph_failed(status)) ph_ladder_expect_deal(ladder, &list);
    }
    if (pass == 0) ph_ladder_climb(ladder, status);
    if (pass == 1 && !ph_failed(status)) ph_ladder_finish(ladder);
  }
  ph_release(status->memory, list.pieces);
}

static ph_chance chance_at(const ph_ladder *ladder, size_t question, size_t at) {
  ph_stretch stretch = stretch_at(at);
  return ph_ladder_chance(ladder, question, ph_stretch_key_on(&stretch, stretch.from), stretch.factors);
}

/* What the reference counted day by day, all questions in one pass; they are given out of order and one twice. */
static void test_reference(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  ph_ladder ladder;
  const ph_ladder_question questions[] = {{400, 7}, {60, 30}, {150, 90}, {150, 14}, {60, 30}, {299, 45}};
  test_memory_begin(&memory, &status);
  learn(&ladder, questions, LENGTH(questions), false, &status);
  assert_int64_equal(ladder.question_count, 5);
  for (size_t row = 0; row < LENGTH(expected_chances); row++) {
    size_t question =
        ph_ladder_question_place(&ladder, expected_chances[row].last_day, expected_chances[row].horizon);
    ph_chance chance = chance_at(&ladder, question, expected_chances[row].stretch);
    assert_real_near(chance.ladder, expected_chances[row].ladder, 1e-14);
    for (int factor = 0; factor < PH_FACTOR_COUNT; factor++)
      assert_real_near(chance.factors[factor], expected_chances[row].factors[factor], 1e-11);
    assert_real_near(chance.chance, expected_chances[row].chance, 1e-11);
  }
  assert_int64_equal(ph_ladder_question_place(&ladder, 150, 15), 5);
  ph_ladder_end(&ladder);
  test_memory_end(&memory, &status);
}

static uint64_t hash_of_chances(const ph_ladder *ladder, size_t question, uint64_t hash) {
  for (size_t at = 0; at < LENGTH(stretch_values); at++) {
    ph_chance chance = chance_at(ladder, question, at);
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
  ph_ladder together, backwards, alone;
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
    ph_ladder_end(&alone);
  }
  assert_true(ph_ladder_bytes(&together) > 0);
  ph_ladder_end(&together);
  ph_ladder_end(&backwards);
  test_memory_end(&memory, &status);
}

/* Before anything was seen nothing is known. */
static void test_nothing(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  ph_ladder ladder;
  const ph_ladder_question question = {-1, 30};
  test_memory_begin(&memory, &status);
  learn(&ladder, &question, 1, false, &status);
  ph_chance chance = chance_at(&ladder, 0, 0);
  assert_real_equal(chance.chance, NAN);
  assert_real_equal(chance.class_chance, NAN);
  assert_int64_equal(chance.deals, 0);
  assert_real_equal(chance.factors[PH_FACTOR_OWNER], 1);
  ph_ladder_end(&ladder);
  ph_ladder_end(&ladder);
  assert_int64_equal(ph_ladder_bytes(&ladder), 0);
  test_memory_end(&memory, &status);
}

static uint64_t ladder_job(ph_status *status) {
  const ph_ladder_question questions[] = {{150, 90}, {299, 45}};
  ph_ladder ladder;
  learn(&ladder, questions, LENGTH(questions), false, status);
  uint64_t hash = ph_failed(status) ? 0 : hash_of_chances(&ladder, 1, TEST_MIX_BEGIN);
  ph_ladder_end(&ladder);
  return hash;
}

static void test_memory_faults(void **state) {
  (void)state;
  test_short_of_memory(ladder_job);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bands),     cmocka_unit_test(test_cut),
                                     cmocka_unit_test(test_reference), cmocka_unit_test(test_order),
                                     cmocka_unit_test(test_nothing),   cmocka_unit_test(test_memory_faults)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
