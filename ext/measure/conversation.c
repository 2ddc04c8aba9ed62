/* Conversation. See conversation.h. */
#include "conversation.h"

#include "../base/statistics.h"
#include "duration.h"
#include "../base/group.h"

#include <math.h>

static const char *const NAME = "conversation_effectiveness";

typedef struct group_counts {
  int64_t first_meetings, second_meetings, pending, won_deals, lost_deals;
  ph_money_sum won;
} group_counts;

/* The window, and what was counted so far. */
typedef struct conversation {
  ph_pipeline *pipeline;
  const ph_timeline *timeline;
  ph_day from, to;
  ph_scope scope;
  int32_t second_meeting_days;
  ph_groups groups;
  group_counts *counts; /* by place of the group */
  size_t capacity;
  ph_durations days_to_second; /* by place of the group */
} conversation;

/* A deal's first two meetings on different days, and what it was at the end of the first of them. */
typedef struct first_meetings {
  ph_day first, second; /* PH_DAY_NONE: none by the last day asked for */
  uint32_t owner, stage;
} first_meetings;

static first_meetings meetings_until(const ph_history *history, const ph_deal *deal, ph_day last) {
  first_meetings found = {PH_DAY_NONE, PH_DAY_NONE, deal->owner, deal->stage};
  const ph_event *event = &history->events[deal->first_event];
  const ph_event *end = event + ph_deal_event_count(deal);
  for (; event < end && ph_event_day(event) <= last; event++) {
    ph_day day = ph_event_day(event);
    ph_kind kind = ph_event_kind(event);
    bool is_before_second = found.first == PH_DAY_NONE || day == found.first;
    if (kind == PH_KIND_MEETING && !is_before_second) {
      found.second = day;
      break;
    }
    if (kind == PH_KIND_MEETING) found.first = day;
    if (kind == PH_KIND_OWNER && is_before_second) found.owner = event->value;
    if (kind == PH_KIND_STAGE && is_before_second) found.stage = event->value;
  }
  return found;
}

static void count_deal(conversation *talks, size_t index, ph_status *status) {
  const ph_deal *deal = &talks->pipeline->history.deals[index];
  if (!ph_deal_is_visible(deal, talks->to)) return;
  first_meetings met = meetings_until(&talks->pipeline->history, deal, talks->to);
  if (met.first == PH_DAY_NONE || met.first < talks->from) return;
  uint32_t name = ph_group_of(talks->scope, deal, met.owner, met.stage);
  group_counts *counts = ph_groups_row(&talks->groups, name, (void **)&talks->counts, &talks->capacity,
                                       sizeof *talks->counts, status);
  if (counts == NULL) return;
  counts->first_meetings++;
  const ph_workdays *workdays = ph_history_workdays(&talks->pipeline->history, deal->team);
  if (met.second != PH_DAY_NONE &&
      ph_workdays_between(workdays, met.first, met.second) <= talks->second_meeting_days) {
    counts->second_meetings++;
    ph_durations_add(&talks->days_to_second, (uint32_t)(counts - talks->counts), met.second - met.first,
                     status);
  }
  /* on the last day that a second meeting may have, it is known whether it was held */
  if (met.second == PH_DAY_NONE &&
      ph_workdays_between(workdays, met.first, talks->to) < talks->second_meeting_days)
    counts->pending++;
  if (deal->closing > talks->to) return;
  counts->lost_deals += deal->outcome == PH_OUTCOME_LOST;
  if (deal->outcome != PH_OUTCOME_WON) return;
  counts->won_deals++;
  ph_money_add(&counts->won, ph_closing_of(talks->timeline, index).amount);
}

static void fill_row(conversation *talks, size_t place, ph_conversation_row *row, ph_status *status) {
  const group_counts *counts = &talks->counts[place];
  int64_t decided = counts->first_meetings - counts->pending;
  *row = (ph_conversation_row){.name = talks->groups.names[place],
                               .first_meetings = counts->first_meetings,
                               .second_meetings = counts->second_meetings,
                               .pending = counts->pending,
                               .second_meeting_rate = NAN,
                               .low = NAN,
                               .high = NAN,
                               .won_deals = counts->won_deals,
                               .lost_deals = counts->lost_deals};
  row->median_days_to_second = ph_durations_median(&talks->days_to_second, place, status);
  row->won_amount = ph_money_value(&counts->won, NAME, status);
  if (decided == 0) return;
  row->second_meeting_rate = (double)counts->second_meetings / (double)decided;
  ph_wilson_interval(row->second_meeting_rate, (double)decided, &row->low, &row->high);
}

static void fill_rows(conversation *talks, ph_conversation_row *rows, ph_status *status) {
  uint32_t *order = ph_groups_order(&talks->groups, &talks->pipeline->history.names, status);
  ph_durations_gather(&talks->days_to_second, talks->groups.count, status);
  for (size_t index = 0; index < talks->groups.count && ph_continue(status); index++)
    fill_row(talks, order[index], &rows[index], status);
  ph_release(status->memory, order);
}

void ph_conversation_between(ph_pipeline *pipeline, ph_day from_day, ph_day to_day, ph_scope scope,
                             ph_conversation_row **rows, size_t *count, ph_status *status) {
  const ph_history *history = &pipeline->history;
  conversation talks = {.pipeline = pipeline, .from = from_day, .to = to_day, .scope = scope};
  *rows = NULL;
  *count = 0;
  ph_check_days(NAME, from_day, to_day, status);
  talks.timeline = ph_pipeline_timeline(pipeline, status);
  talks.second_meeting_days = ph_policy_integer(&history->policy, PH_POLICY_SECOND_MEETING_DAYS);
  ph_groups_begin(&talks.groups, &history->names, status);
  if (scope == PH_SCOPE_ALL)
    ph_groups_row(&talks.groups, 0, (void **)&talks.counts, &talks.capacity, sizeof *talks.counts, status);
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++)
    count_deal(&talks, index, status);
  *rows = ph_allocate(status, talks.groups.count, sizeof **rows);
  if (!ph_failed(status)) fill_rows(&talks, *rows, status);
  if (!ph_failed(status)) *count = talks.groups.count;
  ph_groups_end(&talks.groups);
  ph_durations_end(&talks.days_to_second, status->memory);
  ph_release(status->memory, talks.counts);
}
