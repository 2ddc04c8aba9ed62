/* What all measures work on. See pipeline.h. */
#include "pipeline.h"

#include "deal_replay.h"

static void end_order(ph_deal_order *order) {
  if (order->memory != NULL) ph_release(order->memory, order->deals);
  *order = (ph_deal_order){0};
}

static size_t order_bytes(const ph_deal_order *order) {
  return order->deals != NULL ? order->count * sizeof *order->deals : 0;
}

/* A kind of part: where it stands in the pipeline, by scope or once. Every part begins with the memory
** that it was made with, NULL while it is not made, and is zeroed by its end. */
typedef struct part_kind {
  size_t offset, size, count;
  size_t (*bytes)(const void *part);
  void (*end)(void *part);
} part_kind;

#define PART(type, name, field, bytes_of, end_of)                                                            \
  static size_t name##_part_bytes(const void *part) {                                                        \
    return bytes_of((const type *)part);                                                                     \
  }                                                                                                          \
  static void name##_part_end(void *part) {                                                                  \
    end_of((type *)part);                                                                                    \
  }                                                                                                          \
  enum {                                                                                                     \
    name##_offset = offsetof(ph_pipeline, field),                                                            \
    name##_count = sizeof(((ph_pipeline *)NULL)->field) / sizeof(type)                                       \
  };

PART(ph_deal_order, order, order, order_bytes, end_order)
PART(ph_kept_forecasts, forecasts, forecasts, ph_kept_forecasts_bytes, ph_kept_forecasts_end)
PART(ph_kept_ladders, ladders, ladders, ph_kept_ladders_bytes, ph_kept_ladders_end)
PART(ph_deal_pieces, pieces, pieces, ph_deal_pieces_bytes, ph_deal_pieces_end)
PART(ph_kept_win_rates, win_rates, win_rates, ph_kept_win_rates_bytes, ph_kept_win_rates_end)
PART(ph_class_runs, runs, runs, ph_class_runs_bytes, ph_class_runs_end)
PART(ph_day_index, integrity, integrity, ph_day_index_bytes, ph_day_index_end)
PART(ph_claims, claims, claims, ph_claims_bytes, ph_claims_end)
PART(ph_wins, wins, wins, ph_wins_bytes, ph_wins_end)
PART(ph_timeline, timeline, timeline, ph_timeline_bytes, ph_timeline_end)

#define KIND(type, name)                                                                                     \
  { name##_offset, sizeof(type), name##_count, name##_part_bytes, name##_part_end }

/* A part is made from parts that stand behind it. */
static const part_kind part_kinds[] = {
    KIND(ph_deal_order, order),
    KIND(ph_kept_forecasts, forecasts),
    KIND(ph_kept_ladders, ladders),
    KIND(ph_deal_pieces, pieces),
    KIND(ph_kept_win_rates, win_rates),
    KIND(ph_class_runs, runs),
    KIND(ph_day_index, integrity),
    KIND(ph_claims, claims),
    KIND(ph_wins, wins),
    KIND(ph_timeline, timeline),
};
enum { PART_KINDS = sizeof part_kinds / sizeof *part_kinds };

static void *part_at(const ph_pipeline *pipeline, const part_kind *kind, size_t place) {
  return (char *)pipeline + kind->offset + place * kind->size;
}

static bool is_made(const void *part) {
  return *(const ph_memory *const *)part != NULL;
}

void ph_pipeline_begin(ph_pipeline *pipeline, ph_status *status) {
  ph_rules_begin(&pipeline->rules, &pipeline->history, status);
}

void ph_pipeline_end(ph_pipeline *pipeline) {
  if (pipeline->stored.context != NULL) pipeline->stored.end(pipeline->stored.context);
  while (ph_pipeline_drop_part(pipeline)) continue;
  ph_rules_end(&pipeline->rules);
  ph_history_end(&pipeline->history);
}

size_t ph_pipeline_derived_bytes(const ph_pipeline *pipeline) {
  size_t bytes = 0;
  for (int kind = 0; kind < PART_KINDS; kind++)
    for (size_t place = 0; place < part_kinds[kind].count; place++)
      bytes += part_kinds[kind].bytes(part_at(pipeline, &part_kinds[kind], place));
  return bytes;
}

bool ph_pipeline_drop_part(ph_pipeline *pipeline) {
  for (int kind = 0; kind < PART_KINDS; kind++)
    for (size_t place = 0; place < part_kinds[kind].count; place++) {
      void *part = part_at(pipeline, &part_kinds[kind], place);
      if (!is_made(part)) continue;
      part_kinds[kind].end(part);
      return true;
    }
  return false;
}

const ph_timeline *ph_pipeline_timeline(ph_pipeline *pipeline, ph_status *status) {
  ph_timeline *timeline = &pipeline->timeline;
  if (is_made(timeline) || ph_failed(status)) return timeline;
  ph_timeline_begin(timeline, &pipeline->history, status);
  if (ph_failed(status)) ph_timeline_end(timeline);
  return timeline;
}

/* An index of which the sums of all groups are those of all deals; NULL: none is made. */
static const ph_day_index *made_integrity(const ph_pipeline *pipeline) {
  for (int scope = PH_SCOPE_ALL + 1; scope < PH_SCOPE_COUNT; scope++)
    if (is_made(&pipeline->integrity[scope])) return &pipeline->integrity[scope];
  return NULL;
}

const ph_day_index *ph_pipeline_integrity(ph_pipeline *pipeline, ph_scope scope, ph_status *status) {
  ph_day_index *index = &pipeline->integrity[scope];
  const ph_day_index *groups = scope == PH_SCOPE_ALL ? made_integrity(pipeline) : NULL;
  if (is_made(index) || ph_failed(status)) return index;
  if (groups != NULL) {
    ph_day_index_begin_total(index, groups, status);
    if (ph_failed(status)) ph_day_index_end(index);
    return index;
  }
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  if (ph_failed(status)) return index;
  ph_integrity_index_begin(index, timeline, scope, status);
  if (ph_failed(status)) ph_day_index_end(index);
  return index;
}

const ph_wins *ph_pipeline_wins(ph_pipeline *pipeline, ph_scope scope, ph_status *status) {
  ph_wins *wins = &pipeline->wins[scope];
  if (is_made(wins)) return wins;
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  if (ph_failed(status)) return wins;
  ph_wins_begin(wins, timeline, scope, status);
  if (ph_failed(status)) ph_wins_end(wins);
  return wins;
}

const ph_claims *ph_pipeline_claims(ph_pipeline *pipeline, ph_scope scope, ph_status *status) {
  ph_claims *claims = &pipeline->claims[scope];
  if (is_made(claims)) return claims;
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  if (ph_failed(status)) return claims;
  ph_claims_begin(claims, timeline, scope, status);
  if (ph_failed(status)) ph_claims_end(claims);
  return claims;
}

const ph_class_runs *ph_pipeline_runs(ph_pipeline *pipeline, ph_status *status) {
  ph_class_runs *runs = &pipeline->runs;
  if (is_made(runs)) return runs;
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  if (ph_failed(status)) return runs;
  ph_class_runs_begin(runs, timeline, status);
  if (ph_failed(status)) ph_class_runs_end(runs);
  return runs;
}

const ph_win_rates *ph_pipeline_win_rates(ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days,
                                          ph_status *status) {
  const ph_class_runs *runs = ph_pipeline_runs(pipeline, status);
  int64_t min_class_deals = ph_policy_integer(&pipeline->history.policy, PH_POLICY_MIN_CLASS_DEALS);
  if (ph_failed(status)) return NULL;
  return ph_kept_win_rates_get(&pipeline->win_rates, runs, min_class_deals, as_of, horizon_days, status);
}

const ph_deal_pieces *ph_pipeline_pieces(ph_pipeline *pipeline, ph_day until, ph_status *status) {
  ph_deal_pieces *pieces = &pipeline->pieces;
  if (is_made(pieces) && pieces->until >= until) return pieces;
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  if (ph_failed(status)) return pieces;
  ph_kept_ladders_end(&pipeline->ladders);
  ph_deal_pieces_end(pieces);
  if (until < pipeline->history.last_known) until = pipeline->history.last_known;
  ph_deal_pieces_replay(pieces, &pipeline->rules, timeline, until, status);
  if (ph_failed(status)) ph_deal_pieces_end(pieces);
  return pieces;
}

const ph_ladder *ph_pipeline_ladder(ph_pipeline *pipeline, const ph_ladder_question *questions, size_t count,
                                    ph_status *status) {
  ph_day until = PH_DAY_NONE;
  for (size_t question = 0; question < count; question++)
    if (questions[question].last_day > until) until = questions[question].last_day;
  const ph_deal_pieces *pieces = ph_pipeline_pieces(pipeline, until, status);
  double pull = pipeline->history.policy.value[PH_POLICY_MIN_CLASS_DEALS];
  if (ph_failed(status)) return NULL;
  return ph_kept_ladders_get(&pipeline->ladders, pieces, questions, count, pull, status);
}

void ph_pipeline_order(ph_pipeline *pipeline, ph_status *status) {
  if (is_made(&pipeline->order) || ph_failed(status)) return;
  uint32_t *deals = ph_history_order_deals(&pipeline->history, status);
  if (ph_failed(status)) return;
  pipeline->order = (ph_deal_order){pipeline->memory, deals, pipeline->history.deal_count};
}

void ph_check_days(const char *table, ph_day from_day, ph_day to_day, ph_status *status) {
  char from_text[PH_DAY_TEXT_BYTES], to_text[PH_DAY_TEXT_BYTES];
  if (from_day <= to_day) return;
  ph_day_format(from_day, from_text);
  ph_day_format(to_day, to_text);
  ph_fail(status, "%s: from_day %s is after to_day %s (expected from_day on or before to_day)", table,
          from_text, to_text);
}
