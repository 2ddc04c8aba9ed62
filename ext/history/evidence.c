/* What a history could have shown, and since when. See evidence.h. */
#include "evidence.h"

static ph_day earlier(ph_day day, ph_day other) {
  return day < other ? day : other;
}

/* Looks at the events of a deal until none of the days can become an earlier one: of most deals at one
** event. */
static void look_at_deal(const ph_history *history, const ph_deal *deal, ph_evidence *found) {
  const ph_event *event = &history->events[deal->first_event];
  const ph_event *end = event + ph_deal_event_count(deal);
  for (; event < end; event++) {
    ph_day day = ph_event_day(event);
    unsigned is = ph_kind_descriptors[ph_event_kind(event)].is;
    if (day < deal->created) continue;
    if (day >= found->touches_since && day >= found->progress_since && day >= found->meetings_since) return;
    if (is & PH_IS_TOUCH) found->touches_since = earlier(found->touches_since, day);
    if (is & PH_IS_MEETING) found->meetings_since = earlier(found->meetings_since, day);
    if (is & PH_IS_PROGRESS || ph_event_kind(event) == PH_KIND_STAGE)
      found->progress_since = earlier(found->progress_since, day);
  }
}

static void take_policy(const ph_policy *policy, ph_policy_name name, ph_day *day) {
  if (policy->given[name]) *day = ph_policy_day(policy, name);
}

void ph_evidence_find(ph_history *history, const ph_facts *others, ph_facts *own, ph_status *status) {
  ph_evidence found = {PH_DAY_NEVER, PH_DAY_NEVER, PH_DAY_NEVER};
  found.progress_since = own->first_stage_state;
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++)
    if (history->deals[deal].created != PH_DAY_NEVER) look_at_deal(history, &history->deals[deal], &found);
  own->evidence = found;
  found.touches_since = earlier(found.touches_since, others->evidence.touches_since);
  found.progress_since = earlier(found.progress_since, others->evidence.progress_since);
  found.meetings_since = earlier(found.meetings_since, others->evidence.meetings_since);
  take_policy(&history->policy, PH_POLICY_TOUCHES_SINCE, &found.touches_since);
  take_policy(&history->policy, PH_POLICY_PROGRESS_SINCE, &found.progress_since);
  take_policy(&history->policy, PH_POLICY_MEETINGS_SINCE, &found.meetings_since);
  history->evidence = found;
}
