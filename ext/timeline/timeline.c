/* Spans of all deals. See timeline.h. */
#include "timeline.h"

#include <string.h>

const char *const ph_scope_names[PH_SCOPE_COUNT] = {
    [PH_SCOPE_ALL] = "all",           [PH_SCOPE_TEAM] = "team",   [PH_SCOPE_OWNER] = "owner",
    [PH_SCOPE_PIPELINE] = "pipeline", [PH_SCOPE_STAGE] = "stage",
};

/* The spans of some deals, from the first of them on. */
typedef struct part {
  _Alignas(PH_APART) const ph_history *history;
  ph_rules rules;
  size_t first_deal, end_deal;
  ph_span_list list;
  uint32_t *first_span; /* by deal of the history; counted from the first span of the part */
} part;

/* Half of the events, and their deals. */
static size_t middle_deal(const ph_history *history) {
  size_t low = 0, high = history->deal_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (history->deals[middle].first_event < history->event_count / 2) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static void fail_too_many(ph_status *status) {
  ph_fail(status,
          "pipeline_event: too many events (expected fewer than 2 thousand million changes of verdicts)");
}

static void append_spans(void *context, int number, ph_status *status) {
  part *at = (part *)context + number;
  ph_deal_state state;
  for (size_t deal = at->first_deal; deal < at->end_deal && ph_continue(status); deal++) {
    at->first_span[deal] = (uint32_t)at->list.count;
    if (at->history->deals[deal].created != PH_DAY_NEVER)
      ph_deal_spans(&at->rules, deal, PH_DAY_LAST, &at->list, &state, status);
    if (at->list.count > UINT32_MAX / 2) fail_too_many(status);
  }
}

/* Appends the spans of the second part to those of the first. */
static void join_parts(part parts[PH_PARTS], ph_status *status) {
  ph_span_list *all = &parts[0].list, *more = &parts[1].list;
  size_t base = all->count, count = base + more->count;
  if (count > UINT32_MAX / 2) fail_too_many(status);
  if (!ph_reserve(status, (void **)&all->spans, &all->capacity, count, sizeof *all->spans)) return;
  if (more->count > 0) memcpy(all->spans + base, more->spans, more->count * sizeof *more->spans);
  for (size_t deal = parts[1].first_deal; deal < parts[1].end_deal; deal++)
    parts[1].first_span[deal] += (uint32_t)base;
  all->count = count;
}

void ph_timeline_begin(ph_timeline *timeline, const ph_history *history, ph_status *status) {
  part parts[PH_PARTS];
  bool helped = ph_history_is_helped(history);
  size_t middle = helped ? middle_deal(history) : history->deal_count;
  *timeline = (ph_timeline){.memory = status->memory, .history = history};
  timeline->first_span = ph_allocate(status, history->deal_count + 1, sizeof *timeline->first_span);
  for (int number = 0; number < PH_PARTS; number++) {
    parts[number] = (part){.history = history, .first_span = timeline->first_span};
    ph_rules_begin(&parts[number].rules, history, status);
  }
  parts[0].end_deal = parts[1].first_deal = middle;
  parts[1].end_deal = history->deal_count;
  ph_do_parts(helped, append_spans, parts, status);
  if (!ph_failed(status)) join_parts(parts, status);
  for (int number = 0; number < PH_PARTS; number++) ph_rules_end(&parts[number].rules);
  ph_release(status->memory, parts[1].list.spans);
  timeline->spans = parts[0].list.spans;
  if (ph_failed(status)) return;
  timeline->span_count = parts[0].list.count;
  timeline->first_span[history->deal_count] = (uint32_t)timeline->span_count;
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
