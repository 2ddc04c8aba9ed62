-- How much coverage does each team need by its own history, claimed and real, and how much has it got?
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30'))
SELECT
  coverage.name AS team,
  round(coverage.required_claimed_coverage, 2) AS required_claimed,
  round(coverage.claimed_coverage, 2) AS claimed,
  round(coverage.required_real_coverage, 2) AS required_real,
  round(coverage.real_coverage, 2) AS real,
  round(coverage.needed_amount) AS needed_amount,
  coverage.verdict
FROM today, real_coverage(today.day, 'team') AS coverage
-- The quarter of tomorrow: on the last day of a quarter that is the next one, before that the one under way.
WHERE date(today.day, '1 day') BETWEEN coverage.period_start AND coverage.period_end
ORDER BY coverage.needed_amount DESC;
