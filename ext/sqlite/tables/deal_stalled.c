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

enum {
  DEAL_ID,
  NAME,
  OWNER,
  TEAM,
  PIPELINE,
  STAGE,
  AMOUNT,
  CREATED_AT,
  CLOSE_DATE,
  AGE_DAYS,
  DAYS_IN_STAGE,
  LAST_PROGRESS_AT,
  DAYS_WITHOUT_PROGRESS,
  IDLE_LIMIT_DAYS,
  LAST_TOUCH_AT,
  DAYS_UNTOUCHED,
  MEETINGS,
  NEXT_MEETING_AT,
  PUSHES,
  VERDICT,
  STALLED,
  STALLED_SINCE,
  STALLS_ON,
  REASONS,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [DEAL_ID] = {"deal_id", PH_COLUMN_TEXT, true},
    [NAME] = {"name", PH_COLUMN_TEXT, false},
    [OWNER] = {"owner", PH_COLUMN_TEXT, true},
    [TEAM] = {"team", PH_COLUMN_TEXT, true},
    [PIPELINE] = {"pipeline", PH_COLUMN_TEXT, true},
    [STAGE] = {"stage", PH_COLUMN_TEXT, true},
    [AMOUNT] = {"amount", PH_COLUMN_REAL, false},
    [CREATED_AT] = {"created_at", PH_COLUMN_TEXT, false},
    [CLOSE_DATE] = {"close_date", PH_COLUMN_TEXT, false},
    [AGE_DAYS] = {"age_days", PH_COLUMN_INTEGER, false},
    [DAYS_IN_STAGE] = {"days_in_stage", PH_COLUMN_INTEGER, false},
    [LAST_PROGRESS_AT] = {"last_progress_at", PH_COLUMN_TEXT, false},
    [DAYS_WITHOUT_PROGRESS] = {"days_without_progress", PH_COLUMN_INTEGER, false},
    [IDLE_LIMIT_DAYS] = {"idle_limit_days", PH_COLUMN_INTEGER, false},
    [LAST_TOUCH_AT] = {"last_touch_at", PH_COLUMN_TEXT, false},
    [DAYS_UNTOUCHED] = {"days_untouched", PH_COLUMN_INTEGER, false},
    [MEETINGS] = {"meetings", PH_COLUMN_INTEGER, false},
    [NEXT_MEETING_AT] = {"next_meeting_at", PH_COLUMN_TEXT, false},
    [PUSHES] = {"pushes", PH_COLUMN_INTEGER, false},
    [VERDICT] = {"verdict", PH_COLUMN_TEXT, true},
    [STALLED] = {"stalled", PH_COLUMN_INTEGER, true},
    [STALLED_SINCE] = {"stalled_since", PH_COLUMN_TEXT, false},
    [STALLS_ON] = {"stalls_on", PH_COLUMN_TEXT, false},
    [REASONS] = {"reasons", PH_COLUMN_TEXT, false},
};

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0}};

/* The current row. */
typedef struct visit_state {
  size_t deal;
  ph_deal_state state;
  ph_span span; /* of the day */
} visit_state;

static void fill(ph_query *query) {
  query->state = ph_allocate_zeroed(query->status, 1, sizeof(visit_state));
  ph_pipeline_order(query->pipeline, query->status);
  query->row_count = query->pipeline->history.deal_count;
}

static void end(ph_query *query) {
  if (query->state != NULL) ph_release(query->status->memory, query->state);
}

static bool passes_id(const ph_query *query, const ph_deal *deal) {
  const ph_filter *filter = &query->filters[DEAL_ID];
  char buffer[PH_ID_TEXT_BYTES + 1];
  size_t length;
  int64_t integer;
  if (!filter->given) return true;
  if (!deal->id_is_text)
    return ph_id_is_integer(filter->text, filter->length, &integer) && integer == deal->id;
  const char *text = ph_deal_id_text(&query->pipeline->history, deal, buffer, &length);
  if (length != filter->length) return false;
  for (size_t index = 0; index < length; index++)
    if (text[index] != filter->text[index]) return false;
  return true;
}

/* Makes the row when the deal is open and passes the filters; the cheap questions come first. */
static bool visit(ph_query *query) {
  visit_state *current = query->state;
  ph_day day = query->arguments[0];
  if (!ph_continue(query->status)) return false;
  current->deal = ph_pipeline_deal_at(query->pipeline, query->row);
  const ph_deal *deal = &query->pipeline->history.deals[current->deal];
  if (!ph_deal_is_open(deal, day) || !passes_id(query, deal) ||
      !ph_filter_passes_name(query, TEAM, deal->team) ||
      !ph_filter_passes_name(query, PIPELINE, deal->pipeline))
    return false;
  ph_deal_state_on(&query->pipeline->rules, current->deal, day, &current->state);
  current->span = ph_deal_judge(&query->pipeline->rules, deal, &current->state, day);
  const ph_span *span = &current->span;
  return ph_filter_passes_name(query, OWNER, span->owner) &&
         ph_filter_passes_name(query, STAGE, span->stage) &&
         ph_filter_passes_text(query, VERDICT, ph_verdict_names[span->verdict]) &&
         ph_filter_passes_integer(query, STALLED, ph_verdict_is_stalled(span->verdict));
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

static void result_id(ph_query *query, const ph_deal *deal) {
  char buffer[PH_ID_TEXT_BYTES];
  size_t length;
  const char *text = ph_deal_id_text(&query->pipeline->history, deal, buffer, &length);
  sqlite3_result_text64(query->result, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void result_deal_name(ph_query *query, const ph_deal *deal) {
  if (deal->name != NULL)
    sqlite3_result_text64(query->result, deal->name, deal->name_length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void result_reasons(ph_query *query, unsigned reasons) {
  char text[PH_REASONS_TEXT_BYTES];
  ph_reasons_format(reasons, text);
  ph_result_text(query, text);
}

static void value(ph_query *query, int column) {
  visit_state *current = query->state;
  const ph_history *history = &query->pipeline->history;
  const ph_deal *deal = &history->deals[current->deal];
  const ph_deal_state *state = &current->state;
  const ph_span *span = &current->span;
  ph_day day = query->arguments[0];
  bool stalled = ph_verdict_is_stalled(span->verdict);
  switch (column) {
  case DEAL_ID: result_id(query, deal); break;
  case NAME: result_deal_name(query, deal); break;
  case OWNER: ph_result_name(query, span->owner); break;
  case TEAM: ph_result_name(query, deal->team); break;
  case PIPELINE: ph_result_name(query, deal->pipeline); break;
  case STAGE: ph_result_name(query, span->stage); break;
  case AMOUNT: ph_result_money(query, span->amount); break;
  case CREATED_AT: ph_result_day(query, deal->created); break;
  case CLOSE_DATE: ph_result_day(query, span->close_date); break;
  case AGE_DAYS: ph_result_integer(query, day - deal->created); break;
  case DAYS_IN_STAGE: ph_result_integer(query, day - state->last_stage_change); break;
  case LAST_PROGRESS_AT: ph_result_day(query, state->last_progress); break;
  case DAYS_WITHOUT_PROGRESS: ph_result_integer(query, day - state->last_progress); break;
  case IDLE_LIMIT_DAYS: ph_result_integer(query, state->idle_limit); break;
  case LAST_TOUCH_AT: ph_result_day(query, state->last_touch); break;
  case DAYS_UNTOUCHED: ph_result_integer(query, day - state->last_touch); break;
  case MEETINGS: ph_result_integer(query, state->meetings); break;
  case NEXT_MEETING_AT: ph_result_day(query, next_meeting(history, deal, state, day)); break;
  case PUSHES: ph_result_integer(query, state->pushes); break;
  case VERDICT: ph_result_text(query, ph_verdict_names[span->verdict]); break;
  case STALLED: ph_result_integer(query, stalled); break;
  case STALLED_SINCE:
    if (stalled)
      ph_result_day(query, ph_deal_stalled_since(&query->pipeline->rules, current->deal, state, day));
    break;
  case STALLS_ON:
    if (!stalled) ph_result_day(query, ph_deal_stalls_on(&query->pipeline->rules, deal, state, day));
    break;
  case REASONS: result_reasons(query, span->reasons); break;
  default: break;
  }
}

const ph_table ph_table_deal_stalled = {.name = "deal_stalled",
                                        .columns = columns,
                                        .column_count = COLUMNS,
                                        .arguments = arguments,
                                        .argument_count = 1,
                                        .rows_estimate = 100000,
                                        .fill = fill,
                                        .visit = visit,
                                        .value = value,
                                        .end = end};
