/* The room where source rows become a history. See reader.h. */
#include "reader.h"

#include "../base/sort.h"
#include "id_map.h"
#include "settle.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  DATE_BYTES = 10,  /* YYYY-MM-DD */
  WAITING = 16,     /* a power of two */
  WAITING_STEP = 5, /* events between two steps of the look-up of a text id */
  WAITING_ID_BYTES = 40
};

/* An event that waits for its deal. The deals of neighbouring events lie anywhere in memory: while an event
** waits, the memory of its look-up is on its way. Measured over 10 million events: 80 ns an event less. */
typedef struct waiting_event {
  ph_kind kind;
  ph_instant at, recorded;
  ph_change change;
  int64_t id; /* with id_is_text the hash */
  bool id_is_text;
  uint32_t text_length;
  char text[WAITING_ID_BYTES];
} waiting_event;

struct ph_reader {
  ph_history *history;
  const ph_memory *memory;
  int32_t utc_offset_minutes;
  size_t deal_capacity, stage_capacity, quota_capacity;
  ph_id *left_out; /* ids of deals whose row could not be used */
  size_t left_out_count, left_out_capacity;
  ph_id_map map;
  ph_raw_events raw;
  char last_date[DATE_BYTES]; /* of the last event, and its day: exports come in time order */
  ph_day last_day;
  waiting_event waiting[WAITING];
  uint32_t entered, left;
};

ph_reader *ph_reader_begin(ph_history *history, ph_status *status) {
  *history =
      (ph_history){.memory = status->memory, .first_created = PH_DAY_NEVER, .first_meeting = PH_DAY_NEVER};
  ph_policy_set_defaults(&history->policy);
  ph_arena_begin(&history->texts, status->memory);
  ph_arena_begin(&history->names.texts, status->memory);
  ph_arena_begin(&history->ids.texts, status->memory);
  ph_interner_begin(&history->names, status);
  ph_interner_begin(&history->ids, status);
  ph_reader *reader = ph_allocate_zeroed(status, 1, sizeof *reader);
  if (reader == NULL) return NULL;
  reader->history = history;
  reader->memory = status->memory;
  return reader;
}

void ph_reader_end(ph_reader *reader) {
  if (reader == NULL) return;
  ph_raw_events_end(&reader->raw, reader->memory);
  ph_id_map_end(&reader->map);
  ph_release(reader->memory, reader->left_out);
  ph_release(reader->memory, reader);
}

void ph_reader_policy_known(ph_reader *reader) {
  const ph_policy *policy = &reader->history->policy;
  reader->utc_offset_minutes = ph_policy_integer(policy, PH_POLICY_UTC_OFFSET_MINUTES);
  reader->history->problems.errors_stop = policy->value[PH_POLICY_ON_BAD_ROW] == PH_ON_BAD_ROW_ERROR;
}

/* The text of an integer, else that of the cell. */
static const char *cell_text(const ph_value *cell, char buffer[PH_ID_TEXT_BYTES], size_t *length) {
  if (cell->type == PH_INTEGER) {
    *length = (size_t)snprintf(buffer, PH_ID_TEXT_BYTES, "%lld", (long long)cell->integer);
    return buffer;
  }
  *length = cell->length;
  return cell->text;
}

static uint32_t read_name(ph_reader *reader, const ph_value *cell, ph_status *status) {
  char buffer[PH_ID_TEXT_BYTES];
  size_t length;
  if (ph_value_is_missing(cell)) return 0;
  const char *text = cell_text(cell, buffer, &length);
  return ph_intern(&reader->history->names, text, length, status);
}

static bool read_integer_id(const ph_value *cell, int64_t *id) {
  *id = cell->integer;
  if (cell->type == PH_INTEGER) return true;
  return cell->type == PH_TEXT && ph_id_is_integer(cell->text, cell->length, id);
}

static ph_id read_id(ph_reader *reader, const ph_value *cell, ph_status *status) {
  ph_id id = {0, false};
  if (read_integer_id(cell, &id.value)) return id;
  return (ph_id){ph_intern(&reader->history->ids, cell->text, cell->length, status), true};
}

/* Reads a date that may be missing. Returns false when it is there and is no date. */
static bool read_day(const ph_reader *reader, const ph_value *cell, ph_day *day) {
  ph_instant instant = {PH_DAY_NONE, 0};
  bool good = ph_value_is_missing(cell) || ph_instant_from_value(cell, reader->utc_offset_minutes, &instant);
  *day = instant.day;
  return good;
}

/* stages */

static int compare_stages(const void *context, uint32_t left, uint32_t right) {
  const ph_stage *a = (const ph_stage *)context + left, *b = (const ph_stage *)context + right;
  if (a->stage != b->stage) return a->stage < b->stage ? -1 : 1;
  return a->pipeline < b->pipeline ? -1 : a->pipeline > b->pipeline;
}

void ph_reader_add_stage(ph_reader *reader, const ph_value cells[PH_STAGE_COLUMNS], ph_status *status) {
  ph_history *history = reader->history;
  ph_stage row = {.max_idle_days = -1};
  int64_t days;
  row.stage = read_name(reader, &cells[PH_STAGE_NAME], status);
  row.pipeline = read_name(reader, &cells[PH_STAGE_PIPELINE], status);
  if (ph_failed(status)) return;
  if (row.stage == 0) {
    ph_problem_add_value(&history->problems, PH_STAGE_NAME_MISSING, &cells[PH_STAGE_RANK], status);
    return;
  }
  if (!ph_value_to_real(&cells[PH_STAGE_RANK], &row.rank)) {
    ph_problem_add_value(&history->problems, PH_STAGE_RANK_BAD, &cells[PH_STAGE_NAME], status);
    return;
  }
  const ph_value *max_idle_days = &cells[PH_STAGE_MAX_IDLE_DAYS];
  if (!ph_value_is_missing(max_idle_days)) {
    if (ph_value_to_integer(max_idle_days, &days) && days >= 0 && days <= 36500) {
      row.max_idle_days = (int32_t)days;
    } else {
      ph_problem_add_value(&history->problems, PH_STAGE_MAX_IDLE_BAD, max_idle_days, status);
    }
  }
  if (!ph_reserve(status, (void **)&history->stages, &reader->stage_capacity, history->stage_count + 1,
                  sizeof row))
    return;
  history->stages[history->stage_count++] = row;
}

static void order_stages(ph_reader *reader, ph_status *status) {
  ph_history *history = reader->history;
  uint32_t *order = ph_sorted_indexes(history->stage_count, compare_stages, history->stages, status);
  ph_stage *ordered = ph_allocate(status, history->stage_count, sizeof *ordered);
  history->ranked_names = history->names.count;
  history->first_stage = ph_allocate_zeroed(status, history->ranked_names, sizeof *history->first_stage);
  size_t count = 0;
  for (size_t index = 0; !ph_failed(status) && index < history->stage_count; index++) {
    const ph_stage *row = &history->stages[order[index]];
    if (count > 0 && ordered[count - 1].stage == row->stage && ordered[count - 1].pipeline == row->pipeline) {
      ph_problem_add(&history->problems, PH_STAGE_DUPLICATE, history->names.names[row->stage].text, status);
      continue;
    }
    ordered[count++] = *row;
    if (history->first_stage[row->stage] == 0) history->first_stage[row->stage] = (uint32_t)count;
  }
  ph_release(reader->memory, order);
  ph_release(reader->memory, history->stages);
  history->stages = ordered;
  history->stage_count = ph_failed(status) ? 0 : count;
}

/* quotas */

void ph_reader_add_quota(ph_reader *reader, const ph_value cells[PH_QUOTA_COLUMNS], ph_status *status) {
  ph_history *history = reader->history;
  ph_quota row = {0};
  row.owner = read_name(reader, &cells[PH_QUOTA_OWNER], status);
  row.team = read_name(reader, &cells[PH_QUOTA_TEAM], status);
  bool start = read_day(reader, &cells[PH_QUOTA_START], &row.period_start) && row.period_start != PH_DAY_NONE;
  bool end = read_day(reader, &cells[PH_QUOTA_END], &row.period_end) && row.period_end != PH_DAY_NONE;
  if (ph_failed(status)) return;
  if (!start || !end) {
    ph_problem_add_value(&history->problems, PH_QUOTA_PERIOD_BAD,
                         &cells[start ? PH_QUOTA_END : PH_QUOTA_START], status);
    return;
  }
  if (row.period_end < row.period_start) {
    ph_problem_add_value(&history->problems, PH_QUOTA_PERIOD_REVERSED, &cells[PH_QUOTA_START], status);
    return;
  }
  if (ph_value_is_missing(&cells[PH_QUOTA_AMOUNT]) ||
      !ph_value_to_money(&cells[PH_QUOTA_AMOUNT], &row.amount))
    ph_problem_add_value(&history->problems, PH_QUOTA_AMOUNT_BAD, &cells[PH_QUOTA_AMOUNT], status);
  if (!ph_reserve(status, (void **)&history->quotas, &reader->quota_capacity, history->quota_count + 1,
                  sizeof row))
    return;
  history->quotas[history->quota_count++] = row;
}

/* deals */

static void warn(ph_deal *deal, ph_deal_warning warning, bool holds) {
  if (holds) deal->warnings |= (uint8_t)(1u << warning);
}

static void read_deal_amount(const ph_value *cell, ph_deal *deal) {
  bool missing = ph_value_is_missing(cell);
  bool good = !missing && ph_value_to_money(cell, &deal->amount);
  if (!good) deal->amount = 0;
  warn(deal, PH_WARNING_AMOUNT_MISSING, missing);
  warn(deal, PH_WARNING_AMOUNT_BAD, !missing && !good);
  warn(deal, PH_WARNING_AMOUNT_NEGATIVE, deal->amount < 0);
}

/* A number like 20220630 is read as Unix seconds of August 1970. */
static bool looks_like_yyyymmdd(const ph_value *cell) {
  double number;
  return cell->type != PH_NULL && ph_value_to_real(cell, &number) && number >= 19000101 &&
         number <= 21001231 && number == floor(number);
}

/* The first thing that makes a row of pipeline_deal unusable, or PH_PROBLEM_COUNT. */
static ph_problem read_deal_days(ph_reader *reader, const ph_value *cells, ph_deal *deal) {
  const ph_value *outcome = &cells[PH_DEAL_OUTCOME];
  static const char *const outcomes[] = {"open", "won", "lost"};
  ph_day closed_at;
  if (!read_day(reader, &cells[PH_DEAL_CREATED_AT], &deal->created)) return PH_DEAL_CREATED_BAD;
  if (deal->created == PH_DAY_NONE) return PH_DEAL_CREATED_MISSING;
  int found = 0;
  while (found < 3 && !(outcome->type == PH_TEXT &&
                        ph_text_equals_any_case(outcome->text, outcome->length, outcomes[found])))
    found++;
  if (found == 3) return PH_DEAL_OUTCOME_UNKNOWN;
  deal->outcome = (uint8_t)found;
  if (!read_day(reader, &cells[PH_DEAL_CLOSE_DATE], &deal->close_date)) return PH_DEAL_CLOSE_DATE_BAD;
  if (!read_day(reader, &cells[PH_DEAL_CLOSED_AT], &closed_at)) return PH_DEAL_CLOSED_AT_BAD;
  deal->closing = PH_DAY_NEVER;
  if (deal->outcome != PH_OUTCOME_OPEN) {
    if (closed_at == PH_DAY_NONE) closed_at = deal->close_date;
    if (closed_at != PH_DAY_NONE) deal->closing = closed_at;
  }
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

static void leave_deal_out(ph_reader *reader, const ph_value *cells, ph_problem problem, ph_status *status) {
  ph_history *history = reader->history;
  history->excluded_deals++;
  ph_problem_add_value(&history->problems, problem, &cells[problem_column(problem)], status);
  if (problem == PH_DEAL_ID_MISSING) return;
  ph_id id = read_id(reader, &cells[PH_DEAL_ID], status);
  if (!ph_reserve(status, (void **)&reader->left_out, &reader->left_out_capacity, reader->left_out_count + 1,
                  sizeof id))
    return;
  reader->left_out[reader->left_out_count++] = id;
}

static void check_deal_row(const ph_history *history, const ph_value *cells, ph_deal *deal) {
  bool open = deal->outcome == PH_OUTCOME_OPEN;
  bool has_closed_at = !ph_value_is_missing(&cells[PH_DEAL_CLOSED_AT]);
  bool ranked = deal->stage != 0 && ph_history_stage(history, deal->stage, deal->pipeline) != NULL;
  warn(deal, PH_WARNING_OPEN_WITH_CLOSED_AT, open && has_closed_at);
  warn(deal, PH_WARNING_CLOSED_WITHOUT_CLOSED_AT, !open && !has_closed_at);
  warn(deal, PH_WARNING_STAGE_MISSING, deal->stage == 0);
  warn(deal, PH_WARNING_STAGE_WITHOUT_RANK, open && history->stage_count > 0 && deal->stage != 0 && !ranked);
  warn(deal, PH_WARNING_DATE_LOOKS_LIKE_YYYYMMDD, looks_like_yyyymmdd(&cells[PH_DEAL_CREATED_AT]));
}

void ph_reader_add_deal(ph_reader *reader, const ph_value cells[PH_DEAL_COLUMNS], ph_status *status) {
  ph_history *history = reader->history;
  ph_deal deal = {0};
  char buffer[PH_ID_TEXT_BYTES];
  if (ph_failed(status)) return;
  if (history->first_stage == NULL) order_stages(reader, status);
  ph_problem problem = PH_DEAL_ID_MISSING;
  if (!ph_value_is_missing(&cells[PH_DEAL_ID])) problem = read_deal_days(reader, cells, &deal);
  if (problem != PH_PROBLEM_COUNT) {
    leave_deal_out(reader, cells, problem, status);
    return;
  }
  ph_id id = read_id(reader, &cells[PH_DEAL_ID], status);
  deal.id = id.value;
  deal.id_is_text = id.is_text;
  deal.owner = read_name(reader, &cells[PH_DEAL_OWNER], status);
  deal.team = read_name(reader, &cells[PH_DEAL_TEAM], status);
  deal.pipeline = read_name(reader, &cells[PH_DEAL_PIPELINE], status);
  deal.stage = read_name(reader, &cells[PH_DEAL_STAGE], status);
  if (!ph_value_is_missing(&cells[PH_DEAL_NAME])) {
    size_t length;
    const char *text = cell_text(&cells[PH_DEAL_NAME], buffer, &length);
    deal.name = ph_arena_copy(&history->texts, text, length, status);
    deal.name_length = (uint32_t)length;
  }
  ph_reserve(status, (void **)&history->deals, &reader->deal_capacity, history->deal_count + 2, sizeof deal);
  if (ph_failed(status)) return;
  check_deal_row(history, cells, &deal);
  read_deal_amount(&cells[PH_DEAL_AMOUNT], &deal);
  history->deals[history->deal_count++] = deal;
}

static void leave_duplicate_out(ph_history *history, const ph_deal *deal, ph_status *status) {
  char buffer[PH_ID_TEXT_BYTES];
  size_t length;
  const char *text = ph_deal_id_text(history, deal, buffer, &length);
  history->excluded_deals++;
  ph_problem_add(&history->problems, PH_DEAL_DUPLICATE, text, status);
}

void ph_reader_deals_end(ph_reader *reader, ph_status *status) {
  ph_history *history = reader->history;
  if (ph_failed(status)) return;
  if (history->first_stage == NULL) order_stages(reader, status);
  ph_reserve(status, (void **)&history->deals, &reader->deal_capacity, history->deal_count + 1,
             sizeof(ph_deal));
  ph_id_map_begin(&reader->map, history, reader->left_out, reader->left_out_count, status);
  size_t kept = 0;
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    const ph_deal *deal = &history->deals[index];
    uint32_t slot = ph_id_map_add(&reader->map, (ph_id){deal->id, deal->id_is_text});
    if (reader->map.entries[slot] != 0) {
      leave_duplicate_out(history, deal, status);
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
    if (reader->map.entries[slot] == 0) reader->map.entries[slot] = PH_DEAL_LEFT_OUT;
  }
}

/* events */

/* The millisecond of the event that the chunk takes next. Most sources have dates alone. */
static void note_time(ph_raw_chunk *chunk, uint32_t millisecond, ph_status *status) {
  if (chunk->milliseconds == NULL)
    chunk->milliseconds = ph_allocate_zeroed(status, PH_RAW_CHUNK_EVENTS, sizeof *chunk->milliseconds);
  if (chunk->milliseconds != NULL) chunk->milliseconds[chunk->count] = millisecond;
}

static void append_event(ph_reader *reader, uint32_t slot, ph_instant at, uint32_t kind, uint32_t flags,
                         uint32_t value, ph_status *status) {
  ph_raw_events *raw = &reader->raw;
  if (ph_failed(status)) return;
  if (raw->last == NULL || raw->last->count == PH_RAW_CHUNK_EVENTS) {
    if (raw->count > UINT32_MAX - 2 * PH_RAW_CHUNK_EVENTS) {
      ph_fail(status, "pipeline_event: more than %lu events (expected fewer)", (unsigned long)raw->count);
      return;
    }
    ph_raw_chunk *chunk = ph_allocate(status, 1, sizeof *chunk);
    if (chunk == NULL) return;
    chunk->next = NULL;
    chunk->count = 0;
    chunk->milliseconds = NULL;
    if (raw->last != NULL) raw->last->next = chunk;
    if (raw->first == NULL) raw->first = chunk;
    raw->last = chunk;
  }
  uint32_t key =
      (uint32_t)at.day << (PH_EVENT_FLAG_BITS + PH_EVENT_KIND_BITS) | kind << PH_EVENT_FLAG_BITS | flags;
  if (at.millisecond != 0) note_time(raw->last, (uint32_t)at.millisecond, status);
  raw->last->events[raw->last->count++] = (ph_raw_event){key, slot, value};
  raw->count++;
  if (at.millisecond != 0) raw->has_times = true;
}

static int64_t read_event_amount(ph_reader *reader, const ph_value *cell, bool must_be_there,
                                 ph_status *status) {
  int64_t units = 0;
  bool missing = ph_value_is_missing(cell);
  if ((missing && must_be_there) || (!missing && !ph_value_to_money(cell, &units))) {
    units = 0;
    ph_problem_add_value(&reader->history->problems, PH_EVENT_AMOUNT_BAD, cell, status);
  }
  return units;
}

/* Reads old_value and new_value of a change. False when the row cannot be used. */
static bool read_change(ph_reader *reader, ph_kind kind, const ph_value *cells, ph_change *change,
                        ph_status *status) {
  const ph_value *before = &cells[PH_EVENT_OLD_VALUE], *after = &cells[PH_EVENT_NEW_VALUE];
  ph_day day_before, day_after;
  switch (kind) {
  case PH_KIND_AMOUNT:
    change->before = read_event_amount(reader, before, false, status);
    change->after = read_event_amount(reader, after, true, status);
    return true;
  case PH_KIND_CLOSE_DATE: {
    bool good = read_day(reader, before, &day_before);
    if (!good || !read_day(reader, after, &day_after)) {
      ph_problem_add_value(&reader->history->problems, PH_EVENT_CLOSE_DATE_BAD, good ? after : before,
                           status);
      return false;
    }
    *change = (ph_change){day_before, day_after};
    return true;
  }
  default:
    change->before = read_name(reader, before, status);
    change->after = read_name(reader, after, status);
    return true;
  }
}

static void add_change(ph_reader *reader, const waiting_event *event, uint32_t slot, ph_status *status) {
  ph_raw_events *raw = &reader->raw;
  if (!ph_reserve(status, (void **)&raw->changes, &raw->change_capacity, raw->change_count + 1,
                  sizeof *raw->changes))
    return;
  if (event->kind == PH_KIND_AMOUNT) raw->amount_count++;
  raw->changes[raw->change_count] = event->change;
  append_event(reader, slot, event->at, event->kind, 0, (uint32_t)raw->change_count++, status);
}

/* A meeting recorded on an earlier day was agreed ahead: it is also a commitment of that day (section 1). */
static void add_activity(ph_reader *reader, const waiting_event *event, uint32_t slot, ph_status *status) {
  append_event(reader, slot, event->at, event->kind, 0, (uint32_t)event->recorded.day, status);
  if (event->kind == PH_KIND_MEETING && event->recorded.day < event->at.day)
    append_event(reader, slot, event->recorded, PH_KIND_COMMITMENT, PH_EVENT_IMPLIED, 0, status);
}

/* Adds an event to the slot of its deal's id; one that has none is left out. */
static void add_to_slot(ph_reader *reader, const waiting_event *event, uint32_t slot, ph_status *status) {
  if (slot == UINT32_MAX) {
    ph_value id = {.type = PH_INTEGER, .integer = event->id};
    if (event->id_is_text) {
      id.type = PH_TEXT;
      id.text = event->text;
      id.length = event->text_length;
    }
    ph_problem_add_value(&reader->history->problems, PH_EVENT_DEAL_UNKNOWN, &id, status);
  } else if (ph_kind_descriptors[event->kind].changes_field) {
    add_change(reader, event, slot, status);
  } else {
    add_activity(reader, event, slot, status);
  }
}

static uint32_t slot_of_text(const ph_reader *reader, const char *text, size_t length, uint32_t hash) {
  uint32_t number = ph_interned_hashed(&reader->history->ids, text, length, hash);
  return number != 0 ? ph_id_map_find(&reader->map, (ph_id){number, true}) : UINT32_MAX;
}

/* Lets the oldest waiting event go to its deal. */
static void let_go(ph_reader *reader, ph_status *status) {
  const waiting_event *event = &reader->waiting[reader->left++ % WAITING];
  uint32_t slot = event->id_is_text
                      ? slot_of_text(reader, event->text, event->text_length, (uint32_t)event->id)
                      : ph_id_map_find(&reader->map, (ph_id){event->id, false});
  add_to_slot(reader, event, slot, status);
}

/* Takes the next step of the look-up of an event that has waited for `age` others. */
static void prefetch_waiting(const ph_reader *reader, uint32_t age, int step) {
  if (reader->entered - reader->left <= age) return;
  const waiting_event *event = &reader->waiting[(reader->entered - 1 - age) % WAITING];
  if (event->id_is_text) ph_intern_prefetch(&reader->history->ids, (uint32_t)event->id, step);
}

/* Keeps the event until others have come. */
static void let_wait(ph_reader *reader, ph_status *status) {
  reader->entered++;
  prefetch_waiting(reader, WAITING_STEP, 1);
  prefetch_waiting(reader, 2 * WAITING_STEP, 2);
  if (reader->entered - reader->left == WAITING) let_go(reader, status);
}

/* Sends the event to the slot of its deal's id, at once where finding it touches no memory, else by the waiting
** room; a text too long to be kept there is looked up at once. That changes no result: events of one deal come
** in their order, for all of them have the same id. */
static void send(ph_reader *reader, waiting_event *event, const ph_value *id, ph_status *status) {
  event->id_is_text = !read_integer_id(id, &event->id);
  if (!event->id_is_text) {
    if (reader->map.mask == 0) {
      add_to_slot(reader, event, ph_id_map_find(&reader->map, (ph_id){event->id, false}), status);
    } else {
      ph_id_map_prefetch(&reader->map, event->id);
      let_wait(reader, status);
    }
    return;
  }
  uint32_t hash = ph_intern_hash(id->text, id->length);
  event->id = hash;
  event->text_length = (uint32_t)(id->length < WAITING_ID_BYTES ? id->length : WAITING_ID_BYTES);
  memcpy(event->text, id->text, event->text_length);
  if (id->length > WAITING_ID_BYTES) {
    add_to_slot(reader, event, slot_of_text(reader, id->text, id->length, hash), status);
  } else {
    ph_intern_prefetch(&reader->history->ids, hash, 0);
    let_wait(reader, status);
  }
}

/* The instant of an event. */
static bool read_at(ph_reader *reader, const ph_value *cell, ph_instant *at) {
  if (cell->type != PH_TEXT || cell->length != DATE_BYTES)
    return ph_instant_from_value(cell, reader->utc_offset_minutes, at);
  if (memcmp(cell->text, reader->last_date, DATE_BYTES) != 0) {
    if (!ph_instant_from_value(cell, reader->utc_offset_minutes, at)) return false;
    if (at->millisecond != 0) return true; /* ten digits of a number */
    memcpy(reader->last_date, cell->text, DATE_BYTES);
    reader->last_day = at->day;
  }
  *at = (ph_instant){reader->last_day, 0};
  return true;
}

/* The instant and kind of a row; false when it cannot be used. A meeting of any deal, even of none, shows
** that the source has activities. */
static bool read_event_head(ph_reader *reader, const ph_value *cells, ph_instant *at, ph_kind *kind,
                            ph_status *status) {
  ph_history *history = reader->history;
  const ph_value *id = &cells[PH_EVENT_ID], *day = &cells[PH_EVENT_AT], *name = &cells[PH_EVENT_KIND];
  ph_problem problem = PH_PROBLEM_COUNT;
  const ph_value *example = id;
  bool good_day = read_at(reader, day, at);
  *kind = name->type == PH_TEXT ? ph_kind_of(name->text, name->length) : PH_KIND_COUNT;
  if (good_day && *kind == PH_KIND_MEETING && at->day < history->first_meeting)
    history->first_meeting = at->day;
  if (ph_value_is_missing(id)) {
    problem = PH_EVENT_ID_MISSING;
    example = day;
  } else if (!good_day && ph_value_is_missing(day)) {
    problem = PH_EVENT_AT_MISSING;
  } else if (!good_day) {
    problem = PH_EVENT_AT_BAD;
    example = day;
  } else if (*kind == PH_KIND_COUNT) {
    problem = PH_EVENT_KIND_UNKNOWN;
    example = name;
  }
  if (problem != PH_PROBLEM_COUNT) ph_problem_add_value(&history->problems, problem, example, status);
  return problem == PH_PROBLEM_COUNT;
}

ph_event_use ph_reader_event_head(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS],
                                  ph_status *status) {
  waiting_event *event = &reader->waiting[reader->entered % WAITING];
  if (ph_failed(status) || !read_event_head(reader, cells, &event->at, &event->kind, status))
    return PH_EVENT_UNUSABLE;
  reader->history->kind_rows[event->kind]++;
  return ph_kind_descriptors[event->kind].changes_field ? PH_EVENT_CHANGE : PH_EVENT_ACTIVITY;
}

void ph_reader_event_rest(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  waiting_event *event = &reader->waiting[reader->entered % WAITING];
  const ph_value *recorded_at = &cells[PH_EVENT_RECORDED_AT];
  if (ph_kind_descriptors[event->kind].changes_field) {
    if (!read_change(reader, event->kind, cells, &event->change, status)) return;
  } else {
    event->recorded = event->at;
    if (!ph_value_is_missing(recorded_at) &&
        !ph_instant_from_value(recorded_at, reader->utc_offset_minutes, &event->recorded))
      ph_problem_add_value(&reader->history->problems, PH_EVENT_RECORDED_BAD, recorded_at, status);
  }
  send(reader, event, &cells[PH_EVENT_ID], status);
}

void ph_reader_add_event(ph_reader *reader, const ph_value cells[PH_EVENT_COLUMNS], ph_status *status) {
  if (ph_reader_event_head(reader, cells, status) != PH_EVENT_UNUSABLE)
    ph_reader_event_rest(reader, cells, status);
}

void ph_reader_finish(ph_reader *reader, ph_status *status) {
  ph_history *history = reader->history;
  while (reader->left != reader->entered && !ph_failed(status)) let_go(reader, status);
  if (ph_failed(status)) return;
  ph_settle(history, &reader->map, &reader->raw, status);
  for (size_t index = 0; index < history->deal_count; index++)
    if (history->deals[index].created < history->first_created)
      history->first_created = history->deals[index].created;
}
