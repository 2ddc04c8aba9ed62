/* Rows of pipeline_deal become the deals of a history. See reader.h. */
#include "currency.h"
#include "reader_internal.h"

static void warn(ph_deal *deal, ph_deal_warning warning, bool holds) {
  if (holds) deal->warnings |= 1u << warning & PH_ALL_WARNINGS;
}

static void read_deal_amount(ph_reader *reader, const ph_value *cell, ph_deal *deal, ph_status *status) {
  bool missing = ph_value_is_missing(cell);
  bool good = !missing && ph_value_to_money(cell, &deal->amount);
  if (!good) deal->amount = 0;
  if (good && ph_problem_add_thousands(&reader->history->problems, PH_DEAL_AMOUNT_THOUSANDS, cell, status))
    ph_note_amount(reader->history, PH_DEAL_AMOUNT_THOUSANDS, deal->currency, deal->amount);
  warn(deal, PH_WARNING_AMOUNT_MISSING, missing);
  warn(deal, PH_WARNING_AMOUNT_BAD, !missing && !good);
  warn(deal, PH_WARNING_AMOUNT_NEGATIVE, deal->amount < 0);
}

/* The first thing that makes a row of pipeline_deal unusable, or PH_PROBLEM_COUNT. */
static ph_problem read_deal_days(ph_reader *reader, const ph_value *cells, ph_deal *deal) {
  const ph_value *outcome = &cells[PH_DEAL_OUTCOME];
  static const char *const outcomes[PH_OUTCOME_COUNT] = {"open", "won", "lost", "unknown"};
  ph_day closed_at;
  if (!ph_read_day(reader, &cells[PH_DEAL_CREATED_AT], PH_INSTANT_BY_NATURE, &deal->created))
    return PH_DEAL_CREATED_BAD;
  if (deal->created == PH_DAY_NONE) return PH_DEAL_CREATED_MISSING;
  int found = 0;
  while (
      found < PH_OUTCOME_COUNT &&
      !(outcome->type == PH_TEXT && ph_text_equals_any_case(outcome->text, outcome->length, outcomes[found])))
    found++;
  if (found == PH_OUTCOME_COUNT) return PH_DEAL_OUTCOME_UNKNOWN;
  deal->outcome = (uint32_t)found & 3u;
  if (!ph_read_day(reader, &cells[PH_DEAL_CLOSE_DATE], PH_DATE_BY_NATURE, &deal->close_date))
    return PH_DEAL_CLOSE_DATE_BAD;
  deal->closing = PH_DAY_NEVER;
  if (deal->outcome == PH_OUTCOME_OPEN) return PH_PROBLEM_COUNT;
  if (!ph_read_day(reader, &cells[PH_DEAL_CLOSED_AT], PH_INSTANT_BY_NATURE, &closed_at))
    return PH_DEAL_CLOSED_AT_BAD;
  deal->closing_is_given = closed_at != PH_DAY_NONE;
  if (closed_at == PH_DAY_NONE) closed_at = deal->close_date;
  if (closed_at != PH_DAY_NONE) deal->closing = closed_at;
  return PH_PROBLEM_COUNT;
}

static int problem_column(ph_problem problem) {
  switch (problem) {
  case PH_DEAL_CREATED_BAD: return PH_DEAL_CREATED_AT;
  case PH_DEAL_OUTCOME_UNKNOWN: return PH_DEAL_OUTCOME;
  case PH_DEAL_CLOSE_DATE_BAD: return PH_DEAL_CLOSE_DATE;
  case PH_DEAL_CLOSED_AT_BAD: return PH_DEAL_CLOSED_AT;
  default: return PH_DEAL_ID;
  }
}

static ph_id read_id(ph_reader *reader, const ph_value *cell, ph_status *status) {
  ph_history *history = reader->history;
  ph_id id = {0, false};
  if (ph_read_integer_id(cell, &id.value)) return id;
  if (!ph_reserve(status, (void **)&history->ids, &reader->id_capacity, history->id_count + 1,
                  sizeof *history->ids))
    return id;
  const char *text = ph_arena_copy(&history->texts, cell->text, cell->length, status);
  history->ids[history->id_count] = (ph_text){text, cell->length};
  return (ph_id){(int64_t)history->id_count++, true};
}

static void list_left_out(ph_reader *reader, ph_id id, ph_status *status) {
  if (ph_reserve(status, (void **)&reader->left_out, &reader->left_out_capacity, reader->left_out_count + 1,
                 sizeof id))
    reader->left_out[reader->left_out_count++] = id;
}

static void leave_deal_out(ph_reader *reader, const ph_value *cells, ph_problem problem, ph_status *status) {
  ph_history *history = reader->history;
  uint32_t currency = ph_read_name(reader, &cells[PH_DEAL_CURRENCY], status);
  int64_t amount;
  history->excluded_deals++;
  if (ph_repeats_header(PH_RELATION_DEAL, cells)) problem = PH_DEAL_HEADER;
  ph_problem_add_value(&history->problems, problem, &cells[problem_column(problem)], status);
  if (problem != PH_DEAL_HEADER && ph_value_to_money(&cells[PH_DEAL_AMOUNT], &amount))
    ph_note_amount(history, problem, currency, amount);
  if (ph_value_is_missing(&cells[PH_DEAL_ID])) return;
  list_left_out(reader, read_id(reader, &cells[PH_DEAL_ID], status), status);
}

static void check_deal_row(const ph_history *history, const ph_value *cells, ph_deal *deal) {
  bool open = deal->outcome == PH_OUTCOME_OPEN;
  bool has_closed_at = open ? !ph_value_is_missing(&cells[PH_DEAL_CLOSED_AT]) : deal->closing_is_given;
  bool ranked = deal->stage != 0 && ph_history_stage(history, deal->stage, deal->pipeline) != NULL;
  warn(deal, PH_WARNING_OPEN_WITH_CLOSED_AT, open && has_closed_at);
  warn(deal, PH_WARNING_CLOSED_WITHOUT_CLOSED_AT, !open && !has_closed_at);
  warn(deal, PH_WARNING_STAGE_MISSING, deal->stage == 0);
  warn(deal, PH_WARNING_STAGE_WITHOUT_RANK, open && history->stage_count > 0 && deal->stage != 0 && !ranked);
  warn(deal, PH_WARNING_DATE_LOOKS_LIKE_YYYYMMDD,
       ph_looks_like_yyyymmdd(&cells[PH_DEAL_CREATED_AT]) ||
           ph_looks_like_yyyymmdd(&cells[PH_DEAL_CLOSE_DATE]) ||
           ph_looks_like_yyyymmdd(&cells[PH_DEAL_CLOSED_AT]));
}

/* What must be known of the other relations before the first deal. */
static void begin_deals(ph_reader *reader, ph_status *status) {
  if (reader->history->first_stage != NULL) return;
  ph_reader_order_stages(reader, status);
  ph_choose_reporting_currency(reader->history, status);
}

void ph_reader_add_deal(ph_reader *reader, const ph_value cells[PH_DEAL_COLUMNS], ph_status *status) {
  ph_history *history = reader->history;
  ph_deal deal = {0};
  char buffer[PH_ID_TEXT_BYTES];
  if (ph_failed(status)) return;
  begin_deals(reader, status);
  ph_problem problem = PH_DEAL_ID_MISSING;
  if (!ph_value_is_missing(&cells[PH_DEAL_ID])) problem = read_deal_days(reader, cells, &deal);
  if (problem != PH_PROBLEM_COUNT) {
    leave_deal_out(reader, cells, problem, status);
    return;
  }
  ph_id id = read_id(reader, &cells[PH_DEAL_ID], status);
  deal.id = id.value;
  deal.id_is_text = id.is_text;
  deal.owner = ph_read_name(reader, &cells[PH_DEAL_OWNER], status);
  deal.team = ph_read_name(reader, &cells[PH_DEAL_TEAM], status);
  deal.pipeline = ph_read_name(reader, &cells[PH_DEAL_PIPELINE], status);
  deal.stage = ph_read_name(reader, &cells[PH_DEAL_STAGE], status);
  deal.currency = ph_read_name(reader, &cells[PH_DEAL_CURRENCY], status);
  deal.forecast = ph_read_name(reader, &cells[PH_DEAL_FORECAST_CATEGORY], status);
  if (!ph_value_is_missing(&cells[PH_DEAL_NAME])) {
    size_t length;
    const char *text = ph_cell_text(&cells[PH_DEAL_NAME], buffer, &length);
    deal.name = ph_arena_copy(&history->texts, text, length, status);
    deal.name_length = (uint32_t)length;
  }
  ph_reserve(status, (void **)&history->deals, &reader->deal_capacity, history->deal_count + 2, sizeof deal);
  if (ph_failed(status)) return;
  check_deal_row(history, cells, &deal);
  read_deal_amount(reader, &cells[PH_DEAL_AMOUNT], &deal, status);
  history->deals[history->deal_count++] = deal;
}

static void leave_duplicate_out(ph_reader *reader, const ph_deal *deal, ph_status *status) {
  ph_history *history = reader->history;
  char buffer[PH_ID_TEXT_BYTES];
  size_t length;
  const char *text = ph_deal_id_text(history, deal, buffer, &length);
  history->excluded_deals++;
  ph_problem_add(&history->problems, PH_DEAL_DUPLICATE, text, status);
  ph_note_amount(history, PH_DEAL_DUPLICATE, deal->currency, deal->amount);
  list_left_out(reader, (ph_id){deal->id, deal->id_is_text}, status);
}

void ph_reader_deals_end(ph_reader *reader, ph_status *status) {
  ph_history *history = reader->history;
  if (ph_failed(status)) return;
  begin_deals(reader, status);
  ph_reserve(status, (void **)&history->deals, &reader->deal_capacity, history->deal_count + 1,
             sizeof(ph_deal));
  ph_id_map_begin(&reader->map, history, reader->left_out, reader->left_out_count, status);
  size_t kept = 0;
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    const ph_deal *deal = &history->deals[index];
    uint32_t slot = ph_id_map_add(&reader->map, (ph_id){deal->id, deal->id_is_text});
    if (reader->map.entries[slot] != 0) {
      leave_duplicate_out(reader, deal, status);
      continue;
    }
    reader->map.entries[slot] = (uint32_t)kept + 1;
    history->deals[kept++] = *deal;
  }
  if (ph_failed(status)) return;
  history->deal_count = kept;
  history->deals[kept] = (ph_deal){.created = PH_DAY_NEVER, .closing = PH_DAY_NEVER};
  for (size_t index = 0; index < reader->left_out_count; index++) {
    uint32_t slot = ph_id_map_add(&reader->map, reader->left_out[index]);
    if (reader->map.entries[slot] == 0) reader->map.entries[slot] = PH_DEAL_LEFT_OUT | (uint32_t)index;
  }
  ph_raw_events_begin(&reader->raw, &reader->map, status);
}
