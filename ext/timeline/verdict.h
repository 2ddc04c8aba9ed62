/*
** Verdicts and reasons: names and order stand once, in the tables of verdict.c (specification,
** section 4).
*/
#ifndef PH_TIMELINE_VERDICT_H
#define PH_TIMELINE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  PH_VERDICT_PROGRESSING,
  PH_VERDICT_UNPROVEN,
  PH_VERDICT_STALLED,
  PH_VERDICT_DEAD,
  PH_VERDICT_UNJUDGED, /* the evidence does not reach */
  PH_VERDICT_COUNT
} ph_verdict;

typedef enum {
  PH_REASON_UNTOUCHED,
  PH_REASON_NO_PROGRESS,
  PH_REASON_NO_SECOND_MEETING,
  PH_REASON_OVERDUE,
  PH_REASON_PUSHED,
  PH_REASON_GHOSTED,
  PH_REASON_PARKED,
  PH_REASON_AGED,
  PH_REASON_COUNT
} ph_reason;

/* From this one on, reasons inform and do not decide. */
enum {
  PH_REASON_FIRST_INFORMING = PH_REASON_OVERDUE,
  PH_INFORMING_REASONS = PH_REASON_COUNT - PH_REASON_FIRST_INFORMING
};

extern const char *const ph_verdict_names[PH_VERDICT_COUNT + 1]; /* behind them NULL, no verdict */
extern const char *const ph_reason_names[PH_REASON_COUNT];

static inline bool ph_verdict_is_stalled(unsigned verdict) {
  return verdict == PH_VERDICT_STALLED || verdict == PH_VERDICT_DEAD;
}
static inline bool ph_has_reason(unsigned reasons, ph_reason reason) {
  return (reasons >> reason & 1u) != 0;
}

enum { PH_REASONS_TEXT_BYTES = 96 };
/* The reasons' names in their order, separated by commas. */
void ph_reasons_format(unsigned reasons, char text[PH_REASONS_TEXT_BYTES]);

#endif
