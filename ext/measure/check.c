/* What pipeline_check adds. See check.h. */
#include "check.h"

static bool has_close_dates(const ph_history *history) {
  if (history->kind_rows[PH_KIND_CLOSE_DATE] > 0) return true;
  for (size_t deal = 0; deal < history->deal_count; deal++)
    if (history->deals[deal].close_date != PH_DAY_NONE) return true;
  return false;
}

static void add_rule(ph_problems *problems, bool off, ph_problem problem, const char *example,
                     ph_status *status) {
  if (off) ph_problem_add(problems, problem, example, status);
}

void ph_check_history(const ph_history *history, ph_problems *problems, ph_status *status) {
  char first_meeting[PH_DAY_TEXT_BYTES] = "";
  const int64_t *rows = history->kind_rows;
  int64_t events = 0;
  for (int kind = 0; kind < PH_KIND_COUNT; kind++) events += rows[kind];
  bool no_meetings = history->evidence.meetings_since == PH_DAY_NEVER;
  bool late = !no_meetings && history->evidence.meetings_since > history->first_created;
  if (!no_meetings) ph_day_format(history->evidence.meetings_since, first_meeting);
  add_rule(problems, history->deal_count == 0, PH_RULE_NO_DEALS, "", status);
  add_rule(problems, events == 0, PH_RULE_NO_EVENTS, "", status);
  add_rule(problems, no_meetings, PH_RULE_NO_MEETINGS, "", status);
  add_rule(problems, late, PH_RULE_MEETINGS_LATE, first_meeting, status);
  add_rule(problems, events > 0 && rows[PH_KIND_CALL] + rows[PH_KIND_EMAIL] == 0, PH_RULE_NO_TOUCHES, "",
           status);
  add_rule(problems, events > 0 && rows[PH_KIND_CLOSE_DATE] == 0, PH_RULE_NO_CLOSE_DATE_CHANGES, "", status);
  add_rule(problems, history->deal_count > 0 && !has_close_dates(history), PH_RULE_NO_CLOSE_DATES, "",
           status);
  add_rule(problems, events > 0 && rows[PH_KIND_STAGE] == 0, PH_RULE_NO_STAGE_CHANGES, "", status);
  add_rule(problems, history->stage_count == 0, PH_RULE_NO_RANKS, "", status);
  add_rule(problems, history->quota_count == 0, PH_RULE_NO_QUOTAS, "", status);
  ph_check_quotas(history, problems, status);
}
