/*
** pipeline_settings: the policies in force (specification, section 9).
**
**     SELECT name, value, source FROM pipeline_settings WHERE source = 'policy';
**
** One row for each policy. value and default_value are numbers, or text for on_bad_row; source is 'policy'
** where a row of pipeline_policy gave the value, else 'default'.
*/
#include "../engine.h"

/* A policy in force. */
typedef struct setting {
  const char *name, *source, *meaning;
} setting;

static void fill(ph_query *query) {
  setting *rows = ph_allocate(query->status, PH_POLICY_COUNT, sizeof *rows);
  query->rows = rows;
  if (rows == NULL) return;
  query->row_count = PH_POLICY_COUNT;
  for (int policy = 0; policy < PH_POLICY_COUNT; policy++)
    rows[policy] =
        (setting){ph_policy_descriptors[policy].name, query->policy.given[policy] ? "policy" : "default",
                  ph_policy_descriptors[policy].meaning};
}

static void show(ph_query *query, const ph_policy *policy) {
  ph_policy_name name = (ph_policy_name)query->row;
  char shown[PH_POLICY_SHOWN_BYTES];
  switch (ph_policy_descriptors[name].type) {
  case PH_POLICY_INTEGER: ph_result_integer(query, ph_policy_integer(policy, name)); break;
  case PH_POLICY_REAL: ph_result_real(query, policy->value[name]); break;
  default: ph_result_text(query, ph_policy_show(policy, name, shown)); break;
  }
}

static void show_value(ph_query *query, const void *row) {
  (void)row;
  show(query, &query->policy);
}

static void show_default_value(ph_query *query, const void *row) {
  ph_policy defaults;
  (void)row;
  ph_policy_set_defaults(&defaults);
  show(query, &defaults);
}

static const ph_column columns[] = {
    PH_TEXT_COLUMN("name", setting, name),
    PH_WORKED_OUT_COLUMN("value", PH_COLUMN_NUMERIC, show_value),
    PH_WORKED_OUT_COLUMN("default_value", PH_COLUMN_NUMERIC, show_default_value),
    PH_TEXT_COLUMN("source", setting, source),
    PH_TEXT_COLUMN("meaning", setting, meaning),
};

const ph_table ph_table_pipeline_settings = {
    .name = "pipeline_settings",
    PH_COLUMNS(columns),
    .reads_policy_only = true,
    .rows_estimate = PH_POLICY_COUNT,
    .row_size = sizeof(setting),
    .fill = fill,
};
