/* Event kinds. See event_kind.h. */
#include "event_kind.h"

#define NAME(text) text, sizeof text - 1

const ph_kind_descriptor ph_kind_descriptors[PH_KIND_COUNT] = {
    [PH_KIND_STAGE] = {NAME("stage"), PH_IS_CHANGE | PH_IS_TOUCH},
    [PH_KIND_AMOUNT] = {NAME("amount"), PH_IS_CHANGE},
    [PH_KIND_CLOSE_DATE] = {NAME("close_date"), PH_IS_CHANGE},
    [PH_KIND_OWNER] = {NAME("owner"), PH_IS_CHANGE},
    [PH_KIND_MEETING] = {NAME("meeting"), PH_IS_PROGRESS | PH_IS_TOUCH | PH_IS_CLIENT_ACT | PH_IS_MEETING},
    [PH_KIND_COMMITMENT] = {NAME("commitment"), PH_IS_PROGRESS | PH_IS_TOUCH | PH_IS_CLIENT_ACT},
    [PH_KIND_REPLY] = {NAME("reply"), PH_IS_TOUCH | PH_IS_CLIENT_ACT},
    [PH_KIND_CALL] = {NAME("call"), PH_IS_TOUCH | PH_IS_OUTREACH},
    [PH_KIND_EMAIL] = {NAME("email"), PH_IS_TOUCH | PH_IS_OUTREACH},
    [PH_KIND_NOTE] = {NAME("note"), 0},
    [PH_KIND_TASK] = {NAME("task"), 0},
};

const uint8_t ph_kind_by_initials[PH_KIND_PLACES] = {
    [PH_KIND_PLACE('s', 't')] = PH_KIND_STAGE,      [PH_KIND_PLACE('a', 'm')] = PH_KIND_AMOUNT,
    [PH_KIND_PLACE('c', 'l')] = PH_KIND_CLOSE_DATE, [PH_KIND_PLACE('o', 'w')] = PH_KIND_OWNER,
    [PH_KIND_PLACE('m', 'e')] = PH_KIND_MEETING,    [PH_KIND_PLACE('c', 'o')] = PH_KIND_COMMITMENT,
    [PH_KIND_PLACE('r', 'e')] = PH_KIND_REPLY,      [PH_KIND_PLACE('c', 'a')] = PH_KIND_CALL,
    [PH_KIND_PLACE('e', 'm')] = PH_KIND_EMAIL,      [PH_KIND_PLACE('n', 'o')] = PH_KIND_NOTE,
    [PH_KIND_PLACE('t', 'a')] = PH_KIND_TASK,
};
