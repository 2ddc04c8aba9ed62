/*
** Event kinds: a kind is one row of the table in event_kind.c.
*/
#ifndef PH_HISTORY_EVENT_KIND_H
#define PH_HISTORY_EVENT_KIND_H

#include "../base/bytes.h"
#include "../base/value.h"

typedef enum {
  PH_KIND_STAGE,
  PH_KIND_AMOUNT,
  PH_KIND_CLOSE_DATE,
  PH_KIND_OWNER,
  PH_KIND_FORECAST,
  PH_KIND_MEETING,
  PH_KIND_COMMITMENT,
  PH_KIND_REPLY,
  PH_KIND_CALL,
  PH_KIND_EMAIL,
  PH_KIND_NOTE,
  PH_KIND_TASK,
  /* what a version of a record says; derive_changes.c makes changes of them */
  PH_KIND_STAGE_STATE,
  PH_KIND_AMOUNT_STATE,
  PH_KIND_CLOSE_DATE_STATE,
  PH_KIND_OWNER_STATE,
  PH_KIND_FORECAST_STATE,
  PH_KIND_COUNT
} ph_kind;

/* The kinds that change a field come first. */
enum { PH_CHANGE_KINDS = PH_KIND_FORECAST + 1 };

/* What an event of a kind is. Bits of one number, for the events of a day are taken together. */
enum {
  PH_IS_CHANGE = 1,     /* of a field from old_value to new_value */
  PH_IS_PROGRESS = 2,   /* on its own; a stage change is progress when it is forward */
  PH_IS_TOUCH = 4,      /* somebody did something with the client */
  PH_IS_CLIENT_ACT = 8, /* the client acted */
  PH_IS_OUTREACH = 16,  /* the seller reached out */
  PH_IS_MEETING = 32,
  PH_IS_STATE = 64 /* new_value holds from then on: a change where it differs from what held before */
};

typedef struct ph_kind_descriptor {
  const char *name;
  uint32_t length; /* of the name */
  uint32_t is;     /* PH_IS_... */
} ph_kind_descriptor;

extern const ph_kind_descriptor ph_kind_descriptors[PH_KIND_COUNT];

static inline bool ph_kind_is(ph_kind kind, unsigned what) {
  return (ph_kind_descriptors[kind].is & what) != 0;
}

/* The kind of change that a state may be; other kinds are their own. */
static inline ph_kind ph_kind_of_change(ph_kind kind) {
  return ph_kind_is(kind, PH_IS_STATE) ? (ph_kind)(kind - PH_KIND_STAGE_STATE + PH_KIND_STAGE) : kind;
}
_Static_assert(PH_KIND_COUNT - PH_KIND_STAGE_STATE == PH_CHANGE_KINDS, "every change has a state");

/* A hash table of the kinds by name. Its hash takes the length and the first two letters, in any case. */
enum { PH_KIND_BUCKETS = 64 };
_Static_assert((int)PH_KIND_COUNT < (int)PH_KIND_BUCKETS, "an empty bucket ends every look-up");
typedef struct ph_kind_table {
  uint8_t buckets[PH_KIND_BUCKETS]; /* the kind; PH_KIND_COUNT: empty */
} ph_kind_table;

void ph_kind_table_fill(ph_kind_table *table);

static inline unsigned ph_kind_bucket(const char *name, size_t length) {
  unsigned first = (unsigned char)name[0] | 0x20u, second = (unsigned char)name[1] | 0x20u;
  return (3 * first + second + 5 * (unsigned)length) % PH_KIND_BUCKETS;
}

/* The kind of a name in any case; PH_KIND_COUNT when there is none. Inline, because every event asks. */
static inline ph_kind ph_kind_of(const ph_kind_table *table, const char *name, size_t length) {
  if (length < 2) return PH_KIND_COUNT;
  for (unsigned bucket = ph_kind_bucket(name, length);; bucket = (bucket + 1) % PH_KIND_BUCKETS) {
    ph_kind kind = (ph_kind)table->buckets[bucket];
    if (kind == PH_KIND_COUNT) return kind;
    const ph_kind_descriptor *candidate = &ph_kind_descriptors[kind];
    if (candidate->length != length) continue;
    if (ph_same_bytes(candidate->name, name, length)) return kind;
    if (ph_text_equals_any_case(name, length, candidate->name)) return kind;
  }
}

#endif
