/*
** Checks time zones (specification, section 2) against the C library of the machine, rule by rule and file by
** file.
*/
#include "base/zone.h"
#include "support.h"

#include <time.h>
#include <unistd.h>

static ph_status status;
static test_memory memory;

static void begin(ph_zone *zone, const char *text) {
  ph_status_begin(&status, &memory.memory);
  ph_zone_begin(zone, text, strlen(text), &status);
  if (ph_failed(&status)) fail_msg("%s: %s", text, status.message);
}

static void check_error(const char *text, const char *part) {
  ph_zone zone;
  ph_status_begin(&status, &memory.memory);
  ph_zone_begin(&zone, text, strlen(text), &status);
  if (status.code != PH_ERROR) fail_msg("'%s' is a zone", text);
  if (strstr(status.message, part) == NULL) fail_msg("'%s': %s", text, status.message);
  assert_int64_equal(ph_zone_seconds_east(&zone, 1656547200), 0);
  ph_zone_end(&zone, &memory.memory);
}

/* Seconds east by the C library, whose zone is set. */
static int64_t library_east(int64_t second) {
  time_t at = (time_t)second;
  struct tm local;
  assert_non_null(localtime_r(&at, &local));
  int64_t day = ph_day_of(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday) - 719162;
  return ((day * 24 + local.tm_hour) * 60 + local.tm_min) * 60 + local.tm_sec - second;
}

static void check_second(ph_zone *zone, const char *name, int64_t second) {
  int64_t east = ph_zone_seconds_east(zone, second), expected = library_east(second);
  if (east != expected)
    fail_msg("%s at %lld: %lld seconds east, expected %lld", name, (long long)second, (long long)east,
             (long long)expected);
}

/* Every six hours from `first` to 2100, the seconds around each change, and draws in any order. */
static void check_against_library(const char *text, int64_t first) {
  ph_zone zone;
  begin(&zone, text);
  setenv("TZ", text, 1);
  tzset();
  const int64_t last = 4102444800;
  int64_t before = library_east(first);
  for (int64_t second = first; second < last; second += 6 * 3600) {
    check_second(&zone, text, second);
    int64_t east = library_east(second);
    if (east == before) continue;
    for (int64_t low = second - 6 * 3600, high = second;;) {
      if (high - low == 1) {
        for (int64_t at = high - 2; at < high + 2; at++) check_second(&zone, text, at);
        break;
      }
      int64_t middle = low + (high - low) / 2;
      *(library_east(middle) == east ? &high : &low) = middle;
    }
    before = east;
  }
  uint64_t seed = 7;
  for (int draw = 0; draw < 20000; draw++)
    check_second(&zone, text, first + (int64_t)(test_draw(&seed) % (uint64_t)(last - first)));
  ph_zone_end(&zone, &memory.memory);
  assert_int64_equal(memory.blocks, 0);
}

static void test_rules(void **state) {
  (void)state;
  static const char *const rules[] = {
      "EST5EDT,M3.2.0,M11.1.0",
      "<+0330>-3:30",
      "<-03>3",
      "NZST-12NZDT,M9.5.0,M4.1.0/3",
      "CET-1CEST,M3.5.0,M10.5.0/3",
      "IST-1GMT0,M10.5.0,M3.5.0/1",
      "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
      "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
      "XST4XDT,J60/3,J300/1:30:15",
      "XST4XDT,59,299",
      "XST-4:20XDT-5:00:30,J2/0,J364/23",
      "IST-2IDT,M3.4.4/26,M10.5.0",
  };
  for (size_t at = 0; at < sizeof rules / sizeof *rules; at++)
    check_against_library(rules[at], 0); /* glibc has no rules before 1970 and takes the year from UTC */
}

/* Daylight saving all year (RFC 9636, section 3.3.1). */
static void test_daylight_all_year(void **state) {
  (void)state;
  ph_zone zone;
  begin(&zone, "XXX3EDT4,0/0,J365/23");
  for (int64_t second = 0; second < 86400 * 1500; second += 3599)
    assert_int64_equal(ph_zone_seconds_east(&zone, second), -4 * 3600);
  ph_zone_end(&zone, &memory.memory);
}

static void test_files(void **state) {
  (void)state;
  static const char *const names[] = {"America/New_York",    "Europe/Berlin",  "Europe/Dublin",
                                      "Asia/Kolkata",        "Asia/Tehran",    "America/Nuuk",
                                      "Australia/Lord_Howe", "Pacific/Apia",   "Africa/Casablanca",
                                      "America/Sao_Paulo",   "Asia/Kathmandu", "Etc/GMT+5"};
  if (access("/usr/share/zoneinfo", F_OK) != 0) skip();
  for (size_t at = 0; at < sizeof names / sizeof *names; at++) check_against_library(names[at], -2177452800);
}

static void test_days(void **state) {
  (void)state;
  static const struct {
    const char *text;
    ph_date_nature nature;
    const char *expected;
  } cases[] = {
      {"2022-06-30", PH_INSTANT_BY_NATURE, "2022-06-30"},
      {"2022-06-30T03:59:59Z", PH_INSTANT_BY_NATURE, "2022-06-29"},
      {"2022-06-30T04:00:00Z", PH_INSTANT_BY_NATURE, "2022-06-30"},
      {"2022-12-31T04:59:59Z", PH_INSTANT_BY_NATURE, "2022-12-30"},
      {"2022-12-31T05:00:00Z", PH_INSTANT_BY_NATURE, "2022-12-31"},
      {"2022-06-30T00:00:00Z", PH_INSTANT_BY_NATURE, "2022-06-29"},
      {"2022-06-30T00:00:00Z", PH_DATE_BY_NATURE, "2022-06-30"},
      {"2022-06-30 00:00", PH_DATE_BY_NATURE, "2022-06-30"},
      {"2022-06-30T00:00:01Z", PH_DATE_BY_NATURE, "2022-06-29"},
      {"2022-06-30T00:00:00+00:00", PH_DATE_BY_NATURE, "2022-06-29"},
      {"1656547200", PH_DATE_BY_NATURE, "2022-06-29"},
  };
  ph_zone zone;
  begin(&zone, "EST5EDT,M3.2.0,M11.1.0");
  for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
    ph_value value = {.type = PH_TEXT, .text = cases[at].text, .length = strlen(cases[at].text)};
    ph_instant instant;
    char shown[PH_DAY_TEXT_BYTES];
    assert_true(ph_zone_read(&zone, &value, cases[at].nature, &instant));
    ph_day_format(instant.day, shown);
    if (strcmp(shown, cases[at].expected) != 0) fail_msg("%s is %s", cases[at].text, shown);
  }
  ph_value missing = {.type = PH_TEXT, .text = "0000-00-00", .length = 10};
  ph_value bad = {.type = PH_TEXT, .text = "10/23/17", .length = 8};
  ph_value early = {.type = PH_TEXT, .text = "0001-01-01T04:00", .length = 16};
  ph_instant instant;
  assert_true(ph_zone_read(&zone, &missing, PH_INSTANT_BY_NATURE, &instant));
  assert_int64_equal(instant.day, PH_DAY_NONE);
  assert_false(ph_zone_read(&zone, &bad, PH_INSTANT_BY_NATURE, &instant));
  assert_false(ph_zone_read(&zone, &early, PH_INSTANT_BY_NATURE, &instant));
  ph_zone_end(&zone, &memory.memory);
  ph_zone_begin_fixed(&zone, -90);
  assert_true(ph_zone_instant(&zone, 0, &instant));
  assert_int64_equal(instant.day, 719161);
  assert_int64_equal(instant.millisecond, (24 * 60 - 90) * 60000);
}

/* The ends of the calendar: before the first change of year 1 and behind the last of year 9999. */
static void test_ends_of_the_calendar(void **state) {
  (void)state;
  ph_zone zone;
  begin(&zone, "NZST-12NZDT,M9.5.0,M4.1.0/3");
  assert_int64_equal(ph_zone_seconds_east(&zone, -62135596800), 13 * 3600);
  assert_int64_equal(ph_zone_seconds_east(&zone, 253402300799), 13 * 3600);
  assert_int64_equal(ph_zone_seconds_east(&zone, INT64_MIN / 2000), 13 * 3600);
  assert_int64_equal(ph_zone_seconds_east(&zone, INT64_MAX / 2000), 13 * 3600);
  begin(&zone, "EST5EDT,M3.2.0,M11.1.0");
  assert_int64_equal(ph_zone_seconds_east(&zone, -62135596800), -5 * 3600);
  assert_int64_equal(ph_zone_seconds_east(&zone, 253402300799), -5 * 3600);
}

static void test_errors(void **state) {
  (void)state;
  static const char *const unknown[] = {"",
                                        "Mars/Olympus",
                                        "/etc/passwd",
                                        "../zoneinfo/UTC",
                                        "America",
                                        "EST5EDT,M3.2.0",
                                        "EST5EDT,M3.2.0,M13.1.0",
                                        "EST5EDT,M3.6.0,M11.1.0",
                                        "EST5EDT,M3.2.7,M11.1.0",
                                        "EST5EDT,J0,J365",
                                        "EST5EDT,366,1",
                                        "EST25",
                                        "ES5",
                                        "EST5EDT,M3.2.0,M11.1.0,",
                                        "EST5EDT,M3.2.0/168,M11.1.0",
                                        "<+1>-1",
                                        "<+01-1",
                                        "a\nb",
                                        "2",
                                        "+02:00"};
  for (size_t at = 0; at < sizeof unknown / sizeof *unknown; at++)
    check_error(unknown[at], "expected UTC, an IANA name such as America/New_York");
  check_error("Mars/Olympus", "time_zone is 'Mars/Olympus'");
  check_error("EST5EDT",
              "time_zone is 'EST5EDT' (expected the days on which daylight saving begins and ends");
}

/* ---- zone files, byte by byte ---- */

/* Two transitions, two types, the rule CET-1CEST behind them; version 1 when `rule` is NULL. */
static size_t make_file(unsigned char *bytes, const char *rule) {
  size_t length = 0;
  for (int block = 0; block < (rule == NULL ? 1 : 2); block++) {
    size_t width = block == 0 ? 4 : 8;
    memset(bytes + length, 0, 44);
    memcpy(bytes + length, "TZif", 4);
    bytes[length + 4] = rule == NULL ? 0 : '2';
    bytes[length + 35] = 2; /* times */
    bytes[length + 39] = 2; /* types */
    bytes[length + 43] = 8; /* characters */
    length += 44;
    for (int at = 0; at < 2; at++) {
      memset(bytes + length, 0, width);
      bytes[length + width - 3] = (unsigned char)(at + 1); /* 65536 and 131072 */
      length += width;
    }
    memcpy(bytes + length,
           "\1\0"
           "\0\0\x0E\x10\0\0"
           "\0\0\x1C\x20\1\4"
           "CET\0CES\0",
           22);
    length += 22;
  }
  if (rule != NULL) length += (size_t)sprintf((char *)bytes + length, "\n%s\n", rule);
  return length;
}

static void test_file_bytes(void **state) {
  (void)state;
  unsigned char bytes[400];
  ph_zone zone;
  ph_status_begin(&status, &memory.memory);
  static const char *const rules[] = {NULL, "", "CET-1CEST,M3.5.0,M10.5.0/3"};
  for (int at = 0; at < 3; at++) {
    size_t length = make_file(bytes, rules[at]);
    assert_true(ph_zone_from_file(&zone, bytes, length, &status));
    assert_int64_equal(ph_zone_seconds_east(&zone, 65535), 3600);
    assert_int64_equal(ph_zone_seconds_east(&zone, 65536), 7200);
    assert_int64_equal(ph_zone_seconds_east(&zone, 131072), 3600);
    assert_int64_equal(ph_zone_seconds_east(&zone, 1656547200), at == 2 ? 7200 : 3600);
    ph_zone_end(&zone, &memory.memory);
    for (size_t shorter = 0; shorter < length; shorter++) {
      unsigned char *copy = malloc(shorter + 1);
      memcpy(copy, bytes, shorter);
      if (ph_zone_from_file(&zone, copy, shorter, &status))
        fail_msg("%zu of %zu bytes are a zone", shorter, length);
      free(copy);
    }
    for (size_t index = 0; index < length; index++) /* no byte leads out of the file */
      for (int bit = 0; bit < 8; bit++) {
        unsigned char *copy = malloc(length);
        memcpy(copy, bytes, length);
        copy[index] ^= (unsigned char)(1 << bit);
        if (ph_zone_from_file(&zone, copy, length, &status)) ph_zone_seconds_east(&zone, 1656547200);
        ph_zone_end(&zone, &memory.memory);
        free(copy);
      }
  }
  size_t length = make_file(bytes, "nonsense");
  assert_false(ph_zone_from_file(&zone, bytes, length, &status));
  assert_false(ph_failed(&status));
  assert_int64_equal(memory.blocks, 0);
}

static void test_own_directory(void **state) {
  (void)state;
  unsigned char bytes[400];
  char directory[] = "/tmp/zoneXXXXXX", path[64];
  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof path, "%s/Here", directory);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  fwrite(bytes, 1, make_file(bytes, "CET-1CEST,M3.5.0,M10.5.0/3"), file);
  fclose(file);
  setenv("TZDIR", directory, 1);
  ph_zone zone;
  begin(&zone, "Here");
  assert_int64_equal(ph_zone_seconds_east(&zone, 1656547200), 7200);
  ph_zone_end(&zone, &memory.memory);
  check_error("Europe/Berlin", "time_zone is 'Europe/Berlin'");
  for (long call = 1;; call++) { /* without memory, at each call */
    ph_status_begin(&status, &memory.memory);
    memory.fail_at = memory.calls + call;
    memory.fired = false;
    ph_zone_begin(&zone, "Here", 4, &status);
    ph_zone_end(&zone, &memory.memory);
    assert_int64_equal(status.code, memory.fired ? PH_NO_MEMORY : PH_OK);
    assert_int64_equal(memory.blocks, 0);
    if (!memory.fired) break;
  }
  memory.fail_at = 0;
  unsetenv("TZDIR");
  remove(path);
  rmdir(directory);
}

int main(void) {
  test_memory_begin(&memory, &status);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rules),
      cmocka_unit_test(test_daylight_all_year),
      cmocka_unit_test(test_files),
      cmocka_unit_test(test_days),
      cmocka_unit_test(test_ends_of_the_calendar),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_file_bytes),
      cmocka_unit_test(test_own_directory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
