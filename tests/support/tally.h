/*
** Score: what passed, what failed, and the closing line `N passed, N failed`.
*/
#ifndef TEST_SUPPORT_TALLY_H
#define TEST_SUPPORT_TALLY_H

#include "text.h"

typedef struct tally {
  size_t passed;
  size_t failed;
} tally;

void tally_pass(tally *score);
/* Prints `path:line: message` and counts a failure. */
void tally_fail(tally *score, const char *path, size_t line, const char *message);
/* Prints the closing line; the exit code of the program: 0 only when something ran and nothing failed. */
int tally_close(const tally *score);

/* Seconds of a clock that never goes back. */
double seconds_now(void);

#endif
