/*
** pipeline_workdays: working days between two dates (specification, section 10).
**
**     SELECT pipeline_workdays('2022-06-01', '2022-06-30');             -- 22
**     SELECT pipeline_workdays(opened, closed, '0000110') FROM ticket;  -- Friday and Saturday off
**
** As Excel's NETWORKDAYS.INTL: the days from one date to the other, both included, that are neither on the
** weekend nor a holiday; negative where `from` lies behind `to`. `weekend` has seven characters, Monday
** first, 1 = nobody works; NULL, an empty text or none is '0000011', Saturday and Sunday. Excel's numbers of
** weekends are refused, since 0000011 without quotes is its 11, Sunday alone.
**
** Holidays are the rows of pipeline_holiday, looked for in temp, then in main, whose team is NULL: those of
** everybody. Without that relation there are none. NULL where a date is missing. Dates with a time count as
** their day in UTC.
**
** Holidays are read once a statement: SQLite keeps data under a negative number until the statement ends.
*/
#include "functions.h"

#include "../base/workday.h"
#include "../base/zone.h"

static const char NAME[] = "pipeline_workdays";
enum { HOLIDAYS_OF_STATEMENT = -20081023 };

/* The holidays of everybody, and how they count with the weekend that was asked for last. */
typedef struct holidays {
  ph_host_memory memory;
  ph_day *days;
  size_t count, capacity;
  ph_workdays workdays;
  bool is_counted;
} holidays;

static void free_holidays(void *data) {
  holidays *all = data;
  ph_workdays_end(&all->workdays, &all->memory.memory);
  ph_release(&all->memory.memory, all->days);
  sqlite3_free(all);
}

static sqlite3_stmt *prepare(sqlite3 *db, char *sql, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  if (sql == NULL) {
    ph_fail_memory(status);
  } else if (!ph_failed(status)) {
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK) ph_host_fail(status, db, code, "pipeline_holiday");
  }
  sqlite3_free(sql);
  return statement;
}

static void finalize(sqlite3 *db, sqlite3_stmt *statement, ph_status *status) {
  int code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, "pipeline_holiday");
}

/* The first of temp and main that has the relation; NULL where neither has. */
static const char *find_schema(sqlite3 *db, ph_status *status) {
  static const char *const schemas[] = {"temp", "main"};
  for (int index = 0; index < 2; index++) {
    sqlite3_stmt *statement =
        prepare(db,
                sqlite3_mprintf("SELECT 1 FROM \"%w\".sqlite_master WHERE type IN ('table', 'view') AND "
                                "name = 'pipeline_holiday' COLLATE NOCASE",
                                schemas[index]),
                status);
    bool found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;
    finalize(db, statement, status);
    if (ph_failed(status)) return NULL;
    if (found) return schemas[index];
  }
  return NULL;
}

/* Whether the relation has its columns: day, which it must have, and team. */
static bool has_team(sqlite3 *db, const char *schema, ph_status *status) {
  sqlite3_stmt *statement =
      prepare(db, sqlite3_mprintf("SELECT * FROM \"%w\".pipeline_holiday LIMIT 0", schema), status);
  bool day = false, team = false;
  for (int column = 0; statement != NULL && column < sqlite3_column_count(statement); column++) {
    const char *name = sqlite3_column_name(statement, column);
    if (name == NULL) ph_fail_memory(status);
    day = day || (name != NULL && sqlite3_stricmp(name, "day") == 0);
    team = team || (name != NULL && sqlite3_stricmp(name, "team") == 0);
  }
  finalize(db, statement, status);
  if (!day) ph_fail(status, "%s: %s.pipeline_holiday has no column day", NAME, schema);
  return team;
}

static void read_row(holidays *all, sqlite3_value *cell, ph_status *status) {
  ph_value value = ph_host_value(cell);
  ph_zone utc;
  ph_instant instant;
  char shown[PH_VALUE_SHOWN_BYTES];
  ph_zone_begin_fixed(&utc, 0);
  if (!ph_zone_read(&utc, &value, PH_DATE_BY_NATURE, &instant) || instant.day == PH_DAY_NONE) {
    ph_fail(status, "%s: day of pipeline_holiday is %s (%s)", NAME, ph_value_show(&value, shown),
            PH_EXPECTED_DATE_FORMS);
    return;
  }
  void *days = all->days;
  if (ph_reserve(status, &days, &all->capacity, all->count + 1, sizeof *all->days)) {
    all->days = days;
    all->days[all->count++] = instant.day;
  }
}

static void read_holidays(sqlite3 *db, holidays *all, ph_status *status) {
  const char *schema = find_schema(db, status);
  if (schema == NULL) return;
  const char *condition = has_team(db, schema, status) ? "WHERE team IS NULL OR team = ''" : "";
  if (ph_failed(status)) return;
  sqlite3_stmt *statement =
      prepare(db, sqlite3_mprintf("SELECT day FROM \"%w\".pipeline_holiday %s", schema, condition), status);
  while (!ph_failed(status) && sqlite3_step(statement) == SQLITE_ROW)
    read_row(all, sqlite3_column_value(statement, 0), status);
  finalize(db, statement, status);
}

static holidays *new_holidays(ph_connection *connection, ph_status *status) {
  holidays *all = sqlite3_malloc64(sizeof *all);
  if (all == NULL) {
    ph_fail_memory(status);
    return NULL;
  }
  *all = (holidays){.count = 0};
  ph_host_memory_begin(&all->memory);
  status->memory = &all->memory.memory;
  ph_workdays_begin(&all->workdays, PH_WEEKEND_NONE, NULL, 0, status);
  if (connection->reads_holidays)
    ph_fail(status, "%s: pipeline_holiday reads pipeline_workdays: that would never end", NAME);
  connection->reads_holidays = true;
  if (!ph_failed(status)) read_holidays(connection->db, all, status);
  connection->reads_holidays = false;
  if (!ph_failed(status)) return all;
  free_holidays(all);
  return NULL;
}

/* The holidays of this statement, counted with the weekend. NULL on failure, which is the result then. */
static holidays *holidays_of(sqlite3_context *context, ph_weekend weekend) {
  ph_connection *connection = sqlite3_user_data(context);
  ph_status status;
  ph_host_status_begin(&status, NULL, &connection->patience);
  holidays *all = sqlite3_get_auxdata(context, HOLIDAYS_OF_STATEMENT);
  if (all == NULL && (all = new_holidays(connection, &status)) != NULL) {
    sqlite3_set_auxdata(context, HOLIDAYS_OF_STATEMENT, all,
                        free_holidays); /* frees it when memory is short */
    all = sqlite3_get_auxdata(context, HOLIDAYS_OF_STATEMENT);
    if (all == NULL) ph_fail_memory(&status);
  }
  if (all != NULL && !(all->is_counted && all->workdays.weekend == weekend)) {
    status.memory = &all->memory.memory;
    ph_workdays_end(&all->workdays, status.memory);
    ph_workdays_begin(&all->workdays, weekend, all->days, all->count, &status);
    all->is_counted = !ph_failed(&status);
  }
  if (!ph_failed(&status)) return all;
  ph_host_result_status(context, &status);
  return NULL;
}

/* False where the date is missing, or none, which is an error. */
static bool read_day(sqlite3_context *context, const char *argument, sqlite3_value *given, ph_day *day) {
  ph_value value = ph_host_value(given);
  ph_zone utc;
  ph_instant instant;
  ph_zone_begin_fixed(&utc, 0);
  if (!ph_zone_read(&utc, &value, PH_DATE_BY_NATURE, &instant)) {
    ph_function_fail(context, NAME, argument, &value, PH_EXPECTED_DATE_FORMS);
    return false;
  }
  *day = instant.day;
  return instant.day != PH_DAY_NONE;
}

static bool read_weekend(sqlite3_context *context, int count, sqlite3_value **values, ph_weekend *weekend) {
  *weekend = 1 << 5 | 1 << 6;
  if (count < 3) return true;
  ph_value value = ph_host_value(values[2]);
  if (ph_value_is_missing(&value)) return true;
  if (value.type == PH_TEXT && ph_weekend_read(value.text, value.length, weekend)) return true;
  ph_function_fail(context, NAME, "weekend", &value,
                   "expected seven characters 0 or 1 in quotes, Monday first, 1 = nobody works");
  return false;
}

void ph_pipeline_workdays(sqlite3_context *context, int count, sqlite3_value **values) {
  ph_day from, to;
  ph_weekend weekend;
  if (!read_weekend(context, count, values, &weekend)) return;
  if (!read_day(context, "from", values[0], &from) || !read_day(context, "to", values[1], &to)) return;
  const holidays *all = holidays_of(context, weekend);
  if (all == NULL) return;
  ph_day first = from < to ? from : to, last = from < to ? to : from;
  int32_t days = ph_workdays_between(&all->workdays, first, last) + ph_is_workday(&all->workdays, first);
  sqlite3_result_int(context, from <= to ? days : -days);
}
