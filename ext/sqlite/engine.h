/*
** Virtual-table engine. A table is a descriptor: its columns, its arguments, what fills
** its rows.
**
** HOW IT WORKS. Arguments are hidden columns behind the visible ones, and behind them are columns that a table
** shows only when asked for by name; a last hidden column, row_key, numbers
** the rows of one set of arguments, and (arguments…, row_key) is the primary key of a WITHOUT ROWID table,
** because rows must stay apart when SQLite visits them by several ways (OR). Equality with an argument or
** with a column that filters is taken from the WHERE clause, everything else is left to SQLite.
*/
#ifndef PH_SQLITE_ENGINE_H
#define PH_SQLITE_ENGINE_H

#include "cache.h"
#include "../measure/calendar.h"
#include "../timeline/timeline.h"

typedef enum { PH_COLUMN_TEXT, PH_COLUMN_INTEGER, PH_COLUMN_REAL, PH_COLUMN_NUMERIC } ph_column_type;

typedef struct ph_column {
  const char *name;
  ph_column_type type;
  bool filters; /* equality with a value is used to leave rows out early */
} ph_column;

typedef enum {
  PH_ARGUMENT_DAY,
  PH_ARGUMENT_SCOPE,
  PH_ARGUMENT_STEP,
  PH_ARGUMENT_DAYS /* a whole number of days, 0 to 36500 */
} ph_argument_type;

typedef struct ph_argument {
  const char *name;
  ph_argument_type type;
  bool required;
  int32_t default_value; /* of scope, step and days; a day's default is today */
  unsigned scopes;       /* PH_ARGUMENT_SCOPE: one bit a ph_scope that is allowed */
} ph_argument;

enum {
  PH_ANY_SCOPE = (1 << PH_SCOPE_COUNT) - 1,
  PH_QUOTA_SCOPES = 1 << PH_SCOPE_ALL | 1 << PH_SCOPE_TEAM | 1 << PH_SCOPE_OWNER
};

enum { PH_MOST_ARGUMENTS = 4, PH_MOST_COLUMNS = 40 };

/* What a column is compared with: nothing, or a value of the column's type. NULL ends a query before its filters. */
typedef struct ph_filter {
  bool given;
  int64_t integer;
  const char *text;
  size_t length;
} ph_filter;

struct ph_table;

/* One query of a table: its arguments and its rows. The engine owns it. */
typedef struct ph_query {
  const struct ph_table *table;
  ph_connection *connection;
  const ph_sources *sources;
  ph_snapshot *snapshot; /* NULL for tables that read the policy alone */
  ph_pipeline *pipeline;
  ph_policy policy; /* for those */
  ph_status *status;
  int32_t arguments[PH_MOST_ARGUMENTS]; /* days, ph_scope, ph_step */
  bool asked_once;                      /* the first argument is a constant of the statement */
  ph_filter filters[PH_MOST_COLUMNS];
  void *rows; /* a block of the status's memory, freed by the engine */
  size_t row_size, row_count;
  void *state;             /* the table's own, freed by its end */
  size_t row;              /* the current one */
  sqlite3_context *result; /* while a value is asked for */
} ph_query;

typedef struct ph_table {
  const char *name;
  const ph_column *columns;
  int column_count;
  int hidden_count; /* columns behind those, not in SELECT * */
  const ph_argument *arguments;
  int argument_count;
  bool reads_policy_only;
  double rows_estimate;
  /* Fills rows, row_size and row_count. A failure goes to the status. */
  void (*fill)(ph_query *query);
  /* NULL, or: whether the current row belongs to the result; may make it first. */
  bool (*visit)(ph_query *query);
  /* Sets the value of a column of the current row as the result. */
  void (*value)(ph_query *query, int column);
  /* NULL, or frees query->state. */
  void (*end)(ph_query *query);
} ph_table;

extern const ph_table *const ph_tables[];
extern const int ph_table_count;

int ph_engine_register(ph_connection *connection, const ph_table *table);

/* The current row of a table that fills an array. */
static inline const void *ph_query_row(const ph_query *query) {
  return (const char *)query->rows + query->row * query->row_size;
}

/* Whether a name passes the filter of a column. */
bool ph_filter_passes_name(const ph_query *query, int column, uint32_t name);
bool ph_filter_passes_text(const ph_query *query, int column, const char *text);
bool ph_filter_passes_integer(const ph_query *query, int column, int64_t integer);

/* Results of a value. A name that is missing, a day that is none and a NaN become NULL. */
void ph_result_name(ph_query *query, uint32_t name);
void ph_result_text(ph_query *query, const char *text);
void ph_result_day(ph_query *query, ph_day day);
void ph_result_integer(ph_query *query, int64_t integer);
void ph_result_money(ph_query *query, int64_t units);
void ph_result_real(ph_query *query, double real);
/* numerator / denominator; NULL when the denominator is zero. */
void ph_result_ratio(ph_query *query, double numerator, double denominator);

#endif
