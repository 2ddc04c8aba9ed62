/* The room of all spans of all deals. See timeline.h. */
#include "timeline.h"

const char *const ph_scope_names[PH_SCOPE_COUNT] = {
    [PH_SCOPE_ALL] = "all",           [PH_SCOPE_TEAM] = "team",   [PH_SCOPE_OWNER] = "owner",
    [PH_SCOPE_PIPELINE] = "pipeline", [PH_SCOPE_STAGE] = "stage",
};

void ph_timeline_begin(ph_timeline *timeline, ph_rules *rules, ph_status *status) {
  const ph_history *history = rules->history;
  ph_span_list list = {0};
  ph_deal_state state;
  *timeline = (ph_timeline){.memory = status->memory, .history = history};
  timeline->first_span = ph_allocate(status, history->deal_count + 1, sizeof *timeline->first_span);
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    timeline->first_span[deal] = (uint32_t)list.count;
    if (history->deals[deal].created != PH_DAY_NEVER)
      ph_deal_spans(rules, deal, PH_DAY_LAST, &list, &state, status);
    if (list.count > UINT32_MAX / 2)
      ph_fail(status,
              "pipeline_event: too many events (expected fewer than 2 thousand million changes of verdicts)");
  }
  timeline->spans = list.spans;
  if (ph_failed(status)) return;
  timeline->span_count = list.count;
  timeline->first_span[history->deal_count] = (uint32_t)list.count;
}

void ph_timeline_end(ph_timeline *timeline) {
  if (timeline->memory == NULL) return;
  ph_release(timeline->memory, timeline->spans);
  ph_release(timeline->memory, timeline->first_span);
}

const ph_span *ph_timeline_span(const ph_timeline *timeline, size_t deal, ph_day day) {
  if (!ph_deal_is_open(&timeline->history->deals[deal], day)) return NULL;
  size_t low = timeline->first_span[deal], high = timeline->first_span[deal + 1];
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (timeline->spans[middle].from <= day) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return &timeline->spans[low];
}
