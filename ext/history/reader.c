/* Source rows become a history. See reader.h. */
#include "complete_deals.h"
#include "currency.h"
#include "evidence.h"
#include "reader_internal.h"

#include <string.h>

ph_reader *ph_reader_begin(ph_history *history, int64_t now, ph_status *status) {
  *history = (ph_history){
      .memory = status->memory, .first_created = PH_DAY_NEVER, .first_stage_state = PH_DAY_NEVER};
  ph_policy_set_defaults(&history->policy);
  ph_zone_begin_fixed(&history->zone, 0);
  ph_arena_begin(&history->texts, status->memory);
  ph_arena_begin(&history->names.texts, status->memory);
  ph_interner_begin(&history->names, status);
  ph_reader *reader = ph_allocate_zeroed(status, 1, sizeof *reader);
  if (reader == NULL) return NULL;
  reader->history = history;
  reader->memory = status->memory;
  reader->now = now;
  reader->others = &PH_NO_FACTS;
  reader->other_currencies = ph_no_currencies();
  ph_kind_table_fill(&reader->kinds);
  memcpy(reader->last_date, "0001-01-01", PH_DATE_BYTES); /* what last_day begins with */
  return reader;
}

void ph_reader_end(ph_reader *reader) {
  if (reader == NULL) return;
  ph_raw_events_end(&reader->raw, reader->memory);
  ph_id_map_end(&reader->map);
  ph_release(reader->memory, reader->left_out);
  ph_release(reader->memory, reader->pending);
  ph_release(reader->memory, reader);
}

bool ph_repeats_header(ph_relation_name relation, const ph_value *cells) {
  const ph_relation *descriptor = &ph_relations[relation];
  int names = 0, required = 0;
  for (int column = 0; column < descriptor->column_count; column++) {
    const ph_value *cell = &cells[column];
    required += descriptor->columns[column].required;
    names += cell->type == PH_TEXT &&
             ph_text_equals_any_case(cell->text, cell->length, descriptor->columns[column].name);
  }
  return names >= (required < 2 ? required : 2);
}

void ph_reader_policy_known(ph_reader *reader, ph_status *status) {
  const ph_policy *policy = &reader->history->policy;
  if (ph_failed(status)) return;
  ph_policy_zone(policy, &reader->history->zone, status);
  reader->history->today = ph_history_day_of(reader->history, reader->now);
  reader->history->problems.errors_stop = policy->value[PH_POLICY_ON_BAD_ROW] == PH_ON_BAD_ROW_ERROR;
}

void ph_reader_finish(ph_reader *reader, ph_status *status) {
  ph_reader_add_pending(reader, status);
  if (ph_failed(status)) return;
  ph_id_map_forget_keys(&reader->map);
  ph_complete_deals(reader->history, &reader->map, reader->left_out, &reader->raw, reader->others,
                    &reader->facts, status);
  if (ph_failed(status)) return;
  ph_evidence_find(reader->history, reader->others, &reader->facts, status);
  ph_convert_amounts(reader->history, reader->other_currencies, status);
  ph_reader_order_holidays(reader, status);
}
