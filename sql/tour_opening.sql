.mode box
.headers on
.nullvalue ''
.echo on
-- 6. A month into the next quarter: what does each team lack, and what is in the way? Where first meetings do not lead to
--    second ones (proven: two meetings within 30 days), better conversations come first: at the rate of the best quarter of
--    sellers, as many first meetings fewer would do. Only where they do, the number of new deals is the problem.
SELECT
  name AS team,
  printf('%,10d', gap_amount) AS gap,
  printf('%4d %%', round(100 * proven_share)) AS proven,
  printf('%3d %%', round(100 * win_share)) AS won,
  printf('%,7d', average_won_amount) AS average,
  printf('%6d', needed_deals) AS needed,
  printf('%6.1f', needed_per_week) AS "a week",
  printf('%6.1f', opened_per_week) AS opened,
  printf('%9d', needed_deals_at_target) AS "at target",
  printf('%7d', first_meetings_saved) AS saved,
  diagnosis
FROM pipeline_opening('2022-07-31', 'team')
ORDER BY gap_amount DESC;
