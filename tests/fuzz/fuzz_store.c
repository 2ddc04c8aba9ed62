/*
** Fuzzing: bytes in the place of a row of the store.
**
** The first byte of an input says which row: the head, a block, a slice of one of four kinds, or the list of
** an owner; the others are its bytes, with the checksum that belongs to them, so that the store is believed.
** Whatever they say, a table answers or fails; it does not crash, and memory comes back.
*/
#include "fuzz.h"

#include "base/bytes.h"
#include "store/stored_head.h"
#include "timeline/timeline.h"

#include <string.h>

static const char sources[] =
    "CREATE TABLE pipeline_deal(deal_id, name, owner, team, stage, amount, created_at, close_date, "
    "closed_at, outcome);"
    "CREATE TABLE pipeline_quota(period_start, period_end, amount, owner);"
    "INSERT INTO pipeline_quota VALUES('2022-04-01', '2022-06-30', 100, 'ann'),"
    " ('2022-07-01', '2022-09-30', 100, 'bob');"
    "CREATE TABLE pipeline_event(deal_id, at, kind, old_value, new_value, recorded_at);"
    "INSERT INTO pipeline_deal VALUES(1, 'A', 'ann', 'x', 'Demo', 10, '2022-01-01', '2022-09-01', NULL, "
    "'open'),"
    " ('D2', 'B', 'bob', 'x', 'Demo', 20.5, '2022-02-01', '2022-09-01', '2022-08-01', 'won'),"
    " (3, NULL, 'ann', NULL, 'Lead', 30, '2022-03-01', NULL, NULL, 'open'),"
    " (4, NULL, 'bob', 'x', 'Lead', 30, '2022-03-01', NULL, '2022-02-01', 'won');"
    "INSERT INTO pipeline_event VALUES(1, '2022-02-01T10:00', 'stage', 'Lead', 'Demo', NULL),"
    " (1, '2022-03-01', 'meeting', NULL, NULL, '2022-02-01'), (1, '2022-04-01', 'amount', 5, 10, NULL),"
    " ('D2', '2022-03-01', 'close_date', '2022-07-01', '2022-09-01', NULL), ('D2', '2022-03-02', 'call', "
    "NULL, NULL, NULL),"
    " (3, '2022-03-03', 'owner', 'bob', 'ann', NULL), (3, '2022-03-04', 'reply', NULL, NULL, NULL);"
    "SELECT pipeline_store('create');";

/* Asked with the store as it was made but for one row, then with a deal that changed, then refreshed. */
static const char *const questions[] = {"SELECT * FROM pipeline_integrity('2022-08-01', 'owner')",
                                        "SELECT * FROM deal_stalled('2022-06-01') WHERE owner = 'ann'",
                                        "SELECT name, remaining FROM real_coverage('2022-06-01', 'owner')",
                                        "SELECT * FROM deal_stalled('2022-06-01')",
                                        "SELECT pipeline_store('status')",
                                        "REPLACE INTO pipeline_event(rowid, deal_id) VALUES(1, 1), (9, 2)",
                                        "SELECT * FROM pipeline_integrity('2022-06-01', 'all')",
                                        "SELECT * FROM pipeline_integrity('2022-06-01', 'stage')",
                                        "SELECT * FROM real_coverage('2022-08-01', 'owner')",
                                        "SELECT * FROM deal_stalled('2022-03-03') WHERE owner = 'bob'",
                                        "SELECT * FROM pipeline_flow('2022-03-01', '2022-06-01')",
                                        "SELECT pipeline_store('refresh')",
                                        "SELECT * FROM pipeline_integrity('2022-08-01', 'owner')",
                                        "SELECT * FROM real_coverage('2022-08-01', 'owner')",
                                        "SELECT * FROM deal_stalled('2022-03-03') WHERE owner = 'bob'"};

static int64_t ask_integer(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fuzz_fail("%s", sqlite3_errmsg(db));
  int64_t value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  sqlite3_finalize(statement);
  return value;
}

static void ask(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fuzz_fail("%s", sqlite3_errmsg(db));
  while (sqlite3_step(statement) == SQLITE_ROW) continue;
  sqlite3_finalize(statement);
}

/* Puts bytes and their checksum into rows. */
static void put(sqlite3 *db, const char *sql, int64_t kind, int64_t number, const uint8_t *bytes,
                size_t size) {
  sqlite3_stmt *statement = NULL;
  uint64_t generation = (uint64_t)ask_integer(db, "SELECT generation FROM pipeline_store_head");
  uint64_t sum = ph_checksum(ph_mix(ph_mix(generation, (uint64_t)kind), (uint64_t)number), bytes, size);
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fuzz_fail("%s", sqlite3_errmsg(db));
  sqlite3_bind_blob64(statement, 1, bytes, size, SQLITE_STATIC);
  sqlite3_bind_int64(statement, 2, (sqlite3_int64)sum);
  sqlite3_bind_int64(statement, 3, number);
  sqlite3_step(statement);
  if (sqlite3_finalize(statement) != SQLITE_OK) fuzz_fail("%s", sqlite3_errmsg(db));
}

/* Puts bytes into the slice of a kind that shows 2022-08-01. */
static void put_slice(sqlite3 *db, int kind, const uint8_t *bytes, size_t size) {
  char *sql = sqlite3_mprintf("SELECT max(day) FROM pipeline_store_slice WHERE day <= 738368 AND scope = %Q",
                              ph_slice_kind_names[kind]);
  int64_t day = sql != NULL ? ask_integer(db, sql) : 0;
  sqlite3_free(sql);
  sql = sqlite3_mprintf(
      "UPDATE pipeline_store_slice SET data = ?1, checksum = ?2 WHERE day = ?3 AND scope = %Q",
      ph_slice_kind_names[kind]);
  if (sql != NULL) put(db, sql, kind, day, bytes, size);
  sqlite3_free(sql);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  sqlite3 *db = fuzz_open(false);
  if (sqlite3_exec(db, sources, NULL, NULL, NULL) != SQLITE_OK) fuzz_fail("sources: %s", sqlite3_errmsg(db));
  switch (data[0] % 7) {
  case 0:
    put(db, "UPDATE pipeline_store_head SET data = ?1, checksum = ?2 WHERE schema_mark = ?3",
        PH_STORE_VERSION, ask_integer(db, "SELECT schema_mark FROM pipeline_store_head"), data + 1, size - 1);
    break;
  case 1:
    put(db, "UPDATE pipeline_store_block SET data = ?1, checksum = ?2 WHERE block = ?3", PH_SLICE_KINDS, 1,
        data + 1, size - 1);
    break;
  case 2: put_slice(db, PH_SLICES_OF_INTEGRITY + PH_SCOPE_OWNER, data + 1, size - 1); break;
  case 3: put_slice(db, PH_SLICES_OF_CLAIMS + PH_SCOPE_OWNER, data + 1, size - 1); break;
  case 4: put_slice(db, PH_SLICES_OF_WINS + PH_SCOPE_OWNER, data + 1, size - 1); break;
  case 5: put_slice(db, PH_SLICE_OF_LATE_WINS, data + 1, size - 1); break;
  default:
    put(db, "UPDATE pipeline_store_owner SET data = ?1, checksum = ?2 WHERE owner = ?3", PH_SLICE_KINDS + 1,
        ask_integer(db, "SELECT min(owner) FROM pipeline_store_owner"), data + 1, size - 1);
    break;
  }
  for (size_t question = 0; question < sizeof questions / sizeof *questions; question++)
    ask(db, questions[question]);
  fuzz_close(db);
  return 0;
}
