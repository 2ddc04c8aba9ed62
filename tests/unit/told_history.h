/*
** The room of a history that a test was told, and what was counted on the way.
*/
#ifndef TESTS_UNIT_TOLD_HISTORY_H
#define TESTS_UNIT_TOLD_HISTORY_H

#include "story.h"

typedef struct told {
  test_memory memory;
  ph_status status;
  ph_history history;
} told;

static inline void tell(told *at, const story *source) {
  test_memory_begin(&at->memory, &at->status);
  story_tell(source, &at->history, &at->status);
}

static inline void end(told *at) {
  ph_history_end(&at->history);
  test_memory_end(&at->memory, &at->status);
}

static inline int64_t rows_of(const told *at, ph_problem problem) {
  return at->history.problems.counts[problem].rows;
}

#endif
