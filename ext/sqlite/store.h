/*
** The store: answers without reading everything again (specification, section 12; its bytes: ext/store).
**
** Shadow tables beside the sources hold their rows as they were read once, and what was summed up from them
** by day. Triggers in plain SQL note the deals that changed since. A connection reads the shadow tables and,
** of the sources, only those deals. Where anything is not as the store made it, it is not used.
*/
#ifndef PH_SQLITE_STORE_H
#define PH_SQLITE_STORE_H

#include "cache.h"

/* What came from a store. */
typedef enum {
  PH_STORE_GAVE_NOTHING,
  PH_STORE_GAVE_DAYS,   /* a history without most deals, and sums by day for them */
  PH_STORE_GAVE_CHOSEN, /* a history of the deals that were asked for, and perhaps some others */
  PH_STORE_GAVE_DEALS   /* all deals, as the sources would have given them but for the problems */
} ph_store_gift;

/* Reads a pipeline, which is zeroed but for its memory, from the store beside the sources;
** PH_STORE_GAVE_DAYS only where `needs` says that days, or claims, suffice, PH_STORE_GAVE_CHOSEN only where
** `chosen` is not NULL. Nothing where there is no store or it cannot be used: then the pipeline is as it was,
** and connection->store says why. */
ph_store_gift ph_store_read(ph_connection *connection, const ph_sources *sources, ph_needs needs,
                            const ph_chosen *chosen, ph_pipeline *pipeline, ph_status *status);

/* Whether a slice turned out to be damaged when a question read it: then the connection does not use the
** store from then on, and the question is to be asked again. */
bool ph_store_distrust(ph_connection *connection, const ph_pipeline *pipeline);

/* Looks at every shadow table. True where the store can be used, or there is none beside the sources; else
** connection->store says why not. */
bool ph_store_look(ph_connection *connection, const ph_sources *sources, ph_status *status);

#endif
