/* Working days. See workday.h. */
#include "workday.h"

enum { BLOCK_DAYS = 64 };

bool ph_weekend_read(const char *text, size_t length, ph_weekend *weekend) {
  unsigned days = 0;
  if (length != 7) return false;
  for (int weekday = 0; weekday < 7; weekday++) {
    if (text[weekday] != '0' && text[weekday] != '1') return false;
    days |= (unsigned)(text[weekday] == '1') << weekday;
  }
  *weekend = (ph_weekend)days;
  return true;
}

static bool is_weekend(ph_weekend weekend, ph_day day) {
  return weekend >> ph_weekday(day) & 1;
}

static void begin_week(ph_workdays *workdays, ph_weekend weekend) {
  *workdays = (ph_workdays){.weekend = weekend, .first = 0, .last = PH_DAY_NONE};
  for (int weekday = 0; weekday < 7; weekday++) {
    if (!(weekend >> weekday & 1)) workdays->nth[workdays->a_week++] = weekday;
    workdays->until[weekday] = workdays->a_week;
  }
  workdays->every_day = weekend == PH_WEEKEND_NONE;
}

static int32_t count_bits(uint64_t bits) {
  bits -= bits >> 1 & 0x5555555555555555u;
  bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
  bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
  return (int32_t)(bits * 0x0101010101010101u >> 56);
}

static size_t block_of(const ph_workdays *workdays, ph_day day) {
  return (size_t)(day - workdays->first) / BLOCK_DAYS;
}

static uint64_t bit_of(const ph_workdays *workdays, ph_day day) {
  return (uint64_t)1 << (day - workdays->first) % BLOCK_DAYS;
}

static bool counts_as_holiday(ph_weekend weekend, ph_day day) {
  return ph_is_day(day) && !is_weekend(weekend, day);
}

void ph_workdays_begin(ph_workdays *workdays, ph_weekend weekend, const ph_day *holidays, size_t count,
                       ph_status *status) {
  begin_week(workdays, weekend);
  ph_day first = PH_DAY_NEVER, last = PH_DAY_NONE;
  for (size_t index = 0; index < count; index++) {
    if (!counts_as_holiday(weekend, holidays[index])) continue;
    if (holidays[index] < first) first = holidays[index];
    if (holidays[index] > last) last = holidays[index];
  }
  if (last == PH_DAY_NONE) return;
  size_t block_count = (size_t)(last - first) / BLOCK_DAYS + 1;
  workdays->blocks = ph_allocate_zeroed(status, block_count, sizeof *workdays->blocks);
  if (workdays->blocks == NULL) {
    begin_week(workdays, PH_WEEKEND_NONE);
    return;
  }
  workdays->every_day = false;
  workdays->first = first;
  workdays->last = last;
  for (size_t index = 0; index < count; index++)
    if (counts_as_holiday(weekend, holidays[index]))
      workdays->blocks[block_of(workdays, holidays[index])].holidays |= bit_of(workdays, holidays[index]);
  for (size_t index = 0; index < block_count; index++) {
    workdays->blocks[index].before = workdays->holiday_count;
    workdays->holiday_count += count_bits(workdays->blocks[index].holidays);
  }
}

void ph_workdays_end(ph_workdays *workdays, const ph_memory *memory) {
  ph_release(memory, workdays->blocks);
  begin_week(workdays, PH_WEEKEND_NONE);
}

bool ph_is_workday(const ph_workdays *workdays, ph_day day) {
  if (is_weekend(workdays->weekend, day)) return false;
  if (day < workdays->first || day > workdays->last) return true;
  return !(workdays->blocks[block_of(workdays, day)].holidays & bit_of(workdays, day));
}

/* Holidays on that day and before. */
static int32_t holidays_until(const ph_workdays *workdays, ph_day day) {
  if (day < workdays->first) return 0;
  if (day >= workdays->last) return workdays->holiday_count;
  const ph_holiday_block *block = &workdays->blocks[block_of(workdays, day)];
  uint64_t bit = bit_of(workdays, day);
  return block->before + count_bits(block->holidays & (bit | (bit - 1)));
}

/* Days of the calendar's weeks on that day and before that are no weekend; day 0 is a Monday. */
static int32_t weekdays_until(const ph_workdays *workdays, ph_day day) {
  return day / 7 * workdays->a_week + workdays->until[day % 7];
}

static int32_t workdays_until(const ph_workdays *workdays, ph_day day) {
  return weekdays_until(workdays, day) - holidays_until(workdays, day);
}

int32_t ph_workdays_between(const ph_workdays *workdays, ph_day from, ph_day to) {
  if (workdays->every_day) return to - from;
  return workdays_until(workdays, to) - workdays_until(workdays, from);
}

/* The day on which the count of working weekdays, from day 0 on, reaches a number from 1 on. */
static int64_t day_of_weekday_count(const ph_workdays *workdays, int64_t count) {
  return (count - 1) / workdays->a_week * 7 + workdays->nth[(count - 1) % workdays->a_week];
}

/* Without holidays in between the day is known; each holiday until it moves it on, and those are counted
** again until no more come in. */
ph_day ph_workdays_after(const ph_workdays *workdays, ph_day from, int64_t count) {
  if (count <= 0) return from;
  if (workdays->a_week == 0 || count > PH_DAY_NEVER) return PH_DAY_NEVER;
  if (workdays->every_day) return from + count < PH_DAY_NEVER ? (ph_day)(from + count) : PH_DAY_NEVER;
  int64_t wanted = count + workdays_until(workdays, from), day;
  for (int32_t holidays = holidays_until(workdays, from), more;; holidays = more) {
    day = day_of_weekday_count(workdays, wanted + holidays);
    if (day >= PH_DAY_NEVER) return PH_DAY_NEVER;
    more = holidays_until(workdays, (ph_day)day);
    if (more == holidays) return (ph_day)day;
  }
}
