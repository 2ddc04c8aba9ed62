.mode box
.headers on
.nullvalue ''
.print 'A company of 40 sellers in 6 teams on 2022-06-30, the last day of its second quarter.'
.print
.echo on
-- 1. The quarter ends today. Three weeks into it every team but one claimed enough; two of six have made their quota.
--    Enterprise East claimed most, more than ten times what it still lacked, and next to nothing of that was real: in the rest
--    nobody on the client's side had moved for weeks. Enterprise West claimed a third of that, and made it.
SELECT
  name AS team,
  printf('%,10d', quota) AS quota,
  printf('%17.1f', claimed_coverage) AS "claimed × April 22",
  printf('%14.1f', real_coverage) AS "real × April 22",
  printf('%,10d', attained_amount) AS won,
  printf('%6d %%', round(100 * attainment)) AS attained
FROM coverage_backtest('2022-06-30', 'team')
WHERE period_end = '2022-06-30'
ORDER BY claimed_coverage DESC;

-- 2. The next quarter, as it looks today. Needed is the real coverage from which the team's quarters were won so far; it can be
--    below 1, since deals opened later win too. Why not look at coverage alone? A team may be covered by one deal that it may well
--    lose, or may have been changing: the chance goes through every open deal and says what it comes to.
SELECT
  name AS team,
  printf('%,10d', claimed_amount) AS claimed,
  printf('%7s', round(claimed_coverage, 1)) AS "claimed ×",
  printf('%,10d', real_amount) AS real,
  printf('%6.2f', real_coverage) AS "real ×",
  printf('%8.2f', required_real_coverage) AS "needed ×",
  verdict || CASE
    WHEN verdict = 'covered' AND hit_probability < 0.5 THEN ', but mostly by deals that are rather lost than won'
    WHEN verdict <> 'covered' AND hit_probability >= 0.5 THEN ', but later deals have mostly made up for it'
    ELSE ''
  END AS verdict
FROM real_coverage('2022-06-30', 'team')
WHERE period_start = '2022-07-01'
ORDER BY claimed_coverage DESC;

-- How will it end? In a sentence a team.
SELECT printf(
  '%s will end between %.1f and %.1f million, %.1f is the quota, chance %d %%.',
  name, p10 / 1e6, p90 / 1e6, quota / 1e6, round(100 * hit_probability)) AS "the next quarter"
FROM pipeline_forecast('2022-06-30', 'team')
WHERE period_start = '2022-07-01'
ORDER BY hit_probability DESC;

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

-- 4. The ten largest deals that stand still, since when, and why; beside each what share of all money that stands still the
--    deals so far make up.
SELECT
  name AS deal,
  owner,
  printf('%,9d', amount) AS amount,
  printf('%5.1f %%', 100 * sum(amount) OVER (ORDER BY amount DESC, deal_id) / sum(amount) OVER ()) AS "so far",
  stalled_since AS since,
  replace(reasons, ',', ' ') AS reasons
FROM deal_stalled('2022-06-30')
WHERE stalled
ORDER BY amount DESC, deal_id
LIMIT 10;

-- 5. What stalls in the next 14 days if nothing happens, and would take its money out of the real: the deals to call about
--    this week, the ten largest of them.
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

-- 6. A week into the next quarter: what does each team lack beyond what today's deals may be expected to bring (gap), and what
--    is in the way? Proven are the deals of a year that met twice within 30 days, won the share of these that was won. A new
--    deal is worth proven × won × average; gap over that is how many are needed. Where first meetings do not lead to second
--    ones, better conversations come first: at the target, the rate that one seller in four reaches, so many first meetings
--    fewer would do. Only where they do, more new deals are the answer.
SELECT
  name AS team,
  printf('%,9d', gap_amount) AS gap,
  printf('%4.1f %%', 100 * proven_share) AS proven,
  printf('%4.1f %%', 100 * win_share) AS won,
  printf('%,7d', average_won_amount) AS average,
  printf('%6d', needed_deals) AS needed,
  printf('%13.1f', needed_per_week) AS "needed a week",
  printf('%13.1f', opened_per_week) AS "opened a week",
  printf('%4.1f %%', 100 * target_share) AS target,
  printf('%9d', needed_deals_at_target) AS "at target",
  printf('%5d', first_meetings_saved) AS saved,
  diagnosis
FROM pipeline_opening('2022-07-07', 'team')
ORDER BY gap_amount DESC;
