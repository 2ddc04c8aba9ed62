/* The room of event kinds. See event_kind.h. */
#include "event_kind.h"

#include "../base/bytes.h"
#include "../base/value.h"

#include <stdint.h>
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

/* The kinds by their first two letters, a = 1: three times the first plus the second, modulo 32, differs for
** all of them. */
static const uint8_t kind_by_initials[32] = {
    [4] = PH_KIND_OWNER,   [10] = PH_KIND_CALL,       [12] = PH_KIND_MEETING,    [13] = PH_KIND_STAGE,
    [16] = PH_KIND_AMOUNT, [21] = PH_KIND_CLOSE_DATE, [24] = PH_KIND_COMMITMENT, [25] = PH_KIND_NOTE,
    [27] = PH_KIND_REPLY,  [28] = PH_KIND_EMAIL,      [29] = PH_KIND_TASK,
};

ph_kind ph_kind_of(const char *name, size_t length) {
  if (length < 2) return PH_KIND_COUNT;
  unsigned first = (unsigned char)name[0], second = (unsigned char)name[1];
  ph_kind kind = (ph_kind)kind_by_initials[(3 * first + second) % 32];
  const ph_kind_descriptor *candidate = &ph_kind_descriptors[kind];
  if (candidate->length != length) return PH_KIND_COUNT;
  if (ph_same_bytes(candidate->name, name, length)) return kind;
  return ph_text_equals_any_case(name, length, candidate->name) ? kind : PH_KIND_COUNT;
}
