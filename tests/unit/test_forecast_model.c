/*
** Checks what a period may still bring, learned from the periods before it.
*/
#include "measure/forecast_model.h"
#include "forecast_values.h"
#include "support.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

enum { MOST_GROUPS = 4 };

/* Every period had ended before the next one was looked at. */
static const size_t all_ended[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};

#define assert_close(actual, expected) assert_real_near(actual, expected, 1e-9 * fabs(expected))

static void test_reference(void **state) {
  (void)state;
  for (size_t row = 0; row < LENGTH(forecast_values); row++) {
    ph_forecast_points points = {&point_values[forecast_values[row].first], forecast_values[row].periods,
                                 forecast_values[row].groups, all_ended, forecast_values[row].lookback};
    assert_true(points.period_count <= LENGTH(all_ended));
    ph_forecast_moments moments[MOST_GROUPS];
    double shock = ph_forecast_shock(&points, moments), open_rate = 0;
    double bias = ph_forecast_learn(&points, points.period_count - 1, moments);
    const ph_forecast_moments *of_group = &moments[forecast_values[row].group];
    for (size_t chance = 0; chance < LENGTH(forecast_values[row].chances); chance++)
      open_rate += ph_forecast_rate(bias, forecast_values[row].chances[chance]);
    ph_forecast_range range = ph_forecast_range_of(of_group, shock, open_rate, forecast_values[row].won,
                                                   forecast_values[row].quota);
    assert_close(bias, forecast_values[row].bias);
    assert_close(shock, forecast_values[row].shock);
    assert_close(of_group->new_expected, forecast_values[row].new_expected);
    assert_close(range.expected, forecast_values[row].expected);
    assert_close(range.p10, forecast_values[row].p10);
    assert_close(range.p50, forecast_values[row].p50);
    assert_close(range.p90, forecast_values[row].p90);
    assert_close(range.hit_probability, forecast_values[row].hit_probability);
  }
}

/* Open deals that brought twice what their chances said: with two periods' weight of doubt, 1.5 times
** after two. */
static void test_bias(void **state) {
  (void)state;
  ph_forecast_moments moments[1];
  const ph_forecast_point periods[] = {{.open_mean = 100, .won_open = 200},
                                       {.open_mean = 100, .won_open = 200},
                                       {.open_mean = 10, .open_variance = 4}};
  ph_forecast_points points = {periods, 3, 1, all_ended, 8};
  assert_real_equal(ph_forecast_learn(&points, 2, moments), 1.5);
  assert_real_equal(moments[0].open_expected, 15);
  assert_real_equal(moments[0].mean, 15);
  assert_real_equal(moments[0].variance, 9);
  assert_int64_equal(ph_forecast_periods_learned(&points), 2);
  points.lookback = 1; /* the first period is no more looked at */
  assert_real_equal(ph_forecast_learn(&points, 2, moments), (200 + 200) / 300.0);
  assert_int64_equal(ph_forecast_periods_learned(&points), 1);
  points.ended = (const size_t[]){0, 1, 1}; /* the second one has not ended yet */
  assert_real_equal(ph_forecast_learn(&points, 2, moments), (200 + 200) / 300.0);
  points.ended = (const size_t[]){0, 0, 0};
  assert_real_equal(ph_forecast_learn(&points, 2, moments), 1);
  assert_int64_equal(ph_forecast_periods_learned(&points), 0);
  assert_real_equal(ph_forecast_shock(&points, moments), 0);
}

/* New business: its mean, and its variance with the uncertainty of that mean; wins of negative amounts
** take none away. */
static void test_new_business(void **state) {
  (void)state;
  ph_forecast_moments moments[1];
  ph_forecast_point periods[] = {
      {.won_new = 30, .new_count = 3}, {.won_new = 10, .new_count = 1}, {.severity = 7}};
  ph_forecast_points points = {periods, 3, 1, all_ended, 8};
  assert_real_equal(ph_forecast_learn(&points, 2, moments), 1);
  assert_real_equal(moments[0].new_expected, 20);
  assert_real_equal(moments[0].new_count, 2);
  assert_real_equal(moments[0].variance, 20 * 7 * 1.5);
  periods[0].won_new = -100;
  ph_forecast_learn(&points, 2, moments);
  assert_real_equal(moments[0].variance, 0);
}

/* Periods that came exactly as expected have the prior's shock alone; those that were far off have more. */
static void test_shock(void **state) {
  (void)state;
  ph_forecast_moments moments[1];
  ph_forecast_point periods[] = {{.open_mean = 100, .won_open = 100},
                                 {.open_mean = 100, .won_open = 100},
                                 {.open_mean = 100, .won_open = 100},
                                 {.open_mean = 100}};
  ph_forecast_points points = {periods, 4, 1, all_ended, 8};
  assert_real_near(ph_forecast_shock(&points, moments), 0.04 * 1e4 / 3e4 * 2, 1e-15);
  periods[2].won_open = 200;
  assert_real_near(ph_forecast_shock(&points, moments), (1e4 + 0.04 * 1e4) / 3e4 * 2, 1e-15);
  periods[1].open_variance = 1e6; /* independent deals explain it */
  assert_real_equal(ph_forecast_shock(&points, moments), 0);
  periods[1].open_variance = 0;
  points.ended = (const size_t[]){0, 0, 1, 3}; /* nobody knew the first when the second was looked at */
  assert_real_near(ph_forecast_shock(&points, moments), (1e4 + 0.04 * 1e4) / 2e4 * 3, 1e-15);
  points.period_count = 2; /* the only earlier period has none before it */
  assert_real_equal(ph_forecast_shock(&points, moments), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_reference), cmocka_unit_test(test_bias),
                                     cmocka_unit_test(test_new_business), cmocka_unit_test(test_shock)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
