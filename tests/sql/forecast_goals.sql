-- What the forecast must keep on the demo: asked at the start of every quarter that has a forecast and 21, 45 and 69 days into it,
-- the CRPS in shares of the quota (by Gauss's rule from the three quantiles, as in sql/proof.sql), the share of results between p10 and
-- p90, and the Brier score of hit_probability. examples.sh fails when a line ends in 'missed'.
WITH goal (scope, most_crps, most_brier) AS (VALUES ('team', 0.10, 0.115), ('owner', 0.245, 0.150)),
lead (days) AS (VALUES (0), (21), (45), (69)),
said AS (
  SELECT
    goal.*,
    backtest.within,
    backtest.hit_probability,
    backtest.hit,
    (5 * max(0.1 * (attained_amount - p10), 0.9 * (p10 - attained_amount))
    + 8 * max(0.5 * (attained_amount - p50), 0.5 * (p50 - attained_amount))
    + 5 * max(0.9 * (attained_amount - p90), 0.1 * (p90 - attained_amount))) / 9 / quota AS crps
  FROM goal CROSS JOIN lead CROSS JOIN coverage_backtest('2022-12-31', goal.scope, lead.days) AS backtest
  WHERE backtest.p10 IS NOT NULL
)
SELECT
  scope,
  count(*) AS quotas,
  round(avg(crps), 4) AS crps,
  round(avg(within), 3) AS within,
  round(avg((hit_probability - hit) * (hit_probability - hit)), 4) AS brier,
  round(avg(hit) * (1 - avg(hit)), 3) AS brier_of_base_rate,
  CASE
    WHEN avg(crps) <= most_crps AND avg(within) BETWEEN 0.75 AND 0.90
      AND avg((hit_probability - hit) * (hit_probability - hit)) <= most_brier THEN 'kept'
    ELSE 'missed'
  END AS goal
FROM said
GROUP BY scope;
