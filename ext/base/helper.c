/* Second thread. See helper.h. */
#if !defined(_POSIX_C_SOURCE) && !defined(_WIN32)
#define _POSIX_C_SOURCE 200809L /* signal masks and timed waits */
#endif

#include "helper.h"

#if !defined(_WIN32) && !defined(PH_NO_THREADS)

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum { WAIT_MILLISECONDS = 5 }; /* between two questions whether the user wants to stop */

/* To wake a thread takes as long as to fill a quarter of a block. So a helper that has nothing to do is woken for so many
** blocks, unless one is urgent, and an asking thread that has filled the ring when no more than so many are left. */
enum { MANY_BLOCKS = PH_RING_BLOCKS / 2 };

/* What both threads look at; the rest belongs to one of them. */
struct ph_helper {
  pthread_t thread;
  pthread_mutex_t mutex; /* for all below */
  pthread_cond_t changed;
  size_t given, emptied; /* blocks so far */
  bool is_urgent;        /* the next block: the first one, or the first after a wait */
  bool no_more, stop;
  bool failed; /* the helper has; from then on its status is only read */
  ph_block_work *work;
  void *context;
  ph_status status; /* of the helper */
};

static bool is_told_to_stop(void *context) {
  ph_helper *helper = context;
  pthread_mutex_lock(&helper->mutex);
  bool stop = helper->stop;
  pthread_mutex_unlock(&helper->mutex);
  return stop;
}

/* Waits for a block; false when no more come. */
static bool take_block(ph_helper *helper, size_t *block) {
  pthread_mutex_lock(&helper->mutex);
  while (helper->emptied == helper->given && !helper->no_more)
    pthread_cond_wait(&helper->changed, &helper->mutex);
  *block = helper->emptied % PH_RING_BLOCKS;
  bool taken = helper->emptied < helper->given;
  pthread_mutex_unlock(&helper->mutex);
  return taken;
}

static void *run(void *argument) {
  ph_helper *helper = argument;
  size_t block;
  while (take_block(helper, &block)) {
    if (!ph_failed(&helper->status)) helper->work(helper->context, (int)block, &helper->status);
    pthread_mutex_lock(&helper->mutex);
    helper->emptied++;
    helper->failed = ph_failed(&helper->status);
    size_t left = helper->given - helper->emptied;
    if (left == 0 || left == MANY_BLOCKS) pthread_cond_broadcast(&helper->changed);
    pthread_mutex_unlock(&helper->mutex);
  }
  return NULL;
}

/* A thread takes over the mask of signals of the one that starts it. What a fault raises must not be held back: the
** process would end without its handler. */
static bool start_without_signals(ph_helper *helper) {
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  sigset_t all, before;
  sigfillset(&all);
  for (size_t fault = 0; fault < sizeof faults / sizeof *faults; fault++) sigdelset(&all, faults[fault]);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return false;
  bool started = pthread_create(&helper->thread, NULL, run, helper) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

static bool begin_lock(ph_helper *helper) {
  if (pthread_mutex_init(&helper->mutex, NULL) != 0) return false;
  if (pthread_cond_init(&helper->changed, NULL) == 0) return true;
  pthread_mutex_destroy(&helper->mutex);
  return false;
}

static void end_lock(ph_helper *helper) {
  pthread_cond_destroy(&helper->changed);
  pthread_mutex_destroy(&helper->mutex);
}

ph_helper *ph_helper_start(ph_block_work *work, void *context, ph_status *status) {
  ph_helper *helper = ph_allocate_zeroed(status, 1, sizeof *helper);
  if (helper == NULL) return NULL;
  helper->work = work;
  helper->context = context;
  helper->is_urgent = true;
  ph_status_begin(&helper->status, status->memory);
  helper->status.stop = is_told_to_stop;
  helper->status.stop_context = helper;
  if (begin_lock(helper)) {
    if (start_without_signals(helper)) return helper;
    end_lock(helper);
  }
  ph_release(status->memory, helper);
  return NULL;
}

/* The helper's error, if it has failed. */
static void take_error(const ph_helper *helper, ph_status *status) {
  if (!helper->failed || ph_failed(status)) return;
  status->code = helper->status.code;
  status->host_code = helper->status.host_code;
  memcpy(status->message, helper->status.message, sizeof status->message);
}

/* Some milliseconds from now, by the clock of pthread_cond_timedwait. */
static struct timespec soon(void) {
  struct timespec time = {0, 0};
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_nsec += WAIT_MILLISECONDS * 1000000L;
  if (time.tv_nsec >= 1000000000L) {
    time.tv_nsec -= 1000000000L;
    time.tv_sec++;
  }
  return time;
}

/* Waits, with the mutex held, until no more than so many blocks are left. A helper that is told to stop leaves none. */
static void wait_until_left(ph_helper *helper, size_t most, ph_status *status) {
  while (helper->given - helper->emptied > most) {
    helper->stop = ph_failed(status);
    struct timespec until = soon();
    pthread_cond_timedwait(&helper->changed, &helper->mutex, &until);
    if (helper->given - helper->emptied <= most || ph_failed(status)) continue;
    pthread_mutex_unlock(&helper->mutex); /* the user's progress handler may take its time */
    ph_ask_to_stop(status);
    pthread_mutex_lock(&helper->mutex);
  }
}

void ph_helper_give(ph_helper *helper, ph_status *status) {
  pthread_mutex_lock(&helper->mutex);
  helper->given++;
  size_t left = helper->given - helper->emptied;
  if (helper->is_urgent || left == MANY_BLOCKS) pthread_cond_broadcast(&helper->changed);
  helper->is_urgent = false;
  if (left == PH_RING_BLOCKS) wait_until_left(helper, MANY_BLOCKS, status);
  take_error(helper, status);
  pthread_mutex_unlock(&helper->mutex);
}

void ph_helper_wait(ph_helper *helper, ph_status *status) {
  pthread_mutex_lock(&helper->mutex);
  pthread_cond_broadcast(&helper->changed);
  wait_until_left(helper, 0, status);
  helper->is_urgent = true;
  take_error(helper, status);
  pthread_mutex_unlock(&helper->mutex);
}

void ph_helper_end(ph_helper *helper, ph_status *status) {
  ph_helper_wait(helper, status);
  pthread_mutex_lock(&helper->mutex);
  helper->no_more = true;
  pthread_cond_broadcast(&helper->changed);
  pthread_mutex_unlock(&helper->mutex);
  pthread_join(helper->thread, NULL);
  end_lock(helper);
  ph_release(status->memory, helper);
}

#else

ph_helper *ph_helper_start(ph_block_work *work, void *context, ph_status *status) {
  (void)work;
  (void)context;
  (void)status;
  return NULL;
}

void ph_helper_give(ph_helper *helper, ph_status *status) {
  (void)helper;
  (void)status;
}

void ph_helper_wait(ph_helper *helper, ph_status *status) {
  (void)helper;
  (void)status;
}

void ph_helper_end(ph_helper *helper, ph_status *status) {
  (void)helper;
  (void)status;
}

#endif

typedef struct parts {
  ph_part_work *work;
  void *context;
} parts;

static void do_second_part(void *context, int block, ph_status *status) {
  const parts *job = context;
  (void)block;
  job->work(job->context, 1, status);
}

void ph_do_parts(bool helped, ph_part_work *work, void *context, ph_status *status) {
  parts job = {work, context};
  ph_helper *helper = helped && !ph_failed(status) ? ph_helper_start(do_second_part, &job, status) : NULL;
  if (helper != NULL) ph_helper_give(helper, status);
  if (!ph_failed(status)) work(context, 0, status);
  if (helper != NULL) {
    ph_helper_end(helper, status);
  } else if (!ph_failed(status)) {
    work(context, 1, status);
  }
}
