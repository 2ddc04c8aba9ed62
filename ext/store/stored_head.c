/* The head of a store. See stored_head.h. */
#include "stored_head.h"

#include "../base/bytes.h"

const char *const ph_slice_kind_names[PH_SLICE_KINDS] = {
    [PH_SLICES_OF_INTEGRITY + PH_SCOPE_ALL] = "all",
    [PH_SLICES_OF_INTEGRITY + PH_SCOPE_TEAM] = "team",
    [PH_SLICES_OF_INTEGRITY + PH_SCOPE_OWNER] = "owner",
    [PH_SLICES_OF_INTEGRITY + PH_SCOPE_PIPELINE] = "pipeline",
    [PH_SLICES_OF_INTEGRITY + PH_SCOPE_STAGE] = "stage",
    [PH_SLICES_OF_CLAIMS + PH_SCOPE_ALL] = "claims of all",
    [PH_SLICES_OF_CLAIMS + PH_SCOPE_TEAM] = "claims by team",
    [PH_SLICES_OF_CLAIMS + PH_SCOPE_OWNER] = "claims by owner",
    [PH_SLICES_OF_WINS + PH_SCOPE_ALL] = "wins of all",
    [PH_SLICES_OF_WINS + PH_SCOPE_TEAM] = "wins by team",
    [PH_SLICES_OF_WINS + PH_SCOPE_OWNER] = "wins by owner",
    [PH_SLICE_OF_LATE_WINS] = "late wins",
};

void ph_stored_head_end(ph_stored_head *head, const ph_memory *memory) {
  ph_release(memory, head->currency_deals);
  ph_release(memory, head->owner_stays);
  head->currency_deals = head->owner_stays = NULL;
}

static void write_facts(ph_byte_writer *writer, const ph_facts *facts, ph_status *status) {
  const ph_day days[] = {facts->first_created,
                         facts->last_known,
                         facts->first_stage_state,
                         facts->newest,
                         facts->next,
                         facts->evidence.touches_since,
                         facts->evidence.progress_since,
                         facts->evidence.meetings_since};
  for (size_t day = 0; day < sizeof days / sizeof *days; day++) ph_write_signed(writer, days[day], status);
  ph_write_number(writer, facts->kinds, status);
  ph_write_number(writer, facts->bounds_closings, status);
}

static ph_day read_any_day(ph_byte_reader *reader) {
  return (ph_day)ph_read_within(reader, 0, PH_DAY_NONE, PH_DAY_NEVER);
}

static ph_facts read_facts(ph_byte_reader *reader) {
  ph_facts facts = {.first_created = read_any_day(reader)};
  facts.last_known = read_any_day(reader);
  facts.first_stage_state = read_any_day(reader);
  facts.newest = read_any_day(reader);
  facts.next = read_any_day(reader);
  facts.evidence.touches_since = read_any_day(reader);
  facts.evidence.progress_since = read_any_day(reader);
  facts.evidence.meetings_since = read_any_day(reader);
  facts.kinds = ph_read_below(reader, (uint64_t)1 << PH_KIND_COUNT);
  facts.bounds_closings = ph_read_below(reader, 2) != 0;
  return facts;
}

static void write_word(ph_byte_writer *writer, uint64_t word, ph_status *status) {
  unsigned char bytes[PH_WORD_BYTES];
  for (int byte = 0; byte < PH_WORD_BYTES; byte++) bytes[byte] = (unsigned char)(word >> (8 * byte));
  ph_write_bytes(writer, bytes, sizeof bytes, status);
}

static uint64_t read_word(ph_byte_reader *reader) {
  uint64_t word = 0;
  const unsigned char *bytes = ph_read_bytes(reader, PH_WORD_BYTES);
  for (int byte = 0; byte < PH_WORD_BYTES && !reader->damaged; byte++)
    word |= (uint64_t)bytes[byte] << (8 * byte);
  return word;
}

void ph_write_head(ph_byte_writer *writer, const ph_stored_head *head, ph_status *status) {
  write_word(writer, head->edition, status);
  write_word(writer, head->zone_mark, status);
  write_word(writer, head->rules_mark, status);
  write_facts(writer, &head->facts, status);
  ph_write_signed(writer, head->today, status);
  ph_write_signed(writer, head->data_until, status);
  ph_write_number(writer, (uint64_t)head->excluded_deals, status);
  ph_write_number(writer, (uint64_t)head->rows_without_id, status);
  ph_write_number(writer, head->deal_count, status);
  ph_write_number(writer, head->block_count, status);
  for (int kind = 0; kind < PH_SLICE_KINDS; kind++) {
    ph_write_signed(writer, head->first_slice[kind], status);
    ph_write_signed(writer, head->last_slice[kind], status);
  }
  ph_write_number(writer, head->shows_claims, status);
  ph_write_number(writer, head->event_count, status);
  ph_write_number(writer, head->names->count, status);
  for (uint32_t name = 1; name < head->names->count && !ph_failed(status); name++)
    ph_write_text(writer, head->names->names[name].text, head->names->names[name].length, status);
  for (uint32_t name = 1; name < head->names->count && !ph_failed(status); name++)
    ph_write_number(writer, head->currency_deals[name], status);
  for (uint32_t name = 0; name < head->names->count && !ph_failed(status); name++)
    ph_write_number(writer, head->owner_stays[name], status);
}

static void read_names(ph_byte_reader *reader, ph_interner *names, ph_stored_head *head, ph_status *status) {
  uint32_t count = ph_read_below(reader, UINT32_MAX);
  if (count == 0 || count > (size_t)(reader->end - reader->at) + 1) reader->damaged = true;
  for (uint32_t name = 1; name < count && !reader->damaged && ph_continue(status); name++) {
    ph_text text = ph_read_text(reader);
    if (ph_intern(names, text.text, text.length, status) != name) reader->damaged = true;
  }
  if (reader->damaged) return;
  head->currency_deals = ph_allocate_zeroed(status, count, sizeof *head->currency_deals);
  for (uint32_t name = 1; name < count && !ph_failed(status); name++)
    head->currency_deals[name] = ph_read_below(reader, UINT32_MAX);
  head->owner_stays = ph_allocate_zeroed(status, count, sizeof *head->owner_stays);
  for (uint32_t name = 0; name < count && !ph_failed(status); name++)
    head->owner_stays[name] = ph_read_below(reader, UINT32_MAX);
}

bool ph_read_head(ph_byte_reader *reader, ph_interner *names, ph_stored_head *head, ph_status *status) {
  *head = (ph_stored_head){.names = names};
  head->edition = read_word(reader);
  head->zone_mark = read_word(reader);
  head->rules_mark = read_word(reader);
  head->facts = read_facts(reader);
  head->today = read_any_day(reader);
  head->data_until = read_any_day(reader);
  head->excluded_deals = ph_read_below(reader, UINT32_MAX);
  head->rows_without_id = ph_read_below(reader, UINT32_MAX);
  head->deal_count = ph_read_below(reader, UINT32_MAX);
  head->block_count = ph_read_below(reader, UINT32_MAX);
  for (int kind = 0; kind < PH_SLICE_KINDS; kind++) {
    head->first_slice[kind] = read_any_day(reader);
    head->last_slice[kind] = read_any_day(reader);
  }
  head->shows_claims = ph_read_below(reader, 2) != 0;
  head->event_count = ph_read_number(reader);
  read_names(reader, names, head, status);
  return !reader->damaged && reader->at == reader->end;
}

/* -------------------------------------------------------------------------------------------------- marks */

static uint64_t mark_text(uint64_t mark, const char *text, size_t length) {
  return ph_checksum(mark, text, length);
}

static uint64_t mark_real(uint64_t mark, double real) {
  uint64_t bits;
  memcpy(&bits, &real, sizeof bits);
  return ph_mix(mark, real == real ? bits : UINT64_MAX);
}

static uint64_t mark_name(uint64_t mark, const ph_history *history, uint32_t name) {
  const ph_name *text = &history->names.names[name];
  return name == 0 ? ph_mix(mark, 0) : mark_text(ph_mix(mark, 1), text->text, text->length);
}

static uint64_t mark_signed(uint64_t mark, int64_t number) {
  return ph_mix(mark, (uint64_t)number);
}

static uint64_t mark_change(uint64_t mark, const ph_zone_change *change) {
  mark = mark_signed(mark, change->form);
  mark = mark_signed(mark, change->month);
  mark = mark_signed(mark, change->week);
  mark = mark_signed(mark, change->day);
  return mark_signed(mark, change->seconds);
}

uint64_t ph_zone_mark(const ph_zone *zone) {
  uint64_t mark = mark_signed(1, zone->first_east);
  for (size_t at = 0; at < zone->count; at++) {
    mark = mark_signed(mark, zone->transitions[at].at);
    mark = mark_signed(mark, zone->transitions[at].seconds_east);
  }
  if (!zone->has_rule) return mark;
  mark = mark_signed(mark, zone->rule.standard_east);
  if (!zone->rule.has_daylight) return mark;
  mark = mark_signed(mark, zone->rule.daylight_east);
  return mark_change(mark_change(mark, &zone->rule.start), &zone->rule.end);
}

static uint64_t mark_policies(uint64_t mark, const ph_policy *policy) {
  for (int name = 0; name < PH_POLICY_COUNT; name++) {
    if (name == PH_POLICY_DATA_UNTIL || name == PH_POLICY_CACHE_MB || name == PH_POLICY_ON_BAD_ROW) continue;
    if (ph_policy_descriptors[name].type == PH_POLICY_TEXT) {
      mark = mark_text(mark, policy->text[name], strlen(policy->text[name]));
    } else {
      mark = mark_real(mark, policy->value[name]);
    }
  }
  return mark;
}

/* Rows are added up, for their order depends on the numbers of names. */
static uint64_t mark_rows(const ph_history *history) {
  uint64_t sum = 0;
  for (size_t at = 0; at < history->stage_count; at++) {
    const ph_stage *stage = &history->stages[at];
    uint64_t row = mark_name(mark_name(1, history, stage->stage), history, stage->pipeline);
    sum += mark_signed(mark_signed(mark_real(row, stage->rank), stage->max_idle_days), stage->closed);
  }
  for (size_t at = 0; at < history->rates.count; at++) {
    const ph_rate *rate = &history->rates.rates[at];
    uint64_t row = mark_signed(mark_name(2, history, rate->currency), rate->valid_from);
    sum += ph_mix(ph_mix(row, (uint64_t)rate->rate.numerator), (uint64_t)rate->rate.denominator);
  }
  for (size_t at = 0; at < history->holiday_count; at++)
    sum += mark_name(mark_signed(3, history->holidays[at].day), history, history->holidays[at].team);
  return sum;
}

uint64_t ph_rules_mark(const ph_history *history) {
  uint64_t mark = mark_policies(PH_STORE_VERSION, &history->policy);
  mark = ph_mix(mark, mark_rows(history));
  mark = mark_signed(mark, history->rates.convert);
  mark = mark_name(mark, history, history->rates.reporting);
  mark = mark_signed(mark, history->evidence.touches_since);
  mark = mark_signed(mark, history->evidence.progress_since);
  return mark_signed(mark, history->evidence.meetings_since);
}
