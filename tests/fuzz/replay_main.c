/*
** Fuzzing: a main program for the targets without libFuzzer.
**
**     TARGET [--mutate N] [--scratch FOLDER] FILE_OR_FOLDER ...
**
** Runs every input once, then N changed copies of each (the same ones every time). A crash ends the process
** with a failure; the changed input that was running is then in FOLDER/fuzz_last_input. Ends with
** `N passed, N failed`.
*/
#include "fuzz.h"

#include "../support/text.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct replay {
  long mutations;
  const char *scratch;
  size_t ran;
  uint64_t random; /* state of a xorshift generator, never 0 */
} replay;

static uint64_t next_random(replay *job) {
  job->random ^= job->random << 13;
  job->random ^= job->random >> 7;
  job->random ^= job->random << 17;
  return job->random;
}

static size_t random_below(replay *job, size_t limit) {
  return limit == 0 ? 0 : (size_t)(next_random(job) % limit);
}

/* Changes, drops, doubles or moves a few bytes. `input` has room for twice its size. */
static size_t mutate(replay *job, uint8_t *input, size_t size) {
  size_t changes = 1 + random_below(job, 8);
  size_t limit = size + size / 2;
  for (size_t i = 0; i < changes && size > 0; i++) {
    size_t at = random_below(job, size), count = 1 + random_below(job, size - at);
    size_t from = random_below(job, size - count + 1);
    switch (random_below(job, 4)) {
    case 0: input[at] = (uint8_t)next_random(job); break;
    case 1: input[at] ^= (uint8_t)(1u << random_below(job, 8)); break;
    case 2: memmove(input + at, input + from, count); break;
    default:
      if (count > 8) count = 1 + random_below(job, 8);
      if (size + count > limit) {
        memmove(input + at, input + at + count, size - at - count);
        size -= count;
      } else {
        memmove(input + at + count, input + at, size - at);
        size += count;
      }
    }
  }
  return size;
}

static void run_mutated(replay *job, const char *bytes, size_t size) {
  text last = {0};
  uint8_t *input = allocate(2 * size + 16, 1);
  text_printf(&last, "%s/fuzz_last_input", job->scratch);
  for (long i = 0; i < job->mutations; i++) {
    size_t length;
    memcpy(input, bytes, size);
    length = mutate(job, input, size);
    write_file(text_get(&last), (const char *)input, length);
    LLVMFuzzerTestOneInput(input, length);
    job->ran++;
  }
  remove(text_get(&last));
  text_free(&last);
  free(input);
}

static void run_input(replay *job, const char *path) {
  size_t size;
  char *bytes = read_file(path, &size);
  uint8_t *exact = allocate(size > 0 ? size : 1, 1); /* no zero byte behind it, so that reading on is seen */
  memcpy(exact, bytes, size);
  fprintf(stderr, "%s\n", path);
  LLVMFuzzerTestOneInput(exact, size);
  job->ran++;
  free(exact);
  run_mutated(job, bytes, size);
  free(bytes);
}

static void run_path(replay *job, const char *path) {
  DIR *folder = opendir(path);
  struct dirent *entry;
  lines names = {0};
  if (folder == NULL) {
    run_input(job, path);
    return;
  }
  while ((entry = readdir(folder)) != NULL) {
    if (entry->d_name[0] != '.') lines_add(&names, entry->d_name, strlen(entry->d_name));
  }
  closedir(folder);
  lines_sort(&names); /* the same order everywhere */
  for (size_t i = 0; i < names.count; i++) {
    text inner = {0};
    text_printf(&inner, "%s/%s", path, names.line[i]);
    run_input(job, text_get(&inner));
    text_free(&inner);
  }
  lines_free(&names);
}

int main(int count, char **arguments) {
  replay job = {.scratch = "build", .random = 0x9e3779b97f4a7c15u};
  int i = 1;
  for (; i + 1 < count && starts_with(arguments[i], "--"); i += 2) {
    if (strcmp(arguments[i], "--mutate") == 0) {
      job.mutations = strtol(arguments[i + 1], NULL, 10);
    } else if (strcmp(arguments[i], "--scratch") == 0) {
      job.scratch = arguments[i + 1];
    } else {
      break;
    }
  }
  if (i >= count || starts_with(arguments[i], "--")) {
    fatal("usage: %s [--mutate N] [--scratch FOLDER] FILE_OR_FOLDER ...", arguments[0]);
  }
  for (; i < count; i++) run_path(&job, arguments[i]);
  printf("%zu passed, 0 failed\n", job.ran);
  return job.ran > 0 ? 0 : 1;
}
