/*
** Checks the reading of dates and amounts that people wrote (specification, section 10).
*/
#include "base/amount_text.h"
#include "base/date_text.h"
#include "support.h"

/* ---- dates ---- */

static bool read_date(const char *text, ph_date_order order, ph_date_reading *reading) {
  ph_value value = {.type = PH_TEXT, .text = text, .length = strlen(text)};
  return ph_date_read(&value, order, reading);
}

static void check_date(const char *text, ph_date_order order, const char *expected) {
  ph_date_reading reading;
  char written[PH_DATE_TEXT_BYTES] = "none";
  if (read_date(text, order, &reading)) {
    if (reading.kind == PH_DATE_MISSING) {
      strcpy(written, "missing");
    } else {
      size_t length = ph_date_write(&reading, written);
      assert_int64_equal(length, strlen(written));
    }
  }
  if (strcmp(written, expected) != 0) fail_msg("'%s' is %s, expected %s", text, written, expected);
}

static void test_orders(void **state) {
  (void)state;
  check_date("05/06/22", PH_DATE_YMD, "2005-06-22");
  check_date("05/06/22", PH_DATE_MDY, "2022-05-06");
  check_date("05/06/22", PH_DATE_DMY, "2022-06-05");
  check_date("05/06/22", PH_DATE_STRICT, "none");
  check_date("2022.6.5", PH_DATE_MDY, "2022-06-05");
  check_date("2022.6.5", PH_DATE_STRICT, "none");
  check_date("2022.06.05", PH_DATE_STRICT, "none");
  check_date("5.6.2022 7:08", PH_DATE_DMY, "2022-06-05T07:08:00");
  check_date("  5.6.2022  ", PH_DATE_DMY, "2022-06-05");
  check_date("\xC2\xA0"
             "5.6.2022\xE2\x80\xAF",
             PH_DATE_DMY, "2022-06-05");
  check_date("5.6.2022.", PH_DATE_DMY, "none");
  check_date("5.6", PH_DATE_DMY, "none");
  check_date("5.13.2022", PH_DATE_DMY, "none");
  check_date("00/00/0000", PH_DATE_DMY, "missing");
  check_date("20220605", PH_DATE_YMD, "2022-06-05");
  check_date("20220605T0708", PH_DATE_YMD, "none");
  check_date("20220605 07:08", PH_DATE_YMD, "2022-06-05T07:08:00");
  check_date("20220605", PH_DATE_MDY, "none");
  check_date("20220605", PH_DATE_STRICT, "1970-08-23T00:50:05Z");
}

static void test_written_back(void **state) {
  (void)state;
  static const char *const same[] = {"2022-06-05", "2022-06-05T00:00:00", "2022-06-05T23:59:59.999Z",
                                     "2022-06-05T01:02:03.040+05:30", "2022-06-05T01:02:03-14:00"};
  for (size_t at = 0; at < sizeof same / sizeof *same; at++) check_date(same[at], PH_DATE_STRICT, same[at]);
  check_date("2022-06-05 01:02 UTC", PH_DATE_STRICT, "2022-06-05T01:02:00Z");
  check_date("2022-06-05 01:02 gmt", PH_DATE_STRICT, "2022-06-05T01:02:00Z");
  check_date("1654391045.5", PH_DATE_STRICT, "2022-06-05T01:04:05.500Z");
}

static void test_missing(void **state) {
  (void)state;
  check_date("", PH_DATE_STRICT, "missing");
  check_date("0000-00-00", PH_DATE_STRICT, "missing");
  check_date("0000-00-00 00:00:00", PH_DATE_STRICT, "missing");
  check_date("0000-00-00T00:00:00.000Z", PH_DATE_STRICT, "missing");
  check_date("0000-00-00 x", PH_DATE_STRICT, "none");
  check_date("0000-00-01", PH_DATE_STRICT, "none");
  check_date("0000-01-00", PH_DATE_STRICT, "none");
  ph_value null = {.type = PH_NULL}, blob = {.type = PH_BLOB, .text = "2022-06-05", .length = 10};
  ph_date_reading reading;
  assert_true(ph_date_read(&null, PH_DATE_STRICT, &reading));
  assert_int64_equal(reading.kind, PH_DATE_MISSING);
  assert_int64_equal(reading.day, PH_DAY_NONE);
  assert_false(ph_date_read(&blob, PH_DATE_STRICT, &reading));
}

/* What a column of dates may take as it stands: midnight without a zone or in UTC. */
static void test_plain_midnight(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool is_plain, has_zone;
  } cases[] = {{"2022-06-05", false, false},
               {"2022-06-05T00:00", true, false},
               {"2022-06-05 00:00:00.000", true, false},
               {"2022-06-05T00:00:00Z", true, true},
               {"2022-06-05T00:00:00 UTC", true, true},
               {"2022-06-05T00:00:00+00:00", false, true},
               {"2022-06-05T00:00:00+02:00", false, true},
               {"2022-06-05T00:00:01", false, false},
               {"2022-06-05T12:00Z", false, true},
               {"1654387200", false, true}};
  for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
    ph_date_reading reading;
    assert_true(read_date(cases[at].text, PH_DATE_STRICT, &reading));
    if (reading.is_plain_midnight != cases[at].is_plain || reading.has_zone != cases[at].has_zone)
      fail_msg("'%s': plain midnight %d, zone %d", cases[at].text, reading.is_plain_midnight,
               reading.has_zone);
  }
}

static void test_unix_milliseconds(void **state) {
  (void)state;
  ph_date_reading reading;
  assert_true(read_date("1970-01-02T00:00:00.250+01:30", PH_DATE_STRICT, &reading));
  assert_int64_equal(ph_date_unix_milliseconds(&reading), 86400250 - 5400000);
  assert_true(read_date("0001-01-01", PH_DATE_STRICT, &reading));
  assert_int64_equal(ph_date_unix_milliseconds(&reading), -62135596800000);
}

/* No text makes the reading leave its bytes: each prefix of each form, in memory that ends there. */
static void test_prefixes(void **state) {
  (void)state;
  static const char *const texts[] = {"2022-06-05T01:02:03.040+05:30", "12/31/2022, 11:59:59 p.m. UTC",
                                      "September 5, 2022 12:00 PM", "05-Sept-2022 7:00 GMT",
                                      "20220505 10:00Z"};
  for (size_t at = 0; at < sizeof texts / sizeof *texts; at++)
    for (size_t length = 0; length <= strlen(texts[at]); length++)
      for (int order = PH_DATE_STRICT; order <= PH_DATE_DMY; order++) {
        char *copy = malloc(length + (length == 0));
        assert_non_null(copy);
        memcpy(copy, texts[at], length);
        ph_date_reading reading;
        ph_value number;
        if (ph_date_read_text(copy, length, (ph_date_order)order, &reading) &&
            reading.kind != PH_DATE_MISSING)
          assert_true(ph_is_day(reading.day));
        ph_amount_read(copy, length, '.', &number);
        free(copy);
      }
}

/* ---- amounts ---- */

static void check_amount(const char *text, char decimal, ph_value_type type, double expected) {
  ph_value number;
  bool good = ph_amount_read(text, strlen(text), decimal, &number);
  if (good != (type != PH_NULL)) fail_msg("'%s' is %s amount", text, good ? "an" : "no");
  if (!good) return;
  double real = number.type == PH_INTEGER ? (double)number.integer : number.real;
  if (number.type != type || real != expected) fail_msg("'%s' is %.17g", text, real);
}

static void test_amounts(void **state) {
  (void)state;
  check_amount("1234.5", '.', PH_REAL, 1234.5);
  check_amount("1,234,567", '.', PH_INTEGER, 1234567);
  check_amount("1.234,50 \xE2\x82\xAC", ',', PH_REAL, 1234.5);
  check_amount("($1,234.00)", '.', PH_INTEGER, -1234);
  check_amount("CHF 1'234.-", '.', PH_INTEGER, 1234);
  check_amount("1.234,\xE2\x80\x93", ',', PH_INTEGER, 1234);
  check_amount("\xE2\x88\x92"
               "5",
               '.', PH_INTEGER, -5);
  check_amount("1.5E-1", '.', PH_REAL, 0.15);
  check_amount("0e999", '.', PH_INTEGER, 0);
  check_amount("9223372036854775807", '.', PH_INTEGER, 9223372036854775807.0);
  check_amount("9223372036854775808", '.', PH_REAL, 9223372036854775808.0);
}

static void test_no_amounts(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",          " ",       ".",    ",",   "-",   "$",    "()",    "1,23",  "0,500", "1,2345",     "1,,234",
      "1 234,567", "1,234,5", ",234", "5 5", "5%",  "5k",   "5 MIO", "e5",    "5e",    "5e1234",     "1e400",
      "(5",        "5)",      "-(5)", "5--", "+-5", "$$$5", "5.-e5", "5.5.5", "1'23",  "1.234.567,8"};
  for (size_t at = 0; at < sizeof bad / sizeof *bad; at++) check_amount(bad[at], '.', PH_NULL, 0);
  char digits[300];
  memset(digits, '1', sizeof digits);
  ph_value number;
  for (size_t length = 1; length <= sizeof digits; length++)
    assert_int64_equal(ph_amount_read(digits, length, '.', &number), length <= 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_orders),
      cmocka_unit_test(test_written_back),
      cmocka_unit_test(test_missing),
      cmocka_unit_test(test_plain_midnight),
      cmocka_unit_test(test_unix_milliseconds),
      cmocka_unit_test(test_prefixes),
      cmocka_unit_test(test_amounts),
      cmocka_unit_test(test_no_amounts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
