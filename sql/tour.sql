.mode box
.headers on
.nullvalue ''
.print 'A company of 40 sellers in 6 teams on 2022-06-30, the last day of its second quarter.'
.print
.echo on
-- 1. The quarter ends today, and two of six teams have made their quota. Enterprise East still claims several times what it
--    lacks, but next to nothing of that is real: in the rest nobody on the client's side has moved for weeks.
SELECT
  name AS team,
  printf('%,10d', quota) AS quota,
  printf('%,10d', won_amount) AS won,
  printf('%,10d', remaining) AS remaining,
  printf('%,10d', claimed_amount) AS claimed,
  printf('%7s', round(claimed_coverage, 1)) AS "claimed ×",
  printf('%,10d', real_amount) AS real,
  printf('%6s', round(real_coverage, 1)) AS "real ×",
  verdict
FROM real_coverage('2022-06-30', 'team')
WHERE period_end = '2022-06-30'
ORDER BY won_amount / quota;

-- 2. The next quarter. Needed is the real coverage that the team's wins of a quarter grew from so far: below 1, as deals
--    opened later win too. To hit is the chance that the deals claimed today bring the quota by themselves.
SELECT
  name AS team,
  printf('%,10d', quota) AS quota,
  printf('%,10d', claimed_amount) AS claimed,
  printf('%7s', round(claimed_coverage, 1)) AS "claimed ×",
  printf('%,10d', real_amount) AS real,
  printf('%6s', round(real_coverage, 1)) AS "real ×",
  printf('%8s', round(required_real_coverage, 1)) AS "needed ×",
  printf('%3d %%', round(100 * hit_probability)) AS "to hit",
  verdict
FROM real_coverage('2022-06-30', 'team')
WHERE period_start = '2022-07-01'
ORDER BY claimed_coverage DESC;

-- 3. How much of the open pipeline is real, by team? Parked and pushed close dates show how the rest is kept alive.
SELECT
  coalesce(name, 'everybody') AS team,
  printf('%5d', open_deals) AS deals,
  printf('%,11d', open_amount) AS open,
  printf('%,11d', real_amount) AS real,
  printf('%,10d', unproven_amount) AS unproven,
  printf('%,11d', stalled_amount) AS stalled,
  printf('%,11d', dead_amount) AS dead,
  printf('%6d %%', round(100 * integrity)) AS integrity,
  printf('%6d', parked_deals) AS parked,
  printf('%6d', pushed_deals) AS pushed
FROM (
  SELECT * FROM pipeline_integrity('2022-06-30', 'team')
  UNION ALL
  SELECT * FROM pipeline_integrity('2022-06-30')
)
ORDER BY name IS NULL, integrity;

-- 4. The ten largest deals that stand still, and why.
SELECT
  name AS deal,
  owner,
  printf('%,9d', amount) AS amount,
  replace(reasons, ',', ' ') AS reasons
FROM deal_stalled('2022-06-30')
WHERE stalled
ORDER BY amount DESC, deal_id
LIMIT 10;

-- 5. What stalls in the next 14 days if nothing happens: the deals to call about this week.
SELECT
  name AS deal,
  owner,
  stage,
  printf('%,9d', amount) AS amount,
  last_progress_at AS "last progress",
  next_meeting_at AS "next meeting",
  stalls_on AS "stalls on"
FROM deal_stalled('2022-06-30')
WHERE stalls_on <= date('2022-06-30', '14 days')
ORDER BY amount DESC, deal_id
LIMIT 10;

-- 6. A week into the next quarter: what does each team lack, and what is in the way? Proven are the deals of a year that met
--    twice within 30 days. Where first meetings do not lead to second ones, better conversations come first: at the rate of
--    the best quarter of sellers, so many first meetings fewer would do. Only where they do, more new deals are the answer.
SELECT
  name AS team,
  printf('%,9d', gap_amount) AS gap,
  printf('%4d %%', round(100 * proven_share)) AS proven,
  printf('%3d %%', round(100 * win_share)) AS won,
  printf('%,7d', average_won_amount) AS average,
  printf('%6d', needed_deals) AS needed,
  printf('%6.1f', needed_per_week) AS "a week",
  printf('%6.1f', opened_per_week) AS opened,
  printf('%9d', needed_deals_at_target) AS "at target",
  printf('%5d', first_meetings_saved) AS saved,
  diagnosis
FROM pipeline_opening('2022-07-07', 'team')
ORDER BY gap_amount DESC;
