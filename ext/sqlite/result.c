/* Sets the result of a column. See engine.h. */
#include "engine.h"

#include "../base/money.h"
#include "../base/statistics.h"

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

void ph_result_deal_id(ph_query *query, const ph_deal *deal) {
  char buffer[PH_ID_TEXT_BYTES];
  size_t length;
  const char *text = ph_deal_id_text(&query->pipeline->history, deal, buffer, &length);
  sqlite3_result_text64(query->result, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void ph_result_deal_name(ph_query *query, const ph_deal *deal) {
  if (deal->name != NULL)
    sqlite3_result_text64(query->result, deal->name, deal->name_length, SQLITE_TRANSIENT, SQLITE_UTF8);
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
