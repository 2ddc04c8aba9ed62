/*
** Second thread: a piece of work that one thread asks for and two do.
**
** A helper lives within one call: it is started, works on memory of that job alone, and is waited for before the
** call returns. It calls nothing of the host but the job's allocator, and takes no signals. Where no thread is to
** be had (on Windows, with -DPH_NO_THREADS, or when the system gives none) the asking thread does all by itself,
** with the same result.
*/
#ifndef PH_BASE_HELPER_H
#define PH_BASE_HELPER_H

#include "status.h"

/* Fewer rows than these are done alone, before a thread could be of use. */
#ifndef PH_ROWS_ALONE
#define PH_ROWS_ALONE 32768
#endif

enum { PH_PARTS = 2, PH_SHARE = 1024 };

/* Items come to the parts in turns, some at a time: each part gets as many of every kind. */
static inline size_t ph_first_of_part(int part) {
  return (size_t)part * PH_SHARE;
}
static inline size_t ph_next_of_part(size_t item) {
  return (item + 1) % PH_SHARE != 0 ? item + 1 : item + 1 + (PH_PARTS - 1) * PH_SHARE;
}

/* What each thread writes lies so many bytes apart, with _Alignas, for processors pass memory to and fro in pieces of
** up to this size. */
enum { PH_APART = 128 };

/* Part 0 or 1 of a work. The parts share no memory that either writes. */
typedef void ph_part_work(void *context, int part, ph_status *status);

/* Does both parts, the second on a helper if `helped`, else one after the other. Of two errors that of part 0
** wins, whoever was faster. */
void ph_do_parts(bool helped, ph_part_work *work, void *context, ph_status *status);

/* A helper that empties the blocks of a ring, in their order, while the asking thread fills others. */
typedef struct ph_helper ph_helper;
enum { PH_RING_BLOCKS = 8 };

/* Does what is in a block of the ring. */
typedef void ph_block_work(void *context, int block, ph_status *status);

/* NULL without an error when no thread is to be had, with one when memory is short. */
ph_helper *ph_helper_start(ph_block_work *work, void *context, ph_status *status);

/* The block that the asking thread filled is for the helper, which may begin with it some blocks later; where all blocks of
** the ring are full, waits until half of them are empty. What the helper found wrong becomes the error of the status. */
void ph_helper_give(ph_helper *helper, ph_status *status);

/* Waits until all given blocks are empty; no longer than the work needs to stop when the status has failed. What the helper
** found wrong becomes the error of the status, unless that has one. */
void ph_helper_wait(ph_helper *helper, ph_status *status);

/* Waits and ends the helper. */
void ph_helper_end(ph_helper *helper, ph_status *status);

#endif
