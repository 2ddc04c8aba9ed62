/*
** Asks a database questions and says how long the last one took: the stopwatch of the benchmark.
**
**     ask DATABASE EXTENSION|- print|silent REPEATS SQL...
**
** Opens the file, loads the extension, runs every SQL but the last once, then the last one REPEATS times.
** 'print' writes the column names and rows of its first run to standard output, tab-separated; 'silent' only
** steps through them. Every column of every row is computed either way. One line of JSON on standard error:
**
**     {"seconds": [0.81, ...], "cpu_seconds": [0.80, ...], "process_cpu_seconds": 0.82, "rows": 500,
**      "peak_bytes": 331137024}
*/
#define _POSIX_C_SOURCE 200809L
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static sqlite3 *database;

static void fail(const char *message) {
  fprintf(stderr, "ask: %s\n", message);
  exit(1);
}

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void print_row(sqlite3_stmt *statement, int columns, int is_header) {
  for (int column = 0; column < columns; column++) {
    const char *text = is_header ? sqlite3_column_name(statement, column)
                                 : (const char *)sqlite3_column_text(statement, column);
    printf("%s%c", text == NULL ? "" : text, column + 1 < columns ? '\t' : '\n');
  }
}

static long run(const char *sql, int print) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) fail(sqlite3_errmsg(database));
  int columns = sqlite3_column_count(statement);
  long rows = 0;
  if (print) print_row(statement, columns, 1);
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    rows++;
    if (print) print_row(statement, columns, 0);
  }
  if (code != SQLITE_DONE) fail(sqlite3_errmsg(database));
  sqlite3_finalize(statement);
  return rows;
}

/* The most memory this process ever held. Linux counts what the parent had before exec into getrusage, so ask
 * /proc. */
static long long peak_bytes(void) {
  char line[256];
  long long kilobytes = -1;
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && kilobytes < 0 && fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, "VmHWM:", 6) == 0) kilobytes = strtoll(line + 6, NULL, 10);
  }
  if (status != NULL) fclose(status);
  if (kilobytes >= 0) return kilobytes * 1024;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return usage.ru_maxrss;
#else
  return usage.ru_maxrss * 1024LL;
#endif
}

static void print_times(const char *name, const double *seconds, long count) {
  fprintf(stderr, "\"%s\": [", name);
  for (long i = 0; i < count; i++) fprintf(stderr, "%s%.7f", i == 0 ? "" : ", ", seconds[i]);
  fputs("], ", stderr);
}

int main(int argc, char **argv) {
  if (argc < 6) fail("usage: ask DATABASE EXTENSION|- print|silent REPEATS SQL...");
  if (sqlite3_open(argv[1], &database) != SQLITE_OK) fail(sqlite3_errmsg(database));
  if (strcmp(argv[2], "-") != 0) {
    char *message = NULL;
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    if (sqlite3_load_extension(database, argv[2], NULL, &message) != SQLITE_OK) fail(message);
  }
  int print = strcmp(argv[3], "print") == 0;
  long repeats = strtol(argv[4], NULL, 10);
  if (repeats < 1) fail("REPEATS must be at least 1");
  for (int i = 5; i + 1 < argc; i++) run(argv[i], 0);
  double *seconds = calloc((size_t)repeats * 2 + 1, sizeof *seconds);
  if (seconds == NULL) fail("out of memory");
  long rows = 0;
  for (long i = 0; i < repeats; i++) {
    double started = now(CLOCK_MONOTONIC);
    double cpu_started = now(CLOCK_PROCESS_CPUTIME_ID);
    rows = run(argv[argc - 1], print && i == 0);
    seconds[i] = now(CLOCK_MONOTONIC) - started;
    seconds[repeats + i] = now(CLOCK_PROCESS_CPUTIME_ID) - cpu_started;
  }
  fputc('{', stderr);
  print_times("seconds", seconds, repeats);
  print_times("cpu_seconds", seconds + repeats, repeats);
  fprintf(stderr, "\"process_cpu_seconds\": %.7f, \"rows\": %ld, \"peak_bytes\": %lld}\n",
          now(CLOCK_PROCESS_CPUTIME_ID), rows, peak_bytes());
  free(seconds);
  sqlite3_close(database);
  return 0;
}
