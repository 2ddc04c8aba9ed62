-- DuckDB: pipeline_integrity, total and with all its columns, for the last days of the weeks from $first_day (a Monday)
-- to $last_day. Days are numbers from 1970-01-01, 100000 is never.
--
-- Everything is a span of days: the days on which a deal is open, progressing, unproven, dead, overdue, pushed, parked,
-- aged. A span adds one deal and its amount on its first day and takes them away on the day after its last; the changes
-- of all days summed up give the weeks. Stalled is what is left of the open deals.
--   progressing, unproven: between two steps of a deal (a meeting, a commitment, a change of stage), until more than
--     idle_limit days have passed since the last progress
--   dead: from 90 days after the last contact, less the days that a change of stage keeps alive
--   ghosted: from the third call or e-mail in a row to the next act of the client; here only the changes are counted
--   amounts: that of the deal's record, and back in time over the changes of amount after the beginning of the span
--
-- Relied on: the one pipeline; at most one change of a kind and one meeting of a deal on a day; every change has its
-- old value, and a deal's record has the values of its last changes; nothing but meetings before a deal's creation,
-- nothing after its closing; no max_idle_days of 90 and more (so a dead deal has no progress either); ids are numbers.
WITH bounds AS (
  SELECT
    epoch($first_day::DATE)::INTEGER // 86400 + 6 AS first_sunday,
    epoch($last_day::DATE)::INTEGER // 86400 AS last_day,
    ($last_day::DATE - $first_day::DATE) // 7 + 1 AS weeks
),
event AS NOT MATERIALIZED (
  SELECT deal_id, ("at" - DATE '1970-01-01')::INTEGER AS day, kind, old_value, new_value FROM pipeline_event
),
stage_change AS MATERIALIZED (
  SELECT
    deal_id,
    day,
    lag(day) OVER history IS NULL AS is_first,
    lead(day, 1, 100000) OVER history AS next_day,
    stage.rank > max(old_stage.rank) OVER (history ROWS UNBOUNDED PRECEDING) AS is_forward,
    coalesce(old_stage.max_idle_days, 30) AS old_idle_limit,
    coalesce(stage.max_idle_days, 30) - coalesce(old_stage.max_idle_days, 30) AS more_idle_days
  FROM event
  LEFT JOIN pipeline_stage AS stage ON stage.stage = new_value
  LEFT JOIN pipeline_stage AS old_stage ON old_stage.stage = old_value
  WHERE kind = 'stage'
  WINDOW history AS (PARTITION BY deal_id ORDER BY day)
),
close_date_change AS (
  SELECT
    deal_id,
    min(day) AS first_day,
    arg_min(old_value, day)::DATE AS first_close_date,
    min(day, 3) FILTER (WHERE new_value > old_value) AS first_pushes
  FROM event
  WHERE kind = 'close_date'
  GROUP BY deal_id
),
deal AS MATERIALIZED (
  SELECT
    deal.deal_id,
    (created_at - DATE '1970-01-01')::INTEGER AS created,
    (CASE WHEN outcome = 'open' THEN 100000 ELSE closed_at - DATE '1970-01-01' END)::INTEGER AS closed,
    amount,
    (close_date - DATE '1970-01-01')::INTEGER + 1 AS overdue_from,
    first_pushes[3] AS pushed_from,
    CASE WHEN first_close_date = last_day(first_close_date)
              AND (month(first_close_date) % 3 = 0 OR first_close_date = last_day(created_at))
         THEN first_moved END AS parked_to,
    coalesce(old_idle_limit, max_idle_days, 30) AS idle_limit
  FROM (
    SELECT
      pipeline_deal.*, first_pushes, coalesce(first_close_date, close_date) AS first_close_date,
      coalesce(first_day, 100000) AS first_moved
    FROM pipeline_deal
    LEFT JOIN close_date_change ON close_date_change.deal_id = pipeline_deal.deal_id
  ) AS deal
  LEFT JOIN stage_change ON stage_change.deal_id = deal.deal_id AND is_first
  LEFT JOIN pipeline_stage AS stage ON stage.stage = CASE WHEN outcome = 'open' THEN deal.stage END
),
-- Contacts in the order of deals and days, in one number: deal, day, and 0 for a call or an e-mail, 1 for an act of the
-- client (or the creation of a deal without an earlier meeting), 2 for the closing. So every deal ends with a 2.
contact AS (
  SELECT (deal_id << 20) + (day << 2) + CASE WHEN kind >= 'call'::kind THEN 0 ELSE 1 END AS contact
  FROM event
  WHERE kind BETWEEN 'meeting'::kind AND 'email'::kind -- meeting, commitment, reply, call, email
  UNION ALL
  SELECT (deal_id << 20) + (created << 2) + 1
  FROM deal
  WHERE deal_id NOT IN (SELECT event.deal_id FROM event JOIN deal ON deal.deal_id = event.deal_id
                        WHERE kind = 'meeting' AND day < created)
  UNION ALL
  SELECT (deal_id << 20) + (closed << 2) + 2 FROM deal
),
contact_before AS (
  SELECT
    contact,
    lag(contact, 1, 1) OVER history AS before_1,
    lag(contact, 2, 1) OVER history AS before_2,
    lag(contact, 3, 1) OVER history AS before_3
  FROM contact
  WINDOW history AS (ORDER BY contact)
),
contact_change AS MATERIALIZED (
  SELECT
    contact >> 20 AS deal_id,
    ((contact & 1048575) >> 2)::INTEGER AS day,
    ((before_1 & 1048575) >> 2)::INTEGER AS day_before,
    CASE
      WHEN (before_1 | before_2) & 3 > 0 THEN 0
      WHEN contact & 3 = 0 AND before_3 & 3 > 0 THEN 1
      WHEN contact & 3 > 0 AND before_3 & 3 = 0 THEN -1
      ELSE 0 END AS ghosted,
    contact >> 20 = before_1 >> 20 AND contact - before_1 > 90 << 2 AS is_after_silence
  FROM contact_before
  WHERE ((before_1 | before_2) & 3 = 0 AND (contact & 3 > 0) = (before_3 & 3 = 0))
    OR (contact >> 20 = before_1 >> 20 AND contact - before_1 > 90 << 2)
),
silence AS (
  SELECT deal.deal_id, greatest(day_before + 90, created) AS from_day, least(day, closed) AS to_day, amount
  FROM contact_change
  JOIN deal ON deal.deal_id = contact_change.deal_id
  WHERE is_after_silence AND greatest(day_before + 90, created) < least(day, closed)
),
step AS (
  SELECT deal_id, 0 AS day, NULL::INTEGER AS progress, idle_limit, 0::TINYINT AS meetings FROM deal
  UNION ALL
  SELECT deal_id, day, day, 0, (kind = 'meeting')::TINYINT
  FROM event
  WHERE kind BETWEEN 'meeting'::kind AND 'commitment'::kind
  UNION ALL
  SELECT deal_id, day, CASE WHEN is_forward THEN day END, more_idle_days, 0 FROM stage_change
),
state AS (
  SELECT
    deal_id,
    day,
    lead(day, 1, 100000) OVER history AS next_day,
    max(progress) OVER history AS progress,
    sum(idle_limit) OVER history AS idle_limit,
    sum(meetings) OVER history AS meetings
  FROM step
  WINDOW history AS (PARTITION BY deal_id ORDER BY day ROWS UNBOUNDED PRECEDING)
),
alive AS (
  SELECT
    deal.deal_id,
    meetings >= 2 AS is_proven,
    greatest(day, created) AS from_day,
    least(next_day, closed, coalesce(progress, created) + state.idle_limit::INTEGER + 1,
      CASE WHEN meetings < 2 THEN created + 30 END) AS to_day,
    amount
  FROM state
  JOIN deal ON deal.deal_id = state.deal_id
  WHERE next_day > day
),
-- What a span says of the deal, as a number, which is faster to group by than a name: 1 open, 2 progressing,
-- 3 unproven, 4 dead, 5 overdue, 6 pushed, 7 ghosted, 8 parked, 9 aged.
verdict AS MATERIALIZED (
  SELECT 1::TINYINT AS what, deal_id, created AS from_day, closed AS to_day, 1 AS deals, amount FROM deal
  UNION ALL
  SELECT CASE WHEN is_proven THEN 2::TINYINT ELSE 3::TINYINT END, deal_id, from_day, to_day, 1, amount
  FROM alive
  WHERE from_day < to_day
  UNION ALL
  SELECT 4::TINYINT, deal_id, from_day, to_day, 1, amount FROM silence
  UNION ALL
  SELECT 4::TINYINT, silence.deal_id, greatest(from_day, day), least(to_day, day + 90, next_day), -1, -amount
  FROM silence
  JOIN stage_change ON stage_change.deal_id = silence.deal_id
  WHERE greatest(from_day, day) < least(to_day, day + 90, next_day)
),
close_date_event AS (
  SELECT
    created, least(day, closed) AS to_day,
    (old_value::DATE - DATE '1970-01-01')::INTEGER + 1 AS old_overdue_from,
    (new_value::DATE - DATE '1970-01-01')::INTEGER + 1 AS new_overdue_from
  FROM event
  JOIN deal ON deal.deal_id = event.deal_id
  WHERE kind = 'close_date'
),
span AS (
  SELECT what, from_day, to_day, deals, amount FROM verdict
  UNION ALL
  SELECT what, from_day, least(to_day, day), 0, deals * (old_value::BIGINT - new_value::BIGINT)
  FROM verdict
  JOIN event ON event.deal_id = verdict.deal_id AND day > from_day
  WHERE kind = 'amount'
  UNION ALL
  SELECT 5::TINYINT, greatest(created, overdue_from), closed, 1, 0 FROM deal WHERE overdue_from < closed
  UNION ALL
  SELECT 5::TINYINT, greatest(created, old_overdue_from), to_day, 1, 0
  FROM close_date_event
  WHERE old_overdue_from < to_day
  UNION ALL
  SELECT 5::TINYINT, greatest(created, new_overdue_from), to_day, -1, 0
  FROM close_date_event
  WHERE new_overdue_from < to_day
  UNION ALL
  SELECT 6::TINYINT, pushed_from, closed, 1, 0 FROM deal WHERE pushed_from < closed
  UNION ALL
  SELECT 8::TINYINT, created, least(parked_to, closed), 1, 0 FROM deal WHERE parked_to > created
  UNION ALL
  SELECT 9::TINYINT, created + 366, closed, 1, 0 FROM deal WHERE created + 366 < closed
),
change AS (
  SELECT what, from_day AS day, sum(deals) AS deals, sum(amount) AS amount FROM span GROUP BY ALL
  UNION ALL
  SELECT what, to_day, -sum(deals), -sum(amount) FROM span GROUP BY ALL
  UNION ALL
  SELECT 7::TINYINT, day, sum(ghosted), 0 FROM contact_change GROUP BY ALL
),
week AS (
  SELECT
    week,
    coalesce(sum(deals) FILTER (WHERE what = 1), 0) AS open_deals,
    coalesce(sum(amount) FILTER (WHERE what = 1), 0) AS open_amount,
    coalesce(sum(deals) FILTER (WHERE what = 2), 0) AS progressing_deals,
    coalesce(sum(amount) FILTER (WHERE what = 2), 0) AS progressing_amount,
    coalesce(sum(deals) FILTER (WHERE what = 3), 0) AS unproven_deals,
    coalesce(sum(amount) FILTER (WHERE what = 3), 0) AS unproven_amount,
    coalesce(sum(deals) FILTER (WHERE what = 4), 0) AS dead_deals,
    coalesce(sum(amount) FILTER (WHERE what = 4), 0) AS dead_amount,
    coalesce(sum(deals) FILTER (WHERE what = 5), 0) AS overdue_deals,
    coalesce(sum(deals) FILTER (WHERE what = 6), 0) AS pushed_deals,
    coalesce(sum(deals) FILTER (WHERE what = 7), 0) AS ghosted_deals,
    coalesce(sum(deals) FILTER (WHERE what = 8), 0) AS parked_deals,
    coalesce(sum(deals) FILTER (WHERE what = 9), 0) AS aged_deals
  FROM (SELECT unnest(range(weeks)) AS week, first_sunday, last_day FROM bounds)
  LEFT JOIN change ON day <= least(first_sunday + 7 * week, last_day)
  GROUP BY week
)
SELECT
  strftime(DATE '1970-01-01' + least(first_sunday + 7 * week, last_day)::INTEGER, '%Y-%m-%d') AS day,
  open_deals, open_amount, progressing_deals, progressing_amount, unproven_deals, unproven_amount,
  open_deals - progressing_deals - unproven_deals - dead_deals AS stalled_deals,
  open_amount - progressing_amount - unproven_amount - dead_amount AS stalled_amount,
  dead_deals, dead_amount, progressing_deals AS real_deals, progressing_amount AS real_amount,
  progressing_amount / nullif(open_amount, 0) AS integrity,
  progressing_deals / nullif(open_deals, 0) AS integrity_by_count,
  overdue_deals, pushed_deals, ghosted_deals, parked_deals, aged_deals
FROM week, bounds
ORDER BY week;
