/* The room of the list of tables: a new table is one line here and one file beside. */
#include "engine.h"

extern const ph_table ph_table_deal_stalled, ph_table_pipeline_integrity, ph_table_real_coverage, ph_table_pipeline_check,
    ph_table_pipeline_settings;

const ph_table *const ph_tables[] = {
    &ph_table_deal_stalled,   &ph_table_pipeline_integrity, &ph_table_real_coverage,
    &ph_table_pipeline_check, &ph_table_pipeline_settings,
};

const int ph_table_count = (int)(sizeof ph_tables / sizeof *ph_tables);
