-- DuckDB: pipeline_integrity by owner for one day ($day); the way of sqlite_one_day.sql with DuckDB's own means.
WITH open_deal AS (
  SELECT deal_id, created_at, owner, amount, CASE WHEN outcome = 'open' THEN stage END AS stage
  FROM pipeline_deal
  WHERE created_at <= $day::DATE AND (outcome = 'open' OR closed_at > $day::DATE)
),
history AS (
  SELECT
    deal_id,
    arg_min(old_value, "at") FILTER (WHERE kind = 'owner') AS first_owner,
    arg_min(old_value, "at") FILTER (WHERE kind = 'stage') AS first_stage,
    arg_min(old_value, "at") FILTER (WHERE kind = 'amount') AS first_amount,
    arg_max(new_value, "at") FILTER (WHERE kind = 'owner' AND "at" <= $day::DATE) AS last_owner,
    arg_max(new_value, "at") FILTER (WHERE kind = 'stage' AND "at" <= $day::DATE) AS last_stage,
    arg_max(new_value, "at") FILTER (WHERE kind = 'amount' AND "at" <= $day::DATE) AS last_amount,
    max(rank * 1000000 - epoch("at")::BIGINT // 86400) FILTER (WHERE kind = 'stage' AND "at" <= $day::DATE)
      AS highest_rank,
    max("at") FILTER (WHERE kind IN ('meeting', 'commitment') AND "at" <= $day::DATE) AS client_step,
    max("at") FILTER (WHERE kind NOT IN ('amount', 'owner') AND "at" <= $day::DATE) AS touch,
    count(*) FILTER (WHERE kind = 'meeting' AND "at" <= $day::DATE) AS meetings
  FROM pipeline_event AS event
  LEFT JOIN pipeline_stage AS stage ON stage.stage = event.new_value
  WHERE kind NOT IN ('note', 'task', 'close_date')
    AND ("at" <= $day::DATE OR kind IN ('stage', 'amount', 'owner'))
    AND deal_id IN (SELECT deal_id FROM open_deal)
  GROUP BY deal_id
),
judged AS (
  SELECT
    coalesce(last_owner, first_owner, deal.owner) AS owner,
    coalesce(last_amount, first_amount, deal.amount::VARCHAR)::BIGINT AS amount,
    coalesce(stage.max_idle_days, 30) AS idle_limit,
    coalesce(touch, deal.created_at) AS last_touch,
    coalesce(greatest(client_step,
      CASE WHEN (highest_rank + 999999) // 1000000 > first_rank.rank
           THEN DATE '1970-01-01' + (1000000 - highest_rank % 1000000)::INTEGER END), deal.created_at) AS last_progress,
    deal.created_at,
    coalesce(meetings, 0) AS meetings
  FROM open_deal AS deal
  LEFT JOIN history ON history.deal_id = deal.deal_id
  LEFT JOIN pipeline_stage AS first_rank ON first_rank.stage = first_stage
  LEFT JOIN pipeline_stage AS stage ON stage.stage = coalesce(last_stage, first_stage, deal.stage)
),
verdicts AS (
  SELECT owner, amount, CASE
    WHEN $day::DATE - last_touch >= 90 THEN 'dead'
    WHEN $day::DATE - last_progress > idle_limit THEN 'stalled'
    WHEN meetings < 2 AND $day::DATE - created_at >= 30 THEN 'stalled'
    WHEN meetings < 2 THEN 'unproven'
    ELSE 'progressing' END AS verdict
  FROM judged
)
SELECT
  owner AS name,
  count(*) AS open_deals, sum(amount) AS open_amount,
  count(*) FILTER (WHERE verdict = 'progressing') AS real_deals,
  coalesce(sum(amount) FILTER (WHERE verdict = 'progressing'), 0) AS real_amount,
  count(*) FILTER (WHERE verdict = 'stalled') AS stalled_deals,
  coalesce(sum(amount) FILTER (WHERE verdict = 'stalled'), 0) AS stalled_amount,
  count(*) FILTER (WHERE verdict = 'dead') AS dead_deals,
  coalesce(sum(amount) FILTER (WHERE verdict = 'dead'), 0) AS dead_amount
FROM verdicts
GROUP BY owner
ORDER BY owner;
