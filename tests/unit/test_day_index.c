/*
** Checks the indexes by day: on every day of seeded random histories, in every scope, they agree
** with a replay of all deals.
*/
#include "timeline/day_index.h"
#include "timeline/timeline.h"
#include "base/money.h"
#include "fixture.h"

enum { MOST_ROWS = 60, ROW_BYTES = 96, BUCKETS = 400 };

/* Deals and a code of verdict and reasons, and money. */
static void contribute(ph_day_row *row, uint32_t what, int64_t amount, int64_t sign) {
  row->counts[0] += sign;
  row->counts[1] += sign * (int64_t)what;
  row->sums[0].high += sign * ph_money_high(amount);
  row->sums[0].low += sign * ph_money_low(amount);
}

static uint32_t what_of(const ph_span *span) {
  return span->verdict * 1000u + span->reasons;
}

/* Enough buckets for three levels. */
static uint32_t bucket_of(const ph_span *span) {
  return (what_of(span) * 7 + (uint32_t)(span->amount / PH_UNITS_PER_ONE + 1000)) % BUCKETS;
}

/* ---- random histories ---- */

typedef struct draft {
  char deals[MOST_ROWS * ROW_BYTES], events[MOST_ROWS * 4 * ROW_BYTES];
} draft;

static const char *draw_day(uint64_t *seed, char text[PH_DAY_TEXT_BYTES]) {
  ph_day_format(fixture_day("2022-01-01") + test_draw_below(seed, 300), text);
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

static void draw_rows(draft *drawn, fixture_rows *rows, uint64_t *seed) {
  int deals = 1 + test_draw_below(seed, 12), events = test_draw_below(seed, 60);
  drawn->deals[0] = drawn->events[0] = 0;
  for (int id = 1; id <= deals; id++) draw_deal(drawn, id, seed);
  for (int event = 0; event < events; event++) draw_event(drawn, deals, seed);
  strcat(drawn->deals, "left out,,,,,A,1,2020-01-01,,,won"); /* no day tells when it was closed */
  *rows = (fixture_rows){
      .policy = "idle_days,20\nuntouched_days,40\nghost_touches,2\nmax_pushes,1\nsecond_meeting_days,15",
      .stages = "A,1\nB,2,,10\nB,1,new\nC,3",
      .deals = drawn->deals,
      .events = drawn->events};
}

/* ---- the replay ---- */

typedef struct subject {
  ph_history history;
  ph_rules rules;
  ph_timeline timeline;
} subject;

static void subject_begin(subject *at, const fixture_rows *rows, ph_status *status) {
  at->rules = (ph_rules){0};
  at->timeline = (ph_timeline){0};
  fixture_read(rows, &at->history, status);
  if (!ph_failed(status)) ph_rules_begin(&at->rules, &at->history, status);
  if (!ph_failed(status)) ph_timeline_begin(&at->timeline, at->rules.history, status);
}

static void subject_end(subject *at) {
  ph_timeline_end(&at->timeline);
  ph_rules_end(&at->rules);
  ph_history_end(&at->history);
}

typedef struct source {
  const subject *at;
  ph_scope scope;
  bool buckets;
} source;

static void scan(void *context, ph_day_index_builder *builder, ph_status *status) {
  const source *from = context;
  const ph_timeline *timeline = &from->at->timeline;
  for (size_t deal = 0; deal < timeline->history->deal_count; deal++)
    for (size_t at = timeline->first_span[deal]; at < timeline->first_span[deal + 1]; at++) {
      ph_span span = ph_timeline_span_at(timeline, deal, at);
      ph_piece piece = {span.from, span.to, 0, 0, what_of(&span), span.amount};
      piece.group = ph_group_of(from->scope, &timeline->history->deals[deal], span.owner, span.stage);
      piece.bucket = from->buckets ? bucket_of(&span) : 0;
      ph_day_index_put(builder, &piece, status);
    }
}

static void index_begin(ph_day_index *index, const subject *at, ph_scope scope, bool buckets,
                        ph_status *status) {
  source from = {at, scope, buckets};
  ph_day_index_plan plan = {&at->history.names, 2, 1, buckets ? BUCKETS : 1, scan, &from, contribute};
  ph_day_index_begin(index, &plan, status);
}

/* What all deals of a group with a bucket in [first, end) contribute on a day, one after the other. */
static void replay(subject *at, ph_scope scope, uint32_t group, uint32_t first, uint32_t end, ph_day day,
                   ph_day_row *row) {
  for (size_t index = 0; index < at->history.deal_count; index++) {
    const ph_deal *deal = &at->history.deals[index];
    ph_deal_state state;
    if (!ph_deal_is_open(deal, day)) continue;
    ph_deal_state_on(&at->rules, index, day, &state);
    ph_span span = ph_deal_judge(&at->rules, deal, &state, day);
    if (ph_group_of(scope, deal, state.owner, state.stage) != group) continue;
    uint32_t bucket = bucket_of(&span);
    if (first <= bucket && bucket < end) contribute(row, what_of(&span), span.amount, 1);
  }
}

static void check_rows(const ph_day_row *found, const ph_day_row *expected) {
  ph_status status;
  test_memory memory;
  test_memory_begin(&memory, &status);
  assert_memory_equal(found->counts, expected->counts, sizeof found->counts);
  assert_int64_equal(ph_money_value(&found->sums[0], "found", &status),
                     ph_money_value(&expected->sums[0], "expected", &status));
  test_memory_end(&memory, &status);
}

static void check_day(subject *at, const ph_day_index *index, ph_scope scope, bool buckets, ph_day day) {
  static const uint32_t ranges[][2] = {{0, BUCKETS}, {0, 1},    {3, 17}, {15, 16},
                                       {5, 300},     {16, 256}, {7, 7},  {250, 399}};
  for (uint32_t name = 0; name < at->history.names.count; name++) {
    size_t place = ph_day_index_group(index, name);
    for (size_t range = 0; range < (buckets ? sizeof ranges / sizeof *ranges : 1); range++) {
      ph_day_row expected = {{0}, {{0, 0}}}, found = {{0}, {{0, 0}}};
      uint32_t end = buckets ? ranges[range][1] : 1;
      replay(at, scope, name, ranges[range][0], ranges[range][1], day, &expected);
      if (place < index->group_count) ph_day_index_add(index, place, ranges[range][0], end, day, &found);
      check_rows(&found, &expected);
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
  for (ph_day day = fixture_day("2021-12-30"); day < fixture_day("2023-03-01"); day += 1 + day % 3)
    check_day(at, index, scope, buckets, day);
  check_day(at, index, scope, buckets, PH_DAY_LAST);
  check_day(at, index, scope, buckets, 0);
}

typedef void round_check(subject *at, uint64_t *seed, ph_status *status);

/* Checks so many random databases. */
static void check_rounds(int rounds, uint64_t seed, round_check *check) {
  static draft drawn;
  for (int round = 0; round < rounds; round++) {
    test_memory memory;
    ph_status status;
    fixture_rows rows;
    subject at;
    draw_rows(&drawn, &rows, &seed);
    test_memory_begin(&memory, &status);
    subject_begin(&at, &rows, &status);
    check(&at, &seed, &status);
    subject_end(&at);
    test_memory_end(&memory, &status);
  }
}

static void check_index(subject *at, uint64_t *seed, ph_status *status) {
  (void)seed;
  for (int scope = 0; scope < PH_SCOPE_COUNT; scope++)
    for (int buckets = 0; buckets < 2; buckets++) {
      ph_day_index index;
      index_begin(&index, at, (ph_scope)scope, buckets, status);
      check_days(at, &index, (ph_scope)scope, buckets);
      ph_day_index_end(&index);
    }
}

static void test_index_agrees_with_a_replay(void **state) {
  (void)state;
  check_rounds(12, 1, check_index);
}

static void check_total(subject *at, uint64_t *seed, ph_status *status) {
  (void)seed;
  for (int scope = 0; scope < PH_SCOPE_COUNT; scope++) {
    ph_day_index groups, total;
    index_begin(&groups, at, (ph_scope)scope, false, status);
    ph_day_index_begin_total(&total, &groups, status);
    assert_int64_equal(total.group_count, groups.group_count > 0);
    check_days(at, &total, PH_SCOPE_ALL, false);
    ph_day_index_end(&total);
    ph_day_index_end(&groups);
  }
}

static void test_total_agrees_with_a_replay(void **state) {
  (void)state;
  check_rounds(12, 4, check_total);
}

/* More pieces than are held at once: one group has so many that sums by day take less memory, the two others
** have too many together; and sums beyond 64 bits on the way. */
enum { MANY = 6000000, MANY_GROUPS = 3, MANY_DAYS = 229500 };

static ph_piece piece_of_many(int32_t at) {
  int32_t share = at % 7;
  ph_piece piece = {.from = at % MANY_DAYS, .to = PH_DAY_NEVER, .what = 1, .amount = INT64_MAX};
  piece.group = share < 3 ? 0 : share < 5 ? 1 : 2;
  if (at % 3 == 0) piece.to = piece.from + 500;
  if (at % 2) piece.amount = -INT64_MAX;
  if (at % 4 == 3) piece.amount = at;
  return piece;
}

static void scan_many(void *context, ph_day_index_builder *builder, ph_status *status) {
  (void)context;
  for (int32_t at = 0; at < MANY; at++) {
    ph_piece piece = piece_of_many(at);
    ph_day_index_put(builder, &piece, status);
  }
}

static void test_many_pieces(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  ph_day_index index;
  ph_interner names;
  test_memory_begin(&memory, &status);
  ph_interner_begin(&names, &status);
  ph_intern(&names, "b", 1, &status);
  ph_intern(&names, "a", 1, &status);
  ph_day_index_plan plan = {&names, 2, 1, 1, scan_many, NULL, contribute};
  ph_day_index_begin(&index, &plan, &status);
  assert_int64_equal(index.group_count, MANY_GROUPS);
  for (uint32_t name = 0; name < MANY_GROUPS; name++)
    for (ph_day day = 0; day <= MANY_DAYS + 500; day += MANY_DAYS / 3 + 166) {
      ph_day_row expected = {{0}, {{0, 0}}}, found = {{0}, {{0, 0}}};
      for (int32_t at = 0; at < MANY; at++) {
        ph_piece piece = piece_of_many(at);
        if (piece.group == name && piece.from <= day && piece.to > day)
          contribute(&expected, piece.what, piece.amount, 1);
      }
      ph_day_index_add(&index, ph_day_index_group(&index, name), 0, 1, day, &found);
      assert_memory_equal(found.counts, expected.counts, sizeof found.counts);
      assert_int64_equal(found.sums[0].high + ph_money_high(found.sums[0].low),
                         expected.sums[0].high + ph_money_high(expected.sums[0].low));
      assert_int64_equal(ph_money_low(found.sums[0].low), ph_money_low(expected.sums[0].low));
    }
  assert_true(ph_day_index_bytes(&index) > 0);
  ph_day_index_end(&index);
  assert_int64_equal(ph_day_index_bytes(&index), 0);
  ph_interner_end(&names, &memory.memory);
  test_memory_end(&memory, &status);
}

/* Spans agree with the judgement of each day. */
static void check_spans(subject *at, uint64_t *seed, ph_status *status) {
  (void)seed;
  (void)status;
  for (size_t deal = 0; deal < at->history.deal_count; deal++)
    for (ph_day day = fixture_day("2021-12-30"); day < fixture_day("2023-03-01"); day++) {
      ph_span found, *span = &found;
      ph_deal_state on;
      assert_int64_equal(ph_timeline_span(&at->timeline, deal, day, span),
                         ph_deal_is_open(&at->history.deals[deal], day));
      if (!ph_deal_is_open(&at->history.deals[deal], day)) continue;
      ph_deal_state_on(&at->rules, deal, day, &on);
      ph_span judged = ph_deal_judge(&at->rules, &at->history.deals[deal], &on, day);
      assert_true(span->verdict == judged.verdict && span->reasons == judged.reasons &&
                  span->stage == judged.stage && span->owner == judged.owner &&
                  span->amount == judged.amount && span->close_date == judged.close_date);
    }
}

static void test_spans_agree_with_a_replay(void **state) {
  (void)state;
  check_rounds(40, 2, check_spans);
}

/* stalls_on is the first day on which the frozen state is judged stalled or dead. */
static void check_stalls_on(subject *at, uint64_t *seed, ph_status *status) {
  (void)status;
  for (size_t index = 0; index < at->history.deal_count; index++) {
    const ph_deal *deal = &at->history.deals[index];
    ph_day day = deal->created + test_draw_below(seed, 60);
    ph_deal_state on;
    if (!ph_deal_is_open(deal, day)) continue;
    ph_deal_state_on(&at->rules, index, day, &on);
    if (ph_verdict_is_stalled(ph_deal_judge(&at->rules, deal, &on, day).verdict)) continue;
    ph_day stalled = day;
    while (!ph_verdict_is_stalled(ph_deal_judge(&at->rules, deal, &on, stalled).verdict)) stalled++;
    assert_int64_equal(ph_deal_stalls_on(&at->rules, deal, &on), stalled);
  }
}

static void test_stalls_on_agrees_with_a_replay(void **state) {
  (void)state;
  check_rounds(40, 3, check_stalls_on);
}

/* ---- edges ---- */

static void test_nothing_to_index(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  subject at;
  ph_day_index index;
  test_memory_begin(&memory, &status);
  subject_begin(&at, &(fixture_rows){.deals = "1,,,,,A,1,2022-01-01,,2022-01-01,won"}, &status);
  index_begin(&index, &at, PH_SCOPE_OWNER, false, &status);
  assert_int64_equal(index.group_count, 0);
  assert_int64_equal(ph_day_index_group(&index, 0), 0);
  ph_day_index_end(&index);
  subject_end(&at);
  subject_begin(&at, &(fixture_rows){0}, &status);
  index_begin(&index, &at, PH_SCOPE_OWNER, false, &status);
  assert_int64_equal(index.group_count, 0);
  ph_day_index_end(&index);
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
  static char deals[40 * 64];
  deals[0] = 0;
  for (int id = 0; id < 40; id++)
    sprintf(deals + strlen(deals), "%d,,owner %d,,,A,1,%s,,,open\n", id, id,
            id == 0 ? "0001-01-01" : "9999-12-31");
  test_memory_begin(&memory, &status);
  subject_begin(&at, &(fixture_rows){.deals = deals}, &status);
  assert_false(ph_failed(&status));
  index_begin(&index, &at, PH_SCOPE_OWNER, false, &status);
  check_day(&at, &index, PH_SCOPE_OWNER, false, 0);
  check_day(&at, &index, PH_SCOPE_OWNER, false, PH_DAY_LAST);
  ph_day_index_end(&index);
  subject_end(&at);
  test_memory_end(&memory, &status);
}

static draft short_draft;
static fixture_rows short_rows;

static uint64_t mix_days(const ph_day_index *index) {
  uint64_t result = TEST_MIX_BEGIN;
  for (size_t group = 0; group < index->group_count; group++)
    for (ph_day day = fixture_day("2022-01-01"); day < fixture_day("2022-12-31"); day += 20) {
      ph_day_row row = {{0}, {{0, 0}}};
      ph_day_index_add(index, group, 0, 1, day, &row);
      result = test_mix(result, &row, sizeof row);
    }
  return result;
}

static uint64_t make_index(ph_status *status) {
  subject at;
  ph_day_index index = {0};
  subject_begin(&at, &short_rows, status);
  if (!ph_failed(status)) index_begin(&index, &at, PH_SCOPE_OWNER, false, status);
  uint64_t result = ph_failed(status) ? 0 : mix_days(&index);
  ph_day_index_end(&index);
  if (!ph_failed(status)) index_begin(&index, &at, PH_SCOPE_STAGE, true, status);
  if (!ph_failed(status)) result = test_mix_number(result, (int64_t)index.cell_count);
  ph_day_index_end(&index);
  subject_end(&at);
  return result;
}

static void test_index_disturbed(void **state) {
  (void)state;
  uint64_t seed = 4;
  draw_rows(&short_draft, &short_rows, &seed);
  test_short_of_memory(make_index);
  test_interrupted(make_index);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_index_agrees_with_a_replay),
      cmocka_unit_test(test_total_agrees_with_a_replay),
      cmocka_unit_test(test_many_pieces),
      cmocka_unit_test(test_spans_agree_with_a_replay),
      cmocka_unit_test(test_stalls_on_agrees_with_a_replay),
      cmocka_unit_test(test_nothing_to_index),
      cmocka_unit_test(test_wide_ranges),
      cmocka_unit_test(test_index_disturbed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
