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

static void show_forward_share(ph_query *query, const void *at) {
  const ph_velocity_row *row = at;
  int64_t forward = row->ended[PH_VISIT_MOVED_FORWARD] + row->ended[PH_VISIT_WON];
  ph_result_ratio(query, (double)forward, (double)(row->entered - row->ended[PH_VISIT_STILL_IN]));
}

static const ph_column columns[] = {
    PH_NAME_COLUMN("pipeline", ph_velocity_row, pipeline),
    PH_NAME_COLUMN("stage", ph_velocity_row, stage),
    PH_REAL_COLUMN("rank", ph_velocity_row, rank),
    PH_INTEGER_COLUMN("entered", ph_velocity_row, entered),
    PH_INTEGER_COLUMN("moved_forward", ph_velocity_row, ended[PH_VISIT_MOVED_FORWARD]),
    PH_INTEGER_COLUMN("moved_back", ph_velocity_row, ended[PH_VISIT_MOVED_BACK]),
    PH_INTEGER_COLUMN("won", ph_velocity_row, ended[PH_VISIT_WON]),
    PH_INTEGER_COLUMN("lost", ph_velocity_row, ended[PH_VISIT_LOST]),
    PH_INTEGER_COLUMN("still_in", ph_velocity_row, ended[PH_VISIT_STILL_IN]),
    PH_WORKED_OUT_COLUMN("forward_share", PH_COLUMN_REAL, show_forward_share),
    PH_REAL_COLUMN("median_days", ph_velocity_row, median_days),
    PH_REAL_COLUMN("p90_days", ph_velocity_row, p90_days),
    PH_REAL_COLUMN("progress_gap_p90_days", ph_velocity_row, progress_gap_p90_days),
};

enum { AS_OF };

static const ph_argument arguments[] = {{"as_of", PH_ARGUMENT_DAY, false, 0, 0}};

static void fill(ph_query *query) {
  ph_velocity_row *rows = NULL;
  ph_velocity_on(query->pipeline, query->arguments[AS_OF], &rows, &query->row_count, query->status);
  query->rows = rows;
}

const ph_table ph_table_stage_velocity = {
    .name = "stage_velocity",
    PH_COLUMNS(columns),
    PH_ARGUMENTS(arguments),
    .rows_estimate = 50,
    .row_size = sizeof(ph_velocity_row),
    .fill = fill,
};
