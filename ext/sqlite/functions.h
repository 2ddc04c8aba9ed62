/*
** SQL functions (specification, section 10).
*/
#ifndef PH_SQLITE_FUNCTIONS_H
#define PH_SQLITE_FUNCTIONS_H

#include "cache.h"

int ph_functions_register(ph_connection *connection);
/* False when a function stays. */
bool ph_functions_unregister(sqlite3 *db);

/* The error of an argument: which function and argument, its value, what was expected. */
void ph_function_fail(sqlite3_context *context, const char *function, const char *argument,
                      const ph_value *value, const char *expected);

/* Appends a text as a string of JSON; of the second, an empty text and NULL are null. */
void ph_append_json(sqlite3_str *json, const char *text, size_t length);
void ph_append_json_text(sqlite3_str *json, const char *text);

/* pipeline_date(text [, order]) and pipeline_amount(text [, decimal]), see function_text.c. */
void ph_pipeline_date(sqlite3_context *context, int count, sqlite3_value **values);
void ph_pipeline_amount(sqlite3_context *context, int count, sqlite3_value **values);

/* What the views of pipeline_connect call, see function_cell.c. */
void ph_cell_among(sqlite3_context *context, int count, sqlite3_value **values);
void ph_cell_boolean(sqlite3_context *context, int count, sqlite3_value **values);
void ph_cell_words(sqlite3_context *context, int count, sqlite3_value **values);
void ph_cell_cancelled(sqlite3_context *context, int count, sqlite3_value **values);
void ph_cell_channel(sqlite3_context *context, int count, sqlite3_value **values);
void ph_cell_inserted(sqlite3_context *context, int count, sqlite3_value **values);
void ph_cell_closed(sqlite3_context *context, int count, sqlite3_value **values);

/* Lists of different texts, see function_list.c. */
void ph_list_step(sqlite3_context *context, int count, sqlite3_value **values);
void ph_list_final(sqlite3_context *context);
void ph_counts_step(sqlite3_context *context, int count, sqlite3_value **values);
void ph_counts_final(sqlite3_context *context);

/* What the views of pipeline_connect look up, see function_lookup.c. */
void ph_lookup(sqlite3_context *context, int count, sqlite3_value **values);
void ph_closing_of_entry(sqlite3_context *context, int count, sqlite3_value **values);
void ph_map_step(sqlite3_context *context, int count, sqlite3_value **values);
void ph_greatest_step(sqlite3_context *context, int count, sqlite3_value **values);
void ph_map_final(sqlite3_context *context);
void ph_find_row(sqlite3_context *context, int count, sqlite3_value **values);
void ph_first_of_row(sqlite3_context *context, int count, sqlite3_value **values);
void ph_second_of_row(sqlite3_context *context, int count, sqlite3_value **values);
void ph_entries_step(sqlite3_context *context, int count, sqlite3_value **values);
void ph_entries_final(sqlite3_context *context);

/* What pipeline_connect asks of the cells of a table, see connect_look.c. */
void ph_look_step(sqlite3_context *context, int count, sqlite3_value **values);
void ph_look_final(sqlite3_context *context);
void ph_repeats_step(sqlite3_context *context, int count, sqlite3_value **values);
void ph_repeats_final(sqlite3_context *context);

/* pipeline_workdays(from, to [, weekend]), see function_workdays.c. */
void ph_pipeline_workdays(sqlite3_context *context, int count, sqlite3_value **values);

/* pipeline_connect([crm [, schema [, options]]]) and pipeline_connect_sql(crm [, schema [, options]]), see
** connect.c. */
void ph_pipeline_connect(sqlite3_context *context, int count, sqlite3_value **values);
void ph_pipeline_connect_sql(sqlite3_context *context, int count, sqlite3_value **values);

/* pipeline_health_stored(rows, number, column): what a store is filled from, see store_write.c. */
void ph_stored_row(sqlite3_context *context, int count, sqlite3_value **values);

/* pipeline_store(action), see store.c. */
void ph_pipeline_store(sqlite3_context *context, int count, sqlite3_value **values);

/* The CRMs that it knows, for messages: 'one' or 'another'. */
enum { PH_CRM_NAMES_BYTES = 256 };
void ph_connect_known(char names[PH_CRM_NAMES_BYTES]);

#endif
