-- How long may a deal stand still in each stage? Instead of the same 30 days everywhere, learn the limit from deals that
-- were won: the pause between two steps forward that nine in ten of them did not exceed.
--
-- Learn as of a day before the window that is judged with the limits. Limits learned from the window itself have seen how
-- its deals ended, and a backtest with them flatters itself. Here: learned at the end of 2021, to judge the year 2022.
--
-- The file puts a TEMP view pipeline_stage in front of your own relation; nothing in the database changes. Where
-- pipeline_stage is your table, the same numbers can be written into its column max_idle_days instead. Needed:
-- pipeline_stage, as a table of the database or as a TEMP view (pipeline_connect makes one), with the columns pipeline and
-- max_idle_days, which may be NULL. Another day than that below: .parameter set @learn "'2023-12-31'".
.bail on

CREATE TEMP TABLE learning AS
WITH lesson (day, fewest_visits) AS (SELECT coalesce(@learn, '2021-12-31'), 20),
learned AS (
  SELECT
    velocity.pipeline,
    velocity.stage,
    velocity.rank,
    -- Whole days, rounded up; no less than two weeks, so that a holiday is no stall.
    max(14, CAST(velocity.progress_gap_p90_days + 0.999999 AS INTEGER)) AS max_idle_days
  FROM lesson, stage_velocity(lesson.day) AS velocity
  WHERE velocity.progress_gap_p90_days IS NOT NULL AND velocity.entered >= lesson.fewest_visits
)
-- The stages as they are, and before them one row for each pipeline that has taught us something.
SELECT stage.stage, stage.rank, stage.pipeline, coalesce(learned.max_idle_days, stage.max_idle_days) AS max_idle_days
FROM pipeline_stage AS stage
LEFT JOIN learned ON learned.stage = stage.stage AND learned.pipeline IS stage.pipeline
UNION ALL
SELECT learned.stage, learned.rank, learned.pipeline, learned.max_idle_days
FROM learned
WHERE learned.rank IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM pipeline_stage AS stage WHERE stage.stage = learned.stage AND stage.pipeline IS learned.pipeline
  );

DROP VIEW IF EXISTS temp.pipeline_stage;
DROP TABLE IF EXISTS temp.learned_stage;
ALTER TABLE temp.learning RENAME TO learned_stage;
CREATE TEMP VIEW pipeline_stage AS
SELECT stage, rank, pipeline, max_idle_days FROM temp.learned_stage;

-- What was learned.
SELECT pipeline, stage, max_idle_days
FROM temp.learned_stage
WHERE max_idle_days IS NOT NULL
ORDER BY pipeline, rank, stage;

-- The verdicts of the end of each quarter of the window, by what became of the deals. Compare with the same query before
-- this file was read.
SELECT
  verdict,
  sum(deals) AS deals,
  sum(won_deals) AS won_deals,
  round(1.0 * sum(won_deals) / sum(won_deals + lost_deals), 3) AS won_share
FROM
  (SELECT coalesce(@learn, '2021-12-31') AS day) AS lesson,
  pipeline_calendar(date(lesson.day, '1 day'), date(lesson.day, '1 year'), 'quarter') AS quarter,
  verdict_backtest(quarter.day) AS backtest
GROUP BY verdict
ORDER BY won_share DESC;
