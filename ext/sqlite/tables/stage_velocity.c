/*
** stage_velocity(as_of): how deals go through the stages (specification, section 5).
**
**     SELECT pipeline, stage, entered, forward_share, median_days, progress_gap_p90_days
**     FROM stage_velocity('2022-06-30');
**
** One row for each stage of a pipeline that a deal has visited by the day, by pipeline, rank (stages without
** one last) and stage. entered = moved_forward + moved_back + won + lost + still_in. median_days and p90_days
** are those of finished visits; progress_gap_p90_days is a max_idle_days that the deals won so far would have
** kept nine times out of ten.
*/
#include "../engine.h"
#include "../../measure/velocity.h"

enum {
  PIPELINE,
  STAGE,
  RANK,
  ENTERED,
  MOVED_FORWARD,
  MOVED_BACK,
  WON,
  LOST,
  STILL_IN,
  FORWARD_SHARE,
  MEDIAN_DAYS,
  P90_DAYS,
  PROGRESS_GAP_P90_DAYS,
  COLUMNS
};

static const ph_column columns[COLUMNS] = {
    [PIPELINE] = {"pipeline", PH_COLUMN_TEXT, true},
    [STAGE] = {"stage", PH_COLUMN_TEXT, true},
    [RANK] = {"rank", PH_COLUMN_REAL, false},
    [ENTERED] = {"entered", PH_COLUMN_INTEGER, false},
    [MOVED_FORWARD] = {"moved_forward", PH_COLUMN_INTEGER, false},
    [MOVED_BACK] = {"moved_back", PH_COLUMN_INTEGER, false},
    [WON] = {"won", PH_COLUMN_INTEGER, false},
    [LOST] = {"lost", PH_COLUMN_INTEGER, false},
    [STILL_IN] = {"still_in", PH_COLUMN_INTEGER, false},
    [FORWARD_SHARE] = {"forward_share", PH_COLUMN_REAL, false},
    [MEDIAN_DAYS] = {"median_days", PH_COLUMN_REAL, false},
    [P90_DAYS] = {"p90_days", PH_COLUMN_REAL, false},
    [PROGRESS_GAP_P90_DAYS] = {"progress_gap_p90_days", PH_COLUMN_REAL, false},
};

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0}};

static void fill(ph_query *query) {
  ph_velocity_row *rows = NULL;
  query->row_size = sizeof *rows;
  ph_velocity_on(query->pipeline, query->arguments[0], &rows, &query->row_count, query->status);
  query->rows = rows;
}

static bool visit(ph_query *query) {
  const ph_velocity_row *row = ph_query_row(query);
  return ph_filter_passes_name(query, PIPELINE, row->pipeline) &&
         ph_filter_passes_name(query, STAGE, row->stage);
}

static void value(ph_query *query, int column) {
  const ph_velocity_row *row = ph_query_row(query);
  int64_t forward = row->ended[PH_VISIT_MOVED_FORWARD] + row->ended[PH_VISIT_WON];
  int64_t finished = row->entered - row->ended[PH_VISIT_STILL_IN];
  switch (column) {
  case PIPELINE: ph_result_name(query, row->pipeline); break;
  case STAGE: ph_result_name(query, row->stage); break;
  case RANK: ph_result_real(query, row->rank); break;
  case ENTERED: ph_result_integer(query, row->entered); break;
  case MOVED_FORWARD: ph_result_integer(query, row->ended[PH_VISIT_MOVED_FORWARD]); break;
  case MOVED_BACK: ph_result_integer(query, row->ended[PH_VISIT_MOVED_BACK]); break;
  case WON: ph_result_integer(query, row->ended[PH_VISIT_WON]); break;
  case LOST: ph_result_integer(query, row->ended[PH_VISIT_LOST]); break;
  case STILL_IN: ph_result_integer(query, row->ended[PH_VISIT_STILL_IN]); break;
  case FORWARD_SHARE: ph_result_ratio(query, (double)forward, (double)finished); break;
  case MEDIAN_DAYS: ph_result_real(query, row->median_days); break;
  case P90_DAYS: ph_result_real(query, row->p90_days); break;
  case PROGRESS_GAP_P90_DAYS: ph_result_real(query, row->progress_gap_p90_days); break;
  default: break;
  }
}

const ph_table ph_table_stage_velocity = {.name = "stage_velocity",
                                          .columns = columns,
                                          .column_count = COLUMNS,
                                          .arguments = arguments,
                                          .argument_count = 1,
                                          .rows_estimate = 50,
                                          .fill = fill,
                                          .visit = visit,
                                          .value = value};
