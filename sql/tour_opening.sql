.mode box
.headers on
.nullvalue ''
.echo on
-- 6. What does each team need, and what is in the way? A team whose first meetings do not lead to second ones needs better
--    conversations before it needs more of them; only then does the number of new deals count.
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
