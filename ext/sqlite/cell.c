/* The cells of a row, shown and compared by the kinds of their columns. See engine.h. */
#include "engine.h"

#include "../base/money.h"

#include <string.h>

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

const ph_filter *ph_query_filter(const ph_query *query, int column) {
  for (int index = 0; index < query->filter_count; index++)
    if (query->filters[index].column == column) return &query->filters[index];
  return NULL;
}

static bool passes_text(const ph_filter *filter, const char *text, size_t length) {
  return text != NULL && length == filter->length && memcmp(text, filter->text, length) == 0;
}

static bool passes_name(const ph_query *query, const ph_filter *filter, uint32_t name) {
  const ph_name *text = &query->pipeline->history.names.names[name];
  return name != 0 && passes_text(filter, text->text, text->length);
}

bool ph_filter_passes_name(const ph_query *query, int column, uint32_t name) {
  const ph_filter *filter = ph_query_filter(query, column);
  return filter == NULL || passes_name(query, filter, name);
}

static bool row_passes(const ph_query *query, const ph_filter *filter) {
  const ph_column *column = &query->table->columns[filter->column];
  if (column->kind == PH_SHOW_NAME)
    return passes_name(query, filter, *(const uint32_t *)value_at(query, column));
  if (column->kind == PH_SHOW_CHOICE) {
    const char *text = choice_at(query, column);
    return passes_text(filter, text, text != NULL ? strlen(text) : 0);
  }
  if (column->kind == PH_SHOW_INTEGER || column->kind == PH_SHOW_COUNT)
    return integer_at(value_at(query, column), column->size) == filter->integer;
  return true;
}

bool ph_row_passes_filters(const ph_query *query) {
  for (int index = 0; index < query->filter_count; index++)
    if (!row_passes(query, &query->filters[index])) return false;
  return true;
}
