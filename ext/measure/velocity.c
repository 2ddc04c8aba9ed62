/*
** Velocity. See velocity.h.
**
** One pass over the deals writes down each duration with the bin it belongs to: two bins a place (a
** stage of a pipeline), its visits and its progress gaps. The durations are then brought together by bin
** and sorted.
*/
#include "velocity.h"

#include "../base/sort.h"
#include "../base/statistics.h"
#include "duration.h"

#include <math.h>

typedef struct place {
  uint32_t pipeline, stage;
  double rank;        /* NaN: none */
  uint32_t last_deal; /* the last deal (index + 1) that was here */
  int64_t ended[PH_VISIT_END_COUNT];
} place;

enum { OF_VISIT, OF_GAP, BINS_A_PLACE };

typedef struct velocity {
  ph_pipeline *pipeline;
  ph_day as_of;
  place *places; /* in the order of coming */
  size_t place_count, place_capacity;
  uint32_t *slots;   /* a hash of places: index plus one, 0 = empty */
  size_t slot_count; /* a power of two, at least twice the places */
  ph_durations durations;
} velocity;

/* ------------------------------------------------------------------------------------------------- places */

static size_t first_slot(const velocity *found, uint32_t pipeline, uint32_t stage) {
  uint64_t key = (uint64_t)pipeline << 32 | stage;
  return (size_t)(key * 0x9E3779B97F4A7C15u >> 32) & (found->slot_count - 1);
}

static size_t slot_of(const velocity *found, uint32_t pipeline, uint32_t stage) {
  size_t slot = first_slot(found, pipeline, stage);
  for (; found->slots[slot] != 0; slot = (slot + 1) & (found->slot_count - 1)) {
    const place *at = &found->places[found->slots[slot] - 1];
    if (at->pipeline == pipeline && at->stage == stage) break;
  }
  return slot;
}

static void grow_slots(velocity *found, ph_status *status) {
  size_t wanted = found->slot_count == 0 ? 64 : 2 * found->slot_count;
  uint32_t *slots = ph_allocate_zeroed(status, wanted, sizeof *slots);
  if (slots == NULL) return;
  ph_release(status->memory, found->slots);
  found->slots = slots;
  found->slot_count = wanted;
  for (size_t index = 0; index < found->place_count; index++)
    found->slots[slot_of(found, found->places[index].pipeline, found->places[index].stage)] =
        (uint32_t)index + 1;
}

/* The index of a place. 0 on failure. */
static uint32_t place_of(velocity *found, uint32_t pipeline, uint32_t stage, ph_status *status) {
  size_t slot = slot_of(found, pipeline, stage);
  if (found->slots[slot] != 0) return found->slots[slot] - 1;
  if (2 * (found->place_count + 1) > found->slot_count) grow_slots(found, status);
  if (!ph_reserve(status, (void **)&found->places, &found->place_capacity, found->place_count + 1,
                  sizeof *found->places))
    return 0;
  const ph_stage *row = ph_history_stage(&found->pipeline->history, stage, pipeline);
  found->places[found->place_count] =
      (place){.pipeline = pipeline, .stage = stage, .rank = row != NULL ? row->rank : NAN};
  found->slots[slot_of(found, pipeline, stage)] = (uint32_t)++found->place_count;
  return (uint32_t)found->place_count - 1;
}

/* ---------------------------------------------------------------------------------------------- durations */

/* A visit that ended before the deal was written down, or closed before it, lasted no day. */
static void add_duration(velocity *found, uint32_t at, uint32_t kind, int32_t days, ph_status *status) {
  ph_durations_add(&found->durations, at * BINS_A_PLACE + kind, days > 0 ? days : 0, status);
}

/* Forward is to a higher rank; where one of the two has none, to a stage the deal has never been in. */
static bool moves_forward(const place *from, const place *to, uint32_t deal) {
  if (!ph_is_nan(from->rank) && !ph_is_nan(to->rank)) return to->rank > from->rank;
  return to->stage != 0 && to->last_deal != deal;
}

static void count_visits(velocity *found, size_t index, ph_status *status) {
  const ph_deal *deal = &found->pipeline->history.deals[index];
  const ph_event *event = &found->pipeline->history.events[deal->first_event];
  const ph_event *end = event + ph_deal_event_count(deal);
  ph_day last = found->as_of < deal->closing ? found->as_of : deal->closing - 1, entered = deal->created;
  uint32_t number = (uint32_t)index + 1, at = place_of(found, deal->pipeline, deal->stage, status);
  if (ph_failed(status)) return;
  found->places[at].last_deal = number;
  for (; event < end && ph_event_day(event) <= last && !ph_failed(status); event++) {
    if (ph_event_kind(event) != PH_KIND_STAGE || event->value == found->places[at].stage) continue;
    uint32_t next = place_of(found, deal->pipeline, event->value, status);
    bool forward = moves_forward(&found->places[at], &found->places[next], number);
    found->places[at].ended[forward ? PH_VISIT_MOVED_FORWARD : PH_VISIT_MOVED_BACK]++;
    add_duration(found, at, OF_VISIT, ph_event_day(event) - entered, status);
    entered = ph_event_day(event);
    at = next;
    found->places[at].last_deal = number;
  }
  if (deal->closing > found->as_of) {
    found->places[at].ended[PH_VISIT_STILL_IN]++;
    return;
  }
  if (deal->outcome == PH_OUTCOME_VANISHED) return; /* how this visit ended nobody knows */
  found->places[at].ended[deal->outcome == PH_OUTCOME_WON ? PH_VISIT_WON : PH_VISIT_LOST]++;
  add_duration(found, at, OF_VISIT, deal->closing - entered, status);
}

/* A gap belongs to the stage at the end of its first day. One that the deal did not wait for in that
** stage, because it was moved back meanwhile, belongs to none. */
static void count_gaps(velocity *found, size_t index, ph_status *status) {
  ph_rules *rules = &found->pipeline->rules;
  const ph_deal *deal = &found->pipeline->history.deals[index];
  ph_deal_state state;
  ph_day last_progress = PH_DAY_NONE;
  uint32_t stage = 0; /* 0: none, or left */
  ph_deal_replay_begin(rules, index, &state);
  while (!ph_failed(status) && ph_deal_replay_next(rules, index, deal->closing, &state)) {
    if (state.last_progress == last_progress) {
      if (state.stage != stage) stage = 0;
      continue;
    }
    if (last_progress != PH_DAY_NONE && stage != 0)
      add_duration(found, place_of(found, deal->pipeline, stage, status), OF_GAP,
                   state.last_progress - last_progress, status);
    last_progress = state.last_progress;
    stage = state.stage;
  }
}

/* --------------------------------------------------------------------------------------------------- rows */

static void fill_row(velocity *found, size_t index, ph_velocity_row *row, ph_status *status) {
  const place *at = &found->places[index];
  const double *days;
  *row = (ph_velocity_row){.pipeline = at->pipeline,
                           .stage = at->stage,
                           .rank = at->rank,
                           .median_days = NAN,
                           .p90_days = NAN,
                           .progress_gap_p90_days = NAN};
  for (int end = 0; end < PH_VISIT_END_COUNT; end++) row->entered += row->ended[end] = at->ended[end];
  size_t count = ph_durations_sorted(&found->durations, index * BINS_A_PLACE + OF_VISIT, &days, status);
  if (count > 0) {
    row->median_days = ph_quantile(days, count, (ph_fraction){1, 2});
    row->p90_days = ph_quantile(days, count, (ph_fraction){9, 10});
  }
  count = ph_durations_sorted(&found->durations, index * BINS_A_PLACE + OF_GAP, &days, status);
  if (count > 0) row->progress_gap_p90_days = ph_quantile(days, count, (ph_fraction){9, 10});
}

static int compare_ranks(double left, double right) {
  if (ph_is_nan(left) || ph_is_nan(right)) return ph_is_nan(left) - ph_is_nan(right);
  return left < right ? -1 : left > right;
}

static int compare_places(const void *context, uint32_t left, uint32_t right) {
  const velocity *found = context;
  const place *a = &found->places[left], *b = &found->places[right];
  const ph_interner *names = &found->pipeline->history.names;
  int difference = ph_name_compare(names, a->pipeline, b->pipeline);
  if (difference == 0) difference = compare_ranks(a->rank, b->rank);
  return difference != 0 ? difference : ph_name_compare(names, a->stage, b->stage);
}

static void make_rows(velocity *found, ph_velocity_row **rows, size_t *count, ph_status *status) {
  uint32_t *order = ph_sorted_indexes(found->place_count, compare_places, found, status);
  ph_durations_gather(&found->durations, found->place_count * BINS_A_PLACE, status);
  *rows = ph_allocate(status, found->place_count, sizeof **rows);
  for (size_t index = 0; index < found->place_count && ph_continue(status); index++) {
    ph_velocity_row *row = &(*rows)[*count];
    if (found->places[order[index]].stage == 0) continue;
    fill_row(found, order[index], row, status);
    if (row->entered > 0) (*count)++;
  }
  ph_release(status->memory, order);
}

void ph_velocity_on(ph_pipeline *pipeline, ph_day as_of, ph_velocity_row **rows, size_t *count,
                    ph_status *status) {
  const ph_history *history = &pipeline->history;
  velocity found = {.pipeline = pipeline, .as_of = as_of};
  *rows = NULL;
  *count = 0;
  grow_slots(&found, status);
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    if (!ph_deal_is_visible(&history->deals[index], as_of)) continue;
    count_visits(&found, index, status);
    if (ph_deal_is_won(&history->deals[index], as_of)) count_gaps(&found, index, status);
  }
  if (!ph_failed(status)) make_rows(&found, rows, count, status);
  ph_release(status->memory, found.places);
  ph_release(status->memory, found.slots);
  ph_durations_end(&found.durations, status->memory);
}
