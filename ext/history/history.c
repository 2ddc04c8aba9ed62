/* History. See history.h. */
#include "history.h"

#include "../base/sort.h"

void ph_history_end(ph_history *history) {
  const ph_memory *memory = history->memory;
  ph_interner_end(&history->names, memory);
  ph_arena_end(&history->texts);
  ph_release(memory, history->ids);
  ph_release(memory, history->deals);
  ph_release(memory, history->events);
  ph_release(memory, history->amounts);
  ph_release(memory, history->stages);
  ph_release(memory, history->first_stage);
  ph_release(memory, history->quotas);
  ph_rates_end(&history->rates);
  ph_zone_end(&history->zone, memory);
  ph_release(memory, history->holidays);
  for (size_t index = 0; index < history->workday_count; index++)
    ph_workdays_end(&history->workdays[index], memory);
  ph_release(memory, history->workdays);
  ph_release(memory, history->workdays_of_team);
}

ph_day ph_history_day_of(ph_history *history, int64_t unix_milliseconds) {
  ph_instant instant;
  return ph_zone_instant(&history->zone, unix_milliseconds, &instant) ? instant.day : PH_DAY_LAST;
}

ph_day ph_history_default_day(const ph_history *history) {
  ph_day until = ph_policy_day(&history->policy, PH_POLICY_DATA_UNTIL);
  return until != PH_DAY_NONE && until < history->today ? until : history->today;
}

const char *ph_deal_id_text(const ph_history *history, const ph_deal *deal, char buffer[PH_ID_TEXT_BYTES],
                            size_t *length) {
  if (deal->id_is_text) {
    *length = history->ids[deal->id].length;
    return history->ids[deal->id].text;
  }
  *length = ph_integer_write(deal->id, buffer);
  return buffer;
}

bool ph_id_is_integer(const char *text, size_t length, int64_t *integer) {
  bool negative = length > 0 && text[0] == '-';
  size_t first = negative ? 1 : 0;
  if (length == first || length > 20) return false;
  if (text[first] == '0' && (length > 1)) return false;
  enum { SURE_DIGITS = 18 }; /* that many fit whatever they are */
  uint64_t value = 0;
  for (size_t index = first; index < length; index++) {
    unsigned digit = (unsigned)(text[index] - '0');
    if (digit > 9 || (index >= SURE_DIGITS && value > (UINT64_MAX - digit) / 10)) return false;
    value = value * 10 + digit;
  }
  if (value > (uint64_t)INT64_MAX + (negative ? 1 : 0)) return false;
  *integer = negative ? (int64_t)(0 - value) : (int64_t)value;
  return true;
}

static int compare_deals(const void *context, uint32_t left, uint32_t right) {
  const ph_history *history = context;
  const ph_deal *a = &history->deals[left], *b = &history->deals[right];
  if (a->id_is_text != b->id_is_text) return a->id_is_text ? 1 : -1;
  if (a->id_is_text) return ph_text_compare(&history->ids[a->id], &history->ids[b->id]);
  return a->id < b->id ? -1 : a->id > b->id;
}

uint32_t *ph_history_order_deals(const ph_history *history, ph_status *status) {
  uint32_t ordered = 1;
  while (ordered < history->deal_count && compare_deals(history, ordered - 1, ordered) < 0) ordered++;
  if (ordered >= history->deal_count) return NULL;
  return ph_sorted_indexes(history->deal_count, compare_deals, history, status);
}
