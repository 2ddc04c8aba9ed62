/*
** Bad disks: every query over a file whose N-th read fails, once and then for ever.
**
** Pages are small and the cache is tiny, so that reading goes to the disk often. The answer is an error or
** the one without a fault, never another; afterwards the same connection answers rightly.
*/
#include "../support/subject.h"

#include <stdlib.h>
#include <string.h>

typedef struct failing_reads {
  bool armed;
  bool for_ever;
  bool fired;
  long wanted; /* the read that fails, from 1 */
  long count;
} failing_reads;

static failing_reads reads;

/* A file of ours wraps one of the default system; its bytes follow the struct. */
typedef struct wrapped_file {
  sqlite3_file base;
  sqlite3_file *real;
} wrapped_file;

static sqlite3_file *real_file(sqlite3_file *file) {
  return ((wrapped_file *)file)->real;
}

static int file_read(sqlite3_file *file, void *target, int bytes, sqlite3_int64 offset) {
  if (reads.armed) {
    reads.count++;
    if (reads.count == reads.wanted || (reads.for_ever && reads.fired)) {
      reads.fired = true;
      return SQLITE_IOERR_READ;
    }
  }
  return real_file(file)->pMethods->xRead(real_file(file), target, bytes, offset);
}

static int file_close(sqlite3_file *file) {
  return real_file(file)->pMethods->xClose(real_file(file));
}

static int file_write(sqlite3_file *file, const void *source, int bytes, sqlite3_int64 offset) {
  return real_file(file)->pMethods->xWrite(real_file(file), source, bytes, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 bytes) {
  return real_file(file)->pMethods->xTruncate(real_file(file), bytes);
}

static int file_sync(sqlite3_file *file, int flags) {
  (void)file; /* nothing here must outlive the process */
  (void)flags;
  return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *bytes) {
  return real_file(file)->pMethods->xFileSize(real_file(file), bytes);
}

static int file_lock(sqlite3_file *file, int level) {
  return real_file(file)->pMethods->xLock(real_file(file), level);
}

static int file_unlock(sqlite3_file *file, int level) {
  return real_file(file)->pMethods->xUnlock(real_file(file), level);
}

static int file_check_lock(sqlite3_file *file, int *locked) {
  return real_file(file)->pMethods->xCheckReservedLock(real_file(file), locked);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  return real_file(file)->pMethods->xFileControl(real_file(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file) {
  return real_file(file)->pMethods->xSectorSize(real_file(file));
}

static int file_characteristics(sqlite3_file *file) {
  return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}

/* Version 1: no shared memory and no mapped pages, so that every page comes through xRead. */
static const sqlite3_io_methods wrapped_methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs failing_vfs;

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
  wrapped_file *wrapped = (wrapped_file *)file;
  int code;
  (void)vfs;
  wrapped->real = (sqlite3_file *)(wrapped + 1);
  code = real_vfs->xOpen(real_vfs, name, wrapped->real, flags, out_flags);
  wrapped->base.pMethods = wrapped->real->pMethods != NULL ? &wrapped_methods : NULL;
  return code;
}

static void install_vfs(void) {
  real_vfs = sqlite3_vfs_find(NULL);
  if (real_vfs == NULL) fatal("no file system to wrap");
  failing_vfs = *real_vfs;
  failing_vfs.zName = "failing";
  failing_vfs.szOsFile = real_vfs->szOsFile + (int)sizeof(wrapped_file);
  failing_vfs.xOpen = vfs_open;
  failing_vfs.pNext = NULL;
  if (sqlite3_vfs_register(&failing_vfs, 0) != SQLITE_OK) fatal("the file system cannot be registered");
}

static void arm(long wanted, bool for_ever) {
  reads.wanted = wanted;
  reads.for_ever = for_ever;
  reads.count = 0;
  reads.fired = false;
  reads.armed = true;
}

/* Runs the query with nothing in any cache. */
static void run_cold(const subject *what, sqlite3 *db, long wanted, bool for_ever, answer *got) {
  session_release_cache(db);
  sqlite3_db_release_memory(db);
  arm(wanted, for_ever);
  subject_run(what, db, got);
  reads.armed = false;
}

static bool check_faulted(const subject *what, sqlite3 *db, const answer *reference, long n, bool for_ever) {
  answer got, again;
  char *description = NULL;
  const char *mistake = NULL;
  run_cold(what, db, n, for_ever, &got);
  if (got.code == SQLITE_OK && !subject_same(what, reference, &got)) {
    mistake = "another answer instead of an error";
    description = answer_describe(&got);
  } else if (reads.fired) {
    subject_run(what, db, &again);
    if (!subject_same(what, reference, &again)) mistake = "another answer afterwards";
    if (mistake != NULL) description = answer_describe(&again);
    answer_free(&again);
  }
  if (mistake != NULL) {
    subject_fail(what, "read %ld fails %s: %s: %s", n, for_ever ? "for ever" : "once", mistake, description);
  }
  free(description);
  answer_free(&got);
  return mistake == NULL;
}

static bool run_mode(const subject *what, sqlite3 *db, const answer *reference, const stride *plan,
                     bool for_ever) {
  long n = 1;
  do {
    if (!check_faulted(what, db, reference, n, for_ever)) return false;
    n = stride_next(plan, n);
  } while (reads.fired);
  return true;
}

static void check_on(const subject *what, sqlite3 *db) {
  answer reference;
  double begin = seconds_now();
  stride plan;
  run_cold(what, db, 0, false, &reference);
  plan = stride_plan(what, reads.count, 4 * (seconds_now() - begin));
  if (subject_reference(what, &reference) && run_mode(what, db, &reference, &plan, false) &&
      run_mode(what, db, &reference, &plan, true)) {
    subject_pass(what);
  }
  answer_free(&reference);
}

static void check_query(const subject *what) {
  text path = {0};
  subject_place place = {NULL, "failing", "PRAGMA page_size=512; PRAGMA cache_size=1; PRAGMA mmap_size=0"};
  text_printf(&path, "%s/read_fault.db", scratch_folder);
  place.file = text_get(&path);
  subject_check_on(what, &place, check_on);
  session_remove_file(place.file);
  text_free(&path);
}

/* A file system that never fails would pass everything: a plain query over many pages must be hit. */
static void check_harness(tally *score) {
  text path = {0}, error = {0};
  sqlite3 *db = NULL;
  answer got;
  text_printf(&path, "%s/read_fault.db", scratch_folder);
  if (!session_open(&db, text_get(&path), "failing", &error) ||
      session_execute(
          db,
          "PRAGMA page_size=512; PRAGMA cache_size=1; CREATE TABLE pages AS SELECT zeroblob(9999) AS page",
          &error) != SQLITE_OK) {
    fatal("%s: %s", text_get(&path), text_get(&error));
  }
  sqlite3_db_release_memory(db);
  arm(2, false);
  answer_fetch(&got, db, "SELECT hex(page) FROM pages", NULL);
  reads.armed = false;
  if (reads.fired && (got.code & 0xff) == SQLITE_IOERR) {
    tally_pass(score);
  } else {
    tally_fail(score, "read_fault", 0, "a read that should fail did not");
  }
  answer_free(&got);
  sqlite3_close(db);
  session_remove_file(text_get(&path));
  text_free(&path);
}

int main(int count, char **arguments) {
  install_vfs();
  return subject_main(count, arguments, check_query, check_harness);
}
