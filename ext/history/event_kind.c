/* The room of event kinds. See event_kind.h. */
#include "event_kind.h"

#include "../base/value.h"

const ph_kind_descriptor ph_kind_descriptors[PH_KIND_COUNT] = {
    /*                       name          changes progress touch client_act outreach */
    [PH_KIND_STAGE] =      {"stage",       true,   false,   true,  false,    false},
    [PH_KIND_AMOUNT] =     {"amount",      true,   false,   false, false,    false},
    [PH_KIND_CLOSE_DATE] = {"close_date",  true,   false,   false, false,    false},
    [PH_KIND_OWNER] =      {"owner",       true,   false,   false, false,    false},
    [PH_KIND_MEETING] =    {"meeting",     false,  true,    true,  true,     false},
    [PH_KIND_COMMITMENT] = {"commitment",  false,  true,    true,  true,     false},
    [PH_KIND_REPLY] =      {"reply",       false,  false,   true,  true,     false},
    [PH_KIND_CALL] =       {"call",        false,  false,   true,  false,    true},
    [PH_KIND_EMAIL] =      {"email",       false,  false,   true,  false,    true},
    [PH_KIND_NOTE] =       {"note",        false,  false,   false, false,    false},
    [PH_KIND_TASK] =       {"task",        false,  false,   false, false,    false},
};

ph_kind ph_kind_of(const char *name, size_t length) {
  int kind = 0;
  while (kind < PH_KIND_COUNT && !ph_text_equals_any_case(name, length, ph_kind_descriptors[kind].name)) kind++;
  return (ph_kind)kind;
}
