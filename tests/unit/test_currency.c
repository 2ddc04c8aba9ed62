/*
** Checks what becomes of amounts in several currencies (specification, section 2): which one reports, what is
** converted when, and what cannot be added.
*/
#include "history/currency.h"
#include "history_fixture.h"

static void check_amounts(const char *policy, const char *rates, const char *reporting,
                          const int64_t expected[3]) {
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){.policy = policy,
                           .rates = rates,
                           .quotas = "2022-01-01,2022-03-31,30,,,EUR",
                           .deals = "1,,,,,A,10,2022-01-01,,,open,USD\n2,,,,,A,20,2022-01-01,,,open,EUR"});
  assert_string_equal(fixture_name(&at.history, at.history.rates.reporting), reporting);
  assert_false(at.history.mixes_currencies);
  assert_int64_equal(at.history.deals[0].amount, expected[0]);
  assert_int64_equal(at.history.deals[1].amount, expected[1]);
  assert_int64_equal(at.history.quotas[0].amount, expected[2]);
  fixture_end(&at);
}

static void test_the_reporting_currency(void **state) {
  (void)state;
  check_amounts(NULL, "USD,1\nEUR,#2", "USD", (const int64_t[]){100000, 100000, 150000});
  check_amounts(NULL, "EUR,1\nUSD,0.5", "EUR", (const int64_t[]){200000, 200000, 300000});
  /* by policy, with cross rates */
  check_amounts("reporting_currency,EUR", "USD,1\nEUR,2", "EUR", (const int64_t[]){200000, 200000, 300000});
  /* of two with the rate 1 the first by name */
  check_amounts(NULL, "USD,1\nEUR,1", "EUR", (const int64_t[]){100000, 200000, 300000});
  /* the last rate of a currency counts, for all days */
  check_amounts(NULL, "USD,1\nEUR,9,2022-01-01\nEUR,4,2023-01-01", "USD",
                (const int64_t[]){100000, 50000, 75000});
  /* no currency has the rate 1: it has no name */
  check_amounts(NULL, "USD,2\nEUR,4", "", (const int64_t[]){50000, 50000, 75000});
  check_amounts("reporting_currency,NONE", "USD,2\nEUR,4", "", (const int64_t[]){100000, 200000, 300000});
  check_amounts("reporting_currency,none", NULL, "", (const int64_t[]){100000, 200000, 300000});
}

static void test_several_without_rates(void **state) {
  (void)state;
  static const struct {
    const char *deals, *quotas, *names; /* "": they can be added */
  } cases[] = {
      {"1,,,,,A,1,2022-01-01,,,open,USD\n2,,,,,A,1,2022-01-01,,,open,", NULL, ""},
      {"1,,,,,A,1,2022-01-01,,,open,USD\n2,,,,,A,1,never,,,open,EUR", NULL, ""},
      {"1,,,,,A,1,2022-01-01,,,open,USD\n2,,,,,A,1,2022-01-01,,,open,EUR", NULL, "EUR, USD"},
      {"1,,,,,A,1,2022-01-01,,,open,usd\n2,,,,,A,1,2022-01-01,,,open,USD", NULL, "USD, usd"},
      {"1,,,,,A,1,2022-01-01,,,open,USD", "2022-01-01,2022-03-31,30,,,EUR", "EUR, USD"},
      {"1,,,,,A,1,2022-01-01,,,open,USD", "2022-01-01,2022-03-31,x,,,EUR", ""},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    fixture at;
    fixture_begin(&at, &(fixture_rows){.deals = cases[index].deals, .quotas = cases[index].quotas});
    ph_require_one_currency(&at.history, &at.status);
    assert_true(ph_failed(&at.status) == (cases[index].names[0] != 0));
    if (ph_failed(&at.status) && strstr(at.status.message, cases[index].names) == NULL)
      fail_msg("%s", at.status.message);
    ph_status_begin(&at.status, &at.memory.memory);
    fixture_end(&at);
  }
}

/* A message lists as many names as it holds. */
static void test_many_currencies(void **state) {
  (void)state;
  char deals[40 * 64] = "";
  fixture at;
  for (int deal = 0; deal < 40; deal++)
    sprintf(deals + strlen(deals), "%d,,,,,A,1,2022-01-01,,,open,C%02d\n", deal, deal);
  fixture_begin(&at, &(fixture_rows){.deals = deals});
  assert_true(at.history.mixes_currencies);
  assert_memory_equal(at.history.currency_names, "C00, C01, C02, ", 15);
  size_t length = strlen(at.history.currency_names);
  assert_true(length < PH_CURRENCY_NAMES_BYTES && length > PH_CURRENCY_NAMES_BYTES - 12);
  assert_string_equal(at.history.currency_names + length - strlen(", …"), ", …");
  fixture_end(&at);
}

static void test_currencies_without_a_rate(void **state) {
  (void)state;
  fixture at;
  fixture_begin(
      &at, &(fixture_rows){.rates = "USD,1\nEUR,0\nEUR,-1\nEUR,x\n,2\nEUR,2,someday\nGBP,1e-20",
                           .quotas = "2022-01-01,2022-03-31,30,,,EUR\n2022-01-01,2022-03-31,40,,,USD",
                           .deals = "1,,,,,A,10,2022-01-01,,,open,USD\n2,,,,,A,20,2022-01-01,,,open,EUR\n"
                                    "3,,,,,A,30,never,,,open,EUR",
                           .events = "2,2022-02-01,amount,50,60"});
  assert_int64_equal(at.history.deals[1].amount, 0);
  assert_int64_equal(at.history.amounts[0], 0);
  assert_int64_equal(at.history.quota_count, 1);
  assert_int64_equal(at.history.quotas[0].amount, 400000);
  assert_int64_equal(rows_of(&at, PH_DEAL_CURRENCY_WITHOUT_RATE), 1);
  assert_int64_equal(rows_of(&at, PH_QUOTA_CURRENCY_WITHOUT_RATE), 1);
  assert_int64_equal(rows_of(&at, PH_RATE_BAD), 4);
  assert_int64_equal(rows_of(&at, PH_RATE_CURRENCY_MISSING), 1);
  assert_int64_equal(rows_of(&at, PH_RATE_VALID_FROM_BAD), 1);
  fixture_end(&at);
}

/* With moving rates amounts of deals stay as they are: the timeline converts them. Quotas have the rate of
** their start. */
static void test_moving_rates(void **state) {
  (void)state;
  static const char *const policies[] = {"rate_date,as_of", "rate_date,close_date"};
  for (int policy = 0; policy < 2; policy++) {
    fixture at;
    fixture_begin(&at,
                  &(fixture_rows){.policy = policies[policy],
                                  .rates = "USD,1\nEUR,2,2022-01-01\nEUR,4,2022-07-01",
                                  .quotas = "2022-06-01,2022-09-30,40,,,EUR\n2021-07-01,2021-09-30,40,,,EUR\n"
                                            "2022-07-01,2022-09-30,40,,,EUR",
                                  .deals = "1,,,,,A,10,2022-01-01,,,open,EUR",
                                  .events = "1,2022-02-01,amount,50,60"});
    assert_true(ph_history_has_moving_rates(&at.history));
    assert_int64_equal(at.history.deals[0].amount, 500000);
    assert_int64_equal(at.history.amounts[0], 600000);
    static const int64_t expected[] = {200000, 200000, 100000};
    for (int quota = 0; quota < 3; quota++)
      assert_int64_equal(at.history.quotas[quota].amount, expected[quota]);
    fixture_end(&at);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_reporting_currency), cmocka_unit_test(test_several_without_rates),
      cmocka_unit_test(test_many_currencies),        cmocka_unit_test(test_currencies_without_a_rate),
      cmocka_unit_test(test_moving_rates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
