/* What pipeline_check adds. See check.h. */
#include "check.h"

#include "../history/forecast_category.h"

#include <string.h>

enum { LATE_AFTER_DAYS = 7 }; /* sources that end longer than this before today */

/* Deals that are open on the day asked for. */
typedef struct open_deals {
  int64_t deals;
  ph_money_sum amount;
} open_deals;

/* All of them, and those that are older than the evidence of a rule. */
typedef enum { OPEN, UNTOUCHED_BEFORE, SILENT_BEFORE, UNMET_BEFORE, OPEN_KINDS } open_kind;

/* What is looked up once for all problems. */
typedef struct checked {
  const ph_history *history;
  ph_problems *problems;
  open_deals open[OPEN_KINDS];
} checked;

static void count_open_deals(ph_pipeline *pipeline, ph_day day, open_deals *open, ph_status *status) {
  const ph_history *history = &pipeline->history;
  const ph_evidence *since = &history->evidence;
  for (size_t index = 0; index < history->deal_count; index++) {
    const ph_deal *deal = &history->deals[index];
    ph_deal_state state;
    if (!ph_continue_after(status, 1 + ph_deal_event_count(deal))) return;
    if (!ph_deal_is_open(deal, day)) continue;
    ph_deal_state_on(&pipeline->rules, index, day, &state);
    int64_t amount = ph_deal_amount_on(&pipeline->rules, deal, &state, day);
    bool is[OPEN_KINDS] = {true, deal->created < since->touches_since, deal->created < since->progress_since,
                           deal->created < since->meetings_since};
    for (int kind = 0; kind < OPEN_KINDS; kind++) {
      if (!is[kind]) continue;
      open[kind].deals++;
      ph_money_add(&open[kind].amount, amount);
    }
  }
}

/* Notes a rule with the open deals that it concerns. */
static void note(checked *at, ph_problem problem, open_kind kind, const char *example, ph_status *status) {
  ph_problem_count *count = &at->problems->counts[problem];
  ph_problem_add_rows(at->problems, problem, at->open[kind].deals, example, status);
  count->has_amount = true;
  count->amount = at->open[kind].amount;
}

static void note_if(checked *at, bool holds, ph_problem problem, ph_status *status) {
  if (holds) note(at, problem, OPEN, "", status);
}

/* A rule is off for good, or before a day that lies behind the first deal. */
static void check_since(checked *at, ph_day since, ph_problem none, ph_problem late, open_kind older,
                        ph_status *status) {
  char day[PH_DAY_TEXT_BYTES];
  if (since == PH_DAY_NEVER) {
    note(at, none, OPEN, "", status);
  } else if (at->history->deal_count > 0 && since > at->history->first_created) {
    ph_day_format(since, day);
    note(at, late, older, day, status);
  }
}

static bool has_close_dates(const ph_history *history) {
  if (ph_history_shows(history, PH_KIND_CLOSE_DATE)) return true;
  for (size_t deal = 0; deal < history->deal_count; deal++)
    if (history->deals[deal].close_date != PH_DAY_NONE) return true;
  return false;
}

static bool shows_activity(const ph_history *history) {
  for (int kind = 0; kind < PH_KIND_COUNT; kind++)
    if (kind != PH_KIND_STAGE && ph_kind_is((ph_kind)kind, PH_IS_TOUCH) &&
        ph_history_shows(history, (ph_kind)kind))
      return true;
  return false;
}

static void check_rules(checked *at, ph_status *status) {
  const ph_history *history = at->history;
  const ph_evidence *since = &history->evidence;
  int64_t events = 0;
  for (int kind = 0; kind < PH_KIND_COUNT; kind++) events += history->kind_rows[kind];
  note_if(at, history->deal_count == 0, PH_RULE_NO_DEALS, status);
  note_if(at, history->deal_count > 0 && !has_close_dates(history), PH_RULE_NO_CLOSE_DATES, status);
  note_if(at, events == 0, PH_RULE_NO_EVENTS, status);
  check_since(at, since->touches_since, PH_RULE_NO_TOUCHES, PH_RULE_TOUCHES_LATE, UNTOUCHED_BEFORE, status);
  note_if(at, since->touches_since != PH_DAY_NEVER && !shows_activity(history), PH_RULE_TOUCHES_ARE_STAGES,
          status);
  check_since(at, since->progress_since, PH_RULE_NO_PROGRESS, PH_RULE_PROGRESS_LATE, SILENT_BEFORE, status);
  check_since(at, since->meetings_since, PH_RULE_NO_MEETINGS, PH_RULE_MEETINGS_LATE, UNMET_BEFORE, status);
  note_if(at, !ph_history_shows_outreach(history), PH_RULE_NO_OUTREACH, status);
  note_if(at, !ph_history_shows(history, PH_KIND_CLOSE_DATE), PH_RULE_NO_CLOSE_DATE_CHANGES, status);
  note_if(at, !ph_history_shows(history, PH_KIND_STAGE), PH_RULE_NO_STAGE_CHANGES, status);
  note_if(at, !ph_history_shows(history, PH_KIND_FORECAST), PH_RULE_NO_FORECAST_CHANGES, status);
  note_if(at, history->stage_count == 0, PH_RULE_NO_RANKS, status);
}

/* With policy data_until somebody has said where the sources end. */
static void check_end(checked *at, ph_status *status) {
  const ph_history *history = at->history;
  char day[PH_DAY_TEXT_BYTES];
  if (ph_policy_day(&history->policy, PH_POLICY_DATA_UNTIL) != PH_DAY_NONE) return;
  if (history->data_until == PH_DAY_NONE || history->today - history->data_until <= LATE_AFTER_DAYS) return;
  ph_day_format(history->data_until, day);
  note(at, PH_RULE_SOURCES_END, OPEN, day, status);
}

static void check_currencies(checked *at, ph_status *status) {
  const ph_history *history = at->history;
  int64_t deals = 0;
  if (history->currency_names[0] == 0) return;
  for (size_t deal = 0; deal < history->deal_count; deal++)
    deals += history->deals[deal].currency != 0 && history->deals[deal].created != PH_DAY_NEVER;
  ph_problem problem = history->mixes_currencies ? PH_DEAL_CURRENCIES_MIXED : PH_DEAL_CURRENCIES_ADDED;
  ph_problem_add_rows(at->problems, problem, deals, history->currency_names, status);
}

static bool is_no_category(const ph_history *history, uint32_t name) {
  const char *text = history->names.names[name].text;
  return name != 0 && ph_forecast_category_of(text, strlen(text)) == PH_CATEGORY_COUNT;
}

static void check_categories(checked *at, ph_status *status) {
  const ph_history *history = at->history;
  const char *text;
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    const ph_deal *deal = &history->deals[index];
    if (deal->created == PH_DAY_NEVER || !is_no_category(history, deal->forecast)) continue;
    text = history->names.names[deal->forecast].text;
    ph_problem_add(at->problems, PH_DEAL_CATEGORY_UNKNOWN, text, status);
  }
  if (!ph_history_shows(history, PH_KIND_FORECAST)) return;
  for (size_t index = 0; index < history->event_count && ph_continue(status); index++) {
    const ph_event *event = &history->events[index];
    if (ph_event_kind(event) != PH_KIND_FORECAST || !is_no_category(history, event->value)) continue;
    text = history->names.names[event->value].text;
    ph_problem_add(at->problems, PH_EVENT_CATEGORY_UNKNOWN, text, status);
  }
}

void ph_check_history(ph_pipeline *pipeline, ph_day day, ph_problems *problems, ph_status *status) {
  checked at = {.history = &pipeline->history, .problems = problems};
  count_open_deals(pipeline, day, at.open, status);
  check_end(&at, status);
  check_currencies(&at, status);
  check_categories(&at, status);
  check_rules(&at, status);
  ph_check_quotas(&pipeline->history, problems, status);
}
