/* Lists of owners. See owner_list.h. */
#include "owner_list.h"

/* ------------------------------------------------------------------------------------------------- stays */

/* What is done with a stay: counted first, then put to those of its owner. */
typedef struct collecting {
  ph_owner_stays *stays;
  size_t *next; /* by owner: where its next stay goes */
  bool counts;
} collecting;

static void collect_stay(collecting *to, uint32_t owner, ph_stay stay) {
  if (stay.from >= stay.to) return;
  if (to->counts) {
    to->stays->first[owner + 1]++;
  } else {
    to->stays->stays[to->next[owner]++] = stay;
  }
}

static void collect_deal(collecting *to, uint32_t index) {
  const ph_history *history = to->stays->history;
  const ph_deal *deal = &history->deals[index];
  if (deal->created == PH_DAY_NEVER) return;
  uint32_t owner = deal->owner;
  ph_stay stay = {index, deal->created, deal->closing_is_given ? deal->closing : PH_DAY_NEVER};
  const ph_day end = stay.to;
  for (uint32_t at = deal->first_event; at < deal[1].first_event; at++) {
    const ph_event *event = &history->events[at];
    if (ph_event_kind(event) != PH_KIND_OWNER) continue;
    stay.to = ph_event_day(event) < end ? ph_event_day(event) : end;
    collect_stay(to, owner, stay);
    if (stay.to > stay.from) stay.from = stay.to;
    owner = event->value;
  }
  stay.to = end;
  collect_stay(to, owner, stay);
}

static void collect(collecting *to, const uint32_t *order, ph_status *status) {
  const ph_history *history = to->stays->history;
  for (size_t place = 0; place < history->deal_count; place++) {
    uint32_t deal = order != NULL ? order[place] : (uint32_t)place;
    if (!ph_continue_after(status, 1 + ph_deal_event_count(&history->deals[deal]))) return;
    collect_deal(to, deal);
  }
}

void ph_owner_stays_begin(ph_owner_stays *stays, const ph_history *history, const uint32_t *order,
                          ph_status *status) {
  size_t names = history->names.count;
  *stays = (ph_owner_stays){.memory = status->memory, .history = history};
  collecting to = {.stays = stays, .counts = true};
  stays->first = ph_allocate_zeroed(status, names + 1, sizeof *stays->first);
  to.next = ph_allocate(status, names, sizeof *to.next);
  if (!ph_failed(status)) collect(&to, order, status);
  for (size_t name = 0; name < names && !ph_failed(status); name++) {
    stays->first[name + 1] += stays->first[name];
    to.next[name] = stays->first[name];
  }
  if (!ph_failed(status)) stays->stays = ph_allocate(status, stays->first[names], sizeof *stays->stays);
  to.counts = false;
  if (!ph_failed(status)) collect(&to, order, status);
  ph_release(status->memory, to.next);
}

void ph_owner_stays_end(ph_owner_stays *stays) {
  ph_release(stays->memory, stays->stays);
  ph_release(stays->memory, stays->first);
  *stays = (ph_owner_stays){0};
}

uint32_t ph_owner_stay_count(const ph_owner_stays *stays, uint32_t owner) {
  return (uint32_t)(stays->first[owner + 1] - stays->first[owner]);
}

/* ------------------------------------------------------------------------------------------------- bytes */

ph_stored_stay ph_stored_stay_of(const ph_owner_stays *stays, const ph_stay *stay) {
  const ph_deal *deal = &stays->history->deals[stay->deal];
  ph_stored_stay stored = {{.integer = deal->id}, stay->from, stay->to};
  if (deal->id_is_text) stored.id = (ph_stored_id){.text = stays->history->ids[deal->id], .is_text = true};
  return stored;
}

/* Behind the id of the stay before, which is an integer or none; a text is whole. Integers wrap around. */
static void write_stay(ph_byte_writer *writer, const ph_stored_stay *stay, ph_stored_stay *last,
                       ph_status *status) {
  if (stay->id.is_text) {
    ph_write_text(writer, stay->id.text.text, stay->id.text.length, status);
  } else {
    ph_write_signed(writer, (int64_t)((uint64_t)stay->id.integer - (uint64_t)last->id.integer), status);
    last->id.integer = stay->id.integer;
  }
  ph_write_signed(writer, (int64_t)stay->from - last->from, status);
  ph_write_number(writer, stay->to == PH_DAY_NEVER ? 0 : (uint64_t)(stay->to - stay->from), status);
  last->from = stay->from;
}

void ph_write_stays(ph_byte_writer *writer, const ph_owner_stays *stays, uint32_t owner, ph_status *status) {
  const ph_stay *first = stays->stays + stays->first[owner], *end = stays->stays + stays->first[owner + 1];
  ph_stored_stay last = {.from = 0};
  size_t integers = 0;
  while (first + integers < end && !stays->history->deals[first[integers].deal].id_is_text) integers++;
  ph_write_number(writer, integers, status);
  for (const ph_stay *stay = first; stay < end && !ph_failed(status); stay++) {
    ph_stored_stay stored = ph_stored_stay_of(stays, stay);
    write_stay(writer, &stored, &last, status);
  }
}

void ph_write_stay_list(ph_byte_writer *writer, const ph_stored_stay *stays, size_t count,
                        ph_status *status) {
  ph_stored_stay last = {.from = 0};
  size_t integers = 0;
  while (integers < count && !stays[integers].id.is_text) integers++;
  ph_write_number(writer, integers, status);
  for (size_t stay = 0; stay < count && !ph_failed(status); stay++)
    write_stay(writer, &stays[stay], &last, status);
}

ph_stay_reader ph_stay_reader_of(ph_byte_reader bytes, uint32_t count) {
  ph_stay_reader reader = {.bytes = bytes, .left = count};
  reader.integers = ph_read_below(&reader.bytes, (uint64_t)count + 1);
  return reader;
}

bool ph_read_stay(ph_stay_reader *reader, ph_stored_stay *stay) {
  ph_byte_reader *bytes = &reader->bytes;
  if (reader->left == 0 && bytes->at != bytes->end) bytes->damaged = true;
  if (reader->left == 0 || bytes->damaged) return false;
  reader->left--;
  if (reader->integers > 0) {
    reader->integers--;
    stay->id.integer = (int64_t)((uint64_t)stay->id.integer + (uint64_t)ph_read_signed(bytes));
  } else {
    stay->id = (ph_stored_id){.text = ph_read_text(bytes), .is_text = true};
  }
  stay->from = (ph_day)ph_read_within(bytes, stay->from, 0, PH_DAY_LAST);
  uint64_t days = ph_read_number(bytes);
  if (days >= (uint64_t)(PH_DAY_NEVER - stay->from)) bytes->damaged = true;
  stay->to = days == 0 || bytes->damaged ? PH_DAY_NEVER : stay->from + (ph_day)days;
  return !bytes->damaged;
}
