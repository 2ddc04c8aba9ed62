/* Results and filters: the values of a row by the kinds of its columns. See engine.h. */
#include "engine.h"

#include "../base/money.h"
#include "../base/statistics.h"

#include <string.h>

bool ph_filter_passes_text(const ph_query *query, int column, const char *text, size_t length) {
  const ph_filter *filter = &query->filters[column];
  if (!filter->given) return true;
  return text != NULL && length == filter->length && memcmp(text, filter->text, length) == 0;
}

bool ph_filter_passes_name(const ph_query *query, int column, uint32_t name) {
  if (!query->filters[column].given) return true;
  const ph_name *text = &query->pipeline->history.names.names[name];
  return name != 0 && ph_filter_passes_text(query, column, text->text, text->length);
}

/* A whole number or an enum, by its size. */
static int64_t integer_at(const void *at, size_t size) {
  if (size == sizeof(int64_t)) return *(const int64_t *)at;
  if (size == sizeof(int32_t)) return *(const int32_t *)at;
  return *(const uint8_t *)at;
}

static const void *value_at(const ph_query *query, const ph_column *column) {
  return (const char *)ph_query_row(query) + column->offset;
}

static const char *choice_at(const ph_query *query, const ph_column *column) {
  return column->choices[integer_at(value_at(query, column), column->size)];
}

bool ph_row_passes_filters(const ph_query *query) {
  for (int index = 0; index < query->table->column_count; index++) {
    const ph_column *column = &query->table->columns[index];
    const ph_filter *filter = &query->filters[index];
    if (!filter->given) continue;
    if (column->kind == PH_SHOW_NAME) {
      if (!ph_filter_passes_name(query, index, *(const uint32_t *)value_at(query, column))) return false;
    } else if (column->kind == PH_SHOW_CHOICE) {
      const char *text = choice_at(query, column);
      if (!ph_filter_passes_text(query, index, text, text != NULL ? strlen(text) : 0)) return false;
    } else if (column->kind == PH_SHOW_INTEGER || column->kind == PH_SHOW_COUNT) {
      if (integer_at(value_at(query, column), column->size) != filter->integer) return false;
    }
  }
  return true;
}

void ph_column_show(ph_query *query, const ph_column *column) {
  const void *at = value_at(query, column);
  switch (column->kind) {
  case PH_SHOW_NAME: ph_result_name(query, *(const uint32_t *)at); break;
  case PH_SHOW_DAY: ph_result_day(query, *(const ph_day *)at); break;
  case PH_SHOW_INTEGER: ph_result_integer(query, integer_at(at, column->size)); break;
  case PH_SHOW_COUNT:
    if (*(const int64_t *)at >= 0) ph_result_integer(query, *(const int64_t *)at);
    break;
  case PH_SHOW_MONEY: ph_result_money(query, *(const int64_t *)at); break;
  case PH_SHOW_AMOUNT:
    if (*(const int64_t *)at >= 0) ph_result_money(query, *(const int64_t *)at);
    break;
  case PH_SHOW_UNITS: ph_result_real(query, *(const double *)at / PH_UNITS_PER_ONE); break;
  case PH_SHOW_REAL: ph_result_real(query, *(const double *)at); break;
  case PH_SHOW_TEXT: ph_result_text(query, *(const char *const *)at); break;
  case PH_SHOW_CHOICE: ph_result_text(query, choice_at(query, column)); break;
  case PH_SHOW_EXCLUDED: ph_result_integer(query, query->pipeline->history.excluded_deals); break;
  case PH_SHOW_WORKED_OUT: column->work_out(query, ph_query_row(query)); break;
  }
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
