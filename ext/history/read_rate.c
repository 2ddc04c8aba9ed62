/* Rows of pipeline_rate become the exchange rates of a history. See reader.h. */
#include "reader_internal.h"

void ph_reader_add_rate(ph_reader *reader, const ph_value cells[PH_RATE_COLUMNS], ph_status *status) {
  ph_problems *problems = &reader->history->problems;
  ph_rate row = {.currency = ph_read_name(reader, &cells[PH_RATE_CURRENCY], status)};
  if (ph_failed(status)) return;
  if (row.currency == 0) {
    ph_problem_add_value(problems, PH_RATE_CURRENCY_MISSING, &cells[PH_RATE_RATE], status);
  } else if (ph_repeats_header(PH_RELATION_RATE, cells)) {
    ph_problem_add_value(problems, PH_RATE_HEADER, &cells[PH_RATE_CURRENCY], status);
  } else if (!ph_rate_read(&cells[PH_RATE_RATE], &row.rate)) {
    ph_problem_add_value(problems, PH_RATE_BAD, &cells[PH_RATE_RATE], status);
  } else if (!ph_read_day(reader, &cells[PH_RATE_VALID_FROM], PH_DATE_BY_NATURE, &row.valid_from)) {
    ph_problem_add_value(problems, PH_RATE_VALID_FROM_BAD, &cells[PH_RATE_VALID_FROM], status);
  } else {
    if (row.valid_from == PH_DAY_NONE) row.valid_from = 0;
    ph_rates_add(&reader->history->rates, &row, status);
  }
}
