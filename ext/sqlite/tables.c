/* List of tables: a new table is one line in the list and one file beside. */
#include "engine.h"

#define TABLES(TABLE)                                                                                        \
  TABLE(deal_stalled)                                                                                        \
  TABLE(pipeline_integrity)                                                                                  \
  TABLE(real_coverage)                                                                                       \
  TABLE(pipeline_commit)                                                                                     \
  TABLE(pipeline_flow)                                                                                       \
  TABLE(pipeline_changes)                                                                                    \
  TABLE(pipeline_cohort)                                                                                     \
  TABLE(stage_velocity)                                                                                      \
  TABLE(pipeline_calendar)                                                                                   \
  TABLE(win_rate)                                                                                            \
  TABLE(deal_chance)                                                                                         \
  TABLE(pipeline_forecast)                                                                                   \
  TABLE(verdict_backtest)                                                                                    \
  TABLE(coverage_backtest)                                                                                   \
  TABLE(commit_backtest)                                                                                     \
  TABLE(conversation_effectiveness)                                                                          \
  TABLE(pipeline_opening)                                                                                    \
  TABLE(pipeline_what_if)                                                                                    \
  TABLE(pipeline_check)                                                                                      \
  TABLE(pipeline_settings)

#define DECLARE(name) extern const ph_table ph_table_##name;
#define POINT(name) &ph_table_##name,

TABLES(DECLARE)

const ph_table *const ph_tables[] = {TABLES(POINT)};
const int ph_table_count = (int)(sizeof ph_tables / sizeof *ph_tables);
