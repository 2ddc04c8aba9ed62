/*
** Checks calendar days and instants (specification, section 2).
*/
#include "base/zone.h"
#include "support.h"

static ph_value text_value(const char *text) {
  return (ph_value){.type = PH_TEXT, .text = text, .length = strlen(text)};
}

/* ---- the calendar ---- */

static bool is_leap(int year) {
  if (year % 400 == 0) return true;
  return year % 4 == 0 && year % 100 != 0;
}

static int days_in(int year, int month) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static void test_every_day(void **state) {
  (void)state;
  ph_civil expected = {1, 1, 1};
  char text[PH_DAY_TEXT_BYTES], expected_text[32];
  for (ph_day day = 0; day <= PH_DAY_LAST; day++) {
    ph_civil civil = ph_civil_of(day);
    if (civil.year != expected.year || civil.month != expected.month || civil.day != expected.day)
      fail_msg("day %d is %d-%d-%d", (int)day, civil.year, civil.month, civil.day);
    if (ph_day_of(civil.year, civil.month, civil.day) != day) fail_msg("day %d does not return", (int)day);
    if (day % 97 == 0 || day > PH_DAY_LAST - 400) {
      snprintf(expected_text, sizeof expected_text, "%04d-%02d-%02d", expected.year, expected.month,
               expected.day);
      ph_day_format(day, text);
      assert_string_equal(text, expected_text);
    }
    if (++expected.day <= days_in(expected.year, expected.month)) continue;
    expected.day = 1;
    if (++expected.month <= 12) continue;
    expected.month = 1;
    expected.year++;
  }
  assert_int64_equal(expected.year, 10000);
}

static void test_known_days(void **state) {
  (void)state;
  assert_int64_equal(ph_day_of(1, 1, 1), 0);
  assert_int64_equal(ph_day_of(1970, 1, 1), 719162);
  assert_int64_equal(ph_day_of(9999, 12, 31), PH_DAY_LAST);
  assert_int64_equal(PH_DAY_NEVER, PH_DAY_LAST + 1);
  assert_int64_equal(ph_weekday(ph_day_of(2022, 6, 30)), 3); /* a Thursday */
  assert_int64_equal(ph_weekday(ph_day_of(2000, 1, 1)), 5);  /* a Saturday */
  assert_int64_equal(ph_weekday(ph_day_of(1, 1, 1)), 0);
  assert_false(ph_is_day(-1));
  assert_true(ph_is_day(0));
  assert_true(ph_is_day(PH_DAY_LAST));
  assert_false(ph_is_day(PH_DAY_NEVER));
  assert_int64_equal(ph_days_in_month(1900, 2), 28);
  assert_int64_equal(ph_days_in_month(2000, 2), 29);
}

static void test_months(void **state) {
  (void)state;
  for (int year = 1; year <= 9999; year++)
    for (int month = 1; month <= 12; month++) {
      int32_t number = 12 * year + month - 1;
      ph_day first = ph_first_day_of_month(number), last = ph_last_day_of_month(number);
      if (first != ph_day_of(year, month, 1) || last != first + days_in(year, month) - 1 ||
          ph_month_of(first) != number || ph_month_of(last) != number)
        fail_msg("month %d-%d", year, month);
    }
  assert_int64_equal(ph_first_day_of_month(11), PH_DAY_NONE);
  assert_int64_equal(ph_last_day_of_month(11), PH_DAY_NONE);
  assert_int64_equal(ph_first_day_of_month(120000), PH_DAY_NONE);
  assert_int64_equal(ph_last_day_of_month(120000), PH_DAY_NONE);
}

/* ---- texts ---- */

typedef struct reading {
  const char *text;
  int offset; /* utc_offset_minutes */
  int year, month, day, millisecond;
} reading;

enum { HOUR = 3600000, MINUTE = 60000, NOON = 12 * HOUR };

static const reading good_texts[] = {
    {"2022-06-30", 0, 2022, 6, 30, 0},
    {"2022-06-30", 600, 2022, 6, 30, 0}, /* a date alone is that day */
    {"2022-06-30", -600, 2022, 6, 30, 0},
    {"0001-01-01", -1440, 1, 1, 1, 0},
    {"9999-12-31", 1440, 9999, 12, 31, 0},
    {"2024-02-29", 0, 2024, 2, 29, 0},
    {"2000-02-29", 0, 2000, 2, 29, 0},
    {"2022-06-30T12:00", 0, 2022, 6, 30, NOON},
    {"2022-06-30 12:00", 0, 2022, 6, 30, NOON},
    {"2022-06-30T23:59:59", 0, 2022, 6, 30, 24 * HOUR - 1000},
    {"2022-06-30T12:00:00.5", 0, 2022, 6, 30, NOON + 500},
    {"2022-06-30T12:00:00.05", 0, 2022, 6, 30, NOON + 50},
    {"2022-06-30T12:00:00.123999999", 0, 2022, 6, 30, NOON + 123},
    {"2022-06-30T12:00:00.0009", 0, 2022, 6, 30, NOON},
    {"2022-06-30T12:00Z", 0, 2022, 6, 30, NOON},
    {"2022-06-30 12:00:00.25Z", 0, 2022, 6, 30, NOON + 250},
    {"2022-06-30T12:00+02:00", 0, 2022, 6, 30, NOON - 2 * HOUR},
    {"2022-06-30T12:00-02:00", 0, 2022, 6, 30, NOON + 2 * HOUR},
    {"2022-06-30T12:00+0230", 0, 2022, 6, 30, NOON - 2 * HOUR - 30 * MINUTE},
    {"2022-06-30T12:00-02", 0, 2022, 6, 30, NOON + 2 * HOUR},
    {"2022-06-30T12:00:00.000+05:45", 0, 2022, 6, 30, NOON - 5 * HOUR - 45 * MINUTE},
    {"2022-06-30T00:30+01:00", 0, 2022, 6, 29, 23 * HOUR + 30 * MINUTE},
    {"2022-12-31T23:30-01:00", 0, 2023, 1, 1, 30 * MINUTE},
    {"2022-06-30T12:00+14:59", 0, 2022, 6, 29, 21 * HOUR + MINUTE},
    {"2022-06-30T12:00-14:00", 0, 2022, 7, 1, 2 * HOUR},
    {"2022-06-30T12:00-00", 0, 2022, 6, 30, NOON},
    {"2022-06-30T23:30", 60, 2022, 7, 1, 30 * MINUTE}, /* a time without a zone is UTC */
    {"2022-06-30T23:30Z", 60, 2022, 7, 1, 30 * MINUTE},
    {"2022-06-30T00:30Z", -60, 2022, 6, 29, 23 * HOUR + 30 * MINUTE},
    {"2022-06-30T00:00", -1, 2022, 6, 29, 24 * HOUR - MINUTE},
    {"2022-03-01T00:00", -1440, 2022, 2, 28, 0},
    {"9999-12-31T23:59:59.999", 0, 9999, 12, 31, 24 * HOUR - 1},
    {"0001-01-01T00:00", 0, 1, 1, 1, 0},
    {"0001-01-01T00:00-00:30", 0, 1, 1, 1, 30 * MINUTE},
    /* numbers: Julian days */
    {"2459760.5", 0, 2022, 6, 30, 0},
    {"2459761", 0, 2022, 6, 30, NOON},
    {"+2459761", 60, 2022, 6, 30, NOON + HOUR},
    {"2459760.99", 15, 2022, 6, 30, 12 * HOUR - 864000 + 15 * MINUTE},
    {"1721425.5", 0, 1, 1, 1, 0},
    {"5373484.25", 0, 9999, 12, 31, 18 * HOUR},
    {"24597605e-1", 0, 2022, 6, 30, 0},
    {"0.24597605E+7", 0, 2022, 6, 30, 0},
    /* Unix seconds */
    {"5373484.5", 0, 1970, 3, 4, 4 * HOUR + 38 * MINUTE + 4500},
    {"1656547200", 0, 2022, 6, 30, 0},
    {"1656547200", 60, 2022, 6, 30, HOUR},
    {"1656547200", -60, 2022, 6, 29, 23 * HOUR},
    {"1656547200.0004", 0, 2022, 6, 30, 0},
    {"1656547200.0006", 0, 2022, 6, 30, 0}, /* cut, like the digits of a text */
    {"1656547200.001", 0, 2022, 6, 30, 1},
    {"1656547200.123", 0, 2022, 6, 30, 123},
    {"1656547199.9996", 0, 2022, 6, 29, 24 * HOUR - 1},
    {"20220630", 0, 1970, 8, 23, 50 * MINUTE + 30000},
    {"99999999999", 0, 5138, 11, 16, 9 * HOUR + 46 * MINUTE + 39000},
    /* Unix milliseconds */
    {"100000000000", 0, 1973, 3, 3, 9 * HOUR + 46 * MINUTE + 40000},
    {"1656547200123", 0, 2022, 6, 30, 123},
    {"99999999999999", 0, 5138, 11, 16, 9 * HOUR + 46 * MINUTE + 39999},
    /* Unix microseconds */
    {"100000000000000", 0, 1973, 3, 3, 9 * HOUR + 46 * MINUTE + 40000},
    {"1656547200123456", 0, 2022, 6, 30, 123},
    {"253402300799999000", 0, 9999, 12, 31, 24 * HOUR - 1},
    /* other separators, names of months, zones behind a blank */
    {"2022/06/30", 0, 2022, 6, 30, 0},
    {"2022/06/30 12:00", 0, 2022, 6, 30, NOON},
    {"5 May 2022", -60, 2022, 5, 5, 0},
    {"May 5, 2022", 0, 2022, 5, 5, 0},
    {"05-May-22", 0, 2022, 5, 5, 0},
    {"5/MAY/1999", 0, 1999, 5, 5, 0},
    {"31-Dec-68", 0, 2068, 12, 31, 0},
    {"01-Jan-69", 0, 1969, 1, 1, 0},
    {"29 February 2024", 0, 2024, 2, 29, 0},
    {"sept. 30 2022", 0, 2022, 9, 30, 0},
    {"30 Sep 2022 12:00 UTC", 0, 2022, 9, 30, NOON},
    {"May 5, 2022 12:00:00.25 +02:00", 0, 2022, 5, 5, NOON - 2 * HOUR + 250},
    {"2022-06-30T12:00 Z", 0, 2022, 6, 30, NOON},
    {"2022-06-30 12:00:00 UTC", 0, 2022, 6, 30, NOON},
    {"2022-06-30 12:00:00.000 +0000", 0, 2022, 6, 30, NOON},
    {"2022-06-30 12:00:00.123456+00", 0, 2022, 6, 30, NOON + 123},
    {"2022-06-30 12:00 -07", 0, 2022, 6, 30, NOON + 7 * HOUR},
};

/* As the product reads a cell; false for what is missing, too. */
static bool read_instant(const ph_value *value, int offset, ph_instant *instant) {
  ph_zone zone;
  ph_zone_begin_fixed(&zone, offset);
  return ph_zone_read(&zone, value, PH_INSTANT_BY_NATURE, instant) && instant->day != PH_DAY_NONE;
}

static bool instant_at(int64_t milliseconds, int offset, ph_instant *instant) {
  ph_zone zone;
  ph_zone_begin_fixed(&zone, offset);
  return ph_zone_instant(&zone, milliseconds, instant);
}

static void check_instant(const ph_value *value, int offset, ph_day day, int millisecond, const char *shown) {
  ph_instant instant = {PH_DAY_NONE, -1};
  if (!read_instant(value, offset, &instant)) fail_msg("%s is no date", shown);
  if (instant.day != day || instant.millisecond != millisecond)
    fail_msg("%s is day %d, millisecond %d; expected %d, %d", shown, (int)instant.day,
             (int)instant.millisecond, (int)day, millisecond);
}

static void test_accepted_texts(void **state) {
  (void)state;
  for (size_t at = 0; at < sizeof good_texts / sizeof *good_texts; at++) {
    const reading *good = &good_texts[at];
    ph_value value = text_value(good->text);
    ph_day day = ph_day_of(good->year, good->month, good->day);
    check_instant(&value, good->offset, day, good->millisecond, good->text);
  }
}

static void test_rejected_texts(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",
      " ",
      "x",
      "10/23/17",
      "2022/6/30",
      "2022/06-30",
      "2022.06.30",
      "06/30/2022",
      "30/06/2022",
      "5 Mai 2022",
      "5 Mayo 2022",
      "May 2022",
      "May 32, 2022",
      "5 May",
      "5-May/2022",
      "5-May-022",
      "5.May 2022",
      "30 Feb 2022",
      "May 5, 2022 3:00 PM",
      "0000-00-00",
      "0000-00-01",
      "2022-06-30T12:00 ",
      "2022-06-30T12:00 EST",
      "2022-06x30",
      "2022x06-30",
      "2022-06-30T12:00:x9",
      "2022-6-30",
      "2022-06-3",
      "22-06-30",
      "02022-06-30",
      "2022-06-30 ",
      " 2022-06-30",
      "2022-06",
      "2022",
      "2021-02-29",
      "1900-02-29",
      "2022-04-31",
      "2022-06-31",
      "2022-00-10",
      "2022-13-01",
      "2022-06-00",
      "2022-06-32",
      "0000-01-01",
      "-001-01-01",
      "2022-06-30T",
      "2022-06-30T12",
      "2022-06-30T12:",
      "2022-06-30T12:0",
      "2022-06-30t12:00",
      "2022-06-30  12:00",
      "2022-06-30_12:00",
      "2022-06-30T24:00",
      "2022-06-30T12:60",
      "2022-06-30T12:00:60",
      "2022-06-30T12:00:",
      "2022-06-30T12:00:0",
      "2022-06-30T12:00:00.",
      "2022-06-30T12:00:00.Z",
      "2022-06-30T12:00.5",
      "2022-06-30T12:00:00,5",
      "2022-06-30T12:00z",
      "2022-06-30T12:00ZZ",
      "2022-06-30T12:00+",
      "2022-06-30T12:00+2",
      "2022-06-30T12:00+02:",
      "2022-06-30T12:00+02:0",
      "2022-06-30T12:00+02:000",
      "2022-06-30T12:00+020",
      "2022-06-30T12:00+15:00",
      "2022-06-30T12:00+02:60",
      "2022-06-30T12:00+ab",
      "2022-06-30T12:00+02:ab",
      "2022-06-30T12:00*02",
      "2022-06-30T1a:00",
      "2022-06-30T12-00",
      "2022-06-30T12:00:a0",
      "2022-06-30T12:00:00.5+99",
      "0001-01-01T00:00+00:01",
      "9999-12-31T23:59-00:01",
      "now",
      "today",
      "1e",
      "1e+",
      "1.2.3",
      "--1",
      "0x10",
      " 2459760.5",
      "2459760.5 ",
      "2 459",
      "nan",
      "inf",
      "0",
      "-1",
      "1721425.4",
      "1e300",
      "253402300800000000",
      "1e18",
      "-62135596800000",
      "2022-06-30\n",
  };
  for (size_t at = 0; at < sizeof bad / sizeof *bad; at++) {
    ph_value value = text_value(bad[at]);
    ph_instant instant;
    if (read_instant(&value, 0, &instant)) fail_msg("'%s' is a date", bad[at]);
  }
}

/* The offset alone can bring an instant into the calendar or out of it. */
static void test_offset_at_the_ends(void **state) {
  (void)state;
  ph_instant instant;
  ph_value late = text_value("9999-12-31T23:59"), early = text_value("0001-01-01T00:00");
  assert_false(read_instant(&late, 1, &instant));
  assert_false(read_instant(&early, -1, &instant));
  assert_true(instant_at(253402300800000, -1, &instant));
  assert_int64_equal(instant.day, PH_DAY_LAST);
  assert_false(instant_at(253402300800000, 0, &instant));
  assert_true(instant_at(-62135596800001, 1, &instant));
  assert_int64_equal(instant.day, 0);
  assert_int64_equal(instant.millisecond, 59999);
  assert_false(instant_at(-62135596800001, 0, &instant));
}

/* ---- other values ---- */

static void test_numbers(void **state) {
  (void)state;
  ph_day june30 = ph_day_of(2022, 6, 30);
  ph_value value = {.type = PH_INTEGER, .integer = 1656547200};
  check_instant(&value, 0, june30, 0, "INTEGER seconds");
  value.integer = 1656547200123;
  check_instant(&value, 0, june30, 123, "INTEGER milliseconds");
  value.integer = 2459761;
  check_instant(&value, 0, june30, NOON, "INTEGER Julian day");
  value = (ph_value){.type = PH_REAL, .real = 2459760.5};
  check_instant(&value, 90, june30, 90 * MINUTE, "REAL Julian day");
  value.real = 1656547200.25;
  check_instant(&value, 0, june30, 250, "REAL seconds");
  value.real = 1656547200123.4;
  check_instant(&value, 0, june30, 123, "REAL milliseconds");
}

static void test_no_dates(void **state) {
  (void)state;
  ph_instant instant;
  const ph_value bad[] = {
      {.type = PH_NULL},
      {.type = PH_BLOB, .text = "2022-06-30", .length = 10},
      {.type = PH_INTEGER, .integer = 0},
      {.type = PH_INTEGER, .integer = INT64_MIN},
      {.type = PH_INTEGER, .integer = INT64_MAX},
      {.type = PH_REAL, .real = NAN},
      {.type = PH_REAL, .real = INFINITY},
      {.type = PH_REAL, .real = -INFINITY},
      {.type = PH_REAL, .real = 1721425.4},
      {.type = PH_TEXT, .text = "\0\0\0\0\0\0\0\0\0\0", .length = 10},
      {.type = PH_TEXT, .text = "2022-06-30\0", .length = 11},
  };
  for (size_t at = 0; at < sizeof bad / sizeof *bad; at++)
    if (read_instant(&bad[at], 0, &instant)) fail_msg("bad value %zu is a date", at);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_day),      cmocka_unit_test(test_known_days),
      cmocka_unit_test(test_months),         cmocka_unit_test(test_accepted_texts),
      cmocka_unit_test(test_rejected_texts), cmocka_unit_test(test_offset_at_the_ends),
      cmocka_unit_test(test_numbers),        cmocka_unit_test(test_no_dates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
