/*
** The entry point of a test program that holds no extension: it loads the library that the environment
** variable PIPELINE_HEALTH_LIBRARY names. So the runner of the golden files tests a release of another
** platform.
*/
#include "pipeline_health.h"

#include <stdlib.h>

int sqlite3_pipelinehealth_init(sqlite3 *db, char **error_message, const struct sqlite3_api_routines *api) {
  const char *library = getenv("PIPELINE_HEALTH_LIBRARY");
  (void)api;
  if (library == NULL) {
    *error_message = sqlite3_mprintf("PIPELINE_HEALTH_LIBRARY names no library");
    return SQLITE_ERROR;
  }
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, (int *)NULL);
  return sqlite3_load_extension(db, library, NULL, error_message);
}
