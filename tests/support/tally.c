/*
** Score: the closing line and the exit code.
*/
#include "tally.h"

#include <stdio.h>
#include <time.h>

void tally_pass(tally *score) {
  score->passed++;
}

void tally_fail(tally *score, const char *path, size_t line, const char *message) {
  score->failed++;
  printf("%s:%zu: %s\n", path, line, message);
  fflush(stdout);
}

int tally_close(const tally *score) {
  if (score->passed + score->failed == 0) printf("nothing ran: that is a failure\n");
  printf("%zu passed, %zu failed\n", score->passed, score->failed);
  return score->failed == 0 && score->passed > 0 ? 0 : 1;
}

double seconds_now(void) {
  struct timespec now;
#if defined(CLOCK_MONOTONIC)
  clock_gettime(CLOCK_MONOTONIC, &now);
#else
  timespec_get(&now, TIME_UTC);
#endif
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
