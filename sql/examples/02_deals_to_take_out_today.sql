-- Which deals are dead and should leave the pipeline today, the largest first?
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30'))
SELECT
  deal.deal_id,
  deal.name,
  deal.owner,
  deal.team,
  deal.amount,
  deal.days_untouched,
  deal.meetings,
  deal.reasons,
  count(*) OVER () AS dead_deals,
  sum(deal.amount) OVER () AS dead_amount
FROM today, deal_stalled(today.day) AS deal
WHERE deal.verdict = 'dead'
ORDER BY deal.amount DESC, deal.deal_id
LIMIT 25;
