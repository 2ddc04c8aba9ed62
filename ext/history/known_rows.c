/* Rows go from a reader to a store, and from there to another reader. See reader.h. */
#include "reader_internal.h"

void ph_reader_know(ph_reader *reader, const ph_facts *facts, const ph_currencies *currencies) {
  reader->others = facts;
  reader->other_currencies = currencies;
}

void ph_reader_take_deal(ph_reader *reader, const ph_deal_row *row, ph_status *status) {
  ph_history *history = reader->history;
  ph_deal deal = row->deal;
  if (ph_failed(status)) return;
  history->excluded_deals += row->left_out;
  if (!row->is_used) return;
  if (deal.id_is_text) {
    if (!ph_reserve(status, (void **)&history->ids, &reader->id_capacity, history->id_count + 1,
                    sizeof *history->ids))
      return;
    const char *text = ph_arena_copy(&history->texts, row->id.text, row->id.length, status);
    deal.id = (int64_t)history->id_count;
    history->ids[history->id_count++] = (ph_text){text, row->id.length};
  }
  if (deal.name != NULL) deal.name = ph_arena_copy(&history->texts, deal.name, deal.name_length, status);
  if (!ph_reserve(status, (void **)&history->deals, &reader->deal_capacity, history->deal_count + 2,
                  sizeof deal))
    return;
  history->deals[history->deal_count++] = deal;
}

uint32_t ph_reader_slot(ph_reader *reader, size_t deal) {
  const ph_deal *row = &reader->history->deals[deal];
  return ph_id_map_add(&reader->map, (ph_id){row->id, row->id_is_text});
}

void ph_reader_take_event(ph_reader *reader, uint32_t slot, const ph_event_row *row, ph_status *status) {
  if (!ph_failed(status)) ph_raw_events_add(&reader->raw, slot, row, status);
}

int64_t ph_reader_rows_without_id(const ph_reader *reader) {
  return reader->history->excluded_deals - (int64_t)reader->left_out_count;
}

const ph_facts *ph_reader_facts(const ph_reader *reader) {
  return &reader->facts;
}

/* How many rows of the id of each slot were left out: a new block. */
static uint32_t *count_left_out(ph_reader *reader, ph_status *status) {
  uint32_t *counts = ph_allocate_zeroed(status, reader->map.slot_count, sizeof *counts);
  for (size_t index = 0; index < reader->left_out_count && !ph_failed(status); index++)
    counts[ph_id_map_add(&reader->map, reader->left_out[index])]++;
  return counts;
}

static ph_deal_row row_of(const ph_history *history, const ph_deal *deal, uint32_t left_out, bool is_used) {
  ph_deal_row row = {.deal = *deal, .left_out = left_out, .is_used = is_used};
  if (deal->id_is_text) row.id = history->ids[deal->id];
  return row;
}

void ph_reader_visit(ph_reader *reader, ph_visit_deal *visit_deal, ph_visit_row *visit_event, void *context,
                     ph_status *status) {
  const ph_history *history = reader->history;
  ph_reader_add_pending(reader, status);
  uint32_t *left_out = ph_failed(status) ? NULL : count_left_out(reader, status);
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    uint32_t slot = ph_reader_slot(reader, index);
    ph_deal_row row = row_of(history, &history->deals[index], left_out[slot], true);
    left_out[slot] = 0;
    visit_deal(context, slot, &row, status);
  }
  for (size_t index = 0; index < reader->left_out_count && ph_continue(status); index++) {
    ph_id id = reader->left_out[index];
    ph_deal deal = {.id = id.value, .id_is_text = id.is_text};
    uint32_t slot = ph_id_map_add(&reader->map, id);
    if (left_out[slot] == 0) continue;
    ph_deal_row row = row_of(history, &deal, left_out[slot], false);
    left_out[slot] = 0;
    visit_deal(context, PH_NO_SLOT, &row, status);
  }
  if (!ph_failed(status)) ph_raw_events_visit(&reader->raw, visit_event, context, status);
  ph_release(reader->memory, left_out);
}
