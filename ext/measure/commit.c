/* Commit. See commit.h. */
#include "commit.h"

#include "../base/rounding.h"
#include "deal_chance.h"

static const char *const NAME = "pipeline_commit";

typedef struct category_sums {
  int64_t deals;
  ph_money_sum amount[PH_VERDICT_COUNT], overdue;
  double expected;
} category_sums;

typedef struct commitments {
  ph_pipeline *pipeline;
  ph_day day;
  bool unproven_is_real;
  ph_claimed_deals list;
  const ph_deal_pieces *pieces;
  const ph_ladder *ladder;
  category_sums *sums; /* by block and category */
  size_t capacity;
} commitments;

static ph_day day_of(const void *context, ph_period period) {
  const ph_day *day = context;
  return period.end < *day ? PH_DAY_NONE : *day;
}

static ph_ladder_question question_of(const commitments *asked, const ph_claim_point *point) {
  return ph_chance_question(asked->day, point->period.end - asked->day);
}

static void learn_chances(commitments *asked, ph_status *status) {
  size_t count = asked->list.point_count;
  ph_ladder_question *questions = ph_allocate(status, count, sizeof *questions);
  for (size_t point = 0; point < count && !ph_failed(status); point++)
    questions[point] = question_of(asked, &asked->list.points[point]);
  asked->pieces = ph_pipeline_pieces(asked->pipeline, asked->day, status);
  if (!ph_failed(status)) asked->ladder = ph_pipeline_ladder(asked->pipeline, questions, count, status);
  ph_release(status->memory, questions);
}

/* Chance × amount in units, NaN without a chance. */
static double expected_units(const commitments *asked, const ph_claimed_deal *claimed) {
  ph_ladder_question question = question_of(asked, claimed->point);
  ph_chance chance = ph_ladder_chance(
      asked->ladder, ph_ladder_question_place(asked->ladder, question.last_day, question.horizon_days),
      ph_class_piece_on(asked->pieces, claimed->deal, asked->day),
      ph_factor_piece_on(asked->pieces, claimed->deal, asked->day));
  return chance.chance * (double)claimed->span->amount;
}

static void add_claim(void *context, const ph_claimed_deal *claimed, ph_status *status) {
  commitments *asked = context;
  category_sums *sums =
      ph_claimed_deals_row(&asked->list, claimed->quota, ph_category_place(claimed->category),
                           (void **)&asked->sums, &asked->capacity, sizeof *asked->sums, status);
  if (sums == NULL) return;
  sums->deals++;
  ph_money_add(&sums->amount[claimed->span->verdict], claimed->span->amount);
  if (claimed->span->close_date < asked->day) ph_money_add(&sums->overdue, claimed->span->amount);
  sums->expected += expected_units(asked, claimed);
}

static void fill_row(const commitments *asked, const category_sums *sums, ph_commit_row *row,
                     ph_status *status) {
  ph_money_sum all = {0, 0}, real = sums->amount[PH_VERDICT_PROGRESSING];
  ph_money_sum at_risk = sums->amount[PH_VERDICT_STALLED];
  for (int verdict = 0; verdict < PH_VERDICT_COUNT; verdict++) {
    ph_money_add_sum(&all, &sums->amount[verdict]);
    row->amount_of_verdict[verdict] = ph_money_value(&sums->amount[verdict], NAME, status);
  }
  if (asked->unproven_is_real) ph_money_add_sum(&real, &sums->amount[PH_VERDICT_UNPROVEN]);
  ph_money_add_sum(&at_risk, &sums->amount[PH_VERDICT_DEAD]);
  row->deals = sums->deals;
  row->amount = ph_money_value(&all, NAME, status);
  row->real_amount = ph_money_value(&real, NAME, status);
  row->overdue_amount = ph_money_value(&sums->overdue, NAME, status);
  row->at_risk_amount = ph_money_value(&at_risk, NAME, status);
  row->expected_units = sums->expected;
}

static void fill_rows(const commitments *asked, ph_commit_row *rows, size_t *count, ph_status *status) {
  const ph_claimed_deals *list = &asked->list;
  size_t filled = 0;
  for (size_t quota = 0; quota < list->quota_count && ph_continue(status); quota++) {
    size_t block = list->rows_of_quota[quota];
    for (size_t place = 0; block > 0 && place < PH_CATEGORY_PLACES; place++) {
      const category_sums *sums = &asked->sums[(block - 1) * PH_CATEGORY_PLACES + place];
      if (sums->deals == 0) continue;
      rows[filled] = (ph_commit_row){.group = list->quotas[quota], .category = ph_category_at(place)};
      fill_row(asked, sums, &rows[filled++], status);
    }
  }
  if (!ph_failed(status)) *count = filled;
}

void ph_commit_on(ph_pipeline *pipeline, ph_day day, ph_scope scope, ph_commit_row **rows, size_t *count,
                  ph_status *status) {
  const ph_history *history = &pipeline->history;
  commitments asked = {.pipeline = pipeline,
                       .day = day,
                       .unproven_is_real = history->policy.value[PH_POLICY_UNPROVEN_IS_REAL] != 0};
  *rows = NULL;
  *count = 0;
  ph_pipeline_order(pipeline, status);
  ph_claimed_deals_begin(&asked.list, pipeline, scope, day_of, &day, status);
  if (asked.list.point_count > 0) learn_chances(&asked, status);
  /* in the order of ids, so that sums of doubles are the same in any order of the source */
  for (size_t place = 0; place < history->deal_count && ph_continue(status); place++)
    ph_claimed_deals_of(&asked.list, ph_pipeline_deal_at(pipeline, place), add_claim, &asked, status);
  *rows = ph_allocate(status, asked.list.block_count * PH_CATEGORY_PLACES, sizeof **rows);
  if (!ph_failed(status)) fill_rows(&asked, *rows, count, status);
  ph_claimed_deals_end(&asked.list);
  ph_release(status->memory, asked.sums);
}
