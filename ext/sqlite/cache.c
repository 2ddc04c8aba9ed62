/* Decides whether what was read is still fresh. See cache.h. */
#include "cache.h"

#include "store.h"
#include "version.h"

#include <string.h>

ph_connection *ph_connection_new(sqlite3 *db) {
  ph_connection *connection = sqlite3_malloc64(sizeof *connection);
  if (connection != NULL) *connection = (ph_connection){.db = db, .references = 1, .patience = {.db = db}};
  return connection;
}

void ph_connection_retain(ph_connection *connection) {
  connection->references++;
}

static void free_snapshot(ph_snapshot *snapshot) {
  ph_pipeline_end(&snapshot->pipeline);
  sqlite3_free(snapshot->sources_key);
  sqlite3_free(snapshot->version_key);
  sqlite3_free(snapshot);
}

static void unreference(ph_snapshot *snapshot) {
  if (--snapshot->references == 0) free_snapshot(snapshot);
}

void ph_connection_release(void *pointer) {
  ph_connection *connection = pointer;
  if (--connection->references > 0) return;
  ph_connection_drop(connection);
  sqlite3_free(connection);
}

int64_t ph_connection_bytes(const ph_connection *connection) {
  int64_t bytes = 0;
  for (const ph_snapshot *snapshot = connection->snapshots; snapshot != NULL; snapshot = snapshot->next)
    bytes += ph_host_memory_bytes(&snapshot->memory);
  return bytes;
}

int64_t ph_connection_drop(ph_connection *connection) {
  int64_t bytes = 0;
  while (connection->snapshots != NULL) {
    ph_snapshot *first = connection->snapshots;
    connection->snapshots = first->next;
    if (first->references == 1) bytes += ph_host_memory_bytes(&first->memory);
    unreference(first);
  }
  return bytes;
}

static char *sources_key(const ph_sources *sources, ph_status *status) {
  sqlite3_str *key = sqlite3_str_new(NULL);
  sqlite3_str_appendf(key, "%Q", sources->schema);
  for (int relation = 0; relation < PH_RELATION_COUNT; relation++)
    sqlite3_str_appendf(key, ",%Q", sources->names[relation]);
  char *text = sqlite3_str_finish(key);
  if (text == NULL) ph_fail_memory(status);
  return text;
}

static bool is_writing(sqlite3 *db) {
  return sqlite3_txn_state(db, NULL) == SQLITE_TXN_WRITE;
}

/* Whether one statement runs on the connection, and *writes whether it is one that writes. */
static bool runs_one_statement(sqlite3 *db, bool *writes) {
  int busy = 0;
  *writes = false;
  for (sqlite3_stmt *at = sqlite3_next_stmt(db, NULL); at != NULL; at = sqlite3_next_stmt(db, at)) {
    if (!sqlite3_stmt_busy(at)) continue;
    busy++;
    *writes = !sqlite3_stmt_readonly(at);
  }
  return busy == 1;
}

/* Takes the snapshots out of the cache that were made while the statement wrote. */
static void drop_of_statement(ph_connection *connection) {
  for (ph_snapshot **at = &connection->snapshots; *at != NULL;) {
    ph_snapshot *snapshot = *at;
    if (snapshot->of_statement) {
      *at = snapshot->next;
      unreference(snapshot);
    } else {
      at = &snapshot->next;
    }
  }
}

void ph_connection_open_cursor(ph_connection *connection) {
  bool writes;
  bool one = runs_one_statement(connection->db, &writes);
  if (connection->cursors++ == 0) {
    connection->one_statement = one;
    connection->statement_writes = writes;
  } else if (!one) {
    connection->one_statement = false;
  }
  if (!connection->one_statement) drop_of_statement(connection);
}

void ph_connection_close_cursor(ph_connection *connection) {
  if (--connection->cursors > 0) return;
  connection->one_statement = false;
  connection->now_known = false;
  drop_of_statement(connection);
}

int64_t ph_connection_now(ph_connection *connection) {
  if (!connection->one_statement || !connection->now_known) {
    connection->now = ph_host_now_milliseconds();
    connection->now_known = true;
  }
  return connection->now;
}

ph_day ph_chosen_day(const ph_chosen *chosen, ph_history *history) {
  ph_instant instant;
  if (chosen->ever) return PH_DAY_NONE;
  if (chosen->as_of == NULL) return ph_history_default_day(history);
  return ph_zone_read(&history->zone, chosen->as_of, PH_INSTANT_BY_NATURE, &instant) ? instant.day
                                                                                     : PH_DAY_NONE;
}

static bool same_text(const ph_text *left, const ph_text *right) {
  if (left->text == NULL || right->text == NULL) return left->text == right->text;
  return ph_text_compare(left, right) == 0;
}

static bool same_choice(const ph_chosen *left, const ph_chosen *right) {
  return same_text(&left->owner, &right->owner) && same_text(&left->deal_id, &right->deal_id);
}

bool ph_snapshot_serves(ph_snapshot *snapshot, ph_needs needs, const ph_chosen *chosen) {
  if (needs == PH_NEEDS_SOURCES) return !snapshot->from_store;
  if (snapshot->is_chosen)
    return chosen != NULL && same_choice(chosen, &snapshot->chosen) &&
           (snapshot->chosen_day == PH_DAY_NONE ||
            snapshot->chosen_day == ph_chosen_day(chosen, &snapshot->pipeline.history));
  return needs == PH_NEEDS_DAYS || snapshot->pipeline.stored.context == NULL ||
         (needs == PH_NEEDS_CLAIMS && snapshot->pipeline.stored.shows_claims);
}

/* The kept snapshot of the sources, moved to the front; NULL when there is none that is fresh. Those that a
** change of this connection made stale are dropped, whatever they are of; what others changed is seen when
** it is asked for. */
static ph_snapshot *find(ph_connection *connection, const ph_sources *sources, const char *key,
                         ph_needs needs, const ph_chosen *chosen, bool of_statement, ph_status *status) {
  sqlite3_int64 changes = sqlite3_total_changes64(connection->db);
  for (ph_snapshot **at = &connection->snapshots; *at != NULL && !ph_failed(status);) {
    ph_snapshot *snapshot = *at;
    bool same = strcmp(snapshot->sources_key, key) == 0 && snapshot->of_statement == of_statement &&
                ph_snapshot_serves(snapshot, needs, chosen);
    bool stale = snapshot->changes != changes, complete = true;
    if (same && !stale) {
      char *version = ph_version_key(connection->db, sources->schema, snapshot->databases,
                                     ph_connection_now(connection), &complete, status);
      ph_history *history = &snapshot->pipeline.history;
      stale = !complete || version == NULL || strcmp(version, snapshot->version_key) != 0 ||
              ph_history_day_of(history, ph_connection_now(connection)) != history->today;
      sqlite3_free(version);
    }
    if (same || stale) *at = snapshot->next;
    if (stale) {
      unreference(snapshot);
    } else if (same) {
      snapshot->next = connection->snapshots;
      connection->snapshots = snapshot;
      return snapshot;
    } else {
      at = &snapshot->next;
    }
  }
  return NULL;
}

static int64_t budget_bytes(const ph_snapshot *snapshot) {
  return (int64_t)ph_policy_integer(&snapshot->pipeline.history.policy, PH_POLICY_CACHE_MB) * 1048576;
}

static bool exceeds_budget(const ph_connection *connection) {
  return connection->snapshots != NULL &&
         ph_connection_bytes(connection) > budget_bytes(connection->snapshots);
}

/* The last snapshot in the list, the least recently used, that nobody uses and that has parts; NULL
** without one. */
static ph_snapshot *last_with_parts(const ph_connection *connection) {
  ph_snapshot *last = NULL;
  for (ph_snapshot *at = connection->snapshots; at != NULL; at = at->next)
    if (at->references == 1 && ph_pipeline_derived_bytes(&at->pipeline) > 0) last = at;
  return last;
}

/* Drops parts that are derived from the sources, which cost less to make again than the sources to read,
** then whole snapshots; both the least recently used first, until the rest is within the budget of the
** last used. */
static void keep_budget(ph_connection *connection) {
  ph_snapshot *snapshot;
  while (exceeds_budget(connection) && (snapshot = last_with_parts(connection)) != NULL)
    ph_pipeline_drop_part(&snapshot->pipeline);
  while (exceeds_budget(connection)) {
    ph_snapshot **last = &connection->snapshots;
    while ((*last)->next != NULL) last = &(*last)->next;
    ph_snapshot *dropped = *last;
    *last = NULL;
    unreference(dropped);
  }
}

/* Notes for which deals a snapshot was read. */
static void note_choice(ph_snapshot *snapshot, const ph_chosen *chosen, int before, ph_status *status) {
  ph_history *history = &snapshot->pipeline.history;
  const ph_text *texts[] = {&chosen->owner, &chosen->deal_id};
  ph_text *copies[] = {&snapshot->chosen.owner, &snapshot->chosen.deal_id};
  snapshot->is_chosen = true;
  snapshot->chosen_day = ph_chosen_day(chosen, history);
  snapshot->chosen_before = before;
  for (int text = 0; text < 2; text++)
    if (texts[text]->text != NULL)
      *copies[text] =
          (ph_text){ph_arena_copy(&history->texts, texts[text]->text, texts[text]->length, status),
                    texts[text]->length};
}

static ph_snapshot *read_snapshot(ph_connection *connection, const ph_sources *sources, ph_needs needs,
                                  const ph_chosen *chosen, int before, ph_status *status) {
  ph_snapshot *snapshot = sqlite3_malloc64(sizeof *snapshot);
  if (snapshot == NULL) {
    ph_fail_memory(status);
    return NULL;
  }
  memset(snapshot, 0, sizeof *snapshot);
  snapshot->references = 1;
  ph_host_memory_begin(&snapshot->memory);
  snapshot->pipeline.memory = &snapshot->memory.memory;
  status->memory = &snapshot->memory.memory;
  ph_program_facts facts = {false};
  ph_sources_look(connection->db, sources, &facts, status);
  memcpy(snapshot->databases, facts.databases, sizeof snapshot->databases);
  bool complete = false;
  if (!ph_failed(status))
    snapshot->version_key = ph_version_key(connection->db, sources->schema, facts.databases,
                                           ph_connection_now(connection), &complete, status);
  snapshot->changes = sqlite3_total_changes64(connection->db);
  ph_store_gift gift = ph_store_read(connection, sources, needs, chosen, &snapshot->pipeline, status);
  snapshot->from_store = gift != PH_STORE_GAVE_NOTHING;
  if (gift == PH_STORE_GAVE_CHOSEN) note_choice(snapshot, chosen, before, status);
  if (!snapshot->from_store)
    ph_sources_read(connection->db, &connection->reading, sources, ph_connection_now(connection),
                    &snapshot->pipeline.history, status);
  ph_pipeline_begin(&snapshot->pipeline, status);
  snapshot->may_be_kept = complete && !facts.changes_unseen;
  if (!ph_failed(status)) return snapshot;
  free_snapshot(snapshot);
  return NULL;
}

static void refuse_recursion(const ph_connection *connection, ph_status *status) {
  if (connection->reading != NULL || connection->checks_sources)
    ph_fail(status, "a source of pipeline_health reads a table of pipeline_health: that would never end");
}

/* Who asks for some deals again and again gets all: of a choice that was read for one day those of any day,
** and all deals behind so many choices. */
static const ph_chosen *widen(const ph_connection *connection, const char *key, ph_chosen *chosen,
                              int *before) {
  enum { MOST_CHOICES = 16 };
  for (const ph_snapshot *at = connection->snapshots; at != NULL && chosen != NULL; at = at->next) {
    if (!at->is_chosen || strcmp(at->sources_key, key) != 0) continue;
    if (at->chosen_before >= *before) *before = at->chosen_before + 1;
    if (same_choice(&at->chosen, chosen)) chosen->ever = true;
  }
  return *before < MOST_CHOICES ? chosen : NULL;
}

ph_snapshot *ph_snapshot_get(ph_connection *connection, const ph_sources *sources, ph_needs needs,
                             const ph_chosen *chosen, ph_status *status) {
  refuse_recursion(connection, status);
  if (ph_failed(status)) return NULL;
  /* in a statement that writes, what it read is kept until it ends */
  bool writing = is_writing(connection->db);
  bool usable = !writing || (connection->one_statement && connection->statement_writes);
  char *key = sources_key(sources, status);
  ph_snapshot *snapshot =
      usable && key != NULL ? find(connection, sources, key, needs, chosen, writing, status) : NULL;
  if (snapshot != NULL) {
    snapshot->references++;
  } else if (!ph_failed(status)) {
    int before = 0;
    ph_chosen wider = chosen != NULL ? *chosen : (ph_chosen){.ever = true};
    chosen = widen(connection, key, chosen != NULL ? &wider : NULL, &before);
    snapshot = read_snapshot(connection, sources, needs, chosen, before, status);
    if (snapshot != NULL && snapshot->may_be_kept && usable && budget_bytes(snapshot) > 0) {
      snapshot->sources_key = key;
      key = NULL;
      snapshot->of_statement = writing;
      snapshot->references++;
      snapshot->next = connection->snapshots;
      connection->snapshots = snapshot;
    }
  }
  sqlite3_free(key);
  return snapshot;
}

void ph_snapshot_release(ph_connection *connection, ph_snapshot *snapshot) {
  if (snapshot == NULL) return;
  unreference(snapshot);
  keep_budget(connection);
}

void ph_snapshot_discard(ph_connection *connection, ph_snapshot *snapshot) {
  for (ph_snapshot **at = &connection->snapshots; *at != NULL; at = &(*at)->next)
    if (*at == snapshot) {
      *at = snapshot->next;
      unreference(snapshot);
      break;
    }
  ph_snapshot_release(connection, snapshot);
}

void ph_connection_policy(ph_connection *connection, const ph_sources *sources, ph_policy *policy,
                          ph_status *status) {
  refuse_recursion(connection, status);
  if (ph_failed(status)) return;
  ph_sources_read_policy(connection->db, &connection->reading, sources, policy, status);
}
