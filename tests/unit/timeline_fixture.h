/*
** The history of a fixture with its rules and the spans of all days.
*/
#ifndef TESTS_UNIT_TIMELINE_FIXTURE_H
#define TESTS_UNIT_TIMELINE_FIXTURE_H

#include "fixture.h"
#include "timeline/timeline.h"

typedef struct fixture {
  test_memory memory;
  ph_status status;
  ph_history history;
  ph_rules rules;
  ph_timeline timeline;
} fixture;

static inline void fixture_begin(fixture *at, const fixture_rows *source) {
  test_memory_begin(&at->memory, &at->status);
  fixture_read(source, &at->history, &at->status);
  ph_rules_begin(&at->rules, &at->history, &at->status);
  ph_timeline_begin(&at->timeline, at->rules.history, &at->status);
  assert_false(ph_failed(&at->status));
}

static inline void fixture_end(fixture *at) {
  ph_timeline_end(&at->timeline);
  ph_rules_end(&at->rules);
  ph_history_end(&at->history);
  test_memory_end(&at->memory, &at->status);
}

#endif
