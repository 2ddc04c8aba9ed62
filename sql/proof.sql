-- Does the verdict know? Four questions to your own data, each answered by what became of the deals. Another day than that
-- of the demo, in the shell before the file is read: .parameter set @today "'2024-06-30'".

-- 1. Are stalled deals won less? The share of deal-days on which a deal was won within the next 90 days, with the interval
--    in which the true share lies 19 times out of 20, and the lift over any open deal whatever its verdict.
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30')),
rate AS (
  SELECT rate.* FROM today, win_rate(today.day, 90) AS rate WHERE rate.class IN ('verdict', 'all')
)
SELECT
  coalesce(rate.verdict, 'any open deal') AS verdict,
  rate.deals,
  round(rate.win_rate, 3) AS won_in_90_days,
  round(rate.low, 3) AS low,
  round(rate.high, 3) AS high,
  round(rate.win_rate / nullif(everyone.win_rate, 0), 2) AS lift
FROM rate
JOIN rate AS everyone ON everyone.class = 'all'
ORDER BY rate.class = 'all', rate.win_rate DESC;

-- 2. What became of the deals in the end? Judged at the end of each quarter of the two years before the last half year,
--    which is left to them to close.
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30')),
judged AS (
  SELECT backtest.*
  FROM
    today,
    pipeline_calendar(date(today.day, 'start of month', '-36 months'), date(today.day, '-6 months'), 'quarter') AS quarter,
    verdict_backtest(quarter.day) AS backtest
  -- Whole quarters of the two years: the calendar cuts the last one at its last day.
  WHERE quarter.day = quarter.period_end AND quarter.day > date(today.day, '-30 months')
)
SELECT
  verdict,
  sum(deals) AS deals,
  sum(won_deals) AS won_deals,
  sum(lost_deals) AS lost_deals,
  sum(open_deals) AS open_deals,
  round(1.0 * sum(won_deals) / sum(won_deals + lost_deals), 3) AS won_share,
  round(sum(won_amount) / sum(amount), 3) AS won_share_of_amount
FROM judged
GROUP BY verdict
ORDER BY won_share DESC;

-- 3. Can hit_probability be trusted? The Brier score is the mean squared distance between what was said and what came
--    true: 0 is a prophet. It must beat the score of somebody who always says how often quotas are hit on average.
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30')),
said AS (
  SELECT scope.scope, backtest.hit_probability AS said, backtest.hit
  FROM
    today,
    (SELECT 'team' AS scope UNION ALL SELECT 'owner') AS scope,
    coverage_backtest(today.day, scope.scope) AS backtest
  WHERE backtest.hit_probability IS NOT NULL
),
average AS (
  SELECT scope, avg(hit) AS hit_share FROM said GROUP BY scope
)
SELECT
  scope,
  count(*) AS quotas,
  round(avg(said), 3) AS said_on_average,
  round(hit_share, 3) AS hit_share,
  round(avg((said - hit) * (said - hit)), 3) AS brier_score,
  round(hit_share * (1 - hit_share), 3) AS score_of_the_average
FROM said
JOIN average USING (scope)
GROUP BY scope
ORDER BY scope DESC;

-- 4. Does real coverage foretell attainment better than claimed coverage? Take any two quotas of teams: how often did the
--    one with more coverage three weeks into its quarter attain more in the end? Half of the time is blind chance. The
--    rank correlation (Goodman and Kruskal's gamma) says the same from -1 to 1; ties in either are left out.
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30')),
looked_back AS (
  SELECT row_number() OVER () AS number, backtest.claimed_coverage, backtest.real_coverage, backtest.attainment
  FROM today, coverage_backtest(today.day, 'team') AS backtest
),
judged AS (
  SELECT 'claimed coverage' AS measure, number, claimed_coverage AS coverage, attainment FROM looked_back
  UNION ALL
  SELECT 'real coverage', number, real_coverage, attainment FROM looked_back
),
pair AS (
  SELECT
    one.measure,
    (one.coverage > other.coverage) = (one.attainment > other.attainment) AS is_right
  FROM judged AS one
  JOIN judged AS other ON other.measure = one.measure AND other.number > one.number
  WHERE one.coverage <> other.coverage AND one.attainment <> other.attainment
)
SELECT
  measure,
  count(*) AS pairs,
  round(avg(is_right), 3) AS right_share,
  round(2 * avg(is_right) - 1, 3) AS rank_correlation
FROM pair
GROUP BY measure
ORDER BY measure;
