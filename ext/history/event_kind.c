/* The room of event kinds. See event_kind.h. */
#include "event_kind.h"

#include "../base/value.h"

#include <string.h>

#define NAME(text) text, sizeof text - 1

const ph_kind_descriptor ph_kind_descriptors[PH_KIND_COUNT] = {
    /*                       name          changes progress touch client_act outreach */
    [PH_KIND_STAGE] = {NAME("stage"), true, false, true, false, false},
    [PH_KIND_AMOUNT] = {NAME("amount"), true, false, false, false, false},
    [PH_KIND_CLOSE_DATE] = {NAME("close_date"), true, false, false, false, false},
    [PH_KIND_OWNER] = {NAME("owner"), true, false, false, false, false},
    [PH_KIND_MEETING] = {NAME("meeting"), false, true, true, true, false},
    [PH_KIND_COMMITMENT] = {NAME("commitment"), false, true, true, true, false},
    [PH_KIND_REPLY] = {NAME("reply"), false, false, true, true, false},
    [PH_KIND_CALL] = {NAME("call"), false, false, true, false, true},
    [PH_KIND_EMAIL] = {NAME("email"), false, false, true, false, true},
    [PH_KIND_NOTE] = {NAME("note"), false, false, false, false, false},
    [PH_KIND_TASK] = {NAME("task"), false, false, false, false, false},
};

ph_kind ph_kind_of(const char *name, size_t length) {
  int kind = 0;
  if (length == 0) return PH_KIND_COUNT;
  char initial = (char)(name[0] | 0x20); /* of an ASCII letter in lower case */
  for (; kind < PH_KIND_COUNT; kind++) {
    const ph_kind_descriptor *candidate = &ph_kind_descriptors[kind];
    if (candidate->length != length || candidate->name[0] != initial) continue;
    if (memcmp(candidate->name, name, length) == 0 || ph_text_equals_any_case(name, length, candidate->name))
      break;
  }
  return (ph_kind)kind;
}
