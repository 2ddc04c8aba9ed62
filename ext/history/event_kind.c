/* Event kinds. See event_kind.h. */
#include "event_kind.h"

#define NAME(text) text, sizeof text - 1

const ph_kind_descriptor ph_kind_descriptors[PH_KIND_COUNT] = {
    [PH_KIND_STAGE] = {NAME("stage"), PH_IS_CHANGE | PH_IS_TOUCH},
    [PH_KIND_AMOUNT] = {NAME("amount"), PH_IS_CHANGE},
    [PH_KIND_CLOSE_DATE] = {NAME("close_date"), PH_IS_CHANGE},
    [PH_KIND_OWNER] = {NAME("owner"), PH_IS_CHANGE},
    [PH_KIND_FORECAST] = {NAME("forecast"), PH_IS_CHANGE},
    [PH_KIND_MEETING] = {NAME("meeting"), PH_IS_PROGRESS | PH_IS_TOUCH | PH_IS_CLIENT_ACT | PH_IS_MEETING},
    [PH_KIND_COMMITMENT] = {NAME("commitment"), PH_IS_PROGRESS | PH_IS_TOUCH | PH_IS_CLIENT_ACT},
    [PH_KIND_REPLY] = {NAME("reply"), PH_IS_TOUCH | PH_IS_CLIENT_ACT},
    [PH_KIND_CALL] = {NAME("call"), PH_IS_TOUCH | PH_IS_OUTREACH},
    [PH_KIND_EMAIL] = {NAME("email"), PH_IS_TOUCH | PH_IS_OUTREACH},
    [PH_KIND_NOTE] = {NAME("note"), 0},
    [PH_KIND_TASK] = {NAME("task"), 0},
    [PH_KIND_STAGE_STATE] = {NAME("stage_state"), PH_IS_CHANGE | PH_IS_STATE},
    [PH_KIND_AMOUNT_STATE] = {NAME("amount_state"), PH_IS_CHANGE | PH_IS_STATE},
    [PH_KIND_CLOSE_DATE_STATE] = {NAME("close_date_state"), PH_IS_CHANGE | PH_IS_STATE},
    [PH_KIND_OWNER_STATE] = {NAME("owner_state"), PH_IS_CHANGE | PH_IS_STATE},
    [PH_KIND_FORECAST_STATE] = {NAME("forecast_state"), PH_IS_CHANGE | PH_IS_STATE},
};

void ph_kind_table_fill(ph_kind_table *table) {
  for (unsigned bucket = 0; bucket < PH_KIND_BUCKETS; bucket++) table->buckets[bucket] = PH_KIND_COUNT;
  for (int kind = 0; kind < PH_KIND_COUNT; kind++) {
    unsigned bucket = ph_kind_bucket(ph_kind_descriptors[kind].name, ph_kind_descriptors[kind].length);
    while (table->buckets[bucket] != PH_KIND_COUNT) bucket = (bucket + 1) % PH_KIND_BUCKETS;
    table->buckets[bucket] = (uint8_t)kind;
  }
}
