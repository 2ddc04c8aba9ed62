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

/* The fields of a deal that its change events set. Most spans of a deal share a version. */
typedef struct ph_version {
  int64_t amount;
  ph_day close_date;
  uint32_t stage, owner;
} ph_version;

/* A span in 64 bits, from the lowest: its first day, verdict, reasons and the index of its version. It
** ends where the deal's next span begins, the last one on the deal's closing day. */
typedef uint64_t ph_packed_span;
enum { PH_SPAN_DAY_BITS = 22, PH_SPAN_VERDICT_BITS = 3, PH_SPAN_REASON_BITS = 8, PH_SPAN_VERSION_BITS = 31 };

/* Spans and versions of a deal stand together, in time order. The last version of a closed deal is that of
** its closing day. Owns its memory. */
typedef struct ph_timeline {
  const ph_memory *memory;
  const ph_history *history;
  ph_packed_span *spans;
  size_t span_count, span_capacity;
  uint32_t *first_span; /* by deal, and one more */
  ph_version *versions;
  size_t version_count, version_capacity;
  uint32_t *first_version; /* by deal, and one more */
} ph_timeline;

/* Works out the spans of all deals in one pass over the events. The timeline borrows the history. */
void ph_timeline_begin(ph_timeline *timeline, const ph_history *history, ph_status *status);
void ph_timeline_end(ph_timeline *timeline);
size_t ph_timeline_bytes(const ph_timeline *timeline);

static inline ph_day ph_packed_span_from(ph_packed_span span) {
  return (ph_day)(span & ((1u << PH_SPAN_DAY_BITS) - 1));
}

/* The span of a deal at an index into the spans. */
static inline ph_span ph_timeline_span_at(const ph_timeline *timeline, size_t deal, size_t index) {
  ph_packed_span packed = timeline->spans[index];
  const unsigned verdict_at = PH_SPAN_DAY_BITS, reasons_at = verdict_at + PH_SPAN_VERDICT_BITS;
  const ph_version *version = &timeline->versions[packed >> (reasons_at + PH_SPAN_REASON_BITS)];
  return (ph_span){
      .from = ph_packed_span_from(packed),
      .to = index + 1 < timeline->first_span[deal + 1] ? ph_packed_span_from(timeline->spans[index + 1])
                                                       : timeline->history->deals[deal].closing,
      .close_date = version->close_date,
      .stage = version->stage,
      .owner = version->owner,
      .verdict = (uint8_t)(packed >> verdict_at & ((1u << PH_SPAN_VERDICT_BITS) - 1)),
      .reasons = (uint8_t)(packed >> reasons_at & ((1u << PH_SPAN_REASON_BITS) - 1)),
      .amount = version->amount,
  };
}

/* How many spans a deal has. */
static inline size_t ph_timeline_span_count(const ph_timeline *timeline, size_t deal) {
  return timeline->first_span[deal + 1] - timeline->first_span[deal];
}

/* Sets *span to the span of a deal that covers a day; false, and nothing is set, when the deal is not open
** then. */
bool ph_timeline_span(const ph_timeline *timeline, size_t deal, ph_day day, ph_span *span);

#endif
