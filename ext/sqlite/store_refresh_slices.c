/*
** The slices of days on which sums differ since deals changed. See store_refresh.h.
*/
#include "store_refresh.h"

#include "../measure/integrity_index.h"
#include "../store/day_slice.h"
#include "../store/late_win.h"

/* Which slices of a kind there are, stored and from now on. */
typedef struct slice_range {
  int kind;
  ph_day first_stored, last_stored; /* PH_DAY_NONE: none */
  ph_day first, last;
} slice_range;

/* False where there is nothing to be shown. The deals that come are shown from a slice on to another one,
** if any. */
static bool find_range(ph_refresh *job, int kind, bool comes, ph_day first, ph_day last, slice_range *range) {
  ph_stored_head *head = &job->head;
  *range = (slice_range){kind, head->first_slice[kind], head->last_slice[kind], first, last};
  if (range->first_stored == PH_DAY_NONE && !comes) return false;
  if (range->first_stored != PH_DAY_NONE) {
    if (!comes || range->first_stored < first) range->first = range->first_stored;
    if (!comes || range->last_stored > last) range->last = range->last_stored;
  }
  head->first_slice[kind] = range->first;
  head->last_slice[kind] = range->last;
  return true;
}

static bool is_stored(const slice_range *range, ph_day first) {
  return range->first_stored != PH_DAY_NONE && first >= range->first_stored && first <= range->last_stored;
}

/* ---------------------------------------------------------------------------------------------- integrity */

static void change_slice(ph_refresh *job, ph_slices *slices, ph_scope scope, const slice_range *range,
                         ph_slice_change change) {
  ph_status *status = job->status;
  ph_new_rows *rows = &job->slices[range->kind];
  ph_day_index stored = {.memory = NULL}, now = {.memory = NULL};
  if (is_stored(range, change.first) && !ph_slice_differs(&change)) return;
  ph_day first = ph_slices_first(slices, range->kind, change.first);
  if (first != PH_DAY_NONE) {
    ph_slices_read_integrity(slices, scope, first, &stored, status);
    change.stored = &stored;
  }
  if (!ph_failed(status))
    ph_change_slice(&change, PH_INTEGRITY_COUNTS, PH_INTEGRITY_SUMS, job->come.history.names.count, &now,
                    status);
  if (!ph_failed(status)) {
    ph_begin_row(rows, change.first, status);
    ph_write_slice(&rows->bytes, &now, change.first, status);
    ph_end_row(rows, status);
  }
  ph_day_index_end(&now);
  ph_day_index_end(&stored);
}

static void change_integrity(ph_refresh *job, ph_slices *slices, ph_scope scope) {
  ph_status *status = job->status;
  ph_day first = PH_DAY_NONE, last = PH_DAY_NONE;
  slice_range range;
  ph_slice_change change = {.come = ph_pipeline_integrity(&job->come, scope, status)};
  if (job->has_gone) change.gone = ph_pipeline_integrity(&job->gone, scope, status);
  if (ph_failed(status)) return;
  bool comes = ph_slices_of(change.come, &first, &last);
  if (!find_range(job, PH_SLICES_OF_INTEGRITY + (int)scope, comes, first, last, &range)) return;
  for (change.first = range.first; change.first <= range.last && ph_continue(status);
       change.first += PH_SLICE_DAYS)
    change_slice(job, slices, scope, &range, change);
}

/* ---------------------------------------------------------------------------------------- claims and wins */

/* A slice of claims or wins that is written anew. */
typedef struct month_reading {
  ph_refresh *job;
  ph_new_rows *rows;
  ph_month_bytes gone, come;
  ph_day first, stored_first;
} month_reading;

static bool merge_months(void *context, ph_byte_reader *bytes, ph_status *status) {
  month_reading *to = context;
  ph_month_bytes stored = {.is_before = to->stored_first < to->first};
  if (bytes != NULL) stored.bytes = *bytes;
  ph_begin_row(to->rows, to->first, status);
  bool merged = ph_merge_month_slice(&stored, &to->gone, &to->come, to->job->come.history.names.count,
                                     &to->rows->bytes, status);
  if (!merged) to->job->gives_up = true;
  if (merged) ph_end_row(to->rows, status);
  return true;
}

static void merge_range(ph_refresh *job, ph_slices *slices, const slice_range *range,
                        const ph_month_slices *gone, const ph_month_slices *come) {
  ph_status *status = job->status;
  for (ph_day day = range->first; day <= range->last && !job->gives_up && ph_continue(status);
       day += PH_SLICE_DAYS) {
    month_reading to = {.job = job,
                        .rows = &job->slices[range->kind],
                        .gone = ph_month_slice_on(gone, day),
                        .come = ph_month_slice_on(come, day),
                        .first = day,
                        .stored_first = ph_slices_first(slices, range->kind, day)};
    if (to.stored_first != PH_DAY_NONE) {
      ph_slices_read(slices, range->kind, to.stored_first, merge_months, &to, status);
    } else {
      merge_months(&to, NULL, status);
    }
  }
}

static void change_months(ph_refresh *job, ph_slices *slices, int kind) {
  ph_status *status = job->status;
  ph_month_slices gone = {.fits = true}, come;
  slice_range range;
  ph_store_claim_slices(&job->come, kind, &come, status);
  if (job->has_gone) ph_store_claim_slices(&job->gone, kind, &gone, status);
  if (!ph_failed(status) && !(gone.fits && come.fits)) job->gives_up = true;
  ph_day last = come.first + (ph_day)(come.count > 0 ? come.count - 1 : 0) * PH_SLICE_DAYS;
  if (!ph_failed(status) && !job->gives_up && find_range(job, kind, come.count > 0, come.first, last, &range))
    merge_range(job, slices, &range, &gone, &come);
  ph_month_slices_end(&come);
  ph_month_slices_end(&gone);
}

/* ---------------------------------------------------------------------------------------------- late wins */

/* The late wins as they are: those that are stored but for the ones that go, and those that come. */
typedef struct late_merge {
  ph_refresh *job;
  ph_byte_writer gone; /* those that go; each that is found becomes one without a closing day */
  ph_late_win *go;
  size_t go_count;
  ph_byte_writer now;
  size_t count;
} late_merge;

static bool takes_away(late_merge *merge, const ph_late_win *win) {
  for (size_t at = 0; at < merge->go_count; at++) {
    ph_late_win *go = &merge->go[at];
    if (go->owner != win->owner || go->team != win->team || go->closing != win->closing ||
        go->created != win->created || go->amount != win->amount)
      continue;
    *go = merge->go[--merge->go_count];
    return true;
  }
  return false;
}

static bool merge_late(void *context, ph_byte_reader *bytes, ph_status *status) {
  late_merge *merge = context;
  while (bytes->at < bytes->end && !bytes->damaged &&
         ph_continue_after(status, 1 + merge->go_count / PH_SLICE_DAYS)) {
    ph_late_win win = ph_read_late_win(bytes, merge->job->to.name_count);
    if (bytes->damaged || takes_away(merge, &win)) continue;
    ph_write_late_win(&merge->now, &win, status);
    merge->count++;
  }
  return !bytes->damaged;
}

static void read_gone(late_merge *merge, size_t count, ph_status *status) {
  ph_byte_reader bytes = ph_byte_reader_of(merge->gone.bytes, merge->gone.count);
  merge->go = ph_allocate(status, count, sizeof *merge->go);
  while (!ph_failed(status) && merge->go_count < count)
    merge->go[merge->go_count++] = ph_read_late_win(&bytes, merge->job->gone.history.names.count);
}

static void change_late(ph_refresh *job, ph_slices *slices) {
  ph_status *status = job->status;
  ph_new_rows *rows = &job->slices[PH_SLICE_OF_LATE_WINS];
  late_merge merge = {.job = job};
  slice_range range;
  merge.count = ph_store_write_late_wins(&job->come, &merge.now, status);
  size_t gone = job->has_gone ? ph_store_write_late_wins(&job->gone, &merge.gone, status) : 0;
  read_gone(&merge, gone, status);
  bool changes = merge.count > 0 || gone > 0;
  if (changes && !ph_failed(status) && find_range(job, PH_SLICE_OF_LATE_WINS, true, 0, 0, &range)) {
    if (range.first_stored != PH_DAY_NONE)
      ph_slices_read(slices, PH_SLICE_OF_LATE_WINS, 0, merge_late, &merge, status);
    if (merge.go_count > 0 || merge.count > PH_MOST_LATE_WINS) job->gives_up = true;
    ph_begin_row(rows, 0, status);
    ph_write_bytes(&rows->bytes, merge.now.bytes, merge.now.count, status);
    ph_end_row(rows, status);
  }
  ph_release(status->memory, merge.go);
  ph_byte_writer_end(&merge.gone, status->memory);
  ph_byte_writer_end(&merge.now, status->memory);
}

/* ---------------------------------------------------------------------------------------------------- all */

void ph_refresh_slices(ph_refresh *job) {
  const ph_open_store *from = &job->from;
  ph_slices slices = {.connection = from->connection,
                      .schema = from->schema,
                      .generation = from->generation,
                      .head = job->to.head,
                      .name_count = job->to.name_count};
  for (int scope = 0; scope < PH_SCOPE_COUNT && !ph_failed(job->status); scope++)
    change_integrity(job, &slices, (ph_scope)scope);
  if (!job->head.shows_claims) return;
  for (int kind = PH_SLICES_OF_CLAIMS; kind < PH_SLICE_OF_LATE_WINS && !ph_failed(job->status); kind++)
    if (!job->gives_up) change_months(job, &slices, kind);
  if (!ph_failed(job->status) && !job->gives_up) change_late(job, &slices);
}
