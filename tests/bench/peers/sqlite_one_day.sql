-- Plain SQL in SQLite: pipeline_integrity by owner for one day (:day). One pass over the events, one group a deal.
-- Relies on what generate.c promises: every stage has a rank, one change of a field and one meeting a day at most,
-- meetings from the first days on, the default policy. A forward change needs no window: the day on which the highest
-- rank so far was first reached is in max(rank, earliest day), and it counts when it exceeds the rank before the
-- first change.
WITH open_deal AS (
  SELECT deal_id, created_at, owner, amount, iif(outcome = 'open', stage, NULL) AS stage
  FROM pipeline_deal
  WHERE created_at <= :day AND (outcome = 'open' OR closed_at > :day)
),
history AS MATERIALIZED (
  SELECT
    deal_id,
    min(CASE kind WHEN 'owner' THEN at || old_value END) AS first_owner,
    min(CASE kind WHEN 'stage' THEN at || old_value END) AS first_stage,
    min(CASE kind WHEN 'amount' THEN at || old_value END) AS first_amount,
    max(CASE WHEN kind = 'owner' AND at <= :day THEN at || new_value END) AS last_owner,
    max(CASE WHEN kind = 'stage' AND at <= :day THEN at || new_value END) AS last_stage,
    max(CASE WHEN kind = 'amount' AND at <= :day THEN at || new_value END) AS last_amount,
    max(CASE WHEN kind = 'stage' AND at <= :day
        THEN (SELECT rank FROM pipeline_stage WHERE stage = new_value) * 100000000 - replace(at, '-', '') END)
      AS highest_rank,
    max(CASE WHEN kind IN ('meeting', 'commitment') AND at <= :day THEN at END) AS client_step,
    max(CASE WHEN kind NOT IN ('amount', 'owner') AND at <= :day THEN at END) AS touch,
    count(CASE WHEN kind = 'meeting' AND at <= :day THEN 1 END) AS meetings
  FROM pipeline_event
  WHERE kind NOT IN ('note', 'task', 'close_date')
    AND (at <= :day OR kind IN ('stage', 'amount', 'owner'))
    AND deal_id IN (SELECT deal_id FROM open_deal)
  GROUP BY deal_id
),
-- The rank in highest_rank is its ceiling over 10^8; what is missing to that is the day as a number YYYYMMDD.
ranked AS MATERIALIZED (
  SELECT *, (highest_rank + 99999999) / 100000000 AS rank FROM history
),
judged AS MATERIALIZED (
  SELECT
    coalesce(substr(last_owner, 11), substr(first_owner, 11), deal.owner) AS owner,
    CAST(coalesce(substr(last_amount, 11), substr(first_amount, 11), deal.amount) AS INTEGER) AS amount,
    coalesce(stage.max_idle_days, 30) AS idle_limit,
    coalesce(touch, deal.created_at) AS last_touch,
    CASE WHEN ranked.rank > first_stage.rank
         THEN format('%08d', ranked.rank * 100000000 - highest_rank) END AS forward,
    client_step,
    deal.created_at,
    coalesce(meetings, 0) AS meetings
  FROM open_deal AS deal
  LEFT JOIN ranked ON ranked.deal_id = deal.deal_id
  LEFT JOIN pipeline_stage AS first_stage ON first_stage.stage = substr(first_stage, 11)
  LEFT JOIN pipeline_stage AS stage
    ON stage.stage = coalesce(substr(last_stage, 11), substr(first_stage, 11), deal.stage)
),
verdicts AS (
  SELECT owner, amount, CASE
    WHEN last_touch <= date(:day, '-90 days') THEN 'dead'
    WHEN julianday(:day) - julianday(coalesce(
           nullif(max(coalesce(client_step, ''),
                      coalesce(substr(forward, 1, 4) || '-' || substr(forward, 5, 2) || '-' || substr(forward, 7), '')),
                  ''),
           created_at)) > idle_limit THEN 'stalled'
    WHEN meetings < 2 AND created_at <= date(:day, '-30 days') THEN 'stalled'
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
