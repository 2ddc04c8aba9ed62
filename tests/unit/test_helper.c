/*
** Checks the second thread: what two parts do, which error wins, that both can be stopped, and that blocks
** are emptied in their order.
*/
#include "base/helper.h"
#include "support.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

typedef struct two_parts {
  int64_t sums[PH_PARTS];
  size_t count;
  bool fails[PH_PARTS];
  pthread_t asking;
  bool other_thread, takes_signals;
} two_parts;

static void add_up(void *context, int part, ph_status *status) {
  two_parts *job = context;
  for (size_t item = ph_first_of_part(part); item < job->count && ph_continue(status);
       item = ph_next_of_part(item))
    job->sums[part] += (int64_t)item;
  if (job->fails[part]) {
    ph_fail(status, "part %d", part);
    status->host_code = 77;
  }
  if (part == 0) return;
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  job->other_thread = !pthread_equal(pthread_self(), job->asking);
  job->takes_signals = !sigismember(&mask, SIGINT) || !sigismember(&mask, SIGUSR1);
}

static void test_parts(void **state) {
  (void)state;
  static const size_t counts[] = {0, 1, PH_SHARE, PH_SHARE + 1, 2 * PH_SHARE, 5 * PH_SHARE - 1, 100000};
  for (int helped = 0; helped <= 1; helped++)
    for (size_t at = 0; at < sizeof counts / sizeof *counts; at++) {
      test_memory memory;
      ph_status status;
      two_parts job = {.count = counts[at], .asking = pthread_self()};
      test_memory_begin(&memory, &status);
      ph_do_parts(helped != 0, add_up, &job, &status);
      int64_t count = (int64_t)counts[at];
      assert_int64_equal(job.sums[0] + job.sums[1], count * (count - 1) / 2);
      if (counts[at] >= 2 * PH_SHARE) assert_true(job.sums[1] > 0);
      assert_int64_equal(job.other_thread, helped);
      assert_true(!helped || !job.takes_signals);
      test_memory_end(&memory, &status);
    }
}

static void test_the_first_error(void **state) {
  (void)state;
  for (int helped = 0; helped <= 1; helped++)
    for (int which = 1; which <= 3; which++) {
      test_memory memory;
      ph_status status;
      two_parts job = {.fails = {which & 1, which & 2}, .asking = pthread_self()};
      test_memory_begin(&memory, &status);
      ph_do_parts(helped != 0, add_up, &job, &status);
      assert_int64_equal(status.code, PH_ERROR);
      assert_string_equal(status.message, which & 1 ? "part 0" : "part 1");
      assert_int64_equal(status.host_code, 77);
      assert_int64_equal(memory.blocks, 0);
      ph_do_parts(helped != 0, add_up, &job, &status); /* nothing is done after an error */
      assert_string_equal(status.message, which & 1 ? "part 0" : "part 1");
    }
}

/* The first part is over at once; the second goes on until it is told to stop. */
static void never_ends(void *context, int part, ph_status *status) {
  (void)context;
  while (part == 1 && ph_continue(status)) continue;
}

static bool stop_soon(void *context) {
  return --*(int *)context <= 0;
}

static void test_stopped(void **state) {
  (void)state;
  for (int helped = 0; helped <= 1; helped++) {
    test_memory memory;
    ph_status status;
    int questions = 3;
    test_memory_begin(&memory, &status);
    status.stop = stop_soon;
    status.stop_context = &questions;
    ph_do_parts(helped != 0, never_ends, NULL, &status);
    assert_int64_equal(status.code, PH_INTERRUPTED);
    assert_int64_equal(questions, 0);
    assert_int64_equal(memory.blocks, 0);
  }
}

static void fails_at_once(void *context, int part, ph_status *status) {
  (void)context;
  if (part == 0) {
    ph_fail(status, "the first part");
  } else {
    never_ends(context, part, status);
  }
}

/* An error of one thread ends the other. */
static void test_an_error_stops_the_helper(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  test_memory_begin(&memory, &status);
  ph_do_parts(true, fails_at_once, NULL, &status);
  assert_string_equal(status.message, "the first part");
  assert_int64_equal(memory.blocks, 0);
}

enum { ROUNDS = 2000, FAILS_AT = 1000 };

typedef struct ring {
  int filled[PH_RING_BLOCKS]; /* by block, the number of its round */
  atomic_int emptied;
  bool fails;
} ring;

static void empty_block(void *context, int block, ph_status *status) {
  ring *blocks = context;
  if (block != blocks->emptied % PH_RING_BLOCKS || blocks->filled[block] != blocks->emptied)
    ph_fail(status, "order");
  if (blocks->fails && blocks->emptied == FAILS_AT) ph_fail(status, "round %d", blocks->emptied);
  blocks->emptied++;
}

static void test_ring(void **state) {
  (void)state;
  for (int fails = 0; fails <= 1; fails++) {
    test_memory memory;
    ph_status status;
    ring blocks = {.fails = fails != 0};
    int round = 0;
    test_memory_begin(&memory, &status);
    ph_helper *helper = ph_helper_start(empty_block, &blocks, &status);
    assert_non_null(helper);
    for (; round < ROUNDS && !ph_failed(&status); round++) {
      blocks.filled[round % PH_RING_BLOCKS] = round;
      ph_helper_give(helper, &status);
      if (round % 100 != 99) continue;
      ph_helper_wait(helper, &status);
      if (!fails) assert_int64_equal(blocks.emptied, round + 1);
    }
    ph_helper_end(helper, &status);
    assert_int64_equal(memory.blocks, 0);
    assert_int64_equal(ph_failed(&status), fails);
    assert_int64_equal(blocks.emptied, fails ? FAILS_AT + 1 : ROUNDS);
    if (fails) assert_string_equal(status.message, "round 1000");
    if (fails) assert_in_range(round, FAILS_AT + 1, FAILS_AT + 1 + PH_RING_BLOCKS);
  }
}

/* A helper with nothing to do waits for several blocks; but after the asking thread has waited for all, the next one may be
** all there is for a while. */
static void test_the_first_block_begins_at_once(void **state) {
  (void)state;
  const struct timespec moment = {0, 1000000};
  test_memory memory;
  ph_status status;
  ring blocks = {0};
  test_memory_begin(&memory, &status);
  ph_helper *helper = ph_helper_start(empty_block, &blocks, &status);
  assert_non_null(helper);
  for (int round = 0; round < 3; round++) {
    blocks.filled[round] = round;
    ph_helper_give(helper, &status);
    for (int wait = 0; wait < 5000 && atomic_load(&blocks.emptied) == round; wait++) nanosleep(&moment, NULL);
    assert_int64_equal(atomic_load(&blocks.emptied), round + 1);
    ph_helper_wait(helper, &status);
  }
  ph_helper_end(helper, &status);
  test_memory_end(&memory, &status);
}

static void empty_slowly(void *context, int block, ph_status *status) {
  (void)context;
  (void)block;
  while (ph_continue(status)) continue;
}

/* A full ring is waited for, and the user may have enough of that. */
static void test_stopped_while_the_ring_is_full(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  int questions = 3, given = 0;
  test_memory_begin(&memory, &status);
  status.stop = stop_soon;
  status.stop_context = &questions;
  ph_helper *helper = ph_helper_start(empty_slowly, NULL, &status);
  assert_non_null(helper);
  for (; given < 2 * PH_RING_BLOCKS && !ph_failed(&status); given++) ph_helper_give(helper, &status);
  assert_int64_equal(given, PH_RING_BLOCKS);
  assert_int64_equal(status.code, PH_INTERRUPTED);
  ph_helper_end(helper, &status);
  assert_int64_equal(memory.blocks, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parts),
      cmocka_unit_test(test_the_first_error),
      cmocka_unit_test(test_stopped),
      cmocka_unit_test(test_an_error_stops_the_helper),
      cmocka_unit_test(test_ring),
      cmocka_unit_test(test_the_first_block_begins_at_once),
      cmocka_unit_test(test_stopped_while_the_ring_is_full),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
