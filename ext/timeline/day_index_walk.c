/* Makes an index over time straight from a walk over the deals. See day_index.h. */
#include "day_index_internal.h"

#include <string.h>

enum { DAYS_BEHIND = 366, LEAST_BYTES = 4 << 20, MOST_BYTES = 256 << 20, BYTES_PER_CHANGE = 64 };

/* Every group has a row of changes for every day. Walks of two parts of the deals have their own. */
typedef struct walker {
  _Alignas(PH_APART) const ph_day_index_plan *plan;
  const ph_history *history;
  ph_rules rules;
  ph_day lowest, last;
  size_t day_count;
  size_t most_numbers;   /* in the rows of all groups */
  uint32_t *group_place; /* by name: index into rows plus one */
  int64_t **rows;        /* by group in the order of finding */
  size_t row_count, row_capacity;
  bool fits; /* most_numbers were enough */
} walker;

/* The deals of each part go to its own walker, or all to the first. */
typedef struct walkers {
  walker of_part[PH_PARTS];
  bool apart;
} walkers;

/* The days from the first creation to a year behind the last day known. */
static void find_days(walker *walk) {
  ph_day last = walk->history->last_known;
  walk->lowest = walk->history->first_created;
  walk->last = last < PH_DAY_LAST - DAYS_BEHIND ? last + DAYS_BEHIND : PH_DAY_LAST;
  walk->day_count = (size_t)(walk->last - walk->lowest) + 1;
}

/* Some memory is always there, and the more deals and events, the more: a few deals over centuries do not ask for
** what a large history may. */
static size_t most_numbers(const ph_history *history) {
  size_t changes = history->deal_count + history->event_count, bytes = MOST_BYTES;
  if (changes < MOST_BYTES / BYTES_PER_CHANGE) bytes = changes * BYTES_PER_CHANGE;
  return (bytes > LEAST_BYTES ? bytes : LEAST_BYTES) / sizeof(int64_t);
}

/* How many groups there are, as far as can be told before the walk. */
static size_t count_groups(const walker *walk, ph_status *status) {
  if (walk->plan->scope == PH_SCOPE_ALL) return 1;
  size_t groups = 0;
  uint8_t *seen = ph_allocate_zeroed(status, walk->history->names.count, sizeof *seen);
  for (size_t deal = 0; seen != NULL && deal < walk->history->deal_count && ph_continue(status); deal++) {
    const ph_deal *at = &walk->history->deals[deal];
    uint8_t *group = &seen[ph_group_of(walk->plan->scope, at, at->owner, at->stage)];
    groups += *group == 0;
    *group = 1;
  }
  ph_release(status->memory, seen);
  return groups;
}

/* The rows of a group; NULL when memory is short or too much of it is needed. */
static int64_t *rows_of(walker *walk, uint32_t name, ph_status *status) {
  size_t numbers = walk->day_count * walk->plan->columns;
  uint32_t *place = &walk->group_place[name];
  if (*place != 0) return walk->rows[*place - 1];
  if ((walk->row_count + 1) * numbers > walk->most_numbers) return NULL;
  if (!ph_reserve(status, (void **)&walk->rows, &walk->row_capacity, walk->row_count + 1, sizeof *walk->rows))
    return NULL;
  int64_t *rows = ph_allocate_zeroed(status, numbers, sizeof *rows);
  if (rows == NULL) return NULL;
  walk->rows[walk->row_count++] = rows;
  *place = (uint32_t)walk->row_count;
  return rows;
}

static bool same_sums(const ph_span *left, const ph_span *right) {
  return left->to == right->from && left->verdict == right->verdict && left->reasons == right->reasons &&
         left->amount == right->amount;
}

/* Adds the spans of a deal; neighbours that add the same to the same group are one. */
static bool add_deal(walker *walk, const ph_deal *deal, const ph_span_list *list, ph_status *status) {
  size_t columns = walk->plan->columns;
  for (size_t at = 0; at < list->count;) {
    ph_span span = list->spans[at++];
    uint32_t group = ph_group_of(walk->plan->scope, deal, span.owner, span.stage);
    for (; at < list->count && same_sums(&span, &list->spans[at]); at++) {
      if (ph_group_of(walk->plan->scope, deal, list->spans[at].owner, list->spans[at].stage) != group) break;
      span.to = list->spans[at].to;
    }
    int64_t *rows = rows_of(walk, group, status);
    if (rows == NULL) return false;
    walk->plan->contribute(rows + (size_t)(span.from - walk->lowest) * columns, &span, 1);
    if (span.to <= walk->last)
      walk->plan->contribute(rows + (size_t)(span.to - walk->lowest) * columns, &span, -1);
  }
  return true;
}

static void add_deals(void *context, int part, ph_status *status) {
  walkers *all = context;
  walker *walk = &all->of_part[all->apart ? part : 0];
  const ph_history *history = walk->history;
  ph_span_list list = {0};
  ph_deal_state state;
  for (size_t deal = ph_first_of_part(part); deal < history->deal_count && walk->fits && ph_continue(status);
       deal = ph_next_of_part(deal)) {
    if (history->deals[deal].created == PH_DAY_NEVER) continue;
    list.count = 0;
    ph_deal_spans(&walk->rules, deal, walk->last, &list, &state, status);
    if (!ph_failed(status)) walk->fits = add_deal(walk, &history->deals[deal], &list, status);
  }
  ph_release(status->memory, list.spans);
}

/* Adds the rows of another walk to those of a walk. */
static void add_rows(walker *walk, const walker *other, ph_status *status) {
  size_t numbers = walk->day_count * walk->plan->columns;
  for (uint32_t name = 0; name < walk->history->names.count && walk->fits && ph_continue(status); name++) {
    if (other->group_place[name] == 0) continue;
    const int64_t *more = other->rows[other->group_place[name] - 1];
    int64_t *rows = rows_of(walk, name, status);
    walk->fits = rows != NULL;
    for (size_t number = 0; number < numbers && rows != NULL; number++) rows[number] += more[number];
  }
}

static void end_walks(walkers *all, const ph_memory *memory) {
  for (int part = 0; part < PH_PARTS; part++) {
    walker *walk = &all->of_part[part];
    for (size_t row = 0; row < walk->row_count; row++) ph_release(memory, walk->rows[row]);
    ph_release(memory, walk->rows);
    ph_release(memory, walk->group_place);
    ph_rules_end(&walk->rules);
  }
  *all = (walkers){0};
}

/* Walks all deals. False when the rows of their groups are too many: two walks apart have half of the room each. */
static bool walk_deals(walkers *all, const walker *blank, bool apart, ph_status *status) {
  walker *first = &all->of_part[0];
  *all = (walkers){.apart = apart};
  for (int part = 0; part < (apart ? PH_PARTS : 1); part++) {
    walker *walk = &all->of_part[part];
    *walk = *blank;
    if (apart) walk->most_numbers /= PH_PARTS;
    ph_rules_begin(&walk->rules, walk->history, status);
    walk->group_place = ph_allocate_zeroed(status, walk->history->names.count, sizeof *walk->group_place);
  }
  if (!ph_failed(status)) ph_do_parts(apart, add_deals, all, status);
  first->most_numbers = blank->most_numbers;
  if (apart) {
    first->fits &= all->of_part[1].fits;
    add_rows(first, &all->of_part[1], status);
  }
  return first->fits && !ph_failed(status);
}

/* Turns the changes of a group into cells. */
static void append_group(const walker *walk, const int64_t *rows, ph_day_index *index, size_t *cell_capacity,
                         size_t *value_capacity, ph_status *status) {
  size_t columns = index->columns, count = index->cell_count + walk->day_count;
  int64_t sums[PH_DAY_INDEX_MOST_COLUMNS] = {0};
  ph_reserve(status, (void **)&index->days, cell_capacity, count, sizeof *index->days);
  ph_reserve(status, (void **)&index->values, value_capacity, count * columns, sizeof *index->values);
  for (size_t day = 0; day < walk->day_count && ph_continue(status); day++) {
    bool changed = false;
    for (size_t column = 0; column < columns; column++) {
      sums[column] += rows[day * columns + column];
      changed |= rows[day * columns + column] != 0;
    }
    if (!changed) continue;
    index->days[index->cell_count] = walk->lowest + (ph_day)day;
    memcpy(index->values + index->cell_count++ * columns, sums, columns * sizeof *sums);
  }
}

/* Makes the index from the rows of all groups. */
static void make_index(const walker *walk, ph_day_index *index, ph_status *status) {
  size_t cell_capacity = 0, value_capacity = 0;
  index->last_day = walk->last;
  index->name_count = walk->history->names.count;
  index->group_count = walk->row_count;
  index->group_place = ph_allocate(status, index->name_count, sizeof *index->group_place);
  index->first_cell = ph_allocate_zeroed(status, index->group_count + 1, sizeof *index->first_cell);
  if (ph_failed(status)) return;
  memcpy(index->group_place, walk->group_place, index->name_count * sizeof *index->group_place);
  ph_day_index_order_groups(index, walk->history, status);
  for (size_t group = 0; group < index->group_count && !ph_failed(status); group++) {
    const int64_t *rows = walk->rows[walk->group_place[index->groups[group]] - 1];
    append_group(walk, rows, index, &cell_capacity, &value_capacity, status);
    index->first_cell[group + 1] = index->cell_count;
  }
}

bool ph_day_index_begin_walking(ph_day_index *index, const ph_history *history, const ph_day_index_plan *plan,
                                ph_status *status) {
  *index = (ph_day_index){.memory = status->memory, .columns = plan->columns, .bucket_count = 1};
  walkers all = {0};
  walker blank = {.plan = plan, .history = history, .most_numbers = most_numbers(history), .fits = true};
  if (history->first_created == PH_DAY_NEVER || ph_failed(status)) return false;
  find_days(&blank);
  size_t numbers = count_groups(&blank, status) * blank.day_count * plan->columns;
  bool fits = false;
  if (ph_history_is_helped(history) && numbers <= blank.most_numbers / PH_PARTS)
    fits = walk_deals(&all, &blank, true, status);
  if (!fits && numbers <= blank.most_numbers && !ph_failed(status)) {
    end_walks(&all, status->memory);
    fits = walk_deals(&all, &blank, false, status);
  }
  if (fits) make_index(&all.of_part[0], index, status);
  end_walks(&all, status->memory);
  if (fits && !ph_failed(status)) return true;
  ph_day_index_end(index);
  *index = (ph_day_index){0};
  return false;
}
