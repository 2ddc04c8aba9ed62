/*
** What pipeline_check adds to the problems that were counted while reading: what needs the whole
** history.
*/
#ifndef PH_MEASURE_CHECK_H
#define PH_MEASURE_CHECK_H

#include "period.h"

/* Notes quotas of one owner, or of one team without owners, whose periods overlap without being the same, quotas
** that are there twice, and quotas of an owner or team that no deal ever had. */
void ph_check_quotas(const ph_history *history, ph_problems *problems, ph_status *status);

/* Adds what is wrong with the quotas and the rules that are off for lack of data to *problems. */
void ph_check_history(const ph_history *history, ph_problems *problems, ph_status *status);

#endif
