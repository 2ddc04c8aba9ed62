/* Rows of pipeline_holiday become the working days of a history. See reader.h. */
#include "reader_internal.h"

#include "../base/sort.h"

void ph_reader_add_holiday(ph_reader *reader, const ph_value cells[PH_HOLIDAY_COLUMNS], ph_status *status) {
  ph_history *history = reader->history;
  ph_holiday row = {.team = ph_read_name(reader, &cells[PH_HOLIDAY_TEAM], status)};
  if (ph_failed(status)) return;
  if (!ph_read_day(reader, &cells[PH_HOLIDAY_DAY], PH_DATE_BY_NATURE, &row.day) || row.day == PH_DAY_NONE) {
    bool header = ph_repeats_header(PH_RELATION_HOLIDAY, cells);
    ph_problem_add_value(&history->problems, header ? PH_HOLIDAY_HEADER : PH_HOLIDAY_DAY_BAD,
                         &cells[PH_HOLIDAY_DAY], status);
    return;
  }
  if (ph_reserve(status, (void **)&history->holidays, &reader->holiday_capacity, history->holiday_count + 1,
                 sizeof row))
    history->holidays[history->holiday_count++] = row;
}

static int compare_holidays(const void *context, uint32_t left, uint32_t right) {
  const ph_holiday *a = (const ph_holiday *)context + left, *b = (const ph_holiday *)context + right;
  if (a->team != b->team) return a->team < b->team ? -1 : 1;
  return a->day < b->day ? -1 : a->day > b->day;
}

static size_t count_teams(const ph_history *history, const uint32_t *order) {
  size_t teams = 0;
  for (size_t index = 0; index < history->holiday_count; index++) {
    uint32_t team = history->holidays[order[index]].team;
    teams += team != 0 && (index == 0 || history->holidays[order[index - 1]].team != team);
  }
  return teams;
}

/* The holidays of everybody come first; behind them in `days` those of one team at a time are added. */
static void make_workdays(ph_history *history, const uint32_t *order, ph_day *days, ph_status *status) {
  ph_weekend weekend = (ph_weekend)ph_policy_integer(&history->policy, PH_POLICY_WEEKEND);
  size_t index = 0, everybody = 0;
  while (index < history->holiday_count && history->holidays[order[index]].team == 0)
    days[everybody++] = history->holidays[order[index++]].day;
  ph_workdays_begin(&history->workdays[history->workday_count++], weekend, days, everybody, status);
  while (index < history->holiday_count && !ph_failed(status)) {
    uint32_t team = history->holidays[order[index]].team;
    size_t count = everybody;
    for (; index < history->holiday_count && history->holidays[order[index]].team == team; index++)
      days[count++] = history->holidays[order[index]].day;
    history->workdays_of_team[team] = (uint32_t)history->workday_count;
    ph_workdays_begin(&history->workdays[history->workday_count++], weekend, days, count, status);
  }
}

void ph_reader_order_holidays(ph_reader *reader, ph_status *status) {
  ph_history *history = reader->history;
  size_t count = history->holiday_count;
  uint32_t *order = ph_sorted_indexes(count, compare_holidays, history->holidays, status);
  ph_day *days = ph_allocate(status, count, sizeof *days);
  size_t teams = ph_failed(status) ? 0 : count_teams(history, order);
  history->workdays = ph_allocate_zeroed(status, teams + 1, sizeof *history->workdays);
  if (teams > 0)
    history->workdays_of_team =
        ph_allocate_zeroed(status, history->names.count, sizeof *history->workdays_of_team);
  if (!ph_failed(status)) make_workdays(history, order, days, status);
  ph_release(reader->memory, order);
  ph_release(reader->memory, days);
}
