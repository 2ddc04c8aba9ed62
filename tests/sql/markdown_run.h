/*
** Runs the examples of a Markdown page and compares their shown output.
**
** Every ```sql block is run, in order, in one database. A ```text (or plain ```) block that follows it
** directly is what the sqlite3 shell must print for it. Lines of a ```sql block that start with a dot are
** commands of the shell: .load is passed over, .mode and .headers are obeyed, any other is a failure.
** Comments on a line of their own steer:
**
**     <!-- test: fresh -->          an empty database from here on
**     <!-- test: demo -->           a copy of the demo database, connected, from here on
**     <!-- test: mode box -->       column (at the start), box or list, from here on
**     <!-- test: error TEXT -->     the next block must fail with TEXT in the message
**     <!-- test: skip REASON -->    the next block is not run
*/
#ifndef TEST_SQL_MARKDOWN_RUN_H
#define TEST_SQL_MARKDOWN_RUN_H

#include "../support/tally.h"

/* `demo` NULL: demo.db in the scratch folder. With `update`, shown output that differs is written anew. */
void markdown_run(const char *path, const char *demo, bool update, tally *score);

/* Prints the number of ```sql blocks of a page, and returns it. */
size_t markdown_list(const char *path);

#endif
