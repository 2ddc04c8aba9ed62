/*
** A disk in memory that loses power: a file system of SQLite's which remembers every write and every sync.
**
** What was synced survives. Of what was not, a crash may keep all, nothing, or any of the writes, each
** whole or sector by sector as old, new or other bytes; SQLite promises to survive that. One connection at
** a time is open on a file; there is no shared memory, so WAL needs exclusive locking.
*/
#ifndef TEST_SUPPORT_DISK_H
#define TEST_SUPPORT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char disk_name[]; /* of the file system: what sqlite3_open_v2 takes */

/* Registers the file system, not as the default. */
void disk_begin(void);
/* Forgets every file, and what was remembered. All connections are closed. */
void disk_clear(void);

/* Remembers from now on: what the files hold now is as if synced. */
void disk_remember(void);
/* No more; the number of writes, syncs, truncations and deletions since. */
size_t disk_remembered(void);

/* Makes the files what the power loss behind so many of them leaves, by a seed; 0 keeps everything that was
** written, 1 only what was synced. To be called with the same number or greater ones, all connections
** closed. */
void disk_crash(size_t operations, uint64_t seed);

#endif
