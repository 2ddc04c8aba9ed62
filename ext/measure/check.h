/*
** What pipeline_check adds to the problems that were counted while reading: what needs the whole history, and
** what the sources cannot show (specification, sections 4 and 9).
*/
#ifndef PH_MEASURE_CHECK_H
#define PH_MEASURE_CHECK_H

#include "pipeline.h"

/* Notes quotas of one owner, or of one team without owners, whose periods overlap without being the same,
** quotas that are there twice, quotas of an owner or team that no deal ever had, and scopes without any
** quota. */
void ph_check_quotas(const ph_history *history, ph_problems *problems, ph_status *status);

/* Adds to *problems what is wrong with quotas, currencies and categories, and the rules that are off for
** lack of data. The rows of a rule are the open deals of `day` that it concerns: all of them, or those
** created before its evidence. */
void ph_check_history(ph_pipeline *pipeline, ph_day day, ph_problems *problems, ph_status *status);

#endif
