/*
** Fills the shadow tables with what is claimed and won, by month and day. See store_writer.h.
*/
#include "store_writer.h"

#include "../store/late_win.h"

/* Claims have sums of what is claimed, real, unjudged and overdue: a bit of a piece each, the first
** always. */
enum { IS_CLAIMED = 1, OTHERS_AT = 1 };
_Static_assert(PH_CLAIM_IS_REAL << OTHERS_AT == 2 && PH_CLAIM_IS_UNJUDGED << OTHERS_AT == 4 &&
                   PH_CLAIM_IS_OVERDUE << OTHERS_AT == 8,
               "the bits of a claim are those of a piece");
_Static_assert((int)PH_MONTH_COUNTS == (int)PH_CLAIMED_COUNTS && (int)PH_MONTH_SUMS == (int)PH_CLAIMED_SUMS,
               "a row of a slice has the numbers of a ph_claimed");

/* What pieces are made from. */
typedef struct piece_source {
  const ph_timeline *timeline;
  ph_scope scope;
  ph_month_builder *builder;
} piece_source;

static void put_claim(void *context, const ph_claim *claim, ph_status *status) {
  const piece_source *from = context;
  const ph_month_piece piece = {.amount = claim->amount,
                                .from = claim->from,
                                .to = claim->to,
                                .group = claim->group,
                                .month = ph_month_of(claim->close_date),
                                .what = IS_CLAIMED | claim->what << OTHERS_AT};
  ph_month_put(from->builder, &piece, status);
}

static void scan_claims(void *context, ph_month_builder *builder, ph_status *status) {
  piece_source *from = context;
  from->builder = builder;
  ph_claims_visit(from->timeline, from->scope, put_claim, from, status);
}

/* The wins that are known on their closing day, all in one month. */
static void scan_wins(void *context, ph_month_builder *builder, ph_status *status) {
  const piece_source *from = context;
  const ph_history *history = from->timeline->history;
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    if (history->deals[deal].outcome != PH_OUTCOME_WON || ph_win_is_late(&history->deals[deal])) continue;
    ph_win win = ph_win_of(from->timeline, from->scope, deal);
    const ph_month_piece piece = {
        .amount = win.amount, .from = win.closing, .to = PH_DAY_NEVER, .group = win.group, .what = 1};
    ph_month_put(builder, &piece, status);
  }
}

void ph_store_claim_slices(ph_pipeline *pipeline, int kind, ph_month_slices *slices, ph_status *status) {
  bool wins = kind >= PH_SLICES_OF_WINS;
  piece_source from = {.timeline = ph_pipeline_timeline(pipeline, status),
                       .scope = (ph_scope)(kind - (wins ? PH_SLICES_OF_WINS : PH_SLICES_OF_CLAIMS))};
  ph_month_plan plan = {
      .name_count = pipeline->history.names.count, .scan = wins ? scan_wins : scan_claims, .context = &from};
  ph_month_slices_begin(slices, &plan, status);
}

size_t ph_store_write_late_wins(ph_pipeline *pipeline, ph_byte_writer *bytes, ph_status *status) {
  const ph_timeline *timeline = ph_pipeline_timeline(pipeline, status);
  const ph_history *history = &pipeline->history;
  size_t count = 0;
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    const ph_deal *at = &history->deals[deal];
    if (at->outcome != PH_OUTCOME_WON || !ph_win_is_late(at) || at->created == PH_DAY_NEVER) continue;
    ph_win win = ph_win_of(timeline, PH_SCOPE_OWNER, deal);
    const ph_late_win late = {win.group, at->team, win.closing, win.created, win.amount};
    ph_write_late_win(bytes, &late, status);
    if (++count > PH_MOST_LATE_WINS) break;
  }
  return count;
}

/* False where the slices cannot show it. */
static bool insert(const ph_store_output *to, int kind, const ph_month_slices *slices, ph_stored_head *head,
                   ph_status *status) {
  if (!ph_failed(status) && slices->fits)
    ph_store_insert_slices(to, kind, slices->first, slices->slices, slices->count, head, status);
  return slices->fits;
}

/* Writes the claims or the wins of all scopes, those of all deals as the sums of the teams. */
static bool write_kinds(const ph_store_output *to, ph_pipeline *pipeline, int kinds, ph_stored_head *head,
                        ph_status *status) {
  ph_month_slices all, teams, owners;
  ph_store_claim_slices(pipeline, kinds + PH_SCOPE_TEAM, &teams, status);
  ph_month_slices_begin_total(&all, &teams, pipeline->history.names.count, status);
  bool fits = insert(to, kinds + PH_SCOPE_ALL, &all, head, status) &&
              insert(to, kinds + PH_SCOPE_TEAM, &teams, head, status);
  ph_month_slices_end(&all);
  ph_month_slices_end(&teams);
  ph_store_claim_slices(pipeline, kinds + PH_SCOPE_OWNER, &owners, status);
  fits = fits && insert(to, kinds + PH_SCOPE_OWNER, &owners, head, status);
  ph_month_slices_end(&owners);
  return fits;
}

static bool write_late_wins(const ph_store_output *to, ph_pipeline *pipeline, ph_stored_head *head,
                            ph_status *status) {
  ph_byte_writer bytes = {0};
  size_t count = ph_store_write_late_wins(pipeline, &bytes, status);
  if (count > 0 && count <= PH_MOST_LATE_WINS && !ph_failed(status))
    ph_store_insert_slices(to, PH_SLICE_OF_LATE_WINS, 0, &bytes, 1, head, status);
  ph_byte_writer_end(&bytes, status->memory);
  return count <= PH_MOST_LATE_WINS;
}

void ph_store_write_claims(const ph_store_output *to, ph_pipeline *pipeline, ph_stored_head *head,
                           ph_status *status) {
  head->shows_claims = write_late_wins(to, pipeline, head, status) &&
                       write_kinds(to, pipeline, PH_SLICES_OF_CLAIMS, head, status) &&
                       write_kinds(to, pipeline, PH_SLICES_OF_WINS, head, status);
}
