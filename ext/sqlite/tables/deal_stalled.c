/*
** deal_stalled(as_of): every open deal with its verdict (specification, section 5).
**
**     SELECT deal_id, name, amount, reasons FROM deal_stalled('2022-06-30')
**     WHERE stalled ORDER BY amount DESC LIMIT 10;
**
** One row for each deal that is open on as_of, by deal_id (integers first). Days are differences of dates;
** amounts are REAL, exact to 1/10,000. Rows are made one at a time, when they are visited.
*/
#include "../engine.h"

/* Columns that are compared before the row is made. */
enum { DEAL_ID, OWNER = 2, TEAM, PIPELINE };

enum { AS_OF };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0}};

/* The current row, and what columns that are worked out need. */
typedef struct deal_row {
  size_t deal;
  ph_deal_state state;
  ph_span span; /* of the day */
  uint32_t team, pipeline;
  ph_day created;
  int32_t age, in_stage, without_progress, untouched;
  int64_t meetings, pushes, stalled; /* below 0: the sources cannot show it */
} deal_row;

static void fill(ph_query *query) {
  query->rows = ph_allocate_zeroed(query->status, 1, sizeof(deal_row));
  ph_pipeline_order(query->pipeline, query->status);
  query->row_count = query->pipeline->history.deal_count;
}

static bool passes_id(const ph_query *query, const ph_deal *deal) {
  const ph_filter *filter = ph_query_filter(query, DEAL_ID);
  char buffer[PH_ID_TEXT_BYTES + 1];
  size_t length;
  int64_t integer;
  if (filter == NULL) return true;
  if (!deal->id_is_text)
    return ph_id_is_integer(filter->text, filter->length, &integer) && integer == deal->id;
  const char *text = ph_deal_id_text(&query->pipeline->history, deal, buffer, &length);
  if (length != filter->length) return false;
  for (size_t index = 0; index < length; index++)
    if (text[index] != filter->text[index]) return false;
  return true;
}

/* Makes the row when the deal is open; the cheap questions come first. */
static bool visit(ph_query *query) {
  deal_row *row = query->rows;
  ph_day day = query->arguments[AS_OF];
  if (!ph_continue(query->status)) return false;
  row->deal = ph_pipeline_deal_at(query->pipeline, query->row);
  const ph_deal *deal = &query->pipeline->history.deals[row->deal];
  if (!ph_deal_is_open(deal, day) || !passes_id(query, deal) ||
      !ph_filter_passes_name(query, TEAM, deal->team) ||
      !ph_filter_passes_name(query, PIPELINE, deal->pipeline))
    return false;
  ph_deal_state_on(&query->pipeline->rules, row->deal, day, &row->state);
  row->span = ph_deal_judge(&query->pipeline->rules, deal, &row->state, day);
  row->team = deal->team;
  row->pipeline = deal->pipeline;
  row->created = deal->created;
  row->age = day - deal->created;
  row->in_stage = day - row->state.last_stage_change;
  row->without_progress = day - row->state.last_progress;
  row->untouched = day - row->state.last_touch;
  const ph_history *history = &query->pipeline->history;
  row->meetings = day >= history->evidence.meetings_since ? row->state.meetings : -1;
  row->pushes = ph_history_shows(history, PH_KIND_CLOSE_DATE) ? row->state.pushes : -1;
  row->stalled = row->span.verdict == PH_VERDICT_UNJUDGED ? -1 : ph_verdict_is_stalled(row->span.verdict);
  return true;
}

static const ph_deal *deal_of(const ph_query *query, const deal_row *row) {
  return &query->pipeline->history.deals[row->deal];
}

static void show_id(ph_query *query, const void *at) {
  ph_result_deal_id(query, deal_of(query, at));
}

static void show_name(ph_query *query, const void *at) {
  ph_result_deal_name(query, deal_of(query, at));
}

/* The first meeting after the day that was written down by then. */
static ph_day next_meeting(const ph_history *history, const ph_deal *deal, const ph_deal_state *state,
                           ph_day day) {
  for (size_t at = state->next_event; at < deal[1].first_event; at++) {
    const ph_event *event = &history->events[at];
    if (ph_event_kind(event) == PH_KIND_MEETING && (ph_day)event->value <= day) return ph_event_day(event);
  }
  return PH_DAY_NONE;
}

static void show_next_meeting(ph_query *query, const void *at) {
  const deal_row *row = at;
  ph_result_day(query, next_meeting(&query->pipeline->history, deal_of(query, row), &row->state,
                                    query->arguments[AS_OF]));
}

static void show_stalled_since(ph_query *query, const void *at) {
  const deal_row *row = at;
  if (row->stalled == 1)
    ph_result_day(query, ph_deal_stalled_since(&query->pipeline->rules, row->deal, &row->state,
                                               query->arguments[AS_OF]));
}

static void show_stalls_on(ph_query *query, const void *at) {
  const deal_row *row = at;
  if (row->stalled != 1)
    ph_result_day(query, ph_deal_stalls_on(&query->pipeline->rules, deal_of(query, row), &row->state));
}

static void show_reasons(ph_query *query, const void *at) {
  const deal_row *row = at;
  char text[PH_REASONS_TEXT_BYTES];
  ph_reasons_format(row->span.reasons, text);
  ph_result_text(query, text);
}

static const ph_column columns[] = {
    [DEAL_ID] = {"deal_id", PH_COLUMN_TEXT, PH_SHOW_WORKED_OUT, .work_out = show_id, .filters = true},
    PH_WORKED_OUT_COLUMN("name", PH_COLUMN_TEXT, show_name),
    [OWNER] = PH_NAME_COLUMN("owner", deal_row, span.owner),
    [TEAM] = PH_NAME_COLUMN("team", deal_row, team),
    [PIPELINE] = PH_NAME_COLUMN("pipeline", deal_row, pipeline),
    PH_NAME_COLUMN("stage", deal_row, span.stage),
    PH_MONEY_COLUMN("amount", deal_row, span.amount),
    PH_DAY_COLUMN("created_at", deal_row, created),
    PH_DAY_COLUMN("close_date", deal_row, span.close_date),
    PH_INTEGER_COLUMN("age_days", deal_row, age),
    PH_INTEGER_COLUMN("days_in_stage", deal_row, in_stage),
    PH_DAY_COLUMN("last_progress_at", deal_row, state.last_progress),
    PH_INTEGER_COLUMN("days_without_progress", deal_row, without_progress),
    PH_INTEGER_COLUMN("idle_limit_days", deal_row, state.idle_limit),
    PH_DAY_COLUMN("last_touch_at", deal_row, state.last_touch),
    PH_INTEGER_COLUMN("days_untouched", deal_row, untouched),
    PH_COUNT_COLUMN("meetings", deal_row, meetings),
    PH_WORKED_OUT_COLUMN("next_meeting_at", PH_COLUMN_TEXT, show_next_meeting),
    PH_COUNT_COLUMN("pushes", deal_row, pushes),
    PH_CHOICE_COLUMN("verdict", deal_row, span.verdict, ph_verdict_names),
    {"stalled", PH_COLUMN_INTEGER, PH_SHOW_COUNT, PH_MEMBER(deal_row, stalled), .filters = true},
    PH_WORKED_OUT_COLUMN("stalled_since", PH_COLUMN_TEXT, show_stalled_since),
    PH_WORKED_OUT_COLUMN("stalls_on", PH_COLUMN_TEXT, show_stalls_on),
    PH_WORKED_OUT_COLUMN("reasons", PH_COLUMN_TEXT, show_reasons),
    PH_NAME_COLUMN("forecast_category", deal_row, state.forecast),
};

static const ph_choice choice = {.deal_id_column = DEAL_ID, .owner_column = OWNER, .day_argument = AS_OF};

const ph_table ph_table_deal_stalled = {
    .name = "deal_stalled",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .choice = &choice,
    .rows_estimate = 100000,
    .fill = fill,
    .visit = visit,
};
