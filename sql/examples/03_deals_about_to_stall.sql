-- Which deals stall within 14 days if nothing happens, and is a meeting planned before that?
WITH today (day) AS (SELECT '2022-06-30')
SELECT
  deal.stalls_on,
  deal.deal_id,
  deal.name,
  deal.owner,
  deal.amount,
  deal.verdict,
  deal.last_progress_at,
  deal.next_meeting_at,
  coalesce(deal.next_meeting_at < deal.stalls_on, 0) AS is_covered
FROM today, deal_stalled(today.day) AS deal
WHERE deal.stalls_on <= date(today.day, '14 days')
ORDER BY is_covered, deal.stalls_on, deal.amount DESC, deal.deal_id
LIMIT 25;
