-- Plain SQL in SQLite: pipeline_integrity, total, for the last days of the weeks from :first_day (a Monday) to
-- :last_day. The state of a deal after each event by one window function pass, from it the days on which the verdict
-- changes, from these signed changes by week, summed up at the end. A query a week would cost 104 times one day.
-- Relies on what generate.c promises; see sqlite_one_day.sql. A column that carries the latest value of something is
-- the maximum of day * (a power of ten) + value. The rows of pipeline_deal come first in the windows, with day 0.
WITH bounds AS (
  SELECT
    unixepoch(:first_day) / 86400 + 6 AS first_sunday,
    unixepoch(:last_day) / 86400 AS last_day,
    (unixepoch(:last_day) - unixepoch(:first_day)) / 604800 + 1 AS weeks
),
first_value AS MATERIALIZED (
  SELECT
    deal_id,
    min(CASE kind WHEN 'stage' THEN at || old_value END) AS stage,
    min(CASE kind WHEN 'amount' THEN at || old_value END) AS amount
  FROM pipeline_event
  WHERE kind IN ('stage', 'amount')
  GROUP BY deal_id
),
row AS (
  SELECT
    deal.deal_id,
    0 AS day,
    unixepoch(deal.created_at) / 86400 AS created,
    CASE WHEN deal.outcome = 'open' THEN 1000000 ELSE unixepoch(deal.closed_at) / 86400 END AS closed,
    CAST(coalesce(substr(first_value.amount, 11), deal.amount) AS INTEGER) AS amount,
    coalesce(stage.rank, 0) * 1000000 AS rank,
    coalesce(stage.max_idle_days, 30) AS idle_limit,
    NULL AS client_step,
    NULL AS touch,
    0 AS meetings
  FROM pipeline_deal AS deal
  LEFT JOIN first_value ON first_value.deal_id = deal.deal_id
  LEFT JOIN pipeline_stage AS stage
    ON stage.stage = coalesce(substr(first_value.stage, 11), iif(deal.outcome = 'open', deal.stage, NULL))
  UNION ALL
  SELECT
    deal_id, day, NULL, NULL,
    CASE kind WHEN 'amount' THEN day * 10000000000 + new_value END,
    CASE kind WHEN 'stage' THEN
      (SELECT rank FROM pipeline_stage WHERE stage = new_value) * 1000000 - day END,
    CASE kind WHEN 'stage' THEN
      (SELECT coalesce(max_idle_days, 30) FROM pipeline_stage WHERE stage = new_value) + day * 100000 END,
    iif(kind IN ('meeting', 'commitment'), day, NULL),
    iif(kind <> 'amount', day, NULL),
    kind = 'meeting'
  FROM (SELECT deal_id, unixepoch(at) / 86400 AS day, kind, new_value FROM pipeline_event
        WHERE kind NOT IN ('note', 'task', 'close_date', 'owner'))
),
state AS (
  SELECT
    day,
    lead(day, 1, 1000000) OVER history AS next_day,
    max(created) OVER history AS created,
    max(closed) OVER history AS closed,
    max(amount) OVER history % 10000000000 AS amount,
    max(rank) OVER history AS highest_rank,
    max(idle_limit) OVER history % 100000 AS idle_limit,
    max(client_step) OVER history AS client_step,
    max(touch) OVER history AS touch,
    sum(meetings) OVER history AS meetings
  FROM row
  WINDOW history AS (PARTITION BY deal_id ORDER BY day)
),
-- From which day on the state holds, and from which day it would make the deal stalled, and dead.
verdict_change AS (
  SELECT
    max(day, created) AS from_day,
    min(next_day, closed) AS to_day,
    amount,
    meetings >= 2 AS is_proven,
    min(
      max(coalesce(client_step, 0),
          (1000000 - highest_rank % 1000000) % 1000000, -- the day of the last forward change, 0 without one
          iif(client_step IS NULL AND highest_rank % 1000000 = 0, created, 0)) + idle_limit + 1,
      iif(meetings < 2, created + 30, 1000000)) AS stalled_from,
    coalesce(touch, created) + 90 AS dead_from
  FROM state
  WHERE next_day > day
),
week_span AS (
  SELECT
    amount, is_proven, weeks,
    -- the first judged week that ends on or after a day
    max(0, (from_day - first_sunday + 6) / 7) AS first_week,
    iif(to_day > last_day, weeks, max(0, (to_day - first_sunday + 6) / 7)) AS last_week,
    iif(min(stalled_from, dead_from) > last_day, weeks, (min(stalled_from, dead_from) - first_sunday + 6) / 7)
      AS stalled_week,
    iif(dead_from > last_day, weeks, (dead_from - first_sunday + 6) / 7) AS dead_week
  FROM verdict_change CROSS JOIN bounds
  WHERE from_day < to_day AND from_day <= last_day AND to_day > first_sunday
    AND (from_day - first_sunday + 6) / 7 < (to_day - first_sunday + 6) / 7
),
-- Not stalled from first_week, stalled from stalled_week, dead from dead_week, over from last_week; many are empty.
span AS MATERIALIZED (
  SELECT
    first_week,
    min(max(stalled_week, first_week), last_week) AS stalled_week,
    min(max(dead_week, first_week), last_week) AS dead_week,
    last_week, is_proven, amount
  FROM week_span
),
change AS (
  SELECT first_week AS week, count(*) AS open_deals, sum(amount) AS open_amount,
    sum(is_proven) AS real_deals, sum(is_proven * amount) AS real_amount,
    0 AS stalled_deals, 0 AS stalled_amount, 0 AS dead_deals, 0 AS dead_amount
  FROM span GROUP BY first_week
  UNION ALL
  SELECT stalled_week, 0, 0, -sum(is_proven), -sum(is_proven * amount), count(*), sum(amount), 0, 0
  FROM span GROUP BY stalled_week
  UNION ALL
  SELECT dead_week, 0, 0, 0, 0, -count(*), -sum(amount), count(*), sum(amount) FROM span GROUP BY dead_week
  UNION ALL
  SELECT last_week, -count(*), -sum(amount), 0, 0, 0, 0, -count(*), -sum(amount) FROM span GROUP BY last_week
),
week AS (
  SELECT
    week, sum(open_deals) AS open_deals, sum(open_amount) AS open_amount,
    sum(real_deals) AS real_deals, sum(real_amount) AS real_amount,
    sum(stalled_deals) AS stalled_deals, sum(stalled_amount) AS stalled_amount,
    sum(dead_deals) AS dead_deals, sum(dead_amount) AS dead_amount
  FROM change
  GROUP BY week
)
SELECT
  date(min((first_sunday + 7 * week) * 86400, last_day * 86400), 'unixepoch') AS day,
  sum(open_deals) OVER weeks AS open_deals, sum(open_amount) OVER weeks AS open_amount,
  sum(real_deals) OVER weeks AS real_deals, sum(real_amount) OVER weeks AS real_amount,
  sum(stalled_deals) OVER weeks AS stalled_deals, sum(stalled_amount) OVER weeks AS stalled_amount,
  sum(dead_deals) OVER weeks AS dead_deals, sum(dead_amount) OVER weeks AS dead_amount
FROM week, bounds
WHERE week < bounds.weeks
WINDOW weeks AS (ORDER BY week)
ORDER BY week;
