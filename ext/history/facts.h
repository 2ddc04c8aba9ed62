/*
** What all deals of a source say together, and what a reader is told of deals that it does not read.
**
** Each fact is the first, the last or the union of what single deals say, so that those of two sets of deals
** are put together without their rows. A store (ext/store) keeps the facts of its deals for that.
*/
#ifndef PH_HISTORY_FACTS_H
#define PH_HISTORY_FACTS_H

#include "history.h"

typedef struct ph_facts {
  ph_day first_created;     /* PH_DAY_NEVER without deals */
  ph_day last_known;        /* the last day of a creation, closing or event; 0 without deals */
  ph_day first_stage_state; /* PH_DAY_NEVER without one */
  ph_day newest; /* of the days that data_until is found by, the last that is not after today; PH_DAY_NONE */
  ph_day next;   /* and the first one after today; PH_DAY_NEVER */
  ph_evidence evidence; /* as the events show it, policies aside */
  uint32_t kinds;       /* one bit a kind that some deal has an event of */
  bool bounds_closings; /* some closing day is data_until because what told it lies later */
} ph_facts;

static const ph_facts PH_NO_FACTS = {
    PH_DAY_NEVER, 0, PH_DAY_NEVER, PH_DAY_NONE, PH_DAY_NEVER, {PH_DAY_NEVER, PH_DAY_NEVER, PH_DAY_NEVER}, 0,
    false};

/* Adds the facts of other deals. */
static inline void ph_facts_add(ph_facts *facts, const ph_facts *other) {
#define PH_EARLIER(name)                                                                                     \
  if (other->name < facts->name) facts->name = other->name
#define PH_LATER(name)                                                                                       \
  if (other->name > facts->name) facts->name = other->name
  PH_EARLIER(first_created);
  PH_LATER(last_known);
  PH_EARLIER(first_stage_state);
  PH_LATER(newest);
  PH_EARLIER(next);
  PH_EARLIER(evidence.touches_since);
  PH_EARLIER(evidence.progress_since);
  PH_EARLIER(evidence.meetings_since);
#undef PH_EARLIER
#undef PH_LATER
  facts->kinds |= other->kinds;
  facts->bounds_closings |= other->bounds_closings;
}

#endif
