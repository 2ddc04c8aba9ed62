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

/* A policy in force. */
typedef struct setting {
  ph_policy_descriptor is;
  double value;
  const char *source;
} setting;

static void fill(ph_query *query) {
  setting *rows = ph_allocate(query->status, PH_POLICY_COUNT, sizeof *rows);
  query->rows = rows;
  if (rows == NULL) return;
  query->row_count = PH_POLICY_COUNT;
  for (int policy = 0; policy < PH_POLICY_COUNT; policy++)
    rows[policy] = (setting){ph_policy_descriptors[policy], query->policy.value[policy],
                             query->policy.given[policy] ? "policy" : "default"};
}

static void result_policy(ph_query *query, const ph_policy *policy) {
  ph_policy_name name = (ph_policy_name)query->row;
  char shown[PH_POLICY_SHOWN_BYTES];
  switch (ph_policy_descriptors[name].type) {
  case PH_POLICY_INTEGER: ph_result_integer(query, ph_policy_integer(policy, name)); break;
  case PH_POLICY_REAL: ph_result_real(query, policy->value[name]); break;
  default: {
    const char *text = ph_policy_show(policy, name, shown);
    if (text != NULL) ph_result_text(query, text);
    break;
  }
  }
}

static void show_value(ph_query *query, const void *at) {
  const setting *row = at;
  result_policy(query, &row->is, row->value);
}

static void show_default_value(ph_query *query, const void *at) {
  const setting *row = at;
  result_policy(query, &row->is, row->is.default_value);
}

static const ph_column columns[] = {
    PH_TEXT_COLUMN("name", setting, is.name),
    PH_WORKED_OUT_COLUMN("value", PH_COLUMN_NUMERIC, show_value),
    PH_WORKED_OUT_COLUMN("default_value", PH_COLUMN_NUMERIC, show_default_value),
    PH_TEXT_COLUMN("source", setting, source),
    PH_TEXT_COLUMN("meaning", setting, is.meaning),
};

const ph_table ph_table_pipeline_settings = {
    .name = "pipeline_settings",
    PH_COLUMNS(columns),
    .reads_policy_only = true,
    .rows_estimate = PH_POLICY_COUNT,
    .row_size = sizeof(setting),
    .fill = fill,
};
