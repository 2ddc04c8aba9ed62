/* Class runs. See class_run.h. */
#include "class_run.h"

#include "../base/sort.h"

static int compare_names(const void *context, uint32_t left, uint32_t right) {
  return ph_name_compare(context, left, right);
}

/* Every version that a span has counts; a closing without one has a stage that no span need have. */
static void find_stages(ph_class_runs *runs, const ph_timeline *timeline, ph_status *status) {
  const ph_interner *names = &timeline->history->names;
  runs->name_count = names->count;
  runs->stage_place = ph_allocate_zeroed(status, names->count, sizeof *runs->stage_place);
  for (size_t deal = 0; deal < runs->deal_count && ph_continue(status); deal++) {
    if (ph_timeline_span_count(timeline, deal) == 0) continue;
    for (size_t at = timeline->first_version[deal]; at < timeline->first_version[deal + 1]; at++) {
      uint32_t *place = &runs->stage_place[timeline->versions[at].stage];
      runs->stage_count += *place == 0;
      *place = 1;
    }
  }
  runs->stage_names = ph_allocate(status, runs->stage_count, sizeof *runs->stage_names);
  if (ph_failed(status)) return;
  size_t count = 0;
  for (uint32_t name = 0; name < names->count; name++)
    if (runs->stage_place[name] != 0) runs->stage_names[count++] = name;
  ph_sort_indexes(runs->stage_names, count, compare_names, names, status);
  for (size_t place = 0; place < count; place++)
    runs->stage_place[runs->stage_names[place]] = (uint32_t)place + 1;
}

static void append_runs(ph_class_runs *runs, const ph_timeline *timeline, size_t deal, ph_status *status) {
  size_t first = runs->run_count;
  for (size_t at = timeline->first_span[deal]; at < timeline->first_span[deal + 1]; at++) {
    ph_span span = ph_timeline_span_at(timeline, deal, at);
    uint32_t class = (runs->stage_place[span.stage] - 1) * PH_VERDICT_COUNT + span.verdict;
    if (runs->run_count > first && runs->runs[runs->run_count - 1].class == class) continue;
    if (!ph_reserve(status, (void **)&runs->runs, &runs->run_capacity, runs->run_count + 1,
                    sizeof *runs->runs))
      return;
    runs->runs[runs->run_count++] = (ph_class_run){span.from, class};
  }
}

void ph_class_runs_begin(ph_class_runs *runs, const ph_timeline *timeline, ph_status *status) {
  *runs = (ph_class_runs){.memory = status->memory, .deal_count = timeline->history->deal_count};
  find_stages(runs, timeline, status);
  runs->first_run = ph_allocate(status, runs->deal_count + 1, sizeof *runs->first_run);
  runs->closing = ph_allocate(status, runs->deal_count, sizeof *runs->closing);
  runs->won = ph_allocate(status, runs->deal_count, sizeof *runs->won);
  for (size_t deal = 0; deal < runs->deal_count; deal++) {
    if (!ph_continue_after(status, 1 + ph_timeline_span_count(timeline, deal))) return;
    const ph_deal *at = &timeline->history->deals[deal];
    runs->first_run[deal] = (uint32_t)runs->run_count;
    runs->closing[deal] = at->closing;
    runs->won[deal] = at->outcome == PH_OUTCOME_WON;
    /* what nobody knows the outcome of counts in no win rate */
    if (at->outcome != PH_OUTCOME_VANISHED) append_runs(runs, timeline, deal, status);
  }
  if (ph_failed(status)) return;
  runs->first_run[runs->deal_count] = (uint32_t)runs->run_count;
  ph_trim(status, (void **)&runs->runs, &runs->run_capacity, runs->run_count, sizeof *runs->runs);
}

void ph_class_runs_end(ph_class_runs *runs) {
  if (runs->memory == NULL) return;
  ph_release(runs->memory, runs->stage_names);
  ph_release(runs->memory, runs->stage_place);
  ph_release(runs->memory, runs->runs);
  ph_release(runs->memory, runs->first_run);
  ph_release(runs->memory, runs->closing);
  ph_release(runs->memory, runs->won);
  *runs = (ph_class_runs){0};
}

size_t ph_class_runs_bytes(const ph_class_runs *runs) {
  if (runs->memory == NULL) return 0;
  return (runs->name_count + runs->stage_count + runs->deal_count + 1) * sizeof(uint32_t) +
         runs->deal_count * (sizeof *runs->closing + sizeof *runs->won) +
         runs->run_capacity * sizeof *runs->runs;
}
