-- Which deals are behind a team's claim for the quarter of tomorrow, and how much may be expected of each?
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30')),
claim AS (
  SELECT coverage.name AS team, coverage.period_start, coverage.period_end
  FROM today, real_coverage(today.day, 'team') AS coverage
  WHERE date(today.day, '1 day') BETWEEN coverage.period_start AND coverage.period_end
    AND coverage.name = coalesce(@team, 'Enterprise West')
),
rate AS (
  -- Within the days that are left of the quarter.
  SELECT rate.*
  FROM today, claim, win_rate(today.day, CAST(julianday(claim.period_end) - julianday(today.day) AS INTEGER)) AS rate
)
SELECT
  deal.deal_id,
  deal.name,
  deal.owner,
  deal.stage,
  deal.close_date,
  deal.amount,
  deal.verdict,
  round(coalesce(own.win_rate, verdict.win_rate, anybody.win_rate), 3) AS win_rate,
  -- The rate of deals of the same stage and verdict where there are enough, else of the same verdict, else of all.
  coalesce(own.class, verdict.class, anybody.class) AS of_class,
  round(deal.amount * coalesce(own.win_rate, verdict.win_rate, anybody.win_rate)) AS expected_amount
FROM today, claim, deal_stalled(today.day) AS deal
LEFT JOIN rate AS own ON own.class = 'stage_verdict' AND own.stage IS deal.stage AND own.verdict = deal.verdict AND own.enough
LEFT JOIN rate AS verdict ON verdict.class = 'verdict' AND verdict.verdict = deal.verdict
LEFT JOIN rate AS anybody ON anybody.class = 'all'
WHERE deal.team = claim.team
  AND (
    deal.close_date BETWEEN claim.period_start AND claim.period_end
    -- Of a quarter under way, every overdue deal is claimed too.
    OR (today.day >= claim.period_start AND deal.close_date < today.day)
  )
ORDER BY deal.amount DESC, deal.deal_id;
