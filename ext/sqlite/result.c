/* Results and of filters: what a table's file hands over, value by value. See engine.h. */
#include "engine.h"

#include "../base/money.h"
#include "../base/statistics.h"

#include <string.h>

bool ph_filter_passes_text(const ph_query *query, int column, const char *text) {
  const ph_filter *filter = &query->filters[column];
  if (!filter->given) return true;
  return strlen(text) == filter->length && memcmp(text, filter->text, filter->length) == 0;
}

bool ph_filter_passes_integer(const ph_query *query, int column, int64_t integer) {
  const ph_filter *filter = &query->filters[column];
  return !filter->given || filter->integer == integer;
}

bool ph_filter_passes_name(const ph_query *query, int column, uint32_t name) {
  const ph_filter *filter = &query->filters[column];
  if (!filter->given) return true;
  if (name == 0) return false;
  const ph_name *text = &query->pipeline->history.names.names[name];
  return text->length == filter->length && memcmp(text->text, filter->text, filter->length) == 0;
}

void ph_result_name(ph_query *query, uint32_t name) {
  const ph_name *text = &query->pipeline->history.names.names[name];
  if (name == 0) return; /* a result is NULL until it is set */
  sqlite3_result_text64(query->result, text->text, text->length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void ph_result_text(ph_query *query, const char *text) {
  if (text != NULL) sqlite3_result_text(query->result, text, -1, SQLITE_TRANSIENT);
}

void ph_result_day(ph_query *query, ph_day day) {
  char text[PH_DAY_TEXT_BYTES];
  if (!ph_is_day(day)) return;
  ph_day_format(day, text);
  sqlite3_result_text(query->result, text, PH_DAY_TEXT_BYTES - 1, SQLITE_TRANSIENT);
}

void ph_result_integer(ph_query *query, int64_t integer) {
  sqlite3_result_int64(query->result, integer);
}

void ph_result_money(ph_query *query, int64_t units) {
  sqlite3_result_double(query->result, ph_money_to_real(units));
}

void ph_result_real(ph_query *query, double real) {
  if (!ph_is_nan(real)) sqlite3_result_double(query->result, real);
}

void ph_result_ratio(ph_query *query, double numerator, double denominator) {
  if (denominator != 0) sqlite3_result_double(query->result, numerator / denominator);
}
