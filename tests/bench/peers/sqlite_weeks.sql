-- Plain SQL in SQLite: pipeline_integrity, total, for the last days of the weeks from :first_day (a Monday) to
-- :last_day. One window function pass over the events of each deal gives the state before each of them, from it the
-- spans in which the deal is stalled or dead, and the days on which it becomes ghosted or has its second meeting. What
-- depends on the deal and its close dates alone (open, overdue, pushed, parked, aged) needs no such pass. All becomes
-- signed changes by week, summed up at the end: progressing is open with two meetings and not stalled, unproven the
-- rest. A query a week would cost 104 times one day.
-- Relies on what generate.c promises: every stage has a rank, every change its old value, one change of a field and one
-- meeting a day at most, meetings from the first days on, the default policy, the record of a deal follows its events,
-- nothing but a meeting before its creation, nothing after its closing; amounts below 2^32, fewer than 256 meetings a
-- deal, idle limits below 256 days.
-- The states are packed, for each function costs its time a row. total: amount * 2^31 + day of creation * 2^16 + idle
-- limit * 2^8 + meetings, each row holds what it adds. rank: rank * 2^15 + 32767 - day, so its maximum has the first
-- day of the highest rank. conversation: a letter a row, 'o' for outreach, 'a' for an act of the client, 'c' for the
-- creation (which counts only without an act before it); a third 'o' at the end makes the deal ghosted. A change of the
-- amount splits no span: the later amount holds in the whole span, and the difference is taken out of the part before
-- the change. LIMIT -1 keeps SQLite from writing the expressions of a subquery out again wherever the query around it
-- uses them.
WITH bounds AS (
  SELECT
    unixepoch(:first_day) / 86400 + 6 AS first_sunday,
    unixepoch(:last_day) / 86400 AS last_day,
    (unixepoch(:last_day) - unixepoch(:first_day)) / 604800 + 1 AS weeks
),
-- Closed before the first day that is judged: left out.
over AS MATERIALIZED (
  SELECT deal_id FROM pipeline_deal WHERE closed_at <= min(date(:first_day, '+6 days'), :last_day)
),
stage AS MATERIALIZED (
  SELECT stage, rank, coalesce(max_idle_days, 30) AS idle_limit FROM pipeline_stage
),
first_value AS MATERIALIZED (
  SELECT
    deal_id,
    min(CASE kind WHEN 'stage' THEN at || old_value END) AS stage,
    min(CASE kind WHEN 'amount' THEN at || old_value END) AS amount,
    min(CASE kind WHEN 'close_date' THEN at || old_value END) AS close_date
  FROM pipeline_event
  WHERE kind IN ('stage', 'amount', 'close_date')
  GROUP BY deal_id
),
deal AS MATERIALIZED (
  SELECT
    deal.deal_id,
    unixepoch(deal.created_at) / 86400 AS created,
    CASE WHEN deal.outcome = 'open' THEN 32767 ELSE unixepoch(deal.closed_at) / 86400 END AS closed,
    CAST(coalesce(substr(first_value.amount, 11), deal.amount) AS INTEGER) AS amount,
    deal.amount AS last_amount,
    coalesce(stage.rank, 0) AS rank,
    coalesce(stage.idle_limit, 30) AS idle_limit,
    unixepoch(coalesce(substr(first_value.close_date, 11), deal.close_date)) / 86400 AS close_day,
    unixepoch(deal.close_date) / 86400 AS last_close_day,
    -- the day of the first change, when the date before it counts as parked
    CASE WHEN substr(coalesce(substr(first_value.close_date, 11), deal.close_date), 6)
                IN ('03-31', '06-30', '09-30', '12-31')
           OR coalesce(substr(first_value.close_date, 11), deal.close_date)
                = date(deal.created_at, 'start of month', '+1 month', '-1 day')
         THEN coalesce(unixepoch(substr(first_value.close_date, 1, 10)) / 86400, 32767) END AS parked_until
  FROM pipeline_deal AS deal
  LEFT JOIN first_value ON first_value.deal_id = deal.deal_id
  LEFT JOIN stage
    ON stage.stage = coalesce(substr(first_value.stage, 11), iif(deal.outcome = 'open', deal.stage, NULL))
  WHERE deal.deal_id NOT IN (SELECT deal_id FROM over)
),
-- place: the order of the events of one day (the client's answer comes after what was sent on that day).
event AS (
  SELECT deal_id, unixepoch(at) / 86400 AS day, old_value, new_value,
    CASE kind WHEN 'email' THEN 1 WHEN 'call' THEN 1 WHEN 'stage' THEN 2 WHEN 'meeting' THEN 5 WHEN 'reply' THEN 3
      WHEN 'commitment' THEN 4 WHEN 'amount' THEN 0 END AS place -- 6 creation, 7 closing
  FROM pipeline_event
  WHERE at <= :last_day AND (at > date(:first_day, '+6 days') OR deal_id NOT IN (SELECT deal_id FROM over))
  LIMIT -1
),
row AS (
  SELECT deal_id, created * 8 + 6 AS key, ((amount << 15 | created) << 8 | idle_limit) << 8 AS total,
    rank << 15 | 32767 AS rank, NULL AS touch, NULL AS client_step, 'c' AS token
  FROM deal
  UNION ALL
  SELECT deal_id, closed * 8 + 7, 0, NULL, NULL, NULL, NULL FROM deal
  UNION ALL
  SELECT
    deal_id, day * 8 + place,
    CASE place
    WHEN 1 THEN 0
    WHEN 2 THEN ((SELECT idle_limit FROM stage WHERE stage = new_value)
                 - (SELECT idle_limit FROM stage WHERE stage = old_value)) * 256
    WHEN 5 THEN 1
    WHEN 0 THEN (new_value - old_value) << 31
    ELSE 0 END,
    CASE place WHEN 2 THEN (SELECT rank FROM stage WHERE stage = new_value) << 15 | 32767 - day END,
    iif(place > 0, day, NULL),
    iif(place > 3, day, NULL),
    CASE WHEN place = 1 THEN 'o' WHEN place > 2 THEN 'a' END
  FROM event
  WHERE place IS NOT NULL
),
-- What was known before a row.
state AS (
  SELECT
    key >> 3 AS day, key & 7 AS place, total AS change,
    coalesce(sum(total) OVER history, 0) AS total,
    max(touch) OVER history AS touch,
    max(client_step) OVER history AS client_step,
    max(rank) OVER history AS highest_rank,
    group_concat(token, '') OVER history AS conversation
  FROM row
  WINDOW history AS (PARTITION BY deal_id ORDER BY key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
-- What changes on the day of a row in amounts and ghosted deals, and the span from from_day to day that the row ends:
-- the deal would be stalled in it from stalled_from and dead from dead_from on. No span before the deal is created.
-- role: 1 an amount changes, 2 a deal with two meetings is closed, 3 a deal has its second meeting.
verdict_change AS (
  SELECT
    day, amount, meetings >= 2 AS is_proven,
    CASE place
    WHEN 0 THEN 1
    WHEN 5 THEN iif(meetings = 1 AND created BETWEEN 1 AND day, 3, 0)
    WHEN 6 THEN iif(meetings >= 2, 3, 0)
    WHEN 7 THEN iif(meetings >= 2, 2, 0)
    ELSE 0 END AS role,
    CASE
    WHEN place = 1 THEN substr(conversation, -3) IN ('aoo', 'coo')
    WHEN place > 2 AND place <> 6 THEN -(substr(conversation, -3) = 'ooo' AND rtrim(conversation, 'o') <> '')
    ELSE 0 END AS ghosted,
    iif(created = 0, day, iif(touch > created, touch, created)) AS from_day,
    coalesce(touch, created) + 90 AS dead_from,
    min(
      CASE WHEN client_step > forward_step THEN client_step WHEN forward_step > 0 THEN forward_step ELSE created END
        + idle_limit + 1,
      iif(meetings < 2, created + 30, 32767)) AS stalled_from
  FROM (
    SELECT
      day, place, CASE place WHEN 0 THEN -change WHEN 6 THEN change + total ELSE total END >> 31 AS amount,
      total >> 16 & 32767 AS created, total >> 8 & 255 AS idle_limit, total & 255 AS meetings,
      touch, client_step, ~highest_rank & 32767 AS forward_step, -- the day of the last forward change, 0 without one
      iif(conversation < 'c', replace(conversation, 'c', ''), conversation) AS conversation
    FROM state)
  LIMIT -1
),
day_span AS (
  SELECT
    role, ghosted, amount, is_proven, day,
    min(day, max(from_day, min(stalled_from, dead_from))) AS stalled_from,
    min(day, max(from_day, dead_from)) AS dead_from
  FROM verdict_change
  WHERE (from_day < day AND stalled_from < day) OR role OR ghosted
  LIMIT -1
),
week_span AS (
  SELECT
    role, ghosted, amount, is_proven,
    -- the first judged week that ends on or after a day
    iif(day > last_day, weeks, max(0, (day - first_sunday + 6) / 7)) AS last_week,
    iif(stalled_from > last_day, weeks, max(0, (stalled_from - first_sunday + 6) / 7)) AS stalled_week,
    iif(dead_from > last_day, weeks, max(0, (dead_from - first_sunday + 6) / 7)) AS dead_week
  FROM day_span CROSS JOIN bounds
  LIMIT -1
),
-- Stalled from stalled_week, dead from dead_week, over from last_week; grouped by one number made of all that differs.
span AS MATERIALIZED (
  SELECT
    stalled_week, dead_week, last_week, is_proven, role,
    iif(role = 1, 0, count(*)) AS deals, sum(amount) AS amount, ghosted * count(*) AS ghosted_deals
  FROM week_span
  WHERE stalled_week < last_week OR role OR ghosted
  GROUP BY ((((stalled_week * 4096 + dead_week) * 4096 + last_week) * 2 + is_proven) * 4 + role) * 4 + ghosted
),
close_date_change AS MATERIALIZED (
  SELECT
    deal_id, day, old_day, new_day,
    iif(new_day > old_day, sum(new_day > old_day) OVER (PARTITION BY deal_id ORDER BY day ROWS UNBOUNDED PRECEDING), 0)
      AS push
  FROM (
    SELECT deal_id, unixepoch(at) / 86400 AS day, unixepoch(old_value) / 86400 AS old_day,
      unixepoch(new_value) / 86400 AS new_day
    FROM pipeline_event
    WHERE kind = 'close_date' AND at <= :last_day
      AND (at > date(:first_day, '+6 days') OR deal_id NOT IN (SELECT deal_id FROM over))
    LIMIT -1)
),
-- What depends on the deal or its close dates alone, by day. A close date is overdue from the day after it; the record
-- of a deal has its last one.
day_change(day, open_deals, open_amount, overdue, pushed, parked, aged) AS (
  SELECT created, count(*), sum(amount), 0, 0, count(*) FILTER (WHERE parked_until > created), 0
  FROM deal GROUP BY created
  UNION ALL
  SELECT closed, -count(*), -sum(last_amount), 0, 0, -count(*) FILTER (WHERE parked_until >= closed),
    -count(*) FILTER (WHERE closed > created + 366)
  FROM deal GROUP BY closed
  UNION ALL
  SELECT parked_until, 0, 0, 0, 0, -count(*), 0
  FROM deal WHERE parked_until > created AND parked_until < closed GROUP BY parked_until
  UNION ALL
  SELECT created + 366, 0, 0, 0, 0, 0, count(*) FROM deal WHERE closed > created + 366 GROUP BY created
  UNION ALL
  SELECT max(created, close_day + 1) AS day, 0, 0, count(*), 0, 0, 0 FROM deal GROUP BY 1
  UNION ALL
  SELECT max(closed, last_close_day + 1) AS day, 0, 0, -count(*), 0, 0, 0 FROM deal GROUP BY 1
  UNION ALL
  SELECT max(day, new_day + 1), 0, 0, count(*), 0, 0, 0 FROM close_date_change GROUP BY 1
  UNION ALL
  SELECT max(day, old_day + 1), 0, 0, -count(*), 0, 0, 0 FROM close_date_change GROUP BY 1
  UNION ALL
  SELECT day, 0, 0, 0, count(*), 0, 0 FROM close_date_change WHERE push = 3 GROUP BY day
  UNION ALL
  SELECT iif(outcome = 'open', 32767, unixepoch(closed_at) / 86400), 0, 0, 0, -count(*), 0, 0
  FROM close_date_change JOIN pipeline_deal USING (deal_id) WHERE push = 3 GROUP BY 1
),
-- stalled: stalled or dead; stalled_proven: of these the ones with two meetings.
change AS (
  SELECT stalled_week AS week, 0 AS open_deals, 0 AS open_amount, 0 AS proven_deals, 0 AS proven_amount,
    deals AS stalled_deals, amount AS stalled_amount,
    is_proven * deals AS stalled_proven_deals, is_proven * amount AS stalled_proven_amount,
    0 AS dead_deals, 0 AS dead_amount, 0 AS overdue, 0 AS pushed, 0 AS ghosted, 0 AS parked, 0 AS aged
  FROM span
  UNION ALL
  SELECT dead_week, 0, 0, 0, 0, 0, 0, 0, 0, deals, amount, 0, 0, 0, 0, 0 FROM span
  UNION ALL
  SELECT last_week, 0, iif(role = 1, -amount, 0),
    CASE role WHEN 2 THEN -deals WHEN 3 THEN deals ELSE 0 END,
    CASE role WHEN 1 THEN -is_proven * amount WHEN 2 THEN -amount WHEN 3 THEN amount ELSE 0 END,
    -deals, -amount, -is_proven * deals, -is_proven * amount, -deals, -amount, 0, 0, ghosted_deals, 0, 0
  FROM span
  UNION ALL
  SELECT iif(day > last_day, weeks, max(0, (day - first_sunday + 6) / 7)), open_deals, open_amount,
    0, 0, 0, 0, 0, 0, 0, 0, overdue, pushed, 0, parked, aged
  FROM day_change CROSS JOIN bounds
),
week AS (
  SELECT week, sum(open_deals) AS open_deals, sum(open_amount) AS open_amount, sum(proven_deals) AS proven_deals,
    sum(proven_amount) AS proven_amount, sum(stalled_deals) AS stalled_deals, sum(stalled_amount) AS stalled_amount,
    sum(stalled_proven_deals) AS stalled_proven_deals, sum(stalled_proven_amount) AS stalled_proven_amount,
    sum(dead_deals) AS dead_deals, sum(dead_amount) AS dead_amount, sum(overdue) AS overdue, sum(pushed) AS pushed,
    sum(ghosted) AS ghosted, sum(parked) AS parked, sum(aged) AS aged
  FROM change
  GROUP BY week
),
total AS (
  SELECT
    week, sum(open_deals) OVER weeks AS open_deals, sum(open_amount) OVER weeks AS open_amount,
    sum(proven_deals - stalled_proven_deals) OVER weeks AS progressing_deals,
    sum(proven_amount - stalled_proven_amount) OVER weeks AS progressing_amount,
    sum(stalled_deals) OVER weeks AS stalled_deals, sum(stalled_amount) OVER weeks AS stalled_amount,
    sum(dead_deals) OVER weeks AS dead_deals, sum(dead_amount) OVER weeks AS dead_amount,
    sum(overdue) OVER weeks AS overdue_deals, sum(pushed) OVER weeks AS pushed_deals,
    sum(ghosted) OVER weeks AS ghosted_deals, sum(parked) OVER weeks AS parked_deals, sum(aged) OVER weeks AS aged_deals
  FROM week
  WINDOW weeks AS (ORDER BY week)
)
SELECT
  date(min((first_sunday + 7 * week) * 86400, last_day * 86400), 'unixepoch') AS day,
  open_deals, open_amount, progressing_deals, progressing_amount,
  open_deals - stalled_deals - progressing_deals AS unproven_deals,
  open_amount - stalled_amount - progressing_amount AS unproven_amount,
  stalled_deals - dead_deals AS stalled_deals, stalled_amount - dead_amount AS stalled_amount, dead_deals, dead_amount,
  progressing_deals AS real_deals, progressing_amount AS real_amount,
  1.0 * progressing_amount / open_amount AS integrity, 1.0 * progressing_deals / open_deals AS integrity_by_count,
  overdue_deals, pushed_deals, ghosted_deals, parked_deals, aged_deals
FROM total CROSS JOIN bounds
WHERE week < weeks
ORDER BY week;
