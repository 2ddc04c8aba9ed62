-- How many new deals a week does each team need to make its quota, and is the number of deals the problem at all?
-- Asked a week into the third quarter: on the last day of a quarter no deal opened any more could help it.
WITH today (day) AS (SELECT coalesce(@today, '2022-07-07'))
SELECT
  opening.name AS team,
  opening.period_end,
  round(opening.gap_amount) AS gap_amount,
  opening.needed_deals,
  round(opening.needed_per_week, 1) AS needed_per_week,
  round(opening.opened_per_week, 1) AS opened_per_week,
  round(opening.proven_share, 2) AS proven_share,
  opening.needed_deals_at_target,
  opening.first_meetings_saved,
  opening.diagnosis
FROM today, pipeline_opening(today.day, 'team') AS opening
ORDER BY opening.gap_amount DESC;
