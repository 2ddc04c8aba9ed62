/*
** pipeline_health: sales-pipeline health in SQL, an extension of SQLite.
**
** Loaded at run time (`.load pipeline_health`, sqlite3_load_extension) the library needs no header. A program
** that links it statically calls the entry point on a connection, or once for all connections to come:
**
**     sqlite3_auto_extension((void (*)(void))sqlite3_pipelinehealth_init);
**
** The static library is compiled with SQLITE_CORE and linked with the program's own SQLite, 3.38.3 or later,
** and libm.
*/
#ifndef PIPELINE_HEALTH_H
#define PIPELINE_HEALTH_H

#include "sqlite3.h"

/* The version stands here alone: the build, the packages and the tests read it from this line. */
#define PIPELINE_HEALTH_VERSION "1.0.0"

/* The loadable library shows its entry point: its sources include sqlite3ext.h, a program that links it
** does not. */
#if defined(_WIN32) && defined(SQLITE3EXT_H) && !defined(SQLITE_CORE)
#define PIPELINE_HEALTH_API __declspec(dllexport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define PIPELINE_HEALTH_API __attribute__((visibility("default")))
#else
#define PIPELINE_HEALTH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3_api_routines;

/* Registers every table and function on the connection. Writes nothing to any database. Returns SQLITE_OK, or
** a result code with *error_message (to be freed with sqlite3_free) set. `api` may be NULL in a static
** build. */
PIPELINE_HEALTH_API int sqlite3_pipelinehealth_init(sqlite3 *db, char **error_message,
                                                    const struct sqlite3_api_routines *api);

#ifdef __cplusplus
}
#endif

#endif
