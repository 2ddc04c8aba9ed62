/*
** Shared by the files of the virtual-table engine: engine.c, plan.c and arguments.c.
*/
#ifndef PH_SQLITE_ENGINE_INTERNAL_H
#define PH_SQLITE_ENGINE_INTERNAL_H

#include "engine.h"

typedef struct ph_cursor {
  sqlite3_vtab_cursor base;
  ph_query query;
  ph_status status;
  ph_host_memory memory; /* for tables without a snapshot */
  ph_policy policy;
  bool policy_known, at_end;
  sqlite3_value *values[PH_MOST_ARGUMENTS];      /* as they were given, NULL for a default */
  sqlite3_value *filter_values[PH_MOST_COLUMNS]; /* of the query's filters, which point into them */
} ph_cursor;

/* The first column that is neither visible nor an argument, and the last one, which makes rows unique.
** SQLite takes them for more arguments of table(argument, ...). */
static inline int ph_first_hidden_column(const ph_table *table) {
  return table->column_count + table->argument_count;
}
static inline int ph_row_key_column(const ph_table *table) {
  return ph_first_hidden_column(table) + table->hidden_count;
}

/* xBestIndex. The plan's text has a printable character for each value that xFilter gets: behind
** PH_PLAN_FIRST the number of an argument, then that of a column, then PH_PLAN_TOO_MANY for what a hidden
** column that is no argument is compared with. */
enum {
  PH_PLAN_FIRST = '!',
  PH_PLAN_COLUMN = PH_MOST_ARGUMENTS,
  PH_PLAN_TOO_MANY = PH_PLAN_COLUMN + PH_MOST_COLUMNS
};
_Static_assert(PH_PLAN_FIRST + PH_PLAN_TOO_MANY <= '~', "a character of a plan is printable");
int ph_plan_best_index(const ph_table *table, sqlite3_index_info *info);

/* Keeps the values that came with the plan. False when one of them is NULL: then there is no row. */
bool ph_cursor_keep_values(ph_cursor *at, const char *plan, int count, sqlite3_value **values);
void ph_cursor_forget_values(ph_cursor *at);

/* Fails the job: what is given for a hidden column that is no argument is one argument too many. */
void ph_cursor_refuse_argument(ph_cursor *at, sqlite3_value *given);

/* What the value kept for an argument means, or the argument's default. Errors name table, argument and
** value. */
void ph_cursor_read_argument(ph_cursor *at, int index);

#endif
