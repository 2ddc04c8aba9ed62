/*
** Virtual-table engine. A table is a descriptor: its columns, its arguments, what fills
** its rows.
**
** HOW IT WORKS. A table fills an array of rows. A column is a name, a type, a kind and an offset into the
** row; only a column that must be worked out has a function. Arguments are hidden columns behind the visible
** ones, and behind them are columns that a table shows only when asked for by name; a last hidden column,
** row_key, numbers the rows of one set of arguments, and (arguments…, row_key) is the primary key of a
** WITHOUT ROWID table, because rows must stay apart when SQLite visits them by several ways (OR). Equality
** with an argument or with a column that filters is taken from the WHERE clause, everything else is left to
** SQLite.
*/
#ifndef PH_SQLITE_ENGINE_H
#define PH_SQLITE_ENGINE_H

#include "cache.h"

#include <stddef.h>

#include "../measure/calendar.h"
#include "../timeline/timeline.h"

typedef enum {
  PH_COLUMN_TEXT,
  PH_COLUMN_INTEGER,
  PH_COLUMN_REAL,
  PH_COLUMN_NUMERIC,
  PH_COLUMN_ANY /* texts and numbers, which SQLite must not convert into each other: declared as BLOB */
} ph_column_type;

/* What stands at a column's offset in the row, and what of it is NULL. */
typedef enum {
  PH_SHOW_NAME,      /* uint32_t, an interned name; 0 is NULL */
  PH_SHOW_DAY,       /* ph_day; PH_DAY_NONE is NULL */
  PH_SHOW_INTEGER,   /* int64_t, int32_t or bool */
  PH_SHOW_COUNT,     /* int64_t; below 0 is NULL */
  PH_SHOW_MONEY,     /* int64_t, units of 1/10,000 */
  PH_SHOW_AMOUNT,    /* the same; below 0 is NULL */
  PH_SHOW_UNITS,     /* double, units of 1/10,000; NaN is NULL */
  PH_SHOW_REAL,      /* double; NaN is NULL */
  PH_SHOW_TEXT,      /* const char *; NULL is NULL */
  PH_SHOW_CHOICE,    /* an enum, unsigned or uint8_t: a place in the column's names, where NULL is NULL */
  PH_SHOW_EXCLUDED,  /* nothing: the number of deals that were left out, the same in every row */
  PH_SHOW_WORKED_OUT /* nothing: the column's function sets the result */
} ph_column_kind;

typedef struct ph_query ph_query;

typedef struct ph_column {
  const char *name;
  ph_column_type type;
  ph_column_kind kind;
  size_t offset, size;                                /* in the row */
  const char *const *choices;                         /* of PH_SHOW_CHOICE */
  void (*work_out)(ph_query *query, const void *row); /* of PH_SHOW_WORKED_OUT */
  bool filters; /* equality with a value leaves rows out early; so it is for every name and choice */
} ph_column;

/* The columns of a table, one a line. They fail to compile where the row's member is of another type than
** the kind. */
#define PH_MEMBER(row, member) .offset = offsetof(row, member), .size = sizeof(((row *)0)->member)
#define PH_MEMBER_OF(row, member, c_type)                                                                    \
  .offset = offsetof(row, member) + _Generic(((row *)0)->member, c_type : 0), .size = sizeof(c_type)
#define PH_NAME_COLUMN(name, row, member)                                                                    \
  { name, PH_COLUMN_TEXT, PH_SHOW_NAME, PH_MEMBER_OF(row, member, uint32_t), .filters = true }
#define PH_DAY_COLUMN(name, row, member)                                                                     \
  { name, PH_COLUMN_TEXT, PH_SHOW_DAY, PH_MEMBER_OF(row, member, ph_day) }
#define PH_INTEGER_COLUMN(name, row, member)                                                                 \
  { name, PH_COLUMN_INTEGER, PH_SHOW_INTEGER, PH_MEMBER(row, member) }
#define PH_COUNT_COLUMN(name, row, member)                                                                   \
  { name, PH_COLUMN_INTEGER, PH_SHOW_COUNT, PH_MEMBER_OF(row, member, int64_t) }
#define PH_MONEY_COLUMN(name, row, member)                                                                   \
  { name, PH_COLUMN_REAL, PH_SHOW_MONEY, PH_MEMBER_OF(row, member, int64_t) }
#define PH_AMOUNT_COLUMN(name, row, member)                                                                  \
  { name, PH_COLUMN_REAL, PH_SHOW_AMOUNT, PH_MEMBER_OF(row, member, int64_t) }
#define PH_UNITS_COLUMN(name, row, member)                                                                   \
  { name, PH_COLUMN_REAL, PH_SHOW_UNITS, PH_MEMBER_OF(row, member, double) }
#define PH_REAL_COLUMN(name, row, member)                                                                    \
  { name, PH_COLUMN_REAL, PH_SHOW_REAL, PH_MEMBER_OF(row, member, double) }
#define PH_TEXT_COLUMN(name, row, member)                                                                    \
  { name, PH_COLUMN_TEXT, PH_SHOW_TEXT, PH_MEMBER_OF(row, member, const char *) }
#define PH_CHOICE_COLUMN(name, row, member, names)                                                           \
  { name, PH_COLUMN_TEXT, PH_SHOW_CHOICE, PH_MEMBER(row, member), .choices = names, .filters = true }
#define PH_EXCLUDED_DEALS_COLUMN                                                                             \
  { "excluded_deals", PH_COLUMN_INTEGER, PH_SHOW_EXCLUDED, .size = 0 }
#define PH_WORKED_OUT_COLUMN(name, type, function)                                                           \
  { name, type, PH_SHOW_WORKED_OUT, .work_out = function }

typedef enum {
  PH_ARGUMENT_DAY,
  PH_ARGUMENT_OPTIONAL_DAY, /* not given or NULL: PH_DAY_NONE, its default */
  PH_ARGUMENT_SCOPE,
  PH_ARGUMENT_STEP,
  PH_ARGUMENT_DAYS,           /* a whole number of days, 0 to 36500 */
  PH_ARGUMENT_OPTIONAL_SHARE, /* a number from 0 to 1; not given or NULL: NaN, its default */
  PH_ARGUMENT_OPTIONAL_NUMBER /* likewise, from 0 to 10^12 */
} ph_argument_type;

typedef struct ph_argument {
  const char *name;
  ph_argument_type type;
  bool required;
  int32_t default_value; /* unless it is a day, whose default is today */
  unsigned scopes;       /* PH_ARGUMENT_SCOPE: one bit a ph_scope that is allowed */
} ph_argument;

/* Whether NULL is a value of the argument. */
static inline bool ph_argument_is_real(const ph_argument *argument) {
  return argument->type == PH_ARGUMENT_OPTIONAL_SHARE || argument->type == PH_ARGUMENT_OPTIONAL_NUMBER;
}
static inline bool ph_argument_is_optional(const ph_argument *argument) {
  return argument->type == PH_ARGUMENT_OPTIONAL_DAY || ph_argument_is_real(argument);
}

enum {
  PH_ANY_SCOPE = (1 << PH_SCOPE_COUNT) - 1,
  PH_QUOTA_SCOPES = 1 << PH_SCOPE_ALL | 1 << PH_SCOPE_TEAM | 1 << PH_SCOPE_OWNER
};

/* A character of the plan's text tells them apart: see engine_internal.h. */
enum { PH_MOST_ARGUMENTS = 8, PH_MOST_COLUMNS = 80 };

/* A value of its type that a column is compared with. NULL ends a query before its filters. */
typedef struct ph_filter {
  int column;
  int64_t integer;
  const char *text;
  size_t length;
} ph_filter;

/* Columns of a table of open deals. A comparison with one of the first two tells which deals suffice; without
** it all deals do. Rows of one set of arguments are told apart by their deal_id. */
typedef struct ph_choice {
  int deal_id_column, owner_column;
  int day_argument;
} ph_choice;

struct ph_table;

/* One query of a table: its arguments and its rows. The engine owns it. */
struct ph_query {
  const struct ph_table *table;
  ph_connection *connection;
  const ph_sources *sources;
  ph_snapshot *snapshot; /* NULL where the policy alone is read */
  ph_pipeline *pipeline;
  ph_policy policy; /* then, and of a table that answers_without_deals */
  ph_status *status;
  int32_t arguments[PH_MOST_ARGUMENTS]; /* days, ph_scope, ph_step */
  double reals[PH_MOST_ARGUMENTS];      /* those that are numbers */
  ph_filter filters[PH_MOST_COLUMNS];   /* of the columns that are compared */
  int filter_count;
  void *rows; /* a block of the status's memory, freed by the engine */
  size_t row_count;
  void *state;             /* the table's own, freed by its end */
  size_t row;              /* the current one */
  sqlite3_context *result; /* while a value is asked for */
};

typedef struct ph_table {
  const char *name;
  const ph_column *columns;
  int column_count;
  int hidden_count; /* columns behind those, not in SELECT * */
  const ph_argument *arguments;
  int argument_count;
  bool reads_policy_only;
  bool answers_without_deals; /* reads the policy alone where there is no relation of deals */
  ph_needs needs;
  const ph_choice *choice; /* NULL, or by what the deals are chosen that suffice */
  bool sums_money;         /* so that several currencies without rates are an error */
  double rows_estimate;
  size_t row_size; /* 0: one row in memory, which visit makes anew */
  /* Fills rows and row_count. A failure goes to the status. */
  void (*fill)(ph_query *query);
  /* NULL, or: whether the current row belongs to the result, filters aside; may make it first. */
  bool (*visit)(ph_query *query);
  /* NULL, or frees query->state. */
  void (*end)(ph_query *query);
} ph_table;

/* The columns and the arguments of a table; there may be no more of them than a plan can tell apart. */
#define PH_COUNT_OF(array, most)                                                                             \
  (int)(sizeof(array) / sizeof *(array) +                                                                    \
        0 * sizeof(char[sizeof(array) / sizeof *(array) <= (most) ? 1 : -1]))
#define PH_COLUMNS(array) .columns = array, .column_count = PH_COUNT_OF(array, PH_MOST_COLUMNS)
#define PH_COLUMNS_AND_HIDDEN(array, hidden)                                                                 \
  .columns = array, .column_count = PH_COUNT_OF(array, PH_MOST_COLUMNS) - (hidden), .hidden_count = (hidden)
#define PH_ARGUMENTS(array) .arguments = array, .argument_count = PH_COUNT_OF(array, PH_MOST_ARGUMENTS)

extern const ph_table *const ph_tables[];
extern const int ph_table_count;

int ph_engine_register(ph_connection *connection, const ph_table *table);

/* The current row. */
static inline const void *ph_query_row(const ph_query *query) {
  return (const char *)query->rows + query->row * query->table->row_size;
}

/* Sets the value of a column of the current row as the result. */
void ph_column_show(ph_query *query, const ph_column *column);

/* Whether the current row has the values that its columns are compared with. A column that is worked out
** is not looked at. */
bool ph_row_passes_filters(const ph_query *query);

/* For a visit that asks before it makes a row: the filter of a column, NULL without one; and whether a name
** passes it. */
const ph_filter *ph_query_filter(const ph_query *query, int column);
bool ph_filter_passes_name(const ph_query *query, int column, uint32_t name);

/* Results of a value. A name that is missing, a day that is none and a NaN become NULL. */
void ph_result_name(ph_query *query, uint32_t name);
void ph_result_text(ph_query *query, const char *text);
void ph_result_day(ph_query *query, ph_day day);
/* The id and the name of a deal, as texts. */
void ph_result_deal_id(ph_query *query, const ph_deal *deal);
void ph_result_deal_name(ph_query *query, const ph_deal *deal);
void ph_result_integer(ph_query *query, int64_t integer);
void ph_result_money(ph_query *query, int64_t units);
void ph_result_real(ph_query *query, double real);
/* numerator / denominator; NULL when the denominator is zero. */
void ph_result_ratio(ph_query *query, double numerator, double denominator);

#endif
