/* Verdicts and reasons. See verdict.h. */
#include "verdict.h"

#include <string.h>

const char *const ph_verdict_names[PH_VERDICT_COUNT + 1] = {
    [PH_VERDICT_PROGRESSING] = "progressing", [PH_VERDICT_UNPROVEN] = "unproven",
    [PH_VERDICT_STALLED] = "stalled",         [PH_VERDICT_DEAD] = "dead",
    [PH_VERDICT_UNJUDGED] = "unjudged",
};

const char *const ph_reason_names[PH_REASON_COUNT] = {
    [PH_REASON_UNTOUCHED] = "untouched",
    [PH_REASON_NO_PROGRESS] = "no_progress",
    [PH_REASON_NO_SECOND_MEETING] = "no_second_meeting",
    [PH_REASON_OVERDUE] = "overdue",
    [PH_REASON_PUSHED] = "pushed",
    [PH_REASON_GHOSTED] = "ghosted",
    [PH_REASON_PARKED] = "parked",
    [PH_REASON_AGED] = "aged",
};

void ph_reasons_format(unsigned reasons, char text[PH_REASONS_TEXT_BYTES]) {
  char *at = text;
  for (int reason = 0; reason < PH_REASON_COUNT; reason++) {
    if (!ph_has_reason(reasons, (ph_reason)reason)) continue;
    size_t length = strlen(ph_reason_names[reason]);
    if (at > text) *at++ = ',';
    memcpy(at, ph_reason_names[reason], length);
    at += length;
  }
  *at = 0;
}
