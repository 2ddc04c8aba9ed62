/*
** Checks the way from the rows of a source to the reader: with a helper and without one the history is the
** same, whatever stands in the cells, and so is the first error.
*/
#include "history/feed.h"
#include "told_history.h"

enum { DEALS = PH_ROWS_ALONE + 8000, EVENTS = 2 * PH_ROWS_ALONE + 60000, LONG_TEXT = 300000 };

/* What a source may hold, and may not. */
typedef struct source {
  bool records, text_ids, errors_stop;
  bool repeats_a_deal, has_no_events;
  int64_t bad_event; /* the only one; -1: many are odd */
  uint64_t seed;
  char text[64], *long_text;
} source;

static ph_value text_value(const char *text) {
  return (ph_value){.type = PH_TEXT, .text = text, .length = strlen(text)};
}

/* Any cell: also what belongs to no column. A REAL may bring its text. */
static ph_value odd_value(source *at, int kind) {
  static char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz";
  ph_value cell = {.type = PH_BLOB, .text = letters, .length = (size_t)test_draw_below(&at->seed, 40)};
  switch (kind) {
  case 0: return (ph_value){.type = PH_NULL};
  case 1: return (ph_value){.type = PH_INTEGER, .integer = (int64_t)test_draw(&at->seed)};
  case 2:
    return (ph_value){
        .type = PH_REAL, .real = test_draw_below(&at->seed, 1000) / 8.0, .text = "12.5", .length = 4};
  case 3:
    return (ph_value){
        .type = PH_REAL, .real = 19000 + test_draw_below(&at->seed, 4000), .text = "20000", .length = 5};
  case 4: return cell;
  default: cell.type = PH_TEXT; return cell;
  }
}

static ph_value id_value(source *at, int64_t number) {
  if (!at->text_ids) return (ph_value){.type = PH_INTEGER, .integer = number};
  snprintf(at->text, sizeof at->text,
           number % 5 == 0 ? "a text of many bytes, as an id may be: %ld" : "deal %ld", (long)number);
  return text_value(at->text);
}

static bool is_odd(source *at) {
  return at->bad_event < 0 && test_draw_below(&at->seed, 50) == 0;
}

static const char *day_text(source *at, char text[PH_DAY_TEXT_BYTES]) {
  ph_day_format(story_day("2020-01-01") + test_draw_below(&at->seed, 1000), text);
  return text;
}

static void feed_deals(source *at, ph_feed *feed, ph_status *status) {
  static const char *const outcomes[] = {"open", "won", "lost"};
  static const char *const stages[] = {"A", "B", "C"};
  ph_feed_open(feed, PH_RELATION_DEAL);
  for (int64_t deal = 0; deal < DEALS && !ph_failed(status); deal++) {
    char created[PH_DAY_TEXT_BYTES], closed[PH_DAY_TEXT_BYTES];
    ph_value cells[PH_DEAL_COLUMNS] = {[PH_DEAL_ID] =
                                           id_value(at, at->repeats_a_deal && deal == DEALS - 1 ? 1 : deal)};
    cells[PH_DEAL_NAME] = text_value("a name");
    cells[PH_DEAL_OWNER] = (ph_value){.type = PH_INTEGER, .integer = deal % 7};
    cells[PH_DEAL_STAGE] = text_value(stages[deal % 3]);
    cells[PH_DEAL_AMOUNT] = (ph_value){.type = PH_REAL, .real = (double)deal / 4};
    cells[PH_DEAL_CREATED_AT] = text_value(day_text(at, created));
    cells[PH_DEAL_CLOSED_AT] = text_value(day_text(at, closed));
    cells[PH_DEAL_OUTCOME] = text_value(outcomes[deal % 3]);
    if (deal == DEALS - 2000)
      cells[PH_DEAL_NAME] = (ph_value){.type = PH_TEXT, .text = at->long_text, .length = LONG_TEXT};
    if (is_odd(at))
      cells[test_draw_below(&at->seed, PH_DEAL_COLUMNS)] = odd_value(at, test_draw_below(&at->seed, 6));
    ph_feed_deal(feed, cells, status);
  }
  ph_feed_wait(feed, status);
}

static void feed_event(source *at, ph_feed *feed, int64_t event, ph_status *status) {
  /* any value is good for the first ones */
  static const char *const kinds[] = {"stage", "owner", "meeting",    "commitment", "reply",  "MEETING",
                                      "email", "note",  "task",       "call",       "amount", "commitments",
                                      "x",     "me",    "close_date", "stagecoach"};
  char day[PH_DAY_TEXT_BYTES], recorded[PH_DAY_TEXT_BYTES];
  ph_value cells[PH_EVENT_COLUMNS];
  int odd = is_odd(at) ? test_draw_below(&at->seed, PH_EVENT_COLUMNS) : PH_EVENT_COLUMNS;
  int kinds_used = at->bad_event < 0 ? 16 : 10;
  cells[PH_EVENT_ID] = id_value(at, test_draw_below(&at->seed, at->bad_event < 0 ? DEALS + 9 : DEALS));
  cells[PH_EVENT_AT] = text_value(day_text(at, day));
  cells[PH_EVENT_KIND] =
      text_value(event == at->bad_event ? "gossip" : kinds[test_draw_below(&at->seed, kinds_used)]);
  if (odd < PH_EVENT_OLD_VALUE) cells[odd] = odd_value(at, test_draw_below(&at->seed, 6));
  ph_event_use use = ph_feed_event_head(feed, cells, status);
  ph_value before = text_value(day_text(at, recorded)), after = odd_value(at, test_draw_below(&at->seed, 6));
  if (use == PH_EVENT_UNUSABLE) return;
  at->text[0] = '!'; /* the text of the head is gone by now */
  cells[PH_EVENT_OLD_VALUE] = cells[PH_EVENT_RECORDED_AT] = before;
  cells[PH_EVENT_NEW_VALUE] = after;
  if (odd == PH_EVENT_RECORDED_AT) cells[odd] = after;
  ph_feed_event_rest(feed, cells, status);
}

static void feed_events(source *at, ph_feed *feed, ph_status *status) {
  ph_feed_open(feed, PH_RELATION_EVENT);
  for (int64_t event = 0; event < EVENTS && !at->has_no_events && !ph_failed(status); event++)
    feed_event(at, feed, event, status);
  ph_feed_wait(feed, status);
}

/* Reads the source; the status may fail. Returns whether a helper was there. */
static bool read_source(source at, bool helped, ph_history *history, ph_status *status) {
  ph_reader *reader = ph_reader_begin(history, status);
  ph_feed feed;
  if (reader == NULL) return false;
  history->may_be_helped = helped;
  history->policy.value[PH_POLICY_ON_BAD_ROW] = at.errors_stop ? PH_ON_BAD_ROW_ERROR : PH_ON_BAD_ROW_SKIP;
  ph_feed_begin(&feed, reader, helped, at.records);
  ph_reader_policy_known(reader);
  at.long_text = malloc(LONG_TEXT);
  if (at.long_text == NULL) fail_msg("no memory");
  memset(at.long_text, 'n', LONG_TEXT);
  feed_deals(&at, &feed, status);
  ph_feed_deals_end(&feed, status);
  if (!ph_failed(status)) feed_events(&at, &feed, status);
  ph_feed_close(&feed, status);
  if (!ph_failed(status)) ph_reader_finish(reader, status);
  bool packed = feed.blocks[0].bytes != NULL;
  ph_feed_end(&feed, status->memory);
  ph_reader_end(reader);
  free(at.long_text);
  return packed;
}

static void test_the_same_history(void **state) {
  (void)state;
  for (unsigned variant = 0; variant < 4; variant++) {
    source sources = {.records = variant & 1, .text_ids = variant & 2, .bad_event = -1, .seed = variant + 1};
    uint64_t mixes[2];
    for (int helped = 0; helped <= 1; helped++) {
      told at;
      test_memory_begin(&at.memory, &at.status);
      assert_int64_equal(read_source(sources, helped != 0, &at.history, &at.status), helped);
      assert_true(at.history.deal_count > DEALS / 2 && at.history.event_count > EVENTS / 2);
      assert_true(rows_of(&at, PH_EVENT_DEAL_UNKNOWN) > 0 && rows_of(&at, PH_EVENT_KIND_UNKNOWN) > 0);
      mixes[helped] = mix_history(&at.history);
      for (uint32_t name = 1; name < at.history.names.count; name++)
        mixes[helped] =
            test_mix(mixes[helped], at.history.names.names[name].text, at.history.names.names[name].length);
      for (int kind = 0; kind < PH_KIND_COUNT; kind++)
        mixes[helped] = test_mix_number(mixes[helped], at.history.kind_rows[kind]);
      for (size_t deal = 0; deal < at.history.deal_count; deal++)
        mixes[helped] = test_mix_number(mixes[helped], at.history.deals[deal].name_length);
      mixes[helped] = test_mix_number(mixes[helped], at.history.first_created);
      mixes[helped] = test_mix_number(mixes[helped], at.history.last_known);
      mixes[helped] = test_mix_number(mixes[helped], at.history.first_meeting);
      mixes[helped] = test_mix_number(mixes[helped], at.history.excluded_deals);
      end(&at);
    }
    assert_true(mixes[0] == mixes[1]);
  }
}

/* The error of a source says this, with a helper and without one. */
static void assert_error(source sources, const char *part) {
  for (int helped = 0; helped <= 1; helped++) {
    told at;
    test_memory_begin(&at.memory, &at.status);
    read_source(sources, helped != 0, &at.history, &at.status);
    assert_int64_equal(at.status.code, PH_ERROR);
    if (strstr(at.status.message, part) == NULL)
      fail_msg("event %ld: %s", (long)sources.bad_event, at.status.message);
    ph_history_end(&at.history);
    assert_int64_equal(at.memory.blocks, 0);
  }
}

/* The helper finds the row some blocks later, or at the end: the error is that of the row. */
static void test_the_same_error(void **state) {
  (void)state;
  static const int64_t bad_events[] = {0, PH_ROWS_ALONE, PH_ROWS_ALONE + 1, EVENTS / 2, EVENTS - 1};
  for (size_t bad = 0; bad < sizeof bad_events / sizeof *bad_events; bad++)
    assert_error((source){.errors_stop = true, .bad_event = bad_events[bad], .seed = 7}, "gossip");
}

/* A deal that is there twice is found when all are read, with a helper while events come: it comes before what is wrong
** with them, and shows where there are none. */
static void test_the_error_of_deals_comes_first(void **state) {
  (void)state;
  source sources = {.errors_stop = true, .repeats_a_deal = true, .bad_event = 0, .seed = 8};
  assert_error(sources, "duplicate deal_id");
  sources.bad_event = EVENTS - 1;
  assert_error(sources, "duplicate deal_id");
  sources.has_no_events = true;
  assert_error(sources, "duplicate deal_id");
}

/* Memory runs out at some call, in one thread or the other. */
static void test_short_of_memory_with_a_helper(void **state) {
  (void)state;
  source sources = {.records = true, .text_ids = true, .bad_event = -1, .seed = 3};
  told at;
  test_memory_begin(&at.memory, &at.status);
  read_source(sources, true, &at.history, &at.status);
  long calls = at.memory.calls;
  end(&at);
  for (long fail_at = 1; fail_at < calls; fail_at += calls / 40 + 1) {
    test_memory_begin(&at.memory, &at.status);
    at.memory.fail_at = fail_at;
    at.memory.fail_for_ever = fail_at % 2 == 0;
    read_source(sources, true, &at.history, &at.status);
    assert_int64_equal(at.status.code, PH_NO_MEMORY);
    ph_history_end(&at.history);
    assert_int64_equal(at.memory.blocks, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_same_history),
      cmocka_unit_test(test_the_same_error),
      cmocka_unit_test(test_the_error_of_deals_comes_first),
      cmocka_unit_test(test_short_of_memory_with_a_helper),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
