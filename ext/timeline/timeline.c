/* Spans of all deals. See timeline.h. */
#include "timeline.h"

const char *const ph_scope_names[PH_SCOPE_COUNT] = {
    [PH_SCOPE_ALL] = "all",           [PH_SCOPE_TEAM] = "team",   [PH_SCOPE_OWNER] = "owner",
    [PH_SCOPE_PIPELINE] = "pipeline", [PH_SCOPE_STAGE] = "stage",
};

_Static_assert((int)PH_DAY_NEVER < 1 << PH_SPAN_DAY_BITS, "a day fits into a packed span");
_Static_assert((int)PH_VERDICT_COUNT <= 1 << PH_SPAN_VERDICT_BITS, "a verdict fits into a packed span");
_Static_assert((int)PH_REASON_COUNT <= (int)PH_SPAN_REASON_BITS, "the reasons fit into a packed span");
_Static_assert(PH_SPAN_DAY_BITS + PH_SPAN_VERDICT_BITS + PH_SPAN_REASON_BITS + PH_SPAN_VERSION_BITS == 64,
               "a packed span has 64 bits");

static bool is_same_version(const ph_version *left, const ph_version *right) {
  return left->amount == right->amount && left->close_date == right->close_date &&
         left->stage == right->stage && left->owner == right->owner;
}

/* The version becomes the last of the deal unless it already is. */
static void append_version(ph_timeline *timeline, size_t deal, const ph_version *version, ph_status *status) {
  size_t count = timeline->version_count;
  if (count > timeline->first_version[deal] && is_same_version(&timeline->versions[count - 1], version))
    return;
  if (!ph_reserve(status, (void **)&timeline->versions, &timeline->version_capacity, count + 1,
                  sizeof *version))
    return;
  timeline->versions[timeline->version_count++] = *version;
}

static void append_spans(ph_timeline *timeline, size_t deal, const ph_span_list *list, ph_status *status) {
  size_t count = timeline->span_count + list->count;
  const unsigned verdict_at = PH_SPAN_DAY_BITS, reasons_at = verdict_at + PH_SPAN_VERDICT_BITS;
  ph_reserve(status, (void **)&timeline->spans, &timeline->span_capacity, count, sizeof *timeline->spans);
  for (size_t index = 0; index < list->count && !ph_failed(status); index++) {
    const ph_span *span = &list->spans[index];
    ph_version version = {span->amount, span->close_date, span->stage, span->owner};
    append_version(timeline, deal, &version, status);
    if (ph_failed(status)) return;
    timeline->spans[timeline->span_count++] =
        (uint64_t)span->from | (uint64_t)span->verdict << verdict_at | (uint64_t)span->reasons << reasons_at |
        (uint64_t)(timeline->version_count - 1) << (reasons_at + PH_SPAN_REASON_BITS);
  }
}

/* Owner and amount of a closed deal are those of its closing day, the stage is that of the day before.
** `state` is that of the closing day for a deal that has spans. */
static void append_closing(ph_timeline *timeline, ph_rules *rules, size_t deal, const ph_span_list *list,
                           ph_deal_state *state, ph_status *status) {
  ph_day closing = timeline->history->deals[deal].closing;
  uint32_t stage;
  if (closing == PH_DAY_NEVER) return;
  if (list->count > 0) {
    stage = list->spans[list->count - 1].stage;
  } else { /* closed before it was created: never open, but its amount counts */
    ph_deal_state_on(rules, deal, closing - 1, state);
    stage = state->stage;
    ph_deal_state_on(rules, deal, closing, state);
  }
  int64_t amount = ph_deal_amount_on(rules, &timeline->history->deals[deal], state, closing);
  ph_version version = {amount, state->close_date, stage, state->owner};
  append_version(timeline, deal, &version, status);
}

static void append_deal(ph_timeline *timeline, ph_rules *rules, size_t deal, ph_span_list *list,
                        ph_status *status) {
  ph_deal_state state;
  list->count = 0;
  timeline->first_span[deal] = (uint32_t)timeline->span_count;
  timeline->first_version[deal] = (uint32_t)timeline->version_count;
  if (timeline->history->deals[deal].created == PH_DAY_NEVER) return;
  ph_deal_spans(rules, deal, PH_DAY_LAST, list, &state, status);
  append_spans(timeline, deal, list, status);
  append_closing(timeline, rules, deal, list, &state, status);
  if (timeline->span_count > UINT32_MAX / 2 || timeline->version_count >= 1u << PH_SPAN_VERSION_BITS)
    ph_fail(status,
            "pipeline_event: too many events (expected fewer than 2 thousand million changes of verdicts)");
}

void ph_timeline_begin(ph_timeline *timeline, const ph_history *history, ph_status *status) {
  ph_rules rules;
  ph_span_list list = {0};
  *timeline = (ph_timeline){.memory = status->memory, .history = history};
  ph_rules_begin(&rules, history, status);
  timeline->first_span = ph_allocate(status, history->deal_count + 1, sizeof *timeline->first_span);
  timeline->first_version = ph_allocate(status, history->deal_count + 1, sizeof *timeline->first_version);
  for (size_t deal = 0; deal < history->deal_count; deal++) {
    if (!ph_continue_after(status, 1 + ph_deal_event_count(&history->deals[deal]))) break;
    append_deal(timeline, &rules, deal, &list, status);
  }
  ph_rules_end(&rules);
  ph_release(status->memory, list.spans);
  if (ph_failed(status)) return;
  timeline->first_span[history->deal_count] = (uint32_t)timeline->span_count;
  timeline->first_version[history->deal_count] = (uint32_t)timeline->version_count;
  ph_trim(status, (void **)&timeline->spans, &timeline->span_capacity, timeline->span_count,
          sizeof *timeline->spans);
  ph_trim(status, (void **)&timeline->versions, &timeline->version_capacity, timeline->version_count,
          sizeof *timeline->versions);
}

void ph_timeline_end(ph_timeline *timeline) {
  if (timeline->memory == NULL) return;
  ph_release(timeline->memory, timeline->spans);
  ph_release(timeline->memory, timeline->first_span);
  ph_release(timeline->memory, timeline->versions);
  ph_release(timeline->memory, timeline->first_version);
  *timeline = (ph_timeline){0};
}

size_t ph_timeline_bytes(const ph_timeline *timeline) {
  if (timeline->memory == NULL) return 0;
  return timeline->span_capacity * sizeof *timeline->spans +
         timeline->version_capacity * sizeof *timeline->versions +
         2 * (timeline->history->deal_count + 1) * sizeof *timeline->first_span;
}

bool ph_timeline_span(const ph_timeline *timeline, size_t deal, ph_day day, ph_span *span) {
  if (!ph_deal_is_open(&timeline->history->deals[deal], day)) return false;
  size_t low = timeline->first_span[deal], high = timeline->first_span[deal + 1];
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (ph_packed_span_from(timeline->spans[middle]) <= day) {
      low = middle;
    } else {
      high = middle;
    }
  }
  *span = ph_timeline_span_at(timeline, deal, low);
  return true;
}
