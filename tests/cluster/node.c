/*
** A node of a dqlite cluster whose every connection has pipeline_health.
**
**     node NUMBER FOLDER ADDRESS ADDRESS ...
**
** NUMBER says which of the addresses (host:port) is this node's, from 1. FOLDER holds the node's log and
** snapshots. Where it is new, all addresses become voters of a new cluster. Runs until SIGTERM or SIGINT.
*/
#include "pipeline_health.h"

#include <dqlite.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A node with the id 1 would found a cluster of its own, so ids begin behind it. */
enum { MOST_NODES = 9, ID_OF_FIRST = 11, ROLE_VOTER = 0 };

/* Says what failed, and why where the node knows it. */
static int fail(const char *what, dqlite_node *node) {
  fprintf(stderr, "node: %s failed%s%s\n", what, node != NULL ? ": " : "",
          node != NULL ? dqlite_node_errmsg(node) : "");
  return EXIT_FAILURE;
}

static int is_new(const char *folder) {
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/metadata1", folder);
  return length < 0 || (size_t)length >= sizeof path || access(path, F_OK) != 0;
}

/* Writes the addresses into the folder of a new node, as the voters of its cluster. */
static int found_cluster(dqlite_node *node, char *const *addresses, int count) {
  dqlite_node_info_ext members[MOST_NODES];
  for (int index = 0; index < count; index++)
    members[index] = (dqlite_node_info_ext){.size = sizeof *members,
                                            .id = (uint64_t)(ID_OF_FIRST + index),
                                            .address = (uint64_t)(uintptr_t)addresses[index],
                                            .dqlite_role = ROLE_VOTER};
  return dqlite_node_recover_ext(node, members, count);
}

/* Runs the node until `stop` has a signal. */
static int run(int number, const char *folder, char *const *addresses, int count, const sigset_t *stop) {
  const char *address = addresses[number - 1];
  dqlite_node *node = NULL;
  int received, code = EXIT_FAILURE;
  if (dqlite_node_create((dqlite_node_id)(ID_OF_FIRST + number - 1), address, folder, &node) != 0) {
    fail("create", node);
  } else if (dqlite_node_set_bind_address(node, address) != 0) {
    fail("bind", node);
  } else if (is_new(folder) && found_cluster(node, addresses, count) != 0) {
    fail("found a cluster", node);
  } else if (dqlite_node_start(node) != 0) {
    fail("start", node);
  } else {
    printf("node %d on %s: SQLite %s, pipeline_health %s\n", number, address, sqlite3_libversion(),
           PIPELINE_HEALTH_VERSION);
    fflush(stdout);
    sigwait(stop, &received);
    code = dqlite_node_stop(node) == 0 ? EXIT_SUCCESS : fail("stop", node);
  }
  dqlite_node_destroy(node);
  return code;
}

int main(int argc, char **argv) {
  int number = argc > 1 ? atoi(argv[1]) : 0, count = argc - 3;
  sigset_t stop;
  if (count < 1 || count > MOST_NODES || number < 1 || number > count) {
    fprintf(stderr, "usage: node NUMBER FOLDER ADDRESS ... (at most %d)\n", MOST_NODES);
    return EXIT_FAILURE;
  }
  /* blocked before the node's threads begin, so that the signals come to sigwait */
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  signal(SIGPIPE, SIG_IGN); /* a client may go at any time */
  if (sqlite3_auto_extension((void (*)(void))sqlite3_pipelinehealth_init) != SQLITE_OK)
    return fail("registering pipeline_health", NULL);
  return run(number, argv[2], argv + 3, count, &stop);
}
