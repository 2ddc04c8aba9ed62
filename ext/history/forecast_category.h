/*
** Forecast categories as CRMs write them fold to five (specification, section 5, pipeline_commit).
*/
#ifndef PH_HISTORY_FORECAST_CATEGORY_H
#define PH_HISTORY_FORECAST_CATEGORY_H

#include <stddef.h>

typedef enum {
  PH_CATEGORY_OMITTED,
  PH_CATEGORY_PIPELINE,
  PH_CATEGORY_BEST_CASE,
  PH_CATEGORY_MOST_LIKELY,
  PH_CATEGORY_COMMIT,
  PH_CATEGORY_CLOSED, /* of a deal that is won or lost: none of the five */
  PH_CATEGORY_COUNT   /* none that is known */
} ph_forecast_category;

extern const char *const ph_forecast_category_names[PH_CATEGORY_COUNT + 1]; /* the last is NULL */

/* The category of a text in any case, with blanks, - or _ between its words or none: Best Case, BestCase
** and BEST_CASE are one. Salesforce's Forecast is commit, HubSpot's omit is omitted. */
ph_forecast_category ph_forecast_category_of(const char *text, size_t length);

#endif
