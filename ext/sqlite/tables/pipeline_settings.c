/*
** pipeline_settings: the policies in force (specification, section 9).
**
**     SELECT name, value, source FROM pipeline_settings WHERE source = 'policy';
**
** One row for each policy. value and default_value are numbers, or texts for days and words; source is
** 'policy' where a row of pipeline_policy gave the value, 'data' where the sources say it (the days since
** which they show touches, progress and meetings, the last day that they know, the currency whose rate is 1),
** else 'default'. Without a relation of deals the policy answers alone.
*/
#include "../engine.h"

#include <stdio.h>

/* A policy in force. */
typedef struct setting {
  const char *name, *source, *meaning;
} setting;

/* Puts what the sources say in the place of a value that is NULL. */
static void take_day(ph_policy *policy, ph_policy_name name, ph_day day, setting *rows) {
  if (policy->given[name] || day == PH_DAY_NONE || day == PH_DAY_NEVER) return;
  policy->value[name] = day;
  rows[name].source = "data";
}

static void take_data(ph_query *query, setting *rows) {
  const ph_history *history = &query->pipeline->history;
  ph_policy *policy = &query->policy;
  take_day(policy, PH_POLICY_DATA_UNTIL, history->data_until, rows);
  take_day(policy, PH_POLICY_TOUCHES_SINCE, history->evidence.touches_since, rows);
  take_day(policy, PH_POLICY_PROGRESS_SINCE, history->evidence.progress_since, rows);
  take_day(policy, PH_POLICY_MEETINGS_SINCE, history->evidence.meetings_since, rows);
  const ph_name *reporting = &history->names.names[history->rates.reporting];
  if (policy->given[PH_POLICY_REPORTING_CURRENCY] || reporting->text == NULL) return;
  snprintf(policy->text[PH_POLICY_REPORTING_CURRENCY], PH_POLICY_TEXT_BYTES, "%s", reporting->text);
  rows[PH_POLICY_REPORTING_CURRENCY].source = "data";
}

static void fill(ph_query *query) {
  setting *rows = ph_allocate(query->status, PH_POLICY_COUNT, sizeof *rows);
  query->rows = rows;
  if (rows == NULL) return;
  query->row_count = PH_POLICY_COUNT;
  for (int policy = 0; policy < PH_POLICY_COUNT; policy++)
    rows[policy] =
        (setting){ph_policy_descriptors[policy].name, query->policy.given[policy] ? "policy" : "default",
                  ph_policy_descriptors[policy].meaning};
  if (query->pipeline != NULL) take_data(query, rows);
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
    .answers_without_deals = true,
    .rows_estimate = PH_POLICY_COUNT,
    .row_size = sizeof(setting),
    .fill = fill,
};
