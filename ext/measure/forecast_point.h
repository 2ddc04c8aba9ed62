/*
** Forecast points: periods looked at on days, and what each group had on them.
**
** Rows of the same period and day ask together; an ask learns from earlier periods, and asks share the points
** that they have in common. One pass over the deals fills all points.
*/
#ifndef PH_MEASURE_FORECAST_POINT_H
#define PH_MEASURE_FORECAST_POINT_H

#include "deal_chance.h"

/* The wins of a group by the day of a point. */
typedef struct ph_wins_so_far {
  int64_t count;
  double sum, squares;
} ph_wins_so_far;

/* A group on the day of a point. */
typedef struct ph_group_point {
  ph_forecast_point point;
  ph_wins_so_far wins;
  double open_rate; /* of an asked point: Σ ph_forecast_rate over its open deals */
  bool unknown;     /* some open deal has no chance */
} ph_group_point;

typedef struct ph_point {
  ph_period period;
  ph_day day;
  size_t question;        /* place in the ladder: won until the end */
  size_t question_before; /* of a period that has not begun: won before it begins */
  bool is_asked;
  ph_wins_so_far wins;    /* of all groups */
  ph_group_point *groups; /* by place of the group */
} ph_point;

/* Rows of one period and day, and the points that they learn from. */
typedef struct ph_forecast_ask {
  ph_period period;
  ph_day day;
  size_t *points; /* oldest first, the asked one last */
  size_t *ended;  /* by these: so many of the first periods had ended by its day */
  size_t count;
} ph_forecast_ask;

/* An open deal of an asked point. */
typedef struct ph_open_deal {
  uint32_t point, group;
  double chance;
} ph_open_deal;

/* Owns its memory. */
typedef struct ph_row_points {
  ph_pipeline *pipeline;
  ph_scope scope;
  double revived_share;
  size_t lookback;
  uint32_t *group_place; /* by name: place plus one, 0 = no row asks for it */
  size_t group_count;
  ph_point *points;
  size_t point_count, point_capacity;
  size_t *by_day; /* the points in the order of their days */
  ph_forecast_ask *asks;
  size_t ask_count;
  ph_open_deal *open_deals;
  size_t open_count, open_capacity;
} ph_row_points;

/* Collects and fills the points of the rows, whose group and day are given. Must be ended in any case. */
void ph_row_points_begin(ph_row_points *all, ph_pipeline *pipeline, ph_scope scope, double revived_share,
                         const ph_forecast_row *rows, size_t count, ph_status *status);
void ph_row_points_end(ph_row_points *all);

#endif
