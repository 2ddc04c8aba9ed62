/*
** The head of a store: what it says of all deals together, and by what its slices were made.
*/
#ifndef PH_STORE_STORED_HEAD_H
#define PH_STORE_STORED_HEAD_H

#include "../history/reader.h"
#include "../timeline/timeline.h"
#include "stored_bytes.h"

/* Another number: the bytes are others, and older ones are not read. */
enum { PH_STORE_VERSION = 2 };

/* What slices there are: those of day_slice.h for the integrity of each scope, those of month_slice.h for the
** claims by month of the close date and for the wins by closing day of the scopes that have quotas, and one
** row with the late wins (late_win.h). */
enum {
  PH_SLICES_OF_INTEGRITY = 0,                                     /* and the scope */
  PH_QUOTA_SCOPE_COUNT = PH_SCOPE_OWNER + 1,                      /* all, team, owner */
  PH_SLICES_OF_CLAIMS = PH_SCOPE_COUNT,                           /* and the scope */
  PH_SLICES_OF_WINS = PH_SLICES_OF_CLAIMS + PH_QUOTA_SCOPE_COUNT, /* and the scope */
  PH_SLICE_OF_LATE_WINS = PH_SLICES_OF_WINS + PH_QUOTA_SCOPE_COUNT,
  PH_SLICE_KINDS
};
extern const char *const ph_slice_kind_names[PH_SLICE_KINDS];

/* Begins zeroed. Owns what it has by name. */
typedef struct ph_stored_head {
  uint64_t edition;    /* another number for each time that something of the store is written */
  ph_interner *names;  /* those of its blocks and slices, by number; a history's own when it is written */
  uint64_t zone_mark;  /* of the time zone in which instants became days */
  uint64_t rules_mark; /* of what the slices were made by */
  ph_facts facts;      /* of all deals */
  ph_day today;        /* when the facts were found */
  ph_day data_until;   /* by which the slices were made */
  int64_t excluded_deals;
  int64_t rows_without_id; /* of them, rows of pipeline_deal */
  uint32_t deal_count, block_count;
  ph_day first_slice[PH_SLICE_KINDS], last_slice[PH_SLICE_KINDS]; /* PH_DAY_NONE: there are none */
  bool shows_claims;                                              /* slices of claims and wins were made */
  uint64_t event_count;
  uint32_t *currency_deals; /* by name: deals in that currency */
  uint32_t *owner_stays;    /* by name: stays in the list of that owner (owner_list.h) */
} ph_stored_head;

void ph_stored_head_end(ph_stored_head *head, const ph_memory *memory);
void ph_write_head(ph_byte_writer *writer, const ph_stored_head *head, ph_status *status);

/* Reads a head; its names go into `names`, which has none yet. False where the bytes are damaged. */
bool ph_read_head(ph_byte_reader *reader, ph_interner *names, ph_stored_head *head, ph_status *status);

/* A number that is another one where the zone gives other days. */
uint64_t ph_zone_mark(const ph_zone *zone);

/* A number that is another one where deals may be judged otherwise: policies, stages, rates, holidays and
** the evidence. data_until is apart. */
uint64_t ph_rules_mark(const ph_history *history);

#endif
