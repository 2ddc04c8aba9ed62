/*
** What is claimed and won, from a store. See store_reader.h.
**
** HOW IT WORKS. A slice by month says of each day what is claimed for each month of close dates, so that the
** claims for a period of whole months are a sum over months; and of each day what was won up to it, so that
** the wins between two days are a difference. Late wins are looked through one by one.
*/
#include "store_reader.h"

#include "../store/day_slice.h"
#include "../store/late_win.h"
#include "../store/month_slice.h"

/* So many bytes and days are kept for the next question. */
enum { MOST_TABLE_BYTES = 4 << 20, MOST_TABLES = 256 };

struct ph_stored_claims {
  ph_slices *slices;
  const ph_memory *memory;
  struct kept_table {
    int kind;
    ph_day day;
    ph_month_table table;
  } * tables;
  size_t table_count, table_capacity, bytes;
  ph_late_win *late;
  size_t late_count, late_capacity;
  bool late_is_read;
  ph_scope late_scope;              /* by which the late wins are chained; PH_SCOPE_COUNT: by none */
  uint32_t *first_late, *next_late; /* by name, and by late win: the next one of the group plus one */
};

ph_stored_claims *ph_stored_claims_new(ph_slices *slices, ph_status *status) {
  ph_stored_claims *claims = ph_allocate_zeroed(status, 1, sizeof *claims);
  if (claims == NULL) return NULL;
  claims->slices = slices;
  claims->memory = status->memory;
  claims->late_scope = PH_SCOPE_COUNT;
  return claims;
}

static void forget_tables(ph_stored_claims *claims) {
  for (size_t at = 0; at < claims->table_count; at++) ph_month_table_end(&claims->tables[at].table);
  claims->table_count = claims->bytes = 0;
}

void ph_stored_claims_end(ph_stored_claims *claims) {
  if (claims == NULL) return;
  forget_tables(claims);
  ph_release(claims->memory, claims->tables);
  ph_release(claims->memory, claims->late);
  ph_release(claims->memory, claims->first_late);
  ph_release(claims->memory, claims->next_late);
  ph_release(claims->memory, claims);
}

void ph_stored_claims_ask(ph_stored_claims *claims) {
  if (claims->bytes > MOST_TABLE_BYTES || claims->table_count > MOST_TABLES) forget_tables(claims);
}

/* ------------------------------------------------------------------------------------------------ tables */

/* What a slice is read into. */
typedef struct table_reading {
  ph_day first, day;
  uint32_t name_count;
  ph_month_table *table;
} table_reading;

static bool read_table(void *context, ph_byte_reader *bytes, ph_status *status) {
  table_reading *to = context;
  return ph_read_month_slice(bytes, to->first, to->day, to->name_count, to->table, status);
}

/* The table of a day; NULL where nothing is shown on it, or after a failure. */
static const ph_month_table *table_on(ph_stored_claims *claims, int kind, ph_day day, ph_status *status) {
  ph_day first = ph_slices_first(claims->slices, kind, day);
  if (first == PH_DAY_NONE || ph_failed(status)) return NULL;
  for (size_t at = 0; at < claims->table_count; at++)
    if (claims->tables[at].day == day && claims->tables[at].kind == kind) return &claims->tables[at].table;
  if (!ph_reserve(status, (void **)&claims->tables, &claims->table_capacity, claims->table_count + 1,
                  sizeof *claims->tables))
    return NULL;
  struct kept_table *kept = &claims->tables[claims->table_count];
  *kept = (struct kept_table){.kind = kind, .day = day};
  table_reading to = {first, day, claims->slices->name_count, &kept->table};
  ph_slices_read(claims->slices, kind, first, read_table, &to, status);
  if (ph_failed(status)) {
    ph_month_table_end(&kept->table);
    return NULL;
  }
  claims->bytes += ph_month_table_bytes(&kept->table);
  claims->table_count++;
  return &kept->table;
}

/* ---------------------------------------------------------------------------------------------- late wins */

static bool read_late(void *context, ph_byte_reader *bytes, ph_status *status) {
  ph_stored_claims *claims = context;
  while (bytes->at < bytes->end && ph_continue(status)) {
    ph_late_win win = ph_read_late_win(bytes, claims->slices->name_count);
    if (bytes->damaged || !ph_reserve(status, (void **)&claims->late, &claims->late_capacity,
                                      claims->late_count + 1, sizeof win))
      break;
    claims->late[claims->late_count++] = win;
  }
  return !bytes->damaged;
}

static uint32_t group_of_late(ph_scope scope, const ph_late_win *win) {
  return scope == PH_SCOPE_OWNER ? win->owner : scope == PH_SCOPE_TEAM ? win->team : 0;
}

/* Reads the list anew where an interrupt ended it before. */
static void read_late_wins(ph_stored_claims *claims, ph_status *status) {
  claims->late_count = 0;
  if (ph_slices_first(claims->slices, PH_SLICE_OF_LATE_WINS, 0) != PH_DAY_NONE)
    ph_slices_read(claims->slices, PH_SLICE_OF_LATE_WINS, 0, read_late, claims, status);
  ph_release(claims->memory, claims->next_late);
  claims->next_late = ph_allocate(status, claims->late_count, sizeof *claims->next_late);
  claims->late_is_read = !ph_failed(status);
}

static void chain_late(ph_stored_claims *claims, ph_scope scope, ph_status *status) {
  if (!claims->late_is_read) read_late_wins(claims, status);
  ph_release(claims->memory, claims->first_late);
  claims->first_late = ph_allocate_zeroed(status, claims->slices->name_count, sizeof *claims->first_late);
  for (size_t at = 0; at < claims->late_count && !ph_failed(status); at++) {
    uint32_t *first = &claims->first_late[group_of_late(scope, &claims->late[at])];
    claims->next_late[at] = *first;
    *first = (uint32_t)at + 1;
  }
  claims->late_scope = ph_failed(status) ? PH_SCOPE_COUNT : scope;
}

static void add_late(ph_stored_claims *claims, ph_scope scope, uint32_t group, ph_day from, ph_day to,
                     ph_day day, ph_money_sum *sum, ph_status *status) {
  if (claims->late_scope != scope) chain_late(claims, scope, status);
  if (ph_failed(status)) return;
  for (uint32_t at = claims->first_late[group]; at != 0; at = claims->next_late[at - 1]) {
    const ph_late_win *win = &claims->late[at - 1];
    if (win->created <= day && from <= win->closing && win->closing <= to) ph_money_add(sum, win->amount);
  }
}

/* -------------------------------------------------------------------------------------------- the answers */

void ph_stored_claims_add(ph_stored_claims *claims, ph_scope scope, uint32_t group, ph_period period,
                          ph_day day, ph_claimed *claimed, ph_status *status) {
  const ph_month_table *table = table_on(claims, PH_SLICES_OF_CLAIMS + (int)scope, day, status);
  ph_month_row row = {{0}, {{0, 0}}};
  bool contains_day = period.start <= day && day <= period.end;
  if (table == NULL) return;
  ph_month_table_add(table, group, contains_day ? 0 : ph_month_of(period.start), ph_month_of(period.end),
                     &row);
  ph_claimed_add(claimed, row.counts, row.sums);
}

void ph_stored_wins_add(ph_stored_claims *claims, ph_scope scope, uint32_t group, ph_day from, ph_day to,
                        ph_day day, ph_money_sum *sum, ph_status *status) {
  if (to < from || group >= claims->slices->name_count) return;
  ph_month_row until = {{0}, {{0, 0}}}, before = {{0}, {{0, 0}}};
  const ph_month_table *table = table_on(claims, PH_SLICES_OF_WINS + (int)scope, to, status);
  if (table != NULL) ph_month_table_add(table, group, 0, INT32_MAX, &until);
  table = table_on(claims, PH_SLICES_OF_WINS + (int)scope, from - 1, status);
  if (table != NULL) ph_month_table_add(table, group, 0, INT32_MAX, &before);
  add_late(claims, scope, group, from, to, day, &until.sums[0], status);
  ph_money_add_sum(sum, &until.sums[0]);
  ph_money_subtract_sum(sum, &before.sums[0]);
}
