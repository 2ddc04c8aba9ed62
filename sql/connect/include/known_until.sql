-- Included by doors that know of some things the newest alone: a last activity, a last change of stage. It needs a view
-- `seen_day` with every day that the files hold, in a column `day`, a view `greatest_day` with the greatest of each of their columns,
-- which is most often the answer, and a table `deals`.
--
-- Of such a thing nothing is known before the last one, so it is evidence on the day of the export alone: the rule that
-- needs it begins as many days before that day as it waits. A deal silent for so long is found, and no earlier day is judged.

--! table settings = pipeline_policy
--! columns name!, value!

-- The day of the export: the option, else the day in the table's name, as exports are named.
--! view once export_day
WITH RECURSIVE place(at) AS (
  SELECT 1
  UNION ALL
  SELECT at + 1 FROM place WHERE at < length({source deals})
),
piece AS (
  SELECT at, replace(substr({source deals}, at, 10), '_', '-') AS text FROM place
)
SELECT
  coalesce(
    {option exported_on},
    (SELECT text FROM piece WHERE text GLOB '20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date(text) IS text ORDER BY at LIMIT 1),
    CASE WHEN {source deals} GLOB 'report1[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]*'
      THEN date(CAST(substr({source deals}, 7, 10) AS INTEGER), 'unixepoch') END
  ) AS day,
  {option exported_on} IS NULL AS by_name

-- Without a day of the export the newest day that the files hold stands in. Too early a day does no harm, too late a one would
-- switch rules off, so a time of the last update, which loaders and planned activities move, is none of them.
-- A name has the day in Greenwich, the cells may be a day ahead.
--! view once known_until
WITH latest AS (
  SELECT coalesce((SELECT date(day, '+1 day') FROM {export_day}), date('now')) AS day
),
greatest AS MATERIALIZED (
  SELECT max(day) AS day FROM {greatest_day}
),
newest AS (
  SELECT CASE WHEN greatest.day <= (SELECT day FROM latest) AND greatest.day IS date(greatest.day) THEN greatest.day
    ELSE (SELECT max(day) FROM {seen_day} WHERE day IS date(day) AND day <= (SELECT day FROM latest)) END AS day
  FROM greatest
)
SELECT
  CASE WHEN (SELECT by_name FROM {export_day}) THEN max(coalesce((SELECT day FROM {export_day}), ''), coalesce((SELECT day FROM newest), ''))
    ELSE (SELECT day FROM {export_day}) END AS day

--! policy if not option exported_on: data_until
SELECT nullif(day, '') FROM {known_until} WHERE (SELECT day FROM {export_day}) IS NOT NULL

-- Where only working days count, twice as many calendar days reach further than any calendar of holidays.
--! view once waiting_days
SELECT
  coalesce(max(CASE WHEN lower(name) = 'untouched_days' THEN CAST(value AS INTEGER) END), 90)
    * CASE WHEN max(lower(name) = 'weekend') THEN 2 ELSE 1 END AS untouched,
  (coalesce(max(CASE WHEN lower(name) = 'idle_days' THEN CAST(value AS INTEGER) END), 30) + 1)
    * CASE WHEN max(lower(name) = 'weekend') THEN 2 ELSE 1 END AS idle
FROM {settings}
