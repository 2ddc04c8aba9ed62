/* Blocks of deals. See deal_block.h. */
#include "deal_block.h"

/* The first byte of an event: its kind, and what of it is written. */
enum {
  KIND_BITS = 5,
  HAS_TIME = 1 << KIND_BITS,
  WAS_RECORDED = 2 << KIND_BITS, /* at another instant than its own */
  SAME_DAY = 4 << KIND_BITS      /* as the event before */
};
_Static_assert(PH_KIND_COUNT <= 1 << KIND_BITS, "a byte holds every kind");

/* The first number of a deal: what of it is written. */
enum { IS_USED = 1, HAS_LEFT_OUT = 2, HAS_NAME = 4, CLOSING_IS_GIVEN = 8, OUTCOME_AT = 4, WARNINGS_AT = 6 };

enum { MILLISECONDS_A_DAY = 86400000 };

int ph_stored_id_compare(const ph_stored_id *left, const ph_stored_id *right) {
  if (left->is_text != right->is_text) return left->is_text ? 1 : -1;
  if (left->is_text) return ph_text_compare(&left->text, &right->text);
  return left->integer < right->integer ? -1 : left->integer > right->integer;
}

ph_stored_id ph_stored_id_of(const ph_deal_row *row) {
  if (row->deal.id_is_text) return (ph_stored_id){.text = row->id, .is_text = true};
  return (ph_stored_id){.integer = row->deal.id};
}

void ph_write_id(ph_byte_writer *writer, const ph_stored_id *id, ph_status *status) {
  ph_write_number(writer, id->is_text, status);
  if (id->is_text) {
    ph_write_text(writer, id->text.text, id->text.length, status);
  } else {
    ph_write_signed(writer, id->integer, status);
  }
}

ph_stored_id ph_read_id(ph_byte_reader *reader) {
  ph_stored_id id = {.is_text = ph_read_below(reader, 2) != 0};
  if (id.is_text) {
    id.text = ph_read_text(reader);
  } else {
    id.integer = ph_read_signed(reader);
  }
  return id;
}

static void write_day(ph_byte_writer *writer, ph_day base, ph_day day, ph_status *status) {
  ph_write_signed(writer, (int64_t)day - base, status);
}

static ph_day read_day(ph_byte_reader *reader, ph_day base, ph_day lowest, ph_day highest) {
  return (ph_day)ph_read_within(reader, base, lowest, highest);
}

void ph_write_event_count(ph_byte_writer *writer, ph_stored_events events, ph_status *status) {
  ph_write_number(writer, events.count, status);
  ph_write_number(writer, events.bytes, status);
}

void ph_write_deal(ph_byte_writer *writer, const ph_deal_row *row, ph_status *status) {
  const ph_deal *deal = &row->deal;
  ph_stored_id id = ph_stored_id_of(row);
  uint64_t has = (row->is_used ? IS_USED : 0) | (row->left_out != 0 ? HAS_LEFT_OUT : 0);
  if (row->is_used)
    has |= (uint64_t)(deal->name != NULL ? HAS_NAME : 0) | (deal->closing_is_given ? CLOSING_IS_GIVEN : 0) |
           (uint64_t)deal->outcome << OUTCOME_AT | (uint64_t)deal->warnings << WARNINGS_AT;
  ph_write_id(writer, &id, status);
  ph_write_number(writer, has, status);
  if (row->left_out != 0) ph_write_number(writer, (uint64_t)row->left_out, status);
  if (!row->is_used) return;
  if (deal->name != NULL) ph_write_text(writer, deal->name, deal->name_length, status);
  ph_write_number(writer, (uint64_t)deal->created, status);
  write_day(writer, deal->created, deal->close_date, status);
  if (deal->outcome != PH_OUTCOME_OPEN) write_day(writer, deal->created, deal->closing, status);
  const uint32_t names[] = {deal->owner, deal->team,     deal->pipeline,
                            deal->stage, deal->currency, deal->forecast};
  for (size_t name = 0; name < sizeof names / sizeof *names; name++)
    ph_write_number(writer, names[name], status);
  ph_write_amount(writer, deal->amount, status);
}

void ph_read_deal(ph_byte_reader *reader, uint32_t name_count, ph_deal_row *row, ph_stored_events *events) {
  *row = (ph_deal_row){.left_out = 0};
  ph_stored_id id = ph_read_id(reader);
  uint64_t has = ph_read_number(reader);
  ph_deal *deal = &row->deal;
  deal->id = id.integer;
  deal->id_is_text = id.is_text;
  row->id = id.text;
  row->is_used = (has & IS_USED) != 0;
  *events = (ph_stored_events){0, 0};
  if (has & HAS_LEFT_OUT) row->left_out = ph_read_below(reader, UINT32_MAX);
  if (!row->is_used) return;
  if (has & HAS_NAME) {
    ph_text name = ph_read_text(reader);
    deal->name = name.text;
    deal->name_length = (uint32_t)name.length;
  }
  deal->closing_is_given = (has & CLOSING_IS_GIVEN) != 0;
  deal->outcome = (uint32_t)(has >> OUTCOME_AT) & 3u;
  deal->warnings = (uint32_t)(has >> WARNINGS_AT) & PH_ALL_WARNINGS;
  deal->created = (ph_day)ph_read_below(reader, PH_DAY_NEVER);
  deal->close_date = read_day(reader, deal->created, PH_DAY_NONE, PH_DAY_LAST);
  deal->closing =
      deal->outcome != PH_OUTCOME_OPEN ? read_day(reader, deal->created, 0, PH_DAY_NEVER) : PH_DAY_NEVER;
  deal->owner = ph_read_below(reader, name_count);
  deal->team = ph_read_below(reader, name_count);
  deal->pipeline = ph_read_below(reader, name_count);
  deal->stage = ph_read_below(reader, name_count);
  deal->currency = ph_read_below(reader, name_count);
  deal->forecast = ph_read_below(reader, name_count);
  deal->amount = ph_read_amount(reader);
  events->count = ph_read_below(reader, UINT32_MAX);
  events->bytes = ph_read_below(reader, UINT32_MAX);
  /* an event has a byte at least */
  if (events->count <= events->bytes && events->bytes <= (size_t)(reader->end - reader->at)) return;
  reader->damaged = true;
  *events = (ph_stored_events){0, 0};
}

static void write_change(ph_byte_writer *writer, const ph_event_row *row, ph_status *status) {
  const ph_change *change = &row->change;
  switch (ph_kind_of_change(row->kind)) {
  case PH_KIND_AMOUNT:
    ph_write_amount(writer, change->before, status);
    ph_write_amount(writer, change->after, status);
    break;
  case PH_KIND_CLOSE_DATE:
    write_day(writer, row->at.day, (ph_day)change->before, status);
    write_day(writer, row->at.day, (ph_day)change->after, status);
    break;
  default:
    ph_write_number(writer, (uint64_t)change->before, status);
    ph_write_number(writer, (uint64_t)change->after, status);
    break;
  }
}

static void read_change(ph_byte_reader *reader, uint32_t name_count, ph_event_row *row) {
  ph_change *change = &row->change;
  switch (ph_kind_of_change(row->kind)) {
  case PH_KIND_AMOUNT:
    change->before = ph_read_amount(reader);
    change->after = ph_read_amount(reader);
    break;
  case PH_KIND_CLOSE_DATE:
    change->before = read_day(reader, row->at.day, PH_DAY_NONE, PH_DAY_LAST);
    change->after = read_day(reader, row->at.day, PH_DAY_NONE, PH_DAY_LAST);
    break;
  default:
    change->before = ph_read_below(reader, name_count);
    change->after = ph_read_below(reader, name_count);
    break;
  }
}

void ph_write_event(ph_byte_writer *writer, const ph_event_row *row, ph_day *last_day, ph_status *status) {
  bool is_change = ph_kind_is(row->kind, PH_IS_CHANGE);
  bool recorded =
      !is_change && (row->recorded.day != row->at.day || row->recorded.millisecond != row->at.millisecond);
  unsigned char first =
      (unsigned char)((unsigned)row->kind | (row->at.millisecond != 0 ? HAS_TIME : 0u) |
                      (recorded ? WAS_RECORDED : 0u) | (row->at.day == *last_day ? SAME_DAY : 0u));
  ph_write_bytes(writer, &first, 1, status);
  if (row->at.day != *last_day) write_day(writer, *last_day, row->at.day, status);
  if (row->at.millisecond != 0) ph_write_number(writer, (uint64_t)row->at.millisecond, status);
  if (recorded) {
    write_day(writer, row->at.day, row->recorded.day, status);
    ph_write_number(writer, (uint64_t)row->recorded.millisecond, status);
  }
  if (is_change) write_change(writer, row, status);
  *last_day = row->at.day;
}

void ph_read_event(ph_byte_reader *reader, uint32_t name_count, ph_event_row *row, ph_day *last_day) {
  *row = (ph_event_row){.kind = PH_KIND_NOTE};
  const unsigned char *byte = ph_read_bytes(reader, 1);
  if (reader->damaged) return;
  unsigned first = *byte;
  if ((first & ((1u << KIND_BITS) - 1)) >= PH_KIND_COUNT) {
    reader->damaged = true;
    return;
  }
  row->kind = (ph_kind)(first & ((1u << KIND_BITS) - 1));
  row->at.day = first & SAME_DAY ? *last_day : read_day(reader, *last_day, 0, PH_DAY_LAST);
  if (first & HAS_TIME) row->at.millisecond = (int32_t)ph_read_below(reader, MILLISECONDS_A_DAY);
  row->recorded = row->at;
  if (first & WAS_RECORDED) {
    row->recorded.day = read_day(reader, row->at.day, 0, PH_DAY_LAST);
    row->recorded.millisecond = (int32_t)ph_read_below(reader, MILLISECONDS_A_DAY);
  }
  if (ph_kind_is(row->kind, PH_IS_CHANGE)) read_change(reader, name_count, row);
  *last_day = row->at.day;
}

void ph_write_block_head(ph_byte_writer *writer, const ph_block_head *head, ph_status *status) {
  ph_write_id(writer, &head->first, status);
  ph_write_number(writer, head->is_last, status);
  if (!head->is_last) ph_write_id(writer, &head->next, status);
  ph_write_number(writer, head->id_count, status);
}

ph_block_head ph_read_block_head(ph_byte_reader *reader) {
  ph_block_head head = {.first = ph_read_id(reader)};
  head.is_last = ph_read_below(reader, 2) != 0;
  if (!head.is_last) head.next = ph_read_id(reader);
  head.id_count = ph_read_below(reader, UINT32_MAX);
  return head;
}

bool ph_block_may_have(const ph_block_head *head, const ph_stored_id *before, const ph_stored_id *id) {
  if (before == NULL ? ph_stored_id_compare(&head->first, id) > 0 : ph_stored_id_compare(before, id) >= 0)
    return false;
  return head->is_last || ph_stored_id_compare(id, &head->next) < 0;
}
