/* How the rows of a source come in. See reading.h. */
#include "reading.h"

#define READ "pipeline_health_read"
#define READ_ROW "pipeline_health_read_row"
#define WANTS_ROW "pipeline_health_wants_row"

const char *const ph_reading_functions[] = {READ, READ_ROW, WANTS_ROW, NULL};

/* The columns of an event in the order in which they are looked at: SQLite writes down each as it comes,
** and a text that was just written is slow to read (3 % of the time of a cold question). */
enum { KIND, AT, ID, RECORDED_AT, ACTIVITY_COLUMNS, OLD_VALUE = ACTIVITY_COLUMNS, NEW_VALUE, EVENT_COLUMNS };
static const int event_columns[EVENT_COLUMNS] = {[KIND] = PH_EVENT_KIND,
                                                 [AT] = PH_EVENT_AT,
                                                 [ID] = PH_EVENT_ID,
                                                 [RECORDED_AT] = PH_EVENT_RECORDED_AT,
                                                 [OLD_VALUE] = PH_EVENT_OLD_VALUE,
                                                 [NEW_VALUE] = PH_EVENT_NEW_VALUE};

/* A REAL in a column of ids or names brings its text; in one of dates and amounts that would be wasted. */
static bool is_name_column(ph_relation_name relation, int column) {
  switch (relation) {
  case PH_RELATION_DEAL: return column <= PH_DEAL_STAGE || column >= PH_DEAL_CURRENCY;
  case PH_RELATION_EVENT:
    return column == PH_EVENT_ID || column == PH_EVENT_OLD_VALUE || column == PH_EVENT_NEW_VALUE;
  case PH_RELATION_RATE: return column != PH_RATE_VALID_FROM;
  case PH_RELATION_HOLIDAY: return column == PH_HOLIDAY_TEAM;
  case PH_RELATION_STAGE: return column == PH_STAGE_NAME || column == PH_STAGE_PIPELINE;
  case PH_RELATION_QUOTA: return column >= PH_QUOTA_OWNER;
  default: return false;
  }
}

static inline void fetch(const ph_reading *reading, sqlite3_value *value, bool as_name, ph_value *cell) {
  ph_host_read_value(value, reading->utf8, as_name, cell);
}

/* The reading that a call is for. NULL, with an error, when there is none, when the call is not ours, or
** when something was wrong before. */
static ph_reading *reading_for(sqlite3_context *context, bool is_ours) {
  ph_reading *reading = *(ph_reading **)sqlite3_user_data(context);
  if (reading == NULL || !is_ours) {
    sqlite3_result_error(context, READ ": it reads the sources of pipeline_health and is not for use in SQL",
                         -1);
    return NULL;
  }
  if (!ph_failed(reading->status)) return reading;
  ph_host_result_status(context, reading->status);
  return NULL;
}

static inline void fetch_activity(const ph_reading *reading, sqlite3_value **values, ph_value *cells) {
  fetch(reading, values[KIND], false, &cells[PH_EVENT_KIND]);
  fetch(reading, values[AT], false, &cells[PH_EVENT_AT]);
  fetch(reading, values[ID], true, &cells[PH_EVENT_ID]);
  fetch(reading, values[RECORDED_AT], false, &cells[PH_EVENT_RECORDED_AT]);
}

static void add_event(ph_reading *reading, sqlite3_value **values) {
  ph_value cells[PH_EVENT_COLUMNS];
  fetch_activity(reading, values, cells);
  fetch(reading, values[OLD_VALUE], true, &cells[PH_EVENT_OLD_VALUE]);
  fetch(reading, values[NEW_VALUE], true, &cells[PH_EVENT_NEW_VALUE]);
  reading->wanted--;
  ph_reader_add_event(reading->reader, cells, reading->status);
}

/* Hands over a row whose columns stand in the order of their relation. */
static void add_cells(ph_reading *reading, ph_relation_name relation, const ph_value *cells) {
  switch (relation) {
  case PH_RELATION_DEAL: ph_reader_add_deal(reading->reader, cells, reading->status); break;
  case PH_RELATION_EVENT: ph_reader_add_event(reading->reader, cells, reading->status); break;
  case PH_RELATION_STAGE: ph_reader_add_stage(reading->reader, cells, reading->status); break;
  case PH_RELATION_QUOTA: ph_reader_add_quota(reading->reader, cells, reading->status); break;
  case PH_RELATION_RATE: ph_reader_add_rate(reading->reader, cells, reading->status); break;
  case PH_RELATION_HOLIDAY: ph_reader_add_holiday(reading->reader, cells, reading->status); break;
  default:
    ph_policy_set(reading->policy, &cells[PH_POLICY_NAME_COLUMN], &cells[PH_POLICY_VALUE_COLUMN],
                  reading->status);
    break;
  }
}

static void add_row(ph_reading *reading, sqlite3_value **values) {
  ph_value cells[PH_RELATION_MOST_COLUMNS];
  for (int column = 0; column < ph_relations[reading->relation].column_count; column++)
    fetch(reading, values[column], reading->is_name[column], &cells[column]);
  add_cells(reading, reading->relation, cells);
}

void ph_reading_add_row(ph_reading *reading, ph_relation_name relation, sqlite3_stmt *row) {
  ph_value cells[PH_RELATION_MOST_COLUMNS];
  for (int column = 0; column < ph_relations[relation].column_count; column++)
    fetch(reading, sqlite3_column_value(row, column), is_name_column(relation, column), &cells[column]);
  add_cells(reading, relation, cells);
}

static void read_step(sqlite3_context *context, int count, sqlite3_value **values) {
  ph_reading *reading = *(ph_reading **)sqlite3_user_data(context);
  reading = reading_for(context, reading != NULL && count == ph_relations[reading->relation].column_count);
  if (reading == NULL) return;
  if (reading->relation == PH_RELATION_EVENT) {
    add_event(reading, values);
  } else {
    add_row(reading, values);
  }
  if (ph_failed(reading->status)) ph_host_result_status(context, reading->status);
}

static void no_result(sqlite3_context *context) {
  sqlite3_result_null(context);
}

/* Reads an event whose first columns say all. 1 for any other row; NULL, which is no, for those. */
static void wants_row(sqlite3_context *context, int count, sqlite3_value **values) {
  ph_reading *reading = *(ph_reading **)sqlite3_user_data(context);
  ph_value cells[PH_EVENT_COLUMNS];
  (void)count;
  reading = reading_for(context, reading != NULL && reading->relation == PH_RELATION_EVENT);
  if (reading == NULL) return;
  fetch_activity(reading, values, cells);
  if (!ph_reader_add_activity(reading->reader, cells, reading->status)) {
    reading->wanted++;
    sqlite3_result_int(context, 1);
  }
  if (ph_failed(reading->status)) ph_host_result_status(context, reading->status);
}

/* What is registered: scalar functions and aggregates. */
static const struct {
  const char *name;
  int arguments; /* -1: any number */
  void (*scalar)(sqlite3_context *, int, sqlite3_value **);
  void (*step)(sqlite3_context *, int, sqlite3_value **);
} functions[] = {{READ, -1, NULL, read_step},
                 {READ_ROW, -1, read_step, NULL},
                 {WANTS_ROW, ACTIVITY_COLUMNS, wants_row, NULL}};
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

void ph_reading_begin(ph_reading *reading, ph_relation_name relation, bool is_table) {
  reading->relation = relation;
  reading->has_condition = relation == PH_RELATION_EVENT && is_table;
  reading->wanted = 0;
  for (int column = 0; column < ph_relations[relation].column_count; column++)
    reading->is_name[column] = is_name_column(relation, column);
  *reading->now = reading;
}

void ph_reading_end(ph_reading *reading) {
  *reading->now = NULL;
  if (reading->has_condition && reading->wanted != 0)
    ph_fail(reading->status, READ ": SQLite did not evaluate the condition once for each row of the table");
}

/* Appends `count` columns in the order of `columns`; NULL: in their own order. */
static void append_columns(sqlite3_str *sql, const char *const *names, const int *columns, int count) {
  for (int at = 0; at < count; at++) {
    const char *name = names[columns != NULL ? columns[at] : at];
    if (at > 0) sqlite3_str_appendall(sql, ", ");
    if (name != NULL) {
      sqlite3_str_appendf(sql, "\"%w\"", name);
    } else {
      sqlite3_str_appendall(sql, "NULL");
    }
  }
}

static void append_call(sqlite3_str *sql, const char *function, const char *const *names, const int *columns,
                        int count) {
  sqlite3_str_appendf(sql, "%s(", function);
  append_columns(sql, names, columns, count);
  sqlite3_str_appendall(sql, ")");
}

char *ph_reading_sql(ph_relation_name relation, bool is_table, const char *schema, const char *table,
                     const char *const *names) {
  const int *columns = relation == PH_RELATION_EVENT ? event_columns : NULL;
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "SELECT ");
  append_call(sql, is_table ? READ : READ_ROW, names, columns, ph_relations[relation].column_count);
  sqlite3_str_appendf(sql, " FROM \"%w\".\"%w\"", schema, table);
  if (relation == PH_RELATION_EVENT && is_table) {
    sqlite3_str_appendall(sql, " WHERE ");
    append_call(sql, WANTS_ROW, names, columns, ACTIVITY_COLUMNS);
  }
  return sqlite3_str_finish(sql);
}

char *ph_reading_plain_sql(ph_relation_name relation, const char *schema, const char *table,
                           const char *const *names) {
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "SELECT ");
  append_columns(sql, names, NULL, ph_relations[relation].column_count);
  sqlite3_str_appendf(sql, " FROM \"%w\".\"%w\"", schema, table);
  return sqlite3_str_finish(sql);
}
