/*
** Checks the indexes by day: on every day of seeded random histories, in every scope, they agree
** with a walk over all deals.
*/
#include "timeline/day_index.h"
#include "base/money.h"
#include "story.h"

enum { COLUMNS = 4, MOST_ROWS = 60, ROW_BYTES = 96 };

/* Deals, reasons, and money as two columns. */
static void contribute(int64_t *row, const ph_span *span, int64_t sign) {
  ph_money_sum sum = {0, 0};
  ph_money_add(&sum, span->amount);
  row[0] += sign;
  row[1] += sign * (span->verdict * 1000 + span->reasons);
  row[2] += sign * sum.high;
  row[3] += sign * sum.low;
}

/* Buckets by verdict; the last verdict is left out. */
static size_t by_verdict(const void *context, const ph_span *span) {
  (void)context;
  return span->verdict;
}

/* ---- random histories ---- */

typedef struct draft {
  char deals[MOST_ROWS * ROW_BYTES], events[MOST_ROWS * 4 * ROW_BYTES];
} draft;

static const char *draw_day(uint64_t *seed, char text[PH_DAY_TEXT_BYTES]) {
  ph_day_format(story_day("2022-01-01") + test_draw_below(seed, 300), text);
  return text;
}

static void draw_deal(draft *drawn, int id, uint64_t *seed) {
  static const char *const owners[] = {"ann", "bob", "", "cy"}, *const stages[] = {"A", "B", "C", ""};
  static const char *const pipelines[] = {"", "new"}, *const outcomes[] = {"open", "open", "won", "lost"};
  char created[PH_DAY_TEXT_BYTES], close_date[PH_DAY_TEXT_BYTES], closed_at[PH_DAY_TEXT_BYTES];
  const char *outcome = outcomes[test_draw_below(seed, 4)];
  sprintf(drawn->deals + strlen(drawn->deals), "%d,,%s,%s,%s,%s,%d,%s,%s,%s,%s\n", id,
          owners[test_draw_below(seed, 4)], owners[test_draw_below(seed, 4)],
          pipelines[test_draw_below(seed, 2)], stages[test_draw_below(seed, 4)],
          test_draw_below(seed, 2000) - 500, draw_day(seed, created),
          test_draw(seed) % 3 == 0 ? "" : draw_day(seed, close_date),
          test_draw(seed) % 4 == 0 ? "" : draw_day(seed, closed_at), outcome);
}

static void draw_event(draft *drawn, int deals, uint64_t *seed) {
  static const char *const owners[] = {"ann", "bob", ""}, *const stages[] = {"A", "B", "C", "X"};
  char at[PH_DAY_TEXT_BYTES], value[PH_DAY_TEXT_BYTES];
  int id = 1 + test_draw_below(seed, deals), kind = test_draw_below(seed, 8);
  char *end = drawn->events + strlen(drawn->events);
  draw_day(seed, at);
  switch (kind) {
  case 0:
    sprintf(end, "%d,%s,stage,%s,%s\n", id, at, stages[test_draw_below(seed, 4)],
            stages[test_draw_below(seed, 4)]);
    break;
  case 1: sprintf(end, "%d,%s,amount,,%d\n", id, at, test_draw_below(seed, 1000)); break;
  case 2: sprintf(end, "%d,%s,owner,,%s\n", id, at, owners[test_draw_below(seed, 3)]); break;
  case 3: sprintf(end, "%d,%s,close_date,,%s\n", id, at, draw_day(seed, value)); break;
  default:
    sprintf(end, "%d,%s,%s,,,%s\n", id, at,
            (const char *[]){"meeting", "commitment", "reply", "call"}[kind - 4],
            test_draw(seed) % 2 == 0 ? "" : draw_day(seed, value));
    break;
  }
}

static void draw_story(draft *drawn, story *told, uint64_t *seed) {
  int deals = 1 + test_draw_below(seed, 12), events = test_draw_below(seed, 60);
  drawn->deals[0] = drawn->events[0] = 0;
  for (int id = 1; id <= deals; id++) draw_deal(drawn, id, seed);
  for (int event = 0; event < events; event++) draw_event(drawn, deals, seed);
  strcat(drawn->deals, "left out,,,,,A,1,2020-01-01,,,won"); /* no day tells when it was closed */
  *told = (story){
      .policy = "idle_days,20\nuntouched_days,40\nghost_touches,2\nmax_pushes,1\nsecond_meeting_days,15",
      .stages = "A,1\nB,2,,10\nB,1,new\nC,3",
      .deals = drawn->deals,
      .events = drawn->events};
}

/* ---- the walk ---- */

typedef struct subject {
  ph_history history;
  ph_rules rules;
  ph_timeline timeline;
} subject;

static void subject_begin(subject *at, const story *told, ph_status *status) {
  at->rules = (ph_rules){0};
  at->timeline = (ph_timeline){0};
  story_tell(told, &at->history, status);
  if (!ph_failed(status)) ph_rules_begin(&at->rules, &at->history, status);
  if (!ph_failed(status)) ph_timeline_begin(&at->timeline, at->rules.history, status);
}

static void subject_end(subject *at) {
  ph_timeline_end(&at->timeline);
  ph_rules_end(&at->rules);
  ph_history_end(&at->history);
}

/* What all deals of a group contribute on a day, one after the other. */
static void walk(subject *at, ph_scope scope, uint32_t group, int verdict, ph_day day, int64_t *row) {
  for (size_t index = 0; index < at->history.deal_count; index++) {
    const ph_deal *deal = &at->history.deals[index];
    ph_deal_state state;
    if (!ph_deal_is_open(deal, day)) continue;
    ph_deal_state_on(&at->rules, index, day, &state);
    ph_span span = ph_deal_judge(&at->rules, deal, &state, day);
    if (ph_group_of(scope, deal, state.owner, state.stage) != group) continue;
    if (verdict < 0 || span.verdict == verdict) contribute(row, &span, 1);
  }
}

static void check_day(subject *at, const ph_day_index *index, ph_scope scope, bool buckets, ph_day day) {
  for (uint32_t name = 0; name < at->history.names.count; name++) {
    size_t place = ph_day_index_group(index, name);
    for (int bucket = 0; bucket < (buckets ? PH_VERDICT_COUNT - 1 : 1); bucket++) {
      int64_t expected[COLUMNS] = {0}, found[COLUMNS] = {0};
      walk(at, scope, name, buckets ? bucket : -1, day, expected);
      if (place < index->group_count) ph_day_index_add(index, place, (size_t)bucket, day, found);
      assert_memory_equal(found, expected, sizeof expected);
    }
  }
}

static void check_groups(const subject *at, const ph_day_index *index) {
  for (size_t place = 0; place < index->group_count; place++) {
    assert_int64_equal(ph_day_index_group(index, index->groups[place]), place);
    if (place > 0)
      assert_true(ph_name_compare(&at->history.names, index->groups[place - 1], index->groups[place]) < 0);
  }
  assert_int64_equal(ph_day_index_group(index, at->history.names.count + 5), index->group_count);
}

static void check_days(subject *at, const ph_day_index *index, ph_scope scope, bool buckets) {
  check_groups(at, index);
  for (ph_day day = story_day("2021-12-30"); day < story_day("2023-03-01"); day += 1 + day % 3)
    check_day(at, index, scope, buckets, day);
  check_day(at, index, scope, buckets, index->last_day);
  check_day(at, index, scope, buckets, 0);
}

static void test_index_agrees_with_a_walk(void **state) {
  (void)state;
  static draft drawn;
  uint64_t seed = 1;
  for (int round = 0; round < 12; round++) {
    test_memory memory;
    ph_status status;
    story told;
    subject at;
    draw_story(&drawn, &told, &seed);
    test_memory_begin(&memory, &status);
    subject_begin(&at, &told, &status);
    for (int scope = 0; scope < PH_SCOPE_COUNT; scope++) {
      ph_day_index index;
      ph_day_index_plan plan = {(ph_scope)scope, COLUMNS, contribute, 1, NULL, NULL};
      ph_day_index_begin(&index, &at.timeline, &plan, &status);
      check_days(&at, &index, (ph_scope)scope, false);
      ph_day_index_end(&index);
      plan.bucket = by_verdict;
      plan.bucket_count = PH_VERDICT_COUNT - 1;
      ph_day_index_begin(&index, &at.timeline, &plan, &status);
      check_days(&at, &index, (ph_scope)scope, true);
      ph_day_index_end(&index);
      plan.bucket = NULL;
      plan.bucket_count = 1;
      if (ph_day_index_begin_walking(&index, at.rules.history, &plan, &status))
        check_days(&at, &index, (ph_scope)scope, false);
      ph_day_index_end(&index);
    }
    subject_end(&at);
    test_memory_end(&memory, &status);
  }
}

/* Spans agree with the judgement of each day. */
static void test_spans_agree_with_a_walk(void **state) {
  (void)state;
  static draft drawn;
  uint64_t seed = 2;
  for (int round = 0; round < 40; round++) {
    test_memory memory;
    ph_status status;
    story told;
    subject at;
    draw_story(&drawn, &told, &seed);
    test_memory_begin(&memory, &status);
    subject_begin(&at, &told, &status);
    for (size_t deal = 0; deal < at.history.deal_count; deal++)
      for (ph_day day = story_day("2021-12-30"); day < story_day("2023-03-01"); day++) {
        const ph_span *span = ph_timeline_span(&at.timeline, deal, day);
        ph_deal_state on;
        if (!ph_deal_is_open(&at.history.deals[deal], day)) {
          assert_null(span);
          continue;
        }
        ph_deal_state_on(&at.rules, deal, day, &on);
        ph_span judged = ph_deal_judge(&at.rules, &at.history.deals[deal], &on, day);
        assert_true(span->verdict == judged.verdict && span->reasons == judged.reasons &&
                    span->stage == judged.stage && span->owner == judged.owner &&
                    span->amount == judged.amount && span->close_date == judged.close_date);
      }
    subject_end(&at);
    test_memory_end(&memory, &status);
  }
}

/* stalls_on is the first day on which the frozen state is judged stalled or dead. */
static void test_stalls_on_agrees_with_a_walk(void **state) {
  (void)state;
  static draft drawn;
  uint64_t seed = 3;
  for (int round = 0; round < 40; round++) {
    test_memory memory;
    ph_status status;
    story told;
    subject at;
    draw_story(&drawn, &told, &seed);
    test_memory_begin(&memory, &status);
    subject_begin(&at, &told, &status);
    for (size_t index = 0; index < at.history.deal_count; index++) {
      const ph_deal *deal = &at.history.deals[index];
      ph_day day = deal->created + test_draw_below(&seed, 60);
      ph_deal_state on;
      if (at.history.first_meeting > day || !ph_deal_is_open(deal, day)) continue;
      ph_deal_state_on(&at.rules, index, day, &on);
      if (ph_verdict_is_stalled(ph_deal_judge(&at.rules, deal, &on, day).verdict)) continue;
      ph_day stalled = day;
      while (!ph_verdict_is_stalled(ph_deal_judge(&at.rules, deal, &on, stalled).verdict)) stalled++;
      assert_int64_equal(ph_deal_stalls_on(&at.rules, deal, &on, day), stalled);
    }
    subject_end(&at);
    test_memory_end(&memory, &status);
  }
}

/* ---- edges ---- */

static void test_nothing_to_index(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  subject at;
  ph_day_index index;
  ph_day_index_plan plan = {PH_SCOPE_OWNER, COLUMNS, contribute, 1, NULL, NULL};
  test_memory_begin(&memory, &status);
  subject_begin(&at, &(story){.deals = "1,,,,,A,1,2022-01-01,,2022-01-01,won"}, &status);
  ph_day_index_begin(&index, &at.timeline, &plan, &status);
  assert_int64_equal(index.group_count, 0);
  assert_int64_equal(ph_day_index_group(&index, 0), 0);
  ph_day_index_end(&index);
  subject_end(&at);
  subject_begin(&at, &(story){0}, &status);
  ph_day_index_begin(&index, &at.timeline, &plan, &status);
  assert_int64_equal(index.group_count, 0);
  ph_day_index_end(&index);
  assert_false(ph_day_index_begin_walking(&index, at.rules.history, &plan, &status));
  subject_end(&at);
  test_memory_end(&memory, &status);
}

/* A deal that stays open to the end of the calendar, and a range of days too wide to have a row a day. */
static void test_wide_ranges(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  subject at;
  ph_day_index index;
  ph_day_index_plan plan = {PH_SCOPE_OWNER, COLUMNS, contribute, 1, NULL, NULL};
  static char deals[40 * 64];
  deals[0] = 0;
  for (int id = 0; id < 40; id++)
    sprintf(deals + strlen(deals), "%d,,owner %d,,,A,1,%s,,,open\n", id, id,
            id == 0 ? "0001-01-01" : "9999-12-31");
  test_memory_begin(&memory, &status);
  subject_begin(&at, &(story){.deals = deals}, &status);
  assert_false(ph_day_index_begin_walking(&index, at.rules.history, &plan, &status));
  assert_false(ph_failed(&status));
  ph_day_index_begin(&index, &at.timeline, &plan, &status);
  assert_int64_equal(index.last_day, PH_DAY_LAST);
  check_day(&at, &index, PH_SCOPE_OWNER, false, 0);
  check_day(&at, &index, PH_SCOPE_OWNER, false, PH_DAY_LAST);
  ph_day_index_end(&index);
  subject_end(&at);
  test_memory_end(&memory, &status);
}

static draft short_draft;
static story short_story;

static uint64_t mix_days(const ph_day_index *index) {
  uint64_t result = TEST_MIX_BEGIN;
  for (size_t group = 0; group < index->group_count; group++)
    for (ph_day day = story_day("2022-01-01"); day < story_day("2022-12-31"); day += 20) {
      int64_t row[COLUMNS] = {0};
      ph_day_index_add(index, group, 0, day, row);
      result = test_mix(result, row, sizeof row);
    }
  return result;
}

static uint64_t make_index(ph_status *status) {
  subject at;
  ph_day_index index = {0};
  ph_day_index_plan plan = {PH_SCOPE_OWNER, COLUMNS, contribute, 1, NULL, NULL};
  subject_begin(&at, &short_story, status);
  if (!ph_failed(status)) ph_day_index_begin(&index, &at.timeline, &plan, status);
  uint64_t result = ph_failed(status) ? 0 : mix_days(&index);
  ph_day_index_end(&index);
  index = (ph_day_index){0};
  if (!ph_failed(status) && ph_day_index_begin_walking(&index, at.rules.history, &plan, status))
    result = test_mix_number(result, (int64_t)mix_days(&index));
  ph_day_index_end(&index);
  subject_end(&at);
  return result;
}

static void test_index_disturbed(void **state) {
  (void)state;
  uint64_t seed = 4;
  draw_story(&short_draft, &short_story, &seed);
  test_short_of_memory(make_index);
  test_interrupted(make_index);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_index_agrees_with_a_walk),
      cmocka_unit_test(test_spans_agree_with_a_walk),
      cmocka_unit_test(test_stalls_on_agrees_with_a_walk),
      cmocka_unit_test(test_nothing_to_index),
      cmocka_unit_test(test_wide_ranges),
      cmocka_unit_test(test_index_disturbed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
