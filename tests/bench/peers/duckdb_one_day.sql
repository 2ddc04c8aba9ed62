-- DuckDB: pipeline_integrity by owner, with all its columns, for one day ($day): what the events of the open deals up
-- to that day add up to; their fields are what the next change after the day found, else what is in the record.
-- A deal is ghosted when even its third last call or e-mail is on a day after the client's last act.
--
-- Relied on: the one pipeline; at most one change of a kind and one meeting of a deal on a day; every change has its
-- old value, and a deal's record has the values of its last changes; no event after a deal's closing.
WITH open_deal AS MATERIALIZED (
  SELECT deal_id, created_at, owner, amount, close_date, stage, outcome = 'open' AS is_open
  FROM pipeline_deal
  WHERE created_at <= $day::DATE AND (outcome = 'open' OR closed_at > $day::DATE)
),
contact AS (
  SELECT
    deal_id,
    max("at") FILTER (WHERE kind < 'reply'::kind) AS client_step,
    max("at") FILTER (WHERE kind < 'call'::kind) AS client_act,
    max("at", 3) FILTER (WHERE kind >= 'call'::kind) AS calls,
    count(*) FILTER (WHERE kind = 'meeting') AS meetings
  FROM pipeline_event
  WHERE kind BETWEEN 'meeting'::kind AND 'email'::kind -- meeting, commitment, reply, call, email
    AND "at" <= $day::DATE AND deal_id IN (SELECT deal_id FROM open_deal)
  GROUP BY deal_id
),
stage_change AS (
  SELECT
    deal_id,
    max("at") AS touch,
    arg_min(old_stage.rank, "at") AS first_rank,
    max(stage.rank * 1000000 - epoch("at")::BIGINT // 86400) AS highest_rank
  FROM pipeline_event AS event
  LEFT JOIN pipeline_stage AS stage ON stage.stage = event.new_value
  LEFT JOIN pipeline_stage AS old_stage ON old_stage.stage = event.old_value
  WHERE kind = 'stage' AND "at" <= $day::DATE AND deal_id IN (SELECT deal_id FROM open_deal)
  GROUP BY deal_id
),
close_date_change AS (
  SELECT deal_id, count(*) FILTER (WHERE new_value > old_value) AS pushes
  FROM pipeline_event
  WHERE kind = 'close_date' AND "at" <= $day::DATE
  GROUP BY deal_id
),
future AS (
  SELECT
    deal_id,
    arg_min(old_value, "at") FILTER (WHERE kind = 'owner') AS owner,
    arg_min(old_value, "at") FILTER (WHERE kind = 'stage') AS stage,
    arg_min(old_value, "at") FILTER (WHERE kind = 'amount') AS amount,
    arg_min(old_value, "at") FILTER (WHERE kind = 'close_date') AS close_date
  FROM pipeline_event
  WHERE kind IN ('stage', 'amount', 'owner', 'close_date') AND "at" > $day::DATE
    AND deal_id IN (SELECT deal_id FROM open_deal)
  GROUP BY deal_id
),
judged AS (
  SELECT
    coalesce(future.owner, deal.owner) AS owner,
    coalesce(future.amount::BIGINT, deal.amount) AS amount,
    coalesce(future.close_date::DATE, deal.close_date) AS close_date,
    coalesce(stage.max_idle_days, 30) AS idle_limit,
    coalesce(greatest(client_act, calls[1], touch), created_at) AS last_touch,
    coalesce(greatest(client_step,
      CASE WHEN (highest_rank + 999999) // 1000000 > first_rank
           THEN DATE '1970-01-01' + (1000000 - highest_rank % 1000000)::INTEGER END), created_at) AS last_progress,
    created_at,
    coalesce(meetings, 0) AS meetings,
    calls[3] > coalesce(client_act, created_at) AS is_ghosted,
    pushes >= 3 AS is_pushed,
    pushes IS NULL AS is_unmoved
  FROM open_deal AS deal
  LEFT JOIN contact ON contact.deal_id = deal.deal_id
  LEFT JOIN stage_change ON stage_change.deal_id = deal.deal_id
  LEFT JOIN close_date_change ON close_date_change.deal_id = deal.deal_id
  LEFT JOIN future ON future.deal_id = deal.deal_id
  LEFT JOIN pipeline_stage AS stage
    ON stage.stage = coalesce(future.stage, CASE WHEN is_open OR highest_rank IS NOT NULL THEN deal.stage END)
),
verdicts AS (
  SELECT owner, amount, CASE
    WHEN $day::DATE - last_touch >= 90 THEN 'dead'
    WHEN $day::DATE - last_progress > idle_limit THEN 'stalled'
    WHEN meetings < 2 AND $day::DATE - created_at >= 30 THEN 'stalled'
    WHEN meetings < 2 THEN 'unproven'
    ELSE 'progressing' END AS verdict,
    close_date < $day::DATE AS is_overdue, is_pushed, is_ghosted,
    is_unmoved AND close_date = last_day(close_date)
      AND (month(close_date) % 3 = 0 OR close_date = last_day(created_at)) AS is_parked,
    $day::DATE - created_at > 365 AS is_aged
  FROM judged
),
total AS (
  SELECT
    owner AS name,
    count(*) AS open_deals, sum(amount) AS open_amount,
    count(*) FILTER (WHERE verdict = 'progressing') AS progressing_deals,
    coalesce(sum(amount) FILTER (WHERE verdict = 'progressing'), 0) AS progressing_amount,
    count(*) FILTER (WHERE verdict = 'unproven') AS unproven_deals,
    coalesce(sum(amount) FILTER (WHERE verdict = 'unproven'), 0) AS unproven_amount,
    count(*) FILTER (WHERE verdict = 'stalled') AS stalled_deals,
    coalesce(sum(amount) FILTER (WHERE verdict = 'stalled'), 0) AS stalled_amount,
    count(*) FILTER (WHERE verdict = 'dead') AS dead_deals,
    coalesce(sum(amount) FILTER (WHERE verdict = 'dead'), 0) AS dead_amount,
    count(*) FILTER (WHERE is_overdue) AS overdue_deals,
    count(*) FILTER (WHERE is_pushed) AS pushed_deals,
    count(*) FILTER (WHERE is_ghosted) AS ghosted_deals,
    count(*) FILTER (WHERE is_parked) AS parked_deals,
    count(*) FILTER (WHERE is_aged) AS aged_deals
  FROM verdicts
  GROUP BY owner
)
SELECT
  name, open_deals, open_amount, progressing_deals, progressing_amount, unproven_deals, unproven_amount,
  stalled_deals, stalled_amount, dead_deals, dead_amount, progressing_deals AS real_deals,
  progressing_amount AS real_amount, progressing_amount / open_amount AS integrity,
  progressing_deals / open_deals AS integrity_by_count,
  overdue_deals, pushed_deals, ghosted_deals, parked_deals, aged_deals
FROM total
ORDER BY name;
