/* Integrity. See integrity.h. */
#include "integrity.h"

#include "../base/sort.h"

/* Columns of a row of sums: deals and money by verdict, deals by those reasons that inform and decide nothing. */
enum {
  DEALS = 0,
  MONEY = DEALS + PH_VERDICT_COUNT, /* high and low */
  REASONS = MONEY + 2 * PH_VERDICT_COUNT,
  COLUMNS = REASONS + PH_INFORMING_REASONS
};

static void contribute(int64_t *row, const ph_span *span, int64_t sign) {
  ph_money_sum sum = {0, 0};
  ph_money_add(&sum, span->amount);
  row[DEALS + span->verdict] += sign;
  row[MONEY + 2 * span->verdict] += sign * sum.high;
  row[MONEY + 2 * span->verdict + 1] += sign * sum.low;
  unsigned reasons = span->reasons >> PH_REASON_FIRST_INFORMING;
  for (unsigned reason = 0; reason < PH_INFORMING_REASONS; reason++) /* without a branch, for any may hold */
    row[REASONS + reason] += sign & -(int64_t)(reasons >> reason & 1u);
}

static void fill_row(const ph_pipeline *pipeline, uint32_t name, const int64_t *sums, ph_integrity_row *row,
                     ph_status *status) {
  bool unproven_is_real = pipeline->history.policy.value[PH_POLICY_UNPROVEN_IS_REAL] != 0;
  ph_money_sum open = {0, 0}, real = {0, 0};
  *row = (ph_integrity_row){.name = name};
  for (int verdict = 0; verdict < PH_VERDICT_COUNT; verdict++) {
    ph_money_sum money = {sums[MONEY + 2 * verdict], sums[MONEY + 2 * verdict + 1]};
    bool is_real = verdict == PH_VERDICT_PROGRESSING || (verdict == PH_VERDICT_UNPROVEN && unproven_is_real);
    row->deals[verdict] = sums[DEALS + verdict];
    row->amount[verdict] = ph_money_value(&money, "pipeline_integrity", status);
    row->open_deals += row->deals[verdict];
    ph_money_add_sum(&open, &money);
    if (!is_real) continue;
    row->real_deals += row->deals[verdict];
    ph_money_add_sum(&real, &money);
  }
  row->open_amount = ph_money_value(&open, "pipeline_integrity", status);
  row->real_amount = ph_money_value(&real, "pipeline_integrity", status);
  for (int reason = 0; reason < PH_INFORMING_REASONS; reason++)
    row->reason_deals[PH_REASON_FIRST_INFORMING + reason] = sums[REASONS + reason];
}

/* The index that serves the day: from the spans where they are there, else straight from a walk over the
** deals, unless the day lies too far ahead for that. */
static const ph_day_index *integrity_index(ph_pipeline *pipeline, ph_scope scope, ph_day day,
                                           ph_status *status) {
  ph_day_index *index = &pipeline->integrity[scope];
  ph_day_index_plan plan = {.scope = scope, .columns = COLUMNS, .contribute = contribute, .bucket_count = 1};
  if (ph_failed(status) || (pipeline->integrity_made[scope] && day <= index->last_day)) return index;
  bool refused = pipeline->integrity_made[scope];
  pipeline->integrity_made[scope] = false;
  ph_day_index_end(index);
  *index = (ph_day_index){0};
  if (!pipeline->timeline_made && !refused) {
    pipeline->integrity_made[scope] = ph_day_index_begin_walking(index, &pipeline->history, &plan, status);
    if (ph_failed(status) || (pipeline->integrity_made[scope] && day <= index->last_day)) return index;
    pipeline->integrity_made[scope] = false;
    ph_day_index_end(index);
    *index = (ph_day_index){0};
  }
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  if (!ph_failed(status)) ph_day_index_begin(index, timeline, &plan, status);
  pipeline->integrity_made[scope] = !ph_failed(status);
  return index;
}

static void rows_from_index(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                            size_t *count, ph_status *status) {
  const ph_day_index *index = integrity_index(pipeline, scope, day, status);
  if (ph_failed(status)) return;
  *rows = ph_allocate(status, index->group_count + 1, sizeof **rows);
  for (size_t group = 0; group < index->group_count && ph_continue(status); group++) {
    int64_t sums[COLUMNS] = {0};
    ph_day_index_add(index, group, 0, day, sums);
    ph_integrity_row *row = &(*rows)[*count];
    fill_row(pipeline, index->groups[group], sums, row, status);
    if (row->open_deals > 0) (*count)++;
  }
}

static int compare_rows(const void *context, uint32_t left, uint32_t right) {
  return ph_name_compare(context, left, right);
}

/* A walk over a part of the deals for one day: the sums of each group. */
typedef struct day_walk {
  _Alignas(PH_APART) const ph_history *history;
  ph_day day;
  ph_scope scope;
  ph_rules rules;
  uint32_t *places; /* by name: index into names plus one */
  uint32_t *names;  /* of the groups, as they came */
  int64_t *sums;
  size_t groups, name_capacity, sum_capacity;
} day_walk;

static void begin_day_walk(day_walk *walk, const ph_history *history, ph_day day, ph_scope scope,
                           ph_status *status) {
  *walk = (day_walk){.history = history, .day = day, .scope = scope};
  ph_rules_begin(&walk->rules, history, status);
  walk->places = ph_allocate_zeroed(status, history->names.count, sizeof *walk->places);
}

static void end_day_walk(day_walk *walk, const ph_memory *memory) {
  ph_rules_end(&walk->rules);
  ph_release(memory, walk->places);
  ph_release(memory, walk->names);
  ph_release(memory, walk->sums);
}

/* The sums of a group; NULL without memory. */
static int64_t *sums_of(day_walk *walk, uint32_t name, ph_status *status) {
  uint32_t *place = &walk->places[name];
  if (*place == 0) {
    size_t count = walk->groups + 1;
    if (!ph_reserve(status, (void **)&walk->names, &walk->name_capacity, count, sizeof *walk->names) ||
        !ph_reserve(status, (void **)&walk->sums, &walk->sum_capacity, count * COLUMNS, sizeof *walk->sums))
      return NULL;
    walk->names[walk->groups] = name;
    for (size_t column = 0; column < COLUMNS; column++) walk->sums[walk->groups * COLUMNS + column] = 0;
    *place = (uint32_t)++walk->groups;
  }
  return &walk->sums[(*place - 1) * COLUMNS];
}

static void walk_part(void *context, int part, ph_status *status) {
  day_walk *walk = (day_walk *)context + part;
  const ph_history *history = walk->history;
  for (size_t deal = ph_first_of_part(part); deal < history->deal_count && ph_continue(status);
       deal = ph_next_of_part(deal)) {
    ph_deal_state state;
    if (!ph_deal_is_open(&history->deals[deal], walk->day)) continue;
    ph_deal_state_on(&walk->rules, deal, walk->day, &state);
    ph_span span = ph_deal_judge(&walk->rules, &history->deals[deal], &state, walk->day);
    uint32_t group = ph_group_of(walk->scope, &history->deals[deal], span.owner, span.stage);
    int64_t *sums = sums_of(walk, group, status);
    if (sums != NULL) contribute(sums, &span, 1);
  }
}

static void add_day_walk(day_walk *walk, const day_walk *other, ph_status *status) {
  for (size_t group = 0; group < other->groups && !ph_failed(status); group++) {
    int64_t *sums = sums_of(walk, other->names[group], status);
    for (size_t column = 0; column < COLUMNS && sums != NULL; column++)
      sums[column] += other->sums[group * COLUMNS + column];
  }
}

/* One day asked for once: each deal is walked up to that day. */
static void rows_from_walk(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_integrity_row **rows,
                           size_t *count, ph_status *status) {
  const ph_history *history = &pipeline->history;
  day_walk walks[PH_PARTS], *all = &walks[0];
  for (int part = 0; part < PH_PARTS; part++) begin_day_walk(&walks[part], history, day, scope, status);
  ph_do_parts(ph_history_is_helped(history), walk_part, walks, status);
  for (int part = 1; part < PH_PARTS; part++) add_day_walk(all, &walks[part], status);
  *rows = ph_allocate(status, all->groups + 1, sizeof **rows);
  if (!ph_failed(status)) ph_sort_indexes(all->names, all->groups, compare_rows, &history->names, status);
  for (size_t group = 0; group < all->groups && !ph_failed(status); group++)
    fill_row(pipeline, all->names[group], sums_of(all, all->names[group], status), &(*rows)[group], status);
  *count = all->groups;
  for (int part = 0; part < PH_PARTS; part++) end_day_walk(&walks[part], status->memory);
}

void ph_integrity_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, bool once, ph_integrity_row **rows,
                     size_t *count, ph_status *status) {
  *rows = NULL;
  *count = 0;
  if (ph_failed(status)) return;
  /* the first question is often the only one, and the spans of all days cost more than one day */
  if (!once || pipeline->timeline_made || pipeline->questions++ > 0) {
    rows_from_index(pipeline, day, scope, rows, count, status);
  } else {
    rows_from_walk(pipeline, day, scope, rows, count, status);
  }
  if (scope == PH_SCOPE_ALL && *count == 0 && !ph_failed(status)) {
    (*rows)[0] = (ph_integrity_row){0};
    *count = 1;
  }
}
