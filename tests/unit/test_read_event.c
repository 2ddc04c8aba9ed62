/*
** Checks the two ways of a row of pipeline_event: activities taken without their old and new value first and
** all other rows whole, or every row whole. Whatever stands in the cells, the history is the same, and so is
** the first error.
*/
#include "history_fixture.h"

enum { DEALS = 300, EVENTS = 40000 };

typedef struct rows {
  bool records;     /* recorded_at has values */
  bool text_ids;    /* else integers */
  bool errors_stop; /* policy on_bad_row */
  uint64_t seed;
  char id[64], day[PH_DAY_TEXT_BYTES], recorded[PH_DAY_TEXT_BYTES];
} rows;

static ph_value text_value(const char *text) {
  return (ph_value){.type = PH_TEXT, .text = text, .length = strlen(text)};
}

/* Any cell, also one that belongs to no column. */
static ph_value odd_value(rows *at) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz";
  size_t length = (size_t)test_draw_below(&at->seed, 40);
  switch (test_draw_below(&at->seed, 6)) {
  case 0: return (ph_value){.type = PH_NULL};
  case 1: return (ph_value){.type = PH_INTEGER, .integer = (int64_t)test_draw(&at->seed)};
  case 2: return (ph_value){.type = PH_REAL, .real = 12.5, .text = "12.5", .length = 4};
  case 3: return (ph_value){.type = PH_INTEGER, .integer = 20220630};
  case 4: return (ph_value){.type = PH_BLOB, .text = letters, .length = length};
  default: return (ph_value){.type = PH_TEXT, .text = letters, .length = length};
  }
}

static ph_value id_value(rows *at, int64_t number) {
  if (!at->text_ids) return (ph_value){.type = PH_INTEGER, .integer = number};
  snprintf(at->id, sizeof at->id, number % 5 == 0 ? "an id of more bytes than a key holds: %ld" : "deal %ld",
           (long)number);
  return text_value(at->id);
}

static ph_value day_value(rows *at, char text[PH_DAY_TEXT_BYTES]) {
  ph_day_format(fixture_day("2020-01-01") + test_draw_below(&at->seed, 1000), text);
  return text_value(text);
}

static ph_value change_value(rows *at, ph_kind kind) {
  static const char *const names[] = {"A", "B", "C"};
  if (kind == PH_KIND_AMOUNT)
    return (ph_value){.type = PH_INTEGER, .integer = test_draw_below(&at->seed, 90)};
  if (kind == PH_KIND_CLOSE_DATE) return text_value("2021-03-31");
  return text_value(names[test_draw_below(&at->seed, 3)]);
}

static void draw_event(rows *at, ph_value cells[PH_EVENT_COLUMNS]) {
  int kind = (int)test_draw_below(&at->seed, PH_KIND_COUNT);
  cells[PH_EVENT_ID] = id_value(at, test_draw_below(&at->seed, DEALS + 20));
  cells[PH_EVENT_AT] = day_value(at, at->day);
  cells[PH_EVENT_KIND] = text_value(ph_kind_descriptors[kind].name);
  cells[PH_EVENT_OLD_VALUE] = change_value(at, ph_kind_of_change((ph_kind)kind));
  cells[PH_EVENT_NEW_VALUE] = change_value(at, ph_kind_of_change((ph_kind)kind));
  cells[PH_EVENT_RECORDED_AT] = at->records ? day_value(at, at->recorded) : (ph_value){.type = PH_NULL};
  if (test_draw_below(&at->seed, 50) == 0)
    cells[test_draw_below(&at->seed, PH_EVENT_COLUMNS)] = odd_value(at);
}

static void add_deals(rows *at, ph_reader *reader, ph_status *status) {
  static const char *const outcomes[] = {"open", "won", "lost"};
  for (int64_t number = 0; number < DEALS; number++) {
    ph_value cells[PH_DEAL_COLUMNS] = {{0}};
    cells[PH_DEAL_ID] = id_value(at, number);
    cells[PH_DEAL_STAGE] = text_value("A");
    cells[PH_DEAL_CREATED_AT] = day_value(at, at->day);
    cells[PH_DEAL_OUTCOME] = text_value(outcomes[number % 3]);
    ph_reader_add_deal(reader, cells, status);
  }
}

/* The history of the rows, as a number; of a failed one that of the message. */
static uint64_t read_rows(rows at, bool activities_first, int64_t *activities) {
  test_memory memory;
  ph_status status;
  ph_history history;
  test_memory_begin(&memory, &status);
  ph_reader *reader = fixture_reader(&history, &status);
  history.policy.value[PH_POLICY_ON_BAD_ROW] = at.errors_stop ? PH_ON_BAD_ROW_ERROR : PH_ON_BAD_ROW_SKIP;
  ph_reader_policy_known(reader, &status);
  add_deals(&at, reader, &status);
  ph_reader_deals_end(reader, &status);
  for (int event = 0; event < EVENTS; event++) {
    ph_value cells[PH_EVENT_COLUMNS];
    draw_event(&at, cells);
    if (activities_first && ph_reader_add_activity(reader, cells, &status)) {
      ++*activities;
    } else {
      ph_reader_add_event(reader, cells, &status);
    }
  }
  if (!ph_failed(&status)) ph_reader_finish(reader, &status);
  ph_reader_end(reader);
  assert_true(ph_failed(&status) == at.errors_stop);
  uint64_t mix = ph_failed(&status) ? test_mix(TEST_MIX_BEGIN, status.message, strlen(status.message))
                                    : mix_history(&history);
  ph_history_end(&history);
  assert_int64_equal(memory.blocks, 0);
  return mix;
}

static void test_both_ways(void **state) {
  (void)state;
  for (int choice = 0; choice < 8; choice++) {
    int64_t activities = 0;
    rows at = {.records = choice & 1, .text_ids = choice & 2, .errors_stop = choice & 4, .seed = 7};
    uint64_t whole = read_rows(at, false, &activities);
    assert_true(read_rows(at, true, &activities) == whole);
    assert_true(at.errors_stop || (activities > EVENTS / 3 && activities < EVENTS / 2));
  }
}

/* What is no usable activity is left as it was for the whole row. */
static void test_refused_rows(void **state) {
  static const char *const refused[] = {"1,2022-01-02,stage,A,B", "1,2022-01-02,gossip",
                                        ",2022-01-02,call",       "1,,call",
                                        "1,10/23/17,call",        "1,2022-01-02"};
  (void)state;
  for (size_t row = 0; row < sizeof refused / sizeof *refused; row++) {
    fixture at;
    ph_value cells[PH_RELATION_MOST_COLUMNS];
    const char *text = refused[row];
    test_memory_begin(&at.memory, &at.status);
    ph_reader *reader = fixture_reader(&at.history, &at.status);
    fixture_relation("1,,,,,A,1,2022-01-01,,,open", PH_RELATION_DEAL, reader, &at.history, &at.status);
    ph_reader_deals_end(reader, &at.status);
    fixture_row(&text, cells);
    assert_false(ph_reader_add_activity(reader, cells, &at.status));
    for (int problem = 0; problem < PH_PROBLEM_COUNT; problem++)
      assert_int64_equal(rows_of(&at, (ph_problem)problem), 0);
    ph_reader_finish(reader, &at.status);
    ph_reader_end(reader);
    assert_int64_equal(at.history.event_count, 0);
    fixture_end(&at);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_both_ways), cmocka_unit_test(test_refused_rows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
