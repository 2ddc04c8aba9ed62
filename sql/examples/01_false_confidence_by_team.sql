-- How much of the money that each team claims for the quarter of tomorrow is not real?
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30'))
SELECT
  coverage.name AS team,
  round(coverage.quota) AS quota,
  round(coverage.claimed_amount) AS claimed,
  round(coverage.real_amount) AS real,
  round(coverage.false_confidence) AS false_confidence,
  round(coverage.claimed_coverage, 1) AS claimed_coverage,
  round(coverage.real_coverage, 1) AS real_coverage,
  coverage.verdict
FROM today, real_coverage(today.day, 'team') AS coverage
-- On the last day of a quarter that is the next one, before that the one under way.
WHERE date(today.day, '1 day') BETWEEN coverage.period_start AND coverage.period_end
ORDER BY coverage.false_confidence DESC;
