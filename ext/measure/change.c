/* Changes. See change.h. */
#include "change.h"

const char *const ph_change_names[PH_CHANGE_COUNT] = {
    [PH_CHANGE_CREATED] = "created",
    [PH_CHANGE_WON] = "won",
    [PH_CHANGE_LOST] = "lost",
    [PH_CHANGE_VANISHED] = "vanished",
    [PH_CHANGE_STAGE] = "stage",
    [PH_CHANGE_AMOUNT] = "amount",
    [PH_CHANGE_CLOSE_DATE] = "close_date",
    [PH_CHANGE_OWNER] = "owner",
    [PH_CHANGE_FORECAST] = "forecast",
    [PH_CHANGE_BECAME_STALLED] = "became_stalled",
    [PH_CHANGE_RECOVERED] = "recovered",
};

_Static_assert(PH_CHANGE_FORECAST - PH_CHANGE_STAGE == PH_KIND_FORECAST - PH_KIND_STAGE,
               "a change of a field stands where its kind of event does");

/* The days, the deal at hand, and the changes found so far: by deal, of a deal by type, of a type by day. */
typedef struct changes {
  ph_pipeline *pipeline;
  ph_day from, to;
  size_t deal;
  ph_span_list spans;   /* of the deal, from `from` up to `to` */
  ph_deal_state closed; /* its state on the day it is closed from */
  ph_change_row *rows;
  size_t count, capacity;
} changes;

static const ph_deal *deal_at_hand(const changes *found) {
  return &found->pipeline->history.deals[found->deal];
}

/* The span that covers a day on which the deal is open. */
static const ph_span *span_on(const changes *found, ph_day day) {
  size_t low = 0, high = found->spans.count;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (found->spans.spans[middle].from <= day) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return &found->spans.spans[low];
}

static void append(changes *found, ph_change_type change, ph_day day, int64_t old_value, int64_t new_value,
                   ph_status *status) {
  const ph_deal *deal = deal_at_hand(found);
  if (!ph_reserve(status, (void **)&found->rows, &found->capacity, found->count + 1, sizeof *found->rows))
    return;
  ph_change_row *row = &found->rows[found->count++];
  *row = (ph_change_row){.deal = (uint32_t)found->deal,
                         .day = day,
                         .old_value = old_value,
                         .new_value = new_value,
                         .team = deal->team,
                         .change = (uint8_t)change,
                         .verdict = PH_VERDICT_COUNT};
  if (ph_deal_is_open(deal, day)) {
    const ph_span *span = span_on(found, day);
    row->owner = span->owner;
    row->amount = span->amount;
    row->verdict = span->verdict;
  } else {
    row->owner = found->closed.owner;
    row->amount = ph_deal_amount_on(&found->pipeline->rules, deal, &found->closed, deal->closing);
  }
}

static bool is_asked_for(const changes *found, ph_day day) {
  return found->from < day && day <= found->to;
}

/* ------------------------------------------------------------------------------------------------- fields */

static int64_t value_before(const ph_deal *deal, ph_kind kind) {
  switch (kind) {
  case PH_KIND_STAGE: return deal->stage;
  case PH_KIND_AMOUNT: return deal->amount;
  case PH_KIND_CLOSE_DATE: return deal->close_date;
  case PH_KIND_OWNER: return deal->owner;
  default: return deal->forecast;
  }
}

static int64_t value_after(const ph_history *history, const ph_event *event) {
  switch (ph_event_kind(event)) {
  case PH_KIND_AMOUNT: return history->amounts[event->value];
  case PH_KIND_CLOSE_DATE: return (ph_day)event->value;
  default: return event->value;
  }
}

/* An amount as it is reported on a day, by the rate that counts for the deal at its end. */
static int64_t amount_on(const changes *found, int64_t amount, ph_day day) {
  const ph_deal *deal = deal_at_hand(found);
  ph_deal_state state = {.amount = amount, .close_date = PH_DAY_NONE};
  if (ph_deal_is_open(deal, day)) state.close_date = span_on(found, day)->close_date;
  return ph_deal_amount_on(&found->pipeline->rules, deal, &state, day);
}

static void append_field(changes *found, ph_kind kind, ph_day day, int64_t before, int64_t after,
                         ph_status *status) {
  if (kind == PH_KIND_AMOUNT) {
    before = amount_on(found, before, day);
    after = amount_on(found, after, day);
  }
  append(found, (ph_change_type)(PH_CHANGE_STAGE + (kind - PH_KIND_STAGE)), day, before, after, status);
}

/* The events [first, end) are those of the days asked for on which the deal was open or closed. */
static void list_fields(changes *found, ph_status *status) {
  const ph_history *history = &found->pipeline->history;
  const ph_deal *deal = deal_at_hand(found);
  ph_day start = found->from + 1 > deal->created ? found->from + 1 : deal->created;
  ph_day last = found->to < deal->closing ? found->to : deal->closing;
  int64_t held[PH_CHANGE_KINDS];
  size_t first = deal->first_event, end;
  for (int kind = 0; kind < PH_CHANGE_KINDS; kind++) held[kind] = value_before(deal, (ph_kind)kind);
  for (; first < deal[1].first_event && ph_event_day(&history->events[first]) < start; first++) {
    ph_kind kind = ph_event_kind(&history->events[first]);
    if (ph_kind_is(kind, PH_IS_CHANGE)) held[kind] = value_after(history, &history->events[first]);
  }
  for (end = first; end < deal[1].first_event && ph_event_day(&history->events[end]) <= last;) end++;
  for (int kind = 0; kind < PH_CHANGE_KINDS; kind++)
    for (size_t at = first; at < end && !ph_failed(status); at++) {
      const ph_event *event = &history->events[at];
      if (ph_event_kind(event) != (ph_kind)kind) continue;
      int64_t after = value_after(history, event);
      if (after != held[kind])
        append_field(found, (ph_kind)kind, ph_event_day(event), held[kind], after, status);
      held[kind] = after;
    }
}

/* -------------------------------------------------------------------------------------------------- deals */

static void list_verdicts(changes *found, ph_status *status) {
  const ph_span *spans = found->spans.spans;
  for (size_t at = 0; at < found->spans.count && !ph_failed(status); at++) {
    unsigned before = at > 0 ? spans[at - 1].verdict : PH_VERDICT_COUNT, after = spans[at].verdict;
    bool was_stalled = at > 0 && ph_verdict_is_stalled(before), is_stalled = ph_verdict_is_stalled(after);
    if (was_stalled == is_stalled || !is_asked_for(found, spans[at].from)) continue;
    append(found, is_stalled ? PH_CHANGE_BECAME_STALLED : PH_CHANGE_RECOVERED, spans[at].from, before, after,
           status);
  }
}

static ph_change_type closing_change(const ph_deal *deal) {
  if (deal->outcome == PH_OUTCOME_WON) return PH_CHANGE_WON;
  return deal->outcome == PH_OUTCOME_LOST ? PH_CHANGE_LOST : PH_CHANGE_VANISHED;
}

static void list_deal(changes *found, size_t index, ph_status *status) {
  found->deal = index;
  const ph_deal *deal = deal_at_hand(found);
  ph_day closed = deal->closing > deal->created ? deal->closing : deal->created;
  if (deal->created > found->to || closed <= found->from) return;
  found->spans.count = 0;
  ph_deal_spans_between(&found->pipeline->rules, index, found->from, found->to, &found->spans, &found->closed,
                        status);
  if (ph_failed(status)) return;
  if (is_asked_for(found, deal->created)) append(found, PH_CHANGE_CREATED, deal->created, 0, 0, status);
  if (deal->outcome != PH_OUTCOME_OPEN && is_asked_for(found, closed))
    append(found, closing_change(deal), closed, 0, 0, status);
  list_fields(found, status);
  list_verdicts(found, status);
}

/* Sorts the rows by day; those of one day stay in their order. */
static ph_change_row *sorted_by_day(const changes *found, ph_status *status) {
  ph_day lowest = PH_DAY_NEVER, highest = PH_DAY_NONE;
  for (size_t at = 0; at < found->count; at++) {
    ph_day day = found->rows[at].day;
    if (day < lowest) lowest = day;
    if (day > highest) highest = day;
  }
  size_t days = found->count > 0 ? (size_t)(highest - lowest) + 1 : 0;
  size_t *next = ph_allocate_zeroed(status, days + 1, sizeof *next);
  ph_change_row *rows = ph_allocate(status, found->count, sizeof *rows);
  if (!ph_failed(status)) {
    for (size_t at = 0; at < found->count; at++) next[found->rows[at].day - lowest + 1]++;
    for (size_t day = 0; day < days; day++) next[day + 1] += next[day];
    for (size_t at = 0; at < found->count; at++) rows[next[found->rows[at].day - lowest]++] = found->rows[at];
  }
  ph_release(status->memory, next);
  return rows;
}

void ph_changes_between(ph_pipeline *pipeline, ph_day from, ph_day to, ph_change_row **rows, size_t *count,
                        ph_status *status) {
  changes found = {.pipeline = pipeline, .from = from, .to = to};
  *rows = NULL;
  *count = 0;
  ph_check_days("pipeline_changes", from, to, status);
  ph_pipeline_order(pipeline, status);
  for (size_t place = 0; place < pipeline->history.deal_count; place++) {
    size_t deal = ph_pipeline_deal_at(pipeline, place);
    if (!ph_continue_after(status, 1 + ph_deal_event_count(&pipeline->history.deals[deal]))) break;
    list_deal(&found, deal, status);
  }
  if (!ph_failed(status)) *rows = sorted_by_day(&found, status);
  if (!ph_failed(status)) *count = found.count;
  ph_release(status->memory, found.spans.spans);
  ph_release(status->memory, found.rows);
}
