/*
** Runs golden files: each query plainly and under the planner variations.
*/
#ifndef TEST_SQL_GOLDEN_RUN_H
#define TEST_SQL_GOLDEN_RUN_H

#include "../support/tally.h"

/* Runs one file. With `update`, expected rows that differ are written anew instead of failing. */
void golden_run(const char *path, bool update, tally *score);

/* Prints the number of cases in a file, and returns it. */
size_t golden_list(const char *path);

#endif
