/*
** Start of the SQL tests: golden files (*.test) and the examples of a Markdown page.
**
**     runner [--update] [--list] [--scratch FOLDER] [--demo FILE] [--markdown README.md] FILE.test ...
**
** Ends with `N passed, N failed`; the exit code is 0 only when something ran and nothing failed.
*/
#include "golden_run.h"
#include "markdown_run.h"

#include "../support/session.h"

#include <stdio.h>
#include <string.h>

typedef struct options {
  bool update;
  bool list;
  const char *markdown;
  const char *demo;
} options;

static int usage(void) {
  fprintf(
      stderr,
      "usage: runner [--update] [--list] [--scratch FOLDER] [--demo FILE] [--markdown PAGE] FILE.test ...\n");
  return 2;
}

/* Reads the options; the index of the first file, or -1. */
static int read_options(options *chosen, int count, char **arguments) {
  int i = 1;
  for (; i < count && starts_with(arguments[i], "--"); i++) {
    bool has_value = i + 1 < count;
    if (strcmp(arguments[i], "--update") == 0) {
      chosen->update = true;
    } else if (strcmp(arguments[i], "--list") == 0) {
      chosen->list = true;
    } else if (strcmp(arguments[i], "--scratch") == 0 && has_value) {
      scratch_folder = arguments[++i];
    } else if (strcmp(arguments[i], "--demo") == 0 && has_value) {
      chosen->demo = arguments[++i];
    } else if (strcmp(arguments[i], "--markdown") == 0 && has_value) {
      chosen->markdown = arguments[++i];
    } else {
      return -1;
    }
  }
  return i;
}

int main(int count, char **arguments) {
  options chosen = {.demo = NULL};
  tally score = {0};
  size_t held = 0;
  int first = read_options(&chosen, count, arguments);
  if (first < 0 || (first == count && chosen.markdown == NULL)) return usage();
  for (int i = first; i < count; i++) {
    if (chosen.list) {
      held += golden_list(arguments[i]);
    } else {
      golden_run(arguments[i], chosen.update, &score);
    }
  }
  if (chosen.markdown != NULL && chosen.list) held += markdown_list(chosen.markdown);
  if (chosen.markdown != NULL && !chosen.list) {
    markdown_run(chosen.markdown, chosen.demo, chosen.update, &score);
  }
  if (!chosen.list) return tally_close(&score);
  printf("%6zu  in all\n", held);
  return held > 0 ? 0 : 1;
}
