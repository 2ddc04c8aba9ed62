/* Wins. See win.h. */
#include "win.h"

#include "../base/search.h"
#include "../base/sort.h"

static void contribute(ph_day_row *row, uint32_t what, int64_t amount, int64_t sign) {
  (void)what;
  ph_money_sum money = {0, 0};
  ph_money_add(&money, amount);
  row->sums[0].high += sign * money.high;
  row->sums[0].low += sign * money.low;
}

/* The bucket of a closing day; behind the last one for a day after it. */
static uint32_t bucket_of(const ph_wins *wins, ph_day closing) {
  return (uint32_t)ph_upper_bound(wins->late_closing_days, 0, wins->late_count, closing - 1);
}

static void put_win(const ph_wins *wins, size_t deal, ph_day_index_builder *builder, ph_status *status) {
  ph_win win = ph_win_of(wins->timeline, wins->scope, deal);
  ph_piece piece = {.from = win.closing, .to = PH_DAY_NEVER, .group = win.group, .amount = win.amount};
  if (win.created > win.closing) {
    piece.from = win.created;
    piece.bucket = bucket_of(wins, win.closing);
  }
  ph_day_index_put(builder, &piece, status);
}

static void scan(const ph_wins *wins, bool late, ph_day_index_builder *builder, ph_status *status) {
  const ph_history *history = wins->timeline->history;
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    const ph_deal *at = &history->deals[deal];
    if (at->outcome == PH_OUTCOME_WON && ph_win_is_late(at) == late) put_win(wins, deal, builder, status);
  }
}

static void scan_prompt(void *context, ph_day_index_builder *builder, ph_status *status) {
  scan(context, false, builder, status);
}

static void scan_late(void *context, ph_day_index_builder *builder, ph_status *status) {
  scan(context, true, builder, status);
}

static int compare_closings(const void *context, uint32_t left, uint32_t right) {
  const ph_deal *deals = context;
  return deals[left].closing < deals[right].closing ? -1 : deals[left].closing > deals[right].closing;
}

static void find_late_closing_days(ph_wins *wins, ph_status *status) {
  const ph_history *history = wins->timeline->history;
  uint32_t *late = NULL;
  size_t count = 0, capacity = 0;
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    if (history->deals[deal].outcome != PH_OUTCOME_WON || !ph_win_is_late(&history->deals[deal])) continue;
    if (ph_reserve(status, (void **)&late, &capacity, count + 1, sizeof *late))
      late[count++] = (uint32_t)deal;
  }
  ph_sort_indexes(late, count, compare_closings, history->deals, status);
  wins->late_closing_days = ph_allocate(status, count, sizeof *wins->late_closing_days);
  for (size_t at = 0; at < count && !ph_failed(status); at++) {
    ph_day closing = history->deals[late[at]].closing;
    if (wins->late_count == 0 || wins->late_closing_days[wins->late_count - 1] != closing)
      wins->late_closing_days[wins->late_count++] = closing;
  }
  ph_release(status->memory, late);
}

void ph_wins_begin(ph_wins *wins, const ph_timeline *timeline, ph_scope scope, ph_status *status) {
  *wins = (ph_wins){.memory = status->memory, .timeline = timeline, .scope = scope};
  ph_day_index_plan plan = {.names = &timeline->history->names,
                            .sums = 1,
                            .bucket_count = 1,
                            .scan = scan_prompt,
                            .context = wins,
                            .contribute = contribute};
  find_late_closing_days(wins, status);
  ph_day_index_begin(&wins->prompt, &plan, status);
  plan.scan = scan_late;
  if (wins->late_count > 0) plan.bucket_count = (uint32_t)wins->late_count;
  ph_day_index_begin(&wins->late, &plan, status);
}

void ph_wins_end(ph_wins *wins) {
  if (wins->memory == NULL) return;
  ph_day_index_end(&wins->prompt);
  ph_day_index_end(&wins->late);
  ph_release(wins->memory, wins->late_closing_days);
  *wins = (ph_wins){0};
}

size_t ph_wins_bytes(const ph_wins *wins) {
  return ph_day_index_bytes(&wins->prompt) + ph_day_index_bytes(&wins->late) +
         wins->late_count * sizeof *wins->late_closing_days;
}

void ph_wins_add(const ph_wins *wins, uint32_t group, ph_day from, ph_day to, ph_day day, ph_money_sum *sum) {
  ph_day_row until = {{0}, {{0, 0}}}, before = {{0}, {{0, 0}}};
  size_t place = ph_day_index_group(&wins->prompt, group);
  if (to < from) return;
  if (place < wins->prompt.group_count) {
    ph_day_index_add(&wins->prompt, place, 0, 1, to, &until);
    ph_day_index_add(&wins->prompt, place, 0, 1, from - 1, &before);
  }
  place = ph_day_index_group(&wins->late, group);
  if (place < wins->late.group_count)
    ph_day_index_add(&wins->late, place, bucket_of(wins, from), bucket_of(wins, to + 1), day, &until);
  ph_money_add_sum(sum, &until.sums[0]);
  ph_money_subtract_sum(sum, &before.sums[0]);
}
