/* Rows of pipeline_quota become the quotas of a history. See reader.h. */
#include "reader_internal.h"

void ph_reader_add_quota(ph_reader *reader, const ph_value cells[PH_QUOTA_COLUMNS], ph_status *status) {
  ph_history *history = reader->history;
  ph_quota row = {0};
  row.owner = ph_read_name(reader, &cells[PH_QUOTA_OWNER], status);
  row.team = ph_read_name(reader, &cells[PH_QUOTA_TEAM], status);
  row.currency = ph_read_name(reader, &cells[PH_QUOTA_CURRENCY], status);
  bool start = ph_read_day(reader, &cells[PH_QUOTA_START], PH_DATE_BY_NATURE, &row.period_start) &&
               row.period_start != PH_DAY_NONE;
  bool end = ph_read_day(reader, &cells[PH_QUOTA_END], PH_DATE_BY_NATURE, &row.period_end) &&
             row.period_end != PH_DAY_NONE;
  if (ph_failed(status)) return;
  if (!start || !end) {
    bool header = ph_repeats_header(PH_RELATION_QUOTA, cells);
    ph_problem_add_value(&history->problems, header ? PH_QUOTA_HEADER : PH_QUOTA_PERIOD_BAD,
                         &cells[start ? PH_QUOTA_END : PH_QUOTA_START], status);
    return;
  }
  if (row.period_end < row.period_start) {
    ph_problem_add_value(&history->problems, PH_QUOTA_PERIOD_REVERSED, &cells[PH_QUOTA_START], status);
    return;
  }
  if (ph_value_is_missing(&cells[PH_QUOTA_AMOUNT]) ||
      !ph_value_to_money(&cells[PH_QUOTA_AMOUNT], &row.amount)) {
    ph_problem_add_value(&history->problems, PH_QUOTA_AMOUNT_BAD, &cells[PH_QUOTA_AMOUNT], status);
    return;
  }
  ph_problem_add_thousands(&history->problems, PH_QUOTA_AMOUNT_THOUSANDS, &cells[PH_QUOTA_AMOUNT], status);
  if (row.amount < 0)
    ph_problem_add_value(&history->problems, PH_QUOTA_AMOUNT_NEGATIVE, &cells[PH_QUOTA_AMOUNT], status);
  for (int column = PH_QUOTA_START; column <= PH_QUOTA_END; column++) {
    if (!ph_looks_like_yyyymmdd(&cells[column])) continue;
    ph_problem_add_value(&history->problems, PH_QUOTA_DATE_LOOKS_LIKE_YYYYMMDD, &cells[column], status);
    break;
  }
  if (!ph_reserve(status, (void **)&history->quotas, &reader->quota_capacity, history->quota_count + 1,
                  sizeof row))
    return;
  history->quotas[history->quota_count++] = row;
}
