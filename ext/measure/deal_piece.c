/* Deal pieces. See deal_piece.h. */
#include "deal_piece.h"

#include <string.h>

void ph_deal_pieces_begin(ph_deal_pieces *pieces, ph_rules *rules, const ph_timeline *timeline,
                          ph_status *status) {
  *pieces = (ph_deal_pieces){.memory = status->memory, .rules = rules, .timeline = timeline};
  pieces->left = ph_allocate_zeroed(status, rules->history->names.count, sizeof *pieces->left);
}

void ph_deal_pieces_end(ph_deal_pieces *pieces) {
  if (pieces->memory == NULL) return;
  ph_release(pieces->memory, pieces->spans.spans);
  ph_release(pieces->memory, pieces->list.pieces);
  ph_release(pieces->memory, pieces->left);
  *pieces = (ph_deal_pieces){0};
}

/* A deal on its way through its events. */
typedef struct replay {
  ph_deal_pieces *pieces;
  const ph_deal *deal;
  ph_deal_state state;
  uint32_t named_stage; /* the last stage that was not missing */
  int64_t activities;
} replay;

static ph_day next_event_day(const replay *at) {
  if (at->state.next_event >= at->deal[1].first_event) return PH_DAY_NEVER;
  return ph_event_day(&at->pieces->rules->history->events[at->state.next_event]);
}

/* What the state does not say: how many activities there were, and which stages were left. */
static void note_event(replay *at, const ph_event *event) {
  ph_kind kind = ph_event_kind(event);
  if (!ph_kind_is(kind, PH_IS_CHANGE)) at->activities += (ph_event_flags(event) & PH_EVENT_IMPLIED) == 0;
  if (kind != PH_KIND_STAGE || event->value == 0) return;
  if (event->value != at->named_stage) at->pieces->left[at->named_stage] = at->pieces->replay;
  at->named_stage = event->value;
}

static void apply_day(replay *at) {
  ph_rules *rules = at->pieces->rules;
  size_t deal = (size_t)(at->deal - rules->history->deals), event = at->state.next_event;
  ph_deal_walk_next(rules, deal, PH_DAY_LAST, &at->state);
  for (; event < at->state.next_event; event++) note_event(at, &rules->history->events[event]);
}

/* Below its highest rank; in a stage without a rank: when it had left this stage before. */
static bool is_back(const replay *at) {
  uint32_t stage = at->state.stage;
  const ph_stage *row = ph_history_stage(at->pieces->rules->history, stage, at->deal->pipeline);
  if (row != NULL) return row->rank < at->state.highest_rank;
  return stage != 0 && at->pieces->left[stage] == at->pieces->replay;
}

static ph_day day_or(ph_day day, ph_day otherwise) {
  return day != PH_DAY_NONE ? day : otherwise;
}

/* What the days from here on have in common until something changes; `from` and `to` are left to the caller. */
static ph_stretch stretch_of(const replay *at) {
  const ph_deal_state *state = &at->state;
  ph_day created = at->deal->created;
  return (ph_stretch){.key = ph_deal_key_of(0, state->stage, is_back(at)),
                      .created = created,
                      .last_progress = day_or(state->last_progress, created),
                      .entered_stage = day_or(state->last_stage_change, created),
                      .factors = {ph_amount_band(state->amount), state->owner, ph_band_of(at->activities)}};
}

/* Calls and emails change nothing but the number of activities, and that seldom its band. */
static bool is_the_same(const ph_stretch *left, const ph_stretch *right) {
  return left->key == right->key && left->last_progress == right->last_progress &&
         left->entered_stage == right->entered_stage &&
         memcmp(left->factors, right->factors, sizeof left->factors) == 0;
}

/* The pieces of a stretch, which has no verdict yet. *span is the span of its first day, or one before it, and becomes
** that of the last day. */
static void cut_by_verdict(const ph_stretch *stretch, const ph_span **span, ph_key_piece_list *list,
                           ph_status *status) {
  ph_stretch judged = *stretch;
  for (ph_day from = stretch->from; from < stretch->to && !ph_failed(status); from = judged.to) {
    while ((*span)->to <= from) ++*span;
    judged.from = from;
    judged.to = (*span)->to < stretch->to ? (*span)->to : stretch->to;
    judged.key = stretch->key | ph_deal_key_of((*span)->verdict, 0, false);
    ph_stretch_cut(&judged, list, status);
  }
}

/* The spans up to a day. */
static void take_spans(ph_deal_pieces *pieces, size_t deal, ph_day last, ph_status *status) {
  const ph_timeline *timeline = pieces->timeline;
  size_t first = timeline->first_span[deal], count = ph_timeline_span_count(timeline, deal);
  if (!ph_reserve(status, (void **)&pieces->spans.spans, &pieces->spans.capacity, count,
                  sizeof *pieces->spans.spans))
    return;
  for (size_t at = 0; at < count; at++) {
    ph_span span = ph_timeline_span_at(timeline, deal, first + at);
    if (span.from > last) return;
    if (span.to > last) span.to = last + 1;
    pieces->spans.spans[pieces->spans.count++] = span;
  }
}

void ph_deal_pieces_make(ph_deal_pieces *pieces, size_t deal, ph_day last, ph_status *status) {
  replay at = {.pieces = pieces, .deal = &pieces->rules->history->deals[deal]};
  pieces->list.count = pieces->spans.count = 0;
  if (at.deal->created > last || ph_failed(status)) return;
  take_spans(pieces, deal, last, status);
  if (pieces->spans.count == 0 || ph_failed(status)) return;
  const ph_span *span = pieces->spans.spans;
  ph_day end = pieces->spans.spans[pieces->spans.count - 1].to;
  pieces->replay++;
  at.named_stage = at.deal->stage;
  ph_deal_walk_begin(pieces->rules, deal, &at.state);
  while (next_event_day(&at) <= span->from) apply_day(&at);
  ph_stretch stretch = stretch_of(&at);
  for (stretch.from = span->from; stretch.from < end && !ph_failed(status);) {
    ph_stretch next;
    do {
      stretch.to = next_event_day(&at) < end ? next_event_day(&at) : end;
      if (stretch.to < end) apply_day(&at);
      next = stretch_of(&at);
    } while (stretch.to < end && is_the_same(&stretch, &next));
    cut_by_verdict(&stretch, &span, &pieces->list, status);
    next.from = stretch.to;
    stretch = next;
  }
}
