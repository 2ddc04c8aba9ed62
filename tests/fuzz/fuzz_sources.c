/*
** Fuzzing: any rows in the seven relations, then every table is asked.
**
** Each table answers the same each time: with what is cached, without, and behind all other tables. Each law
** below holds: it is a query for the rows that break it, and must give none. An error (a sum that overflows,
** a policy out of range) is an answer too, but not a wrong one. ?1 is the day, ?2 a day before it.
*/
#include "fuzz.h"
#include "rows.h"

#include "../support/session.h"

#include <stdlib.h>
#include <string.h>

typedef struct asked_table {
  const char *module;
  const char *sql;
} asked_table;

#define SCOPES                                                                                               \
  "(SELECT 'all' AS scope UNION ALL SELECT 'team' UNION ALL SELECT 'owner' UNION ALL SELECT 'pipeline'"      \
  " UNION ALL SELECT 'stage') AS s"
#define SELLERS "(SELECT 'all' AS scope UNION ALL SELECT 'team' UNION ALL SELECT 'owner') AS s"

static const asked_table tables[] = {
    {"deal_stalled", "SELECT * FROM deal_stalled(?1)"},
    {"pipeline_integrity", "SELECT * FROM " SCOPES ", pipeline_integrity(?1, s.scope)"},
    {"real_coverage", "SELECT * FROM " SELLERS ", real_coverage(?1, s.scope)"},
    {"pipeline_flow", "SELECT * FROM " SCOPES ", pipeline_flow(?2, ?1, s.scope)"},
    {"pipeline_flow", "SELECT * FROM " SCOPES ", pipeline_flow(?2, ?1, s.scope, ?2, ?1)"},
    {"pipeline_changes", "SELECT * FROM pipeline_changes(?2, ?1)"},
    {"pipeline_cohort", "SELECT * FROM " SCOPES ", pipeline_cohort(?2, ?1, 'month', s.scope)"},
    {"stage_velocity", "SELECT * FROM stage_velocity(?1)"},
    {"win_rate", "SELECT * FROM win_rate(?1)"},
    {"verdict_backtest", "SELECT * FROM verdict_backtest(?1)"},
    {"coverage_backtest", "SELECT * FROM " SELLERS ", coverage_backtest(?1, s.scope)"},
    {"pipeline_commit", "SELECT * FROM " SELLERS ", pipeline_commit(?1, s.scope)"},
    {"commit_backtest", "SELECT * FROM " SELLERS ", commit_backtest(?1, s.scope)"},
    {"conversation_effectiveness", "SELECT * FROM " SCOPES ", conversation_effectiveness(?2, ?1, s.scope)"},
    {"pipeline_opening", "SELECT * FROM " SELLERS ", pipeline_opening(?1, s.scope)"},
    {"deal_chance", "SELECT * FROM deal_chance(?1)"},
    {"pipeline_forecast", "SELECT * FROM " SELLERS ", pipeline_forecast(?1, s.scope)"},
    {"pipeline_what_if", "SELECT * FROM " SELLERS ", pipeline_what_if(?1, s.scope, 0.5, 0.3, 100, 20, 0.5)"},
    {"pipeline_check", "SELECT * FROM pipeline_check"},
    {"pipeline_settings", "SELECT * FROM pipeline_settings"},
    {"pipeline_calendar", "SELECT * FROM pipeline_calendar(?2, ?1, 'week')"},
};

enum { TABLE_COUNT = sizeof tables / sizeof *tables };

typedef struct law {
  const char *module; /* that must be there; the SQL may use the tables before it in the list as well */
  const char *name;
  const char *broken_by;
  bool clean_amounts_only;
} law;

#define HAS(reason) "sum(',' || coalesce(reasons, '') || ',' LIKE '%," reason ",%')"

#define REASONS                                                                                              \
  HAS("overdue")                                                                                             \
  " AS overdue, " HAS("pushed") " AS pushed, " HAS("ghosted") " AS ghosted, " HAS(                           \
      "parked") " AS parked, " HAS("aged") " AS aged"

#define SUMS                                                                                                 \
  "count(*) AS deals, sum(verdict = 'progressing') AS progressing, sum(verdict = 'unproven') AS unproven,"   \
  " sum(verdict = 'stalled') AS stalled, sum(verdict = 'dead') AS dead,"                                     \
  " sum(verdict = 'unjudged') AS unjudged, sum(amount) AS amount,"                                           \
  " sum(abs(amount)) AS size, " REASONS

#define SUMS_DIFFER                                                                                          \
  "open_deals IS NOT deals OR progressing_deals <> progressing OR unproven_deals <> unproven"                \
  " OR stalled_deals <> stalled OR dead_deals <> dead OR unjudged_deals <> unjudged OR overdue_deals <> "    \
  "overdue OR pushed_deals <> pushed"                                                                        \
  " OR ghosted_deals <> ghosted OR parked_deals <> parked OR aged_deals <> aged"                             \
  " OR abs(open_amount - amount) > 1e-9 * (1e3 + size)"

/* The groups of pipeline_integrity that are not the sums of deal_stalled's rows, or are missing. */
#define BY_GROUP(group)                                                                                      \
  "SELECT * FROM (SELECT " group " AS of_group, " SUMS " FROM deal_stalled(?1) GROUP BY " group ")"          \
  " LEFT JOIN pipeline_integrity(?1, '" group "') AS i ON i.name IS of_group WHERE " SUMS_DIFFER

static const law laws[] = {
    {"deal_stalled", "stalled says what the verdict says",
     "SELECT * FROM deal_stalled(?1) WHERE stalled IS NOT CASE WHEN verdict <> 'unjudged' THEN"
     " verdict IN ('stalled', 'dead') END OR verdict NOT IN"
     " ('dead', 'stalled', 'unjudged', 'unproven', 'progressing') OR verdict IS NULL",
     false},
    {"deal_stalled", "stalled_since and stalls_on",
     "SELECT * FROM deal_stalled(?1) WHERE (stalled IS 1) <> (stalled_since IS NOT NULL) OR stalled_since "
     "> ?1"
     " OR (stalled = 1 AND stalls_on IS NOT NULL) OR stalls_on <= ?1",
     false},
    {"deal_stalled", "days do not run backwards",
     "SELECT * FROM deal_stalled(?1) WHERE age_days < 0 OR days_without_progress < 0 OR days_untouched < 0"
     " OR meetings < 0 OR pushes < 0 OR created_at > ?1 OR last_progress_at > ?1 OR last_touch_at > ?1"
     " OR next_meeting_at <= ?1",
     false},
    {"deal_stalled", "the verdict follows from the reasons",
     "SELECT * FROM deal_stalled(?1) WHERE (verdict = 'dead') <> (instr(reasons, 'untouched') > 0)"
     " OR (verdict = 'stalled' AND instr(reasons, 'no_progress') + instr(reasons, 'no_second_meeting') = 0)",
     false},
    {"deal_stalled", "a deal has one row",
     "SELECT deal_id FROM deal_stalled(?1) GROUP BY CAST(deal_id AS TEXT) HAVING count(*) > 1", false},
    {"pipeline_integrity", "verdicts add up to the open deals",
     "SELECT * FROM " SCOPES ", pipeline_integrity(?1, s.scope)"
     " WHERE progressing_deals + unproven_deals + stalled_deals + dead_deals + unjudged_deals <> open_deals"
     " OR abs(progressing_amount + unproven_amount + stalled_amount + dead_amount + unjudged_amount -"
     " open_amount) > 1e-9 * (1e3 + abs(progressing_amount) + abs(unproven_amount) + abs(stalled_amount) +"
     " abs(dead_amount) + abs(unjudged_amount))",
     false},
    {"pipeline_integrity", "integrity by count is a share",
     "SELECT * FROM " SCOPES ", pipeline_integrity(?1, s.scope) WHERE integrity_by_count NOT BETWEEN 0 AND 1"
     " OR (integrity_by_count IS NULL) <> (open_deals = unjudged_deals) OR real_deals > open_deals",
     false},
    {"pipeline_integrity", "integrity of amounts is a share",
     "SELECT * FROM " SCOPES ", pipeline_integrity(?1, s.scope) WHERE integrity NOT BETWEEN 0 AND 1"
     " OR real_amount > open_amount",
     true},
    {"pipeline_integrity", "groups add up to all",
     "SELECT s.scope, sum(g.open_deals) FROM " SCOPES
     ", pipeline_integrity(?1, s.scope) AS g GROUP BY s.scope"
     " HAVING sum(g.open_deals) <> (SELECT open_deals FROM pipeline_integrity(?1))"
     " OR min(g.excluded_deals) <> max(g.excluded_deals)",
     false},
    {"pipeline_integrity", "deal_stalled agrees with pipeline_integrity",
     "SELECT * FROM pipeline_integrity(?1) AS i, (SELECT count(*) AS deals, coalesce(sum(stalled), 0) AS "
     "stalled"
     " FROM deal_stalled(?1)) AS d WHERE i.open_deals <> d.deals OR i.stalled_deals + i.dead_deals <> "
     "d.stalled",
     false},
    {"pipeline_integrity", "owners are counted as deal_stalled counts them", BY_GROUP("owner"), false},
    {"pipeline_integrity", "teams are counted as deal_stalled counts them", BY_GROUP("team"), false},
    {"pipeline_integrity", "pipelines are counted as deal_stalled counts them", BY_GROUP("pipeline"), false},
    {"pipeline_integrity", "stages are counted as deal_stalled counts them", BY_GROUP("stage"), false},
    {"pipeline_integrity", "real are the progressing, and the unproven where the policy says so",
     "SELECT * FROM " SCOPES
     ", pipeline_integrity(?1, s.scope) WHERE real_deals <> progressing_deals + unproven_deals *"
     " (SELECT value FROM pipeline_settings WHERE name = 'unproven_is_real')"
     " OR abs(integrity * (open_amount - unjudged_amount) - real_amount) > 1e-9 *"
     " (1e3 + abs(open_amount) + abs(unjudged_amount) + abs(real_amount))"
     " OR abs(integrity_by_count * (open_deals - unjudged_deals) - real_deals) > 1e-9 * open_deals",
     false},
    {"pipeline_integrity", "left-out deals are no more than the rows",
     "SELECT * FROM pipeline_integrity(?1) WHERE excluded_deals NOT BETWEEN 0 AND (SELECT count(*) FROM "
     "pipeline_deal)",
     false},
    {"real_coverage", "coverage is in order",
     "SELECT * FROM " SELLERS ", real_coverage(?1, s.scope) WHERE remaining < 0 OR real_deals > claimed_deals"
     " OR period_end < ?1 OR needed_amount < 0 OR verdict NOT IN"
     " ('hit', 'too_early', 'covered', 'unknown', 'false_confidence', 'short')"
     " OR (verdict = 'hit') <> (remaining = 0)",
     false},
    {"real_coverage", "false confidence is what is claimed and known not to be real",
     "SELECT * FROM " SELLERS ", real_coverage(?1, s.scope) WHERE abs(claimed_amount - real_amount - "
     "unjudged_amount - false_confidence)"
     " > 1e-9 * (1e3 + abs(claimed_amount) + abs(real_amount) + abs(unjudged_amount))",
     false},
    {"pipeline_flow", "the identity of flow",
     "SELECT * FROM " SCOPES ", pipeline_flow(?2, ?1, s.scope) WHERE abs(starting_amount + created_amount +"
     " transferred_in_amount + increased_amount - decreased_amount - won_amount - lost_amount - "
     "transferred_out_amount"
     " + pulled_in_amount - pushed_out_amount + revalued_amount - vanished_amount - ending_amount) > 1e-9 * "
     "(1e3 + abs(starting_amount) + abs(created_amount) + "
     "abs(transferred_in_amount) +"
     " abs(increased_amount) + abs(decreased_amount) + abs(won_amount) + abs(lost_amount) +"
     " abs(transferred_out_amount))",
     false},
    {"pipeline_cohort", "every deal is won, lost, open or pending",
     "SELECT * FROM " SCOPES ", pipeline_cohort(?2, ?1, 'month', s.scope)"
     " WHERE won_deals + lost_deals + open_deals + pending_deals <> created_deals OR open_deals < 0",
     false},
    {"stage_velocity", "visits add up",
     "SELECT * FROM stage_velocity(?1) WHERE forward_share NOT BETWEEN 0 AND 1 OR median_days < 0"
     " OR p90_days < median_days OR still_in > entered",
     false},
    {"win_rate", "a rate lies in its interval",
     "SELECT * FROM win_rate(?1) WHERE won_days > deal_days OR win_rate NOT BETWEEN 0 AND 1"
     " OR win_rate < low - 1e-9 OR win_rate > high + 1e-9",
     false},
    {"verdict_backtest", "what became of the deals adds up",
     "SELECT * FROM verdict_backtest(?1) WHERE won_deals + lost_deals + open_deals <> deals", false},
    {"conversation_effectiveness", "second meetings are among the first",
     "SELECT * FROM " SCOPES ", conversation_effectiveness(?2, ?1, s.scope)"
     " WHERE second_meetings + pending > first_meetings",
     false},
    {"pipeline_check", "a problem has rows and a severity",
     "SELECT * FROM pipeline_check WHERE severity NOT IN ('error', 'warning', 'info') OR severity IS NULL"
     " OR \"rows\" < 0 OR problem IS NULL OR source IS NULL OR meaning IS NULL",
     false},
};

enum { LAW_COUNT = sizeof laws / sizeof *laws };

static bool table_active[TABLE_COUNT], law_active[LAW_COUNT];

typedef struct days {
  char day[DATE_BYTES];
  char earlier[DATE_BYTES];
} days;

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
    fuzz_fail("%s: %s", sqlite3_errmsg(db), sql);
  return statement;
}

static bool has_module(sqlite3 *db, const char *module) {
  sqlite3_stmt *statement = prepare(db, "SELECT 1 FROM pragma_module_list WHERE name = ?1");
  bool found;
  sqlite3_bind_text(statement, 1, module, -1, SQLITE_STATIC);
  found = sqlite3_step(statement) == SQLITE_ROW;
  sqlite3_finalize(statement);
  return found;
}

static void bind_days(sqlite3_stmt *statement, const days *when) {
  int count = sqlite3_bind_parameter_count(statement);
  if (count >= 1) sqlite3_bind_text(statement, 1, when->day, -1, SQLITE_STATIC);
  if (count >= 2) sqlite3_bind_text(statement, 2, when->earlier, -1, SQLITE_STATIC);
}

/* A table that is not built yet is not asked; but over empty sources every query of one that is must run, and
** no law may be broken. Otherwise errors would hide that nothing is judged. */
static bool runs_over_nothing(sqlite3 *db, const char *module, const char *sql, bool may_have_rows) {
  static const days when = {"2022-06-30", "2022-03-31"};
  sqlite3_stmt *statement;
  int code;
  if (!has_module(db, module)) return false;
  statement = prepare(db, sql);
  bind_days(statement, &when);
  code = sqlite3_step(statement);
  if (code != SQLITE_DONE && !(may_have_rows && code == SQLITE_ROW)) {
    fuzz_fail("over empty sources (%d, %s): %s", code, sqlite3_errmsg(db), sql);
  }
  sqlite3_finalize(statement);
  return true;
}

static void find_active(void) {
  byte_reader nothing = {NULL, 0, 0};
  sqlite3 *db = fuzz_open(false);
  int found = 0;
  if (!rows_fill(db, &nothing, true)) fuzz_fail("sources: %s", sqlite3_errmsg(db));
  for (int i = 0; i < TABLE_COUNT; i++) {
    table_active[i] = runs_over_nothing(db, tables[i].module, tables[i].sql, true);
    found += table_active[i];
  }
  for (int i = 0; i < LAW_COUNT; i++) {
    law_active[i] = runs_over_nothing(db, laws[i].module, laws[i].broken_by, false);
  }
  fuzz_close(db);
  if (found == 0) fuzz_fail("the extension has no table");
}

/* Errors that sources can cause; anything else is a mistake of the extension. */
static void check_code(sqlite3 *db, int code, const char *sql) {
  switch (code & 0xff) {
  case SQLITE_OK:
  case SQLITE_ERROR:
  case SQLITE_INTERRUPT: return;
  default: fuzz_fail("error %d (%s): %s", code, sqlite3_errmsg(db), sql);
  }
}

/* All rows as text, or the error, appended. */
static void collect(sqlite3 *db, const char *sql, const days *when, text *all) {
  sqlite3_stmt *statement = prepare(db, sql);
  int code;
  bind_days(statement, when);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const char *reason = NULL;
      value_format(all, statement, i, 0, &reason);
      text_append(all, "|");
    }
    text_append(all, "\n");
  }
  code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) text_printf(all, "error: %s", sqlite3_errmsg(db));
  check_code(db, code, sql);
}

/* One question has one answer, whatever of it is kept. The answer is appended to *first. */
static void check_table(sqlite3 *db, const asked_table *table, const days *when, text *first) {
  text warm = {0}, cold = {0};
  collect(db, table->sql, when, first);
  collect(db, table->sql, when, &warm);
  session_release_cache(db);
  collect(db, table->sql, when, &cold);
  if (strcmp(text_get(first), text_get(&warm)) != 0 || strcmp(text_get(first), text_get(&cold)) != 0) {
    fuzz_fail("%s on %s: one question, two answers\n%s\nwarm:\n%s\ncold:\n%s", table->module, when->day,
              text_get(first), text_get(&warm), text_get(&cold));
  }
  text_free(&warm);
  text_free(&cold);
}

/* Nor does it matter what other tables made that is still there. */
static void check_table_again(sqlite3 *db, const asked_table *table, const days *when, const text *first) {
  text again = {0};
  collect(db, table->sql, when, &again);
  if (strcmp(text_get(first), text_get(&again)) != 0) {
    fuzz_fail("%s on %s: another answer behind the other tables\n%s\nagain:\n%s", table->module, when->day,
              text_get(first), text_get(&again));
  }
  text_free(&again);
}

static void check_tables(sqlite3 *db, const days *when) {
  text first[TABLE_COUNT] = {{0}};
  for (int i = 0; i < TABLE_COUNT; i++) {
    if (table_active[i]) check_table(db, &tables[i], when, &first[i]);
  }
  for (int i = TABLE_COUNT - 1; i >= 0; i--) {
    if (table_active[i]) check_table_again(db, &tables[i], when, &first[i]);
    text_free(&first[i]);
  }
}

static void check_law(sqlite3 *db, const law *checked, const days *when) {
  sqlite3_stmt *statement = prepare(db, checked->broken_by);
  bind_days(statement, when);
  if (sqlite3_step(statement) == SQLITE_ROW) {
    text row = {0};
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const char *reason = NULL;
      text_printf(&row, "\n  %s = ", sqlite3_column_name(statement, i));
      value_format(&row, statement, i, 0, &reason);
    }
    fuzz_fail("broken on %s: %s%s", when->day, checked->name, text_get(&row));
  }
  check_code(db, sqlite3_finalize(statement), checked->broken_by);
}

static void swap_when_later(days *when) {
  days other = *when;
  if (strcmp(when->earlier, when->day) <= 0) return;
  memcpy(when->day, other.earlier, sizeof when->day);
  memcpy(when->earlier, other.day, sizeof when->earlier);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static bool ready;
  byte_reader input = {data, size, 0};
  days when;
  sqlite3 *db;
  bool clean_amounts;
  if (!ready) find_active();
  ready = true;
  clean_amounts = (read_byte(&input) & 1) != 0;
  read_plain_date(&input, when.day);
  read_plain_date(&input, when.earlier);
  swap_when_later(&when);
  db = fuzz_open(false);
  if (!rows_fill(db, &input, clean_amounts)) fuzz_fail("sources: %s", sqlite3_errmsg(db));
  check_tables(db, &when);
  for (int i = 0; i < LAW_COUNT; i++) {
    if (law_active[i] && (clean_amounts || !laws[i].clean_amounts_only)) check_law(db, &laws[i], &when);
  }
  fuzz_close(db);
  return 0;
}
