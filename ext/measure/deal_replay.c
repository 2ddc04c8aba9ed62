/* Deal replay. See deal_replay.h. */
#include "deal_replay.h"

/* What the days from an event on have in common until the next one, besides what the spans say. */
typedef struct mark {
  bool back; /* below its highest rank; in a stage without a rank: when it had left this stage before */
  unsigned activity_band;
  ph_day last_progress, entered_stage;
} mark;

/* A deal on its way through its events. */
typedef struct replay {
  ph_deal_pieces *pieces;
  ph_rules *rules;
  const ph_timeline *timeline;
  uint32_t *left; /* by name: the number of the last deal that left this stage */
  size_t index;
  const ph_deal *deal;
  ph_deal_state state;
  uint32_t named_stage; /* the last stage that was not missing */
  int64_t activities;
  size_t span; /* that of the last day that became a piece */
  mark mark;
} replay;

static ph_day next_event_day(const replay *at) {
  if (at->state.next_event >= at->deal[1].first_event) return PH_DAY_NEVER;
  return ph_event_day(&at->rules->history->events[at->state.next_event]);
}

/* What the state does not say: how many activities there were, and which stages were left. Returns whether
** the stage changed. */
static bool note_event(replay *at, const ph_event *event) {
  ph_kind kind = ph_event_kind(event);
  if (!ph_kind_is(kind, PH_IS_CHANGE)) at->activities += (ph_event_flags(event) & PH_EVENT_IMPLIED) == 0;
  if (kind == PH_KIND_STAGE && event->value != 0) {
    if (event->value != at->named_stage) at->left[at->named_stage] = (uint32_t)at->index + 1;
    at->named_stage = event->value;
  }
  return kind == PH_KIND_STAGE;
}

static bool is_back(const replay *at) {
  uint32_t stage = at->state.stage;
  const ph_stage *row = ph_history_stage(at->rules->history, stage, at->deal->pipeline);
  if (row != NULL) return row->rank < at->state.highest_rank;
  return stage != 0 && at->left[stage] == (uint32_t)at->index + 1;
}

static ph_day day_or(ph_day day, ph_day otherwise) {
  return day != PH_DAY_NONE ? day : otherwise;
}

static void apply_day(replay *at) {
  size_t event = at->state.next_event;
  bool changed = false;
  ph_deal_replay_next(at->rules, at->index, PH_DAY_LAST, &at->state);
  for (; event < at->state.next_event; event++) changed |= note_event(at, &at->rules->history->events[event]);
  if (changed) at->mark.back = is_back(at);
  at->mark.activity_band = ph_band_of(at->activities);
  at->mark.last_progress = day_or(at->state.last_progress, at->deal->created);
  at->mark.entered_stage = day_or(at->state.last_stage_change, at->deal->created);
}

/* Calls and emails change nothing but the number of activities, and that seldom its band. */
static bool is_the_same(const mark *left, const mark *right) {
  return left->back == right->back && left->activity_band == right->activity_band &&
         left->last_progress == right->last_progress && left->entered_stage == right->entered_stage;
}

/* The days [from, to), which have one mark, span by span. */
static void add_days(replay *at, const mark *common, ph_day from, ph_day to, ph_status *status) {
  while (from < to && !ph_failed(status)) {
    ph_span span = ph_timeline_span_at(at->timeline, at->index, at->span);
    if (span.to <= from) {
      at->span++;
      continue;
    }
    ph_stretch stretch = {
        .from = from,
        .to = span.to < to ? span.to : to,
        .key = ph_deal_key_of(span.verdict, span.stage, common->back),
        .created = at->deal->created,
        .last_progress = common->last_progress,
        .entered_stage = common->entered_stage,
        .factors = {ph_amount_band(span.amount), span.owner, common->activity_band},
    };
    ph_deal_pieces_add(at->pieces, &stretch, status);
    from = stretch.to;
  }
}

/* A deal from its creation to the day before `end`. */
static void replay_days(replay *at, ph_day end, ph_status *status) {
  ph_day created = at->deal->created;
  at->named_stage = at->deal->stage;
  at->activities = 0;
  at->span = at->timeline->first_span[at->index];
  ph_deal_replay_begin(at->rules, at->index, &at->state);
  at->mark = (mark){is_back(at), 0, created, created};
  while (next_event_day(at) <= created) apply_day(at);
  for (ph_day from = created, to; from < end && !ph_failed(status); from = to) {
    const mark common = at->mark;
    do {
      to = next_event_day(at) < end ? next_event_day(at) : end;
      if (to < end) apply_day(at);
    } while (to < end && is_the_same(&common, &at->mark));
    add_days(at, &common, from, to, status);
  }
}

static ph_day won_on(const ph_deal *deal) {
  if (deal->outcome == PH_OUTCOME_VANISHED) return PH_DAY_NONE;
  return deal->outcome == PH_OUTCOME_WON ? deal->closing : PH_DAY_NEVER;
}

void ph_deal_pieces_replay(ph_deal_pieces *pieces, ph_rules *rules, const ph_timeline *timeline, ph_day until,
                           ph_status *status) {
  const ph_history *history = rules->history;
  replay at = {.pieces = pieces, .rules = rules, .timeline = timeline};
  ph_deal_pieces_begin(pieces, history->names.count, status);
  pieces->until = until;
  at.left = ph_allocate_zeroed(status, history->names.count, sizeof *at.left);
  for (at.index = 0; at.index < history->deal_count && !ph_failed(status); at.index++) {
    at.deal = &history->deals[at.index];
    if (!ph_continue_after(status, 1 + ph_deal_event_count(at.deal))) break;
    ph_day end = at.deal->closing <= until ? at.deal->closing : until + 1;
    if (ph_timeline_span_count(timeline, at.index) > 0 && at.deal->created < end)
      replay_days(&at, end, status);
    ph_deal_pieces_end_deal(pieces, end, won_on(at.deal), status);
  }
  ph_release(status->memory, at.left);
}
