/*
** Checks the chance to hit (specification, section 6: exact to 0.005 against enumeration, for
** any number of deals). The references are written apart from what they check: plain enumeration, sorted
** halves, a table over whole sums, and seeded draws.
*/
#include "hit_reference.h"

#define TOLERANCE 0.005

static const ph_claim five_claims[5] = {
    {1000000, 0.1}, {800000, 0.2}, {600000, 0.3}, {400000, 0.4}, {200000, 0.5}};

static void test_golden_numbers(void **state) {
  (void)state;
  double bound;
  assert_true(fabs(hit(five_claims, 5, 700000, &bound) - 0.4312) < 1e-12);
  assert_true(fabs(hit(five_claims, 5, 1000000, &bound) - 0.3286) < 1e-9);
  assert_true(fabs(hit(five_claims, 5, 1000000, &bound) - by_enumeration(five_claims, 5, 1000000)) < 1e-9);
  assert_true(fabs(hit(five_claims, 5, 1000001, &bound) - by_enumeration(five_claims, 5, 1000001)) < 1e-9);
}

static void test_edges(void **state) {
  (void)state;
  double bound;
  assert_true(hit(NULL, 0, 0, &bound) == 1);
  assert_true(hit(NULL, 0, -1, &bound) == 1);
  assert_true(hit(NULL, 0, 1, &bound) == 0);
  assert_true(hit(five_claims, 5, 0, &bound) == 1);
  assert_true(hit(five_claims, 5, INT64_MIN, &bound) == 1);
  assert_true(hit(five_claims, 5, 3000001, &bound) == 0);
  assert_true(hit(five_claims, 5, INT64_MAX, &bound) == 0);
  assert_true(fabs(hit(five_claims, 5, 3000000, &bound) - 0.1 * 0.2 * 0.3 * 0.4 * 0.5) < 1e-15);
  ph_claim sure[] = {{100, 1}, {-30, 1}, {50, 0}, {0, 0.5}, {7, 2}, {1000, -1}, {1000, (double)NAN}};
  assert_true(hit(sure, 7, 77, &bound) == 1);
  assert_true(hit(sure, 7, 78, &bound) == 0);
  ph_claim negative[] = {{100, 0.5}, {-100, 0.25}};
  assert_true(fabs(hit(negative, 2, 100, &bound) - 0.375) < 1e-15);
  assert_true(fabs(hit(negative, 2, 0, &bound) - 0.875) < 1e-15);
  assert_true(fabs(hit(negative, 2, -100, &bound) - 1) < 1e-15);
  ph_claim huge[] = {{INT64_MAX / 2, 0.5}, {-(INT64_MAX / 2), 0.5}};
  assert_true(fabs(hit(huge, 2, INT64_MAX / 2, &bound) - 0.25) < 1e-15);
  ph_claim sure_huge[] = {{INT64_MAX, 1}, {INT64_MAX, 1}, {INT64_MIN, 1}, {5, 0.5}};
  assert_true(fabs(hit(sure_huge, 4, INT64_MAX, &bound) - 0.5) < 1e-15);
  ph_claim out_of_reach[] = {{INT64_MAX, 0.5}, {-5, 1}};
  assert_true(hit(out_of_reach, 2, INT64_MAX, &bound) == 0);
  assert_true(fabs(hit(out_of_reach, 2, INT64_MAX - 5, &bound) - 0.5) < 1e-15);
  ph_claim far_below[] = {{INT64_MAX, 1}, {INT64_MAX, 1}, {7, 0.5}};
  assert_true(hit(far_below, 3, INT64_MIN, &bound) == 1);
}

static void test_sum_out_of_range_is_an_error(void **state) {
  (void)state;
  counted counts = {0, 0, 0};
  ph_memory memory = {resize_counted, release_counted, &counts};
  ph_status status;
  ph_claim claims[] = {{INT64_MAX, 0.5}, {INT64_MIN, 0.5}};
  ph_status_begin(&status, &memory);
  assert_true(ph_hit_probability(claims, 2, 1, &status) == 0);
  assert_int_equal(status.code, PH_ERROR);
  assert_int_equal(counts.blocks, 0);
  assert_true(ph_hit_probability(five_claims, 5, 1, &status) == 0); /* does nothing after a failure */
  assert_int_equal(counts.blocks, 0);
}

static void test_enumeration_to_20_deals(void **state) {
  (void)state;
  ph_claim claims[20];
  seed = 1;
  for (int round = 0; round < 1200; round++) {
    size_t count = round % 100 == 99 ? 20 : 1 + draw() % 15;
    draw_claims(claims, count, round % SHAPES, (round / SHAPES) % RATES);
    int64_t remaining = draw_remaining(claims, count);
    double bound, found = hit(claims, count, remaining, &bound);
    assert_true(fabs(found - by_enumeration(claims, count, remaining)) < 1e-9);
  }
}

static void test_halves_to_32_deals(void **state) {
  (void)state;
  ph_claim claims[32];
  double worst = 0;
  seed = 2;
  for (int round = 0; round < 400; round++) {
    size_t count = 21 + draw() % 8 + (round % 50 == 0 ? 4 : 0);
    draw_claims(claims, count, round % SHAPES, (round / SHAPES) % RATES);
    int64_t remaining = draw_remaining(claims, count);
    double bound, found = hit(claims, count, remaining, &bound);
    double error = fabs(found - by_halves(claims, count, remaining));
    assert_true(error <= bound + 1e-9);
    assert_true(bound <= TOLERANCE);
    if (error > worst) worst = error;
  }
  printf("21 to 32 deals: largest error %.6f\n", worst);
}

static void test_tables_of_whole_sums(void **state) {
  (void)state;
  enum { MOST = 600 };
  static ph_claim claims[MOST];
  double worst = 0;
  seed = 3;
  for (int round = 0; round < 200; round++) {
    size_t count = 33 + draw() % (round % 20 == 0 ? MOST - 33 : 100);
    int64_t step = round % 2 ? 1000000 : 12345, unlike = round % 7 ? 1 + (int64_t)(draw() % 40) : 1;
    int64_t base = round % 3 ? 1 : 500; /* clusters: nearly equal amounts */
    for (size_t i = 0; i < count; i++) {
      claims[i].amount_units = step * (base + (int64_t)(draw() % (uint64_t)unlike));
      claims[i].win_rate = draw_rate(round % RATES == 4 ? 1 : round % RATES);
    }
    int64_t remaining = draw_remaining(claims, count);
    double bound, found = hit(claims, count, remaining, &bound);
    double error = fabs(found - by_table(claims, count, step, remaining));
    assert_true(error <= bound + 1e-9);
    assert_true(bound <= TOLERANCE);
    if (error > worst) worst = error;
  }
  printf("33 to %d deals in whole steps: largest error %.6f\n", MOST, worst);
}

/* Giants that are whole steps of a trillion and deals of one unit: clusters far tighter than their distance.
 */
static void test_two_scales(void **state) {
  (void)state;
  enum { GIANTS = 60, DWARFS = 50 };
  ph_claim claims[GIANTS + DWARFS];
  double worst = 0;
  seed = 10;
  for (int round = 0; round < 120; round++) {
    int64_t step = round % 2 ? 1000000000000 : 654321987654;
    for (size_t i = 0; i < GIANTS + DWARFS; i++) {
      bool giant = i < GIANTS;
      claims[i].amount_units = giant ? step * (1 + (int64_t)(draw() % (round % 5 ? 1 : 4))) : 1;
      claims[i].win_rate = draw_rate(round % RATES == 4 ? 1 : round % RATES);
    }
    int64_t remaining = draw_remaining(claims, GIANTS + DWARFS);
    double reference = 0, before = 1;
    for (int64_t sum = 0; sum <= 4 * GIANTS; sum++) {
      double above = by_table(claims, GIANTS, step, (sum + 1) * step);
      reference += (before - above) * by_table(claims + GIANTS, DWARFS, 1, remaining - sum * step);
      before = above;
    }
    double bound, found = hit(claims, GIANTS + DWARFS, remaining, &bound);
    double error = fabs(found - reference);
    assert_true(error <= bound + 1e-9);
    assert_true(bound <= TOLERANCE);
    if (error > worst) worst = error;
  }
  printf("giants and dwarfs: largest error %.6f\n", worst);
}

static void test_seeded_draws(void **state) {
  (void)state;
  enum { DEALS = 1000, DRAWS = 200000 };
  static ph_claim claims[DEALS];
  seed = 4;
  double worst = 0;
  for (int shape = 0; shape < SHAPES; shape++) {
    draw_claims(claims, DEALS, shape, shape % RATES);
    int64_t remaining = draw_remaining(claims, DEALS);
    double bound, found = hit(claims, DEALS, remaining, &bound);
    double error = fabs(found - by_draws(claims, DEALS, remaining, DRAWS));
    /* 4.5 deviations of the draws: 0.005 */
    assert_true(error <= bound + 4.5 * sqrt(0.25 / DRAWS));
    assert_true(bound <= TOLERANCE);
    if (error > worst) worst = error;
  }
  printf("%d deals, %d draws a shape: largest difference %.6f\n", DEALS, DRAWS, worst);
}

/* The result and its bound must leave room for the truth, of which this much is known. */
static void check_within(double found, double bound, double least, double most) {
  assert_true(found >= least - bound - 1e-9);
  assert_true(found <= most + bound + 1e-9);
  assert_true(bound <= TOLERANCE);
}

/* The heaviest outcome is the one from which no deal deviates; the threshold is that sum, or next to it, or one
** deal off. Amounts of both signs, rare deals and near-certain ones, spread out, in clusters, of two scales. */
enum { RARE_SHAPES = 6 };

static int64_t draw_rare(ph_claim *claims, size_t count, int shape, double rate) {
  int64_t base = 0, one = 0;
  for (size_t i = 0; i < count; i++) {
    int64_t amount = 1 + (int64_t)(draw() % 8546208053u);
    if (shape == 2 || shape == 3) amount = 100000000 + (int64_t)(draw() % 1000);
    if (shape == 4) amount = (int64_t)(100 * pow(10, 11 * uniform()));
    if (shape == 5) amount = i % 2 ? amount : 1 + amount % 100000;
    if (shape != 1 && shape != 3 && draw() % 2) amount = -amount;
    bool likely = shape % 2 && draw() % 2;
    claims[i] = (ph_claim){amount, likely ? 1 - rate : rate};
    base += likely ? amount : 0;
    one = likely ? -amount : amount;
  }
  int64_t next_to[] = {0, 1, -1, one, one + 1};
  return base + next_to[draw() % 5];
}

static void test_rare_deviations(void **state) {
  (void)state;
  static const size_t counts[] = {40, 60, 100, 300, 500, 2000};
  static ph_claim claims[2000];
  seed = 11;
  for (int round = 0; round < 12 * RARE_SHAPES; round++) {
    size_t count = counts[round % 6];
    double expected = count > 500 ? 0.15 : 0.1 + 0.4 * uniform();
    int64_t remaining = draw_rare(claims, count, round % RARE_SHAPES, expected / (double)count);
    double bound, found = hit(claims, count, remaining, &bound);
    interval truth = by_rare_deviations(claims, count, remaining);
    assert_true(truth.most - truth.least < 0.0025);
    check_within(found, bound, truth.least, truth.most);
  }
}

/* The same with several deviations to expect, against draws. */
static void test_deviations_against_draws(void **state) {
  (void)state;
  enum { DRAWS = 100000 };
  static const size_t counts[] = {54, 60, 100, 300};
  static ph_claim claims[300];
  double room = 4.5 * sqrt(0.25 / DRAWS), worst = 0;
  seed = 12;
  for (int round = 0; round < 16 * RARE_SHAPES; round++) {
    size_t count = counts[round % 4];
    int64_t remaining = draw_rare(claims, count, round % RARE_SHAPES, (1 + 4 * uniform()) / (double)count);
    double bound, found = hit(claims, count, remaining, &bound);
    double drawn = by_draws(claims, count, remaining, DRAWS);
    check_within(found, bound, drawn - room, drawn + room);
    if (fabs(found - drawn) > worst) worst = fabs(found - drawn);
  }
  printf("heavy sums at the threshold, %d draws a set: largest difference %.6f\n", DRAWS, worst);
}

/* Small whole amounts of both signs, in clusters or not, rare or not: the exact table of all sums. */
static void test_signed_tables(void **state) {
  (void)state;
  static ph_claim claims[300];
  double worst = 0;
  seed = 13;
  for (int round = 0; round < 240; round++) {
    size_t count = 34 + draw() % (round % 8 == 0 ? 260 : 60);
    int64_t base = round % 3 ? 0 : 400, unlike = 1 + (int64_t)(draw() % (round % 2 ? 40 : 7));
    double rate = round % 4 ? (0.2 + 5 * uniform()) / (double)count : 0.3 * uniform();
    int64_t remaining = 0;
    for (size_t i = 0; i < count; i++) {
      int64_t amount = base + 1 + (int64_t)(draw() % (uint64_t)unlike);
      claims[i] = (ph_claim){draw() % 2 ? amount : -amount, draw() % 2 ? 1 - rate : rate};
      remaining += claims[i].win_rate > 0.5 ? claims[i].amount_units : 0;
    }
    if (round % 5 == 4) remaining = draw_remaining(claims, count);
    claims[count - 1].amount_units += round % 7 == 0 ? 1 : 0;
    double bound, found = hit(claims, count, remaining, &bound);
    double truth = by_signed_table(claims, count, remaining), error = fabs(found - truth);
    check_within(found, bound, truth, truth);
    if (error > worst) worst = error;
  }
  printf("whole amounts of both signs: largest error %.6f\n", worst);
}

/* Many rare deals and a threshold that any of them reaches, or that only all near-certain ones reach. */
static void test_any_of_many(void **state) {
  (void)state;
  enum { MANY = 20000 };
  static ph_claim claims[MANY];
  seed = 14;
  for (int round = 0; round < 6; round++) {
    double none = 1;
    int64_t total = 0;
    for (size_t i = 0; i < MANY; i++) {
      double rate = 1.8 * uniform() / MANY;
      claims[i] = (ph_claim){draw_amount(round % 3) + 1, round % 2 ? 1 - rate : rate};
      none *= 1 - rate;
      total += claims[i].amount_units;
    }
    double bound, found = hit(claims, MANY, round % 2 ? total : 1, &bound);
    double truth = round % 2 ? none : 1 - none;
    check_within(found, bound, truth, truth);
  }
}

static void shuffle(ph_claim *claims, size_t count) {
  for (size_t i = count; i > 1; i--) {
    size_t other = (size_t)(draw() % i);
    ph_claim moved = claims[i - 1];
    claims[i - 1] = claims[other];
    claims[other] = moved;
  }
}

static void test_order_changes_no_bit(void **state) {
  (void)state;
  static ph_claim claims[3000];
  static const size_t counts[] = {5, 18, 30, 60, 300, 3000};
  seed = 5;
  for (int round = 0; round < 6 * SHAPES; round++) {
    size_t count = counts[round % 6];
    draw_claims(claims, count, round / 6, round % RATES);
    int64_t remaining = draw_remaining(claims, count);
    double bound, first = hit(claims, count, remaining, &bound);
    for (int times = 0; times < 3; times++) {
      shuffle(claims, count);
      double again = hit(claims, count, remaining, &bound);
      assert_memory_equal(&first, &again, sizeof first);
    }
  }
}

static void test_more_missing_is_never_likelier(void **state) {
  (void)state;
  ph_claim claims[80];
  seed = 6;
  draw_claims(claims, 80, 1, 1);
  double before = 1, bound_before = 0;
  for (int64_t remaining = -1000000; remaining < 20000000000; remaining += 400000000) {
    double bound, now = hit(claims, 80, remaining, &bound);
    assert_true(now <= before + bound + bound_before);
    before = now;
    bound_before = bound;
  }
}

/* Every method: few deals, waves, clusters, heavy sums in cells. */
static void test_memory_short(void **state) {
  (void)state;
  static ph_claim claims[400];
  static const int shapes[] = {1, 9, 6, 2};
  for (int set = 0; set < 5; set++) {
    seed = 7;
    size_t count = set == 3 ? 12 : set == 4 ? 100 : 60 + 80 * (size_t)set;
    draw_claims(claims, count, shapes[set % 4], 3);
    int64_t remaining = claims[0].amount_units * (int64_t)(count / 4);
    if (set == 4) remaining = draw_rare(claims, count, 0, 0.02);
    for (long fail_at = 1;; fail_at++) {
      counted counts = {0, 0, fail_at};
      ph_memory memory = {resize_counted, release_counted, &counts};
      ph_status status;
      ph_status_begin(&status, &memory);
      double found = ph_hit_probability(claims, count, remaining, &status);
      assert_int_equal(counts.blocks, 0);
      if (counts.calls < fail_at) break;
      assert_int_equal(status.code, PH_NO_MEMORY);
      assert_true(found == 0);
    }
  }
}

static bool stop_at_once(void *context) {
  (void)context;
  return true;
}

static void test_interrupt(void **state) {
  (void)state;
  static ph_claim claims[20000];
  counted counts = {0, 0, 0};
  ph_memory memory = {resize_counted, release_counted, &counts};
  ph_status status;
  seed = 8;
  draw_claims(claims, 20000, 9, 2);
  ph_status_begin(&status, &memory);
  status.stop = stop_at_once;
  assert_true(ph_hit_probability(claims, 20000, draw_remaining(claims, 20000), &status) == 0);
  assert_int_equal(status.code, PH_INTERRUPTED);
  assert_int_equal(counts.blocks, 0);
}

/* Of the processor, not of the clock on the wall: the machine may be busy. */
static double seconds_of(const ph_claim *claims, size_t count, int64_t remaining, double *bound) {
  clock_t begin = clock();
  hit(claims, count, remaining, bound); /* computes it twice */
  return (double)(clock() - begin) / CLOCKS_PER_SEC / 2;
}

static void test_time(void **state) {
  (void)state;
  static ph_claim claims[MOST_DEALS];
  static const size_t counts[] = {20, 50, 100, 200, 1000, 10000, MOST_DEALS};
  seed = 9;
  for (size_t at = 0; at < sizeof counts / sizeof *counts; at++) {
    double worst = 0, sum = 0, bound;
    int rounds = counts[at] <= 200 ? 120 : SHAPES;
    for (int round = 0; round < rounds; round++) {
      draw_claims(claims, counts[at], round % 5,
                  round % 2); /* the smooth, the heavy tails, the cents to billions */
      double seconds = seconds_of(claims, counts[at], draw_remaining(claims, counts[at]), &bound);
      assert_true(bound <= TOLERANCE);
      sum += seconds;
      if (seconds > worst) worst = seconds;
    }
    printf("%6zu deals: mean %9.1f us, worst %9.1f us\n", counts[at], 1e6 * sum / rounds, 1e6 * worst);
    assert_true(worst < 1);
  }
}

/* Where sums are ragged at the threshold. */
static void test_time_of_ragged_sets(void **state) {
  (void)state;
  static const size_t counts[] = {60, 300, 1000, 2000};
  static ph_claim claims[2000];
  seed = 15;
  for (size_t at = 0; at < sizeof counts / sizeof *counts; at++) {
    double worst = 0, sum = 0, bound;
    enum { ROUNDS = 2 * RARE_SHAPES };
    for (int round = 0; round < ROUNDS; round++) {
      double rate = (0.1 + 5 * uniform()) / (double)counts[at];
      int64_t remaining = draw_rare(claims, counts[at], round % RARE_SHAPES, rate);
      double seconds = seconds_of(claims, counts[at], remaining, &bound);
      assert_true(bound <= TOLERANCE);
      sum += seconds;
      if (seconds > worst) worst = seconds;
    }
    printf("%6zu deals, ragged: mean %9.1f us, worst %9.1f us\n", counts[at], 1e6 * sum / ROUNDS,
           1e6 * worst);
    assert_true(worst < 5); /* sanitizers and busy machines included */
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden_numbers),
      cmocka_unit_test(test_edges),
      cmocka_unit_test(test_sum_out_of_range_is_an_error),
      cmocka_unit_test(test_enumeration_to_20_deals),
      cmocka_unit_test(test_halves_to_32_deals),
      cmocka_unit_test(test_tables_of_whole_sums),
      cmocka_unit_test(test_two_scales),
      cmocka_unit_test(test_seeded_draws),
      cmocka_unit_test(test_rare_deviations),
      cmocka_unit_test(test_deviations_against_draws),
      cmocka_unit_test(test_signed_tables),
      cmocka_unit_test(test_any_of_many),
      cmocka_unit_test(test_order_changes_no_bit),
      cmocka_unit_test(test_more_missing_is_never_likelier),
      cmocka_unit_test(test_memory_short),
      cmocka_unit_test(test_interrupt),
      cmocka_unit_test(test_time),
      cmocka_unit_test(test_time_of_ragged_sets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
