-- Who parks close dates on the last day of a quarter or month, and for how much money?
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30'))
SELECT
  deal.team,
  deal.close_date,
  count(*) AS parked_deals,
  round(sum(deal.amount)) AS parked_amount,
  sum(deal.stalled) AS stalled_deals,
  round(sum(deal.amount) FILTER (WHERE deal.stalled)) AS stalled_amount
FROM today, deal_stalled(today.day) AS deal
-- The commas keep a reason from matching inside another one.
WHERE instr(',' || deal.reasons || ',', ',parked,')
GROUP BY deal.team, deal.close_date
ORDER BY parked_amount DESC, deal.team, deal.close_date;
