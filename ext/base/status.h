/*
** Errors and memory: what every call of the lower floors carries down.
**
** A ph_status holds the first error of a job, the allocator it works with and the question "must I
** stop?". Functions do nothing once it has failed, so callers check at the end, not at each step.
** Nothing here knows SQLite: the floor above hands in the allocator and the poll.
*/
#ifndef PH_BASE_STATUS_H
#define PH_BASE_STATUS_H

#include "rounding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PH_PRINTF(text_at, arguments_at) __attribute__((format(printf, text_at, arguments_at)))
#else
#define PH_PRINTF(text_at, arguments_at)
#endif

/* Asks the processor to fetch what an address holds; never faults. */
static inline void ph_prefetch(const void *address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  (void)address;
#endif
}

typedef enum { PH_OK = 0, PH_ERROR, PH_NO_MEMORY, PH_INTERRUPTED } ph_code;

/* The allocator. `resize` with a NULL block allocates; it returns NULL when memory is short and then
** leaves the old block as it was. `release` takes NULL. */
typedef struct ph_memory {
  void *(*resize)(void *context, void *block, size_t bytes);
  void (*release)(void *context, void *block);
  void *context;
} ph_memory;

typedef struct ph_status {
  ph_code code;
  char message[1024];          /* set when code is PH_ERROR */
  int host_code;               /* of the floor above: what it calls that error; 0: it has no name for it */
  ph_memory *memory;           /* outlives every structure built with this status */
  bool (*stop)(void *context); /* true: the user interrupted; NULL: never */
  void *stop_context;
  uint32_t ticks;
} ph_status;

/* Starts a job without an error. */
void ph_status_begin(ph_status *status, ph_memory *memory);

static inline bool ph_failed(const ph_status *status) {
  return status->code != PH_OK;
}

/* Records an error unless there is one already: the first error wins. The text is cut to the message's
** size at a character's border. */
void ph_fail(ph_status *status, const char *format, ...) PH_PRINTF(2, 3);
void ph_fail_memory(ph_status *status);

/* Asks `stop`; false when the user interrupted. */
bool ph_ask_to_stop(ph_status *status);

/* To be called in every loop that may run long, with the number of steps that a turn of the loop takes: asks
** `stop` every PH_TICKS_BETWEEN_STOPS steps. Returns false when the loop must end. */
enum { PH_TICKS_BETWEEN_STOPS = 4096 }; /* a few milliseconds of the slowest loops */
static inline bool ph_continue_after(ph_status *status, size_t steps) {
  if (ph_failed(status)) return false;
  if (steps < PH_TICKS_BETWEEN_STOPS - status->ticks) {
    status->ticks += (uint32_t)steps;
    return true;
  }
  status->ticks = 0;
  return ph_ask_to_stop(status);
}
static inline bool ph_continue(ph_status *status) {
  return ph_continue_after(status, 1);
}

/* SQLite, whose memory it mostly is, gives no block of more bytes. */
static const size_t ph_largest_block = 2147483391;

/* count × size bytes, or NULL and PH_NO_MEMORY. The product is checked. Zero elements give a block too. */
void *ph_allocate(ph_status *status, size_t count, size_t size);
void *ph_allocate_zeroed(ph_status *status, size_t count, size_t size);

/* Makes room for at least `needed` elements in *block, growing by half. On failure *block keeps its
** content. *capacity counts elements. */
bool ph_reserve(ph_status *status, void **block, size_t *capacity, size_t needed, size_t size);

/* Gives back what *block holds beyond `count` elements. */
void ph_trim(ph_status *status, void **block, size_t *capacity, size_t count, size_t size);

void ph_release(const ph_memory *memory, void *block);

#endif
