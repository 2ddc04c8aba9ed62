/*
** Spans of all deals, and of the groups they are asked by.
*/
#ifndef PH_TIMELINE_TIMELINE_H
#define PH_TIMELINE_TIMELINE_H

#include "span.h"

typedef enum {
  PH_SCOPE_ALL,
  PH_SCOPE_TEAM,
  PH_SCOPE_OWNER,
  PH_SCOPE_PIPELINE,
  PH_SCOPE_STAGE,
  PH_SCOPE_COUNT
} ph_scope;

extern const char *const ph_scope_names[PH_SCOPE_COUNT];

/* What a deal's group depends on besides the deal itself. */
static inline uint32_t ph_group_of(ph_scope scope, const ph_deal *deal, uint32_t owner, uint32_t stage) {
  switch (scope) {
  case PH_SCOPE_TEAM: return deal->team;
  case PH_SCOPE_OWNER: return owner;
  case PH_SCOPE_PIPELINE: return deal->pipeline;
  case PH_SCOPE_STAGE: return stage;
  default: return 0;
  }
}

/* Spans of a deal stand together, in time order. Owns its memory. */
typedef struct ph_timeline {
  const ph_memory *memory;
  const ph_history *history;
  ph_span *spans;
  size_t span_count;
  uint32_t *first_span; /* by deal, and one more */
} ph_timeline;

/* A helper may work out half of the spans. */
void ph_timeline_begin(ph_timeline *timeline, const ph_history *history, ph_status *status);
void ph_timeline_end(ph_timeline *timeline);

/* The span of a deal that covers a day, NULL when it is not open then. */
const ph_span *ph_timeline_span(const ph_timeline *timeline, size_t deal, ph_day day);

#endif
