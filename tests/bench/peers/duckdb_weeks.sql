-- DuckDB: pipeline_integrity, total, for the last days of the weeks from $first_day (a Monday) to $last_day; the way of
-- sqlite_weeks.sql with DuckDB's own means. Days are numbers from 1970-01-01.
WITH bounds AS (
  SELECT
    epoch($first_day::DATE)::INTEGER // 86400 + 6 AS first_sunday,
    epoch($last_day::DATE)::INTEGER // 86400 AS last_day,
    ($last_day::DATE - $first_day::DATE) // 7 + 1 AS weeks
),
first_value AS (
  SELECT
    deal_id,
    arg_min(old_value, "at") FILTER (WHERE kind = 'stage') AS stage,
    arg_min(old_value, "at") FILTER (WHERE kind = 'amount') AS amount
  FROM pipeline_event
  WHERE kind IN ('stage', 'amount')
  GROUP BY deal_id
),
deal AS MATERIALIZED (
  SELECT
    deal.deal_id,
    (deal.created_at - DATE '1970-01-01')::INTEGER AS created,
    (CASE WHEN deal.outcome = 'open' THEN 1000000 ELSE deal.closed_at - DATE '1970-01-01' END)::INTEGER AS closed,
    coalesce(first_value.amount::BIGINT, deal.amount) AS amount,
    coalesce(stage.rank, 0) * 1000000 AS highest_rank,
    coalesce(stage.max_idle_days, 30) AS idle_limit
  FROM pipeline_deal AS deal
  LEFT JOIN first_value ON first_value.deal_id = deal.deal_id
  LEFT JOIN pipeline_stage AS stage
    ON stage.stage = coalesce(first_value.stage, CASE WHEN deal.outcome = 'open' THEN deal.stage END)
),
row AS (
  SELECT deal_id, 0 AS day, amount, highest_rank, idle_limit, NULL::INTEGER AS client_step, NULL::INTEGER AS touch,
    0::TINYINT AS meetings
  FROM deal
  UNION ALL
  SELECT
    deal_id, day,
    CASE kind WHEN 'amount' THEN day * 10000000000 + new_value::BIGINT END,
    CASE kind WHEN 'stage' THEN rank * 1000000 - day END,
    CASE kind WHEN 'stage' THEN day * 10000 + coalesce(max_idle_days, 30) END,
    CASE WHEN kind IN ('meeting', 'commitment') THEN day END,
    CASE WHEN kind <> 'amount' THEN day END,
    (kind = 'meeting')::TINYINT
  FROM (SELECT *, ("at" - DATE '1970-01-01')::INTEGER AS day FROM pipeline_event) AS event
  LEFT JOIN pipeline_stage AS stage ON stage.stage = event.new_value
  WHERE kind NOT IN ('note', 'task', 'close_date', 'owner')
),
state AS (
  SELECT
    deal_id,
    day,
    lead(day, 1, 1000000) OVER history AS next_day,
    max(amount) OVER history % 10000000000 AS amount,
    max(highest_rank) OVER history AS highest_rank,
    max(idle_limit) OVER history % 10000 AS idle_limit,
    max(client_step) OVER history AS client_step,
    max(touch) OVER history AS touch,
    sum(meetings) OVER history AS meetings
  FROM row
  WINDOW history AS (PARTITION BY deal_id ORDER BY day ROWS UNBOUNDED PRECEDING)
),
verdict_change AS (
  SELECT
    greatest(day, created) AS from_day,
    least(next_day, closed) AS to_day,
    state.amount,
    meetings >= 2 AS is_proven,
    least(
      coalesce(greatest(client_step,
        CASE WHEN state.highest_rank % 1000000 > 0 THEN 1000000 - state.highest_rank % 1000000 END), created)
        + state.idle_limit + 1,
      CASE WHEN meetings < 2 THEN created + 30 END) AS stalled_from,
    coalesce(touch, created) + 90 AS dead_from
  FROM state
  JOIN deal ON deal.deal_id = state.deal_id
  WHERE next_day > day AND greatest(day, created) < least(next_day, closed)
),
week_span AS (
  SELECT
    amount, is_proven,
    greatest(0, (from_day - first_sunday + 6) // 7) AS first_week,
    CASE WHEN to_day > last_day THEN weeks ELSE greatest(0, (to_day - first_sunday + 6) // 7) END AS last_week,
    CASE WHEN least(stalled_from, dead_from) > last_day THEN weeks
         ELSE (least(stalled_from, dead_from) - first_sunday + 6) // 7 END AS stalled_week,
    CASE WHEN dead_from > last_day THEN weeks ELSE (dead_from - first_sunday + 6) // 7 END AS dead_week
  FROM verdict_change, bounds
  WHERE from_day <= last_day AND to_day > first_sunday
    AND (from_day - first_sunday + 6) // 7 < (to_day - first_sunday + 6) // 7
),
span AS (
  SELECT
    first_week, least(greatest(stalled_week, first_week), last_week) AS stalled_week,
    least(greatest(dead_week, first_week), last_week) AS dead_week, last_week, is_proven,
    count(*) AS deals, sum(amount) AS amount
  FROM week_span
  GROUP BY ALL
),
change AS (
  SELECT first_week AS week, deals AS open_deals, amount AS open_amount,
    CASE WHEN is_proven THEN deals ELSE 0 END AS real_deals, CASE WHEN is_proven THEN amount ELSE 0 END AS real_amount,
    0 AS stalled_deals, 0 AS stalled_amount, 0 AS dead_deals, 0 AS dead_amount FROM span
  UNION ALL
  SELECT stalled_week, 0, 0, CASE WHEN is_proven THEN -deals ELSE 0 END, CASE WHEN is_proven THEN -amount ELSE 0 END,
    deals, amount, 0, 0 FROM span
  UNION ALL
  SELECT dead_week, 0, 0, 0, 0, -deals, -amount, deals, amount FROM span
  UNION ALL
  SELECT last_week, -deals, -amount, 0, 0, 0, 0, -deals, -amount FROM span
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
  strftime(DATE '1970-01-01' + least(first_sunday + 7 * week, bounds.last_day)::INTEGER, '%Y-%m-%d') AS day,
  sum(open_deals) OVER weeks, sum(open_amount) OVER weeks,
  sum(real_deals) OVER weeks, sum(real_amount) OVER weeks,
  sum(stalled_deals) OVER weeks, sum(stalled_amount) OVER weeks,
  sum(dead_deals) OVER weeks, sum(dead_amount) OVER weeks
FROM week, bounds
WHERE week < bounds.weeks
WINDOW weeks AS (ORDER BY week)
ORDER BY week;
