/* How the rows of a source come in. See reading.h. */
#include "reading.h"

#define READ "pipeline_health_read"
#define READ_REST "pipeline_health_read_rest"
#define WANTS_REST "pipeline_health_wants_rest"
#define READ_HEAD "pipeline_health_read_head"

const char *const ph_reading_functions[] = {READ, READ_REST, WANTS_REST, READ_HEAD, NULL};

int ph_reading_calls(ph_relation_name relation, bool is_table) {
  if (relation != PH_RELATION_EVENT) return 1;
  return is_table ? 2 : 3;
}

/* The columns that each part of an event brings. SQLite writes each down as it comes, and a text that was just written is slow
** to read again: what is looked at first comes first (3 % of the time of a cold question). */
enum { HEAD_KIND, HEAD_AT, HEAD_ID, HEAD_COLUMNS };
enum { REST_OLD_VALUE, REST_NEW_VALUE, REST_RECORDED_AT, REST_COLUMNS };
static const int head_columns[HEAD_COLUMNS] = {
    [HEAD_KIND] = PH_EVENT_KIND, [HEAD_AT] = PH_EVENT_AT, [HEAD_ID] = PH_EVENT_ID};
static const int rest_columns[REST_COLUMNS] = {[REST_OLD_VALUE] = PH_EVENT_OLD_VALUE,
                                               [REST_NEW_VALUE] = PH_EVENT_NEW_VALUE,
                                               [REST_RECORDED_AT] = PH_EVENT_RECORDED_AT};

/* A REAL in a column of ids or names brings its text; in one of dates and amounts that would be wasted. Events
** know theirs. */
static bool is_name_column(ph_relation_name relation, int column) {
  switch (relation) {
  case PH_RELATION_DEAL: return column <= PH_DEAL_STAGE;
  case PH_RELATION_STAGE: return column == PH_STAGE_NAME || column == PH_STAGE_PIPELINE;
  case PH_RELATION_QUOTA: return column == PH_QUOTA_OWNER || column == PH_QUOTA_TEAM;
  default: return false;
  }
}

static inline void fetch(const ph_reading *reading, sqlite3_value *value, bool as_name, ph_value *cell) {
  ph_host_read_value(value, reading->utf8, as_name, cell);
}

static void fail_use(sqlite3_context *context) {
  sqlite3_result_error(context, READ ": it reads the sources of pipeline_health and is not for use in SQL",
                       -1);
}

/* The reading that a part of a row is for; NULL, with an error, when there is none, when the part is not ours, or
** when something was wrong before. */
static ph_reading *reading_for(sqlite3_context *context, bool is_rest, int count) {
  ph_reading *reading = *(ph_reading **)sqlite3_user_data(context);
  if (reading == NULL || count != (is_rest ? (int)REST_COLUMNS : reading->columns)) {
    fail_use(context);
    return NULL;
  }
  if ((reading->due != PH_EVENT_UNUSABLE) != is_rest)
    ph_fail(reading->status, READ ": SQLite took the parts of a row in another order than they are written");
  if (!ph_failed(reading->status)) return reading;
  ph_host_result_status(context, reading->status);
  return NULL;
}

static void add_head(ph_reading *reading, sqlite3_value **values) {
  ph_value cells[PH_EVENT_COLUMNS];
  fetch(reading, values[HEAD_ID], true, &cells[PH_EVENT_ID]);
  fetch(reading, values[HEAD_AT], false, &cells[PH_EVENT_AT]);
  fetch(reading, values[HEAD_KIND], false, &cells[PH_EVENT_KIND]);
  reading->due = ph_feed_event_head(&reading->feed, cells, reading->status);
}

static void add_row(ph_reading *reading, sqlite3_value **values) {
  ph_value cells[PH_RELATION_MOST_COLUMNS];
  for (int column = 0; column < ph_relations[reading->relation].column_count; column++)
    fetch(reading, values[column], reading->is_name[column], &cells[column]);
  switch (reading->relation) {
  case PH_RELATION_DEAL: ph_feed_deal(&reading->feed, cells, reading->status); break;
  case PH_RELATION_STAGE: ph_reader_add_stage(reading->reader, cells, reading->status); break;
  case PH_RELATION_QUOTA: ph_reader_add_quota(reading->reader, cells, reading->status); break;
  default:
    ph_policy_set(reading->policy, &cells[PH_POLICY_NAME_COLUMN], &cells[PH_POLICY_VALUE_COLUMN],
                  reading->status);
    break;
  }
}

static void read_step(sqlite3_context *context, int count, sqlite3_value **values) {
  ph_reading *reading = reading_for(context, false, count);
  if (reading == NULL) return;
  if (reading->relation == PH_RELATION_EVENT) {
    add_head(reading, values);
  } else {
    add_row(reading, values);
  }
  if (ph_failed(reading->status)) ph_host_result_status(context, reading->status);
}

/* The answer of the two functions below; NULL is no, too. */
static void answer(sqlite3_context *context, const ph_reading *reading) {
  if (ph_failed(reading->status)) {
    ph_host_result_status(context, reading->status);
  } else if (reading->due != PH_EVENT_UNUSABLE) {
    sqlite3_result_int(context, 1);
  }
}

static void wants_rest(sqlite3_context *context, int count, sqlite3_value **values) {
  const ph_reading *reading = *(ph_reading **)sqlite3_user_data(context);
  (void)count;
  (void)values;
  if (reading == NULL) {
    fail_use(context);
  } else {
    answer(context, reading);
  }
}

static void read_head(sqlite3_context *context, int count, sqlite3_value **values) {
  ph_reading *reading = reading_for(context, false, count);
  if (reading == NULL) return;
  add_head(reading, values);
  answer(context, reading);
}

static void read_rest_step(sqlite3_context *context, int count, sqlite3_value **values) {
  ph_reading *reading = reading_for(context, true, count);
  ph_value cells[PH_EVENT_COLUMNS];
  if (reading == NULL) return;
  if (reading->due == PH_EVENT_CHANGE) {
    fetch(reading, values[REST_OLD_VALUE], true, &cells[PH_EVENT_OLD_VALUE]);
    fetch(reading, values[REST_NEW_VALUE], true, &cells[PH_EVENT_NEW_VALUE]);
  } else {
    fetch(reading, values[REST_RECORDED_AT], false, &cells[PH_EVENT_RECORDED_AT]);
  }
  reading->due = PH_EVENT_UNUSABLE;
  ph_feed_event_rest(&reading->feed, cells, reading->status);
  if (ph_failed(reading->status)) ph_host_result_status(context, reading->status);
}

static void no_result(sqlite3_context *context) {
  sqlite3_result_null(context);
}

/* What is registered: scalar functions and aggregates. */
static const struct {
  const char *name;
  int arguments; /* -1: any number */
  void (*scalar)(sqlite3_context *, int, sqlite3_value **);
  void (*step)(sqlite3_context *, int, sqlite3_value **);
} functions[] = {{READ, -1, NULL, read_step},
                 {READ_REST, REST_COLUMNS, NULL, read_rest_step},
                 {WANTS_REST, 0, wants_rest, NULL},
                 {READ_HEAD, HEAD_COLUMNS, read_head, NULL}};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

int ph_reading_register(sqlite3 *db, ph_reading **now, void (*retain)(void *now),
                        void (*release)(void *now)) {
  int code = SQLITE_OK;
  for (int at = 0; at < FUNCTIONS && code == SQLITE_OK; at++) {
    retain(now); /* SQLite calls release when it fails, too */
    code = sqlite3_create_function_v2(
        db, functions[at].name, functions[at].arguments, SQLITE_UTF8 | SQLITE_DIRECTONLY, now,
        functions[at].scalar, functions[at].step, functions[at].step != NULL ? no_result : NULL, release);
  }
  return code;
}

bool ph_reading_unregister(sqlite3 *db) {
  bool all = true;
  for (int at = 0; at < FUNCTIONS; at++)
    all &= sqlite3_create_function_v2(db, functions[at].name, functions[at].arguments, SQLITE_UTF8, NULL,
                                      NULL, NULL, NULL, NULL) == SQLITE_OK;
  return all;
}

void ph_reading_begin(ph_reading *reading, ph_relation_name relation) {
  reading->relation = relation;
  reading->columns = relation == PH_RELATION_EVENT ? HEAD_COLUMNS : ph_relations[relation].column_count;
  reading->due = PH_EVENT_UNUSABLE;
  for (int column = 0; column < ph_relations[relation].column_count; column++)
    reading->is_name[column] = is_name_column(relation, column);
  ph_feed_open(&reading->feed, relation);
  *reading->now = reading;
}

void ph_reading_wait(ph_reading *reading) {
  ph_feed_wait(&reading->feed, reading->status);
}

void ph_reading_end(ph_reading *reading) {
  *reading->now = NULL;
  if (reading->due != PH_EVENT_UNUSABLE)
    ph_fail(reading->status, READ ": SQLite left out a part of the last row");
}

/* Appends the call of a function with columns, all of them in their order where `columns` is NULL. */
static void append_call(sqlite3_str *sql, const char *function, const char *const *names, const int *columns,
                        int count) {
  sqlite3_str_appendf(sql, "%s(", function);
  for (int at = 0; at < count; at++) {
    const char *name = names[columns != NULL ? columns[at] : at];
    if (at > 0) sqlite3_str_appendall(sql, ", ");
    if (name != NULL) {
      sqlite3_str_appendf(sql, "\"%w\"", name);
    } else {
      sqlite3_str_appendall(sql, "NULL");
    }
  }
  sqlite3_str_appendall(sql, ")");
}

static void append_from(sqlite3_str *sql, const char *schema, const char *table) {
  sqlite3_str_appendf(sql, " FROM \"%w\".\"%w\"", schema, table);
}

char *ph_reading_sql(ph_relation_name relation, bool is_table, const char *schema, const char *table,
                     const char *const *names) {
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "SELECT ");
  if (relation != PH_RELATION_EVENT) {
    append_call(sql, READ, names, NULL, ph_relations[relation].column_count);
    append_from(sql, schema, table);
  } else if (is_table) {
    append_call(sql, READ_REST, names, rest_columns, REST_COLUMNS);
    append_from(sql, schema, table);
    sqlite3_str_appendall(sql, " WHERE ");
    append_call(sql, READ_HEAD, names, head_columns, HEAD_COLUMNS);
  } else {
    append_call(sql, READ, names, head_columns, HEAD_COLUMNS);
    sqlite3_str_appendall(sql, ", ");
    append_call(sql, READ_REST, names, rest_columns, REST_COLUMNS);
    sqlite3_str_appendall(sql, " FILTER (WHERE " WANTS_REST "())");
    append_from(sql, schema, table);
  }
  return sqlite3_str_finish(sql);
}
