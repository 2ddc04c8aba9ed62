/* Deal chance. See deal_chance.h. */
#include "deal_chance.h"

#include "../base/rounding.h"

static ph_day last_day_of(const ph_ladder *ladder) {
  return ladder->questions[ladder->question_count - 1].last_day;
}

static ph_day won_on(const ph_deal *deal) {
  return deal->outcome == PH_OUTCOME_WON ? deal->closing : PH_DAY_NEVER;
}

typedef enum { COUNT, EXPECT } pass;

static void replay_deals(ph_ladder *ladder, ph_deal_pieces *pieces, pass which, ph_status *status) {
  const ph_history *history = pieces->rules->history;
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    ph_deal_pieces_make(pieces, deal, last_day_of(ladder), status);
    if (ph_failed(status)) return;
    if (which == COUNT) ph_ladder_count_deal(ladder, &pieces->list, won_on(&history->deals[deal]), status);
    if (which == EXPECT) ph_ladder_expect_deal(ladder, &pieces->list);
  }
}

void ph_ladder_learn(ph_ladder *ladder, ph_pipeline *pipeline, const ph_chance_question *questions,
                     size_t count, ph_status *status) {
  const ph_history *history = &pipeline->history;
  ph_deal_pieces pieces;
  ph_ladder_question *days = ph_allocate(status, count, sizeof *days);
  for (size_t question = 0; question < count && !ph_failed(status); question++)
    days[question] = (ph_ladder_question){questions[question].as_of - questions[question].horizon_days,
                                          questions[question].horizon_days};
  *ladder = (ph_ladder){0};
  if (!ph_failed(status))
    ph_ladder_begin(ladder, days, count, history->names.count,
                    history->policy.value[PH_POLICY_MIN_CLASS_DEALS], status);
  ph_release(status->memory, days);
  ph_deal_pieces_begin(&pieces, &pipeline->rules, ph_pipeline_timeline(pipeline, status), status);
  if (count > 0 && !ph_failed(status)) {
    replay_deals(ladder, &pieces, COUNT, status);
    ph_ladder_climb(ladder, status);
    replay_deals(ladder, &pieces, EXPECT, status);
    if (!ph_failed(status)) ph_ladder_finish(ladder);
  }
  ph_deal_pieces_end(&pieces);
}

bool ph_deal_chance_on(const ph_ladder *ladder, ph_chance_question question, ph_deal_pieces *pieces,
                       size_t deal, ph_deal_chance_row *row, ph_status *status) {
  const ph_deal *at = &pieces->rules->history->deals[deal];
  if (!ph_deal_is_open(at, question.as_of)) return false;
  ph_deal_pieces_make(pieces, deal, question.as_of, status);
  if (ph_failed(status) || pieces->list.count == 0) return false;
  const ph_key_piece *piece = &pieces->list.pieces[pieces->list.count - 1];
  const ph_span *span = &pieces->spans.spans[pieces->spans.count - 1];
  *row = (ph_deal_chance_row){
      .deal = deal,
      .owner = span->owner,
      .stage = span->stage,
      .team = at->team,
      .verdict = span->verdict,
      .amount = span->amount,
      .chance = ph_ladder_chance(ladder, ph_ladder_place_of(ladder, question), piece->key, piece->factors)};
  row->expected_units = row->chance.chance * (double)row->amount;
  return true;
}

void ph_deal_chances(ph_pipeline *pipeline, ph_chance_question question, ph_deal_chance_row **rows,
                     size_t *count, ph_status *status) {
  size_t capacity = 0;
  ph_ladder ladder;
  ph_deal_pieces pieces;
  *rows = NULL;
  *count = 0;
  ph_pipeline_order(pipeline, status);
  ph_ladder_learn(&ladder, pipeline, &question, 1, status);
  ph_deal_pieces_begin(&pieces, &pipeline->rules, ph_pipeline_timeline(pipeline, status), status);
  for (size_t place = 0; place < pipeline->history.deal_count && ph_continue(status); place++) {
    size_t deal = ph_pipeline_deal_at(pipeline, place);
    if (!ph_reserve(status, (void **)rows, &capacity, *count + 1, sizeof **rows)) break;
    *count += ph_deal_chance_on(&ladder, question, &pieces, deal, &(*rows)[*count], status);
  }
  ph_deal_pieces_end(&pieces);
  ph_ladder_end(&ladder);
}
