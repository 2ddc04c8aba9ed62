/*
** Hosts: connections in several threads.
**
** First two threads open, load, ask and close in a loop, each on its own: nothing of the extension may be
** shared by the process. Then one thread moves money between two deals of a file, in transactions, while
** another asks for the sum: it must always be the same.
*/
#include "pipeline_health.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 200, TRANSFERS = 300 };

typedef struct worker {
  const char *file;  /* NULL: each its own database in memory */
  const char *error; /* the first mistake */
  char detail[300];
  int asked;
  int number;
} worker;

static void note_error(worker *job, sqlite3 *db, const char *what) {
  if (job->error != NULL) return;
  job->error = what;
  snprintf(job->detail, sizeof job->detail, "%s", db != NULL ? sqlite3_errmsg(db) : "no connection");
}

static sqlite3 *open_loaded(worker *job) {
  sqlite3 *db = NULL;
  if (sqlite3_open(job->file != NULL ? job->file : ":memory:", &db) != SQLITE_OK ||
      sqlite3_busy_timeout(db, 20000) != SQLITE_OK ||
      sqlite3_pipelinehealth_init(db, NULL, NULL) != SQLITE_OK) {
    note_error(job, db, "open and load");
  }
  return db;
}

static void execute(worker *job, sqlite3 *db, const char *sql) {
  if (job->error == NULL && sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) note_error(job, db, sql);
}

static void fill(worker *job, sqlite3 *db) {
  execute(job, db,
          "CREATE TABLE pipeline_deal(deal_id, owner TEXT, stage TEXT, amount REAL, created_at TEXT, outcome "
          "TEXT);"
          "INSERT INTO pipeline_deal VALUES (1, 'ann', 'A', 600, '2022-06-01', 'open'),"
          "(2, 'ann', 'A', 400, '2022-06-02', 'open'), (3, 'ann', 'A', 5, '2022-06-02', 'lost')");
}

/* Asks for the open amount and compares. */
static void ask(worker *job, sqlite3 *db, double expected) {
  sqlite3_stmt *statement = NULL;
  double amount = -1;
  if (sqlite3_prepare_v2(db, "SELECT sum(open_amount) FROM pipeline_integrity('2022-06-30')", -1, &statement,
                         NULL) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    amount = sqlite3_column_double(statement, 0);
  }
  if (sqlite3_finalize(statement) != SQLITE_OK || statement == NULL) note_error(job, db, "ask");
  if (amount < expected || amount > expected) note_error(job, db, "another sum");
  job->asked++;
}

static void close_loaded(worker *job, sqlite3 *db) {
  if (sqlite3_close(db) != SQLITE_OK) note_error(job, db, "close");
}

static void *open_ask_close(void *context) {
  worker *job = context;
  for (int i = 0; i < ROUNDS && job->error == NULL; i++) {
    sqlite3 *db = open_loaded(job);
    fill(job, db);
    for (int k = 1; k <= 5 && job->error == NULL; k++) {
      char sql[100];
      int amount = job->number * 1000 + i * 5 + k;
      snprintf(sql, sizeof sql, "UPDATE pipeline_deal SET amount = %d WHERE deal_id = 1", amount);
      execute(job, db, sql);
      ask(job, db, 400.0 + amount);
    }
    close_loaded(job, db);
  }
  return NULL;
}

static void *transfer(void *context) {
  worker *job = context;
  sqlite3 *db = open_loaded(job);
  for (int i = 0; i < TRANSFERS && job->error == NULL; i++) {
    execute(job, db,
            "BEGIN IMMEDIATE; UPDATE pipeline_deal SET amount = amount - 1 WHERE deal_id = 1;"
            "UPDATE pipeline_deal SET amount = amount + 1 WHERE deal_id = 2; COMMIT");
    job->asked++;
  }
  close_loaded(job, db);
  return NULL;
}

static void *watch(void *context) {
  worker *job = context;
  sqlite3 *db = open_loaded(job);
  for (int i = 0; i < TRANSFERS * 4 && job->error == NULL; i++) ask(job, db, 1000.0);
  close_loaded(job, db);
  return NULL;
}

static int report(const char *what, const worker *job) {
  if (job->error == NULL && job->asked > 0) return 1;
  printf("thread: %s: failed after %d: %s (%s)\n", what, job->asked,
         job->error != NULL ? job->error : "nothing was asked", job->detail);
  return 0;
}

static void run_two(void *(*first)(void *), worker *one, void *(*second)(void *), worker *two) {
  pthread_t threads[2];
  if (pthread_create(&threads[0], NULL, first, one) != 0 ||
      pthread_create(&threads[1], NULL, second, two) != 0) {
    printf("thread: no threads\n");
    exit(2);
  }
  pthread_join(threads[0], NULL);
  pthread_join(threads[1], NULL);
}

static void remove_database(const char *file) {
  static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
  char path[1000];
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    snprintf(path, sizeof path, "%s%s", file, endings[i]);
    remove(path);
  }
}

static int run_on_file(const char *file, const char *journal) {
  worker maker = {.file = file}, writer = {.file = file}, reader = {.file = file};
  char pragma[100];
  sqlite3 *db;
  remove_database(file);
  db = open_loaded(&maker);
  snprintf(pragma, sizeof pragma, "PRAGMA journal_mode=%s; PRAGMA synchronous=OFF", journal);
  execute(&maker, db, pragma);
  fill(&maker, db);
  ask(&maker, db, 1000.0);
  close_loaded(&maker, db);
  run_two(transfer, &writer, watch, &reader);
  remove_database(file);
  return report("maker", &maker) + report("writer", &writer) + report("reader", &reader);
}

int main(int count, char **arguments) {
  worker first = {.number = 1}, second = {.number = 2};
  char file[900];
  int passed;
  snprintf(file, sizeof file, "%s/thread.db", count > 1 ? arguments[1] : "build");
  if (!sqlite3_threadsafe()) {
    printf("thread: skipped: this SQLite was built without threads\n0 passed, 0 failed\n");
    return 0;
  }
  run_two(open_ask_close, &first, open_ask_close, &second);
  passed = report("first", &first) + report("second", &second);
  passed += run_on_file(file, "WAL") + run_on_file(file, "DELETE");
  printf("%d passed, %d failed\n", passed, 8 - passed);
  return passed == 8 ? 0 : 1;
}
