/*
** The lists of owners whose deals changed. See store_refresh.h.
*/
#include "store_refresh.h"

#include "../store/owner_list.h"

typedef struct stay_list {
  ph_stored_stay *stays;
  size_t count, capacity;
  size_t changed; /* the first changed id that is not before the last stay */
} stay_list;

static void add_stay(const ph_refresh *job, stay_list *list, const ph_stored_stay *stay) {
  if (ph_reserve(job->status, (void **)&list->stays, &list->capacity, list->count + 1, sizeof *list->stays))
    list->stays[list->count++] = *stay;
}

/* Adds the stays of an owner that come, of ids before one; NULL: all that are left. */
static size_t add_stays(const ph_refresh *job, stay_list *list, const ph_owner_stays *come, size_t at,
                        size_t end, const ph_stored_id *limit) {
  for (; at < end && !ph_failed(job->status); at++) {
    ph_stored_stay stay = ph_stored_stay_of(come, &come->stays[at]);
    if (limit != NULL && ph_stored_id_compare(&stay.id, limit) >= 0) break;
    add_stay(job, list, &stay);
  }
  return at;
}

/* Whether a stored id, which is not before the one asked for last, is one of a deal that changed. */
static bool has_changed(const ph_refresh *job, stay_list *list, const ph_stored_id *id) {
  const ph_open_store *from = &job->from;
  while (list->changed < from->changed_count && ph_stored_id_compare(&from->changed[list->changed], id) < 0)
    list->changed++;
  return list->changed < from->changed_count && ph_stored_id_compare(&from->changed[list->changed], id) == 0;
}

/* Writes the list of an owner: the stays of its stored list, whose deals did not change, and those that
** come. */
static void merge_list(ph_refresh *job, const ph_owner_stays *come, uint32_t owner, ph_byte_reader bytes) {
  stay_list list = {.count = 0};
  uint32_t stored = owner < job->to.name_count ? job->to.head.owner_stays[owner] : 0;
  size_t at = come->first[owner], end = come->first[owner + 1];
  ph_stored_stay stay = {.from = 0};
  ph_stay_reader reader = ph_stay_reader_of(bytes, stored);
  while (stored > 0 && ph_continue(job->status) && ph_read_stay(&reader, &stay)) {
    if (has_changed(job, &list, &stay.id)) continue;
    at = add_stays(job, &list, come, at, end, &stay.id);
    add_stay(job, &list, &stay);
  }
  if (stored > 0 && reader.bytes.damaged) ph_fail(job->status, "%s", ph_store_damaged_owner);
  add_stays(job, &list, come, at, end, NULL);
  if (!ph_failed(job->status)) {
    job->head.owner_stays[owner] = (uint32_t)list.count;
    ph_begin_row(&job->owners, owner, job->status);
    ph_write_stay_list(&job->owners.bytes, list.stays, list.count, job->status);
    ph_end_row(&job->owners, job->status);
  }
  ph_release(job->from.memory, list.stays);
}

/* `row` gives the stored list of an owner. */
static void merge_owner(ph_refresh *job, sqlite3_stmt *row, const ph_owner_stays *come, uint32_t owner) {
  const ph_open_store *from = &job->from;
  ph_byte_reader bytes = ph_byte_reader_of(NULL, 0);
  bool is_stored = owner < job->to.name_count && job->to.head.owner_stays[owner] > 0;
  sqlite3_bind_int64(row, 1, owner);
  bool found = is_stored && sqlite3_step(row) == SQLITE_ROW;
  if (is_stored && (!found || !ph_store_open_row(from->generation, row, PH_SUM_OF_OWNER, &bytes)))
    ph_fail(job->status, "%s", ph_store_damaged_owner);
  if (!ph_failed(job->status)) merge_list(job, come, owner, bytes);
  int code = sqlite3_reset(row);
  if (code != SQLITE_OK) ph_host_fail(job->status, from->db, code, PH_STORE_OWNER);
}

static void find_stays(ph_refresh *job, ph_pipeline *pipeline, ph_owner_stays *stays) {
  ph_pipeline_order(pipeline, job->status);
  if (!ph_failed(job->status))
    ph_owner_stays_begin(stays, &pipeline->history, pipeline->order.deals, job->status);
}

void ph_refresh_owners(ph_refresh *job) {
  const ph_open_store *from = &job->from;
  ph_owner_stays gone = {.memory = from->memory}, come = {.memory = from->memory};
  char *sql = sqlite3_mprintf("SELECT owner, checksum, data FROM \"%w\"." PH_STORE_OWNER " WHERE owner = ?",
                              from->schema);
  sqlite3_stmt *row = ph_source_prepare(from->db, sql, PH_STORE_OWNER, job->status);
  sqlite3_free(sql);
  if (job->has_gone) find_stays(job, &job->gone, &gone);
  find_stays(job, &job->come, &come);
  uint32_t names = job->come.history.names.count;
  for (uint32_t owner = 0; owner < names && ph_continue(job->status); owner++) {
    bool goes = job->has_gone && owner < job->to.name_count && ph_owner_stay_count(&gone, owner) > 0;
    if (goes || ph_owner_stay_count(&come, owner) > 0) merge_owner(job, row, &come, owner);
  }
  sqlite3_finalize(row);
  ph_owner_stays_end(&gone);
  ph_owner_stays_end(&come);
}
