/*
** pipeline_date and pipeline_amount: dates and amounts from what people and spreadsheets wrote
** (specification, section 10).
**
**     SELECT pipeline_date('10/23/2017 3:04 PM', 'mdy');   -- 2017-10-23T15:04:00
**     SELECT pipeline_amount('1.234,50 €', ',');           -- 1234.5
**
** The forms stand in base/date_text.h and base/amount_text.h. Both functions return NULL for NULL, for an
** empty text and for what cannot be read so. The result of pipeline_date is text: a date, or with a time an
** instant, with the zone that was written or none. The result of pipeline_amount is an INTEGER when the
** number is whole, else a REAL; numbers pass. A second argument that is NULL or empty is the default.
*/
#include "functions.h"

#include "../base/amount_text.h"
#include "../base/date_text.h"

/* Finds the second argument among its choices, in any case; the first is the default. -1 and an error
** where it is none of them. */
static int choice(sqlite3_context *context, int count, sqlite3_value **values, const char *function,
                  const char *argument, const char *const *choices, const char *expected) {
  if (count < 2) return 0;
  ph_value value = ph_host_value(values[1]);
  if (ph_value_is_missing(&value)) return 0;
  for (int index = 0; value.type == PH_TEXT && choices[index] != NULL; index++)
    if (ph_text_equals_any_case(value.text, value.length, choices[index])) return index;
  ph_function_fail(context, function, argument, &value, expected);
  return -1;
}

void ph_pipeline_date(sqlite3_context *context, int count, sqlite3_value **values) {
  static const char *const names[] = {"ymd", "mdy", "dmy", NULL};
  static const ph_date_order orders[] = {PH_DATE_YMD, PH_DATE_MDY, PH_DATE_DMY};
  int chosen =
      choice(context, count, values, "pipeline_date", "order", names, "expected 'ymd', 'mdy' or 'dmy'");
  if (chosen < 0) return;
  ph_value value = ph_host_value(values[0]);
  ph_date_reading reading;
  if (!ph_date_read(&value, orders[chosen], &reading) || reading.kind == PH_DATE_MISSING) return;
  char text[PH_DATE_TEXT_BYTES];
  int length = (int)ph_date_write(&reading, text);
  sqlite3_result_text(context, text, length, SQLITE_TRANSIENT);
}

void ph_pipeline_amount(sqlite3_context *context, int count, sqlite3_value **values) {
  static const char *const names[] = {".", ",", NULL};
  int chosen = choice(context, count, values, "pipeline_amount", "decimal", names, "expected '.' or ','");
  if (chosen < 0) return;
  ph_value value = ph_host_value(values[0]);
  if (value.type == PH_TEXT && !ph_amount_read(value.text, value.length, *names[chosen], &value)) return;
  if (value.type == PH_INTEGER) sqlite3_result_int64(context, value.integer);
  if (value.type == PH_REAL) sqlite3_result_double(context, value.real);
}
