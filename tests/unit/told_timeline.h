/*
** A history that a test was told, with its rules and the spans of all days.
*/
#ifndef TESTS_UNIT_TOLD_TIMELINE_H
#define TESTS_UNIT_TOLD_TIMELINE_H

#include "story.h"
#include "timeline/timeline.h"

typedef struct told {
  test_memory memory;
  ph_status status;
  ph_history history;
  ph_rules rules;
  ph_timeline timeline;
} told;

static inline void tell(told *at, const story *source) {
  test_memory_begin(&at->memory, &at->status);
  story_tell(source, &at->history, &at->status);
  ph_rules_begin(&at->rules, &at->history, &at->status);
  ph_timeline_begin(&at->timeline, at->rules.history, &at->status);
  assert_false(ph_failed(&at->status));
}

static inline void end(told *at) {
  ph_timeline_end(&at->timeline);
  ph_rules_end(&at->rules);
  ph_history_end(&at->history);
  test_memory_end(&at->memory, &at->status);
}

#endif
