/*
** Start of the SQL tests: golden files (*.test) and the examples of Markdown pages (*.md).
**
**     runner [--update] [--list] [--locale NAME] [--scratch FOLDER] [--demo FILE] FILE.test ... PAGE.md ...
**
** Ends with `N passed, N failed`; the exit code is 0 only when something ran and nothing failed.
*/
#include "golden_run.h"
#include "markdown_run.h"

#include "../support/session.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

typedef struct options {
  bool update;
  bool list;
  const char *demo;
} options;

static int usage(void) {
  fprintf(stderr,
          "usage: runner [--update] [--list] [--locale NAME] [--scratch FOLDER] [--demo FILE] FILE.test ... "
          "PAGE.md ...\n");
  return 2;
}

static bool is_page(const char *path) {
  size_t length = strlen(path);
  return length > 3 && strcmp(path + length - 3, ".md") == 0;
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
    } else if (strcmp(arguments[i], "--locale") == 0 && has_value) {
      if (setlocale(LC_NUMERIC, arguments[++i]) == NULL) fatal("there is no locale %s", arguments[i]);
    } else if (strcmp(arguments[i], "--demo") == 0 && has_value) {
      chosen->demo = arguments[++i];
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
  if (first < 0 || first == count) return usage();
  for (int i = first; i < count; i++) {
    bool page = is_page(arguments[i]);
    if (chosen.list) {
      held += page ? markdown_list(arguments[i]) : golden_list(arguments[i]);
    } else if (page) {
      markdown_run(arguments[i], chosen.demo, chosen.update, &score);
    } else {
      golden_run(arguments[i], chosen.update, &score);
    }
  }
  if (!chosen.list) return tally_close(&score);
  printf("%6zu  in all\n", held);
  return held > 0 ? 0 : 1;
}
