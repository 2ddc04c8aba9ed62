/*
** The room where the sources are read. See source.h.
**
** HOW IT WORKS. A relation is looked up by name, its columns are matched without regard to case, and then
**
**     SELECT pipeline_health_read("deal_id", "at", …, NULL) FROM "main"."pipeline_event"
**
** hands every row to an aggregate function inside SQLite's own loop: no row is stepped to, no column fetched.
** The function finds the reader in its connection, and only while a source is being read: a call from plain
** SQL has nothing to write to, and a source that calls it itself is refused.
*/
#include "source.h"

#include <string.h>

static const char *const READ_FUNCTION = "pipeline_health_read";

/* One pass over one relation. */
struct ph_reading {
  ph_reading **now; /* of the connection; itself while rows come */
  ph_reader *reader;
  ph_policy *policy; /* for pipeline_policy */
  ph_source_facts *facts;
  ph_relation_name relation;
  bool utf8;
  bool is_name[PH_RELATION_MOST_COLUMNS]; /* by column: see is_name_column */
  ph_status *status;
};
typedef struct ph_reading reading;

/* Where a relation is. */
typedef struct place {
  const char *schema; /* NULL: nowhere */
  const char *name;
} place;

/* A REAL in a column of ids or names brings its text; in one of dates and amounts that would be wasted. */
static bool is_name_column(ph_relation_name relation, int column) {
  switch (relation) {
  case PH_RELATION_DEAL: return column <= PH_DEAL_STAGE;
  case PH_RELATION_EVENT:
    return column == PH_EVENT_ID || column == PH_EVENT_OLD_VALUE || column == PH_EVENT_NEW_VALUE;
  case PH_RELATION_STAGE: return column == PH_STAGE_NAME || column == PH_STAGE_PIPELINE;
  case PH_RELATION_QUOTA: return column == PH_QUOTA_OWNER || column == PH_QUOTA_TEAM;
  default: return false;
  }
}

/* Fetches the cells [from, to) of a row; columns that the statement does not have are NULL. */
static inline void fetch(const reading *pass, sqlite3_value **values, int count, int from, int to,
                         ph_value *cells) {
  for (int column = from; column < to; column++) {
    if (column < count) {
      ph_host_read_value(values[column], pass->utf8, pass->is_name[column], &cells[column]);
    } else {
      cells[column].type = PH_NULL;
    }
  }
}

static void add_event(const reading *pass, sqlite3_value **values, int count, ph_value *cells) {
  fetch(pass, values, count, 0, PH_EVENT_OLD_VALUE, cells);
  switch (ph_reader_event_head(pass->reader, cells, pass->status)) {
  case PH_EVENT_UNUSABLE: return;
  case PH_EVENT_CHANGE: fetch(pass, values, count, PH_EVENT_OLD_VALUE, PH_EVENT_RECORDED_AT, cells); break;
  case PH_EVENT_ACTIVITY: fetch(pass, values, count, PH_EVENT_RECORDED_AT, PH_EVENT_COLUMNS, cells); break;
  }
  ph_reader_event_rest(pass->reader, cells, pass->status);
}

static void add_row(const reading *pass, sqlite3_value **values, int count) {
  ph_value cells[PH_RELATION_MOST_COLUMNS];
  if (pass->relation == PH_RELATION_EVENT) {
    add_event(pass, values, count, cells);
    return;
  }
  fetch(pass, values, count, 0, ph_relations[pass->relation].column_count, cells);
  switch (pass->relation) {
  case PH_RELATION_DEAL: ph_reader_add_deal(pass->reader, cells, pass->status); break;
  case PH_RELATION_STAGE: ph_reader_add_stage(pass->reader, cells, pass->status); break;
  case PH_RELATION_QUOTA: ph_reader_add_quota(pass->reader, cells, pass->status); break;
  default:
    ph_policy_set(pass->policy, &cells[PH_POLICY_NAME_COLUMN], &cells[PH_POLICY_VALUE_COLUMN], pass->status);
    break;
  }
}

static void read_step(sqlite3_context *context, int count, sqlite3_value **values) {
  reading *pass = *(reading **)sqlite3_user_data(context);
  if (pass == NULL) {
    sqlite3_result_error(
        context, "pipeline_health_read: it reads the sources of pipeline_health and is not for use in SQL",
        -1);
    return;
  }
  if (!ph_failed(pass->status)) add_row(pass, values, count);
  if (ph_failed(pass->status)) ph_host_result_status(context, pass->status);
}

static void read_final(sqlite3_context *context) {
  sqlite3_result_null(context);
}

int ph_sources_register(sqlite3 *db, ph_reading **now) {
  return sqlite3_create_window_function(db, READ_FUNCTION, -1, SQLITE_UTF8 | SQLITE_DIRECTONLY, now,
                                        read_step, read_final, NULL, NULL, NULL);
}

void ph_sources_unregister(sqlite3 *db) {
  sqlite3_create_function_v2(db, READ_FUNCTION, -1, SQLITE_UTF8, NULL, NULL, NULL, NULL, NULL);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, const char *what, ph_status *status) {
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

/* Ends a statement whose step returned no row; anything but success is an error of `what`. */
static void finalize(sqlite3 *db, sqlite3_stmt *statement, const char *what, ph_status *status) {
  int code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, what);
}

static const char *relation_name(const ph_sources *sources, ph_relation_name relation) {
  return sources->names[relation] != NULL ? sources->names[relation] : ph_relations[relation].name;
}

/* Whether a query, which is freed, has a row. */
static bool has_row(sqlite3 *db, char *sql, const char *what, ph_status *status) {
  sqlite3_stmt *statement = prepare(db, sql, what, status);
  sqlite3_free(sql);
  bool found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;
  finalize(db, statement, what, status);
  return found;
}

static bool exists_in(sqlite3 *db, const char *schema, const char *name, ph_status *status) {
  char *sql = sqlite3_mprintf(
      "SELECT 1 FROM \"%w\".sqlite_master WHERE type IN ('table', 'view') AND name = %Q COLLATE NOCASE",
      schema, name);
  return has_row(db, sql, name, status);
}

/* The schema that an instance names may never have been attached, or not be any more. */
static void require_schema(sqlite3 *db, const ph_sources *sources, ph_status *status) {
  const char *schema = sources->schema;
  /* temp is always there, though SQLite may not have opened it yet */
  if (schema == NULL || sqlite3_stricmp(schema, "temp") == 0 || sqlite3_db_readonly(db, schema) >= 0) return;
  ph_fail(status, "no schema %s (expected main, temp or the name of an attached database)", schema);
}

static place find_place(sqlite3 *db, const ph_sources *sources, ph_relation_name relation,
                        ph_status *status) {
  const char *name = relation_name(sources, relation);
  const char *const own[] = {"temp", "main", NULL}, *const given[] = {sources->schema, NULL};
  for (const char *const *schema = sources->schema != NULL ? given : own;
       *schema != NULL && !ph_failed(status); schema++)
    if (exists_in(db, *schema, name, status)) return (place){*schema, name};
  return (place){NULL, name};
}

/* The relations that are there, for the message about one that is not. */
static void fail_missing_relation(sqlite3 *db, const ph_sources *sources, const place *at,
                                  ph_status *status) {
  sqlite3_str *found = sqlite3_str_new(db);
  for (int relation = 0; relation < PH_RELATION_COUNT; relation++) {
    place other = find_place(db, sources, (ph_relation_name)relation, status);
    if (other.schema != NULL)
      sqlite3_str_appendf(found, "%s%s", sqlite3_str_length(found) > 0 ? ", " : "", other.name);
  }
  char *names = sqlite3_str_finish(found);
  ph_fail(status, "no table or view %s in %s (found: %s)", at->name,
          sources->schema != NULL ? sources->schema : "temp or main",
          names != NULL ? names : "none of the five sources");
  sqlite3_free(names);
}

static void fail_missing_column(const place *at, const char *column, sqlite3_stmt *statement,
                                ph_status *status) {
  sqlite3_str *found = sqlite3_str_new(NULL);
  for (int index = 0; index < sqlite3_column_count(statement); index++)
    sqlite3_str_appendf(found, "%s%s", index > 0 ? ", " : "", sqlite3_column_name(statement, index));
  char *names = sqlite3_str_finish(found);
  ph_fail(status, "%s has no column %s (found: %s)", at->name, column, names != NULL ? names : "no column");
  sqlite3_free(names);
}

/* Appends the columns of a relation in the order of its descriptor; NULL for an optional one that is absent,
** nothing where only such follow: the reader takes missing cells for NULL. */
static void append_columns(sqlite3 *db, const place *at, ph_relation_name name, sqlite3_str *sql,
                           ph_status *status) {
  const ph_relation *relation = &ph_relations[name];
  char *probe = sqlite3_mprintf("SELECT * FROM \"%w\".\"%w\" LIMIT 0", at->schema, at->name);
  sqlite3_stmt *statement = prepare(db, probe, at->name, status);
  sqlite3_free(probe);
  int skipped = 0;
  for (int column = 0; column < relation->column_count && !ph_failed(status); column++) {
    const char *found = NULL;
    for (int index = 0; index < sqlite3_column_count(statement) && found == NULL; index++) {
      const char *candidate = sqlite3_column_name(statement, index);
      if (candidate == NULL) {
        ph_fail_memory(status);
      } else if (sqlite3_stricmp(candidate, relation->columns[column].name) == 0) {
        found = candidate;
      }
    }
    if (found != NULL) {
      for (; skipped > 0; skipped--) sqlite3_str_appendall(sql, ", NULL");
      sqlite3_str_appendf(sql, "%s\"%w\"", column > 0 ? ", " : "", found);
    } else if (relation->columns[column].required) {
      fail_missing_column(at, relation->columns[column].name, statement, status);
    } else {
      skipped++;
    }
  }
  sqlite3_finalize(statement);
}

static char *reading_sql(sqlite3 *db, const place *at, ph_relation_name relation, ph_status *status) {
  sqlite3_str *sql = sqlite3_str_new(db);
  sqlite3_str_appendf(sql, "SELECT %s(", READ_FUNCTION);
  append_columns(db, at, relation, sql, status);
  sqlite3_str_appendf(sql, ") FROM \"%w\".\"%w\"", at->schema, at->name);
  char *text = sqlite3_str_finish(sql);
  if (text == NULL) ph_fail_memory(status);
  return text;
}

static bool is_one_of(const char *text, size_t length, const char *const *words) {
  for (; *words != NULL; words++)
    if (strlen(*words) == length && sqlite3_strnicmp(*words, text, (int)length) == 0) return true;
  return false;
}

/* Functions of dates are steady, other than pragma_function_list says, unless they are asked for the time or
** the zone of the process. */
static const char *const date_functions[] = {"date",     "time",      "datetime", "julianday",
                                             "strftime", "unixepoch", NULL};
static const char *const clock_words[] = {"now", "localtime", "utc", "subsec", "subsecond", NULL};

/* True for a function, not of dates, whose result may change while the database does not. */
static bool is_unstable_function(sqlite3 *db, const char *name, size_t length, ph_status *status) {
  char *sql = sqlite3_mprintf("SELECT 1 FROM pragma_function_list WHERE name = '%.*q' AND flags & 2048",
                              (int)length, name);
  return !has_row(db, sql, "pragma_function_list", status);
}

/* True for a database in memory that can be detached: another one under its name looks the same. */
static bool is_attached_memory(sqlite3 *db, int database, ph_status *status) {
  if (database < 2) return false; /* main and temp stay */
  char *sql = sqlite3_mprintf("SELECT 1 FROM pragma_database_list WHERE seq = %d AND coalesce(file, '') = ''",
                              database);
  return has_row(db, sql, "pragma_database_list", status);
}

/* What the program of a reading does, operation by operation. */
typedef struct program {
  bool unseen; /* it reads what changes without any counter of the database */
  bool dated, clock;
  int readings; /* calls of the reading function */
} program;

static void look_at_operation(sqlite3 *db, sqlite3_stmt *operation, program *seen, ph_status *status) {
  const char *name = (const char *)sqlite3_column_text(operation, 1);
  const char *text = (const char *)sqlite3_column_text(operation, 5);
  int second = sqlite3_column_int(operation, 3); /* of a function: its first argument's register, 0 = none */
  if (name == NULL) return;
  if (text == NULL) text = "";
  size_t length = strcspn(text, "(");
  if (strcmp(name, "VOpen") == 0) {
    seen->unseen = true;
  } else if (strcmp(name, "Transaction") == 0) {
    if (is_attached_memory(db, sqlite3_column_int(operation, 2), status)) seen->unseen = true;
  } else if (strcmp(name, "String8") == 0) {
    if (is_one_of(text, strlen(text), clock_words)) seen->clock = true;
  } else if (strcmp(name, "Function") == 0 && is_one_of(text, length, date_functions)) {
    seen->dated = true;
    if (second == 0) seen->clock = true;
  } else if (strcmp(name, "Function") == 0 && !seen->unseen) {
    seen->unseen = is_unstable_function(db, text, length, status);
  } else if (strcmp(name, "AggStep") == 0 && is_one_of(text, length, (const char *[]){READ_FUNCTION, NULL})) {
    seen->readings++;
  }
}

/* Looks through the program of a reading for what changes without any counter of the database, and for a
** source that calls the reading function itself. */
static bool changes_unseen(sqlite3 *db, const char *sql, const char *what, ph_status *status) {
  char *explain = sqlite3_mprintf("EXPLAIN %s", sql);
  sqlite3_stmt *statement = prepare(db, explain, what, status);
  program seen = {0};
  sqlite3_free(explain);
  while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW && !ph_failed(status))
    look_at_operation(db, statement, &seen, status);
  finalize(db, statement, what, status);
  if (seen.readings > 1) ph_fail(status, "%s calls %s, which is not for use in SQL", what, READ_FUNCTION);
  return seen.unseen || (seen.dated && seen.clock);
}

static void read_relation(sqlite3 *db, const place *at, reading *pass) {
  ph_status *status = pass->status;
  char *sql = reading_sql(db, at, pass->relation, status);
  if (!ph_failed(status) && changes_unseen(db, sql, at->name, status)) pass->facts->changes_unseen = true;
  sqlite3_stmt *statement = prepare(db, sql, at->name, status);
  sqlite3_free(sql);
  if (ph_failed(status)) return;
  *pass->now = pass;
  while (sqlite3_step(statement) == SQLITE_ROW) continue;
  *pass->now = NULL;
  /* what the reader found wrong is the first error and is already in the status */
  finalize(db, statement, at->name, status);
}

static bool is_utf8(sqlite3 *db, ph_status *status) {
  sqlite3_stmt *statement = prepare(db, "PRAGMA encoding", "PRAGMA encoding", status);
  bool utf8 = false;
  if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW) {
    const char *encoding = (const char *)sqlite3_column_text(statement, 0);
    utf8 = encoding != NULL && strcmp(encoding, "UTF-8") == 0;
  }
  finalize(db, statement, "PRAGMA encoding", status);
  return utf8;
}

static void read_one(sqlite3 *db, const ph_sources *sources, reading *pass, ph_relation_name relation) {
  ph_status *status = pass->status;
  if (ph_failed(status)) return;
  place at = find_place(db, sources, relation, status);
  pass->relation = relation;
  for (int column = 0; column < ph_relations[relation].column_count; column++)
    pass->is_name[column] = is_name_column(relation, column);
  if (ph_failed(status)) return;
  if (at.schema != NULL) {
    read_relation(db, &at, pass);
  } else if (ph_relations[relation].required || sources->names[relation] != NULL) {
    fail_missing_relation(db, sources, &at, status);
  }
}

void ph_sources_read_policy(sqlite3 *db, ph_reading **now, const ph_sources *sources, ph_policy *policy,
                            ph_status *status) {
  ph_source_facts facts;
  reading pass = {
      .now = now, .policy = policy, .facts = &facts, .utf8 = is_utf8(db, status), .status = status};
  ph_policy_set_defaults(policy);
  require_schema(db, sources, status);
  read_one(db, sources, &pass, PH_RELATION_POLICY);
}

void ph_sources_read(sqlite3 *db, ph_reading **now, const ph_sources *sources, ph_history *history,
                     ph_source_facts *facts, ph_status *status) {
  ph_reader *reader = ph_reader_begin(history, status);
  reading pass = {.now = now,
                  .reader = reader,
                  .policy = &history->policy,
                  .facts = facts,
                  .utf8 = is_utf8(db, status),
                  .status = status};
  facts->changes_unseen = false;
  require_schema(db, sources, status);
  read_one(db, sources, &pass, PH_RELATION_POLICY);
  if (!ph_failed(status)) ph_reader_policy_known(reader);
  read_one(db, sources, &pass, PH_RELATION_STAGE);
  read_one(db, sources, &pass, PH_RELATION_QUOTA);
  read_one(db, sources, &pass, PH_RELATION_DEAL);
  if (!ph_failed(status)) ph_reader_deals_end(reader, status);
  read_one(db, sources, &pass, PH_RELATION_EVENT);
  if (!ph_failed(status)) ph_reader_finish(reader, status);
  ph_reader_end(reader);
}

void ph_sources_check_bulk_edits(sqlite3 *db, const ph_sources *sources, ph_problems *problems,
                                 ph_status *status) {
  place at = find_place(db, sources, PH_RELATION_EVENT, status);
  if (ph_failed(status) || at.schema == NULL) return;
  /* a date without a time tells no instant, so ten bytes or less are left alone */
  char *sql =
      sqlite3_mprintf("SELECT CAST(at AS TEXT), count(*) FROM \"%w\".\"%w\" "
                      "WHERE lower(kind) IN ('stage', 'amount', 'close_date', 'owner') AND length(at) > 10 "
                      "GROUP BY at HAVING count(DISTINCT deal_id) >= 20",
                      at.schema, at.name);
  sqlite3_stmt *statement = prepare(db, sql, at.name, status);
  sqlite3_free(sql);
  while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW && !ph_failed(status)) {
    int64_t rows = sqlite3_column_int64(statement, 1);
    ph_value example = ph_host_value(sqlite3_column_value(statement, 0));
    ph_problem_add_value(problems, PH_EVENT_BULK_EDIT, &example, status);
    problems->counts[PH_EVENT_BULK_EDIT].rows += rows - 1;
  }
  finalize(db, statement, at.name, status);
}
