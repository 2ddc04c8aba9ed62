-- Did we believe the right deals a quarter ago: what became of them, by the verdict they had then?
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30'))
SELECT
  backtest.verdict,
  backtest.deals,
  round(backtest.amount) AS amount,
  backtest.won_deals,
  backtest.lost_deals,
  backtest.open_deals,
  round(backtest.won_amount) AS won_amount,
  round(backtest.won_share, 3) AS won_share,
  round(backtest.lost_share, 3) AS lost_share
FROM today, verdict_backtest(date(today.day, 'start of month', '-2 months', '-1 day')) AS backtest
ORDER BY backtest.won_share DESC;
