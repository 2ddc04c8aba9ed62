/*
** What a reader read becomes bytes by deal. See store_writer.h.
**
** The events of a deal come in the order of the source but not one behind the other: those of neighbouring
** slots are collected, then written slot by slot.
*/
#include "../base/sort.h"
#include "store_writer.h"

#include <string.h>

void ph_written_rows_end(ph_written_rows *read, const ph_memory *memory) {
  ph_byte_writer_end(&read->deal_bytes, memory);
  ph_byte_writer_end(&read->event_bytes, memory);
  ph_release(memory, read->deals);
  ph_release(memory, read->events);
  ph_release(memory, read->waiting);
  ph_release(memory, read->order);
}

static void visit_deal(void *context, uint32_t slot, const ph_deal_row *row, ph_status *status) {
  ph_written_rows *read = context;
  if (!ph_reserve(status, (void **)&read->deals, &read->deal_capacity, read->deal_count + 1,
                  sizeof *read->deals))
    return;
  ph_written_deal *deal = &read->deals[read->deal_count++];
  *deal = (ph_written_deal){.id = ph_stored_id_of(row), .first = read->deal_bytes.count, .slot = slot};
  ph_write_deal(&read->deal_bytes, row, status);
  deal->bytes = read->deal_bytes.count - deal->first;
}

/* The events that wait by slot, those of one slot as they came: a counting sort, for their slots lie close
** together. */
static void order_by_slot(ph_written_rows *read, ph_status *status) {
  uint32_t lowest = PH_NO_SLOT, highest = 0;
  for (size_t at = 0; at < read->waiting_count; at++) {
    uint32_t slot = read->waiting[at].slot;
    if (slot < lowest) lowest = slot;
    if (slot > highest) highest = slot;
  }
  ph_reserve(status, (void **)&read->order, &read->order_capacity, read->waiting_count, sizeof *read->order);
  uint32_t *next = ph_allocate_zeroed(status, (size_t)(highest - lowest) + 2, sizeof *next);
  if (!ph_failed(status)) {
    for (size_t at = 0; at < read->waiting_count; at++) next[read->waiting[at].slot - lowest + 1]++;
    for (uint32_t slot = 0; slot <= highest - lowest; slot++) next[slot + 1] += next[slot];
    for (uint32_t at = 0; at < read->waiting_count; at++)
      read->order[next[read->waiting[at].slot - lowest]++] = at;
  }
  ph_release(status->memory, next);
}

/* Makes room for slots up to one. */
static bool reserve_slot(ph_written_rows *read, uint32_t slot, ph_status *status) {
  if (slot < read->slot_count) return true;
  if (!ph_reserve(status, (void **)&read->events, &read->slot_capacity, (size_t)slot + 1,
                  sizeof *read->events))
    return false;
  memset(read->events + read->slot_count, 0, (slot + 1 - read->slot_count) * sizeof *read->events);
  read->slot_count = (size_t)slot + 1;
  return true;
}

/* Writes the events that wait. */
static void write_waiting(ph_written_rows *read, ph_status *status) {
  ph_day last_day = 0;
  uint32_t slot = PH_NO_SLOT;
  if (read->waiting_count == 0) return;
  order_by_slot(read, status);
  for (size_t at = 0; at < read->waiting_count && ph_continue(status); at++) {
    const ph_slot_row *event = &read->waiting[read->order[at]];
    if (event->slot != slot && !reserve_slot(read, event->slot, status)) return;
    ph_written_events *events = &read->events[event->slot];
    if (event->slot != slot) {
      last_day = 0;
      slot = event->slot;
      events->first = read->event_bytes.count;
    }
    ph_write_event(&read->event_bytes, &event->row, &last_day, status);
    events->size.count++;
    events->size.bytes = read->event_bytes.count - events->first;
  }
  read->waiting_count = 0;
}

static void visit_event(void *context, uint32_t slot, const ph_event_row *row, ph_status *status) {
  ph_written_rows *read = context;
  if (row == NULL) {
    write_waiting(read, status);
    return;
  }
  if (!ph_reserve(status, (void **)&read->waiting, &read->waiting_capacity, read->waiting_count + 1,
                  sizeof *read->waiting))
    return;
  read->waiting[read->waiting_count++] = (ph_slot_row){slot, *row};
}

static int compare_ids(const void *context, uint32_t left, uint32_t right) {
  const ph_written_rows *read = context;
  return ph_stored_id_compare(&read->deals[left].id, &read->deals[right].id);
}

void ph_written_rows_take(ph_written_rows *read, ph_reader *reader, ph_status *status) {
  ph_reader_visit(reader, visit_deal, visit_event, read, status);
  read->without_id = ph_reader_rows_without_id(reader); /* finished, it leaves out more */
}

uint32_t *ph_written_rows_order(const ph_written_rows *read, ph_status *status) {
  return ph_sorted_indexes((uint32_t)read->deal_count, compare_ids, read, status);
}

ph_written_events ph_written_events_of(const ph_written_rows *read, const ph_written_deal *deal) {
  const ph_written_events none = {0};
  return deal->slot < read->slot_count ? read->events[deal->slot] : none; /* PH_NO_SLOT is greater */
}

uint64_t ph_written_event_count(const ph_written_rows *read) {
  uint64_t count = 0;
  for (size_t deal = 0; deal < read->deal_count; deal++)
    count += ph_written_events_of(read, &read->deals[deal]).size.count;
  return count;
}

void ph_write_entry(ph_byte_writer *block, const ph_written_rows *read, const ph_written_deal *deal,
                    ph_status *status) {
  ph_write_written(block, &read->deal_bytes, deal->first, deal->bytes, status);
  if (deal->slot == PH_NO_SLOT) return;
  ph_written_events events = ph_written_events_of(read, deal);
  ph_write_event_count(block, events.size, status);
  ph_write_written(block, &read->event_bytes, events.first, events.size.bytes, status);
}
