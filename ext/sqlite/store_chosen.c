/*
** Some deals alone from a store. See store_reader.h.
**
** HOW IT WORKS. The list of an owner says which deals it had on a day; from their blocks, and for the deals
** that changed from the sources, comes a history of these deals. What all deals say together the head knows.
*/
#include "store_reader.h"

#include "../store/owner_list.h"

const char ph_store_damaged_owner[] = "the list of an owner is damaged: refresh it";

/* Ids that ascend, each once and none that changed. */
typedef struct id_list {
  const ph_open_store *from;
  ph_arena texts;
  ph_stored_id *ids;
  size_t count, capacity;
  size_t changed; /* the first changed id that is not before the last id */
} id_list;

static void add_id(id_list *list, ph_stored_id id) {
  const ph_open_store *from = list->from;
  if (list->count > 0 && ph_stored_id_compare(&list->ids[list->count - 1], &id) == 0) return;
  while (list->changed < from->changed_count && ph_stored_id_compare(&from->changed[list->changed], &id) < 0)
    list->changed++;
  if (list->changed < from->changed_count && ph_stored_id_compare(&from->changed[list->changed], &id) == 0)
    return;
  if (!ph_reserve(from->status, (void **)&list->ids, &list->capacity, list->count + 1, sizeof id)) return;
  if (id.is_text) id.text.text = ph_arena_copy(&list->texts, id.text.text, id.text.length, from->status);
  list->ids[list->count++] = id;
}

/* Adds the deals that the list of an owner has on a day, or ever. */
static void read_list(id_list *list, ph_byte_reader bytes, uint32_t count, ph_day day) {
  ph_stored_stay stay = {.from = 0};
  ph_stay_reader stays = ph_stay_reader_of(bytes, count);
  while (!ph_failed(list->from->status) && ph_read_stay(&stays, &stay))
    if (day == PH_DAY_NONE || (stay.from <= day && day < stay.to)) add_id(list, stay.id);
  if (stays.bytes.damaged) ph_fail(list->from->status, "%s", ph_store_damaged_owner);
}

static void find_of_owner(id_list *list, const ph_joined_reader *to, const ph_text *owner, ph_day day) {
  const ph_open_store *from = list->from;
  ph_status *status = from->status;
  uint32_t name = ph_interned(&to->history->names, owner->text, owner->length);
  if (name == 0 || name >= to->name_count || to->head.owner_stays[name] == 0) return;
  char *sql = sqlite3_mprintf("SELECT owner, checksum, data FROM \"%w\"." PH_STORE_OWNER " WHERE owner = %d",
                              from->schema, (int)name);
  sqlite3_stmt *row = ph_source_prepare(from->db, sql, PH_STORE_OWNER, status);
  sqlite3_free(sql);
  ph_byte_reader bytes;
  if (row != NULL && sqlite3_step(row) == SQLITE_ROW &&
      ph_store_open_row(from->generation, row, PH_SUM_OF_OWNER, &bytes)) {
    read_list(list, bytes, to->head.owner_stays[name], day);
  } else {
    ph_fail(status, "%s", ph_store_damaged_owner);
  }
  ph_source_finalize(from->db, row, PH_STORE_OWNER, status);
}

static void find_chosen(id_list *list, const ph_joined_reader *to, const ph_chosen *chosen) {
  ph_stored_id id = {.text = chosen->deal_id, .is_text = true};
  if (chosen->deal_id.text == NULL) {
    find_of_owner(list, to, &chosen->owner, ph_chosen_day(chosen, to->history));
  } else if (chosen->deal_id.length > 0) {
    id.is_text = !ph_id_is_integer(id.text.text, id.text.length, &id.integer);
    add_id(list, id);
  }
}

bool ph_store_load_chosen(const ph_open_store *from, const ph_chosen *chosen, ph_pipeline *pipeline) {
  ph_status *status = from->status;
  ph_pipeline replaced = {.memory = from->memory};
  ph_facts gone = PH_NO_FACTS;
  ph_joined_reader to;
  ph_found_deals found = {.count = 0};
  id_list list = {.from = from};
  bool known = false;
  ph_arena_begin(&list.texts, from->memory);
  if (from->changed_count > 0) ph_store_load_replaced(from, &replaced, &gone);
  ph_store_begin_reader(from, &pipeline->history, false, &to);
  if (!ph_failed(status)) find_chosen(&list, &to, chosen);
  if (!ph_failed(status)) ph_store_find_deals(from, &to, list.ids, list.count, &found);
  ph_store_load_come(from, &to, &replaced.history, &found, NULL);
  if (!ph_failed(status))
    known = ph_store_facts_are_known(&to.head.facts, &gone, ph_reader_facts(to.reader)) &&
            ph_store_knows_newest(&to.head, &pipeline->history);
  ph_store_end_found(from, &found);
  ph_release(from->memory, list.ids);
  ph_arena_end(&list.texts);
  ph_store_end_reader(from, &to);
  if (replaced.history.memory != NULL) ph_pipeline_end(&replaced);
  return known;
}
