/*
** pipeline_settings: the policies in force (specification, section 9).
**
**     SELECT name, value, source FROM pipeline_settings WHERE source = 'policy';
**
** One row for each policy. value and default_value are numbers, or text for on_bad_row; source is 'policy'
** where a row of pipeline_policy gave the value, else 'default'.
*/
#include "../engine.h"

#include <math.h>

enum { NAME, VALUE, DEFAULT_VALUE, SOURCE, MEANING, COLUMNS };

static const ph_column columns[COLUMNS] = {
    [NAME] = {"name", PH_COLUMN_TEXT, false},
    [VALUE] = {"value", PH_COLUMN_NUMERIC, false},
    [DEFAULT_VALUE] = {"default_value", PH_COLUMN_NUMERIC, false},
    [SOURCE] = {"source", PH_COLUMN_TEXT, false},
    [MEANING] = {"meaning", PH_COLUMN_TEXT, false},
};

static void fill(ph_query *query) {
  query->row_count = PH_POLICY_COUNT;
}

static void result_policy(ph_query *query, const ph_policy_descriptor *descriptor, double number) {
  switch (descriptor->type) {
  case PH_POLICY_SKIP_OR_ERROR:
    ph_result_text(query, number == PH_ON_BAD_ROW_ERROR ? "error" : "skip");
    break;
  case PH_POLICY_INTEGER: ph_result_integer(query, (int64_t)number); break;
  case PH_POLICY_REAL: ph_result_real(query, number); break;
  }
}

static void value(ph_query *query, int column) {
  const ph_policy_descriptor *descriptor = &ph_policy_descriptors[query->row];
  switch (column) {
  case NAME: ph_result_text(query, descriptor->name); break;
  case VALUE: result_policy(query, descriptor, query->policy.value[query->row]); break;
  case DEFAULT_VALUE: result_policy(query, descriptor, descriptor->default_value); break;
  case SOURCE: ph_result_text(query, query->policy.given[query->row] ? "policy" : "default"); break;
  case MEANING: ph_result_text(query, descriptor->meaning); break;
  default: break;
  }
}

const ph_table ph_table_pipeline_settings = {.name = "pipeline_settings",
                                             .columns = columns,
                                             .column_count = COLUMNS,
                                             .reads_policy_only = true,
                                             .rows_estimate = PH_POLICY_COUNT,
                                             .fill = fill,
                                             .value = value};
