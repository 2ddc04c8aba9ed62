-- Do the verdict and the forecast know? Six questions to your own data, each answered by what became of the deals. Another day than that
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

-- 5. Can the chance of a deal be trusted? The open deals of each quarter's end of the two years before the last half year in ten
--    equal parts by their chance: what was said on average must be near what was won within 90 days, part by part, and the
--    Brier score below that of somebody who always says the average.
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30')),
quarter (day) AS MATERIALIZED (
  SELECT calendar.day
  FROM today, pipeline_calendar(date(today.day, 'start of month', '-36 months'), date(today.day, '-6 months'), 'quarter') AS calendar
  WHERE calendar.day = calendar.period_end AND calendar.day > date(today.day, '-30 months')
),
still_open AS (
  SELECT quarter.day, deal.deal_id FROM quarter, deal_stalled(date(quarter.day, '90 days')) AS deal
),
became AS MATERIALIZED (
  SELECT CAST(deal_id AS TEXT) AS deal_id, lower(outcome) = 'won' AS won FROM pipeline_deal
),
said AS MATERIALIZED (
  SELECT
    said.chance,
    -- Won, and no more open 90 days later.
    became.won AND (quarter.day, said.deal_id) NOT IN (SELECT day, deal_id FROM still_open) AS won,
    ntile(10) OVER (ORDER BY said.chance) AS tenth
  FROM quarter, deal_chance(quarter.day, 90) AS said
  JOIN became ON became.deal_id = said.deal_id
  WHERE said.chance IS NOT NULL
)
SELECT
  tenth,
  count(*) AS deals,
  round(avg(chance), 3) AS said_on_average,
  round(avg(won), 3) AS won_share,
  round(avg((chance - won) * (chance - won)), 4) AS brier_score,
  round(avg(won) * (1 - avg(won)), 4) AS score_of_the_average
FROM said
GROUP BY tenth
UNION ALL
SELECT
  'all',
  count(*),
  round(avg(chance), 3),
  round(avg(won), 3),
  round(avg((chance - won) * (chance - won)), 4),
  round(avg(won) * (1 - avg(won)), 4)
FROM said;

-- 6. Can the forecast be trusted? Asked at the start of each quarter and 21, 45 and 69 days into it: how often did the result lie
--    between p10 and p90 (it should four times in five), and how far from it was the forecast on average, in hundredths of the
--    quota? That distance is the CRPS (by Gauss's rule from the three quantiles); for somebody who names one number it is the
--    distance of that number. Three such people: one says the mean of the periods before, one what is won so far and the
--    mean of what came after that day in the periods before, one what is won so far and the claimed deals times the rate of their stage.
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30')),
lead (days) AS (VALUES (0), (21), (45), (69)),
asked AS MATERIALIZED (
  SELECT
    lead.days,
    backtest.*,
    forecast.won_amount,
    min(date(backtest.period_start, lead.days || ' days'), backtest.period_end) AS day
  FROM today
  CROSS JOIN lead
  CROSS JOIN coverage_backtest(today.day, 'team', lead.days) AS backtest
  CROSS JOIN pipeline_forecast(min(date(backtest.period_start, lead.days || ' days'), backtest.period_end), 'team') AS forecast
  WHERE forecast.name = backtest.name AND forecast.period_start = backtest.period_start AND forecast.period_end = backtest.period_end
),
day AS MATERIALIZED (SELECT DISTINCT day, period_start, period_end FROM asked),
stage_rate AS MATERIALIZED (
  SELECT day.day, day.period_end, rate.stage, 1.0 * sum(rate.won_days) / sum(rate.deal_days) AS rate
  FROM day CROSS JOIN win_rate(day.day, CAST(julianday(day.period_end) - julianday(day.day) AS INTEGER)) AS rate
  WHERE rate.class = 'stage_verdict'
  GROUP BY day.day, day.period_end, rate.stage
),
claimed AS MATERIALIZED (
  SELECT day.day, day.period_end, deal.team, sum(deal.amount * stage_rate.rate) AS amount
  FROM day
  CROSS JOIN deal_stalled(day.day) AS deal
  JOIN stage_rate ON stage_rate.day = day.day AND stage_rate.period_end = day.period_end AND stage_rate.stage IS deal.stage
  WHERE deal.close_date <= day.period_end
  GROUP BY day.day, day.period_end, deal.team
),
told AS (
  SELECT
    asked.*,
    avg(attained_amount) OVER before AS mean_before,
    won_amount + avg(attained_amount - won_amount) OVER before AS mean_rest,
    won_amount + coalesce(claimed.amount, 0) AS by_stage
  FROM asked
  LEFT JOIN claimed ON claimed.day = asked.day AND claimed.period_end = asked.period_end AND claimed.team = asked.name
  WINDOW before AS (PARTITION BY days, name ORDER BY period_start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
distance AS (
  SELECT
    told.*,
    (5 * max(0.1 * (attained_amount - p10), 0.9 * (p10 - attained_amount))
    + 8 * max(0.5 * (attained_amount - p50), 0.5 * (p50 - attained_amount))
    + 5 * max(0.9 * (attained_amount - p90), 0.1 * (p90 - attained_amount))) / 9 AS crps
  FROM told
  WHERE p10 IS NOT NULL AND quota > 0
)
SELECT
  days AS days_into_quarter,
  count(*) AS quotas,
  round(avg(within), 3) AS within_p10_p90,
  round(100 * avg(crps / quota), 1) AS forecast,
  round(100 * avg(abs(attained_amount - mean_before) / quota), 1) AS mean_of_periods,
  round(100 * avg(abs(attained_amount - mean_rest) / quota), 1) AS won_and_mean_rest,
  round(100 * avg(abs(attained_amount - by_stage) / quota), 1) AS claimed_by_stage
FROM distance
GROUP BY days
ORDER BY days;
