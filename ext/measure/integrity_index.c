/* The open deals of a scope by verdict and reason. See integrity_index.h. */
#include "integrity_index.h"

_Static_assert((int)PH_INTEGRITY_COUNTS <= (int)PH_DAY_INDEX_MOST_COUNTS, "the counts fit into a row");
_Static_assert((int)PH_INTEGRITY_SUMS <= (int)PH_DAY_INDEX_MOST_SUMS, "the sums fit into a row");

/* Without a branch on the reasons: which of them hold cannot be foretold. */
void ph_integrity_contribute(ph_day_row *row, unsigned verdict, unsigned reasons, int64_t amount,
                             int64_t sign) {
  row->counts[PH_INTEGRITY_DEALS + verdict] += sign;
  row->sums[verdict].high += sign * ph_money_high(amount);
  row->sums[verdict].low += sign * ph_money_low(amount);
  unsigned informing = reasons >> PH_REASON_FIRST_INFORMING;
  for (unsigned reason = 0; reason < PH_INFORMING_REASONS; reason++)
    row->counts[PH_INTEGRITY_REASONS + reason] += sign & -(int64_t)(informing >> reason & 1u);
}

/* A piece says its verdict and the informing reasons. */
enum { REASONS_AT = 8 };

static void contribute(ph_day_row *row, uint32_t what, int64_t amount, int64_t sign) {
  ph_integrity_contribute(row, what & ((1u << REASONS_AT) - 1), what >> REASONS_AT, amount, sign);
}

typedef struct source {
  const ph_timeline *timeline;
  ph_scope scope;
} source;

static void scan(void *context, ph_day_index_builder *builder, ph_status *status) {
  const source *from = context;
  const ph_timeline *timeline = from->timeline;
  const unsigned informing = ~0u << PH_REASON_FIRST_INFORMING;
  for (size_t deal = 0; deal < timeline->history->deal_count && ph_continue(status); deal++)
    for (size_t at = timeline->first_span[deal]; at < timeline->first_span[deal + 1]; at++) {
      ph_span span = ph_timeline_span_at(timeline, deal, at);
      ph_piece piece = {.from = span.from,
                        .to = span.to,
                        .group =
                            ph_group_of(from->scope, &timeline->history->deals[deal], span.owner, span.stage),
                        .what = span.verdict | (span.reasons & informing) << REASONS_AT,
                        .amount = span.amount};
      ph_day_index_put(builder, &piece, status);
    }
}

void ph_integrity_index_begin(ph_day_index *index, const ph_timeline *timeline, ph_scope scope,
                              ph_status *status) {
  source from = {timeline, scope};
  ph_day_index_plan plan = {.names = &timeline->history->names,
                            .counts = PH_INTEGRITY_COUNTS,
                            .sums = PH_INTEGRITY_SUMS,
                            .bucket_count = 1,
                            .scan = scan,
                            .context = &from,
                            .contribute = contribute};
  ph_day_index_begin(index, &plan, status);
}
