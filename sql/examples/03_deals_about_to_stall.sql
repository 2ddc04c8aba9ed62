-- Which deals stall within 14 days if nothing happens, and is a meeting planned that would keep them going?
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30'))
SELECT
  deal.stalls_on,
  deal.deal_id,
  deal.name,
  deal.owner,
  deal.amount,
  deal.verdict,
  deal.last_progress_at,
  deal.next_meeting_at,
  -- A meeting on the day itself is in time. Of a deal that still has to prove itself, it must be the last one it lacks.
  coalesce(
    deal.next_meeting_at <= deal.stalls_on
      AND (deal.verdict <> 'unproven' OR deal.meetings + 1 >= settings.value),
    0
  ) AS is_covered
FROM today, pipeline_settings AS settings, deal_stalled(today.day) AS deal
WHERE settings.name = 'min_meetings' AND deal.stalls_on <= date(today.day, '14 days')
ORDER BY is_covered, deal.stalls_on, deal.amount DESC, deal.deal_id;
