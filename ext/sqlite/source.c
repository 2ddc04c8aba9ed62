/*
** Reads the sources. See source.h.
**
** HOW IT WORKS. A relation is looked up by name, its columns are matched without regard to case, and one
** SELECT hands every row to the functions of reading.h. A source that calls these itself is refused.
*/
#include "source_internal.h"

#include "functions.h"

#include "../base/arena.h"

#include <string.h>

sqlite3_stmt *ph_source_prepare(sqlite3 *db, const char *sql, const char *what, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  if (ph_failed(status)) return NULL;
  if (sql == NULL) {
    ph_fail_memory(status);
    return NULL;
  }
  int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, what);
  return statement;
}

void ph_source_finalize(sqlite3 *db, sqlite3_stmt *statement, const char *what, ph_status *status) {
  int code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, what);
}

static const char *relation_name(const ph_sources *sources, ph_relation_name relation) {
  return sources->names[relation] != NULL ? sources->names[relation] : ph_relations[relation].name;
}

/* Whether a schema has a table or a view by the name of a place, which then is there. */
static bool find_in(sqlite3 *db, const char *schema, ph_place *at, ph_status *status) {
  char *sql = sqlite3_mprintf("SELECT type = 'table' FROM \"%w\".sqlite_master "
                              "WHERE type IN ('table', 'view') AND name = %Q COLLATE NOCASE",
                              schema, at->name);
  sqlite3_stmt *statement = ph_source_prepare(db, sql, at->name, status);
  sqlite3_free(sql);
  bool found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;
  if (found) {
    at->schema = schema;
    at->is_table = sqlite3_column_int(statement, 0) != 0;
  }
  ph_source_finalize(db, statement, at->name, status);
  return found;
}

/* The schema that an instance names may never have been attached, or not be any more. */
static void require_schema(sqlite3 *db, const ph_sources *sources, ph_status *status) {
  const char *schema = sources->schema;
  /* temp is always there, though SQLite may not have opened it yet */
  if (schema == NULL || sqlite3_stricmp(schema, "temp") == 0 || sqlite3_db_readonly(db, schema) >= 0) return;
  ph_fail(status, "no schema %s (expected main, temp or the name of an attached database)", schema);
}

ph_place ph_source_find(sqlite3 *db, const ph_sources *sources, const char *name, ph_status *status) {
  const char *const own[] = {"temp", "main", NULL}, *const given[] = {sources->schema, NULL};
  ph_place at = {NULL, name, false};
  for (const char *const *schema = sources->schema != NULL ? given : own;
       *schema != NULL && !ph_failed(status) && !find_in(db, *schema, &at, status); schema++)
    continue;
  return at;
}

ph_place ph_source_find_relation(sqlite3 *db, const ph_sources *sources, ph_relation_name relation,
                                 ph_status *status) {
  return ph_source_find(db, sources, relation_name(sources, relation), status);
}

/* What may help somebody who has no such relation, written to the end of the message. */
static void append_advice(sqlite3_str *message, sqlite3 *db, const ph_sources *sources, const ph_place *at,
                          ph_status *status) {
  char crms[PH_CRM_NAMES_BYTES];
  ph_place other = {NULL, at->name, false};
  if (sources->schema == NULL) {
    ph_connect_known(crms);
    sqlite3_str_appendf(message, "; SELECT pipeline_connect(crm) makes it from an export, crm is %s", crms);
  } else if (sqlite3_stricmp(sources->schema, "main") != 0 && find_in(db, "main", &other, status)) {
    sqlite3_str_appendall(message, "; main has one: write schema=main");
  }
}

/* The relations that are there, for the message about one that is not. */
static void fail_missing_relation(sqlite3 *db, const ph_sources *sources, const ph_place *at,
                                  ph_status *status) {
  sqlite3_str *found = sqlite3_str_new(db);
  for (int relation = 0; relation < PH_RELATION_COUNT; relation++) {
    ph_place other = ph_source_find_relation(db, sources, (ph_relation_name)relation, status);
    if (other.schema != NULL)
      sqlite3_str_appendf(found, "%s%s", sqlite3_str_length(found) > 0 ? ", " : "", other.name);
  }
  if (sqlite3_str_length(found) == 0) sqlite3_str_appendall(found, "none of the seven sources");
  append_advice(found, db, sources, at, status);
  char *names = sqlite3_str_finish(found);
  if (names == NULL) ph_fail_memory(status);
  ph_fail(status, "no table or view %s in %s (found: %s)", at->name,
          sources->schema != NULL ? sources->schema : "temp or main", names != NULL ? names : "");
  sqlite3_free(names);
}

/* The columns of a relation that SELECT * has. A view is not compiled for them, which takes milliseconds
** where it is large. */
typedef struct column_names {
  const char **names;
  size_t count, capacity;
  ph_arena texts;
} column_names;

static void read_column_names(sqlite3 *db, const ph_place *at, column_names *found, ph_status *status) {
  enum { NAME = 1, HIDDEN = 6, OF_VIRTUAL_TABLE = 1 };
  char *sql = sqlite3_mprintf("PRAGMA \"%w\".table_xinfo(\"%w\")", at->schema, at->name);
  sqlite3_stmt *statement = ph_source_prepare(db, sql, at->name, status);
  sqlite3_free(sql);
  while (statement != NULL && !ph_failed(status) && sqlite3_step(statement) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(statement, NAME);
    if (sqlite3_column_int(statement, HIDDEN) == OF_VIRTUAL_TABLE) continue;
    if (!ph_reserve(status, (void **)&found->names, &found->capacity, found->count + 1, sizeof *found->names))
      break;
    found->names[found->count++] =
        ph_arena_copy(&found->texts, name != NULL ? name : "", name != NULL ? strlen(name) : 0, status);
  }
  ph_source_finalize(db, statement, at->name, status);
}

static void fail_missing_column(const ph_place *at, const char *column, const column_names *have,
                                ph_status *status) {
  sqlite3_str *found = sqlite3_str_new(NULL);
  for (size_t index = 0; index < have->count; index++)
    sqlite3_str_appendf(found, "%s%s", index > 0 ? ", " : "", have->names[index]);
  char *names = sqlite3_str_finish(found);
  ph_fail(status, "%s has no column %s (found: %s)", at->name, column, names != NULL ? names : "no column");
  sqlite3_free(names);
}

/* The name of a column of a relation as it is written there; NULL when it has none. */
static const char *find_column(const column_names *have, const char *column) {
  for (size_t index = 0; index < have->count; index++)
    if (sqlite3_stricmp(have->names[index], column) == 0) return have->names[index];
  return NULL;
}

/* The SELECTs over a relation, with the columns in the order of its descriptor: one that hands its rows over,
** and the same without a call. Texts of SQLite's; NULL where there is no such relation, and none is
** needed. */
typedef struct source_sql {
  ph_place at;
  char *reading, *plain;
} source_sql;

static void write_sql(sqlite3 *db, ph_relation_name name, source_sql *sql, ph_status *status) {
  const ph_relation *relation = &ph_relations[name];
  const ph_place *at = &sql->at;
  const char *found[PH_RELATION_MOST_COLUMNS];
  column_names have = {.names = NULL};
  ph_arena_begin(&have.texts, status->memory);
  read_column_names(db, at, &have, status);
  for (int column = 0; column < relation->column_count && !ph_failed(status); column++) {
    found[column] = find_column(&have, relation->columns[column].name);
    if (found[column] == NULL && relation->columns[column].required)
      fail_missing_column(at, relation->columns[column].name, &have, status);
  }
  if (!ph_failed(status)) {
    sql->reading = ph_reading_sql(name, at->is_table, at->schema, at->name, found);
    sql->plain = ph_reading_plain_sql(name, at->schema, at->name, found);
    if (sql->reading == NULL || sql->plain == NULL) ph_fail_memory(status);
  }
  ph_release(status->memory, have.names);
  ph_arena_end(&have.texts);
}

/* A relation whose rows can be read. */
typedef struct source {
  ph_relation_name relation;
  sqlite3_stmt *rows; /* NULL: there is no such relation, and none is needed */
  bool is_table;      /* not a view */
} source;

static source_sql find_source(sqlite3 *db, const ph_sources *sources, ph_relation_name relation,
                              ph_status *status) {
  source_sql sql = {.reading = NULL};
  if (ph_failed(status)) return sql;
  sql.at = ph_source_find_relation(db, sources, relation, status);
  if (sql.at.schema == NULL && !ph_failed(status) &&
      (ph_relations[relation].required || sources->names[relation] != NULL))
    fail_missing_relation(db, sources, &sql.at, status);
  if (sql.at.schema != NULL && !ph_failed(status)) write_sql(db, relation, &sql, status);
  return sql;
}

static void free_sql(source_sql *sql) {
  sqlite3_free(sql->reading);
  sqlite3_free(sql->plain);
}

/* Adds what reading a relation takes to *facts, and refuses a source that calls the functions of reading.h
** itself. */
static void look_at_source(sqlite3 *db, const source_sql *sql, ph_program_facts *facts, ph_status *status) {
  if (sql->plain == NULL || ph_failed(status)) return;
  if (ph_program_look(db, sql->plain, sql->at.name, ph_reading_functions, facts, status) > 0)
    ph_fail(status, "%s calls %s, which is not for use in SQL", sql->at.name, ph_reading_functions[0]);
}

void ph_sources_look(sqlite3 *db, const ph_sources *sources, ph_program_facts *facts, ph_status *status) {
  require_schema(db, sources, status);
  for (int relation = 0; relation < PH_RELATION_COUNT; relation++) {
    source_sql sql = find_source(db, sources, (ph_relation_name)relation, status);
    look_at_source(db, &sql, facts, status);
    free_sql(&sql);
  }
}

/* Prepares the reading of a relation, to be ended by read_rows. */
static source open_source(sqlite3 *db, ph_relation_name relation, const source_sql *sql, ph_status *status) {
  source opened = {.relation = relation, .is_table = sql->at.is_table};
  if (sql->reading != NULL) opened.rows = ph_source_prepare(db, sql->reading, sql->at.name, status);
  return opened;
}

static source find_and_open(sqlite3 *db, const ph_sources *sources, ph_relation_name relation,
                            ph_status *status) {
  source_sql sql = find_source(db, sources, relation, status);
  source opened = open_source(db, relation, &sql, status);
  free_sql(&sql);
  return opened;
}

/* Reads the rows, unless something was wrong before. */
static void read_rows(sqlite3 *db, const ph_sources *sources, const source *from, ph_reading *reading) {
  ph_status *status = reading->status;
  if (!ph_failed(status) && from->rows != NULL) {
    ph_reading_begin(reading, from->relation, from->is_table);
    while (sqlite3_step(from->rows) == SQLITE_ROW) continue;
    /* what the reader found wrong is the first error and is already in the status */
    ph_source_finalize(db, from->rows, relation_name(sources, from->relation), status);
    ph_reading_end(reading);
  } else {
    sqlite3_finalize(from->rows);
  }
}

static void read_one(sqlite3 *db, const ph_sources *sources, ph_relation_name relation, ph_reading *reading) {
  source from = find_and_open(db, sources, relation, reading->status);
  read_rows(db, sources, &from, reading);
}

/* Deals and events. Both are prepared before the first row: what is wrong with the columns of the events is
** an earlier error than what is wrong with the rows of the deals. */
void ph_source_read_deals_and_events(sqlite3 *db, const ph_sources *sources, ph_reading *reading) {
  ph_status *status = reading->status;
  source deals = find_and_open(db, sources, PH_RELATION_DEAL, status);
  source events = find_and_open(db, sources, PH_RELATION_EVENT, status);
  read_rows(db, sources, &deals, reading);
  if (!ph_failed(status)) ph_reader_deals_end(reading->reader, status);
  read_rows(db, sources, &events, reading);
}

bool ph_source_is_utf8(sqlite3 *db, ph_status *status) {
  sqlite3_stmt *statement = ph_source_prepare(db, "PRAGMA encoding", "PRAGMA encoding", status);
  bool utf8 = false;
  if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW) {
    const char *encoding = (const char *)sqlite3_column_text(statement, 0);
    utf8 = encoding != NULL && strcmp(encoding, "UTF-8") == 0;
  }
  ph_source_finalize(db, statement, "PRAGMA encoding", status);
  return utf8;
}

bool ph_sources_have_deals(sqlite3 *db, const ph_sources *sources, ph_status *status) {
  if (sources->names[PH_RELATION_DEAL] != NULL) return true;
  return ph_source_find_relation(db, sources, PH_RELATION_DEAL, status).schema != NULL;
}

void ph_sources_read_policy(sqlite3 *db, ph_reading **now, const ph_sources *sources, ph_policy *policy,
                            ph_status *status) {
  ph_program_facts facts = {false};
  ph_reading reading = {
      .now = now, .policy = policy, .utf8 = ph_source_is_utf8(db, status), .status = status};
  ph_policy_set_defaults(policy);
  require_schema(db, sources, status);
  source_sql sql = find_source(db, sources, PH_RELATION_POLICY, status);
  look_at_source(db, &sql, &facts, status);
  source from = open_source(db, PH_RELATION_POLICY, &sql, status);
  free_sql(&sql);
  read_rows(db, sources, &from, &reading);
  if (ph_failed(status)) return;
  ph_zone zone;
  ph_policy_zone(policy, &zone, status); /* a zone that cannot be found is an error of every table */
  ph_zone_end(&zone, status->memory);
}

void ph_source_read_settings(sqlite3 *db, const ph_sources *sources, bool quotas, ph_reading *reading) {
  ph_status *status = reading->status;
  require_schema(db, sources, status);
  read_one(db, sources, PH_RELATION_POLICY, reading);
  if (!ph_failed(status)) ph_reader_policy_known(reading->reader, status);
  read_one(db, sources, PH_RELATION_STAGE, reading);
  if (quotas) read_one(db, sources, PH_RELATION_QUOTA, reading);
  read_one(db, sources, PH_RELATION_RATE, reading);
  read_one(db, sources, PH_RELATION_HOLIDAY, reading);
}

ph_reading ph_source_reading(sqlite3 *db, ph_reading **now, ph_reader *reader, ph_history *history,
                             ph_status *status) {
  return (ph_reading){.now = now,
                      .reader = reader,
                      .policy = &history->policy,
                      .utf8 = ph_source_is_utf8(db, status),
                      .status = status};
}

char *ph_source_plain_sql(sqlite3 *db, const ph_sources *sources, ph_relation_name relation, ph_place *at,
                          ph_status *status) {
  source_sql sql = find_source(db, sources, relation, status);
  *at = sql.at;
  sqlite3_free(sql.reading);
  return sql.plain;
}

void ph_sources_read(sqlite3 *db, ph_reading **now, const ph_sources *sources, int64_t time,
                     ph_history *history, ph_status *status) {
  ph_reader *reader = ph_reader_begin(history, time, status);
  ph_reading reading = ph_source_reading(db, now, reader, history, status);
  ph_source_read_settings(db, sources, true, &reading);
  ph_source_read_deals_and_events(db, sources, &reading);
  if (!ph_failed(status)) ph_reader_finish(reader, status);
  ph_reader_end(reader);
}
