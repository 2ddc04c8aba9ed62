-- Plain SQL in SQLite: pipeline_integrity by owner for one day (:day). One pass over the events, one group a deal.
-- Relies on what generate.c promises: every stage has a rank, every change its old value, one change of a field and one
-- meeting a day at most, meetings from the first days on, the default policy. A forward change needs no window: the day
-- on which the highest rank so far was first reached is in max(rank, earliest day), and it counts when it exceeds the
-- rank before the first change. highest_rank is rank * 2^15 + 32767 - day. Which calls and emails came after the
-- client's last act is known only at the end of a group, so their days are kept in a list until then.
WITH stage AS MATERIALIZED (
  SELECT stage, rank, coalesce(max_idle_days, 30) AS idle_limit FROM pipeline_stage
),
open_deal AS (
  SELECT deal_id, created_at, owner, amount, iif(outcome = 'open', stage, NULL) AS stage, close_date
  FROM pipeline_deal
  WHERE created_at <= :day AND (outcome = 'open' OR closed_at > :day)
),
history AS MATERIALIZED (
  SELECT
    deal_id,
    min(CASE kind WHEN 'owner' THEN at || old_value END) AS first_owner,
    min(CASE kind WHEN 'stage' THEN at || old_value END) AS first_stage,
    min(CASE kind WHEN 'amount' THEN at || old_value END) AS first_amount,
    min(CASE kind WHEN 'close_date' THEN at || old_value END) AS first_close_date,
    max(CASE kind WHEN 'owner' THEN iif(at <= :day, at || new_value, NULL) END) AS last_owner,
    max(CASE kind WHEN 'stage' THEN iif(at <= :day, at || new_value, NULL) END) AS last_stage,
    max(CASE kind WHEN 'amount' THEN iif(at <= :day, at || new_value, NULL) END) AS last_amount,
    max(CASE kind WHEN 'close_date' THEN iif(at <= :day, at || new_value, NULL) END) AS last_close_date,
    count(CASE kind WHEN 'close_date' THEN iif(at <= :day AND new_value > old_value, 1, NULL) END) AS pushes,
    max(CASE kind WHEN 'stage' THEN iif(at <= :day,
          (SELECT rank FROM stage WHERE stage = new_value) << 15 | 32767 - unixepoch(at) / 86400, NULL) END)
      AS highest_rank,
    max(CASE kind WHEN 'meeting' THEN at WHEN 'commitment' THEN at END) AS client_step,
    max(CASE kind WHEN 'reply' THEN at END) AS reply,
    max(CASE kind WHEN 'amount' THEN NULL WHEN 'owner' THEN NULL WHEN 'close_date' THEN NULL
        ELSE iif(at <= :day, at, NULL) END) AS touch,
    json_group_array(at) FILTER (WHERE kind IN ('call', 'email')) AS outreach,
    count(CASE kind WHEN 'meeting' THEN 1 END) AS meetings
  FROM pipeline_event
  WHERE kind NOT IN ('note', 'task')
    AND (at <= :day OR kind IN ('stage', 'amount', 'owner', 'close_date'))
    AND deal_id IN (SELECT deal_id FROM open_deal)
  GROUP BY deal_id
),
judged AS MATERIALIZED (
  SELECT
    coalesce(substr(last_owner, 11), substr(first_owner, 11), deal.owner) AS owner,
    CAST(coalesce(substr(last_amount, 11), substr(first_amount, 11), deal.amount) AS INTEGER) AS amount,
    coalesce(stage.idle_limit, 30) AS idle_limit,
    coalesce(touch, deal.created_at) AS last_touch,
    -- the day of the last forward change: the first day of the highest rank, when that exceeds the first rank
    iif(highest_rank >> 15 > first_stage.rank, 32767 - (highest_rank & 32767), NULL) AS forward_step,
    unixepoch(client_step) / 86400 AS client_step,
    deal.created_at,
    coalesce(meetings, 0) AS meetings,
    coalesce(substr(last_close_date, 11), substr(first_close_date, 11), deal.close_date) AS close_date,
    last_close_date IS NULL AS is_original,
    coalesce(pushes, 0) >= 3 AS is_pushed,
    -- three days written as JSON have 40 characters
    length(outreach) > 39 AND 3 <= (
      SELECT count(*) FROM json_each(outreach)
      WHERE value > coalesce(max(client_step, reply), client_step, reply, deal.created_at)) AS is_ghosted
  FROM open_deal AS deal
  LEFT JOIN history ON history.deal_id = deal.deal_id
  LEFT JOIN stage AS first_stage ON first_stage.stage = substr(first_stage, 11)
  LEFT JOIN stage ON stage.stage = coalesce(substr(last_stage, 11), substr(first_stage, 11), deal.stage)
),
verdicts AS (
  SELECT owner, amount, CASE
    WHEN last_touch <= date(:day, '-90 days') THEN 'dead'
    WHEN unixepoch(:day) / 86400
         - coalesce(max(client_step, forward_step), client_step, forward_step, unixepoch(created_at) / 86400)
         > idle_limit THEN 'stalled'
    WHEN meetings < 2 AND created_at <= date(:day, '-30 days') THEN 'stalled'
    WHEN meetings < 2 THEN 'unproven'
    ELSE 'progressing' END AS verdict,
    close_date < :day AS is_overdue, is_pushed, coalesce(is_ghosted, 0) AS is_ghosted,
    is_original AND (substr(close_date, 6) IN ('03-31', '06-30', '09-30', '12-31')
      OR close_date = date(created_at, 'start of month', '+1 month', '-1 day')) AS is_parked,
    created_at < date(:day, '-365 days') AS is_aged
  FROM judged
),
owner_total AS (
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
    sum(is_overdue) AS overdue_deals, sum(is_pushed) AS pushed_deals, sum(is_ghosted) AS ghosted_deals,
    sum(is_parked) AS parked_deals, sum(is_aged) AS aged_deals
  FROM verdicts
  GROUP BY owner
)
SELECT
  name, open_deals, open_amount, progressing_deals, progressing_amount, unproven_deals, unproven_amount,
  stalled_deals, stalled_amount, dead_deals, dead_amount,
  progressing_deals AS real_deals, progressing_amount AS real_amount,
  1.0 * progressing_amount / open_amount AS integrity, 1.0 * progressing_deals / open_deals AS integrity_by_count,
  overdue_deals, pushed_deals, ghosted_deals, parked_deals, aged_deals
FROM owner_total
ORDER BY name;
