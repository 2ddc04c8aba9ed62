/* Deal chance. See deal_chance.h. */
#include "deal_chance.h"

#include "../base/rounding.h"

static ph_deal_chance_row row_of(const ph_deal_pieces *pieces, const ph_ladder *ladder, size_t question,
                                 size_t deal, const ph_span *span, ph_day day) {
  return (ph_deal_chance_row){.deal = deal,
                              .owner = span->owner,
                              .stage = span->stage,
                              .verdict = span->verdict,
                              .amount = span->amount,
                              .chance =
                                  ph_ladder_chance(ladder, question, ph_class_piece_on(pieces, deal, day),
                                                   ph_factor_piece_on(pieces, deal, day))};
}

void ph_deal_chances(ph_pipeline *pipeline, ph_day as_of, int32_t horizon_days, ph_deal_chance_row **rows,
                     size_t *count, ph_status *status) {
  const ph_history *history = &pipeline->history;
  const ph_ladder_question asked = ph_chance_question(as_of, horizon_days);
  size_t capacity = 0;
  *rows = NULL;
  *count = 0;
  ph_pipeline_order(pipeline, status);
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  const ph_deal_pieces *pieces = ph_pipeline_pieces(pipeline, as_of, status);
  const ph_ladder *ladder = ph_pipeline_ladder(pipeline, &asked, 1, status);
  if (ph_failed(status)) return;
  size_t question = ph_ladder_question_place(ladder, asked.last_day, asked.horizon_days);
  for (size_t place = 0; place < history->deal_count && ph_continue(status); place++) {
    ph_span span;
    size_t deal = ph_pipeline_deal_at(pipeline, place);
    if (!ph_timeline_span(timeline, deal, as_of, &span)) continue;
    if (!ph_reserve(status, (void **)rows, &capacity, *count + 1, sizeof **rows)) break;
    ph_deal_chance_row *row = &(*rows)[(*count)++];
    *row = row_of(pieces, ladder, question, deal, &span, as_of);
    row->team = history->deals[deal].team;
    row->expected_units = row->chance.chance * (double)row->amount;
  }
}
