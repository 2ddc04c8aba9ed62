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
  PH_KIND_MEETING,
  PH_KIND_COMMITMENT,
  PH_KIND_REPLY,
  PH_KIND_CALL,
  PH_KIND_EMAIL,
  PH_KIND_NOTE,
  PH_KIND_TASK,
  PH_KIND_COUNT
} ph_kind;

/* What an event of a kind is. Bits of one number, for the events of a day are taken together. */
enum {
  PH_IS_CHANGE = 1,     /* of a field from old_value to new_value */
  PH_IS_PROGRESS = 2,   /* on its own; a stage change is progress when it is forward */
  PH_IS_TOUCH = 4,      /* somebody did something with the client */
  PH_IS_CLIENT_ACT = 8, /* the client acted */
  PH_IS_OUTREACH = 16,  /* the seller reached out */
  PH_IS_MEETING = 32
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

/* A place by the first two letters of a name, in any case, that differs for all kinds; and by it the one kind
** that the name can be. */
enum { PH_KIND_PLACES = 32 };
#define PH_KIND_PLACE(first, second)                                                                         \
  ((3u * (unsigned char)(first) + (unsigned char)(second)) % PH_KIND_PLACES)
extern const uint8_t ph_kind_by_initials[PH_KIND_PLACES];

/* The kind of a name in any case; PH_KIND_COUNT when there is none. Inline: every event asks. */
static inline ph_kind ph_kind_of(const char *name, size_t length) {
  if (length < 2) return PH_KIND_COUNT;
  ph_kind kind = (ph_kind)ph_kind_by_initials[PH_KIND_PLACE(name[0], name[1])];
  const ph_kind_descriptor *candidate = &ph_kind_descriptors[kind];
  if (candidate->length != length) return PH_KIND_COUNT;
  if (ph_same_bytes(candidate->name, name, length)) return kind;
  return ph_text_equals_any_case(name, length, candidate->name) ? kind : PH_KIND_COUNT;
}

#endif
