/*
** Short memory: every query, with its N-th allocation failing, once and then for ever.
**
** For N = 1, 2, ... until no fault fires: the answer is the unfaulted one or "out of memory", the query
** answers rightly afterwards on the same connection, the connection closes, and all memory is back. The same
** is done with the loading of the extension itself.
*/
#include "../support/subject.h"

#include "pipeline_health.h"

#include <stdlib.h>
#include <string.h>

typedef struct failing_allocator {
  sqlite3_mem_methods real;
  bool armed;
  bool for_ever;
  bool fired;
  long wanted; /* the allocation that fails, from 1 */
  long count;  /* allocations since armed */
  long blocks; /* outstanding */
  long long bytes;
} failing_allocator;

static failing_allocator allocator;

static bool fails_now(void) {
  if (!allocator.armed) return false;
  allocator.count++;
  if (allocator.count != allocator.wanted && !(allocator.for_ever && allocator.fired)) return false;
  allocator.fired = true;
  return true;
}

static void *fault_malloc(int bytes) {
  void *block = fails_now() ? NULL : allocator.real.xMalloc(bytes);
  if (block != NULL) {
    allocator.blocks++;
    allocator.bytes += allocator.real.xSize(block);
  }
  return block;
}

static void fault_free(void *block) {
  if (block == NULL) return;
  allocator.blocks--;
  allocator.bytes -= allocator.real.xSize(block);
  allocator.real.xFree(block);
}

static void *fault_realloc(void *block, int bytes) {
  long long before = allocator.real.xSize(block);
  void *bigger = fails_now() ? NULL : allocator.real.xRealloc(block, bytes);
  if (bigger != NULL) allocator.bytes += allocator.real.xSize(bigger) - before;
  return bigger;
}

static void install_allocator(void) {
  sqlite3_mem_methods methods;
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &allocator.real) != SQLITE_OK) fatal("no allocator to wrap");
  methods = allocator.real;
  methods.xMalloc = fault_malloc;
  methods.xFree = fault_free;
  methods.xRealloc = fault_realloc;
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
      sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK) {
    fatal("the allocator cannot be replaced");
  }
}

static void arm(long wanted, bool for_ever) {
  allocator.wanted = wanted;
  allocator.for_ever = for_ever;
  allocator.count = 0;
  allocator.fired = false;
  allocator.armed = true;
}

static void disarm(void) {
  allocator.armed = false;
}

static bool says_no_memory(int code, const char *message) {
  return (code & 0xff) == SQLITE_NOMEM || contains_word(message, "out of memory");
}

static const subject_place in_memory = {NULL, NULL, NULL};

/* What the query answers without faults, and how many allocations that takes. */
static bool find_reference(const subject *what, answer *reference, long *allocations, double *seconds) {
  double begin = seconds_now();
  sqlite3 *db = subject_open(what, &in_memory);
  if (db == NULL) return false;
  arm(0, false);
  subject_run(what, db, reference);
  disarm();
  *allocations = allocator.count;
  sqlite3_close(db);
  *seconds = seconds_now() - begin;
  if (subject_reference(what, reference)) return true;
  answer_free(reference);
  return false;
}

static bool check_faulted(const subject *what, const answer *reference, const answer *got, long n,
                          const char *mode) {
  char *description;
  if (subject_same(what, reference, got) || says_no_memory(got->code, text_get(&got->message))) return true;
  description = answer_describe(got);
  subject_fail(what, "allocation %ld fails %s: neither the answer nor out of memory: %s", n, mode,
               description);
  free(description);
  return false;
}

/* After the fault is over the connection must answer as if nothing had been. A statement that succeeded
** under the fault is not run again. */
static bool check_afterwards(const subject *what, sqlite3 *db, const answer *reference, long n,
                             const char *mode) {
  answer again;
  bool same;
  subject_run(what, db, &again);
  same = subject_same(what, reference, &again);
  if (!same) {
    char *description = answer_describe(&again);
    subject_fail(what, "allocation %ld failed %s: another answer afterwards: %s", n, mode, description);
    free(description);
  }
  answer_free(&again);
  return same;
}

/* One N. False when it failed. */
static bool try_fault(const subject *what, const answer *reference, long n, bool for_ever) {
  const char *mode = for_ever ? "for ever" : "once";
  long blocks = allocator.blocks;
  long long bytes = allocator.bytes;
  answer got;
  bool good;
  sqlite3 *db = subject_open(what, &in_memory);
  if (db == NULL) return false;
  int autocommit = sqlite3_get_autocommit(db);
  arm(n, for_ever);
  subject_run(what, db, &got);
  disarm();
  good = check_faulted(what, reference, &got, n, mode);
  if (good && sqlite3_get_autocommit(db) != autocommit) {
    subject_fail(what, "allocation %ld fails %s: a transaction is left open", n, mode);
    good = false;
  }
  if (good && (what->repeatable || got.code != SQLITE_OK))
    good = check_afterwards(what, db, reference, n, mode);
  answer_free(&got);
  if (sqlite3_close(db) != SQLITE_OK) {
    if (good) subject_fail(what, "allocation %ld fails %s: the connection cannot be closed", n, mode);
    good = false;
  } else if (good && (allocator.blocks != blocks || allocator.bytes != bytes)) {
    subject_fail(what, "allocation %ld fails %s: %ld blocks, %lld bytes are not given back", n, mode,
                 allocator.blocks - blocks, allocator.bytes - bytes);
    good = false;
  }
  return good;
}

static void run_mode(const subject *what, const answer *reference, const stride *plan, bool for_ever) {
  long fired = 0;
  long n = 1;
  for (;; n = stride_next(plan, n)) {
    if (!try_fault(what, reference, n, for_ever)) return;
    if (!allocator.fired) break;
    fired++;
  }
  if (plan->total > 0 && fired == 0) {
    subject_fail(what, "%ld allocations, but no fault fired", plan->total);
  } else {
    subject_pass(what);
  }
}

static void check_query(const subject *what) {
  answer reference;
  long allocations = 0;
  double seconds = 0;
  stride plan;
  if (!find_reference(what, &reference, &allocations, &seconds)) return;
  plan = stride_plan(what, allocations, 2 * seconds);
  run_mode(what, &reference, &plan, false);
  run_mode(what, &reference, &plan, true);
  answer_free(&reference);
}

/* A failed load must leave nothing behind that can be called. While a statement runs SQLite keeps
** functions; then the library must say that it stays, too. Loaded again, all is as it was. */
static const char *check_load_once(long n, bool for_ever, bool running, bool loaded) {
  const char *mistake = NULL;
  char *message = NULL;
  answer version;
  sqlite3 *db = NULL;
  long blocks = allocator.blocks;
  int code;
  sqlite3_stmt *statement = NULL;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) fatal("no database");
  if (loaded && sqlite3_pipelinehealth_init(db, NULL, NULL) != SQLITE_OK) fatal("it cannot be loaded");
  if (running && (sqlite3_prepare_v2(db, "VALUES (1), (2)", -1, &statement, NULL) != SQLITE_OK ||
                  sqlite3_step(statement) != SQLITE_ROW))
    fatal("no statement");
  arm(n, for_ever);
  code = sqlite3_pipelinehealth_init(db, &message, NULL);
  disarm();
  sqlite3_finalize(statement);
  if (code != SQLITE_OK && code != SQLITE_OK_LOAD_PERMANENTLY &&
      !says_no_memory(code, message != NULL ? message : ""))
    mistake = "not out of memory";
  sqlite3_free(message);
  answer_fetch(&version, db, "SELECT pipeline_health_version()", NULL);
  if (code == SQLITE_OK && version.code != SQLITE_OK) mistake = "success without the functions";
  if (code != SQLITE_OK && !loaded && version.code == SQLITE_OK &&
      !(running && code == SQLITE_OK_LOAD_PERMANENTLY))
    mistake = "failure that leaves functions behind";
  if (loaded && version.code != SQLITE_OK) mistake = "a second load that takes the functions away";
  answer_free(&version);
  if (sqlite3_close(db) != SQLITE_OK) {
    mistake = "the connection cannot be closed";
  } else if (allocator.blocks != blocks) {
    mistake = "memory is not given back";
  }
  return mistake;
}

static void check_load(tally *score) {
  check_load_once(0, false, false, false); /* whatever SQLite keeps for the process is allocated now */
  for (unsigned mode = 0; mode < 8; mode++) {
    const char *mistake = NULL;
    size_t n = 0, fired = 0;
    do {
      mistake = check_load_once((long)++n, mode & 1, mode & 2, mode & 4);
      fired += allocator.fired;
    } while (mistake == NULL && allocator.fired);
    if (mistake == NULL && fired == 0) mistake = "no allocation was seen";
    if (mistake != NULL) {
      tally_fail(score, "loading the extension, failed allocation", n, mistake);
    } else {
      tally_pass(score);
    }
  }
}

int main(int count, char **arguments) {
  install_allocator();
  return subject_main(count, arguments, check_query, check_load);
}
