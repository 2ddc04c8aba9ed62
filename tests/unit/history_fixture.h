/*
** A history of a fixture, and what was counted on the way.
*/
#ifndef TESTS_UNIT_HISTORY_FIXTURE_H
#define TESTS_UNIT_HISTORY_FIXTURE_H

#include "fixture.h"

typedef struct fixture {
  test_memory memory;
  ph_status status;
  ph_history history;
} fixture;

static inline void fixture_begin(fixture *at, const fixture_rows *source) {
  test_memory_begin(&at->memory, &at->status);
  fixture_read(source, &at->history, &at->status);
}

static inline void fixture_end(fixture *at) {
  ph_history_end(&at->history);
  test_memory_end(&at->memory, &at->status);
}

static inline int64_t rows_of(const fixture *at, ph_problem problem) {
  return at->history.problems.counts[problem].rows;
}

/* What a history is, as a number. */
static inline uint64_t mix_history(const ph_history *history) {
  uint64_t mix = TEST_MIX_BEGIN;
  for (size_t index = 0; index < history->deal_count; index++) {
    const ph_deal *deal = &history->deals[index];
    const int64_t numbers[] = {deal->id,    deal->amount,     deal->created,     deal->closing, deal->stage,
                               deal->owner, deal->close_date, deal->first_event, deal->outcome};
    mix = test_mix(mix, numbers, sizeof numbers);
  }
  mix = test_mix(mix, history->events, history->event_count * sizeof *history->events);
  mix = test_mix(mix, history->amounts, history->amount_count * sizeof *history->amounts);
  for (int problem = 0; problem < PH_PROBLEM_COUNT; problem++) {
    const ph_problem_count *count = &history->problems.counts[problem];
    mix = test_mix_number(mix, count->rows);
    if (count->rows > 0) mix = test_mix(mix, count->example, strlen(count->example));
  }
  return test_mix_number(mix, (int64_t)history->stage_count * 1000 + (int64_t)history->quota_count);
}

#endif
