/* A deal's history becomes its spans of days. See span.h. */
#include "span.h"

#include "../history/currency.h"

/* In a state that nothing changes some reasons begin on a day; the others hold or do not. */
static const ph_reason dated_reasons[] = {PH_REASON_UNTOUCHED, PH_REASON_NO_PROGRESS,
                                          PH_REASON_NO_SECOND_MEETING, PH_REASON_OVERDUE, PH_REASON_AGED};
enum { DATED_REASONS = sizeof dated_reasons / sizeof *dated_reasons };

/* The day from which each dated reason holds, and one bit for each other reason. Of a deal without a
** deciding reason: until which day nobody can know, from which day it has been silent for longer than its
** limit, and whether it is unproven. */
typedef struct onsets {
  ph_day reason[PH_REASON_COUNT]; /* of dated reasons alone */
  ph_day judged, silent;
  bool unproven;
  unsigned standing;
} onsets;

void ph_rules_begin(ph_rules *rules, const ph_history *history, ph_status *status) {
  const ph_policy *policy = &history->policy;
  *rules = (ph_rules){
      .history = history,
      .idle_days = ph_policy_integer(policy, PH_POLICY_IDLE_DAYS),
      .untouched_days = ph_policy_integer(policy, PH_POLICY_UNTOUCHED_DAYS),
      .min_meetings = ph_policy_integer(policy, PH_POLICY_MIN_MEETINGS),
      .second_meeting_days = ph_policy_integer(policy, PH_POLICY_SECOND_MEETING_DAYS),
      .max_pushes = ph_policy_integer(policy, PH_POLICY_MAX_PUSHES),
      .ghost_touches = ph_policy_integer(policy, PH_POLICY_GHOST_TOUCHES),
      .aged_days = ph_policy_integer(policy, PH_POLICY_AGED_DAYS),
      .rate_date = ph_policy_integer(policy, PH_POLICY_RATE_DATE),
      .rates_move = ph_history_has_moving_rates(history),
      .fiscal_start = ph_policy_integer(policy, PH_POLICY_FISCAL_YEAR_START_MONTH) - 1,
  };
  rules->visited = ph_allocate_zeroed(status, history->names.count, sizeof *rules->visited);
}

void ph_rules_end(ph_rules *rules) {
  if (rules->history != NULL) ph_release(rules->history->memory, rules->visited);
}

bool ph_is_fiscal_quarter_end(const ph_rules *rules, ph_day day) {
  int32_t month = ph_month_of(day);
  return ph_last_day_of_month(month) == day && (month - rules->fiscal_start + 12) % 3 == 2;
}

static bool is_parked(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state) {
  if (state->close_date_moved || state->close_date == PH_DAY_NONE) return false;
  if (ph_is_fiscal_quarter_end(rules, state->close_date)) return true;
  return state->close_date == ph_last_day_of_month(ph_month_of(deal->created));
}

static int32_t idle_limit(const ph_rules *rules, const ph_stage *stage) {
  return stage != NULL && stage->max_idle_days >= 0 ? stage->max_idle_days : rules->idle_days;
}

/* Enters a stage; returns whether that is forward: above every rank it has had, or, without a rank, never
** been there. */
static bool enter_stage(ph_rules *rules, size_t index, uint32_t stage, ph_deal_state *state) {
  const ph_stage *row = ph_history_stage(rules->history, stage, rules->history->deals[index].pipeline);
  bool forward;
  if (row == NULL) {
    forward = stage != 0 && rules->visited[stage] != rules->replay;
  } else {
    forward = !state->ranked || row->rank > state->highest_rank;
    if (forward) state->highest_rank = row->rank;
    state->ranked = true;
  }
  rules->visited[stage] = rules->replay;
  state->stage = stage;
  state->idle_limit = idle_limit(rules, row);
  return forward;
}

void ph_deal_replay_begin(ph_rules *rules, size_t index, ph_deal_state *state) {
  const ph_deal *deal = &rules->history->deals[index];
  *state = (ph_deal_state){.owner = deal->owner,
                           .forecast = deal->forecast,
                           .close_date = deal->close_date,
                           .amount = deal->amount,
                           .last_progress = PH_DAY_NONE,
                           .last_touch = PH_DAY_NONE,
                           .last_client_act = PH_DAY_NONE,
                           .last_stage_change = PH_DAY_NONE,
                           .last_meeting = PH_DAY_NONE,
                           .next_event = deal->first_event};
  state->idle_limit = rules->idle_days;
  if (++rules->replay == 0) { /* numbers of replays begin again: forget the old ones */
    for (uint32_t name = 0; name < rules->history->names.count; name++) rules->visited[name] = 0;
    rules->replay = 1;
  }
  if (deal->stage != 0) enter_stage(rules, index, deal->stage, state);
  state->parked = is_parked(rules, deal, state);
}

static void apply_change(ph_rules *rules, size_t index, const ph_event *event, ph_deal_state *state) {
  const ph_deal *deal = &rules->history->deals[index];
  ph_day day = ph_event_day(event);
  switch (ph_event_kind(event)) {
  case PH_KIND_STAGE:
    if (enter_stage(rules, index, event->value, state)) state->last_progress = day;
    state->last_stage_change = day;
    break;
  case PH_KIND_AMOUNT: state->amount = rules->history->amounts[event->value]; break;
  case PH_KIND_OWNER: state->owner = event->value; break;
  case PH_KIND_FORECAST: state->forecast = event->value; break;
  default: /* close_date */
    state->close_date = (ph_day)event->value;
    if (ph_event_flags(event) & PH_EVENT_MOVED_DATE) state->close_date_moved = true;
    if ((ph_event_flags(event) & PH_EVENT_MOVED_LATER) && day != deal->closing) state->pushes++;
    state->parked = is_parked(rules, deal, state);
    break;
  }
}

/* Applies the events of one day, the next one; returns what they were together (PH_IS_...). Outreach is
** counted by the day: what the seller sent on the day of a client's act waits for no answer. Mostly
** without a branch, for any kind may come. */
static unsigned apply_day(ph_rules *rules, size_t index, ph_deal_state *state) {
  const ph_deal *deal = &rules->history->deals[index];
  const ph_event *event = &rules->history->events[state->next_event];
  const ph_event *end = &rules->history->events[deal[1].first_event];
  ph_day day = ph_event_day(event);
  unsigned what = 0;
  int32_t outreach = 0;
  for (; event < end && ph_event_day(event) == day; event++) {
    unsigned is = ph_kind_descriptors[ph_event_kind(event)].is;
    if (is & PH_IS_CHANGE) apply_change(rules, index, event, state);
    what |= is;
    outreach += (is & PH_IS_OUTREACH) != 0;
  }
  bool unanswered = state->last_client_act != PH_DAY_NONE || day > deal->created;
  state->next_event = (size_t)(event - rules->history->events);
  state->last_progress = what & PH_IS_PROGRESS ? day : state->last_progress;
  state->last_touch = what & PH_IS_TOUCH ? day : state->last_touch;
  state->last_meeting = what & PH_IS_MEETING ? day : state->last_meeting;
  state->meetings += (what & PH_IS_MEETING) != 0;
  state->last_client_act = what & PH_IS_CLIENT_ACT ? day : state->last_client_act;
  state->outreach = what & PH_IS_CLIENT_ACT ? 0 : state->outreach + (unanswered ? outreach : 0);
  return what;
}

static ph_day next_event_day(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state) {
  if (state->next_event >= deal[1].first_event) return PH_DAY_NEVER;
  return ph_event_day(&rules->history->events[state->next_event]);
}

static ph_day since(ph_day day, const ph_deal *deal) {
  return day == PH_DAY_NONE ? deal->created : day;
}

static ph_day later(ph_day day, ph_day other) {
  return day > other ? day : other;
}

static ph_day after(ph_day day, int32_t days) {
  return day >= PH_DAY_NEVER - days ? PH_DAY_NEVER : day + days;
}

/* The first day until which so many working days of the deal's team have passed since `day`. */
static ph_day after_workdays(const ph_workdays *workdays, ph_day day, int32_t days) {
  return workdays->every_day || day == PH_DAY_NEVER ? after(day, days)
                                                    : ph_workdays_after(workdays, day, days);
}

static void find_onsets(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state,
                        onsets *onset) {
  const ph_evidence *evidence = &rules->history->evidence;
  const ph_workdays *workdays = ph_history_workdays(rules->history, deal->team);
  ph_day last_touch = since(state->last_touch, deal), last_progress = since(state->last_progress, deal);
  onset->unproven = deal->created >= evidence->meetings_since && state->meetings < rules->min_meetings;
  onset->judged = evidence->progress_since;
  onset->silent = after_workdays(workdays, last_progress, state->idle_limit + 1);
  onset->reason[PH_REASON_UNTOUCHED] =
      after_workdays(workdays, later(last_touch, evidence->touches_since), rules->untouched_days);
  onset->reason[PH_REASON_NO_PROGRESS] =
      evidence->progress_since <= last_progress
          ? onset->silent
          : after_workdays(workdays, evidence->progress_since, state->idle_limit + 1);
  onset->reason[PH_REASON_NO_SECOND_MEETING] =
      onset->unproven ? after_workdays(workdays, deal->created, rules->second_meeting_days) : PH_DAY_NEVER;
  onset->reason[PH_REASON_OVERDUE] =
      state->close_date == PH_DAY_NONE ? PH_DAY_NEVER : after(state->close_date, 1);
  onset->reason[PH_REASON_AGED] = after(deal->created, rules->aged_days + 1);
  onset->standing = (unsigned)(state->pushes >= rules->max_pushes) << PH_REASON_PUSHED |
                    (unsigned)(state->outreach >= rules->ghost_touches) << PH_REASON_GHOSTED |
                    (unsigned)state->parked << PH_REASON_PARKED;
}

/* The day whose rate counts on a day: with policy rate_date 'close_date' the close date, where there is
** one. */
static ph_day rate_day(const ph_rules *rules, const ph_deal_state *state, ph_day day) {
  bool by_close_date = rules->rate_date == PH_RATE_DATE_CLOSE_DATE && state->close_date != PH_DAY_NONE;
  return by_close_date ? state->close_date : day;
}

int64_t ph_deal_amount_on(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state,
                          ph_day day) {
  int64_t amount = state->amount;
  if (!rules->rates_move || deal->currency == 0) return amount;
  /* on the closing day the close date is no plan any more */
  ph_day counts = day == deal->closing ? day : rate_day(rules, state, day);
  ph_rates_convert(&rules->history->rates, deal->currency, counts, amount, &amount);
  return amount;
}

/* The first day after `day` on which the amount of a deal may be another one though nothing happened to
** it. */
static ph_day next_revaluation(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state,
                               ph_day day) {
  if (!rules->rates_move || deal->currency == 0 || rate_day(rules, state, day) != day) return PH_DAY_NEVER;
  return ph_rates_next_change(&rules->history->rates, deal->currency, day);
}

/* The first of two days that lies behind `day`; `first` does. */
static inline ph_day first_behind(ph_day day, ph_day first, ph_day other) {
  ph_day later = other > day ? other : PH_DAY_NEVER;
  return later < first ? later : first;
}

/* The reasons on a day; *next becomes the first later day on which they or the verdict may differ. Without a
** branch: which reasons hold is anybody's guess. */
static unsigned reasons_on(const onsets *onset, ph_day day, ph_day *next) {
  unsigned reasons = onset->standing;
  ph_day first = first_behind(day, first_behind(day, *next, onset->judged), onset->silent);
  for (int at = 0; at < DATED_REASONS; at++) {
    ph_day begin = onset->reason[dated_reasons[at]];
    reasons |= (unsigned)(begin <= day) << dated_reasons[at];
    first = first_behind(day, first, begin);
  }
  *next = first;
  return reasons;
}

static ph_verdict verdict_of(const onsets *onset, unsigned reasons, ph_day day) {
  if (ph_has_reason(reasons, PH_REASON_UNTOUCHED)) return PH_VERDICT_DEAD;
  if (ph_has_reason(reasons, PH_REASON_NO_PROGRESS) || ph_has_reason(reasons, PH_REASON_NO_SECOND_MEETING))
    return PH_VERDICT_STALLED;
  if (day < onset->judged || day >= onset->silent) return PH_VERDICT_UNJUDGED;
  return onset->unproven ? PH_VERDICT_UNPROVEN : PH_VERDICT_PROGRESSING;
}

/* The span that begins on a day, in a state that no event changes before `to`. */
static ph_span judge(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state, ph_day from,
                     ph_day to) {
  onsets onset;
  find_onsets(rules, deal, state, &onset);
  ph_day next = first_behind(from, to, next_revaluation(rules, deal, state, from));
  unsigned reasons = reasons_on(&onset, from, &next);
  ph_verdict verdict = verdict_of(&onset, reasons, from);
  return (ph_span){.from = from,
                   .to = next,
                   .close_date = state->close_date,
                   .stage = state->stage,
                   .owner = state->owner,
                   .verdict = (uint8_t)verdict,
                   .reasons = (uint8_t)reasons,
                   .amount = ph_deal_amount_on(rules, deal, state, from)};
}

ph_span ph_deal_judge(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state, ph_day day) {
  return judge(rules, deal, state, day, day + 1);
}

/* Whether the day's events can have made the judgement another one. Otherwise they have only put off what
** will hold some day: a touch or progress moves its threshold, and the deal is as ghosted as it was. */
static inline bool may_differ(const ph_rules *rules, const ph_deal_state *state, unsigned what,
                              const ph_span *span) {
  unsigned reasons = span->reasons;
  bool ghosted = state->outreach >= rules->ghost_touches;
  return what & (PH_IS_CHANGE | PH_IS_MEETING) ||
         (what & PH_IS_TOUCH && ph_has_reason(reasons, PH_REASON_UNTOUCHED)) ||
         (what & PH_IS_PROGRESS &&
          (ph_has_reason(reasons, PH_REASON_NO_PROGRESS) || span->verdict == PH_VERDICT_UNJUDGED)) ||
         ghosted != ph_has_reason(reasons, PH_REASON_GHOSTED);
}

static void append_span(ph_span_list *list, const ph_span *span, ph_status *status) {
  if (ph_reserve(status, (void **)&list->spans, &list->capacity, list->count + 1, sizeof *span))
    list->spans[list->count++] = *span;
}

/* The two bytes are compared one by one: a compiler that joins them would load what was just stored in
** halves, and the processor waits for that. */
static bool is_the_same(const ph_span *last, const ph_span *next) {
  unsigned differ = (unsigned)(last->verdict ^ next->verdict) | (unsigned)(last->reasons ^ next->reasons);
  return differ == 0 && last->stage == next->stage && last->owner == next->owner &&
         last->amount == next->amount && last->close_date == next->close_date;
}

/* Goes on with the span if the next one says the same, else appends it and goes on with the next. */
static void go_on(ph_span *span, const ph_span *next, ph_span_list *list, ph_status *status) {
  if (is_the_same(span, next)) {
    span->to = next->to;
    return;
  }
  span->to = next->from;
  if (span->from < span->to) append_span(list, span, status);
  *span = *next;
}

static void finish_state(const ph_deal *deal, ph_deal_state *state) {
  state->last_progress = since(state->last_progress, deal);
  state->last_touch = since(state->last_touch, deal);
  state->last_client_act = since(state->last_client_act, deal);
  state->last_stage_change = since(state->last_stage_change, deal);
}

/* Applies events until a day on which the deal may be judged otherwise, and returns that day; `end` when
** there is none before it. Those of the closing day are applied, too. */
static ph_day next_day_to_judge(ph_rules *rules, size_t index, ph_day last, ph_day end, const ph_span *span,
                                ph_deal_state *state) {
  const ph_deal *deal = &rules->history->deals[index];
  for (;;) {
    ph_day event_day = next_event_day(rules, deal, state);
    ph_day until = event_day < end ? event_day : end;
    if (span->to < until) return span->to;
    if (event_day > until || event_day > last) return end;
    unsigned what = apply_day(rules, index, state);
    if (until == end || may_differ(rules, state, what, span)) return until;
  }
}

/* On the way span.to is a day up to which nothing differs if nothing happens; it may lie before the first
** that does. The first span begins without days. */
void ph_deal_spans_between(ph_rules *rules, size_t index, ph_day first, ph_day last, ph_span_list *list,
                           ph_deal_state *state, ph_status *status) {
  const ph_deal *deal = &rules->history->deals[index];
  ph_day from = later(first, deal->created), end = last < deal->closing ? last + 1 : deal->closing;
  ph_span span = {.from = from, .to = from};
  ph_deal_replay_begin(rules, index, state);
  for (ph_day day; (day = next_event_day(rules, deal, state)) <= from && day <= last;)
    apply_day(rules, index, state);
  while (from < end && !ph_failed(status)) {
    from = next_day_to_judge(rules, index, last, end, &span, state);
    if (from == end) break;
    ph_span next = judge(rules, deal, state, from, end);
    go_on(&span, &next, list, status);
  }
  span.to = end;
  if (span.from < span.to) append_span(list, &span, status);
  finish_state(deal, state);
}

void ph_deal_spans(ph_rules *rules, size_t index, ph_day last, ph_span_list *list, ph_deal_state *state,
                   ph_status *status) {
  ph_deal_spans_between(rules, index, rules->history->deals[index].created, last, list, state, status);
}

bool ph_deal_replay_next(ph_rules *rules, size_t index, ph_day last, ph_deal_state *state) {
  const ph_deal *deal = &rules->history->deals[index];
  if (state->next_event >= deal[1].first_event || next_event_day(rules, deal, state) > last) return false;
  apply_day(rules, index, state);
  return true;
}

void ph_deal_state_on(ph_rules *rules, size_t index, ph_day day, ph_deal_state *state) {
  ph_deal_replay_begin(rules, index, state);
  while (ph_deal_replay_next(rules, index, day, state)) continue;
  finish_state(&rules->history->deals[index], state);
}

/* The first day on which a deal is stalled or dead in a state that nothing changes. */
static ph_day stall_onset(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state) {
  onsets onset;
  find_onsets(rules, deal, state, &onset);
  ph_day first = onset.reason[PH_REASON_UNTOUCHED];
  if (onset.reason[PH_REASON_NO_PROGRESS] < first) first = onset.reason[PH_REASON_NO_PROGRESS];
  if (onset.reason[PH_REASON_NO_SECOND_MEETING] < first) first = onset.reason[PH_REASON_NO_SECOND_MEETING];
  return first;
}

ph_day ph_deal_stalls_on(const ph_rules *rules, const ph_deal *deal, const ph_deal_state *state) {
  return stall_onset(rules, deal, state);
}

/* Follows the runs of stalled days from event to event. */
static ph_day replay_to_last_run(ph_rules *rules, size_t index, ph_day day) {
  const ph_deal *deal = &rules->history->deals[index];
  ph_deal_state state;
  ph_deal_replay_begin(rules, index, &state);
  while (ph_deal_replay_next(rules, index, deal->created, &state)) continue;
  ph_day onset = stall_onset(rules, deal, &state);
  ph_day since = onset <= deal->created ? deal->created : PH_DAY_NONE;
  while (next_event_day(rules, deal, &state) <= day) {
    ph_day event_day = next_event_day(rules, deal, &state);
    bool was_stalled = onset < event_day;
    if (was_stalled && since == PH_DAY_NONE) since = onset;
    apply_day(rules, index, &state);
    onset = stall_onset(rules, deal, &state);
    if (onset > event_day) {
      since = PH_DAY_NONE;
    } else if (!was_stalled) {
      since = event_day;
    }
  }
  return since != PH_DAY_NONE ? since : onset;
}

ph_day ph_deal_stalled_since(ph_rules *rules, size_t index, const ph_deal_state *state, ph_day day) {
  const ph_deal *deal = &rules->history->deals[index];
  ph_day onset = stall_onset(rules, deal, state), last_event = PH_DAY_NONE;
  if (state->next_event > deal->first_event)
    last_event = ph_event_day(&rules->history->events[state->next_event - 1]);
  /* most deals were left alone since they stalled */
  if (last_event < onset && onset > deal->created) return onset;
  return replay_to_last_run(rules, index, day);
}
