/*
** The room of SQL functions (specification, section 10).
*/
#ifndef PH_SQLITE_FUNCTIONS_H
#define PH_SQLITE_FUNCTIONS_H

#include "cache.h"

int ph_functions_register(ph_connection *connection);
/* False when a function stays. */
bool ph_functions_unregister(sqlite3 *db);

/* pipeline_connect(crm [, schema]), see connect.c. */
void ph_pipeline_connect(sqlite3_context *context, int count, sqlite3_value **values);

#endif
