/*
** Checks the ground floor but for days, money, sorting and statistics: errors, memory, cells,
** texts, names.
*/
#include "base/arena.h"
#include "base/bytes.h"
#include "base/decimal.h"
#include "base/intern.h"
#include "base/value.h"
#include "support.h"

/* ---- errors ---- */

static void test_first_error_wins(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  test_memory_begin(&memory, &status);
  ph_fail(&status, "%s: %d", "first", 1);
  ph_fail(&status, "second");
  ph_fail_memory(&status);
  assert_int64_equal(status.code, PH_ERROR);
  assert_string_equal(status.message, "first: 1");
  assert_null(ph_allocate(&status, 1, 1));
  assert_null(ph_allocate_zeroed(&status, 1, 1));
  assert_false(ph_continue(&status));
  test_memory_begin(&memory, &status);
  ph_fail_memory(&status);
  ph_fail(&status, "later");
  assert_int64_equal(status.code, PH_NO_MEMORY);
  assert_string_equal(status.message, "");
}

/* Messages are cut at the border of a character: e with an accent is two bytes, the euro sign three. */
static void test_messages_are_cut(void **state) {
  (void)state;
  static const char *const characters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x92\xB6"};
  for (int shift = 0; shift < 4; shift++)
    for (int kind = 0; kind < 4; kind++) {
      ph_status status;
      char text[2048] = "";
      size_t length = strlen(characters[kind]);
      for (int blank = 0; blank < shift; blank++) strcat(text, " ");
      while (strlen(text) < sizeof status.message + 100) strcat(text, characters[kind]);
      ph_status_begin(&status, NULL);
      ph_fail(&status, "%s", text);
      size_t kept = strlen(status.message);
      assert_memory_equal(status.message, text, kept);
      assert_int64_equal((kept - (size_t)shift) % length, 0);
      assert_true(kept < sizeof status.message && kept + 2 * length >= sizeof status.message);
    }
}

typedef struct asked {
  int times, stop_at;
} asked;

static bool stop(void *context) {
  asked *count = context;
  return ++count->times == count->stop_at;
}

static void test_interrupts(void **state) {
  (void)state;
  ph_status status;
  asked count = {0, 3};
  long steps = 0;
  ph_status_begin(&status, NULL);
  while (steps < 100000 && ph_continue(&status)) steps++;
  assert_int64_equal(steps, 100000); /* nobody to ask */
  ph_status_begin(&status, NULL);
  status.stop = stop;
  status.stop_context = &count;
  steps = 0;
  while (ph_continue(&status)) steps++;
  assert_int64_equal(steps, 3 * PH_TICKS_BETWEEN_STOPS - 1);
  assert_int64_equal(status.code, PH_INTERRUPTED);
  assert_false(ph_continue(&status));
  assert_int64_equal(count.times, 3);
}

/* ---- memory ---- */

static void test_memory_that_is_too_much(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  test_memory_begin(&memory, &status);
  assert_null(ph_allocate(&status, SIZE_MAX / 2, 3));
  assert_int64_equal(status.code, PH_NO_MEMORY);
  assert_int64_equal(memory.calls, 0);
  test_memory_begin(&memory, &status);
  void *nothing = ph_allocate(&status, 0, 8), *no_size = ph_allocate_zeroed(&status, 5, 0);
  assert_non_null(nothing);
  assert_non_null(no_size);
  ph_release(&memory.memory, nothing);
  ph_release(&memory.memory, no_size);
  ph_release(&memory.memory, NULL);
  test_memory_end(&memory, &status);
}

static void test_reserve(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  test_memory_begin(&memory, &status);
  int *numbers = NULL;
  size_t capacity = 0;
  for (int at = 0; at < 1000; at++) {
    assert_true(ph_reserve(&status, (void **)&numbers, &capacity, (size_t)at + 1, sizeof *numbers));
    assert_true(capacity > (size_t)at);
    numbers[at] = at;
  }
  for (int at = 0; at < 1000; at++) assert_int64_equal(numbers[at], at);
  assert_true(memory.calls < 20);
  assert_true(ph_reserve(&status, (void **)&numbers, &capacity, 100000, sizeof *numbers));
  assert_int64_equal(capacity, 100000);
  memory.fail_at = memory.calls + 1;
  assert_false(ph_reserve(&status, (void **)&numbers, &capacity, 200000, sizeof *numbers));
  assert_int64_equal(numbers[999], 999); /* as it was */
  assert_int64_equal(capacity, 100000);
  assert_int64_equal(status.code, PH_NO_MEMORY);
  assert_false(ph_reserve(&status, (void **)&numbers, &capacity, 1, sizeof *numbers));
  ph_release(&memory.memory, numbers);
  assert_int64_equal(memory.blocks, 0);
}

/* ---- cells ---- */

static ph_value text_value(const char *text) {
  return (ph_value){.type = PH_TEXT, .text = text, .length = strlen(text)};
}

static void test_cells_as_numbers(void **state) {
  (void)state;
  static const struct {
    ph_value value;
    bool good;
    int64_t integer;
  } cells[] = {
      {{.type = PH_INTEGER, .integer = INT64_MIN}, true, INT64_MIN},
      {{.type = PH_REAL, .real = 30.0}, true, 30},
      {{.type = PH_REAL, .real = 30.5}, false, 0},
      {{.type = PH_REAL, .real = 9007199254740991.0}, true, 9007199254740991},
      {{.type = PH_REAL, .real = 9007199254740992.0}, false, 0},
      {{.type = PH_REAL, .real = -9007199254740992.0}, false, 0},
      {{.type = PH_REAL, .real = NAN}, false, 0},
      {{.type = PH_TEXT, .text = "30", .length = 2}, true, 30},
      {{.type = PH_TEXT, .text = "-3.0e1", .length = 6}, true, -30},
      {{.type = PH_TEXT, .text = "3 0", .length = 3}, false, 0},
      {{.type = PH_TEXT, .text = "", .length = 0}, false, 0},
      {{.type = PH_BLOB, .text = "30", .length = 2}, false, 0},
      {{.type = PH_NULL}, false, 0},
  };
  for (size_t at = 0; at < sizeof cells / sizeof *cells; at++) {
    int64_t integer = 0;
    if (ph_value_to_integer(&cells[at].value, &integer) != cells[at].good || integer != cells[at].integer)
      fail_msg("cell %zu is %lld", at, (long long)integer);
  }
  ph_value cell = {.type = PH_INTEGER, .integer = 3}, text = text_value("2.5"), blob = {.type = PH_BLOB};
  double real;
  assert_true(ph_value_to_real(&cell, &real) && real == 3);
  assert_true(ph_value_to_real(&text, &real) && real == 2.5);
  assert_false(ph_value_to_real(&blob, &real));
  int64_t units;
  assert_true(ph_value_to_money(&cell, &units) && units == 30000);
  assert_true(ph_value_to_money(&text, &units) && units == 25000);
  cell = (ph_value){.type = PH_REAL, .real = -0.25};
  assert_true(ph_value_to_money(&cell, &units) && units == -2500);
  assert_false(ph_value_to_money(&blob, &units));
}

static void check_shown(const ph_value *value, const char *expected) {
  char shown[PH_VALUE_SHOWN_BYTES];
  assert_string_equal(ph_value_show(value, shown), expected);
}

static void test_cells_in_messages(void **state) {
  (void)state;
  ph_value value = {.type = PH_NULL}, text = text_value("it's");
  check_shown(&value, "NULL");
  check_shown(&text, "'it's'");
  value = (ph_value){.type = PH_INTEGER, .integer = INT64_MIN};
  check_shown(&value, "-9223372036854775808");
  value = (ph_value){.type = PH_REAL, .real = 0.1};
  check_shown(&value, "0.1");
  value = (ph_value){.type = PH_BLOB, .text = "xyz", .length = 3};
  check_shown(&value, "a blob of 3 bytes");
  value = (ph_value){.type = PH_TEXT, .text = "day\0x", .length = 5};
  check_shown(&value, "'day\\0...'");
  char longest[61] = "", longer[80] = "", expected[96];
  for (int at = 0; at < 60; at++) strcat(longest, "x");
  text = text_value(longest);
  snprintf(expected, sizeof expected, "'%s'", longest);
  check_shown(&text, expected);
  for (int at = 0; at < 59; at++) strcat(longer, "x");
  strcat(longer, "\xC3\xA9yz"); /* its second byte would be the 61st */
  text = text_value(longer);
  snprintf(expected, sizeof expected, "'%.59s...'", longer);
  check_shown(&text, expected);
}

static void test_missing_cells_and_cases(void **state) {
  (void)state;
  ph_value null = {.type = PH_NULL}, empty = text_value(""), blank = text_value(" "),
           blob = {.type = PH_BLOB};
  assert_true(ph_value_is_missing(&null));
  assert_true(ph_value_is_missing(&empty));
  assert_false(ph_value_is_missing(&blank));
  assert_true(ph_value_is_missing(&blob));
  assert_true(ph_text_equals_any_case("OpEn", 4, "open"));
  assert_false(ph_text_equals_any_case("open", 3, "open"));
  assert_false(ph_text_equals_any_case("opens", 5, "open"));
  assert_false(ph_text_equals_any_case("0pen", 4, "open"));
  assert_false(ph_text_equals_any_case("\xC3\x84", 2, "\xC3\xA4")); /* letters of ASCII alone */
  assert_false(ph_text_equals_any_case("[", 1, "{"));
}

/* ---- texts and names ---- */

static void test_arena(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  test_memory_begin(&memory, &status);
  ph_arena arena;
  static char large[3 << 20];
  const char *copies[3000];
  memset(large, 'l', sizeof large - 1);
  ph_arena_begin(&arena, &memory.memory);
  char text[32];
  for (int at = 0; at < 3000; at++) {
    int length = snprintf(text, sizeof text, "text %d", at);
    copies[at] = ph_arena_copy(&arena, text, (size_t)length, &status);
    if (at % 1000 == 500) assert_string_equal(ph_arena_copy(&arena, large, sizeof large - 1, &status), large);
  }
  assert_string_equal(ph_arena_copy(&arena, NULL, 0, &status), "");
  for (int at = 0; at < 3000; at++) {
    snprintf(text, sizeof text, "text %d", at);
    assert_string_equal(copies[at], text);
  }
  assert_true(memory.calls < 20);
  assert_null(ph_arena_copy(&arena, text, SIZE_MAX - 20, &status));
  assert_int64_equal(status.code, PH_NO_MEMORY);
  assert_null(ph_arena_copy(&arena, text, 1, &status));
  ph_arena_end(&arena);
  assert_int64_equal(memory.blocks, 0);
}

static uint32_t intern_number(ph_interner *names, int number, ph_status *status) {
  char text[64];
  int length = snprintf(text, sizeof text, number % 3 == 0 ? "%d" : "a longer name, number %d", number);
  return ph_intern(names, text, (size_t)length, status);
}

static void test_integers_as_text(void **state) {
  (void)state;
  static const int64_t some[] = {0, 1, 9, 10, 99, 100, 1234567890, INT64_MAX, -1, -10, -987654321, INT64_MIN};
  char written[PH_INTEGER_TEXT_BYTES], expected[PH_INTEGER_TEXT_BYTES];
  for (size_t at = 0; at < sizeof some / sizeof *some; at++) {
    size_t length = (size_t)snprintf(expected, sizeof expected, "%lld", (long long)some[at]);
    assert_int64_equal(ph_integer_write(some[at], written), length);
    assert_string_equal(written, expected);
  }
}

/* Runs of every length, the same and with one byte changed; what stands around them does not matter. */
static void test_same_bytes(void **state) {
  (void)state;
  enum { LONGEST = 40 };
  char left[LONGEST + 2], right[LONGEST + 2];
  for (size_t length = 0; length <= LONGEST; length++) {
    memset(left, 'l', sizeof left);
    memset(right, 'r', sizeof right);
    for (size_t at = 0; at < length; at++) left[at + 1] = right[at + 1] = (char)('A' + at);
    assert_true(ph_same_bytes(left + 1, right + 1, length));
    for (size_t at = 0; at < length; at++) {
      right[at + 1] ^= 1;
      assert_false(ph_same_bytes(left + 1, right + 1, length));
      right[at + 1] ^= 1;
    }
  }
}

static void test_names(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  test_memory_begin(&memory, &status);
  ph_interner names;
  ph_interner_begin(&names, &status);
  assert_int64_equal(ph_interned(&names, "nobody", 6), 0);
  for (int at = 0; at < 5000; at++) assert_int64_equal(intern_number(&names, at, &status), at + 1);
  for (int at = 4999; at >= 0; at--) assert_int64_equal(intern_number(&names, at, &status), at + 1);
  assert_int64_equal(names.count, 5001);
  assert_int64_equal(ph_interned(&names, "3", 1), 4);
  assert_int64_equal(ph_interned(&names, "3\0", 2), 0);
  uint32_t with_zero = ph_intern(&names, "3\0", 2, &status);
  assert_int64_equal(with_zero, 5001);
  assert_int64_equal(names.names[with_zero].length, 2);
  ph_interner_end(&names, &memory.memory);
  test_memory_end(&memory, &status);
}

static void test_order_of_names(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  test_memory_begin(&memory, &status);
  ph_interner names;
  ph_interner_begin(&names, &status);
  static const char *const ascending[] = {"", "A", "AB", "B", "a", "\xC3\xA9", "\xFF"};
  uint32_t numbers[7];
  for (int at = 6; at >= 0; at--)
    numbers[at] = ph_intern(&names, ascending[at], strlen(ascending[at]), &status);
  for (int left = 0; left < 7; left++) {
    assert_true(ph_name_compare(&names, 0, numbers[left]) < 0);
    assert_true(ph_name_compare(&names, numbers[left], 0) > 0);
    for (int right = 0; right < 7; right++) {
      int order = ph_name_compare(&names, numbers[left], numbers[right]);
      assert_int64_equal((order > 0) - (order < 0), (left > right) - (left < right));
    }
  }
  assert_int64_equal(ph_name_compare(&names, 0, 0), 0);
  ph_interner_end(&names, &memory.memory);
  test_memory_end(&memory, &status);
}

static uint64_t intern_many(ph_status *status) {
  ph_interner names;
  uint64_t result = TEST_MIX_BEGIN;
  ph_interner_begin(&names, status);
  for (int at = 0; at < 400; at++) result = test_mix_number(result, intern_number(&names, at % 300, status));
  ph_interner_end(&names, status->memory);
  return result;
}

static void test_names_short_of_memory(void **state) {
  (void)state;
  test_short_of_memory(intern_many);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_first_error_wins),
      cmocka_unit_test(test_messages_are_cut),
      cmocka_unit_test(test_interrupts),
      cmocka_unit_test(test_memory_that_is_too_much),
      cmocka_unit_test(test_reserve),
      cmocka_unit_test(test_cells_as_numbers),
      cmocka_unit_test(test_cells_in_messages),
      cmocka_unit_test(test_missing_cells_and_cases),
      cmocka_unit_test(test_arena),
      cmocka_unit_test(test_integers_as_text),
      cmocka_unit_test(test_same_bytes),
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_order_of_names),
      cmocka_unit_test(test_names_short_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
