-- What happened to each team's open amount since last week?
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30'))
SELECT
  flow.name AS team,
  round(flow.starting_amount) AS starting,
  round(flow.created_amount) AS created,
  round(flow.increased_amount - flow.decreased_amount) AS revalued,
  round(-flow.won_amount) AS won,
  round(-flow.lost_amount) AS lost,
  round(flow.ending_amount) AS ending,
  round(flow.became_stalled_amount) AS became_stalled,
  round(flow.recovered_amount) AS recovered,
  round(flow.closed_won_amount) AS closed_won
FROM today, pipeline_flow(date(today.day, '-7 days'), today.day, 'team') AS flow
ORDER BY flow.name;
