/* Rows of pipeline_stage become the stages of a history. See reader.h. */
#include "../base/sort.h"
#include "reader_internal.h"

#include <float.h>
#include <math.h>

static int compare_stages(const void *context, uint32_t left, uint32_t right) {
  const ph_stage *a = (const ph_stage *)context + left, *b = (const ph_stage *)context + right;
  if (a->stage != b->stage) return a->stage < b->stage ? -1 : 1;
  return a->pipeline < b->pipeline ? -1 : a->pipeline > b->pipeline;
}

void ph_reader_add_stage(ph_reader *reader, const ph_value cells[PH_STAGE_COLUMNS], ph_status *status) {
  ph_history *history = reader->history;
  ph_stage row = {.max_idle_days = -1, .closed = -1};
  int64_t days, closed;
  row.stage = ph_read_name(reader, &cells[PH_STAGE_NAME], status);
  row.pipeline = ph_read_name(reader, &cells[PH_STAGE_PIPELINE], status);
  if (ph_failed(status)) return;
  if (row.stage == 0) {
    ph_problem_add_value(&history->problems, PH_STAGE_NAME_MISSING, &cells[PH_STAGE_RANK], status);
    return;
  }
  if (!ph_value_to_real(&cells[PH_STAGE_RANK], &row.rank) || fabs(row.rank) > DBL_MAX) {
    bool header = ph_repeats_header(PH_RELATION_STAGE, cells);
    ph_problem_add_value(&history->problems, header ? PH_STAGE_HEADER : PH_STAGE_RANK_BAD,
                         &cells[PH_STAGE_NAME], status);
    return;
  }
  const ph_value *max_idle_days = &cells[PH_STAGE_MAX_IDLE_DAYS];
  if (!ph_value_is_missing(max_idle_days)) {
    if (ph_value_to_integer(max_idle_days, &days) && days >= 0 && days <= 36500) {
      row.max_idle_days = (int32_t)days;
    } else {
      ph_problem_add_value(&history->problems, PH_STAGE_MAX_IDLE_BAD, max_idle_days, status);
    }
  }
  if (!ph_value_is_missing(&cells[PH_STAGE_CLOSED])) {
    if (ph_value_to_integer(&cells[PH_STAGE_CLOSED], &closed) && (closed == 0 || closed == 1)) {
      row.closed = (int8_t)closed;
    } else {
      ph_problem_add_value(&history->problems, PH_STAGE_CLOSED_BAD, &cells[PH_STAGE_CLOSED], status);
    }
  }
  if (!ph_reserve(status, (void **)&history->stages, &reader->stage_capacity, history->stage_count + 1,
                  sizeof row))
    return;
  history->stages[history->stage_count++] = row;
}

void ph_reader_order_stages(ph_reader *reader, ph_status *status) {
  ph_history *history = reader->history;
  uint32_t *order = ph_sorted_indexes(history->stage_count, compare_stages, history->stages, status);
  ph_stage *ordered = ph_allocate(status, history->stage_count, sizeof *ordered);
  history->ranked_names = history->names.count;
  history->first_stage = ph_allocate_zeroed(status, history->ranked_names, sizeof *history->first_stage);
  size_t count = 0;
  for (size_t index = 0; !ph_failed(status) && index < history->stage_count; index++) {
    const ph_stage *row = &history->stages[order[index]];
    if (count > 0 && ordered[count - 1].stage == row->stage && ordered[count - 1].pipeline == row->pipeline) {
      ph_problem_add(&history->problems, PH_STAGE_DUPLICATE, history->names.names[row->stage].text, status);
      continue;
    }
    ordered[count++] = *row;
    if (history->first_stage[row->stage] == 0) history->first_stage[row->stage] = (uint32_t)count;
  }
  ph_release(reader->memory, order);
  ph_release(reader->memory, history->stages);
  history->stages = ordered;
  history->stage_count = ph_failed(status) ? 0 : count;
}
