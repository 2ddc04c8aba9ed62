/*
** What the unit tests share: an allocator that counts and can fail, comparisons of wide numbers,
** seeded draws. cmocka comes in here, behind the headers it needs.
**
** cmocka's assert_int_equal casts to unsigned long and its leak check sees malloc alone, hence our own.
*/
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include "base/status.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- numbers ---- */

#define assert_int64_equal(actual, expected)                                                                 \
  check_int64((int64_t)(actual), (int64_t)(expected), #actual, __FILE__, __LINE__)
#define assert_real_near(actual, expected, tolerance)                                                        \
  check_real(actual, expected, tolerance, #actual, __FILE__, __LINE__)
#define assert_real_equal(actual, expected) assert_real_near(actual, expected, 0)

static inline void check_int64(int64_t actual, int64_t expected, const char *what, const char *file,
                               int line) {
  if (actual == expected) return;
  print_error("%s is %lld, expected %lld\n", what, (long long)actual, (long long)expected);
  _fail(file, line);
}

/* NaN equals NaN. */
static inline void check_real(double actual, double expected, double tolerance, const char *what,
                              const char *file, int line) {
  if (isnan(actual) && isnan(expected)) return;
  if (actual == expected || fabs(actual - expected) <= tolerance) return;
  print_error("%s is %.17g, expected %.17g\n", what, actual, expected);
  _fail(file, line);
}

/* ---- memory ---- */

typedef struct test_memory {
  ph_memory memory;
  long blocks;        /* alive */
  long calls;         /* for memory, so far */
  long fail_at;       /* the call that gets none; 0: never */
  bool fail_for_ever; /* and all calls behind it */
  bool fired;
} test_memory;

static inline void *test_resize(void *context, void *block, size_t bytes) {
  test_memory *memory = context;
  long call = ++memory->calls;
  if (memory->fail_at != 0 &&
      (call == memory->fail_at || (memory->fail_for_ever && call > memory->fail_at))) {
    memory->fired = true;
    return NULL;
  }
  if (bytes > (size_t)1 << 30) return NULL; /* sanitizers take such a request for a mistake */
  void *grown = realloc(block, bytes);
  if (block == NULL && grown != NULL) memory->blocks++;
  return grown;
}

static inline void test_release(void *context, void *block) {
  if (block != NULL) ((test_memory *)context)->blocks--;
  free(block);
}

static inline void test_memory_begin(test_memory *memory, ph_status *status) {
  memset(memory, 0, sizeof *memory);
  memory->memory = (ph_memory){test_resize, test_release, memory};
  ph_status_begin(status, &memory->memory);
}

/* All memory is back and nothing went wrong. */
static inline void test_memory_end(const test_memory *memory, const ph_status *status) {
  if (ph_failed(status)) print_error("code %d: %s\n", (int)status->code, status->message);
  assert_false(ph_failed(status));
  assert_int64_equal(memory->blocks, 0);
}

/* Work whose result is a number: equal results have equal numbers. It returns all its memory. */
typedef uint64_t (*test_job)(ph_status *status);

static inline uint64_t test_undisturbed(test_job job) {
  test_memory memory;
  ph_status status;
  test_memory_begin(&memory, &status);
  uint64_t expected = job(&status);
  test_memory_end(&memory, &status);
  assert_true(memory.calls > 0);
  return expected;
}

/* The result is the same, or the status says that it was disturbed; all memory comes back. */
static inline void test_disturbed(test_job job, uint64_t expected, const test_memory *memory,
                                  ph_status *status, ph_code code) {
  uint64_t result = job(status);
  assert_int64_equal(memory->blocks, 0);
  if (ph_failed(status)) {
    assert_int64_equal(status->code, code);
  } else {
    assert_true(result == expected);
  }
}

/* Fails the N-th call for memory, once and for ever, N = 1, 2, ... until none is left to fail. */
static inline void test_short_of_memory(test_job job) {
  test_memory memory;
  ph_status status;
  uint64_t expected = test_undisturbed(job);
  for (int for_ever = 0; for_ever <= 1; for_ever++)
    for (long fail_at = 1; fail_at == 1 || memory.fired; fail_at++) {
      test_memory_begin(&memory, &status);
      memory.fail_at = fail_at;
      memory.fail_for_ever = for_ever != 0;
      test_disturbed(job, expected, &memory, &status, PH_NO_MEMORY);
      assert_true(memory.fired || !ph_failed(&status));
    }
}

static inline bool test_stop(void *context) {
  *(bool *)context = true;
  return true;
}

/* Interrupts the N-th step of all loops, N = 1, 2, ... until none is left: a status asks whether it must stop
** when its ticks reach a multiple of PH_TICKS_BETWEEN_STOPS. */
static inline void test_interrupted(test_job job) {
  test_memory memory;
  ph_status status;
  uint64_t expected = test_undisturbed(job);
  bool asked = true;
  for (uint32_t step = 1; asked && step < PH_TICKS_BETWEEN_STOPS; step++) {
    test_memory_begin(&memory, &status);
    asked = false;
    status.stop = test_stop;
    status.stop_context = &asked;
    status.ticks = PH_TICKS_BETWEEN_STOPS - step;
    test_disturbed(job, expected, &memory, &status, PH_INTERRUPTED);
    assert_true(asked == ph_failed(&status));
  }
}

/* FNV-1a: G. Fowler, L. C. Noll, K.-P. Vo. */
static inline uint64_t test_mix(uint64_t hash, const void *bytes, size_t length) {
  for (size_t at = 0; at < length; at++) hash = (hash ^ ((const unsigned char *)bytes)[at]) * 0x100000001B3u;
  return hash;
}

static inline uint64_t test_mix_number(uint64_t hash, int64_t number) {
  return test_mix(hash, &number, sizeof number);
}

enum { TEST_MIX_BEGIN = 5381 };

/* ---- seeded draws: splitmix64 ---- */

static inline uint64_t test_draw(uint64_t *seed) {
  uint64_t x = *seed += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

static inline int test_draw_below(uint64_t *seed, int limit) {
  return (int)(test_draw(seed) % (uint64_t)limit);
}

#endif
