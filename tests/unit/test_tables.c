/*
** Checks the tables of the history's floor: policies, relations, event kinds, problems, and how
** a deal is found by its id.
*/
#include "fixture.h"

/* ---- policies ---- */

static void test_policy_defaults(void **state) {
  (void)state;
  static const struct {
    const char *name;
    double value;
  } expected[] = {{"idle_days", 30},
                  {"untouched_days", 90},
                  {"min_meetings", 2},
                  {"second_meeting_days", 30},
                  {"max_pushes", 3},
                  {"ghost_touches", 3},
                  {"aged_days", 365},
                  {"unproven_is_real", 0},
                  {"target_coverage", 3},
                  {"fiscal_year_start_month", 1},
                  {"time_zone", 0},
                  {"utc_offset_minutes", 0},
                  {"data_until", NAN},
                  {"touches_since", NAN},
                  {"progress_since", NAN},
                  {"meetings_since", NAN},
                  {"weekend", 0},
                  {"reporting_currency", NAN},
                  {"rate_date", PH_RATE_DATE_FIXED},
                  {"lookback_periods", 8},
                  {"min_class_deals", 20},
                  {"target_second_meeting_rate", NAN},
                  {"on_bad_row", PH_ON_BAD_ROW_SKIP}};
  ph_policy policy;
  ph_policy_set_defaults(&policy);
  for (size_t at = 0; at < sizeof expected / sizeof *expected; at++) {
    assert_string_equal(ph_policy_descriptors[at].name, expected[at].name);
    assert_real_equal(policy.value[at], expected[at].value);
    assert_false(policy.given[at]);
  }
  for (int name = 0; name < PH_POLICY_COUNT; name++) {
    const ph_policy_descriptor *one = &ph_policy_descriptors[name];
    bool has_range =
        one->type == PH_POLICY_INTEGER || one->type == PH_POLICY_REAL || one->type == PH_POLICY_DAY;
    assert_true(one->lowest < one->highest || !has_range);
    assert_true(isnan(one->default_value) || !has_range ||
                (one->default_value >= one->lowest && one->default_value <= one->highest));
    assert_true((one->words[0] != NULL) == (one->type == PH_POLICY_WORD));
    assert_true(strlen(one->meaning) > 0);
  }
}

/* Tells one row of pipeline_policy; the message of the error, "" without one. */
static void set_policy(const char *rows, ph_policy *policy, char message[512]) {
  test_memory memory;
  ph_status status;
  ph_history history;
  test_memory_begin(&memory, &status);
  fixture_read(&(fixture_rows){.policy = rows}, &history, &status);
  *policy = history.policy;
  strcpy(message, status.message);
  ph_history_end(&history);
  assert_int64_equal(memory.blocks, 0);
}

static void test_policy_values(void **state) {
  (void)state;
  static const struct {
    const char *row;
    ph_policy_name name;
    double value;
  } good[] = {
      {"IDLE_Days,45", PH_POLICY_IDLE_DAYS, 45},
      {"idle_days,#0", PH_POLICY_IDLE_DAYS, 0},
      {"idle_days,~36500.0", PH_POLICY_IDLE_DAYS, 36500},
      {"idle_days,", PH_POLICY_IDLE_DAYS, 30},
      {"idle_days,=", PH_POLICY_IDLE_DAYS, 30},
      {"untouched_days,1", PH_POLICY_UNTOUCHED_DAYS, 1},
      {"min_meetings,0", PH_POLICY_MIN_MEETINGS, 0},
      {"unproven_is_real,1", PH_POLICY_UNPROVEN_IS_REAL, 1},
      {"target_coverage,2.75", PH_POLICY_TARGET_COVERAGE, 2.75},
      {"fiscal_year_start_month,12", PH_POLICY_FISCAL_YEAR_START_MONTH, 12},
      {"utc_offset_minutes,-300", PH_POLICY_UTC_OFFSET_MINUTES, -300},
      {"target_second_meeting_rate,0.5", PH_POLICY_TARGET_SECOND_MEETING_RATE, 0.5},
      {"on_bad_row,Error", PH_POLICY_ON_BAD_ROW, PH_ON_BAD_ROW_ERROR},
      {"on_bad_row,SKIP", PH_POLICY_ON_BAD_ROW, PH_ON_BAD_ROW_SKIP},
      {"cache_mb,0", PH_POLICY_CACHE_MB, 0},
      {"rate_date,CLOSE_date", PH_POLICY_RATE_DATE, PH_RATE_DATE_CLOSE_DATE},
      {"rate_date,as_of", PH_POLICY_RATE_DATE, PH_RATE_DATE_AS_OF},
      {"rate_date,", PH_POLICY_RATE_DATE, PH_RATE_DATE_FIXED},
      {"weekend,=0000011", PH_POLICY_WEEKEND, 1 << 5 | 1 << 6},
      {"weekend,#11", PH_POLICY_WEEKEND, 1 << 5 | 1 << 6}, /* a column of numbers loses the zeros in front */
      {"weekend,#1000000", PH_POLICY_WEEKEND, 1},
      {"weekend,#0", PH_POLICY_WEEKEND, 0},
      {"weekend,0111111", PH_POLICY_WEEKEND, 126},
  };
  ph_policy policy;
  char message[512];
  for (size_t at = 0; at < sizeof good / sizeof *good; at++) {
    set_policy(good[at].row, &policy, message);
    assert_string_equal(message, "");
    assert_real_equal(policy.value[good[at].name], good[at].value);
    assert_true(policy.named[good[at].name]);
  }
  set_policy("idle_days,45", &policy, message);
  assert_true(policy.given[PH_POLICY_IDLE_DAYS]);
  set_policy("idle_days,", &policy, message); /* names it, and gives nothing */
  assert_false(policy.given[PH_POLICY_IDLE_DAYS]);
  assert_int64_equal(ph_policy_integer(&policy, PH_POLICY_IDLE_DAYS), 30);
}

static void test_policies_that_are_days(void **state) {
  (void)state;
  static const ph_policy_name names[] = {PH_POLICY_DATA_UNTIL, PH_POLICY_TOUCHES_SINCE,
                                         PH_POLICY_PROGRESS_SINCE, PH_POLICY_MEETINGS_SINCE};
  static const char *const forms[] = {"=2022-02-28", "28 Feb 2022", "2022/02/28",
                                      "#1646006400", "~2459638.5",  "2022-02-28T23:30:00-05:00"};
  ph_policy policy;
  char message[512], row[80], shown[PH_POLICY_SHOWN_BYTES];
  for (int name = 0; name < 4; name++) {
    const char *text = ph_policy_descriptors[names[name]].name;
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
      snprintf(row, sizeof row, "%s,%s", text, forms[form]);
      set_policy(row, &policy, message);
      assert_string_equal(message, "");
      assert_int64_equal(ph_policy_day(&policy, names[name]), fixture_day("2022-02-28"));
      assert_string_equal(ph_policy_show(&policy, names[name], shown), "2022-02-28");
    }
    snprintf(row, sizeof row, "%s,", text);
    set_policy(row, &policy, message);
    assert_int64_equal(ph_policy_day(&policy, names[name]), PH_DAY_NONE);
    assert_null(ph_policy_show(&policy, names[name], shown));
  }
}

static void test_policies_that_are_texts(void **state) {
  (void)state;
  ph_policy policy;
  char message[512], shown[PH_POLICY_SHOWN_BYTES];
  set_policy("time_zone,Europe/Berlin\nreporting_currency,EUR\nrate_date,As_Of\nweekend,0000011", &policy,
             message);
  assert_string_equal(message, "");
  assert_string_equal(ph_policy_show(&policy, PH_POLICY_TIME_ZONE, shown), "Europe/Berlin");
  assert_string_equal(ph_policy_show(&policy, PH_POLICY_REPORTING_CURRENCY, shown), "EUR");
  assert_string_equal(ph_policy_show(&policy, PH_POLICY_RATE_DATE, shown), "as_of");
  assert_string_equal(ph_policy_show(&policy, PH_POLICY_WEEKEND, shown), "0000011");
  ph_policy_set_defaults(&policy);
  assert_string_equal(ph_policy_show(&policy, PH_POLICY_TIME_ZONE, shown), "UTC");
  assert_null(ph_policy_show(&policy, PH_POLICY_REPORTING_CURRENCY, shown));
  assert_string_equal(ph_policy_show(&policy, PH_POLICY_WEEKEND, shown), "0000000");
}

/* One zone: a name, a rule, an offset, but no two of them. */
static void test_zone_of_the_policy(void **state) {
  (void)state;
  static const struct {
    const char *rows, *error;
    int32_t east; /* minutes on 2022-07-01T12:00Z */
  } cases[] = {{"", "", 0},
               {"utc_offset_minutes,-90", "", -90},
               {"time_zone,EST5EDT4;M3.2.0;M11.1.0", "'EST5EDT4;M3.2.0;M11.1.0'", 0},
               {"time_zone,CET-1", "", 60},
               {"time_zone,utc", "", 0},
               {"time_zone,", "", 0},
               {"time_zone,Mars/Olympus", "'Mars/Olympus'", 0},
               {"time_zone,UTC\nutc_offset_minutes,0", "time_zone is 'UTC' and utc_offset_minutes is 0", 0},
               {"time_zone,UTC\nutc_offset_minutes,", "", 0}};
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    ph_policy policy;
    ph_zone zone;
    ph_status status;
    test_memory memory;
    char message[512];
    set_policy(cases[index].rows, &policy, message);
    bool good = cases[index].error[0] == 0;
    if (good != (message[0] == 0) || strstr(message, cases[index].error) == NULL)
      fail_msg("%s: %s", cases[index].rows, message);
    test_memory_begin(&memory, &status);
    ph_policy_zone(&policy, &zone, &status);
    assert_true(ph_failed(&status) != good);
    if (good) assert_int64_equal(ph_zone_seconds_east(&zone, 1656676800), cases[index].east * 60);
    ph_zone_end(&zone, &memory.memory);
    assert_int64_equal(memory.blocks, 0);
  }
}

static void test_policy_errors(void **state) {
  (void)state;
  static const struct {
    const char *rows, *name, *expected;
  } bad[] = {
      {"idle,30", "'idle'", "unknown"},
      {",30", "NULL", "unknown"},
      {"#5,30", "5", "unknown"},
      {"idle_days,-1", "'-1'", "from 0 to 36500"},
      {"idle_days,36501", "'36501'", "from 0 to 36500"},
      {"idle_days,~30.5", "30.5", "whole number"},
      {"idle_days,thirty", "'thirty'", "whole number"},
      {"untouched_days,0", "'untouched_days'", "from 1 to 36500"},
      {"fiscal_year_start_month,13", "'fiscal_year_start_month'", "from 1 to 12"},
      {"fiscal_year_start_month,0", "'0'", "from 1 to 12"},
      {"target_second_meeting_rate,1.01", "'1.01'", "from 0 to 1"},
      {"target_coverage,x", "'target_coverage'", "a number from 0 to 1000"},
      {"on_bad_row,stop", "'stop'", "'skip' or 'error'"},
      {"on_bad_row,#1", "1", "'skip' or 'error'"},
      {"weekend,=00000110", "'00000110'", "seven characters 0 or 1, Monday first"},
      {"weekend,=000001", "'000001'", "seven characters"},
      {"weekend,=0000012", "'0000012'", "seven characters"},
      {"weekend,=1111111", "'1111111'", "at least one 0: a day on which people work"},
      {"weekend,#1111111", "1111111", "at least one 0"},
      {"weekend,#-1", "-1", "seven characters"},
      {"weekend,~11.5", "11.5", "seven characters"},
      {"touches_since,10/23/17", "'10/23/17'", "a day, YYYY-MM-DD"},
      {"progress_since,2022-02-30", "'2022-02-30'", "a day, YYYY-MM-DD"},
      {"meetings_since,0000-00-00", "'0000-00-00'", "a day, YYYY-MM-DD"},
      {"data_until,today", "'today'", "a day, YYYY-MM-DD"},
      {"rate_date,today", "'today'", "'fixed' or 'close_date' or 'as_of'"},
      {"rate_date,#0", "0", "'fixed' or 'close_date' or 'as_of'"},
      {"reporting_currency,#978", "978", "a text of at most 63 bytes"},
      {("time_zone,a name of a zone that is far too long to be kept however many letters a name of a zone "
        "may "
        "have"),
       "'time_zone'", "a text of at most 63 bytes"},
      {"idle_days,30\nIDLE_DAYS,30", "'IDLE_DAYS'", "twice"},
      {"idle_days,\nidle_days,", "'idle_days'", "twice"},
  };
  ph_policy policy;
  char message[512];
  for (size_t at = 0; at < sizeof bad / sizeof *bad; at++) {
    set_policy(bad[at].rows, &policy, message);
    if (strstr(message, bad[at].name) == NULL || strstr(message, bad[at].expected) == NULL ||
        strstr(message, "pipeline_policy") == NULL)
      fail_msg("%s: %s", bad[at].rows, message);
  }
}

/* ---- relations, kinds, problems ---- */

static void test_relations(void **state) {
  (void)state;
  static const char *const expected[] = {
      ("pipeline_deal* deal deal_id* name owner team pipeline stage* amount created_at* close_date "
       "closed_at outcome* currency forecast_category"),
      "pipeline_event event deal_id* at* kind* old_value new_value recorded_at",
      "pipeline_stage stage stage* rank* pipeline max_idle_days closed",
      "pipeline_quota quota period_start* period_end* amount* owner team currency",
      "pipeline_rate rate currency* rate* valid_from",
      "pipeline_holiday holiday day* team",
      "pipeline_policy policy name* value*",
  };
  for (int name = 0; name < PH_RELATION_COUNT; name++) {
    const ph_relation *relation = &ph_relations[name];
    char shown[512];
    snprintf(shown, sizeof shown, "%s%s %s", relation->name, relation->required ? "*" : "",
             relation->argument);
    for (int column = 0; column < relation->column_count; column++) {
      size_t length = strlen(shown);
      snprintf(shown + length, sizeof shown - length, " %s%s", relation->columns[column].name,
               relation->columns[column].required ? "*" : "");
    }
    assert_string_equal(shown, expected[name]);
  }
}

/* Sections 1, 3 and 4 of the specification: what each kind is. */
static void test_kinds(void **state) {
  (void)state;
  static const struct {
    const char *name;
    bool changes_field, progress, touch, client_act, outreach;
  } expected[PH_KIND_COUNT] = {{"stage", true, false, true, false, false},
                               {"amount", true, false, false, false, false},
                               {"close_date", true, false, false, false, false},
                               {"owner", true, false, false, false, false},
                               {"forecast", true, false, false, false, false},
                               {"meeting", false, true, true, true, false},
                               {"commitment", false, true, true, true, false},
                               {"reply", false, false, true, true, false},
                               {"call", false, false, true, false, true},
                               {"email", false, false, true, false, true},
                               {"note", false, false, false, false, false},
                               {"task", false, false, false, false, false},
                               {"stage_state", true, false, false, false, false},
                               {"amount_state", true, false, false, false, false},
                               {"close_date_state", true, false, false, false, false},
                               {"owner_state", true, false, false, false, false},
                               {"forecast_state", true, false, false, false, false}};
  for (int kind = 0; kind < PH_KIND_COUNT; kind++) {
    const ph_kind_descriptor *found = &ph_kind_descriptors[kind];
    assert_string_equal(found->name, expected[kind].name);
    assert_int64_equal(found->length, strlen(expected[kind].name));
    assert_true(ph_kind_is((ph_kind)kind, PH_IS_CHANGE) == expected[kind].changes_field);
    assert_true(ph_kind_is((ph_kind)kind, PH_IS_PROGRESS) == expected[kind].progress);
    assert_true(ph_kind_is((ph_kind)kind, PH_IS_TOUCH) == expected[kind].touch);
    assert_true(ph_kind_is((ph_kind)kind, PH_IS_CLIENT_ACT) == expected[kind].client_act);
    assert_true(ph_kind_is((ph_kind)kind, PH_IS_OUTREACH) == expected[kind].outreach);
    assert_true(ph_kind_is((ph_kind)kind, PH_IS_MEETING) == (kind == PH_KIND_MEETING));
    bool is_state = strstr(found->name, "_state") != NULL;
    assert_true(ph_kind_is((ph_kind)kind, PH_IS_STATE) == is_state);
    const char *change = ph_kind_descriptors[ph_kind_of_change((ph_kind)kind)].name;
    assert_memory_equal(change, found->name, strlen(change));
    assert_int64_equal(strlen(change) + (is_state ? strlen("_state") : 0), found->length);
  }
}

static void test_names_of_kinds(void **state) {
  (void)state;
  ph_kind_table kinds;
  ph_kind_table_fill(&kinds);
  for (int kind = 0; kind < PH_KIND_COUNT; kind++) {
    char name[32];
    strcpy(name, ph_kind_descriptors[kind].name);
    size_t length = strlen(name);
    assert_int64_equal(ph_kind_of(&kinds, name, length), kind);
    assert_int64_equal(ph_kind_of(&kinds, name, length - 1), PH_KIND_COUNT);
    for (size_t at = 0; at < length; at++) {
      char kept = name[at];
      if (kept != '_') name[at] = (char)(kept - 'a' + 'A');
      assert_int64_equal(ph_kind_of(&kinds, name, length), kind);
      name[at] = (char)(kept ^ 0x40); /* neither the letter nor its other case */
      assert_int64_equal(ph_kind_of(&kinds, name, length), PH_KIND_COUNT);
      name[at] = kept;
    }
    strcat(name, "s");
    assert_int64_equal(ph_kind_of(&kinds, name, length + 1), PH_KIND_COUNT);
  }
  static const char *const none[] = {"", "s", "x", " note", "note ", "demo", "\xFF\xFE", "st", "stages"};
  for (size_t at = 0; at < sizeof none / sizeof *none; at++)
    assert_int64_equal(ph_kind_of(&kinds, none[at], strlen(none[at])), PH_KIND_COUNT);
}

static void test_problems(void **state) {
  (void)state;
  for (int problem = 0; problem < PH_PROBLEM_COUNT; problem++) {
    const ph_problem_descriptor *one = &ph_problem_descriptors[problem];
    assert_true(one->source != NULL && one->name != NULL && one->meaning != NULL);
    for (int other = 0; other < problem; other++)
      assert_false(strcmp(one->source, ph_problem_descriptors[other].source) == 0 &&
                   strcmp(one->name, ph_problem_descriptors[other].name) == 0);
  }
  assert_string_equal(ph_severity_names[PH_SEVERITY_ERROR], "error");
  assert_string_equal(ph_severity_names[PH_SEVERITY_WARNING], "warning");
  assert_string_equal(ph_severity_names[PH_SEVERITY_INFO], "info");
}

/* The example is the shortest, then the first by bytes, in any order of rows. */
static void test_examples(void **state) {
  (void)state;
  static const char *const examples[] = {"31", "bb", "9", "8", "777", "aa"};
  for (int first = 0; first < 6; first++) {
    static ph_problems problems;
    ph_status status;
    memset(&problems, 0, sizeof problems);
    ph_status_begin(&status, NULL);
    for (int at = 0; at < 6; at++)
      ph_problem_add(&problems, PH_DEAL_DUPLICATE, examples[(first + at) % 6], &status);
    assert_int64_equal(problems.counts[PH_DEAL_DUPLICATE].rows, 6);
    assert_string_equal(problems.counts[PH_DEAL_DUPLICATE].example, "8");
  }
}

/* ---- ids ---- */

static void test_ids_that_are_integers(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool good;
    int64_t value;
  } ids[] = {{"0", true, 0},
             {"7", true, 7},
             {"-7", true, -7},
             {"9223372036854775807", true, INT64_MAX},
             {"-9223372036854775808", true, INT64_MIN},
             {"9223372036854775808", false, 0},
             {"-9223372036854775809", false, 0},
             {"18446744073709551617", false, 0},
             {"99999999999999999999", false, 0},
             {"100000000000000000000", false, 0},
             {"", false, 0},
             {"-", false, 0},
             {"-0", false, 0},
             {"00", false, 0},
             {"07", false, 0},
             {"-07", false, 0},
             {"+7", false, 0},
             {" 7", false, 0},
             {"7 ", false, 0},
             {"7.0", false, 0},
             {"7e0", false, 0},
             {"0x7", false, 0}};
  for (size_t at = 0; at < sizeof ids / sizeof *ids; at++) {
    int64_t value = 0;
    if (ph_id_is_integer(ids[at].text, strlen(ids[at].text), &value) != ids[at].good ||
        value != ids[at].value)
      fail_msg("id '%s'", ids[at].text);
  }
}

/* Every deal finds its events, however far apart the ids are; other ids find none. */
static void check_ids(const int64_t *ids, size_t count, const char *prefix) {
  static char deals[100 * 100], events[100 * 200];
  test_memory memory;
  ph_status status;
  ph_history history;
  deals[0] = events[0] = 0;
  for (size_t at = 0; at < count; at++) {
    sprintf(deals + strlen(deals), "%s%lld,,,,,A,1,2022-01-01,,,open\n", prefix, (long long)ids[at]);
    sprintf(events + strlen(events), "%s%lld,2022-02-01,note\n%s%lld9,2022-02-01,note\n", prefix,
            (long long)ids[count - 1 - at], prefix, (long long)ids[at]);
  }
  test_memory_begin(&memory, &status);
  fixture_read(&(fixture_rows){.deals = deals, .events = events}, &history, &status);
  assert_int64_equal(history.deal_count, count);
  assert_int64_equal(history.problems.counts[PH_EVENT_DEAL_UNKNOWN].rows, count);
  for (size_t at = 0; at < count; at++) assert_int64_equal(ph_deal_event_count(&history.deals[at]), 1);
  uint32_t *order = ph_history_order_deals(&history, &status);
  for (size_t at = 1; at < count && prefix[0] == 0; at++) {
    size_t before = order != NULL ? order[at - 1] : at - 1, behind = order != NULL ? order[at] : at;
    assert_true(history.deals[before].id < history.deals[behind].id);
  }
  ph_release(&memory.memory, order);
  ph_history_end(&history);
  test_memory_end(&memory, &status);
}

static void test_ids_of_every_kind(void **state) {
  (void)state;
  static const int64_t dense[] = {5, 6, 7, 9, 8}, negative[] = {-3, 0, 2, 1000};
  static const int64_t far[] = {INT64_MIN / 10, INT64_MAX / 10, 0, 5, -5, 1000000007, 7000000000000};
  int64_t many[90];
  for (int at = 0; at < 90; at++) many[at] = (int64_t)at * 1000003 - 40000000;
  check_ids(dense, 5, "");
  check_ids(negative, 4, "");
  check_ids(far, 7, "");
  check_ids(many, 90, "");
  check_ids(many, 90, "id ");
  check_ids(many, 90, "a prefix so long that no event can wait with it ");
}

/* Integers by value, then texts by bytes. */
static void test_order_of_ids(void **state) {
  (void)state;
  test_memory memory;
  ph_status status;
  ph_history history;
  test_memory_begin(&memory, &status);
  fixture_read(&(fixture_rows){.deals = "b,,,,,A,1,2022-01-01,,,open\n10,,,,,A,1,2022-01-01,,,open\n"
                                        "a,,,,,A,1,2022-01-01,,,open\n9,,,,,A,1,2022-01-01,,,open"},
               &history, &status);
  static const uint32_t expected[] = {3, 1, 2, 0};
  uint32_t *order = ph_history_order_deals(&history, &status);
  assert_non_null(order);
  assert_memory_equal(order, expected, sizeof expected);
  ph_release(&memory.memory, order);
  ph_history_end(&history);
  test_memory_end(&memory, &status);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_policy_defaults),
      cmocka_unit_test(test_policy_values),
      cmocka_unit_test(test_policies_that_are_days),
      cmocka_unit_test(test_policies_that_are_texts),
      cmocka_unit_test(test_zone_of_the_policy),
      cmocka_unit_test(test_policy_errors),
      cmocka_unit_test(test_relations),
      cmocka_unit_test(test_kinds),
      cmocka_unit_test(test_names_of_kinds),
      cmocka_unit_test(test_problems),
      cmocka_unit_test(test_examples),
      cmocka_unit_test(test_ids_that_are_integers),
      cmocka_unit_test(test_ids_of_every_kind),
      cmocka_unit_test(test_order_of_ids),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
